#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "html/markup.h"
#include "html/table.h"

namespace kept::html {

/// How an area is filled. Each differs from the others by pattern as well as by colour, and none is told by colour
/// alone: the same order everywhere, a key beside the picture, and figures written on or beside the bars.
enum class Fill : uint8_t { solid_deep, dots, stripes, cross, bars, dense, hollow, plain };
inline constexpr int fill_count = 8;

/// The patterns that `Fill`s refer to. Once a page, before the first picture.
void add_fill_patterns(Markup& page);

/// What every picture carries: words for those who do not see it, and its figures as a table directly below, folded.
struct Caption {
  std::string title;        ///< what it shows
  std::string description;  ///< what there is to see in it, in a sentence or two
};

/// One part of a bar.
struct Share {
  std::string name;
  Fill fill = Fill::plain;
  int64_t count = 0;
};

/// One bar, divided into shares of its whole. All bars of a picture have the same shares in the same order.
struct StackedBar {
  std::string label;
  std::string figure;  ///< written at the bar's right end: `71.2% of 12,345`
  std::vector<int64_t> counts;
};

/// Bars of equal length, each divided into its shares.
struct StackedBars {
  Caption caption;
  std::vector<Share> shares;  ///< the key: name and fill, in the bars' order (`count` is not read)
  std::vector<StackedBar> bars;
  FoldedTable table;
};
void add(Markup& page, const StackedBars& picture);

/// One point of a line, with the range within which it lies. Units: hundredths of a percent, 0 to 10,000.
struct TrendPoint {
  std::string label;        ///< `2024-03`
  std::string short_label;  ///< written under the axis; empty: no mark there
  int32_t value = 0;
  int32_t low = 0, high = 0;
  bool has_value = false;  ///< false: a gap in the line
  bool settled = true;     ///< false: the period is not over; drawn hollow
};

/// A percentage over time with its range as a band.
struct Trend {
  Caption caption;
  std::string value_name, band_name;
  std::vector<TrendPoint> points;
  FoldedTable table;
};
void add(Markup& page, const Trend& picture);

/// Counts in ordered classes, as standing bars.
struct Histogram {
  struct Class {
    std::string label;
    int64_t count = 0;
  };
  Caption caption;
  std::string count_name;
  std::vector<Class> classes;
  FoldedTable table;
};
void add(Markup& page, const Histogram& picture);

/// The same small trend for many places side by side, on one scale.
struct SmallMultiples {
  struct Panel {
    std::string title;
    std::string figure;
    std::vector<TrendPoint> points;
  };
  Caption caption;
  std::vector<Panel> panels;
  FoldedTable table;
};
void add(Markup& page, const SmallMultiples& picture);

}  // namespace kept::html
