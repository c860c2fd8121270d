// What a store costs (performance target 7): single events, batches and bulk into a store that already holds many, each
// with canonical bytes, hashing, tree, ids, mentions, obligations and outbox, durable when it is counted. bench/run
// calls it; alone:
//   ledger_bench EVENTS.jsonl FOLDER [--database URL] [--there N] [--bulk N] [--day N] [--batches N] [--single N]
// The first N events are there already, from an earlier run; the next are the bulk, in commits as an import makes them
// (or of --commit N); then a day, the same way; then batches of 100; the last single ones. Prints one line of JSON. CPU
// is that of this process: of all there is with SQLite, without the server's with PostgreSQL.
#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "app/intake.h"
#include "app/live_obligations.h"
#include "app/simulate_london.h"
#include "exchange/feed_contract.h"
#include "exchange/read_events.h"
#include "ledger/key_store.h"
#include "ledger/ledger.h"
#include "ledger/postgres_database.h"
#include "ledger/signing_key.h"
#include "ledger/sqlite_database.h"
#include "rules/rule_set.h"

namespace {
using namespace kept;

double now_s() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

[[noreturn]] void stop(const std::string& why) {
  fmt::print(stderr, "ledger_bench: {}\n", why);
  std::exit(2);
}
template <class T>
T good(base::Result<T> result) {
  if (!result) stop(result.error().message);
  return std::move(result).value();
}

/// What the process has used so far, in seconds.
double cpu_s() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

/// How long one part of the run took, the reading of the file left out.
struct Spent {
  std::size_t events = 0;
  double wall = 0, cpu = 0;
  double per_second() const { return static_cast<double>(events) / std::max(wall, 1e-9); }
  double cpu_us() const { return cpu * 1e6 / static_cast<double>(std::max<std::size_t>(events, 1)); }
};

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values.empty() ? 0 : values[values.size() / 2];
}

/// One row of the size of a fact, committed alone as durably as a store commits: what a live event is compared with.
std::vector<double> bare_commits(const std::string& path, int count) {
  sqlite3* database = nullptr;
  if (sqlite3_open(path.c_str(), &database) != SQLITE_OK) stop("the bare database cannot be opened");
  const auto run = [&](const char* text) {
    if (sqlite3_exec(database, text, nullptr, nullptr, nullptr) != SQLITE_OK) stop(sqlite3_errmsg(database));
  };
  run("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE row (position INTEGER PRIMARY KEY, bytes BLOB)");
  sqlite3_stmt* add = nullptr;
  sqlite3_prepare_v2(database, "INSERT INTO row (bytes) VALUES (?)", -1, &add, nullptr);
  const std::string bytes(300, 'x');
  std::vector<double> times;
  for (int i = 0; i < count; ++i) {
    const double start = now_s();
    sqlite3_bind_blob(add, 1, bytes.data(), static_cast<int>(bytes.size()), SQLITE_STATIC);
    if (sqlite3_step(add) != SQLITE_DONE) stop("the bare database refused");
    sqlite3_reset(add);
    times.push_back(now_s() - start);
  }
  sqlite3_finalize(add);
  sqlite3_close(database);
  return times;
}

struct Store {
  base::ManualClock clock;
  std::unique_ptr<ledger::KeyStore> keys;
  std::unique_ptr<ledger::SigningKey> signing;
  std::unique_ptr<ledger::Ledger> ledger;
  std::unique_ptr<app::LiveObligations> live;
  app::LiveTally tally;
  int64_t now = 0;

  void take(const model::Event* first, std::size_t count, Spent* spent) {
    const double wall = now_s(), cpu = cpu_s();
    take(first, count);
    spent->events += count;
    spent->wall += now_s() - wall;
    spent->cpu += cpu_s() - cpu;
  }
  void take(const model::Event* first, std::size_t count) {
    if (!ledger->begin()) stop("the store cannot begin");
    std::vector<ledger::NewEvent> fresh(count);
    for (std::size_t i = 0; i < count; ++i) {
      now = std::max(now, first[i].recorded_at);
      fresh[i].event = first[i];
      fresh[i].received_at = now;
    }
    std::vector<int64_t> touched;
    const auto placed = good(ledger->add_events(fresh, &touched));
    for (const ledger::Placed& each : placed)
      if (each.arrival != ledger::Arrival::accepted) stop("an event was there already: say --there");
    if (const auto learnt = live->learn(fresh, placed); !learnt) stop(learnt.error().message);
    ledger::Entry why;
    why.kind = ledger::EntryKind::commit;
    why.received_at = now;
    const uint64_t entry = good(ledger->add(ledger::TreeName::audit, why));
    tally += good(live->judge_touched(touched, now, entry, true));
    if (const auto committed = ledger->commit(); !committed) stop(committed.error().message);
  }
};

/// Hands the events of a file, in its order, to the parts of the run.
struct Feeder : exchange::WholeRows {
  Store* store = nullptr;
  std::size_t there = 0, bulk = 0, day = 0, rest = 0, a_commit = app::events_a_commit(UINT64_MAX);
  Spent of_bulk, of_day;
  std::vector<model::Event> waiting;  ///< of the bulk or day, then all of the rest
  std::size_t seen = 0;

  base::Status take(exchange::WholeRow& row) override {
    for (model::Event& event : row.events) {
      const std::size_t number = seen++;
      if (number < there) {
        store->now = std::max(store->now, event.recorded_at);
        continue;
      }
      if (number >= there + bulk + day + rest) return base::Error{base::ErrorCode::too_large, "enough"};
      waiting.push_back(std::move(event));
      const bool ends = seen == there + bulk || seen == there + bulk + day;
      if (seen <= there + bulk + day && (ends || waiting.size() == a_commit))
        give(seen <= there + bulk ? &of_bulk : &of_day);
    }
    return base::Done{};
  }
  bool is_enough() const { return seen > there + bulk + day + rest; }

 private:
  void give(Spent* spent) {
    store->take(waiting.data(), waiting.size(), spent);
    waiting.clear();
    if (spent->events % 200'000 < a_commit)
      fmt::print(stderr, "{} events, {:.0f}/s, {:.1f} us of CPU each\n", spent->events, spent->per_second(),
                 spent->cpu_us());
  }
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3)
    stop(
        "usage: ledger_bench EVENTS.jsonl FOLDER [--database URL] [--there N] [--bulk N] [--day N] [--batches N] "
        "[--single N]");
  std::string database;
  std::size_t batches = 200, single = 2000;
  Feeder feeder;
  for (int i = 3; i + 1 < argc; i += 2) {
    const std::string option = argv[i];
    if (option == "--database") database = argv[i + 1];
    if (option == "--there") feeder.there = std::strtoull(argv[i + 1], nullptr, 10);
    if (option == "--bulk") feeder.bulk = std::strtoull(argv[i + 1], nullptr, 10);
    if (option == "--commit") feeder.a_commit = std::strtoull(argv[i + 1], nullptr, 10);
    if (option == "--day") feeder.day = std::strtoull(argv[i + 1], nullptr, 10);
    if (option == "--batches") batches = std::strtoull(argv[i + 1], nullptr, 10);
    if (option == "--single") single = std::strtoull(argv[i + 1], nullptr, 10);
  }
  const std::string folder = argv[2];
  std::filesystem::create_directories(folder);
  const rules::RuleSet rules = good(rules::load_rule_set({rules::built_in_rules(), ""}));
  Store store;
  store.keys = good(ledger::KeyStore::open(folder + "/keys.sqlite", base::system_chance()));
  store.signing = std::make_unique<ledger::SigningKey>(
      good(ledger::SigningKey::open_or_create(base::system_disk(), folder + "/signing.key", base::system_chance())));
  ledger::LedgerParts parts;
  parts.vocabulary = rules.book.vocabulary;
  parts.clock = &store.clock;
  parts.chance = &base::system_chance();
  parts.keys = store.keys.get();
  parts.disk = &base::system_disk();
  parts.heads_path = folder + "/heads";
  parts.signing_key = store.signing.get();
  ledger::SqliteOptions sqlite;
  sqlite.path = folder + "/ledger.sqlite";
  ledger::PostgresOptions postgres;
  postgres.where = database;
  auto opened = database.empty() ? ledger::open_sqlite(sqlite) : ledger::open_postgres(postgres);
  store.ledger = good(ledger::Ledger::open(good(std::move(opened)), parts));
  if (database.empty()) {
    static constexpr ledger::Statement synchronous{"PRAGMA synchronous"};
    const auto asked =
        store.ledger->database().ask(synchronous, {}, [&](std::size_t, const ledger::Answer& row) -> base::Status {
          if (row.number(0) != 2) stop("the store is not durable: synchronous is not FULL");
          return base::Done{};
        });
    if (!asked) stop(asked.error().message);
  }
  const auto contracts = good(exchange::load_contracts(app::built_in_feeds(), *rules.book.vocabulary));
  app::LiveSetting setting;
  setting.book = &rules.book;
  for (const auto& [name, contract] : contracts) setting.agencies.push_back(contract.agency);
  std::sort(setting.agencies.begin(), setting.agencies.end());
  setting.agencies.erase(std::unique(setting.agencies.begin(), setting.agencies.end()), setting.agencies.end());
  store.live = std::make_unique<app::LiveObligations>(*store.ledger, std::move(setting));

  feeder.store = &store;
  feeder.rest = batches * 100 + single;
  exchange::ReadRequest read;
  read.files = {argv[1]};
  read.vocabulary = rules.book.vocabulary;
  read.whole = &feeder;
  read.strict = true;
  if (const auto done = exchange::read_events(read); !done && !feeder.is_enough()) stop(done.error().message);
  const std::vector<model::Event>& events = feeder.waiting;
  if (events.size() < feeder.rest) stop("the file has too few events");
  const app::LiveTally of_bulk = store.tally;
  const uint64_t bytes = good(store.ledger->database().size_bytes());
  std::size_t at = 0;
  Spent of_batches, of_single;
  for (std::size_t i = 0; i < batches; ++i, at += 100) store.take(&events[at], 100, &of_batches);
  // In turns with bare commits, so that a disk that wavers wavers for both.
  std::vector<double> live, bare;
  for (std::size_t round = 0; round < 10; ++round) {
    for (std::size_t i = 0; i < single / 10; ++i, ++at) {
      const double start = now_s();
      store.take(&events[at], 1, &of_single);
      live.push_back(now_s() - start);
    }
    const auto more = bare_commits(fmt::format("{}/bare-{}.sqlite", folder, round), static_cast<int>(single / 10));
    bare.insert(bare.end(), more.begin(), more.end());
  }
  if (const auto published = store.ledger->publish_heads(); !published) stop(published.error().message);
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  fmt::print(
      R"({{"store":"{}","events":{},"bulk_events":{},"bulk_s":{:.2f},"bulk_per_s":{:.0f},"bulk_cpu_us":{:.1f},)"
      R"("bytes_per_event":{:.0f},"judged":{},"facts_read":{},"day_events":{},"day_s":{:.2f},)"
      R"("batches_of_100":{},"batch_events_per_s":{:.0f},"batch_cpu_us":{:.1f},"single":{},)"
      R"("single_median_us":{:.0f},"single_cpu_us":{:.1f},"bare_median_us":{:.0f},"ratio":{:.2f},"peak_mib":{}}})"
      "\n",
      store.ledger->database().kind(), store.ledger->size(), feeder.of_bulk.events, feeder.of_bulk.wall,
      feeder.of_bulk.per_second(), feeder.of_bulk.cpu_us(),
      static_cast<double>(bytes) /
          static_cast<double>(std::max<std::size_t>(feeder.there + feeder.bulk + feeder.day, 1)),
      of_bulk.subjects, of_bulk.facts_read, feeder.of_day.events, feeder.of_day.wall, batches, of_batches.per_second(),
      of_batches.cpu_us(), live.size(), median(live) * 1e6, of_single.cpu_us(), median(bare) * 1e6,
      median(bare) > 0 ? median(live) / median(bare) : 0, used.ru_maxrss / 1024);
  return 0;
}
