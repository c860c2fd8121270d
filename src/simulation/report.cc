#include <algorithm>

#include "simulation/journey.h"
#include "simulation/parameters.h"

namespace kept::simulation {
namespace {

void record_person(Scene& scene, const Victim& victim, int64_t at) {
  const Person& person = victim.person;
  if (!person.business && person.birth_known) {
    Fact born = fact(Type::victim_born, Feed::crime_reports, calendar::start_of(person.born)).to(person.id);
    born.written = person.birth_year_only ? Written::year : Written::date;
    born.recorded_at = at + scene.random.between(1, 30) * minute_ms;
    scene.record_certainly(born);
  }
  if (person.needs_interpreter && scene.random.chance(800)) {
    scene.record(scene.of_victim(Type::need_recorded, Feed::crime_reports, at + 20 * minute_ms, victim)
                     .text(Detail::need, "language"));
    scene.record(scene.of_victim(Type::interpreter_offered, Feed::crime_reports, at + 25 * minute_ms, victim)
                     .text(Detail::stage, "at_report")
                     .text(Detail::offer_accepted, scene.random.chance(700) ? "accepted" : "refused"));
    if (scene.random.chance(assumed::document_to_translate)) {
      static constexpr const char* languages[] = {"bn", "pl", "pt", "ro", "so", "ur"};
      const char* language = scene.random.one_of(languages);
      const uint32_t document = scene.next_key();
      const int64_t needed = at + scene.random.soon(1, 200) * hour_ms;
      scene.record(scene.of_victim(Type::document_needed, Feed::crime_reports, needed, victim)
                       .keyed(document)
                       .text(Detail::language, language));
      if (scene.random.chance(700)) {
        scene.record(scene
                         .of_victim(Type::document_translated, Feed::crime_reports,
                                    scene.working_days_on(needed, scene.random.soon(1, 25)), victim)
                         .keyed(document)
                         .text(Detail::language, language));
      }
    }
  }
}

void link(Scene& scene, const Victim& victim) {
  Fact linked = scene.of_victim(Type::link_victim, Feed::crime_reports, victim.joined_at, victim)
                    .text(Detail::role, victim.role)
                    .text(Detail::person_kind, victim.person.kind)
                    .text(Detail::residence_borough, victim.person.residence->code.c_str());
  if (victim.for_participant != 0) linked.number(Detail::for_participant, victim.for_participant);
  if (victim.also_suspect) linked.yes_no(Detail::also_suspect, true);
  if (!victim.owed && std::string_view(victim.role) == "witness") linked.yes_no(Detail::harmed, false);
  if (victim.person.lives_outside) linked.yes_no(Detail::lives_outside, true);
  linked.recorded_at = std::min(victim.joined_at + scene.random.between(2, 45) * minute_ms, scene.end_at());
  scene.record_certainly(linked);
}

}  // namespace

void report(Scene& scene) {
  Crime& crime = scene.crime;
  Random& random = scene.random;
  const Offence& offence = *crime.offence;
  const int64_t at = crime.reported_at;

  // When it was done: a minute for an assault, a day or a span for what was found out later.
  Fact committed = scene.of_crime(Type::crime_committed, Feed::crime_reports, crime.committed_at)
                       .text(Detail::offence_group, offence.group)
                       .text(Detail::offence_borough, crime.borough->code.c_str())
                       .yes_no(Detail::violent, offence.violent);
  if (!offence.violent && random.chance(550)) committed.written = Written::date;
  if (at - crime.committed_at > 200 * day_ms) committed.written = random.chance(500) ? Written::year : Written::month;
  committed.recorded_at = at + random.between(5, 40) * minute_ms;
  scene.record_certainly(committed);

  scene.record_certainly(scene.of_crime(Type::crime_reported, Feed::crime_reports, at)
                             .text(Detail::offence_group, offence.group)
                             .text(Detail::offence_borough, crime.borough->code.c_str()));
  for (const Victim& victim : crime.victims) {
    link(scene, victim);
    record_person(scene, victim, victim.joined_at);
  }
  const int64_t recorded =
      random.chance(870) ? at + random.soon(10, 600) * minute_ms : scene.working_days_on(at, random.between(1, 4));
  scene.record(scene.of_crime(Type::crime_recorded, Feed::crime_reports, recorded)
                   .text(Detail::offence_group, offence.group)
                   .text(Detail::offence_borough, crime.borough->code.c_str()));
  if (offence.specified && random.chance(offence.high_harm ? 700 : 100)) {
    scene.record(
        scene.of_crime(Type::crime_classified, Feed::crime_reports, recorded + random.between(10, 3000) * minute_ms)
            .text(Detail::offence_group, offence.group)
            .yes_no(Detail::specified_offence, true));
  }
  if (crime.domestic)
    scene.record(
        scene.of_crime(Type::crime_flagged, Feed::crime_reports, recorded).text(Detail::flag, "domestic_abuse"));
  if (crime.hate) {
    scene.record(scene.of_crime(Type::crime_flagged, Feed::crime_reports, recorded).text(Detail::flag, "hate_crime"));
  }
  if (std::string_view(offence.harm) == "death") {
    scene.record_certainly(
        scene.of_crime(Type::crime_death_caused, Feed::crime_reports, at + random.between(1, 48) * hour_ms));
  }

  // In one in a hundred crimes another force takes over, or is asked to and does not answer.
  if (random.chance(10)) {
    const Feed to = random.chance(700) ? Feed::transport_police : Feed::city_police;
    const int64_t sent = scene.working_days_on(at, random.between(0, 6));
    scene.record(scene.of_crime(Type::case_transferred, Feed::crime_reports, sent).text(Detail::to, names(to).agency));
    if (random.chance(750)) {
      scene.record(scene.of_crime(Type::transfer_accepted, to, scene.working_days_on(sent, random.between(0, 8))));
    }
  }
  for (Victim& victim : crime.victims) {
    if (victim.owed) first_days(scene, victim);
  }
}

}  // namespace kept::simulation
