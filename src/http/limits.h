#pragma once
#include <cstddef>
#include <cstdint>

namespace kept::http {

/// What a client may ask of the server. Everything is bounded; these are the bounds. A body's bound is its route's own.
struct Limits {
  // What is read.
  std::size_t request_line_bytes = 8'192;            ///< without its line break; more: 414
  std::size_t head_bytes = 32'768;                   ///< request line and headers with their line breaks; more: 431
  std::size_t header_count = 100;                    ///< more: 431
  std::size_t bodies_in_memory_bytes = 256u << 20u;  ///< of all requests together, streamed ones apart; more: 503
  std::size_t connections = 2'048;                   ///< open at once; more: 503 and close
  std::size_t connections_per_address = 1'024;   ///< of those, from one address (IPv6: one /64); more: 503 and close
  std::size_t requests_per_connection = 10'000;  ///< after so many the connection is closed

  // How long it may take. Waiting for our own handlers is never counted.
  int64_t head_ms = 10'000;        ///< from a request's first byte to the end of its head, and for a TLS handshake; 408
  int64_t idle_ms = 30'000;        ///< for the next request's first byte; the longest pause within a body or answer
  int64_t bytes_per_second = 500;  ///< the least rate of a body, and of a client that reads its answer
  int64_t grace_ms = 5'000;        ///< time to spare before the rate counts
  int64_t linger_ms = 2'000;       ///< for a refused client to take its answer before the connection is closed
  int64_t stop_ms = 20'000;        ///< for requests in flight once the server is told to stop
  int64_t sweep_ms = 100;          ///< how often deadlines are looked at: each may be late by so much

  // Who works. A queue that is full: 503 with Retry-After.
  std::size_t io_threads = 1;       ///< move bytes; nothing else runs on them
  std::size_t handler_threads = 8;  ///< run handlers
  std::size_t handler_queue = 256;  ///< requests that wait for one of those
  std::size_t urgent_threads = 1;   ///< run handlers of routes marked urgent, so that these never wait for the others
  std::size_t urgent_queue = 64;
  std::size_t stream_threads = 32;  ///< run handlers that read their body as it arrives; none wait
  int64_t retry_after_s = 5;        ///< what a 503 says
};

}  // namespace kept::http
