#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

namespace kept::ledger {

/// Bytes, as opposed to text: the two are different types to a database.
struct Bytes {
  std::string_view view;
};
/// A value on its way in: absent, a number, text, or bytes. Views live until the call returns.
using In = std::variant<std::monostate, int64_t, std::string_view, Bytes>;

/// One row of an answer; views live until the visitor returns. Precondition: the column holds a value of that type.
class Answer {
 public:
  virtual ~Answer() = default;
  virtual bool is_absent(int column) const = 0;
  virtual int64_t number(int column) const = 0;
  virtual std::string_view bytes(int column) const = 0;  ///< text, too
};

/// One statement, the same on every database: parameters are `$1`, `$2`, ... in the order of their first appearance.
/// Made once, static; its address names it, so that a database prepares it once.
struct Statement {
  const char* text;
};

/// The little that a ledger wants of a database, so that one ledger stands on two. Not safe for several threads: each
/// has its own connection. Every call may fail with io (the database refused; the message says what, never a value).
class Database {
 public:
  virtual ~Database() = default;
  /// `read_only`: a snapshot that stays as it was when first read, until `roll_back` or `commit`.
  virtual base::Status begin(bool read_only) = 0;
  /// When this returns Done, the transaction survives a power cut. When it does not, nobody knows: open anew and look.
  virtual base::Status commit() = 0;
  virtual base::Status roll_back() = 0;
  virtual bool is_in_transaction() const = 0;

  /// Runs the statement once for each row of `parameters`, which are `width` apart; none: once, without parameters.
  virtual base::Status run(const Statement& statement, std::span<const In> parameters, std::size_t width) = 0;
  base::Status run(const Statement& statement, std::initializer_list<In> parameters) {
    return run(statement, std::span(parameters.begin(), parameters.size()), parameters.size());
  }
  base::Status run(const Statement& statement) { return run(statement, std::span<const In>(), 0); }

  /// Asks once for each row of `parameters`; `visit(which, row)` for every row of the answer to row number `which`.
  using Visit = std::function<base::Status(std::size_t which, const Answer& row)>;
  virtual base::Status ask(const Statement& statement, std::span<const In> parameters, std::size_t width,
                           const Visit& visit) = 0;
  base::Status ask(const Statement& statement, std::initializer_list<In> parameters, const Visit& visit) {
    return ask(statement, std::span(parameters.begin(), parameters.size()), parameters.size(), visit);
  }

  /// Adds many rows to a table by the quickest way there is. `columns`: `a, b, c`; as many values a row as columns.
  virtual base::Status insert(const char* table, const char* columns, std::span<const In> values,
                              std::size_t width) = 0;

  /// Several statements as text, for migrations only. `{bytes}`, `{number}` and `{text}` stand for the database's own
  /// names of these types, `{sqlite: ...}` and `{postgres: ...}` for what only one of them is given.
  virtual base::Status run_script(std::string_view script) = 0;
  /// How long the database's own files or tables are, in bytes.
  virtual base::Result<uint64_t> size_bytes() = 0;
  /// `sqlite` or `postgres`.
  virtual const char* kind() const = 0;
};

}  // namespace kept::ledger
