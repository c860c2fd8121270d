#include "html/table.h"

#include <cassert>

namespace kept::html {
namespace {

/// From so many rows on, the headings stay in sight.
constexpr std::size_t long_table = 20;
/// From so many columns on, a telephone does not show all of them at once.
constexpr std::size_t wide_table = 4;

std::string class_of(ColumnKind kind) {
  switch (kind) {
    case ColumnKind::words:
      return "";
    case ColumnKind::label:
      return "label";
    case ColumnKind::number:
      return "number";
    case ColumnKind::count:
      return "number count";
    case ColumnKind::lines:
      return "lines";
    case ColumnKind::code:
      return "code";
  }
  return "";
}

void open_heading(Markup& page, ColumnKind kind, const std::string& scope) {
  const std::string kind_class = class_of(kind);
  if (kind_class.empty()) {
    page.open("th", {{"scope", scope}});
  } else {
    page.open("th", {{"scope", scope}, {"class", kind_class}});
  }
}

void add_column_heading(Markup& page, const Column& column) {
  open_heading(page, column.kind, "col");
  if (column.kind == ColumnKind::count) {
    page.leaf("span", column.heading);
  } else {
    page.text(column.heading);
  }
  page.close("th");
}

/// What stands in a cell: one text, or lines of which the first is the name.
void add_content(Markup& page, ColumnKind kind, std::string_view content) {
  if (kind != ColumnKind::lines) {
    page.text(content);
    return;
  }
  const std::size_t name_end = content.find('\n');
  page.leaf("strong", content.substr(0, name_end));
  for (std::size_t at = name_end; at != std::string_view::npos;) {
    const std::size_t next = content.find('\n', at + 1);
    page.text(" ").leaf("span", content.substr(at + 1, next == std::string_view::npos ? next : next - at - 1));
    at = next;
  }
}

void add_row(Markup& page, const Table& table, const Row& row) {
  assert(row.cells.size() == table.columns.size());
  if (row.total) {
    page.open("tr", {{"class", "total"}});
  } else {
    page.open("tr");
  }
  for (std::size_t i = 0; i < row.cells.size(); ++i) {
    const Column& column = table.columns[i];
    if (i == 0) {
      open_heading(page, column.kind, "row");
      add_content(page, column.kind, row.cells[i]);
      page.close("th");
      continue;
    }
    const std::string kind_class = class_of(column.kind);
    if (table.narrow == Narrow::stacks) {
      page.open("td", {{"data-heading", column.heading}, {"class", kind_class.empty() ? "words" : kind_class}});
    } else if (kind_class.empty()) {
      page.open("td");
    } else {
      page.open("td", {{"class", kind_class}});
    }
    add_content(page, column.kind, row.cells[i]);
    page.close("td");
  }
  page.close("tr");
}

}  // namespace

void add(Markup& page, const Table& table) {
  if (table.rows.empty()) {
    page.open("p", {{"class", "nothing"}}).leaf("strong", table.caption).text(": ").text(table.when_empty).close("p");
    return;
  }
  const std::string caption_id = page.fresh_id("table");
  const bool stacks = table.narrow == Narrow::stacks;
  const bool wide = !stacks && table.columns.size() >= wide_table;
  if (wide) page.leaf("p", {{"class", "sideways"}}, "Wider than this screen: scroll the table sideways →");
  std::string kind = stacks ? "table stacks" : wide ? "table wide" : "table";
  if (!stacks && table.rows.size() >= long_table) kind += " long";
  page.open("div", {{"class", kind}, {"role", "region"}, {"aria-labelledby", caption_id}, {"tabindex", "0"}})
      .open("table");
  page.leaf("caption", {{"id", caption_id}}, table.caption);
  page.open("thead").open("tr");
  for (const Column& column : table.columns) add_column_heading(page, column);
  page.close("tr").close("thead").open("tbody");
  for (const Row& row : table.rows) add_row(page, table, row);
  page.close("tbody").close("table").close("div");
}

void add(Markup& page, const FoldedTable& folded) {
  if (folded.table.rows.empty()) {
    add(page, folded.table);
    return;
  }
  page.open("details").open("summary").leaf("span", folded.summary).close("summary");
  add(page, folded.table);
  page.close("details");
}

}  // namespace kept::html
