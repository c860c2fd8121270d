#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/headers.h"
#include "http/target.h"

namespace kept::http {

/// A body as it arrives, for routes that are `streamed`. Only the thread that runs the handler reads it, one read at a
/// time.
class BodyReader {
 public:
  virtual ~BodyReader() = default;
  /// Waits for bytes and writes up to `capacity` of them; 0 at the end of the body. Memory does not grow with the body:
  /// what is not read stays with the client. After an error every further read gives the same error. Errors: invalid
  /// (the body is faulty), too_large (the route's limit), io (too slow, or the client has gone). The client is answered
  /// for these by the server itself, whatever the handler returns; the handler undoes what it began.
  virtual base::Result<std::size_t> read(char* into, std::size_t capacity) = 0;
};

/// A request whose head is certain (see head.h). Nothing in it is trusted beyond its form.
struct Request {
  std::string method;  ///< as the route's; GET for a HEAD
  std::string path;    ///< decoded; the query is not part of it
  std::map<std::string, std::string, std::less<>>
      names;  ///< what stands at the {names} of the route's pattern, decoded
  Query query;
  Headers headers;
  std::string body;              ///< all of it, unless the route is streamed
  BodyReader* stream = nullptr;  ///< where the route is streamed; lives as long as the handler runs
  bool has_body = false;
  std::string id;    ///< made by the server, the same as the answer's X-Request-Id
  std::string peer;  ///< the address the bytes came from, as text: a proxy's where there is one. Never written to a log
  std::string caller;  ///< who the gate says is asking; empty without one
};

}  // namespace kept::http
