#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "html/markup.h"

namespace kept::html {

/// What stands in a column, which decides how it is set.
enum class ColumnKind : uint8_t {
  words,
  label,  ///< a short name or date that is not broken over lines
  number,
  count,  ///< a number in a narrow column: its heading is turned upright
  lines,  ///< several lines parted by '\n': a name, then what belongs to it in smaller script
  code,
};

struct Column {
  std::string heading;
  ColumnKind kind = ColumnKind::words;
};

/// One line of a table. The first cell is its heading. `total` lines are set apart.
struct Row {
  std::vector<std::string> cells;
  bool total = false;
};

/// How a table stands on a screen that is too narrow for it.
enum class Narrow : uint8_t {
  scrolls,  ///< sideways within itself, the first column held, with a line that says so
  stacks,   ///< each row as a block, every cell below its heading: for rows of words
};

/// A table of figures: caption, headings with their scope, a heading for each row. Wider than the page, it scrolls
/// within itself and can be reached by keyboard. A long one scrolls below its headings.
struct Table {
  std::string caption;
  std::vector<Column> columns;
  std::vector<Row> rows;
  std::string when_empty = "None.";  ///< said in place of the table when it has no rows
  Narrow narrow = Narrow::scrolls;
};
/// Precondition: every row has as many cells as there are columns (asserted).
void add(Markup& page, const Table& table);

/// A table behind a line that opens it, by mouse or keyboard, without a script. Printed open where the browser can.
struct FoldedTable {
  std::string summary;
  Table table;
};
void add(Markup& page, const FoldedTable& folded);

}  // namespace kept::html
