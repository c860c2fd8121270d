// Part of beast_server.cc: what moves bytes, and what runs handlers.

// ---- Bytes, plain or in TLS --------------------------------------------------------------------------------------

struct Moved {
  error_code error;
  std::size_t bytes = 0;
};

/// A client's connection. Virtual, so that the code above it is compiled once and not for TLS again.
class Wire {
 public:
  virtual ~Wire() = default;
  virtual tcp::socket& socket() = 0;
  virtual Task<error_code> handshake() = 0;
  virtual Task<Moved> read_some(asio::mutable_buffer into) = 0;
  virtual Task<Moved> write_some(asio::const_buffer from) = 0;
  /// Says that nothing more will be sent.
  virtual Task<void> end() = 0;
};

class PlainWire final : public Wire {
 public:
  explicit PlainWire(tcp::socket socket) : socket_(std::move(socket)) {}
  tcp::socket& socket() override { return socket_; }
  Task<error_code> handshake() override { co_return error_code{}; }
  Task<Moved> read_some(asio::mutable_buffer into) override {
    auto [error, bytes] = co_await socket_.async_read_some(into, no_throw);
    co_return Moved{error, bytes};
  }
  Task<Moved> write_some(asio::const_buffer from) override {
    auto [error, bytes] = co_await socket_.async_write_some(from, no_throw);
    co_return Moved{error, bytes};
  }
  Task<void> end() override {
    error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
    co_return;
  }

 private:
  tcp::socket socket_;
};

class TlsWire final : public Wire {
 public:
  TlsWire(tcp::socket socket, std::shared_ptr<asio::ssl::context> context)
      : context_(std::move(context)), stream_(std::move(socket), *context_) {}
  tcp::socket& socket() override { return stream_.next_layer(); }
  Task<error_code> handshake() override {
    auto [error] = co_await stream_.async_handshake(asio::ssl::stream_base::server, no_throw);
    co_return error;
  }
  Task<Moved> read_some(asio::mutable_buffer into) override {
    auto [error, bytes] = co_await stream_.async_read_some(into, no_throw);
    co_return Moved{error, bytes};
  }
  Task<Moved> write_some(asio::const_buffer from) override {
    auto [error, bytes] = co_await stream_.async_write_some(from, no_throw);
    co_return Moved{error, bytes};
  }
  Task<void> end() override {
    co_await stream_.async_shutdown(no_throw);
    error_code ignored;
    stream_.next_layer().shutdown(tcp::socket::shutdown_send, ignored);
  }

 private:
  std::shared_ptr<asio::ssl::context> context_;  ///< as it was when the connection began
  asio::ssl::stream<tcp::socket> stream_;
};

// ---- Threads for handlers ----------------------------------------------------------------------------------------

/// Threads with a bounded queue.
class Lane {
 public:
  Lane(std::size_t threads, std::size_t queue) : room_(threads + queue), pool_(threads) {}
  /// Runs the job on one of the threads and resumes the caller where it was; false when there is no room for it.
  Task<bool> run(const std::function<void()>& job) {
    std::size_t taken = taken_.load();
    do {
      if (taken >= room_) co_return false;
    } while (!taken_.compare_exchange_weak(taken, taken + 1));
    const auto body = [&job, this]() -> Task<void> {
      job();
      --taken_;
      co_return;
    };
    co_await asio::co_spawn(pool_.get_executor(), body, asio::use_awaitable);
    co_return true;
  }
  void join() { pool_.join(); }

 private:
  const std::size_t room_;
  std::atomic<std::size_t> taken_ = 0;
  asio::thread_pool pool_;
};
