#include "ledger/migrations.h"

#include <fmt/format.h>

#include "ledger/hash.h"

namespace kept::ledger {
namespace {

using base::Error;
using base::ErrorCode;

// Integer keys inside: a name stands once, in `name`, with a letter for what it is the name of before it (p, c, s, h, o
// for participant, crime, suspect, hearing, source). Facts and audit are ledgers; feeds' counts, names, mentions and
// obligations follow from them and can be made again.
constexpr const char* first_script = R"sql(
CREATE TABLE setting (name {text} PRIMARY KEY, value {text} NOT NULL);
CREATE TABLE fact (position {number} PRIMARY KEY, leaf {bytes} NOT NULL, bytes {bytes} NOT NULL);
CREATE TABLE audit (position {number} PRIMARY KEY, leaf {bytes} NOT NULL, bytes {bytes} NOT NULL);
CREATE TABLE node (tree {number} NOT NULL, level {number} NOT NULL, number {number} NOT NULL, hash {bytes} NOT NULL,
  PRIMARY KEY (tree, level, number)) {sqlite: WITHOUT ROWID};
CREATE TABLE name (key {number} PRIMARY KEY, text {text} NOT NULL UNIQUE);
CREATE TABLE event (source {number} NOT NULL, id {text} NOT NULL, position {number} NOT NULL,
  PRIMARY KEY (source, id)) {sqlite: WITHOUT ROWID};
CREATE TABLE mention (name {number} NOT NULL, position {number} NOT NULL, PRIMARY KEY (name, position))
  {sqlite: WITHOUT ROWID};
CREATE TABLE judged (subject {number} PRIMARY KEY, judged_at {number} NOT NULL, next_at {number} NOT NULL,
  gap {number} NOT NULL, obligations {bytes} NOT NULL);
CREATE INDEX judged_next ON judged (next_at);
CREATE TABLE difference (subject {number} NOT NULL, entry {number} NOT NULL, bytes {bytes} NOT NULL,
  PRIMARY KEY (subject, entry)) {sqlite: WITHOUT ROWID};
CREATE TABLE outbox (subject {number} NOT NULL, obligation {text} NOT NULL, state {number} NOT NULL,
  due_at {number}, live {number} NOT NULL, since {number} NOT NULL, PRIMARY KEY (subject, obligation))
  {sqlite: WITHOUT ROWID};
CREATE TABLE feed (name {text} PRIMARY KEY, key {number} NOT NULL UNIQUE, contract {number} NOT NULL,
  last_batch {number} NOT NULL, last_at {number} NOT NULL, rows {number} NOT NULL, accepted {number} NOT NULL,
  duplicate {number} NOT NULL, conflict {number} NOT NULL, quarantined {number} NOT NULL, ignored {number} NOT NULL,
  events {number} NOT NULL);
CREATE TABLE batch (key {number} PRIMARY KEY, feed {number} NOT NULL, number {number} NOT NULL, digest {text} NOT NULL,
  state {number} NOT NULL, received_at {number} NOT NULL, next_row {number} NOT NULL, rows {number} NOT NULL,
  accepted {number} NOT NULL, duplicate {number} NOT NULL, conflict {number} NOT NULL, quarantined {number} NOT NULL,
  ignored {number} NOT NULL, events {number} NOT NULL, entry {number}, UNIQUE (feed, number));
CREATE TABLE quarantine (position {number} PRIMARY KEY, batch {number} NOT NULL, row {number} NOT NULL,
  reason {text} NOT NULL, settled {number});
CREATE INDEX quarantine_batch ON quarantine (batch);
{sqlite: CREATE TRIGGER fact_stays BEFORE UPDATE ON fact BEGIN SELECT RAISE(ABORT, 'facts are never changed'); END;}
{sqlite: CREATE TRIGGER fact_is_kept BEFORE DELETE ON fact BEGIN SELECT RAISE(ABORT, 'facts are never deleted'); END;}
{sqlite: CREATE TRIGGER audit_stays BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is never changed'); END;}
{sqlite: CREATE TRIGGER audit_is_kept BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is never deleted'); END;}
{postgres: CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN RAISE insufficient_privilege USING MESSAGE = TG_TABLE_NAME || ' is only ever added to'; END $$;
CREATE TRIGGER fact_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON fact EXECUTE FUNCTION refuse();
CREATE TRIGGER audit_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON audit EXECUTE FUNCTION refuse();}
)sql";

// Crimes that facts speak of before anybody recorded them, and whose facts.
constexpr const char* waiting_script = R"sql(
CREATE TABLE waiting (crime {number} PRIMARY KEY, feed {text} NOT NULL, since {number} NOT NULL);
CREATE INDEX waiting_feed ON waiting (feed);
)sql";

// What is to be done, and whose it is: 0 in rows that an earlier build wrote, until they are described.
constexpr const char* described_script = R"sql(
ALTER TABLE outbox ADD COLUMN act {number} NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN agency {number} NOT NULL DEFAULT 0;
)sql";

constexpr Migration all_migrations[] = {{1, "the first shape", first_script},
                                        {2, "crimes nobody recorded yet", waiting_script},
                                        {3, "what a row of the outbox asks for, and of whom", described_script}};

constexpr const char* table_of_migrations =
    "CREATE TABLE IF NOT EXISTS migration (number {number} PRIMARY KEY, name {text} NOT NULL, checksum {text} NOT "
    "NULL, "
    "applied_at {number} NOT NULL);";

std::string checksum(const Migration& migration) { return to_hex(sha256(migration.script)); }

constexpr Statement has_migrations_sqlite{"SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'migration'"};
constexpr Statement has_migrations_postgres{"SELECT 1 WHERE to_regclass('migration') IS NOT NULL"};
constexpr Statement read_migrations{"SELECT number, checksum FROM migration ORDER BY number"};
constexpr Statement note_migration{
    "INSERT INTO migration (number, name, checksum, applied_at) VALUES ($1, $2, $3, $4)"};

}  // namespace

std::span<const Migration> migrations() { return all_migrations; }

base::Result<MigrationPlan> plan_migrations(Database& database) {
  MigrationPlan plan;
  bool there = false;
  const bool is_sqlite = std::string_view(database.kind()) == "sqlite";
  base::Status asked = database.ask(is_sqlite ? has_migrations_sqlite : has_migrations_postgres, {},
                                    [&](std::size_t, const Answer&) -> base::Status {
                                      there = true;
                                      return base::Done{};
                                    });
  if (!asked) return asked.error();
  if (there) {
    asked = database.ask(read_migrations, {}, [&](std::size_t, const Answer& row) -> base::Status {
      const auto number = static_cast<int>(row.number(0));
      if (number > static_cast<int>(std::size(all_migrations)))
        return Error{
            ErrorCode::unsupported,
            fmt::format("this store has had step {} of its shape, and this build of Kept knows {}; use a newer "
                        "Kept",
                        number, std::size(all_migrations))};
      const Migration& known = all_migrations[number - 1];
      if (number != plan.stands_at + 1 || row.bytes(1) != checksum(known))
        return Error{
            ErrorCode::conflict,
            fmt::format("step {} (\"{}\") of this store's shape reads otherwise than in this build; it was made "
                        "by another program: open it with that one",
                        number, known.name)};
      plan.stands_at = number;
      return base::Done{};
    });
    if (!asked) return asked.error();
  }
  for (const Migration& migration : all_migrations)
    if (migration.number > plan.stands_at) plan.to_apply.push_back(&migration);
  return plan;
}

base::Status apply_migrations(Database& database, const MigrationPlan& plan, int64_t now) {
  for (const Migration* migration : plan.to_apply) {
    if (base::Status begun = database.begin(false); !begun) return begun;
    base::Status done = database.run_script(table_of_migrations);
    if (done) done = database.run_script(migration->script);
    if (done) {
      const std::string sum = checksum(*migration);
      done = database.run(note_migration,
                          {int64_t{migration->number}, std::string_view(migration->name), std::string_view(sum), now});
    }
    if (done) done = database.commit();
    if (!done) {
      (void)database.roll_back();
      return done;
    }
  }
  return base::Done{};
}

}  // namespace kept::ledger
