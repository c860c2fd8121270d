// Reading in blocks, column by column and on two threads, against the general way, row by row: the same table to the
// last code, the same rejects in the same words, on files whose rows are damaged at random.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "columns/table_writer.h"
#include "exchange/packed_details.h"
#include "exchange/read_events.h"
#include "exchange/sample_vocabulary_test.h"

namespace kept::exchange {
namespace {

namespace fs = std::filesystem;
using Random = std::mt19937_64;
using model::EventTable;

std::size_t below(Random& random, std::size_t n) { return static_cast<std::size_t>(random() % n); }
bool chance(Random& random, double p) { return static_cast<double>(random() >> 11) * 0x1p-53 < p; }
std::string one_of(Random& random, std::initializer_list<const char*> words) {
  return words.begin()[below(random, words.size())];
}

/// Everything a table says, a line a row; codes as they are, and what they stand for.
std::vector<std::string> told(const EventTable& table) {
  std::vector<std::string> out;
  const auto moment = [](const model::Moment& m) {
    return fmt::format("{}/{}/{}", m.lo_ms, m.hi_ms, static_cast<int>(m.precision));
  };
  for (uint32_t row = 0; row < table.size(); ++row) {
    std::string line = fmt::format("{} {} r{}{} ", table.code(row), moment(table.occurred(row)), table.recorded_at(row),
                                   table.recorded_assumed(row) ? "?" : "");
    if (table.has_known(row)) line += "k" + moment(table.known(row));
    line += fmt::format(" p{} c{} s{} h{} k{} S{} a{} u{} i{} C{} R{}", table.participant(row), table.crime(row),
                        table.suspect(row), table.hearing(row), table.key(row), table.source(row), table.agency(row),
                        table.urn(row), table.id(row), table.corrects(row), table.retracts(row));
    for (const auto [field, value] : table.detail(row)) {
      const bool date = table.vocabulary().fields()[field].kind == model::FieldKind::date;
      line += fmt::format(" {}={}", field, value);
      if (date) line += ":" + moment(table.moment(value));
    }
    out.push_back(std::move(line));
  }
  for (const auto* symbols : {&table.participants, &table.crimes, &table.suspects, &table.hearings, &table.keys,
                              &table.sources, &table.agencies, &table.urns, &table.codes}) {
    std::string line;
    for (uint32_t code = 1; code < symbols->size(); ++code) line += symbols->name(code) + "|";
    out.push_back(std::move(line));
  }
  return out;
}

struct Read {
  std::vector<std::string> table, rejects;
  std::string counts, error;
};

Read read(const std::string& path, const Mapping* mapping, bool row_by_row, int threads, std::size_t block_bytes,
          bool strict) {
  RejectList rejects;
  ReadRequest request;
  request.files = {path};
  request.mapping = mapping;
  request.vocabulary = sample_vocabulary();
  request.rejects = &rejects;
  request.row_by_row = row_by_row;
  request.threads = threads;
  request.strict = strict;
  request.limits.block_bytes = block_bytes;
  request.limits.field_bytes = 2000;
  request.limits.row_bytes = 5000;
  auto result = read_events(request);
  Read out;
  for (const auto& reject : rejects.rows) {
    out.rejects.push_back(fmt::format("{}:{}|{}|{}|{}|{}|{}", reject.file, reject.line, reject.field, reject.value,
                                      static_cast<int>(reject.reason), reject.why, reject.row));
  }
  if (!result) {
    out.error = result.error().message;
    return out;
  }
  out.table = told(result->table);
  for (uint32_t event = 0; event < result->table.size(); ++event) {
    const auto place = result->places.of(event);
    EXPECT_EQ(place.has_value(), result->table.given_id(event).empty()) << event;
    out.table[event] += place ? fmt::format(" row {}", place->row) : "";
  }
  const ReadCounts& c = result->counts;
  out.counts = fmt::format("{} {} {} {} {} {} {} {} {} last {} complete {}", c.rows, c.taken, c.rejected, c.ignored,
                           c.duplicates, c.events, c.links_added, c.recorded_assumed, c.values_left_out,
                           result->last_recorded_at, result->complete);
  for (const uint64_t count : c.by_reason) out.counts += fmt::format(" {}", count);
  for (const auto& note : result->notes) out.counts += note;
  return out;
}

const char* const column_names[] = {
    "id",       "source",      "type",   "crime", "urn",      "participant", "suspect",    "hearing", "occurred_at",
    "known_at", "recorded_at", "agency", "actor", "corrects", "retracts",    "complaint",  "about",   "offence",
    "enhanced", "amount",      "until",  "born",  "note",     "way",         "occurred_on"};
constexpr std::size_t column_count = std::size(column_names);

/// What one file is like.
struct Habits {
  double damage = 0;      ///< of a cell
  double repeats = 0;     ///< of an id
  bool ordered = false;   ///< ids only grow
  bool numbered = false;  ///< ids are numbers
  std::size_t people = 0;
};

std::string time_text(Random& random) {
  if (chance(random, 0.85))
    return fmt::format("2026-{:02}-{:02}T{:02}:{:02}:{:02}{}Z", 1 + below(random, 12), 1 + below(random, 28),
                       below(random, 24), below(random, 60), below(random, 60), chance(random, 0.1) ? ".125" : "");
  return one_of(random, {"2026-03-02", "2026-03", "2026", "2026-03-02T10:00:00+01:00", "2026-03-01..2026-03-09",
                         "2024-02-29", "2026-03-02 10:00Z"});
}

std::string damaged(Random& random) {
  static const std::string long_name(300, 'x');
  static const std::string long_field(2500, 'y');
  if (chance(random, 0.03)) return long_field;
  if (chance(random, 0.05)) return long_name;
  return one_of(random, {"",
                         " ",
                         "NULL",
                         "7",
                         "007",
                         "-3",
                         "99999999999",
                         "triage",
                         "Arrest",
                         "maybe",
                         "2026-02-30",
                         "2026-03-04T25:00:00Z",
                         "1850-01-01",
                         "2026-03-29T01:30:00",
                         "say \"no\"",
                         "a,b",
                         "two\nlines",
                         "\xc3\xa9t\xc3\xa9",
                         "\xff\xfe",
                         "1.0",
                         "1e9",
                         "yes",
                         "feed",
                         "X1",
                         "e12"});
}

std::vector<std::string> row_of(Random& random, const Habits& habits, std::size_t number) {
  std::vector<std::string> row(column_count);
  const auto set = [&](const char* name, std::string value) {
    for (std::size_t i = 0; i < column_count; ++i) {
      if (std::string_view(column_names[i]) == name) row[i] = std::move(value);
    }
  };
  const auto person = [&] {
    const std::size_t who = below(random, habits.people);
    return who % 3 == 0 ? fmt::format("V-{}", who) : std::to_string(who);
  };
  const std::string type = one_of(random, {"link.victim", "suspect.arrested", "victim.informed", "victim.informed",
                                           "complaint.received", "triage", "antibiotics"});
  const std::size_t id = chance(random, habits.repeats) ? below(random, number + 1)
                         : habits.ordered               ? number + 1000
                                                        : (number * 7919) % 100003;
  set("id", (habits.numbered && !chance(random, 0.01) ? "" : "e") + std::to_string(id));
  set("source", one_of(random, {"feed", "other feed", "a source with quite a long name of its own, past 56 bytes"}));
  set("type", type);
  if (chance(random, 0.9)) set("occurred_at", time_text(random));
  if (chance(random, 0.1))
    set("occurred_on", one_of(random, {"2026-03-02", "2026-03", "2026", "2026-03-02T10:00:00Z"}));
  if (chance(random, 0.9)) set("recorded_at", chance(random, 0.2) ? "2026-12-24" : "2026-12-24T10:00:00Z");
  if (chance(random, 0.1)) set("known_at", time_text(random));
  if (chance(random, 0.9)) set("agency", one_of(random, {"met", "cps", "wcu-south"}));
  if (chance(random, 0.2)) set("actor", fmt::format("officer {}", below(random, 50)));
  const bool links = type == "link.victim" || type == "suspect.arrested";
  if (links || (type == "victim.informed" && chance(random, 0.5))) set("crime", fmt::format("X{}", below(random, 40)));
  if (type == "suspect.arrested") {
    set("suspect", person());
    if (chance(random, 0.5)) set("urn", fmt::format("01AB{:04}", below(random, 30)));
    if (chance(random, 0.5)) set("offence", fmt::format("CJ{}", below(random, 9)));
  } else {
    set("participant", person());
  }
  if (type == "complaint.received" && chance(random, 0.7)) set("complaint", fmt::format("C{}", below(random, 20)));
  if (type == "complaint.received" && chance(random, 0.3)) set("amount", std::to_string(below(random, 1000)));
  if (type == "victim.informed") {
    set("about", one_of(random, {"arrest", "bail", "charge"}));
    if (chance(random, 0.3)) set("way", one_of(random, {"phone", "letter"}));
    if (chance(random, 0.3)) set("enhanced", one_of(random, {"yes", "No", "TRUE", "0"}));
    if (chance(random, 0.3)) set("until", time_text(random));
    if (chance(random, 0.1)) set("born", "1984-05-01");
    if (chance(random, 0.1)) set("note", "free words");
    if (chance(random, 0.1)) set("hearing", fmt::format("H{}", below(random, 9)));
  }
  if (chance(random, habits.damage)) row[below(random, column_count)] = damaged(random);
  if (chance(random, habits.damage / 4)) set("retracts", "e7");
  return row;
}

std::string csv_cell(Random& random, const std::string& value) {
  const bool must = value.find_first_of(",\"\n") != std::string::npos;
  if (!must && !chance(random, 0.05)) return value;
  std::string out = "\"";
  for (const char c : value) {
    if (c == '"') out += c;
    out += c;
  }
  return out + "\"";
}

class BlocksTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("kept-blocks-" + std::to_string(getpid()));
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }
  std::string path(const char* name) const { return (folder_ / name).string(); }

  /// Compares the general way with blocks on one thread, on two and on four.
  void compare(const std::string& file, const Mapping* mapping, std::size_t block_bytes, bool strict) {
    const Read wanted = read(file, mapping, true, 1, block_bytes, strict);
    for (const int threads : {1, 2, 4}) {
      SCOPED_TRACE(fmt::format("threads {}", threads));
      const Read got = read(file, mapping, false, threads, block_bytes, strict);
      ASSERT_EQ(got.error, wanted.error);
      ASSERT_EQ(got.counts, wanted.counts);
      ASSERT_EQ(got.rejects, wanted.rejects);
      ASSERT_EQ(got.table.size(), wanted.table.size());
      for (std::size_t i = 0; i < wanted.table.size(); ++i) ASSERT_EQ(got.table[i], wanted.table[i]) << "line " << i;
    }
    rows_read_ += wanted.table.size();
    rejected_ += wanted.rejects.size();
  }
  fs::path folder_;
  std::size_t rows_read_ = 0, rejected_ = 0;
};

Habits habits_of(Random& random) {
  Habits habits;
  habits.damage = std::vector<double>{0, 0.01, 0.1, 0.6}[below(random, 4)];
  habits.repeats = std::vector<double>{0, 0, 0.02, 0.3}[below(random, 4)];
  habits.ordered = chance(random, 0.5);
  habits.numbered = chance(random, 0.5);
  habits.people = 1 + below(random, 400);
  return habits;
}

/// Which columns a file has: type and time, and most of the others.
std::vector<std::size_t> some_columns(Random& random) {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < column_count; ++i) {
    const std::string_view name = column_names[i];
    const bool needed = name == "type" || name == "occurred_at";
    if (needed || chance(random, name == "participant" || name == "crime" || name == "suspect" ? 0.95 : 0.75))
      out.push_back(i);
  }
  return out;
}

/// A mapping over the same columns, with most of what a mapping can say.
std::optional<Mapping> some_mapping(Random& random, const std::vector<std::size_t>& present) {
  std::string yaml = "mapping: 1\n";
  if (chance(random, 0.5)) yaml += "absent: [NULL, maybe]\n";
  if (chance(random, 0.3)) yaml += "times: [iso, \"%d/%m/%Y\"]\nzone: Europe/London\n";
  yaml += "columns:\n";
  const bool same_clock = chance(random, 0.3);
  for (const std::size_t i : present) {
    const std::string name = column_names[i];
    if (name == "type") continue;
    if (name == "recorded_at" && same_clock) continue;
    if (name == "source" && chance(random, 0.3)) {
      yaml += "  source: {constant: the feed}\n";
    } else if (name == "id" && chance(random, 0.2)) {
      yaml += "  id: \"{id}-{n}\"\n";
    } else if (name == "way" && chance(random, 0.5)) {
      yaml += "  way: {column: way, values: {phone: letter, x: phone, nowhere: letter}}\n";
    } else {
      yaml += "  " + name + ": " + name + "\n";
    }
  }
  if (same_clock) yaml += "  recorded_at: occurred_at\n";
  switch (below(random, 4)) {
    case 0:
      yaml += "types: {column: type, by_name: yes, unlisted: ignore}\n";
      break;
    case 1:
      yaml +=
          "types:\n  column: type\n  unlisted: ignore\n  table:\n    link.victim: link.victim\n    suspect.arrested: "
          "suspect.arrested offence=CJ1\n    victim.informed: victim.informed about=bail way=phone\n    triage: triage "
          "enhanced=yes\n    complaint.received: complaint.received amount=5\n";
      break;
    case 2:
      yaml += "type: victim.informed about=arrest\n";
      break;
    default:
      yaml += "types: {column: type, by_name: yes}\n";
  }
  if (chance(random, 0.3)) yaml += "only: {type: [triage, victim.informed, link.victim]}\n";
  auto parsed = Mapping::parse(yaml, "mapping.yaml");
  EXPECT_TRUE(parsed) << parsed.error().message << "\n" << yaml;
  if (!parsed) return std::nullopt;
  return *parsed;
}

TEST_F(BlocksTest, CsvDamagedAtRandom) {
  for (uint64_t seed = 1; seed <= 240; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    Random random(seed);
    const Habits habits = habits_of(random);
    const std::vector<std::size_t> present = some_columns(random);
    const bool plain_lines = chance(random, 0.7);  // otherwise some rows span lines, break off or are empty
    const char* line_end = chance(random, 0.5) ? "\n" : "\r\n";
    std::string text;
    for (const std::size_t i : present) text += (text.empty() ? "" : ",") + std::string(column_names[i]);
    text += line_end;
    const std::size_t rows = below(random, 900);
    for (std::size_t row = 0; row < rows; ++row) {
      const auto cells = row_of(random, habits, row);
      std::string line;
      for (std::size_t k = 0; k < present.size(); ++k) {
        std::string cell = cells[present[k]];
        if (plain_lines) std::replace(cell.begin(), cell.end(), '\n', ' ');
        if (plain_lines && cell == "\xff\xfe") cell = "bad";
        if (k != 0) line += ',';
        line += csv_cell(random, cell);
      }
      if (chance(random, habits.damage / 10)) line = "short,row";
      if (!plain_lines && chance(random, habits.damage / 10)) line = "\"open,quote";
      if (!plain_lines && chance(random, habits.damage / 10)) line += "\"x\"y";
      text += line + (row + 1 == rows && chance(random, 0.5) ? "" : line_end);
      if (chance(random, 0.01)) text += line_end;
    }
    const std::string file = path("log.csv");
    std::ofstream(file, std::ios::binary) << text;
    std::optional<Mapping> mapping;
    if (chance(random, 0.5)) {
      mapping = some_mapping(random, present);
      ASSERT_TRUE(mapping);
    }
    const std::size_t block_bytes = std::vector<std::size_t>{128 * 1024, 4096, 700, 50000}[below(random, 4)];
    compare(file, mapping ? &*mapping : nullptr, block_bytes, chance(random, 0.05));
    if (HasFatalFailure()) return;
  }
  EXPECT_GT(rows_read_, 20000u);
  EXPECT_GT(rejected_, 2000u);
}

TEST_F(BlocksTest, ParquetDamagedAtRandom) {
  using columns::ColumnKind;
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    Random random(seed * 1000);
    const Habits habits = habits_of(random);
    const std::vector<std::size_t> present = some_columns(random);
    const bool mapped = chance(random, 0.5);
    // Fields in columns of their own, or together in one.
    const bool together = !mapped && chance(random, 0.6);
    std::vector<columns::ColumnPlan> plan;
    std::vector<std::size_t> packed;  ///< the cells' places
    std::vector<std::size_t> columns_left;
    for (const std::size_t i : present) {
      const std::string_view name = column_names[i];
      if (together && (name == "complaint" || sample_vocabulary()->field_id(name) >= 0) && chance(random, 0.9)) {
        packed.push_back(i);
        continue;
      }
      columns_left.push_back(i);
      ColumnKind kind = ColumnKind::text;
      if (name == "participant" || name == "suspect" || name == "id")
        kind = std::vector<ColumnKind>{ColumnKind::text, ColumnKind::uint32, ColumnKind::int64}[below(random, 3)];
      if (name == "amount")
        kind = std::vector<ColumnKind>{ColumnKind::text, ColumnKind::int16, ColumnKind::real}[below(random, 3)];
      if (name == "enhanced" && chance(random, 0.5)) kind = ColumnKind::yes_no;
      if (name.ends_with("_at") || name == "until")
        kind = std::vector<ColumnKind>{ColumnKind::text, ColumnKind::instant, ColumnKind::date}[below(random, 3)];
      plan.push_back({std::string(name), kind, {}});
    }
    if (together) plan.push_back({"detail", ColumnKind::text, {}});
    const std::string file = path("log.parquet");
    auto writer = columns::TableWriter::open(file, plan);
    ASSERT_TRUE(writer) << writer.error().message;
    const std::size_t rows = below(random, 5000);
    for (std::size_t row = 0; row < rows; ++row) {
      const auto cells = row_of(random, habits, row);
      const bool absurd = chance(random, habits.damage / 10);
      if (together) {
        std::string object;
        for (const std::size_t i : packed) {
          const std::string& cell = cells[i];
          const std::string_view name = chance(random, habits.damage / 20) ? "abuot" : column_names[i];
          if (!cell.empty() || chance(random, 0.01)) pack_detail(object, name, cell == "\xff\xfe" ? "bad" : cell);
          if (chance(random, habits.damage / 20)) pack_detail(object, name, "no");
          if (chance(random, habits.damage / 20))
            object += one_of(random, {",\"amount\":7", ",\"enhanced\":true", ", \"way\" : null", ",\"amount\":1.5",
                                      "}{", ",\"about\":[]", ",\"about\":{}", "\n"});
        }
        if (!object.empty()) object += '}';
        if (!object.empty() && object[0] != '{') object = "{\"about\":\"arrest\"" + object;
        if (chance(random, habits.damage / 20))
          object = one_of(random, {"{}", "[]", "{", "null", "about=arrest", "{\"about\":\"b\\u0061il\"}"});
        if (object.empty()) writer->set_absent(plan.size() - 1, row);
        if (!object.empty()) writer->set_text(plan.size() - 1, row, object);
      }
      for (std::size_t k = 0; k < columns_left.size(); ++k) {
        const std::string& cell = cells[columns_left[k]];
        if (cell.empty()) writer->set_absent(k, row);
        const auto number = static_cast<int64_t>(below(random, 300));
        switch (plan[k].kind) {
          case ColumnKind::text:
            if (!cell.empty()) writer->set_text(k, row, cell == "\xff\xfe" ? "bad" : cell);
            break;
          case ColumnKind::uint32:
            writer->values<uint32_t>(k)[row] = static_cast<uint32_t>(absurd ? 4'000'000'000 : number);
            break;
          case ColumnKind::int64:
            writer->values<int64_t>(k)[row] = absurd ? -number : number;
            break;
          case ColumnKind::int16:
            writer->values<int16_t>(k)[row] = static_cast<int16_t>(number);
            break;
          case ColumnKind::real:
            writer->values<double>(k)[row] = absurd ? 1.5 : static_cast<double>(number);
            break;
          case ColumnKind::yes_no:
            writer->values<uint8_t>(k)[row] = number % 2 == 0 ? 1 : 0;
            break;
          case ColumnKind::instant:
            writer->values<int64_t>(k)[row] = absurd ? -9'000'000'000'000 : 1'767'225'600'000 + number * 86'411'003;
            break;
          case ColumnKind::date:
            writer->values<int32_t>(k)[row] = absurd ? 90'000 : static_cast<int32_t>(20'000 + number);
            break;
          default:
            break;
        }
      }
    }
    ASSERT_TRUE(writer->commit(rows));
    ASSERT_TRUE(writer->finish());
    std::optional<Mapping> mapping;
    if (mapped) {
      mapping = some_mapping(random, present);
      ASSERT_TRUE(mapping);
    }
    compare(file, mapping ? &*mapping : nullptr, 128 * 1024, chance(random, 0.05));
    if (HasFatalFailure()) return;
  }
  EXPECT_GT(rows_read_, 20000u);
  EXPECT_GT(rejected_, 2000u);
}

}  // namespace
}  // namespace kept::exchange
