#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "calendar/local_date.h"
#include "model/event_table.h"

namespace kept::app {

/// A hearing that was listed for a day and of which no result is recorded.
struct HearingWithoutResult {
  uint32_t hearing = 0;  ///< symbol of the table
  uint32_t listing = 0;  ///< the row that lists it for the day
  bool held = false;     ///< recorded as held; otherwise nobody said whether it was
};

/// The unit's first list of the day (C22): hearings listed for `day` of which, by `recorded_by`, nothing came of: no
/// plea, bail decision, warrant, trial's result, outcome, conviction, sentence or appeal's decision from that day on,
/// and not taken out of the list or listed anew. In order of the hearings' names. Only listings for a day of their own
/// count. `recorded_by`: none is the next morning, 9 o'clock in London.
std::vector<HearingWithoutResult> hearings_without_result(const model::EventTable& table, calendar::LocalDate day,
                                                          std::optional<int64_t> recorded_by = std::nullopt);

/// When one victim was told of a change in the list.
struct ToldOfListing {
  uint32_t participant = 0;
  std::optional<int64_t> told_at;      ///< reached and told; none: not recorded before the list changed again
  std::optional<int32_t> notice_days;  ///< London days from the telling to the hearing's day; below 0: after it
  bool too_late = false;               ///< told on or after the hearing's day (C21)
};

/// One change in the list, and the notice it gave: no event of the courts says that.
struct ListingNotice {
  enum class Change : uint8_t { listed, moved, vacated };
  enum class Receipt : uint8_t { none, carried, recorded, typed };  ///< `typed`: by hand, and to be shown as such
  uint32_t row = 0;
  uint32_t hearing = 0;
  Change change = Change::listed;
  int64_t made_at = 0;                    ///< when the court made or published it
  std::optional<calendar::LocalDate> on;  ///< the day whose notice counts: the earlier of the old and the new one
  std::optional<int64_t> unit_had_at;
  Receipt receipt = Receipt::none;
  std::vector<ToldOfListing> told;  ///< each victim whom the change reaches (C2)
  bool unlinked = false;            ///< the link to a crime is not recorded: a task
};

/// The changes of every hearing in order of time; a published list counts where it shows another day than stood.
/// `carried_at` says when a row's batch reached us, where we carried it.
std::vector<ListingNotice> listing_notices(const model::EventTable& table, int64_t as_at,
                                           const std::function<std::optional<int64_t>(uint32_t row)>& carried_at = {});

/// Why a trial did not go ahead, or a hearing was taken out of the list or listed again, as one event says it.
struct CodedReason {
  uint32_t row = 0;
  std::string code;
  std::string_view result;  ///< cracked, ineffective, vacated; empty: a listing, which does not say
};
/// Every event that stands at `as_at` and gives a reason's code, in order of rows. `result` lives as long as the
/// vocabulary.
std::vector<CodedReason> coded_reasons(const model::EventTable& table, int64_t as_at);

}  // namespace kept::app
