// What was acknowledged is there, once, whatever is killed: the program that writes, or the whole of PostgreSQL.
// KEPT_STORM_KILLS=1000 kills as often on each store.
// Slow: it starts and kills hundreds of processes.
// Shards: 3
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "ledger/key_store.h"
#include "ledger/ledger.h"
#include "ledger/store_test.h"
#include "model/canonical.h"
#include "support/numbered_event.h"

namespace kept::ledger {
namespace {

using model::Event;

std::string content_hash(const Event& event) { return to_hex(sha256(model::encode_event(event).value())); }

class KillStorm : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  base::Result<std::unique_ptr<Ledger>> open() {
    auto keys = KeyStore::open(folder_ + "/keys.sqlite", base::system_chance());
    if (!keys) return keys.error();
    keys_ = std::move(*keys);
    LedgerParts parts;
    parts.vocabulary = vocabulary();
    parts.clock = &base::system_clock();
    parts.chance = &base::system_chance();
    parts.keys = keys_.get();
    parts.disk = &base::system_disk();
    parts.heads_path = folder_ + "/heads";
    parts.signing_key = &signing_;
    auto database = store_->open();
    if (!database) return database.error();
    return Ledger::open(std::move(*database), parts);
  }

  /// The writer's whole life: everything from number `next` on, one at a time and few at a time. Each number that the
  /// ledger has acknowledged is written to `acknowledged` after the commit, with the hash of its content.
  /// One that `dies_unheard` kills itself when it has committed for the first time, and acknowledges nothing.
  [[noreturn]] void write(uint64_t next, uint64_t end, uint64_t seed, bool dies_unheard, int acknowledged) {
    std::mt19937_64 random(seed);
    const auto ledger = open();
    if (!ledger) {
      fmt::print(stderr, "the writer: {}\n", ledger.error().message);
      ::_exit(2);
    }
    while (next < end) {
      const uint64_t count = std::min(end - next, random() % 2 == 0 ? 1 : 2 + random() % 30);
      std::vector<NewEvent> events(count);
      for (uint64_t i = 0; i < count; ++i) {
        events[i].event = event_number(next + i);
        events[i].received_at = base::system_clock().now_ms();
      }
      std::vector<int64_t> touched;
      if (!(*ledger)->begin() || !(*ledger)->add_events(events, &touched) || !(*ledger)->commit()) ::_exit(3);
      if (dies_unheard) ::kill(::getpid(), SIGKILL);
      std::string lines;
      for (uint64_t i = 0; i < count; ++i) lines += fmt::format("{} {}\n", next + i, content_hash(events[i].event));
      if (::write(acknowledged, lines.data(), lines.size()) != static_cast<ssize_t>(lines.size())) ::_exit(4);
      next += count;
      if (random() % 8 == 0 && !(*ledger)->publish_heads()) ::_exit(5);
    }
    ::_exit(0);
  }

  /// Lets a writer live until `kill` has done its work, or to its end; takes in what it acknowledged.
  /// Returns how it ended, as waitpid says.
  int live(uint64_t end, uint64_t seed, const std::function<void(pid_t)>& kill, bool dies_unheard = false) {
    int ends[2];
    EXPECT_EQ(::pipe(ends), 0);
    const pid_t writer = ::fork();
    if (writer == 0) {
      ::close(ends[0]);
      write(next_, end, seed, dies_unheard, ends[1]);
    }
    ::close(ends[1]);
    std::string said;
    has_heard_ = false;
    std::thread listener([&] {
      char some[4096];
      for (ssize_t count; (count = ::read(ends[0], some, sizeof some)) > 0; has_heard_ = true)
        said.append(some, static_cast<std::size_t>(count));
    });
    kill(writer);
    int status = 0;
    ::waitpid(writer, &status, 0);
    listener.join();
    ::close(ends[0]);
    // A line that was cut short is no acknowledgement.
    for (std::size_t at = 0, stop; (stop = said.find('\n', at)) != std::string::npos; at = stop + 1) {
      const std::size_t space = said.find(' ', at);
      const uint64_t number = std::stoull(said.substr(at, space - at));
      EXPECT_EQ(number, next_);
      acknowledged_[number] = said.substr(space + 1, stop - space - 1);
      next_ = number + 1;
    }
    return status;
  }

  /// Opens the store as the program does and compares it with what was acknowledged, from number `first` on: every one
  /// there, with its content; nothing twice; nothing that was never sent; the tree what its leaves make it.
  void expect_all_there(uint64_t first = 0) {
    const auto opened = open();
    ASSERT_TRUE(opened) << opened.error().message;
    Ledger& ledger = **opened;
    std::map<std::string, std::string> there;
    Tree tree;
    std::vector<std::pair<uint64_t, Entry>> all;
    const auto read = ledger.entries(TreeName::facts, 0, ledger.size(), [&](uint64_t position, const Entry& entry) {
      all.emplace_back(position, entry);
      return base::Status(base::Done{});
    });
    ASSERT_TRUE(read) << read.error().message;
    for (const auto& [position, entry] : all) {
      tree.add(leaf_hash(encode_entry(entry).value()));
      if (position < first) continue;
      Event event = model::decode_event(entry.body).value();
      bool erased = false;
      const auto personal = ledger.unsealed(entry, position, &erased);
      ASSERT_TRUE(personal) << personal.error().message;
      ASSERT_FALSE(erased);
      for (const auto& [field, value] : *personal) event.detail[field] = value;
      EXPECT_TRUE(there.emplace(event.id, content_hash(event)).second) << event.id << " is there twice";
      EXPECT_EQ(ledger.find(event.source, event.id).value(), position);
    }
    EXPECT_EQ(tree.root(), ledger.root());
    ASSERT_GE(ledger.size(), acknowledged_.size()) << "acknowledged events are gone";
    for (auto each = acknowledged_.lower_bound(first); each != acknowledged_.end(); ++each)
      ASSERT_EQ(there["e" + std::to_string(each->first)], each->second) << "number " << each->first;
    // What was under way may be there: the numbers that follow, and no other.
    for (uint64_t n = std::max<uint64_t>(first, acknowledged_.size()); n < ledger.size(); ++n) {
      EXPECT_EQ(there["e" + std::to_string(n)], content_hash(event_number(n)));
      ++unacknowledged_there_;
    }
  }

  /// After all of it: every number once, and what was under way when something was killed is there once, too, because
  /// the next writer sent it again.
  void finish() {
    const int status = live(next_ + 40, 1, [](pid_t) {});
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    expect_all_there();
    const auto opened = open();
    ASSERT_TRUE(opened) << opened.error().message;
    EXPECT_EQ((*opened)->size(), next_);
    EXPECT_EQ(acknowledged_.size(), next_);
  }

  /// Waits until the writer has acknowledged something or has ended, however slow the machine; not for ever.
  void await_news(pid_t writer) {
    for (int waited = 0; !has_heard_ && waited < 120'000; ++waited) {
      siginfo_t ended{};
      if (::waitid(P_PID, static_cast<id_t>(writer), &ended, WEXITED | WNOHANG | WNOWAIT) == 0 && ended.si_pid != 0)
        return;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }

  /// Kills the writer `kills` times: by turns whenever it likes, mostly while the store is being opened, and within a
  /// few milliseconds of an acknowledgement. Every tenth kills itself between its first commit and the acknowledgement.
  void storm(int kills, int longest_us) {
    int heard = 0, unheard = 0;
    for (int i = 0; i < kills; ++i) {
      const uint64_t before = next_;
      const auto life = std::chrono::microseconds(random_() % static_cast<uint64_t>(longest_us));
      const bool is_heard = i % 2 == 1, dies_unheard = i % 10 == 4;
      const int status = live(
          UINT64_MAX, random_(),
          [&](pid_t writer) {
            if (is_heard || dies_unheard) await_news(writer);
            if (!dies_unheard) std::this_thread::sleep_for(is_heard ? life / 2 : life);
            ::kill(writer, SIGKILL);
          },
          dies_unheard);
      ASSERT_TRUE(WIFSIGNALED(status)) << "the writer ended by itself, with " << WEXITSTATUS(status);
      expect_all_there(before);
      if (HasFatalFailure()) return;
      lives_that_wrote_ += next_ > before ? 1 : 0;
      heard += is_heard ? 1 : 0;
      unheard += dies_unheard ? 1 : 0;
    }
    finish();
    // The storm has hit what it aims at: events that were acknowledged, and events that were committed and never were.
    EXPECT_GE(lives_that_wrote_, heard);
    EXPECT_GE(unacknowledged_there_, unheard);
    fmt::print("{} kills, {} events acknowledged, {} there before their acknowledgement arrived\n", kills, next_,
               unacknowledged_there_);
  }
  static int kills(int usual) {
    const char* wanted = std::getenv("KEPT_STORM_KILLS");
    return wanted == nullptr ? usual : std::atoi(wanted);
  }

  std::string folder_ = std::filesystem::temp_directory_path() / ("kept-storm-" + std::to_string(::getpid()));
  SigningKey signing_{leaf_hash("a seed")};
  std::unique_ptr<TestStore> store_;
  std::unique_ptr<KeyStore> keys_;
  std::mt19937_64 random_{20260302};
  uint64_t next_ = 0;                             ///< the first number that was not acknowledged
  std::map<uint64_t, std::string> acknowledged_;  ///< number -> hash of its content
  std::atomic<bool> has_heard_ = false;           ///< the writer has acknowledged something
  int lives_that_wrote_ = 0, unacknowledged_there_ = 0;
};

TEST_F(KillStorm, Sqlite) {
  store_ = make_store("sqlite", folder_ + "/store");
  storm(kills(200), 40'000);
}

TEST_F(KillStorm, ClientsOfPostgres) {
  store_ = make_store("postgres", "");
  storm(kills(50), 100'000);
}

TEST_F(KillStorm, Postgres) {
  store_ = make_store("postgres", "");
  PostgresServer& server = PostgresServer::shared();
  const int rounds = kills(50) / 10;
  for (int i = 0; i < rounds; ++i) {
    const uint64_t before = next_;
    const int status = live(UINT64_MAX, random_(), [&](pid_t writer) {
      if (i % 2 == 1) await_news(writer);
      std::this_thread::sleep_for(std::chrono::milliseconds(40 + random_() % 200));
      server.kill_hard();
    });
    ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) != 0) << "the writer did not notice";
    server.start();
    expect_all_there(before);
    if (HasFatalFailure()) return;
    lives_that_wrote_ += next_ > before ? 1 : 0;
  }
  finish();
  EXPECT_GE(lives_that_wrote_, rounds / 2);
  fmt::print("{} kills of the server, {} events acknowledged, {} there before\n", rounds, next_, unacknowledged_there_);
}

}  // namespace
}  // namespace kept::ledger
