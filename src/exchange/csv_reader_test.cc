#include "exchange/csv_reader.h"

#include <duckdb.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "columns/database.h"

namespace kept::exchange {
namespace {

using Problem = CsvReader::Problem;

struct Read {
  uint64_t line;
  std::vector<std::string> fields;
  Problem problem;
  std::string text;
  bool operator==(const Read&) const = default;
};

std::vector<Read> read_all(const std::string& bytes, CsvShape shape, std::size_t block = 1 << 20,
                           std::size_t row_bytes = 1 << 20) {
  ReadLimits limits;
  limits.block_bytes = block;
  limits.row_bytes = row_bytes;
  const auto source = ByteSource::of(bytes.data(), bytes.size());
  CsvReader reader(*source, limits);
  reader.set_shape(shape);
  std::vector<Read> out;
  CsvReader::Row row;
  while (reader.next(&row) == CsvReader::Step::row) {
    Read read{row.line, {}, row.problem, std::string(row.text)};
    if (row.problem == Problem::none) {
      for (std::size_t i = 0; i < row.fields; ++i) read.fields.emplace_back(reader.field(i));
    }
    out.push_back(std::move(read));
  }
  return out;
}

TEST(CsvReader, Forms) {
  struct Case {
    const char* why;
    std::string bytes;
    CsvShape shape;
    std::vector<Read> wanted;
  };
  const Case cases[] = {
      {"plain, with and without a last line end",
       "a,b\nc,d",
       {},
       {{1, {"a", "b"}, Problem::none, "a,b"}, {2, {"c", "d"}, Problem::none, "c,d"}}},
      {"CRLF",
       "a,b\r\nc,\"d\"\r\n",
       {},
       {{1, {"a", "b"}, Problem::none, "a,b"}, {2, {"c", "d"}, Problem::none, "c,\"d\""}}},
      {"a byte order mark",
       "\xef\xbb\xbf"
       "a,b\n",
       {},
       {{1, {"a", "b"}, Problem::none, "a,b"}}},
      {"empty fields and empty lines",
       "\n,\n\r\n,,x\n",
       {},
       {{2, {"", ""}, Problem::none, ","}, {4, {"", "", "x"}, Problem::none, ",,x"}}},
      {"separators, line ends and doubled quotes in quotes",
       "\"a,\"\"b\"\"\n\",c\nd,e\n",
       {},
       {{1, {"a,\"b\"\n", "c"}, Problem::none, "\"a,\"\"b\"\"\n\",c"}, {3, {"d", "e"}, Problem::none, "d,e"}}},
      {"a quote inside a bare field is a character",
       "5\" pipe,a\"b\"c\nd,e\n",
       {},
       {{1, {"5\" pipe", "a\"b\"c"}, Problem::none, "5\" pipe,a\"b\"c"}, {2, {"d", "e"}, Problem::none, "d,e"}}},
      {"empty quotes", "\"\",\"\"\n", {}, {{1, {"", ""}, Problem::none, "\"\",\"\""}}},
      {"another separator", "a;b,c\n", {';', '"', 0}, {{1, {"a", "b,c"}, Problem::none, "a;b,c"}}},
      {"another quote", "'a,b',c\n", {',', '\'', 0}, {{1, {"a,b", "c"}, Problem::none, "'a,b',c"}}},
      {"no quotes at all", "\"a,b\n", {',', '\0', 0}, {{1, {"\"a", "b"}, Problem::none, "\"a,b"}}},
      {"text after a closing quote",
       "\"a\"b,c\nd,e\n",
       {},
       {{1, {}, Problem::after_quote, "\"a\"b,c"}, {2, {"d", "e"}, Problem::none, "d,e"}}},
      {"a quote never closed loses one line only",
       "a,\"b\nc,d\ne,f\n",
       {',', '"', 2},
       {{1, {}, Problem::open_quote, "a,\"b"},
        {2, {"c", "d"}, Problem::none, "c,d"},
        {3, {"e", "f"}, Problem::none, "e,f"}}},
      {"a quote closed by the next stray one loses the two lines",
       "a,\"b\nc,d\ne,f\"\ng,h\n",
       {',', '"', 2},
       {{1, {"a", "b\nc,d\ne,f"}, Problem::none, "a,\"b\nc,d\ne,f\""}, {4, {"g", "h"}, Problem::none, "g,h"}}},
      {"a stray quote in the middle of a later line ends it",
       "a,\"b\nc,d\ne,x\"f\ng,h\n",
       {',', '"', 2},
       {{1, {}, Problem::open_quote, "a,\"b"},
        {2, {"c", "d"}, Problem::none, "c,d"},
        {3, {"e", "x\"f"}, Problem::none, "e,x\"f"},
        {4, {"g", "h"}, Problem::none, "g,h"}}},
      {"ragged",
       "a,b\nc\nd,e,f\ng,h\n",
       {',', '"', 2},
       {{1, {"a", "b"}, Problem::none, "a,b"},
        {2, {}, Problem::ragged, "c"},
        {3, {}, Problem::ragged, "d,e,f"},
        {4, {"g", "h"}, Problem::none, "g,h"}}},
      {"not UTF-8 in one row only",
       "a,b\n\xc3(,d\ne,\xc3\xa9\n",
       {},
       {{1, {"a", "b"}, Problem::none, "a,b"},
        {2, {}, Problem::not_text, "\xc3(,d"},
        {3, {"e", "\xc3\xa9"}, Problem::none, "e,\xc3\xa9"}}},
  };
  for (const auto& test : cases) {
    for (const std::size_t block :
         {std::size_t{1}, std::size_t{3}, std::size_t{7}, std::size_t{64}, std::size_t{1} << 20}) {
      const auto found = read_all(test.bytes, test.shape, block);
      ASSERT_EQ(found.size(), test.wanted.size()) << test.why << ", blocks of " << block;
      for (std::size_t i = 0; i < found.size(); ++i) {
        EXPECT_EQ(found[i].line, test.wanted[i].line) << test.why << " row " << i << ", blocks of " << block;
        EXPECT_EQ(found[i].fields, test.wanted[i].fields) << test.why << " row " << i << ", blocks of " << block;
        EXPECT_EQ(found[i].problem, test.wanted[i].problem) << test.why << " row " << i << ", blocks of " << block;
        EXPECT_EQ(found[i].text, test.wanted[i].text) << test.why << " row " << i << ", blocks of " << block;
      }
    }
  }
}

TEST(CsvReader, RowsPastTheirBoundAreOneRejectEach) {
  const std::string longest(5000, 'x');
  const auto found = read_all("a,b\n" + longest + ",c\nd,e\n", {',', '"', 2}, 100, 1000);
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found[1].problem, Problem::too_large);
  EXPECT_EQ(found[1].line, 2u);
  EXPECT_EQ(found[2].fields, (std::vector<std::string>{"d", "e"}));
  EXPECT_EQ(found[2].line, 3u);
}

/// Random bytes of the kind that breaks parsers.
std::string nasty(std::mt19937_64& random, std::size_t size) {
  static const std::string letters = "ab,,\"\"\n\n\r;x ";
  std::string out;
  for (std::size_t i = 0; i < size; ++i) out += letters[random() % letters.size()];
  return out;
}

TEST(CsvIndex, TheFastWayAndThePlainWayAgree) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 20000; ++round) {
    // Long plain stretches between nasty ones, so that chunks without quotes are met in every state.
    std::string text;
    const std::size_t parts = 1 + random() % 6;
    for (std::size_t i = 0; i < parts; ++i) {
      text += nasty(random, random() % 40);
      if (random() % 2 == 0) text += std::string(random() % 150, random() % 5 == 0 ? ',' : 'y');
    }
    const CsvShape shape{',', '"', random() % 3 == 0 ? 3 : std::size_t{0}};
    CsvIndex fast;
    CsvIndex plain;
    index_csv(text.data(), text.size(), shape, &fast);
    index_csv_plainly(text.data(), text.size(), shape, &plain);
    const std::size_t rows = plain.row_count;
    ASSERT_EQ(fast.broken, plain.broken) << text;
    ASSERT_EQ(fast.row_count, plain.row_count) << text;
    const std::size_t ends = rows == 0 ? 0 : fast.rows[rows - 1];
    for (std::size_t i = 0; i < rows; ++i) ASSERT_EQ(fast.rows[i], plain.rows[i]) << text;
    for (std::size_t i = 0; i < ends; ++i) ASSERT_EQ(fast.ends[i], plain.ends[i]) << text;
    ASSERT_EQ(fast.spoilt, plain.spoilt) << text;
    ASSERT_EQ(fast.quoted_lines, plain.quoted_lines) << text;
  }
}

TEST(CsvReader, TinyBlocksGiveTheSameRowsAsOne) {
  std::mt19937_64 random(11);
  for (int round = 0; round < 3000; ++round) {
    const std::string text = nasty(random, random() % 300);
    const CsvShape shape{',', '"', random() % 2 == 0 ? 3 : std::size_t{0}};
    const auto whole = read_all(text, shape);
    const auto parts = read_all(text, shape, 1 + random() % 20);
    ASSERT_EQ(whole.size(), parts.size()) << text;
    for (std::size_t i = 0; i < whole.size(); ++i) ASSERT_TRUE(whole[i] == parts[i]) << text << " row " << i;
    // Nothing is dropped: every character but line ends and byte order marks is in some row.
    std::size_t in_rows = 0;
    for (const auto& row : whole) {
      in_rows += static_cast<std::size_t>(
          std::count_if(row.text.begin(), row.text.end(), [](char c) { return c != '\n' && c != '\r'; }));
    }
    const auto in_text = static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return c != '\n' && c != '\r'; }));
    ASSERT_EQ(in_rows, in_text) << text;
  }
}

/// The same file through DuckDB's own reader; each row's fields.
std::vector<std::vector<std::string>> by_duckdb(const std::string& path, std::size_t width) {
  const auto database = columns::Database::open();
  EXPECT_TRUE(database);
  std::string names;
  for (std::size_t i = 0; i < width; ++i) names += fmt::format("{}'c{}': 'VARCHAR'", i == 0 ? "" : ", ", i);
  duckdb_result result;
  const std::string sql = fmt::format(
      "SELECT * FROM read_csv({}, header = false, auto_detect = false, delim = ',', quote = '\"', escape = '\"', "
      "new_line = '\\n', strict_mode = true, "
      "nullstr = '\\N', columns = {{{}}})",
      columns::sql_text(path), names);
  std::vector<std::vector<std::string>> rows;
  const bool done = duckdb_query(database->connection(), sql.c_str(), &result) == DuckDBSuccess;
  EXPECT_TRUE(done) << duckdb_result_error(&result);
  while (duckdb_data_chunk chunk = done ? duckdb_fetch_chunk(result) : nullptr) {
    for (idx_t row = 0; row < duckdb_data_chunk_get_size(chunk); ++row) {
      rows.emplace_back();
      for (idx_t column = 0; column < width; ++column) {
        const duckdb_vector vector = duckdb_data_chunk_get_vector(chunk, column);
        const uint64_t* valid = duckdb_vector_get_validity(vector);
        auto* texts = static_cast<duckdb_string_t*>(duckdb_vector_get_data(vector));
        const bool present = valid == nullptr || duckdb_validity_row_is_valid(const_cast<uint64_t*>(valid), row);
        rows.back().push_back(present
                                  ? std::string(duckdb_string_t_data(&texts[row]), duckdb_string_t_length(texts[row]))
                                  : std::string());
      }
    }
    duckdb_destroy_data_chunk(&chunk);
  }
  duckdb_destroy_result(&result);
  return rows;
}

TEST(CsvReader, AgreesWithDuckDb) {
  std::mt19937_64 random(3);
  const std::string path =
      (std::filesystem::temp_directory_path() / fmt::format("kept-nasty-{}.csv", getpid())).string();
  for (int file = 0; file < 60; ++file) {
    const std::size_t width = 2 + random() % 6;
    std::string text;
    const int rows = 1 + static_cast<int>(random() % 300);
    for (int row = 0; row < rows; ++row) {
      for (std::size_t column = 0; column < width; ++column) {
        if (column != 0) text += ',';
        std::string value;
        const std::size_t size = random() % 4 == 0 ? random() % 90 : random() % 9;
        for (std::size_t i = 0; i < size; ++i) {
          static const char* const pieces[] = {"a",  "b",        " ", ",", "\"",
                                               "\n", "\xc3\xa9", ";", "7", "\xf0\x9f\x98\x80"};
          value += pieces[random() % 10];
        }
        const bool needs = value.find_first_of(",\"\n") != std::string::npos;
        // A first column that is not empty: an empty line means nothing here and a row to DuckDB.
        if (needs || random() % 5 == 0 || (column == 0 && value.empty())) {
          text += '"';
          for (const char c : value) {
            if (c == '"') text += '"';
            text += c;
          }
          text += '"';
        } else {
          text += value;
        }
      }
      text += '\n';
    }
    std::ofstream(path, std::ios::binary) << text;
    const auto theirs = by_duckdb(path, width);
    const auto ours = read_all(text, {',', '"', width}, 1 + random() % 5000);
    ASSERT_EQ(ours.size(), theirs.size()) << "file " << file;
    for (std::size_t i = 0; i < ours.size(); ++i) {
      ASSERT_EQ(ours[i].problem, Problem::none);
      ASSERT_EQ(ours[i].fields, theirs[i]) << "file " << file << " row " << i;
    }
  }
  std::filesystem::remove(path);
}

TEST(ByteSource, OtherEncodings) {
  const std::string path =
      (std::filesystem::temp_directory_path() / fmt::format("kept-bytes-{}.txt", getpid())).string();
  std::ofstream(path, std::ios::binary) << "caf\xe9 \x80 \x93";
  struct Case {
    Encoding encoding;
    const char* wanted;
  };
  for (const auto& test :
       {Case{Encoding::utf_8, "caf\xe9 \x80 \x93"}, Case{Encoding::latin_1, "caf\xc3\xa9 \xc2\x80 \xc2\x93"},
        Case{Encoding::windows_1252, "caf\xc3\xa9 \xe2\x82\xac \xe2\x80\x9c"}}) {
    const auto source = ByteSource::open(path, test.encoding);
    ASSERT_TRUE(source);
    std::string all;
    char bytes[2];
    while (const auto count = *(*source)->read(bytes, 2)) all.append(bytes, count);
    EXPECT_EQ(all, test.wanted);
  }
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace kept::exchange
