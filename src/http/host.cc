#include "http/host.h"

#include <algorithm>

namespace kept::http {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

bool is_host(std::string_view host) {
  std::string_view name = host, port = "0";
  if (!host.empty() && host.front() == '[') {
    const std::size_t end = host.find(']');
    if (end == std::string_view::npos) return false;
    name = host.substr(1, end - 1);
    if (name.empty() || name.find_first_not_of("0123456789abcdefABCDEF:.") != std::string_view::npos) return false;
    host.remove_prefix(end + 1);
    if (host.empty()) return true;
    if (host.front() != ':') return false;
    port = host.substr(1);
  } else {
    const std::size_t colon = host.find(':');
    name = host.substr(0, colon);
    if (colon != std::string_view::npos) port = host.substr(colon + 1);
    if (name.empty()) return false;
    for (const char c : name) {
      const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c);
      if (!letter && c != '-' && c != '.' && c != '_') return false;
    }
  }
  return !port.empty() && port.size() <= 5 && std::all_of(port.begin(), port.end(), is_digit);
}

bool answers_for(const std::vector<std::string>& hosts, std::string_view host) {
  if (hosts.empty()) return true;
  // The port is not looked at: behind a proxy it is the proxy's.
  if (const std::size_t colon = host.rfind(':'); colon != std::string_view::npos && host.back() != ']')
    host = host.substr(0, colon);
  return std::any_of(hosts.begin(), hosts.end(), [&](const std::string& each) {
    return std::equal(each.begin(), each.end(), host.begin(), host.end(), [](char a, char b) {
      const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
      return lower(a) == lower(b);
    });
  });
}

}  // namespace kept::http
