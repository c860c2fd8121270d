#include <algorithm>

#include "simulation/journey.h"
#include "simulation/parameters.h"

namespace kept::simulation {
namespace {

void complain(Scene& scene, const Victim& victim, int64_t at) {
  Random& random = scene.random;
  const uint32_t key = scene.next_key();
  static constexpr uint32_t weights[] = {40, 12, 12, 6, 30};
  static constexpr const char* kinds[] = {"police_schedule_3", "cps", "hmcts", "probation", "code"};
  const std::size_t whose = random.weighted(weights);
  const Feed feed = whose == 0 || whose == 4 ? Feed::crime_reports
                    : whose == 1             ? scene.cps()
                    : whose == 2             ? Feed::magistrates
                                             : Feed::probation;
  const auto step = [&](Type type, int64_t when) { return scene.of_victim(type, feed, when, victim).keyed(key); };
  scene.record(step(Type::complaint_cause, std::max(victim.joined_at, at - random.between(2, 30) * day_ms))
                   .text(Detail::complaint_kind, kinds[whose]));
  scene.record(step(Type::complaint_received, at)
                   .text(Detail::complaint_kind, kinds[whose])
                   .text(Detail::complaint_stage, "first"));
  if (random.chance(30)) {
    const int64_t on = scene.working_days_on(at, random.soon(0, 12));
    scene.record(step(Type::complaint_misdirected, at + hour_ms));
    scene.record(step(Type::complaint_passed_on, on).text(Detail::to, whose == 0 ? names(scene.cps()).agency : "met"));
    if (random.chance(700))
      scene.record(step(Type::complaint_sender_told, on + hour_ms)
                       .text(Detail::to, whose == 0 ? names(scene.cps()).agency : "met"));
    return;
  }
  if (random.chance(820)) {
    scene.record(step(Type::complaint_acknowledged,
                      scene.working_days_on(at, random.chance(800) ? random.soon(0, 10) : random.soon(11, 35)))
                     .yes_no(Detail::timescale_given, random.chance(800)));
  }
  if (whose == 0)
    scene.record(step(Type::complaint_handling_started, scene.working_days_on(at, random.soon(1, 10)))
                     .text(Detail::complaint_kind, kinds[whose]));
  const int64_t answered = scene.working_days_on(
      at, random.chance(650) ? random.between(whose == 2 ? 3 : 5, whose == 2 ? 10 : 20) : random.soon(21, 110));
  if (whose == 0) {
    for (int64_t due = at + 28 * day_ms; due < answered; due += 28 * day_ms) {
      if (random.chance(600)) scene.record(step(Type::complaint_updated, due - random.between(0, 4) * day_ms));
    }
    scene.record(step(Type::complaint_outcome_reached, answered).text(Detail::complaint_kind, kinds[whose]));
    scene.record(step(Type::complaint_outcome_sent, scene.working_days_on(answered, random.soon(0, 9)))
                     .text(Detail::complaint_kind, kinds[whose]));
  } else {
    scene.record(step(Type::complaint_answered, answered).text(Detail::complaint_stage, "first"));
    scene.record(step(Type::complaint_answer_received, answered + random.between(2, 90) * hour_ms)
                     .text(Detail::complaint_stage, "first"));
  }
  int64_t end = answered;
  if (random.chance(220)) {
    const int64_t asked = answered + random.between(2, 40) * day_ms;
    end = scene.working_days_on(asked, random.chance(600) ? random.between(4, 20) : random.soon(21, 60));
    scene.record(step(Type::complaint_review_requested, asked)
                     .text(Detail::complaint_kind, kinds[whose])
                     .text(Detail::complaint_stage, "review"));
    scene.record(step(Type::complaint_review_answered, end)
                     .text(Detail::complaint_kind, kinds[whose])
                     .text(Detail::complaint_stage, "review"));
    const char* beyond = whose == 1 ? "independent_assessor" : whose == 2 ? "appeal" : nullptr;
    if (beyond != nullptr && random.chance(300)) {
      const int64_t again = end + random.between(2, 28) * day_ms;
      end = scene.working_days_on(again, random.chance(600) ? random.between(4, 15) : random.soon(16, 60));
      scene.record(step(Type::complaint_review_requested, again)
                       .text(Detail::complaint_kind, kinds[whose])
                       .text(Detail::complaint_stage, beyond));
      scene.record(step(Type::complaint_review_answered, end)
                       .text(Detail::complaint_kind, kinds[whose])
                       .text(Detail::complaint_stage, beyond));
    }
    if (random.chance(150))
      scene.record(
          scene
              .of_victim(Type::complaint_ombudsman_asked, Feed::ombudsman, end + random.between(5, 80) * day_ms, victim)
              .keyed(key));
  }
  if (random.chance(500)) scene.record(step(Type::complaint_ombudsman_route_told, end + minute_ms));
  scene.record(step(Type::complaint_closed, end + random.between(1, 10) * day_ms));
}

void claim_compensation(Scene& scene, const Victim& victim, int64_t at) {
  Random& random = scene.random;
  const uint32_t key = scene.next_key();
  const auto step = [&](Type type, int64_t when) {
    return scene.of_victim(type, Feed::compensation_authority, when, victim).keyed(key);
  };
  scene.record(step(Type::cica_application_received, at));
  if (random.chance(900)) scene.record(step(Type::cica_acknowledged, scene.working_days_on(at, random.soon(1, 15))));
  const int64_t decided = at + random.between(120, 560) * day_ms;  // staged and slow, the hearing was told (line 494)
  const bool granted = random.chance(520);
  scene.record(step(Type::cica_decided, decided).yes_no(Detail::granted, granted));
  if (random.chance(880)) scene.record(step(Type::cica_decision_explained, decided + random.soon(1, 200) * hour_ms));
  if (granted || !random.chance(300)) return;
  const int64_t asked = decided + (random.chance(850) ? random.between(5, 55) : random.between(57, 90)) * day_ms;
  scene.record(step(Type::cica_review_requested, asked));
  const int64_t reviewed = asked + random.between(60, 200) * day_ms;
  scene.record(step(Type::cica_review_decided, reviewed).yes_no(Detail::granted, random.chance(300)));
  if (random.chance(800)) scene.record(step(Type::cica_appeal_route_told, reviewed + hour_ms));
  if (!random.chance(250)) return;
  const int64_t appealed = reviewed + random.between(10, 100) * day_ms;
  scene.record(step(Type::cica_appeal_made, appealed));
  scene.record(step(Type::cica_appeal_copy_sent, appealed + 5 * day_ms));
  scene.record(step(Type::cica_appeal_answered, appealed + random.between(20, 60) * day_ms));
}

}  // namespace

void seek_redress(Scene& scene, Victim& victim, int64_t closed_at, bool violent_harm) {
  Random& random = scene.random;
  if (!victim.owed) return;
  if (!victim.person.business && random.chance(8))
    complain(scene, victim, scene.working_days_on(closed_at, random.soon(0, 60)));
  if (violent_harm) {
    const int64_t at = victim.joined_at + random.soon(2, 900) * hour_ms;
    if (random.chance(240)) {
      scene.record(scene.of_victim(Type::victim_informed, Feed::police_contact, at, victim)
                       .text(Detail::about, "criminal_injuries_compensation")
                       .text(Detail::channel, scene.channel()),
                   {.reached_at = at, .about = "criminal_injuries_compensation"});
    }
    if (random.chance(victim.high_harm ? 160 : 30))
      claim_compensation(scene, victim, closed_at + random.soon(5, 400) * day_ms);
  }
  if (random.chance(16)) {  // 13,000 interviews a year (F35)
    const uint32_t key = scene.next_key();
    const int64_t sent = victim.joined_at + random.between(42, 84) * day_ms;
    scene.record(scene.of_victim(Type::survey_sent, Feed::survey_house, sent, victim).keyed(key));
    scene.record(
        scene.of_victim(Type::survey_answered, Feed::survey_house, sent + random.between(1, 14) * day_ms, victim)
            .keyed(key));
  }
}

void end_involvement(Scene& scene, int64_t at) {
  for (const Victim& victim : scene.crime.victims) {
    // Files are seldom closed in so many words.
    if (!victim.owed || victim.in_scheme || !scene.random.chance(150)) continue;
    const int64_t ended = scene.working_days_on(at, scene.random.between(63, 90));
    if (scene.over(ended)) continue;
    scene.record(scene.of_victim(Type::involvement_ended, Feed::crime_reports, ended, victim));
    if (scene.random.chance(4)) {
      const int64_t again = scene.working_days_on(ended, scene.random.between(10, 120));
      scene.record(scene.of_victim(Type::involvement_reopened, Feed::crime_reports, again, victim));
      scene.record(scene.of_crime(Type::investigation_reopened, Feed::crime_reports, again + minute_ms));
    }
  }
}

}  // namespace kept::simulation
