// What a ledger promises, on each database it may stand on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <thread>

#include "ledger/failing_database_test.h"
#include "ledger/key_store.h"
#include "ledger/ledger.h"
#include "ledger/migrations.h"
#include "ledger/store_test.h"

namespace kept::ledger {
namespace {

using base::ErrorCode;
using model::Event;
using testing::HasSubstr;

std::shared_ptr<const model::Vocabulary> vocabulary() {
  static const auto made = [] {
    auto words = std::make_shared<model::Vocabulary>();
    model::Field phone;
    phone.name = "phone";
    phone.kind = model::FieldKind::code;
    phone.personal = true;
    model::Field born;
    born.name = "born";
    born.kind = model::FieldKind::date;
    born.personal = true;
    model::Field said;
    said.name = "said";
    EXPECT_TRUE(words->add_field(phone));
    EXPECT_TRUE(words->add_field(born));
    EXPECT_TRUE(words->add_field(said));
    return words;
  }();
  return made;
}

Event event(const std::string& id, const std::string& participant = "V1", const std::string& crime = "C1") {
  Event made;
  made.id = id;
  made.source = "niche";
  made.type = "victim.informed";
  made.agency = "police";
  made.occurred_at = model::parse_moment("2026-03-02T10:00:00Z").value();
  made.recorded_at = made.occurred_at.lo_ms + 60'000;
  made.participant = participant;
  made.crime = crime;
  made.detail["about"] = std::string("arrest");
  return made;
}

std::vector<NewEvent> arrivals(const std::vector<Event>& events) {
  std::vector<NewEvent> out;
  for (const Event& one : events) {
    NewEvent made;
    made.event = one;
    made.received_at = 1'772'445'600'000;
    out.push_back(made);
  }
  return out;
}

class LedgerContract : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    store_ = make_store(GetParam(), folder_ + "/store");
    keys_ = KeyStore::open(folder_ + "/keys.sqlite", base::system_chance()).value();
    reopen();
  }
  void TearDown() override {
    ledger_.reset();
    keys_.reset();
    std::filesystem::remove_all(folder_);
  }
  LedgerParts parts(bool read_only = false) {
    LedgerParts parts;
    parts.vocabulary = vocabulary();
    parts.clock = &clock_;
    parts.chance = &base::system_chance();
    parts.keys = keys_.get();
    parts.disk = &base::system_disk();
    parts.heads_path = folder_ + "/heads";
    parts.known_keys = {signing_.public_key()};
    if (!read_only) parts.signing_key = &signing_;
    return parts;
  }
  base::Result<std::unique_ptr<Ledger>> open(bool read_only = false) {
    auto database = store_->open(read_only);
    if (!database) return database.error();
    if (!read_only) *database = std::make_unique<FailingDatabase>(std::move(*database), &failure_);
    return Ledger::open(std::move(*database), parts(read_only));
  }
  void reopen() {
    ledger_.reset();
    auto opened = open();
    ASSERT_TRUE(opened) << opened.error().message;
    ledger_ = std::move(*opened);
  }
  base::Error refused() {
    ledger_.reset();
    const auto opened = open();
    EXPECT_FALSE(opened);
    return opened ? base::Error{} : opened.error();
  }
  std::vector<Placed> add(const std::vector<NewEvent>& events, std::vector<int64_t>* touched = nullptr) {
    std::vector<int64_t> ignored;
    EXPECT_TRUE(ledger_->begin());
    const auto placed = ledger_->add_events(events, touched == nullptr ? &ignored : touched);
    EXPECT_TRUE(placed) << (placed ? "" : placed.error().message);
    const auto committed = ledger_->commit();
    EXPECT_TRUE(committed) << (committed ? "" : committed.error().message);
    return placed ? *placed : std::vector<Placed>(events.size());
  }
  std::vector<Placed> add(const std::vector<Event>& events) { return add(arrivals(events)); }
  Arrival arrival(const Event& one) { return add({one})[0].arrival; }
  Fact fact(uint64_t position) {
    Fact found;
    const auto read = ledger_->facts(std::span(&position, 1), [&](Fact& one) -> base::Status {
      found = one;
      return base::Done{};
    });
    EXPECT_TRUE(read) << (read ? "" : read.error().message);
    return found;
  }
  /// The ids of the facts that mention a name.
  std::set<std::string> mentioning(const std::string& name) {
    const auto keys = ledger_->keys_of(std::vector<std::string>{name});
    EXPECT_TRUE(keys);
    std::vector<uint64_t> positions;
    EXPECT_TRUE(ledger_->mentions(*keys, [&](std::size_t, uint64_t position) -> base::Status {
      positions.push_back(position);
      return base::Done{};
    }));
    EXPECT_TRUE(std::is_sorted(positions.begin(), positions.end()));
    std::set<std::string> ids;
    EXPECT_TRUE(ledger_->facts(positions, [&](Fact& one) -> base::Status {
      ids.insert(one.event.id);
      return base::Done{};
    }));
    EXPECT_EQ(ids.size(), positions.size());
    return ids;
  }

  std::string folder_ = std::filesystem::temp_directory_path() / ("kept-ledger-" + std::to_string(::getpid()));
  FailingDatabase::Failure failure_ = FailingDatabase::Failure::none;
  base::ManualClock clock_{1'772'445'600'000};
  SigningKey signing_{leaf_hash("a seed")};
  std::unique_ptr<TestStore> store_;
  std::unique_ptr<KeyStore> keys_;
  std::unique_ptr<Ledger> ledger_;
};

using Ids = std::set<std::string>;

TEST_P(LedgerContract, AnEmptyLedgerIsOne) {
  EXPECT_EQ(ledger_->size(), 0u);
  EXPECT_EQ(ledger_->root(), empty_root());
  const std::string id = ledger_->id();
  EXPECT_EQ(id.size(), 21u);
  ASSERT_TRUE(ledger_->publish_heads());
  reopen();
  EXPECT_EQ(ledger_->id(), id);
  EXPECT_EQ(add(std::vector<Event>{}).size(), 0u);
  EXPECT_EQ(ledger_->find("niche", "1").error().code, ErrorCode::not_found);
  EXPECT_EQ(ledger_->receipt(TreeName::facts, 0).error().code, ErrorCode::not_found);
  EXPECT_TRUE(mentioning("pV1").empty());
}

TEST_P(LedgerContract, WhatWasAddedIsReadBack) {
  std::vector<NewEvent> events = arrivals({event("1"), event("2", "V2"), event("3")});
  events[0].event.suspect = "S1";
  events[0].event.hearing = "H1";
  events[0].event.urn = "01AB";
  events[0].event.actor = "DC 1";
  events[0].event.detail["count"] = int64_t{-7};
  events[1].batch = 7;
  events[1].row = 1'000;
  events[1].historic = true;
  events[2].own_clock = true;
  events[2].event.id = "3 \u2013 \U0001F600 ' \" \\ \n";
  const auto placed = add(events);
  ASSERT_TRUE(ledger_->begin());
  Entry entry;
  entry.kind = EntryKind::settled;
  entry.received_at = -5;
  entry.fields = {{"why", "asked"}, {"a", ""}};
  EXPECT_EQ(ledger_->add(TreeName::facts, entry).value(), 3u);
  EXPECT_EQ(ledger_->add(TreeName::audit, entry).value(), 0u);
  ASSERT_TRUE(ledger_->commit());
  for (int time = 0; time < 2; ++time) {
    for (std::size_t i = 0; i < events.size(); ++i) {
      EXPECT_EQ(placed[i].arrival, Arrival::accepted);
      EXPECT_EQ(placed[i].position, i);
      const Fact found = fact(i);
      EXPECT_EQ(found.event, events[i].event);
      EXPECT_EQ(found.entry.batch, events[i].batch);
      EXPECT_EQ(found.entry.row, events[i].row);
      EXPECT_EQ(found.entry.historic, events[i].historic);
      EXPECT_EQ(found.entry.own_clock, events[i].own_clock);
      EXPECT_EQ(found.entry.received_at, events[i].received_at);
      EXPECT_EQ(ledger_->find("niche", events[i].event.id).value(), i);
    }
    EXPECT_EQ(fact(3).entry, entry);
    EXPECT_EQ(mentioning("pV1"), (Ids{"1", events[2].event.id}));
    EXPECT_EQ(mentioning("cC1").size(), 3u);
    EXPECT_EQ(mentioning("sS1"), (Ids{"1"}));
    EXPECT_EQ(mentioning("hH1"), (Ids{"1"}));
    EXPECT_EQ(ledger_->size(), 4u);
    EXPECT_EQ(ledger_->size(TreeName::audit), 1u);
    EXPECT_EQ(ledger_->find("athena", "1").error().code, ErrorCode::not_found);
    const auto keys = ledger_->keys_of(std::vector<std::string>{"pV1", "nobody", "cC1"}).value();
    EXPECT_EQ(keys[1], 0);
    EXPECT_EQ(ledger_->names_of(std::vector<int64_t>{keys[2], keys[0]}).value(),
              (std::vector<std::string>{"cC1", "pV1"}));
    reopen();
  }
}

TEST_P(LedgerContract, TheSameEventTwiceIsOne) {
  Event first = event("1"), other = event("1");
  other.detail["about"] = std::string("charge");
  Event elsewhere = event("1");
  elsewhere.source = "athena";
  // Within one call.
  const auto placed = add({first, event("2"), first, other, elsewhere});
  EXPECT_EQ(placed[0].arrival, Arrival::accepted);
  EXPECT_EQ(placed[2].arrival, Arrival::duplicate);
  EXPECT_EQ(placed[2].position, 0u);
  EXPECT_EQ(placed[3].arrival, Arrival::conflict);
  EXPECT_EQ(placed[3].position, 0u);
  EXPECT_EQ(placed[4].arrival, Arrival::accepted);
  EXPECT_EQ(ledger_->size(), 3u);
  // Later, and after the ledger was opened again; within one transaction, too.
  for (int time = 0; time < 2; ++time) {
    EXPECT_EQ(arrival(first), Arrival::duplicate);
    EXPECT_EQ(arrival(other), Arrival::conflict);
    EXPECT_EQ(arrival(elsewhere), Arrival::duplicate);
    const Event fresh = event("fresh" + std::to_string(time));
    std::vector<int64_t> touched;
    ASSERT_TRUE(ledger_->begin());
    EXPECT_EQ(ledger_->add_events(arrivals({fresh}), &touched).value()[0].arrival, Arrival::accepted);
    EXPECT_EQ(ledger_->add_events(arrivals({fresh}), &touched).value()[0].arrival, Arrival::duplicate);
    ASSERT_TRUE(ledger_->commit());
    reopen();
  }
  EXPECT_EQ(ledger_->size(), 5u);
  // Every field counts.
  const auto changed = [&](auto change) {
    Event one = event("1");
    change(&one);
    return arrival(one);
  };
  EXPECT_EQ(changed([](Event* e) { e->participant = "V9"; }), Arrival::conflict);
  EXPECT_EQ(changed([](Event* e) { e->agency = "cps"; }), Arrival::conflict);
  EXPECT_EQ(changed([](Event* e) { e->recorded_at += 1; }), Arrival::conflict);
  EXPECT_EQ(changed([](Event* e) { e->known_at = e->occurred_at; }), Arrival::conflict);
  EXPECT_EQ(changed([](Event* e) { e->detail["said"] = std::string("more"); }), Arrival::conflict);
  EXPECT_EQ(changed([](Event* e) { e->detail.erase("about"); }), Arrival::conflict);
  EXPECT_EQ(changed([](Event*) {}), Arrival::duplicate);
}

// Where the sender says nothing of when it was recorded, our own receipt stands for it, later each time.
TEST_P(LedgerContract, AnEventWithoutAClockOfItsOwnIsTheSameLater) {
  std::vector<NewEvent> events = arrivals({event("1")});
  events[0].own_clock = true;
  add(events);
  events[0].event.recorded_at += 5'000'000;
  events[0].received_at += 5'000'000;
  EXPECT_EQ(add(events)[0].arrival, Arrival::duplicate);
  events[0].own_clock = false;
  EXPECT_EQ(add(events)[0].arrival, Arrival::conflict);
}

TEST_P(LedgerContract, PersonalFieldsAreSealedAndOpenedAgain) {
  const std::string canary = "Qx7 said nothing at Zw93 Kestrel Row";
  const std::string phone = "07700-900-Yt58";
  Event one = event("an-id-in-plain-sight-Hv41");
  one.detail["said"] = canary;
  one.detail["phone"] = phone;
  one.detail["born"] = model::parse_moment("1987-06-05").value();
  Event other = event("2", "V2");
  other.detail["said"] = std::string("something else");
  EXPECT_EQ(add({one, other})[0].arrival, Arrival::accepted);
  EXPECT_EQ(arrival(one), Arrival::duplicate);
  Event changed = one;
  changed.detail["phone"] = phone + "1";
  EXPECT_EQ(arrival(changed), Arrival::conflict);
  changed.detail.erase("phone");
  EXPECT_EQ(arrival(changed), Arrival::conflict);

  for (int time = 0; time < 2; ++time) {
    const Fact found = fact(0);
    EXPECT_EQ(found.event.detail.size(), 1u);
    EXPECT_EQ(found.entry.sealed.size(), 3u);
    bool erased = true;
    const auto opened = ledger_->unsealed(found.entry, 0, &erased);
    ASSERT_TRUE(opened) << opened.error().message;
    EXPECT_FALSE(erased);
    EXPECT_EQ(opened->at("said"), canary);
    EXPECT_EQ(opened->at("phone"), phone);
    EXPECT_EQ(opened->at("born"), "1987-06-05");
    reopen();
  }
  // What is plain is found, so what is not found is not there.
  EXPECT_TRUE(store_->holds("an-id-in-plain-sight-Hv41"));
  EXPECT_FALSE(store_->holds("Kestrel Row"));
  EXPECT_FALSE(store_->holds("Yt58"));
  EXPECT_FALSE(store_->holds("1987-06-05"));

  // Erased: nobody can read it, the tree is as it was, and the same event is no conflict.
  const Hash root = ledger_->root();
  ASSERT_TRUE(keys_->destroy("pV1"));
  for (int time = 0; time < 2; ++time) {
    bool erased = false;
    EXPECT_TRUE(ledger_->unsealed(fact(0).entry, 0, &erased).value().empty());
    EXPECT_TRUE(erased);
    EXPECT_EQ(ledger_->unsealed(fact(1).entry, 1, &erased).value().at("said"), "something else");
    EXPECT_FALSE(erased);
    EXPECT_EQ(ledger_->root(), root);
    EXPECT_EQ(arrival(one), Arrival::duplicate);
    reopen();
  }
  // What comes later for that person keeps nothing personal.
  Event later = event("3");
  later.detail["said"] = canary;
  EXPECT_EQ(arrival(later), Arrival::accepted);
  bool erased = false;
  EXPECT_TRUE(ledger_->unsealed(fact(2).entry, 2, &erased).value().empty());
  EXPECT_TRUE(erased);
  EXPECT_EQ(arrival(later), Arrival::duplicate);
}

TEST_P(LedgerContract, ProofsVerifyAtEverySize) {
  std::vector<Hash> roots{ledger_->root()};
  std::vector<uint64_t> sizes{0};
  int id = 0;
  for (const int count : {1, 1, 3, 250, 1, 300, 200}) {
    std::vector<Event> events;
    for (int i = 0; i < count; ++i, ++id) events.push_back(event(std::to_string(id), "V" + std::to_string(id % 40)));
    add(events);
    roots.push_back(ledger_->root());
    sizes.push_back(ledger_->size());
    if (count == 250) reopen();
  }
  ASSERT_EQ(ledger_->size(), 756u);
  for (int time = 0; time < 2; ++time) {
    for (const uint64_t position : {0, 1, 4, 254, 255, 256, 511, 512, 755}) {
      const auto receipt = ledger_->receipt(TreeName::facts, position);
      ASSERT_TRUE(receipt) << receipt.error().message;
      EXPECT_TRUE(verify_inclusion(receipt->leaf, position, receipt->size, receipt->proof, ledger_->root()));
      EXPECT_FALSE(verify_inclusion(receipt->leaf, position, receipt->size, receipt->proof, roots[3]));
    }
    for (std::size_t from = 0; from < sizes.size(); ++from)
      for (std::size_t to = from; to < sizes.size(); ++to) {
        const auto proof = ledger_->consistency(TreeName::facts, sizes[from], sizes[to]);
        ASSERT_TRUE(proof) << proof.error().message;
        EXPECT_TRUE(verify_consistency(sizes[from], roots[from], sizes[to], roots[to], *proof));
      }
    uint64_t seen = 0;
    const auto all = ledger_->entries(TreeName::facts, 0, UINT64_MAX >> 1, [&](uint64_t position, const Entry&) {
      EXPECT_EQ(position, seen++);
      return base::Status(base::Done{});
    });
    EXPECT_TRUE(all) << all.error().message;
    EXPECT_EQ(seen, 756u);
    reopen();
  }
}

// Names, mentions and families do not turn on what came first.
TEST_P(LedgerContract, CorrectionsAreFoundWhateverTheOrder) {
  Event moved = event("2", "V2", "C2");
  moved.corrects = "1";
  Event again = event("3", "V3", "C3");
  again.corrects = "2";
  Event gone = event("4", "", "");
  gone.retracts = "3";
  Event hold = event("5", "", "C5");
  hold.detail["hold"] = std::string("1");
  Event apart = event("6", "V6", "C1");
  Event stranger = event("1", "V7", "C7");
  stranger.source = "athena";
  const std::vector<Event> all{event("1"), moved, again, gone, hold, apart, stranger};
  std::vector<std::size_t> order{0, 1, 2, 3, 4, 5, 6};
  std::mt19937_64 random(3);
  const std::vector<std::string> names{"pV1", "pV2", "pV3", "cC1", "cC2", "cC3", "cC5", "pV6", "pV7", "cC7"};
  const Ids family{"1", "2", "3", "4", "5"};
  for (int round = 0; round < 12; ++round) {
    ledger_.reset();
    std::filesystem::remove_all(folder_ + "/store");
    std::filesystem::remove(folder_ + "/heads");
    store_ = make_store(GetParam(), folder_ + "/store");
    reopen();
    if (round > 1) std::shuffle(order.begin(), order.end(), random);
    if (round == 1) std::reverse(order.begin(), order.end());
    std::set<std::string> touched_names;
    for (std::size_t at = 0; at < order.size();) {
      const std::size_t count = std::min<std::size_t>(1 + random() % 3, order.size() - at);
      std::vector<Event> some;
      for (std::size_t i = 0; i < count; ++i) some.push_back(all[order[at++]]);
      std::vector<int64_t> touched;
      add(arrivals(some), &touched);
      EXPECT_TRUE(std::is_sorted(touched.begin(), touched.end()));
      const auto texts = ledger_->names_of(touched);
      ASSERT_TRUE(texts);
      touched_names.insert(texts->begin(), texts->end());
      if (round % 3 == 2) reopen();
    }
    for (const char* name : {"pV1", "pV2", "pV3", "cC2", "cC3", "cC5"}) EXPECT_EQ(mentioning(name), family) << name;
    EXPECT_EQ(mentioning("cC1"), (Ids{"1", "2", "3", "4", "5", "6"}));
    EXPECT_EQ(mentioning("pV6"), (Ids{"6"}));
    EXPECT_EQ(mentioning("pV7"), (Ids{"1"}));
    for (const std::string& name : names) EXPECT_TRUE(touched_names.contains(name)) << name;
  }
}

TEST_P(LedgerContract, RollingBackLeavesNothing) {
  add({event("1")});
  const Hash root = ledger_->root();
  std::vector<Event> many;
  for (int i = 0; i < 600; ++i) many.push_back(event("m" + std::to_string(i), "N" + std::to_string(i)));
  for (const std::vector<Event>& events : {std::vector<Event>{event("2", "V2", "C2")}, many}) {
    ASSERT_TRUE(ledger_->begin());
    std::vector<int64_t> touched;
    ASSERT_TRUE(ledger_->add_events(arrivals(events), &touched));
    Entry entry;
    entry.kind = EntryKind::commit;
    ASSERT_TRUE(ledger_->add(TreeName::audit, entry));
    ASSERT_TRUE(ledger_->name(std::vector<std::string>{"pNew"}));
    ASSERT_TRUE(ledger_->roll_back());
    for (int time = 0; time < 2; ++time) {
      EXPECT_EQ(ledger_->size(), 1u);
      EXPECT_EQ(ledger_->size(TreeName::audit), 0u);
      EXPECT_EQ(ledger_->root(), root);
      EXPECT_EQ(ledger_->find("niche", events[0].id).error().code, ErrorCode::not_found);
      EXPECT_EQ(ledger_->keys_of(std::vector<std::string>{"p" + events[0].participant, "pNew"}).value(),
                (std::vector<int64_t>{0, 0}));
      reopen();
    }
  }
  // What is added next stands where it would have, under keys of its own.
  EXPECT_EQ(add({event("2", "V9", "C2")})[0].position, 1u);
  EXPECT_EQ(mentioning("pV9"), (Ids{"2"}));
  EXPECT_EQ(mentioning("pV2"), Ids{});
  EXPECT_EQ(mentioning("cC2"), (Ids{"2"}));
  reopen();
  EXPECT_EQ(mentioning("pV9"), (Ids{"2"}));
}

TEST_P(LedgerContract, AnEventThatCannotBeKeptIsRefusedBeforeItIsTried) {
  for (const std::string& bad : {std::string("a\0b", 3), std::string("\xff"), std::string("\xc0\xaf")}) {
    for (std::string Event::* field : {&Event::id, &Event::source, &Event::agency, &Event::participant, &Event::crime,
                                       &Event::suspect, &Event::hearing, &Event::corrects, &Event::retracts}) {
      Event one = event("1");
      one.*field = bad;
      std::vector<int64_t> touched;
      ASSERT_TRUE(ledger_->begin());
      const auto placed = ledger_->add_events(arrivals({one}), &touched);
      ASSERT_FALSE(placed);
      EXPECT_EQ(placed.error().code, ErrorCode::invalid);
      ASSERT_TRUE(ledger_->roll_back());
    }
  }
  EXPECT_EQ(ledger_->size(), 0u);
  EXPECT_EQ(arrival(event("1")), Arrival::accepted);
}

TEST_P(LedgerContract, AfterAFailedCommitNothingMoreIsTaken) {
  using Failure = FailingDatabase::Failure;
  add({event("1")});
  uint64_t expected = 1;
  for (const Failure failure : {Failure::before, Failure::after}) {
    failure_ = failure;
    ASSERT_TRUE(ledger_->begin());
    std::vector<int64_t> touched;
    ASSERT_TRUE(ledger_->add_events(arrivals({event("2")}), &touched));
    const auto committed = ledger_->commit();
    ASSERT_FALSE(committed);
    EXPECT_EQ(committed.error().code, ErrorCode::io);
    EXPECT_TRUE(ledger_->has_stopped());
    failure_ = Failure::none;
    EXPECT_THAT(ledger_->begin().error().message, HasSubstr("start it again"));
    // What was committed before can still be read.
    EXPECT_EQ(fact(0).event.id, "1");
    reopen();
    if (failure == Failure::after) ++expected;
    EXPECT_EQ(ledger_->size(), expected);
  }
  // Sent again, it is there once.
  EXPECT_EQ(arrival(event("2")), Arrival::duplicate);
}

TEST_P(LedgerContract, AStoreThatIsNotWhatWasSignedIsRefused) {
  std::vector<Event> events;
  for (int i = 0; i < 700; ++i) events.push_back(event(std::to_string(i)));
  add(events);
  Entry entry;
  entry.kind = EntryKind::commit;
  ASSERT_TRUE(ledger_->begin());
  ASSERT_TRUE(ledger_->add(TreeName::audit, entry));
  ASSERT_TRUE(ledger_->commit());
  ASSERT_TRUE(ledger_->publish_heads());
  clock_.advance_ms(60'000);
  add({event("more")});
  // Not signed yet: nothing says that it must be there.
  store_->tamper(
      "DELETE FROM fact WHERE position = 700; DELETE FROM event WHERE position = 700;"
      "DELETE FROM mention WHERE position = 700");
  reopen();
  EXPECT_EQ(add({event("more")})[0].position, 700u);
  ASSERT_TRUE(ledger_->publish_heads());
  reopen();

  // Each of these and back again. `spare` keeps what is taken away.
  ledger_.reset();
  store_->tamper(
      "CREATE TABLE spare AS SELECT * FROM fact; CREATE TABLE spare_node AS SELECT * FROM node;"
      "CREATE TABLE spare_audit AS SELECT * FROM audit");
  const std::string back =
      "DELETE FROM fact; INSERT INTO fact SELECT * FROM spare; DELETE FROM node; "
      "INSERT INTO node SELECT * FROM spare_node; DELETE FROM audit; INSERT INTO audit SELECT * FROM spare_audit";
  const std::pair<const char*, const char*> harms[] = {
      {"DELETE FROM fact WHERE position = 700", "entries were lost, or an old copy"},
      {"DELETE FROM fact WHERE position >= 300", "entries were lost, or an old copy"},
      {"DELETE FROM fact", "entries were lost, or an old copy"},
      {"DELETE FROM audit", "entries were lost, or an old copy"},
      {"DELETE FROM fact WHERE position = 699", "lacks hashes"},
      {"DELETE FROM node", "lacks hashes"},
      {"UPDATE node SET hash = (SELECT leaf FROM fact WHERE position = 3) WHERE number = 0", "was altered"},
      {"UPDATE node SET hash = bytes FROM fact WHERE position = 3", "not a hash"},
      {"UPDATE fact SET leaf = (SELECT leaf FROM fact WHERE position = 3) WHERE position = 699", "was altered"},
      {"UPDATE fact SET bytes = (SELECT bytes FROM fact WHERE position = 3) WHERE position = 650", "position 650"},
      {"UPDATE audit SET bytes = leaf", "position 0"},
  };
  for (const auto& [harm, words] : harms) {
    store_->tamper(harm);
    const base::Error error = refused();
    EXPECT_TRUE(error.code == ErrorCode::conflict || error.code == ErrorCode::not_found) << harm;
    EXPECT_THAT(error.message, HasSubstr(words)) << harm;
    store_->tamper(back);
    reopen();
    ledger_.reset();
  }
  // Deep inside, it is found when it is read, and never served.
  store_->tamper("UPDATE fact SET bytes = (SELECT bytes FROM fact WHERE position = 3) WHERE position = 5");
  reopen();
  const uint64_t position = 5;
  const auto read = ledger_->facts(std::span(&position, 1), [](Fact&) -> base::Status {
    ADD_FAILURE() << "a wrong byte was served";
    return base::Done{};
  });
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().message, HasSubstr("position 5"));
  EXPECT_FALSE(ledger_->entries(TreeName::facts, 0, 10, [](uint64_t at, const Entry&) -> base::Status {
    EXPECT_LT(at, 5u);
    return base::Done{};
  }));
  store_->tamper(back);
  // Without its heads, or with another ledger's, nobody can tell.
  std::filesystem::rename(folder_ + "/heads", folder_ + "/kept-heads");
  EXPECT_THAT(refused().message, HasSubstr("are gone"));
  std::filesystem::rename(folder_ + "/kept-heads", folder_ + "/heads");
  store_->tamper("UPDATE setting SET value = 'kept-0000000000000000' WHERE name = 'ledger'");
  EXPECT_EQ(refused().code, ErrorCode::conflict);
}

TEST_P(LedgerContract, AStoreOfAnotherShapeIsRefused) {
  add({event("1")});
  ledger_.reset();
  store_->tamper("UPDATE migration SET checksum = 'another' WHERE number = 1");
  base::Error error = refused();
  EXPECT_EQ(error.code, ErrorCode::conflict);
  EXPECT_THAT(error.message, HasSubstr("made by another program"));
  store_->tamper("DELETE FROM migration");
  EXPECT_FALSE(open());
  const int next = static_cast<int>(migrations().size()) + 1;
  store_->tamper("INSERT INTO migration (number, name, checksum, applied_at) VALUES (" + std::to_string(next) +
                 ", 'of tomorrow', 'x', 0)");
  error = refused();
  EXPECT_EQ(error.code, ErrorCode::unsupported);
  EXPECT_THAT(error.message, HasSubstr("use a newer Kept"));
}

TEST_P(LedgerContract, AMigrationStandsWholeOrNotAtAll) {
  ledger_.reset();
  const std::unique_ptr<TestStore> other = make_store(GetParam(), folder_ + "/other");
  const auto opened = other->open();
  ASSERT_TRUE(opened);
  Database& database = **opened;
  ASSERT_TRUE(database.begin(false));
  ASSERT_TRUE(database.run_script("CREATE TABLE first (key {number} PRIMARY KEY)"));
  EXPECT_FALSE(database.run_script("CREATE TABLE second (key {number}); CREATE TABLE first (key {number})"));
  ASSERT_TRUE(database.roll_back());
  EXPECT_TRUE(database.run_script("CREATE TABLE first (key {number}); CREATE TABLE second (key {number})"));
}

TEST_P(LedgerContract, ReadersReadWhileAWriterWrites) {
  // Nothing is there to read before there is a ledger.
  const std::unique_ptr<TestStore> empty = make_store(GetParam(), folder_ + "/empty");
  ASSERT_TRUE(empty->open());
  auto database = empty->open(true);
  ASSERT_TRUE(database) << database.error().message;
  EXPECT_EQ(Ledger::open(std::move(*database), parts(true)).error().code, ErrorCode::not_found);

  add({event("1")});
  ASSERT_TRUE(ledger_->publish_heads());
  // One that opens again and again, while events are added and heads are signed.
  std::atomic<bool> is_done = false;
  std::atomic<int> opened = 0;
  std::thread reader([&] {
    uint64_t last = 0;
    while (!is_done || opened < 3) {
      const auto reading = open(true);
      EXPECT_TRUE(reading) << reading.error().message;
      if (!reading) return;
      EXPECT_GE((*reading)->size(), last);
      last = (*reading)->size();
      uint64_t seen = 0;
      EXPECT_TRUE((*reading)->entries(TreeName::facts, 0, last, [&](uint64_t, const Entry&) -> base::Status {
        ++seen;
        return base::Done{};
      }));
      EXPECT_EQ(seen, last);
      EXPECT_FALSE((*reading)->begin());
      EXPECT_FALSE((*reading)->publish_heads());
      ++opened;
    }
  });
  for (int i = 0; i < 150; ++i) {
    add({event("w" + std::to_string(i), "V" + std::to_string(i))});
    clock_.advance_ms(1);
    EXPECT_TRUE(ledger_->publish_heads());
  }
  is_done = true;
  reader.join();
  EXPECT_EQ(ledger_->size(), 151u);
}

TEST_P(LedgerContract, BigEntriesAreKeptAndTooBigOnesRefused) {
  Event big = event("big");
  std::string words;
  std::mt19937_64 random(1);
  while (words.size() < 3'900'000) words += std::to_string(random());
  big.detail["said"] = words;
  Event plain = event("plain");
  plain.detail["about"] = words.substr(0, 1'000'000);
  std::vector<Event> events;
  for (int i = 0; i < 40; ++i) events.push_back(event("e" + std::to_string(i)));
  events.push_back(big);
  events.push_back(plain);
  add(events);
  EXPECT_EQ(arrival(big), Arrival::duplicate);
  reopen();
  bool erased = false;
  EXPECT_EQ(ledger_->unsealed(fact(40).entry, 40, &erased).value().at("said"), words);
  EXPECT_EQ(fact(41).event, plain);
  EXPECT_EQ(arrival(plain), Arrival::duplicate);
  while (words.size() < (4 << 20)) words += std::to_string(random());
  big.id = "bigger";
  big.detail["said"] = words;
  ASSERT_TRUE(ledger_->begin());
  std::vector<int64_t> touched;
  EXPECT_EQ(ledger_->add_events(arrivals({event("before"), big}), &touched).error().code, ErrorCode::too_large);
  ASSERT_TRUE(ledger_->roll_back());
  EXPECT_EQ(ledger_->size(), 42u);
  EXPECT_EQ(arrival(event("before")), Arrival::accepted);
}

INSTANTIATE_TEST_SUITE_P(Stores, LedgerContract, testing::Values("sqlite", "postgres"),
                         [](const auto& one) { return std::string(one.param); });

}  // namespace
}  // namespace kept::ledger
