#include "http/chunked.h"

#include <gtest/gtest.h>

#include <string>

namespace kept::http {
namespace {

struct Decoded {
  std::string body;
  bool done = false;
  std::optional<Fault> fault;
  std::size_t consumed = 0;
};

Decoded decode(std::string_view in, std::size_t piece, std::size_t capacity) {
  ChunkDecoder decoder;
  Decoded out;
  std::string into(capacity, '\0');
  while (out.consumed < in.size() && !decoder.is_done() && !out.fault) {
    const auto step = decoder.decode(in.substr(out.consumed, piece), into.data(), into.size());
    out.consumed += step.consumed;
    out.body.append(into, 0, step.produced);
    out.fault = step.fault;
  }
  out.done = decoder.is_done();
  return out;
}

TEST(Chunked, IsTheSameInAnyPieces) {
  const std::string bytes = "3\r\nabc\r\n0000000000000A\r\n0123456789\r\n1\r\n\r\r\n0\r\n\r\nGET ";
  for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
    for (std::size_t capacity = 1; capacity < 20; ++capacity) {
      const Decoded got = decode(bytes, piece, capacity);
      EXPECT_EQ(got.body, "abc0123456789\r");
      EXPECT_TRUE(got.done);
      EXPECT_FALSE(got.fault);
      EXPECT_EQ(got.consumed, bytes.size() - 4) << "what follows is not its own";
    }
  }
}

TEST(Chunked, ASizeMayBeLargeAndNeverOverflows) {
  EXPECT_FALSE(decode("fffffffffffffff\r\nabc", 100, 100).fault);
  EXPECT_EQ(decode("fffffffffffffff\r\nabc", 100, 100).body, "abc");
  EXPECT_EQ(decode("ffffffffffffffff\r\nabc", 100, 100).fault, Fault::chunk_size);
  EXPECT_EQ(decode("10000000000000000\r\n\r\n", 100, 100).fault, Fault::chunk_size) << "which would be 0 in 64 bits";
}

TEST(Chunked, WhatBreaksOffIsNotDone) {
  const std::string bytes = "3\r\nabc\r\n0\r\n\r\n";
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const Decoded got = decode(std::string_view(bytes).substr(0, size), 100, 100);
    EXPECT_FALSE(got.done) << size;
    EXPECT_FALSE(got.fault) << size;
  }
}

}  // namespace
}  // namespace kept::http
