#include "http/router.h"

#include <algorithm>
#include <cassert>
#include <optional>

namespace kept::http {
namespace {

std::vector<std::string> split(std::string_view pattern) {
  std::vector<std::string> out;
  while (!pattern.empty()) {
    pattern.remove_prefix(1);
    const std::size_t end = std::min(pattern.find('/'), pattern.size());
    out.emplace_back(pattern.substr(0, end));
    pattern.remove_prefix(end);
  }
  if (out.size() == 1 && out.front().empty()) out.clear();
  return out;
}

bool is_name(std::string_view segment) { return segment.size() > 2 && segment.front() == '{' && segment.back() == '}'; }

bool fits(const std::vector<std::string>& pattern, const std::vector<std::string>& segments) {
  return std::equal(pattern.begin(), pattern.end(), segments.begin(), segments.end(),
                    [](const std::string& part, const std::string& segment) {
                      return is_name(part) ? !segment.empty() : part == segment;
                    });
}

/// Whether `a` is meant rather than `b` where both fit.
bool is_plainer(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (is_name(a[i]) != is_name(b[i])) return is_name(b[i]);
  }
  return false;
}

bool same_addresses(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const std::string& x, const std::string& y) { return is_name(x) ? is_name(y) : x == y; });
}

}  // namespace

Router& Router::add(Route route) {
  const std::string& method = route.method;
  assert(method == "GET" || method == "POST" || method == "PUT" || method == "PATCH" || method == "DELETE");
  assert(!route.pattern.empty() && route.pattern.front() == '/');
  assert(!route.permission.empty() && route.handler);
  assert((method != "GET" && method != "DELETE") || (route.body_limit_bytes == 0 && !route.streamed));
  assert(!(route.streamed && route.urgent));
  auto pattern = split(route.pattern);
  for (std::size_t i = 0; i < routes_.size(); ++i) {
    assert(!(routes_[i].method == method && same_addresses(patterns_[i], pattern)));
  }
  routes_.push_back(std::move(route));
  patterns_.push_back(std::move(pattern));
  return *this;
}

Router::Match Router::find(std::string_view method, const std::vector<std::string>& segments) const {
  const std::string_view wanted = method == "HEAD" ? "GET" : method;
  Match match;
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < routes_.size(); ++i) {
    if (!fits(patterns_[i], segments)) continue;
    match.allowed.push_back(routes_[i].method);
    if (routes_[i].method == "GET") match.allowed.emplace_back("HEAD");
    if (routes_[i].method == wanted && (!best || is_plainer(patterns_[i], patterns_[*best]))) best = i;
  }
  if (!best) {
    std::sort(match.allowed.begin(), match.allowed.end());
    match.allowed.erase(std::unique(match.allowed.begin(), match.allowed.end()), match.allowed.end());
    return match;
  }
  match.allowed.clear();
  match.route = &routes_[*best];
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const std::string& part = patterns_[*best][i];
    if (is_name(part)) match.names.emplace(part.substr(1, part.size() - 2), segments[i]);
  }
  return match;
}

}  // namespace kept::http
