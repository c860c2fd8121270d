#include "simulation/journey.h"
#include "simulation/parameters.h"

namespace kept::simulation {
namespace {

constexpr int32_t days_ahead = 260;

/// Out on licence: unless it ends quietly, back to prison, or convicted of another serious crime.
void on_licence(Scene& scene, const Suspect& suspect, int64_t at) {
  Random& random = scene.random;
  const int64_t when = scene.working_days_on(at, random.between(3, days_ahead * 2 / 3));
  if (random.chance(600)) {
    scene.record(of_prisoner(scene, Type::custody_recalled, Feed::prisons, when, suspect));
    tell_in_scheme(scene, suspect, "recall", when);
    return;
  }
  if (!random.chance(400)) return;
  scene.record(scene.of_suspect(Type::sfo_convicted, Feed::probation, when, suspect));
  for (const Victim& victim : scene.crime.victims) {
    if (!victim.in_scheme || !random.chance(800)) continue;
    scene.record(scene
                     .of_victim(Type::sfo_review_offered, Feed::probation,
                                scene.working_days_on(when, random.soon(2, 60)), victim)
                     .by(suspect.id)
                     .text(Detail::offer_accepted, random.chance(500) ? "accepted" : "refused"));
  }
}

}  // namespace

void scheme_case_moves_in(Scene& scene, int64_t at) {
  Random& random = scene.random;
  Crime& crime = scene.crime;
  const Suspect& suspect = crime.suspects.front();
  Fact committed = scene.of_crime(Type::crime_committed, Feed::probation, crime.committed_at)
                       .text(Detail::offence_group, crime.offence->group)
                       .yes_no(Detail::violent, crime.offence->violent);
  committed.written = Written::year;
  committed.recorded_at = at;
  scene.record_certainly(committed);
  scene.record_certainly(scene.of_suspect(Type::link_suspect, Feed::probation, at, suspect));
  for (Victim& victim : crime.victims) {
    Fact linked = scene.of_victim(Type::link_victim, Feed::probation, at, victim)
                      .text(Detail::role, victim.role)
                      .text(Detail::person_kind, victim.person.kind)
                      .text(Detail::residence_borough, victim.person.residence->code.c_str());
    linked.recorded_at = at;
    scene.record_certainly(linked);
    scene.record(scene.of_victim(Type::vcs_joined, Feed::probation, at + 2 * minute_ms, victim)
                     .by(suspect.id)
                     .text(Detail::opted, "in"));
    if (random.chance(930)) {
      scene.record(
          scene.of_victim(Type::vlo_assigned, Feed::probation, scene.working_days_on(at, random.soon(0, 15)), victim)
              .by(suspect.id));
    }
  }
  meanwhile(scene, suspect, at);
  const int64_t soon = scene.working_days_on(at, random.between(5, days_ahead / 2));
  static constexpr uint32_t weights[] = {40, 25, 12, 13, 10};
  switch (random.weighted(weights)) {
    case 0:
      release(scene, suspect, soon + 31 * day_ms, soon + random.between(51, 100) * day_ms);
      break;
    case 1:
      parole(scene, suspect, soon);
      break;
    case 2:
      open_conditions(scene, suspect, soon);
      break;
    case 3:
      in_hospital(scene, suspect, soon, random.chance(assumed::hospital_restricted));
      break;
    default:
      on_licence(scene, suspect, at);
  }
}

}  // namespace kept::simulation
