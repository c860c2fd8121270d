#include "exchange/mapping.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include "exchange/rejects.h"
#include "exchange/strict_yaml.h"
#include "exchange/time_form.h"

namespace kept::exchange {
namespace {

using namespace strict_yaml;

constexpr int version = 1;
constexpr std::size_t file_bytes = 512 * 1024;
constexpr std::size_t most_events = 64;

Ambiguous ambiguous_of(const YAML::Node& node) {
  const std::string text = scalar(node, "ambiguous");
  if (text == "reject") return Ambiguous::reject;
  if (text == "earlier") return Ambiguous::earlier;
  if (text == "later") return Ambiguous::later;
  refuse(node,
         "ambiguous is earlier, later or reject: what to do with a local time that happened twice when the clocks went "
         "back");
}

void check_times(const YAML::Node& node, const TimeForm& form) {
  const auto made = TimeReader::make(form);
  if (!made) refuse(node, made.error().message);
}

bool part_of_time(const std::string& key, const YAML::Node& node, TimeForm* form) {
  if (key == "times") {
    form->formats = one_or_more(node, "times");
  } else if (key == "zone") {
    form->zone = scalar(node, "zone");
  } else if (key == "ambiguous") {
    form->ambiguous = ambiguous_of(node);
    return true;
  } else {
    return false;
  }
  check_times(node, *form);
  return true;
}

TypeChoice type_choice(const YAML::Node& node) {
  TypeChoice out;
  out.line = line_of(node);
  if (node.IsScalar()) {
    const std::string text = scalar(node, "a type of event");
    std::size_t at = 0;
    while (at < text.size()) {
      const std::size_t end = std::min(text.find(' ', at), text.size());
      const std::string word = text.substr(at, end - at);
      at = end + 1;
      if (word.empty()) continue;
      const std::size_t equals = word.find('=');
      if (out.type.empty()) {
        out.type = word;
      } else if (equals == std::string::npos) {
        refuse(node,
               fmt::format(
                   "\"{}\" is a type of event and then fields as name=value; a value with blanks is written as a map: "
                   "{{type: ..., name: \"the value\"}}",
                   shown(text, 80)));
      } else {
        out.details.emplace_back(word.substr(0, equals), word.substr(equals + 1));
      }
    }
    if (out.type.empty()) refuse(node, "a type of event is missing here");
    return out;
  }
  for (const auto& [key, value] : entries(node, "a type of event", nullptr)) {
    if (key == "type") {
      out.type = scalar(value, "type");
    } else {
      out.details.emplace_back(key, scalar(value, key.c_str()));
    }
  }
  if (out.type.empty()) refuse(node, "this map has no `type`");
  return out;
}

class Reader {
 public:
  explicit Reader(Mapping& mapping) : mapping_(mapping) {}

  void read(const YAML::Node& root) {
    static const std::vector<std::string> known = {
        "mapping", "says", "format", "encoding",  "separator", "quote",  "skip_lines", "header",
        "absent",  "zone", "times",  "ambiguous", "columns",   "values", "type",       "types",
        "events",  "only", "case",   "link",      "complete",  "agency", "provider",   "source"};
    if (!root.IsMap()) refuse(root, "a mapping is a map that begins with  mapping: 1");
    const YAML::Node stated = root["mapping"];
    if (!stated) throw Refused{1, "a mapping begins with its version:  mapping: 1"};
    const std::string number = scalar(stated, "mapping");
    if (number.empty() || number.find_first_not_of("0123456789") != std::string::npos)
      refuse(stated, "mapping is the version of its form: 1");
    if (number != std::to_string(version)) {
      throw Refused{line_of(stated),
                    fmt::format("this mapping is written in version {} of the form; this build reads version {}: use a "
                                "newer Kept, or the "
                                "older form",
                                shown(number, 20), version),
                    base::ErrorCode::unsupported};
    }
    const auto all = entries(root, "a mapping", &known);
    // Times first: columns may change them, starting from these.
    for (const auto& [key, node] : all) {
      if (key == "zone") part_of_time(key, node, &mapping_.times);
    }
    for (const auto& [key, node] : all) {
      if (key != "zone") part_of_time(key, node, &mapping_.times);
    }
    for (const auto& [key, node] : all) top(key, node);
    if (mapping_.link_each_case && mapping_.case_column.empty())
      refuse(root["link"], "`link: each case` needs `case: COLUMN`");
    if (root["type"] && root["types"]) refuse(root["type"], "`type` and `types` both say what a row is; keep one");
  }

 private:
  void top(const std::string& key, const YAML::Node& node) {
    if (key == "format") {
      const std::string text = scalar(node, "format");
      if (text == "csv") {
        mapping_.form = Form::csv;
      } else if (text == "jsonl") {
        mapping_.form = Form::jsonl;
      } else if (text == "parquet") {
        mapping_.form = Form::parquet;
      } else if (text == "xes") {
        mapping_.form = Form::xes;
      } else if (text == "court-events") {
        mapping_.form = Form::court_events;
      } else if (text == "court-list") {
        mapping_.form = Form::court_list;
      } else {
        refuse(node, fmt::format("format is csv, jsonl, parquet, xes, court-events or court-list, not \"{}\"",
                                 shown(text, 40)));
      }
    } else if (key == "encoding") {
      const std::string text = scalar(node, "encoding");
      if (text == "utf-8") {
        mapping_.encoding = Encoding::utf_8;
      } else if (text == "latin-1") {
        mapping_.encoding = Encoding::latin_1;
      } else if (text == "windows-1252") {
        mapping_.encoding = Encoding::windows_1252;
      } else {
        refuse(node, fmt::format("encoding is utf-8, latin-1 or windows-1252, not \"{}\"", shown(text, 40)));
      }
    } else if (key == "separator") {
      const std::string text = scalar(node, "separator");
      if (text == "tab" || text == "\\t") {
        mapping_.separator = '\t';
      } else if (text.size() == 1 && static_cast<unsigned char>(text[0]) < 0x80 && text != "\"" && text != "\n" &&
                 text != "\r") {
        mapping_.separator = text[0];
      } else {
        refuse(node, "separator is one character such as \",\" \";\" \"|\", or tab");
      }
    } else if (key == "quote") {
      const std::string text = scalar(node, "quote");
      if (text == "none") {
        mapping_.quote = '\0';
      } else if (text == "\"" || text == "'") {
        mapping_.quote = text[0];
      } else {
        refuse(node, "quote is '\"', \"'\" or none");
      }
    } else if (key == "skip_lines") {
      const std::string text = scalar(node, "skip_lines");
      if (text.empty() || text.size() > 4 || text.find_first_not_of("0123456789") != std::string::npos) {
        refuse(node, "skip_lines is how many lines stand before the heading: a number up to 9999");
      }
      mapping_.skip_lines = static_cast<uint32_t>(std::stoul(text));
    } else if (key == "header") {
      mapping_.header = one_or_more(node, "header");
      if (mapping_.header.empty()) refuse(node, "header lists the columns' names, in order");
    } else if (key == "absent") {
      // YAML reads a bare NULL as nothing at all: here that is what is meant.
      if (node.IsSequence() && node.size() <= most_entries) {
        for (const auto& each : node) {
          if (each.IsNull()) {
            mapping_.absent.insert(mapping_.absent.end(), {"NULL", "Null", "null", "~"});
          } else {
            mapping_.absent.push_back(scalar(each, "absent"));
          }
        }
      } else {
        mapping_.absent = one_or_more(node, "absent");
      }
    } else if (key == "columns") {
      for (const auto& [name, value] : entries(node, "columns", nullptr)) mapping_.fields[name] = value_source(value);
    } else if (key == "values") {
      for (const auto& [column, table] : entries(node, "values", nullptr)) value_table(column, table);
    } else if (key == "types") {
      mapping_.types = type_table(node);
    } else if (key == "type") {
      mapping_.type = type_choice(node);
    } else if (key == "events") {
      if (!node.IsSequence()) refuse(node, "events is a list: one entry for each event a row may give");
      if (node.size() > most_events) refuse(node, fmt::format("a row gives at most {} events", most_events));
      for (const auto& each : node) mapping_.events.push_back(event(each));
    } else if (key == "only") {
      mapping_.only = row_tests(node);
    } else if (key == "case") {
      mapping_.case_column = scalar(node, "case");
    } else if (key == "link") {
      if (scalar(node, "link") != "each case") refuse(node, "link has one form:  link: each case");
      mapping_.link_each_case = true;
    } else if (key == "complete") {
      mapping_.complete = yes_no(node, "complete");
    } else if (key == "agency" || key == "provider" || key == "source") {
      ValueSource source;
      source.kind = ValueSource::Kind::constant;
      source.text = scalar(node, key.c_str());
      source.line = line_of(node);
      const std::string target = key == "source" ? "source" : "agency";
      if (!mapping_.fields.emplace(target, source).second)
        refuse(node, fmt::format("`{}` is also given in columns; keep one", target));
    }
  }

  ValueSource value_source(const YAML::Node& node) {
    ValueSource out;
    out.line = line_of(node);
    const auto plain = [&](const YAML::Node& value) {
      out.text = scalar(value, "a column");
      out.kind = out.text.find('{') == std::string::npos ? ValueSource::Kind::column : ValueSource::Kind::pattern;
      if (out.text.empty()) refuse(value, "a column's name is missing here");
    };
    if (node.IsScalar()) {
      plain(node);
      return out;
    }
    static const std::vector<std::string> known = {"column", "pattern", "constant", "values",
                                                   "times",  "zone",    "ambiguous"};
    TimeForm times = mapping_.times;
    bool timed = false;
    const auto all = entries(node, "a column's description", &known);
    for (const auto& [key, value] : all) {
      if (key == "zone") timed = part_of_time(key, value, &times) || timed;
    }
    for (const auto& [key, value] : all) {
      if (key == "column" || key == "pattern" || key == "constant") {
        if (out.kind != ValueSource::Kind::absent) refuse(value, "one of column, pattern and constant");
        if (key == "column") {
          out.kind = ValueSource::Kind::column;
        } else {
          out.kind = key == "pattern" ? ValueSource::Kind::pattern : ValueSource::Kind::constant;
        }
        out.text = scalar(value, key.c_str());
      } else if (key != "values" && key != "zone") {
        timed = part_of_time(key, value, &times) || timed;
      }
    }
    if (out.kind == ValueSource::Kind::absent) refuse(node, "this needs one of column, pattern or constant");
    for (const auto& [key, value] : all) {
      if (key != "values") continue;
      if (out.kind != ValueSource::Kind::column) refuse(value, "values translates a column's values; name the column");
      value_table(out.text, value);
    }
    if (timed) out.times = times;
    return out;
  }

  void value_table(const std::string& column, const YAML::Node& node) {
    auto& table = mapping_.values[column];
    if (!table.empty())
      refuse(node, fmt::format("the values of \"{}\" are translated twice; keep one table", shown(column, 60)));
    for (const auto& [from, to] : entries(node, "values", nullptr)) table.emplace_back(from, scalar(to, "a value"));
  }

  TypeTable type_table(const YAML::Node& node) {
    TypeTable out;
    out.line = line_of(node);
    if (node.IsScalar()) {
      if (scalar(node, "types") != "by_name") refuse(node, "types is by_name, or a map with column and table");
      out.column = "concept:name";
      out.by_name = true;
      return out;
    }
    static const std::vector<std::string> known = {"column", "table", "by_name", "unlisted"};
    for (const auto& [key, value] : entries(node, "types", &known)) {
      if (key == "column") {
        out.column = scalar(value, "column");
      } else if (key == "by_name") {
        out.by_name = yes_no(value, "by_name");
      } else if (key == "unlisted") {
        const std::string text = scalar(value, "unlisted");
        if (text != "ignore" && text != "reject")
          refuse(value, "unlisted is ignore or reject: what to do with a value that the table does not list");
        out.unlisted_ignored = text == "ignore";
      } else {
        for (const auto& [from, to] : entries(value, "table", nullptr)) out.table.emplace_back(from, type_choice(to));
      }
    }
    if (out.column.empty()) refuse(node, "types needs `column`: the column that says what happened");
    if (out.table.empty() && !out.by_name)
      refuse(node, "types needs `table`, from the column's values to types of event, or `by_name: yes`");
    return out;
  }

  std::vector<RowTest> row_tests(const YAML::Node& node) {
    std::vector<RowTest> out;
    if (node.IsSequence()) {
      if (node.size() > 100) refuse(node, "at most 100 tests");
      for (const auto& each : node) {
        const auto more = row_tests(each);
        out.insert(out.end(), more.begin(), more.end());
      }
      return out;
    }
    if (node.IsScalar()) {
      out.push_back({scalar(node, "a column"), {}, false, line_of(node)});
      return out;
    }
    for (const auto& [column, value] : entries(node, "a test", nullptr)) {
      RowTest test{column, {}, false, line_of(value)};
      if (value.IsMap()) {
        static const std::vector<std::string> known = {"not"};
        for (const auto& [key, values] : entries(value, "a test", &known)) test.values = one_or_more(values, "not");
        test.negated = true;
        if (test.values.empty()) refuse(value, "not: needs one value or more");
      } else if (value.IsScalar() && (value.Scalar() == "present" || value.Scalar() == "absent")) {
        test.negated = value.Scalar() == "absent";
      } else {
        test.values = one_or_more(value, "a value");
        if (test.values.empty()) refuse(value, "one value or more");
      }
      out.push_back(std::move(test));
    }
    return out;
  }

  EventMapping event(const YAML::Node& node) {
    EventMapping out;
    out.line = line_of(node);
    for (const auto& [key, value] : entries(node, "an event", nullptr)) {
      if (key == "type") {
        out.type = type_choice(value);
      } else if (key == "types") {
        out.types = type_table(value);
      } else if (key == "when") {
        out.when = row_tests(value);
      } else {
        out.fields[key] = value_source(value);
      }
    }
    if (out.type && out.types) refuse(node, "`type` and `types` both say what this event is; keep one");
    return out;
  }

  Mapping& mapping_;
};

}  // namespace

base::Result<Mapping> Mapping::parse(std::string_view yaml, const std::string& name) {
  if (yaml.size() > file_bytes)
    return base::Error{
        base::ErrorCode::too_large,
        fmt::format("{}: a mapping has at most 512 KiB; a long table of values belongs into the data", name)};
  Mapping mapping;
  mapping.file = name;
  const base::Status read = parsed(yaml, name, [&](const YAML::Node& root) { Reader(mapping).read(root); });
  if (!read.ok()) return read.error();
  return mapping;
}

base::Result<Mapping> Mapping::load(const std::string& path) {
  const auto text = read_whole(path, file_bytes);
  if (!text) return text.error();
  return parse(*text, path);
}

}  // namespace kept::exchange
