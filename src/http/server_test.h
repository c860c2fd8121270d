#pragma once
#include <gtest/gtest.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "http/client_test.h"
#include "http/server.h"

namespace kept::http {

/// A server on loopback, or the end of the test.
inline std::unique_ptr<Server> started(Router router, ServerOptions options = {}) {
  auto server = Server::start(std::move(router), std::move(options));
  if (!server) {
    ADD_FAILURE() << server.error().message;
    std::abort();
  }
  return std::move(server).value();
}

/// Holds handlers until the test lets them go.
class Latch {
 public:
  /// Called by a handler: waits for open().
  void pass() {
    std::unique_lock lock(mutex_);
    ++waiting_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
  }
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  /// Whether so many handlers have come to wait.
  bool holds(int count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::milliseconds(patience_ms), [&] { return waiting_ >= count; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int waiting_ = 0;
  bool open_ = false;
};

inline Handler says(std::string text) {
  return [text](Request&) { return answer(200, "text/plain", text); };
}

inline std::string get(const std::string& target) { return "GET " + target + " HTTP/1.1\r\nHost: kept\r\n\r\n"; }

inline std::string post(const std::string& target, const std::string& body) {
  return "POST " + target + " HTTP/1.1\r\nHost: kept\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         body;
}

}  // namespace kept::http
