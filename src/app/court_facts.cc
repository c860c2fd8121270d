#include "app/court_facts.h"

#include <algorithm>
#include <span>
#include <string>
#include <unordered_set>

#include "app/coded_event.h"
#include "ledger/batch_table.h"

namespace kept::app {
namespace {

constexpr std::size_t hearings_at_a_time = 500;

/// Facts by the names they mention, each once, in the order of their positions.
class Around {
 public:
  explicit Around(ledger::Ledger& ledger) : ledger_(ledger) {}

  base::Status read(std::vector<int64_t> names) {
    std::erase_if(names, [&](int64_t name) { return name == 0 || !asked_.insert(name).second; });
    std::sort(names.begin(), names.end());
    std::vector<uint64_t> positions;
    base::Status done = ledger_.mentions(names, [&](std::size_t, uint64_t position) -> base::Status {
      if (here_.insert(position).second) positions.push_back(position);
      return base::Done{};
    });
    if (!done) return done;
    std::sort(positions.begin(), positions.end());
    return ledger_.facts(positions, [&](ledger::Fact& fact) -> base::Status {
      if (fact.entry.kind == ledger::EntryKind::event) facts_.push_back(std::move(fact));
      return base::Done{};
    });
  }

  /// Reads what mentions the names that the facts read so far have in one place.
  base::Status read_all(ledger::NameKind kind, std::string model::Event::* reference) {
    std::set<std::string> texts;
    for (const ledger::Fact& fact : facts_)
      if (!(fact.event.*reference).empty()) texts.insert(ledger::name_text(kind, fact.event.*reference));
    const std::vector<std::string> names(texts.begin(), texts.end());
    const auto keys = ledger_.keys_of(names);
    if (!keys) return keys.error();
    return read(*keys);
  }

  std::vector<ledger::Fact>& in_order() {
    std::sort(facts_.begin(), facts_.end(),
              [](const ledger::Fact& a, const ledger::Fact& b) { return a.position < b.position; });
    return facts_;
  }

 private:
  ledger::Ledger& ledger_;
  std::unordered_set<int64_t> asked_;
  std::unordered_set<uint64_t> here_;
  std::vector<ledger::Fact> facts_;
};

base::Status visit_some(Store& store, CourtScope scope, std::span<const int64_t> keys,
                        std::span<const std::string> hearings,
                        const std::function<base::Status(const CourtFacts& facts)>& visit) {
  Around around(store.ledger());
  base::Status done = around.read({keys.begin(), keys.end()});
  if (done && scope == CourtScope::victims) {
    // A hearing is about crimes by its link, by its events' own crime, or by their suspect's.
    done = around.read_all(ledger::name_suspect, &model::Event::suspect);
    if (done) done = around.read_all(ledger::name_crime, &model::Event::crime);
  }
  if (!done) return done;
  CourtFacts facts(store.rules().book.vocabulary);
  for (const ledger::Fact& fact : around.in_order()) {
    const auto coded = CodedEvent::of(fact.event, facts.table.vocabulary());
    if (!coded) return coded.error();
    coded->add_to(&facts.table, NamedInTable::of(fact.event, &facts.table));
    facts.received_at.push_back(fact.entry.received_at);
    facts.batch.push_back(fact.entry.batch);
    facts.historic.push_back(fact.entry.historic);
  }
  for (const std::string& hearing : hearings) facts.hearings.insert(facts.table.hearings.code(hearing));
  return visit(facts);
}

}  // namespace

base::Status each_court_facts(Store& store, CourtScope scope,
                              const std::function<base::Status(const CourtFacts& facts)>& visit) {
  const auto subjects = store.live().everybody();
  if (!subjects) return subjects.error();
  std::vector<int64_t> keys;
  std::vector<std::string> hearings;
  base::Status done = base::Done{};
  const auto give = [&] {
    done = visit_some(store, scope, keys, hearings, visit);
    keys.clear();
    hearings.clear();
  };
  constexpr std::size_t names_at_a_time = 4000;
  for (std::size_t from = 0; done && from < subjects->size(); from += names_at_a_time) {
    const auto some = std::span(*subjects).subspan(from, std::min(names_at_a_time, subjects->size() - from));
    const auto names = store.ledger().names_of(some);
    if (!names) return names.error();
    for (std::size_t i = 0; done && i < some.size(); ++i) {
      if ((*names)[i].empty() || (*names)[i][0] != ledger::name_hearing) continue;
      keys.push_back(some[i]);
      hearings.push_back((*names)[i].substr(1));
      if (keys.size() == hearings_at_a_time) give();
    }
  }
  if (done && !keys.empty()) give();
  return done;
}

base::Result<bool> is_receipt_typed(Store& store, uint64_t batch) {
  ledger::Ledger& ledger = store.ledger();
  const auto entry = ledger::BatchTable(ledger.database()).entry_of(batch);
  if (!entry) return entry.error();
  bool typed = false;
  base::Status done = base::Done{};
  if (*entry)
    done = ledger.entries(ledger::TreeName::facts, **entry, 1, [&](uint64_t, const ledger::Entry& one) -> base::Status {
      typed = one.fields.count("receipt") != 0;
      return base::Done{};
    });
  if (!done) return done.error();
  return typed;
}

}  // namespace kept::app
