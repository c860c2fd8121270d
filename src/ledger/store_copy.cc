#include "ledger/store_copy.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cassert>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>

#include "ledger/migrations.h"
#include "ledger/stored_tree.h"

namespace kept::ledger {
namespace {

using base::Status;

constexpr Statement list_tables{
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name"};
constexpr Statement list_columns{"SELECT name, type, pk FROM pragma_table_info($1) ORDER BY cid"};
constexpr Statement forget_steps{"DELETE FROM migration"};
constexpr Statement count_what_stays{
    "SELECT (SELECT COUNT(*) FROM setting) + (SELECT COUNT(*) FROM fact) + (SELECT COUNT(*) FROM audit)"};

constexpr std::size_t wrong_named = 100;
constexpr int64_t entries_at_a_time = 2048;

bool is_sqlite(const Database& database) { return std::string_view(database.kind()) == "sqlite"; }

/// A statement that is put together once, and stays: its address names it.
const Statement& composed(const std::string& text) {
  struct Kept {
    std::string text;
    Statement statement;
  };
  static std::mutex mutex;
  static std::map<std::string, std::unique_ptr<Kept>> all;
  const std::lock_guard lock(mutex);
  std::unique_ptr<Kept>& kept = all[text];
  if (!kept) {
    kept = std::make_unique<Kept>();
    kept->text = text;
    kept->statement = Statement{kept->text.c_str()};
  }
  return kept->statement;
}

struct Table {
  std::string name;
  std::string columns;             ///< `a, b, c`
  std::vector<char> kinds;         ///< of each column: number, text, bytes
  std::vector<std::size_t> keys;   ///< places of the columns of its primary key
  std::vector<std::string> named;  ///< those columns
  bool has_bytes() const { return std::find(kinds.begin(), kinds.end(), 'b') != kinds.end(); }
};

base::Result<std::vector<Table>> tables_of(Database& sqlite) {
  std::vector<Table> tables;
  Status asked = sqlite.ask(list_tables, {}, [&](std::size_t, const Answer& row) -> Status {
    tables.push_back({std::string(row.bytes(0)), {}, {}, {}, {}});
    return base::Done{};
  });
  for (Table& table : tables) {
    std::vector<std::pair<int64_t, std::size_t>> keys;
    std::vector<std::string> names;
    if (asked)
      asked = sqlite.ask(list_columns, {std::string_view(table.name)}, [&](std::size_t, const Answer& row) -> Status {
        const std::string_view type = row.bytes(1);
        if (row.number(2) != 0) keys.emplace_back(row.number(2), names.size());
        table.kinds.push_back(type == "INTEGER" ? 'n' : type == "TEXT" ? 't' : 'b');
        names.emplace_back(row.bytes(0));
        return base::Done{};
      });
    if (!asked) return asked.error();
    assert(!keys.empty());  // A table of ours has a key: it is what rows are read in order of.
    std::sort(keys.begin(), keys.end());
    for (const auto& [order, place] : keys) {
      table.keys.push_back(place);
      table.named.push_back(names[place]);
    }
    table.columns = fmt::format("{}", fmt::join(names, ", "));
  }
  return tables;
}

/// Rows on their way from one database to the other.
class Rows {
 public:
  explicit Rows(const Table& table) : table_(table) {}

  void take(const Answer& row) {
    for (std::size_t i = 0; i < table_.kinds.size(); ++i) {
      Cell cell;
      const int column = static_cast<int>(i);
      cell.is_absent = row.is_absent(column);
      if (!cell.is_absent && table_.kinds[i] == 'n') cell.number = row.number(column);
      if (!cell.is_absent && table_.kinds[i] != 'n') cell.bytes = row.bytes(column);
      bytes_ += cell.bytes.size();
      cells_.push_back(std::move(cell));
    }
  }
  std::size_t count() const { return cells_.size() / table_.kinds.size(); }
  std::size_t bytes() const { return bytes_; }

  std::vector<In> values() const {
    std::vector<In> values;
    values.reserve(cells_.size());
    for (std::size_t i = 0; i < cells_.size(); ++i) values.push_back(value(i));
    return values;
  }
  /// The key of the last row.
  void note_last(std::vector<int64_t>* numbers, std::vector<std::string>* texts) const {
    numbers->assign(table_.keys.size(), 0);
    texts->assign(table_.keys.size(), {});
    const std::size_t first = cells_.size() - table_.kinds.size();
    for (std::size_t k = 0; k < table_.keys.size(); ++k) {
      (*numbers)[k] = cells_[first + table_.keys[k]].number;
      (*texts)[k] = cells_[first + table_.keys[k]].bytes;
    }
  }
  void clear() {
    cells_.clear();
    bytes_ = 0;
  }

 private:
  struct Cell {
    bool is_absent = false;
    int64_t number = 0;
    std::string bytes;
  };
  In value(std::size_t at) const {
    const Cell& cell = cells_[at];
    if (cell.is_absent) return std::monostate();
    switch (table_.kinds[at % table_.kinds.size()]) {
      case 'n':
        return cell.number;
      case 't':
        return std::string_view(cell.bytes);
      default:
        return Bytes{cell.bytes};
    }
  }

  const Table& table_;
  std::vector<Cell> cells_;
  std::size_t bytes_ = 0;
};

class Copying {
 public:
  Copying(Database& from, Database& to, uint64_t rows_a_commit, const CopyProgress& progress)
      : from_(from), to_(to), rows_a_commit_(rows_a_commit), progress_(progress) {}

  Status run() {
    const auto tables = tables_of(is_sqlite(to_) ? to_ : from_);
    if (!tables) return tables.error();
    Status done = to_.begin(false);
    if (done) done = to_.run(forget_steps);
    for (const Table& table : *tables)
      if (done) done = copy(table);
    if (done) return to_.commit();
    if (to_.is_in_transaction()) (void)to_.roll_back();
    return done;
  }

 private:
  /// A page at a time, because a server answers a question as a whole.
  Status copy(const Table& table) {
    const std::size_t page_rows = table.has_bytes() ? 500 : 5000;
    const std::string order = fmt::format("{}", fmt::join(table.named, ", "));
    const std::string select = fmt::format("SELECT {} FROM {}", table.columns, table.name);
    const std::string end = fmt::format(" ORDER BY {} LIMIT {}", order, page_rows);
    std::string after;
    for (std::size_t k = 1; k <= table.named.size(); ++k) after += fmt::format("{}${}", k == 1 ? "" : ", ", k);
    const Statement& first = composed(select + end);
    const Statement& next = composed(fmt::format("{} WHERE ({}) > ({}){}", select, order, after, end));
    Rows rows(table);
    std::vector<int64_t> numbers;
    std::vector<std::string> texts;
    for (bool is_first = true;; is_first = false) {
      std::vector<In> key;
      for (std::size_t k = 0; !is_first && k < table.keys.size(); ++k) {
        if (table.kinds[table.keys[k]] == 'n') {
          key.emplace_back(numbers[k]);
        } else {
          key.emplace_back(std::string_view(texts[k]));
        }
      }
      std::size_t seen = 0;
      Status done = from_.ask(is_first ? first : next, key, key.size(), [&](std::size_t, const Answer& row) -> Status {
        ++seen;
        rows.take(row);
        if (seen == page_rows) rows.note_last(&numbers, &texts);
        return rows.bytes() < bytes_a_piece ? Status(base::Done{}) : put(table, &rows);
      });
      if (done) done = put(table, &rows);
      if (!done || seen < page_rows) return done;
    }
  }

  Status put(const Table& table, Rows* rows) {
    const std::size_t count = rows->count();
    if (count == 0) return base::Done{};
    const std::vector<In> values = rows->values();
    Status done = to_.insert(table.name.c_str(), table.columns.c_str(), values, table.kinds.size());
    rows->clear();
    uncommitted_ += count;
    if (done && rows_a_commit_ != 0 && uncommitted_ >= rows_a_commit_) {
      uncommitted_ = 0;
      done = to_.commit();
      if (done) done = to_.begin(false);
    }
    if (done && progress_) progress_(count);
    return done;
  }

  static constexpr std::size_t bytes_a_piece = 8 << 20;
  Database& from_;
  Database& to_;
  const uint64_t rows_a_commit_;
  const CopyProgress& progress_;
  uint64_t uncommitted_ = 0;
};

class TreeReading {
 public:
  TreeReading(Database& database, const HeadsRead& heads, const EntryVisit& visit, const CopyProgress& progress)
      : database_(database), heads_(heads), visit_(visit), progress_(progress) {}

  base::Result<TreesRead> run() {
    for (const TreeName tree : {TreeName::facts, TreeName::audit})
      if (Status done = read(tree); !done) return done.error();
    return std::move(out_);
  }

 private:
  void wrong(std::string words) {
    if (out_.wrong.size() < wrong_named) out_.wrong.push_back(std::move(words));
  }

  Status read(TreeName tree) {
    const auto which = static_cast<std::size_t>(tree);
    TreesRead::OfTree& out = out_.trees[which];
    const char* title = tree_title(tree);
    std::multimap<uint64_t, const SignedHead*> heads;
    for (const SignedHead* head : heads_.standing(title)) heads.emplace(head->head.size, head);
    StoredTree stored(database_, tree);
    const auto last = stored.last_position();
    if (!last) return last.error();
    Status done = base::Done{};
    Tree grown;
    uint64_t nodes = 0;
    const auto hold = [&] {
      const auto [from, to] = heads.equal_range(grown.size());
      if (from == to) return;
      const Hash root = grown.root();
      for (auto head = from; head != to; ++head)
        if (head->second->head.root != root)
          wrong(fmt::format("{}: the first {} entries are not those that were signed", title, grown.size()));
    };
    hold();
    for (int64_t from = 0; done && from <= last->value_or(-1); from += entries_at_a_time) {
      std::vector<CompleteNode> completed;
      uint64_t count = 0;
      done = stored.each(
          from, from + entries_at_a_time,
          [&](uint64_t position, std::string_view leaf, std::string_view bytes) -> Status {
            if (position != grown.size())
              wrong(fmt::format("{}: position {} stands where {} should", title, position, grown.size()));
            const Hash hash = leaf_hash(bytes);
            if (leaf != std::string_view(reinterpret_cast<const char*>(hash.data()), hash.size()))
              wrong(fmt::format("{}: what stands at position {} is not what was recorded there", title, position));
            grown.add(hash, &completed);
            hold();
            ++count;
            const auto entry = decode_entry(bytes);
            if (!entry) {
              wrong(fmt::format("{}: position {}: {}", title, position, entry.error().message));
              return base::Done{};
            }
            out.last_received_at = entry->received_at;
            return visit_ ? visit_(tree, position, *entry) : Status(base::Done{});
          });
      if (done) done = hold_nodes(stored, title, completed);
      nodes += completed.size();
      if (done && progress_) progress_(count);
    }
    if (!done) return done;
    out.size = grown.size();
    out.root = grown.root();
    const auto there = stored.count_nodes();
    if (!there) return there.error();
    if (*there != nodes) wrong(fmt::format("{}: {} nodes are stored, and its leaves make {}", title, *there, nodes));
    return base::Done{};
  }

  Status hold_nodes(StoredTree& stored, const char* title, const std::vector<CompleteNode>& nodes) {
    std::vector<bool> good(nodes.size());
    const Status done = stored.read_nodes(nodes, [&](std::size_t which, std::string_view hash) -> Status {
      const Hash& right = nodes[which].hash;
      good[which] = hash == std::string_view(reinterpret_cast<const char*>(right.data()), right.size());
      return base::Done{};
    });
    for (std::size_t i = 0; i < nodes.size(); ++i)
      if (!good[i])
        wrong(fmt::format("{}: node {} of level {} is missing or wrong", title, nodes[i].number, nodes[i].level));
    return done;
  }

  Database& database_;
  const HeadsRead& heads_;
  const EntryVisit& visit_;
  const CopyProgress& progress_;
  TreesRead out_;
};

}  // namespace

base::Result<std::vector<TableRows>> count_rows(Database& database, Database& like) {
  const auto tables = tables_of(like);
  if (!tables) return tables.error();
  std::vector<TableRows> rows;
  for (const Table& table : *tables) {
    const Status asked =
        database.ask(composed("SELECT COUNT(*) FROM " + table.name), {}, [&](std::size_t, const Answer& row) -> Status {
          rows.push_back({table.name, static_cast<uint64_t>(row.number(0))});
          return base::Done{};
        });
    if (!asked) return asked.error();
  }
  return rows;
}

Status copy_store(Database& from, Database& to, uint64_t rows_a_commit, const CopyProgress& progress) {
  assert(is_sqlite(from) || is_sqlite(to));
  assert(from.is_in_transaction() && !to.is_in_transaction());
  return Copying(from, to, rows_a_commit, progress).run();
}

base::Result<bool> is_empty(Database& database) {
  const auto plan = plan_migrations(database);
  if (!plan) return plan.error();
  if (plan->stands_at == 0) return true;
  bool is_empty = false;
  const Status asked = database.ask(count_what_stays, {}, [&](std::size_t, const Answer& row) -> Status {
    is_empty = row.number(0) == 0;
    return base::Done{};
  });
  if (!asked) return asked.error();
  return is_empty;
}

Status make_single_file(Database& database) { return database.run_script("PRAGMA journal_mode = DELETE"); }

base::Result<TreesRead> read_trees(Database& database, const HeadsRead& heads, const EntryVisit& visit,
                                   const CopyProgress& progress) {
  return TreeReading(database, heads, visit, progress).run();
}

}  // namespace kept::ledger
