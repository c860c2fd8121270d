#include "ledger/stored_tree.h"

#include "ledger/ask_numbers.h"

namespace kept::ledger {
namespace {

// Of facts, and of the audit.
constexpr Statement count_entries[] = {{"SELECT COUNT(*) FROM fact"}, {"SELECT COUNT(*) FROM audit"}};
constexpr Statement last_entry[] = {{"SELECT MAX(position) FROM fact"}, {"SELECT MAX(position) FROM audit"}};
constexpr Statement read_entries[] = {
    {"SELECT position, leaf, bytes FROM fact WHERE position >= $1 AND position < $2 ORDER BY position"},
    {"SELECT position, leaf, bytes FROM audit WHERE position >= $1 AND position < $2 ORDER BY position"}};
constexpr Statement read_node{"SELECT hash FROM node WHERE tree = $1 AND level = $2 AND number = $3"};
constexpr Statement count_of_nodes{"SELECT COUNT(*) FROM node WHERE tree = $1"};
constexpr Statement check_sqlite{"PRAGMA integrity_check(20)"};

std::size_t index_of(TreeName tree) { return static_cast<std::size_t>(tree); }

}  // namespace

base::Result<uint64_t> StoredTree::count() {
  const auto number = ask_number(database_, count_entries[index_of(tree_)], {});
  if (!number) return number.error();
  return static_cast<uint64_t>(*number);
}

base::Result<std::optional<int64_t>> StoredTree::last_position() {
  std::optional<int64_t> last;
  const base::Status done =
      database_.ask(last_entry[index_of(tree_)], {}, [&](std::size_t, const Answer& answer) -> base::Status {
        if (!answer.is_absent(0)) last = answer.number(0);
        return base::Done{};
      });
  if (!done) return done.error();
  return last;
}

base::Result<uint64_t> StoredTree::count_nodes() {
  const auto number = ask_number(database_, count_of_nodes, {static_cast<int64_t>(tree_)});
  if (!number) return number.error();
  return static_cast<uint64_t>(*number);
}

base::Status StoredTree::each(int64_t first, int64_t end, const VisitEntry& visit) {
  return database_.ask(read_entries[index_of(tree_)], {first, end}, [&](std::size_t, const Answer& answer) {
    return visit(static_cast<uint64_t>(answer.number(0)), answer.bytes(1), answer.bytes(2));
  });
}

base::Status StoredTree::read_nodes(std::span<const CompleteNode> nodes, const VisitNode& visit) {
  if (nodes.empty()) return base::Done{};
  std::vector<In> wanted;
  wanted.reserve(nodes.size() * 3);
  for (const CompleteNode& node : nodes)
    for (const int64_t value : {static_cast<int64_t>(tree_), int64_t{node.level}, static_cast<int64_t>(node.number)})
      wanted.emplace_back(value);
  return database_.ask(read_node, wanted, 3,
                       [&](std::size_t which, const Answer& answer) { return visit(which, answer.bytes(0)); });
}

base::Status check_database_file(Database& database, const std::function<void(std::string_view fault)>& visit) {
  if (std::string_view(database.kind()) != "sqlite") return base::Done{};
  return database.ask(check_sqlite, {}, [&](std::size_t, const Answer& answer) -> base::Status {
    if (answer.bytes(0) != "ok") visit(answer.bytes(0));
    return base::Done{};
  });
}

}  // namespace kept::ledger
