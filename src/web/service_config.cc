#include "web/service_config.h"

#include <fmt/format.h>

#include <filesystem>

#include "app/simulate_london.h"
#include "exchange/strict_yaml.h"
#include "ledger/postgres_database.h"

namespace kept::web {
namespace {

using namespace exchange::strict_yaml;

constexpr std::size_t file_bytes = 64 * 1024;

std::size_t size_of(const YAML::Node& node, const char* what, int64_t least, int64_t most) {
  return static_cast<std::size_t>(number(node, what, least, most));
}

void read_limits(const YAML::Node& node, http::Limits* limits) {
  static const std::vector<std::string> known = {
      "connections", "connections_per_address", "requests_waiting", "request_threads", "stop_seconds", "head_seconds"};
  for (const auto& [key, value] : entries(node, "limits", &known)) {
    if (key == "connections") {
      limits->connections = size_of(value, "connections", 1, 100'000);
    } else if (key == "connections_per_address") {
      limits->connections_per_address = size_of(value, "connections_per_address", 1, 100'000);
    } else if (key == "requests_waiting") {
      limits->handler_queue = size_of(value, "requests_waiting", 1, 100'000);
    } else if (key == "request_threads") {
      limits->handler_threads = size_of(value, "request_threads", 1, 256);
    } else if (key == "stop_seconds") {
      limits->stop_ms = number(value, "stop_seconds", 1, 3600) * 1000;
    } else {
      limits->head_ms = number(value, "head_seconds", 1, 600) * 1000;
    }
  }
}

}  // namespace

base::Result<ServiceConfig> ServiceConfig::parse(std::string_view yaml, const std::string& name) {
  ServiceConfig config;
  config.store.data = ".kept";
  const base::Status read = parsed(yaml, name, [&](const YAML::Node& root) {
    static const std::vector<std::string> known = {"data", "database", "rules", "calendar", "feeds", "address",
                                                   "port", "hosts",    "tls",   "log",      "limits"};
    for (const auto& [key, value] : entries(root, "the file", &known)) {
      if (key == "data") {
        config.store.data = scalar(value, "data");
      } else if (key == "database") {
        config.store.database = scalar(value, "database");
        if (!ledger::is_postgres_url(config.store.database))
          refuse(value,
                 "database is an address of PostgreSQL, postgresql://user@host/name, without a password: that "
                 "belongs into ~/.pgpass; leave the key out for SQLite in `data`");
      } else if (key == "rules") {
        config.store.rules = scalar(value, "rules");
      } else if (key == "calendar") {
        config.store.calendar = scalar(value, "calendar");
      } else if (key == "feeds") {
        config.store.feeds = scalar(value, "feeds");
      } else if (key == "address") {
        config.address = scalar(value, "address");
        if (config.address != "127.0.0.1" && config.address != "::1")
          refuse(value,
                 "address is 127.0.0.1 or ::1: until people can sign in the service stands on loopback only, "
                 "behind a proxy");
      } else if (key == "port") {
        config.port = static_cast<uint16_t>(number(value, "port", 0, 65535));
      } else if (key == "hosts") {
        config.hosts = one_or_more(value, "hosts");
      } else if (key == "tls") {
        static const std::vector<std::string> of_tls = {"certificate", "key"};
        for (const auto& [part, file] : entries(value, "tls", &of_tls))
          (part == "key" ? config.certificate_key : config.certificate) = scalar(file, "a file of tls");
        if (config.certificate.empty() || config.certificate_key.empty())
          refuse(value, "tls needs both `certificate` and `key`, files in PEM");
      } else if (key == "log") {
        config.log = scalar(value, "log");
      } else {
        read_limits(value, &config.limits);
      }
    }
  });
  if (!read) return read.error();
  return config;
}

base::Result<ServiceConfig> ServiceConfig::load(const std::string& path) {
  const auto text = read_whole(path, file_bytes);
  if (!text) return text.error();
  if (text->size() > file_bytes)
    return base::Error{base::ErrorCode::too_large, fmt::format("{}: a service's file has at most 64 KiB", path)};
  return parse(*text, path);
}

std::vector<std::string> ServiceConfig::check() const {
  namespace fs = std::filesystem;
  std::vector<std::string> findings;
  std::error_code failed;
  const auto needs = [&](const std::string& path, const char* what, bool folder) {
    if (path.empty()) return;
    if (folder ? !fs::is_directory(path, failed) : !fs::is_regular_file(path, failed))
      findings.push_back(fmt::format("{}: {} is not a {}", what, path, folder ? "folder" : "file"));
  };
  needs(store.rules, "rules", true);
  needs(store.feeds, "feeds", true);
  needs(store.calendar, "calendar", false);
  needs(certificate, "tls: certificate", false);
  needs(certificate_key, "tls: key", false);
  const fs::path above = fs::absolute(store.data, failed).parent_path();
  if (!fs::is_directory(above, failed))
    findings.push_back(
        fmt::format("data: {} is not there, so that {} cannot be made in it", above.string(), store.data));
  const auto rules =
      rules::load_rule_set({store.rules.empty() ? rules::built_in_rules() : store.rules, store.calendar});
  if (!rules) {
    findings.push_back(rules.error().message);
    return findings;
  }
  const auto contracts =
      exchange::load_contracts(store.feeds.empty() ? app::built_in_feeds() : store.feeds, *rules->book.vocabulary);
  if (!contracts) findings.push_back(contracts.error().message);
  return findings;
}

}  // namespace kept::web
