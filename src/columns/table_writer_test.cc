#include "columns/table_writer.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "columns/parquet_reader.h"

namespace kept::columns {
namespace {

namespace fs = std::filesystem;

class TableWriterTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("kept-table-" + std::to_string(getpid()));
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }
  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  static std::string bytes_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream out;
    out << file.rdbuf();
    return out.str();
  }
  fs::path folder_;
};

std::vector<ColumnPlan> every_kind() {
  return {{"yes", ColumnKind::yes_no, {}},
          {"small", ColumnKind::int16, {}},
          {"n", ColumnKind::int32, {}},
          {"big", ColumnKind::int64, {}},
          {"u", ColumnKind::uint16, {}},
          {"uu", ColumnKind::uint32, {}},
          {"share", ColumnKind::real, {}},
          {"due_on", ColumnKind::date, {}},
          {"at", ColumnKind::instant, {}},
          {"note", ColumnKind::text, {}},
          {"outcome", ColumnKind::word, {"kept", "late"}}};
}

void fill(TableWriter& writer, std::size_t row, int64_t n) {
  writer.values<uint8_t>(0)[row] = n % 2 == 0 ? 1 : 0;
  writer.values<int16_t>(1)[row] = static_cast<int16_t>(-n % 1000);
  writer.values<int32_t>(2)[row] = static_cast<int32_t>(n);
  writer.values<int64_t>(3)[row] = n * 1'000'000'007;
  writer.values<uint16_t>(4)[row] = static_cast<uint16_t>(n % 60000);
  writer.values<uint32_t>(5)[row] = static_cast<uint32_t>(n) * 3;
  writer.values<double>(6)[row] = static_cast<double>(n) / 4;
  writer.values<int32_t>(7)[row] = static_cast<int32_t>(n % 20000);
  writer.values<int64_t>(8)[row] = n * 1001;
  if (n % 7 == 0) {
    writer.set_absent(9, row);
  } else {
    writer.set_text(9, row, "text, with \"quotes\" and a length past twelve " + std::to_string(n));
  }
  writer.values<uint16_t>(10)[row] = static_cast<uint16_t>(n % 2);
}

TEST_F(TableWriterTest, WhatIsWrittenIsRead) {
  const std::string file = path("all.parquet");
  const int64_t rows = 2 * static_cast<int64_t>(TableWriter::batch_rows) + 5;
  {
    auto writer = TableWriter::open(file, every_kind());
    ASSERT_TRUE(writer) << writer.error().message;
    std::size_t at = 0;
    for (int64_t n = 0; n < rows; ++n) {
      fill(*writer, at++, n);
      if (at == TableWriter::batch_rows) {
        ASSERT_TRUE(writer->commit(at));
        at = 0;
      }
    }
    ASSERT_TRUE(writer->commit(at));
    EXPECT_FALSE(fs::exists(file)) << "the name appears only when the file is whole";
    const auto finished = writer->finish();
    ASSERT_TRUE(finished) << finished.error().message;
  }
  auto reader = ParquetReader::open(file);
  ASSERT_TRUE(reader) << reader.error().message;
  EXPECT_EQ(reader->rows(), static_cast<uint64_t>(rows));
  const std::vector<StoredAs> wanted{StoredAs::yes_no,  StoredAs::int16,  StoredAs::int32, StoredAs::int64,
                                     StoredAs::uint16,  StoredAs::uint32, StoredAs::real,  StoredAs::date,
                                     StoredAs::instant, StoredAs::text,   StoredAs::text};
  ASSERT_EQ(reader->columns().size(), wanted.size());
  std::vector<std::size_t> all;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    EXPECT_EQ(reader->columns()[i].stored, wanted[i]) << reader->columns()[i].name;
    all.push_back(i);
  }
  ASSERT_TRUE(reader->start(all));
  int64_t n = 0;
  std::vector<ColumnView> views;
  for (;;) {
    const auto count = reader->next(&views);
    ASSERT_TRUE(count) << count.error().message;
    if (*count == 0) break;
    for (std::size_t i = 0; i < *count; ++i, ++n) {
      ASSERT_EQ(views[0].values<uint8_t>()[i], n % 2 == 0 ? 1 : 0);
      ASSERT_EQ(views[2].values<int32_t>()[i], n) << "the order of the rows is kept";
      ASSERT_EQ(views[3].values<int64_t>()[i], n * 1'000'000'007);
      ASSERT_EQ(views[6].values<double>()[i], static_cast<double>(n) / 4);
      ASSERT_EQ(views[7].values<int32_t>()[i], n % 20000);
      ASSERT_EQ(views[8].values<int64_t>()[i], n * 1'001'000);
      ASSERT_EQ(views[9].present(i), n % 7 != 0);
      if (n % 7 != 0) {
        ASSERT_EQ(views[9].text(i), "text, with \"quotes\" and a length past twelve " + std::to_string(n));
      }
      ASSERT_EQ(views[10].text(i), n % 2 == 0 ? "kept" : "late");
    }
  }
  EXPECT_EQ(n, rows);
}

TEST_F(TableWriterTest, SparseColumnsAreEmptyUntilACellIsSet) {
  const std::string file = path("sparse.parquet");
  std::vector<ColumnPlan> plans{{"n", ColumnKind::int32, {}}};
  for (ColumnPlan plan : every_kind()) {
    if (plan.name == "n") plan.name = "number";
    plan.sparse = true;
    plans.push_back(std::move(plan));
  }
  // Rows at the edges of words of bits, of chunks and of batches, and a batch in which no cell is set.
  const auto is_set = [](int64_t n) {
    return n / static_cast<int64_t>(TableWriter::batch_rows) != 1 &&
           (n % 64 == 0 || n % 64 == 63 || n % 2048 == 2046 || n % 100 == 7);
  };
  const int64_t rows = 3 * static_cast<int64_t>(TableWriter::batch_rows) + 70;
  auto writer = TableWriter::open(file, plans);
  ASSERT_TRUE(writer) << writer.error().message;
  std::size_t at = 0;
  for (int64_t n = 0; n < rows; ++n) {
    writer->values<int32_t>(0)[at] = static_cast<int32_t>(n);
    if (is_set(n)) {
      writer->values<uint8_t>(1)[at] = 1;
      writer->values<int64_t>(4)[at] = n * 3;
      writer->values<int64_t>(9)[at] = n * 1001;
      writer->set_text(10, at, "cell " + std::to_string(n));
      writer->values<uint16_t>(11)[at] = static_cast<uint16_t>(n % 2);
      for (const std::size_t column : {1u, 4u, 9u, 11u}) writer->set_present(column, at);
    }
    if (++at == TableWriter::batch_rows) {
      ASSERT_TRUE(writer->commit(at));
      at = 0;
    }
  }
  ASSERT_TRUE(writer->commit(at));
  ASSERT_TRUE(writer->finish());

  auto reader = ParquetReader::open(file);
  ASSERT_TRUE(reader) << reader.error().message;
  std::vector<std::size_t> all(plans.size());
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
  ASSERT_TRUE(reader->start(all));
  int64_t n = 0;
  std::vector<ColumnView> views;
  for (;;) {
    const auto count = reader->next(&views);
    ASSERT_TRUE(count) << count.error().message;
    if (*count == 0) break;
    for (std::size_t i = 0; i < *count; ++i, ++n) {
      ASSERT_EQ(views[0].values<int32_t>()[i], n);
      for (const std::size_t column : {1u, 4u, 9u, 10u, 11u}) ASSERT_EQ(views[column].present(i), is_set(n)) << n;
      ASSERT_FALSE(views[7].present(i)) << "a column nobody sets is empty throughout";
      if (!is_set(n)) continue;
      ASSERT_EQ(views[1].values<uint8_t>()[i], 1);
      ASSERT_EQ(views[4].values<int64_t>()[i], n * 3);
      ASSERT_EQ(views[9].values<int64_t>()[i], n * 1'001'000);
      ASSERT_EQ(views[10].text(i), "cell " + std::to_string(n));
      ASSERT_EQ(views[11].text(i), n % 2 == 0 ? "kept" : "late");
    }
  }
  EXPECT_EQ(n, rows);
}

TEST_F(TableWriterTest, CsvSaysTimesInUtc) {
  const std::string file = path("small.csv");
  auto writer = TableWriter::open(file, {{"due_on", ColumnKind::date, {}},
                                         {"at", ColumnKind::instant, {}},
                                         {"note", ColumnKind::text, {}},
                                         {"outcome", ColumnKind::word, {"kept", "late"}}});
  ASSERT_TRUE(writer);
  writer->values<int32_t>(0)[0] = 20454;
  writer->values<int64_t>(1)[0] = 1767225600123;
  writer->set_text(2, 0, "a, \"b\"\nc");
  writer->values<uint16_t>(3)[0] = 1;
  writer->values<int32_t>(0)[1] = 0;
  for (const std::size_t column : {0u, 1u, 2u, 3u}) writer->set_absent(column, 1);
  ASSERT_TRUE(writer->commit(2));
  ASSERT_TRUE(writer->finish());
  EXPECT_EQ(bytes_of(file),
            "due_on,at,note,outcome\n2026-01-01,2026-01-01T00:00:00.123Z,\"a, \"\"b\"\"\nc\",late\n,,,\n");
}

TEST_F(TableWriterTest, AnEmptyTableIsStillAFile) {
  auto writer = TableWriter::open(path("none.parquet"), every_kind());
  ASSERT_TRUE(writer);
  ASSERT_TRUE(writer->finish());
  auto reader = ParquetReader::open(path("none.parquet"));
  ASSERT_TRUE(reader) << reader.error().message;
  EXPECT_EQ(reader->rows(), 0u);
  ASSERT_TRUE(reader->start({0}));
  std::vector<ColumnView> views;
  EXPECT_EQ(*reader->next(&views), 0u);
}

TEST_F(TableWriterTest, GivenUpLeavesNothingBehind) {
  {
    auto writer = TableWriter::open(path("half.parquet"), every_kind());
    ASSERT_TRUE(writer);
    fill(*writer, 0, 1);
    ASSERT_TRUE(writer->commit(1));
  }
  EXPECT_TRUE(fs::is_empty(folder_));
}

TEST_F(TableWriterTest, Refusals) {
  struct Case {
    const char* why;
    std::string path;
    std::vector<ColumnPlan> columns;
    const char* says;
  };
  const Case cases[] = {
      {"another ending", path("x.xlsx"), every_kind(), "written as .parquet or .csv"},
      {"a folder that is not there", path("no/x.csv"), every_kind(), "folder does not exist"},
      {"a column twice", path("x.csv"), {{"a", ColumnKind::text, {}}, {"a", ColumnKind::text, {}}}, "named twice"},
      {"a word column without words", path("x.csv"), {{"a", ColumnKind::word, {}}}, "must be distinct"},
      {"no columns", path("x.csv"), {}, "at least one column"},
  };
  for (const auto& test : cases) {
    const auto writer = TableWriter::open(test.path, test.columns);
    ASSERT_FALSE(writer) << test.why;
    EXPECT_NE(writer.error().message.find(test.says), std::string::npos) << test.why << ": " << writer.error().message;
  }
}

TEST_F(TableWriterTest, BrokenParquetIsRefusedInWords) {
  const std::string file = path("whole.parquet");
  auto writer = TableWriter::open(file, every_kind());
  ASSERT_TRUE(writer);
  for (std::size_t i = 0; i < 5000; ++i) fill(*writer, i, static_cast<int64_t>(i));
  ASSERT_TRUE(writer->commit(5000));
  ASSERT_TRUE(writer->finish());
  const std::string whole = bytes_of(file);
  for (const std::size_t length :
       {std::size_t{0}, std::size_t{3}, std::size_t{12}, whole.size() / 2, whole.size() - 1}) {
    const std::string cut = path("cut.parquet");
    std::ofstream(cut, std::ios::binary) << whole.substr(0, length);
    const auto reader = ParquetReader::open(cut);
    ASSERT_FALSE(reader) << length;
    EXPECT_NE(reader.error().message.find("cut short"), std::string::npos) << reader.error().message;
    EXPECT_NE(reader.error().message.find(cut), std::string::npos) << reader.error().message;
  }
  const auto absent = ParquetReader::open(path("absent.parquet"));
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().code, base::ErrorCode::not_found);
}

}  // namespace
}  // namespace kept::columns
