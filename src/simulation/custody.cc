#include <algorithm>

#include "simulation/journey.h"
#include "simulation/parameters.h"

namespace kept::simulation {
namespace {

/// Prisons know the prisoner and seldom the crime.
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

void appeal(Scene& scene, const Suspect& suspect, const Verdict& verdict) {
  Random& random = scene.random;
  const char* court = verdict.crown ? "court_of_appeal" : "crown_court";
  const Feed feed = verdict.crown ? Feed::appeals : Feed::crown;
  const auto step = [&](Type type, int64_t at) {
    const int64_t known = at + random.soon(1, 100) * hour_ms;
    return scene.of_suspect(type, feed, at, suspect)
        .in_case(scene.crime.urn)
        .known(known)
        .text(Detail::appeal_court, court);
  };
  const auto told = [&](const char* about, const Fact& step_fact) {
    scene.record(step_fact);
    scene.tell_all({.about = about,
                    .feed = scene.wcu(),
                    .since = step_fact.known_at,
                    .standard_days = 1,
                    .enhanced_days = 1,
                    .on_time = assumed::on_time_wcu,
                    .suspect = suspect.id});
  };
  const int64_t lodged = scene.working_days_on(verdict.sentenced_at, random.between(5, 20));
  told("appeal_notice", step(Type::appeal_lodged, lodged));
  int64_t listed = scene.working_days_on(lodged, random.between(15, 60));
  if (verdict.crown) {
    const bool leave = random.chance(350);
    told("appeal_leave", step(Type::appeal_leave_decided, listed).yes_no(Detail::granted, leave));
    if (!leave) return;
    listed = scene.working_days_on(listed, random.between(10, 40));
  }
  const int64_t heard = scene.working_days_on(listed, random.between(15, 80));
  told("appeal_hearing", step(Type::appeal_listed, listed).date(Detail::hearing_on, calendar::london_date(heard)));
  told("appeal_result", step(Type::appeal_decided, heard));
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
  for (Victim& victim : scene.crime.victims) {
    if (!victim.in_scheme || !random.chance(400)) continue;
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
}

}  // namespace

void contact_scheme(Scene& scene, Suspect& suspect, Victim& victim, const Verdict& verdict) {
  Random& random = scene.random;
  const int64_t at = verdict.sentenced_at;
  const bool on_time = random.chance(figures::timely_probation.value);
  const int64_t sent = scene.working_days_on(at, on_time ? random.soon(1, 9) : random.soon(10, 60));
  if (!random.chance(930)) return;  // forgotten
  scene.record(scene.of_victim(Type::vcs_referral_sent, scene.wcu(), sent, victim).by(suspect.id));
  const int64_t received = sent + random.between(5, 600) * minute_ms;
  const uint32_t id =
      scene.record(scene.of_victim(Type::vcs_referral_received, Feed::probation, received, victim).by(suspect.id));
  if (!scene.over(scene.working_days_on(at, 10))) {
    scene.tally.told[static_cast<std::size_t>(ToldOf::probation_referral)].count(
        id != 0 && calendar::london_date(received) <= scene.office().working_day_after(calendar::london_date(at), 10));
  }
  const int64_t contacted =
      scene.working_days_on(received, random.chance(780) ? random.between(3, 20) : random.soon(21, 60));
  scene.record(scene.of_victim(Type::vcs_contact_made, Feed::probation, contacted, victim)
                   .by(suspect.id)
                   .text(Detail::channel, random.chance(700) ? "letter" : "telephone"));
  if (random.chance(assumed::joins_scheme)) {
    victim.in_scheme = true;
    const int64_t joined = scene.working_days_on(contacted, random.soon(1, 30));
    scene.record(
        scene.of_victim(Type::vcs_joined, Feed::probation, joined, victim).by(suspect.id).text(Detail::opted, "in"));
    scene.record(scene.of_victim(Type::vlo_assigned, Feed::probation, joined + hour_ms, victim).by(suspect.id));
    if (random.chance(50)) {
      const int64_t asked = scene.working_days_on(joined, random.between(20, 200));
      scene.record(scene.of_victim(Type::vcs_change_requested, Feed::probation, asked, victim)
                       .by(suspect.id)
                       .text(Detail::opted, "out"));
      scene.record(
          scene.of_victim(Type::vcs_left, Feed::probation, scene.working_days_on(asked, random.soon(0, 10)), victim)
              .by(suspect.id)
              .text(Detail::opted, "out"));
    }
  }
}

void serve(Scene& scene, Suspect& suspect, const Verdict& verdict) {
  Random& random = scene.random;
  if (verdict.sentenced_at == 0 || scene.over(verdict.sentenced_at)) return;
  if (random.chance(verdict.crown ? 90 : 25)) appeal(scene, suspect, verdict);
  if (verdict.custody_months == 0) return;
  const int64_t at = verdict.sentenced_at;
  const bool in_custody_long =
      verdict.custody_months >= figures::scheme_sentence_months.value && scene.crime.offence->specified;
  if (in_custody_long) {
    for (Victim& victim : scene.crime.victims) {
      if (victim.owed) contact_scheme(scene, suspect, victim, verdict);
    }
  }
  // Half is served, less what was spent waiting for trial.
  const int32_t served_days =
      std::max(3, verdict.custody_months * 30 / 2 - (random.chance(400) ? random.between(10, 160) : 0));
  const int64_t release_at =
      calendar::start_of(calendar::london_date(at) + served_days) + random.between(8 * 60 + 30, 12 * 60) * minute_ms;
  scene.record(of_prisoner(scene, Type::custody_entered, Feed::prisons, at + 5 * hour_ms, suspect)
                   .date(Detail::release_on, calendar::london_date(release_at)));
  if (verdict.custody_months > 140) {
    const int64_t review = at + served_days / 2 * day_ms;
    if (!scene.over(review)) parole(scene, suspect, review);
  }
  if (verdict.custody_months > 24 && random.chance(200)) {
    const int64_t moved = at + served_days * 6 / 10 * day_ms;
    scene.record(of_prisoner(scene, Type::custody_open_moved, Feed::prisons, moved, suspect));
    tell_in_scheme(scene, suspect, "open_conditions", moved);
  }
  if (verdict.custody_months > 12) {
    const int64_t planned = std::max(at + day_ms, release_at - random.between(20, 60) * day_ms);
    scene.record(of_prisoner(scene, Type::release_planned, Feed::prisons, planned, suspect)
                     .date(Detail::release_on, calendar::london_date(release_at))
                     .text(Detail::release_kind, "automatic"));
    for (Victim& victim : scene.crime.victims) {
      if (!victim.in_scheme || scene.over(planned)) continue;
      if (random.chance(700))
        scene.record(scene
                         .of_victim(Type::licence_conditions_views_sought, Feed::probation,
                                    scene.working_days_on(planned, random.soon(0, 15)), victim)
                         .by(suspect.id));
    }
    tell_in_scheme(scene, suspect, "release", planned);
    scene.record(of_prisoner(scene, Type::licence_conditions_set, Feed::probation,
                             std::max(planned + day_ms, release_at - 5 * day_ms), suspect));
    tell_in_scheme(scene, suspect, "licence_conditions", std::max(planned + day_ms, release_at - 5 * day_ms));
  }
  if (random.chance(5)) {
    const int64_t escaped = at + served_days / 2 * day_ms;
    scene.record(of_prisoner(scene, Type::custody_escaped, Feed::prisons, escaped, suspect)
                     .yes_no(Detail::needed_for_safety, true));
    scene.tell_all({.about = "escape",
                    .feed = Feed::police_contact,
                    .since = escaped,
                    .standard_days = 1,
                    .enhanced_days = 1,
                    .on_time = 700,
                    .suspect = suspect.id});
    scene.record(
        of_prisoner(scene, Type::custody_recaptured, Feed::prisons, escaped + random.soon(4, 200) * hour_ms, suspect));
  }
  if (scene.over(release_at)) return;
  scene.record(of_prisoner(scene, Type::custody_released, Feed::prisons, release_at, suspect)
                   .text(Detail::release_kind, "automatic"));
  tell_in_scheme(scene, suspect, "release", release_at);
  for (const Victim& victim : scene.crime.victims) {
    if (victim.owed) scene.tally.in_scheme.count(victim.in_scheme);
  }
  if (random.chance(90)) {
    const int64_t recalled = release_at + random.between(5, 200) * day_ms;
    scene.record(of_prisoner(scene, Type::custody_recalled, Feed::prisons, recalled, suspect));
    tell_in_scheme(scene, suspect, "recall", recalled);
  }
}

}  // namespace kept::simulation
