#include "columns/column_file.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace kept::columns {
namespace {

namespace fs = std::filesystem;

class ColumnFileTest : public testing::Test {
 protected:
  void SetUp() override { path_ = (fs::temp_directory_path() / ("kept-columns-" + std::to_string(getpid()))).string(); }
  void TearDown() override { fs::remove(path_); }
  void write(uint32_t kind_version = 1) const {
    auto writer = ColumnFileWriter::create(path_, "numbers", kind_version);
    ASSERT_TRUE(writer);
    const std::vector<int64_t> at = {-1, 0, INT64_MAX};
    const std::vector<uint16_t> code = {1, 65535};
    ASSERT_TRUE(writer->begin("at", Element::int64));
    ASSERT_TRUE(writer->add(std::span<const int64_t>(at).first(1)));
    ASSERT_TRUE(writer->add(std::span<const int64_t>(at).subspan(1)));
    ASSERT_TRUE(writer->begin("code", Element::uint16));
    ASSERT_TRUE(writer->add(std::span<const uint16_t>(code)));
    ASSERT_TRUE(writer->begin("none", Element::uint32));
    ASSERT_FALSE(writer->begin("code", Element::uint16)) << "a name twice";
    ASSERT_FALSE(writer->add(std::span<const uint16_t>(code))) << "values of another width";
    ASSERT_TRUE(writer->finish());
  }
  std::string bytes() const {
    std::ostringstream out;
    out << std::ifstream(path_, std::ios::binary).rdbuf();
    return out.str();
  }
  void put(const std::string& bytes) const { std::ofstream(path_, std::ios::binary) << bytes; }
  std::string path_;
};

TEST_F(ColumnFileTest, WhatIsWrittenIsMapped) {
  write();
  const auto file = ColumnFile::open(path_, "numbers", 1);
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_TRUE(file->verify());
  const auto at = file->values<int64_t>("at", Element::int64);
  ASSERT_TRUE(at);
  EXPECT_EQ(std::vector<int64_t>(at->begin(), at->end()), (std::vector<int64_t>{-1, 0, INT64_MAX}));
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(at->data()) % 64, 0u) << "columns begin on a cache line";
  const auto code = file->values<uint16_t>("code", Element::uint16);
  ASSERT_TRUE(code);
  EXPECT_EQ(std::vector<uint16_t>(code->begin(), code->end()), (std::vector<uint16_t>{1, 65535}));
  EXPECT_EQ(file->values<uint32_t>("none", Element::uint32)->size(), 0u);
  EXPECT_EQ(file->values<uint32_t>("more", Element::uint32).error().code, base::ErrorCode::not_found);
  EXPECT_EQ(file->values<int64_t>("code", Element::int64).error().code, base::ErrorCode::invalid);
}

TEST_F(ColumnFileTest, NewerAndOtherFilesAreRefusedInWords) {
  write(2);
  const auto newer = ColumnFile::open(path_, "numbers", 1);
  ASSERT_FALSE(newer);
  EXPECT_NE(newer.error().message.find("of version 2; this build reads up to 1: use a newer Kept"), std::string::npos)
      << newer.error().message;
  const auto other = ColumnFile::open(path_, "names", 2);
  ASSERT_FALSE(other);
  EXPECT_NE(other.error().message.find("holds \"numbers\", not \"names\""), std::string::npos) << other.error().message;
  std::string form = bytes();
  form[8] = 9;
  put(form);
  EXPECT_NE(ColumnFile::open(path_, "numbers", 2).error().message.find("version 9 of the form"), std::string::npos);
  EXPECT_EQ(ColumnFile::open(path_ + ".absent", "numbers", 1).error().code, base::ErrorCode::not_found);
}

TEST_F(ColumnFileTest, EveryFlippedBitAndEveryCutIsFound) {
  write();
  const std::string whole = bytes();
  for (std::size_t length = 0; length < whole.size(); ++length) {
    put(whole.substr(0, length));
    ASSERT_FALSE(ColumnFile::open(path_, "numbers", 1)) << length;
  }
  std::size_t unnoticed = 0;
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 1 << at % 8);
    put(damaged);
    const auto file = ColumnFile::open(path_, "numbers", 1);
    unnoticed += file && file->verify() ? 1 : 0;
  }
  // Only the zeros between columns are in no checksum: 24, 4 and 0 bytes of values in pieces of 64.
  EXPECT_EQ(unnoticed, (64u - 24u) + (64u - 4u));
}

}  // namespace
}  // namespace kept::columns
