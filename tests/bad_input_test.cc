// What a feed may get wrong, case by case: the outcome that docs/feeds.md states, the numbers, and that the feed's
// owner sees it - in the receipt, among the feeds and among the rows put aside. Each case runs on SQLite and on
// PostgreSQL, and over HTTP with the feed's own key.
// Shards: 3
#include <gmock/gmock.h>

#include <set>

#include "app/feeds_text.h"
#include "app/quarantine.h"
#include "http/client_test.h"
#include "ledger/batch_table.h"
#include "support/intake_stores_test.h"
#include "web/service.h"

namespace kept::app {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* feed = "police-older-system";
constexpr int64_t minute = 60'000;

/// The cases as docs/feeds.md names them, in its order.
const std::vector<std::string> case_names = {"One bad row in a batch",
                                             "A conflict",
                                             "A time in the future",
                                             "An unknown crime",
                                             "An event type outside the contract",
                                             "A clock an hour ahead",
                                             "A clock an hour behind",
                                             "A replayed batch",
                                             "A day of ten times the rows"};

/// An arrest as this feed sends it; `recorded_at` in milliseconds.
std::string arrest(const std::string& id, int64_t recorded_at, const std::string& more = "",
                   const std::string& crime = "C1") {
  return fmt::format(
      R"({{"id":"{}","type":"suspect.arrested","crime":"{}","suspect":"S1","occurred_at":"2024-03-06T08:00:00Z","recorded_at":"{}"{}}})"
      "\n",
      id, crime, model::instant_text(recorded_at), more);
}

/// What a whole number is called in a JSON text, where it stands first.
int64_t number_in(const std::string& json, const std::string& name) {
  const std::size_t at = json.find("\"" + name + "\":");
  if (at == std::string::npos || json.compare(at + name.size() + 3, 4, "null") == 0) return -1;
  return std::strtoll(json.c_str() + at + name.size() + 3, nullptr, 10);
}

RowCounts counts_in(const std::string& json) {
  const auto n = [&](const char* name) { return static_cast<uint64_t>(number_in(json, name)); };
  return {n("rows"), n("accepted"), n("duplicate"), n("conflict"), n("quarantined"), n("ignored"), n("events")};
}

std::string text_of(const RowCounts& c) {
  return fmt::format("{} = {} accepted + {} duplicate + {} conflict + {} quarantined + {} ignored", c.rows, c.accepted,
                     c.duplicate, c.conflict, c.quarantined, c.ignored);
}

/// What the sender was told.
struct Told {
  bool taken = false;
  std::string json;  ///< the receipt, or why it was refused
};

class BadInput : public IntakeStores {
 protected:
  bool is_http() const { return std::string(GetParam()) == "http"; }
  void SetUp() override {
    IntakeStores::SetUp();
    // C1 is known: what follows is judged.
    send("police-victims", csv(victims_heading, {victim("C1", "V1", "v1")}));
    send("police-suspects", csv(suspects_heading, {concerned("C1", "S1", "s1")}));
    if (!is_http()) return;
    close();
    web::ServiceOptions options;
    options.store.data = data();
    options.store.clock = &clock_;
    options.server.log = &log_;
    auto started = web::Service::start(options);
    ASSERT_TRUE(started) << started.error().message;
    service_ = std::move(*started);
    feed_key_ = service_->keys().make("feed", feed, base::system_chance()).value();
    operator_key_ = service_->keys().make("operator", "duty-desk", base::system_chance()).value();
  }
  void TearDown() override {
    if (service_) {
      EXPECT_TRUE(service_->stop());
    }
    service_.reset();
    if (HasFailure()) return;
    // Whatever was sent, everybody is owed what the facts give.
    expect_as_judged_anew();
  }

  /// The test is that of a case on the page.
  static void covers(const char* name) { EXPECT_THAT(case_names, testing::Contains(name)); }
  int64_t now() const { return clock_.now_ms(); }
  void pass(int64_t minutes) { clock_.advance_ms(minutes * minute); }

  http::Answer ask(const std::string& method, const std::string& target, const std::string& key,
                   const std::string& body = "") {
    http::TestClient client(service_->port());
    std::string head =
        fmt::format("{} {} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n", method, target, key);
    if (method == "POST")
      head += fmt::format("Content-Type: application/x-ndjson\r\nContent-Length: {}\r\n", body.size());
    const auto answer = client.ask(head + "\r\n" + body);
    EXPECT_TRUE(answer) << method << " " << target;
    return answer.value_or(http::Answer{});
  }
  Told give(const std::string& text, uint64_t number, bool let_through = false) {
    if (is_http()) {
      const std::string target =
          fmt::format("/v1/feeds/{}/events?batch={}{}", feed, number, let_through ? "&accept_volume=yes" : "");
      const http::Answer answer = ask("POST", target, let_through ? operator_key_ : feed_key_, text);
      return {answer.status == 200 || answer.status == 202, answer.body};
    }
    const auto receipt = try_send(feed, text, [&](BatchRequest& request) {
      if (text.empty()) request.path = write("without-rows.jsonl", "");
      request.number = number;
      request.accept_volume = let_through;
      if (let_through) request.accepted_by = "operator:duty-desk";
    });
    if (!receipt) return {false, receipt.error().message};
    receipt_text_ = receipt_text(*receipt);
    return {true, receipt_json(*receipt)};
  }
  /// The feed as its owner sees it: over HTTP with the feed's own key.
  std::string seen() {
    if (is_http()) {
      const http::Answer answer = ask("GET", fmt::format("/v1/feeds/{}", feed), feed_key_);
      EXPECT_EQ(answer.status, 200) << answer.body;
      return answer.body;
    }
    const auto waiting = quarantined_rows(store(), feed, true, 100);
    EXPECT_TRUE(waiting) << waiting.error().message;
    return feed_json(state(feed), *waiting);
  }
  /// The feed as `kept feeds` shows it to whoever runs the store.
  std::string shown() {
    const auto states = feed_states(store(), now());
    EXPECT_TRUE(states) << states.error().message;
    std::string out;
    std::stringstream lines(feeds_text(*states, now()));
    for (std::string line; std::getline(lines, line);)
      if (line.find(feed) != std::string::npos) out += line + "\n";
    return out;
  }
  /// Every row that was received is counted once.
  void expect_sum(const std::string& json) {
    const RowCounts counts = counts_in(json);
    EXPECT_TRUE(counts.add_up()) << json;
  }

  base::LogInMemory log_;
  std::unique_ptr<web::Service> service_;
  std::string feed_key_, operator_key_;
  std::string receipt_text_;  ///< of the batch that was given last; not over HTTP
};
INSTANTIATE_TEST_SUITE_P(Ways, BadInput, testing::Values("sqlite", "postgres", "http"), store_name);

TEST_P(BadInput, GoodRowsAreKeptAndTheBadOneIsNamedWithWhatIsWrong) {
  const int64_t then = now() - 10 * minute;
  const std::string good = arrest("good", then), also = arrest("also", then);
  const struct {
    const char* name;   ///< among `case_names`
    std::string first;  ///< a batch that came before; empty: none
    std::string row;
    RowCounts counts;  ///< of a batch with a good row, this one and another good one
    const char* reason;
    const char* why;
  } rows[] = {
      {"One bad row in a batch", "", "{\"id\":\"b1\",\"type\":\n", {3, 2, 0, 0, 1, 0, 2}, "malformed", ""},
      {"A conflict",
       arrest("x", then),
       arrest("x", then, R"(,"offence":"8L")"),
       {3, 2, 0, 1, 0, 0, 2},
       "conflict",
       "a change is sent as a new event that corrects the old one"},
      {"A time in the future",
       "",
       arrest("b2", now() + 21 * 60 * minute),
       {3, 2, 0, 0, 1, 0, 2},
       "future",
       "it was recorded 1260 minutes after it reached us"},
      {"An event type outside the contract",
       "",
       R"({"id":"b3","type":"victim.asked","participant":"V1","about":"arrest","occurred_at":"2024-03-06"})"
       "\n",
       {3, 2, 0, 0, 1, 0, 2},
       "outside_contract",
       "the feed's contract does not name victim.asked"},
  };
  uint64_t number = 0, put_aside = 0;
  for (const auto& each : rows) {
    SCOPED_TRACE(each.name);
    covers(each.name);
    const std::string own = fmt::format("-{}", number);
    if (!each.first.empty()) {
      ASSERT_TRUE(give(each.first, ++number).taken);
    }
    const RowCounts before = counts_in(seen());
    const Told told = give(arrest("good" + own, then) + each.row + arrest("also" + own, then), ++number);
    ASSERT_TRUE(told.taken) << told.json;
    // The receipt: the numbers, which row, and why.
    EXPECT_EQ(text_of(counts_in(told.json)), text_of(each.counts));
    expect_sum(told.json);
    EXPECT_THAT(told.json, AllOf(HasSubstr(fmt::format(R"("reasons":{{"{}":1}})", each.reason)),
                                 HasSubstr(R"("put_aside":[{"row":2,"position":)"), HasSubstr(each.why)));
    EXPECT_THAT(told.json, Not(HasSubstr(R"("why":"")")));
    // The feed: the same numbers added to what it had, and the row among those that wait.
    ++put_aside;
    const std::string feed_now = seen();
    RowCounts after = before;
    after += each.counts;
    EXPECT_EQ(text_of(counts_in(feed_now)), text_of(after));
    EXPECT_EQ(number_in(feed_now, "open_quarantine"), static_cast<int64_t>(put_aside));
    EXPECT_THAT(feed_now, HasSubstr(fmt::format(R"("put_aside":[{{"batch":{},"row":2,"position":)", number)));
    EXPECT_THAT(feed_now, HasSubstr(each.why));
    if (is_http()) continue;
    EXPECT_THAT(receipt_text_,
                AllOf(HasSubstr("3 rows = 2 accepted"), HasSubstr(fmt::format("row 2, {}: ", each.reason)),
                      HasSubstr(each.why), HasSubstr(std::string("kept quarantine ") + feed)));
    EXPECT_THAT(shown(), HasSubstr(fmt::format("1 {}", each.reason)));
  }
}

TEST_P(BadInput, AnUnknownCrimeIsTakenAndNamedUntilItIsKnown) {
  covers("An unknown crime");
  const Told told = give(arrest("a", now() - 10 * minute) + arrest("b", now() - 10 * minute, "", "C-LOST"), 1);
  ASSERT_TRUE(told.taken) << told.json;
  EXPECT_EQ(text_of(counts_in(told.json)), text_of({2, 2, 0, 0, 0, 0, 2}));
  EXPECT_THAT(seen(), HasSubstr(R"("unknown_crimes":1,"first_unknown":["C-LOST"])"));
  EXPECT_EQ(number_in(seen(), "open_quarantine"), 0);
  if (!is_http()) {
    EXPECT_THAT(shown(), HasSubstr("speaks of 1 crime that nobody recorded yet: C-LOST"));
  }
}

TEST_P(BadInput, AClockAnHourAheadIsDoubtedAsSoonAsARowIsFresh) {
  covers("A clock an hour ahead");
  // Summer time sent as UTC: what was recorded 70, 50 and 2 minutes ago is said to have been an hour later.
  const auto an_hour_ahead = [&](const char* id, int64_t ago) {
    return arrest(id, now() - ago * minute + 60 * minute);
  };
  const Told told = give(an_hour_ahead("a", 70) + an_hour_ahead("b", 50) + an_hour_ahead("c", 2), 1);
  ASSERT_TRUE(told.taken) << told.json;
  EXPECT_EQ(text_of(counts_in(told.json)), text_of({3, 1, 0, 0, 2, 0, 1}));
  EXPECT_THAT(told.json, AllOf(HasSubstr(R"("reasons":{"future":2})"), HasSubstr(R"("row":2,)"),
                               HasSubstr(R"("row":3,)"), HasSubstr("it was recorded 10 minutes after it reached us"),
                               HasSubstr("it was recorded 58 minutes after it reached us")));
  EXPECT_THAT(told.json, HasSubstr(R"("received_at":"2024-03-06T12:00:00Z","newest_recorded":"2024-03-06T11:50:00Z")"));
  EXPECT_EQ(number_in(seen(), "ahead_rows"), 2);
  if (!is_http()) {
    EXPECT_THAT(receipt_text_, HasSubstr("Received 2024-03-06T12:00:00Z by our clock; the newest of its rows says that "
                                         "it was recorded 2024-03-06T11:50:00Z, 10 minutes before."));
    EXPECT_THAT(shown(),
                AllOf(HasSubstr("CLOCK: 2 rows of police-older-system put aside say times after they reached us"),
                      HasSubstr("may be as wrong. Ask the Victim care lead (victim-care@met.example).")));
  }
}

TEST_P(BadInput, AClockAnHourBehindIsDoubtedOnceAFeedThatWasFreshNoLongerIs) {
  covers("A clock an hour behind");
  uint64_t number = 0;
  const auto hourly = [&](int batches, int64_t age) {
    for (int i = 0; i < batches; ++i) {
      pass(60);
      ++number;
      const Told told = give(arrest(fmt::format("h{}", number), now() - age * minute), number);
      ASSERT_TRUE(told.taken) << told.json;
      EXPECT_EQ(text_of(counts_in(told.json)), text_of({1, 1, 0, 0, 0, 0, 1})) << "nothing tells one such row";
      EXPECT_THAT(told.json,
                  HasSubstr(fmt::format(R"("newest_recorded":"{}")", model::instant_text(now() - age * minute))));
    }
  };
  hourly(10, 4);
  EXPECT_EQ(number_in(seen(), "behind_s"), -1);
  // The clocks went forward, and the system went on writing winter time.
  hourly(9, 64);
  EXPECT_EQ(number_in(seen(), "behind_s"), -1);
  EXPECT_EQ(number_in(seen(), "freshest_s"), 64 * 60);
  hourly(1, 64);
  EXPECT_EQ(number_in(seen(), "behind_s"), 64 * 60);
  if (!is_http()) {
    EXPECT_THAT(shown(),
                HasSubstr("CLOCK: police-older-system used to send rows within half an hour of their recording, and "
                          "the newest of its last ten batches was 64 minutes old"));
  }
  // Batches without rows say nothing of a clock; a fresh row says that it is right again.
  pass(60);
  ASSERT_TRUE(give("", ++number).taken);
  EXPECT_EQ(number_in(seen(), "behind_s"), 64 * 60);
  hourly(1, 4);
  EXPECT_EQ(number_in(seen(), "behind_s"), -1);
}

TEST_P(BadInput, AReplayedBatchIsNothingNewAndItsReceiptIsThatOfTheFirstTime) {
  covers("A replayed batch");
  const std::string text = arrest("a", now() - 10 * minute) + "{broken\n" + arrest("b", now() - 10 * minute);
  const Told first = give(text, 1);
  ASSERT_TRUE(first.taken) << first.json;
  const std::string before = seen();
  pass(90);
  const Told again = give(text, 1);
  ASSERT_TRUE(again.taken) << again.json;
  const auto without = [](std::string json, const std::string& words) {
    const std::size_t at = json.find(words);
    EXPECT_NE(at, std::string::npos) << words << " in " << json;
    return at == std::string::npos ? json : json.erase(at, words.size());
  };
  // Reasons, rows, place in the tree: all the same; only the tree may have grown.
  const auto head = [](const std::string& json) { return json.substr(0, json.find(R"(,"size":)")); };
  EXPECT_EQ(head(without(again.json, R"("again":true,)")), head(without(first.json, R"("again":false,)")));
  EXPECT_EQ(seen(), before) << "nothing is counted twice";
  if (!is_http()) {
    EXPECT_THAT(receipt_text_,
                AllOf(HasSubstr("came before, all of them: nothing is new"), HasSubstr("row 2, malformed:")));
  }
  // Under another number: every row that was taken is a duplicate, and what was put aside is put aside once more.
  const Told renumbered = give(text, 2);
  ASSERT_TRUE(renumbered.taken) << renumbered.json;
  EXPECT_EQ(text_of(counts_in(renumbered.json)), text_of({3, 0, 2, 0, 1, 0, 0}));
  // Another content under a number that came: refused, and nothing of it is taken.
  const std::string then = seen();
  const Told other = give(arrest("c", now()), 2);
  EXPECT_FALSE(other.taken);
  EXPECT_THAT(other.json, HasSubstr("batch 2 of police-older-system came before with other content"));
  EXPECT_EQ(seen(), then);
}

TEST_P(BadInput, ADayOfTenTimesTheRowsIsHeldUntilSomebodyLetsItThroughByName) {
  covers("A day of ten times the rows");
  std::string flood;
  for (int i = 0; i < 1501; ++i) flood += arrest(fmt::format("f{}", i), now() - 10 * minute);
  const Told held = give(flood, 1);
  ASSERT_TRUE(held.taken) << held.json;
  EXPECT_THAT(held.json, AllOf(HasSubstr(R"("state":"held")"), HasSubstr(R"("held_above_rows":1500)")));
  EXPECT_EQ(text_of(counts_in(held.json)), text_of({1500, 1500, 0, 0, 0, 0, 1500}));
  EXPECT_THAT(seen(), HasSubstr(R"("held":[{"batch":1,"rows":1500}],"held_above_rows":1500)"));
  if (!is_http()) {
    EXPECT_THAT(receipt_text_, HasSubstr("kept import --feed police-older-system --number 1 --accept-volume --who"));
    EXPECT_THAT(shown(),
                HasSubstr("HELD: batch 1 of police-older-system: a day of more than 1500 rows is not expected."));
  }
  // The next one of the day waits too; the next day's is taken. A batch that is held is not called missing or silent.
  const std::string small = arrest("s1", now() - 10 * minute);
  EXPECT_THAT(give(small, 2).json, HasSubstr(R"("state":"held")"));
  pass(24 * 60);
  const Told next_day = give(arrest("s2", now() - 10 * minute), 3);
  EXPECT_THAT(next_day.json, AllOf(HasSubstr(R"("state":"complete")"), HasSubstr(R"("missing":[])")));
  EXPECT_THAT(seen(), AllOf(HasSubstr(R"("missing":[])"), HasSubstr(R"("silent_since":null)"),
                            HasSubstr(R"("held":[{"batch":1,"rows":1500},{"batch":2,"rows":0}])")));
  if (is_http()) {
    // Not by the feed itself.
    const http::Answer own =
        ask("POST", fmt::format("/v1/feeds/{}/events?batch=1&accept_volume=yes", feed), feed_key_, flood);
    EXPECT_EQ(own.status, 403) << own.body;
    EXPECT_EQ(
        ask("POST", fmt::format("/v1/feeds/{}/events?batch=1&accept_volume=1", feed), operator_key_, flood).status,
        400);
  }
  // Sent again by itself it is held again, and nothing is counted twice.
  EXPECT_EQ(text_of(counts_in(give(flood, 1).json)), text_of({1500, 1500, 0, 0, 0, 0, 1500}));
  const Told through = give(flood, 1, true);
  EXPECT_THAT(through.json, HasSubstr(R"("state":"complete")"));
  EXPECT_EQ(text_of(counts_in(through.json)), text_of({1501, 1501, 0, 0, 0, 0, 1501}));
  EXPECT_THAT(give(small, 2, true).json, HasSubstr(R"("state":"complete")"));
  EXPECT_THAT(seen(), HasSubstr(R"("held":[])"));
  EXPECT_EQ(text_of(counts_in(seen())), text_of({1503, 1503, 0, 0, 0, 0, 1503}));
  if (service_) {
    EXPECT_TRUE(service_->stop());
  }
  service_.reset();
  // Who let it through stands with the batch, for good.
  std::vector<std::string> names;
  for (const ledger::Fact& fact : facts())
    if (const auto by = fact.entry.fields.find("volume_accepted_by"); by != fact.entry.fields.end())
      names.push_back(fact.entry.fields.at("number") + " " + by->second);
  EXPECT_THAT(names, ElementsAre("1 operator:duty-desk", "2 operator:duty-desk"));
}

TEST(BadInputPage, NamesEachCaseWithItsOutcomeAndWhereItIsSeen) {
  std::ifstream file(KEPT_SOURCE_DIR "/docs/feeds.md");
  std::vector<std::string> named;
  bool inside = false;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("## ")) inside = line == "## Bad input, case by case";
    if (!inside || !line.starts_with("| **")) continue;
    std::vector<std::string> cells;
    std::stringstream split(line.substr(1));
    for (std::string cell; std::getline(split, cell, '|');) cells.push_back(cell);
    ASSERT_EQ(cells.size(), 4u) << line;
    for (const std::string& cell : cells) EXPECT_GT(cell.size(), 5u) << line;
    named.push_back(cells[0].substr(3, cells[0].rfind("**") - 3));
  }
  EXPECT_EQ(named, case_names);
}

TEST(FallenBehind, OnlyOfAFeedThatWasFreshAndNoLongerIs) {
  const auto ages = [](std::vector<std::pair<int, int64_t>> runs) {  // how many batches, minutes; newest first
    std::vector<int64_t> out;
    for (const auto& [count, minutes] : runs) out.insert(out.end(), static_cast<std::size_t>(count), minutes * minute);
    return out;
  };
  const struct {
    const char* why;
    std::vector<int64_t> ages;
    std::optional<int64_t> behind;
  } rows[] = {
      {"nothing came", {}, std::nullopt},
      {"an hour from the beginning on: nothing to hold it against", ages({{50, 61}}), std::nullopt},
      {"fresh, then an hour old", ages({{10, 61}, {40, 5}}), 61 * minute},
      {"too few before", ages({{10, 61}, {9, 5}}), std::nullopt},
      {"just enough before", ages({{10, 61}, {10, 5}}), 61 * minute},
      {"fresh once in the last ten", ages({{9, 61}, {1, 5}, {40, 5}}), std::nullopt},
      {"just below 55 minutes", ages({{1, 54}, {9, 61}, {40, 5}}), std::nullopt},
      {"half of those before were fresh", ages({{10, 61}, {20, 5}, {20, 300}}), 61 * minute},
      {"fewer than half were", ages({{10, 61}, {19, 5}, {21, 300}}), std::nullopt},
      {"a nightly file: never fresh", ages({{10, 360}, {40, 400}}), std::nullopt},
      {"what lies further back does not count", ages({{10, 61}, {40, 61}, {400, 5}}), std::nullopt},
  };
  for (const auto& row : rows) EXPECT_EQ(fallen_behind(row.ages), row.behind) << row.why;
}

}  // namespace
}  // namespace kept::app
