#pragma once
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <mutex>
#include <string>
#include <thread>

namespace kept::ledger {

/// Stands between a client and PostgreSQL, passes on whole messages of their protocol, and cuts the line at one of
/// them: before it is passed on, or in its middle.
class CuttingProxy {
 public:
  /// Listens in a folder as PostgreSQL does.
  CuttingProxy(const std::string& folder, const std::string& server) : folder_(folder), server_(server) {
    std::filesystem::create_directories(folder_);
    listening_ = ::socket(AF_UNIX, SOCK_STREAM, 0);
    const sockaddr_un at = address(folder_ + "/.s.PGSQL.5432");
    must(::bind(listening_, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0 && ::listen(listening_, 8) == 0);
    accepting_ = std::thread([this] { accept_all(); });
  }
  ~CuttingProxy() {
    ::shutdown(listening_, SHUT_RDWR);
    accepting_.join();
    ::close(listening_);
    std::filesystem::remove_all(folder_);
  }
  CuttingProxy(const CuttingProxy&) = delete;
  CuttingProxy& operator=(const CuttingProxy&) = delete;

  std::string where() const { return "host=" + folder_ + " dbname=postgres user=kept"; }
  /// Counts from nothing again, and cuts at message number `message`, from 1, in either direction; 0: never.
  void cut_at(uint64_t message, bool in_its_middle = false) {
    count_ = 0;
    cut_at_ = message;
    in_its_middle_ = in_its_middle;
  }
  uint64_t passed() const { return count_; }

 private:
  struct Line {
    int client, server;
    std::mutex mutex;
    void cut() {
      ::shutdown(client, SHUT_RDWR);
      ::shutdown(server, SHUT_RDWR);
    }
  };
  static void must(bool is_so) {
    if (is_so) return;
    std::perror("the proxy before PostgreSQL");
    std::abort();
  }
  static sockaddr_un address(const std::string& path) {
    sockaddr_un at{};
    at.sun_family = AF_UNIX;
    must(path.size() < sizeof at.sun_path);
    std::memcpy(at.sun_path, path.c_str(), path.size() + 1);
    return at;
  }
  void accept_all() {
    for (int client; (client = ::accept(listening_, nullptr, nullptr)) >= 0;) {
      Line line{client, ::socket(AF_UNIX, SOCK_STREAM, 0), {}};
      const sockaddr_un at = address(server_);
      must(::connect(line.server, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0);
      std::thread up([&] { pass(line, client, line.server, true); });
      pass(line, line.server, client, false);
      up.join();
      ::close(client);
      ::close(line.server);
    }
  }
  /// The first message of a client has no letter before its length.
  void pass(Line& line, int from, int to, bool begins_without_letter) {
    std::string held;
    char some[65536];
    bool has_letter = !begins_without_letter;
    for (ssize_t count; (count = ::read(from, some, sizeof some)) > 0;) {
      held.append(some, static_cast<std::size_t>(count));
      while (const std::size_t size = message_size(held, has_letter)) {
        if (!pass_message(line, to, std::string_view(held).substr(0, size))) return line.cut();
        held.erase(0, size);
        has_letter = true;
      }
    }
    line.cut();
  }
  /// 0 where it is not all there yet.
  static std::size_t message_size(const std::string& held, bool has_letter) {
    const std::size_t before = has_letter ? 1 : 0;
    if (held.size() < before + 4) return 0;
    std::size_t length = 0;
    for (std::size_t i = 0; i < 4; ++i) length = length << 8 | static_cast<unsigned char>(held[before + i]);
    return held.size() < before + length ? 0 : before + length;
  }
  bool pass_message(Line& line, int to, std::string_view message) {
    const std::lock_guard guard(line.mutex);
    if (cut_at_ != 0 && count_ + 1 >= cut_at_) {
      if (in_its_middle_ && count_ + 1 == cut_at_) send(to, message.substr(0, message.size() / 2));
      count_ = uint64_t{cut_at_};
      line.cut();
      return false;
    }
    ++count_;
    return send(to, message);
  }
  static bool send(int to, std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t count = ::send(to, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
  }

  std::string folder_, server_;
  int listening_ = -1;
  std::atomic<uint64_t> count_ = 0, cut_at_ = 0;
  std::atomic<bool> in_its_middle_ = false;
  std::thread accepting_;
};

}  // namespace kept::ledger
