#pragma once
#include <array>
#include <cstdint>

namespace kept::simulation {

/// The tellings for which a figure is known.
enum class ToldOf : uint8_t { nothing, update, arrest, release, charge, disposal, probation_referral };
inline constexpr std::size_t told_of_count = 7;

/// What a run came to, counted from what was recorded. docs/simulation.md sets it beside the seed figures.
struct Tally {
  struct Share {
    uint64_t of = 0;
    uint64_t yes = 0;
    void count(bool hit) {
      ++of;
      yes += hit ? 1 : 0;
    }
  };
  uint64_t events = 0, truths = 0;
  uint64_t crimes = 0,
           victims = 0;  ///< victims: people linked to a crime otherwise than as a witness or as acting for another
  Share repeat, vulnerable, intimidated,
      mental_health;  ///< the first of victim-crimes, the others of victims, of the vulnerable twice
  Share referred_personal, offered_personal, referred;  ///< of victims of crimes against the person; of all victims
  Share vps_offered, vps_taken, vps_taken_high_harm, restorative_justice;
  Share withdrew, withdrew_in_first_week,
      no_further_action;              ///< of victims of crimes with a suspect; of those who withdrew
  Share review_asked, review_upheld;  ///< of decisions that could be reviewed by the CPS; of reviews asked for
  uint64_t late_listings = 0, late_listings_same_day = 0, late_listing_witnesses = 0, crown_trials = 0;
  Share in_scheme;  ///< of victims of offenders released
  std::array<Share, told_of_count> told;
};

}  // namespace kept::simulation
