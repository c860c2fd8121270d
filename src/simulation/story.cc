#include "simulation/story.h"

#include <algorithm>

#include "simulation/journey.h"
#include "simulation/parameters.h"
#include "simulation/population.h"

namespace kept::simulation {
namespace {

/// South of the Thames, by the code of the borough.
bool is_south(const Borough& borough) {
  static constexpr const char* south[] = {"E09000004", "E09000006", "E09000008", "E09000011", "E09000021", "E09000022",
                                          "E09000023", "E09000024", "E09000027", "E09000028", "E09000029", "E09000032"};
  return std::find(std::begin(south), std::end(south), borough.code) != std::end(south);
}

int64_t time_of_report(Random& random, calendar::LocalDate day) {
  // Quiet before dawn, busiest from late morning into the evening.
  static constexpr uint32_t hours[24] = {22, 16, 12, 9,  7,  8,  12, 22, 40, 55, 62, 64,
                                         66, 63, 62, 62, 63, 64, 62, 58, 52, 45, 38, 30};
  const auto hour = static_cast<int64_t>(random.weighted(hours));
  const int64_t second = random.below(3600);
  return calendar::start_of(day) + hour * hour_ms + second * 1000;
}

int64_t time_of_crime(Random& random, const Offence& offence, int64_t reported_at) {
  if (offence.volume == Volume::sexual && random.chance(260)) return reported_at - random.soon(366, 9000) * day_ms;
  if (random.chance(620)) return reported_at - random.very_soon(5, 1400) * minute_ms;
  return reported_at - random.very_soon(1, 40) * day_ms;
}

class Story {
 public:
  Story(Recording& recording, Random& random, Tally& tally, uint64_t room)
      : recording_(recording), random_(random), tally_(tally), room_(room) {}

  uint64_t run(calendar::LocalDate day) {
    if (random_.chance(assumed::scheme_case_moves_in)) {
      move_in(day);
      return made_;
    }
    const Offence* offence = nullptr;
    const Borough& borough = draw_crime(random_, &offence);
    Crime first = begin(*offence, borough, time_of_report(random_, day));
    people_in(first);
    const Person principal = first.victims.front().person;
    const bool bereaved = std::string_view(first.victims.front().role) == "bereaved";
    accuse(first, principal);
    int64_t before = first.reported_at;
    play(first);

    // The same person again: half of what comes again comes within a few weeks.
    int32_t times = 1;
    while (!bereaved && random_.chance(times == 1 ? assumed::crime_again : 330)) {
      ++times;
      const int64_t at = time_of_report(random_, calendar::london_date(before) + random_.soon(2, 330));
      if (at > recording_.end_at() || (principal.died_at != 0 && principal.died_at < at)) break;
      const Offence* again = offence;
      if (random_.chance(350)) draw_crime(random_, &again);
      if (std::string_view(again->harm) == "death") again = offence;
      Crime next = begin(*again, borough, at);
      Victim victim = as_victim(principal, next);
      victim.targeted =
          times >= 3 || std::string_view(again->group) == "stalking" || std::string_view(again->group) == "harassment";
      next.victims.push_back(victim);
      settle(next);
      tally_.repeat.count(true);
      play(next);
      before = at;
    }
    return made_;
  }

 private:
  Crime begin(const Offence& offence, const Borough& borough, int64_t reported_at) {
    Crime crime;
    crime.number = ++recording_.numbers().crimes;
    crime.offence = &offence;
    crime.borough = &borough;
    crime.south = is_south(borough);
    crime.domestic = random_.chance(offence.domestic);
    crime.hate = random_.chance(offence.hate);
    crime.reported_at = reported_at;
    crime.committed_at = time_of_crime(random_, offence, reported_at);
    crime.suspect_known = random_.chance(crime.domestic ? 850 : offence.suspect_known);
    ++tally_.crimes;
    return crime;
  }

  Victim as_victim(const Person& person, const Crime& crime) const {
    Victim victim;
    victim.person = person;
    victim.role = person.business ? "business_contact" : "victim";
    victim.joined_at = crime.reported_at;
    return victim;
  }

  /// A crime of years ago, tried elsewhere: the crime was never reported here.
  void move_in(calendar::LocalDate day) {
    Numbers& numbers = recording_.numbers();
    const Offence* offence = &draw(random_, random_.chance(350) ? Volume::sexual : Volume::violence);
    while (!offence->specified || std::string_view(offence->harm) == "death")
      offence = &draw(random_, random_.chance(350) ? Volume::sexual : Volume::violence);
    const Offence* unused = nullptr;
    const int64_t at = Office::in_hours(random_, day);
    Crime crime = begin(*offence, draw_crime(random_, &unused), at);
    crime.committed_at = at - random_.between(2 * 365, 12 * 365) * day_ms;
    Victim victim = as_victim(draw_adult(numbers, random_, *crime.borough, day), crime);
    victim.in_scheme = true;
    crime.victims.push_back(victim);
    Suspect suspect;
    suspect.id = ++numbers.people;
    crime.suspects.push_back(suspect);
    count_new(1);
    recording_.begin(day);
    Scene scene(recording_, random_, tally_, crime);
    scheme_case_moves_in(scene, at);
  }

  void count_new(uint64_t people) {
    made_ += people;
    tally_.victims += people;
  }

  void people_in(Crime& crime) {
    Numbers& numbers = recording_.numbers();
    const calendar::LocalDate on = calendar::london_date(crime.reported_at);
    if (std::string_view(crime.offence->harm) == "death") {
      // Nobody can be told but those who are left.
      const uint32_t deceased = ++numbers.people;
      const uint64_t relatives = std::min<uint64_t>(room_, static_cast<uint64_t>(random_.between(1, 4)));
      for (uint64_t i = 0; i < relatives; ++i) {
        Victim relative = as_victim(draw_adult(numbers, random_, *crime.borough, on), crime);
        relative.role = "bereaved";
        relative.for_participant = deceased;
        if (i > 0) relative.joined_at += random_.soon(1, 200) * hour_ms;
        crime.victims.push_back(relative);
      }
      count_new(relatives);
    } else {
      crime.victims.push_back(
          as_victim(draw_person(numbers, random_, tally_, *crime.offence, *crime.borough, on), crime));
      count_new(1);
      const bool personal = against_the_person(*crime.offence) && !crime.victims.front().person.business;
      if (personal && made_ < room_ && random_.chance(assumed::further_victim)) {
        Victim other = as_victim(draw_person(numbers, random_, tally_, *crime.offence, *crime.borough, on), crime);
        if (random_.chance(250)) other.joined_at += random_.between(1, 20) * day_ms;
        crime.victims.push_back(other);
        count_new(1);
      }
      if (crime.victims.front().person.child && made_ < room_ && random_.chance(250)) {
        Victim guardian = as_victim(draw_adult(numbers, random_, *crime.borough, on), crime);
        guardian.role = "guardian";
        guardian.for_participant = crime.victims.front().person.id;
        crime.victims.push_back(guardian);
        count_new(1);
      }
    }
    if (random_.chance(assumed::witness_only)) {
      Victim witness = as_victim(draw_adult(numbers, random_, *crime.borough, on), crime);
      witness.role = "witness";
      witness.owed = false;
      crime.victims.push_back(witness);
    }
    crime.victims.front().targeted = std::string_view(crime.offence->group) == "stalking" && random_.chance(700);
    settle(crime);
    for (const Victim& victim : crime.victims) {
      if (victim.owed) tally_.repeat.count(false);
    }
  }

  /// What follows from who is in it: suspects, Enhanced Rights by fact, deaths.
  void settle(Crime& crime) {
    Numbers& numbers = recording_.numbers();
    if (crime.suspect_known) {
      const int32_t suspects = random_.chance(assumed::second_suspect) ? 2 : 1;
      for (int32_t i = 0; i < suspects; ++i) {
        Suspect suspect;
        // Where the victim comes back, so, at home, does the one who did it.
        suspect.id = i == 0 && crime.domestic && household_suspect_ != 0 ? household_suspect_ : ++numbers.people;
        suspect.under_18 = !crime.domestic && random_.chance(160);
        if (i == 0 && crime.domestic) household_suspect_ = suspect.id;
        crime.suspects.push_back(suspect);
      }
    }
    for (Victim& victim : crime.victims) {
      if (victim.joined_at > recording_.end_at())
        victim.joined_at = crime.reported_at;  // everybody counted is in the file
      const Person& person = victim.person;
      victim.high_harm = crime.offence->high_harm;
      victim.entitled = !person.business && (crime.offence->most_serious || crime.domestic || person.child ||
                                             victim.targeted || person.vulnerability != nullptr || person.intimidated ||
                                             std::string_view(victim.role) == "bereaved");
      if (victim.owed && !person.business && person.died_at == 0 && random_.chance(assumed::victim_dies)) {
        victim.person.died_at = crime.reported_at + random_.between(1, 300) * day_ms;
        victim.dies_here = true;
      }
    }
  }

  /// He, too, says that he is a victim: a crime of its own, the same evening, with the roles turned round.
  void accuse(Crime& crime, const Person& principal) {
    if (crime.offence->volume != Volume::violence || crime.suspects.empty() || principal.business || principal.child ||
        made_ >= room_)
      return;
    if (std::string_view(crime.offence->harm) == "death" || !random_.chance(assumed::cross_allegation)) return;
    const int64_t reported_at = crime.reported_at + random_.between(20, 600) * minute_ms;
    if (reported_at > recording_.end_at()) return;
    Crime turned = begin(*crime.offence, *crime.borough, reported_at);
    turned.committed_at = crime.committed_at;
    turned.domestic = crime.domestic;
    Person other = draw_adult(recording_.numbers(), random_, *crime.borough, calendar::london_date(crime.reported_at));
    --recording_.numbers().people;
    other.id = crime.suspects.front().id;
    Victim victim = as_victim(other, turned);
    victim.also_suspect = true;
    turned.victims.push_back(victim);
    turned.suspect_known = false;
    settle(turned);
    turned.suspect_known = true;
    Suspect suspect;
    suspect.id = principal.id;
    turned.suspects.assign(1, suspect);
    crime.victims.front().also_suspect = true;
    tally_.repeat.count(false);
    count_new(1);
    play(turned);
  }

  void play(Crime& crime) {
    recording_.begin(calendar::london_date(crime.reported_at));
    Scene scene(recording_, random_, tally_, crime);
    report(scene);
    for (const Victim& victim : crime.victims) {
      if (!victim.dies_here) continue;
      Fact died = scene.of_victim(Type::victim_died, Feed::crime_reports, victim.person.died_at, victim);
      if (random_.chance(500)) died.written = Written::date;
      died.recorded_at = victim.person.died_at + random_.soon(2, 400) * hour_ms;
      scene.record_certainly(died);
    }
    const Ending ending = investigate(scene);
    int64_t end = ending.closed_at;
    for (const std::size_t i : ending.charged) {
      const Verdict verdict = prosecute(scene, crime.suspects[i], ending.charged_at);
      end = std::max({end, verdict.ended_at, verdict.sentenced_at});
      serve(scene, crime.suspects[i], verdict);
    }
    for (Victim& victim : crime.victims) {
      seek_redress(scene, victim, end, crime.offence->violent && std::string_view(crime.offence->harm) != "none");
    }
    end_involvement(scene, end);
  }

  Recording& recording_;
  Random& random_;
  Tally& tally_;
  uint64_t room_;
  uint64_t made_ = 0;
  uint32_t household_suspect_ = 0;
};

}  // namespace

uint64_t tell_story(Recording& recording, Random& random, Tally& tally, calendar::LocalDate day, uint64_t room) {
  return Story(recording, random, tally, room).run(day);
}

}  // namespace kept::simulation
