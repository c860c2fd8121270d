#include "simulation/row_writer.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace kept::simulation {
namespace {

std::string read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

/// Of this process: another build's tests may run at the same time.
std::string path_of(const std::string& name) {
  return (std::filesystem::temp_directory_path() / (std::to_string(::getpid()) + "-" + name)).string();
}

void fill(RowWriter& writer) {
  writer.number(0, 7);
  writer.text(1, "link.victim");
  writer.end_row();
  writer.text(1, "needs.assessed");
  writer.yes_no(2, true);
  writer.instant(3, 1709290800000);
  writer.number(4, 12);
  writer.word(5, 1);
  writer.end_row();
}

const std::vector<RowColumn> columns = {
    {"id", RowColumn::Kind::reference},    {"type", RowColumn::Kind::text},
    {"enhanced", RowColumn::Kind::yes_no}, {"recorded_at", RowColumn::Kind::instant},
    {"every", RowColumn::Kind::number},    {"unit", RowColumn::Kind::word, {"days", "weeks"}}};

TEST(RowWriter, WritesCsv) {
  const std::string path = path_of("kept-row-writer.csv");
  auto writer = RowWriter::open(path, columns);
  ASSERT_TRUE(writer.ok());
  fill(**writer);
  EXPECT_FALSE(std::filesystem::exists(path)) << "not under its name before it is whole";
  ASSERT_TRUE((*writer)->finish().ok());
  EXPECT_EQ(read(path),
            "id,type,enhanced,recorded_at,every,unit\n7,link.victim,,,,\n,needs.assessed,yes,2024-03-01T11:00:00Z,12,"
            "weeks\n");
  std::filesystem::remove(path);
}

TEST(RowWriter, WritesJsonLines) {
  const std::string path = path_of("kept-row-writer.jsonl");
  auto writer = RowWriter::open(path, columns);
  ASSERT_TRUE(writer.ok());
  fill(**writer);
  ASSERT_TRUE((*writer)->finish().ok());
  EXPECT_EQ(read(path),
            "{\"id\":\"7\",\"type\":\"link.victim\"}\n{\"type\":\"needs.assessed\",\"enhanced\":true,\"recorded_at\":"
            "\"2024-03-01T11:00:00Z\",\"every\":12,\"unit\":\"weeks\"}\n");
  std::filesystem::remove(path);
}

TEST(RowWriter, RefusesOtherEndingsAndFoldersThatAreNotThere) {
  EXPECT_EQ(RowWriter::open("events.txt", columns).error().code, base::ErrorCode::unsupported);
  EXPECT_EQ(RowWriter::open("/no/such/folder/events.csv", columns).error().code, base::ErrorCode::io);
}

TEST(RowWriter, WritesTimesWithoutRounding) {
  struct Row {
    int64_t at_ms;
    const char* text;
    const char* why;
  };
  for (const Row& row :
       {Row{0, "1970-01-01T00:00:00Z", "the beginning"}, Row{-1, "1969-12-31T23:59:59.999Z", "the millisecond before"},
        Row{951782400000, "2000-02-29T00:00:00Z", "a leap day"}}) {
    std::string text;
    append_instant(text, row.at_ms);
    EXPECT_EQ(text, row.text) << row.why;
  }
}

}  // namespace
}  // namespace kept::simulation
