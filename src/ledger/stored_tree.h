#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>

#include "base/result.h"
#include "ledger/database.h"
#include "ledger/ledger.h"
#include "ledger/tree.h"

namespace kept::ledger {

/// What stands in the database of one tree, believed in nothing: for who checks it. Errors of all: io.
class StoredTree {
 public:
  StoredTree(Database& database, TreeName tree) : database_(database), tree_(tree) {}

  /// How many entries there are, and the highest position; none: there is no entry.
  base::Result<uint64_t> count();
  base::Result<std::optional<int64_t>> last_position();
  base::Result<uint64_t> count_nodes();
  /// Visits the entries at positions from `first` to before `end`, in their order.
  using VisitEntry = std::function<base::Status(uint64_t position, std::string_view leaf, std::string_view bytes)>;
  base::Status each(int64_t first, int64_t end, const VisitEntry& visit);
  /// Visits the stored hash of each of these nodes that is there; `which` of them it is.
  using VisitNode = std::function<base::Status(std::size_t which, std::string_view hash)>;
  base::Status read_nodes(std::span<const CompleteNode> nodes, const VisitNode& visit);

 private:
  Database& database_;
  TreeName tree_;
};

/// What the database itself finds wrong with its file, a line each; nothing where it has no such check.
base::Status check_database_file(Database& database, const std::function<void(std::string_view fault)>& visit);

}  // namespace kept::ledger
