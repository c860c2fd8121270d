#pragma once
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "app/outbox_list.h"
#include "app/store_folder.h"
#include "base/log.h"
#include "base/metrics.h"
#include "http/server.h"
#include "web/access_keys.h"

namespace kept::web {

struct ServiceOptions {
  app::StoreRequest store;
  http::ServerOptions server;  ///< its gate is the service's own
};

/// The service: takes feeds' batches over HTTP, keeps obligations right as time passes, signs heads each minute. Until
/// people can sign in it stands on loopback only, and every route but /health and /ready wants a feed's or an
/// operator's key. Keys, certificate and its key are taken up anew within a second or two of a change of their files;
/// where a new one cannot be used, the old one stays in use, and the log (`not_taken_up`) and the metric
/// kept_file_not_taken_up say so.
class Service {
 public:
  /// Opens the store, finishes batches that were spooled when the last service ended, and listens.
  /// Errors: the store's and the server's; invalid for an address that is not loopback.
  static base::Result<std::unique_ptr<Service>> start(const ServiceOptions& options);
  ~Service();

  uint16_t port() const { return server_->port(); }
  AccessKeys& keys() { return *keys_; }
  /// Waits for SIGINT or SIGTERM, then stops: requests in flight are finished, heads are signed.
  void run_until_signal();
  base::Status stop();

  /// The table of routes, for whoever checks that each has a permission.
  static http::Router routes(Service* service);

 private:
  explicit Service(const ServiceOptions& options) : options_(options) {}
  base::Status finish_spooled();
  std::optional<http::Response> gate(const http::Route& route, http::Request& request);
  http::Response post_events(http::Request& request);
  http::Response get_feeds();
  http::Response get_feed(const http::Request& request);
  http::Response get_outbox();
  http::Response get_head();
  http::Response get_proof(const http::Request& request);
  http::Response get_metrics();
  http::Response get_ready();
  void watch();
  void measure_outbox();
  base::Status count_outbox();
  void take_up_files();
  void tell_taken_up(std::string_view what, const base::Result<bool>& differs);
  base::Status visit();

  ServiceOptions options_;
  std::unique_ptr<app::Store> store_;
  std::unique_ptr<app::Store> reader_;  ///< another connection, so that looking never waits for a batch
  std::unique_ptr<AccessKeys> keys_;
  std::mutex reader_mutex_;
  struct {
    std::vector<app::OutboxSum> sums;
    int64_t at = 0;                      ///< when, by the clock on the wall
    int64_t ended_us = 0, took_us = -1;  ///< -1: never yet
  } outbox_;                             ///< as it was last counted; guarded by reader_mutex_
  base::Metrics metrics_;
  int64_t visited_day_ = 0;
  std::atomic<bool> has_failed_ = false;  ///< the store takes nothing more
  std::mutex stop_mutex_;
  std::condition_variable stop_signal_;
  bool stopping_ = false;
  std::thread watch_;
  std::unique_ptr<http::Server> server_;
};

}  // namespace kept::web
