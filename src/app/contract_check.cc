#include "app/contract_check.h"

#include <fmt/format.h>

#include "calendar/london_time.h"

namespace kept::app {
std::optional<Refusal> hold_against_contract(model::Event* event, const exchange::FeedContract& contract,
                                             int64_t received_at) {
  if (event->source.empty()) event->source = contract.source;
  if (event->agency.empty()) event->agency = contract.agency;
  if (event->source != contract.source)
    return Refusal{"other_source", "the row names another system than the feed's contract; a feed speaks for its own"};
  if (event->agency != contract.agency)
    return Refusal{"other_agency", "the row names another agency than the feed's contract; a feed speaks for its own"};
  if (event->id.empty())
    return Refusal{"no_id", "an event of a feed needs an id, or nobody can tell it from the same one sent again"};
  for (const std::string* text : {&event->id, &event->corrects, &event->retracts, &event->crime, &event->urn,
                                  &event->participant, &event->suspect, &event->hearing, &event->key, &event->actor})
    if (text->find('\0') != std::string::npos)
      return Refusal{"malformed", "an id or a reference holds a byte 0; no system that we know can keep it"};
  if (event->id.starts_with(withdrawal_ids))
    return Refusal{"reserved_id",
                   fmt::format("ids that begin with \"{}\" are given by Kept alone; give it another", withdrawal_ids)};
  if (!contract.may_send(event->type))
    return Refusal{
        "outside_contract",
        fmt::format("the feed's contract does not name {}; agree it with the feed's owner first", event->type)};
  if (!event->recorded_assumed && event->recorded_at > received_at + clock_tolerance_ms)
    return Refusal{"future",
                   fmt::format("it was recorded {} minutes after it reached us: the sender's clock is ahead, or the "
                               "time is given in another zone",
                               (event->recorded_at - received_at) / 60'000)};
  // What is to happen on a later day is a plan (it may set a clock going, and never stops one); what is said to have
  // happened later today is a clock that is wrong.
  if (event->occurred_at.lo_ms > received_at + clock_tolerance_ms &&
      calendar::london_date(event->occurred_at.lo_ms) == calendar::london_date(received_at))
    return Refusal{
        "not_yet",
        fmt::format("it says that this happened {} minutes after it reached us: the sender's clock is ahead, "
                    "or the time is given in another zone",
                    (event->occurred_at.lo_ms - received_at) / 60'000)};
  return std::nullopt;
}

ledger::NewEvent arriving_event(const model::Event& event, const exchange::FeedContract& contract, uint64_t batch,
                                uint64_t row, int64_t received_at, bool historic, const model::Vocabulary& vocabulary) {
  ledger::NewEvent one;
  one.event = event;
  one.batch = batch;
  one.row = row;
  one.received_at = received_at;
  one.own_clock = event.recorded_assumed;
  if (one.own_clock) {
    // Said by nobody, it is when it reached us: that we know.
    one.event.recorded_at = received_at;
    one.event.recorded_assumed = false;
  }
  const model::EventType* type = vocabulary.find(event.type);
  const bool dates_back = type != nullptr && type->dates_back;
  one.historic =
      historic || contract.is_historic(dates_back ? one.event.recorded_at : event.occurred_at.lo_ms, received_at);
  return one;
}

}  // namespace kept::app
