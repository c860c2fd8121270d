#include "ledger/fault_vfs.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "ledger/head_file.h"

namespace kept::ledger {
namespace {

using Fault = FaultDisk::Fault;
using Operation = FaultDisk::Operation;

// How a small table is kept.
struct Setting {
  const char* journal;
  const char* synchronous;
};

std::string content_of(int64_t number) {
  return std::string(static_cast<std::size_t>(number * 37 % 700), static_cast<char>('a' + number % 26));
}

// One connection to a table of numbers with a text that follows from each.
class Table {
 public:
  Table(FaultDisk& disk, Setting setting) {
    is_open_ = sqlite3_open_v2("t.db", &db_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, disk.name()) == SQLITE_OK;
    is_open_ = is_open_ && run(std::string("PRAGMA journal_mode = ") + setting.journal +
                               ";PRAGMA synchronous = " + setting.synchronous +
                               ";PRAGMA cache_size = 8; PRAGMA wal_autocheckpoint = 12;"
                               "CREATE TABLE IF NOT EXISTS t (number INTEGER PRIMARY KEY, text TEXT)");
  }
  ~Table() { sqlite3_close_v2(db_); }
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;

  bool is_open() const { return is_open_; }
  bool run(const std::string& sql) { return sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK; }
  // True when the row was acknowledged.
  bool add(int64_t number) {
    return run("INSERT INTO t VALUES (" + std::to_string(number) + ", '" + content_of(number) + "')");
  }
  // Every number with the right text; nothing when it cannot be read, or is not whole.
  std::optional<std::vector<int64_t>> numbers() {
    std::vector<int64_t> found;
    bool is_right = check() == "ok";
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(db_, "SELECT number, text FROM t ORDER BY number", -1, &statement, nullptr) != SQLITE_OK) {
      return std::nullopt;
    }
    int code;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
      found.push_back(sqlite3_column_int64(statement, 0));
      const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, 1));
      is_right = is_right && text != nullptr && content_of(found.back()) == text;
    }
    sqlite3_finalize(statement);
    if (code != SQLITE_DONE || !is_right) return std::nullopt;
    return found;
  }

 private:
  std::string check() {
    std::string answer;
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(db_, "PRAGMA integrity_check", -1, &statement, nullptr) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW) {
      answer = reinterpret_cast<const char*>(sqlite3_column_text(statement, 0));
    }
    sqlite3_finalize(statement);
    return answer;
  }

  sqlite3* db_ = nullptr;
  bool is_open_ = false;
};

// What became of acknowledged rows over many power cuts.
struct Losses {
  int cuts = 0;
  int cuts_with_loss = 0;
  int cuts_with_damage = 0;  ///< could not be read, or not whole
  int rows = 0;
};

// Cuts the power `cuts` times, each time at a random operation of a run of inserts; every disk goes through ten of
// them.
Losses cut_power(Setting setting, int cuts, uint64_t seed) {
  Losses losses;
  std::mt19937_64 chance(seed);
  while (losses.cuts < cuts) {
    FaultDisk disk(chance());
    std::vector<int64_t> acknowledged;
    int64_t next = 1;
    for (int round = 0; round < 10; ++round) {
      disk.power_cut_at(1 + chance() % 400);
      std::optional<int64_t> in_flight;
      {
        Table table(disk, setting);
        while (table.is_open() && !disk.is_off()) {
          if (table.add(next)) {
            acknowledged.push_back(next);
          } else {
            in_flight = next;
          }
          ++next;
        }
      }
      disk.power_cut();
      ++losses.cuts;
      Table table(disk, setting);
      const std::optional<std::vector<int64_t>> found = table.numbers();
      if (!found) {
        ++losses.cuts_with_damage;
        break;
      }
      // The row that was being written may be there; nothing else that was not acknowledged.
      std::vector<int64_t> with_last = acknowledged;
      if (in_flight) with_last.push_back(*in_flight);
      if (*found == with_last) acknowledged = with_last;
      if (*found != acknowledged) {
        ++losses.cuts_with_loss;
        break;
      }
    }
    losses.rows += static_cast<int>(acknowledged.size());
  }
  return losses;
}

TEST(FaultDisk, NoAcknowledgedRowIsLostWhereEachCommitIsSynced) {
  for (const Setting setting : {Setting{"WAL", "FULL"}, {"TRUNCATE", "FULL"}, {"DELETE", "EXTRA"}}) {
    const Losses losses = cut_power(setting, 500, 1);
    EXPECT_EQ(losses.cuts_with_loss, 0) << setting.journal;
    EXPECT_EQ(losses.cuts_with_damage, 0) << setting.journal;
    EXPECT_GT(losses.rows, 3000) << setting.journal;
  }
}

// The instrument must be able to fail: what SQLite says it does not promise, is lost here.
TEST(FaultDisk, WhatIsNotSyncedIsLost) {
  const Losses normal = cut_power({"WAL", "NORMAL"}, 200, 1);
  EXPECT_GT(normal.cuts_with_loss, 20);
  EXPECT_EQ(normal.cuts_with_damage, 0) << "a log that is synced now and then loses its end, not its sense";
  const Losses off = cut_power({"WAL", "OFF"}, 200, 1);
  EXPECT_GT(off.cuts_with_loss + off.cuts_with_damage, 40);
  const Losses journal_off = cut_power({"TRUNCATE", "OFF"}, 200, 1);
  EXPECT_GT(journal_off.cuts_with_damage, 20);
}

TEST(FaultDisk, ASeedGivesTheSameAgain) {
  const auto once = [](uint64_t seed) {
    FaultDisk disk(seed);
    disk.power_cut_at(150);
    {
      Table table(disk, {"WAL", "OFF"});
      for (int64_t number = 1; !disk.is_off(); ++number) table.add(number);
    }
    disk.power_cut();
    std::map<std::string, std::string> all;
    for (const std::string& path : disk.files()) all[path] = disk.bytes_of(path);
    return all;
  };
  EXPECT_EQ(once(5), once(5));
  EXPECT_NE(once(5), once(6));
}

// For every k: the k-th operation of its kind fails; the row is refused, or it is there after a power cut.
TEST(FaultDisk, EveryFailureIsToldOrHarmless) {
  for (const Setting setting : {Setting{"WAL", "FULL"}, {"TRUNCATE", "FULL"}}) {
    for (const Operation kind : {Operation::open, Operation::read, Operation::write, Operation::truncate,
                                 Operation::sync, Operation::remove}) {
      for (const Fault fault : {Fault::io_error, Fault::disk_full, Fault::cut_short}) {
        // A read that ends early looks like a short file: SQLite takes that for noughts, and only a checksum of ours
        // tells.
        if (kind == Operation::read && fault == Fault::cut_short) continue;
        uint64_t k = 1;
        int refused = 0;
        for (;; ++k) {
          FaultDisk disk(k);
          std::vector<int64_t> acknowledged;
          std::optional<int64_t> in_flight;
          disk.fail(k, fault, kind);
          {
            Table table(disk, setting);
            for (int64_t number = 1; number <= 30 && table.is_open() && !in_flight; ++number) {
              if (table.add(number)) {
                acknowledged.push_back(number);
              } else {
                in_flight = number;
                ++refused;
              }
            }
          }
          if (!disk.has_failed()) break;
          disk.heal();
          disk.power_cut();
          Table table(disk, setting);
          const std::optional<std::vector<int64_t>> found = table.numbers();
          ASSERT_TRUE(found) << setting.journal << " kind " << static_cast<int>(kind) << " k " << k;
          std::vector<int64_t> with_last = acknowledged;
          if (in_flight) with_last.push_back(*in_flight);
          EXPECT_TRUE(*found == acknowledged || *found == with_last)
              << setting.journal << " kind " << static_cast<int>(kind) << " fault " << static_cast<int>(fault) << " k "
              << k;
        }
        if (kind == Operation::write || kind == Operation::sync) {
          EXPECT_GT(k, 30u);
          EXPECT_GT(refused, 5);
        }
      }
    }
  }
}

// What a ledger on SQLite must know. The bytes that a failed sync gave up stay readable, so that after a mere restart
// rows stand on frames of the log that will never be on the disk.
TEST(FaultDisk, AfterAFailedSyncOnlyACheckpointMakesARestartSafe) {
  int lost_without = 0, lost_with = 0, tried = 0;
  for (const bool has_checkpoint : {false, true}) {
    for (uint64_t seed = 1; seed <= 100; ++seed) {
      FaultDisk disk(seed);
      std::vector<int64_t> acknowledged;
      int64_t next = 1;
      {
        Table table(disk, {"WAL", "FULL"});
        for (; next <= 5; ++next) {
          if (table.add(next)) acknowledged.push_back(next);
        }
        disk.fail(1, Fault::io_error, Operation::sync);
        EXPECT_FALSE(table.add(next++));
        // The process is killed with the connection open: no orderly close, which would check the log in.
        disk.restart();
      }
      {
        Table table(disk, {"WAL", "FULL"});
        EXPECT_TRUE(!has_checkpoint || table.run("PRAGMA wal_checkpoint(TRUNCATE)"));
        for (const int64_t end = next + 3; next < end; ++next) {
          if (table.add(next)) acknowledged.push_back(next);
        }
        disk.power_cut();
      }
      Table table(disk, {"WAL", "FULL"});
      const std::optional<std::vector<int64_t>> found = table.numbers();
      ASSERT_TRUE(found);
      const bool lost = !std::includes(found->begin(), found->end(), acknowledged.begin(), acknowledged.end());
      (has_checkpoint ? lost_with : lost_without) += lost ? 1 : 0;
      ++tried;
    }
  }
  EXPECT_EQ(tried, 200);
  EXPECT_GT(lost_without, 10);
  EXPECT_EQ(lost_with, 0);
}

TEST(FaultDisk, AFullDiskIsToldAndHeals) {
  FaultDisk disk(1);
  Table table(disk, {"WAL", "FULL"});
  ASSERT_TRUE(table.add(1));
  disk.fail(1, Fault::disk_full, Operation::write, true);
  EXPECT_FALSE(table.add(2));
  EXPECT_FALSE(table.add(3));
  EXPECT_EQ(table.numbers(), std::vector<int64_t>{1}) << "reading goes on";
  disk.heal();
  EXPECT_TRUE(table.add(4));
  disk.restart();
}

TEST(FaultDisk, AKilledProcessLosesNothingThatWasWritten) {
  FaultDisk disk(1);
  int64_t next = 1;
  for (int round = 0; round < 20; ++round) {
    Table table(disk, {"WAL", "OFF"});
    for (int i = 0; i < 7; ++i) EXPECT_TRUE(table.add(next++));
    disk.restart();
    EXPECT_FALSE(table.add(next)) << "whatever was open is dead";
  }
  Table table(disk, {"WAL", "OFF"});
  EXPECT_EQ(table.numbers()->size(), 140u);
}

TEST(FaultDisk, AReadThatEndsEarlyIsSeen) {
  int seen = 0;
  for (uint64_t k = 1; k <= 40; ++k) {
    FaultDisk disk(k);
    {
      Table table(disk, {"TRUNCATE", "FULL"});
      for (int64_t number = 1; number <= 60; ++number) table.add(number);
    }
    Table table(disk, {"TRUNCATE", "FULL"});
    disk.fail(k, Fault::cut_short, Operation::read);
    const std::optional<std::vector<int64_t>> found = table.numbers();
    if (disk.has_failed() && !found) ++seen;
  }
  EXPECT_GT(seen, 5);
}

TEST(FaultDisk, SeveralConnectionsReadWhileOneWrites) {
  FaultDisk disk(1);
  Table writer(disk, {"WAL", "FULL"});
  std::vector<std::thread> readers;
  std::atomic<bool> is_done = false;
  std::atomic<int> wrong = 0, reads = 0;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      Table table(disk, {"WAL", "FULL"});
      std::size_t seen = 0;
      while (!is_done) {
        const std::optional<std::vector<int64_t>> found = table.numbers();
        if (!found || found->size() < seen) {
          ++wrong;
        } else {
          seen = found->size();
        }
        ++reads;
      }
    });
  }
  for (int64_t number = 1; number <= 300; ++number) EXPECT_TRUE(writer.add(number)) << number;
  while (reads < 10) std::this_thread::yield();
  is_done = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(wrong, 0);
}

TEST(FaultDisk, TwoWritersTakeTurns) {
  FaultDisk disk(1);
  for (const Setting setting : {Setting{"WAL", "FULL"}, {"TRUNCATE", "FULL"}}) {
    disk.replace("t.db", "");
    disk.replace("t.db-wal", "");
    Table one(disk, setting);
    Table other(disk, setting);
    ASSERT_TRUE(one.run("BEGIN IMMEDIATE"));
    EXPECT_FALSE(other.run("BEGIN IMMEDIATE")) << "busy";
    ASSERT_TRUE(one.add(1));
    EXPECT_EQ(other.numbers(), std::vector<int64_t>());
    ASSERT_TRUE(one.run("COMMIT"));
    EXPECT_TRUE(other.add(2));
    EXPECT_EQ(one.numbers(), (std::vector<int64_t>{1, 2}));
  }
}

TEST(FaultDisk, RotOnTheDiskIsRead) {
  FaultDisk disk(1);
  {
    Table(disk, {"TRUNCATE", "FULL"}).add(36);
  }
  std::string bytes = disk.bytes_of("t.db");
  const std::size_t at = bytes.find(content_of(36));
  ASSERT_NE(at, bytes.npos);
  bytes[at] ^= 1;
  disk.replace("t.db", bytes);
  Table table(disk, {"TRUNCATE", "FULL"});
  EXPECT_FALSE(table.numbers()) << "the text no longer follows from the number";
}

// Signed heads on the same disk: what they were acknowledged for stays, whatever fails.
TEST(FaultDisk, HeadsSurviveAsTheyPromise) {
  const SigningKey key(leaf_hash("a seed"));
  const PublicKey keys[] = {key.public_key()};
  const auto head = [&key](uint64_t size) { return sign_head({"l", "facts", size, leaf_hash("root"), 0}, key); };
  int cut = 0;
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    FaultDisk disk(seed);
    uint64_t acknowledged = 0;
    for (int round = 0; round < 3; ++round) {
      disk.power_cut_at(1 + seed * 7 % 23);
      {
        base::Result<HeadFile> file = HeadFile::open(disk, "heads");
        for (uint64_t size = acknowledged + 1; file && file->append(head(size)); ++size) acknowledged = size;
      }
      disk.power_cut();
      const base::Result<HeadsRead> heads = HeadFile::read(disk, "heads", "l", keys);
      if (!heads) {
        EXPECT_EQ(acknowledged, 0u);
        continue;
      }
      EXPECT_TRUE(heads->faults.empty()) << seed;
      cut += heads->is_torn ? 1 : 0;
      EXPECT_GE(heads->heads.size(), acknowledged) << seed;
      EXPECT_LE(heads->heads.size(), acknowledged + 1) << seed;
      acknowledged = heads->heads.size();
    }
  }
  EXPECT_GT(cut, 50);
}

TEST(FaultDisk, AsADiskItKeepsItsWord) {
  FaultDisk disk(1);
  EXPECT_EQ(disk.read("a").error().code, base::ErrorCode::not_found);
  EXPECT_TRUE(disk.create("a", "bytes"));
  EXPECT_EQ(disk.create("a", "other").error().code, base::ErrorCode::conflict);
  EXPECT_TRUE(*disk.is_private("a"));
  disk.power_cut();
  EXPECT_EQ(*disk.read("a", 2, 2), "te");
  disk.fail(1, Fault::io_error);
  EXPECT_EQ(disk.read("a").error().code, base::ErrorCode::io);
  EXPECT_EQ(*disk.size("a"), 5u);
  disk.power_cut_at(1);
  EXPECT_FALSE(disk.create("b", "x"));
  EXPECT_TRUE(disk.is_off());
  EXPECT_FALSE(disk.size("a"));
  disk.restart();
  EXPECT_EQ(disk.files(), std::vector<std::string>{"a"});
  EXPECT_GT(disk.counts().all(), 4u);
}

}  // namespace
}  // namespace kept::ledger
