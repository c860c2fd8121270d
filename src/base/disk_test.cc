#include "base/disk.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>

namespace kept::base {
namespace {

class DiskTest : public testing::Test {
 protected:
  DiskTest() {
    std::string name = (std::filesystem::temp_directory_path() / "kept-disk-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~DiskTest() override { std::filesystem::remove_all(folder_); }
  std::string path(const std::string& name) const { return folder_ + "/" + name; }

  std::string folder_;
  Disk& disk_ = system_disk();
};

TEST_F(DiskTest, AFileGrowsAtItsEnd) {
  {
    Result<std::unique_ptr<AppendFile>> file = disk_.open_to_append(path("a"));
    ASSERT_TRUE(file) << file.error().message;
    EXPECT_EQ((*file)->size(), 0u);
    EXPECT_TRUE((*file)->append("one\n"));
    EXPECT_TRUE((*file)->append(""));
    EXPECT_TRUE((*file)->sync());
  }
  Result<std::unique_ptr<AppendFile>> file = disk_.open_to_append(path("a"));
  ASSERT_TRUE(file);
  EXPECT_EQ((*file)->size(), 4u);
  EXPECT_TRUE((*file)->append("two\n"));
  EXPECT_EQ(*disk_.read(path("a")), "one\ntwo\n");
  EXPECT_TRUE((*file)->truncate(4));
  EXPECT_TRUE((*file)->append("three\n"));
  EXPECT_EQ((*file)->size(), 10u);
  EXPECT_EQ(*disk_.size(path("a")), 10u);
  EXPECT_EQ(*disk_.read(path("a")), "one\nthree\n");
  EXPECT_EQ(*disk_.read(path("a"), 4, 3), "thr");
  EXPECT_EQ(*disk_.read(path("a"), 8), "e\n");
  EXPECT_EQ(*disk_.read(path("a"), 99), "");
}

TEST_F(DiskTest, ALargeFileIsReadWhole) {
  const std::string bytes(300'001, 'x');
  EXPECT_TRUE(disk_.create(path("a"), bytes));
  EXPECT_EQ(*disk_.read(path("a")), bytes);
  EXPECT_EQ(disk_.read(path("a"), 1, 200'000)->size(), 200'000u);
}

TEST_F(DiskTest, CreateNeverTakesAnothersPlace) {
  EXPECT_TRUE(disk_.create(path("a"), "first"));
  const Status again = disk_.create(path("a"), "second");
  EXPECT_EQ(again.error().code, ErrorCode::conflict);
  EXPECT_EQ(again.error().message, path("a") + ": could not be made: File exists");
  EXPECT_EQ(*disk_.read(path("a")), "first");
  // No draft is left behind.
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1);
}

TEST_F(DiskTest, FilesAreTheirOwnersOnly) {
  ::umask(0);
  EXPECT_TRUE(disk_.create(path("a"), "x"));
  EXPECT_TRUE(disk_.open_to_append(path("b")));
  EXPECT_TRUE(*disk_.is_private(path("a")));
  EXPECT_TRUE(*disk_.is_private(path("b")));
  ::chmod(path("a").c_str(), 0640);
  EXPECT_FALSE(*disk_.is_private(path("a")));
}

TEST_F(DiskTest, WhatIsNotThereIsSaid) {
  EXPECT_EQ(disk_.read(path("none")).error().code, ErrorCode::not_found);
  EXPECT_EQ(disk_.size(path("none")).error().code, ErrorCode::not_found);
  EXPECT_EQ(disk_.is_private(path("none")).error().code, ErrorCode::not_found);
  EXPECT_EQ(disk_.read(folder_).error().code, ErrorCode::io);
  EXPECT_FALSE(disk_.create(path("none/a"), "x"));
  EXPECT_FALSE(disk_.open_to_append(path("none/a")));
}

}  // namespace
}  // namespace kept::base
