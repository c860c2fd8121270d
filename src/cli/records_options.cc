#include "cli/records_options.h"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>
#include <thread>

namespace kept::cli {
namespace {

/// As a shell reads it back: in single quotes where it holds anything but plain characters.
std::string quoted(const std::string& word) {
  const bool plain = !word.empty() && std::all_of(word.begin(), word.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' || c == '.' ||
           c == '-' || c == '_' || c == ':' || c == '=';
  });
  if (plain) return word;
  std::string out = "'";
  for (const char c : word) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return out + "'";
}

bool on_terminal() { return isatty(STDERR_FILENO) == 1; }

}  // namespace

void add_records_options(CLI::App& command, app::RecordsRequest* request) {
  command.add_option("files", request->files, "Files of events: .csv .jsonl .parquet .xes (also with .gz)")->required();
  command
      .add_option("--as-at", request->as_at,
                  "Where the clock stands: a date (its end in London) or an instant; default: the last recorded_at")
      ->type_name("TIME");
  command.add_option("--recorded-by", request->recorded_by, "Only what had been recorded by then; default: everything")
      ->type_name("TIME");
  command
      .add_option("--rules", request->rules,
                  "A folder (or file) of rules; default: the Victims' Code that comes with the program")
      ->type_name("DIR");
  command
      .add_option("--calendar", request->calendar,
                  "A file of bank holidays; default: the rules' own, else England and Wales")
      ->type_name("FILE");
  command.add_option("--mapping", request->mapping, "How columns of another system become events")->type_name("FILE");
  command
      .add_option("--coverage", request->coverage,
                  "Which feeds were complete and when: CSV provider,type,from,to; default: inferred from the events")
      ->type_name("FILE");
  const unsigned cores = std::max(1u, std::thread::hardware_concurrency());
  request->threads = static_cast<int>(std::min(cores, 64u));
  command
      .add_option(
          "--threads", request->threads,
          fmt::format("Threads to judge with; the answer does not depend on it (default: {})", request->threads))
      ->check(CLI::Range(1, 64))
      ->type_name("N");
}

std::string records_words(const app::RecordsRequest& request) {
  std::string out;
  const auto add = [&](const std::string& word) { out += (out.empty() ? "" : " ") + quoted(word); };
  for (const std::string& file : request.files) add(file);
  const auto add_option = [&](const char* name, const std::string& value) {
    if (value.empty()) return;
    add(name);
    add(value);
  };
  add_option("--as-at", request.as_at.value_or(""));
  add_option("--recorded-by", request.recorded_by.value_or(""));
  add_option("--rules", request.rules);
  add_option("--calendar", request.calendar);
  add_option("--mapping", request.mapping);
  add_option("--coverage", request.coverage);
  return out;
}

std::function<void(uint64_t, uint64_t)> progress_bar() {
  if (!on_terminal()) return nullptr;
  const auto last = std::make_shared<uint64_t>(0);
  return [last](uint64_t done, uint64_t total) {
    const uint64_t percent = total == 0 ? 100 : done * 100 / total;
    if (percent == *last && done != 0) return;
    *last = percent;
    const auto filled = static_cast<std::size_t>(percent * 30 / 100);
    fmt::print(stderr, "\r\x1b[KReading  [{}{}] {}%", std::string(filled, '#'), std::string(30 - filled, '.'), percent);
    std::fflush(stderr);
  };
}

std::function<void(uint64_t, uint64_t)> shown_progress() {
  if (on_terminal()) return progress_bar();
  const auto last = std::make_shared<uint64_t>(0);
  return [last](uint64_t done, uint64_t total) {
    const uint64_t tenth = total == 0 ? 10 : done * 10 / total;
    if (tenth <= *last) return;
    *last = tenth;
    fmt::print(stderr, "Read {}%\n", tenth * 10);
  };
}

void end_progress() {
  if (on_terminal()) fmt::print(stderr, "\r\x1b[K");
}

void say_error(const base::Error& error) {
  end_progress();
  fmt::print(stderr, "kept: {}\n", error.message);
}

}  // namespace kept::cli
