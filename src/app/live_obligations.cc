#include "app/live_obligations.h"

#include <algorithm>
#include <deque>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "app/event_rows.h"
#include "app/outbox.h"
#include "calendar/london_time.h"
#include "ledger/difference_table.h"
#include "ledger/judged_table.h"
#include "ledger/name_table.h"

namespace kept::app {
namespace {

using ledger::Fact;

/// Names with their letter, and the facts that mention them: what is gathered around the people to be judged.
class Gathering {
 public:
  explicit Gathering(ledger::Ledger& ledger) : ledger_(ledger) {}

  /// Reads every fact that mentions one of these names and was not read yet.
  base::Status read(std::vector<int64_t> names) {
    std::vector<int64_t> fresh;
    for (const int64_t name : names)
      if (asked_.insert(name).second) fresh.push_back(name);
    std::sort(fresh.begin(), fresh.end());
    std::vector<uint64_t> positions;
    base::Status done = ledger_.mentions(fresh, [&](std::size_t, uint64_t position) -> base::Status {
      if (here_.insert(position).second) positions.push_back(position);
      return base::Done{};
    });
    if (!done) return done;
    std::sort(positions.begin(), positions.end());
    const std::size_t first = facts_.size();
    done = ledger_.facts(positions, [&](Fact& fact) -> base::Status {
      if (fact.entry.kind != ledger::EntryKind::event) return base::Done{};
      facts_.push_back({fact.position, fact.entry.historic, std::move(fact.event)});
      return base::Done{};
    });
    return done ? name_all(first) : done;
  }

  struct Read {
    uint64_t position = 0;
    bool historic = false;
    model::Event event;
    int64_t participant = 0, crime = 0, suspect = 0, hearing = 0;  ///< keys of names
  };
  const std::deque<Read>& facts() const { return facts_; }
  /// The keys that facts from number `first` on have in one place.
  std::vector<int64_t> keys(int64_t Read::* which, std::size_t first = 0) const {
    std::vector<int64_t> out;
    for (std::size_t i = first; i < facts_.size(); ++i)
      if (facts_[i].*which != 0) out.push_back(facts_[i].*which);
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
  }

 private:
  base::Status name_all(std::size_t first) {
    std::vector<std::string> texts;
    for (std::size_t i = first; i < facts_.size(); ++i) {
      const model::Event& event = facts_[i].event;
      if (!event.participant.empty()) texts.push_back(name_text(ledger::name_participant, event.participant));
      if (!event.crime.empty()) texts.push_back(name_text(ledger::name_crime, event.crime));
      if (!event.suspect.empty()) texts.push_back(name_text(ledger::name_suspect, event.suspect));
      if (!event.hearing.empty()) texts.push_back(name_text(ledger::name_hearing, event.hearing));
    }
    const auto keys = ledger_.keys_of(texts);
    if (!keys) return keys.error();
    std::size_t at = 0;
    for (std::size_t i = first; i < facts_.size(); ++i) {
      Read& read = facts_[i];
      if (!read.event.participant.empty()) read.participant = (*keys)[at++];
      if (!read.event.crime.empty()) read.crime = (*keys)[at++];
      if (!read.event.suspect.empty()) read.suspect = (*keys)[at++];
      if (!read.event.hearing.empty()) read.hearing = (*keys)[at++];
    }
    return base::Done{};
  }

  ledger::Ledger& ledger_;
  std::unordered_set<int64_t> asked_;
  std::unordered_set<uint64_t> here_;
  std::deque<Read> facts_;  ///< an event is large: never moved to make room
};
using Read = Gathering::Read;

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

/// The first moment after `now` among those it is told: when something may read otherwise.
class NextMoment {
 public:
  explicit NextMoment(int64_t now) : now_(now) {}
  void see(int64_t at) {
    if (at > now_) next_ = std::min(next_, at);
  }
  /// Something holds to the end of a day, or a moment, and no longer.
  void see_end(int64_t at) { see(at + 1); }
  void see(const model::Moment& moment) {
    see(moment.lo_ms);
    see_end(moment.hi_ms);
  }
  void see(const model::Due& due) {
    if (due.kind == model::Due::Kind::date) {
      see_end(calendar::end_of(calendar::LocalDate{static_cast<int32_t>(due.value)}));
    } else if (due.kind == model::Due::Kind::instant) {
      see_end(due.value);
    }
  }
  int64_t next() const { return next_; }
  static constexpr int64_t none = std::numeric_limits<int64_t>::max();

 private:
  int64_t now_;
  int64_t next_ = none;
};

/// Which of the people and cases at hand a fact bears on: through itself, its crime, or a crime of its suspect or
/// hearing.
class Reach {
 public:
  Reach(const std::vector<const Read*>& facts, std::span<const int64_t> subjects) : subjects_(subjects) {
    for (const Read* fact : facts) {
      if (fact->crime == 0) continue;
      for (const int64_t subject : {fact->participant, fact->hearing})
        if (is_subject(subject)) subjects_of_crime_[fact->crime].insert(subject);
      for (const int64_t other : {fact->suspect, fact->hearing})
        if (other != 0) crimes_of_[other].insert(fact->crime);
    }
  }
  std::set<int64_t> of(const Read& fact) const {
    std::set<int64_t> out;
    for (const int64_t subject : {fact.participant, fact.hearing})
      if (is_subject(subject)) out.insert(subject);
    add_crime(fact.crime, &out);
    for (const int64_t other : {fact.suspect, fact.hearing}) {
      const auto crimes = crimes_of_.find(other);
      if (crimes == crimes_of_.end()) continue;
      for (const int64_t crime : crimes->second) add_crime(crime, &out);
    }
    return out;
  }

 private:
  bool is_subject(int64_t key) const { return key != 0 && std::binary_search(subjects_.begin(), subjects_.end(), key); }
  void add_crime(int64_t crime, std::set<int64_t>* out) const {
    const auto found = subjects_of_crime_.find(crime);
    if (found != subjects_of_crime_.end()) out->insert(found->second.begin(), found->second.end());
  }
  std::span<const int64_t> subjects_;
  std::unordered_map<int64_t, std::set<int64_t>> subjects_of_crime_, crimes_of_;
};

/// Where a time is too coarse to say when it is due (rule U), there is no one due moment to wait for: a day's end may
/// change it, and so may the hours after either end of its trigger's times.
void see_readings(const engine::Duty& duty, const model::EventTable& table, const model::Obligation& o, int64_t as_at,
                  NextMoment* next) {
  const bool several = (o.rule_u_outcomes & (o.rule_u_outcomes - 1)) != 0;
  if (!several && o.reason != model::Reason::rule_u && o.outcome != model::Outcome::cannot_tell) return;
  next->see(calendar::start_of(calendar::london_date(as_at) + 1));
  if (o.trigger_row == model::Obligation::no_row) return;
  constexpr int64_t hour = 3'600'000;
  const auto see = [&](const engine::TimeLimit& limit) {
    if (limit.kind != engine::TimeLimit::Kind::hours) return;
    const int64_t length = limit.count * hour;
    const model::Moment occurred = table.occurred(o.trigger_row);
    next->see_end(occurred.lo_ms + length);
    next->see_end(occurred.hi_ms + length);
    next->see_end(table.recorded_at(o.trigger_row) + length);
    if (!table.has_known(o.trigger_row)) return;
    next->see_end(table.known(o.trigger_row).lo_ms + length);
    next->see_end(table.known(o.trigger_row).hi_ms + length);
  };
  for (const engine::DatedLimit& row : duty.limits) {
    see(row.standard);
    see(row.enhanced);
  }
}

bool is_gap(const StoredObligation& o) {
  return o.reason == model::Reason::no_coverage || (o.flags & model::flag_gap_before_due) != 0 || o.missing_on != 0;
}

}  // namespace

class LiveObligations::Around : public Gathering {
 public:
  using Gathering::Gathering;
};

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
    : ledger_(ledger), setting_(std::move(setting)) {}

// An event reaches people through what it names: itself, the crimes of its suspect or hearing, and all that is recorded
// of those crimes. Some of them will turn out not to be changed; nobody who is changed is left out.
base::Result<std::vector<int64_t>> LiveObligations::subjects_of(std::span<const int64_t> touched, Around* gathered) {
  const auto names = ledger_.names_of(touched);
  if (!names) return names.error();
  std::vector<int64_t> people, crimes, others;
  std::set<int64_t> subjects;
  for (std::size_t i = 0; i < touched.size(); ++i) {
    switch ((*names)[i].empty() ? '\0' : (*names)[i][0]) {
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
  for (const int64_t crime : around.keys(&Read::crime)) crimes.push_back(crime);
  const std::size_t of_crimes = around.facts().size();
  if (base::Status read = around.read(crimes); !read) return read.error();
  for (const std::size_t first : {std::size_t{0}, of_crimes}) {
    for (const int64_t person : around.keys(&Read::participant, first)) subjects.insert(person);
    for (const int64_t hearing : around.keys(&Read::hearing, first)) subjects.insert(hearing);
  }
  // What is recorded of a person, and of every crime of theirs, bears on the cases of all their crimes: a death ends
  // them, an assessment shortens them.
  for (const int64_t person : around.keys(&Read::participant)) people.push_back(person);
  if (base::Status read = around.read(people); !read) return read.error();
  if (base::Status read = around.read(around.keys(&Read::crime)); !read) return read.error();
  for (const int64_t hearing : around.keys(&Read::hearing)) subjects.insert(hearing);
  return std::vector<int64_t>(subjects.begin(), subjects.end());
}

base::Status LiveObligations::judge_only(std::span<const int64_t> subjects, int64_t as_at, LiveTally* tally,
                                         const Visit& visit) {
  return judge_around(subjects, as_at, tally, visit, nullptr);
}

base::Status LiveObligations::judge_around(std::span<const int64_t> subjects, int64_t as_at, LiveTally* tally,
                                           const Visit& visit, Around* gathered) {
  for (std::size_t from = 0; from < subjects.size(); from += subjects_at_a_time) {
    const std::span<const int64_t> some = subjects.subspan(from, std::min(subjects_at_a_time, subjects.size() - from));
    Around fresh(ledger_);
    // What was read to find out whom an event reaches is most of what they are judged by.
    Gathering& around = gathered != nullptr && subjects.size() <= subjects_at_a_time ? *gathered : fresh;
    const auto read = [&](std::vector<int64_t> names) { return around.read(std::move(names)); };
    if (base::Status done = read({some.begin(), some.end()}); !done) return done;
    if (base::Status done = read(around.keys(&Read::crime)); !done) return done;
    const std::vector<int64_t> hearings_here = around.keys(&Read::hearing);
    const std::vector<int64_t> people_here = around.keys(&Read::participant);
    if (base::Status done = read(around.keys(&Read::suspect)); !done) return done;
    if (base::Status done = read(hearings_here); !done) return done;
    if (base::Status done = read(people_here); !done) return done;
    // A case is judged by what is recorded of all its victims' crimes.
    const bool has_case = std::any_of(hearings_here.begin(), hearings_here.end(), [&](int64_t hearing) {
      return std::binary_search(some.begin(), some.end(), hearing);
    });
    if (base::Status done = has_case ? read(around.keys(&Read::crime)) : base::Done{}; !done) return done;
    if (base::Status done = has_case ? read(around.keys(&Read::suspect)) : base::Done{}; !done) return done;
    tally->facts_read += around.facts().size();

    model::EventTable table(setting_.book->vocabulary);
    for (const std::string& agency : setting_.agencies) table.agencies.code(agency);
    engine::Coverage coverage;
    for (const NamedCoverage& each : setting_.coverage) {
      const model::EventType* type = setting_.book->vocabulary->find(each.type);
      if (type == nullptr) continue;
      coverage.add(table.agencies.code(each.agency), setting_.book->vocabulary->type_index(type->first_code), each.from,
                   each.to);
    }
    EventRows rows(&table);
    std::vector<uint64_t> position_of;
    std::vector<int64_t> crime_key(1), hearing_key(1), participant_key(1);
    const auto note = [](std::vector<int64_t>* keys, uint32_t symbol, int64_t key) {
      if (symbol >= keys->size()) keys->resize(symbol + std::size_t{1});
      if (symbol != 0) (*keys)[symbol] = key;
    };
    // Rows stand in the order of positions, so that which of two equal facts comes first depends on the ledger only.
    std::vector<const Read*> ordered;
    for (const Read& fact : around.facts()) ordered.push_back(&fact);
    std::sort(ordered.begin(), ordered.end(), [](const Read* a, const Read* b) { return a->position < b->position; });
    for (const Read* fact : ordered) {
      const auto row = rows.add(fact->event);
      if (!row) return row.error();
      position_of.push_back(fact->position);
      note(&crime_key, table.crime(*row), fact->crime);
      note(&hearing_key, table.hearing(*row), fact->hearing);
      note(&participant_key, table.participant(*row), fact->participant);
    }
    const auto symbols_of = [&](const std::vector<int64_t>& keys) {
      std::vector<uint32_t> out;
      for (uint32_t symbol = 1; symbol < keys.size(); ++symbol)
        if (keys[symbol] != 0 && std::binary_search(some.begin(), some.end(), keys[symbol])) out.push_back(symbol);
      return out;
    };
    // Agencies by name: few, and the same in every table.
    std::vector<std::string> agency_texts;
    for (uint32_t symbol = 1; symbol < table.agencies.size(); ++symbol)
      agency_texts.push_back(name_text(ledger::name_agency, table.agencies.name(symbol)));
    auto agency_key = ledger_.keys_of(agency_texts);
    if (!agency_key) return agency_key.error();
    agency_key->insert(agency_key->begin(), 0);

    engine::AssessOptions options;
    options.as_at = as_at;
    options.coverage = &coverage;
    BySubject sink;
    const auto judged =
        engine::assess_some(*setting_.book, table, options, symbols_of(participant_key), symbols_of(hearing_key), sink);
    if (!judged) return judged.error();

    std::map<int64_t, std::vector<StoredObligation>> by_subject;
    std::map<int64_t, NextMoment> next_of;
    for (const int64_t subject : some) {
      by_subject[subject];
      next_of.emplace(subject, NextMoment(as_at));
    }
    const auto position = [&](uint32_t row) {
      return row == model::Obligation::no_row ? StoredObligation::no_position : position_of[row];
    };
    for (const model::Obligation& o : sink.obligations) {
      const int64_t subject = o.participant != 0 ? participant_key[o.participant] : hearing_key[o.hearing];
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
      NextMoment& next = next_of.at(subject);
      next.see(o.due_on);
      next.see(o.first_due_on);
      next.see(o.start_at);
      see_readings(setting_.book->duties[o.duty], table, o, as_at, &next);
      by_subject[subject].push_back(stored);
    }
    // Any moment still to come that a fact about a person, their crimes or their cases names may change something for
    // them, and so may a bank holiday announced for later.
    const Reach reach(ordered, some);
    const uint64_t first_new = ledger_.committed_size();
    for (const Read* fact : ordered) {
      if (fact->historic) {
        silent_.facts.insert(fact->position);
        if (fact->position >= first_new)
          for (const int64_t subject : reach.of(*fact)) silent_.subjects.insert(subject);
      }
      NextMoment next(as_at);
      next.see(fact->event.occurred_at);
      next.see(fact->event.recorded_at);
      if (fact->event.known_at) next.see(*fact->event.known_at);
      for (const auto& [name, value] : fact->event.detail)
        if (const auto* moment = std::get_if<model::Moment>(&value)) next.see(*moment);
      if (next.next() == NextMoment::none) continue;
      for (const int64_t subject : reach.of(*fact)) next_of.at(subject).see(next.next());
    }
    NextMoment of_all(as_at);
    for (const calendar::BankHoliday& holiday : setting_.book->calendar->holidays()) {
      if (holiday.announced_on) of_all.see(calendar::start_of(*holiday.announced_on));
      if (holiday.withdrawn_on) of_all.see(calendar::start_of(*holiday.withdrawn_on));
    }
    for (const int64_t subject : some) {
      std::vector<StoredObligation>& obligations = by_subject[subject];
      std::sort(obligations.begin(), obligations.end());
      tally->subjects += 1;
      tally->obligations += obligations.size();
      const bool gap = std::any_of(obligations.begin(), obligations.end(), is_gap);
      const int64_t next_at = std::min(next_of.at(subject).next(), of_all.next());
      if (base::Status seen = visit(subject, next_at, gap, obligations); !seen) return seen;
    }
  }
  return base::Done{};
}

base::Result<LiveTally> LiveObligations::judge(std::span<const int64_t> subjects, int64_t as_at, uint64_t entry,
                                               bool live) {
  return judge_and_store(subjects, as_at, entry, live, nullptr);
}

base::Result<LiveTally> LiveObligations::judge_and_store(std::span<const int64_t> subjects, int64_t as_at,
                                                         uint64_t entry, bool live, Around* gathered) {
  LiveTally tally;
  silent_ = {};
  set_clock(as_at);
  as_at = stood_at_;
  // An agency may hold a case before anything was heard from it.
  std::vector<std::string> agencies;
  for (const std::string& agency : setting_.agencies) agencies.push_back(name_text(ledger::name_agency, agency));
  if (base::Status named = ledger_.name(agencies); !named) return named.error();
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

base::Result<LiveTally> LiveObligations::judge_touched(std::span<const int64_t> touched, int64_t as_at, uint64_t entry,
                                                       bool live) {
  Around around(ledger_);
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
