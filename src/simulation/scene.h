#pragma once
#include <cstdint>
#include <vector>

#include "calendar/local_date.h"
#include "simulation/fact.h"
#include "simulation/offences.h"
#include "simulation/recording.h"
#include "simulation/tally.h"
#include "simulation/volumes.h"

namespace kept::simulation {

/// A person (or a business) who becomes a victim; the same in each crime that happens to them.
struct Person {
  uint32_t id = 0;
  const char* kind = "person";  ///< word of `person_kind`
  calendar::LocalDate born;     ///< meaningless for a business
  bool birth_known = true;
  bool birth_year_only = false;
  bool business = false;
  bool child = false;  ///< under 18 at the first crime
  bool lives_outside = false;
  bool needs_interpreter = false;
  const char* vulnerability = nullptr;  ///< recorded as vulnerable, and why
  bool intimidated = false;             ///< recorded as intimidated by the offender
  int64_t died_at = 0;                  ///< 0: lives through the run
  const Borough* residence = nullptr;
};

/// A person in one crime, as a victim, a relative, someone acting for a victim, or a witness.
struct Victim {
  Person person;
  const char* role = "victim";
  uint32_t for_participant = 0;
  bool also_suspect = false;
  bool targeted = false;
  bool owed = true;         ///< false: a witness only, or somebody who acts for another
  bool entitled = false;    ///< Enhanced Rights follow from facts
  bool recognised = false;  ///< an assessment said so
  int64_t joined_at = 0;
  int64_t withdrew_at = 0;         ///< from supporting a prosecution; 0: never
  const char* declined = nullptr;  ///< a topic the victim did not want to hear of
  int64_t declined_at = 0;
  int32_t update_every_days = 0;  ///< agreed; 0: nothing agreed
  bool in_scheme = false;
  bool high_harm = false;
  bool dies_here = false;  ///< the death is recorded with this crime, and no other
};

struct Suspect {
  uint32_t id = 0;
  bool under_18 = false;
  int64_t known_at = 0;
  int64_t died_at = 0;
};

/// One crime with everybody in it.
struct Crime {
  uint32_t number = 0;
  uint32_t urn = 0;  ///< from when a file goes to the prosecutor
  const Offence* offence = nullptr;
  const Borough* borough = nullptr;
  bool domestic = false;
  bool hate = false;
  bool south = false;  ///< of the river, for the units that divide London in two
  int64_t committed_at = 0;
  int64_t reported_at = 0;
  bool suspect_known = false;
  std::vector<Victim> victims;
  std::vector<Suspect> suspects;
};

/// What somebody must be told.
struct Matter {
  const char* about;
  Feed feed;
  int64_t since;          ///< when the teller knew
  int32_t standard_days;  ///< working days to be on time
  int32_t enhanced_days;
  int32_t on_time;  ///< per mille
  uint32_t suspect = 0;
  uint32_t hearing = 0;
  ToldOf counted = ToldOf::nothing;  ///< which figure this telling belongs to
};

/// One crime being played through: who records, with which luck.
class Scene {
 public:
  Scene(Recording& recording, Random& luck, Tally& counts, Crime& played)
      : crime(played), random(luck), tally(counts), recording_(recording) {}

  Crime& crime;
  Random& random;
  Tally& tally;

  /// An event about this crime.
  Fact of_crime(Type type, Feed feed, int64_t at) const { return fact(type, feed, at).of(crime.number); }
  /// An event about one of its victims.
  Fact of_victim(Type type, Feed feed, int64_t at, const Victim& victim) const {
    return of_crime(type, feed, at).to(victim.person.id);
  }
  /// An event about one of its suspects.
  Fact of_suspect(Type type, Feed feed, int64_t at, const Suspect& suspect) const {
    return of_crime(type, feed, at).by(suspect.id);
  }
  uint32_t record(const Fact& fact) { return recording_.record(random, fact); }
  uint32_t record(const Fact& fact, const Recording::How& how) { return recording_.record(random, fact, how); }
  uint32_t record_certainly(const Fact& fact) {
    return recording_.record(random, fact, Recording::How{.certain = true});
  }
  void record_in_error(const Fact& fact) { recording_.record_in_error(random, fact); }

  /// Tells one person, or fails to: attempts, letters, the telling itself, what was recorded of it. Returns when it
  /// reached them, 0 if never.
  int64_t tell(Victim& victim, const Matter& matter);
  /// Tells everybody in the crime who is owed it.
  void tell_all(const Matter& matter);

  Feed wcu() const { return crime.south ? Feed::wcu_south : Feed::wcu_north; }
  Feed cps() const { return crime.south ? Feed::cps_south : Feed::cps_north; }
  bool over(int64_t at) const { return at > recording_.end_at(); }
  int64_t end_at() const { return recording_.end_at(); }
  const Office& office() const { return recording_.office(); }
  Numbers& numbers() { return recording_.numbers(); }
  uint32_t next_key() { return ++recording_.numbers().keys; }
  /// In office hours, `days` working days after that moment's date and not before it.
  int64_t working_days_on(int64_t from, int32_t days) {
    return office().working_time(random, calendar::london_date(from), days, from);
  }
  const char* channel();

 private:
  Recording& recording_;
};

/// Per mille on time in that year: the figure of 2017 and the fall since 2014, in a straight line between, level before
/// and after.
int32_t on_time_in(int32_t in_2017, int32_t fall_since_2014, int64_t at);

}  // namespace kept::simulation
