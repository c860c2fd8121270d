#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "http/request.h"
#include "http/response.h"

namespace kept::http {

/// Runs on a thread of its own kind, never on one that moves bytes; may wait for disks and databases. It may throw: the
/// client then has a 500, and the log the event `handler_failed`.
using Handler = std::function<Response(Request&)>;

/// One method of one address.
struct Route {
  std::string method;      ///< GET (which answers HEAD too), POST, PUT, PATCH or DELETE
  std::string pattern;     ///< `/v1/feeds/{feed}/events`: a {name} stands for one segment that is not empty
  std::string permission;  ///< what the caller must be allowed, for the gate; `public` where everybody may. Never empty
  uint64_t body_limit_bytes = 0;  ///< 0: a request with a body is refused (413)
  bool streamed = false;  ///< the handler reads the body as it arrives; otherwise it has the whole of it in memory
  bool urgent =
      false;  ///< has threads of its own, so that it is answered while everything else is refused; not streamed
  Handler handler;
};

/// The table of what the server answers. Filled before it starts.
class Router {
 public:
  /// Precondition (asserted): a sound route that is not there yet, not even under other {names}.
  Router& add(Route route);
  const std::vector<Route>& routes() const { return routes_; }

  struct Match {
    const Route* route = nullptr;
    std::map<std::string, std::string, std::less<>> names;
    std::vector<std::string>
        allowed;  ///< where there is no route: the methods there are, sorted. Empty: no such address
  };
  /// `method` may be HEAD. Where several patterns fit, the one with a plain segment where the other has a {name}, from
  /// the left, is meant.
  Match find(std::string_view method, const std::vector<std::string>& segments) const;

 private:
  std::vector<Route> routes_;
  std::vector<std::vector<std::string>> patterns_;  ///< the segments of each
};

}  // namespace kept::http
