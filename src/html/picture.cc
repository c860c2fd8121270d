#include "html/picture.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>

#include "html/number_text.h"

// Pictures are drawn at the page's own scale: widths in percent, heights and text in pixels. They stay legible on a
// telephone, where a picture with a fixed view box would shrink its words. What must be stretched (lines, bands) lies
// in an inner drawing whose strokes keep their width.

namespace kept::html {
namespace {

constexpr std::array<std::string_view, fill_count> fill_names = {"deep", "dots",  "stripes", "cross",
                                                                 "bars", "dense", "hollow",  "plain"};

std::string fill_reference(Fill fill) {
  return fmt::format("url(#fill-{})", fill_names[static_cast<std::size_t>(fill)]);
}

/// Hundredths of a percent as `12.34%`.
std::string share_text(int64_t per_ten_thousand) {
  return fmt::format("{}.{:02}%", per_ten_thousand / 100, per_ten_thousand % 100);
}

void open_figure(Markup& page, std::string_view kind) {
  page.open("figure", {{"class", fmt::format("picture {}", kind)}});
}

void open_drawing(Markup& page, const Caption& caption, int height) {
  const std::string title_id = page.fresh_id("title");
  const std::string description_id = page.fresh_id("description");
  page.open("svg", {{"role", "img"},
                    {"aria-labelledby", fmt::format("{} {}", title_id, description_id)},
                    {"width", "100%"},
                    {"height", std::to_string(height)}});
  page.leaf("title", {{"id", title_id}}, caption.title);
  page.leaf("desc", {{"id", description_id}}, caption.description);
}

void add_figure_caption(Markup& page, const Caption& caption) {
  page.open("figcaption").leaf("strong", caption.title).text(" ").leaf("span", caption.description).close("figcaption");
}

void close_figure(Markup& page, const FoldedTable& table) {
  page.close("figure");
  add(page, table);
}

void add_key(Markup& page, const std::vector<Share>& shares) {
  page.open("ul", {{"class", "key"}});
  for (const Share& share : shares) {
    page.open("li");
    page.open("svg", {{"aria-hidden", "true"}, {"width", "22"}, {"height", "16"}});
    page.empty("rect", {{"x", "0.5"},
                        {"y", "0.5"},
                        {"width", "21"},
                        {"height", "15"},
                        {"class", "share"},
                        {"fill", fill_reference(share.fill)}});
    page.close("svg");
    page.leaf("span", share.name);
    page.close("li");
  }
  page.close("ul");
}

/// The drawing of one bar. Those who do not see it are told each share of it.
void add_bar(Markup& page, const std::vector<Share>& shares, const StackedBar& bar) {
  constexpr int bar_height = 24;
  const std::string height = std::to_string(bar_height);
  assert(bar.counts.size() == shares.size());
  int64_t whole = 0;
  for (const int64_t count : bar.counts) whole += count;
  const auto share_words = [&](std::size_t i) {
    return fmt::format("{}: {} ({})", shares[i].name, grouped(bar.counts[i]), percent(bar.counts[i], whole));
  };
  std::string said;
  for (std::size_t i = 0; i < bar.counts.size(); ++i) {
    if (bar.counts[i] != 0) said += (said.empty() ? "" : ", ") + share_words(i);
  }
  open_drawing(page, {bar.label, said.empty() ? bar.figure : said}, bar_height);
  int64_t before = 0;
  for (std::size_t i = 0; i < bar.counts.size(); ++i) {
    if (bar.counts[i] == 0) continue;
    const int32_t from = per_ten_thousand(before, whole);
    before += bar.counts[i];
    const int32_t width = per_ten_thousand(before, whole) - from;
    page.open("rect", {{"x", share_text(from)},
                       {"y", "0"},
                       {"width", share_text(width)},
                       {"height", height},
                       {"class", shares[i].fill == Fill::hollow ? "share outlined" : "share"},
                       {"fill", fill_reference(shares[i].fill)}});
    page.leaf("title", share_words(i)).close("rect");
  }
  if (whole == 0)
    page.empty("rect", {{"x", "0"}, {"y", "0"}, {"width", "100%"}, {"height", height}, {"class", "no-share"}});
  page.close("svg");
}

/// Runs of points that have a value, as [first, last].
std::vector<std::pair<std::size_t, std::size_t>> runs(const std::vector<TrendPoint>& points) {
  std::vector<std::pair<std::size_t, std::size_t>> out;
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (!points[i].has_value) continue;
    if (!out.empty() && out.back().second + 1 == i) {
      out.back().second = i;
    } else {
      out.emplace_back(i, i);
    }
  }
  return out;
}

/// Hundredths of a percent across: the middle of the ith of `count` equal columns.
int64_t middle(std::size_t i, std::size_t count) { return static_cast<int64_t>((2 * i + 1) * 10000 / (2 * count)); }

/// Line and band in a drawing of 10,000 by 10,000 that is stretched to its place.
void add_stretched_lines(Markup& page, const std::vector<TrendPoint>& points, int low_edge, int high_edge) {
  const auto up = [&](int32_t value) {
    const int32_t held = std::clamp(value, low_edge, high_edge);
    return (high_edge - held) * 10000 / (high_edge - low_edge);
  };
  for (const auto& [first, last] : runs(points)) {
    std::string band;
    std::string line;
    for (std::size_t i = first; i <= last; ++i) {
      const int64_t x = middle(i, points.size());
      band += fmt::format("{},{} ", x, up(points[i].high));
      line += fmt::format("{},{} ", x, up(points[i].value));
    }
    for (std::size_t i = last + 1; i-- > first;)
      band += fmt::format("{},{} ", middle(i, points.size()), up(points[i].low));
    band.pop_back();
    line.pop_back();
    page.empty("polygon", {{"points", band}, {"class", "band"}});
    page.empty("polyline", {{"points", line}, {"class", "line"}});
  }
}

}  // namespace

void add_fill_patterns(Markup& page) {
  page.open("svg",
            {{"aria-hidden", "true"}, {"focusable", "false"}, {"class", "patterns"}, {"width", "0"}, {"height", "0"}})
      .open("defs");
  const auto pattern = [&](Fill fill, std::string_view size, std::string_view ground, std::string_view mark,
                           std::string_view path, std::string_view width) {
    const std::string name = fmt::format("fill-{}", fill_names[static_cast<std::size_t>(fill)]);
    page.open("pattern", {{"id", name},
                          {"width", std::string(size)},
                          {"height", std::string(size)},
                          {"patternUnits", "userSpaceOnUse"}});
    page.empty("rect", {{"width", std::string(size)}, {"height", std::string(size)}, {"fill", std::string(ground)}});
    if (!path.empty()) {
      page.empty("path", {{"d", std::string(path)},
                          {"stroke", std::string(mark)},
                          {"stroke-width", std::string(width)},
                          {"fill", "none"}});
    }
    page.close("pattern");
  };
  pattern(Fill::solid_deep, "8", "#12574f", "", "", "0");
  pattern(Fill::stripes, "8", "#c9822b", "#8a4f0d", "M-2,2 l4,-4 M0,8 l8,-8 M6,10 l4,-4", "1.6");
  pattern(Fill::dots, "7", "#9fb9cc", "#3f6480", "M2.5,3.5 h2", "2");
  pattern(Fill::cross, "9", "#bcaecb", "#66557c", "M0,0 l9,9 M9,0 l-9,9", "1.2");
  pattern(Fill::dense, "5", "#8e2f3c", "#571520", "M0,2.5 h5", "1.6");
  pattern(Fill::bars, "6", "#c4543f", "#7d2615", "M3,0 v6", "1.8");
  pattern(Fill::hollow, "8", "#ffffff", "#5b6470", "M-2,2 l4,-4 M0,8 l8,-8 M6,10 l4,-4", "1");
  pattern(Fill::plain, "8", "#d5d9de", "", "", "0");
  page.close("defs").close("svg");
}

void add(Markup& page, const StackedBars& picture) {
  open_figure(page, "stacked-bars");
  add_figure_caption(page, picture.caption);
  add_key(page, picture.shares);
  page.open("ul", {{"class", "bars"}});
  for (const StackedBar& bar : picture.bars) {
    // Label and figure are text of the page and not of the drawing: they wrap where they do not fit side by side.
    page.open("li").open("p", {{"class", "bar-title"}}).leaf("span", bar.label);
    page.leaf("strong", bar.figure).close("p");
    add_bar(page, picture.shares, bar);
    page.close("li");
  }
  page.close("ul");
  close_figure(page, picture.table);
}

void add(Markup& page, const Trend& picture) {
  constexpr int plot_height = 220;
  constexpr int top_margin = 12;
  constexpr int axis_height = 26;
  open_figure(page, "trend");
  add_figure_caption(page, picture.caption);
  page.open("ul", {{"class", "key"}});
  page.open("li").open("svg", {{"aria-hidden", "true"}, {"width", "26"}, {"height", "16"}});
  page.empty("line", {{"x1", "0"}, {"x2", "26"}, {"y1", "8"}, {"y2", "8"}, {"class", "line"}});
  page.empty("circle", {{"cx", "13"}, {"cy", "8"}, {"r", "3.5"}, {"class", "point"}});
  page.close("svg").leaf("span", picture.value_name).close("li");
  page.open("li").open("svg", {{"aria-hidden", "true"}, {"width", "26"}, {"height", "16"}});
  page.empty("rect", {{"x", "0.5"}, {"y", "0.5"}, {"width", "25"}, {"height", "15"}, {"class", "band"}});
  page.close("svg").leaf("span", picture.band_name).close("li").close("ul");

  // The axis is a drawing of its own, so that everything in the other is placed in percent of the width that is left.
  const std::string whole_height = std::to_string(top_margin + plot_height + axis_height);
  page.open("div", {{"class", "with-axis"}});
  page.open("svg", {{"aria-hidden", "true"}, {"width", "44"}, {"height", whole_height}});
  for (int quarter = 0; quarter <= 4; ++quarter) {
    const int y = top_margin + plot_height * quarter / 4;
    page.leaf("text", {{"x", "38"}, {"y", std::to_string(y + 4)}, {"class", "tick"}},
              fmt::format("{}%", 100 - 25 * quarter));
  }
  page.close("svg");
  open_drawing(page, picture.caption, top_margin + plot_height + axis_height);
  for (int quarter = 0; quarter <= 4; ++quarter) {
    const std::string y = std::to_string(top_margin + plot_height * quarter / 4);
    page.empty("line", {{"x1", "0"}, {"x2", "100%"}, {"y1", y}, {"y2", y}, {"class", quarter == 4 ? "axis" : "grid"}});
  }
  page.open("svg", {{"x", "0"},
                    {"y", std::to_string(top_margin)},
                    {"width", "100%"},
                    {"height", std::to_string(plot_height)},
                    {"viewBox", "0 0 10000 10000"},
                    {"preserveAspectRatio", "none"}});
  add_stretched_lines(page, picture.points, 0, 10000);
  page.close("svg");
  for (std::size_t i = 0; i < picture.points.size(); ++i) {
    const TrendPoint& point = picture.points[i];
    const std::string x = share_text(middle(i, picture.points.size()));
    if (point.has_value) {
      const int y = top_margin + (10000 - point.value) * plot_height / 10000;
      page.open(
          "circle",
          {{"cx", x}, {"cy", std::to_string(y)}, {"r", "4"}, {"class", point.settled ? "point" : "point unsettled"}});
      page.leaf("title", fmt::format("{}: {} ({} to {})", point.label, share_text(point.value), share_text(point.low),
                                     share_text(point.high)));
      page.close("circle");
    }
    if (!point.short_label.empty()) {
      page.leaf("text", {{"x", x}, {"y", std::to_string(top_margin + plot_height + 19)}, {"class", "tick middle"}},
                point.short_label);
    }
  }
  page.close("svg").close("div");
  close_figure(page, picture.table);
}

void add(Markup& page, const Histogram& picture) {
  constexpr int plot_height = 180;
  constexpr int figure_height = 22;
  constexpr int axis_height = 26;
  int64_t tallest = 0;
  for (const Histogram::Class& one : picture.classes) tallest = std::max(tallest, one.count);
  open_figure(page, "histogram");
  add_figure_caption(page, picture.caption);
  open_drawing(page, picture.caption, figure_height + plot_height + axis_height);
  const std::size_t count = picture.classes.size();
  for (std::size_t i = 0; i < count; ++i) {
    const Histogram::Class& one = picture.classes[i];
    const int height = tallest == 0 ? 0 : static_cast<int>(per_ten_thousand(one.count, tallest) * plot_height / 10000);
    const int64_t column = static_cast<int64_t>(10000 / count);
    const int y = figure_height + plot_height - height;
    page.empty("rect", {{"x", share_text(static_cast<int64_t>(i) * column + column / 12)},
                        {"y", std::to_string(y)},
                        {"width", share_text(column * 10 / 12)},
                        {"height", std::to_string(height)},
                        {"class", "share"},
                        {"fill", fill_reference(Fill::stripes)}});
    page.leaf("text",
              {{"x", share_text(middle(i, count))}, {"y", std::to_string(y - 6)}, {"class", "tick middle strong"}},
              grouped(one.count));
    page.leaf("text",
              {{"x", share_text(middle(i, count))},
               {"y", std::to_string(figure_height + plot_height + 19)},
               {"class", "tick middle"}},
              one.label);
  }
  const std::string base = std::to_string(figure_height + plot_height);
  page.empty("line", {{"x1", "0"}, {"x2", "100%"}, {"y1", base}, {"y2", base}, {"class", "axis"}});
  page.close("svg");
  close_figure(page, picture.table);
}

void add(Markup& page, const SmallMultiples& picture) {
  constexpr int height = 56;
  open_figure(page, "small-multiples");
  add_figure_caption(page, picture.caption);
  page.open("ul", {{"class", "panels"}});
  for (const SmallMultiples::Panel& panel : picture.panels) {
    page.open("li");
    page.open("p", {{"class", "panel-title"}}).leaf("span", panel.title).leaf("strong", panel.figure).close("p");
    open_drawing(page, {panel.title, fmt::format("{}: {}", picture.caption.title, panel.figure)}, height);
    for (const int tenth : {0, 5, 10}) {
      const std::string y = std::to_string(1 + (height - 2) * tenth / 10);
      page.empty("line", {{"x1", "0"}, {"x2", "100%"}, {"y1", y}, {"y2", y}, {"class", tenth == 10 ? "axis" : "grid"}});
    }
    page.open("svg", {{"x", "0"},
                      {"y", "1"},
                      {"width", "100%"},
                      {"height", std::to_string(height - 2)},
                      {"viewBox", "0 0 10000 10000"},
                      {"preserveAspectRatio", "none"}});
    add_stretched_lines(page, panel.points, 0, 10000);
    page.close("svg").close("svg").close("li");
  }
  page.close("ul");
  close_figure(page, picture.table);
}

}  // namespace kept::html
