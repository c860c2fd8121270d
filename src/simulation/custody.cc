#include <algorithm>

#include "simulation/journey.h"
#include "simulation/parameters.h"

namespace kept::simulation {

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
  if (verdict.custody_months == 0 && !verdict.hospital_order) return;
  const int64_t at = verdict.sentenced_at;
  const bool in_custody_long =
      verdict.custody_months >= figures::scheme_sentence_months.value && scene.crime.offence->specified;
  if (in_custody_long || verdict.hospital_order) {
    for (Victim& victim : scene.crime.victims) {
      if (victim.owed) contact_scheme(scene, suspect, victim, verdict);
    }
    meanwhile(scene, suspect, at + 60 * day_ms);  // once the scheme knows them
  }
  if (verdict.hospital_order) return;  // years; what comes after is seen in those who move in
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
    open_conditions(scene, suspect, at + served_days * 5 / 10 * day_ms);
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
  const bool is_planned = verdict.custody_months > 12;
  release(scene, suspect, is_planned ? std::max(at + 30 * day_ms, release_at - random.between(20, 60) * day_ms) : 0,
          release_at);
  if (scene.over(release_at)) return;
  for (const Victim& victim : scene.crime.victims) {
    if (victim.owed) scene.tally.in_scheme.count(victim.in_scheme);
  }
}

}  // namespace kept::simulation
