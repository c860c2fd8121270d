// `kept outbox` on stores filled by the police's own feeds: what is to be told, asked, passed on and done.
// Shards: 2
#include <gmock/gmock.h>

#include "app/migrate_store.h"
#include "app/outbox_list.h"
#include "cli/outbox_command.h"
#include "cli/run_words_test.h"
#include "ledger/outbox_table.h"
#include "ledger/postgres_server_test.h"
#include "rules/rule_set.h"
#include "support/intake_store_test.h"

namespace kept::app {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const std::string own_heading = "id,type,crime,suspect,occurred_at,recorded_at";

class OutboxTest : public IntakeStore, public testing::WithParamInterface<const char*> {
 protected:
  void SetUp() override {
    if (std::string(GetParam()) == "sqlite") return;
    ledger::PostgresServer& server = ledger::PostgresServer::shared();
    static int stores = 0;
    const std::string name = fmt::format("outbox{}", ++stores);
    ASSERT_EQ(server.run("CREATE DATABASE " + name), "");
    database_ = fmt::format("postgresql://kept@/{}?host={}", name, server.folder());
  }
  static Cells arrest(const char* id, const char* at) {
    return {{"id", id},        {"type", "suspect.arrested"}, {"crime", "C1"},
            {"suspect", "S1"}, {"occurred_at", at},          {"recorded_at", at}};
  }
  /// A victim and a suspect of one crime; an arrest on the day.
  void fill() {
    send("police-victims", csv(victims_heading, {victim("C1", "V1", "e1")}));
    send("police-suspects", csv(suspects_heading, {concerned("C1", "S1", "l1")}));
    send("police-older-system", csv(own_heading, {arrest("a1", "2024-03-06T10:00:00Z")}));
  }
  std::vector<OutboxItem> items(const OutboxFilter& filter = {}) {
    uint64_t matching = 0;
    const auto read = outbox_items(store(), filter, &matching);
    EXPECT_TRUE(read) << read.error().message;
    EXPECT_EQ(matching, read->size());
    return *read;
  }
  OutboxSum sum(const std::string& agency, model::Act act) {
    const auto sums = outbox_sums(store(), {}, clock_.now_ms());
    EXPECT_TRUE(sums) << sums.error().message;
    for (const OutboxSum& each : *sums)
      if (each.agency == agency && each.act == act) return each;
    return {};
  }
  const OutboxItem* of_duty(const std::vector<OutboxItem>& all, const std::string& duty) {
    for (const OutboxItem& item : all)
      if (item.duty == duty) return &item;
    return nullptr;
  }
};

class OutboxCommand : public OutboxTest {};

TEST_P(OutboxTest, ARowSaysWhatIsToBeDoneAndByWhom) {
  fill();
  const auto all = items();
  const OutboxItem* told = of_duty(all, "VC2020-R6.1a");
  ASSERT_NE(told, nullptr);
  EXPECT_EQ(told->act, model::Act::tell);
  EXPECT_EQ(told->agency, "met");
  EXPECT_EQ(told->state, OutboxState::waiting);
  EXPECT_TRUE(told->live);
  EXPECT_EQ(model::instant_text(*told->due_at), "2024-03-13T23:59:59.999Z");  // five working days
  EXPECT_EQ(items({.agency = "met", .act = model::Act::tell}).size(), sum("met", model::Act::tell).live_waiting);
  std::size_t counted = 0;
  for (const model::Act act : {model::Act::tell, model::Act::ask, model::Act::refer, model::Act::perform})
    counted += items({.act = act}).size();
  EXPECT_EQ(counted, all.size());
  // In order of their deadlines; those without one last.
  EXPECT_TRUE(std::is_sorted(all.begin(), all.end(), [](const OutboxItem& a, const OutboxItem& b) {
    return a.due_at.value_or(INT64_MAX) < b.due_at.value_or(INT64_MAX);
  }));
  // Told in time: done. Nothing is overdue before its moment has passed, and then what waits is.
  EXPECT_EQ(sum("met", model::Act::tell).overdue, 0u);
  clock_.advance_ms(10LL * 24 * 3'600'000);
  ASSERT_TRUE(visit_time(store(), clock_.now_ms(), false));
  EXPECT_GT(sum("met", model::Act::tell).overdue, 0u);
  EXPECT_EQ(of_duty(items({.due_before = *told->due_at}), "VC2020-R6.1a"), nullptr);
  const auto late = items({.due_before = *told->due_at + 1});
  EXPECT_NE(of_duty(late, "VC2020-R6.1a"), nullptr);
  const auto report = reconcile_outbox(store().ledger().database(), store().rules().book, clock_.now_ms());
  ASSERT_TRUE(report);
  EXPECT_EQ(report->lacking + report->astray + report->undescribed, 0u);
}

TEST_P(OutboxTest, Care01_HistoryStandsApart) {
  send("police-victims", csv(victims_heading, {victim("C1", "V1", "e1")}),
       [](BatchRequest& request) { request.first_load = true; });
  send("police-suspects", csv(suspects_heading, {concerned("C1", "S1", "l1")}),
       [](BatchRequest& request) { request.first_load = true; });
  send("police-older-system", csv(own_heading, {arrest("a1", "2024-03-06T10:00:00Z")}),
       [](BatchRequest& request) { request.first_load = true; });
  const auto told = sum("met", model::Act::tell);
  EXPECT_EQ(told.live_waiting, 0u);
  EXPECT_GT(told.historic_waiting, 0u);
  EXPECT_TRUE(items({.live = true}).empty());
}

TEST_P(OutboxTest, RowsOfAnEarlierBuildAreDescribedWhenTheStoreIsBroughtOn) {
  fill();
  const auto before = items();
  ASSERT_FALSE(before.empty());
  // As the step of the store's shape leaves them.
  static constexpr ledger::Statement forget{"UPDATE outbox SET act = 0, agency = 0"};
  ASSERT_TRUE(store().ledger().begin());
  ASSERT_TRUE(store().ledger().database().run(forget));
  ASSERT_TRUE(store().ledger().commit());
  auto report = reconcile_outbox(store().ledger().database(), store().rules().book, clock_.now_ms());
  EXPECT_EQ(report->undescribed, before.size());
  const StoreRequest request = store().request();
  close();
  const auto brought = migrate_store(request);
  ASSERT_TRUE(brought) << brought.error().message;
  report = reconcile_outbox(store().ledger().database(), store().rules().book, clock_.now_ms());
  EXPECT_EQ(report->undescribed, 0u);
  const auto after = items();
  ASSERT_EQ(after.size(), before.size());
  for (std::size_t i = 0; i < after.size(); ++i) {
    EXPECT_EQ(after[i].act, before[i].act);
    EXPECT_EQ(after[i].agency, before[i].agency);
    EXPECT_EQ(after[i].reference, before[i].reference);
  }
}

TEST_P(OutboxCommand, CountsListsAndReconciles) {
  fill();
  const auto told = sum("met", model::Act::tell);
  const uint64_t rows = items().size();
  close();
  const auto run = [&](std::vector<std::string> words) {
    words.insert(words.begin(), "outbox");
    words.insert(words.end(), {"--data", data()});
    if (!database_.empty()) words.insert(words.end(), {"--database", database_});
    return cli::run_words(words, [](CLI::App& app, int* exit_code) { cli::add_outbox_command(app, exit_code); });
  };
  const cli::Said table = run({"--as-at", "2024-03-06T12:00Z"});
  ASSERT_EQ(table.exit_code, 0) << table.err;
  EXPECT_THAT(table.out, HasSubstr("What agencies still owe at 2024-03-06T12:00:00Z"));
  EXPECT_THAT(table.out, HasSubstr(fmt::format("\n  met     tell  {:>7}  ", told.live_waiting)));
  const cli::Said csv = run({"--as-at", "2024-03-06T12:00Z", "--format", "csv"});
  EXPECT_THAT(csv.out, HasSubstr(fmt::format("\nmet,tell,{},0,0,0,0\n", told.live_waiting)));
  const cli::Said json = run({"--format", "json", "--as-at", "2024-03-20"});
  EXPECT_THAT(json.out, HasSubstr(R"({"as_at":"2024-03-20T23:59:59.999Z","outbox":[)"));
  EXPECT_THAT(json.out, HasSubstr(R"("agency":"met","act":"tell")"));
  const cli::Said each = run({"--act", "tell", "--each", "--format", "csv"});
  EXPECT_THAT(each.out, HasSubstr("2024-03-13T23:59:59.999Z,met,tell,VC2020-R6.1a,waiting,true,"));
  for (const char* nobody : {"V1", "S1", "C1"}) EXPECT_THAT(each.out, Not(HasSubstr(nobody)));
  const cli::Said one = run({"--each", "--most", "1"});
  EXPECT_THAT(one.err, HasSubstr(fmt::format("kept: {} more rows", rows - 1)));
  EXPECT_THAT(run({"--state", "done"}).out, HasSubstr("No such row."));
  EXPECT_THAT(run({"--agency", "narnia"}).err, HasSubstr("this store never heard of an agency \"narnia\""));
  const cli::Said whole = run({"--reconcile"});
  EXPECT_EQ(whole.exit_code, 0) << whole.out;
  EXPECT_THAT(whole.out, HasSubstr(fmt::format("{} rows: {} wait", rows, rows)));
  static constexpr ledger::Statement lose{"DELETE FROM outbox WHERE act = 1"};
  ASSERT_TRUE(store().ledger().begin());
  ASSERT_TRUE(store().ledger().database().run(lose));
  ASSERT_TRUE(store().ledger().commit());
  close();
  const cli::Said lost = run({"--reconcile"});
  EXPECT_EQ(lost.exit_code, 1);
  EXPECT_THAT(lost.out, HasSubstr(fmt::format("have no row: {}.", told.live_waiting)));
}

// What the command prints is the same whatever the store stands on; each run of it opens the store anew.
INSTANTIATE_TEST_SUITE_P(Sqlite, OutboxCommand, testing::Values("sqlite"),
                         [](const auto& one) { return std::string(one.param); });
INSTANTIATE_TEST_SUITE_P(Stores, OutboxTest, testing::Values("sqlite", "postgres"),
                         [](const auto& one) { return std::string(one.param); });

// What fulfils a duty of ours says what it is; whatever no type says would be a task without anybody having decided so.
TEST(Acts, EveryTypeThatFulfilsADutySaysWhatItIs) {
  const auto rules = rules::load_rules({});
  ASSERT_TRUE(rules) << rules.error().message;
  std::map<model::Act, int> duties;
  for (const engine::Duty& duty : rules->duties) {
    if (duty.kind != engine::DutyKind::duty) {
      EXPECT_EQ(duty.act, model::Act::unsaid) << duty.id;
      continue;
    }
    ++duties[duty.act];
    EXPECT_NE(duty.act, model::Act::unsaid) << duty.id;
    for (const engine::Pattern& pattern : duty.fulfilled_by)
      for (const uint16_t code : pattern.codes)
        EXPECT_NE(rules->vocabulary->type_of(code).act, model::Act::unsaid)
            << duty.id << ": " << rules->vocabulary->type_of(code).name;
  }
  EXPECT_EQ(duties.size(), 4u);
  const auto act = [&](const char* id) { return rules->duties[rules->find(id)].act; };
  EXPECT_EQ(act("VC2020-R6.1a"), model::Act::tell);
  EXPECT_EQ(act("VC2020-R7.2"), model::Act::ask);    // take a statement
  EXPECT_EQ(act("VC2020-R4.4"), model::Act::refer);  // to a support service
  EXPECT_EQ(act("VC2020-R10.1"), model::Act::perform);
  EXPECT_EQ(act("VC2020-R6.12"), model::Act::ask);  // offered, or explained: the duty says which it is
}

}  // namespace
}  // namespace kept::app
