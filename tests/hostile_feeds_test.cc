// A hundred hostile scripts against what a victim confirmed, what others sent and who is who: nothing is overwritten,
// and whatever was sent is put aside or stands under the name of the feed that sent it. And feeds that fall silent, or
// of which batches are lost on the way.
// Slow: takes a simulated month batch by batch.
#include <algorithm>
#include <fstream>
#include <random>
#include <set>
#include <sstream>

#include "app/quarantine.h"
#include "app/simulate_london.h"
#include "support/intake_store_test.h"

namespace kept::app {
namespace {

namespace fs = std::filesystem;

// ---- hostile scripts

/// One attack: what a feed under somebody's control sends.
struct Attack {
  std::string why, feed, text;
  enum class End { put_aside, attributed, nothing_new } end;
  bool accept_volume = false;
};

std::string own(const std::string& fields) { return "{" + fields + "}\n"; }

/// Kinds of attack, each in ten variants that differ in whom they name, which feed sends them, and how.
std::vector<Attack> attacks() {
  using End = Attack::End;
  std::vector<Attack> out;
  const char* own_feeds[] = {"police-older-system", "court-results-crown", "court-results-magistrates", "youth-justice",
                             "hospitals"};
  const char* any_type[] = {"suspect.arrested", "sentence.passed", "case.outcome", "victim.informed",
                            "offender.convicted"};
  for (int n = 0; n < 10; ++n) {
    const std::string who = fmt::format("V{}", n % 5 + 1), crime = fmt::format("C{}", n % 5 + 1);
    const std::string id = fmt::format("x{}", n);
    const std::string feed = own_feeds[n % 5];
    const auto portal = [&](const std::string& entry, const Cells& more) {
      Cells cells{{"Crime No", crime},
                  {"Victim Ref", who},
                  {"Entry No", id},
                  {"When", "06/03/2024 10:00:00"},
                  {"Entered", "06/03/2024 10:05:00"},
                  {"Entry", entry}};
      for (const auto& [column, value] : more) cells[column] = value;
      return csv(portal_heading, {cells});
    };
    // 1. Another feed says how the victim can be reached: it is not in its contract.
    out.push_back(
        {"overwrite the safe contact", feed,
         own(fmt::format(R"("id":"{}","type":"{}","participant":"{}","channel":"phone","occurred_at":"2024-03-06")", id,
                         n % 2 == 0 ? "safe_contact.agreed" : "safe_contact.ended", who)),
         End::put_aside});
    // 2. It says it is the portal.
    out.push_back(
        {"in the portal's name", feed,
         own(fmt::format(
             R"("id":"p{}","source":"victims-portal","type":"{}","participant":"{}","channel":"phone","occurred_at":"2024-03-06")",
             n % 5 + 1, n % 2 == 0 ? "safe_contact.agreed" : "contact.preferred", who)),
         End::put_aside});
    // 3. A telephone number of its own, from a feed that may not describe people.
    out.push_back(
        {"overwrite the telephone", feed,
         own(fmt::format(
             R"("id":"{}","type":"victim.described","participant":"{}","telephone":"0{}","occurred_at":"2024-03-06")",
             id, who, n)),
         End::put_aside});
    // 4. Two people made one, in whatever words.
    const char* merging[] = {"person.merged", "link.same_person", "victim.merged", "participant.replaced",
                             "link.victim"};
    out.push_back(
        {"merge two people", feed,
         own(fmt::format(R"("id":"{}","type":"{}","participant":"{}","crime":"C{}","occurred_at":"2024-03-06")", id,
                         merging[n % 5], who, (n + 1) % 5 + 1)),
         End::put_aside});
    // 5. A release, by feeds that are no prison.
    out.push_back({"a false release", feed,
                   own(fmt::format(R"("id":"{}","type":"{}","suspect":"S{}","occurred_at":"2024-03-06")", id,
                                   n % 2 == 0 ? "custody.released" : "custody.escaped", n % 5 + 1)),
                   End::put_aside});
    // 6. Corrections and retractions of what other systems recorded: taken, of its own system, where there is no such
    //    entry, so that they change nothing.
    out.push_back(
        {"take another system's entry back", "police-older-system",
         own(fmt::format(
             R"("id":"r{0}","type":"victim.informed","participant":"{1}","about":"arrest","{2}":"{3}{4}","occurred_at":"2024-03-06T09:00:00Z")",
             n, who, n % 2 == 0 ? "retracts" : "corrects", n < 5 ? "p" : "v", n % 5 + 1)),
         End::attributed});
    // 7. Another agency's case, in that agency's name.
    out.push_back(
        {"as another agency", feed,
         own(fmt::format(
             R"("id":"{}","agency":"{}","type":"{}","suspect":"S{}","participant":"{}","occurred_at":"2024-03-06")", id,
             n % 2 == 0 ? "hm-prison-service" : "wcu-north", any_type[n % 5], n % 5 + 1, who)),
         End::put_aside});
    // 8. An id that is the portal's, or Kept's own: the first is another one of this system, the second is refused.
    out.push_back(
        {"an id that imitates another", "police-older-system",
         own(fmt::format(
             R"("id":"{}","type":"suspect.arrested","suspect":"S{}","crime":"{}","occurred_at":"2024-03-06T08:00:00Z")",
             n < 5 ? fmt::format("p{}", n + 1) : fmt::format("withdrawn:{}", n), n % 5 + 1, crime)),
         n < 5 ? End::attributed : End::put_aside});
    // 9. Times: back-dated (taken, and history), or from the future (put aside).
    out.push_back(
        {"other times", "police-older-system",
         own(fmt::format(
             R"("id":"t{}","type":"suspect.arrested","suspect":"S{}","crime":"{}","occurred_at":"{}","recorded_at":"{}")",
             n, n % 5 + 1, crime, n < 5 ? "2023-01-01T08:00:00Z" : "2024-03-08T08:00:00Z",
             n < 5 ? "2023-01-01T08:30:00Z" : "2024-03-08T08:30:00Z")),
         n < 5 ? End::attributed : End::put_aside});
    // 10. The portal's own batch once more: replayed (nothing new), or with an entry's words changed (put aside).
    Cells more{{"Channel", n < 5 ? "email" : "phone"}};
    more["Entry No"] = fmt::format("p{}", n % 5 + 1);
    more["When"] = "05/03/2024 12:00:00";
    more["Entered"] = "05/03/2024 12:05:00";
    out.push_back({"replay and reorder", "victims-portal", portal("Safe contact agreed", more),
                   n < 5 ? End::nothing_new : End::put_aside});
  }
  return out;
}

class HostileFeeds : public IntakeStore {
 protected:
  void SetUp() override {
    std::vector<Cells> people, portal, suspects;
    for (int i = 1; i <= 5; ++i) {
      const std::string n = std::to_string(i);
      people.push_back(victim("C" + n, "V" + n, "v" + n));
      people.push_back(update("C" + n, "V" + n, "d" + n, "Victim described", {{"Telephone", "07700 900" + n}}));
      suspects.push_back(concerned("C" + n, "S" + n, "s" + n));
      portal.push_back({{"Crime No", "C" + n},
                        {"Victim Ref", "V" + n},
                        {"Entry No", "p" + n},
                        {"When", "05/03/2024 12:00:00"},
                        {"Entered", "05/03/2024 12:05:00"},
                        {"Channel", "email"},
                        {"Entry", "Safe contact agreed"}});
    }
    send("police-victims", csv(victims_heading, people));
    send("police-suspects", csv(suspects_heading, suspects));
    EXPECT_EQ(send("victims-portal", csv(portal_heading, portal)).counts.accepted, 5u);
  }
  /// Every fact as it was: bytes by position.
  std::vector<std::string> bytes_of(const std::vector<ledger::Fact>& facts, std::size_t count) {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < count; ++i) out.push_back(*ledger::encode_entry(facts[i].entry));
    return out;
  }
};

TEST_F(HostileFeeds, AHundredScriptsOverwriteNothing) {
  const std::vector<Attack> all = attacks();
  ASSERT_EQ(all.size(), 100u);
  const std::vector<ledger::Fact> first = facts();
  const std::vector<std::string> was = bytes_of(first, first.size());
  const auto obligations = judged();
  std::size_t overwritten = 0, put_aside = 0, attributed = 0, nothing_new = 0;
  for (const Attack& attack : all) {
    SCOPED_TRACE(attack.why + " by " + attack.feed + ": " + attack.text);
    const uint64_t size = store().ledger().size();
    const auto before = judged();
    const BatchReceipt receipt = send(attack.feed, attack.text);
    EXPECT_EQ(receipt.counts.rows, 1u);
    switch (attack.end) {
      case Attack::End::put_aside:
        EXPECT_EQ(receipt.counts.quarantined + receipt.counts.conflict, 1u);
        EXPECT_EQ(judged(), before) << "what is put aside has no effect";
        ++put_aside;
        break;
      case Attack::End::attributed:
        EXPECT_EQ(receipt.counts.accepted, 1u);
        ++attributed;
        break;
      case Attack::End::nothing_new:
        EXPECT_EQ(receipt.counts.duplicate, 1u);
        EXPECT_EQ(judged(), before);
        ++nothing_new;
        break;
    }
    // Whatever is new stands under this feed's own system and agency, and is of a type that its contract names.
    const auto& contract = store().contracts().find(attack.feed)->second;
    const std::vector<ledger::Fact> now = facts();
    for (std::size_t i = size; i < now.size(); ++i) {
      if (now[i].entry.kind != ledger::EntryKind::event) continue;
      if (now[i].event.source != contract.source || now[i].event.agency != contract.agency ||
          !contract.may_send(now[i].event.type))
        ++overwritten;
    }
    EXPECT_EQ(bytes_of(now, was.size()), was) << "what was recorded stays as it was";
  }
  EXPECT_EQ(overwritten, 0u);
  EXPECT_EQ(put_aside + attributed + nothing_new, 100u);
  EXPECT_EQ(put_aside, 75u);
  // What the victims confirmed is what it was: the portal's facts are the five of the beginning, and none of its
  // entries is corrected or taken back.
  std::size_t portal = 0;
  for (const ledger::Fact& fact : facts()) {
    if (fact.entry.kind != ledger::EntryKind::event || fact.event.source != "victims-portal") continue;
    ++portal;
    EXPECT_EQ(std::get<std::string>(fact.event.detail.at("channel")), "email");
    EXPECT_TRUE(fact.event.corrects.empty() && fact.event.retracts.empty());
  }
  EXPECT_EQ(portal, 5u);
  expect_as_judged_anew();
  // Ten times the volume, from a feed that is taken over: held, and a person decides.
  std::string flood;
  for (int i = 0; i < 1600; ++i)
    flood += own(fmt::format(
        R"("id":"f{}","type":"suspect.arrested","suspect":"F{}","crime":"F{}","occurred_at":"2024-03-06T09:00:00Z")", i,
        i, i));
  EXPECT_EQ(send("police-older-system", flood).state, BatchState::held);
}

// ---- silence, and batches lost on the way

struct Sent {
  int64_t to = 0;
  std::string feed, file;
  uint64_t number = 0;
};

/// All batches of a simulated month, in the order in which they were sent.
std::vector<Sent> simulated_month(const std::string& folder) {
  SimulationRequest request;
  request.plan = {60, 11, *calendar::parse_date("2024-02-01"), *calendar::parse_date("2024-02-29")};
  request.with_truth = false;
  request.feeds = folder;
  const auto answer = simulate_london(request);
  EXPECT_TRUE(answer) << answer.error().message;
  std::vector<Sent> out;
  for (const auto& feed : fs::directory_iterator(folder)) {
    std::ifstream manifest(feed.path() / "manifest.csv");
    std::string line;
    std::getline(manifest, line);
    while (std::getline(manifest, line)) {
      if (line.ends_with('\r')) line.pop_back();
      std::vector<std::string> cells;
      std::stringstream split(line);
      for (std::string cell; std::getline(split, cell, ',');) cells.push_back(cell);
      Sent sent;
      sent.feed = feed.path().filename().string();
      sent.number = std::stoull(cells.at(0));
      sent.file = (feed.path() / cells.at(1)).string();
      sent.to = at(cells.at(5));
      out.push_back(std::move(sent));
    }
  }
  std::sort(out.begin(), out.end(), [](const Sent& a, const Sent& b) {
    return std::tie(a.to, a.feed, a.number) < std::tie(b.to, b.feed, b.number);
  });
  return out;
}

class LostFeeds : public IntakeStore {
 protected:
  void take(const Sent& sent) {
    clock_.advance_ms(sent.to - clock_.now_ms());
    BatchRequest request;
    request.feed = sent.feed;
    request.path = sent.file;
    request.number = sent.number;
    const auto receipt = receive_batch(store(), request);
    ASSERT_TRUE(receipt) << sent.feed << ": " << receipt.error().message;
    EXPECT_EQ(receipt->state, BatchState::complete);
    EXPECT_EQ(receipt->counts.quarantined + receipt->counts.conflict, 0u) << sent.feed << " " << sent.file;
  }
};

TEST_F(LostFeeds, ASilentFeedIsNamedInTimeAndALostBatchByItsNumber) {
  clock_.advance_ms(at("2024-02-01T00:00:00Z") - clock_.now_ms());
  const std::vector<Sent> month = simulated_month(path("feeds"));
  ASSERT_GT(month.size(), 1000u);
  std::mt19937_64 random(99);
  std::map<std::string, std::vector<const Sent*>> by_feed;
  for (const Sent& sent : month) by_feed[sent.feed].push_back(&sent);
  // Each feed stops at a batch of its own; before that, one in a hundred is lost, and of no feed the first or last.
  std::map<std::string, std::size_t> stops;
  for (const auto& [feed, batches] : by_feed)
    stops[feed] = batches.size() < 3 ? batches.size() : 3 + random() % (batches.size() - 2);
  std::map<std::string, std::vector<uint64_t>> lost;
  std::size_t taken = 0, regular = 0;
  std::map<std::string, std::size_t> nth;
  for (const Sent& sent : month) {
    const std::size_t number = nth[sent.feed]++;
    if (number >= stops[sent.feed]) continue;
    if (number > 0 && number + 1 < stops[sent.feed] && random() % 100 == 0) {
      lost[sent.feed].push_back(sent.number);
      continue;
    }
    // Until it comes, a feed that keeps its rhythm is not called silent: never before due.
    if (random() % 20 == 0 && number > 0 && (lost[sent.feed].empty() || lost[sent.feed].back() + 1 != sent.number)) {
      const auto states = feed_states(store(), sent.to - 1);
      ASSERT_TRUE(states);
      for (const FeedState& one : *states)
        EXPECT_FALSE(one.name == sent.feed && one.silent_since) << sent.feed << " at " << model::instant_text(sent.to);
      ++regular;
    }
    take(sent);
    ++taken;
  }
  ASSERT_GT(taken, 500u);
  ASSERT_GT(regular, 20u);
  std::size_t all_lost = 0, alarms = 0;
  for (const auto& [feed, batches] : by_feed) {
    SCOPED_TRACE(feed);
    const FeedState stands = state(feed);
    EXPECT_EQ(stands.missing, lost[feed]) << "every lost batch is named, and no other";
    all_lost += lost[feed].size();
    const exchange::FeedContract& contract = store().contracts().find(feed)->second;
    const calendar::WorkingDays days = store().rules().book.calendar->known_on(calendar::london_date(clock_.now_ms()));
    const int64_t last = stands.last_at;
    ASSERT_NE(last, 0);
    const auto due = exchange::after_rhythms(contract.rhythm, 1, last, days);
    const auto twice = exchange::after_rhythms(contract.rhythm, 2, last, days);
    ASSERT_TRUE(due && twice);
    const auto silent_at = [&](int64_t now) {
      const auto states = feed_states(store(), now);
      for (const FeedState& one : *states)
        if (one.name == feed) return one.silent_since.has_value();
      return false;
    };
    constexpr int64_t day = 24 * 3'600'000;
    EXPECT_FALSE(stands.behind_ms || stands.ahead() != 0) << "no clock is doubted";
    EXPECT_FALSE(silent_at(*due)) << "not before it is due";
    EXPECT_TRUE(silent_at(std::min(*twice, *due + day))) << "at twice its rhythm, a day after it was due at the latest";
    ++alarms;
  }
  EXPECT_GT(all_lost, 2u);
  EXPECT_GE(alarms, 30u);
  // Among them providers' returns, which come once a week: a day after the week they are silent.
  for (const char* provider : {"homicide-service-returns", "talking-therapies-returns"}) {
    ASSERT_TRUE(by_feed.contains(provider)) << provider;
    EXPECT_GE(stops[provider], 3u) << provider;
    EXPECT_EQ(store().contracts().find(provider)->second.rhythm.unit, exchange::Rhythm::Unit::days);
    EXPECT_EQ(store().contracts().find(provider)->second.rhythm.every, 7);
  }
  RecordProperty("lost", static_cast<int>(all_lost));
}

}  // namespace
}  // namespace kept::app
