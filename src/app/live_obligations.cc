#include "app/live_obligations.h"

#include <algorithm>
#include <optional>

#include "app/next_moment.h"
#include "app/outbox.h"
#include "app/reach.h"
#include "calendar/london_time.h"
#include "ledger/difference_table.h"
#include "ledger/judged_table.h"
#include "ledger/name_table.h"

namespace kept::app {
namespace {

using Remembered = std::shared_ptr<const RememberedFact>;

/// The obligations of each subject, as they come from the engine.
class BySubject : public engine::Sink {
 public:
  void take(const model::Obligation* first, std::size_t count) override {
    obligations.insert(obligations.end(), first, first + count);
  }
  std::unique_ptr<Sink> fork() override { return std::make_unique<BySubject>(); }
  void join(Sink& part) override {
    const auto& other = static_cast<BySubject&>(part);
    obligations.insert(obligations.end(), other.obligations.begin(), other.obligations.end());
  }
  std::vector<model::Obligation> obligations;
};

bool is_gap(const StoredObligation& o) {
  return o.reason == model::Reason::no_coverage || (o.flags & model::flag_gap_before_due) != 0 || o.missing_on != 0;
}

}  // namespace

LiveTally& LiveTally::operator+=(const LiveTally& other) {
  subjects += other.subjects;
  facts_read += other.facts_read;
  obligations += other.obligations;
  changed += other.changed;
  outbox_added += other.outbox_added;
  outbox_settled += other.outbox_settled;
  return *this;
}

LiveObligations::LiveObligations(ledger::Ledger& ledger, LiveSetting setting)
    : ledger_(ledger),
      setting_(std::move(setting)),
      rules_(*setting_.book),
      memory_(setting_.memory_bytes),
      undone_(ledger.undone()) {
  set_coverage(std::move(setting_.coverage));
}

void LiveObligations::set_coverage(std::vector<NamedCoverage> coverage) {
  // Agencies have the same symbols in every table, so that coverage by symbols is made once.
  setting_.coverage = std::move(coverage);
  agencies_.clear();
  agency_keys_.clear();
  coverage_ = engine::Coverage();
  model::Symbols symbols;
  const auto symbol_of = [&](const std::string& agency) {
    const uint32_t symbol = symbols.code(agency);
    if (symbol > agencies_.size()) agencies_.push_back(agency);
    return symbol;
  };
  for (const std::string& agency : setting_.agencies) symbol_of(agency);
  const model::Vocabulary& vocabulary = *setting_.book->vocabulary;
  for (const NamedCoverage& each : setting_.coverage) {
    const model::EventType* type = vocabulary.find(each.type);
    if (type == nullptr) continue;
    coverage_.add(symbol_of(each.agency), vocabulary.type_index(type->first_code), each.from, each.to);
  }
}

// A transaction that was undone took its facts and its names with it; others will have their positions and keys.
void LiveObligations::forget_what_was_undone() {
  if (undone_ == ledger_.undone()) return;
  undone_ = ledger_.undone();
  memory_.forget();
  kind_of_name_.clear();
  agency_keys_.clear();
}

base::Result<std::vector<int64_t>> LiveObligations::keys_of_agencies(const model::Symbols& agencies) {
  std::vector<std::string> texts;
  for (auto symbol = static_cast<uint32_t>(agency_keys_.size()) + 1; symbol < agencies.size(); ++symbol)
    texts.push_back(name_text(ledger::name_agency, agencies.name(symbol)));
  const auto more = ledger_.keys_of(texts);
  if (!more) return more.error();
  std::vector<int64_t> keys(1);
  keys.insert(keys.end(), agency_keys_.begin(), agency_keys_.end());
  keys.insert(keys.end(), more->begin(), more->end());
  return keys;
}

// An agency may hold a case before anything was heard from it.
base::Status LiveObligations::name_agencies() {
  if (!agency_keys_.empty()) return base::Done{};
  std::vector<std::string> texts;
  for (const std::string& agency : agencies_) texts.push_back(name_text(ledger::name_agency, agency));
  if (base::Status named = ledger_.name(texts); !named) return named;
  auto keys = ledger_.keys_of(texts);
  if (!keys) return keys.error();
  agency_keys_ = std::move(*keys);
  return base::Done{};
}

/// Makes sure that it is known of these keys what they are the names of.
base::Status LiveObligations::ask_kinds(std::span<const int64_t> names) {
  std::vector<int64_t> unknown;
  for (const int64_t name : names) {
    const auto at = static_cast<std::size_t>(name);
    if (at >= kind_of_name_.size()) kind_of_name_.resize(std::max(at + 1, kind_of_name_.size() * 2));
    if (kind_of_name_[at] == 0) unknown.push_back(name);
  }
  const auto texts = ledger_.names_of(unknown);
  if (!texts) return texts.error();
  for (std::size_t i = 0; i < unknown.size(); ++i)
    if (!(*texts)[i].empty()) kind_of_name_[static_cast<std::size_t>(unknown[i])] = (*texts)[i][0];
  return base::Done{};
}

// An event reaches people through what it names: itself, the crimes of its suspect or hearing, and all that is recorded
// of those crimes. Some of them will turn out not to be changed; nobody who is changed is left out.
base::Result<std::vector<int64_t>> LiveObligations::subjects_of(std::span<const int64_t> touched, Gathering* gathered) {
  if (base::Status asked = ask_kinds(touched); !asked) return asked.error();
  std::vector<int64_t> people, crimes, others;
  std::set<int64_t> subjects;
  for (std::size_t i = 0; i < touched.size(); ++i) {
    switch (kind_of_name_[static_cast<std::size_t>(touched[i])]) {
      case ledger::name_participant:
        people.push_back(touched[i]);
        subjects.insert(touched[i]);
        break;
      case ledger::name_crime:
        crimes.push_back(touched[i]);
        break;
      case ledger::name_hearing:
        subjects.insert(touched[i]);
        others.push_back(touched[i]);
        break;
      case ledger::name_suspect:
        others.push_back(touched[i]);
        break;
      default:
        break;
    }
  }
  Gathering& around = *gathered;
  if (base::Status read = around.read(others); !read) return read.error();
  for (const int64_t crime : around.keys(&RememberedFact::crime)) crimes.push_back(crime);
  const std::size_t of_crimes = around.facts().size();
  if (base::Status read = around.read(crimes); !read) return read.error();
  for (const std::size_t first : {std::size_t{0}, of_crimes}) {
    for (const int64_t person : around.keys(&RememberedFact::participant, first)) subjects.insert(person);
    for (const int64_t hearing : around.keys(&RememberedFact::hearing, first)) subjects.insert(hearing);
  }
  // What is recorded of a person, and of every crime of theirs, bears on the cases of all their crimes: a death ends
  // them, an assessment shortens them.
  for (const int64_t person : around.keys(&RememberedFact::participant)) people.push_back(person);
  if (base::Status read = around.read(people); !read) return read.error();
  if (base::Status read = around.read(around.keys(&RememberedFact::crime)); !read) return read.error();
  for (const int64_t hearing : around.keys(&RememberedFact::hearing)) subjects.insert(hearing);
  return std::vector<int64_t>(subjects.begin(), subjects.end());
}

base::Status LiveObligations::judge_only(std::span<const int64_t> subjects, int64_t as_at, LiveTally* tally,
                                         const Visit& visit) {
  forget_what_was_undone();
  return judge_around(subjects, as_at, tally, visit, nullptr);
}

base::Status LiveObligations::judge_around(std::span<const int64_t> subjects, int64_t as_at, LiveTally* tally,
                                           const Visit& visit, Gathering* gathered) {
  for (std::size_t from = 0; from < subjects.size(); from += subjects_at_a_time) {
    const std::span<const int64_t> some = subjects.subspan(from, std::min(subjects_at_a_time, subjects.size() - from));
    Gathering fresh(ledger_, *setting_.book->vocabulary, &memory_);
    // What was read to find out whom an event reaches is most of what they are judged by.
    Gathering& around = gathered != nullptr && subjects.size() <= subjects_at_a_time ? *gathered : fresh;
    if (base::Status done = around.read({some.begin(), some.end()}); !done) return done;
    if (base::Status done = around.read(around.keys(&RememberedFact::crime)); !done) return done;
    const std::vector<int64_t> hearings_here = around.keys(&RememberedFact::hearing);
    const std::vector<int64_t> people_here = around.keys(&RememberedFact::participant);
    if (base::Status done = around.read(around.keys(&RememberedFact::suspect)); !done) return done;
    if (base::Status done = around.read(hearings_here); !done) return done;
    if (base::Status done = around.read(people_here); !done) return done;
    // A case is judged by what is recorded of all its victims' crimes.
    const bool has_case = std::any_of(hearings_here.begin(), hearings_here.end(), [&](int64_t hearing) {
      return std::binary_search(some.begin(), some.end(), hearing);
    });
    if (has_case) {
      if (base::Status done = around.read(around.keys(&RememberedFact::crime)); !done) return done;
      if (base::Status done = around.read(around.keys(&RememberedFact::suspect)); !done) return done;
    }
    tally->facts_read += around.facts().size();
    if (base::Status done = judge_some(some, around.facts(), as_at, tally, visit); !done) return done;
  }
  return base::Done{};
}

// `facts`: everything that bears on `subjects`.
base::Status LiveObligations::judge_some(std::span<const int64_t> subjects, std::vector<Remembered> facts,
                                         int64_t as_at, LiveTally* tally, const Visit& visit) {
  // Rows stand in the order of positions, so that which of two equal facts comes first depends on the ledger only.
  std::sort(facts.begin(), facts.end(),
            [](const Remembered& a, const Remembered& b) { return a->position < b->position; });
  model::EventTable table(setting_.book->vocabulary);
  table.expect_few();
  for (const std::string& agency : agencies_) table.agencies.code(agency);
  std::vector<int64_t> crime_key(1), hearing_key(1), participant_key(1);
  // A name's key is name enough: of people, crimes, suspects and hearings the engine asks only which are the same.
  const auto name = [](model::Symbols* names, int64_t key, std::vector<int64_t>* keys) {
    if (key == 0) return uint32_t{0};
    const uint32_t symbol = names->code({reinterpret_cast<const char*>(&key), sizeof key});
    if (keys != nullptr && symbol >= keys->size()) keys->push_back(key);
    return symbol;
  };
  for (const Remembered& fact : facts) {
    NamedInTable named;
    named.participant = name(&table.participants, fact->participant, &participant_key);
    named.crime = name(&table.crimes, fact->crime, &crime_key);
    named.suspect = name(&table.suspects, fact->suspect, nullptr);
    named.hearing = name(&table.hearings, fact->hearing, &hearing_key);
    fact->event.add_to(&table, named);
  }
  const auto symbols_of = [&](const std::vector<int64_t>& keys) {
    std::vector<uint32_t> out;
    for (uint32_t symbol = 1; symbol < keys.size(); ++symbol)
      if (keys[symbol] != 0 && std::binary_search(subjects.begin(), subjects.end(), keys[symbol]))
        out.push_back(symbol);
    return out;
  };
  const auto agency_key = keys_of_agencies(table.agencies);
  if (!agency_key) return agency_key.error();

  engine::AssessOptions options;
  options.as_at = as_at;
  options.coverage = &coverage_;
  BySubject sink;
  const auto judged =
      engine::assess_some(rules_, table, options, symbols_of(participant_key), symbols_of(hearing_key), sink);
  if (!judged) return judged.error();

  struct OfSubject {
    std::vector<StoredObligation> obligations;
    NextMoment next;
  };
  std::vector<OfSubject> of_subject(subjects.size(), OfSubject{{}, NextMoment(as_at)});
  const auto of = [&](int64_t subject) -> OfSubject& {
    const auto found = std::lower_bound(subjects.begin(), subjects.end(), subject);
    return of_subject[static_cast<std::size_t>(found - subjects.begin())];
  };
  const auto position = [&](uint32_t row) {
    return row == model::Obligation::no_row ? StoredObligation::no_position : facts[row]->position;
  };
  for (const model::Obligation& o : sink.obligations) {
    StoredObligation stored;
    stored.duty = o.duty;
    stored.interval = o.interval;
    stored.trigger = position(o.trigger_row);
    stored.crime = crime_key[o.crime];
    stored.hearing = hearing_key[o.hearing];
    stored.agency = (*agency_key)[o.agency];
    stored.missing_agency = (*agency_key)[o.missing_agency];
    stored.fulfilled = position(o.fulfilled_row);
    stored.decided = position(o.decided_row);
    stored.start_at = o.start_at;
    stored.fulfilled_at = o.fulfilled_at;
    stored.due_on = o.due_on;
    stored.first_due_on = o.first_due_on;
    stored.outcome = o.outcome;
    stored.would_have_been = o.would_have_been;
    stored.window = o.window;
    stored.reason = o.reason;
    stored.late_unit = o.late_unit;
    stored.late_by = o.late_by;
    stored.late_ms = o.late_ms;
    stored.missing_code = o.missing_code;
    stored.missing_on = o.missing_on;
    stored.flags = o.flags;
    stored.rule_u_outcomes = o.rule_u_outcomes;
    OfSubject& subject = of(o.participant != 0 ? participant_key[o.participant] : hearing_key[o.hearing]);
    subject.next.see(setting_.book->duties[o.duty], table, o);
    subject.obligations.push_back(stored);
  }
  // Any moment still to come that a fact about a person, their crimes or their cases names may change something for
  // them, and so may a bank holiday announced for later.
  std::optional<Reach> reach;
  const auto reached_by = [&](const RememberedFact& fact) {
    if (!reach) reach.emplace(facts, subjects);
    return reach->of(fact);
  };
  const uint64_t first_new = ledger_.committed_size();
  for (const Remembered& fact : facts) {
    if (fact->historic) {
      silent_.facts.insert(fact->position);
      if (fact->position >= first_new)
        for (const int64_t subject : reached_by(*fact)) silent_.subjects.insert(subject);
    }
    const int64_t next = fact->event.next_after(as_at);
    if (next == NextMoment::none) continue;
    for (const int64_t subject : reached_by(*fact)) of(subject).next.see(next);
  }
  NextMoment of_all(as_at);
  for (const calendar::BankHoliday& holiday : setting_.book->calendar->holidays()) {
    if (holiday.announced_on) of_all.see(calendar::start_of(*holiday.announced_on));
    if (holiday.withdrawn_on) of_all.see(calendar::start_of(*holiday.withdrawn_on));
  }
  for (std::size_t i = 0; i < subjects.size(); ++i) {
    std::vector<StoredObligation>& obligations = of_subject[i].obligations;
    std::sort(obligations.begin(), obligations.end());
    tally->subjects += 1;
    tally->obligations += obligations.size();
    const bool gap = std::any_of(obligations.begin(), obligations.end(), is_gap);
    const int64_t next_at = std::min(of_subject[i].next.next(), of_all.next());
    if (base::Status seen = visit(subjects[i], next_at, gap, obligations); !seen) return seen;
  }
  return base::Done{};
}

base::Result<LiveTally> LiveObligations::judge(std::span<const int64_t> subjects, int64_t as_at, uint64_t entry,
                                               bool live) {
  forget_what_was_undone();
  return judge_and_store(subjects, as_at, entry, live, nullptr);
}

base::Result<LiveTally> LiveObligations::judge_and_store(std::span<const int64_t> subjects, int64_t as_at,
                                                         uint64_t entry, bool live, Gathering* gathered) {
  LiveTally tally;
  silent_ = {};
  set_clock(as_at);
  as_at = stood_at_;
  if (base::Status named = name_agencies(); !named) return named.error();
  std::vector<Judged> judged;
  const auto keep = [&](int64_t subject, int64_t next_at, bool gap,
                        const std::vector<StoredObligation>& obligations) -> base::Status {
    judged.push_back({subject, next_at, gap, obligations});
    if (judged.size() < subjects_at_a_time) return base::Done{};
    const base::Status stored = store(judged, as_at, entry, live, &tally);
    judged.clear();
    return stored;
  };
  base::Status done = judge_around(subjects, as_at, &tally, keep, gathered);
  if (done) done = store(judged, as_at, entry, live, &tally);
  if (!done) return done.error();
  return tally;
}

base::Status LiveObligations::learn(std::span<const ledger::NewEvent> events, std::span<const ledger::Placed> placed) {
  forget_what_was_undone();
  return Gathering(ledger_, *setting_.book->vocabulary, &memory_).learn(events, placed);
}

base::Result<LiveTally> LiveObligations::judge_touched(std::span<const int64_t> touched, int64_t as_at, uint64_t entry,
                                                       bool live) {
  forget_what_was_undone();
  Gathering around(ledger_, *setting_.book->vocabulary, &memory_);
  const auto subjects = subjects_of(touched, &around);
  if (!subjects) return subjects.error();
  return judge_and_store(*subjects, as_at, entry, live, &around);
}

// What a chunk of people was found to be owed, against what was stored: written a chunk at a time, because a database
// across a socket answers a thousand questions in the time of a few.
base::Status LiveObligations::store(const std::vector<Judged>& judged, int64_t as_at, uint64_t entry, bool live,
                                    LiveTally* tally) {
  ledger::Database& database = ledger_.database();
  std::vector<int64_t> wanted;
  for (const Judged& each : judged) wanted.push_back(each.subject);
  std::vector<std::optional<std::string>> before(judged.size());
  ledger::JudgedTable table(database);
  base::Status done = table.read(wanted, [&](std::size_t which, const ledger::JudgedRow& row) -> base::Status {
    before[which] = std::string(row.obligations);
    return base::Done{};
  });
  if (!done) return done;
  std::vector<std::string> texts;  // what the rows below look at
  texts.reserve(judged.size() * 2);
  std::vector<ledger::JudgedRow> rows;
  std::vector<ledger::DifferenceRow> differences;
  OutboxChanges outbox(live, as_at);
  for (std::size_t i = 0; i < judged.size(); ++i) {
    const Judged& each = judged[i];
    // Of whom nothing is owed and nothing is to come, nothing need be remembered.
    if (!before[i] && each.obligations.empty() && each.next_at == NextMoment::none) continue;
    texts.push_back(encode_obligations(each.obligations));
    const std::string& after = texts.back();
    rows.push_back({each.subject, as_at, each.next_at, each.gap, after});
    if (before[i] && *before[i] == after) continue;
    std::vector<StoredObligation> old;
    if (before[i]) {
      auto decoded = decode_obligations(*before[i]);
      if (!decoded) return decoded.error();
      old = std::move(*decoded);
    }
    const std::vector<ObligationChange> changes = changes_between(old, each.obligations);
    tally->changed += changes.size();
    if (changes.empty()) continue;
    texts.push_back(encode_changes(changes));
    differences.push_back({each.subject, entry, texts.back()});
    outbox.take(each.subject, changes, *setting_.book, silent_.subjects.count(each.subject) != 0, silent_.facts);
  }
  done = table.write(rows);
  if (done) done = ledger::DifferenceTable(database).write(differences);
  if (done) done = outbox.write(database, tally);
  return done;
}

base::Result<std::vector<int64_t>> LiveObligations::due_by(int64_t as_at) {
  return ledger::JudgedTable(ledger_.database()).due_by(as_at);
}

base::Result<std::vector<int64_t>> LiveObligations::with_gaps() {
  return ledger::JudgedTable(ledger_.database()).with_gaps();
}

base::Result<std::vector<int64_t>> LiveObligations::everybody() { return ledger::named_subjects(ledger_.database()); }

}  // namespace kept::app
