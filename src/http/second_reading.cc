#include "http/second_reading.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <iterator>

namespace kept::http {

namespace asio = boost::asio;
namespace beast = boost::beast;
using boost::system::error_code;

bool beast_agrees(std::string_view bytes, const Head& head) {
  beast::http::request_parser<beast::http::empty_body> parser;
  parser.header_limit(static_cast<std::uint32_t>(std::min<std::size_t>(bytes.size() + 1, UINT32_MAX)));
  parser.body_limit(boost::none);
  error_code error;
  parser.put(asio::buffer(bytes.data(), bytes.size()), error);
  if (error == beast::http::error::need_more) error = {};
  if (error || !parser.is_header_done()) return false;
  const auto& message = parser.get();
  const auto same = [](boost::string_view theirs, std::string_view ours) {
    return std::string_view(theirs.data(), theirs.size()) == ours;
  };
  const auto count = static_cast<std::size_t>(std::distance(message.begin(), message.end()));
  const std::uint64_t length = parser.content_length().value_or(0);
  return same(message.method_string(), head.method) && same(message.target(), head.raw_target) &&
         message.version() == (head.is_1_0 ? 10u : 11u) && count == head.headers.size() &&
         parser.chunked() == (head.framing == Framing::chunked) &&
         length == (head.framing == Framing::length ? head.content_length : 0);
}

std::optional<std::string> body_by_beast(std::string_view request) {
  beast::http::request_parser<beast::http::string_body> parser;
  parser.header_limit(UINT32_MAX);
  parser.body_limit(boost::none);
  parser.eager(true);
  error_code error;
  std::size_t at = 0;
  while (!error && !parser.is_done() && at < request.size()) {
    const std::size_t taken = parser.put(asio::buffer(request.data() + at, request.size() - at), error);
    if (taken == 0 && !error) break;
    at += taken;
  }
  if (error || !parser.is_done() || at != request.size()) return std::nullopt;
  return parser.get().body();
}

}  // namespace kept::http
