#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "app/feed_state.h"
#include "app/intake.h"
#include "app/quarantine.h"

namespace kept::app {

/// A batch's receipt in words: rows and what became of each, reasons, what is missing, where it stands in the tree.
std::string receipt_text(const BatchReceipt& receipt);
/// The same for machines: the answer to a batch that was posted.
std::string receipt_json(const BatchReceipt& receipt);
/// Where a fact stands, and what proves it.
std::string proof_json(const ledger::Receipt& receipt);
/// The table of feeds, for a terminal.
std::string feeds_text(const std::vector<FeedState>& feeds, int64_t now);
/// The same for machines: the answer of `GET /v1/feeds`.
std::string feeds_json(const std::vector<FeedState>& feeds);
/// One feed, with rows of it that wait to be settled: the answer of `GET /v1/feeds/{feed}`.
std::string feed_json(const FeedState& feed, const std::vector<QuarantinedRow>& waiting);

}  // namespace kept::app
