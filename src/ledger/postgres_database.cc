#include "ledger/postgres_database.h"

#include <fmt/format.h>
#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <chrono>
#include <thread>
#include <unordered_map>

#include "ledger/postgres_wire.h"
#include "ledger/script.h"

namespace kept::ledger {
namespace {

using base::Done;
using base::Error;
using base::ErrorCode;
using postgres::Parameters;
using postgres::refusal;
using postgres::Row;

using Reply = postgres::Result;  ///< of the server

// What is sent before its answers are read, at most.
constexpr std::size_t rows_in_flight = 512;
constexpr std::size_t bytes_in_flight = std::size_t{1} << 20;
// From here on COPY is quicker than INSERT, though it takes a round trip more.
constexpr std::size_t rows_for_copy = 24;
constexpr std::size_t copy_buffer = std::size_t{256} << 10;
// "Kept" in ASCII, the upper half of the advisory lock's number; the lower is the schema's own.
constexpr int64_t lock_family = 0x4b657074;

struct CloseConnection {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};

bool is_plain_name(std::string_view name) {
  if (name.empty() || name.size() > 63 || (name[0] >= '0' && name[0] <= '9')) return false;
  return std::all_of(name.begin(), name.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

class PostgresDatabase : public Database {
 public:
  base::Status open(const PostgresOptions& options);

  base::Status begin(bool read_only) override {
    assert(!is_in_transaction());
    return plain(read_only ? "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
                           : "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
                 "a transaction cannot be begun");
  }
  base::Status commit() override;
  base::Status roll_back() override {
    if (!is_in_transaction()) return Done{};
    return plain("ROLLBACK", "the transaction could not be undone");
  }
  bool is_in_transaction() const override {
    const PGTransactionStatusType status = PQtransactionStatus(connection_.get());
    return !is_lost_ && (status == PQTRANS_INTRANS || status == PQTRANS_INERROR);
  }

  base::Status run(const Statement& statement, std::span<const In> parameters, std::size_t width) override {
    return execute(statement, parameters, width, nullptr);
  }
  base::Status ask(const Statement& statement, std::span<const In> parameters, std::size_t width,
                   const Visit& visit) override {
    return execute(statement, parameters, width, &visit);
  }
  base::Status insert(const char* table, const char* columns, std::span<const In> values, std::size_t width) override;

  base::Status run_script(std::string_view script) override {
    return plain(in_dialect(script, "postgres").c_str(), "a migration failed");
  }
  base::Result<uint64_t> size_bytes() override {
    static constexpr Statement sum{
        "SELECT COALESCE(SUM(pg_total_relation_size(oid)), 0)::bigint FROM pg_class "
        "WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace"};
    uint64_t size = 0;
    const base::Status asked = Database::ask(sum, {}, [&](std::size_t, const Answer& row) -> base::Status {
      size = static_cast<uint64_t>(row.number(0));
      return Done{};
    });
    if (!asked) return asked.error();
    return size;
  }
  const char* kind() const override { return "postgres"; }

 private:
  struct Prepared {
    std::string name;
    std::vector<Oid> types;
  };

  base::Status settle(const PostgresOptions& options);
  base::Status check_server(bool read_only);
  base::Status take_lock(int wait_ms);
  base::Status make_schema(const PostgresOptions& options);

  Error lost() {
    is_lost_ = true;
    return {ErrorCode::io,
            "the connection to the database was lost: what was being written may be there or not; open the store "
            "again"};
  }
  /// The answer's error, or that there is no connection any more.
  Error error_of(const PGresult* reply, std::string_view what) {
    if (PQstatus(connection_.get()) != CONNECTION_OK) return lost();
    return refusal(reply, what);
  }
  base::Status plain(const char* text, std::string_view what);
  base::Result<const Prepared*> prepare(Prepared* prepared, const char* text);
  base::Status execute(const Statement& statement, std::span<const In> parameters, std::size_t width,
                       const Visit* visit);
  base::Status execute(const Prepared& prepared, std::span<const In> parameters, std::size_t width, const Visit* visit);
  base::Status send_some(const Prepared& prepared, std::span<const In> parameters, std::size_t rows, std::size_t first,
                         std::size_t* sent);
  base::Status send_out();
  base::Status read_replies(std::size_t count, std::vector<Reply>* replies);
  base::Status copy(const char* table, const char* columns, std::span<const In> values, std::size_t width);
  base::Status finish_copy(const char* table);

  std::unique_ptr<PGconn, CloseConnection> connection_;
  bool is_lost_ = false;
  bool was_warned_ = false;
  int next_name_ = 1;
  std::unordered_map<const Statement*, Prepared> prepared_;
  std::unordered_map<std::string, Prepared> inserts_;
};

base::Status PostgresDatabase::open(const PostgresOptions& options) {
  if (!is_plain_name(options.schema))
    return base::invalid("the schema of a ledger is named with a-z, 0-9 and _ only, at most 63 of them");
  if (PQconninfoOption* parsed = PQconninfoParse(options.where.c_str(), nullptr); parsed != nullptr) {
    PQconninfoFree(parsed);
  } else {
    // Not libpq's words: they quote what may be a password.
    return base::invalid("the database's address cannot be read; write postgresql://USER@HOST:PORT/DATABASE");
  }
  // What stands after `dbname` cannot be set by the address; what stands before can.
  const char* names[] = {"connect_timeout",  "keepalives_idle",           "keepalives_interval",
                         "keepalives_count", "tcp_user_timeout",          "dbname",
                         "client_encoding",  "fallback_application_name", nullptr};
  const char* values[] = {"10", "30", "10", "3", "60000", options.where.c_str(), "UTF8", "kept", nullptr};
  connection_.reset(PQconnectdbParams(names, values, 1));
  if (PQstatus(connection_.get()) != CONNECTION_OK) {
    std::string why = connection_ ? PQerrorMessage(connection_.get()) : "no memory";
    while (!why.empty() && why.back() == '\n') why.pop_back();
    return Error{ErrorCode::io, fmt::format("the database cannot be reached: {}", why)};
  }
  // Notices are not printed: they may quote what is written.
  PQsetNoticeReceiver(
      connection_.get(),
      [](void* self, const PGresult* notice) {
        const char* severity = PQresultErrorField(notice, PG_DIAG_SEVERITY_NONLOCALIZED);
        if (severity != nullptr && std::string_view(severity) == "WARNING")
          static_cast<PostgresDatabase*>(self)->was_warned_ = true;
      },
      this);
  return settle(options);
}

base::Status PostgresDatabase::settle(const PostgresOptions& options) {
  // Every statement finds its rows by a key. A plan made while a table was small must not outlive that.
  const std::string session = fmt::format(
      "SET search_path = {}, pg_temp; SET jit = off; SET plan_cache_mode = force_generic_plan; SET enable_seqscan = "
      "off;"
      "SET timezone = 'UTC'; SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0;"
      "SET default_transaction_read_only = {}",
      options.schema, options.read_only ? "on" : "off");
  if (base::Status set = plain(session.c_str(), "the connection could not be set up"); !set) return set;
  if (base::Status checked = check_server(options.read_only); !checked) return checked;
  if (base::Status made = make_schema(options); !made) return made;
  return options.read_only ? base::Status(Done{}) : take_lock(options.lock_wait_ms);
}

base::Status PostgresDatabase::check_server(bool read_only) {
  static constexpr Statement settings{
      "SELECT current_setting('server_version_num')::bigint, current_setting('server_encoding'), "
      "current_setting('synchronous_commit'), current_setting('fsync'), current_setting('full_page_writes'), "
      "pg_is_in_recovery()"};
  return Database::ask(settings, {}, [&](std::size_t, const Answer& row) -> base::Status {
    if (row.number(0) < 150'000)
      return Error{ErrorCode::unsupported,
                   fmt::format("this PostgreSQL is of version {}; a ledger needs 15 or later", row.number(0) / 10'000)};
    if (row.bytes(1) != "UTF8")
      return Error{ErrorCode::conflict,
                   fmt::format("the database is encoded in {}; make one with ENCODING 'UTF8'", row.bytes(1))};
    if (read_only) return Done{};
    if (row.number(5) != 0)
      return Error{ErrorCode::unsupported, "this server only follows another: write to the primary"};
    if (row.bytes(2) != "on" && row.bytes(2) != "remote_apply")
      return Error{ErrorCode::conflict,
                   fmt::format("synchronous_commit is {}: the server would say that an event is kept before it is; set "
                               "it to on for this database or role",
                               row.bytes(2))};
    if (row.bytes(3) != "on" || row.bytes(4) != "on")
      return Error{ErrorCode::conflict,
                   fmt::format("fsync is {} and full_page_writes is {}: a power cut would lose events that were said "
                               "to be kept; set both to on in postgresql.conf",
                               row.bytes(3), row.bytes(4))};
    return Done{};
  });
}

base::Status PostgresDatabase::make_schema(const PostgresOptions& options) {
  static constexpr Statement may_use{"SELECT has_schema_privilege(oid, 'USAGE') FROM pg_namespace WHERE nspname = $1"};
  bool found = false;
  base::Status asked =
      Database::ask(may_use, {std::string_view(options.schema)}, [&](std::size_t, const Answer& row) -> base::Status {
        found = true;
        if (row.number(0) == 0)
          return Error{ErrorCode::io, fmt::format("this role may not use the schema {}: see docs/how-to/postgresql.md",
                                                  options.schema)};
        return Done{};
      });
  if (!asked || found) return asked;
  if (options.read_only)
    return Error{ErrorCode::not_found,
                 fmt::format("the database has no schema {}: import something first", options.schema)};
  const base::Status made =
      plain(fmt::format("CREATE SCHEMA IF NOT EXISTS {}", options.schema).c_str(), "the schema cannot be made");
  if (made || is_lost_) return made;
  // Even so it is refused where another session makes it at the same time, such as that of a program killed just now.
  asked =
      Database::ask(may_use, {std::string_view(options.schema)}, [&](std::size_t, const Answer& row) -> base::Status {
        found = row.number(0) != 0;
        return Done{};
      });
  return found || !asked ? asked : made;
}

base::Status PostgresDatabase::take_lock(int wait_ms) {
  static constexpr Statement try_lock{
      "SELECT pg_try_advisory_lock($1::bigint << 32 | (SELECT oid::bigint FROM pg_namespace "
      "WHERE nspname = current_schema()))"};
  constexpr int pause_ms = 20;
  for (int waited = 0;; waited += pause_ms) {
    bool taken = false;
    base::Status asked = Database::ask(try_lock, {lock_family}, [&](std::size_t, const Answer& row) -> base::Status {
      taken = row.number(0) != 0;
      return Done{};
    });
    if (!asked || taken) return asked;
    if (waited >= wait_ms) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(pause_ms));
  }
  return Error{ErrorCode::conflict,
               "another program is writing to this store (it holds the advisory lock of its schema): send through it, "
               "or stop it first"};
}

base::Status PostgresDatabase::plain(const char* text, std::string_view what) {
  if (is_lost_) return lost();
  const Reply reply(PQexec(connection_.get(), text));
  const ExecStatusType status = PQresultStatus(reply.get());
  if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return Done{};
  return error_of(reply.get(), what);
}

base::Status PostgresDatabase::commit() {
  if (is_lost_) return lost();
  was_warned_ = false;
  const Reply reply(PQexec(connection_.get(), "COMMIT"));
  if (PQresultStatus(reply.get()) != PGRES_COMMAND_OK)
    return error_of(reply.get(), "the transaction could not be made durable");
  // A transaction in which something failed is undone by COMMIT, and that is no error to the server.
  if (std::string_view(PQcmdStatus(reply.get())) != "COMMIT")
    return Error{ErrorCode::io, "the transaction was undone, because something in it had failed"};
  // Such as when waiting for a standby was broken off: durable here, and not there.
  if (was_warned_)
    return Error{ErrorCode::io, "the server warns that the transaction is not as durable as it was to be"};
  return Done{};
}

base::Result<const PostgresDatabase::Prepared*> PostgresDatabase::prepare(Prepared* prepared, const char* text) {
  if (is_lost_) return lost();
  if (!prepared->name.empty()) return prepared;
  const std::string name = "k" + std::to_string(next_name_++);
  const char* what = "a statement could not be made ready";
  Reply reply(PQprepare(connection_.get(), name.c_str(), text, 0, nullptr));
  if (PQresultStatus(reply.get()) != PGRES_COMMAND_OK) return error_of(reply.get(), what);
  reply.reset(PQdescribePrepared(connection_.get(), name.c_str()));
  if (PQresultStatus(reply.get()) != PGRES_COMMAND_OK) return error_of(reply.get(), what);
  prepared->types.clear();
  for (int i = 0; i < PQnparams(reply.get()); ++i) prepared->types.push_back(PQparamtype(reply.get(), i));
  prepared->name = name;
  return prepared;
}

base::Status PostgresDatabase::execute(const Statement& statement, std::span<const In> parameters, std::size_t width,
                                       const Visit* visit) {
  const auto prepared = prepare(&prepared_[&statement], statement.text);
  if (!prepared) return prepared.error();
  return execute(**prepared, parameters, width, visit);
}

base::Status PostgresDatabase::execute(const Prepared& prepared, std::span<const In> parameters, std::size_t width,
                                       const Visit* visit) {
  assert(width == 0 || parameters.size() % width == 0);
  if (width != prepared.types.size())
    return base::invalid(fmt::format("a statement with {} parameters was given {}", prepared.types.size(), width));
  const std::size_t rows = width == 0 ? 1 : parameters.size() / width;
  std::vector<Reply> replies;
  for (std::size_t first = 0; first < rows;) {
    std::size_t sent = 0;
    replies.clear();
    PQenterPipelineMode(connection_.get());
    PQsetnonblocking(connection_.get(), 1);
    base::Status done = send_some(prepared, parameters, rows, first, &sent);
    // What was sent is answered, whatever became of the rest.
    if (!is_lost_) {
      base::Status read = send_out();
      if (read) read = read_replies(sent, &replies);
      if (done) done = read;
    }
    if (!is_lost_) {
      PQsetnonblocking(connection_.get(), 0);
      if (PQexitPipelineMode(connection_.get()) == 0) return lost();
    }
    if (!done) return done;
    // All answers are here, so a visitor may ask something else.
    for (std::size_t i = 0; visit != nullptr && i < replies.size(); ++i) {
      Row row(replies[i].get());
      for (int k = 0; k < PQntuples(replies[i].get()); ++k) {
        row.move_to(k);
        if (base::Status seen = (*visit)(first + i, row); !seen) return seen;
      }
    }
    first += sent;
  }
  return Done{};
}

base::Status PostgresDatabase::send_some(const Prepared& prepared, std::span<const In> parameters, std::size_t rows,
                                         std::size_t first, std::size_t* sent) {
  const std::size_t width = prepared.types.size();
  Parameters row(prepared.types);
  base::Status done = Done{};
  for (std::size_t bytes = 0; first + *sent < rows && *sent < rows_in_flight && bytes < bytes_in_flight; ++*sent) {
    if (width != 0 && !row.take(&parameters[(first + *sent) * width])) {
      done = base::invalid("a value is not of the type that a statement wants");
      break;
    }
    if (PQsendQueryPrepared(connection_.get(), prepared.name.c_str(), row.count(), row.values(), row.lengths(),
                            row.formats(), 1) == 0)
      return lost();
    bytes += row.bytes();
  }
  if (PQpipelineSync(connection_.get()) == 0) return lost();
  return done;
}

/// Reads while it sends: a server that cannot get rid of its answers takes no more questions.
base::Status PostgresDatabase::send_out() {
  for (int left; (left = PQflush(connection_.get())) != 0;) {
    if (left < 0) return lost();
    pollfd wait{PQsocket(connection_.get()), POLLIN | POLLOUT, 0};
    while (::poll(&wait, 1, -1) < 0)
      if (errno != EINTR) return lost();
    if ((wait.revents & ~POLLOUT) != 0 && PQconsumeInput(connection_.get()) == 0) return lost();
  }
  return Done{};
}

base::Status PostgresDatabase::read_replies(std::size_t count, std::vector<Reply>* replies) {
  base::Status done = Done{};
  for (std::size_t i = 0; i < count; ++i) {
    Reply reply(PQgetResult(connection_.get()));
    const ExecStatusType status = PQresultStatus(reply.get());
    if (!reply || PQstatus(connection_.get()) != CONNECTION_OK) return lost();
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK && done)
      done = refusal(reply.get(), "the database refused");
    // Each answer ends with nothing.
    if (const Reply end(PQgetResult(connection_.get())); end) return lost();
    replies->push_back(std::move(reply));
  }
  const Reply sync(PQgetResult(connection_.get()));
  if (PQresultStatus(sync.get()) != PGRES_PIPELINE_SYNC) return lost();
  return done;
}

base::Status PostgresDatabase::insert(const char* table, const char* columns, std::span<const In> values,
                                      std::size_t width) {
  assert(width != 0 && values.size() % width == 0);
  if (values.size() / width >= rows_for_copy) return copy(table, columns, values, width);
  std::string text = fmt::format("INSERT INTO {} ({}) VALUES (", table, columns);
  for (std::size_t i = 1; i <= width; ++i) text += fmt::format("{}${}", i == 1 ? "" : ",", i);
  text += ')';
  const auto prepared = prepare(&inserts_[text], text.c_str());
  if (!prepared) return prepared.error();
  return execute(**prepared, values, width, nullptr);
}

/// COPY in binary: a header, each row as its count of values and each value with its length, and an end.
base::Status PostgresDatabase::copy(const char* table, const char* columns, std::span<const In> values,
                                    std::size_t width) {
  if (is_lost_) return lost();
  const Reply begun(
      PQexec(connection_.get(), fmt::format("COPY {} ({}) FROM STDIN (FORMAT binary)", table, columns).c_str()));
  if (PQresultStatus(begun.get()) != PGRES_COPY_IN)
    return error_of(begun.get(), fmt::format("rows could not be added to {}", table));
  std::string out("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19);
  out.reserve(copy_buffer + (std::size_t{64} << 10));
  const auto put = [&](uint64_t value, int bytes) {
    char number[8];
    postgres::put_number(number, value, bytes);
    out.append(number, static_cast<std::size_t>(bytes));
  };
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i % width == 0) put(width, 2);
    if (const auto* number = std::get_if<int64_t>(&values[i])) {
      put(8, 4);
      put(static_cast<uint64_t>(*number), 8);
    } else if (std::holds_alternative<std::monostate>(values[i])) {
      put(UINT32_MAX, 4);
    } else {
      const auto* text = std::get_if<std::string_view>(&values[i]);
      const std::string_view bytes = text != nullptr ? *text : std::get<Bytes>(values[i]).view;
      put(bytes.size(), 4);
      out += bytes;
    }
    if (out.size() < copy_buffer) continue;
    if (PQputCopyData(connection_.get(), out.data(), static_cast<int>(out.size())) != 1) return lost();
    out.clear();
  }
  put(UINT16_MAX, 2);
  if (PQputCopyData(connection_.get(), out.data(), static_cast<int>(out.size())) != 1) return lost();
  return finish_copy(table);
}

base::Status PostgresDatabase::finish_copy(const char* table) {
  if (PQputCopyEnd(connection_.get(), nullptr) != 1) return lost();
  base::Status done = Done{};
  while (const Reply reply{PQgetResult(connection_.get())}) {
    if (PQresultStatus(reply.get()) != PGRES_COMMAND_OK && done)
      done = error_of(reply.get(), fmt::format("rows could not be added to {}", table));
    if (is_lost_) break;
  }
  return PQstatus(connection_.get()) == CONNECTION_OK ? done : base::Status(lost());
}

}  // namespace

base::Result<std::unique_ptr<Database>> open_postgres(const PostgresOptions& options) {
  auto database = std::make_unique<PostgresDatabase>();
  if (const base::Status opened = database->open(options); !opened) return opened.error();
  return std::unique_ptr<Database>(std::move(database));
}

bool is_postgres_url(std::string_view where) {
  return where.substr(0, 13) == "postgresql://" || where.substr(0, 11) == "postgres://";
}

std::string postgres_roles(std::string_view schema, std::string_view service) {
  assert(is_plain_name(schema) && is_plain_name(service));
  // What the service may do with each table: with the ledger itself read and add, with what follows from it anything,
  // with what says how the ledger is made only read.
  constexpr const char* text =
      R"sql(-- What the service may do in a ledger of Kept. Run as the owner of schema {0}, again after each migration:
-- psql --single-transaction -v ON_ERROR_STOP=1
DO $roles$
DECLARE
  one record;
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{1}') THEN
    CREATE ROLE {1} NOLOGIN;
  END IF;
  FOR one IN SELECT tablename FROM pg_tables WHERE schemaname = '{0}' LOOP
    EXECUTE format('REVOKE ALL ON {0}.%I FROM PUBLIC, {1}', one.tablename);
    EXECUTE format('GRANT %s ON {0}.%I TO {1}',
      CASE
        WHEN one.tablename IN ('fact', 'audit', 'node', 'name', 'event', 'setting') THEN 'SELECT, INSERT'
        WHEN one.tablename IN ('migration') THEN 'SELECT'
        ELSE 'SELECT, INSERT, UPDATE, DELETE'
      END, one.tablename);
  END LOOP;
END
$roles$;
REVOKE ALL ON SCHEMA {0} FROM PUBLIC, {1};
GRANT USAGE ON SCHEMA {0} TO {1};
)sql";
  return fmt::format(fmt::runtime(text), schema, service);
}

}  // namespace kept::ledger
