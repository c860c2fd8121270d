#include "exchange/read_events.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "exchange/form_readers.h"
#include "exchange/row_checker.h"

namespace kept::exchange {
namespace {

/// The form that the file's ending names, `.gz` left aside.
base::Result<Form> form_of(const std::string& path) {
  std::string name = path;
  for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  if (name.ends_with(".gz")) name.resize(name.size() - 3);
  for (const char* ending : {".csv", ".tsv", ".txt", ".psv"}) {
    if (name.ends_with(ending)) return Form::csv;
  }
  for (const char* ending : {".jsonl", ".ndjson"}) {
    if (name.ends_with(ending)) return Form::jsonl;
  }
  if (name.ends_with(".parquet")) return Form::parquet;
  if (name.ends_with(".xes")) return Form::xes;
  return base::Error{base::ErrorCode::unsupported, fmt::format("{}: its ending does not say how it is written; name it "
                                                               ".csv, .jsonl, .parquet or .xes, or say `format:` in a "
                                                               "mapping",
                                                               path)};
}

/// A workbook by its name, or by the first bytes of a zip archive whatever its name.
bool is_workbook(const std::string& path) {
  std::string name = path;
  for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  for (const char* ending : {".xlsx", ".xlsm", ".xls"}) {
    if (name.ends_with(ending)) return true;
  }
  char magic[4] = {};
  std::ifstream file(path, std::ios::binary);
  file.read(magic, sizeof magic);
  return file.gcount() == 4 && std::string_view(magic, 4) == "PK\x03\x04";
}

base::Status read_file(Reading& reading, const Mapping* mapping, const std::string& path, const Progress& progress) {
  if (is_workbook(path)) {
    return base::Error{base::ErrorCode::unsupported,
                       fmt::format("{}: this is an Excel workbook (or another zip archive), not a table in plain text: "
                                   "save it as \"CSV UTF-8\" in the spreadsheet program, and name that file",
                                   path)};
  }
  Form form = mapping != nullptr ? mapping->form : Form::by_ending;
  if (form == Form::by_ending) {
    const auto guessed = form_of(path);
    if (!guessed) return guessed.error();
    form = *guessed;
  }
  if (form == Form::parquet) return read_parquet(reading, mapping, path, progress);
  auto source = ByteSource::open(path, mapping != nullptr ? mapping->encoding : Encoding::utf_8);
  if (!source) return source.error();
  switch (form) {
    case Form::csv:
      return read_csv(reading, mapping, path, **source, progress);
    case Form::jsonl:
      return read_jsonl(reading, mapping, path, **source, progress);
    case Form::court_events:
      return read_court_events(reading, mapping, path, **source, progress);
    case Form::court_list:
      return read_court_list(reading, mapping, path, **source, progress);
    default:
      return read_xes(reading, mapping, path, **source, progress);
  }
}

}  // namespace

base::Result<ReadResult> read_events(const ReadRequest& request) {
  if (request.files.empty()) return base::invalid("no file was named to read events from");
  if (request.vocabulary == nullptr || request.vocabulary->types().empty()) {
    return base::invalid(
        "the rules bring no vocabulary, so that no event could be understood; see docs/formats/rules.md");
  }
  if (request.whole != nullptr && request.mapping != nullptr && request.mapping->link_each_case) {
    return base::invalid(
        fmt::format("{}: `link: each case` looks at a whole log before it links; a feed sends its "
                    "links as events of their own: take it out of the mapping",
                    request.mapping->file));
  }
  Reading reading(request);
  uint64_t total = 0;
  std::vector<uint64_t> sizes;
  for (const auto& path : request.files) {
    std::error_code failed;
    const auto size = std::filesystem::file_size(path, failed);
    sizes.push_back(failed ? 0 : size);
    total += sizes.back();
  }
  uint64_t done = 0;
  for (std::size_t i = 0; i < request.files.size(); ++i) {
    reading.result.places.begin_file(request.files[i], reading.result.counts.rows);
    const base::Status read = read_file(reading, request.mapping, request.files[i], [&](uint64_t bytes) {
      if (request.progress) request.progress(done + std::min(bytes, sizes[i]), total);
    });
    if (!read) return read.error();
    done += sizes[i];
    if (request.progress) request.progress(done, total);
  }
  if (request.mapping != nullptr) {
    reading.result.complete = request.mapping->complete;
    if (request.mapping->link_each_case) {
      const base::Status linked = add_case_links(reading, *request.mapping);
      if (!linked) return linked.error();
    }
  }
  if (reading.link_cases_by_default) {
    const base::Status linked = add_case_links(reading, xes_mapping());
    if (!linked) return linked.error();
  }
  for (std::string& note : reading.type_values.notes(request.mapping)) reading.result.notes.push_back(std::move(note));
  for (const auto& [column, seen] : reading.seen_values) {
    for (std::string& note : seen.notes(column)) reading.result.notes.push_back(std::move(note));
  }
  return std::move(reading.result);
}

}  // namespace kept::exchange
