#include <algorithm>

#include "simulation/journey.h"
#include "simulation/parameters.h"

namespace kept::simulation {

Fact of_prisoner(Scene& scene, Type type, Feed feed, int64_t at, const Suspect& suspect) {
  Fact made = fact(type, feed, at).by(suspect.id);
  if (scene.random.chance(700)) made.of(scene.crime.number);
  return made;
}

void tell_in_scheme(Scene& scene, const Suspect& suspect, const char* about, int64_t since) {
  for (Victim& victim : scene.crime.victims) {
    if (!victim.in_scheme) continue;
    scene.tell(victim, {.about = about,
                        .feed = Feed::probation,
                        .since = since,
                        .standard_days = 5,
                        .enhanced_days = 5,
                        .on_time = 850,
                        .suspect = suspect.id});
  }
}

void parole(Scene& scene, const Suspect& suspect, int64_t at) {
  Random& random = scene.random;
  const int64_t hearing_at = scene.working_days_on(at, random.between(60, 130));
  scene.record(of_prisoner(scene, Type::parole_review_started, Feed::parole, at, suspect)
                   .date(Detail::hearing_on, calendar::london_date(hearing_at)));
  tell_in_scheme(scene, suspect, "parole_review", at);
  tell_in_scheme(scene, suspect, "parole_statement", at + day_ms);
  const uint32_t hearing = ++scene.numbers().hearings;
  const int64_t listed = scene.working_days_on(at, random.between(10, 40));
  scene.record_certainly(
      fact(Type::link_hearing, Feed::parole, listed).of(scene.crime.number).by(suspect.id).at_hearing(hearing));
  scene.record(fact(Type::parole_hearing_listed, Feed::parole, listed + minute_ms)
                   .by(suspect.id)
                   .of(scene.crime.number)
                   .at_hearing(hearing)
                   .date(Detail::hearing_on, calendar::london_date(hearing_at)));
  tell_in_scheme(scene, suspect, "parole_statement_reading", listed + hour_ms);
  for (const Victim& victim : scene.crime.victims) {
    if (!victim.in_scheme) continue;
    if (random.chance(350)) {
      scene.record(scene.of_victim(Type::support_reminded, Feed::probation, at + random.soon(20, 900) * hour_ms, victim)
                       .text(Detail::stage, "before_parole")
                       .text(Detail::service_kind, "general"));
    }
    if (!random.chance(400)) continue;
    scene.record(scene.of_victim(Type::vps_taken, Feed::probation, listed + random.between(10, 50) * minute_ms, victim)
                     .text(Detail::stage, "before_parole")
                     .yes_no(Detail::for_parole, true));
    const int64_t lodged = hearing_at - (random.chance(800) ? random.between(29, 50) : random.between(5, 27)) * day_ms;
    scene.record(scene.of_victim(Type::vps_lodged, Feed::probation, std::max(lodged, listed + hour_ms), victim)
                     .by(suspect.id)
                     .at_hearing(hearing));
  }
  const int64_t decided = scene.working_days_on(hearing_at, random.between(5, 14));
  scene.record(fact(Type::parole_decided, Feed::parole, decided)
                   .by(suspect.id)
                   .of(scene.crime.number)
                   .at_hearing(hearing)
                   .yes_no(Detail::granted, random.chance(260)));
  tell_in_scheme(scene, suspect, "parole_decision", decided);
  tell_in_scheme(scene, suspect, "reconsideration", decided + minute_ms);
  for (const Victim& victim : scene.crime.victims) {
    if (!victim.in_scheme || !random.chance(260)) continue;
    const int64_t asked = scene.working_days_on(decided, random.soon(1, 60));
    scene.record(scene.of_victim(Type::parole_summary_requested, Feed::parole, asked, victim).by(suspect.id));
    if (random.chance(780)) {
      scene.record(scene
                       .of_victim(Type::parole_summary_sent, Feed::parole,
                                  scene.working_days_on(asked, random.soon(2, 40)), victim)
                       .by(suspect.id));
    }
  }
}

void release(Scene& scene, const Suspect& suspect, int64_t planned, int64_t release_at) {
  Random& random = scene.random;
  const bool early = planned != 0 && random.chance(assumed::early_release);
  const char* kind = early ? "early" : "automatic";
  if (planned != 0) {
    const calendar::LocalDate on = calendar::london_date(release_at);
    const int64_t considered = planned - random.between(5, 25) * day_ms;
    scene.record(of_prisoner(scene, Type::release_considered, Feed::prisons, considered, suspect)
                     .date(Detail::release_on, on)
                     .text(Detail::release_kind, kind));
    tell_in_scheme(scene, suspect, "release_considered", considered);
    scene.record(of_prisoner(scene, Type::release_planned, Feed::prisons, planned, suspect)
                     .date(Detail::release_on, on)
                     .text(Detail::release_kind, kind));
    for (const Victim& victim : scene.crime.victims) {
      if (!victim.in_scheme || scene.over(planned)) continue;
      if (random.chance(700))
        scene.record(scene
                         .of_victim(Type::licence_conditions_views_sought, Feed::probation,
                                    scene.working_days_on(planned, random.soon(0, 15)), victim)
                         .by(suspect.id));
    }
    tell_in_scheme(scene, suspect, "release", planned);
    if (early) tell_in_scheme(scene, suspect, "local_support", planned + minute_ms);
    const int64_t set = std::max(planned + day_ms, release_at - 5 * day_ms);
    scene.record(of_prisoner(scene, Type::licence_conditions_set, Feed::probation, set, suspect));
    tell_in_scheme(scene, suspect, "licence_conditions", set);
  }
  if (scene.over(release_at)) return;
  scene.record(
      of_prisoner(scene, Type::custody_released, Feed::prisons, release_at, suspect).text(Detail::release_kind, kind));
  tell_in_scheme(scene, suspect, "release", release_at);
  if (random.chance(90)) {
    const int64_t recalled = release_at + random.between(5, 200) * day_ms;
    scene.record(of_prisoner(scene, Type::custody_recalled, Feed::prisons, recalled, suspect));
    tell_in_scheme(scene, suspect, "recall", recalled);
    if (random.chance(assumed::review_after_recall) && !scene.over(recalled))
      parole(scene, suspect, scene.working_days_on(recalled, random.between(15, 60)));
  }
}

void open_conditions(Scene& scene, const Suspect& suspect, int64_t eligible) {
  scene.record(of_prisoner(scene, Type::custody_open_eligible, Feed::prisons, eligible, suspect));
  tell_in_scheme(scene, suspect, "open_conditions_eligible", eligible);
  if (!scene.random.chance(700)) return;
  const int64_t moved = scene.working_days_on(eligible, scene.random.between(10, 120));
  scene.record(of_prisoner(scene, Type::custody_open_moved, Feed::prisons, moved, suspect));
  tell_in_scheme(scene, suspect, "open_conditions", moved);
}

void in_hospital(Scene& scene, const Suspect& suspect, int64_t at, bool restricted) {
  Random& random = scene.random;
  if (restricted) {
    const int64_t heard = scene.working_days_on(at, random.between(40, 90));
    scene.record(of_prisoner(scene, Type::tribunal_application_made, Feed::hospitals, at, suspect)
                     .yes_no(Detail::restricted, true)
                     .date(Detail::hearing_on, calendar::london_date(heard)));
    for (const Victim& victim : scene.crime.victims) {
      if (!victim.in_scheme || !random.chance(760)) continue;
      scene.record(scene
                       .of_victim(Type::tribunal_statement_invited, Feed::probation,
                                  scene.working_days_on(at, random.soon(1, 25)), victim)
                       .by(suspect.id));
    }
    at = heard;
  }
  scene.record(of_prisoner(scene, Type::hospital_discharge_considered, Feed::hospitals, at, suspect)
                   .yes_no(Detail::restricted, restricted));
  tell_in_scheme(scene, suspect, "discharge_considered", at);
  if (!random.chance(300)) return;
  const int64_t discharged = scene.working_days_on(at, random.between(5, 60));
  scene.record(of_prisoner(scene, Type::hospital_discharged, Feed::hospitals, discharged, suspect)
                   .yes_no(Detail::restricted, restricted));
  tell_in_scheme(scene, suspect, "discharge", discharged);
}

void meanwhile(Scene& scene, const Suspect& suspect, int64_t from) {
  Random& random = scene.random;
  for (const Victim& victim : scene.crime.victims) {
    if (!victim.in_scheme || !random.chance(60)) continue;
    const uint32_t key = scene.next_key();
    const int64_t at = scene.working_days_on(from, random.between(3, 200));
    scene.record(
        scene.of_victim(Type::unwanted_contact_reported, Feed::probation, at, victim).by(suspect.id).keyed(key));
    if (random.chance(830)) {
      scene.record(scene
                       .of_victim(Type::unwanted_contact_dealt_with, Feed::probation,
                                  scene.working_days_on(at, random.soon(0, 15)), victim)
                       .by(suspect.id)
                       .keyed(key));
    }
  }
  for (const Victim& victim : scene.crime.victims) {
    if (!victim.in_scheme || !random.chance(assumed::scheme_change)) continue;
    const int64_t at = scene.working_days_on(from, random.between(3, 180));
    scene.record(scene.of_victim(Type::vcs_change_requested, Feed::probation, at, victim)
                     .by(suspect.id)
                     .text(Detail::opted, "in"));
    if (random.chance(850)) {
      scene.record(
          scene.of_victim(Type::vcs_change_made, Feed::probation, scene.working_days_on(at, random.soon(0, 15)), victim)
              .by(suspect.id)
              .text(Detail::opted, "in"));
    }
  }
  if (random.chance(assumed::leaves_open_prison)) {
    const int64_t gone = from + random.between(10, 200) * day_ms;
    scene.record(of_prisoner(scene, Type::custody_escaped, Feed::prisons, gone, suspect)
                     .yes_no(Detail::needed_for_safety, true));
    for (Victim& victim : scene.crime.victims) {
      scene.tell(victim, {.about = "escape",
                          .feed = Feed::police_contact,
                          .since = gone,
                          .standard_days = 1,
                          .enhanced_days = 1,
                          .on_time = 700,
                          .suspect = suspect.id});
    }
    scene.record(
        of_prisoner(scene, Type::custody_recaptured, Feed::prisons, gone + random.soon(4, 300) * hour_ms, suspect));
  }
  if (random.chance(30)) {
    const int64_t changed = scene.working_days_on(from, random.between(5, 120));
    scene.record(scene.of_suspect(Type::sentence_changed, Feed::appeals, changed, suspect));
    tell_in_scheme(scene, suspect, "sentence_change", changed);
  }
  if (random.chance(70)) {
    for (const Victim& victim : scene.crime.victims) {
      if (!victim.in_scheme || !random.chance(600)) continue;
      scene.record(scene
                       .of_victim(Type::deportation_opted_in, Feed::immigration,
                                  scene.working_days_on(from, random.soon(1, 20)), victim)
                       .by(suspect.id));
    }
    const int64_t considered = scene.working_days_on(from, random.between(25, 150));
    scene.record(of_prisoner(scene, Type::deportation_considered, Feed::immigration, considered, suspect));
    for (Victim& victim : scene.crime.victims) {
      if (!victim.in_scheme) continue;
      scene.tell(victim, {.about = "deportation",
                          .feed = Feed::immigration,
                          .since = considered,
                          .standard_days = 5,
                          .enhanced_days = 5,
                          .on_time = 700,
                          .suspect = suspect.id});
    }
  }
}

}  // namespace kept::simulation
