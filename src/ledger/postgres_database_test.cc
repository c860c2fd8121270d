#include "ledger/postgres_database.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ledger/migrations.h"
#include "ledger/store_test.h"

namespace kept::ledger {
namespace {

using base::ErrorCode;
using testing::HasSubstr;
using testing::Not;

class PostgresTest : public testing::Test {
 protected:
  std::unique_ptr<Database> open(const PostgresOptions& options) {
    auto opened = open_postgres(options);
    EXPECT_TRUE(opened) << (opened ? "" : opened.error().message);
    return opened ? std::move(*opened) : nullptr;
  }
  base::Error refused(const PostgresOptions& options) {
    const auto opened = open_postgres(options);
    EXPECT_FALSE(opened);
    return opened ? base::Error{} : opened.error();
  }
  /// A ledger's tables with one fact, one audit entry and one obligation.
  std::unique_ptr<Database> with_tables() {
    auto database = open(store_.options());
    const auto plan = plan_migrations(*database);
    EXPECT_TRUE(plan);
    const auto applied = apply_migrations(*database, *plan, 1);
    EXPECT_TRUE(applied) << applied.error().message;
    for (const char* tree : {"fact", "audit"})
      EXPECT_TRUE(database->insert(tree, "position, leaf, bytes",
                                   std::vector<In>{int64_t{0}, Bytes{"a leaf"}, Bytes{"an entry"}}, 3));
    EXPECT_TRUE(database->insert("judged", "subject, judged_at, next_at, gap, obligations",
                                 std::vector<In>{int64_t{1}, int64_t{2}, int64_t{3}, int64_t{0}, Bytes{"obligations"}},
                                 5));
    return database;
  }

  PostgresServer& server_ = PostgresServer::shared();
  PostgresStore store_;
};

constexpr Statement one{"SELECT 1"};

TEST_F(PostgresTest, OneWriterAtATimeAndAnyNumberOfReaders) {
  PostgresOptions options = store_.options();
  options.lock_wait_ms = 0;
  const auto writer = open(options);
  const base::Error error = refused(options);
  EXPECT_EQ(error.code, ErrorCode::conflict);
  EXPECT_THAT(error.message, HasSubstr("another program is writing to this store"));
  options.read_only = true;
  EXPECT_TRUE(open(options)->run(one));
  EXPECT_TRUE(open(options)->run(one));
  // Another ledger in the same database is no other writer.
  EXPECT_TRUE(open(PostgresStore().options())->run(one));
}

TEST_F(PostgresTest, TheNextWriterNeedNotWaitLong) {
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(open(store_.options())->run(one));
}

TEST_F(PostgresTest, AServerThatMayForgetIsRefused) {
  const std::pair<const char*, const char*> settings[] = {{"synchronous_commit", "off"},
                                                          {"synchronous_commit", "local"},
                                                          {"synchronous_commit", "remote_write"},
                                                          {"default_transaction_isolation", "serializable"}};
  for (const auto& [name, value] : settings) {
    const std::string user = std::string("forgetful_") + value;
    ASSERT_EQ(
        server_.run("CREATE ROLE " + user + " LOGIN SUPERUSER; ALTER ROLE " + user + " SET " + name + " = " + value),
        "");
    PostgresOptions options = store_.options();
    options.where = server_.where(user);
    if (std::string(name) != "synchronous_commit") {
      EXPECT_TRUE(open(options)->run(one));
      continue;
    }
    const base::Error error = refused(options);
    EXPECT_EQ(error.code, ErrorCode::conflict);
    EXPECT_THAT(error.message, HasSubstr(std::string("synchronous_commit is ") + value));
    // Reading forgets nothing.
    ASSERT_TRUE(open(store_.options()));
    options.read_only = true;
    EXPECT_TRUE(open(options)->run(one));
  }
  for (const char* name : {"fsync", "full_page_writes"}) {
    ASSERT_EQ(server_.run(std::string("ALTER SYSTEM SET ") + name + " = off"), "");
    ASSERT_EQ(server_.run("SELECT pg_reload_conf()"), "t");
    while (server_.run(std::string("SHOW ") + name) != "off") {
    }
    EXPECT_THAT(refused(store_.options()).message, HasSubstr(std::string(name) + " is off"));
    ASSERT_EQ(server_.run(std::string("ALTER SYSTEM RESET ") + name), "");
    ASSERT_EQ(server_.run("SELECT pg_reload_conf()"), "t");
    while (server_.run(std::string("SHOW ") + name) != "on") {
    }
  }
}

TEST_F(PostgresTest, ADatabaseInAnotherEncodingIsRefused) {
  ASSERT_EQ(server_.run("CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C' LOCALE_PROVIDER libc"),
            "");
  PostgresOptions options = store_.options();
  options.where += " dbname=latin";
  EXPECT_THAT(refused(options).message, HasSubstr("encoded in LATIN1"));
}

TEST_F(PostgresTest, AnAddressThatCannotBeReadIsNotQuoted) {
  PostgresOptions options = store_.options();
  for (const char* where :
       {"postgresql://kept:hunter2@host:port/kept", "password=hunter2 nonsense=1", "postgresql://host/kept?hunter2"}) {
    options.where = where;
    const base::Error error = refused(options);
    EXPECT_THAT(error.message, Not(HasSubstr("hunter2")));
  }
  options.where = "host=/nowhere dbname=kept";
  EXPECT_EQ(refused(options).code, ErrorCode::io);
  options = store_.options();
  options.schema = "kept; DROP TABLE fact";
  EXPECT_EQ(refused(options).code, ErrorCode::invalid);
}

TEST_F(PostgresTest, AConnectionThatIsLostStaysLost) {
  const auto database = open(store_.options());
  ASSERT_TRUE(database->run_script("CREATE TABLE t (key bigint)"));
  static constexpr Statement pid{"SELECT pg_backend_pid()"};
  int64_t number = 0;
  ASSERT_TRUE(database->ask(pid, {}, [&](std::size_t, const Answer& row) -> base::Status {
    number = row.number(0);
    return base::Done{};
  }));
  ASSERT_TRUE(database->begin(false));
  ASSERT_TRUE(database->insert("t", "key", std::vector<In>{int64_t{1}}, 1));
  ASSERT_EQ(server_.run("SELECT pg_terminate_backend(" + std::to_string(number) + ", 5000)"), "t");
  const auto committed = database->commit();
  ASSERT_FALSE(committed);
  EXPECT_EQ(committed.error().code, ErrorCode::io);
  EXPECT_THAT(committed.error().message, HasSubstr("lost"));
  EXPECT_FALSE(database->is_in_transaction());
  EXPECT_TRUE(database->roll_back());
  EXPECT_FALSE(database->begin(false));
  EXPECT_FALSE(database->run(one));
  EXPECT_FALSE(database->insert("t", "key", std::vector<In>(100, In(int64_t{1})), 1));
  EXPECT_FALSE(database->size_bytes());
  EXPECT_EQ(server_.run("SELECT count(*) FROM " + store_.schema() + ".t"), "0");
}

// Wrong numbers of values, or of another type, are refused before the server sees them.
TEST_F(PostgresTest, ValuesOfAnotherTypeAreRefused) {
  const auto database = open(store_.options());
  ASSERT_TRUE(database->run_script("CREATE TABLE t (key bigint, small int, text text, bytes bytea)"));
  static constexpr Statement add{"INSERT INTO t VALUES ($1, $2, $3, $4)"};
  EXPECT_FALSE(database->run(add, {int64_t{1}}));
  EXPECT_FALSE(database->run(add, {std::string_view("1"), int64_t{1}, std::string_view("t"), Bytes{"b"}}));
  EXPECT_FALSE(database->run(add, {int64_t{1}, int64_t{1} << 40, std::string_view("t"), Bytes{"b"}}));
  EXPECT_FALSE(database->run(add, {int64_t{1}, int64_t{1}, Bytes{"t"}, Bytes{"b"}}));
  EXPECT_FALSE(database->run(add, {int64_t{1}, int64_t{1}, std::string_view("t"), std::string_view("b")}));
  EXPECT_TRUE(database->run(add, {int64_t{1}, int64_t{-1}, std::string_view("t"), Bytes{"b"}}));
}

// Even the owner, and one who may do anything, is stopped from doing it by mistake.
TEST_F(PostgresTest, FactsAreOnlyEverAddedTo) {
  const auto database = with_tables();
  for (const char* table : {"fact", "audit"})
    for (const char* text : {"UPDATE {} SET leaf = bytes", "DELETE FROM {}", "TRUNCATE {}"}) {
      std::string sql = text;
      sql.replace(sql.find("{}"), 2, store_.schema() + "." + table);
      EXPECT_THAT(server_.run(sql), HasSubstr("is only ever added to")) << sql;
    }
}

TEST_F(PostgresTest, TheServiceReadsAndAddsAndNeitherChangesNorDeletesFacts) {
  with_tables();
  const std::string roles = postgres_roles(store_.schema(), "kept_service");
  ASSERT_EQ(server_.run(roles), "");
  ASSERT_EQ(server_.run(roles), "");  // again, as after a migration
  ASSERT_EQ(server_.run("CREATE ROLE kept_service_1 LOGIN IN ROLE kept_service"), "");
  // Without the triggers, so that it is the role's rights that stop it.
  store_.tamper("ALTER TABLE fact DISABLE TRIGGER ALL; ALTER TABLE audit DISABLE TRIGGER ALL");
  const auto as_service = [&](const std::string& sql) {
    return server_.run("SET search_path = " + store_.schema() + "; " + sql, "kept_service_1");
  };
  for (const char* table : {"fact", "audit"}) {
    for (const char* text : {"UPDATE {} SET leaf = bytes", "DELETE FROM {}", "TRUNCATE {}", "DROP TABLE {}",
                             "ALTER TABLE {} DISABLE TRIGGER ALL", "SELECT * FROM {} FOR UPDATE"}) {
      std::string sql = text;
      sql.replace(sql.find("{}"), 2, table);
      EXPECT_THAT(as_service(sql), testing::AnyOf(HasSubstr("permission denied"), HasSubstr("must be owner")));
    }
    EXPECT_EQ(as_service(std::string("SELECT count(*) FROM ") + table), "1");
  }
  for (const char* table : {"node", "name", "event", "setting", "migration"}) {
    EXPECT_THAT(as_service(std::string("DELETE FROM ") + table), HasSubstr("permission denied")) << table;
  }
  EXPECT_THAT(as_service("INSERT INTO migration VALUES (2, 'x', 'y', 0)"), HasSubstr("permission denied"));
  EXPECT_THAT(as_service("CREATE TABLE mine ()"), HasSubstr("permission denied"));
  EXPECT_EQ(as_service("SELECT count(*) FROM migration"), std::to_string(migrations().size()));
  EXPECT_EQ(as_service("UPDATE judged SET next_at = 4; DELETE FROM judged"), "");

  // And so it works as a ledger's database.
  PostgresOptions options = store_.options();
  options.where = server_.where("kept_service_1");
  const auto database = open(options);
  ASSERT_TRUE(database->begin(false));
  EXPECT_TRUE(database->insert("fact", "position, leaf, bytes",
                               std::vector<In>{int64_t{1}, Bytes{"a leaf"}, Bytes{"an entry"}}, 3));
  std::vector<In> many;
  for (int64_t i = 2; i < 100; ++i) many.insert(many.end(), {In(i), In(Bytes{"a leaf"}), In(Bytes{"an entry"})});
  EXPECT_TRUE(database->insert("fact", "position, leaf, bytes", many, 3));
  EXPECT_TRUE(database->commit());
  static constexpr Statement change{"UPDATE fact SET leaf = bytes"};
  const auto changed = database->run(change);
  ASSERT_FALSE(changed);
  EXPECT_THAT(changed.error().message, HasSubstr("permission denied for table fact"));
}

TEST_F(PostgresTest, TheDocumentedRolesAreThese) {
  std::ifstream file(KEPT_SOURCE_DIR "/docs/how-to/postgresql.md");
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  EXPECT_THAT(text, HasSubstr("```sql\n" + postgres_roles("kept", "kept_service") + "```"));
}

TEST_F(PostgresTest, ARoleWithoutRightsIsToldSo) {
  with_tables();
  ASSERT_EQ(server_.run("CREATE ROLE nobody_at_all LOGIN"), "");
  PostgresOptions options = store_.options();
  options.where = server_.where("nobody_at_all");
  EXPECT_THAT(refused(options).message, HasSubstr("this role may not use the schema"));
}

}  // namespace
}  // namespace kept::ledger
