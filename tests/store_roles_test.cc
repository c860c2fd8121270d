// The service's role in PostgreSQL runs a whole store, and can neither change nor delete a fact or an audit entry.
#include "app/store_roles.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "ledger/postgres_server_test.h"
#include "support/intake_store_test.h"

namespace kept::app {
namespace {

using testing::AnyOf;
using testing::HasSubstr;

class StoreRoles : public IntakeStore {
 protected:
  StoreRoles() { EXPECT_EQ(server_.run("CREATE DATABASE roles"), ""); }
  ~StoreRoles() override {
    store_.reset();
    EXPECT_EQ(server_.run("DROP DATABASE roles WITH (FORCE)"), "");
  }
  StoreRequest request(const std::string& role) const {
    StoreRequest request;
    request.data = data();
    request.database = fmt::format("postgresql://{}@/roles?host={}", role, server_.folder());
    request.clock = &clock_;
    return request;
  }
  /// What the program prints and how it ends.
  std::pair<int, std::string> run(const std::string& words) const {
    FILE* pipe = ::popen(fmt::format("{} ledger roles {} 2>&1", std::getenv("KEPT_PROGRAM"), words).c_str(), "r");
    std::string out;
    char some[4096];
    for (std::size_t count = 0; (count = std::fread(some, 1, sizeof some, pipe)) > 0;) out.append(some, count);
    const int status = ::pclose(pipe);
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, out};
  }
  std::string as_service(const std::string& sql) {
    const std::string where = fmt::format("host={} dbname=roles user=service_1", server_.folder());
    PGconn* connection = PQconnectdb(where.c_str());
    PGresult* result = PQexec(connection, ("SET search_path = kept; " + sql).c_str());
    const std::string why = PQresultErrorMessage(result);
    PQclear(result);
    PQfinish(connection);
    return why;
  }
  void take(const StoreRequest& as, const std::string& person) {
    auto opened = Store::open(as);
    ASSERT_TRUE(opened) << opened.error().message;
    BatchRequest batch;
    batch.feed = "police-victims";
    batch.path = write(person + ".csv", csv(victims_heading, {victim("C1", person, person + "-1")}));
    const auto taken = receive_batch(**opened, batch);
    ASSERT_TRUE(taken) << taken.error().message;
    EXPECT_EQ(taken->counts.accepted, 1u);
    ASSERT_TRUE((*opened)->publish(true));
  }
  ledger::PostgresServer& server_ = ledger::PostgresServer::shared();
};

TEST_F(StoreRoles, the_service_adds_and_changes_no_fact) {
  const std::string database = " --data " + data() + " --database '" + request("kept").database + "'";
  EXPECT_THAT(run("--apply" + database).second, HasSubstr("holds no store yet"));
  take(request("kept"), "V1");
  const auto printed = run("--service service");
  EXPECT_EQ(printed.first, 0);
  EXPECT_EQ(printed.second, ledger::postgres_roles("kept", "service"));
  const auto applied = run("--apply --service service" + database);
  ASSERT_EQ(applied.first, 0) << applied.second;
  EXPECT_EQ(run("--apply --service service" + database).first, 0) << "again, as after a change of its shape";
  ASSERT_EQ(server_.run("CREATE ROLE service_1 LOGIN IN ROLE service"), "");

  take(request("service_1"), "V2");
  // Nor does it help itself to more.
  (void)as_service("GRANT ALL ON fact, audit TO service_1, service");
  for (const char* table : {"fact", "audit"}) {
    for (const char* sql : {"UPDATE {} SET leaf = bytes", "UPDATE {} SET position = position + 1000", "DELETE FROM {}",
                            "TRUNCATE {}", "DROP TABLE {}", "ALTER TABLE {} DISABLE TRIGGER ALL"}) {
      EXPECT_THAT(as_service(fmt::format(fmt::runtime(sql), table)),
                  AnyOf(HasSubstr("permission denied"), HasSubstr("must be owner")))
          << sql << " " << table;
    }
    EXPECT_EQ(as_service(fmt::format("SELECT count(*) FROM {}", table)), "");
  }
  EXPECT_THAT(as_service("CREATE TABLE mine ()"), HasSubstr("permission denied"));
  // Nothing was: what both wrote is there, and the service's role goes on.
  take(request("service_1"), "V3");
  EXPECT_EQ(server_.run("DROP OWNED BY service"), "");
}

TEST_F(StoreRoles, what_cannot_be_done_is_said) {
  EXPECT_EQ(run("--service 'x; DROP TABLE fact'").first, 2);
  EXPECT_EQ(run("--service 1x").first, 2);
  EXPECT_THAT(run("--apply --data " + data()).second, HasSubstr("a store in SQLite has no roles"));
  take(request("kept"), "V1");
  ASSERT_EQ(server_.run("CREATE ROLE somebody LOGIN"), "");
  const auto refused = run("--apply --data " + data() + " --database '" + request("somebody").database + "'");
  EXPECT_EQ(refused.first, 2);
  EXPECT_THAT(refused.second, HasSubstr("may not use the schema"));
}

}  // namespace
}  // namespace kept::app
