#pragma once
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "ledger/postgres_server_test.h"
#include "ledger/sqlite_database.h"

namespace kept::ledger {

/// A place for one ledger's database, empty at first, and the ways past its guards that an attacker has.
class TestStore {
 public:
  virtual ~TestStore() = default;
  virtual base::Result<std::unique_ptr<Database>> open(bool read_only = false) = 0;
  /// SQL as somebody who may do anything: no authorizer, no trigger, no role. Fails the test when it is refused.
  virtual void tamper(const std::string& sql) = 0;
  /// Whether these bytes stand anywhere in the database's files.
  virtual bool holds(const std::string& bytes) = 0;
};

inline bool stands_under(const std::filesystem::path& folder, const std::string& bytes) {
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string all((std::istreambuf_iterator<char>(file)), {});
    if (all.find(bytes) != std::string::npos) return true;
  }
  return false;
}

class SqliteStore : public TestStore {
 public:
  explicit SqliteStore(const std::string& folder) : folder_(folder) { std::filesystem::create_directories(folder); }
  base::Result<std::unique_ptr<Database>> open(bool read_only) override {
    SqliteOptions options;
    options.path = path();
    options.read_only = read_only;
    return open_sqlite(options);
  }
  void tamper(const std::string& sql) override {
    sqlite3* connection = nullptr;
    ASSERT_EQ(sqlite3_open(path().c_str(), &connection), SQLITE_OK);
    sqlite3_busy_timeout(connection, 5000);
    const std::string text =
        "DROP TRIGGER IF EXISTS fact_stays; DROP TRIGGER IF EXISTS fact_is_kept;"
        "DROP TRIGGER IF EXISTS audit_stays; DROP TRIGGER IF EXISTS audit_is_kept;" +
        sql;
    char* why = nullptr;
    EXPECT_EQ(sqlite3_exec(connection, text.c_str(), nullptr, nullptr, &why), SQLITE_OK) << (why == nullptr ? "" : why);
    sqlite3_free(why);
    sqlite3_close(connection);
  }
  bool holds(const std::string& bytes) override { return stands_under(folder_, bytes); }
  std::string path() const { return folder_ + "/ledger.sqlite"; }

 private:
  std::string folder_;
};

class PostgresStore : public TestStore {
 public:
  PostgresStore() : schema_(PostgresServer::shared().fresh_schema()) {}
  base::Result<std::unique_ptr<Database>> open(bool read_only) override { return open_postgres(options(read_only)); }
  void tamper(const std::string& sql) override {
    EXPECT_EQ(PostgresServer::shared().run("SET search_path = " + schema_ +
                                           "; SET session_replication_role = replica; " + sql),
              "");
  }
  bool holds(const std::string& bytes) override {
    EXPECT_EQ(PostgresServer::shared().run("CHECKPOINT"), "");
    return stands_under(PostgresServer::shared().folder(), bytes);
  }
  PostgresOptions options(bool read_only = false) const {
    PostgresOptions options;
    options.where = PostgresServer::shared().where();
    options.schema = schema_;
    options.read_only = read_only;
    return options;
  }
  const std::string& schema() const { return schema_; }

 private:
  std::string schema_;
};

inline std::unique_ptr<TestStore> make_store(const std::string& kind, const std::string& folder) {
  if (kind == "sqlite") return std::make_unique<SqliteStore>(folder);
  return std::make_unique<PostgresStore>();
}

}  // namespace kept::ledger
