// What a ledger keeps as facts arrive is what an assessment of all of them gives, after every batch and as time passes.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <set>

#include "app/coded_event.h"
#include "app/live_obligations.h"
#include "app/outbox.h"
#include "app/simulate_london.h"
#include "engine/history_test.h"
#include "exchange/read_events.h"
#include "ledger/judged_table.h"
#include "ledger/key_store.h"
#include "ledger/ledger.h"
#include "ledger/signing_key.h"
#include "ledger/store_test.h"
#include "rules/rule_set.h"

namespace kept::app {
namespace {

namespace fs = std::filesystem;
using calendar::local_date;
using model::Event;

struct Folder {
  Folder() : path(fs::temp_directory_path() / ("kept-live-" + std::to_string(::getpid()))) {
    fs::create_directories(path);
  }
  ~Folder() { fs::remove_all(path); }
  std::string file(const std::string& name) const { return (path / name).string(); }
  fs::path path;
};

const engine::RuleBook& book() {
  static const engine::RuleBook made = [] {
    auto rules = rules::load_rule_set({rules::built_in_rules(), ""});
    if (!rules) {
      std::fputs(rules.error().message.c_str(), stderr);
      std::abort();
    }
    return std::move(rules->book);
  }();
  return made;
}

/// Every event of a simulated London, in the order recorded.
struct London {
  std::vector<Event> events;
  std::vector<NamedCoverage> coverage;
  std::vector<std::string> agencies;
};

London london(const Folder& folder, uint64_t victims, uint64_t seed) {
  SimulationRequest request;
  request.plan = {victims, seed, local_date({2024, 1, 1}), local_date({2024, 12, 31})};
  request.out = folder.file("london.jsonl");
  request.with_truth = false;
  EXPECT_TRUE(simulate_london(request));
  struct Kept : exchange::WholeRows {
    std::vector<Event> events;
    base::Status take(exchange::WholeRow& row) override {
      for (Event& event : row.events) events.push_back(std::move(event));
      return base::Done{};
    }
  } kept;
  exchange::ReadRequest read;
  read.files = {request.out};
  read.vocabulary = book().vocabulary;
  read.whole = &kept;
  read.strict = true;
  const auto done = exchange::read_events(read);
  EXPECT_TRUE(done) << (done ? "" : done.error().message);
  London out;
  out.events = std::move(kept.events);
  std::set<std::string> agencies;
  for (const Event& event : out.events) agencies.insert(event.agency);
  std::ifstream file(folder.file("london-coverage.csv"));
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) {
    std::vector<std::string> cells(1);
    for (const char c : line) {
      if (c == ',') {
        cells.emplace_back();
      } else {
        cells.back() += c;
      }
    }
    EXPECT_EQ(cells.size(), 4u) << line;
    const auto day = [](const std::string& text, const char* open) {
      return calendar::parse_date(text.empty() ? open : text).value();
    };
    for (const model::EventType& type : book().vocabulary->types())
      if (cells[1] == "*" || cells[1] == type.name)
        out.coverage.push_back({cells[0], type.name, day(cells[2], "1990-01-01"), day(cells[3], "2028-12-31")});
    agencies.insert(cells[0]);
  }
  out.agencies.assign(agencies.begin(), agencies.end());
  return out;
}

class LiveTest : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    store_ = ledger::make_store(GetParam(), folder_.file("store"));
    use(&book());
  }
  void use(const engine::RuleBook* rules) {
    book_ = rules;
    open();
  }
  void open() {
    ledger_.reset();
    if (!keys_) keys_ = ledger::KeyStore::open(folder_.file("keys.sqlite"), base::system_chance()).value();
    if (!signing_)
      signing_ = std::make_unique<ledger::SigningKey>(
          ledger::SigningKey::open_or_create(base::system_disk(), folder_.file("signing.key"), base::system_chance())
              .value());
    ledger::LedgerParts parts;
    parts.vocabulary = book_->vocabulary;
    parts.clock = &clock_;
    parts.chance = &base::system_chance();
    parts.keys = keys_.get();
    parts.disk = &base::system_disk();
    parts.heads_path = folder_.file("heads");
    parts.signing_key = signing_.get();
    auto database = store_->open();
    ASSERT_TRUE(database) << database.error().message;
    auto opened = ledger::Ledger::open(std::move(*database), parts);
    ASSERT_TRUE(opened) << opened.error().message;
    ledger_ = std::move(*opened);
  }

  /// These events in another order, judged and undone: nothing that was learnt of them may be left.
  void take_and_undo(std::vector<Event> events, int64_t now, LiveObligations* live) {
    std::reverse(events.begin(), events.end());
    ASSERT_TRUE(ledger_->begin());
    std::vector<ledger::NewEvent> fresh(events.size());
    for (std::size_t i = 0; i < events.size(); ++i) {
      fresh[i].event = events[i];
      fresh[i].received_at = now;
    }
    std::vector<int64_t> touched;
    const auto placed = ledger_->add_events(fresh, &touched);
    ASSERT_TRUE(placed) << placed.error().message;
    ASSERT_TRUE(live->learn(fresh, *placed));
    ledger::Entry why;
    why.kind = ledger::EntryKind::commit;
    why.received_at = now;
    const auto entry = ledger_->add(ledger::TreeName::audit, why);
    ASSERT_TRUE(entry) << entry.error().message;
    ASSERT_TRUE(live->judge_touched(touched, now, *entry, true));
    ASSERT_TRUE(ledger_->roll_back());
  }

  /// One commit of these events; judged as the clock then stood.
  void take(const std::vector<Event>& events, int64_t now, LiveObligations* live) {
    ASSERT_TRUE(ledger_->begin());
    std::vector<ledger::NewEvent> fresh;
    for (const Event& event : events) {
      ledger::NewEvent one;
      one.event = event;
      one.received_at = now;
      fresh.push_back(one);
    }
    std::vector<int64_t> touched;
    const auto placed = ledger_->add_events(fresh, &touched);
    ASSERT_TRUE(placed) << placed.error().message;
    for (const ledger::Placed& one : *placed) EXPECT_EQ(one.arrival, ledger::Arrival::accepted);
    // Whether they were told or read back must make no difference.
    if (placed->front().position % 2 == 0) {
      ASSERT_TRUE(live->learn(fresh, *placed));
    }
    ledger::Entry why;
    why.kind = ledger::EntryKind::commit;
    why.received_at = now;
    const auto entry = ledger_->add(ledger::TreeName::audit, why);
    ASSERT_TRUE(entry) << entry.error().message;
    const auto judged = live->judge_touched(touched, now, *entry, true);
    ASSERT_TRUE(judged) << judged.error().message;
    subjects_judged_ += judged->subjects;
    const auto committed = ledger_->commit();
    ASSERT_TRUE(committed) << committed.error().message;
    taken_.insert(taken_.end(), events.begin(), events.end());
  }

  void tick(int64_t now, LiveObligations* live) {
    ASSERT_TRUE(ledger_->begin());
    const auto due = live->due_by(now);
    ASSERT_TRUE(due) << due.error().message;
    ledger::Entry why;
    why.kind = ledger::EntryKind::clock;
    why.received_at = now;
    const auto entry = ledger_->add(ledger::TreeName::audit, why);
    ASSERT_TRUE(entry) << entry.error().message;
    const auto judged = live->judge(*due, now, *entry, true);
    ASSERT_TRUE(judged) << judged.error().message;
    ASSERT_TRUE(ledger_->commit());
  }

  /// What the ledger has stored, and what an assessment of everything gives, as lines of text by subject.
  void expect_same_as_assessed(const London& london, int64_t now) {
    model::EventTable table(book_->vocabulary);
    for (const std::string& agency : london.agencies) table.agencies.code(agency);
    for (const Event& event : taken_) {
      const auto coded = CodedEvent::of(event, *book_->vocabulary);
      ASSERT_TRUE(coded) << coded.error().message;
      coded->add_to(&table, NamedInTable::of(event, &table));
    }
    engine::Coverage coverage;
    for (const NamedCoverage& each : london.coverage)
      coverage.add(table.agencies.code(each.agency),
                   book_->vocabulary->type_index(book_->vocabulary->find(each.type)->first_code), each.from, each.to);
    engine::AssessOptions options;
    options.as_at = now;
    options.coverage = &coverage;
    struct All : engine::Sink {
      std::vector<model::Obligation> obligations;
      void take(const model::Obligation* first, std::size_t count) override {
        obligations.insert(obligations.end(), first, first + count);
      }
      std::unique_ptr<Sink> fork() override { return std::make_unique<All>(); }
      void join(Sink&) override {}
    } sink;
    const auto assessed = engine::assess(*book_, table, options, sink);
    ASSERT_TRUE(assessed) << assessed.error().message;
    std::map<std::string, std::vector<std::string>> expected, stored;
    const auto key = [&](char kind, const std::string& name) {
      if (name.empty()) return int64_t{0};
      const std::string names[] = {std::string(1, kind) + name};
      return ledger_->keys_of(names).value()[0];
    };
    const auto position = [](uint32_t row) {
      return row == model::Obligation::no_row ? StoredObligation::no_position : row;
    };
    std::map<std::string, std::vector<StoredObligation>> by_subject;
    for (const model::Obligation& o : sink.obligations) {
      StoredObligation s;
      s.duty = o.duty;
      s.interval = o.interval;
      s.trigger = position(o.trigger_row);
      s.crime = key('c', table.crimes.name(o.crime));
      s.hearing = key('h', table.hearings.name(o.hearing));
      s.agency = key('a', table.agencies.name(o.agency));
      s.missing_agency = key('a', table.agencies.name(o.missing_agency));
      s.fulfilled = position(o.fulfilled_row);
      s.decided = position(o.decided_row);
      s.start_at = o.start_at;
      s.fulfilled_at = o.fulfilled_at;
      s.due_on = o.due_on;
      s.first_due_on = o.first_due_on;
      s.outcome = o.outcome;
      s.would_have_been = o.would_have_been;
      s.window = o.window;
      s.reason = o.reason;
      s.late_unit = o.late_unit;
      s.late_by = o.late_by;
      s.late_ms = o.late_ms;
      s.missing_code = o.missing_code;
      s.missing_on = o.missing_on;
      s.flags = o.flags;
      s.rule_u_outcomes = o.rule_u_outcomes;
      by_subject[o.participant != 0 ? "p" + table.participants.name(o.participant)
                                    : "h" + table.hearings.name(o.hearing)]
          .push_back(s);
    }
    static constexpr ledger::Statement all{
        "SELECT name.text, judged.obligations FROM judged JOIN name ON name.key = judged.subject"};
    std::map<std::string, std::vector<StoredObligation>> kept;
    ASSERT_TRUE(ledger_->database().ask(all, {}, [&](std::size_t, const ledger::Answer& row) -> base::Status {
      auto decoded = decode_obligations(row.bytes(1));
      if (!decoded) return decoded.error();
      if (!decoded->empty()) kept[std::string(row.bytes(0))] = *decoded;
      return base::Done{};
    }));
    compared_ += sink.obligations.size();
    for (auto& [subject, list] : by_subject) {
      std::sort(list.begin(), list.end());
      const auto found = kept.find(subject);
      ASSERT_NE(found, kept.end()) << subject << " has " << list.size() << " obligations that nobody stored";
      ASSERT_EQ(found->second.size(), list.size()) << subject;
      for (std::size_t i = 0; i < list.size(); ++i)
        ASSERT_EQ(found->second[i], list[i])
            << subject << ": " << book_->duties[list[i].duty].id << " because of position " << list[i].trigger << ", "
            << model::outcome_name(list[i].outcome) << "; stored: " << book_->duties[found->second[i].duty].id << ", "
            << model::outcome_name(found->second[i].outcome) << " agencies " << found->second[i].agency << " "
            << list[i].agency << " " << list[i].crime;
      kept.erase(found);
    }
    EXPECT_TRUE(kept.empty()) << kept.begin()->first << " has obligations stored that nothing gives";
    const auto outbox = reconcile_outbox(ledger_->database(), *book_, now);
    ASSERT_TRUE(outbox) << outbox.error().message;
    EXPECT_EQ(outbox->lacking, 0u);
    EXPECT_EQ(outbox->astray, 0u);
    EXPECT_EQ(outbox->undescribed, 0u);
    waiting_ += outbox->waiting;
    EXPECT_EQ(outbox->live_waiting, outbox->waiting);
  }

  const engine::RuleBook* book_ = nullptr;
  Folder folder_;
  std::unique_ptr<ledger::TestStore> store_;
  base::ManualClock clock_;
  std::unique_ptr<ledger::KeyStore> keys_;
  std::unique_ptr<ledger::SigningKey> signing_;
  std::unique_ptr<ledger::Ledger> ledger_;
  std::vector<Event> taken_;
  uint64_t compared_ = 0, subjects_judged_ = 0, waiting_ = 0;
};

TEST_P(LiveTest, is_what_an_assessment_of_everything_gives) {
  const London all = london(folder_, 300, 7);
  ASSERT_GT(all.events.size(), 3000u);
  // Room for some hundred facts: most of what is remembered is forgotten again.
  LiveObligations live(*ledger_, {&book(), all.agencies, all.coverage, 200'000});
  std::mt19937_64 random(1);
  std::size_t at = 0;
  int64_t now = all.events.front().recorded_at;
  int batches = 0;
  while (at < all.events.size()) {
    const std::size_t size = std::min<std::size_t>(1 + random() % 200, all.events.size() - at);
    const std::vector<Event> some(all.events.begin() + static_cast<std::ptrdiff_t>(at),
                                  all.events.begin() + static_cast<std::ptrdiff_t>(at + size));
    at += size;
    for (const Event& event : some) now = std::max(now, event.recorded_at);
    if (batches % 5 == 0) take_and_undo(some, now, &live);
    if (HasFatalFailure()) return;
    take(some, now, &live);
    tick(now, &live);
    if (HasFatalFailure()) return;
    if (++batches % 8 == 0 || at == all.events.size()) expect_same_as_assessed(all, now);
    if (HasFatalFailure()) return;
  }
  // Nothing more arrives, and time goes on.
  for (const int days : {1, 9, 40, 300}) {
    now += int64_t{days} * 86'400'000;
    tick(now, &live);
    if (HasFatalFailure()) return;
    expect_same_as_assessed(all, now);
    if (HasFatalFailure()) return;
  }
  EXPECT_GT(compared_, 50'000u);
}

/// A story as an agency would send it.
Event event_of(const engine::testing::Story& story, int number) {
  Event event;
  event.id = story.id.empty() ? "n" + std::to_string(1000 + number) : story.id;
  event.source = story.source;
  event.type = story.type;
  event.agency = story.agency.empty() ? "nobody" : story.agency;
  event.occurred_at = model::parse_moment(story.occurred).value();
  if (!story.known.empty()) event.known_at = model::parse_moment(story.known).value();
  event.recorded_at = story.recorded.empty()
                          ? std::min(event.occurred_at.hi_ms, event.occurred_at.lo_ms + 12 * 3'600'000)
                          : model::parse_moment(story.recorded).value().lo_ms;
  event.recorded_assumed = story.recorded_assumed;
  event.crime = story.crime;
  event.participant = story.participant;
  event.suspect = story.suspect;
  event.hearing = story.hearing;
  event.corrects = story.corrects;
  event.retracts = story.retracts;
  for (const auto& [name, text] : story.detail) {
    if (name == "until" || name == "from" || name == "on") {
      event.detail[name] = model::parse_moment(text).value();
    } else if (name == "every") {
      event.detail[name] = int64_t{std::stoll(text)};
    } else if (name == "enhanced") {
      event.detail[name] = text == "yes";
    } else if (!text.empty()) {
      event.detail[name] = text;
    }
  }
  return event;
}

// Corrections before what they correct, retractions that name nobody, events moved from one crime to another, facts of
// the future, holds, holidays announced meanwhile: in any order of arrival, one at a time and many at once.
TEST_P(LiveTest, a_case_follows_what_is_recorded_of_its_victims_other_crimes) {
  const auto event = [](const char* id, const char* type, const char* agency, const char* at) {
    Event made;
    made.id = id;
    made.type = type;
    made.source = made.agency = agency;
    made.occurred_at = model::parse_moment(at).value();
    made.recorded_at = model::parse_moment("2024-03-24T09:00:00Z")->lo_ms;
    return made;
  };
  const auto of = [&](const char* id, const char* type, const char* at, const char* crime, const char* person = "",
                      const char* suspect = "") {
    Event made = event(id, type, "met", at);
    made.crime = crime;
    made.participant = person;
    made.suspect = suspect;
    if (made.type == "link.victim") made.detail = {{"role", "victim"}, {"person_kind", "person"}};
    return made;
  };
  std::vector<Event> of_the_case = {of("1", "crime.reported", "2024-03-13T09:00:00Z", "C1"),
                                    of("2", "link.victim", "2024-03-13T09:00:00Z", "C1", "V1"),
                                    of("3", "link.suspect", "2024-03-13T10:00:00Z", "C1", "", "S1"),
                                    event("4", "hearing.listed", "magistrates-court", "2024-03-23T03:23:00Z"),
                                    event("5", "link.hearing", "magistrates-court", "2024-03-23T03:23:00Z"),
                                    event("6", "court.received", "wcu-north", "2024-03-23T04:33:00Z")};
  for (Event& each : std::span(of_the_case).subspan(3)) each.hearing = "H1";
  of_the_case[3].detail = {{"hearing_kind", "first_hearing"},
                           {"hearing_on", model::parse_moment("2024-04-17").value()}};
  of_the_case[4].detail = {{"hearing_kind", "first_hearing"}};
  of_the_case[5].detail = {{"what", "listing"}};
  for (const std::size_t i : {4, 5}) {
    of_the_case[i].crime = "C1";
    of_the_case[i].suspect = "S1";
  }
  // Nothing of these names the case, or anybody but in another crime.
  const std::vector<Event> of_another = {of("7", "link.victim", "2024-03-23T00:50:00Z", "C2", "V1"),
                                         of("8", "crime.reported", "2024-03-23T00:50:00Z", "C2"),
                                         of("9", "crime.committed", "2019", "C2")};
  London all;
  all.agencies = {"magistrates-court", "met", "wcu-north"};
  LiveObligations live(*ledger_, {&book(), all.agencies, {}});
  const int64_t now = model::parse_moment("2024-03-25T12:00:00Z")->lo_ms;
  const auto assumed = [&] {
    const std::string names[] = {"hH1"};
    const std::vector<int64_t> subject = ledger_->keys_of(names).value();
    std::size_t out = 0;
    const base::Status read = ledger::JudgedTable(ledger_->database())
                                  .read(subject, [&](std::size_t, const ledger::JudgedRow& row) -> base::Status {
                                    const auto obligations = decode_obligations(row.obligations);
                                    if (!obligations) return obligations.error();
                                    for (const StoredObligation& o : *obligations)
                                      out += (o.flags & model::flag_edition_by_assumption) != 0;
                                    return base::Done{};
                                  });
    EXPECT_TRUE(read) << read.error().message;
    return out;
  };
  take(of_the_case, now, &live);
  expect_same_as_assessed(all, now);
  ASSERT_EQ(assumed(), 0u);
  for (const Event& each : of_another) {
    take({each}, now, &live);
    expect_same_as_assessed(all, now);
  }
  EXPECT_GT(assumed(), 0u) << "the other crime began under an earlier edition";
  // Judged again with nobody beside it, the case is the same.
  const std::string names[] = {"hH1"};
  ASSERT_TRUE(ledger_->begin());
  ASSERT_TRUE(live.judge(ledger_->keys_of(names).value(), now, 0, true));
  ASSERT_TRUE(ledger_->commit());
  expect_same_as_assessed(all, now);
}

TEST_P(LiveTest, is_right_whatever_arrives_in_whatever_order) {
  const engine::testing::TestWorld world = engine::testing::make_world();
  use(&world.book);
  constexpr int people = 150;
  std::vector<Event> events;
  std::mt19937_64 random(5);
  for (int i = 0; i < people; ++i) {
    const std::string who = "V" + std::to_string(i);
    // Some share a crime, so that what is recorded of one reaches the other.
    const std::string crime = "X" + std::to_string(i % 5 == 4 ? i - 1 : i);
    int number = 0;
    for (const auto& story : engine::testing::history(random(), who, crime)) {
      Event event = event_of(story, number++);
      if (event.id[0] == 'n') event.id = who + event.id;
      if (random() % 8 == 0 && !event.corrects.empty()) event.crime = "X" + std::to_string(random() % people);
      events.push_back(std::move(event));
    }
  }
  std::shuffle(events.begin(), events.end(), random);
  London all;
  all.agencies = {"cps", "nobody", "police"};
  for (const char* type : {"informed", "told"})
    all.coverage.push_back(
        {"police", type, calendar::parse_date("2026-01-01").value(), calendar::parse_date("2026-03-12").value()});
  LiveObligations live(*ledger_, {book_, all.agencies, all.coverage});
  const int64_t first = model::parse_moment("2026-03-02T00:00:00Z").value().lo_ms;
  int64_t now = first;
  std::size_t at = 0;
  int batches = 0;
  while (at < events.size()) {
    const std::size_t size = std::min<std::size_t>(random() % 3 == 0 ? 40 : 1, events.size() - at);
    const std::vector<Event> some(events.begin() + static_cast<std::ptrdiff_t>(at),
                                  events.begin() + static_cast<std::ptrdiff_t>(at + size));
    at += size;
    if (batches % 4 == 0) take_and_undo(some, now, &live);
    if (HasFatalFailure()) return;
    take(some, now, &live);
    if (HasFatalFailure()) return;
    if (++batches % 10 == 0 || at == events.size()) expect_same_as_assessed(all, now);
    if (HasFatalFailure()) return;
    if (batches % 3 == 0) {
      now = first + static_cast<int64_t>(at) * 25 * 86'400'000 / static_cast<int64_t>(events.size());
      tick(now, &live);
    }
  }
  for (int hours = 0; hours < 30 * 24; hours += 7) {
    now += 7 * 3'600'000;
    tick(now, &live);
    if (HasFatalFailure()) return;
    expect_same_as_assessed(all, now);
    if (HasFatalFailure()) return;
  }
  EXPECT_GT(compared_, 100'000u);
  EXPECT_GT(waiting_, 1'000u);
}

INSTANTIATE_TEST_SUITE_P(Stores, LiveTest, testing::Values("sqlite", "postgres"),
                         [](const auto& one) { return std::string(one.param); });

}  // namespace
}  // namespace kept::app
