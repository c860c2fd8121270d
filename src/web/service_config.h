#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "web/service.h"

namespace kept::web {

/// How a service is set up: one file, docs/formats/service.md.
struct ServiceConfig {
  app::StoreRequest store;
  std::string address = "127.0.0.1";
  uint16_t port = 8080;
  std::vector<std::string> hosts;  ///< besides localhost and the address
  std::string certificate, certificate_key;
  std::string log;  ///< empty: standard error
  http::Limits limits;

  /// Errors: not_found, io; invalid, naming file, line, value and the mend.
  static base::Result<ServiceConfig> load(const std::string& path);
  static base::Result<ServiceConfig> parse(std::string_view yaml, const std::string& name);
  /// What cannot be seen in the file alone: folders and files that are not there, rules and contracts that do not load.
  /// In words, one a finding; none: it can be started.
  std::vector<std::string> check() const;
};

}  // namespace kept::web
