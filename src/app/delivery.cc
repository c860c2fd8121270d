#include "app/delivery.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <tuple>

namespace kept::app {
namespace {

using base::Error;
using base::ErrorCode;

constexpr const char* heading = "number,file,rows,sha256,from,to";

std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells(1);
  for (const char c : line) {
    if (c == ',') {
      cells.emplace_back();
    } else if (c != '\r') {
      cells.back() += c;
    }
  }
  return cells;
}

bool read_number(const std::string& text, uint64_t* value) {
  const auto read = std::from_chars(text.data(), text.data() + text.size(), *value);
  return read.ec == std::errc() && read.ptr == text.data() + text.size();
}

}  // namespace

base::Result<Delivery> Delivery::read(const std::string& folder) {
  namespace fs = std::filesystem;
  Delivery delivery;
  std::error_code failed;
  for (const auto& feed : fs::directory_iterator(folder, failed)) {
    const fs::path manifest = feed.path() / "manifest.csv";
    std::ifstream file(manifest);
    if (!file) continue;
    std::string line;
    std::getline(file, line);
    if (cells_of(line) != cells_of(heading))
      return base::invalid(fmt::format("{}:1: the heading of a manifest is {}", manifest.string(), heading));
    for (uint64_t at = 2; std::getline(file, line); ++at) {
      const std::vector<std::string> cells = cells_of(line);
      Batch batch;
      batch.feed = feed.path().filename().string();
      const auto until = cells.size() == 6 ? model::parse_moment(cells[5]) : base::Result<model::Moment>(base::Error{});
      if (cells.size() != 6 || !read_number(cells[0], &batch.number) || !read_number(cells[2], &batch.rows) || !until)
        return base::invalid(fmt::format("{}:{}: a line of a manifest is {}, with whole numbers and instants",
                                         manifest.string(), at, heading));
      // A file's name never leads out of its folder.
      batch.path = (feed.path() / fs::path(cells[1]).filename()).string();
      batch.digest = cells[3];
      batch.until = until->lo_ms;
      delivery.batches.push_back(std::move(batch));
    }
  }
  if (failed || delivery.batches.empty())
    return Error{ErrorCode::not_found,
                 fmt::format("{}: there is no such folder, or none in it has a manifest.csv with batches", folder)};
  std::sort(delivery.batches.begin(), delivery.batches.end(), [](const Batch& a, const Batch& b) {
    return std::tie(a.until, a.feed, a.number) < std::tie(b.until, b.feed, b.number);
  });
  return delivery;
}

base::Result<DeliveryTally> take_delivery(Store& store, const Delivery& delivery, bool first_load,
                                          const std::function<void(uint64_t done, uint64_t total)>& progress) {
  DeliveryTally tally;
  calendar::LocalDate day{INT32_MIN};
  for (const Delivery::Batch& each : delivery.batches) {
    const calendar::LocalDate on = calendar::london_date(each.until);
    if (on != day && day.days != INT32_MIN) {
      const auto visited = visit_time(store, calendar::start_of(on), true);
      if (!visited) return visited.error();
      tally.live += *visited;
    }
    day = on;
    BatchRequest batch;
    batch.feed = each.feed;
    batch.path = each.path;
    batch.number = each.number;
    batch.digest = each.digest;
    batch.rows = each.rows;
    batch.received_at = each.until;
    batch.first_load = first_load;
    const auto receipt = receive_batch(store, batch);
    if (!receipt) {
      std::string said = fmt::format("batch {} of {}: {}", each.number, each.feed, receipt.error().message);
      if (receipt.error().code == ErrorCode::io) return Error{ErrorCode::io, std::move(said)};
      tally.refused.push_back(std::move(said));
      continue;
    }
    ++tally.batches;
    if (receipt->state == BatchState::held) tally.held.push_back(fmt::format("{} batch {}", each.feed, each.number));
    tally.counts += receipt->counts;
    tally.live += receipt->live;
    if (progress) progress(tally.batches, delivery.batches.size());
  }
  const auto visited = visit_time(store, delivery.batches.back().until, true);
  if (!visited) return visited.error();
  tally.live += *visited;
  return tally;
}

}  // namespace kept::app
