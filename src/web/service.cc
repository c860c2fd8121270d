#include "web/service.h"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <charconv>
#include <filesystem>

#include "app/feeds_text.h"
#include "app/intake.h"
#include "app/json_string.h"
#include "app/outbox_list.h"
#include "app/quarantine.h"
#include "ledger/hash.h"

namespace kept::web {
namespace {

using base::Error;
using base::ErrorCode;
using http::Request;
using http::Response;

constexpr uint64_t largest_batch_bytes = uint64_t{4} << 30;
constexpr const char* json_type = "application/json";

/// The refusal that an error of a use case is.
Response refusal(const Error& error) {
  switch (error.code) {
    case ErrorCode::not_found:
      return http::problem(404, "Not found", error.message);
    case ErrorCode::conflict:
      return http::problem(409, "Conflict", error.message);
    case ErrorCode::invalid:
      return http::problem(400, "Invalid", error.message);
    case ErrorCode::too_large:
      return http::problem(413, "Too large", error.message);
    case ErrorCode::unsupported:
      return http::problem(415, "Not supported", error.message);
    case ErrorCode::not_covered:
    case ErrorCode::io:
      break;
  }
  return http::problem(503, "Not now", "the store cannot take or answer this now; send it again later");
}

std::optional<uint64_t> number_of(const http::Query& query, const char* name, bool* wrong) {
  const auto found = query.find(name);
  if (found == query.end()) return std::nullopt;
  uint64_t value = 0;
  const char* end = found->second.data() + found->second.size();
  const auto read = std::from_chars(found->second.data(), end, value);
  if (read.ec != std::errc() || read.ptr != end) {
    *wrong = true;
    return std::nullopt;
  }
  return value;
}

/// HMAC-SHA256 over a body as it comes, under the sender's own key.
class Signature {
 public:
  explicit Signature(std::string_view key) : mac_(EVP_MAC_fetch(nullptr, "HMAC", nullptr)) {
    context_ = EVP_MAC_CTX_new(mac_);
    char digest[] = "SHA256";
    const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string("digest", digest, 0), OSSL_PARAM_construct_end()};
    sound_ = EVP_MAC_init(context_, reinterpret_cast<const unsigned char*>(key.data()), key.size(), parameters) == 1;
  }
  ~Signature() {
    EVP_MAC_CTX_free(context_);
    EVP_MAC_free(mac_);
  }
  Signature(const Signature&) = delete;
  Signature& operator=(const Signature&) = delete;
  void add(std::string_view bytes) {
    sound_ =
        sound_ && EVP_MAC_update(context_, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()) == 1;
  }
  /// Whether the signature that was sent is that of the bytes.
  bool is(std::string_view hex) {
    unsigned char made[32];
    std::size_t size = 0;
    sound_ = sound_ && EVP_MAC_final(context_, made, &size, sizeof made) == 1 && size == sizeof made;
    const auto sent = ledger::hash_from_hex(hex);
    return sound_ && sent && CRYPTO_memcmp(sent->data(), made, sizeof made) == 0;
  }

 private:
  EVP_MAC* mac_;
  EVP_MAC_CTX* context_;
  bool sound_ = false;
};

/// The ending that the reader knows a form by, from what the sender says it is.
std::optional<std::string> ending_of(std::string_view content_type) {
  const std::string_view type = content_type.substr(0, content_type.find(';'));
  if (type == "text/csv") return ".csv";
  if (type == "application/x-ndjson" || type == "application/jsonl") return ".jsonl";
  if (type == "application/json") return ".json";
  return std::nullopt;
}

bool is_operator(std::string_view caller) { return caller.starts_with("operator:"); }

constexpr std::string_view part_ending = ".part";
constexpr const char* between = "__";

}  // namespace

http::Router Service::routes(Service* service) {
  http::Router router;
  const auto add = [&](const char* method, const char* pattern, const char* permission, auto handler) -> http::Route {
    http::Route route;
    route.method = method;
    route.pattern = pattern;
    route.permission = permission;
    route.handler = handler;
    return route;
  };
  http::Route post = add("POST", "/v1/feeds/{feed}/events", "feed",
                         [service](Request& request) { return service->post_events(request); });
  post.streamed = true;
  post.body_limit_bytes = largest_batch_bytes;
  router.add(post);
  router.add(add("GET", "/v1/feeds", "operator", [service](Request&) { return service->get_feeds(); }));
  router.add(
      add("GET", "/v1/feeds/{feed}", "feed", [service](Request& request) { return service->get_feed(request); }));
  router.add(add("GET", "/v1/outbox", "operator", [service](Request&) { return service->get_outbox(); }));
  router.add(add("GET", "/v1/ledger/head", "operator", [service](Request&) { return service->get_head(); }));
  router.add(add("GET", "/v1/ledger/facts/{position}/proof", "operator",
                 [service](Request& request) { return service->get_proof(request); }));
  http::Route metrics = add("GET", "/metrics", "operator", [service](Request&) { return service->get_metrics(); });
  metrics.urgent = true;
  router.add(metrics);
  http::Route health =
      add("GET", "/health", "public", [](Request&) { return http::answer(200, json_type, "{\"status\":\"up\"}\n"); });
  health.urgent = true;
  router.add(health);
  http::Route ready = add("GET", "/ready", "public", [service](Request&) { return service->get_ready(); });
  ready.urgent = true;
  router.add(ready);
  return router;
}

base::Result<std::unique_ptr<Service>> Service::start(const ServiceOptions& options) {
  if (options.server.address != "127.0.0.1" && options.server.address != "::1")
    return base::invalid(
        fmt::format("the service stands on loopback only until people can sign in: {} is not 127.0.0.1 "
                    "or ::1; put a proxy with its own sign-in in front (docs/how-to/behind-nginx.md)",
                    options.server.address));
  std::unique_ptr<Service> service(new Service(options));
  auto store = app::Store::open(options.store);
  if (!store) return store.error();
  service->store_ = std::move(*store);
  app::StoreRequest reading = options.store;
  reading.read_only = true;
  auto reader = app::Store::open(reading);
  if (!reader) return reader.error();
  service->reader_ = std::move(*reader);
  auto keys = AccessKeys::open(*options.store.disk, service->store_->paths().folder + "/keys/access.keys");
  if (!keys) return keys.error();
  service->keys_ = std::move(*keys);
  if (base::Status finished = service->finish_spooled(); !finished) return finished.error();
  if (base::Status visited = service->visit(); !visited) return visited.error();
  http::ServerOptions server = options.server;
  server.metrics = &service->metrics_;
  server.gate = [raw = service.get()](const http::Route& route, Request& request) { return raw->gate(route, request); };
  auto started = http::Server::start(routes(service.get()), std::move(server));
  if (!started) return started.error();
  service->server_ = std::move(*started);
  service->watch_ = std::thread([raw = service.get()] { raw->watch(); });
  return service;
}

Service::~Service() { (void)stop(); }

void Service::run_until_signal() { server_->run_until_signal(); }

base::Status Service::stop() {
  if (server_) server_->stop();
  {
    const std::lock_guard<std::mutex> lock(stop_mutex_);
    if (stopping_) return base::Done{};
    stopping_ = true;
  }
  stop_signal_.notify_all();
  if (watch_.joinable()) watch_.join();
  if (!store_) return base::Done{};
  const std::lock_guard<std::mutex> lock(store_->mutex());
  if (store_->ledger().has_stopped()) return base::Done{};
  return store_->publish(true);
}

// What was spooled and not wholly taken when the last service ended is taken first: nobody need send it again. What was
// cut while it came in was never acknowledged, and is sent again.
base::Status Service::finish_spooled() {
  std::error_code failed;
  std::vector<std::filesystem::path> waiting;
  for (const auto& file : std::filesystem::directory_iterator(store_->paths().spool, failed)) {
    if (file.path().extension() == part_ending) {
      std::filesystem::remove(file.path(), failed);
    } else {
      waiting.push_back(file.path());
    }
  }
  std::sort(waiting.begin(), waiting.end());
  for (const std::filesystem::path& path : waiting) {
    const std::string stem = path.stem().string();
    const std::size_t first = stem.find(between);
    const std::size_t second = first == std::string::npos ? first : stem.find(between, first + 2);
    if (second == std::string::npos) continue;
    app::BatchRequest batch;
    batch.feed = stem.substr(0, first);
    batch.path = path.string();
    const uint64_t number = std::strtoull(stem.substr(first + 2, second - first - 2).c_str(), nullptr, 10);
    if (number != 0) batch.number = number;
    const auto receipt = app::receive_batch(*store_, batch);
    if (!receipt && receipt.error().code == ErrorCode::io) return receipt.error();
    // Refused as a whole, it was never acknowledged: its sender sends it again, and whoever watches is told.
    if (!receipt && options_.server.log != nullptr)
      options_.server.log->write(base::LogLevel::warning, "spooled_batch_refused", {});
    if (!receipt || receipt->state == app::BatchState::complete) std::filesystem::remove(path, failed);
  }
  return base::Done{};
}

std::optional<Response> Service::gate(const http::Route& route, Request& request) {
  if (route.permission == "public") return std::nullopt;
  constexpr std::string_view scheme = "Bearer ";
  const auto given = request.headers.find("authorization");
  std::optional<std::string> caller;
  if (given && given->substr(0, scheme.size()) == scheme) caller = keys_->caller(given->substr(scheme.size()));
  if (!caller)
    return http::problem(401, "A key is needed", "send `Authorization: Bearer KEY` with a feed's or an operator's key")
        .set("WWW-Authenticate", "Bearer");
  const auto feed = request.names.find("feed");
  const bool is_own_feed =
      route.permission == "feed" && feed != request.names.end() && *caller == "feed:" + feed->second;
  if (!is_operator(*caller) && !is_own_feed)
    return http::problem(403, "Not with this key", "a feed's key is for that feed only");
  request.caller = *caller;
  return std::nullopt;
}

Response Service::post_events(Request& request) {
  const std::string& feed = request.names.find("feed")->second;
  const auto contract = store_->contracts().find(feed);
  if (contract == store_->contracts().end()) return http::problem(404, "Not found", "there is no such feed");
  const auto type = request.headers.find("content-type");
  const auto ending = ending_of(type.value_or(""));
  if (!ending)
    return http::problem(415, "Not supported",
                         "send text/csv, application/x-ndjson or application/json, as the feed's "
                         "contract says");
  app::BatchRequest batch;
  batch.feed = feed;
  bool wrong = false;
  batch.number = number_of(request.query, "batch", &wrong);
  batch.rows = number_of(request.query, "rows", &wrong);
  if (const auto digest = request.query.find("sha256"); digest != request.query.end()) batch.digest = digest->second;
  if (wrong || batch.number == std::optional<uint64_t>(0))
    return http::problem(400, "Invalid", "`batch` and `rows` are whole numbers; batches are numbered from 1");

  if (const auto accept = request.query.find("accept_volume"); accept != request.query.end()) {
    if (accept->second != "yes") return http::problem(400, "Invalid", "`accept_volume` is `yes`, or is left out");
    if (!is_operator(request.caller))
      return http::problem(403, "Not with this key",
                           "a day of more rows than the contract expects is let through with an operator's key");
    batch.accept_volume = true;
    batch.accepted_by = request.caller;
  }

  // Spooled and durable before its first row is committed, so that it can be gone on with after a crash.
  const std::string stem =
      fmt::format("{}/{}{}{}{}{}", store_->paths().spool, feed, between, batch.number.value_or(0), between, request.id);
  const std::string part = stem + std::string(part_ending);
  auto file = options_.store.disk->open_to_append(part);
  if (!file) return refusal(file.error());
  const auto drop = [&](const std::string& path) {
    std::error_code failed;
    std::filesystem::remove(path, failed);
  };
  const auto key = request.headers.find("authorization")->substr(7);
  Signature signature(key);
  std::string piece(1 << 16, '\0');
  for (;;) {
    const auto read = request.stream->read(piece.data(), piece.size());
    if (!read) {
      drop(part);
      return refusal(read.error());
    }
    if (*read == 0) break;
    const std::string_view bytes(piece.data(), *read);
    signature.add(bytes);
    if (base::Status written = (*file)->append(bytes); !written) {
      drop(part);
      return refusal(written.error());
    }
  }
  if (const auto sent = request.headers.find("x-kept-signature"); sent && !signature.is(*sent)) {
    drop(part);
    return http::problem(
        400, "Not what was signed",
        "X-Kept-Signature is not the HMAC-SHA256 of the body under your key: it was changed on the way");
  }
  if (base::Status synced = (*file)->sync(); !synced) {
    drop(part);
    return refusal(synced.error());
  }
  file->reset();
  batch.path = stem + *ending;
  std::error_code failed;
  std::filesystem::rename(part, batch.path, failed);
  if (failed) return refusal({ErrorCode::io, failed.message()});
  batch.name = "the body";

  auto receipt = app::receive_batch(*store_, batch);
  if (!receipt) {
    // A batch that was refused as a whole is the sender's to send again; one that the disk refused is ours to finish.
    if (receipt.error().code != ErrorCode::io) drop(batch.path);
    const std::lock_guard<std::mutex> lock(store_->mutex());
    if (store_->ledger().has_stopped()) has_failed_ = true;
    return refusal(receipt.error());
  }
  if (receipt->state == app::BatchState::complete) drop(batch.path);
  return http::answer(receipt->state == app::BatchState::held ? 202 : 200, json_type, app::receipt_json(*receipt));
}

Response Service::get_feeds() {
  const std::lock_guard<std::mutex> lock(reader_mutex_);
  const auto states = app::feed_states(*reader_, reader_->now());
  return states ? http::answer(200, json_type, app::feeds_json(*states)) : refusal(states.error());
}

Response Service::get_feed(const Request& request) {
  constexpr uint64_t rows_named = 100;
  const std::string& name = request.names.find("feed")->second;
  const std::lock_guard<std::mutex> lock(reader_mutex_);
  const auto states = app::feed_states(*reader_, reader_->now());
  if (!states) return refusal(states.error());
  for (const app::FeedState& state : *states) {
    if (state.name != name) continue;
    const auto waiting = app::quarantined_rows(*reader_, name, true, rows_named);
    return waiting ? http::answer(200, json_type, app::feed_json(state, *waiting)) : refusal(waiting.error());
  }
  return http::problem(404, "Not found", "there is no such feed");
}

Response Service::get_outbox() {
  const std::lock_guard<std::mutex> lock(reader_mutex_);
  const base::Status counted = count_outbox();
  return counted ? http::answer(200, json_type, app::sums_json(outbox_.sums, outbox_.at)) : refusal(counted.error());
}

Response Service::get_head() {
  const std::lock_guard<std::mutex> lock(store_->mutex());
  ledger::Ledger& ledger = store_->ledger();
  std::string body = fmt::format(R"({{"ledger":{})", app::json_string(ledger.id()));
  for (const ledger::TreeName tree : {ledger::TreeName::facts, ledger::TreeName::audit})
    body += fmt::format(R"(,"{}":{{"size":{},"root":"{}"}})", ledger::tree_title(tree), ledger.size(tree),
                        ledger::to_hex(ledger.root(tree)));
  return http::answer(200, json_type, body + "}\n");
}

Response Service::get_proof(const Request& request) {
  const std::string& text = request.names.find("position")->second;
  bool wrong = false;
  const auto position = number_of({{"position", text}}, "position", &wrong);
  if (wrong || !position) return http::problem(400, "Invalid", "a position is a whole number");
  const std::lock_guard<std::mutex> lock(store_->mutex());
  const auto receipt = store_->ledger().receipt(ledger::TreeName::facts, *position);
  if (!receipt) return refusal(receipt.error());
  return http::answer(200, json_type, app::proof_json(*receipt) + "\n");
}

Response Service::get_metrics() {
  return http::answer(200, std::string(base::metrics_content_type), base::render_metrics(metrics_));
}

Response Service::get_ready() {
  // Busy with a batch is ready: what comes waits its turn.
  if (has_failed_) return http::problem(503, "Not ready", "the store takes nothing more until it is started again");
  return http::answer(200, json_type, "{\"status\":\"ready\"}\n");
}

/// What time alone changes, and the signed heads.
base::Status Service::visit() {
  const std::lock_guard<std::mutex> lock(store_->mutex());
  if (store_->ledger().has_stopped()) {
    has_failed_ = true;
    return base::Done{};
  }
  const int64_t now = store_->now();
  const int64_t day = calendar::london_date(now).days;
  const auto visited = app::visit_time(*store_, now, day != visited_day_);
  if (!visited) {
    if (store_->ledger().has_stopped()) has_failed_ = true;
    return visited.error();
  }
  visited_day_ = day;
  return store_->publish(false);
}

// Every row of the outbox is read to count it, millions in a large store: so however often anybody asks, it is counted
// a twentieth of the time at most, and who asks between is told as of when.
base::Status Service::count_outbox() {
  const base::Clock& clock = *options_.server.clock;
  const int64_t began_us = clock.steady_us();
  if (outbox_.took_us >= 0 && began_us - outbox_.ended_us < 20 * outbox_.took_us) return base::Done{};
  const int64_t now = reader_->now();
  auto sums = app::outbox_sums(*reader_, {}, now);
  if (!sums) return sums.error();
  outbox_.sums = std::move(*sums);
  outbox_.at = now;
  outbox_.ended_us = clock.steady_us();
  outbox_.took_us = outbox_.ended_us - began_us;
  return base::Done{};
}

/// What waits in the outbox, by what is to be done.
void Service::measure_outbox() {
  const std::lock_guard<std::mutex> reading(reader_mutex_);
  if (!count_outbox()) return;
  for (const model::Act act : {model::Act::tell, model::Act::ask, model::Act::refer, model::Act::perform}) {
    uint64_t waiting = 0, overdue = 0;
    for (const app::OutboxSum& sum : outbox_.sums) {
      if (sum.act != act) continue;
      waiting += sum.live_waiting + sum.historic_waiting;
      overdue += sum.overdue;
    }
    const base::MetricLabels labels = {{"act", model::act_word(act)}};
    metrics_.gauge("kept_outbox_waiting", "Obligations not done", labels).set(static_cast<double>(waiting));
    metrics_.gauge("kept_outbox_overdue", "Obligations not done and past their deadline", labels)
        .set(static_cast<double>(overdue));
  }
}

void Service::take_up_files() {
  tell_taken_up("access_keys", keys_->take_up());
  if (options_.server.tls) tell_taken_up("certificate", server_->take_up_certificate());
}

void Service::tell_taken_up(std::string_view what, const base::Result<bool>& differs) {
  base::Gauge& is_refused =
      metrics_.gauge("kept_file_not_taken_up", "1 where a new file cannot be used and the old one stays in use",
                     {{"file", std::string(what)}});
  if (differs && !*differs) return;
  is_refused.set(differs ? 0 : 1);
  if (options_.server.log == nullptr) return;
  if (differs) {
    options_.server.log->write(base::LogLevel::info, "taken_up", {{"file", what}});
  } else {
    options_.server.log->write(base::LogLevel::error, "not_taken_up",
                               {{"file", what}, {"why", differs.error().message}});
  }
}

void Service::watch() {
  using namespace std::chrono_literals;
  base::Log* log = options_.server.log;
  int round = 0;
  std::unique_lock<std::mutex> lock(stop_mutex_);
  while (!stop_signal_.wait_for(lock, 1s, [&] { return stopping_; })) {
    lock.unlock();
    take_up_files();
    if (base::Status visited = visit(); !visited && log != nullptr)
      log->write(base::LogLevel::error, "visit_failed", {});
    if (round % 60 == 0) measure_outbox();
    if (round++ % 5 == 0) {
      const std::lock_guard<std::mutex> reading(reader_mutex_);
      const int64_t now = reader_->now();
      if (const auto states = app::feed_states(*reader_, now)) {
        for (const app::FeedState& feed : *states) {
          const base::MetricLabels labels = {{"feed", feed.name}};
          const auto gauge = [&](const char* name, const char* help) -> base::Gauge& {
            return metrics_.gauge(name, help, labels);
          };
          gauge("kept_feed_silent", "1 where a feed should have sent by now").set(feed.silent_since ? 1 : 0);
          gauge("kept_feed_missing_batches", "Batches that never came").set(static_cast<double>(feed.missing.size()));
          gauge("kept_feed_held_batches", "Batches of a day that grew too large, which wait for a person")
              .set(static_cast<double>(feed.held.size()));
          gauge("kept_feed_clock_doubted", "1 where a feed's times are ahead of ours, or fell behind")
              .set(feed.ahead() != 0 || feed.behind_ms ? 1 : 0);
          gauge("kept_quarantine_open", "Rows put aside and not settled")
              .set(static_cast<double>(feed.open_quarantine));
          gauge("kept_feed_rows", "Rows received").set(static_cast<double>(feed.counts.rows));
          if (feed.last_at != 0)
            gauge("kept_feed_age_seconds", "Since a feed last sent")
                .set(static_cast<double>(now - feed.last_at) / 1000);
        }
      }
      const int64_t days_left = reader_->rules().book.calendar->last().days - calendar::london_date(now).days;
      metrics_.gauge("kept_calendar_days_left", "Until the calendar of working days ends")
          .set(static_cast<double>(days_left));
    }
    {
      const std::unique_lock<std::mutex> writing(store_->mutex(), std::try_to_lock);
      if (writing.owns_lock()) {
        const int64_t age = store_->now() - store_->ledger().published_at();
        metrics_.gauge("kept_head_age_seconds", "Since heads were last signed").set(static_cast<double>(age) / 1000);
        metrics_.gauge("kept_facts", "Facts in the ledger").set(static_cast<double>(store_->ledger().size()));
      }
    }
    lock.lock();
  }
}

}  // namespace kept::web
