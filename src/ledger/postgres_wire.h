#pragma once
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <libpq-fe.h>

#include "ledger/database.h"

namespace kept::ledger::postgres {

struct ClearResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
using Result = std::unique_ptr<PGresult, ClearResult>;

// The object ids of the types that a ledger's statements speak, from PostgreSQL's catalogue; they never change.
inline constexpr Oid type_bool = 16, type_bytes = 17, type_big = 20, type_name = 19, type_small = 21, type_int = 23,
                     type_text = 25, type_oid = 26, type_numeric = 1700;

/// A whole number as the wire has it: the most significant byte first.
inline void put_number(char* out, uint64_t value, int bytes) {
  for (int i = bytes - 1; i >= 0; --i, value >>= 8) out[i] = static_cast<char>(value & 0xff);
}
inline int64_t read_number(const char* at, int bytes) {
  uint64_t value = bytes > 0 && (static_cast<unsigned char>(at[0]) & 0x80) != 0 ? UINT64_MAX : 0;
  for (int i = 0; i < bytes; ++i) value = value << 8 | static_cast<unsigned char>(at[i]);
  return static_cast<int64_t>(value);
}

/// One row of parameters as libpq takes them.
class Parameters {
 public:
  explicit Parameters(const std::vector<Oid>& types);
  /// False when a value is not what the statement wants there.
  bool take(const In* row);
  int count() const { return static_cast<int>(values_.size()); }
  const char* const* values() const { return values_.data(); }
  const int* lengths() const { return lengths_.data(); }
  const int* formats() const { return formats_.data(); }
  std::size_t bytes() const;

 private:
  bool take_number(std::size_t i, int64_t value);
  struct Room {
    char bytes[24];
  };
  const std::vector<Oid>& types_;
  std::vector<const char*> values_;
  std::vector<int> lengths_, formats_;
  std::vector<Room> rooms_;
};

/// One row of a result that came in binary.
class Row : public Answer {
 public:
  explicit Row(const PGresult* result) : result_(result) {}
  void move_to(int row) { row_ = row; }
  bool is_absent(int column) const override { return PQgetisnull(result_, row_, column) != 0; }
  int64_t number(int column) const override;
  std::string_view bytes(int column) const override {
    return {PQgetvalue(result_, row_, column), static_cast<std::size_t>(PQgetlength(result_, row_, column))};
  }

 private:
  const PGresult* result_;
  int row_ = 0;
};

/// What went wrong, without any value: the server's own words only where they cannot quote one.
base::Error refusal(const PGresult* result, std::string_view what);

}  // namespace kept::ledger::postgres
