#include "http/fault.h"

namespace kept::http {
namespace {

struct Row {
  int status;
  std::string_view name;
  std::string_view words;
};

Row row_of(Fault fault) {
  switch (fault) {
    case Fault::bare_line_feed:
      return {400, "bare_line_feed", "A line ends in LF without CR."};
    case Fault::bare_carriage_return:
      return {400, "bare_carriage_return", "A CR stands without LF."};
    case Fault::control_character:
      return {400, "control_character", "The head of the request holds a control character."};
    case Fault::empty_request_line:
      return {400, "empty_request_line", "An empty line stands where a request should begin."};
    case Fault::request_line:
      return {400, "request_line", "The request line is not: method, target, version, one space between."};
    case Fault::method_unknown:
      return {501, "method_unknown", "This method is not supported."};
    case Fault::version:
      return {505, "version", "Only HTTP/1.1 and HTTP/1.0 are supported."};
    case Fault::request_line_too_long:
      return {414, "request_line_too_long", "The request line is too long."};
    case Fault::target:
      return {400, "target", "The target is not a path and query in the form and characters that URLs allow."};
    case Fault::query_repeated:
      return {400, "query_repeated", "The query gives the same name more than once."};
    case Fault::header_line:
      return {400, "header_line", "A header line is not: name, colon, value."};
    case Fault::header_folded:
      return {400, "header_folded", "A header line continues the one before it."};
    case Fault::header_repeated:
      return {400, "header_repeated", "A header that may stand only once stands more than once."};
    case Fault::head_too_large:
      return {431, "head_too_large", "The headers are too large."};
    case Fault::too_many_headers:
      return {431, "too_many_headers", "There are too many headers."};
    case Fault::host_missing:
      return {400, "host_missing", "The Host header is missing."};
    case Fault::host:
      return {400, "host", "The Host header is not a host name."};
    case Fault::content_length:
      return {400, "content_length", "Content-Length is not one plain number."};
    case Fault::both_lengths:
      return {400, "both_lengths", "Content-Length and Transfer-Encoding are both given."};
    case Fault::transfer_encoding:
      return {400, "transfer_encoding", "Transfer-Encoding is not exactly: chunked."};
    case Fault::transfer_encoding_1_0:
      return {400, "transfer_encoding_1_0", "HTTP/1.0 has no Transfer-Encoding."};
    case Fault::body_not_expected:
      return {400, "body_not_expected", "This method takes no body."};
    case Fault::expectation:
      return {417, "expectation", "Only 100-continue can be expected."};
    case Fault::readings_differ:
      return {400, "readings_differ", "The head of the request can be read in more than one way."};
    case Fault::wrong_host:
      return {421, "wrong_host", "This server does not answer for that host."};
    case Fault::chunk_size:
      return {400, "chunk_size", "The size of a chunk is not a plain hexadecimal number."};
    case Fault::chunk_extension:
      return {400, "chunk_extension", "Chunk extensions are not supported."};
    case Fault::chunk_end:
      return {400, "chunk_end", "A chunk is longer or shorter than its size."};
    case Fault::trailer:
      return {400, "trailer", "Trailers are not supported."};
    case Fault::body_too_large:
      return {413, "body_too_large", "The body is larger than this address takes."};
    case Fault::memory_full:
      return {503, "memory_full", "The server is busy with other requests. Try again later."};
    case Fault::too_slow:
      return {408, "too_slow", "The request took too long to arrive."};
    case Fault::client_gone:
      return {400, "client_gone", "The connection ended before the request did."};
  }
  return {400, "unknown", ""};
}

}  // namespace

int status_of(Fault fault) { return row_of(fault).status; }
std::string_view name_of(Fault fault) { return row_of(fault).name; }
std::string_view words_of(Fault fault) { return row_of(fault).words; }

}  // namespace kept::http
