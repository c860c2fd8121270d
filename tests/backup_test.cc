// A store is copied while it runs, put back on either database, and what is wrong with a copy, or lost with one, is
// said. KEPT_BACKUP_FAULTS=20000 damages as often, KEPT_BACKUP_KILLS=500 kills as often.
// Slow: it takes in weeks of London's feeds on two databases, and kills many programs.
// Shards: 5
#include "app/backup.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <thread>

#include "app/delivery.h"
#include "app/erasure.h"
#include "app/ledger_checks.h"
#include "app/migrate_store.h"
#include "app/restore.h"
#include "app/simulate_london.h"
#include "ledger/migrations.h"
#include "ledger/postgres_server_test.h"
#include "model/moment.h"
#include "support/checked_build.h"
#include "support/intake_store_test.h"

namespace kept::app {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;
using calendar::local_date;
using ledger::TreeName;
using testing::HasSubstr;
using testing::Not;

uint64_t number_from(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

std::string text_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// What a program says, and how it ended.
std::pair<int, std::string> run(const std::string& words) {
  std::string out;
  FILE* pipe = ::popen((words + " 2>&1").c_str(), "r");
  char some[4096];
  for (std::size_t count = 0; (count = std::fread(some, 1, sizeof some, pipe)) > 0;) out.append(some, count);
  const int status = ::pclose(pipe);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, out};
}

struct Scratch {
  Scratch() : path(fs::temp_directory_path() / fmt::format("kept-backup-{}-{}", ::getpid(), ++made)) {
    fs::remove_all(path);
    fs::create_directories(path);
  }
  ~Scratch() { fs::remove_all(path); }
  std::string file(const std::string& name) const { return (path / name).string(); }
  static inline int made = 0;
  fs::path path;
};

/// Feeds of a few people over a month, the same for all tests.
struct Feeds {
  static const Feeds& shared() {
    static const Feeds feeds;
    return feeds;
  }
  Feeds() {
    SimulationRequest request;
    request.plan = {part_when_checked > 1 ? 24u : 60u, 11, local_date({2024, 3, 1}), local_date({2024, 3, 31})};
    request.with_truth = false;
    request.feeds = scratch.file("feeds");
    const auto simulated = simulate_london(request);
    EXPECT_TRUE(simulated) << (simulated ? "" : simulated.error().message);
    auto read = Delivery::read(request.feeds);
    EXPECT_TRUE(read) << (read ? "" : read.error().message);
    all = std::move(*read);
    const std::size_t half = part_when_checked > 1 ? 200 : all.batches.size() / 2;
    EXPECT_GT(all.batches.size(), half + 80);
    const auto middle = all.batches.begin() + static_cast<std::ptrdiff_t>(half);
    first.batches.assign(all.batches.begin(), middle);
    few.batches.assign(all.batches.begin(), all.batches.begin() + 100);
    more.batches.assign(all.batches.begin(), all.batches.begin() + 160);
    further.batches.assign(all.batches.begin(), middle + 80);
  }
  Scratch scratch;
  Delivery all;
  Delivery few, more, first, further;  ///< each begins as the next does
};

/// Stands where all of it was sent.
const base::ManualClock& clock_of_tests() {
  static const base::ManualClock clock(Feeds::shared().all.batches.back().until);
  return clock;
}

std::unique_ptr<Store> open(const StoreRequest& request) {
  auto store = Store::open(request);
  EXPECT_TRUE(store) << (store ? "" : store.error().message);
  return store ? std::move(*store) : nullptr;
}

void take(const StoreRequest& request, const Delivery& delivery) {
  const auto store = open(request);
  ASSERT_NE(store, nullptr);
  const auto taken = take_delivery(*store, delivery, false, {});
  ASSERT_TRUE(taken) << taken.error().message;
  ASSERT_TRUE(visit_time(*store, clock_of_tests().now_ms(), true));
  ASSERT_TRUE(store->publish(true));
}

/// Somebody of whom something personal is known, in a batch with a number that the delivery does not come to.
void take_person(Store& store, const std::string& folder, uint64_t number) {
  const std::string person = fmt::format("P{}", number);
  BatchRequest batch;
  batch.feed = "police-victims";
  batch.number = 900'000 + number;
  batch.path = fmt::format("{}/person-{}.csv", folder, number);
  batch.received_at = clock_of_tests().now_ms();
  std::ofstream(batch.path) << csv(victims_heading, {victim("C1", person, fmt::format("v{}", number)),
                                                     update("C1", person, fmt::format("u{}", number),
                                                            "Victim described", {{"Name", "CANARY " + person}})});
  const auto taken = receive_batch(store, batch);
  ASSERT_TRUE(taken) << taken.error().message;
  ASSERT_EQ(taken->counts.accepted, 2u);
}

/// The first part taken (less of it on a server, which waits for its disk more often), and a few people.
void take_first(const StoreRequest& request) {
  const auto fill = [](const StoreRequest& into) {
    take(into, into.database.empty() ? Feeds::shared().first : Feeds::shared().few);
    const auto store = open(into);
    ASSERT_NE(store, nullptr);
    for (uint64_t person = 0; person < 10; ++person) take_person(*store, Feeds::shared().scratch.path, person);
    ASSERT_TRUE(store->publish(true));
  };
  if (!request.database.empty()) return fill(request);
  static const Scratch made;
  StoreRequest shared;
  shared.data = made.file("store");
  shared.clock = &clock_of_tests();
  if (!fs::exists(shared.data)) fill(shared);
  fs::copy(shared.data, request.data, fs::copy_options::recursive);
}

void expect_whole(StoreRequest request) {
  request.read_only = true;
  const auto store = open(request);
  ASSERT_NE(store, nullptr);
  const auto checked = check_ledger(*store, {});
  ASSERT_TRUE(checked) << checked.error().message;
  EXPECT_TRUE(checked->is_good()) << check_text(*checked);
  EXPECT_TRUE(checked->has_projections);
}

/// Everybody's obligations by name: what is served, wherever among the facts it stands.
std::map<std::string, std::string> judged(const StoreRequest& request) {
  static constexpr ledger::Statement all{
      "SELECT name.text, judged.obligations FROM judged JOIN name ON name.key = judged.subject"};
  const auto store = open(request);
  std::map<std::string, std::string> rows;
  EXPECT_TRUE(store->ledger().database().ask(all, {}, [&](std::size_t, const ledger::Answer& row) -> base::Status {
    const auto obligations = decode_obligations(row.bytes(1));
    if (!obligations) return obligations.error();
    std::vector<std::string> each;
    for (StoredObligation one : *obligations) {
      for (uint64_t* position : {&one.trigger, &one.fulfilled, &one.decided})
        if (*position != StoredObligation::no_position) *position = 1;
      each.push_back(encode_obligations({one}));
    }
    std::sort(each.begin(), each.end());
    // Of whom nothing is owed, a row is as good as none.
    for (const std::string& one : each) rows[std::string(row.bytes(0))] += one;
    return base::Done{};
  }));
  return rows;
}

std::array<uint64_t, 2> sizes(StoreRequest request) {
  request.read_only = true;
  const auto store = open(request);
  return {store->ledger().size(TreeName::facts), store->ledger().size(TreeName::audit)};
}

class Backups : public testing::Test {
 protected:
  StoreRequest place(const std::string& name, const std::string& kind = "sqlite") {
    StoreRequest request;
    request.data = scratch_.file(name);
    request.clock = &clock_of_tests();
    if (kind == "postgres") {
      const std::string database = fmt::format("backup{}", ++databases_);
      EXPECT_EQ(ledger::PostgresServer::shared().run("CREATE DATABASE " + database), "");
      request.database =
          fmt::format("postgresql://kept@/{}?host={}", database, ledger::PostgresServer::shared().folder());
    }
    return request;
  }
  BackupMade back_up(const StoreRequest& store, const std::string& to, const std::string& keys_to = "") {
    BackupRequest request{store, scratch_.file(to), keys_to.empty() ? "" : scratch_.file(keys_to), {}};
    auto made = make_backup(request);
    EXPECT_TRUE(made) << (made ? "" : made.error().message);
    return made ? std::move(*made) : BackupMade();
  }
  RestoreRequest restoring(const StoreRequest& to, const std::string& from, const std::string& keys,
                           const std::string& heads = "") {
    RestoreRequest request;
    request.store = to;
    request.from = scratch_.file(from);
    request.keys = keys;
    request.heads = heads;
    request.who = "Ada";
    request.why = "the disk broke";
    return request;
  }
  Restored restore(const RestoreRequest& request) {
    auto restored = restore_backup(request);
    EXPECT_TRUE(restored) << (restored ? "" : restored.error().message);
    return restored ? std::move(*restored) : Restored();
  }
  void expect_good(const std::string& backup) {
    const auto check = check_backup(scratch_.file(backup), {}, {});
    ASSERT_TRUE(check) << check.error().message;
    EXPECT_TRUE(check->is_good()) << backup_check_text(*check);
  }
  /// The verifier in another language on a store in SQLite or a backup.
  std::pair<int, std::string> verify(const std::string& database, const std::string& own_heads,
                                     const std::string& more = "") {
    return run(fmt::format("python3 -B {}/tests/oracles/ledger_verifier.py --store {} --keys {} --own-heads {} {}",
                           KEPT_SOURCE_DIR, database, scratch_.file("public-key"), own_heads, more));
  }
  void write_public_key(const StoreRequest& request) {
    const auto key = ledger::SigningKey::open_or_create(base::system_disk(), StorePaths(request.data).signing_key,
                                                        base::system_chance());
    ASSERT_TRUE(key);
    std::ofstream(scratch_.file("public-key")) << key->public_key().line() << "\n";
  }
  static inline int databases_ = 0;
  Scratch scratch_;
};

class FromTo : public Backups, public testing::WithParamInterface<std::tuple<const char*, const char*>> {};

TEST_P(FromTo, comes_back_as_it_was_and_goes_on) {
  const auto [from, to] = GetParam();
  const Feeds& feeds = Feeds::shared();
  const StoreRequest old = place("old", from);
  take_first(old);
  if (HasFatalFailure()) return;
  write_public_key(old);
  const BackupMade made = back_up(old, "backup", "keys");
  EXPECT_EQ(made.manifest.trees[0].size, sizes(old)[0]);
  EXPECT_GT(made.keys, 5u);
  expect_good("backup");
  expect_good("keys");
  const auto outside = verify(scratch_.file("backup/ledger.sqlite"), scratch_.file("backup/heads"));
  EXPECT_EQ(outside.first, 0) << outside.second;
  for (const char* folder : {"backup", "keys"}) {
    struct stat found;
    ASSERT_EQ(::stat(scratch_.file(folder).c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 0777, 0700u);
    for (const auto& file : fs::directory_iterator(scratch_.file(folder))) {
      ASSERT_EQ(::stat(file.path().c_str(), &found), 0);
      EXPECT_EQ(found.st_mode & 0777, 0600u) << file.path();
    }
  }

  const StoreRequest fresh = place("new", to);
  const Restored restored = restore(restoring(fresh, "backup", scratch_.file("keys"), StorePaths(old.data).heads));
  if (HasFailure()) return;
  EXPECT_FALSE(restored.loss.is_any());
  EXPECT_EQ(restored.rows, made.rows);
  EXPECT_THAT(restored_text(restored), HasSubstr("holds everything that is known to have been signed"));
  expect_whole(fresh);
  EXPECT_TRUE(judged(fresh) == judged(old));
  {
    const auto store = open(fresh);
    const uint64_t last = store->ledger().size() - 1;
    EXPECT_EQ(last, restored.fact);
    ASSERT_TRUE(store->ledger().entries(TreeName::facts, last, 1, [&](uint64_t, const ledger::Entry& entry) {
      EXPECT_EQ(entry.kind, ledger::EntryKind::restored);
      EXPECT_EQ(entry.fields.at("who"), "Ada");
      EXPECT_EQ(entry.fields.at("facts"), std::to_string(made.manifest.trees[0].size));
      EXPECT_TRUE(entry.historic);
      return base::Status(base::Done{});
    }));
  }
  // Both go on, and are owed the same.
  const bool is_local = old.database.empty() && fresh.database.empty();
  take(old, is_local ? feeds.further : feeds.more);
  take(fresh, is_local ? feeds.further : feeds.more);
  expect_whole(fresh);
  const auto expected = judged(old);
  EXPECT_GT(expected.size(), part_when_checked > 1 || !is_local ? 0u : 20u);
  EXPECT_TRUE(judged(fresh) == expected);
  // And what was restored is backed up again.
  back_up(fresh, "again", "keys-again");
  expect_good("again");
  const auto later = verify(scratch_.file("again/ledger.sqlite"), scratch_.file("again/heads"));
  EXPECT_EQ(later.first, 0) << later.second;
  EXPECT_THAT(later.second, HasSubstr("nothing that had been signed was given up"));
}

INSTANTIATE_TEST_SUITE_P(Backups, FromTo,
                         testing::Values(std::make_tuple("sqlite", "sqlite"), std::make_tuple("sqlite", "postgres"),
                                         std::make_tuple("postgres", "sqlite"),
                                         std::make_tuple("postgres", "postgres")),
                         [](const auto& one) {
                           return fmt::format("{}_to_{}", std::get<0>(one.param), std::get<1>(one.param));
                         });

class Kinds : public Backups, public testing::WithParamInterface<const char*> {};
INSTANTIATE_TEST_SUITE_P(Backups, Kinds, testing::Values("sqlite", "postgres"),
                         [](const auto& one) { return std::string(one.param); });

TEST_P(Kinds, is_one_moment_of_a_store_that_is_written) {
  const StoreRequest old = place("old", GetParam());
  const Delivery& sent = old.database.empty() && part_when_checked == 1 ? Feeds::shared().first : Feeds::shared().few;
  {
    const auto store = open(old);  // There is a store before anybody copies it.
    ASSERT_NE(store, nullptr);
  }
  std::atomic<bool> has_ended = false;
  std::atomic<bool> has_failed = false;
  std::atomic<uint64_t> made = 0;
  std::string refused;
  std::thread service([&] {
    auto store = Store::open(old);
    if (!store) refused = store.error().message;
    for (std::size_t i = 0; store && refused.empty() && i < sent.batches.size(); ++i) {
      // However slow a backup is beside it, several are made before the end.
      while (made < 4 * i / sent.batches.size() && !has_failed)
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      if (i % 5 == 0) take_person(**store, scratch_.path, i);
      Delivery one;
      one.batches = {sent.batches[i]};
      const auto taken = take_delivery(**store, one, false, {});
      if (!taken) refused = taken.error().message;
      if (i % 7 == 0 && !(*store)->publish(true)) refused = "heads";
    }
    has_ended = true;
  });
  uint64_t grown = 0, last = 0;
  while (!has_ended || made == 0) {
    const std::string name = fmt::format("backup-{}", made.load());
    const BackupMade backup = back_up(old, name, name + "-keys");
    if (HasFailure()) break;
    expect_good(name);
    grown += backup.manifest.trees[0].size > last ? 1 : 0;
    last = backup.manifest.trees[0].size;
    // Now and then one is put back: all that is sealed opens, though people were added meanwhile.
    if (made % 8 == 3) {
      const StoreRequest fresh = place("new-" + name, "sqlite");
      RestoreRequest request = restoring(fresh, name, scratch_.file(name + "-keys"));
      request.accept_loss = true;
      EXPECT_EQ(restore(request).loss.keys_missing, 0u);
      expect_whole(fresh);
      fs::remove_all(fresh.data);
    }
    ++made;
  }
  has_failed = true;
  service.join();
  EXPECT_EQ(refused, "");
  EXPECT_GT(grown, 1u) << "the store grew between backups, or nothing was shown";
  RecordProperty("backups", static_cast<int>(made));
}

/// Runs something in a process of its own, and kills that after so long. Returns whether it came to its end.
bool killed_after(std::chrono::microseconds time, const std::function<bool()>& work) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(work() ? 0 : 1);
  std::this_thread::sleep_for(time);
  ::kill(child, SIGKILL);
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_FALSE(WIFEXITED(status) && WEXITSTATUS(status) == 1) << "it was refused";
  return WIFEXITED(status);
}

/// Runs something in a process of its own that kills itself when it tells of its progress for the time of that number,
/// wherever it stands then: no chance in it.
void killed_at(uint64_t number, const std::function<bool(const Progress&)>& work) {
  const pid_t child = ::fork();
  if (child == 0) {
    uint64_t told = 0;
    const bool done = work([&](uint64_t, uint64_t) {
      if (++told == number) ::kill(::getpid(), SIGKILL);
    });
    ::_exit(done ? 0 : 1);
  }
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_FALSE(WIFEXITED(status) && WEXITSTATUS(status) == 1) << "it was refused";
}

/// Nothing but what a restore has made before the folder holds the note that it was begun.
bool is_untouched(const std::string& folder) {
  if (!fs::exists(folder)) return true;
  for (const auto& one : fs::directory_iterator(folder)) {
    const std::string name = one.path().filename().string();
    if (!name.starts_with("restore-not-finished.") || !name.ends_with(".new")) return false;
  }
  return true;
}

std::chrono::microseconds time_of(const std::function<void()>& work) {
  const auto from = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - from);
}

TEST_P(Kinds, killed_anywhere_is_there_whole_or_not_at_all) {
  const bool is_sqlite = std::string(GetParam()) == "sqlite";
  const uint64_t kills = number_from("KEPT_BACKUP_KILLS", is_sqlite ? 30 : 10) / part_when_checked;
  const StoreRequest old = place("old", GetParam());
  take_first(old);
  if (HasFatalFailure()) return;
  std::mt19937_64 random(5);
  const auto somewhere = [&](std::chrono::microseconds whole) {
    return std::chrono::microseconds(random() % static_cast<uint64_t>(whole.count() * 5 / 4 + 1));
  };
  // Every fifth where it cannot be missed, the others anywhere.
  const auto kill_one = [&](uint64_t i, std::chrono::microseconds whole,
                            const std::function<bool(const Progress&)>& work) {
    const std::chrono::microseconds life = somewhere(whole);
    if (i % 5 == 0) {
      killed_at(1 + i / 5, work);
    } else {
      killed_after(life, [&] { return work({}); });
    }
  };
  const auto whole = time_of([&] { back_up(old, "first", "first-keys"); });
  uint64_t there = 0, absent = 0;
  for (uint64_t i = 0; i < kills; ++i) {
    const BackupRequest request{old, scratch_.file("killed"), scratch_.file("killed-keys"), {}};
    kill_one(i, whole, [&](const Progress& progress) {
      BackupRequest telling = request;
      telling.progress = progress;
      return make_backup(telling).ok();
    });
    for (const char* name : {"killed", "killed-keys"}) {
      const bool is_there = fs::exists(scratch_.file(name));
      ++(is_there ? there : absent);
      if (is_there) expect_good(name);
    }
    // What is there is not written over; what is not is made, whatever was left beside it.
    fs::remove_all(scratch_.file("killed"));
    fs::remove_all(scratch_.file("killed-keys"));
    if (i % 10 == 0) {
      back_up(old, "killed", "killed-keys");
      EXPECT_FALSE(fs::exists(scratch_.file("killed.partial")));
      fs::remove_all(scratch_.file("killed"));
      fs::remove_all(scratch_.file("killed-keys"));
    }
    if (HasFailure()) return;
  }
  EXPECT_GT(absent, 0u);
  RecordProperty("there", static_cast<int>(there));
  RecordProperty("absent", static_cast<int>(absent));

  const StoreRequest timed = place("timed", GetParam());
  RestoreRequest request = restoring(timed, "first", scratch_.file("first-keys"));
  request.accept_loss = true;
  const auto whole_restore = time_of([&] { restore(request); });
  uint64_t finished = 0, refused = 0, untouched = 0;
  for (uint64_t i = 0; i < kills; ++i) {
    SCOPED_TRACE(i);
    request.store = place(fmt::format("new-{}", i), GetParam());
    kill_one(i, whole_restore, [&](const Progress& progress) {
      RestoreRequest telling = request;
      telling.progress = progress;
      return restore_backup(telling).ok();
    });
    StoreRequest looking = request.store;
    looking.read_only = true;
    const auto opened = Store::open(looking);
    if (opened) {
      ++finished;
      const auto checked = check_ledger(**opened, {});
      ASSERT_TRUE(checked) << checked.error().message;
      EXPECT_TRUE(checked->is_good()) << check_text(*checked);
      EXPECT_EQ(checked->trees[0].restored.size(), 1u);
      continue;
    }
    const bool is_begun = fs::exists(StorePaths(looking.data).restoring);
    ++(is_begun ? refused : untouched);
    if (is_begun) {
      EXPECT_THAT(opened.error().message, HasSubstr("not finished"));
      looking.read_only = false;
      EXPECT_FALSE(Store::open(looking)) << "nor is anything written";
      EXPECT_FALSE(migrate_store(looking));
      EXPECT_THAT(restore_backup(request).error().message, HasSubstr("not finished"));
    } else {
      EXPECT_TRUE(is_untouched(looking.data));
      EXPECT_THAT(opened.error().message, HasSubstr("there is no store in"));
    }
    // As it says: removed, it is done again; where nothing was begun, at once.
    if (is_begun && i % 5 != 0) continue;
    if (is_begun) fs::remove_all(looking.data);
    if (!is_sqlite) {
      const std::string name = fmt::format("backup{}", databases_);
      EXPECT_EQ(run(fmt::format("/usr/lib/postgresql/15/bin/psql -q -h {} -U kept -d {} -c 'DROP SCHEMA IF EXISTS kept "
                                "CASCADE'",
                                ledger::PostgresServer::shared().folder(), name))
                    .first,
                0);
    }
    restore(request);
    expect_whole(request.store);
    if (HasFailure()) return;
  }
  EXPECT_GT(refused, 0u);
  RecordProperty("finished", static_cast<int>(finished));
  RecordProperty("refused", static_cast<int>(refused));
  RecordProperty("untouched", static_cast<int>(untouched));
}

TEST_F(Backups, comes_back_into_a_folder_in_which_a_restore_was_only_just_begun) {
  const StoreRequest old = place("old");
  take_first(old);
  if (HasFatalFailure()) return;
  back_up(old, "backup", "keys");
  const StoreRequest fresh = place("new");
  RestoreRequest request = restoring(fresh, "backup", scratch_.file("keys"), StorePaths(old.data).heads);
  // What is left where it was killed between making the folder and linking its note that it was begun.
  const std::string draft = StorePaths(fresh.data).restoring + ".4711.new";
  fs::create_directories(fresh.data + "/keys");
  std::ofstream(draft) << "A restore";
  StoreRequest looking = fresh;
  looking.read_only = true;
  const auto opened = Store::open(looking);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::not_found);
  EXPECT_THAT(opened.error().message, HasSubstr("there is no store in " + fresh.data));
  EXPECT_TRUE(fs::is_empty(fresh.data + "/keys")) << "looking makes nothing";

  // Beside anything else it is left alone, and so is whatever only looks like it.
  for (const char* other : {"keys/keys.sqlite", "restore-not-finished.new", "restore-not-finished..new",
                            "restore-not-finished.47x1.new", "restore-not-finished.4711.new.old", "lock"}) {
    SCOPED_TRACE(other);
    std::ofstream(fresh.data + "/" + other) << "x";
    const auto refused = restore_backup(request);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("something is in"));
    EXPECT_TRUE(fs::exists(draft));
    fs::remove(fresh.data + "/" + other);
  }
  fs::create_directories(fresh.data + "/mine");
  EXPECT_FALSE(restore_backup(request));
  fs::remove(fresh.data + "/mine");

  EXPECT_FALSE(restore(request).loss.is_any());
  EXPECT_FALSE(fs::exists(draft));
  expect_whole(fresh);
}

/// A disk on which another restore comes between the look into a folder and the note that ours was begun.
class OvertakenDisk : public base::Disk {
 public:
  explicit OvertakenDisk(const StorePaths& paths) : paths_(paths) {}
  base::Result<std::string> read(const std::string& path, uint64_t from, uint64_t count) override {
    return base::system_disk().read(path, from, count);
  }
  base::Result<uint64_t> size(const std::string& path) override { return base::system_disk().size(path); }
  base::Result<bool> is_private(const std::string& path) override { return base::system_disk().is_private(path); }
  base::Status create(const std::string& path, std::string_view bytes) override {
    if (path == paths_.restoring) {
      fs::create_directories(paths_.folder + "/keys");
      for (const std::string& others : {paths_.restoring, paths_.keys}) std::ofstream(others) << "another's";
    }
    return base::system_disk().create(path, bytes);
  }
  base::Result<std::unique_ptr<base::AppendFile>> open_to_append(const std::string& path) override {
    return base::system_disk().open_to_append(path);
  }

 private:
  const StorePaths paths_;
};

TEST_F(Backups, another_restore_into_the_same_folder_is_left_alone) {
  const StoreRequest old = place("old");
  take_first(old);
  if (HasFatalFailure()) return;
  back_up(old, "backup", "keys");
  StoreRequest fresh = place("new");
  OvertakenDisk disk{StorePaths(fresh.data)};
  fresh.disk = &disk;
  EXPECT_FALSE(restore_backup(restoring(fresh, "backup", scratch_.file("keys"), StorePaths(old.data).heads)));
  for (const std::string& others : {StorePaths(fresh.data).restoring, StorePaths(fresh.data).keys})
    EXPECT_EQ(text_of(others), "another's") << others;
}

/// Does something to a file in a backup; false: that would change nothing.
bool damage(const std::string& path, std::mt19937_64& random, std::string* what) {
  std::string bytes = text_of(path);
  const std::string before = bytes;
  const uint64_t at = random() % bytes.size();
  constexpr std::size_t sector = 512;
  switch (random() % 5) {
    case 0:
    case 1:
      bytes[at] = static_cast<char>(bytes[at] ^ (1 << (random() % 8)));
      *what = fmt::format("a bit at {}", at);
      break;
    case 2:
      std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(at / sector * sector),
                  std::min(sector, bytes.size() - at / sector * sector), '\0');
      *what = fmt::format("noughts in the sector at {}", at);
      break;
    case 3:
      bytes.resize(at);
      *what = fmt::format("cut at {}", at);
      break;
    default: {
      // A sector where another should be.
      if (bytes.size() < 2 * sector) return false;
      const std::size_t sectors = bytes.size() / sector;
      const std::size_t one = random() % sectors, other = random() % sectors;
      bytes.replace(one * sector, sector, before.substr(other * sector, sector));
      *what = fmt::format("sector {} at {}", other, one);
    }
  }
  if (bytes == before) return false;
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
  return true;
}

TEST_F(Backups, every_fault_in_a_backup_is_found) {
  const uint64_t faults = number_from("KEPT_BACKUP_FAULTS", 1000) / part_when_checked;
  const StoreRequest old = place("old");
  take_first(old);
  if (HasFatalFailure()) return;
  back_up(old, "backup", "keys");
  std::mt19937_64 random(17);
  uint64_t found = 0;
  const std::string files[] = {"backup/ledger.sqlite", "backup/ledger.sqlite", "backup/ledger.sqlite", "backup/heads",
                               "backup/manifest",      "keys/keys.sqlite",     "keys/signing.key",     "keys/manifest"};
  for (uint64_t i = 0; i < faults;) {
    const std::string& file = files[i % std::size(files)];
    const std::string folder = file.substr(0, file.find('/'));
    const std::string whole = text_of(scratch_.file(file));
    std::string what;
    if (!damage(scratch_.file(file), random, &what)) continue;
    ++i;
    SCOPED_TRACE(fmt::format("{}: {} (number {})", file, what, i));
    const auto check = check_backup(scratch_.file(folder), {}, {});
    const bool is_found = !check || !check->is_good();
    EXPECT_TRUE(is_found);
    found += is_found ? 1 : 0;
    if (i % 20 == 0) {
      // Nor is it put back, and nothing is left of the attempt.
      RestoreRequest request = restoring(place("new"), "backup", scratch_.file("keys"));
      request.accept_loss = true;
      EXPECT_FALSE(restore_backup(request));
      EXPECT_FALSE(fs::exists(scratch_.file("new")));
    }
    if (HasFailure()) return;
    std::ofstream(scratch_.file(file), std::ios::binary | std::ios::trunc) << whole;
  }
  expect_good("backup");
  expect_good("keys");
  EXPECT_EQ(found, faults);
  RecordProperty("found", static_cast<int>(found));
  // What is put beside a database would be taken for its log.
  std::ofstream(scratch_.file("backup/ledger.sqlite-wal")) << "x";
  const auto check = check_backup(scratch_.file("backup"), {}, {});
  ASSERT_TRUE(check);
  EXPECT_THAT(backup_check_text(*check), HasSubstr("is no part of the backup"));
}

/// Writes the manifest of a backup anew after its files were changed, as somebody with that key can.
void sign_anew(const std::string& folder, const ledger::SigningKey& key, std::array<uint64_t, 2> cut = {0, 0}) {
  auto manifest = read_manifest(text_of(folder + "/manifest"));
  ASSERT_TRUE(manifest);
  for (BackupManifest::File& file : manifest->files) {
    const std::string bytes = text_of(folder + "/" + file.name);
    file.bytes = bytes.size();
    file.digest = ledger::sha256(bytes);
  }
  for (const std::size_t tree : {0, 1}) manifest->trees[tree].size -= cut[tree];
  std::ofstream(folder + "/manifest", std::ios::binary | std::ios::trunc) << manifest_text(*manifest, key);
}

std::string sqlite(const std::string& path, const std::string& sql) {
  sqlite3* connection = nullptr;
  EXPECT_EQ(sqlite3_open(path.c_str(), &connection), SQLITE_OK);
  const std::string text = "DROP TRIGGER fact_stays; DROP TRIGGER fact_is_kept; " + sql;
  char* why = nullptr;
  const std::string out = sqlite3_exec(connection, text.c_str(), nullptr, nullptr, &why) == SQLITE_OK ? "" : why;
  sqlite3_free(why);
  sqlite3_close(connection);
  return out;
}

TEST_F(Backups, somebody_who_writes_one_anew_is_found_by_its_key_or_its_heads) {
  const StoreRequest old = place("old");
  take_first(old);
  if (HasFatalFailure()) return;
  back_up(old, "backup", "keys");
  const auto own =
      ledger::SigningKey::open_or_create(base::system_disk(), StorePaths(old.data).signing_key, base::system_chance());
  ASSERT_TRUE(own);
  const ledger::SigningKey stranger(ledger::leaf_hash("a stranger's"));
  const std::vector<ledger::PublicKey> trusted{own->public_key()};
  const auto changed = [&](const char* sql, const ledger::SigningKey& key) {
    fs::remove_all(scratch_.file("copy"));
    fs::copy(scratch_.file("backup"), scratch_.file("copy"));
    EXPECT_EQ(sqlite(scratch_.file("copy/ledger.sqlite"), sql), "");
    sign_anew(scratch_.file("copy"), key);
    const auto check = check_backup(scratch_.file("copy"), trusted, {});
    EXPECT_TRUE(check);
    return backup_check_text(*check);
  };
  const char* touch_nothing = "UPDATE feed SET rows = rows";
  EXPECT_THAT(changed(touch_nothing, *own), HasSubstr("good: "));
  EXPECT_THAT(changed(touch_nothing, stranger), HasSubstr("not the one that was given"));
  EXPECT_THAT(changed("UPDATE fact SET bytes = CAST(bytes || 'x' AS BLOB) WHERE position = 50", *own),
              HasSubstr("not what was recorded there"));
  EXPECT_THAT(changed("UPDATE fact SET leaf = (SELECT leaf FROM fact WHERE position = 51), bytes = (SELECT bytes FROM "
                      "fact WHERE position = 51) WHERE position = 50",
                      *own),
              HasSubstr("not those that were signed"));
  EXPECT_THAT(changed("DELETE FROM fact WHERE position = (SELECT MAX(position) FROM fact)", *own),
              HasSubstr("more entries were signed than are there"));
  EXPECT_THAT(changed("DELETE FROM node WHERE tree = 0 AND number = 0", *own), HasSubstr("is missing or wrong"));
  // A digest says nothing of the database's guards, but a good one has the shape that this program makes.
  EXPECT_THAT(check_backup(scratch_.file("none"), {}, {}).error().message, HasSubstr("is no backup"));
}

TEST_F(Backups, what_was_signed_and_is_lost_is_said_and_not_hidden) {
  const Feeds& feeds = Feeds::shared();
  const StoreRequest old = place("old");
  take_first(old);
  if (HasFatalFailure()) return;
  write_public_key(old);
  back_up(old, "backup", "keys");
  const auto before = sizes(old);
  take(old, feeds.further);
  const auto after = sizes(old);
  const auto expected = judged(old);
  back_up(old, "later", "later-keys");
  const std::string heads = StorePaths(old.data).heads;
  ASSERT_GT(after[0], before[0]);
  // What somebody else was given: the last two lines, as `kept ledger heads` prints them.
  const std::string all = text_of(heads);
  const std::size_t from = all.rfind('\n', all.rfind('\n', all.size() - 2) - 1) + 1;
  std::ofstream(scratch_.file("outside")) << all.substr(from);

  // An old copy that is simply put in the newer one's place is refused.
  const StoreRequest swapped = place("swapped");
  fs::copy(old.data, swapped.data, fs::copy_options::recursive);
  fs::remove(swapped.data + "/ledger.sqlite");
  fs::copy(scratch_.file("backup/ledger.sqlite"), swapped.data + "/ledger.sqlite");
  const auto refused = Store::open(swapped);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::conflict);
  EXPECT_THAT(refused.error().message, HasSubstr("an old copy was put in its place"));

  for (const std::string& known : {heads, scratch_.file("outside")}) {
    SCOPED_TRACE(known);
    const StoreRequest fresh = place(known == heads ? "new" : "new-by-outside");
    RestoreRequest request = restoring(fresh, "backup", scratch_.file("keys"), known);
    const auto lost = restore_backup(request);
    ASSERT_FALSE(lost);
    EXPECT_EQ(lost.error().code, ErrorCode::conflict);
    EXPECT_THAT(lost.error().message,
                HasSubstr(fmt::format("facts: {} entries that were signed are lost, positions {} to {}: ",
                                      after[0] - before[0], before[0], after[0] - 1)));
    EXPECT_THAT(lost.error().message,
                HasSubstr(fmt::format("audit: {} entries that were signed are lost", after[1] - before[1])));
    EXPECT_THAT(lost.error().message, HasSubstr("police-crimes: send batches from "));
    EXPECT_THAT(lost.error().message, HasSubstr("--accept-loss"));
    EXPECT_FALSE(fs::exists(fresh.data)) << "nothing is left of what was refused";
    request.accept_loss = true;
    const Restored restored = restore(request);
    if (HasFailure()) return;
    EXPECT_EQ(restored.loss.trees[0].lost(), after[0] - before[0]);
    EXPECT_EQ(restored.loss.trees[1].lost(), after[1] - before[1]);
    expect_whole(fresh);
    const std::string file = text_of(StorePaths(fresh.data).heads);
    EXPECT_THAT(file, HasSubstr("\nkept-restored-1 "));
    EXPECT_THAT(file, HasSubstr(all.substr(from))) << "what was signed still stands there";
    // To an outsider it is a restore, with what it gave up; one that they know of is not held against the store.
    const std::string own_heads = StorePaths(fresh.data).heads;
    const auto told = verify(fresh.data + "/ledger.sqlite", own_heads, "--heads " + scratch_.file("outside"));
    EXPECT_EQ(told.first, 3) << told.second;
    EXPECT_THAT(told.second, HasSubstr(fmt::format("facts were put back from a backup with {} entries; positions {} to "
                                                   "{}, which had been signed, were given up",
                                                   before[0], before[0], after[0] - 1)));
    std::string lines;
    for (std::size_t at = file.find("kept-restored-1"); at != file.npos; at = file.find("kept-restored-1", at + 1))
      lines += file.substr(at, file.find('\n', at) + 1 - at);
    std::ofstream(scratch_.file("known")) << lines;
    EXPECT_EQ(verify(fresh.data + "/ledger.sqlite", own_heads, "--known-restores " + scratch_.file("known")).first, 0);
    // Hidden, it is a store that was rolled back.
    std::string hidden = file;
    for (std::size_t at; (at = hidden.find("kept-restored-1")) != hidden.npos;)
      hidden.erase(at, hidden.find('\n', at) + 1 - at);
    std::ofstream(scratch_.file("hidden")) << hidden;
    EXPECT_EQ(verify(fresh.data + "/ledger.sqlite", scratch_.file("hidden")).first, 1);
    // Sent again, what was lost is there again, and everybody is owed what they were.
    take(fresh, feeds.further);
    expect_whole(fresh);
    EXPECT_TRUE(judged(fresh) == expected);
    const auto grown = verify(fresh.data + "/ledger.sqlite", own_heads, "--heads " + scratch_.file("outside"));
    EXPECT_EQ(grown.first, 3) << grown.second;
    EXPECT_THAT(grown.second, Not(HasSubstr("WRONG")));
  }
  // The later backup is of what that restore gave up: it goes with the old heads only.
  const StoreRequest fresh = place("new");
  RestoreRequest request =
      restoring(place("other"), "later", scratch_.file("later-keys"), StorePaths(fresh.data).heads);
  request.accept_loss = true;
  const auto given_up = restore_backup(request);
  ASSERT_FALSE(given_up);
  EXPECT_THAT(given_up.error().message, HasSubstr("an earlier restore gave up"));
  // A restored store is backed up, goes on, is lost and restored: the file tells of both.
  back_up(fresh, "second", "second-keys");
  request = restoring(place("third"), "second", scratch_.file("second-keys"), StorePaths(fresh.data).heads);
  EXPECT_FALSE(restore(request).loss.is_any());
  expect_whole(request.store);
  // Without heads nobody can tell.
  request = restoring(place("fourth"), "second", scratch_.file("second-keys"));
  const auto unknown = restore_backup(request);
  ASSERT_FALSE(unknown);
  EXPECT_THAT(unknown.error().message, HasSubstr("nobody can tell"));
}

TEST_F(Backups, is_refused_where_it_would_harm) {
  const StoreRequest old = place("old");
  take_first(old);
  const StoreRequest stranger = place("stranger");
  {
    const auto store = open(stranger);
  }
  if (HasFatalFailure()) return;
  back_up(old, "backup", "keys");
  back_up(stranger, "strangers", "strangers-keys");
  const auto refused = [&](const std::string& to, const std::string& keys_to) {
    const auto made = make_backup({old, to, keys_to, {}});
    EXPECT_FALSE(made) << to;
    return made ? std::string() : made.error().message;
  };
  const std::string free = scratch_.file("free");
  EXPECT_THAT(refused(scratch_.file("backup"), ""), HasSubstr("is there already"));
  EXPECT_THAT(refused(free, scratch_.file("keys")), HasSubstr("is there already"));
  EXPECT_THAT(refused(old.data + "/backup", ""), HasSubstr("in the store's own folder"));
  EXPECT_THAT(refused(free, old.data + "/keys/copy"), HasSubstr("in the store's own folder"));
  EXPECT_THAT(refused(free, free), HasSubstr("with what they open"));
  EXPECT_THAT(refused(free, free + "/keys"), HasSubstr("with what they open"));
  EXPECT_THAT(refused(free + "/backup", free), HasSubstr("with what they open"));
  EXPECT_FALSE(fs::exists(free) || fs::exists(free + ".partial"));
  EXPECT_EQ(make_backup({place("nothing"), free, "", {}}).error().code, ErrorCode::not_found);

  const auto not_restored = [&](const std::function<void(RestoreRequest&)>& change) {
    RestoreRequest request = restoring(place("new"), "backup", scratch_.file("keys"), StorePaths(old.data).heads);
    change(request);
    const auto restored = restore_backup(request);
    EXPECT_FALSE(restored);
    EXPECT_FALSE(fs::exists(scratch_.file("new")));
    return restored ? std::string() : restored.error().message;
  };
  EXPECT_THAT(not_restored([&](RestoreRequest& request) { request.who = " "; }), HasSubstr("--who"));
  EXPECT_THAT(not_restored([&](RestoreRequest& request) { request.why = ""; }), HasSubstr("--why"));
  EXPECT_THAT(not_restored([&](RestoreRequest& request) { request.store = old; }), HasSubstr("something is in"));
  EXPECT_THAT(not_restored([&](RestoreRequest& request) { request.from = request.keys; }), HasSubstr("backup of keys"));
  EXPECT_THAT(not_restored([&](RestoreRequest& request) { request.keys = request.from; }), HasSubstr("holds no keys"));
  EXPECT_THAT(not_restored([&](RestoreRequest& request) { request.keys = scratch_.file("strangers-keys"); }),
              HasSubstr("not the one that was given"));
  EXPECT_THAT(not_restored([&](RestoreRequest& request) { request.heads = StorePaths(stranger.data).heads; }),
              HasSubstr("line 1"));
  EXPECT_THAT(not_restored([&](RestoreRequest& request) {
                // Of the same signer, and another ledger: keys that are lying about.
                fs::copy(scratch_.file("strangers"), scratch_.file("mixed"));
                const auto own = ledger::SigningKey::open_or_create(
                    base::system_disk(), StorePaths(old.data).signing_key, base::system_chance());
                sign_anew(scratch_.file("mixed"), *own);
                request.from = scratch_.file("mixed");
              }),
              HasSubstr("not"));
  const StoreRequest taken = place("taken", "postgres");
  take_first(taken);
  EXPECT_THAT(not_restored([&](RestoreRequest& request) { request.store.database = taken.database; }),
              HasSubstr("a store is in that database already"));
  // Keys that are older than the backup lack those of people who came since.
  const StoreRequest early = place("early");
  {
    const auto store = open(early);
  }
  back_up(early, "early-backup", "early-keys");
  take_person(*open(early), scratch_.path, 1);
  back_up(early, "late", "late-keys");
  EXPECT_THAT(not_restored([&](RestoreRequest& request) {
                request = restoring(place("new"), "late", scratch_.file("early-keys"), StorePaths(early.data).heads);
              }),
              HasSubstr("the keys of "));
}

TEST_F(Backups, of_an_older_shape_is_brought_into_that_of_this_build) {
  const StoreRequest old = place("old");
  ASSERT_GT(ledger::migrations().size(), 1u);
  {
    const auto store = open(old);
  }
  // What the first build left: without what later steps made.
  ASSERT_EQ(sqlite(old.data + "/ledger.sqlite", "DROP TABLE waiting; DELETE FROM migration WHERE number > 1"), "");
  EXPECT_EQ(shape_of_store(old)->stands_at, 1);
  EXPECT_FALSE(Store::open(old));
  EXPECT_EQ(back_up(old, "backup", "keys").manifest.shape, 1);
  expect_good("backup");
  const StoreRequest fresh = place("new");
  const Restored restored = restore(restoring(fresh, "backup", scratch_.file("keys"), StorePaths(old.data).heads));
  EXPECT_EQ(restored.steps.size(), ledger::migrations().size() - 1);
  expect_whole(fresh);
}

TEST_F(Backups, the_program_says_what_it_did) {
  const StoreRequest old = place("old");
  take_first(old);
  if (HasFatalFailure()) return;
  const std::string program = std::getenv("KEPT_PROGRAM");
  const std::string backup = scratch_.file("backup"), keys = scratch_.file("keys");
  const auto made = run(fmt::format("{} backup --data {} --to {} --keys-to {}", program, old.data, backup, keys));
  EXPECT_EQ(made.first, 0) << made.second;
  EXPECT_THAT(made.second, HasSubstr("read back and right"));
  EXPECT_EQ(run(fmt::format("{} ledger heads --key --data {} > {}", program, old.data, scratch_.file("key"))).first, 0);
  const auto good = run(fmt::format("{} backup --check {} --key {}", program, backup, scratch_.file("key")));
  EXPECT_EQ(good.first, 0) << good.second;
  EXPECT_THAT(good.second, HasSubstr("good: "));
  EXPECT_THAT(good.second, Not(HasSubstr("that it is yours")));
  EXPECT_EQ(run(fmt::format("{} backup --check {}", program, scratch_.file("none"))).first, 2);
  EXPECT_EQ(run(fmt::format("{} backup --data {}", program, old.data)).first, 2);
  const std::string words = fmt::format("{} restore --from {} --keys {} --data {} --who Ada --why 'a test'", program,
                                        backup, keys, scratch_.file("new"));
  const auto unknown = run(words);
  EXPECT_EQ(unknown.first, 2);
  EXPECT_THAT(unknown.second, HasSubstr("nobody can tell"));
  const auto restored = run(words + " --heads " + fs::path(StorePaths(old.data).heads).parent_path().string());
  EXPECT_EQ(restored.first, 0) << restored.second;
  EXPECT_THAT(restored.second, HasSubstr("recorded at position"));
  const auto verified = run(fmt::format("{} ledger verify --data {}", program, scratch_.file("new")));
  EXPECT_EQ(verified.first, 0);
  EXPECT_THAT(verified.second, HasSubstr("RESTORED: facts were put back"));
  std::ofstream(backup + "/heads", std::ios::app) << "x";
  EXPECT_EQ(run(fmt::format("{} backup --check {}", program, backup)).first, 1);
}

/// Somebody who is erased, and copies of keys and ledger from before and after.
class Erased : public IntakeStore {
 protected:
  static std::string victims(const std::vector<Cells>& rows) { return csv(victims_heading, rows); }
  void make(const std::string& name) {
    StoreRequest request;
    request.data = data();
    request.clock = &clock_;
    const auto made = make_backup({request, path(name), path(name + "-keys"), {}});
    ASSERT_TRUE(made) << made.error().message;
  }
  Restored restore(const std::string& backup, const std::string& keys, const std::string& to) {
    RestoreRequest request;
    request.store.data = path(to);
    request.store.clock = &clock_;
    request.from = path(backup);
    request.keys = path(keys);
    request.heads = data() + "/heads/heads";
    request.who = "Ada";
    request.why = "a test";
    request.accept_loss = true;
    auto restored = restore_backup(request);
    EXPECT_TRUE(restored) << (restored ? "" : restored.error().message);
    return restored ? std::move(*restored) : Restored();
  }
  /// What can be read of a store with its keys.
  std::string readable(const std::string& folder) {
    StoreRequest request;
    request.data = path(folder);
    request.clock = &clock_;
    const auto from = Store::open(request);
    EXPECT_TRUE(from) << (from ? "" : from.error().message);
    std::string out;
    if (!from) return out;
    ledger::Ledger& ledger = (*from)->ledger();
    EXPECT_TRUE(ledger.entries(TreeName::facts, 0, ledger.size(), [&](uint64_t position, const ledger::Entry& entry) {
      bool erased = false;
      const auto opened = ledger.unsealed(entry, position, &erased);
      EXPECT_TRUE(opened) << (opened ? "" : opened.error().message);
      if (opened)
        for (const auto& [field, value] : *opened) out += value + "\n";
      return base::Status(base::Done{});
    }));
    return out;
  }
};

TEST_F(Erased, stays_erased_whatever_copy_of_the_keys_comes_back) {
  const auto described = [](const char* person, const char* id, const char* name) {
    return update("C1", person, id, "Victim described", {{"Name", name}, {"Telephone", name}});
  };
  const auto bad = [](const char* person, const char* id, const char* name) {
    return update("C1", person, id, "Victim vanished", {{"Name", name}});
  };
  send("police-victims",
       victims({victim("C1", "V1", "v1"), described("V1", "v2", "CANARY-NAME"), described("V12", "v3", "Somebody else"),
                bad("V1", "v4", "CANARY-ASIDE"), bad("V12", "v5", "Another row")}));
  ASSERT_TRUE(store().publish(true));
  make("before");
  clock_.advance_ms(60'000);
  ASSERT_TRUE(erase_person(store(), "V1", "desk", "asked"));
  ASSERT_TRUE(store().publish(true));
  make("after");
  const auto holds = [&](const std::string& text, const char* canary) { return text.find(canary) != text.npos; };

  // Newer ledger, older keys: the keys are destroyed again, that of the row put aside as well.
  const Restored again = restore("after", "before-keys", "again");
  EXPECT_EQ(again.erased_again, 2u);
  EXPECT_THAT(restored_text(again), HasSubstr("2 keys of people who had been erased came back"));
  const std::string read = readable("again");
  EXPECT_FALSE(holds(read, "CANARY"));
  EXPECT_TRUE(holds(read, "Somebody else") && holds(read, "Another row"));
  // Older ledger, newer keys: destroyed they stay, and whose erasure is among what was lost is named.
  const Restored older = restore("before", "after-keys", "older");
  EXPECT_EQ(older.loss.erased_since, std::vector<std::string>{"V1"});
  EXPECT_THAT(restored_text(older), HasSubstr("V1 was erased after the backup was made"));
  EXPECT_FALSE(holds(readable("older"), "CANARY"));
  // Both older: what was erased is there again, and the loss is what says so.
  const Restored both = restore("before", "before-keys", "both");
  EXPECT_GT(both.loss.trees[0].lost(), 0u);
  EXPECT_TRUE(holds(readable("both"), "CANARY-NAME")) << "or the test sees nothing";
  // Once the keys are gone, no backup gives anything away, nor does any file that a restore left.
  for (const char* keys : {"before-keys", "after-keys", "both"}) fs::remove_all(path(keys));
  for (const auto& file : fs::recursive_directory_iterator(folder_)) {
    if (!file.is_regular_file() || file.path().extension() == ".csv") continue;
    EXPECT_FALSE(holds(text_of(file.path().string()), "CANARY")) << file.path();
  }
}

}  // namespace
}  // namespace kept::app
