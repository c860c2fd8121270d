#include "app/feeds_text.h"

#include <fmt/format.h>

#include "app/json_string.h"
#include "exchange/rejects.h"
#include "ledger/hash.h"
#include "model/moment.h"

namespace kept::app {
namespace {

std::string row_counts_json(const RowCounts& c) {
  return fmt::format(
      R"("rows":{},"accepted":{},"duplicate":{},"conflict":{},"quarantined":{},"ignored":{},"events":{})", c.rows,
      c.accepted, c.duplicate, c.conflict, c.quarantined, c.ignored, c.events);
}

std::string numbers_json(const std::vector<uint64_t>& numbers) {
  std::string out = "[";
  for (const uint64_t number : numbers) out += fmt::format("{}{}", out.size() == 1 ? "" : ",", number);
  return out + "]";
}

const char* state_word(BatchState state) {
  switch (state) {
    case BatchState::receiving:
      return "receiving";
    case BatchState::complete:
      return "complete";
    case BatchState::held:
      return "held";
  }
  return "";
}

/// `3, 4 and 17 more`.
std::string some_numbers(const std::vector<uint64_t>& numbers) {
  constexpr std::size_t named = 6;
  std::string out;
  for (std::size_t i = 0; i < std::min(named, numbers.size()); ++i)
    out += fmt::format("{}{}", i == 0 ? "" : ", ", numbers[i]);
  if (numbers.size() > named) out += fmt::format(" and {} more", numbers.size() - named);
  return out;
}

std::string cell(uint64_t value) { return value == 0 ? std::string("-") : fmt::format("{}", value); }

}  // namespace

std::string receipt_text(const BatchReceipt& receipt) {
  const RowCounts& c = receipt.counts;
  std::string out = fmt::format("{} batch {}: {} rows", receipt.feed, receipt.number, c.rows);
  if (receipt.again) {
    out += " came before, all of them: nothing is new\n";
  } else {
    out += fmt::format(" = {} accepted + {} duplicate + {} conflict + {} quarantined + {} ignored; {} new facts\n",
                       c.accepted, c.duplicate, c.conflict, c.quarantined, c.ignored, c.events);
  }
  if (receipt.resumed) out += "  It had been begun before: it went on where it stopped.\n";
  for (const auto& [reason, rows] : receipt.reasons)
    out += fmt::format("  {} {} put aside: {}\n", rows, rows == 1 ? "row was" : "rows were", reason);
  if (!receipt.missing.empty())
    out += fmt::format("  Batches that should have come before it and did not: {}\n", some_numbers(receipt.missing));
  if (receipt.state == BatchState::held)
    out +=
        "  HELD: more rows than the contract expects of a day. What was taken stays; look at the file, and if it is "
        "right send it again with --accept-volume.\n";
  if (receipt.live.subjects != 0)
    out += fmt::format("  {} people and cases judged again, {} of their {} obligations changed\n",
                       receipt.live.subjects, receipt.live.changed, receipt.live.obligations);
  if (receipt.receipt && !receipt.again)
    out += fmt::format("  Receipt: position {} of {} facts, root {}\n", receipt.receipt->position,
                       receipt.receipt->size, ledger::to_hex(receipt.receipt->root).substr(0, 16));
  return out;
}

std::string proof_json(const ledger::Receipt& receipt) {
  std::string out = fmt::format(R"({{"position":{},"size":{},"leaf":"{}","root":"{}","proof":[)", receipt.position,
                                receipt.size, ledger::to_hex(receipt.leaf), ledger::to_hex(receipt.root));
  for (std::size_t i = 0; i < receipt.proof.size(); ++i)
    out += fmt::format(R"({}"{}")", i == 0 ? "" : ",", ledger::to_hex(receipt.proof[i]));
  return out + "]}";
}

std::string receipt_json(const BatchReceipt& receipt) {
  std::string out = fmt::format(R"({{"feed":{},"batch":{},"sha256":"{}","state":"{}","again":{},"resumed":{},{})",
                                json_string(receipt.feed), receipt.number, receipt.digest, state_word(receipt.state),
                                receipt.again, receipt.resumed, row_counts_json(receipt.counts));
  out += R"(,"reasons":{)";
  bool first = true;
  for (const auto& [reason, rows] : receipt.reasons) {
    out += fmt::format("{}{}:{}", first ? "" : ",", json_string(reason), rows);
    first = false;
  }
  out += fmt::format(R"(}},"missing":{})", numbers_json(receipt.missing));
  if (receipt.receipt) out += R"(,"receipt":)" + proof_json(*receipt.receipt);
  return out + "}\n";
}

std::string feeds_text(const std::vector<FeedState>& feeds, int64_t now) {
  std::size_t width = 4;
  for (const FeedState& feed : feeds) width = std::max(width, feed.name.size());
  std::string out = fmt::format("Feeds at {}\n\n", model::instant_text(now));
  out += fmt::format("{:<{}} {:>7} {:>9} {:>9} {:>9} {:>8} {:>8} {:>8} {:>9}  {}\n", "feed", width, "batches", "rows",
                     "accepted", "duplicate", "conflict", "quarant.", "ignored", "events", "last heard from");
  RowCounts all;
  for (const FeedState& feed : feeds) {
    const RowCounts& c = feed.counts;
    all += c;
    out += fmt::format("{:<{}} {:>7} {:>9} {:>9} {:>9} {:>8} {:>8} {:>8} {:>9}  {}\n", feed.name, width,
                       cell(feed.last_batch), cell(c.rows), cell(c.accepted), cell(c.duplicate), cell(c.conflict),
                       cell(c.quarantined), cell(c.ignored), cell(c.events),
                       feed.last_at == 0 ? "never" : model::instant_text(feed.last_at));
  }
  out += fmt::format("{:<{}} {:>7} {:>9} {:>9} {:>9} {:>8} {:>8} {:>8} {:>9}\n\n", "all", width, "", cell(all.rows),
                     cell(all.accepted), cell(all.duplicate), cell(all.conflict), cell(all.quarantined),
                     cell(all.ignored), cell(all.events));
  out += fmt::format("Rows received {} accepted + duplicate + conflict + quarantined + ignored: {}.\n",
                     all.add_up() ? "=" : "ARE NOT", all.add_up() ? "every row is accounted for" : "rows were lost");
  for (const FeedState& feed : feeds) {
    if (feed.silent_since)
      out += fmt::format("SILENT: {} should have sent by {}. Ask the {} ({}).\n", feed.name,
                         model::instant_text(*feed.silent_since), feed.owner, feed.contact);
    if (!feed.missing.empty())
      out += fmt::format("MISSING: {} never sent batch {}. Ask the {} ({}).\n", feed.name, some_numbers(feed.missing),
                         feed.owner, feed.contact);
    if (feed.held != 0)
      out += fmt::format("HELD: {} has {} {} waiting for somebody to look.\n", feed.name, feed.held,
                         feed.held == 1 ? "batch" : "batches");
    if (feed.unknown_crimes != 0) {
      std::string named;
      for (const std::string& crime : feed.first_unknown) named += (named.empty() ? "" : ", ") + crime;
      out += fmt::format("UNKNOWN: {} speaks of {} {} that nobody recorded yet: {}{}\n", feed.name, feed.unknown_crimes,
                         feed.unknown_crimes == 1 ? "crime" : "crimes", named,
                         feed.unknown_crimes > feed.first_unknown.size() ? " and more" : "");
    }
    if (feed.open_quarantine != 0)
      out += fmt::format("PUT ASIDE: {} {} of {} to be put right or set aside for good: kept quarantine {}\n",
                         feed.open_quarantine, feed.open_quarantine == 1 ? "row" : "rows", feed.name, feed.name);
  }
  return out;
}

std::string feeds_json(const std::vector<FeedState>& feeds) {
  std::string out = R"({"feeds":[)";
  for (std::size_t i = 0; i < feeds.size(); ++i) {
    const FeedState& feed = feeds[i];
    out += fmt::format(
        R"({}{{"name":{},"agency":{},"owner":{},"contact":{},"last_batch":{},"last_at":{},"silent_since":{},"missing":{},)"
        R"("open_quarantine":{},"held":{},"unknown_crimes":{},{}}})",
        i == 0 ? "" : ",", json_string(feed.name), json_string(feed.agency), json_string(feed.owner),
        json_string(feed.contact), feed.last_batch,
        feed.last_at == 0 ? "null" : json_string(model::instant_text(feed.last_at)),
        feed.silent_since ? json_string(model::instant_text(*feed.silent_since)) : "null", numbers_json(feed.missing),
        feed.open_quarantine, feed.held, feed.unknown_crimes, row_counts_json(feed.counts));
  }
  return out + "]}\n";
}

}  // namespace kept::app
