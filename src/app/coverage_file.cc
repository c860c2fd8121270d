#include "app/coverage_file.h"

#include <fmt/format.h>

#include <array>
#include <fstream>
#include <sstream>
#include <vector>

namespace kept::app {
namespace {

using calendar::LocalDate;

/// The cells of one CSV line; quotes are allowed round a cell, line breaks inside one are not needed here.
std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells(1);
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quoted && c == '"' && i + 1 < line.size() && line[i + 1] == '"') {
      cells.back() += '"';
      ++i;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      cells.emplace_back();
    } else {
      cells.back() += c;
    }
  }
  for (std::string& cell : cells) {
    const std::size_t first = cell.find_first_not_of(" \t");
    const std::size_t last = cell.find_last_not_of(" \t");
    cell = first == std::string::npos ? "" : cell.substr(first, last - first + 1);
  }
  return cells;
}

}  // namespace

base::Result<engine::Coverage> read_coverage(const std::string& text, const std::string& path,
                                             model::EventTable* table) {
  const model::Vocabulary& vocabulary = table->vocabulary();
  engine::Coverage coverage;
  std::istringstream lines(text);
  std::string line;
  std::array<int, 4> place = {-1, -1, -1, -1};
  static const std::array<const char*, 4> names = {"provider", "type", "from", "to"};
  int number = 0;
  while (std::getline(lines, line)) {
    ++number;
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (number == 1 && line.rfind("\xEF\xBB\xBF", 0) == 0) line.erase(0, 3);
    const std::vector<std::string> cells = cells_of(line);
    if (cells.size() == 1 && cells[0].empty()) continue;
    if (place[0] < 0) {
      for (std::size_t i = 0; i < cells.size(); ++i) {
        for (std::size_t n = 0; n < names.size(); ++n) {
          if (cells[i] == names[n]) place[n] = static_cast<int>(i);
        }
      }
      for (std::size_t n = 0; n < names.size(); ++n) {
        if (place[n] < 0) {
          return base::invalid(fmt::format("{}:{}: the heading has no column \"{}\". It must be: provider,type,from,to",
                                           path, number, names[n]));
        }
      }
      continue;
    }
    const auto cell = [&](std::size_t n) {
      return static_cast<std::size_t>(place[n]) < cells.size() ? cells[static_cast<std::size_t>(place[n])]
                                                               : std::string();
    };
    if (cell(0).empty())
      return base::invalid(fmt::format("{}:{}: no provider. Name the agency as events name it.", path, number));
    // Open ends stand for the whole of time that a date of ours can hold.
    LocalDate from = calendar::local_date({1900, 1, 1});
    LocalDate to = calendar::local_date({2199, 12, 31});
    for (const std::size_t side : {std::size_t{2}, std::size_t{3}}) {
      if (cell(side).empty()) continue;
      const auto date = calendar::parse_date(cell(side));
      if (!date)
        return base::invalid(fmt::format("{}:{}: \"{}\" in column {} is not a date. Write it as 2024-03-01.", path,
                                         number, cell(side), names[side]));
      (side == 2 ? from : to) = *date;
    }
    if (to < from)
      return base::invalid(
          fmt::format("{}:{}: covered to {} before it begins on {}. Exchange them.", path, number, cell(3), cell(2)));
    const uint32_t agency = table->agencies.code(cell(0));
    if (cell(1) == "*") {
      for (std::size_t type = 0; type < vocabulary.types().size(); ++type)
        coverage.add(agency, static_cast<uint16_t>(type), from, to);
      continue;
    }
    const model::EventType* type = vocabulary.find(cell(1));
    if (type == nullptr) {
      return base::invalid(
          fmt::format("{}:{}: there is no type of event \"{}\". Types are listed in docs/events.md; * stands for all.",
                      path, number, cell(1)));
    }
    coverage.add(agency, vocabulary.type_index(type->first_code), from, to);
  }
  if (place[0] < 0)
    return base::invalid(fmt::format("{}: empty. It must begin with the heading: provider,type,from,to", path));
  return coverage;
}

base::Result<engine::Coverage> read_coverage_file(const std::string& path, model::EventTable* table) {
  std::ifstream file(path, std::ios::binary);
  if (!file)
    return base::Error{base::ErrorCode::not_found,
                       fmt::format("The coverage file {} cannot be read. Is the path right?", path)};
  std::ostringstream text;
  text << file.rdbuf();
  return read_coverage(text.str(), path, table);
}

}  // namespace kept::app
