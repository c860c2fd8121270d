#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "exchange/feed_contract.h"
#include "ledger/ledger.h"
#include "model/event.h"

namespace kept::app {

/// So far ahead of ours a sender's clock may be.
inline constexpr int64_t clock_tolerance_ms = 5 * 60'000;

/// Why a row could not be taken, beyond what the reader finds. `reason`: a stable key for machines.
struct Refusal {
  const char* reason;
  std::string why;
};

/// Fills in what the contract says of every event (source and agency), and finds what a feed may not say: another
/// system or agency, a type outside the contract, no id or one that only Kept gives, a time that is still to come.
std::optional<Refusal> hold_against_contract(model::Event* event, const exchange::FeedContract& contract,
                                             int64_t received_at);

/// The event as it goes into the ledger. `historic`: whatever its age (C1). How old it is counts from when it happened;
/// of what dates back by its nature, such as a birth, from when it was recorded.
ledger::NewEvent arriving_event(const model::Event& event, const exchange::FeedContract& contract, uint64_t batch,
                                uint64_t row, int64_t received_at, bool historic, const model::Vocabulary& vocabulary);

/// Ids that begin so are given by Kept alone: to the retractions of a window that is no longer believed.
inline constexpr const char* withdrawal_ids = "withdrawn:";

}  // namespace kept::app
