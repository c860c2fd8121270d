#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/chance.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/result.h"
#include "http/limits.h"
#include "http/router.h"

namespace kept::http {

/// Asked before any of a request's body is read, and before its handler: may this caller use this route? Sets
/// `Request::caller` and returns nothing, or returns the refusal. Runs where handlers run.
using Gate = std::function<std::optional<Response>(const Route&, Request&)>;

/// Files in PEM. The certificate first, then those that lead to its root.
struct TlsFiles {
  std::string certificates;
  std::string key;
};

struct ServerOptions {
  std::string address = "127.0.0.1";  ///< IPv4 or IPv6, as a number
  uint16_t port = 0;                  ///< 0: any that is free
  std::optional<TlsFiles> tls;        ///< TLS 1.2 (with AEAD ciphers) and 1.3; without it: plain HTTP
  /// The host names that this server answers for, without ports; a request for another has 421. Empty: any. On loopback
  /// name `localhost` and the address, or a page of any site can reach the server through a name that points here.
  std::vector<std::string> hosts;
  Limits limits;
  Gate gate;  ///< none: every request reaches its handler
  // Each outlives the server.
  const base::Clock* clock = &base::system_clock();
  base::Chance* chance = &base::system_chance();
  base::Log* log = nullptr;          ///< null: no log
  base::Metrics* metrics = nullptr;  ///< null: no metrics
};

/// A strict HTTP/1.1 server. Its threads are its own. Requests of one connection are answered in their order.
///
/// Log: `request` (id, route as its pattern, method, status, duration_us, received_bytes, sent_bytes), `refused` (id,
/// fault, status), `handler_failed`, `answer_refused`, `server_started`, `server_stopped`. Never a path, query, header,
/// body or address. Metrics: kept_http_requests_total{route,method,status}, kept_http_request_seconds{route},
/// kept_http_refused_total{fault}, kept_http_connections, kept_http_shed_total{reason}: `connections`, `address` (too
/// many connections of one), `queue`, `streams`, `memory`.
class Server {
 public:
  /// Errors: io (the address is taken or not ours; too few open files are allowed for `Limits::connections`), invalid
  /// (the address is not a number; certificate or key cannot be used).
  static base::Result<std::unique_ptr<Server>> start(Router router, ServerOptions options);
  /// Stops.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  uint16_t port() const;
  /// Uses certificate and key of `ServerOptions::tls` as the files stand now, if they have changed since they were last
  /// looked at, and says whether they had. Connections that are open keep theirs. Any thread.
  /// Errors: io, invalid, once for each change; what was in use stays in use.
  base::Result<bool> take_up_certificate();
  /// Takes no more connections, closes idle ones, lets requests in flight finish for `Limits::stop_ms`, then cuts what
  /// is left. Returns once every handler has returned. Any thread but a handler's; a second call waits for the first.
  void stop();
  /// Waits for SIGINT or SIGTERM, then stops; a second signal changes nothing.
  void run_until_signal();

 private:
  class Inside;
  explicit Server(std::unique_ptr<Inside> inside);
  std::unique_ptr<Inside> inside_;
};

}  // namespace kept::http
