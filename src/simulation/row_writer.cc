#include "simulation/row_writer.h"

#include <fmt/format.h>

#include <cassert>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "calendar/local_date.h"
#include "columns/table_writer.h"

namespace kept::simulation {
namespace {

void append_padded(std::string& text, int64_t value, int digits) {
  char buffer[20];
  for (int i = digits - 1; i >= 0; --i) {
    buffer[i] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
  text.append(buffer, static_cast<std::size_t>(digits));
}

/// A text file under a passing name until it is whole.
class TextFile {
 public:
  static base::Result<TextFile> create(const std::string& path) {
    TextFile made;
    made.path_ = path;
    made.file_ = std::fopen((path + ".part").c_str(), "wb");
    if (made.file_ == nullptr) {
      return base::Error{base::ErrorCode::io, fmt::format("{} cannot be written: {}", path, std::strerror(errno))};
    }
    return made;
  }
  TextFile() = default;
  TextFile(TextFile&& other) noexcept
      : path_(std::move(other.path_)), file_(std::exchange(other.file_, nullptr)), buffer_(std::move(other.buffer_)) {}
  TextFile& operator=(TextFile&&) = delete;
  ~TextFile() {
    if (file_ == nullptr) return;
    std::fclose(file_);
    std::remove((path_ + ".part").c_str());
  }

  std::string& buffer() { return buffer_; }
  void spill() {
    if (buffer_.size() < 1 << 18) return;
    write_out();
  }
  base::Status finish() {
    write_out();
    failed_ = std::fclose(std::exchange(file_, nullptr)) != 0 || failed_;
    if (failed_) {
      std::remove((path_ + ".part").c_str());
      return base::Error{base::ErrorCode::io, fmt::format("{} could not be written whole: is the disk full?", path_)};
    }
    std::error_code error;
    std::filesystem::rename(path_ + ".part", path_, error);
    if (error)
      return base::Error{base::ErrorCode::io, fmt::format("{} cannot be put in its place: {}", path_, error.message())};
    return base::Done{};
  }

 private:
  void write_out() {
    failed_ = std::fwrite(buffer_.data(), 1, buffer_.size(), file_) != buffer_.size() || failed_;
    buffer_.clear();
  }

  std::string path_;
  std::FILE* file_ = nullptr;
  std::string buffer_;
  bool failed_ = false;
};

class CsvWriter : public RowWriter {
 public:
  CsvWriter(TextFile file, std::vector<RowColumn> columns) : file_(std::move(file)), columns_(std::move(columns)) {
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (i > 0) file_.buffer() += ',';
      file_.buffer() += columns_[i].name;
    }
    file_.buffer() += '\n';
  }
  void text(std::size_t column, std::string_view value) override {
    // Names, words and numbers only: nothing here ever needs quotes.
    assert(value.find_first_of(",\"\r\n") == std::string_view::npos);
    reach(column);
    file_.buffer() += value;
  }
  void word(std::size_t column, std::size_t place) override { text(column, columns_[column].words[place]); }
  void number(std::size_t column, int64_t value) override {
    reach(column);
    const fmt::format_int digits(value);
    file_.buffer().append(digits.data(), digits.size());
  }
  void yes_no(std::size_t column, bool value) override { text(column, value ? "yes" : "no"); }
  void instant(std::size_t column, int64_t at_ms) override {
    reach(column);
    append_instant(file_.buffer(), at_ms);
  }
  void end_row() override {
    reach(columns_.size() - 1);
    file_.buffer() += '\n';
    at_ = 0;
    file_.spill();
  }
  base::Status finish() override { return file_.finish(); }

 private:
  void reach(std::size_t column) {
    assert(column >= at_ && column < columns_.size());
    file_.buffer().append(column - at_, ',');
    at_ = column;
  }

  TextFile file_;
  std::vector<RowColumn> columns_;
  std::size_t at_ = 0;
};

class JsonWriter : public RowWriter {
 public:
  JsonWriter(TextFile file, std::vector<RowColumn> columns) : file_(std::move(file)), columns_(std::move(columns)) {}
  void text(std::size_t column, std::string_view value) override {
    begin(column);
    file_.buffer() += '"';
    file_.buffer() += value;
    file_.buffer() += '"';
  }
  void word(std::size_t column, std::size_t place) override { text(column, columns_[column].words[place]); }
  void number(std::size_t column, int64_t value) override {
    begin(column);
    const bool name = columns_[column].kind == RowColumn::Kind::reference;
    if (name) file_.buffer() += '"';
    const fmt::format_int digits(value);
    file_.buffer().append(digits.data(), digits.size());
    if (name) file_.buffer() += '"';
  }
  void yes_no(std::size_t column, bool value) override {
    begin(column);
    file_.buffer() += value ? "true" : "false";
  }
  void instant(std::size_t column, int64_t at_ms) override {
    begin(column);
    file_.buffer() += '"';
    append_instant(file_.buffer(), at_ms);
    file_.buffer() += '"';
  }
  void end_row() override {
    file_.buffer() += open_ ? "}\n" : "{}\n";
    open_ = false;
    file_.spill();
  }
  base::Status finish() override { return file_.finish(); }

 private:
  void begin(std::size_t column) {
    file_.buffer() += open_ ? ",\"" : "{\"";
    open_ = true;
    file_.buffer() += columns_[column].name;
    file_.buffer() += "\":";
  }

  TextFile file_;
  std::vector<RowColumn> columns_;
  bool open_ = false;
};

class ParquetWriter : public RowWriter {
 public:
  ParquetWriter(columns::TableWriter writer, std::vector<RowColumn> columns)
      : writer_(std::move(writer)), columns_(std::move(columns)) {
    for (std::size_t i = 0; i < columns_.size(); ++i)
      if (!columns_[i].detail) first_detail_ = i + 1;
  }
  void text(std::size_t column, std::string_view value) override {
    if (column >= first_detail_) return add_detail(column, value, true);
    writer_.set_text(column, row_, value);
  }
  void word(std::size_t column, std::size_t place) override { put(column, static_cast<uint16_t>(place)); }
  void number(std::size_t column, int64_t value) override {
    const bool name = columns_[column].kind == RowColumn::Kind::reference;
    if (column >= first_detail_) {
      const fmt::format_int digits(value);
      add_detail(column, {digits.data(), digits.size()}, name);
    } else if (name) {
      put(column, static_cast<uint32_t>(value));
    } else {
      put(column, value);
    }
  }
  void yes_no(std::size_t column, bool value) override {
    if (column >= first_detail_) return add_detail(column, value ? "true" : "false", false);
    put(column, static_cast<uint8_t>(value ? 1 : 0));
  }
  void instant(std::size_t column, int64_t at_ms) override { put(column, at_ms); }
  void end_row() override {
    if (!detail_.empty()) writer_.set_text(first_detail_, row_, detail_ += '}');
    detail_.clear();
    if (++row_ == columns::TableWriter::batch_rows) flush();
  }
  base::Status finish() override {
    if (row_ > 0) flush();
    if (!status_.ok()) return status_;
    return writer_.finish();
  }

 private:
  /// Names, words and numbers only: nothing here ever needs escaping.
  void add_detail(std::size_t column, std::string_view value, bool quoted) {
    detail_ += detail_.empty() ? "{\"" : ",\"";
    detail_ += columns_[column].name;
    detail_ += quoted ? "\":\"" : "\":";
    detail_ += value;
    if (quoted) detail_ += '"';
  }
  template <class T>
  void put(std::size_t column, T value) {
    assert(column < first_detail_);
    writer_.values<T>(column)[row_] = value;
    writer_.set_present(column, row_);
  }
  void flush() {
    if (status_.ok()) status_ = writer_.commit(row_);
    row_ = 0;
  }

  columns::TableWriter writer_;
  std::vector<RowColumn> columns_;
  std::size_t first_detail_ = 0;  ///< the column from which all stand in one
  std::string detail_;            ///< of the row
  std::size_t row_ = 0;
  base::Status status_ = base::Done{};
};

}  // namespace

void append_date(std::string& text, int32_t days) {
  const calendar::YearMonthDay day = calendar::year_month_day({days});
  append_padded(text, day.year, 4);
  text += '-';
  append_padded(text, day.month, 2);
  text += '-';
  append_padded(text, day.day, 2);
}

void append_instant(std::string& text, int64_t at_ms) {
  constexpr int64_t day = 24 * 60 * 60 * 1000;
  int64_t days = at_ms / day, rest = at_ms % day;
  if (rest < 0) {
    rest += day;
    --days;
  }
  append_date(text, static_cast<int32_t>(days));
  text += 'T';
  append_padded(text, rest / 3600000, 2);
  text += ':';
  append_padded(text, rest / 60000 % 60, 2);
  text += ':';
  append_padded(text, rest / 1000 % 60, 2);
  if (rest % 1000 != 0) {
    text += '.';
    append_padded(text, rest % 1000, 3);
  }
  text += 'Z';
}

base::Result<std::unique_ptr<RowWriter>> RowWriter::open(const std::string& path, std::vector<RowColumn> columns) {
  if (path.ends_with(".parquet")) {
    std::vector<columns::ColumnPlan> plan;
    bool any_detail = false;
    for (const RowColumn& column : columns) {
      any_detail = any_detail || column.detail;
      if (column.detail) continue;
      columns::ColumnKind kind = columns::ColumnKind::text;
      if (column.kind == RowColumn::Kind::number) kind = columns::ColumnKind::int64;
      if (column.kind == RowColumn::Kind::yes_no) kind = columns::ColumnKind::yes_no;
      if (column.kind == RowColumn::Kind::instant) kind = columns::ColumnKind::instant;
      if (column.kind == RowColumn::Kind::reference) kind = columns::ColumnKind::uint32;
      if (column.kind == RowColumn::Kind::word) kind = columns::ColumnKind::word;
      plan.push_back({column.name, kind, column.words, true});
    }
    if (any_detail) plan.push_back({"detail", columns::ColumnKind::text, {}, true});
    auto writer = columns::TableWriter::open(path, std::move(plan));
    if (!writer) return writer.error();
    return std::unique_ptr<RowWriter>(new ParquetWriter(std::move(writer).value(), std::move(columns)));
  }
  if (path.ends_with(".csv") || path.ends_with(".jsonl")) {
    auto file = TextFile::create(path);
    if (!file) return file.error();
    if (path.ends_with(".csv"))
      return std::unique_ptr<RowWriter>(new CsvWriter(std::move(file).value(), std::move(columns)));
    return std::unique_ptr<RowWriter>(new JsonWriter(std::move(file).value(), std::move(columns)));
  }
  return base::Error{base::ErrorCode::unsupported,
                     fmt::format("{}: the name must end in .parquet, .csv or .jsonl", path)};
}

}  // namespace kept::simulation
