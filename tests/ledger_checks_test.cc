// A store that took London's feeds is found to be whole, whatever is altered in it is found, and everybody's
// obligations are made again from the facts as they were; other rules are looked at beside those in force, and switched
// to at once.
// KEPT_REBUILT_VICTIMS=20000: of so many people.
// Slow: it takes in six weeks of London's feeds, on two databases.
#include "app/ledger_checks.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "app/delivery.h"
#include "app/rebuild.h"
#include "app/simulate_london.h"
#include "ledger/postgres_server_test.h"
#include "support/checked_build.h"

namespace kept::app {
namespace {

namespace fs = std::filesystem;
using calendar::local_date;
using testing::HasSubstr;

std::string sqlite(const std::string& path, const std::string& sql) {
  sqlite3* connection = nullptr;
  EXPECT_EQ(sqlite3_open(path.c_str(), &connection), SQLITE_OK);
  const std::string text =
      "DROP TRIGGER IF EXISTS fact_stays; DROP TRIGGER IF EXISTS fact_is_kept;"
      "DROP TRIGGER IF EXISTS audit_stays; DROP TRIGGER IF EXISTS audit_is_kept;" +
      sql;
  char* why = nullptr;
  std::string out;
  if (sqlite3_exec(connection, text.c_str(), nullptr, nullptr, &why) != SQLITE_OK) out = why;
  if (out.empty() && sqlite3_total_changes(connection) == 0) out = "it changed nothing";
  sqlite3_free(why);
  sqlite3_close(connection);
  return out;
}

struct Scratch {
  Scratch() : path(fs::temp_directory_path() / fmt::format("kept-checks-{}-{}", ::getpid(), ++made)) {
    fs::remove_all(path);
    fs::create_directories(path);
  }
  ~Scratch() { fs::remove_all(path); }
  std::string file(const std::string& name) const { return (path / name).string(); }
  static inline int made = 0;
  fs::path path;
};

/// Feeds of some people over six weeks.
Delivery feeds(const std::string& folder, uint64_t victims, uint64_t seed) {
  SimulationRequest request;
  request.plan = {victims, seed, local_date({2024, 3, 1}), local_date({2024, 4, 10})};
  request.with_truth = false;
  request.feeds = folder;
  const auto simulated = simulate_london(request);
  EXPECT_TRUE(simulated) << (simulated ? "" : simulated.error().message);
  auto read = Delivery::read(folder);
  EXPECT_TRUE(read) << (read ? "" : read.error().message);
  return read ? std::move(*read) : Delivery();
}

std::unique_ptr<Store> open(const StoreRequest& request) {
  auto store = Store::open(request);
  EXPECT_TRUE(store) << (store ? "" : store.error().message);
  return store ? std::move(*store) : nullptr;
}

void fill(const StoreRequest& request, const Delivery& delivery) {
  const auto store = open(request);
  ASSERT_NE(store, nullptr);
  const auto taken = take_delivery(*store, delivery, false, {});
  ASSERT_TRUE(taken) << taken.error().message;
  ASSERT_TRUE(taken->counts.add_up());
  ASSERT_TRUE(store->publish(true));
}

LedgerCheck check(StoreRequest request) {
  request.read_only = true;
  const auto store = open(request);
  if (store == nullptr) return {};
  auto checked = check_ledger(*store, {});
  EXPECT_TRUE(checked) << (checked ? "" : checked.error().message);
  return checked ? std::move(*checked) : LedgerCheck();
}

/// Everybody's obligations as they are stored, and where they differ with time: all but when they were last judged.
std::map<int64_t, std::string> judged(Store& store) {
  static constexpr ledger::Statement all{"SELECT subject, next_at, gap, obligations FROM judged"};
  std::map<int64_t, std::string> rows;
  EXPECT_TRUE(store.ledger().database().ask(all, {}, [&](std::size_t, const ledger::Answer& row) -> base::Status {
    // Of whom nothing is owed and nothing is to come, a row is as good as none.
    if (row.number(1) == INT64_MAX && decode_obligations(row.bytes(3)).value().empty()) return base::Done{};
    rows[row.number(0)] = fmt::format("{} {} {}", row.number(1), row.number(2), row.bytes(3));
    return base::Done{};
  }));
  return rows;
}

class Stores : public testing::TestWithParam<const char*> {
 protected:
  StoreRequest request() {
    StoreRequest request;
    request.data = scratch_.file("store");
    if (std::string(GetParam()) == "postgres") {
      EXPECT_EQ(ledger::PostgresServer::shared().run("CREATE DATABASE checks"), "");
      request.database = "postgresql://kept@/checks?host=" + ledger::PostgresServer::shared().folder();
    }
    return request;
  }
  Scratch scratch_;
};

TEST_P(Stores, are_whole_and_made_again_as_they_were) {
  const bool is_sqlite = std::string(GetParam()) == "sqlite";
  // Of fewer than these 150, nothing is corrected in six weeks, and there is no family to look at.
  const char* wanted = std::getenv("KEPT_REBUILT_VICTIMS");
  const uint64_t usual = is_sqlite ? 3000 / part_when_checked : 150;
  const uint64_t people = wanted != nullptr ? std::strtoull(wanted, nullptr, 10) : usual;
  const Delivery delivery = feeds(scratch_.file("feeds"), people, 5);
  const StoreRequest request = this->request();
  fill(request, delivery);
  if (HasFatalFailure()) return;
  const LedgerCheck first = check(request);
  EXPECT_TRUE(first.is_good()) << check_text(first);
  EXPECT_TRUE(first.has_projections);
  EXPECT_GT(first.obligations, people * 3);
  EXPECT_GT(first.events, people * 3);
  EXPECT_GT(first.families, 0u);
  EXPECT_EQ(first.batches, delivery.batches.size());
  EXPECT_EQ(first.waiting, 0u);
  EXPECT_EQ(first.trees[0].newest_head, first.trees[0].entries);
  const int64_t now = delivery.batches.back().until;
  {
    const auto store = open(request);
    const auto before = judged(*store);
    ASSERT_GT(before.size(), people * 4 / 5);
    const uint64_t facts = store->ledger().size();
    const auto started = std::chrono::steady_clock::now();
    auto made = rebuild(*store, now, {});
    ASSERT_TRUE(made) << made.error().message;
    RecordProperty(
        "rebuild_ms",
        static_cast<int>(
            std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - started).count()));
    EXPECT_EQ(made->differed, 0u);
    EXPECT_EQ(made->unnamed, 0u);
    EXPECT_EQ(made->subjects, first.subjects);
    EXPECT_EQ(made->obligations, first.obligations);
    EXPECT_TRUE(judged(*store) == before);
    // All thrown away first, they are made from nothing as they were.
    static constexpr ledger::Statement drop{"DELETE FROM judged"};
    ASSERT_TRUE(store->ledger().begin());
    ASSERT_TRUE(store->ledger().database().run(drop));
    ASSERT_TRUE(store->ledger().commit());
    ASSERT_TRUE(judged(*store).empty());
    made = rebuild(*store, now, {});
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_TRUE(judged(*store) == before);
    EXPECT_GE(made->differed, before.size());
    EXPECT_EQ(store->ledger().size(), facts);
    ASSERT_TRUE(store->publish(true));
  }
  const LedgerCheck last = check(request);
  EXPECT_TRUE(last.is_good()) << check_text(last);
  EXPECT_EQ(last.obligations, first.obligations);
  RecordProperty("facts", static_cast<int>(last.trees[0].entries));
  RecordProperty("obligations", static_cast<int>(last.obligations));
}

INSTANTIATE_TEST_SUITE_P(Checks, Stores, testing::Values("sqlite", "postgres"),
                         [](const auto& one) { return std::string(one.param); });

/// One small store for all, of which each test has a copy.
class Checks : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    shared_ = new Scratch;
    delivery_ = new Delivery(feeds(shared_->file("feeds"), 120, 11));
    // Rows that cannot be taken.
    std::ofstream(shared_->file("bad.csv"), std::ios::binary) << bad_rows(*delivery_);
    StoreRequest request;
    request.data = shared_->file("store");
    fill(request, *delivery_);
    if (HasFatalFailure()) return;
    const auto store = open(request);
    BatchRequest batch;
    batch.feed = "police-crimes";
    batch.path = shared_->file("bad.csv");
    batch.received_at = delivery_->batches.back().until;
    const auto taken = receive_batch(*store, batch);
    ASSERT_TRUE(taken) << taken.error().message;
    ASSERT_GT(taken->counts.quarantined, 0u);
    ASSERT_TRUE(store->publish(true));
  }
  static void TearDownTestSuite() {
    delete delivery_;
    delete shared_;
  }
  static std::string bad_rows(const Delivery& delivery) {
    for (const Delivery::Batch& each : delivery.batches) {
      if (each.feed != "police-crimes") continue;
      std::ifstream file(each.path, std::ios::binary);
      std::string heading;
      std::getline(file, heading);
      std::string row = "no";
      for (const char c : heading) row += c == ',' ? ",no" : "";
      return heading + "\n" + row + "\r\n";
    }
    ADD_FAILURE() << "no batch of police-crimes";
    return {};
  }
  StoreRequest copy(const std::string& name) {
    StoreRequest request;
    request.data = scratch_.file(name);
    fs::remove_all(request.data);
    fs::copy(shared_->file("store"), request.data, fs::copy_options::recursive);
    return request;
  }
  int64_t now() const { return delivery_->batches.back().until; }
  /// What another calendar is: a day more that nobody works.
  std::string other_calendar() {
    std::ifstream file(KEPT_SOURCE_DIR "/rules/calendars/england-and-wales.yaml");
    std::string text((std::istreambuf_iterator<char>(file)), {});
    const std::string day = "  - {on: 2024-05-06,";
    const auto at = text.find(day);
    EXPECT_NE(at, std::string::npos);
    text.insert(at, "  - {on: 2024-03-20, title: A day for everybody}\n");
    std::ofstream(scratch_.file("calendar.yaml")) << text;
    return scratch_.file("calendar.yaml");
  }

  static Scratch* shared_;
  static Delivery* delivery_;
  Scratch scratch_;
};
Scratch* Checks::shared_ = nullptr;
Delivery* Checks::delivery_ = nullptr;

TEST_F(Checks, whatever_is_altered_is_found) {
  const StoreRequest untouched = copy("untouched");
  const LedgerCheck good = check(untouched);
  ASSERT_TRUE(good.is_good()) << check_text(good);
  EXPECT_EQ(good.quarantined, 1u);
  struct Case {
    const char* sql;
    const char* words;  ///< of what verify says; what refuses to open says it there
  };
  // Each leaves the trees' tops alone, so that opening could miss it.
  const Case cases[] = {
      {"UPDATE fact SET bytes = CAST(substr(bytes, 1, length(bytes) - 1) || 'x' AS BLOB) WHERE position = 700",
       "not what was recorded there"},
      {"UPDATE fact SET leaf = randomblob(32) WHERE position = 700", "not what was recorded there"},
      {"DELETE FROM fact WHERE position = 700", "stands where 700 should"},
      {"UPDATE audit SET bytes = CAST(bytes || 'x' AS BLOB) WHERE position = 1", "audit"},
      {"UPDATE node SET hash = randomblob(32) WHERE tree = 0 AND level = 1 AND number = 3", "node 3 of level 1"},
      {"DELETE FROM node WHERE tree = 1 AND number = 0", "node 0 of level"},
      {"INSERT INTO node (tree, level, number, hash) VALUES (0, 40, 0, randomblob(32))", "nodes are stored"},
      {"DELETE FROM event WHERE position = (SELECT MAX(position) FROM event)", "not found under its id"},
      {"UPDATE event SET id = id || 'x' WHERE position = (SELECT MAX(position) FROM event)", "not found under its id"},
      {"DELETE FROM mention WHERE position = (SELECT MAX(position) FROM mention)", "name that it mentions"},
      {"INSERT INTO mention (name, position) SELECT MIN(name), 700 FROM mention WHERE name NOT IN "
       "(SELECT name FROM mention WHERE position = 700)",
       "mentions are stored"},
      {"UPDATE name SET text = 'p-somebody-else' WHERE key = (SELECT MAX(subject) FROM judged)", ""},
      {"UPDATE batch SET accepted = accepted - 1, duplicate = duplicate + 1 WHERE key = (SELECT MIN(key) FROM batch "
       "WHERE accepted > 0)",
       "the fact of its receipt says"},
      {"UPDATE batch SET accepted = accepted + 1 WHERE key = 1", "do not add up"},
      {"UPDATE batch SET digest = 'ab' || substr(digest, 3) WHERE key = 1", "is of another"},
      {"UPDATE batch SET number = 999 WHERE key = 1", "is of another"},
      {"UPDATE feed SET ignored = ignored + 1 WHERE name = 'police-crimes'", "its batches have"},
      {"UPDATE feed SET contract = 1 WHERE name = 'police-crimes'", "newest contract"},
      {"UPDATE quarantine SET reason = 'other'", "stored otherwise"},
      {"DELETE FROM quarantine", "in no list"},
      {"INSERT INTO waiting (crime, feed, since) SELECT key, 'police-crimes', 0 FROM name WHERE text LIKE 'c%' LIMIT 1",
       "crimes that nobody recorded yet"},
      {"UPDATE judged SET obligations = (SELECT obligations FROM judged WHERE subject = (SELECT MIN(subject) FROM "
       "judged)) WHERE subject = (SELECT MAX(subject) FROM judged WHERE length(obligations) > 40)",
       "not what the facts give"},
      {"UPDATE judged SET obligations = CAST('xyz' AS BLOB) WHERE subject = (SELECT MAX(subject) FROM judged)",
       "cannot be read"},
      {"DELETE FROM judged WHERE subject = (SELECT MAX(subject) FROM judged WHERE length(obligations) > 40)",
       "are not stored"},
      {"DELETE FROM outbox WHERE state = 1", "have no row in the outbox"},
      {"UPDATE outbox SET state = 2 WHERE state = 1", "rows of the outbox say otherwise"},
      {"UPDATE outbox SET act = act % 4 + 1 WHERE state = 1",
       "otherwise than the rules what is to be done, or by whom"},
      {"UPDATE outbox SET agency = agency + 1 WHERE state = 2",
       "otherwise than the rules what is to be done, or by whom"},
      {"UPDATE difference SET bytes = CAST('xyz' AS BLOB) WHERE entry = (SELECT MAX(entry) FROM difference)",
       "cannot be read"},
  };
  for (const Case& each : cases) {
    SCOPED_TRACE(each.sql);
    StoreRequest request = copy("altered");
    ASSERT_EQ(sqlite(request.data + "/ledger.sqlite", each.sql), "");
    request.read_only = true;
    const auto store = Store::open(request);
    if (!store) {
      EXPECT_TRUE(store.error().code == base::ErrorCode::conflict || store.error().code == base::ErrorCode::not_found)
          << store.error().message;
      continue;
    }
    const auto checked = check_ledger(**store, {});
    if (!checked) continue;
    EXPECT_FALSE(checked->is_good());
    EXPECT_THAT(check_text(*checked), HasSubstr(each.words));
  }
}

TEST_F(Checks, a_signed_head_taken_out_or_altered_is_found) {
  for (const bool in_the_middle : {true, false}) {
    StoreRequest request = copy("altered");
    const std::string heads = request.data + "/heads/heads";
    std::ifstream file(heads, std::ios::binary);
    std::string text((std::istreambuf_iterator<char>(file)), {});
    const std::size_t at = in_the_middle ? text.find('\n') + 30 : text.size() - 20;
    text[at] = text[at] == 'a' ? 'b' : 'a';
    std::ofstream(heads, std::ios::binary | std::ios::trunc) << text;
    request.read_only = true;
    const auto store = Store::open(request);
    if (!store) continue;
    const auto checked = check_ledger(**store, {});
    ASSERT_TRUE(checked) << checked.error().message;
    EXPECT_FALSE(checked->is_good());
    EXPECT_THAT(check_text(*checked), HasSubstr("signed heads, line"));
  }
}

TEST_F(Checks, what_was_altered_among_obligations_is_put_right) {
  const StoreRequest request = copy("altered");
  std::map<int64_t, std::string> before;
  {
    const auto store = open(request);
    before = judged(*store);
  }
  ASSERT_EQ(
      sqlite(request.data + "/ledger.sqlite",
             "UPDATE judged SET obligations = CAST('xyz' AS BLOB) WHERE subject IN (SELECT subject FROM judged "
             "ORDER BY subject LIMIT 1); UPDATE judged SET obligations = (SELECT obligations FROM judged WHERE "
             "subject = (SELECT MIN(subject) FROM judged WHERE length(obligations) > 40)) WHERE subject = (SELECT "
             "MAX(subject) FROM judged WHERE length(obligations) > 40); INSERT INTO judged (subject, judged_at, "
             "next_at, gap, obligations) SELECT 999999, judged_at, next_at, gap, obligations FROM judged LIMIT 1"),
      "");
  EXPECT_FALSE(check(request).is_good());
  {
    const auto store = open(request);
    const auto made = rebuild(*store, now(), {});
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(made->differed, 2u);
    EXPECT_EQ(made->unnamed, 1u);
    EXPECT_TRUE(judged(*store) == before);
    ASSERT_TRUE(store->publish(true));
  }
  const LedgerCheck after = check(request);
  EXPECT_TRUE(after.is_good()) << check_text(after);
}

TEST_F(Checks, other_rules_are_looked_at_and_switched_to_at_once) {
  const StoreRequest under_old = copy("switched");
  StoreRequest under_new = under_old;
  under_new.calendar = other_calendar();
  // What is in force is refused where it is not what was asked for.
  const auto refused = Store::open(under_new);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, base::ErrorCode::conflict);
  EXPECT_THAT(refused.error().message, HasSubstr("rebuild --plan"));
  std::map<int64_t, std::string> before;
  uint64_t facts = 0;
  {
    const auto store = open(under_old);
    before = judged(*store);
    facts = store->ledger().size();
    const auto same = compare_rules(*store, {});
    ASSERT_FALSE(same);
    EXPECT_EQ(same.error().code, base::ErrorCode::conflict);
  }
  RulesReport plan;
  {
    StoreRequest looking = under_new;
    looking.read_only = true;
    const auto store = open(looking);
    const auto report = compare_rules(*store, {});
    ASSERT_TRUE(report) << report.error().message;
    plan = *report;
    EXPECT_GT(plan.changed, 0u);
    EXPECT_GT(plan.subjects_changed, 0u);
    EXPECT_EQ(plan.obligations_before, plan.obligations_after);
    uint64_t counted = 0;
    for (const auto& [kind, number] : plan.kinds) counted += number;
    EXPECT_EQ(counted, plan.changed);
    EXPECT_TRUE(judged(*store) == before);
    EXPECT_EQ(store->ledger().size(), facts);
  }
  under_new.other_rules = true;
  // Killed in the middle, nothing has happened.
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    auto store = Store::open(under_new);
    if (!store) ::_exit(2);
    (void)approve_rules(**store, "Ada", now(), [](uint64_t, uint64_t) { ::_exit(7); });
    ::_exit(3);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 7) << status;
  {
    const auto store = open(under_old);
    EXPECT_TRUE(judged(*store) == before);
    EXPECT_EQ(store->ledger().size(), facts);
    ASSERT_TRUE(store->publish(true));
  }
  LedgerCheck checked = check(under_old);
  EXPECT_TRUE(checked.is_good() && checked.has_projections) << check_text(checked);
  {
    const auto store = open(under_new);
    const auto nobody = approve_rules(*store, " ", now(), {});
    ASSERT_FALSE(nobody);
    const auto report = approve_rules(*store, "Ada", now(), {});
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(report->kinds, plan.kinds) << rules_report_text(plan) << rules_report_text(*report);
    EXPECT_FALSE(judged(*store) == before);
    std::string who;
    bool historic = false;
    ASSERT_TRUE(store->ledger().entries(ledger::TreeName::facts, facts, 1,
                                        [&](uint64_t, const ledger::Entry& entry) -> base::Status {
                                          EXPECT_EQ(entry.kind, ledger::EntryKind::rules);
                                          who = entry.fields.at("who");
                                          historic = entry.historic;
                                          return base::Done{};
                                        }));
    EXPECT_EQ(who, "Ada");
    EXPECT_TRUE(historic);
  }
  under_new.other_rules = false;
  checked = check(under_new);
  EXPECT_TRUE(checked.is_good() && checked.has_projections) << check_text(checked);
  checked = check(under_old);
  EXPECT_TRUE(checked.is_good()) << check_text(checked);
  EXPECT_FALSE(checked.has_projections);
  EXPECT_FALSE(Store::open(under_old));
}

/// What the program says, and how it ended.
std::pair<int, std::string> run(const std::string& words) {
  std::string out;
  FILE* pipe = ::popen(words.c_str(), "r");
  char some[4096];
  for (std::size_t count = 0; (count = std::fread(some, 1, sizeof some, pipe)) > 0;) out.append(some, count);
  const int status = ::pclose(pipe);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, out};
}

TEST_F(Checks, the_program_verifies_and_proves_to_an_outsider) {
  const StoreRequest request = copy("shown");
  const std::string program = std::getenv("KEPT_PROGRAM");
  const std::string data = " --data " + request.data;
  const auto verified = run(program + " ledger verify" + data + " 2>/dev/null");
  EXPECT_EQ(verified.first, 0) << verified.second;
  EXPECT_THAT(verified.second, HasSubstr("all that was checked is right"));
  const auto heads = run(program + " ledger heads" + data);
  EXPECT_EQ(heads.first, 0);
  EXPECT_THAT(heads.second, HasSubstr("facts"));
  std::ofstream(scratch_.file("heads-copied")) << heads.second;
  const auto key = run(program + " ledger heads --key" + data);
  ASSERT_EQ(key.first, 0);
  std::ofstream(scratch_.file("keys")) << key.second;
  std::string source, id;
  uint64_t position = 699;
  {
    const auto store = open(request);
    while (id.empty()) {
      const uint64_t wanted[] = {++position};
      ASSERT_TRUE(store->ledger().facts(wanted, [&](ledger::Fact& fact) -> base::Status {
        source = fact.event.source;
        id = fact.event.id;
        return base::Done{};
      }));
    }
  }
  const auto by_position = run(fmt::format("{} ledger proof --position {}{}", program, position, data));
  ASSERT_EQ(by_position.first, 0);
  EXPECT_THAT(by_position.second, HasSubstr(fmt::format("\"position\":{},", position)));
  const auto by_id = run(fmt::format("{} ledger proof --source '{}' --id '{}'{}", program, source, id, data));
  EXPECT_EQ(by_id.first, 0);
  EXPECT_EQ(by_id.second, by_position.second);
  std::ofstream(scratch_.file("receipts")) << by_position.second;
  const std::string outsider = fmt::format(
      "python3 {}/tests/oracles/ledger_verifier.py --store {}/ledger.sqlite --keys {} --own-heads "
      "{}/heads/heads --heads {} --receipts {} 2>&1",
      KEPT_SOURCE_DIR, request.data, scratch_.file("keys"), request.data, scratch_.file("heads-copied"),
      scratch_.file("receipts"));
  const auto agreed = run(outsider);
  EXPECT_EQ(agreed.first, 0) << agreed.second;
  EXPECT_EQ(run(program + " ledger proof --position 99999999" + data + " 2>/dev/null").first, 2);
  EXPECT_EQ(run(program + " ledger proof --source x --id y" + data + " 2>/dev/null").first, 2);
  const auto again = run(program + " rebuild" + data + " 2>/dev/null");
  EXPECT_EQ(again.first, 0);
  EXPECT_THAT(again.second, HasSubstr("all were as they had been"));
  ASSERT_EQ(sqlite(request.data + "/ledger.sqlite", "UPDATE fact SET leaf = randomblob(32) WHERE position = 700"), "");
  EXPECT_NE(run(program + " ledger verify" + data + " 2>/dev/null").first, 0);
  EXPECT_NE(run(outsider).first, 0);
}

}  // namespace
}  // namespace kept::app
