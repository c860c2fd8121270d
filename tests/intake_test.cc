// What becomes of whatever a feed sends: through real contracts, batches on the disk and a store.
// KEPT_WITHDRAWN_EVENTS=1000000: that many are withdrawn.
// Slow: kills imports, withdrawals and erasures, on two databases.
// Shards: 4
#include "app/intake.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include <algorithm>
#include <random>
#include <set>
#include <thread>

#include "app/erasure.h"
#include "app/feeds_text.h"
#include "app/ledger_checks.h"
#include "app/quarantine.h"
#include "app/rebuild.h"
#include "app/simulate_london.h"
#include "app/waiting_crimes.h"
#include "app/withdrawal.h"
#include "ledger/judged_table.h"
#include "ledger/outbox_table.h"
#include "ledger/transaction.h"
#include "support/checked_build.h"
#include "support/intake_stores_test.h"

extern char** environ;

namespace kept::app {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;

/// An arrest as the older police system sends it; `more` replaces or adds fields.
std::string arrest(int number, const std::string& more = "") {
  return fmt::format(
      R"({{"id":"a{0}","type":"suspect.arrested","crime":"C{0}","suspect":"S{0}","occurred_at":"2024-03-06T09:00:00Z","recorded_at":"2024-03-06T09:30:00Z"{1}}})"
      "\n",
      number, more);
}
std::string with(const std::string& fields) { return "{" + fields + "}\n"; }
const std::string arrested =
    R"("type":"suspect.arrested","crime":"C9","suspect":"S9","occurred_at":"2024-03-06T09:00:00Z")";

std::string victims(const std::vector<Cells>& rows) { return csv(victims_heading, rows); }
/// One more row, without the heading.
std::string another(const Cells& row) {
  const std::string batch = victims({row});
  return batch.substr(batch.find('\n') + 1);
}
Cells linked_at(const std::string& person, const std::string& time) {
  Cells cells = victim("C1", person, person);
  cells["Linked"] = time;
  return cells;
}

class Intake : public IntakeStores {};
INSTANTIATE_TEST_SUITE_P(Stores, Intake, both_stores, store_name);

TEST_P(Intake, TakesTheGoodRowsOfABatchAndSaysWhichRowIsBadAndWhy) {
  const struct {
    const char* why;
    const char* feed;
    std::string good, bad;
    const char* reason;
    const char* says;
  } rows[] = {
      {"not JSON", "police-older-system", arrest(1), "{\"id\":\n", "malformed", ""},
      {"bytes that are no text", "police-older-system", arrest(2), with("\"id\":\"\xff\"," + arrested), "not_text", ""},
      {"an event type that nobody knows", "police-older-system", arrest(3),
       with(R"("id":"b","type":"suspect.abducted","suspect":"S","occurred_at":"2024-03-06")"), "unknown_type",
       "no such type of event"},
      {"an event type outside the contract", "police-older-system", arrest(4),
       with(R"("id":"b","type":"victim.asked","participant":"V1","about":"arrest","occurred_at":"2024-03-06")"),
       "outside_contract", "victim.asked"},
      {"a field that the vocabulary lacks", "police-older-system", arrest(5),
       with(R"("id":"b","mood":"sad",)" + arrested), "unknown_field", "neither a part of an event"},
      {"another agency's", "police-older-system", arrest(6), with(R"("id":"b","agency":"crown-court",)" + arrested),
       "other_agency", "speaks for its own"},
      {"another system's", "police-older-system", arrest(7), with(R"("id":"b","source":"custody",)" + arrested),
       "other_source", "speaks for its own"},
      {"no id", "police-older-system", arrest(8), with(arrested), "no_id", "needs an id"},
      {"an id that only Kept gives", "police-older-system", arrest(9), with(R"("id":"withdrawn:1",)" + arrested),
       "reserved_id", "withdrawn:"},
      {"recorded tomorrow", "police-older-system", arrest(10),
       with(R"("id":"b","recorded_at":"2024-03-07T09:00:00Z",)" + arrested), "future", "1260 minutes"},
      {"a clock an hour ahead", "police-older-system", arrest(11),
       with(R"("id":"b","recorded_at":"2024-03-06T13:00:00Z",)" + arrested), "future", "60 minutes"},
      {"it happened later today", "police-older-system", arrest(12),
       with(
           R"("id":"b","type":"suspect.arrested","suspect":"S","occurred_at":"2024-03-06T21:00:00Z","recorded_at":"2024-03-06T11:00:00Z")"),
       "not_yet", "the sender's clock is ahead"},
      {"an id with a byte 0", "police-older-system", arrest(19), with(R"("id":"b\u0000c",)" + arrested), "malformed",
       "a byte 0"},
      {"a date that does not exist", "police-older-system", arrest(13),
       with(R"("id":"b","type":"suspect.arrested","suspect":"S","occurred_at":"2024-02-30")"), "bad_time", ""},
      {"no suspect in an arrest", "police-older-system", arrest(14),
       with(R"("id":"b","type":"suspect.arrested","crime":"C","occurred_at":"2024-03-06")"), "missing", "suspect"},
      {"a word that is not in the list", "police-older-system", arrest(15),
       with(R"("id":"b","type":"victim.informed","participant":"V","about":"weather","occurred_at":"2024-03-06")"),
       "bad_word", ""},
      {"it corrects and retracts at once", "police-older-system", arrest(16),
       with(R"("id":"b","corrects":"x","retracts":"y",)" + arrested), "contradiction", "not both"},
      {"the same id with other content", "police-older-system", arrest(17), arrest(17, R"(,"offence":"8L")"),
       "conflict", "corrects the old one"},
      {"the hour that the clocks skip", "police-victims", victims({victim("C1", "V1", "v1")}),
       another(linked_at("V2", "26/03/2023 01:30:00")), "clock_gap", ""},
      {"the hour that comes twice", "police-victims", victims({victim("C1", "V3", "v3")}),
       another(linked_at("V4", "29/10/2023 01:30:00")), "clock_overlap", ""},
      {"more cells than the heading", "police-victims", victims({victim("C1", "V5", "v5")}),
       "C1,V6" + std::string(60, ',') + "\n", "ragged", ""},
      {"an update that the profile lacks", "police-victims", victims({victim("C1", "V7", "v7")}),
       another(update("C1", "V8", "v8", "Victim vanished")), "unlisted_value", ""},
  };
  RowCounts sum;
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    const uint64_t open_before = state(row.feed).open_quarantine;
    const BatchReceipt receipt = send(row.feed, row.good + row.bad);
    sum += receipt.counts;
    const bool is_conflict = std::string_view(row.reason) == "conflict";
    EXPECT_EQ(receipt.counts.rows, 2u);
    EXPECT_EQ(receipt.counts.accepted, 1u);
    EXPECT_EQ(receipt.counts.quarantined, is_conflict ? 0u : 1u);
    EXPECT_EQ(receipt.counts.conflict, is_conflict ? 1u : 0u);
    EXPECT_THAT(receipt.reasons, ElementsAre(Pair(row.reason, 1u)));
    EXPECT_EQ(state(row.feed).open_quarantine, open_before + 1);
    const auto aside = quarantined_rows(store(), row.feed, true, 1);
    ASSERT_TRUE(aside && aside->size() == 1);
    EXPECT_EQ(aside->front().row, 2u);
    EXPECT_EQ(aside->front().batch, receipt.number);
    EXPECT_EQ(aside->front().reason, row.reason);
    EXPECT_THAT(aside->front().why, HasSubstr(row.says));
    EXPECT_FALSE(aside->front().why.empty());
    const auto bytes = quarantined_bytes(store(), aside->front().position, "the test");
    ASSERT_TRUE(bytes) << bytes.error().message;
    const std::string sent = row.bad.substr(0, row.bad.size() - 1);
    EXPECT_EQ(*bytes, sent);
  }
  const auto states = feed_states(store(), clock_.now_ms());
  ASSERT_TRUE(states);
  RowCounts all;
  for (const FeedState& one : *states) all += one.counts;
  EXPECT_EQ(all.rows, sum.rows);
  EXPECT_TRUE(all.add_up());
  EXPECT_THAT(feeds_text(*states, clock_.now_ms()), HasSubstr("every row is accounted for"));
  EXPECT_THAT(feeds_json(*states), HasSubstr(R"("name":"police-older-system")"));
  EXPECT_THAT(feeds_json(*states), HasSubstr(R"("rows":36,"accepted":18,"duplicate":0,"conflict":1,"quarantined":17)"));
}

TEST_P(Intake, AClockAnHourBehindIsTakenAndCounted) {
  // Nothing tells it from an entry typed an hour later: what can be seen is how old facts are on arrival.
  const BatchReceipt receipt =
      send("police-older-system", with(R"("id":"b","recorded_at":"2024-03-06T10:55:00Z",)" + arrested));
  EXPECT_EQ(receipt.counts.accepted, 1u);
}

TEST_P(Intake, AnUnknownCrimeIsTakenNamedAndNoLongerNamedOnceItIsKnown) {
  send("police-older-system", arrest(1) + arrest(2));
  EXPECT_EQ(state("police-older-system").unknown_crimes, 2u);
  EXPECT_THAT(state("police-older-system").first_unknown, ElementsAre("C1", "C2"));
  EXPECT_TRUE(judged().empty());
  EXPECT_THAT(feeds_text(*feed_states(store(), clock_.now_ms()), clock_.now_ms()),
              HasSubstr("UNKNOWN: police-older-system speaks of 2 crimes that nobody recorded yet: C1, C2"));
  send("police-victims", victims({victim("C1", "V1", "v1")}));
  send("police-suspects", csv(suspects_heading, {concerned("C1", "S1", "s1")}));
  EXPECT_THAT(state("police-older-system").first_unknown, ElementsAre("C2"));
  EXPECT_FALSE(judged().empty()) << "the arrest has its effect now";
  expect_as_judged_anew();
}

TEST_P(Intake, TheListOfUnknownCrimesIsMadeAgainFromTheFacts) {
  send("police-victims", victims({victim("C3", "V3", "v3"), victim("C4", "V4", "v4")}));
  send("police-older-system", arrest(1) + arrest(2) + arrest(3));
  clock_.advance_ms(3'600'000);
  // Of the second crime again, and of one that another feed names first; of a crime that becomes known in the same
  // batch.
  send("police-older-system", arrest(2, R"(,"offence":"8L")") + arrest(5));
  send("police-suspects", csv(suspects_heading, {concerned("C6", "S6", "s6"), concerned("C7", "S7", "s7")}));
  send("police-victims", victims({victim("C7", "V7", "v7")}));
  ledger::WaitingTable table(store().ledger().database());
  const auto before = table.all();
  ASSERT_TRUE(before) << before.error().message;
  ASSERT_EQ(before->size(), 4u) << "C1, C2, C5 and C6";
  ASSERT_EQ(*waiting_by_facts(store().ledger()), *before);
  const auto check = [&] {
    const auto checked = check_ledger(store(), {});
    EXPECT_TRUE(checked) << checked.error().message;
    return check_text(*checked);
  };
  EXPECT_THAT(check(), HasSubstr("crimes nobody recorded yet: 4"));
  EXPECT_THAT(check(), Not(HasSubstr("WRONG")));

  const auto known = store().ledger().keys_of(std::vector<std::string>{ledger::name_text(ledger::name_crime, "C3")});
  ASSERT_TRUE(known);
  const auto damage = [&](const std::function<base::Status()>& how) {
    ASSERT_TRUE(ledger::in_transaction(store().ledger(), how));
    ASSERT_NE(*table.all(), *before);
    EXPECT_THAT(check(), HasSubstr("WRONG: crimes that nobody recorded yet"));
  };
  const struct {
    const char* why;
    std::function<base::Status()> how;
    uint64_t differed;
  } rows[] = {
      {"two are missing", [&] { return table.drop(std::vector<int64_t>{before->at(0).crime, before->at(2).crime}); },
       2},
      {"one is known",
       [&] { return table.add(std::vector<ledger::WaitingRow>{{known->front(), "police-older-system", 1}}); }, 1},
      {"one is of another feed, and one more is missing",
       [&]() -> base::Status {
         std::vector<ledger::WaitingRow> changed{before->at(1)};
         changed[0].feed = "police-suspects";
         base::Status done = table.drop(std::vector<int64_t>{changed[0].crime, before->at(3).crime});
         return done ? table.add(changed) : done;
       },
       2},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    damage(row.how);
    const auto made = rebuild(store(), clock_.now_ms(), {});
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(made->waiting_differed, row.differed);
    EXPECT_EQ(*table.all(), *before);
    EXPECT_THAT(check(), Not(HasSubstr("WRONG")));
  }
  const auto again = rebuild(store(), clock_.now_ms(), {});
  ASSERT_TRUE(again);
  EXPECT_EQ(again->waiting_differed, 0u);
}

TEST_P(Intake, ABatchSentAgainIsNothingNew) {
  const std::string text = arrest(1) + arrest(2) + "{broken\n";
  const BatchReceipt first = send("police-older-system", text, [](BatchRequest& r) { r.number = 1; });
  EXPECT_EQ(first.counts.accepted, 2u);
  const uint64_t size = store().ledger().size();
  const BatchReceipt again = send("police-older-system", text, [](BatchRequest& r) { r.number = 1; });
  EXPECT_TRUE(again.again);
  EXPECT_EQ(store().ledger().size(), size) << "a replay adds nothing";
  ASSERT_TRUE(again.receipt && first.receipt);
  EXPECT_EQ(again.receipt->position, first.receipt->position);
  // Under another number every row is there already; the bad one is put aside once more, because nobody may drop it.
  const BatchReceipt renumbered = send("police-older-system", text, [](BatchRequest& r) { r.number = 2; });
  EXPECT_FALSE(renumbered.again);
  EXPECT_EQ(renumbered.counts.duplicate, 2u);
  EXPECT_EQ(renumbered.counts.quarantined, 1u);
  EXPECT_EQ(renumbered.counts.events, 0u);
  // The same number with other content is refused, and nothing of it is taken.
  const auto other = try_send("police-older-system", arrest(3), [](BatchRequest& r) { r.number = 2; });
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, ErrorCode::conflict);
  EXPECT_THAT(other.error().message, HasSubstr("batch 2 of police-older-system came before with other content"));
  EXPECT_EQ(events(), 2u);
}

TEST_P(Intake, WhatTheSenderStatesOfABatchMustHold) {
  const auto cut = try_send("police-older-system", arrest(1), [](BatchRequest& r) { r.digest = std::string(64, 'a'); });
  ASSERT_FALSE(cut);
  EXPECT_THAT(cut.error().message, HasSubstr("cut or changed on the way"));
  EXPECT_EQ(events(), 0u);
  const auto short_of = try_send("police-older-system", arrest(1), [](BatchRequest& r) { r.rows = 2; });
  ASSERT_FALSE(short_of);
  EXPECT_THAT(short_of.error().message, HasSubstr("it has 1 rows, and the sender says 2"));
  EXPECT_EQ(state("police-older-system").last_batch, 0u) << "not complete";
  const auto unknown = try_send("police-lost", arrest(1));
  ASSERT_FALSE(unknown);
  EXPECT_THAT(unknown.error().message, HasSubstr("there is no feed police-lost; the feeds are:"));
}

TEST_P(Intake, BatchesThatNeverCameAreNamedUntilTheyDo) {
  send("police-older-system", arrest(1), [](BatchRequest& r) { r.number = 1; });
  const BatchReceipt later = send("police-older-system", arrest(4), [](BatchRequest& r) { r.number = 4; });
  EXPECT_THAT(later.missing, ElementsAre(2u, 3u));
  EXPECT_THAT(state("police-older-system").missing, ElementsAre(2u, 3u));
  send("police-older-system", arrest(2), [](BatchRequest& r) { r.number = 2; });
  EXPECT_THAT(state("police-older-system").missing, ElementsAre(3u));
}

TEST_P(Intake, AFeedThatJoinsLaterIsWaitedForFromThatDayOn) {
  const fs::path contracts = path("contracts"), newcomer = contracts / "ombudsman.yaml";
  fs::copy(built_in_feeds(), contracts, fs::copy_options::recursive);
  const std::string aside = path("ombudsman.yaml");
  fs::rename(newcomer, aside);
  StoreRequest request;
  request.data = data();
  request.database = database_;
  request.feeds = contracts.string();
  request.clock = &clock_;
  ASSERT_TRUE(Store::open(request));
  clock_.advance_ms(at("2024-06-03T09:00:00Z") - clock_.now_ms());
  fs::rename(aside, newcomer);
  const auto store = Store::open(request);
  ASSERT_TRUE(store) << store.error().message;
  const auto states = feed_states(**store, at("2024-06-03T10:00:00Z"));
  ASSERT_TRUE(states);
  std::size_t silent = 0;
  for (const FeedState& each : *states) {
    if (each.name == "ombudsman") {
      EXPECT_FALSE(each.silent_since);
    }
    silent += each.silent_since.has_value();
  }
  EXPECT_GE(silent, 30u) << "the others have been silent since March";
}

TEST_P(Intake, ANewContractDoesNotMakeASilentFeedWaitedForAnew) {
  const fs::path contracts = path("contracts"), ombudsman = contracts / "ombudsman.yaml";
  fs::copy(built_in_feeds(), contracts, fs::copy_options::recursive);
  feeds_ = contracts.string();
  const auto silent_since = [&] { return state("ombudsman").silent_since; };
  ASSERT_FALSE(silent_since());
  clock_.advance_ms(at("2024-03-20T12:00:00Z") - clock_.now_ms());
  const auto before = silent_since();
  ASSERT_TRUE(before) << "it never sent anything, and is owed since the 6th";
  std::string text;
  {
    std::ifstream file(ombudsman);
    text.assign(std::istreambuf_iterator<char>(file), {});
  }
  for (const char* later : {"15 days", "16 days"}) {
    SCOPED_TRACE(later);
    close();
    const std::size_t from = text.find("late_after: ");
    ASSERT_NE(from, std::string::npos);
    text.replace(from, text.find('\n', from) - from, std::string("late_after: ") + later);
    std::ofstream(ombudsman) << text;
    const uint64_t size = store().ledger().size();
    EXPECT_EQ(facts().back().entry.fields.at("late_after_ms"),
              std::to_string((later[1] - '0' + 10) * int64_t{24} * 3'600'000))
        << "the new contract is a fact";
    EXPECT_EQ(silent_since(), before) << "what was agreed since changes nothing of when it was first owed";
    close();
    EXPECT_EQ(store().ledger().size(), size) << "opened once more, nothing has changed";
    clock_.advance_ms(24 * 3'600'000);
  }
}

TEST_P(Intake, ADayOfTenTimesTheVolumeIsHeldUntilSomebodyLooks) {
  std::string text;
  for (int i = 1; i <= 1501; ++i) text += arrest(i);
  const BatchReceipt held = send("police-older-system", text);
  EXPECT_EQ(held.state, BatchState::held);
  EXPECT_EQ(held.counts.rows, 1500u);
  ASSERT_EQ(state("police-older-system").held.size(), 1u);
  EXPECT_EQ(state("police-older-system").held[0].number, 1u);
  EXPECT_EQ(state("police-older-system").held[0].rows, 1500u);
  EXPECT_THAT(receipt_text(held), HasSubstr("HELD"));
  // Sent again without anybody's word it is held again, and nothing is counted twice.
  const BatchReceipt again = send("police-older-system", text);
  EXPECT_EQ(again.state, BatchState::held);
  EXPECT_EQ(again.counts.rows, 1500u);
  const BatchReceipt accepted = send("police-older-system", text, [](BatchRequest& r) { r.accept_volume = true; });
  EXPECT_EQ(accepted.state, BatchState::complete);
  EXPECT_EQ(accepted.counts.rows, 1501u);
  EXPECT_EQ(accepted.counts.accepted, 1501u);
  EXPECT_TRUE(state("police-older-system").held.empty());
  EXPECT_EQ(state("police-older-system").counts.rows, 1501u);
  EXPECT_EQ(events(), 1501u);
}

TEST_P(Intake, Care01_ABirthLongAgoIsNoOldNewsUnlessItWasRecordedLongAgo) {
  const auto born = [](const std::string& person, const std::string& entered) {
    Cells cells = victim("C1", person, person);
    cells["Born"] = "01/02/1980";
    cells["Born entry"] = person + "b";
    cells["Born entered"] = entered;
    return cells;
  };
  const BatchReceipt receipt =
      send("police-victims", victims({born("V1", "05/03/2024 10:10:00"), born("V2", "05/01/2024 10:10:00")}));
  ASSERT_EQ(receipt.counts.accepted, 2u);
  std::map<std::string, bool> historic;
  for (const ledger::Fact& fact : facts())
    if (fact.entry.kind == ledger::EntryKind::event) historic[fact.event.id] = fact.entry.historic;
  const std::map<std::string, bool> expected{{"V1", false}, {"V1b", false}, {"V2", false}, {"V2b", true}};
  EXPECT_EQ(historic, expected);
}

TEST_P(Intake, Care01_ARowPutRightIsDrivenAgainAndNeverSpeaks) {
  send("police-victims", victims({victim("C1", "V1", "v1")}));
  send("police-suspects", csv(suspects_heading, {concerned("C1", "S1", "s1")}));
  send("police-older-system",
       with(R"("id":"b","type":"suspect.arrested","crime":"C1","suspect":"S1","occurred_at":"2024-02-30")"));
  const auto aside = quarantined_rows(store(), "", true, 10);
  ASSERT_TRUE(aside && aside->size() == 1);
  const uint64_t position = aside->front().position;
  const auto settle = [&](const std::string& who, const std::string& why, const std::string& file) {
    return settle_quarantined(store(), {position, who, why, file});
  };
  const std::string good =
      with(R"("id":"b","type":"suspect.arrested","crime":"C1","suspect":"S1","occurred_at":"2024-03-06T09:00:00Z")");
  const std::string bad = with(R"("id":"c","type":"suspect.arrested","crime":"C1","occurred_at":"2024-03-06")");
  EXPECT_THAT(settle("", "typo", write("r.jsonl", good)).error().message, HasSubstr("--who is needed"));
  EXPECT_THAT(settle("desk", " ", write("r.jsonl", good)).error().message, HasSubstr("--why is needed"));
  const uint64_t size = store().ledger().size();
  // All or nothing: one bad row among the corrected refuses them.
  const auto refused = settle("desk", "typo", write("r.jsonl", good + bad));
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("nothing was taken, and the row stays put aside: row 2:"));
  EXPECT_THAT(
      settle("desk", "typo", write("r.jsonl", with(R"("id":"d","source":"custody",)" + arrested))).error().message,
      HasSubstr("speaks for its own"));
  EXPECT_THAT(settle("desk", "typo", write("empty.jsonl", "")).error().message, HasSubstr("holds no row"));
  EXPECT_EQ(store().ledger().size(), size);
  EXPECT_EQ(state("police-older-system").open_quarantine, 1u);

  const auto before = judged();
  const auto settled = settle("desk", "typo", write("r.jsonl", good));
  ASSERT_TRUE(settled) << settled.error().message;
  EXPECT_EQ(settled->events, 1u);
  EXPECT_NE(judged(), before) << "the arrest counts now";
  expect_as_judged_anew();
  for (const ledger::Fact& fact : facts()) {
    EXPECT_TRUE(fact.position < size || fact.entry.historic) << "history does not speak";
    EXPECT_EQ(fact.position == settled->entry, fact.entry.kind == ledger::EntryKind::settled);
  }
  // It stays listed, says how it ended, and cannot be settled twice.
  EXPECT_EQ(state("police-older-system").open_quarantine, 0u);
  EXPECT_TRUE(quarantined_rows(store(), "", true, 10)->empty());
  const auto all = quarantined_rows(store(), "", false, 10);
  ASSERT_EQ(all->size(), 1u);
  EXPECT_EQ(all->front().settled, "put right by desk: typo");
  const auto twice = settle("desk", "typo", "");
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().code, ErrorCode::conflict);
  EXPECT_EQ(settle_quarantined(store(), {size + 500, "desk", "typo", ""}).error().code, ErrorCode::not_found);
}

TEST_P(Intake, ARowSetAsideStaysListedAndLookingIsInTheAudit) {
  send("police-older-system", "{broken\n");
  const uint64_t position = quarantined_rows(store(), "", true, 1)->front().position;
  EXPECT_FALSE(quarantined_bytes(store(), position, ""));
  const uint64_t audit = store().ledger().size(ledger::TreeName::audit);
  EXPECT_EQ(*quarantined_bytes(store(), position, "desk"), "{broken");
  ASSERT_EQ(store().ledger().size(ledger::TreeName::audit), audit + 1);
  ASSERT_TRUE(store().ledger().entries(ledger::TreeName::audit, audit, 1,
                                       [&](uint64_t, const ledger::Entry& entry) -> base::Status {
                                         EXPECT_EQ(entry.kind, ledger::EntryKind::looked);
                                         EXPECT_EQ(entry.fields.at("who"), "desk");
                                         EXPECT_EQ(entry.fields.at("position"), std::to_string(position));
                                         return base::Done{};
                                       }));
  ASSERT_TRUE(settle_quarantined(store(), {position, "desk", "a test row of theirs", ""}));
  EXPECT_EQ(quarantined_rows(store(), "", false, 1)->front().settled, "set aside by desk: a test row of theirs");
  EXPECT_EQ(state("police-older-system").counts.quarantined, 1u) << "what was received stays counted";
}

TEST_P(Intake, AWindowOfAFeedIsWithdrawnAndEverythingFollows) {
  // Everybody is a victim of the crime with their number; the older system says of 6,000 of them (on PostgreSQL 1,000)
  // that somebody was arrested, and in another batch of 50 others.
  const char* wanted = std::getenv("KEPT_WITHDRAWN_EVENTS");
  const int people =
      wanted != nullptr ? std::atoi(wanted) : static_cast<int>((is_postgres() ? 1'000 : 6'000) / part_when_checked);
  constexpr int others = 50;
  std::vector<Cells> linked, suspects;
  std::string arrests;
  for (int i = 1; i <= people + others; ++i) {
    linked.push_back(victim(fmt::format("C{}", i), fmt::format("V{}", i), fmt::format("v{}", i)));
    suspects.push_back(concerned(fmt::format("C{}", i), fmt::format("S{}", i), fmt::format("s{}", i)));
  }
  for (int i = 1; i <= people; ++i) arrests += arrest(i);
  std::string elsewhere;
  for (int i = people + 1; i <= people + others; ++i) elsewhere += arrest(i);
  const auto big = [](BatchRequest& request) { request.accept_volume = true; };
  send("police-victims", victims(linked), big);
  send("police-suspects", csv(suspects_heading, suspects), big);
  send("police-older-system", elsewhere);
  const auto before = judged();
  clock_.advance_ms(3'600'000);
  send("police-older-system", arrests, big);
  const auto with_arrests = judged();
  ASSERT_NE(before, with_arrests);
  const uint64_t size = store().ledger().size();
  clock_.advance_ms(3'600'000);

  WithdrawalRequest request{
      "police-older-system", at("2024-03-06T12:30:00Z"), at("2024-03-06T13:30:00Z"), "desk", "a faulty release", {}};
  WithdrawalRequest ahead = request;
  ahead.to = at("2024-03-07T00:00:00Z");
  EXPECT_THAT(withdraw_window(store(), ahead).error().message, HasSubstr("has not ended yet"));
  const auto started = std::chrono::steady_clock::now();
  const auto withdrawn = withdraw_window(store(), request);
  ASSERT_TRUE(withdrawn) << withdrawn.error().message;
  RecordProperty(
      "withdrawal_ms",
      static_cast<int>(
          std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - started).count()));
  EXPECT_EQ(withdrawn->retracted, static_cast<uint64_t>(people));
  EXPECT_EQ(store().ledger().size(), size + 1 + people) << "one entry, and a retraction an event";
  expect_as_judged_anew();
  // Nobody's arrest stands any more; those of the other batch do.
  const auto after = judged();
  std::size_t changed = 0, same = 0;
  for (const auto& [subject, obligations] : with_arrests) {
    if (after.at(subject) == obligations) {
      ++same;
    } else {
      ++changed;
    }
  }
  EXPECT_GE(changed, static_cast<std::size_t>(people));
  EXPECT_GE(same, static_cast<std::size_t>(others)) << "others untouched";
  // Once more changes nothing, and neither does opening the store anew.
  close();
  const auto again = withdraw_window(store(), request);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_TRUE(again->again);
  EXPECT_EQ(again->entry, withdrawn->entry);
  EXPECT_EQ(again->retracted, 0u);
  EXPECT_EQ(again->before, static_cast<uint64_t>(people));
  EXPECT_EQ(store().ledger().size(), size + 1 + people);
  EXPECT_EQ(judged(), after);
  EXPECT_TRUE(store().ledger().entries(ledger::TreeName::facts, size, store().ledger().size() - size,
                                       [&](uint64_t, const ledger::Entry& entry) -> base::Status {
                                         EXPECT_TRUE(entry.historic) << "nothing of it speaks (C1)";
                                         return base::Done{};
                                       }));
  // The same ids come again: they are there, and stay withdrawn.
  const BatchReceipt resent = send("police-older-system", arrests, big);
  EXPECT_EQ(resent.counts.duplicate, static_cast<uint64_t>(people));
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}
std::string everything_in(const fs::path& folder) {
  std::string out;
  for (const auto& file : fs::recursive_directory_iterator(folder)) {
    if (!file.is_regular_file()) continue;
    out += file.path().string() + "\n" + read_file(file.path().string());
  }
  return out;
}

/// What can be read of the store at all, with its keys: fields of every fact and row put aside. Of how much one call
/// erased its fact says, and that is left out.
std::string readable(Store& from) {
  std::string out;
  const auto read =
      from.ledger().entries(ledger::TreeName::facts, 0, from.ledger().size(),
                            [&](uint64_t position, const ledger::Entry& entry) -> base::Status {
                              bool erased = false;
                              const auto opened = from.ledger().unsealed(entry, position, &erased);
                              EXPECT_TRUE(opened) << opened.error().message;
                              for (const auto& [field, value] : *opened) out += value + "\n";
                              for (const auto& [field, value] : entry.fields)
                                if (entry.kind != ledger::EntryKind::erased || (field != "rows" && field != "batches"))
                                  out += value + "\n";
                              return base::Done{};
                            });
  EXPECT_TRUE(read) << read.error().message;
  return out;
}

TEST_P(Intake, AfterAnErasureNoCanaryCanBeRead) {
  send("police-victims",
       victims({victim("C1", "V1", "v1"), described("V1", "v2", "CANARY-NAME"),
                update("C1", "V12", "v3", "Victim described", {{"Name", "Somebody else"}}),
                not_taken("V1", "v4", "CANARY-ASIDE"), not_taken("V12", "v5", "Somebody else aside")}));
  fs::remove(path("police-victims-1.csv"));
  const std::string before = readable(store());
  for (const char* there : {"CANARY-NAME", "CANARY-07700900123", "CANARY-NOTE", "CANARY-ASIDE"})
    ASSERT_THAT(before, HasSubstr(there)) << "the test sees what can be read";
  ASSERT_TRUE(store().publish(true));
  // A copy made before, as a backup would: the database, its heads, not the keys.
  const Place copied = copy_to("copy");
  std::ofstream(data() + "/spool/taken.csv") << "not this person\n";

  EXPECT_EQ(erase_person(store(), "V99", "desk", "asked").error().code, ErrorCode::not_found);
  EXPECT_FALSE(erase_person(store(), "V1", "", "asked"));
  // A batch on the spool that names the person and is not taken yet stands in the way.
  std::ofstream(data() + "/spool/waiting.csv") << "C1,V1,CANARY-SPOOL\n";
  const auto waits = erase_person(store(), "V1", "desk", "asked");
  ASSERT_FALSE(waits);
  EXPECT_THAT(waits.error().message, HasSubstr("waiting.csv may name the person"));
  EXPECT_THAT(readable(store()), HasSubstr("CANARY-NAME")) << "refused whole";
  fs::remove(data() + "/spool/waiting.csv");

  const auto erased = erase_person(store(), "V1", "desk", "asked for it");
  ASSERT_TRUE(erased) << erased.error().message;
  EXPECT_EQ(erased->rows, 1u) << "V12's row is not V1's";
  // What comes later of that person keeps nothing personal either.
  send("police-victims", victims({described("V1", "v6", "CANARY-LATER"), not_taken("V1", "v7", "CANARY-LATERROW")}));
  const auto rows = quarantined_rows(store(), "", true, 10);
  ASSERT_EQ(rows->size(), 3u) << "the rows stay listed";
  EXPECT_THAT(quarantined_bytes(store(), rows->front().position, "desk").error().message, HasSubstr("was destroyed"));
  const std::string after = readable(store());
  EXPECT_THAT(after, HasSubstr("Somebody else"));
  EXPECT_THAT(after, HasSubstr("Somebody else aside"));
  // Once more: nothing left to do.
  const auto again = erase_person(store(), "V1", "desk", "asked for it");
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->again);
  ASSERT_TRUE(store().publish(true));
  const uint64_t size = store().ledger().size();
  close();
  fs::remove(path("police-victims-2.csv"));
  // The copy, put back under today's keys.
  fs::copy(data() + "/keys/keys.sqlite", copied.folder + "/keys/keys.sqlite", fs::copy_options::overwrite_existing);
  const std::string restored = readable(*open(copied));
  std::string on_disk = everything_in(folder_);
  if (is_postgres()) {
    ASSERT_EQ(ledger::PostgresServer::shared().run("CHECKPOINT"), "");
    for (const std::string& folder : server_folders()) on_disk += everything_in(folder);
  }
  for (const std::string& canary : canaries) {
    EXPECT_EQ(after.find(canary), std::string::npos) << canary << " can still be read";
    EXPECT_EQ(restored.find(canary), std::string::npos) << canary << " can be read in a copy";
    EXPECT_EQ(on_disk.find(canary), std::string::npos) << canary << " lies on the disk";
  }
  // Opening holds every leaf against the signed heads: the tree is what it was.
  EXPECT_EQ(store().ledger().size(), size);
  expect_as_judged_anew();
}

TEST(NamesPerson, AsAWordOfItsOwn) {
  const struct {
    const char* text;
    bool named;
    const char* why;
  } rows[] = {{"C1,V1,", true, "a cell"},
              {"V1", true, "all of it"},
              {"{\"participant\":\"V1\"}", true, "JSON"},
              {"C1,V12,", false, "the beginning of a longer one"},
              {"CV1,2", false, "the end of one"},
              {"V1-2", false, "part of one with a hyphen"},
              {"V12 and V1", true, "the second"},
              {"", false, "nothing"}};
  for (const auto& row : rows) EXPECT_EQ(names_person(row.text, "V1"), row.named) << row.why;
  EXPECT_FALSE(names_person("anything", ""));
}

// ---- kill -9

/// Nothing where it could not be started. What it says goes to `said`.
std::optional<pid_t> start_import(const std::string& program, const std::string& data, const std::string& file,
                                  const std::string& database, const std::string& said) {
  std::vector<std::string> words = {program,
                                    "import",
                                    "--feed",
                                    "police-older-system",
                                    "--data",
                                    data,
                                    "--received",
                                    "2024-03-06T12:00:00Z",
                                    "--accept-volume",
                                    "--who",
                                    "desk",
                                    "--number",
                                    "1",
                                    file};
  if (!database.empty()) words.insert(words.end(), {"--database", database});
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t quiet;
  posix_spawn_file_actions_init(&quiet);
  posix_spawn_file_actions_addopen(&quiet, 1, said.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_adddup2(&quiet, 1, 2);
  pid_t child = 0;
  const int failed = posix_spawn(&child, program.c_str(), &quiet, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&quiet);
  EXPECT_EQ(failed, 0) << program;
  if (failed != 0) return std::nullopt;
  return child;
}

/// 0 where it ended well by itself, -1 where it was killed.
int wait_for(pid_t child) {
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  if (WIFSIGNALED(status)) return -1;
  return WEXITSTATUS(status);
}

/// What a store holds, apart from when it was made: events with where they came from, rows put aside, counts.
std::vector<std::string> content_of(const std::string& data, const std::string& database) {
  StoreRequest request;
  request.data = data;
  request.database = database;
  request.read_only = true;
  auto store = Store::open(request);
  EXPECT_TRUE(store) << store.error().message;
  std::vector<std::string> out;
  EXPECT_TRUE((*store)->ledger().entries(
      ledger::TreeName::facts, 0, (*store)->ledger().size(), [&](uint64_t, const ledger::Entry& entry) -> base::Status {
        if (entry.kind == ledger::EntryKind::feed || entry.kind == ledger::EntryKind::rules) return base::Done{};
        std::string text = fmt::format("{} {} {} {} ", entry_kind_name(entry.kind), entry.batch, entry.row, entry.body);
        for (const auto& [name, value] : entry.fields) text += name + "=" + value + " ";
        out.push_back(std::move(text));
        return base::Done{};
      }));
  const auto states = feed_states(**store, at("2024-03-06T12:00:00Z"));
  EXPECT_TRUE(states);
  out.push_back(feeds_json(*states));
  return out;
}

TEST_P(Intake, KilledInTheMiddleAndSentAgainIsAsIfNothingHadHappened) {
  const char* program = std::getenv("KEPT_PROGRAM");
  ASSERT_NE(program, nullptr);
  // More than one commit of 4,000.
  constexpr int count = 5'000;
  std::string text;
  for (int i = 1; i <= count; ++i) text += i % 1000 == 0 ? "{broken\n" : arrest(i % 3500 == 0 ? i - 1 : i);
  const std::string file = write("batch.jsonl", text);
  const auto started = std::chrono::steady_clock::now();
  const auto imported = [&](const std::string& data) {
    const auto child = start_import(program, data, file, database_, path("said"));
    return child ? wait_for(*child) : -2;
  };
  ASSERT_EQ(imported(path("whole")), 0);
  auto took = static_cast<uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - started).count());
  const std::vector<std::string> expected = content_of(path("whole"), database_);
  ASSERT_GT(expected.size(), std::size_t{count} - 10);
  std::mt19937_64 random(20240306);
  const int wanted = part_when_checked > 1 ? 2 : is_postgres() ? 5 : 20;
  int killed = 0;
  for (int trial = 0; killed < wanted && trial < 60; ++trial) {
    const std::string data = path("killed");
    fs::remove_all(data);
    if (is_postgres()) database_ = fresh_database("template1");
    const auto child = start_import(program, data, file, database_, path("said"));
    ASSERT_TRUE(child);
    std::this_thread::sleep_for(std::chrono::milliseconds(random() % took));
    ::kill(*child, SIGKILL);
    const int ended = wait_for(*child);
    ASSERT_TRUE(ended == -1 || ended == 0) << ended;
    if (ended == -1) {
      ++killed;
    } else {
      took = took / 2 + 1;  // The first one was slow.
    }
    ASSERT_EQ(imported(data), 0) << "trial " << trial;
    const std::vector<std::string> got = content_of(data, database_);
    ASSERT_EQ(got.size(), expected.size()) << "trial " << trial;
    for (std::size_t i = 0; i < got.size(); ++i) ASSERT_EQ(got[i], expected[i]) << "trial " << trial << ", " << i;
  }
  EXPECT_EQ(killed, wanted);
}

std::vector<std::string> outbox_of(Store& store) {
  std::vector<std::string> out;
  EXPECT_TRUE(ledger::OutboxTable(store.ledger().database()).each([&](const ledger::OutboxRow& row) -> base::Status {
    out.push_back(fmt::format("{} {} {} {} {} {}", row.subject, row.obligation, row.state, row.due_at.value_or(-1),
                              row.live, row.since));
    return base::Done{};
  }));
  std::sort(out.begin(), out.end());
  return out;
}
/// What is stored of everybody, by key of their name.
std::map<int64_t, std::string> judged_in(Store& store) {
  std::map<int64_t, std::string> out;
  EXPECT_TRUE(ledger::JudgedTable(store.ledger().database()).each([&](const ledger::JudgedRow& row) -> base::Status {
    out[row.subject] = fmt::format("{} {} {}", row.next_at, row.gap, row.obligations);
    return base::Done{};
  }));
  return out;
}

TEST_P(Intake, AWithdrawalThatIsKilledAndCalledAgainEndsAsIfNothingHadHappened) {
  // Retractions of more than one commit of 4,000, and people of more than one of 2,000; fewer where each takes long.
  const int people = is_postgres() || part_when_checked > 1 ? 300 : 4'200;
  std::vector<Cells> linked, suspects;
  std::string arrests;
  for (int i = 1; i <= people; ++i) {
    linked.push_back(victim(fmt::format("C{}", i), fmt::format("V{}", i), fmt::format("v{}", i)));
    suspects.push_back(concerned(fmt::format("C{}", i), fmt::format("S{}", i), fmt::format("s{}", i)));
    arrests += arrest(i);
  }
  const auto big = [](BatchRequest& request) { request.accept_volume = true; };
  send("police-victims", victims(linked), big);
  send("police-suspects", csv(suspects_heading, suspects), big);
  send("police-older-system", arrests, big);
  clock_.advance_ms(3'600'000);
  const WithdrawalRequest request{
      "police-older-system", at("2024-03-06T11:30:00Z"), at("2024-03-06T12:30:00Z"), "desk", "a faulty release", {}};
  const auto withdraw = [](const WithdrawalRequest& wanted) {
    return [&wanted](Store& from) -> base::Status {
      const auto done = withdraw_window(from, wanted);
      if (!done) return done.error();
      return base::Done{};
    };
  };
  const Place whole = copy_to("whole");
  ledger::Hash root;
  std::map<int64_t, std::string> judged;
  std::vector<std::string> outbox;
  int64_t took_us = 0;
  {
    const auto store = open(whole);
    const auto started = std::chrono::steady_clock::now();
    ASSERT_TRUE(withdraw(request)(*store));
    took_us = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - started).count();
    root = store->ledger().root();
    judged = judged_in(*store);
    outbox = outbox_of(*store);
    ASSERT_GE(judged.size(), static_cast<std::size_t>(people));
  }
  std::mt19937_64 random(20240307);
  const int wanted = part_when_checked > 1 || is_postgres() ? 2 : 3;
  int halfway = 0;
  // By turns after its first commit, its second, and so on; and wherever it happens to be.
  for (int trial = 0; trial < 2 * wanted; ++trial) {
    SCOPED_TRACE(trial);
    const Place killed = copy_to("killed");
    const auto life = std::chrono::microseconds(random() % static_cast<uint64_t>(took_us));
    WithdrawalRequest deadly = request;
    int commits = 0;
    deadly.progress = [&](uint64_t, uint64_t) {
      if (++commits > trial / 2) ::kill(::getpid(), SIGKILL);
    };
    const bool is_aimed = trial % 2 == 0;
    const bool was_killed =
        is_aimed ? kill_itself(killed, withdraw(deadly)) : kill_after(life, killed, withdraw(request));
    EXPECT_TRUE(was_killed || !is_aimed);
    const auto store = open(killed);
    const auto again = withdraw_window(*store, request);
    ASSERT_TRUE(again) << again.error().message;
    halfway += was_killed && again->again;
    EXPECT_EQ(again->before + again->retracted, static_cast<uint64_t>(people));
    EXPECT_EQ(store->ledger().root(), root) << "the same facts in the same order";
    EXPECT_TRUE(judged_in(*store) == judged);
    EXPECT_TRUE(outbox_of(*store) == outbox);
    if (HasFailure()) return;
  }
  EXPECT_GE(halfway, wanted);
}

/// Kills the process that asks what time it is.
class DeadlyClock final : public base::Clock {
 public:
  explicit DeadlyClock(const base::Clock& clock) : clock_(clock) {}
  int64_t now_ms() const override {
    if (is_armed) ::kill(::getpid(), SIGKILL);
    return clock_.now_ms();
  }
  int64_t steady_ms() const override { return clock_.steady_ms(); }
  bool is_armed = false;

 private:
  const base::Clock& clock_;
};

TEST_P(Intake, AnErasureThatIsKilledAndCalledAgainEndsAsIfNothingHadHappened) {
  // Each row put aside has a key of its own to destroy.
  std::vector<Cells> rows{
      victim("C1", "V1", "v1"),
      update("C1", "V1", "v2", "Victim described", {{"Name", "CANARY-NAME"}}),
      update("C1", "V2", "v3", "Victim described", {{"Name", "Somebody else"}}),
  };
  constexpr int aside = 20;
  for (int i = 0; i < aside; ++i)
    rows.push_back(update("C1", "V1", fmt::format("b{}", i), "Victim vanished", {{"Name", "CANARY-ASIDE"}}));
  send("police-victims", victims(rows));
  const std::string left_on_spool = read_file(path("police-victims-1.csv"));
  std::ofstream(data() + "/spool/taken.csv", std::ios::binary) << left_on_spool;
  const auto erase = [&](Store& from) -> base::Status {
    const auto done = erase_person(from, "V1", "desk", "asked for it");
    if (!done) return done.error();
    return base::Done{};
  };
  const Place whole = copy_to("whole");
  std::string expected;
  uint64_t size = 0;
  int64_t took_us = 0;
  {
    const auto store = open(whole);
    ASSERT_THAT(readable(*store), HasSubstr("CANARY-ASIDE"));
    const auto started = std::chrono::steady_clock::now();
    ASSERT_TRUE(erase(*store));
    took_us = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - started).count();
    expected = readable(*store);
    size = store->ledger().size();
    ASSERT_THAT(expected, Not(HasSubstr("CANARY")));
    ASSERT_THAT(expected, HasSubstr("Somebody else"));
  }
  std::mt19937_64 random(20240308);
  const int wanted = part_when_checked > 1 || is_postgres() ? 2 : 5;
  int halfway = 0;
  // Once between the last key and the record of it, which says when; and wherever it happens to be.
  DeadlyClock clock(clock_);
  for (int trial = 0; trial <= wanted; ++trial) {
    SCOPED_TRACE(trial);
    const Place killed = copy_to("killed");
    const auto life = std::chrono::microseconds(random() % static_cast<uint64_t>(took_us));
    const bool is_aimed = trial == 0;
    const bool was_killed = is_aimed ? kill_itself(
                                           killed,
                                           [&](Store& from) {
                                             clock.is_armed = true;
                                             return erase(from);
                                           },
                                           &clock)
                                     : kill_after(life, killed, erase);
    EXPECT_TRUE(was_killed || !is_aimed);
    const auto store = open(killed);
    const auto again = erase_person(*store, "V1", "desk", "asked for it");
    ASSERT_TRUE(again) << again.error().message;
    // Some keys were gone, and nothing said so yet.
    halfway += was_killed && !again->again && again->rows < aside;
    EXPECT_EQ(readable(*store), expected);
    EXPECT_EQ(store->ledger().size(), size);
    EXPECT_THAT(*erased_people(store->ledger()), ElementsAre("V1"));
    EXPECT_TRUE(fs::is_empty(killed.folder + "/spool"));
    if (HasFailure()) return;
  }
  EXPECT_GE(halfway, 1);
}

}  // namespace
}  // namespace kept::app
