// The server's sockets, timers and threads: all of Asio that there is in Kept (see CMakeLists.txt for why one file).
#include <algorithm>
#include <atomic>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <cassert>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstring>
#include <fstream>
#include <iterator>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <utility>

#include "base/digest.h"
#include "http/chunked.h"
#include "http/head.h"
#include "http/host.h"
#include "http/open_files.h"
#include "http/pace.h"
#include "http/second_reading.h"
#include "http/server.h"

namespace kept::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using tcp = asio::ip::tcp;
using boost::system::error_code;

template <class T>
using Task = asio::awaitable<T>;
constexpr auto no_throw = asio::as_tuple(asio::use_awaitable);

constexpr std::size_t head_piece_bytes = 4'096;
constexpr std::size_t body_piece_bytes = 65'536;
constexpr std::size_t linger_bytes = 4u << 20u;
/// Clients over `Limits::connections` that are told so at a time; the others are closed without a word.
constexpr std::size_t turned_away_most = 64;

#include "http/wire.inl"

/// What connections are counted by: an IPv4 address, however it is written; of IPv6 the network, because whoever has
/// one address of it has all.
std::string address_key(const asio::ip::address& address) {
  if (address.is_v4()) return address.to_string();
  const asio::ip::address_v6 six = address.to_v6();
  if (six.is_v4_mapped()) return asio::ip::make_address_v4(asio::ip::v4_mapped, six).to_string();
  const auto bytes = six.to_bytes();
  return std::string(bytes.begin(), bytes.begin() + 8);
}

class Connection;

/// What all connections share.
class Engine {
 public:
  Engine(Router routes, ServerOptions chosen)
      : router(std::move(routes)),
        options(std::move(chosen)),
        handlers(options.limits.handler_threads, options.limits.handler_queue),
        urgent(options.limits.urgent_threads, options.limits.urgent_queue),
        streams(options.limits.stream_threads, 0),
        control_(asio::make_strand(io_)),
        acceptor_(control_),
        sweeper_(control_) {}

  base::Status open();
  base::Result<bool> take_up_certificate();
  uint16_t port() const { return port_; }
  void stop();

  bool is_stopping() const { return stopping_; }
  int64_t now_ms() const { return options.clock->steady_ms(); }
  void joined(const std::shared_ptr<Connection>& connection);
  void left(Connection* connection);
  /// Room in memory for so many bytes of bodies: false when there is none.
  bool charge(std::size_t bytes) {
    if (charged_.fetch_add(bytes) + bytes <= options.limits.bodies_in_memory_bytes) return true;
    charged_ -= bytes;
    return false;
  }
  void discharge(std::size_t bytes) { charged_ -= bytes; }

  void log(base::LogLevel level, std::string_view event, base::LogFields fields = {}) const {
    if (options.log) options.log->write(level, event, fields);
  }
  void count_shed(std::string_view reason) const {
    if (!options.metrics) return;
    options.metrics
        ->counter("kept_http_shed_total", "Requests refused because something was full.",
                  {{"reason", std::string(reason)}})
        .add();
  }

  const Router router;
  const ServerOptions options;
  Lane handlers;
  Lane urgent;
  Lane streams;

 private:
  std::shared_ptr<asio::ssl::context> tls() const {
    const std::lock_guard lock(tls_mutex_);
    return tls_;
  }
  Task<void> accept();
  Task<void> sweep();
  std::vector<std::shared_ptr<Connection>> everyone() const;
  void show_connections(std::size_t count) const {
    if (options.metrics)
      options.metrics->gauge("kept_http_connections", "Connections that are open.").set(static_cast<double>(count));
  }

  asio::io_context io_;
  asio::strand<asio::io_context::executor_type> control_;
  tcp::acceptor acceptor_;
  asio::steady_timer sweeper_;
  mutable std::mutex tls_mutex_;
  std::shared_ptr<asio::ssl::context> tls_;  ///< for connections to come; null: plain HTTP
  uint64_t tls_seen_ = 0;                    ///< digest of certificate and key as they were last looked at
  std::optional<asio::executor_work_guard<asio::io_context::executor_type>> work_;
  std::vector<std::thread> threads_;
  uint16_t port_ = 0;
  std::atomic<bool> stopping_ = false;
  std::atomic<bool> swept_ = false;  ///< the last connection has gone
  std::atomic<std::size_t> charged_ = 0;
  std::mutex stop_mutex_;
  bool stopped_ = false;
  mutable std::mutex mutex_;
  std::condition_variable none_left_;
  std::unordered_map<Connection*, std::weak_ptr<Connection>> connections_;
  std::unordered_map<std::string, std::size_t> of_address_;  ///< how many of them, by where they come from
};

/// Bytes of bodies in memory, given back when the request is answered.
class Charge {
 public:
  explicit Charge(Engine& engine) : engine_(engine) {}
  ~Charge() { engine_.discharge(bytes_); }
  Charge(const Charge&) = delete;
  Charge& operator=(const Charge&) = delete;
  bool add(std::size_t bytes) {
    if (!engine_.charge(bytes)) return false;
    bytes_ += bytes;
    return true;
  }

 private:
  Engine& engine_;
  std::size_t bytes_ = 0;
};

// ---- A connection ------------------------------------------------------------------------------------------------

/// The body of the request at hand, as it comes off the wire.
struct Body {
  Body(const Head& head, uint64_t limit, const Limits& limits)
      : framing(head.framing),
        left(head.content_length),
        limit_bytes(limit),
        finished(head.framing == Framing::none),
        expects_continue(head.expects_continue),
        pace(limits) {}
  Framing framing;
  uint64_t left;
  uint64_t taken = 0;
  uint64_t limit_bytes;
  bool finished;
  bool expects_continue;
  std::optional<Fault> fault;
  ChunkDecoder chunks;
  Pace pace;
};

struct Piece {
  std::optional<Fault> fault;
  std::size_t bytes = 0;  ///< 0 without a fault: the end
};

/// One request as the log and the metrics see it.
struct Exchange {
  std::string id;
  int64_t started_us = 0;
  std::string method = "none";
  const Route* route = nullptr;
  bool head_only = false;
  uint64_t received_bytes = 0;
};

class Connection final : public std::enable_shared_from_this<Connection> {
 public:
  /// `turned_away`: why it is not taken; empty: it is.
  Connection(Engine& engine, std::unique_ptr<Wire> wire, const asio::ip::address& peer, std::string_view turned_away)
      : engine_(engine),
        limits_(engine.options.limits),
        wire_(std::move(wire)),
        peer_(peer.to_string()),
        address_(address_key(peer)),
        turned_away_(turned_away) {}
  ~Connection() { engine_.left(this); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  static Task<void> live(std::shared_ptr<Connection> self);
  asio::any_io_executor executor() { return wire_->socket().get_executor(); }
  const std::string& address() const { return address_; }

  /// From any thread.
  bool is_due(int64_t now_ms) const {
    const int64_t deadline = deadline_ms_.load();
    return deadline != 0 && now_ms >= deadline;
  }

  // The rest runs on the connection's own strand.
  void expire() {
    if (!is_due(engine_.now_ms())) return;
    expired_ = true;
    cancel();
  }
  void stop_if_idle() {
    if (idle_) cancel();
  }
  void cut() {
    error_code ignored;
    wire_->socket().close(ignored);
  }
  Task<Piece> read_body(Body& body, char* into, std::size_t capacity);

 private:
  enum class Waited { moved, expired, gone };

  void cancel() {
    error_code ignored;
    wire_->socket().cancel(ignored);
  }
  std::string_view buffered() const {
    const auto bytes = buffer_.cdata();
    return {static_cast<const char*>(bytes.data()), bytes.size()};
  }
  void arm(int64_t allowance_ms) { deadline_ms_ = engine_.now_ms() + allowance_ms; }
  /// Whether the deadline passed while something was waited for.
  bool disarm() {
    deadline_ms_ = 0;
    return std::exchange(expired_, false);
  }
  Task<Waited> fill(int64_t allowance_ms, std::size_t most);
  Task<bool> put(std::string_view bytes, Pace& pace);
  Task<bool> answer_one();
  Task<bool> serve(Exchange& exchange, Head head);
  Task<std::optional<Fault>> take_whole(Body& body, Charge& charge, std::string& into);
  Task<bool> respond(Exchange& exchange, Response response, bool keep, int64_t retry_after_s = 0);
  Task<bool> refuse(Exchange& exchange, Fault fault);
  Task<bool> shed(Exchange& exchange, std::string_view reason, bool keep);
  Task<void> finish();
  Lane& lane_of(const Route& route) {
    return route.streamed ? engine_.streams : route.urgent ? engine_.urgent : engine_.handlers;
  }

  Engine& engine_;
  const Limits& limits_;
  std::unique_ptr<Wire> wire_;
  const std::string peer_, address_;
  const std::string_view turned_away_;
  beast::flat_buffer buffer_;
  uint64_t received_bytes_ = 0;
  std::size_t answered_ = 0;
  bool idle_ = false;
  bool expired_ = false;
  bool clean_ = true;                     ///< everything that the client sent for the request at hand has been read
  std::atomic<int64_t> deadline_ms_ = 0;  ///< on the clock's steady side; 0: nothing is waited for
};

/// Reads a streamed body for a handler, on the handler's thread.
class StreamReader final : public BodyReader {
 public:
  StreamReader(Connection& connection, Body& body) : connection_(connection), body_(body) {}
  base::Result<std::size_t> read(char* into, std::size_t capacity) override {
    if (capacity == 0) return std::size_t{0};
    const Piece piece =
        asio::co_spawn(connection_.executor(), connection_.read_body(body_, into, capacity), asio::use_future).get();
    if (!piece.fault) return piece.bytes;
    const Fault fault = *piece.fault;
    const base::ErrorCode code = fault == Fault::body_too_large                            ? base::ErrorCode::too_large
                                 : fault == Fault::too_slow || fault == Fault::client_gone ? base::ErrorCode::io
                                                                                           : base::ErrorCode::invalid;
    return base::Error{code, std::string(words_of(fault))};
  }

 private:
  Connection& connection_;
  Body& body_;
};

Task<Connection::Waited> Connection::fill(int64_t allowance_ms, std::size_t most) {
  if (allowance_ms <= 0) co_return Waited::expired;
  arm(allowance_ms);
  const Moved moved = co_await wire_->read_some(buffer_.prepare(most));
  const bool expired = disarm();
  buffer_.commit(moved.bytes);
  received_bytes_ += moved.bytes;
  if (moved.bytes > 0) co_return Waited::moved;
  co_return expired ? Waited::expired : Waited::gone;
}

Task<bool> Connection::put(std::string_view bytes, Pace& pace) {
  while (!bytes.empty()) {
    const int64_t allowance_ms = pace.allowance_ms();
    if (allowance_ms <= 0) co_return false;
    const int64_t began_ms = engine_.now_ms();
    arm(allowance_ms);
    const Moved moved = co_await wire_->write_some(asio::buffer(bytes.substr(0, body_piece_bytes)));
    disarm();
    if (moved.error) co_return false;
    pace.moved(moved.bytes, engine_.now_ms() - began_ms);
    bytes.remove_prefix(moved.bytes);
  }
  co_return true;
}

Task<Piece> Connection::read_body(Body& body, char* into, std::size_t capacity) {
  for (;;) {
    if (body.fault) co_return Piece{body.fault, 0};
    if (body.finished) co_return Piece{};
    std::size_t produced = 0;
    if (buffer_.size() > 0 && body.framing == Framing::length) {
      produced = static_cast<std::size_t>(std::min<uint64_t>({body.left, buffer_.size(), capacity}));
      std::memcpy(into, buffered().data(), produced);
      buffer_.consume(produced);
      body.left -= produced;
      body.finished = body.left == 0;
    } else if (buffer_.size() > 0) {
      const ChunkDecoder::Step step = body.chunks.decode(buffered(), into, capacity);
      buffer_.consume(step.consumed);
      produced = step.produced;
      body.fault = step.fault;
      body.finished = body.chunks.is_done();
      if (body.taken + produced > body.limit_bytes) {
        body.fault = Fault::body_too_large;
        continue;
      }
    }
    body.taken += produced;
    if (produced > 0) co_return Piece{std::nullopt, produced};
    if (body.fault || body.finished || buffer_.size() > 0) continue;
    if (std::exchange(body.expects_continue, false)) {
      Pace pace(limits_);
      if (!co_await put("HTTP/1.1 100 Continue\r\n\r\n", pace)) body.fault = Fault::client_gone;
      if (body.fault) continue;
    }
    const int64_t began_ms = engine_.now_ms();
    const Waited waited = co_await fill(body.pace.allowance_ms(), body_piece_bytes);
    body.pace.moved(buffer_.size(), engine_.now_ms() - began_ms);
    if (waited != Waited::moved) body.fault = waited == Waited::expired ? Fault::too_slow : Fault::client_gone;
  }
}

Task<std::optional<Fault>> Connection::take_whole(Body& body, Charge& charge, std::string& into) {
  std::string piece(head_piece_bytes * 4, '\0');
  for (;;) {
    const Piece got = co_await read_body(body, piece.data(), piece.size());
    if (got.fault) co_return got.fault;
    if (got.bytes == 0) co_return std::nullopt;
    if (!charge.add(got.bytes)) co_return Fault::memory_full;
    into.append(piece, 0, got.bytes);
  }
}

Task<void> Connection::live(std::shared_ptr<Connection> self) {
  Connection& own = *self;
  try {
    if (!own.turned_away_.empty()) {
      Exchange exchange;
      own.clean_ = false;
      co_await own.shed(exchange, own.turned_away_, false);
    } else {
      own.idle_ = true;
      own.arm(own.limits_.head_ms);
      const error_code error = co_await own.wire_->handshake();
      own.disarm();
      own.idle_ = false;
      // Nothing can be said to a client with whom there is no agreement how.
      if (error) own.cut();
      while (!error && co_await own.answer_one()) {
      }
    }
    co_await own.finish();
  } catch (const std::exception&) {
    own.engine_.log(base::LogLevel::error, "connection_failed");
  }
}

Task<void> Connection::finish() {
  if (!wire_->socket().is_open()) co_return;
  arm(limits_.linger_ms);
  co_await wire_->end();
  disarm();
  // A client that is still sending would lose its answer to the reset that closing now causes.
  const int64_t until_ms = engine_.now_ms() + limits_.linger_ms;
  std::string unread(head_piece_bytes * 4, '\0');
  const bool lingers = !clean_ || buffer_.size() > 0;
  for (std::size_t total = 0; lingers && total < linger_bytes && engine_.now_ms() < until_ms;) {
    arm(until_ms - engine_.now_ms());
    auto [error, bytes] = co_await wire_->socket().async_read_some(asio::buffer(unread), no_throw);
    disarm();
    if (error) break;
    total += bytes;
  }
  cut();
}

Task<bool> Connection::answer_one() {
  Exchange exchange;
  if (buffer_.size() == 0) {
    buffer_.shrink_to_fit();
    idle_ = true;
    // A stop that comes later cancels the read, one that came before is seen here: both are on this strand.
    const Waited waited = engine_.is_stopping() ? Waited::gone : co_await fill(limits_.idle_ms, head_piece_bytes);
    idle_ = false;
    if (waited != Waited::moved) co_return false;
  } else {
    received_bytes_ = buffer_.size();
  }
  clean_ = false;
  exchange.id = base::hex_of_chance(*engine_.options.chance, 16);
  exchange.started_us = engine_.options.clock->steady_us();
  const int64_t until_ms = engine_.now_ms() + limits_.head_ms;
  HeadScanner scanner(limits_);
  std::size_t head_bytes = 0;
  while (head_bytes == 0) {
    const HeadScanner::Seen seen = scanner.look(buffered());
    if (seen.fault) co_return co_await refuse(exchange, *seen.fault);
    head_bytes = seen.head_bytes;
    if (head_bytes > 0) break;
    const Waited waited = co_await fill(until_ms - engine_.now_ms(), head_piece_bytes);
    if (waited == Waited::expired) co_return co_await refuse(exchange, Fault::too_slow);
    if (waited == Waited::gone) co_return co_await refuse(exchange, Fault::client_gone);
  }
  const std::string_view bytes = buffered().substr(0, head_bytes);
  auto parsed = parse_head(bytes);
  if (const auto* fault = std::get_if<Fault>(&parsed)) co_return co_await refuse(exchange, *fault);
  Head head = std::get<Head>(std::move(parsed));
  if (!beast_agrees(bytes, head)) co_return co_await refuse(exchange, Fault::readings_differ);
  buffer_.consume(head_bytes);
  ++answered_;
  const bool keep = co_await serve(exchange, std::move(head));
  received_bytes_ = 0;
  co_return keep;
}

Task<bool> Connection::serve(Exchange& exchange, Head head) {
  const bool lasting = head.keep_alive && answered_ < limits_.requests_per_connection;
  exchange.method = head.method;
  exchange.head_only = head.method == "HEAD";
  if (!answers_for(engine_.options.hosts, head.headers.find("host").value_or("")))
    co_return co_await refuse(exchange, Fault::wrong_host);
  Router::Match match = engine_.router.find(head.method, head.target.segments);
  if (!match.route) {
    Response response = match.allowed.empty() ? problem(404, reason_of(404)) : problem(405, reason_of(405));
    std::string allowed;
    for (const std::string& method : match.allowed) allowed += (allowed.empty() ? "" : ", ") + method;
    if (!allowed.empty()) response.set("Allow", allowed);
    clean_ = head.framing == Framing::none;
    co_return co_await respond(exchange, std::move(response), lasting && clean_);
  }
  const Route& route = *match.route;
  exchange.route = &route;
  Body body(head, route.body_limit_bytes, limits_);
  if (head.framing != Framing::none && (route.body_limit_bytes == 0 || head.content_length > route.body_limit_bytes))
    co_return co_await refuse(exchange, Fault::body_too_large);

  StreamReader reader(*this, body);
  Request request;
  request.method = exchange.head_only ? "GET" : head.method;
  request.path = std::move(head.target.path);
  request.names = std::move(match.names);
  request.query = std::move(head.target.query);
  request.headers = std::move(head.headers);
  request.has_body = head.framing != Framing::none;
  request.stream = route.streamed ? &reader : nullptr;
  request.id = exchange.id;
  request.peer = peer_;

  const Gate& gate = engine_.options.gate;
  Response response;
  bool passed = !gate;
  const auto ask_gate = [&] {
    if (passed) return;
    if (auto refusal = gate(route, request)) {
      response = *std::move(refusal);
    } else {
      passed = true;
    }
  };
  const auto guarded = [&](const auto& work) {
    try {
      work();
    } catch (...) {
      // What was thrown may speak of a person: the log has only where.
      engine_.log(base::LogLevel::error, "handler_failed", {{"id", exchange.id}, {"route", route.pattern}});
      response = problem(500, reason_of(500));
      passed = false;
    }
  };
  const std::function<void()> only_gate = [&] { guarded(ask_gate); };
  const std::function<void()> all = [&] {
    guarded([&] {
      ask_gate();
      if (passed) response = route.handler(request);
    });
  };
  Lane& lane = lane_of(route);
  const std::string_view full = route.streamed ? "streams" : "queue";
  Charge charge(engine_);
  // A slow body must not hold one of the threads, and nobody's body is read before the gate has let its sender in.
  if (request.has_body && !route.streamed) {
    if (!passed) {
      if (!co_await lane.run(only_gate)) co_return co_await shed(exchange, full, false);
      if (!passed) co_return co_await respond(exchange, std::move(response), false);
    }
    const std::optional<Fault> fault = co_await take_whole(body, charge, request.body);
    if (fault) co_return co_await refuse(exchange, *fault);
  }
  const bool run = co_await lane.run(all);
  clean_ = body.finished;
  if (!run) co_return co_await shed(exchange, full, lasting && clean_);
  if (body.fault) co_return co_await refuse(exchange, *body.fault);
  co_return co_await respond(exchange, std::move(response), lasting && clean_);
}

Task<bool> Connection::respond(Exchange& exchange, Response response, bool keep, int64_t retry_after_s) {
  const std::string_view pattern = exchange.route ? std::string_view(exchange.route->pattern) : "none";
  if (const auto wrong = unsound(response)) {
    engine_.log(base::LogLevel::error, "answer_refused", {{"id", exchange.id}, {"route", pattern}, {"reason", *wrong}});
    response = problem(500, reason_of(500));
  }
  if (engine_.is_stopping()) keep = false;
  ResponseFrame frame;
  frame.now_ms = engine_.options.clock->now_ms();
  frame.request_id = exchange.id;
  frame.closes = !keep;
  frame.retry_after_s = retry_after_s;
  std::string first = response_head(response, frame);
  std::string_view rest = exchange.head_only ? std::string_view() : std::string_view(response.body);
  // A short answer leaves in one packet.
  if (rest.size() <= body_piece_bytes) {
    first += rest;
    rest = {};
  }
  Pace pace(limits_);
  const uint64_t sent_bytes = first.size() + rest.size();
  bool sent = co_await put(first, pace);
  if (sent) sent = co_await put(rest, pace);
  const int64_t took_us = engine_.options.clock->steady_us() - exchange.started_us;
  if (!exchange.id.empty()) {
    engine_.log(base::LogLevel::info, "request",
                {{"id", exchange.id},
                 {"route", pattern},
                 {"method", exchange.method},
                 {"status", response.status},
                 {"duration_us", took_us},
                 {"received_bytes", received_bytes_},
                 {"sent_bytes", sent_bytes},
                 {"sent", sent}});
  }
  if (base::Metrics* metrics = engine_.options.metrics; metrics && !exchange.id.empty()) {
    const std::string route(pattern);
    metrics
        ->counter("kept_http_requests_total", "Requests answered.",
                  {{"route", route}, {"method", exchange.method}, {"status", std::to_string(response.status)}})
        .add();
    metrics
        ->histogram("kept_http_request_seconds", "From a request's first byte to its answer's last.",
                    {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10}, {{"route", route}})
        .observe(static_cast<double>(took_us) / 1e6);
  }
  co_return sent&& keep;
}

Task<bool> Connection::refuse(Exchange& exchange, Fault fault) {
  const int status = status_of(fault);
  engine_.log(base::LogLevel::warning, "refused",
              {{"id", exchange.id}, {"fault", name_of(fault)}, {"status", fault == Fault::client_gone ? 0 : status}});
  if (base::Metrics* metrics = engine_.options.metrics) {
    metrics
        ->counter("kept_http_refused_total", "Requests refused before or instead of a handler's answer.",
                  {{"fault", std::string(name_of(fault))}})
        .add();
  }
  if (fault == Fault::client_gone) co_return false;
  if (fault == Fault::memory_full) {
    engine_.count_shed("memory");
    co_return co_await respond(exchange, problem(status, reason_of(status), words_of(fault)), false,
                               limits_.retry_after_s);
  }
  co_return co_await respond(exchange, problem(status, reason_of(status), words_of(fault)), false);
}

Task<bool> Connection::shed(Exchange& exchange, std::string_view reason, bool keep) {
  engine_.count_shed(reason);
  co_return co_await respond(exchange, problem(503, reason_of(503), "The server is busy. Try again later."), keep,
                             limits_.retry_after_s);
}

// ---- The server --------------------------------------------------------------------------------------------------

/// Chooses http/1.1; a client that offers protocols, but not this one, is refused (it means to speak to another
/// service).
int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_length, const unsigned char* in,
                    unsigned int in_length, void*) {
  static constexpr unsigned char ours[] = "\x08http/1.1";
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_length, ours, sizeof ours - 1, in, in_length) != OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

/// What a TLS connection begins with.
base::Result<std::shared_ptr<asio::ssl::context>> tls_context(const TlsFiles& files) {
  auto made = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
  SSL_CTX* raw = made->native_handle();
  SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION);
  SSL_CTX_set_options(raw, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  // TLS 1.3 has AEAD ciphers only; these are 1.2's, with forward secrecy.
  if (SSL_CTX_set_cipher_list(raw, "ECDHE+AESGCM:ECDHE+CHACHA20") != 1)
    return base::Error{base::ErrorCode::unsupported, "OpenSSL has none of the ciphers that Kept allows for TLS 1.2."};
  SSL_CTX_set_alpn_select_cb(raw, choose_protocol, nullptr);
  error_code error;
  made->use_certificate_chain_file(files.certificates, error);
  if (error)
    return base::invalid("The TLS certificate " + files.certificates +
                         " cannot be used. Give a file in PEM, the server's own certificate first.");
  made->use_private_key_file(files.key, asio::ssl::context::pem, error);
  if (error || SSL_CTX_check_private_key(raw) != 1)
    return base::invalid("The TLS key " + files.key +
                         " cannot be used. Give a file in PEM, without a password, that belongs to the certificate.");
  return made;
}

/// Of both files as they stand, for noticing change: the key itself is not kept about.
uint64_t digest_of(const TlsFiles& files) {
  uint64_t digest = 0;
  for (const std::string* path : {&files.certificates, &files.key}) {
    std::ifstream file(*path, std::ios::binary);
    digest = base::digest(std::string{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()}, digest);
  }
  return digest;
}

base::Result<bool> Engine::take_up_certificate() {
  if (!options.tls) return false;
  const uint64_t found = digest_of(*options.tls);
  const std::lock_guard lock(tls_mutex_);
  if (found == tls_seen_) return false;
  tls_seen_ = found;
  auto made = tls_context(*options.tls);
  if (!made) return made.error();
  tls_ = std::move(*made);
  return true;
}

base::Status Engine::open() {
  if (auto allowed = allow_files(options.limits.connections); !allowed) return allowed;
  if (options.tls) {
    tls_seen_ = digest_of(*options.tls);
    auto made = tls_context(*options.tls);
    if (!made) return made.error();
    tls_ = std::move(*made);
  }
  error_code error;
  const auto address = asio::ip::make_address(options.address, error);
  if (error)
    return base::invalid("The address to listen on is not a number: " + options.address +
                         ". Write it as 127.0.0.1 or ::1, for example.");
  const tcp::endpoint endpoint(address, options.port);
  acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    return base::Error{base::ErrorCode::io, "Nothing can listen on " + options.address + " port " +
                                                std::to_string(options.port) + ": " + error.message() +
                                                ". Choose another port, or stop what holds this one."};
  }
  port_ = acceptor_.local_endpoint().port();
  work_.emplace(io_.get_executor());
  asio::co_spawn(control_, accept(), asio::detached);
  asio::co_spawn(control_, sweep(), asio::detached);
  for (std::size_t i = 0; i < std::max<std::size_t>(1, options.limits.io_threads); ++i)
    threads_.emplace_back([this] { io_.run(); });
  log(base::LogLevel::info, "server_started", {{"port", port_}, {"tls", options.tls.has_value()}});
  return base::Done{};
}

Task<void> Engine::accept() {
  while (!stopping_) {
    auto [error, accepted] = co_await acceptor_.async_accept(asio::make_strand(io_), no_throw);
    if (stopping_) break;
    if (error) {
      // Too many open files, or a client that has gone already: the first passes only with time.
      asio::steady_timer pause(control_, std::chrono::milliseconds(20));
      co_await pause.async_wait(no_throw);
      continue;
    }
    tcp::socket socket(std::move(accepted));
    error_code ignored;
    const asio::ip::address peer = socket.remote_endpoint(ignored).address();
    std::size_t open = 0, of_address = 0;
    {
      const std::lock_guard lock(mutex_);
      open = connections_.size();
      const auto found = of_address_.find(address_key(peer));
      of_address = found == of_address_.end() ? 0 : found->second;
    }
    const Limits& limits = options.limits;
    std::string_view turned_away;
    if (of_address >= limits.connections_per_address) turned_away = "address";
    if (open >= limits.connections) turned_away = "connections";
    const bool is_told = !options.tls && open < limits.connections + turned_away_most &&
                         of_address < limits.connections_per_address + turned_away_most;
    if (!turned_away.empty() && !is_told) {
      count_shed(turned_away);
      continue;
    }
    socket.set_option(tcp::no_delay(true), ignored);
    std::unique_ptr<Wire> wire;
    if (options.tls) {
      wire = std::make_unique<TlsWire>(std::move(socket), tls());
    } else {
      wire = std::make_unique<PlainWire>(std::move(socket));
    }
    auto connection = std::make_shared<Connection>(*this, std::move(wire), peer, turned_away);
    joined(connection);
    const auto executor = connection->executor();
    asio::co_spawn(executor, Connection::live(std::move(connection)), asio::detached);
  }
}

Task<void> Engine::sweep() {
  while (!swept_) {
    sweeper_.expires_after(std::chrono::milliseconds(options.limits.sweep_ms));
    co_await sweeper_.async_wait(no_throw);
    const int64_t now = now_ms();
    std::vector<std::shared_ptr<Connection>> due;
    {
      const std::lock_guard lock(mutex_);
      for (const auto& [connection, weak] : connections_) {
        if (!connection->is_due(now)) continue;
        if (auto held = weak.lock()) due.push_back(std::move(held));
      }
    }
    for (auto& connection : due) {
      const auto executor = connection->executor();
      asio::post(executor, [held = std::move(connection)] { held->expire(); });
    }
  }
}

void Engine::joined(const std::shared_ptr<Connection>& connection) {
  const std::lock_guard lock(mutex_);
  connections_.emplace(connection.get(), connection);
  ++of_address_[connection->address()];
  show_connections(connections_.size());
}

void Engine::left(Connection* connection) {
  const std::lock_guard lock(mutex_);
  connections_.erase(connection);
  if (const auto of = of_address_.find(connection->address()); --of->second == 0) of_address_.erase(of);
  show_connections(connections_.size());
  if (connections_.empty()) none_left_.notify_all();
}

std::vector<std::shared_ptr<Connection>> Engine::everyone() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<Connection>> out;
  for (const auto& [connection, weak] : connections_) {
    if (auto held = weak.lock()) out.push_back(std::move(held));
  }
  return out;
}

void Engine::stop() {
  const std::lock_guard once(stop_mutex_);
  if (std::exchange(stopped_, true) || threads_.empty()) return;
  // On the acceptor's strand, so that no connection is taken after the round below.
  std::promise<void> closed;
  asio::post(control_, [&] {
    stopping_ = true;
    error_code ignored;
    acceptor_.close(ignored);
    closed.set_value();
  });
  closed.get_future().wait();
  for (auto& connection : everyone()) {
    const auto executor = connection->executor();
    asio::post(executor, [held = std::move(connection)] { held->stop_if_idle(); });
  }
  const auto none = [this] { return connections_.empty(); };
  bool in_time = false;
  {
    std::unique_lock lock(mutex_);
    in_time = none_left_.wait_for(lock, std::chrono::milliseconds(options.limits.stop_ms), none);
  }
  for (auto& connection : everyone()) {
    const auto executor = connection->executor();
    asio::post(executor, [held = std::move(connection)] { held->cut(); });
  }
  {
    std::unique_lock lock(mutex_);
    none_left_.wait(lock, none);
  }
  handlers.join();
  urgent.join();
  streams.join();
  swept_ = true;
  asio::post(control_, [this] { sweeper_.cancel(); });
  work_.reset();
  for (std::thread& thread : threads_) thread.join();
  log(base::LogLevel::info, "server_stopped", {{"in_time", in_time}});
}

}  // namespace

// ---- What others see ---------------------------------------------------------------------------------------------

class Server::Inside final : public Engine {
 public:
  using Engine::Engine;
};

Server::Server(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}
Server::~Server() { stop(); }

base::Result<std::unique_ptr<Server>> Server::start(Router router, ServerOptions options) {
  assert(options.clock && options.chance);
  auto inside = std::make_unique<Inside>(std::move(router), std::move(options));
  if (auto opened = inside->open(); !opened) return opened.error();
  return std::unique_ptr<Server>(new Server(std::move(inside)));
}

uint16_t Server::port() const { return inside_->port(); }

base::Result<bool> Server::take_up_certificate() { return inside_->take_up_certificate(); }

void Server::stop() { inside_->stop(); }

void Server::run_until_signal() {
  asio::io_context waiting;
  asio::signal_set signals(waiting, SIGINT, SIGTERM);
  signals.async_wait([](const error_code&, int) {});
  waiting.run();
  stop();
}

}  // namespace kept::http
