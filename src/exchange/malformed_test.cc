// Ten thousand malformed inputs of our own making: each is refused in words or read with a reject for every row that is
// wrong; none crashes, and memory stays bounded.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include "exchange/read_events.h"
#include "exchange/write_events.h"

namespace kept::exchange {
namespace {

namespace fs = std::filesystem;
using Random = std::mt19937_64;

std::shared_ptr<const model::Vocabulary> vocabulary() {
  using namespace model;
  static const auto made = [] {
    auto out = std::make_shared<Vocabulary>();
    const uint16_t about = *out->add_field({"about", FieldKind::word, "", false, true, {"arrest", "bail"}});
    const uint16_t amount = *out->add_field({"amount", FieldKind::number, "", false, true, {}});
    const uint16_t born = *out->add_field({"born", FieldKind::date, "", true, false, {}});
    const auto type = [&](const char* name, Meaning meaning, int needs, std::vector<uint16_t> fields) {
      EventType each;
      each.name = name;
      each.meaning = meaning;
      each.carries = carries_crime | carries_suspect | carries_participant;
      each.needs = static_cast<uint8_t>(needs);
      each.fields = std::move(fields);
      EXPECT_TRUE(out->add_type(each));
    };
    type("link.victim", Meaning::links_victim, carries_participant | carries_crime, {});
    type("victim.informed", Meaning::nothing, carries_participant, {about, amount, born});
    type("suspect.arrested", Meaning::nothing, carries_crime | carries_suspect, {});
    return out;
  }();
  return made;
}

std::size_t below(Random& random, std::size_t n) { return static_cast<std::size_t>(random() % n); }

std::string csv_of(Random& random, std::size_t rows) {
  std::string out = "id,type,crime,participant,suspect,occurred_at,recorded_at,about,amount,born\n";
  for (std::size_t i = 0; i < rows; ++i) {
    out +=
        fmt::format("{},victim.informed,X{},{},,2026-0{}-1{}T10:00:00Z,2026-09-01T10:00:00Z,arrest,{},1984-05-01\n", i,
                    below(random, 9), below(random, 99), 1 + below(random, 9), below(random, 10), below(random, 50));
  }
  return out;
}

std::string jsonl_of(Random& random, std::size_t rows) {
  std::string out;
  for (std::size_t i = 0; i < rows; ++i) {
    out += fmt::format(
        "{{\"id\":\"{}\",\"type\":\"victim.informed\",\"participant\":{},\"occurred_at\":\"2026-02-03T10:00:00Z\","
        "\"detail\":{{\"about\":\"bail\",\"amount\":{}}}}}\n",
        i, below(random, 99), below(random, 50));
  }
  return out;
}

std::string xes_of(Random& random, std::size_t rows) {
  std::string out = "<?xml version=\"1.0\"?>\n<log>\n<trace><string key=\"concept:name\" value=\"c\"/>\n";
  for (std::size_t i = 0; i < rows; ++i) {
    out += fmt::format(
        "<event><string key=\"concept:name\" value=\"Suspect Arrested\"/><date key=\"time:timestamp\" "
        "value=\"2026-02-03T1{}:00:00+01:00\"/></event>\n",
        below(random, 10));
  }
  return out + "</trace>\n</log>\n";
}

const std::string& parquet() {
  static const std::string bytes = [] {
    const std::string path = (fs::temp_directory_path() / fmt::format("kept-malformed-{}.parquet", getpid())).string();
    model::EventTable table(vocabulary());
    for (uint32_t i = 0; i < 500; ++i) {
      model::EventRow row;
      const bool told = i % 3 == 0;
      row.code = vocabulary()->find(told ? "victim.informed" : "suspect.arrested")->first_code;
      row.occurred = model::Moment::instant(1'700'000'000'000 + i * 60'000);
      row.recorded_at = row.occurred.lo_ms;
      row.crime = table.crimes.code(fmt::format("a crime with a long name {}", i % 90));
      row.suspect = table.suspects.code(std::to_string(i % 50));
      row.participant = told ? table.participants.code(std::to_string(i % 40)) : 0;
      const model::DetailValue amount{static_cast<uint16_t>(vocabulary()->field_id("amount")), int64_t{i % 7}};
      row.detail = &amount;
      row.detail_count = told ? 1 : 0;
      table.append(row);
    }
    EXPECT_TRUE(write_events(table, path));
    std::ostringstream out;
    out << std::ifstream(path, std::ios::binary).rdbuf();
    fs::remove(path);
    return out.str();
  }();
  return bytes;
}

/// What is done to a good file.
std::string spoil(Random& random, std::string text) {
  const auto at = [&] { return text.empty() ? std::size_t{0} : below(random, text.size()); };
  switch (below(random, 16)) {
    case 0:  // bytes that are no character
      for (int i = 0; i < 5; ++i) text.insert(at(), 1, static_cast<char>(0x80 + below(random, 0x80)));
      break;
    case 1:  // cut short
      text.resize(at());
      break;
    case 2:  // a huge field
      text.insert(at(), std::string(70'000 + below(random, 200'000), 'x'));
      break;
    case 3:  // a huge row
      text.insert(at(), std::string(1'100'000, ','));
      break;
    case 4:  // quotes
      for (int i = 0; i < 4; ++i) text.insert(at(), "\"");
      break;
    case 5:  // line ends of all kinds
      for (int i = 0; i < 4; ++i) text.insert(at(), below(random, 2) == 0 ? "\r" : "\n");
      break;
    case 6:  // zeros and control characters
      for (int i = 0; i < 5; ++i) text.insert(at(), 1, static_cast<char>(below(random, 32)));
      break;
    case 7: {  // wrong types
      const char* words[] = {"yes",  "NaN", "1e99", "99999999999999999999", "-0",    "2026-13-45", "true",
                             "null", "{}",  "[]",   "'; DROP TABLE x; --",  "=cmd()"};
      for (int i = 0; i < 6; ++i) text.insert(at(), words[below(random, std::size(words))]);
      break;
    }
    case 8: {  // the first line again, elsewhere: headings and keys twice
      const std::string line = text.substr(0, text.find('\n') + 1);
      text.insert(text.find('\n', at()) == std::string::npos ? text.size() : text.find('\n', at()) + 1, line);
      break;
    }
    case 9: {  // years and times that do not exist
      const char* times[] = {"0000-00-00",          "9999-12-31T23:59:60Z", "2026-02-30T10:00:00Z",
                             "2026-03-29T01:30:00", "2026-10-25T01:30:00",  "T",
                             "2026-01-01T24:00:00Z"};
      const std::size_t found = text.find("2026-", at());
      if (found != std::string::npos) text.replace(found, 20, times[below(random, std::size(times))]);
      break;
    }
    case 10:  // nesting
      text.insert(at(), std::string(below(random, 3000), below(random, 2) == 0 ? '[' : '{'));
      break;
    case 11:  // entities that grow
      text = "<!DOCTYPE log [<!ENTITY a \"" + std::string(1000, 'a') +
             "\"><!ENTITY b \"&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;\">]>\n" + text + "&c;";
      break;
    case 12:  // separators
      for (int i = 0; i < 6; ++i) text.insert(at(), below(random, 2) == 0 ? "," : ";");
      break;
    case 13:  // pieces exchanged
      if (text.size() > 100)
        std::swap_ranges(text.begin(), text.begin() + 40,
                         text.begin() + static_cast<std::ptrdiff_t>(50 + below(random, text.size() - 95)));
      break;
    case 14:  // bits flipped
      for (int i = 0; i < 20 && !text.empty(); ++i) text[at()] ^= static_cast<char>(1 << below(random, 8));
      break;
    default:  // an attribute or name twice
      for (const char* name : {"\"type\":", "value=\"", "key=\""}) {
        const std::size_t found = text.find(name, at());
        if (found != std::string::npos) text.insert(found, std::string(name) + "\"x\",");
      }
  }
  return text;
}

const char* const mappings[] = {
    "mapping: 1\ncase: participant\nlink: each case\nzone: Europe/London\nambiguous: reject\ncolumns: {occurred_at: "
    "occurred_at}\ntypes: {column: type, by_name: yes}\n",
    "mapping: 1\ntype: victim.informed about=arrest\nencoding: windows-1252\nzone: Europe/London\nambiguous: later\n"
    "columns: {participant: \"{participant}-{n}\", occurred_at: {column: occurred_at, times: [iso, '%d/%m/%Y']}, "
    "amount: amount}\n",
};

long peak_mb() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  return used.ru_maxrss / 1024;
}

TEST(Malformed, TenThousandInputs) {
  const fs::path folder = fs::temp_directory_path() / fmt::format("kept-malformed-{}", getpid());
  fs::create_directories(folder);
  (void)parquet();
  const long before_mb = peak_mb();
  std::size_t refused = 0;
  std::size_t with_rejects = 0;
  std::size_t harmless = 0;
  for (uint64_t seed = 0; seed < 10'000; ++seed) {
    Random random(seed);
    // A Parquet file costs a database each: one in twenty.
    const std::size_t form = seed % 20 == 0 ? 3 : seed % 3;
    std::string name;
    std::string bytes;
    if (form == 0) {
      name = "a.csv";
      bytes = csv_of(random, below(random, 30));
    } else if (form == 1) {
      name = "a.jsonl";
      bytes = jsonl_of(random, below(random, 30));
    } else if (form == 2) {
      name = "a.xes";
      bytes = xes_of(random, below(random, 30));
    } else {
      name = "a.parquet";
      bytes = parquet();
    }
    const std::size_t times = 1 + below(random, 2);
    for (std::size_t i = 0; i < times; ++i) bytes = spoil(random, std::move(bytes));
    const std::string path = (folder / name).string();
    std::ofstream(path, std::ios::binary) << bytes;

    ReadRequest request;
    request.files = {path};
    request.vocabulary = vocabulary();
    RejectList rejects;
    request.rejects = &rejects;
    request.limits.block_bytes = seed % 4 == 0 ? 1000 + seed % 5000 : 1 << 20;
    Mapping mapping;
    if (seed % 5 == 0) {
      auto parsed = Mapping::parse(mappings[seed / 5 % 2], "mapping.yaml");
      ASSERT_TRUE(parsed) << parsed.error().message;
      mapping = *parsed;
      request.mapping = &mapping;
    }
    const auto result = read_events(request);
    SCOPED_TRACE(fmt::format("seed {} {}", seed, name));
    if (!result) {
      ++refused;
      ASSERT_FALSE(result.error().message.empty());
      ASSERT_NE(result.error().message.find(
                    seed % 5 == 0 && result.error().message.find("mapping.yaml") != std::string::npos ? "mapping.yaml"
                                                                                                      : name),
                std::string::npos)
          << result.error().message;
      // One line of words that a terminal can show.
      ASSERT_EQ(std::count_if(result.error().message.begin(), result.error().message.end(),
                              [](char c) { return static_cast<unsigned char>(c) < 0x20; }),
                0)
          << result.error().message;
      continue;
    }
    const ReadCounts& counts = result->counts;
    ASSERT_EQ(counts.rows, counts.taken + counts.rejected + counts.ignored + counts.duplicates);
    ASSERT_EQ(counts.rejected, rejects.rows.size());
    ASSERT_EQ(counts.events, result->table.size());
    uint64_t by_reason = 0;
    for (const uint64_t count : counts.by_reason) by_reason += count;
    ASSERT_EQ(by_reason, counts.rejected);
    for (const auto& row : rejects.rows) {
      ASSERT_FALSE(row.why.empty());
      ASSERT_LE(row.value.size(), 1000u);
      ASSERT_EQ(row.file, path);
    }
    ++(rejects.rows.empty() ? harmless : with_rejects);
  }
  fs::remove_all(folder);
  RecordProperty("refused", static_cast<int>(refused));
  RecordProperty("with_rejects", static_cast<int>(with_rejects));
  RecordProperty("harmless", static_cast<int>(harmless));
  fmt::print("refused {}, with rejects {}, harmless {}; memory {} MB before, {} MB at most\n", refused, with_rejects,
             harmless, before_mb, peak_mb());
  EXPECT_GT(refused, 1000u);
  EXPECT_GT(with_rejects, 2000u);
#ifndef __SANITIZE_ADDRESS__
  EXPECT_LT(peak_mb(), before_mb + 512);
#endif
}

TEST(Malformed, MappingsCutAndScrambled) {
  for (uint64_t seed = 0; seed < 3000; ++seed) {
    Random random(seed);
    std::string yaml = mappings[seed % 2];
    yaml = spoil(random, std::move(yaml));
    const auto parsed = Mapping::parse(yaml, "mapping.yaml");
    if (parsed) continue;
    EXPECT_NE(parsed.error().message.find("mapping.yaml"), std::string::npos) << parsed.error().message;
  }
}

}  // namespace
}  // namespace kept::exchange
