#include "exchange/feed_contract.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "exchange/rejects.h"
#include "exchange/row_checker.h"
#include "exchange/strict_yaml.h"

namespace kept::exchange {
namespace {

namespace fs = std::filesystem;
using namespace strict_yaml;

constexpr std::size_t file_bytes = 64 * 1024;
constexpr std::size_t name_bytes = 64;

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= name_bytes && text.front() != '-' && text.back() != '-' &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_") == std::string_view::npos;
}

std::string plain_name(const YAML::Node& node, const char* what) {
  std::string text = scalar(node, what);
  if (!is_name(text)) {
    refuse(node, fmt::format("{} is a name of small letters, digits, `-` and `_`, at most {} characters, not \"{}\"",
                             what, name_bytes, shown(text, 40)));
  }
  return text;
}

std::string sentence(const YAML::Node& node, const char* what) {
  std::string text = scalar(node, what);
  if (text.find_first_not_of(" \n") == std::string::npos) refuse(node, fmt::format("{} is missing here", what));
  return text;
}

/// `4 hours`: the number, and which of `units`.
std::pair<int32_t, std::size_t> number_of(const YAML::Node& node, const char* what,
                                          const std::vector<std::string>& units) {
  const std::string text = scalar(node, what);
  const std::size_t blank = text.find(' ');
  const std::string digits = text.substr(0, blank);
  std::string unit = blank == std::string::npos ? std::string() : text.substr(blank + 1);
  if (!unit.empty() && unit.back() != 's') unit += 's';  // 1 hour
  const auto found = std::find(units.begin(), units.end(), unit);
  const bool whole =
      !digits.empty() && digits.size() <= 4 && digits.find_first_not_of("0123456789") == std::string::npos;
  if (!whole || digits.find_first_not_of('0') == std::string::npos || found == units.end()) {
    std::string all;
    for (const auto& each : units) all += (all.empty() ? "" : ", ") + each;
    refuse(node, fmt::format("{} is a whole number from 1 to 9999 and one of {}, such as \"4 {}\"; not \"{}\"", what,
                             all, units.front(), shown(text, 40)));
  }
  return {std::stoi(digits), static_cast<std::size_t>(found - units.begin())};
}

WorkingTime working_time(const YAML::Node& node) {
  static const std::vector<std::string> known = {"days", "from", "to"};
  WorkingTime out;
  YAML::Node from;
  for (const auto& [key, value] : entries(node, "within", &known)) {
    if (key == "days") {
      const std::string text = scalar(value, "days");
      if (text != "all" && text != "working")
        refuse(value, "days is all, or working: Monday to Friday without the bank holidays of England and Wales");
      out.working_days_only = text == "working";
    } else if (key == "from") {
      out.from_minute = minute_of(value, "from");
    } else {
      out.to_minute = minute_of(value, "to");
    }
  }
  if (out.from_minute >= out.to_minute)
    refuse(node,
           "within begins before it ends on the same day: a feed that works through the night has no `from` and `to`");
  return out;
}

Rhythm rhythm_of(const YAML::Node& node) {
  static const std::vector<std::string> known = {"every", "within"};
  static const std::vector<std::string> units = {"hours", "days", "working days"};
  Rhythm out;
  bool stated = false;
  for (const auto& [key, value] : entries(node, "rhythm", &known)) {
    if (key == "every") {
      const auto [every, unit] = number_of(value, "every", units);
      out.every = every;
      out.unit = static_cast<Rhythm::Unit>(unit);
      stated = true;
    } else {
      out.within = working_time(value);
    }
  }
  if (!stated) refuse(node, "rhythm needs `every`, such as  every: 4 hours");
  return out;
}

class Reader {
 public:
  Reader(FeedContract& contract, const model::Vocabulary& vocabulary) : contract_(contract), vocabulary_(vocabulary) {}

  void read(const YAML::Node& root) {
    static const std::vector<std::string> known = {"contract", "name",  "says",       "owner", "agency",
                                                   "source",   "since", "sends",      "form",  "mapping",
                                                   "rhythm",   "batch", "late_after", "volume"};
    if (!root.IsMap()) refuse(root, "a feed contract is a map that begins with  contract: 1");
    const YAML::Node stated = root["contract"];
    if (!stated) throw Refused{1, "a feed contract begins with its version:  contract: 1"};
    if (scalar(stated, "contract") != "1") {
      throw Refused{line_of(stated),
                    fmt::format("this contract is written in version {} of the form; this build reads version 1: use a "
                                "newer Kept, or the older form",
                                shown(stated.Scalar(), 20)),
                    base::ErrorCode::unsupported};
    }
    const auto all = entries(root, "a feed contract", &known);
    for (const char* needed :
         {"name", "says", "owner", "agency", "source", "since", "sends", "rhythm", "batch", "late_after", "volume"}) {
      if (!root[needed]) throw Refused{1, fmt::format("this contract does not say `{}`; every contract does", needed)};
    }
    if (static_cast<bool>(root["form"]) == static_cast<bool>(root["mapping"]))
      throw Refused{1, "a contract says either `mapping: FILE` or `form: own` (the project's own event form)"};
    for (const auto& [key, node] : all) take(key, node);
  }

 private:
  void take(const std::string& key, const YAML::Node& node) {
    if (key == "name") {
      contract_.name = plain_name(node, "name");
    } else if (key == "says") {
      contract_.says = sentence(node, "says");
    } else if (key == "owner") {
      owner(node);
    } else if (key == "agency") {
      contract_.agency = plain_name(node, "agency");
    } else if (key == "source") {
      contract_.source = plain_name(node, "source");
    } else if (key == "since") {
      const auto day = calendar::parse_date(scalar(node, "since"));
      if (!day) refuse(node, "since is the first day of the feed, YYYY-MM-DD");
      contract_.since = *day;
    } else if (key == "sends") {
      sends(node);
    } else if (key == "form") {
      if (scalar(node, "form") != "own")
        refuse(node, "form is own: CSV or JSON Lines in the project's own event form; another form needs a `mapping`");
    } else if (key == "mapping") {
      mapping(node);
    } else if (key == "rhythm") {
      contract_.rhythm = rhythm_of(node);
    } else if (key == "batch") {
      contract_.batch = sentence(node, "batch");
    } else if (key == "late_after") {
      const auto [many, unit] = number_of(node, "late_after", {"hours", "days"});
      contract_.late_after_ms = many * (unit == 0 ? int64_t{3'600'000} : int64_t{86'400'000});
    } else if (key == "volume") {
      volume(node);
    }
  }

  void owner(const YAML::Node& node) {
    static const std::vector<std::string> known = {"role", "contact"};
    for (const auto& [key, value] : entries(node, "owner", &known)) {
      (key == "role" ? contract_.owner_role : contract_.contact) = sentence(value, key.c_str());
    }
    if (contract_.owner_role.empty() || contract_.contact.empty())
      refuse(node, "owner says who answers for the feed:  {role: a function, contact: its address}; never a person");
  }

  void sends(const YAML::Node& node) {
    if (!node.IsSequence() || node.size() == 0) refuse(node, "sends lists the types of event that the feed may send");
    std::set<std::string> seen;
    for (const auto& each : node) {
      const std::string type = scalar(each, "a type of event");
      if (vocabulary_.find(type) == nullptr) {
        std::vector<std::string> names;
        for (const auto& one : vocabulary_.types()) names.push_back(one.name);
        const std::string near = closest(type, names);
        refuse(each, fmt::format("the vocabulary has no type \"{}\"{}; docs/events.md lists them", shown(type, 60),
                                 near.empty() ? std::string() : fmt::format(" (did you mean \"{}\"?)", near)));
      }
      if (!seen.insert(type).second) refuse(each, fmt::format("\"{}\" stands twice in sends; keep one", type));
    }
    contract_.sends.assign(seen.begin(), seen.end());
  }

  void mapping(const YAML::Node& node) {
    contract_.mapping_file = scalar(node, "mapping");
    const fs::path path(contract_.mapping_file);
    const bool inside = !path.is_absolute() &&
                        std::none_of(path.begin(), path.end(), [](const fs::path& part) { return part == ".."; });
    if (!inside || path.extension() != ".yaml")
      refuse(node, "mapping is a .yaml file within the contract's own folder, such as  mappings/police-custody.yaml");
  }

  void volume(const YAML::Node& node) {
    static const std::vector<std::string> known = {"a_day", "hold_above"};
    for (const auto& [key, value] : entries(node, "volume", &known)) {
      if (key == "a_day") {
        contract_.volume_a_day = static_cast<uint64_t>(number(value, "a_day", 1, 100'000'000));
      } else {
        contract_.hold_above = static_cast<uint32_t>(number(value, "hold_above", 2, 1000));
      }
    }
    if (contract_.volume_a_day == 0 || contract_.hold_above == 0)
      refuse(node,
             "volume says how many rows a day are expected, and above how many times that a day is held: "
             "{a_day: 400, hold_above: 10}");
  }

  FeedContract& contract_;
  const model::Vocabulary& vocabulary_;
};

void fill_in(Mapping& mapping, const char* field, const std::string& value) {
  ValueSource source;
  source.kind = ValueSource::Kind::constant;
  source.text = value;
  mapping.fields.emplace(field, source);
}

}  // namespace

bool FeedContract::may_send(std::string_view type) const {
  return std::binary_search(sends.begin(), sends.end(), type, std::less<>());
}

base::Result<FeedContract> FeedContract::parse(std::string_view yaml, const std::string& name,
                                               const model::Vocabulary& vocabulary) {
  if (yaml.size() > file_bytes)
    return base::Error{base::ErrorCode::too_large, fmt::format("{}: a feed contract has at most 64 KiB", name)};
  FeedContract contract;
  contract.file = name;
  const base::Status read =
      parsed(yaml, name, [&](const YAML::Node& root) { Reader(contract, vocabulary).read(root); });
  if (!read.ok()) return read.error();
  return contract;
}

base::Result<FeedContract> FeedContract::load(const std::string& path, const model::Vocabulary& vocabulary) {
  const auto text = read_whole(path, file_bytes);
  if (!text) return text.error();
  auto contract = parse(*text, path, vocabulary);
  if (!contract) return contract.error();
  if (fs::path(path).stem().string() != contract->name) {
    return base::invalid(fmt::format("{}: this contract calls its feed \"{}\"; name the file {}.yaml", path,
                                     contract->name, contract->name));
  }
  if (contract->mapping_file.empty()) return contract;
  const std::string beside = (fs::path(path).parent_path() / contract->mapping_file).string();
  auto mapping = Mapping::load(beside);
  if (!mapping) return mapping.error();
  const std::vector<std::string> given = types_of(*mapping, vocabulary);
  for (const auto& type : contract->sends) {
    if (!std::binary_search(given.begin(), given.end(), type)) {
      return base::invalid(fmt::format(
          "{}: the feed may send {}, and its mapping {} has no row that becomes one; add it there, or take it out here",
          path, type, contract->mapping_file));
    }
  }
  for (const auto& [field, value] :
       {std::pair<const char*, const std::string&>("source", contract->source), {"agency", contract->agency}}) {
    const auto own = mapping->fields.find(field);
    if (own != mapping->fields.end() && own->second.kind == ValueSource::Kind::constant && own->second.text != value) {
      return base::invalid(
          fmt::format("{}:{}: the mapping says {} \"{}\" and the contract {} \"{}\"; leave it out of "
                      "the mapping",
                      beside, own->second.line, field, shown(own->second.text, 40), path, value));
    }
    fill_in(*mapping, field, value);
  }
  contract->mapping = std::make_unique<Mapping>(std::move(mapping).value());
  return contract;
}

base::Result<FeedContracts> load_contracts(const std::string& folder, const model::Vocabulary& vocabulary) {
  std::error_code failed;
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder, failed)) {
    if (entry.path().extension() == ".yaml" && entry.path().filename() != "courts.yaml") files.push_back(entry.path());
  }
  if (failed)
    return base::Error{base::ErrorCode::not_found,
                       fmt::format("{}: the folder of feed contracts cannot be read", folder)};
  std::sort(files.begin(), files.end());
  FeedContracts contracts;
  std::map<std::pair<std::string, std::string>, std::string> sender;  // source and type -> feed
  for (const auto& file : files) {
    auto contract = FeedContract::load(file.string(), vocabulary);
    if (!contract) return contract.error();
    for (const auto& type : contract->sends) {
      const auto [at, first] = sender.emplace(std::pair(contract->source, type), contract->name);
      if (!first) {
        return base::invalid(
            fmt::format("{}: {} of the system {} is also sent by the feed {}: each fact has one way in", file.string(),
                        type, contract->source, at->second));
      }
    }
    std::string name = contract->name;
    contracts.emplace(std::move(name), std::move(contract).value());
  }
  return contracts;
}

std::vector<std::string> types_of(const Mapping& mapping, const model::Vocabulary& vocabulary) {
  std::set<std::string> types;
  const auto add = [&](const std::optional<TypeChoice>& type, const std::optional<TypeTable>& table) {
    if (type) types.insert(type->type);
    if (!table) return;
    for (const auto& [value, choice] : table->table) types.insert(choice.type);
    if (!table->by_name) return;
    for (const auto& each : vocabulary.types()) types.insert(each.name);
  };
  if (mapping.fields.contains("type")) {
    for (const auto& each : vocabulary.types()) types.insert(each.name);
  }
  if (mapping.events.empty()) add(mapping.type, mapping.types);
  for (const auto& event : mapping.events) {
    const bool own = event.type || event.types;
    add(own ? event.type : mapping.type, own ? event.types : mapping.types);
  }
  return {types.begin(), types.end()};
}

}  // namespace kept::exchange
