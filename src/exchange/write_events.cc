#include "exchange/write_events.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

#include "columns/table_writer.h"
#include "exchange/packed_details.h"

namespace kept::exchange {
namespace {

using model::EventTable;
using model::FieldKind;
using model::Moment;
using model::Precision;

constexpr int64_t ms_in_day = 86'400'000;

/// Instants as text, quickly: events come in order of time, so that the date is mostly the last one's.
class InstantText {
 public:
  void append(std::string& out, int64_t at_ms) {
    int64_t day = at_ms / ms_in_day;
    int64_t rest = at_ms % ms_in_day;
    if (rest < 0) {
      rest += ms_in_day;
      --day;
    }
    if (day != day_) {
      day_ = day;
      date_ = calendar::to_string(calendar::LocalDate{static_cast<int32_t>(day)});
    }
    out += date_;
    std::array<char, 14> text{'T', '0', '0', ':', '0', '0', ':', '0', '0', '.', '0', '0', '0', 'Z'};
    const auto two = [&](std::size_t at, int64_t value) {
      text[at] = static_cast<char>('0' + value / 10);
      text[at + 1] = static_cast<char>('0' + value % 10);
    };
    two(1, rest / 3'600'000);
    two(4, rest / 60'000 % 60);
    two(7, rest / 1000 % 60);
    const int64_t thousandths = rest % 1000;
    if (thousandths == 0) {
      text[9] = 'Z';
      out.append(text.data(), 10);
    } else {
      text[10] = static_cast<char>('0' + thousandths / 100);
      two(11, thousandths % 100);
      out.append(text.data(), 14);
    }
  }
  void append(std::string& out, const Moment& moment) {
    if (moment.precision == Precision::instant) {
      append(out, moment.lo_ms);
    } else {
      out += model::to_string(moment);
    }
  }

 private:
  int64_t day_ = INT64_MIN;
  std::string date_;
};

/// Which columns anybody uses.
struct Use {
  bool id = false, source = false, crime = false, urn = false, participant = false, suspect = false, hearing = false;
  bool known = false, recorded = false, agency = false, corrects = false, retracts = false;
  bool only_instants = true, known_instants = true;
  std::vector<std::string> keys;
  std::vector<uint16_t> fields;
  std::vector<int32_t> key_of_type;  ///< by type: index into keys, or -1
};

Use use_of(const EventTable& table) {
  Use use;
  const auto& vocabulary = table.vocabulary();
  std::vector<uint8_t> field(vocabulary.fields().size(), 0);
  std::vector<uint8_t> type_has_key(vocabulary.types().size(), 0);
  for (uint32_t row = 0; row < table.size(); ++row) {
    use.id = use.id || !table.given_id(row).empty();
    use.source = use.source || table.source(row) != 0;
    use.crime = use.crime || table.crime(row) != 0;
    use.urn = use.urn || table.urn(row) != 0;
    use.participant = use.participant || table.participant(row) != 0;
    use.suspect = use.suspect || table.suspect(row) != 0;
    use.hearing = use.hearing || table.hearing(row) != 0;
    use.agency = use.agency || table.agency(row) != 0;
    use.recorded = use.recorded || !table.recorded_assumed(row);
    use.corrects = use.corrects || !table.corrects(row).empty();
    use.retracts = use.retracts || !table.retracts(row).empty();
    use.only_instants = use.only_instants && table.precision(row) == Precision::instant;
    if (table.has_known(row)) {
      use.known = true;
      use.known_instants = use.known_instants && table.known(row).precision == Precision::instant;
    }
    if (table.key(row) != 0) type_has_key[vocabulary.type_index(table.code(row))] = 1;
    for (const model::DetailValue value : table.detail(row)) field[value.field] = 1;
    const auto& type = vocabulary.type_of(table.code(row));
    if (type.distinguished_by >= 0 && table.code(row) != type.first_code)
      field[static_cast<std::size_t>(type.distinguished_by)] = 1;
  }
  for (uint16_t i = 0; i < field.size(); ++i) {
    if (field[i] != 0) use.fields.push_back(i);
  }
  use.key_of_type.assign(vocabulary.types().size(), -1);
  for (std::size_t i = 0; i < type_has_key.size(); ++i) {
    if (type_has_key[i] == 0) continue;
    const std::string& key = vocabulary.types()[i].key;
    const auto found = std::find(use.keys.begin(), use.keys.end(), key);
    use.key_of_type[i] = static_cast<int32_t>(found - use.keys.begin());
    if (found == use.keys.end()) use.keys.push_back(key);
  }
  return use;
}

std::string field_text(const EventTable& table, const model::Field& field, int64_t value) {
  switch (field.kind) {
    case FieldKind::yes_no:
      return value != 0 ? "yes" : "no";
    case FieldKind::number:
      return std::to_string(value);
    case FieldKind::word:
      return field.words[static_cast<std::size_t>(value)];
    case FieldKind::code:
      return table.codes.name(static_cast<uint32_t>(value));
    case FieldKind::date:
      return model::to_string(table.moment(value));
    case FieldKind::text:
      break;
  }
  return {};
}

base::Error cannot_write(const std::string& path) {
  return base::Error{base::ErrorCode::io, fmt::format("{}: cannot be written: {}", path, std::strerror(errno))};
}

/// A file that appears under its name when it is whole.
class TextFile {
 public:
  explicit TextFile(std::string path)
      : path_(std::move(path)), unfinished_(fmt::format("{}.{}.unfinished", path_, getpid())) {}
  ~TextFile() {
    if (file_ == nullptr) return;
    std::fclose(file_);
    std::remove(unfinished_.c_str());
  }
  base::Status open() {
    file_ = std::fopen(unfinished_.c_str(), "wb");
    return file_ == nullptr ? base::Status(cannot_write(path_)) : base::Status(base::Done{});
  }
  /// The buffer to append to; written out by `flow` when it is long.
  std::string& out() { return out_; }
  base::Status flow(std::size_t keep = 1 << 20) {
    if (out_.size() <= keep) return base::Done{};
    if (std::fwrite(out_.data(), 1, out_.size(), file_) != out_.size()) return cannot_write(path_);
    out_.clear();
    return base::Done{};
  }
  base::Status finish() {
    const base::Status flowed = flow(0);
    if (!flowed) return flowed;
    const bool closed = std::fclose(file_) == 0;
    file_ = nullptr;
    if (!closed || std::rename(unfinished_.c_str(), path_.c_str()) != 0) return cannot_write(path_);
    return base::Done{};
  }

 private:
  std::string path_, unfinished_;
  std::FILE* file_ = nullptr;
  std::string out_;
};

/// One column of text output: its name and how a row's value is appended (nothing appended: absent).
struct TextColumn {
  std::string name;
  bool is_detail = false;
  bool plain_json = false;  ///< a number or true/false in JSON
};

/// Calls `put(column, text)` for every value of a row, columns ascending.
class RowWriter {
 public:
  RowWriter(const EventTable& table, Use use) : table_(table), use_(std::move(use)) {
    const auto add = [&](bool used, const char* name) {
      if (used) columns_.push_back({name, false, false});
    };
    add(use_.id, "id");
    add(use_.source, "source");
    add(true, "type");
    add(use_.crime, "crime");
    add(use_.urn, "urn");
    add(use_.participant, "participant");
    add(use_.suspect, "suspect");
    add(use_.hearing, "hearing");
    for (const auto& key : use_.keys) columns_.push_back({key, false, false});
    add(true, "occurred_at");
    add(use_.known, "known_at");
    add(use_.recorded, "recorded_at");
    add(use_.agency, "agency");
    add(use_.corrects, "corrects");
    add(use_.retracts, "retracts");
    for (const uint16_t field : use_.fields) {
      columns_.push_back({table.vocabulary().fields()[field].name, true,
                          table.vocabulary().fields()[field].kind == FieldKind::number});
    }
  }
  const std::vector<TextColumn>& columns() const { return columns_; }

  template <class Put>
  void row(uint32_t row, const Put& put) {
    std::size_t column = 0;
    const auto name = [&](bool used, const model::Symbols& symbols, uint32_t code) {
      if (!used) return;
      if (code != 0) put(column, symbols.name(code));
      ++column;
    };
    const auto text = [&](bool used, std::string_view value) {
      if (!used) return;
      if (!value.empty()) put(column, value);
      ++column;
    };
    const auto& vocabulary = table_.vocabulary();
    const auto& type = vocabulary.type_of(table_.code(row));
    text(use_.id, table_.given_id(row));
    name(use_.source, table_.sources, table_.source(row));
    text(true, type.name);
    name(use_.crime, table_.crimes, table_.crime(row));
    name(use_.urn, table_.urns, table_.urn(row));
    name(use_.participant, table_.participants, table_.participant(row));
    name(use_.suspect, table_.suspects, table_.suspect(row));
    name(use_.hearing, table_.hearings, table_.hearing(row));
    if (!use_.keys.empty()) {
      const int32_t key = use_.key_of_type[vocabulary.type_index(table_.code(row))];
      if (key >= 0 && table_.key(row) != 0)
        put(column + static_cast<std::size_t>(key), table_.keys.name(table_.key(row)));
      column += use_.keys.size();
    }
    const auto moment = [&](bool used, bool present, const Moment& value) {
      if (!used) return;
      if (present) {
        time_.clear();
        instants_.append(time_, value);
        put(column, time_);
      }
      ++column;
    };
    moment(true, true, table_.occurred(row));
    moment(use_.known, table_.has_known(row), table_.has_known(row) ? table_.known(row) : Moment());
    moment(use_.recorded, !table_.recorded_assumed(row), Moment::instant(table_.recorded_at(row)));
    name(use_.agency, table_.agencies, table_.agency(row));
    text(use_.corrects, table_.corrects(row));
    text(use_.retracts, table_.retracts(row));
    if (use_.fields.empty()) return;
    const bool worded = type.distinguished_by >= 0 && table_.code(row) != type.first_code;
    if (table_.detail(row).empty() && !worded) return;
    for (const uint16_t field : use_.fields) {
      int64_t value = 0;
      if (table_.detail_value(row, field, &value)) put(column, field_text(table_, vocabulary.fields()[field], value));
      ++column;
    }
  }

 private:
  const EventTable& table_;
  Use use_;
  std::vector<TextColumn> columns_;
  InstantText instants_;
  std::string time_;
};

void csv_text(std::string& out, std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
    out += text;
    return;
  }
  out += '"';
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

base::Status write_csv(const EventTable& table, const std::string& path) {
  RowWriter writer(table, use_of(table));
  TextFile file(path);
  const base::Status opened = file.open();
  if (!opened) return opened;
  const std::size_t width = writer.columns().size();
  for (std::size_t i = 0; i < width; ++i) file.out() += (i == 0 ? "" : ",") + writer.columns()[i].name;
  file.out() += '\n';
  for (uint32_t row = 0; row < table.size(); ++row) {
    std::string& out = file.out();
    std::size_t at = 0;
    writer.row(row, [&](std::size_t column, std::string_view text) {
      for (; at < column; ++at) out += ',';
      csv_text(out, text);
    });
    for (; at + 1 < width; ++at) out += ',';
    out += '\n';
    const base::Status flowed = file.flow();
    if (!flowed) return flowed;
  }
  return file.finish();
}

base::Status write_jsonl(const EventTable& table, const std::string& path) {
  RowWriter writer(table, use_of(table));
  TextFile file(path);
  const base::Status opened = file.open();
  if (!opened) return opened;
  const auto& columns = writer.columns();
  for (uint32_t row = 0; row < table.size(); ++row) {
    std::string& out = file.out();
    out += '{';
    bool in_detail = false;
    bool first = true;
    writer.row(row, [&](std::size_t column, std::string_view text) {
      if (!first) out += ',';
      first = false;
      if (columns[column].is_detail && !in_detail) {
        out += "\"detail\":{";
        in_detail = true;
      }
      append_json_text(out, columns[column].name);
      out += ':';
      if (columns[column].plain_json) {
        out += text;
      } else {
        append_json_text(out, text);
      }
    });
    if (in_detail) out += '}';
    out += "}\n";
    const base::Status flowed = file.flow();
    if (!flowed) return flowed;
  }
  return file.finish();
}

/// True when every name is a number that a reader turns back into the same name.
bool all_numbers(const model::Symbols& symbols) {
  for (uint32_t code = 1; code < symbols.size(); ++code) {
    const std::string name = symbols.name(code);
    if (name.size() > 9 || name.find_first_not_of("0123456789") != std::string::npos ||
        (name.size() > 1 && name[0] == '0'))
      return false;
  }
  return symbols.size() > 1;
}

/// A column of names: numbers where all are, words where they are few, else text.
class NameColumn {
 public:
  NameColumn(const char* name, const model::Symbols& symbols)
      : symbols_(symbols), plan_{name, columns::ColumnKind::text, {}} {
    if (all_numbers(symbols)) {
      plan_.kind = columns::ColumnKind::uint32;
      for (uint32_t code = 0; code < symbols.size(); ++code)
        number_.push_back(code == 0 ? 0 : static_cast<uint32_t>(std::stoul(symbols.name(code))));
    } else if (symbols.size() > 1 && symbols.size() <= 4096) {
      plan_.kind = columns::ColumnKind::word;
      for (uint32_t code = 1; code < symbols.size(); ++code) plan_.words.push_back(symbols.name(code));
    }
  }
  const columns::ColumnPlan& plan() const { return plan_; }
  void put(columns::TableWriter& writer, std::size_t column, std::size_t at, uint32_t code) const {
    if (code == 0) return writer.set_absent(column, at);
    switch (plan_.kind) {
      case columns::ColumnKind::uint32:
        writer.values<uint32_t>(column)[at] = number_[code];
        break;
      case columns::ColumnKind::word:
        writer.values<uint16_t>(column)[at] = static_cast<uint16_t>(code - 1);
        break;
      default:
        writer.set_text(column, at, symbols_.name(code));
    }
  }

 private:
  const model::Symbols& symbols_;
  columns::ColumnPlan plan_;
  std::vector<uint32_t> number_;
};

base::Status write_parquet(const EventTable& table, const std::string& path) {
  using columns::ColumnKind;
  const Use use = use_of(table);
  const auto& vocabulary = table.vocabulary();
  std::vector<columns::ColumnPlan> plans;
  // Every column says how a row is put into it.
  std::vector<std::function<void(columns::TableWriter&, std::size_t, std::size_t, uint32_t)>> puts;
  const auto add = [&](columns::ColumnPlan plan, auto put) {
    plans.push_back(std::move(plan));
    puts.emplace_back(std::move(put));
  };
  using Writer = columns::TableWriter;
  const auto text = [&](bool used, const char* name, auto value) {
    if (!used) return;
    add({name, ColumnKind::text, {}}, [value](Writer& writer, std::size_t column, std::size_t at, uint32_t row) {
      const std::string_view found = value(row);
      if (found.empty()) {
        writer.set_absent(column, at);
      } else {
        writer.set_text(column, at, found);
      }
    });
  };
  const auto name = [&](bool used, const char* called, const model::Symbols& symbols, auto code) {
    if (!used) return;
    const auto names = std::make_shared<const NameColumn>(called, symbols);
    add(names->plan(), [names, code](Writer& writer, std::size_t column, std::size_t at, uint32_t row) {
      names->put(writer, column, at, code(row));
    });
  };
  const auto moment = [&](bool used, const char* called, bool instants, auto present, auto value) {
    if (!used) return;
    add({called, instants ? ColumnKind::instant : ColumnKind::text, {}},
        [instants, present, value](Writer& writer, std::size_t column, std::size_t at, uint32_t row) {
          if (!present(row)) {
            writer.set_absent(column, at);
          } else if (instants) {
            writer.values<int64_t>(column)[at] = value(row).lo_ms;
          } else {
            writer.set_text(column, at, model::to_string(value(row)));
          }
        });
  };
  text(use.id, "id", [&](uint32_t row) { return table.given_id(row); });
  name(use.source, "source", table.sources, [&](uint32_t row) { return table.source(row); });
  columns::ColumnPlan types{"type", ColumnKind::word, {}};
  for (const auto& type : vocabulary.types()) types.words.push_back(type.name);
  add(types, [&](Writer& writer, std::size_t column, std::size_t at, uint32_t row) {
    writer.values<uint16_t>(column)[at] = vocabulary.type_index(table.code(row));
  });
  name(use.crime, "crime", table.crimes, [&](uint32_t row) { return table.crime(row); });
  name(use.urn, "urn", table.urns, [&](uint32_t row) { return table.urn(row); });
  name(use.participant, "participant", table.participants, [&](uint32_t row) { return table.participant(row); });
  name(use.suspect, "suspect", table.suspects, [&](uint32_t row) { return table.suspect(row); });
  name(use.hearing, "hearing", table.hearings, [&](uint32_t row) { return table.hearing(row); });
  // A column has one type: what is known only by its date, month or year stands in another.
  const auto is_instant = [&](uint32_t row) { return table.precision(row) == Precision::instant; };
  const auto occurred = [&](uint32_t row) { return table.occurred(row); };
  moment(true, "occurred_at", true, is_instant, occurred);
  moment(!use.only_instants, "occurred_on", false, [=](uint32_t row) { return !is_instant(row); }, occurred);
  moment(
      use.known, "known_at", use.known_instants, [&](uint32_t row) { return table.has_known(row); },
      [&](uint32_t row) { return table.known(row); });
  moment(
      use.recorded, "recorded_at", true, [&](uint32_t row) { return !table.recorded_assumed(row); },
      [&](uint32_t row) { return Moment::instant(table.recorded_at(row)); });
  name(use.agency, "agency", table.agencies, [&](uint32_t row) { return table.agency(row); });
  text(use.corrects, "corrects", [&](uint32_t row) { return table.corrects(row); });
  text(use.retracts, "retracts", [&](uint32_t row) { return table.retracts(row); });
  // One column for all keys and fields: few rows have any one of them, and dozens of nearly empty columns are slow to
  // read.
  if (!use.keys.empty() || !use.fields.empty()) {
    auto object = std::make_shared<std::string>();
    add({"detail", ColumnKind::text, {}}, [&, object](Writer& writer, std::size_t column, std::size_t at,
                                                      uint32_t row) {
      object->clear();
      const int32_t key = use.key_of_type[vocabulary.type_index(table.code(row))];
      if (key >= 0 && table.key(row) != 0)
        pack_detail(*object, use.keys[static_cast<std::size_t>(key)], table.keys.name(table.key(row)));
      for (const uint16_t field : use.fields) {
        int64_t value = 0;
        if (table.detail_value(row, field, &value))
          pack_detail(*object, vocabulary.fields()[field].name, field_text(table, vocabulary.fields()[field], value));
      }
      if (object->empty()) return writer.set_absent(column, at);
      writer.set_text(column, at, *object += '}');
    });
  }
  auto writer = columns::TableWriter::open(path, plans);
  if (!writer) return writer.error();
  std::size_t at = 0;
  for (uint32_t row = 0; row < table.size(); ++row) {
    for (std::size_t column = 0; column < puts.size(); ++column) puts[column](*writer, column, at, row);
    if (++at == columns::TableWriter::batch_rows) {
      const base::Status done = writer->commit(at);
      if (!done) return done;
      at = 0;
    }
  }
  const base::Status done = writer->commit(at);
  if (!done) return done;
  return writer->finish();
}

}  // namespace

base::Status write_events(const EventTable& table, const std::string& path) {
  std::error_code failed;
  const auto folder = std::filesystem::absolute(path, failed).parent_path();
  if (failed || !std::filesystem::is_directory(folder, failed)) {
    return base::Error{base::ErrorCode::io, fmt::format("{}: the folder does not exist; make it first", path)};
  }
  if (path.ends_with(".csv")) return write_csv(table, path);
  if (path.ends_with(".jsonl")) return write_jsonl(table, path);
  if (path.ends_with(".parquet")) return write_parquet(table, path);
  return base::Error{base::ErrorCode::unsupported,
                     fmt::format("{}: events are written as .csv, .jsonl or .parquet", path)};
}

}  // namespace kept::exchange
