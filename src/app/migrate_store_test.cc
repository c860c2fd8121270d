#include "app/migrate_store.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "ledger/migrations.h"

namespace kept::app {
namespace {

namespace fs = std::filesystem;

// A store that an earlier build made is refused in words, brought on by its command, and opens then.
TEST(MigrateStore, brings_an_older_store_on) {
  const fs::path folder = fs::temp_directory_path() / ("kept-migrate-" + std::to_string(getpid()));
  fs::create_directories(folder);
  StoreRequest request;
  request.data = folder.string();
  EXPECT_FALSE(shape_of_store(request));
  ASSERT_GT(ledger::migrations().size(), 1u);
  {
    auto database = open_database(request);
    ASSERT_TRUE(database) << database.error().message;
    const ledger::MigrationPlan first{0, {&ledger::migrations()[0]}};
    ASSERT_TRUE(ledger::apply_migrations(**database, first, 1));
    static constexpr ledger::Statement name{
        "INSERT INTO setting (name, value) VALUES ('ledger', 'kept-0123456789abcdef')"};
    ASSERT_TRUE((*database)->run(name));
  }
  const auto refused = Store::open(request);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, base::ErrorCode::conflict);
  EXPECT_NE(refused.error().message.find("kept ledger migrate"), std::string::npos);
  const auto plan = shape_of_store(request);
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_EQ(plan->stands_at, 1);
  EXPECT_EQ(plan->to_apply.size(), ledger::migrations().size() - 1);
  EXPECT_FALSE(Store::open(request)) << "a plan changes nothing";
  const auto done = migrate_store(request);
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(done->to_apply.size(), plan->to_apply.size());
  EXPECT_TRUE(shape_of_store(request)->to_apply.empty());
  const auto opened = Store::open(request);
  EXPECT_TRUE(opened) << opened.error().message;
  fs::remove_all(folder);
}

}  // namespace
}  // namespace kept::app
