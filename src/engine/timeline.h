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
  std::vector<uint32_t> crime, suspect, hearing_of;  ///< empty when the table has no such column
  std::vector<uint32_t> agency;                      ///< empty when no agency is named anywhere
  std::vector<int64_t> recorded_at;
  std::vector<const uint64_t*> detail;  ///< the event's own values, as the table's `detail_from` takes them
  std::vector<uint32_t> next;           ///< next entry of the same code, or no_entry

  uint32_t size() const { return static_cast<uint32_t>(lo.size()); }
  bool is_case() const { return participant == 0; }
};

/// An entry with what the kernel reads of its event. Gathered in the order of rows, so that judging a person walks
/// through memory instead of meeting each value of each event anywhere in the table.
struct Entry {
  int64_t lo, recorded_at;
  const uint64_t* detail;
  uint32_t row, crime, suspect, hearing, agency;
  uint16_t code;
  uint8_t precision, bits;
};

/// An entry that a case may need, before it is known whether it does.
struct Placed {
  uint32_t row;
  uint8_t bits;
};

/// All timelines of a table, grouped by participant (after fan-out) and, where the book has duties owed to a case, by
/// case. People are gathered a shard at a time, so that the entries of all of them never take memory at once.
class Timelines {
 public:
  /// `profile_of_code[code]`: ProfileBits that an event of that code adds.
  Timelines(const RuleBook& book, const model::EventTable& table, const Facts& facts, const Links& links, int64_t as_at,
            int threads, std::vector<uint32_t> profile_of_code, uint64_t* without_link, uint64_t* after_as_at);

  /// Shards of neighbouring participants; `gather` makes one ready for `fill`, and forgets the one before.
  uint32_t shards() const { return static_cast<uint32_t>(shard_from_.size()) - 1; }
  uint32_t shard_from(uint32_t shard) const { return shard_from_[shard]; }
  void gather(uint32_t shard);
  /// Number of groups: participants by symbol (0 is unused), then cases.
  uint32_t participants() const { return participants_; }
  uint32_t cases() const { return static_cast<uint32_t>(case_hearings_.size()); }
  uint32_t case_hearing(uint32_t index) const { return case_hearings_[index]; }
  /// Of a participant whose shard was gathered.
  uint64_t entries_of(uint32_t participant) const { return start_[participant + 1] - start_[participant]; }
  /// Fills `out` (its storage is reused). `first` is scratch of at least code_count() elements, all no_entry before and
  /// the heads of the chains after; `release` puts it back. Precondition: the participant's shard is the one gathered.
  void fill(uint32_t participant, Timeline* out, uint32_t* first) const;
  /// Asks for the details of a participant's events, which lie anywhere in memory.
  void fetch_ahead(uint32_t participant) const;
  /// Precondition: every shard was gathered.
  void fill_case(uint32_t index, Timeline* out, uint32_t* first) const;
  static void release(const Timeline& timeline, uint32_t* first);

 private:
  /// A range of rows on its way to its participants: counted first, then placed.
  struct Part {
    std::vector<uint64_t> next;     ///< by bucket: how many entries, then where the next one goes
    std::vector<uint32_t> reached;  ///< of each event that names nobody, how many it reaches and whom
    uint64_t without_link = 0, after_as_at = 0;
  };
  template <class Put>
  void place_rows(Part* part, uint32_t from, uint32_t to, bool again, uint32_t first, uint32_t last, Put put) const;
  bool count_grouped(uint64_t* after_as_at);
  void count_all(uint64_t* without_link, uint64_t* after_as_at);
  void make_room();
  void gather_grouped(uint32_t first, uint32_t last);
  void gather_buckets(uint32_t first, uint32_t last);
  void place_cases();
  Entry entry(uint32_t row, uint8_t bits) const;
  void arrange(const Entry* entries, uint32_t count, Timeline* out) const;
  void finish(Timeline* out, uint32_t* first) const;
  bool comes_before(const Entry& a, const Entry& b) const;

  const model::EventTable& table_;
  const Facts& facts_;
  const Links& links_;
  const int64_t as_at_;
  const int threads_;
  const std::vector<uint32_t> profile_of_code_;
  bool owes_cases_ = false;
  bool is_grouped_ = false;  ///< the table's rows stand in the order of participants already
  uint32_t participants_ = 0;
  std::vector<uint64_t> start_;
  std::vector<Part> parts_;
  int shift_ = 0;  ///< a bucket is 2^shift_ neighbouring participants; one where rows are grouped
  std::vector<uint64_t> bucket_start_;
  std::vector<uint32_t> shard_from_{0};  ///< the last is participants_
  // Of the shard gathered. Not vectors, which would first fill all of it with zeros.
  uint64_t shard_start_ = 0;
  std::unique_ptr<Entry[]> entries_;
  std::unique_ptr<uint32_t[]> whose_;
  /// Of all participants, where cases are owed anything: what a case needs of its victims' entries.
  struct OfCases {
    uint32_t list = 0, from = 0, to = 0;
  };
  std::vector<std::vector<Placed>> of_cases_;  ///< a list for each part of each shard
  std::vector<OfCases> of_cases_at_;           ///< by participant: where in which list
  std::vector<uint32_t> case_hearings_;
  Index<Placed> by_hearing_;
};

}  // namespace kept::engine
