#include "simulation/journey.h"
#include "simulation/parameters.h"

namespace kept::simulation {
namespace {

/// A step of an appeal; the Witness Care Unit hears of it hours or days later.
Fact of_appeal(Scene& scene, const Suspect& suspect, Type type, Feed feed, const char* court, int64_t at) {
  const int64_t known = at + scene.random.soon(1, 100) * hour_ms;
  return scene.of_suspect(type, feed, at, suspect)
      .in_case(scene.crime.urn)
      .known(known)
      .text(Detail::appeal_court, court);
}

void record_and_tell(Scene& scene, const Suspect& suspect, const char* about, const Fact& step) {
  scene.record(step);
  scene.tell_all({.about = about,
                  .feed = scene.wcu(),
                  .since = step.known_at,
                  .standard_days = 1,
                  .enhanced_days = 1,
                  .on_time = assumed::on_time_wcu,
                  .suspect = suspect.id});
}

void go_to_supreme_court(Scene& scene, const Suspect& suspect, int64_t after) {
  Random& random = scene.random;
  const auto step = [&](Type type, int64_t at) {
    return of_appeal(scene, suspect, type, Feed::supreme_court, "supreme_court", at);
  };
  const int64_t lodged = scene.working_days_on(after, random.between(5, 19));
  const int64_t listed = scene.working_days_on(lodged, random.between(40, 120));
  const int64_t heard = scene.working_days_on(listed, random.between(40, 160));
  record_and_tell(scene, suspect, "appeal_notice", step(Type::appeal_lodged, lodged));
  record_and_tell(scene, suspect, "appeal_hearing",
                  step(Type::appeal_listed, listed).date(Detail::hearing_on, calendar::london_date(heard)));
  record_and_tell(scene, suspect, "appeal_result", step(Type::appeal_decided, heard));
}

/// The Criminal Cases Review Commission looks at it: it decides whom to tell, and seldom sends a case back.
void review_conviction(Scene& scene, const Suspect& suspect, int64_t after) {
  Random& random = scene.random;
  const int64_t opened = scene.working_days_on(after, random.between(20, 250));
  scene.record(scene.of_suspect(Type::ccrc_review_opened, Feed::criminal_cases, opened, suspect));
  const bool referred = random.chance(assumed::criminal_cases_referral);
  const int64_t decided = scene.working_days_on(opened, random.between(60, 260));
  for (const Victim& victim : scene.crime.victims) {
    if (!victim.owed || !random.chance(900)) continue;
    const int64_t at = scene.working_days_on(opened, random.soon(1, 40));
    scene.record(scene.of_victim(Type::ccrc_notification_decided, Feed::criminal_cases, at, victim)
                     .by(suspect.id)
                     .yes_no(Detail::granted, random.chance(600)));
  }
  if (!referred) return;
  scene.record(scene.of_suspect(Type::ccrc_referred, Feed::criminal_cases, decided, suspect));
  scene.tell_all({.about = "ccrc_referral",
                  .feed = Feed::criminal_cases,
                  .since = decided,
                  .standard_days = 5,
                  .enhanced_days = 5,
                  .on_time = 900,
                  .suspect = suspect.id});
}

}  // namespace

void appeal(Scene& scene, const Suspect& suspect, const Verdict& verdict) {
  Random& random = scene.random;
  const char* court = verdict.crown ? "court_of_appeal" : "crown_court";
  const Feed feed = verdict.crown ? Feed::appeals : Feed::crown;
  const auto step = [&](Type type, int64_t at) { return of_appeal(scene, suspect, type, feed, court, at); };
  const auto told = [&](const char* about, const Fact& step_fact) {
    record_and_tell(scene, suspect, about, step_fact);
  };
  const int64_t lodged = scene.working_days_on(verdict.sentenced_at, random.between(5, 20));
  told("appeal_notice", step(Type::appeal_lodged, lodged));
  int64_t listed = scene.working_days_on(lodged, random.between(15, 60));
  if (verdict.crown) {
    const bool leave = random.chance(350);
    told("appeal_leave", step(Type::appeal_leave_decided, listed).yes_no(Detail::granted, leave));
    if (!leave) return;
    if (random.chance(assumed::appeal_bail)) {
      told("appeal_bail", step(Type::appeal_bail_decided, scene.working_days_on(listed, random.between(1, 9)))
                              .text(Detail::bail_status, random.chance(300) ? "granted" : "refused"));
    }
    listed = scene.working_days_on(listed, random.between(10, 40));
  }
  const int64_t heard = scene.working_days_on(listed, random.between(15, 80));
  told("appeal_hearing", step(Type::appeal_listed, listed).date(Detail::hearing_on, calendar::london_date(heard)));
  told("appeal_result", step(Type::appeal_decided, heard));
  if (verdict.crown && random.chance(assumed::on_to_supreme_court)) go_to_supreme_court(scene, suspect, heard);
  if (random.chance(assumed::criminal_cases_review)) review_conviction(scene, suspect, heard);
}

}  // namespace kept::simulation
