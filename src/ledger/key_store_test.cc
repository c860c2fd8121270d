#include "ledger/key_store.h"

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <random>
#include <set>
#include <thread>

#include "ledger/fault_vfs.h"

namespace kept::ledger {
namespace {

using base::ErrorCode;
using base::Result;
using base::Status;

class KeyStoreTest : public testing::Test {
 protected:
  KeyStoreTest() {
    std::string name = (std::filesystem::temp_directory_path() / "kept-keys-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    path_ = folder_ + "/keys.db";
  }
  ~KeyStoreTest() override { std::filesystem::remove_all(folder_); }

  std::unique_ptr<KeyStore> open() {
    Result<std::unique_ptr<KeyStore>> store = KeyStore::open(path_, base::system_chance());
    EXPECT_TRUE(store) << store.error().message;
    return std::move(*store);
  }
  // In which files of the store the bytes of a key stand.
  std::vector<std::string> files_with(const SealingKey& key) {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
      std::ifstream file(entry.path(), std::ios::binary);
      const std::string bytes{std::istreambuf_iterator<char>(file), {}};
      // Half of a key is worth nothing, so half of it is looked for, too.
      for (const std::size_t from : {0u, 16u}) {
        const auto* begin = key.bytes().data() + from;
        if (std::search(bytes.begin(), bytes.end(), begin, begin + 16,
                        [](char a, uint8_t b) { return static_cast<uint8_t>(a) == b; }) != bytes.end()) {
          found.push_back(entry.path().filename());
        }
      }
    }
    return found;
  }

  std::string folder_, path_;
};

TEST_F(KeyStoreTest, AKeyIsMadeOnceAndStays) {
  std::unique_ptr<KeyStore> store = open();
  const SealingKey first = *store->get_or_create("p1");
  EXPECT_EQ(*store->get_or_create("p1"), first);
  EXPECT_EQ(*store->find("p1"), first);
  EXPECT_NE(*store->get_or_create("p2"), first);
  store = open();
  EXPECT_EQ(*store->find("p1"), first);
  EXPECT_EQ(*store->get_or_create("p1"), first);
  EXPECT_EQ(store->counts()->keys, 2u);
}

TEST_F(KeyStoreTest, ABatchIsOneCommit) {
  std::unique_ptr<KeyStore> store = open();
  const SealingKey before = *store->get_or_create("p3");
  std::vector<std::string> names;
  for (int i = 0; i < 1000; ++i) names.push_back("p" + std::to_string(i));
  names.push_back("p7");
  EXPECT_TRUE(store->create_missing(names));
  EXPECT_EQ(store->counts()->keys, 1000u);
  EXPECT_EQ(*store->find("p3"), before);
  EXPECT_TRUE(store->create_missing({}));
}

TEST_F(KeyStoreTest, ADestroyedKeyIsInNoFile) {
  std::unique_ptr<KeyStore> store = open();
  std::mt19937_64 chance(1);
  std::vector<std::string> names;
  for (int i = 0; i < 3000; ++i) names.push_back("p" + std::to_string(chance()));
  // In batches of all sizes, so that pages fill and split in between.
  for (std::size_t from = 0, width = 1; from < names.size(); from += width, width = width * 3 % 97 + 1) {
    ASSERT_TRUE(store->create_missing(std::span(names).subspan(from, std::min(width, names.size() - from))));
  }
  std::vector<SealingKey> keys;
  for (const std::string& name : names) keys.push_back(*store->find(name));
  EXPECT_EQ(files_with(keys[17]), (std::vector<std::string>{"keys.db", "keys.db"})) << "the search finds what is there";
  for (std::size_t i = 0; i < names.size(); i += 7) {
    ASSERT_TRUE(store->destroy(names[i]));
    if (i % 70 == 0) {
      EXPECT_TRUE(files_with(keys[i]).empty()) << i;
    }
    EXPECT_EQ(store->find(names[i]).error().code, ErrorCode::not_found);
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i % 35 == 0) {
      EXPECT_TRUE(files_with(keys[i]).empty()) << i;
    } else if (i % 7 != 0) {
      EXPECT_EQ(*store->find(names[i]), keys[i]);
    }
  }
  const KeyStore::Counts counts = *store->counts();
  EXPECT_EQ(counts.destroyed, (names.size() + 6) / 7);
  EXPECT_EQ(counts.keys + counts.destroyed, names.size());
}

TEST_F(KeyStoreTest, ADestroyedKeyIsNeverMadeAnew) {
  std::unique_ptr<KeyStore> store = open();
  const SealingKey key = *store->get_or_create("p1");
  ASSERT_TRUE(store->destroy("p1"));
  ASSERT_TRUE(store->destroy("p1"));
  ASSERT_TRUE(store->destroy("never seen"));
  for (int again = 0; again < 2; ++again) {
    for (const std::string name : {"p1", "never seen"}) {
      EXPECT_EQ(store->get_or_create(name).error().code, ErrorCode::not_found) << name;
      EXPECT_EQ(store->find(name).error().message, "the key was destroyed: what it sealed is erased");
      const std::string both[] = {name, "other"};
      EXPECT_TRUE(store->create_missing(both));
      EXPECT_EQ(store->find(name).error().code, ErrorCode::not_found) << name;
    }
    store = open();
  }
  EXPECT_TRUE(store->find("other"));
}

TEST_F(KeyStoreTest, AKeyThatNeverWasIsNotAnErasedOne) {
  EXPECT_EQ(open()->find("p1").error().code, ErrorCode::conflict);
}

TEST_F(KeyStoreTest, WhatOthersDoIsNoticed) {
  const std::unique_ptr<KeyStore> one = open();
  const std::unique_ptr<KeyStore> other = open();
  const SealingKey key = *one->get_or_create("p1");
  EXPECT_EQ(*other->get_or_create("p1"), key);
  ASSERT_TRUE(other->destroy("p1"));
  EXPECT_EQ(one->find("p1").error().code, ErrorCode::not_found);
}

TEST_F(KeyStoreTest, SeveralThreadsMakeOneKeyAName) {
  const std::unique_ptr<KeyStore> store = open();
  std::vector<std::vector<SealingKey>> keys(4);
  std::vector<std::thread> threads;
  for (std::vector<SealingKey>& mine : keys) {
    threads.emplace_back([&store, &mine] {
      for (int i = 0; i < 50; ++i) mine.push_back(*store->get_or_create("p" + std::to_string(i)));
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::vector<SealingKey>& mine : keys) EXPECT_EQ(mine, keys[0]);
  EXPECT_EQ(store->counts()->keys, 50u);
}

TEST_F(KeyStoreTest, TheFileIsItsOwnersOnly) {
  const mode_t before = ::umask(0);
  std::unique_ptr<KeyStore> store = open();
  ASSERT_TRUE(store->get_or_create("p1"));
  ::umask(before);
  for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
    struct stat found;
    ASSERT_EQ(::stat(entry.path().c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 0777u, 0600u) << entry.path();
    EXPECT_TRUE(entry.path() == path_ || found.st_size == 0) << "the journal is cut to nothing";
  }
  store.reset();
  ::chmod(path_.c_str(), 0644);
  EXPECT_EQ(KeyStore::open(path_, base::system_chance()).error().message,
            path_ + ": others may read these keys. Make sure that nobody did, then: chmod 600 " + path_);
}

TEST_F(KeyStoreTest, AFileOfOthersIsRefused) {
  const auto make = [this](const char* sql) {
    std::filesystem::remove(path_);
    sqlite3* db = nullptr;
    sqlite3_open(path_.c_str(), &db);
    EXPECT_EQ(sqlite3_exec(db, sql, nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(db);
    ::chmod(path_.c_str(), 0600);
  };
  make("CREATE TABLE t (x)");
  EXPECT_EQ(KeyStore::open(path_, base::system_chance()).error().message,
            path_ + ": a database, but no key store. Put the right file back");
  make("PRAGMA application_id = 1263553369; PRAGMA user_version = 2; CREATE TABLE t (x)");
  EXPECT_EQ(KeyStore::open(path_, base::system_chance()).error().message,
            path_ + ": written by a newer version of Kept");
  std::ofstream(path_) << std::string(5000, 'x');
  EXPECT_EQ(KeyStore::open(path_, base::system_chance()).error().code, ErrorCode::io);
  EXPECT_EQ(KeyStore::open(folder_ + "/none/keys.db", base::system_chance()).error().code, ErrorCode::io);
}

// Whether a key's bytes stand anywhere on the disk.
bool holds(const FaultDisk& disk, const SealingKey& key) {
  const std::string_view bytes(reinterpret_cast<const char*>(key.bytes().data()), key.bytes().size());
  return std::ranges::any_of(
      disk.files(), [&](const std::string& path) { return disk.bytes_of(path).find(bytes) != std::string::npos; });
}

// Power cuts, and one failing operation before each: an acknowledged key stays, a destroyed one is nowhere.
TEST(KeyStoreOnABadDisk, KeepsItsWord) {
  std::mt19937_64 chance(1);
  int cuts = 0, errors = 0, destroyed_in_all = 0;
  for (int round = 0; round < 60; ++round) {
    FaultDisk disk(chance());
    std::map<std::string, SealingKey> keys;
    std::map<std::string, SealingKey> destroyed;
    std::set<std::string> unknown;  // names whose destruction was neither done nor refused for good
    int64_t next = 0;
    for (int life = 0; life < 6; ++life) {
      disk.fail(1 + chance() % 150, static_cast<FaultDisk::Fault>(chance() % 2));
      disk.power_cut_at(1 + chance() % 300);
      {
        const Result<std::unique_ptr<KeyStore>> opened = KeyStore::open("keys.db", base::system_chance(), disk.name());
        while (opened && !disk.is_off()) {
          const std::unique_ptr<KeyStore>& store = *opened;
          if (chance() % 3 == 0 && !keys.empty()) {
            const std::string name =
                std::next(keys.begin(), static_cast<std::ptrdiff_t>(chance() % keys.size()))->first;
            const SealingKey key = keys.at(name);
            keys.erase(name);
            if (store->destroy(name)) {
              destroyed.emplace(name, key);
            } else {
              unknown.insert(name);
              ++errors;
            }
            continue;
          }
          const std::string name = "p" + std::to_string(next++);
          const Result<SealingKey> key = store->get_or_create(name);
          errors += key ? 0 : 1;
          if (key) keys.emplace(name, *key);
        }
      }
      disk.heal();
      disk.power_cut();
      ++cuts;
      const Result<std::unique_ptr<KeyStore>> opened = KeyStore::open("keys.db", base::system_chance(), disk.name());
      ASSERT_TRUE(opened) << opened.error().message;
      for (const auto& [name, key] : keys) {
        const Result<SealingKey> found = (*opened)->find(name);
        ASSERT_TRUE(found) << found.error().message;
        EXPECT_EQ(*found, key);
      }
      for (const auto& [name, key] : destroyed) {
        EXPECT_EQ((*opened)->find(name).error().code, ErrorCode::not_found);
        EXPECT_FALSE(holds(disk, key));
      }
      for (const std::string& name : unknown) EXPECT_TRUE((*opened)->destroy(name));
      unknown.clear();
    }
    destroyed_in_all += static_cast<int>(destroyed.size());
  }
  EXPECT_EQ(cuts, 360);
  EXPECT_GT(errors, 100);
  EXPECT_GT(destroyed_in_all, 300);
}

}  // namespace
}  // namespace kept::ledger
