// What a ledger does when its disk fails: at every operation once, at power cuts, and with every kind of rot in its
// file and log. KEPT_FAULT_CUTS=10000 cuts the power as often, KEPT_FAULT_ROT=20000 damages as often. Slow: thousands
// of stores are opened. Shards: 3
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "app/delivery.h"
#include "app/ledger_checks.h"
#include "app/simulate_london.h"
#include "ledger/fault_vfs.h"
#include "ledger/key_store.h"
#include "ledger/ledger.h"
#include "ledger/sqlite_database.h"
#include "model/canonical.h"
#include "support/checked_build.h"
#include "support/numbered_event.h"

namespace kept::ledger {
namespace {

namespace fs = std::filesystem;
using Fault = FaultDisk::Fault;
using model::Event;
using Operation = FaultDisk::Operation;

uint64_t number_from(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

/// The same bytes again from the same seed, so that a run that went wrong can be run again.
class SeededChance : public base::Chance {
 public:
  explicit SeededChance(uint64_t seed) : random_(seed) {}
  void fill(std::span<std::uint8_t> bytes) override {
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random_());
  }

 private:
  std::mt19937_64 random_;
};

/// One ledger on a disk that fails, and what it was told was kept.
class Writer {
 public:
  explicit Writer(FaultDisk& disk, uint64_t seed) : disk_(disk), chance_(seed), random_(seed) {}

  /// Opens the ledger and adds batches until `last` is there or something cannot go on. Every error is one that the
  /// caller was told.
  void live(uint64_t last) {
    auto ledger = open();
    if (!ledger) return;
    while (next_ <= last) {
      const uint64_t count = std::min<uint64_t>(1 + random_() % 5, last + 1 - next_);
      std::vector<NewEvent> events(count);
      for (uint64_t i = 0; i < count; ++i) {
        events[i].event = event_number(next_ + i);
        events[i].received_at = clock_.now_ms();
      }
      if (!(*ledger)->begin()) break;
      std::vector<int64_t> touched;
      const auto placed = (*ledger)->add_events(events, &touched);
      if (!placed) {
        ++refused_;
        if (!(*ledger)->roll_back()) break;
        // What was refused before its commit is not there: the same again is new.
        if (++tries_ > 3) break;
        continue;
      }
      for (const Placed& each : *placed) EXPECT_EQ(each.arrival, Arrival::accepted);
      in_flight_ = count;
      if (!(*ledger)->commit()) {
        ++refused_;
        EXPECT_TRUE((*ledger)->has_stopped());
        EXPECT_FALSE((*ledger)->begin()) << "after a commit that failed nothing more is taken";
        break;
      }
      in_flight_ = 0;
      next_ += count;
      clock_.advance_ms(1000);
      if (random_() % 3 == 0 && !(*ledger)->publish_heads()) break;
    }
  }

  /// Opens the ledger after whatever happened. All that was acknowledged is there, once, readable and found; what was
  /// being committed is there as a whole or not at all; nothing else is.
  void expect_whole(const std::string& what) {
    SCOPED_TRACE(what);
    auto opened = open();
    ASSERT_TRUE(opened) << opened.error().message;
    Ledger& ledger = **opened;
    std::vector<uint64_t> positions(ledger.size());
    for (uint64_t i = 0; i < positions.size(); ++i) positions[i] = i;
    const uint64_t acknowledged = next_ - 1;
    const uint64_t there = ledger.size();
    ASSERT_TRUE(there == acknowledged || there == acknowledged + in_flight_)
        << there << " there, " << acknowledged << " acknowledged, " << in_flight_ << " in flight";
    Tree grown;
    std::vector<CompleteNode> nodes;
    const base::Status read = ledger.facts(positions, [&](Fact& fact) -> base::Status {
      bool erased = false;
      auto personal = ledger.unsealed(fact.entry, fact.position, &erased);
      if (!personal) return personal.error();
      for (auto& [name, text] : *personal) fact.event.detail[name] = text;
      EXPECT_EQ(fact.event, event_number(fact.position + 1)) << "a wrong fact at " << fact.position;
      grown.add(leaf_hash(encode_entry(fact.entry).value()), &nodes);
      return base::Done{};
    });
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(grown.root(), ledger.root());
    for (uint64_t n = 1; n <= there; ++n) {
      const Event event = event_number(n);
      const auto found = ledger.find(event.source, event.id);
      ASSERT_TRUE(found) << n << ": " << found.error().message;
      EXPECT_EQ(*found, n - 1);
      const std::vector<std::string> names = names_in(event);
      const auto keys = ledger.keys_of(names);
      ASSERT_TRUE(keys);
      std::set<std::size_t> mentioned;
      ASSERT_TRUE(ledger.mentions(*keys, [&](std::size_t which, uint64_t position) -> base::Status {
        if (position == n - 1) mentioned.insert(which);
        return base::Done{};
      }));
      EXPECT_EQ(mentioned.size(), names.size()) << n;
    }
    next_ = there + 1;
    in_flight_ = 0;
    tries_ = 0;
  }

  uint64_t acknowledged() const { return next_ - 1; }
  uint64_t refused() const { return refused_; }

 private:
  base::Result<std::unique_ptr<Ledger>> open() {
    auto keys = KeyStore::open("keys.sqlite", chance_, disk_.name());
    if (!keys) return keys.error();
    SqliteOptions options;
    options.path = "ledger.sqlite";
    options.vfs = disk_.name();
    options.cache_bytes = 256 << 10;
    auto database = open_sqlite(options);
    if (!database) return database.error();
    LedgerParts parts;
    parts.vocabulary = vocabulary();
    parts.clock = &clock_;
    parts.chance = &chance_;
    parts.keys = keys->get();
    parts.disk = &disk_;
    parts.heads_path = "heads";
    parts.signing_key = &signing_;
    auto ledger = Ledger::open(std::move(*database), parts);
    // Only now: the ledger that was open before stands on the keys that were.
    keys_ = std::move(*keys);
    return ledger;
  }

  FaultDisk& disk_;
  SeededChance chance_;
  std::mt19937_64 random_;
  base::ManualClock clock_{1'772'445'600'000};
  SigningKey signing_{leaf_hash("a seed")};
  std::unique_ptr<KeyStore> keys_;
  uint64_t next_ = 1, in_flight_ = 0, refused_ = 0;
  int tries_ = 0;
};

/// Fails the k-th operation of a kind in each way, for every k that the work comes to.
void sweep(Operation kind) {
  uint64_t refused = 0, met = 0;
  for (const Fault fault : {Fault::io_error, Fault::disk_full, Fault::cut_short}) {
    // A read that ends early looks like a shorter file, which is for the rot below.
    if (kind == Operation::read && fault == Fault::cut_short) continue;
    for (uint64_t k = 1;; k += part_when_checked) {
      const std::string what = fmt::format("kind {} fault {} k {}", static_cast<int>(kind), static_cast<int>(fault), k);
      FaultDisk disk(k);
      Writer writer(disk, 7);
      disk.fail(k, fault, kind);
      writer.live(24);
      const bool has_failed = disk.has_failed();
      disk.heal();
      // Killed without closing anything, started again: it goes on, and then the power is cut.
      disk.restart();
      writer.expect_whole(what + ", after a restart");
      writer.live(writer.acknowledged() + 4);
      disk.power_cut();
      writer.expect_whole(what + ", after a power cut");
      refused += writer.refused();
      if (testing::Test::HasFailure()) return;
      if (!has_failed) break;
      ++met;
    }
  }
  testing::Test::RecordProperty("faults", static_cast<int>(met));
  if (kind == Operation::write || kind == Operation::sync) {
    EXPECT_GT(met, 50 / part_when_checked);
    EXPECT_GT(refused, 20 / part_when_checked);
  }
}

TEST(LedgerFaults, every_open_that_fails_is_told_or_harmless) { sweep(Operation::open); }
TEST(LedgerFaults, every_read_that_fails_is_told_or_harmless) { sweep(Operation::read); }
TEST(LedgerFaults, every_write_that_fails_is_told_or_harmless) { sweep(Operation::write); }
TEST(LedgerFaults, every_truncation_that_fails_is_told_or_harmless) { sweep(Operation::truncate); }
TEST(LedgerFaults, every_sync_that_fails_is_told_or_harmless) { sweep(Operation::sync); }
TEST(LedgerFaults, every_removal_that_fails_is_told_or_harmless) { sweep(Operation::remove); }

TEST(LedgerFaults, a_full_disk_is_told_and_heals) {
  for (uint64_t k = 1; k <= 60; ++k) {
    FaultDisk disk(k);
    Writer writer(disk, k);
    writer.live(10);
    ASSERT_EQ(writer.acknowledged(), 10u);
    disk.fail(k, Fault::disk_full, Operation::write, true);
    writer.live(60);
    EXPECT_TRUE(disk.has_failed());
    EXPECT_LT(writer.acknowledged(), 60u);
    disk.heal();
    writer.expect_whole(fmt::format("full from write {}", k));
    writer.live(80);
    EXPECT_EQ(writer.acknowledged(), 80u);
    disk.power_cut();
    writer.expect_whole(fmt::format("full from write {}, after a power cut", k));
    if (HasFailure()) return;
  }
}

TEST(LedgerFaults, no_power_cut_loses_or_tears_what_was_acknowledged) {
  const uint64_t cuts = number_from("KEPT_FAULT_CUTS", 500 / part_when_checked);
  uint64_t events = 0;
  std::mt19937_64 random(3);
  for (uint64_t cut = 0; cut < cuts;) {
    const uint64_t seed = random();
    FaultDisk disk(seed);
    Writer writer(disk, seed);
    for (int round = 0; round < 5 && cut < cuts; ++round, ++cut) {
      disk.power_cut_at(1 + random() % 500);
      while (!disk.is_off()) {
        const uint64_t before = disk.counts().all();
        writer.live(writer.acknowledged() + 200);
        ASSERT_GT(disk.counts().all(), before);
      }
      disk.power_cut();
      writer.expect_whole(fmt::format("seed {} round {}", seed, round));
      if (HasFailure()) return;
    }
    events += writer.acknowledged();
  }
  RecordProperty("events", static_cast<int>(events));
  EXPECT_GT(events, cuts * 5);
}

/// A small store with its feeds, and everything that it answers when it is whole.
class Rot : public testing::Test {
 protected:
  void SetUp() override {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    app::SimulationRequest simulation;
    simulation.plan = {25, 3, calendar::local_date({2024, 3, 1}), calendar::local_date({2024, 4, 10})};
    simulation.with_truth = false;
    simulation.feeds = folder_ + "/feeds";
    ASSERT_TRUE(app::simulate_london(simulation));
    auto all = app::Delivery::read(simulation.feeds);
    ASSERT_TRUE(all) << all.error().message;
    // Most of it, closed as it should be; then the rest, of which the log is left as a killed process leaves it.
    app::Delivery first = *all, rest = *all;
    const auto half = static_cast<std::ptrdiff_t>(all->batches.size() * 4 / 5);
    first.batches.erase(first.batches.begin() + half, first.batches.end());
    rest.batches.erase(rest.batches.begin(), rest.batches.begin() + half);
    take(first);
    request_.data = folder_ + "/store";
    auto store = app::Store::open(request_);
    ASSERT_TRUE(store) << store.error().message;
    ASSERT_TRUE(app::take_delivery(**store, rest, false, {}));
    ASSERT_TRUE((*store)->publish(true));
    files_[wal_] = read(path(wal_));
    files_["left"] = read(path(""));
    store->reset();
    files_[""] = read(path(""));
    ASSERT_GT(files_[wal_].size(), 100'000u);
    ASSERT_FALSE(fs::exists(path(wal_)));
    auto served = serve();
    ASSERT_TRUE(served) << served.error().message;
    truth_ = std::move(*served);
    ASSERT_GT(truth_.facts.size(), 200u);
  }
  void TearDown() override { fs::remove_all(folder_); }

  void take(const app::Delivery& delivery) {
    request_.data = folder_ + "/store";
    auto store = app::Store::open(request_);
    ASSERT_TRUE(store) << store.error().message;
    ASSERT_TRUE(app::take_delivery(**store, delivery, false, {}));
    ASSERT_TRUE((*store)->publish(true));
  }

  struct Served {
    std::vector<std::string> facts;
    std::vector<std::string> rest;
    bool operator==(const Served&) const = default;
  };

  /// Everything that anybody could be told, by the ways in which they are.
  base::Result<Served> serve() {
    SqliteOptions options;
    options.path = path("");
    auto database = open_sqlite(options);
    if (!database) return database.error();
    base::ManualClock clock(1'772'445'600'000);
    const auto signing =
        SigningKey::open_or_create(base::system_disk(), folder_ + "/store/keys/signing.key", base::system_chance());
    if (!signing) return signing.error();
    LedgerParts parts;
    parts.vocabulary = vocabulary();
    parts.clock = &clock;
    parts.chance = &base::system_chance();
    parts.disk = &base::system_disk();
    parts.heads_path = folder_ + "/store/heads/heads";
    parts.known_keys = {signing->public_key()};
    const auto opened = Ledger::open(std::move(*database), parts);
    if (!opened) return opened.error();
    Ledger& ledger = **opened;
    Served out;
    std::vector<std::pair<std::string, std::string>> ids;
    for (const TreeName tree : {TreeName::facts, TreeName::audit}) {
      const base::Status done =
          ledger.entries(tree, 0, UINT32_MAX, [&](uint64_t position, const Entry& entry) -> base::Status {
            const auto bytes = encode_entry(entry);
            if (!bytes) return bytes.error();
            auto& to = tree == TreeName::facts ? out.facts : out.rest;
            to.push_back(tree == TreeName::facts ? *bytes : fmt::format("{} {}", position, *bytes));
            return base::Done{};
          });
      if (!done) return done.error();
    }
    std::set<std::string> names;
    for (const std::string& bytes : truth_.facts.empty() ? out.facts : truth_.facts) {
      const auto entry = decode_entry(bytes);
      if (entry->kind != EntryKind::event) continue;
      const auto event = model::decode_event(entry->body);
      ids.emplace_back(event->source, event->id);
      for (const std::string& name : names_in(*event)) names.insert(name);
    }
    for (const auto& [source, id] : ids) {
      const auto found = ledger.find(source, id);
      if (!found && found.error().code != base::ErrorCode::not_found) return found.error();
      out.rest.push_back(fmt::format("{} {} {}", source, id, found ? static_cast<int64_t>(*found) : -1));
    }
    const std::vector<std::string> texts(names.begin(), names.end());
    const auto keys = ledger.keys_of(texts);
    if (!keys) return keys.error();
    base::Status done = ledger.mentions(*keys, [&](std::size_t which, uint64_t position) -> base::Status {
      out.rest.push_back(fmt::format("{} {}", texts[which], position));
      return base::Done{};
    });
    // As the program reads them: n, a number; t, bytes.
    struct Table {
      Statement all;
      const char* columns;
    };
    static constexpr Table tables[] = {
        {{"SELECT key, text FROM name ORDER BY key"}, "nt"},
        {{"SELECT subject, next_at, gap, obligations FROM judged ORDER BY subject"}, "nnnt"},
        {{"SELECT name, key, contract, rows, accepted, duplicate, conflict, quarantined, ignored, events FROM feed "
          "ORDER BY name"},
         "tnnnnnnnnn"},
        {{"SELECT key, feed, number, digest, state, rows, accepted, duplicate, conflict, quarantined, ignored, events, "
          "entry FROM batch ORDER BY key"},
         "nnntnnnnnnnnn"},
        {{"SELECT position, batch, row, reason, settled FROM quarantine ORDER BY position"}, "nnntn"},
    };
    for (const Table& table : tables) {
      if (!done) break;
      done = ledger.database().ask(table.all, {}, [&](std::size_t, const Answer& row) -> base::Status {
        std::string line;
        for (int i = 0; table.columns[i] != 0; ++i)
          line += table.columns[i] == 't' ? fmt::format("{} ", row.bytes(i)) : fmt::format("{} ", row.number(i));
        out.rest.push_back(line);
        return base::Done{};
      });
    }
    if (!done) return done.error();
    return out;
  }

  static void damage(std::string* bytes, std::mt19937_64& random) {
    constexpr std::size_t sector = 512;
    const std::size_t sectors = bytes->size() / sector;
    const std::size_t at = random() % sectors * sector;
    switch (random() % 6) {
      case 0:
        (*bytes)[random() % bytes->size()] ^= static_cast<char>(1 << random() % 8);
        break;
      case 1:
        std::fill_n(bytes->begin() + static_cast<std::ptrdiff_t>(at), sector, '\0');
        break;
      case 2:
        for (std::size_t i = 0; i < sector; ++i) (*bytes)[at + i] = static_cast<char>(random());
        break;
      case 3:  // written where something else belongs
        bytes->replace(at, sector, bytes->substr(random() % sectors * sector, sector));
        break;
      case 4:
        (*bytes)[at + random() % 64] ^= static_cast<char>(1 << random() % 8);
        break;
      default:
        bytes->resize(random() % bytes->size());
    }
  }

  void expect_found(const std::string& part, uint64_t seed) {
    const uint64_t faults = number_from("KEPT_FAULT_ROT", 1000 / part_when_checked);
    std::mt19937_64 random(seed);
    uint64_t refused = 0, harmless = 0, found = 0, wrong_facts = 0, missed = 0;
    for (uint64_t i = 0; i < faults; ++i) {
      std::string damaged = files_[part];
      damage(&damaged, random);
      put(part, damaged);
      const auto served = serve();
      if (!served) {
        ++refused;
        continue;
      }
      if (*served == truth_) {
        ++harmless;
        continue;
      }
      for (std::size_t k = 0; k < served->facts.size(); ++k)
        wrong_facts += k >= truth_.facts.size() || served->facts[k] != truth_.facts[k];
      // It would be served: whoever verifies is told.
      put(part, damaged);
      app::StoreRequest request = request_;
      request.read_only = true;
      const auto store = app::Store::open(request);
      const auto checked = store ? app::check_ledger(**store, {}) : base::Result<app::LedgerCheck>(store.error());
      if (!checked || !checked->is_good()) {
        ++found;
        continue;
      }
      ++missed;
      std::size_t at = 0;
      while (at < served->rest.size() && at < truth_.rest.size() && served->rest[at] == truth_.rest[at]) ++at;
      ADD_FAILURE() << "fault " << i << " of seed " << seed
                    << " is served and not found: " << (at < served->rest.size() ? served->rest[at] : "nothing")
                    << " for " << (at < truth_.rest.size() ? truth_.rest[at] : "nothing");
    }
    EXPECT_EQ(wrong_facts, 0u);
    EXPECT_EQ(missed, 0u);
    EXPECT_GT(refused + found, faults / 20);
    fmt::print("{} faults: {} refused on opening or reading, {} found by verifying, {} changed nothing\n", faults,
               refused, found, harmless);
  }

  std::string path(const std::string& part) const { return folder_ + "/store/ledger.sqlite" + part; }
  static std::string read(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }
  static void write(const std::string& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
  }
  /// The store as it was, but for one part of it.
  void put(const std::string& part, const std::string& bytes) {
    fs::remove(path("-shm"));
    fs::remove(path(wal_));
    write(path(""), part == wal_ ? files_["left"] : bytes);
    if (part == wal_) write(path(wal_), bytes);
  }

  const std::string folder_ = (fs::temp_directory_path() / fmt::format("kept-faults-{}", ::getpid())).string();
  const std::string wal_ = "-wal";
  app::StoreRequest request_;
  std::map<std::string, std::string> files_;
  Served truth_;
};

TEST_F(Rot, in_the_file_is_found_and_serves_no_wrong_fact) { expect_found("", 1); }

TEST_F(Rot, in_the_log_is_found_and_serves_no_wrong_fact) {
  put(wal_, files_[wal_]);
  const auto whole = serve();
  ASSERT_TRUE(whole) << whole.error().message;
  ASSERT_TRUE(*whole == truth_) << "the log left by a killed process holds the rest";
  expect_found(wal_, 2);
}

}  // namespace
}  // namespace kept::ledger
