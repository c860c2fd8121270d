#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace kept::bench {

/// One event of the fixed work's log (bench/work.md). Code 0 means that the event does not carry it.
struct WorkEvent {
  int64_t at_s = 0;          ///< occurred, seconds since 1970 UTC
  uint32_t participant = 0;  ///< 1, 2, ...
  uint8_t type = 0;          ///< 1 to work_types
  uint8_t borough = 0;       ///< 1 to work_boroughs; only crime.reported
  uint8_t offence = 0;       ///< 1 to work_offences; only crime.reported
  uint8_t enhanced = 0;      ///< 1 no, 2 yes; only needs.assessed
};
static_assert(sizeof(WorkEvent) == 16);

inline constexpr int work_types = 42;
inline constexpr int work_boroughs = 32;
inline constexpr int work_offences = 12;
/// Names by code; index 0 is empty.
extern const std::array<const char*, work_types + 1> work_type_names;
extern const std::array<const char*, work_boroughs + 1> work_borough_names;
extern const std::array<const char*, work_offences + 1> work_offence_names;

/// Where the clock stands in the fixed work: the last second of 2025. The log begins on 1 January 2024.
inline constexpr int64_t work_as_at_s = 1'767'225'599;

/// The log of so many victims in order of time; the same for the same arguments on every machine. 16 bytes an event,
/// about 16 events a victim, and as much again while it is sorted.
std::vector<WorkEvent> make_work_log(uint32_t victims, uint64_t seed = 1);

/// Columns participant (int32), type (int16), occurred_at (instant), borough, offence, enhanced (int16; empty where not
/// carried).
base::Status write_work_parquet(const std::vector<WorkEvent>& log, const std::string& path);
/// The same with names for codes, `2024-03-02T10:00:00Z`, yes and no; some offences need quoting.
base::Status write_work_csv(const std::vector<WorkEvent>& log, const std::string& path);

}  // namespace kept::bench
