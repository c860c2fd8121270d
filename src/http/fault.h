#pragma once
#include <string_view>

namespace kept::http {

/// Why a request is refused before any handler sees it. Closed: logs, metrics and tests name these and nothing else.
/// After each of them the connection is closed, because where the next request would begin is not certain.
enum class Fault {
  bare_line_feed,
  bare_carriage_return,
  control_character,      ///< NUL and its like, anywhere in the head
  empty_request_line,     ///< a line break where a request should begin
  request_line,           ///< not `METHOD SP target SP HTTP/1.x`
  method_unknown,         ///< 501: not one of GET, HEAD, POST, PUT, PATCH, DELETE
  version,                ///< 505: not HTTP/1.1 or HTTP/1.0
  request_line_too_long,  ///< 414
  target,                 ///< not a path and query of plain characters, or what they decode to is not a clean text
  query_repeated,         ///< a name twice: which one counts would be a guess
  header_line,            ///< no colon, nothing before it, or a character in the name that no name has
  header_folded,          ///< a line that continues the one before
  header_repeated,        ///< a header that may stand only once
  head_too_large,         ///< 431
  too_many_headers,       ///< 431
  host_missing,           ///< HTTP/1.1 without Host
  host,                   ///< empty, or not a host name with a port
  content_length,         ///< not a plain number of at most 18 digits, or more than one
  both_lengths,           ///< Content-Length and Transfer-Encoding
  transfer_encoding,      ///< other than exactly `chunked`
  transfer_encoding_1_0,  ///< in HTTP/1.0
  body_not_expected,      ///< with GET, HEAD or DELETE
  expectation,            ///< 417: other than 100-continue
  readings_differ,        ///< a second parser reads the head otherwise
  wrong_host,             ///< 421: not a host that this server answers for
  chunk_size,             ///< not 1 to 15 hexadecimal digits
  chunk_extension,        ///< none are taken
  chunk_end,              ///< a chunk's bytes are not followed by a line break
  trailer,                ///< none are taken
  body_too_large,         ///< 413
  memory_full,            ///< 503: bodies of other requests fill what there is for them
  too_slow,               ///< 408
  client_gone,            ///< nothing is answered
};

/// The status to answer with: 400 unless the list above says otherwise.
int status_of(Fault fault);
/// As in the list above: for logs, metrics and problem answers.
std::string_view name_of(Fault fault);
/// A sentence for whoever wrote the client. Holds nothing of the request.
std::string_view words_of(Fault fault);

}  // namespace kept::http
