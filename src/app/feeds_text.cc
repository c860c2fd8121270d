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

/// `2 future, 1 conflict`.
std::string reasons_text(const std::map<std::string, uint64_t>& reasons) {
  std::string out;
  for (const auto& [reason, rows] : reasons) out += fmt::format("{}{} {}", out.empty() ? "" : ", ", rows, reason);
  return out;
}

std::string reasons_json(const std::map<std::string, uint64_t>& reasons) {
  std::string out = "{";
  for (const auto& [reason, rows] : reasons)
    out += fmt::format("{}{}:{}", out.size() == 1 ? "" : ",", json_string(reason), rows);
  return out + "}";
}

/// `62 minutes`; `5 hours` from two hours on, `9 days` from two days on.
std::string span_text(int64_t ms) {
  constexpr int64_t minute = 60'000, hour = 60 * minute, day = 24 * hour;
  if (ms >= 2 * day) return fmt::format("{} days", ms / day);
  if (ms >= 2 * hour) return fmt::format("{} hours", ms / hour);
  return fmt::format("{} {}", ms / minute, ms / minute == 1 ? "minute" : "minutes");
}

std::string clock_text(const BatchReceipt& receipt) {
  std::string out = fmt::format("  Received {} by our clock", model::instant_text(receipt.received_at));
  if (receipt.newest_recorded) {
    const int64_t before = receipt.received_at - *receipt.newest_recorded;
    out += fmt::format("; the newest of its rows says that it was recorded {}, {} {}",
                       model::instant_text(*receipt.newest_recorded), span_text(std::abs(before)),
                       before < 0 ? "after that" : "before");
  }
  return out + ".\n";
}

/// How to let a held batch through.
std::string release_words(const std::string& feed, uint64_t number) {
  return fmt::format("kept import --feed {} --number {} --accept-volume --who WHO FILE", feed, number);
}

std::string optional_number(const std::optional<int64_t>& value, int64_t unit) {
  return value ? std::to_string(*value / unit) : "null";
}

std::string instant_json(const std::optional<int64_t>& at) {
  return at ? json_string(model::instant_text(*at)) : "null";
}

std::string cell(uint64_t value) { return value == 0 ? std::string("-") : fmt::format("{}", value); }

std::string members_json(const FeedState& feed) {
  std::string held;
  for (const HeldBatch& batch : feed.held)
    held += fmt::format(R"({}{{"batch":{},"rows":{}}})", held.empty() ? "" : ",", batch.number, batch.rows);
  std::string out =
      fmt::format(R"("name":{},"agency":{},"owner":{},"contact":{},"last_batch":{},"last_at":{},"silent_since":{},)",
                  json_string(feed.name), json_string(feed.agency), json_string(feed.owner), json_string(feed.contact),
                  feed.last_batch, feed.last_at == 0 ? "null" : json_string(model::instant_text(feed.last_at)),
                  instant_json(feed.silent_since));
  out += fmt::format(R"("missing":{},"held":[{}],"held_above_rows":{},)", numbers_json(feed.missing), held,
                     feed.held_above_rows);
  out += fmt::format(R"("open_quarantine":{},"open_reasons":{},"ahead_rows":{},"freshest_s":{},"behind_s":{},)",
                     feed.open_quarantine, reasons_json(feed.open_reasons), feed.ahead(),
                     optional_number(feed.freshest_ms, 1000), optional_number(feed.behind_ms, 1000));
  std::string unknown;
  for (const std::string& crime : feed.first_unknown) unknown += (unknown.empty() ? "" : ",") + json_string(crime);
  return out + fmt::format(R"("unknown_crimes":{},"first_unknown":[{}],{})", feed.unknown_crimes, unknown,
                           row_counts_json(feed.counts));
}

}  // namespace

std::string receipt_text(const BatchReceipt& receipt) {
  constexpr std::size_t rows_named = 6;
  const RowCounts& c = receipt.counts;
  std::string out = fmt::format("{} batch {}: {} rows", receipt.feed, receipt.number, c.rows);
  if (receipt.again) out += " came before, all of them: nothing is new. The first time they were";
  out += fmt::format(" = {} accepted + {} duplicate + {} conflict + {} quarantined + {} ignored; {} new facts\n",
                     c.accepted, c.duplicate, c.conflict, c.quarantined, c.ignored, c.events);
  out += clock_text(receipt);
  if (receipt.resumed) out += "  It had been begun before: it went on where it stopped.\n";
  uint64_t put_aside = 0;
  for (const auto& [reason, rows] : receipt.reasons) put_aside += rows;
  if (put_aside != 0)
    out += fmt::format("  {} {} put aside ({}):\n", put_aside, put_aside == 1 ? "row was" : "rows were",
                       reasons_text(receipt.reasons));
  for (std::size_t i = 0; i < std::min(rows_named, receipt.put_aside.size()); ++i) {
    const AsideRow& row = receipt.put_aside[i];
    out += fmt::format("    row {}, {}: {} [position {}]\n", row.row, row.reason, row.why, row.position);
  }
  if (put_aside > rows_named) out += fmt::format("    and {} more\n", put_aside - rows_named);
  if (put_aside != 0)
    out += fmt::format("    To be put right or set aside for good: kept quarantine {}\n", receipt.feed);
  if (!receipt.missing.empty())
    out += fmt::format("  Batches that should have come before it and did not: {}\n", some_numbers(receipt.missing));
  if (receipt.state == BatchState::held)
    out += fmt::format(
        "  HELD: a day of more than {} rows is not expected. The {} rows that were taken stay, the rest waits. Look at "
        "the file; if it is right: {}\n",
        receipt.held_above_rows, c.rows, release_words(receipt.feed, receipt.number));
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
  out += fmt::format(R"(,"received_at":{},"newest_recorded":{},"reasons":{},"put_aside":[)",
                     instant_json(receipt.received_at), instant_json(receipt.newest_recorded),
                     reasons_json(receipt.reasons));
  for (std::size_t i = 0; i < receipt.put_aside.size(); ++i) {
    const AsideRow& row = receipt.put_aside[i];
    out += fmt::format(R"({}{{"row":{},"position":{},"reason":{},"why":{}}})", i == 0 ? "" : ",", row.row, row.position,
                       json_string(row.reason), json_string(row.why));
  }
  out += fmt::format(R"(],"missing":{})", numbers_json(receipt.missing));
  if (receipt.state == BatchState::held) out += fmt::format(R"(,"held_above_rows":{})", receipt.held_above_rows);
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
    for (const HeldBatch& held : feed.held)
      out += fmt::format(
          "HELD: batch {} of {}: a day of more than {} rows is not expected. {} of its rows were taken and stay, the "
          "rest "
          "waits. Ask the {} ({}); if the file is right: {}\n",
          held.number, feed.name, feed.held_above_rows, held.rows, feed.owner, feed.contact,
          release_words(feed.name, held.number));
    if (feed.ahead() != 0)
      out += fmt::format(
          "CLOCK: {} {} of {} put aside {} times after {} reached us: its clock is ahead, or its times are in another "
          "zone, and what was taken of the same batches may be as wrong. Ask the {} ({}).\n",
          feed.ahead(), feed.ahead() == 1 ? "row" : "rows", feed.name, feed.ahead() == 1 ? "says" : "say",
          feed.ahead() == 1 ? "it" : "they", feed.owner, feed.contact);
    if (feed.behind_ms)
      out += fmt::format(
          "CLOCK: {} used to send rows within half an hour of their recording, and the newest of its last ten batches "
          "was {} old: its clock is behind, its times are in another zone, or it sends late. Ask the {} ({}).\n",
          feed.name, span_text(*feed.behind_ms), feed.owner, feed.contact);
    if (feed.unknown_crimes != 0) {
      std::string named;
      for (const std::string& crime : feed.first_unknown) named += (named.empty() ? "" : ", ") + crime;
      out += fmt::format("UNKNOWN: {} speaks of {} {} that nobody recorded yet: {}{}\n", feed.name, feed.unknown_crimes,
                         feed.unknown_crimes == 1 ? "crime" : "crimes", named,
                         feed.unknown_crimes > feed.first_unknown.size() ? " and more" : "");
    }
    if (feed.open_quarantine != 0)
      out += fmt::format("PUT ASIDE: {} {} of {} ({}) to be put right or set aside for good: kept quarantine {}\n",
                         feed.open_quarantine, feed.open_quarantine == 1 ? "row" : "rows", feed.name,
                         reasons_text(feed.open_reasons), feed.name);
  }
  return out;
}

std::string feeds_json(const std::vector<FeedState>& feeds) {
  std::string out = R"({"feeds":[)";
  for (std::size_t i = 0; i < feeds.size(); ++i)
    out += fmt::format("{}{{{}}}", i == 0 ? "" : ",", members_json(feeds[i]));
  return out + "]}\n";
}

std::string feed_json(const FeedState& feed, const std::vector<QuarantinedRow>& waiting) {
  std::string out = fmt::format(R"({{{},"put_aside":[)", members_json(feed));
  for (std::size_t i = 0; i < waiting.size(); ++i) {
    const QuarantinedRow& row = waiting[i];
    out +=
        fmt::format(R"({}{{"batch":{},"row":{},"position":{},"received_at":{},"reason":{},"why":{}}})",
                    i == 0 ? "" : ",", row.batch, row.row, row.position,
                    json_string(model::instant_text(row.received_at)), json_string(row.reason), json_string(row.why));
  }
  return out + "]}\n";
}

}  // namespace kept::app
