#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "engine/facts.h"
#include "engine/links.h"
#include "engine/rule_book.h"
#include "model/event_table.h"

namespace kept::engine {

/// How an entry of a timeline may be used.
enum EntryBits : uint8_t {
  entry_plan =
      1,  ///< recorded on an earlier date than it occurs: may trigger, never fulfils, cancels, declines or excuses
  entry_trigger_only = 2,   ///< retracted, or a version that was replaced: it once triggered, nothing else
  entry_historic = 4,       ///< has a history
  entry_through_crime = 8,  ///< names nobody: owed to a person through a crime
};

/// What kinds of entry a timeline holds beyond the plain, so that the rare rules cost nothing where they cannot apply.
enum ProfileBits : uint32_t {
  has_decline = 1u << 0,
  has_withdrawal = 1u << 1,
  has_reason = 1u << 2,
  has_hold = 1u << 3,
  has_hold_end = 1u << 4,
  has_death = 1u << 5,
  has_birth = 1u << 6,
  has_assessment = 1u << 7,
  has_agreement = 1u << 8,
  has_involvement = 1u << 9,
  has_transfer = 1u << 10,
  has_enhanced_fact = 1u << 11,  ///< an event that a condition of Enhanced by fact reads
  has_coarse = 1u << 16,
  has_date = 1u << 17,
  has_plan = 1u << 18,
  has_history = 1u << 19,
};

constexpr uint32_t no_entry = 0xFFFFFFFFu;

/// Everything recorded about one participant (or one case, for duties owed to a case), in Matching's order: London
/// date; instants after dates and months; instant; recorded_at; source; id. Columns, so that the kernel touches only
/// what it needs.
struct Timeline {
  uint32_t participant = 0;       ///< 0 for a case
  uint32_t hearing = 0;           ///< the case
  std::vector<uint32_t> victims;  ///< of the case
  uint32_t profile = 0;

  std::vector<int64_t> lo;
  std::vector<uint16_t> code;
  std::vector<uint32_t> row;
  std::vector<uint8_t> precision, bits;
  std::vector<uint32_t> crime, suspect, hearing_of, key;  ///< empty when the table has no such column
  std::vector<uint32_t> agency;                           ///< empty when no agency is named anywhere
  std::vector<uint32_t> next;                             ///< next entry of the same code, or no_entry

  uint32_t size() const { return static_cast<uint32_t>(lo.size()); }
  bool is_case() const { return participant == 0; }
};

/// An entry before it is placed: what grouping moves about. 16 bytes.
struct Placed {
  int64_t lo;
  uint32_t row;
  uint16_t code;
  uint8_t precision;
  uint8_t bits;
};

/// All timelines of a table, grouped by participant (after fan-out) and, where the book has duties owed to a case, by
/// case.
class Timelines {
 public:
  /// `profile_of_code[code]`: ProfileBits that an event of that code adds.
  Timelines(const RuleBook& book, const model::EventTable& table, const Facts& facts, const Links& links, int64_t as_at,
            int threads, std::vector<uint32_t> profile_of_code, uint64_t* without_link, uint64_t* after_as_at);

  /// Number of groups: participants by symbol (0 is unused), then cases.
  uint32_t participants() const { return participants_; }
  uint32_t cases() const { return static_cast<uint32_t>(case_hearings_.size()); }
  uint32_t case_hearing(uint32_t index) const { return case_hearings_[index]; }
  uint64_t entries_of(uint32_t participant) const { return start_[participant + 1] - start_[participant]; }
  /// Fills `out` (its storage is reused). `first` is scratch of at least code_count() elements, all no_entry before and
  /// the heads of the chains after; `release` puts it back.
  void fill(uint32_t participant, Timeline* out, uint32_t* first) const;
  /// Asks for what `fill` and the kernel will read of this participant: its events lie anywhere in the table, and their
  /// details, which are found through the table, anywhere else. Details are asked for after the rest has arrived.
  void fetch_ahead(uint32_t participant) const;
  void fetch_details_ahead(uint32_t participant) const;
  void fill_case(uint32_t index, Timeline* out, uint32_t* first) const;
  static void release(const Timeline& timeline, uint32_t* first);

 private:
  struct Part;
  template <class Put>
  void place_rows(Part* part, uint32_t from, uint32_t to, bool again, Put put) const;
  void place_all(int threads, uint64_t* without_link, uint64_t* after_as_at);
  bool place_grouped(uint64_t* after_as_at);
  void place_cases();
  void finish(Timeline* out, uint32_t* first) const;
  bool comes_before(uint32_t row_a, uint32_t row_b) const;

  const model::EventTable& table_;
  const Facts& facts_;
  const Links& links_;
  const int64_t as_at_;
  const std::vector<uint32_t> profile_of_code_;
  uint32_t participants_ = 0;
  std::vector<uint64_t> start_;
  std::unique_ptr<Placed[]> placed_;  ///< not a vector, which would first fill all of it with zeros
  std::vector<uint32_t> case_hearings_;
  Index<Placed> by_hearing_;
};

}  // namespace kept::engine
