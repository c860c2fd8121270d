// The service as a feed and an operator meet it: over a socket, with their keys, with batches of a simulated London.
#include "web/service.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <openssl/hmac.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

#include "app/delivery.h"
#include "app/erasure.h"
#include "app/simulate_london.h"
#include "http/certificate_test.h"
#include "http/client_test.h"
#include "http/tls_client_test.h"
#include "support/intake_store_test.h"

namespace kept::web {
namespace {

namespace fs = std::filesystem;
using calendar::local_date;
using http::Answer;

TEST(Service, every_route_says_who_may_use_it) {
  const http::Router router = Service::routes(nullptr);
  std::set<std::string> open;
  for (const http::Route& route : router.routes()) {
    EXPECT_TRUE(route.permission == "public" || route.permission == "feed" || route.permission == "operator")
        << route.pattern;
    if (route.permission == "public") open.insert(route.pattern);
  }
  EXPECT_EQ(open, (std::set<std::string>{"/health", "/ready"}));
}

class ServiceTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("kept-service-" + std::to_string(getpid()));
    fs::create_directories(folder_);
    app::SimulationRequest request;
    request.plan = {60, 3, local_date({2024, 3, 1}), local_date({2024, 3, 20})};
    request.feeds = (folder_ / "feeds").string();
    ASSERT_TRUE(app::simulate_london(request));
    auto read = app::Delivery::read(request.feeds);
    ASSERT_TRUE(read) << read.error().message;
    delivery_ = std::move(*read);
  }
  void TearDown() override {
    service_.reset();
    fs::remove_all(folder_);
  }

  ServiceOptions options() {
    ServiceOptions options;
    options.store.data = (folder_ / "store").string();
    options.server.log = &log_;
    return options;
  }
  void start() {
    auto started = Service::start(options());
    ASSERT_TRUE(started) << started.error().message;
    service_ = std::move(*started);
    operator_ = service_->keys().make("operator", "test", base::system_chance()).value();
    feed_ = service_->keys().make("feed", "police-crimes", base::system_chance()).value();
  }

  const app::Delivery::Batch& batch(const std::string& feed, uint64_t number) const {
    for (const app::Delivery::Batch& each : delivery_.batches)
      if (each.feed == feed && each.number == number) return each;
    ADD_FAILURE() << "no batch " << number << " of " << feed;
    return delivery_.batches.front();
  }
  static std::string bytes_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }

  Answer ask(const std::string& method, const std::string& target, const std::string& key, const std::string& body = "",
             const std::string& headers = "Content-Type: text/csv\r\n") {
    http::TestClient client(service_->port());
    std::string request = fmt::format("{} {} HTTP/1.1\r\nHost: localhost\r\n", method, target);
    if (!key.empty()) request += fmt::format("Authorization: Bearer {}\r\n", key);
    if (method == "POST") request += headers + fmt::format("Content-Length: {}\r\n", body.size());
    const auto answer = client.ask(request + "\r\n" + body);
    EXPECT_TRUE(answer) << method << " " << target;
    return answer.value_or(Answer{});
  }

  static std::string signed_by(const std::string& key, const std::string& body) {
    unsigned char made[32];
    unsigned int size = 0;
    HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(body.data()),
         body.size(), made, &size);
    std::string hex;
    for (const unsigned char byte : made) hex += fmt::format("{:02x}", byte);
    return hex;
  }

  fs::path folder_;
  app::Delivery delivery_;
  base::LogInMemory log_;
  std::unique_ptr<Service> service_;
  std::string operator_, feed_;
};

TEST_F(ServiceTest, takes_a_feeds_batches_with_its_key_and_accounts_for_every_row) {
  start();
  const app::Delivery::Batch& first = batch("police-crimes", 1);
  const std::string body = bytes_of(first.path);
  const std::string to = "/v1/feeds/police-crimes/events";

  // Who may not.
  EXPECT_EQ(ask("POST", to, "", body).status, 401);
  EXPECT_EQ(ask("POST", to, std::string(48, '0'), body).status, 401);
  EXPECT_EQ(ask("POST", "/v1/feeds/police-victims/events", feed_, body).status, 403);
  EXPECT_EQ(ask("GET", "/v1/feeds", feed_).status, 403);
  EXPECT_EQ(ask("GET", "/metrics", "").status, 401);
  // What is not as stated: nothing of it is taken.
  EXPECT_EQ(ask("POST", to + "?batch=0", feed_, body).status, 400);
  EXPECT_EQ(ask("POST", to, feed_, body, "Content-Type: text/html\r\n").status, 415);
  EXPECT_EQ(ask("POST", to + "?batch=1&sha256=" + std::string(64, 'a'), feed_, body).status, 409);
  const std::string signature = signed_by(feed_, body);
  EXPECT_EQ(ask("POST", to + "?batch=1", feed_, body + " ",
                "Content-Type: text/csv\r\nX-Kept-Signature: " + signature + "\r\n")
                .status,
            400);
  EXPECT_NE(ask("GET", "/v1/feeds", operator_).body.find(R"("name":"police-crimes")"), std::string::npos);
  EXPECT_EQ(ask("GET", "/v1/feeds", operator_).body.find(R"("rows":1)"), std::string::npos);

  const Answer taken = ask("POST", fmt::format("{}?batch=1&rows={}&sha256={}", to, first.rows, first.digest), feed_,
                           body, "Content-Type: text/csv\r\nX-Kept-Signature: " + signature + "\r\n");
  EXPECT_EQ(taken.status, 200) << taken.body;
  EXPECT_NE(taken.body.find(fmt::format(R"("rows":{},"accepted":{},"duplicate":0,"conflict":0,"quarantined":0)",
                                        first.rows, first.rows)),
            std::string::npos)
      << taken.body;
  const Answer again = ask("POST", to + "?batch=1", feed_, body);
  EXPECT_EQ(again.status, 200);
  EXPECT_NE(again.body.find(R"("again":true)"), std::string::npos);
  EXPECT_EQ(ask("POST", to + "?batch=1", feed_, bytes_of(batch("police-crimes", 2).path)).status, 409);
  // A batch that came after one that did not is taken, and the missing one is named.
  const Answer third = ask("POST", to + "?batch=3", feed_, bytes_of(batch("police-crimes", 3).path));
  EXPECT_NE(third.body.find(R"("missing":[2])"), std::string::npos) << third.body;

  const Answer feeds = ask("GET", "/v1/feeds", operator_);
  EXPECT_NE(feeds.body.find(R"("last_batch":3)"), std::string::npos);
  EXPECT_NE(feeds.body.find(R"("missing":[2])"), std::string::npos);
  EXPECT_EQ(ask("GET", "/v1/outbox", feed_).status, 403);
  const Answer outbox = ask("GET", "/v1/outbox", operator_);
  EXPECT_EQ(outbox.status, 200);
  EXPECT_EQ(outbox.body.rfind(R"({"as_at":)", 0), 0u) << outbox.body;
  EXPECT_EQ(ask("GET", "/v1/ledger/facts/0/proof", operator_).status, 200);
  EXPECT_EQ(ask("GET", "/v1/ledger/facts/99999999/proof", operator_).status, 404);
  EXPECT_EQ(ask("POST", "/v1/feeds/no-such/events", operator_, body).status, 404);
  EXPECT_EQ(ask("GET", "/ready", "").status, 200);
  EXPECT_TRUE(service_->stop());

  // Nothing that was sent, and no key, is in the log.
  for (const std::string& line : log_.lines()) {
    EXPECT_EQ(line.find(feed_), std::string::npos) << line;
    EXPECT_EQ(line.find(operator_), std::string::npos) << line;
    EXPECT_EQ(line.find("police-crimes"), std::string::npos) << line;
  }
  EXPECT_TRUE(fs::is_empty(folder_ / "store" / "spool"));
}

TEST_F(ServiceTest, nothing_personal_is_in_the_log_or_the_metrics) {
  start();
  const std::string key = service_->keys().make("feed", "police-victims", base::system_chance()).value();
  const std::string to = "/v1/feeds/police-victims/events";
  const auto victims = [](const std::vector<app::Cells>& rows) { return app::csv(app::victims_heading, rows); };
  std::vector<app::Cells> rows{app::victim("C1", "V1", "v1")};
  for (std::size_t i = 0; i < app::canaries.size(); ++i) {
    rows.push_back(app::described("V1", fmt::format("d{}", i), app::canaries[i]));
    rows.push_back(app::not_taken("V1", fmt::format("n{}", i), app::canaries[i]));
  }
  const Answer taken = ask("POST", to + "?batch=1", key, victims(rows));
  EXPECT_EQ(taken.status, 200) << taken.body;
  EXPECT_NE(taken.body.find(R"("rows":13,"accepted":7,"duplicate":0,"conflict":0,"quarantined":6)"), std::string::npos)
      << taken.body;
  // What cannot be taken as a whole, or is asked in a way that nobody may: each has a canary where it could slip out.
  EXPECT_EQ(ask("POST", to + "?batch=1", key, victims({app::described("V2", "d9", "CANARY-NAME")})).status, 409);
  EXPECT_EQ(ask("POST", to + "?batch=CANARY-NOTE", key, victims({})).status, 400);
  EXPECT_GE(ask("POST", to + "?batch=2", key, "CANARY-NAME;CANARY-NOTE\n1;2\n").status, 400);
  EXPECT_EQ(ask("GET", "/v1/CANARY-NAME", operator_).status, 404);
  EXPECT_EQ(ask("GET", "/v1/feeds", "CANARY-07700900123").status, 401);
  const auto look = [&](const std::string& when, int rows_by_then) {
    // Feeds are measured each five seconds.
    const std::string measured = fmt::format("kept_feed_rows{{feed=\"police-victims\"}} {}\n", rows_by_then);
    std::string metrics;
    for (int tries = 0; tries < 1200 && metrics.find(measured) == std::string::npos; ++tries) {
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
      metrics = ask("GET", "/metrics", operator_).body;
    }
    EXPECT_NE(metrics.find(measured), std::string::npos) << "the test sees what is measured";
    const std::string feeds = ask("GET", "/v1/feeds", operator_).body;
    EXPECT_TRUE(service_->stop());
    std::string log;
    for (const std::string& line : log_.lines()) log += line + "\n";
    EXPECT_GE(log_.lines().size(), 5u) << "the test sees what is logged";
    for (const std::string& canary : app::canaries) {
      EXPECT_EQ(log.find(canary), std::string::npos) << canary << " is in the log " << when << "\n" << log;
      EXPECT_EQ(metrics.find(canary), std::string::npos) << canary << " is in the metrics " << when;
      EXPECT_EQ(feeds.find(canary), std::string::npos) << canary << " is among the feeds " << when;
    }
    service_.reset();
  };
  look("before the erasure", 13);
  {
    const auto store = app::Store::open(options().store);
    ASSERT_TRUE(store) << store.error().message;
    const auto erased = app::erase_person(**store, "V1", "desk", "asked for it");
    ASSERT_TRUE(erased) << erased.error().message;
    EXPECT_EQ(erased->rows, 6u);
  }
  start();
  const std::string later = service_->keys().make("feed", "police-victims", base::system_chance()).value();
  const Answer more =
      ask("POST", to + "?batch=3", later,
          victims({app::described("V1", "l1", "CANARY-LATER"), app::not_taken("V1", "l2", "CANARY-LATERROW")}));
  EXPECT_NE(more.body.find(R"("rows":2,"accepted":1,"duplicate":0,"conflict":0,"quarantined":1)"), std::string::npos)
      << more.body;
  look("after the erasure", 15);
}

TEST_F(ServiceTest, goes_on_with_what_was_spooled_when_it_was_killed) {
  start();
  ASSERT_TRUE(service_->stop());
  service_.reset();
  const fs::path spool = folder_ / "store" / "spool";
  fs::copy_file(batch("police-crimes", 1).path, spool / "police-crimes__1__0123.csv");
  std::ofstream(spool / "police-crimes__2__4567.part") << "cut";
  start();
  EXPECT_TRUE(fs::is_empty(spool));
  const Answer feeds = ask("GET", "/v1/feeds", operator_);
  EXPECT_NE(feeds.body.find(fmt::format(R"("rows":{},"accepted":{})", batch("police-crimes", 1).rows,
                                        batch("police-crimes", 1).rows)),
            std::string::npos)
      << feeds.body;
  const Answer again =
      ask("POST", "/v1/feeds/police-crimes/events?batch=1", feed_, bytes_of(batch("police-crimes", 1).path));
  EXPECT_NE(again.body.find(R"("again":true)"), std::string::npos);
}

TEST_F(ServiceTest, takes_batches_of_many_clients_at_once) {
  start();
  const std::string key = service_->keys().make("feed", "police-older-system", base::system_chance()).value();
  constexpr int clients = 8, of_each = 5;
  const std::string recorded = model::instant_text(base::system_clock().now_ms() - 60'000);
  std::atomic<int> taken = 0;
  std::vector<std::thread> threads;
  for (int client = 0; client < clients; ++client)
    threads.emplace_back([&, client] {
      for (int i = 0; i < of_each; ++i) {
        const std::string body = fmt::format(
            R"({{"id":"a{0}-{1}","type":"suspect.arrested","crime":"C{1}","suspect":"S{0}","occurred_at":"{2}","recorded_at":"{2}"}})"
            "\n",
            client, i, recorded);
        const Answer answer =
            ask("POST", "/v1/feeds/police-older-system/events", key, body, "Content-Type: application/x-ndjson\r\n");
        EXPECT_EQ(answer.status, 200) << answer.body;
        if (answer.body.find(R"("rows":1,"accepted":1,)") != std::string::npos) ++taken;
        EXPECT_EQ(ask("GET", "/v1/ledger/head", operator_).status, 200);
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(taken, clients * of_each);
  const std::string feeds = ask("GET", "/v1/feeds", operator_).body;
  EXPECT_NE(feeds.find(fmt::format(R"("last_batch":{})", clients * of_each)), std::string::npos) << feeds;
  EXPECT_TRUE(fs::is_empty(folder_ / "store" / "spool"));
}

TEST_F(ServiceTest, takes_up_keys_while_it_runs_and_keeps_the_old_ones_where_the_file_is_wrong) {
  start();
  const std::string path = (folder_ / "store" / "keys" / "access.keys").string();
  const auto becomes = [&](const std::string& key, int status) {
    int got = 0;
    for (int tries = 0; tries < 600 && got != status; ++tries) {
      if (tries != 0) std::this_thread::sleep_for(std::chrono::milliseconds(100));
      got = ask("GET", "/v1/feeds", key).status;
    }
    return got == status;
  };
  const auto measures = [&](const std::string& line) {
    for (int tries = 0; tries < 600; ++tries) {
      if (ask("GET", "/metrics", operator_).body.find(line + "\n") != std::string::npos) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    return false;
  };
  const auto put_in_place = [&](const std::string& text) {
    std::ofstream(path + ".new") << text;
    fs::permissions(path + ".new", fs::perms::owner_read | fs::perms::owner_write);
    fs::rename(path + ".new", path);
  };
  const std::string before = bytes_of(path);
  // As `kept key` does beside a service that runs.
  auto beside = AccessKeys::open(base::system_disk(), path);
  ASSERT_TRUE(beside);
  const std::string late = (*beside)->make("operator", "late", base::system_chance()).value();
  EXPECT_TRUE(becomes(late, 200));
  // Taken out of the file, it opens nothing.
  put_in_place(before);
  EXPECT_TRUE(becomes(late, 401));
  EXPECT_EQ(ask("GET", "/v1/feeds", operator_).status, 200);
  // A file that is wrong changes nothing, and it is said.
  put_in_place("operator late " + std::string(64, 'a') + "\nno key\n");
  EXPECT_TRUE(measures(R"(kept_file_not_taken_up{file="access_keys"} 1)"));
  EXPECT_EQ(ask("GET", "/v1/feeds", operator_).status, 200);
  put_in_place(before);
  EXPECT_TRUE(measures(R"(kept_file_not_taken_up{file="access_keys"} 0)"));
  EXPECT_TRUE(service_->stop());
  const auto lines = log_.lines();
  EXPECT_TRUE(std::any_of(lines.begin(), lines.end(), [](const std::string& line) {
    return line.find("not_taken_up") != std::string::npos && line.find("access.keys:2") != std::string::npos;
  }));
}

TEST_F(ServiceTest, takes_up_its_certificate_while_it_runs) {
  ServiceOptions with_tls = options();
  with_tls.server.tls = http::fresh_certificate("service");
  auto started = Service::start(with_tls);
  ASSERT_TRUE(started) << started.error().message;
  service_ = std::move(*started);
  http::Wish wish;
  wish.request = "GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  const std::string first = http::meet(service_->port(), wish).certificate;
  ASSERT_FALSE(first.empty());
  const http::TlsFiles next = http::fresh_certificate("service-next");
  fs::rename(next.key, with_tls.server.tls->key);
  fs::rename(next.certificates, with_tls.server.tls->certificates);
  http::Outcome now;
  for (int tries = 0; tries < 600 && (tries == 0 || now.certificate == first); ++tries) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    now = http::meet(service_->port(), wish);
    EXPECT_NE(now.answer.find("200 OK"), std::string::npos);
  }
  EXPECT_NE(now.certificate, first);
}

TEST_F(ServiceTest, stands_on_loopback_only_and_once) {
  ServiceOptions everywhere = options();
  everywhere.server.address = "0.0.0.0";
  const auto refused = Service::start(everywhere);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("loopback"), std::string::npos);
  start();
  const auto second = Service::start(options());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, base::ErrorCode::conflict);
}

}  // namespace
}  // namespace kept::web
