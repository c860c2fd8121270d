#pragma once
#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <string>
#include <thread>

#include "intake_store_test.h"
#include "ledger/postgres_server_test.h"

namespace kept::app {

/// A store on SQLite, or with the parameter `postgres` in a database of its own, which can be copied and whose writer
/// can be killed.
class IntakeStores : public IntakeStore, public testing::WithParamInterface<const char*> {
 protected:
  void SetUp() override {
    if (is_postgres()) database_ = fresh_database("template1");
  }
  static bool is_postgres() { return std::string(GetParam()) == "postgres"; }

  /// The address of a new database, a copy of another to which nobody is connected.
  static std::string fresh_database(const std::string& of) {
    static int made = 0;
    const ledger::PostgresServer& server = ledger::PostgresServer::shared();
    const std::string name = fmt::format("intake{}", ++made);
    EXPECT_EQ(server.run(fmt::format("CREATE DATABASE {} TEMPLATE {}", name, of)), "");
    return address_of(name);
  }

  /// Where the server keeps what is in this store's database, and its log.
  std::vector<std::string> server_folders() const {
    const ledger::PostgresServer& server = ledger::PostgresServer::shared();
    const std::string oid =
        server.run(fmt::format("SELECT oid FROM pg_database WHERE datname = '{}'", name_of(database_)));
    return {fmt::format("{}/data/base/{}", server.folder(), oid), server.folder() + "/data/pg_wal"};
  }

  /// Where a store is: its folder and, on PostgreSQL, its database.
  struct Place {
    std::string folder, database;
  };
  /// A copy of the store as it stands, in a folder of this name. The store is closed.
  Place copy_to(const std::string& name) {
    close();
    Place copy{path(name), ""};
    std::filesystem::remove_all(copy.folder);
    std::filesystem::copy(data(), copy.folder, std::filesystem::copy_options::recursive);
    if (is_postgres()) copy.database = fresh_database(name_of(database_));
    return copy;
  }
  std::unique_ptr<Store> open(const Place& place, const base::Clock* clock = nullptr) {
    StoreRequest request;
    request.data = place.folder;
    request.database = place.database;
    request.clock = clock != nullptr ? clock : &clock_;
    auto opened = Store::open(request);
    if (!opened) {
      ADD_FAILURE() << opened.error().message;
      std::abort();
    }
    return std::move(*opened);
  }

  using Work = std::function<base::Status(Store&)>;
  /// Does something to a store in a process of its own, which is killed (as by kill -9) so long after it began.
  /// Whether it was: otherwise it had come to its end.
  bool kill_after(std::chrono::microseconds life, const Place& place, const Work& work) {
    return live_apart(place, nullptr, work, [life](pid_t child) {
      std::this_thread::sleep_for(life);
      ::kill(child, SIGKILL);
    });
  }
  /// Does something that kills its own process at a certain place in its work, or when it asks this clock.
  bool kill_itself(const Place& place, const Work& work, const base::Clock* clock = nullptr) {
    return live_apart(place, clock, work, [](pid_t) {});
  }

 private:
  bool live_apart(const Place& place, const base::Clock* clock, const Work& work,
                  const std::function<void(pid_t)>& kill) {
    int ends[2];
    EXPECT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      const auto store = open(place, clock);
      if (::write(ends[1], "x", 1) != 1) ::_exit(3);
      const base::Status done = work(*store);
      if (!done) fmt::print(stderr, "{}\n", done.error().message);
      ::_exit(done ? 0 : 2);
    }
    ::close(ends[1]);
    char began = 0;
    EXPECT_EQ(::read(ends[0], &began, 1), 1) << "it ended before it began";
    ::close(ends[0]);
    kill(child);
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    if (WIFSIGNALED(status)) return true;
    EXPECT_EQ(WEXITSTATUS(status), 0);
    return false;
  }
  static std::string address_of(const std::string& name) {
    return fmt::format("postgresql://kept@/{}?host={}", name, ledger::PostgresServer::shared().folder());
  }
  static std::string name_of(const std::string& address) {
    const std::size_t from = address.find("@/") + 2;
    return address.substr(from, address.find('?') - from);
  }
};

inline const auto both_stores = testing::Values("sqlite", "postgres");
inline std::string store_name(const testing::TestParamInfo<const char*>& one) { return one.param; }

}  // namespace kept::app
