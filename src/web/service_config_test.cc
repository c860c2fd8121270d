#include "web/service_config.h"

#include <gtest/gtest.h>

namespace kept::web {
namespace {

TEST(ServiceConfig, reads_every_key) {
  const auto read = ServiceConfig::parse(
      "data: /var/lib/kept\ndatabase: postgresql://kept@db/kept\nrules: r\ncalendar: c.yaml\nfeeds: f\naddress: ::1\n"
      "port: 8443\nhosts: [kept.example]\ntls: {certificate: c.pem, key: k.pem}\nlog: kept.log\n"
      "limits: {connections: 10, connections_per_address: 6, requests_waiting: 5, request_threads: 2, stop_seconds: 3, "
      "head_seconds: 4}\n",
      "kept.yaml");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->store.data, "/var/lib/kept");
  EXPECT_EQ(read->store.database, "postgresql://kept@db/kept");
  EXPECT_EQ(read->address, "::1");
  EXPECT_EQ(read->port, 8443);
  EXPECT_EQ(read->hosts, std::vector<std::string>{"kept.example"});
  EXPECT_EQ(read->certificate_key, "k.pem");
  EXPECT_EQ(read->limits.connections, 10u);
  EXPECT_EQ(read->limits.connections_per_address, 6u);
  EXPECT_EQ(read->limits.handler_queue, 5u);
  EXPECT_EQ(read->limits.handler_threads, 2u);
  EXPECT_EQ(read->limits.stop_ms, 3000);
  EXPECT_EQ(read->limits.head_ms, 4000);
}

TEST(ServiceConfig, says_what_is_wrong_where_and_the_mend) {
  const struct {
    const char* why;
    const char* yaml;
    const char* says;
  } rows[] = {
      {"a key nobody knows", "data: x\nadress: ::1\n", "kept.yaml:2"},
      {"an address for everybody", "address: 0.0.0.0\n", "loopback"},
      {"a port too large", "port: 70000\n", "65535"},
      {"half of TLS", "tls: {certificate: c.pem}\n", "both `certificate` and `key`"},
      {"a database that is none", "database: sqlite:x\n", "postgresql://"},
      {"a key twice", "port: 1\nport: 2\n", "kept.yaml:2"},
      {"no YAML", "data: [\n", "kept.yaml"},
      {"a limit nobody knows", "limits: {speed: 9}\n", "speed"},
  };
  for (const auto& row : rows) {
    const auto read = ServiceConfig::parse(row.yaml, "kept.yaml");
    ASSERT_FALSE(read) << row.why;
    EXPECT_NE(read.error().message.find(row.says), std::string::npos) << row.why << ": " << read.error().message;
  }
}

TEST(ServiceConfig, finds_what_is_not_there) {
  auto read = ServiceConfig::parse("data: /no/such/place/kept\ncalendar: /no/such.yaml\n", "kept.yaml");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->check().size(), 3u);  // the calendar as a file, the folder, and the rules that want the calendar
  EXPECT_TRUE(ServiceConfig::parse("data: kept-store\n", "kept.yaml")->check().empty());
}

}  // namespace
}  // namespace kept::web
