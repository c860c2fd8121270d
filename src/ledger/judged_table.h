#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ledger/database.h"

namespace kept::ledger {

/// What somebody is owed, as it was last judged. Views live until the call returns.
struct JudgedRow {
  int64_t subject = 0;           ///< the key of a person's or a hearing's name
  int64_t judged_at = 0;         ///< UTC milliseconds, as `next_at`
  int64_t next_at = 0;           ///< when time alone changes it
  bool gap = false;              ///< something cannot be told, because a feed has a gap
  std::string_view obligations;  ///< bytes whose meaning this room does not know
};

/// The table `judged`: a row for each subject. It follows from the facts and can be made again.
/// Errors of all: io.
class JudgedTable {
 public:
  using Visit = std::function<base::Status(const JudgedRow& row)>;
  using VisitOf = std::function<base::Status(std::size_t which, const JudgedRow& row)>;

  explicit JudgedTable(Database& database) : database_(database) {}

  /// Visits those of `subjects` that have a row; `which` of them it is.
  base::Status read(std::span<const int64_t> subjects, const VisitOf& visit);
  /// Visits every row, in no order.
  base::Status each(const Visit& visit);
  /// Adds rows, or puts them in the place of what was there.
  base::Status write(std::span<const JudgedRow> rows);
  /// Changes the obligations only, of a subject that has a row.
  base::Status write_obligations(int64_t subject, std::string_view obligations);
  base::Status drop(std::span<const int64_t> subjects);

  /// Subjects in ascending order: all of them, those whose time has come, those with a gap.
  base::Result<std::vector<int64_t>> subjects();
  base::Result<std::vector<int64_t>> due_by(int64_t as_at);
  base::Result<std::vector<int64_t>> with_gaps();

  struct Sum {
    int64_t last_judged_at = 0;  ///< 0: nothing was judged yet
    uint64_t rows = 0;
  };
  base::Result<Sum> sum();

 private:
  Database& database_;
};

}  // namespace kept::ledger
