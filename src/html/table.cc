#include "html/table.h"

#include <cassert>

namespace kept::html {
namespace {

std::string class_of(ColumnKind kind) {
  switch (kind) {
    case ColumnKind::words:
      return "";
    case ColumnKind::label:
      return "label";
    case ColumnKind::number:
      return "number";
    case ColumnKind::code:
      return "code";
  }
  return "";
}

void open_cell(Markup& page, std::string_view element, ColumnKind kind, const std::string& scope) {
  const std::string kind_class = class_of(kind);
  if (kind_class.empty() && scope.empty()) {
    page.open(element);
  } else if (kind_class.empty()) {
    page.open(element, {{"scope", scope}});
  } else if (scope.empty()) {
    page.open(element, {{"class", kind_class}});
  } else {
    page.open(element, {{"scope", scope}, {"class", kind_class}});
  }
}

}  // namespace

void add(Markup& page, const Table& table) {
  if (table.rows.empty()) {
    page.open("p", {{"class", "nothing"}}).leaf("strong", table.caption).text(": ").text(table.when_empty).close("p");
    return;
  }
  const std::string caption_id = page.fresh_id("table");
  page.open("div", {{"class", "table"}, {"role", "region"}, {"aria-labelledby", caption_id}, {"tabindex", "0"}})
      .open("table");
  page.leaf("caption", {{"id", caption_id}}, table.caption);
  page.open("thead").open("tr");
  for (const Column& column : table.columns) {
    open_cell(page, "th", column.kind, "col");
    page.text(column.heading).close("th");
  }
  page.close("tr").close("thead").open("tbody");
  for (const Row& row : table.rows) {
    assert(row.cells.size() == table.columns.size());
    if (row.total) {
      page.open("tr", {{"class", "total"}});
    } else {
      page.open("tr");
    }
    for (std::size_t i = 0; i < row.cells.size(); ++i) {
      const std::string_view element = i == 0 ? "th" : "td";
      open_cell(page, element, table.columns[i].kind, i == 0 ? "row" : "");
      page.text(row.cells[i]).close(element);
    }
    page.close("tr");
  }
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
