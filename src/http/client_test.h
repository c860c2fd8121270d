#pragma once
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace kept::http {

/// What came back, taken apart as far as a test needs.
struct Answer {
  int status = 0;
  std::string head;
  std::string body;

  std::optional<std::string> header(const std::string& name) const {
    const std::size_t at = head.find("\r\n" + name + ": ");
    if (at == std::string::npos) return std::nullopt;
    const std::size_t start = at + 4 + name.size();
    return head.substr(start, head.find("\r\n", start) - start);
  }
};

/// How long a test waits for what must come: long, because a machine may be slow and have much else to do.
constexpr int patience_ms = 60'000;

/// A client that sends whatever bytes a test wants, on loopback. No wait is longer than `patience_ms`.
class TestClient {
 public:
  /// `from`: an address of this machine to call from; empty: the usual one.
  explicit TestClient(uint16_t port, int receive_buffer_bytes = 0, const std::string& from = "")
      : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    if (receive_buffer_bytes > 0)
      setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes, sizeof receive_buffer_bytes);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    if (!from.empty()) {
      inet_pton(AF_INET, from.c_str(), &address.sin_addr);
      EXPECT_EQ(::bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    }
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int one = 1;
    setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    connected_ = ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }
  ~TestClient() { hang_up(); }
  TestClient(TestClient&& other) noexcept
      : socket_(std::exchange(other.socket_, -1)), connected_(other.connected_), got_(std::move(other.got_)) {}
  TestClient(const TestClient&) = delete;

  bool connected() const { return connected_; }
  void hang_up() {
    if (socket_ >= 0) ::close(std::exchange(socket_, -1));
  }
  void say_no_more() { ::shutdown(socket_, SHUT_WR); }

  /// False when the other side has gone.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  /// The next answer, with as much body as its Content-Length says; nothing when the connection ends first.
  std::optional<Answer> receive(bool head_only = false) {
    std::size_t end = 0;
    while ((end = got_.find("\r\n\r\n")) == std::string::npos) {
      if (!more()) return std::nullopt;
    }
    Answer answer;
    answer.head = got_.substr(0, end + 2);
    got_.erase(0, end + 4);
    answer.status = std::atoi(answer.head.substr(9, 3).c_str());
    const auto length = answer.header("Content-Length");
    const std::size_t bytes = length && !head_only ? std::stoul(*length) : 0;
    while (got_.size() < bytes) {
      if (!more()) return std::nullopt;
    }
    answer.body = got_.substr(0, bytes);
    got_.erase(0, bytes);
    return answer;
  }
  std::optional<Answer> ask(std::string_view bytes) {
    send(bytes);
    return receive();
  }

  /// Whether the server closes without another byte.
  bool is_closed() { return got_.empty() && !more() && got_.empty() && !timed_out_; }
  /// Whether anything at all comes, the end included, within so long.
  bool hears_within(int ms) {
    pollfd waiting{socket_, POLLIN, 0};
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(ms);
    for (int64_t left = ms;; left = std::max<int64_t>(0, milliseconds_to(until))) {
      const int heard = ::poll(&waiting, 1, static_cast<int>(left));
      // A process that was stopped for a while is interrupted when it goes on.
      if (heard >= 0 || errno != EINTR) return heard > 0;
    }
  }
  int descriptor() const { return socket_; }

 private:
  static int64_t milliseconds_to(std::chrono::steady_clock::time_point until) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now()).count();
  }
  bool more() {
    char bytes[65'536];
    if (!hears_within(patience_ms)) {
      timed_out_ = true;
      return false;
    }
    const ssize_t received = ::recv(socket_, bytes, sizeof bytes, 0);
    if (received <= 0) return false;
    got_.append(bytes, static_cast<std::size_t>(received));
    return true;
  }

  int socket_;
  bool connected_ = false;
  bool timed_out_ = false;
  std::string got_;
};

}  // namespace kept::http
