#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "http/certificate_test.h"
#include "http/client_test.h"
#include "http/server_test.h"
#include "http/tls_client_test.h"

namespace kept::http {
namespace {

using testing::HasSubstr;

class ServerTls : public testing::Test {
 protected:
  void SetUp() override {
    Router router;
    router.add({.method = "GET", .pattern = "/", .permission = "public", .handler = says("hello")});
    router.add(
        {.method = "GET", .pattern = "/large", .permission = "public", .handler = says(std::string(5u << 20u, 'x'))});
    router.add(
        {.method = "POST",
         .pattern = "/",
         .permission = "public",
         .body_limit_bytes = 1u << 20u,
         .handler = [](Request& request) { return answer(200, "text/plain", std::to_string(request.body.size())); }});
    ServerOptions options;
    options.tls = files_;
    options.clock = &clock_;
    options.limits.sweep_ms = 5;
    server_ = started(std::move(router), options);
  }
  base::ManualClock clock_;
  const TlsFiles files_ = fresh_certificate("tls");
  std::unique_ptr<Server> server_;
};

const std::string last_get = "GET / HTTP/1.1\r\nHost: kept\r\nConnection: close\r\n\r\n";

TEST_F(ServerTls, SpeaksWhatIsSafeAndNothingElse) {
  struct Row {
    const char* why;
    Wish wish;
    bool agrees;
    const char* version;
  };
  const Row rows[] = {
      {"TLS 1.3", {TLS1_3_VERSION, "", "", last_get}, true, "TLSv1.3"},
      {"TLS 1.2", {TLS1_2_VERSION, "", "", last_get}, true, "TLSv1.2"},
      {"TLS 1.2 with ChaCha20", {TLS1_2_VERSION, "ECDHE-ECDSA-CHACHA20-POLY1305", "", last_get}, true, "TLSv1.2"},
      {"TLS 1.1", {TLS1_1_VERSION, "", "", last_get}, false, ""},
      {"TLS 1.0", {TLS1_VERSION, "", "", last_get}, false, ""},
      {"TLS 1.2 with CBC", {TLS1_2_VERSION, "ECDHE-ECDSA-AES128-SHA256", "", last_get}, false, ""},
      {"TLS 1.2 without encryption", {TLS1_2_VERSION, "eNULL", "", last_get}, false, ""},
      {"a client that chooses HTTP/1.1", {0, "", "\x02h2\x08http/1.1", last_get}, true, "TLSv1.3"},
      {"a client that means another service", {0, "", "\x04smtp", last_get}, false, ""},
      {"HTTP/2 only", {0, "", "\x02h2", last_get}, false, ""},
  };
  for (const Row& row : rows) {
    const Outcome out = meet(server_->port(), row.wish);
    EXPECT_EQ(out.agreed, row.agrees) << row.why;
    if (!row.agrees || !out.agreed) continue;
    EXPECT_EQ(out.version, row.version) << row.why;
    EXPECT_THAT(out.answer, HasSubstr("HTTP/1.1 200 OK\r\n")) << row.why;
    EXPECT_THAT(out.answer, testing::EndsWith("\r\n\r\nhello")) << row.why;
    EXPECT_THAT(out.cipher, testing::AnyOf(HasSubstr("GCM"), HasSubstr("CHACHA20"))) << row.why;
    EXPECT_EQ(out.protocol, row.wish.protocols.empty() ? "" : "http/1.1") << row.why;
  }
}

TEST_F(ServerTls, CarriesLargeBodiesBothWays) {
  Wish wish;
  wish.request = "GET /large HTTP/1.1\r\nHost: kept\r\nConnection: close\r\n\r\n";
  EXPECT_GT(meet(server_->port(), wish).answer.size(), 5u << 20u);
  wish.request = "POST / HTTP/1.1\r\nHost: kept\r\nConnection: close\r\nContent-Length: 1000000\r\n\r\n" +
                 std::string(1'000'000, 'x');
  EXPECT_THAT(meet(server_->port(), wish).answer, testing::EndsWith("\r\n\r\n1000000"));
}

TEST_F(ServerTls, IsAsStrictAsWithout) {
  Wish wish;
  wish.request = "GET / HTTP/1.1\nHost: kept\n\n";
  EXPECT_THAT(meet(server_->port(), wish).answer, testing::StartsWith("HTTP/1.1 400 Bad Request\r\n"));
}

TEST_F(ServerTls, APlainRequestIsNotAnswered) {
  TestClient client(server_->port());
  client.send(get("/"));
  const auto got = client.receive();
  EXPECT_FALSE(got);
}

TEST_F(ServerTls, AHandshakeHasItsTime) {
  TestClient silent(server_->port());
  TestClient halfway(server_->port());
  halfway.send(std::string("\x16\x03\x01\x02\x00", 5));
  // Whoever comes later is served: the server has seen both.
  Wish later;
  later.request = last_get;
  ASSERT_TRUE(meet(server_->port(), later).agreed);
  clock_.advance_ms(9'990);
  EXPECT_FALSE(silent.hears_within(100));
  EXPECT_FALSE(halfway.hears_within(100));
  clock_.advance_ms(10);
  EXPECT_TRUE(silent.hears_within(patience_ms));
  EXPECT_TRUE(halfway.hears_within(patience_ms));
}

TEST_F(ServerTls, ACertificateIsTakenUpWhileItServesAndABadOneIsNot) {
  const auto certificate = [&] {
    const Outcome out = meet(server_->port(), {});
    EXPECT_THAT(out.answer, testing::EndsWith("\r\n\r\nhello"));
    return out.certificate;
  };
  const auto take_up = [&] { return server_->take_up_certificate(); };
  const std::string first = certificate();
  EXPECT_FALSE(take_up().value()) << "nothing has changed";
  const TlsFiles next = fresh_certificate("tls-next");
  std::filesystem::rename(next.certificates, files_.certificates);
  const auto half = take_up();
  ASSERT_FALSE(half) << "the key is still that of the other certificate";
  EXPECT_THAT(half.error().message, HasSubstr("that belongs to the certificate."));
  EXPECT_FALSE(take_up().value()) << "said once";
  EXPECT_EQ(certificate(), first);
  std::filesystem::rename(next.key, files_.key);
  EXPECT_TRUE(take_up().value());
  const std::string second = certificate();
  EXPECT_NE(second, first);
  std::filesystem::remove(files_.certificates);
  EXPECT_FALSE(take_up()) << "it is gone";
  EXPECT_EQ(certificate(), second);
  std::ofstream(files_.certificates) << "no certificate";
  EXPECT_FALSE(take_up());
  EXPECT_EQ(certificate(), second);
}

TEST(ServerTlsFiles, AKeyThatIsNotTheCertificatesIsRefused) {
  const TlsFiles one = fresh_certificate("one"), other = fresh_certificate("other");
  ServerOptions options;
  options.tls = TlsFiles{one.certificates, other.key};
  const auto server = Server::start(Router(), options);
  ASSERT_FALSE(server);
  EXPECT_EQ(server.error().code, base::ErrorCode::invalid);
  EXPECT_THAT(server.error().message, HasSubstr("that belongs to the certificate."));
}

}  // namespace
}  // namespace kept::http
