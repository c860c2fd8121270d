#include "engine/facts.h"

#include <algorithm>
#include <boost/functional/hash.hpp>
#include <string>

#include "engine/assess.h"
#include "engine/parts.h"

namespace kept::engine {
namespace {

using model::EventTable;
constexpr uint32_t no_row = EventTable::none;

struct Key {
  uint32_t source;
  std::string id;
  bool operator==(const Key&) const = default;
};
std::size_t hash_of(uint32_t source, std::string_view id) {
  std::size_t seed = std::hash<std::string_view>()(id);
  boost::hash_combine(seed, source);
  return seed;
}
struct KeyHash {
  std::size_t operator()(const Key& key) const { return hash_of(key.source, key.id); }
};

/// Which keys corrections and retractions name, by some bits of their hash: most rows are named by none, and are known
/// not to be without being looked up.
class NamedKeys {
 public:
  void add(std::size_t hash) { bits_[hash >> shift] = true; }
  bool may_hold(std::size_t hash) const { return bits_[hash >> shift]; }

 private:
  static constexpr int shift = 44;
  std::vector<bool> bits_ = std::vector<bool>(std::size_t{1} << (64 - shift));
};

/// Rows that stand for the same (source, id): which one stands must not depend on arrival. The first recorded; then the
/// least content.
bool stands_before(const EventTable& table, uint32_t a, uint32_t b) {
  if (table.recorded_at(a) != table.recorded_at(b)) return table.recorded_at(a) < table.recorded_at(b);
  if (table.lo_ms(a) != table.lo_ms(b)) return table.lo_ms(a) < table.lo_ms(b);
  if (table.code(a) != table.code(b)) return table.code(a) < table.code(b);
  return a < b;
}

/// Resolves what was recorded. Lives for one call.
class Resolver {
 public:
  Resolver(const EventTable& table, std::optional<int64_t> recorded_by, int threads)
      : table_(table), recorded_by_(recorded_by), threads_(threads) {}

  bool visible(uint32_t row) const { return !recorded_by_ || table_.recorded_at(row) <= *recorded_by_; }

  /// Indexes every row that a correction or retraction names, and finds what names it.
  void index(std::vector<uint8_t>* absent, Tally* tally) {
    NamedKeys wanted;
    const std::vector<uint32_t> naming = naming_rows();
    for (const uint32_t row : naming)
      for (const std::string_view id : {table_.corrects(row), table_.retracts(row)})
        if (!id.empty()) wanted.add(hash_of(table_.source(row), id));
    for (const uint32_t row : named_rows(wanted, absent, tally)) {
      const auto [at, fresh] = by_key_.try_emplace(Key{table_.source(row), table_.id(row)}, row);
      if (fresh) continue;
      ++tally->repeated_ids;
      const uint32_t out = stands_before(table_, row, at->second) ? std::exchange(at->second, row) : row;
      (*absent)[out] = 1;
    }
    for (const uint32_t row : naming) {
      if ((*absent)[row]) continue;
      const bool corrects = !table_.corrects(row).empty();
      (*absent)[row] = 1;
      // A row that says both corrects: a correction wins over a retraction nobody can have meant with it.
      const uint32_t named = target(row);
      if (named == no_row) {
        ++tally->waiting;
      } else if (corrects) {
        ++tally->corrections;
        const uint32_t root = root_of(row);
        if (root == no_row) {
          ++tally->cycles;
        } else {
          corrections_[root].push_back(row);
        }
      } else {
        ++tally->retractions;
        retractions_[named].push_back(row);
      }
    }
  }

  /// The earliest retraction of `row` in force, or no_row. Retracting a retraction undoes it.
  uint32_t retracted_by(uint32_t row, int depth = 0) const {
    const auto found = retractions_.find(row);
    if (found == retractions_.end() || depth >= 50) return no_row;
    uint32_t earliest = no_row;
    for (const uint32_t by : found->second)
      if (retracted_by(by, depth + 1) == no_row &&
          (earliest == no_row || table_.recorded_at(by) < table_.recorded_at(earliest)))
        earliest = by;
    return earliest;
  }

  History history(uint32_t root) const {
    History out;
    out.root = root;
    out.retracted_by = retracted_by(root);
    if (out.retracted_by != no_row) out.retracted_at = table_.recorded_at(out.retracted_by);
    std::vector<uint32_t> rows;
    const auto found = corrections_.find(root);
    if (found != corrections_.end()) {
      for (const uint32_t row : found->second) {
        bool dead = false;
        for (uint32_t at = row; at != root; at = target(at)) dead = dead || retracted_by(at) != no_row;
        if (!dead && (out.retracted_at == never || table_.recorded_at(row) <= out.retracted_at)) rows.push_back(row);
      }
    }
    std::sort(rows.begin(), rows.end(), [&](uint32_t a, uint32_t b) {
      if (table_.recorded_at(a) != table_.recorded_at(b)) return table_.recorded_at(a) < table_.recorded_at(b);
      return table_.id(a) < table_.id(b);  // same source by construction
    });
    out.versions.push_back({table_.recorded_at(root), root});
    for (const uint32_t row : rows) out.versions.push_back({table_.recorded_at(row), row});
    return out;
  }

  /// Roots that have any correction or retraction.
  std::vector<uint32_t> touched(const std::vector<uint8_t>& absent) const {
    std::vector<uint32_t> roots;
    for (const auto& [root, rows] : corrections_)
      if (!absent[root]) roots.push_back(root);
    for (const auto& [row, by] : retractions_)
      if (!absent[row]) roots.push_back(row);
    // A retracted correction changes its root's history as well.
    for (const auto& [row, by] : retractions_) {
      const uint32_t root = root_of(row);
      if (root != no_row && root != row && !absent[root]) roots.push_back(root);
    }
    std::sort(roots.begin(), roots.end());
    roots.erase(std::unique(roots.begin(), roots.end()), roots.end());
    return roots;
  }

 private:
  /// Rows that correct or retract.
  std::vector<uint32_t> naming_rows() const {
    const uint32_t workers = workers_for(table_.size(), threads_);
    std::vector<std::vector<uint32_t>> found(parts_for(workers));
    in_parts(table_.size(), parts_for(workers), workers, [&](uint32_t part, uint32_t from, uint32_t to) {
      for (uint32_t row = from; row < to; ++row)
        if (!table_.corrects(row).empty() || !table_.retracts(row).empty()) found[part].push_back(row);
    });
    std::vector<uint32_t> rows;
    for (const std::vector<uint32_t>& one : found) rows.insert(rows.end(), one.begin(), one.end());
    return rows;
  }

  /// Rows recorded in time whose key may be one of these; the rest of what was recorded later is absent.
  std::vector<uint32_t> named_rows(const NamedKeys& wanted, std::vector<uint8_t>* absent, Tally* tally) const {
    const uint32_t workers = workers_for(table_.size(), threads_);
    const uint32_t parts = parts_for(workers);
    std::vector<std::vector<uint32_t>> found(parts);
    std::vector<uint64_t> later(parts, 0);
    in_parts(table_.size(), parts, workers, [&](uint32_t part, uint32_t from, uint32_t to) {
      for (uint32_t row = from; row < to; ++row) {
        if (!visible(row)) {
          (*absent)[row] = 1;
          ++later[part];
          continue;
        }
        const std::string_view given = table_.given_id(row);
        const uint32_t source = table_.source(row);
        if (wanted.may_hold(given.empty() ? hash_of(source, table_.id(row)) : hash_of(source, given)))
          found[part].push_back(row);
      }
    });
    std::vector<uint32_t> rows;
    for (uint32_t part = 0; part < parts; ++part) {
      rows.insert(rows.end(), found[part].begin(), found[part].end());
      tally->after_recorded_by += later[part];
    }
    return rows;
  }

  uint32_t find(uint32_t source, std::string_view id) const {
    const auto found = by_key_.find(Key{source, std::string(id)});
    return found == by_key_.end() ? no_row : found->second;
  }
  /// Only the same source may correct or retract.
  uint32_t target(uint32_t row) const {
    const std::string_view named = table_.corrects(row).empty() ? table_.retracts(row) : table_.corrects(row);
    return named.empty() ? no_row : find(table_.source(row), named);
  }
  /// A correction of a correction is one of its target. No root: a cycle, or a target that has not arrived.
  uint32_t root_of(uint32_t row) const {
    uint32_t at = row;
    for (uint32_t steps = 0; !table_.corrects(at).empty(); ++steps) {
      at = target(at);
      if (at == no_row || at == row || steps > table_.size()) return no_row;
      // Brent-free: a cycle that does not come back to `row` is as long as the table at most; real chains are short.
      if (steps > 100000) return no_row;
    }
    return at;
  }

  const EventTable& table_;
  const std::optional<int64_t> recorded_by_;
  const int threads_;
  boost::unordered_flat_map<Key, uint32_t, KeyHash> by_key_;
  boost::unordered_flat_map<uint32_t, std::vector<uint32_t>> corrections_, retractions_;
};

}  // namespace

Facts Facts::resolve(const EventTable& table, std::optional<int64_t> recorded_by, int threads, Tally* tally) {
  Facts facts;
  tally->events = table.size();
  // Repeated ids are put aside by the reader, which sees the whole content; should one that a correction names be
  // repeated all the same, the first recorded stands.
  if (!table.any_corrections() && !recorded_by) return facts;
  if (!table.any_corrections()) {
    facts.kind_.assign(table.size(), simple);
    for (uint32_t row = 0; row < table.size(); ++row)
      if (table.recorded_at(row) > *recorded_by) {
        facts.kind_[row] = absent;
        ++tally->after_recorded_by;
      }
    return facts;
  }
  Resolver resolver(table, recorded_by, threads);
  static_assert(simple == 0 && absent == 1, "as the resolver marks them");
  std::vector<uint8_t> gone(table.size(), 0);
  resolver.index(&gone, tally);
  const std::vector<uint32_t> touched = resolver.touched(gone);
  facts.kind_ = std::move(gone);
  for (const uint32_t root : touched) {
    History history = resolver.history(root);
    if (history.versions.size() == 1 && history.retracted_at == never) continue;
    facts.kind_[root] = historic;
    for (const Version& version : history.versions)
      facts.history_by_row_[version.row] = static_cast<uint32_t>(facts.histories_.size());
    facts.histories_.push_back(std::move(history));
  }
  return facts;
}

const History* Facts::history_of(uint32_t row) const {
  const auto found = history_by_row_.find(row);
  return found == history_by_row_.end() ? nullptr : &histories_[found->second];
}

uint32_t Facts::root_of(uint32_t row) const {
  if (is_plain()) return row;
  const History* history = history_of(row);
  return history ? history->root : row;
}

}  // namespace kept::engine
