#pragma once
#include <fcntl.h>
#include <libpq-fe.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "ledger/postgres_database.h"

namespace kept::ledger {

/// A PostgreSQL of its own in a temporary folder, for one test program: made when it is first asked for, gone with the
/// program. It listens on a socket in its folder only, and makes every commit durable as in earnest. Whatever else runs
/// on the machine is left alone. Its collation is English, so that nothing leans on the order of bytes by chance.
class PostgresServer {
 public:
  static PostgresServer& shared() {
    static PostgresServer server;
    return server;
  }

  PostgresServer() : folder_(std::filesystem::temp_directory_path() / ("kept-pg-" + std::to_string(::getpid()))) {
    std::filesystem::remove_all(folder_);  // of a test that was killed, and had the same number
    std::filesystem::create_directories(folder_);
    // PostgreSQL refuses to run as root.
    if (::geteuid() == 0 && ::chown(folder_.c_str(), nobody, nobody) != 0) fail("its folder cannot be given away");
    const std::string data = folder_ / "data";
    wait_for(start_program({"initdb", "-D", data, "-U", "kept", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8",
                            "--locale-provider=icu", "--icu-locale=en-GB", "--no-sync", "--no-instructions"}));
    std::ofstream(data + "/postgresql.auto.conf", std::ios::app)
        << "listen_addresses = ''\nunix_socket_directories = '" << folder_.string()
        << "'\nshared_buffers = '32MB'\nmax_connections = 30\nlog_min_messages = fatal\nautovacuum_naptime = 5\n";
    start();
  }
  ~PostgresServer() {
    ::kill(postmaster_, SIGINT);
    ::waitpid(postmaster_, nullptr, 0);
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  std::string folder() const { return folder_; }
  std::string where(const std::string& user = "kept") const {
    return "host=" + folder_.string() + " dbname=postgres user=" + user;
  }
  std::string socket() const { return folder_ / ".s.PGSQL.5432"; }
  /// The name of a schema that nobody used yet.
  std::string fresh_schema() { return "t" + std::to_string(++schemas_); }

  /// As when the machine's memory runs out: the first process of the server is gone without a word.
  void kill_hard() {
    ::kill(postmaster_, SIGKILL);
    ::waitpid(postmaster_, nullptr, 0);
  }
  /// Starts the server and waits until it answers. Processes of one that was killed may still be going.
  void start() {
    for (int tries = 0; tries < 6000; ++tries) {
      postmaster_ = start_program({"postgres", "-D", (folder_ / "data").string()});
      while (::waitpid(postmaster_, nullptr, WNOHANG) == 0) {
        if (PQping(where().c_str()) == PQPING_OK) return;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    fail("it does not start");
  }

  /// SQL as the superuser, past everything that guards a ledger. The first value of the answer, or what was refused.
  std::string run(const std::string& sql, const std::string& user = "kept") const {
    PGconn* connection = PQconnectdb(where(user).c_str());
    PGresult* result = PQexec(connection, sql.c_str());
    const ExecStatusType status = PQresultStatus(result);
    std::string answer;
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) answer = PQerrorMessage(connection);
    if (status == PGRES_TUPLES_OK && PQntuples(result) > 0) answer = PQgetvalue(result, 0, 0);
    PQclear(result);
    PQfinish(connection);
    return answer;
  }

 private:
  static constexpr uid_t nobody = 65534;
  [[noreturn]] static void fail(const std::string& why) {
    std::fprintf(stderr, "PostgreSQL for the tests (Debian's postgresql-15): %s\n", why.c_str());
    std::abort();
  }
  pid_t start_program(std::vector<std::string> words) {
    words[0] = "/usr/lib/postgresql/15/bin/" + words[0];
    const std::string log = folder_ / "log";
    const pid_t child = ::fork();
    if (child != 0) return child;
    if (::geteuid() == 0 && (::setgid(nobody) != 0 || ::setuid(nobody) != 0)) ::_exit(126);
    // It does not outlive the test, however that ends.
    ::prctl(PR_SET_PDEATHSIG, SIGQUIT);
    const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    ::dup2(out, 1);
    ::dup2(out, 2);
    if (::chdir("/") != 0) ::_exit(126);
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    ::execv(arguments[0], arguments.data());
    ::_exit(127);
  }
  static void wait_for(pid_t child) {
    int status = 0;
    ::waitpid(child, &status, 0);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) fail("initdb failed; is the package installed?");
  }

  std::filesystem::path folder_;
  pid_t postmaster_ = 0;
  int schemas_ = 0;
};

}  // namespace kept::ledger
