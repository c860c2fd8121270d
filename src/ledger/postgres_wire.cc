#include "ledger/postgres_wire.h"

#include <fmt/format.h>

#include <cassert>
#include <limits>

namespace kept::ledger::postgres {
namespace {

/// SUM over a bigint is a numeric: digits to the base of 10,000, the first of them worth 10,000^weight.
int64_t whole_of_numeric(const char* at, int length) {
  assert(length >= 8);
  const int64_t digits = read_number(at, 2), weight = read_number(at + 2, 2);
  assert(length == 8 + 2 * digits && weight < 5);
  const bool is_negative = read_number(at + 4, 2) == 0x4000;
  int64_t value = 0;
  for (int64_t i = 0; i <= weight; ++i) value = value * 10'000 + (i < digits ? read_number(at + 8 + 2 * i, 2) : 0);
  return is_negative ? -value : value;
}

std::string_view field(const PGresult* result, int which) {
  const char* text = PQresultErrorField(result, which);
  return text == nullptr ? std::string_view() : std::string_view(text);
}

/// Classes of SQLSTATE whose words name roles, tables, columns and files, and never a value.
bool may_be_quoted(std::string_view state) {
  static constexpr std::string_view classes[] = {"08", "25", "28", "3D", "3F", "40", "42",
                                                 "53", "54", "55", "57", "58", "XX"};
  for (const std::string_view one : classes)
    if (state.substr(0, 2) == one) return true;
  return false;
}

}  // namespace

Parameters::Parameters(const std::vector<Oid>& types)
    : types_(types), values_(types.size()), lengths_(types.size()), formats_(types.size(), 1), rooms_(types.size()) {}

bool Parameters::take(const In* row) {
  for (std::size_t i = 0; i < types_.size(); ++i) {
    const In& value = row[i];
    if (std::holds_alternative<std::monostate>(value)) {
      values_[i] = nullptr;
      lengths_[i] = 0;
      continue;
    }
    if (const auto* number = std::get_if<int64_t>(&value)) {
      if (!take_number(i, *number)) return false;
      continue;
    }
    const auto* text = std::get_if<std::string_view>(&value);
    const std::string_view bytes = text != nullptr ? *text : std::get<Bytes>(value).view;
    const bool fits = text != nullptr ? types_[i] == type_text || types_[i] == type_name : types_[i] == type_bytes;
    if (!fits) return false;
    if (bytes.size() > std::size_t{std::numeric_limits<int>::max()}) return false;
    values_[i] = bytes.data() == nullptr ? "" : bytes.data();
    lengths_[i] = static_cast<int>(bytes.size());
  }
  return true;
}

bool Parameters::take_number(std::size_t i, int64_t value) {
  int size = 0;
  if (types_[i] == type_big) size = 8;
  if (types_[i] == type_int && value == static_cast<int32_t>(value)) size = 4;
  if (types_[i] == type_small && value == static_cast<int16_t>(value)) size = 2;
  if (size == 0) return false;
  put_number(rooms_[i].bytes, static_cast<uint64_t>(value), size);
  values_[i] = rooms_[i].bytes;
  lengths_[i] = size;
  return true;
}

std::size_t Parameters::bytes() const {
  std::size_t all = 0;
  for (const int length : lengths_) all += static_cast<std::size_t>(length) + 8;
  return all;
}

int64_t Row::number(int column) const {
  if (is_absent(column)) return 0;
  const char* at = PQgetvalue(result_, row_, column);
  const int length = PQgetlength(result_, row_, column);
  const Oid type = PQftype(result_, column);
  if (type == type_numeric) return whole_of_numeric(at, length);
  if (type == type_bool) return at[0] != 0 ? 1 : 0;
  if (type == type_oid) return read_number(at, 4) & 0xffffffff;
  assert(type == type_big || type == type_int || type == type_small);
  return read_number(at, length);
}

base::Error refusal(const PGresult* result, std::string_view what) {
  const std::string_view state = field(result, PG_DIAG_SQLSTATE);
  std::string message = fmt::format("{}: ", what);
  if (state == "23505") message += "a row with this key is there already";
  if (may_be_quoted(state)) message += field(result, PG_DIAG_MESSAGE_PRIMARY);
  if (const auto table = field(result, PG_DIAG_TABLE_NAME); !table.empty()) message += fmt::format(", table {}", table);
  if (const auto name = field(result, PG_DIAG_CONSTRAINT_NAME); !name.empty())
    message += fmt::format(", constraint {}", name);
  message += fmt::format(" (SQLSTATE {})", state.empty() ? "unknown" : state);
  return {base::ErrorCode::io, std::move(message)};
}

}  // namespace kept::ledger::postgres
