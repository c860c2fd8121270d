#include "simulation/journey.h"
#include "simulation/parameters.h"

namespace kept::simulation {

void ask_for_review(Scene& scene, Victim& victim, const Suspect& suspect, int64_t told_at, bool by_cps) {
  Random& random = scene.random;
  const Feed feed = by_cps ? scene.cps() : Feed::crime_reports;
  const uint32_t key = scene.next_key();
  const int64_t asked =
      scene.working_days_on(told_at, random.chance(850) ? random.between(0, 10) : random.soon(11, 60));
  const auto step = [&](Type type, int64_t at) {
    return scene.of_victim(type, feed, at, victim).by(suspect.id).keyed(key);
  };
  scene.record(step(Type::vrr_requested, asked)
                   .text(Detail::review_scheme, by_cps ? "cps" : "police")
                   .text(Detail::review_stage, by_cps ? "local_resolution" : "independent_review"));
  if (random.chance(850)) scene.record(step(Type::vrr_acknowledged, scene.working_days_on(asked, random.soon(0, 18))));
  const bool overturned =
      random.rare(static_cast<int32_t>(int64_t{1000000} * figures::vrr_upheld.value / figures::vrr_asked.value));
  if (by_cps) scene.tally.review_upheld.count(overturned && !scene.over(asked));
  int64_t decided = scene.working_days_on(asked, random.chance(750) ? random.between(2, 10) : random.soon(11, 30));
  if (by_cps) {
    scene.record(step(Type::vrr_local_resolution_completed, decided).text(Detail::review_result, "upheld"));
    if (overturned || random.chance(400)) {
      const int64_t on = scene.working_days_on(decided, random.soon(0, 10));
      scene.record(step(Type::vrr_escalated, on));
      decided = scene.working_days_on(on, random.chance(700) ? random.between(8, 30) : random.soon(31, 70));
    }
  } else {
    decided = scene.working_days_on(asked, random.chance(650) ? random.between(5, 30) : random.soon(31, 80));
  }
  // The review upholds the decision or overturns it; "137 were upheld" at the hearing means reviews upheld, decisions
  // overturned.
  scene.record(step(Type::vrr_decided, decided)
                   .text(Detail::review_scheme, by_cps ? "cps" : "police")
                   .text(Detail::review_stage, "independent_review")
                   .text(Detail::review_result, overturned ? "overturned" : "upheld"));
  if (random.chance(900)) {
    scene.record(step(Type::vrr_result_told, decided + random.soon(1, 200) * hour_ms)
                     .text(Detail::review_result, overturned ? "overturned" : "upheld"));
  }
}

void decide_not_to_prosecute(Scene& scene, const Suspect& suspect, int64_t at, bool by_cps) {
  Random& random = scene.random;
  const bool reviewable = random.chance(920);
  if (by_cps) {
    scene.record(scene.of_suspect(Type::cps_decided_no_charge, scene.cps(), at, suspect)
                     .in_case(scene.crime.urn)
                     .yes_no(Detail::vrr_eligible, reviewable)
                     .yes_no(Detail::qualifying_offence, scene.crime.offence->most_serious));
  } else {
    scene.record(scene.of_suspect(Type::police_decided_no_charge, Feed::crime_reports, at, suspect)
                     .yes_no(Detail::vrr_eligible, reviewable));
    if (random.chance(120))
      scene.record(scene.of_suspect(Type::suspect_told_no_charge, Feed::crime_reports,
                                    at + random.soon(1, 300) * hour_ms, suspect));
  }
  for (Victim& victim : scene.crime.victims) {
    if (!victim.owed) continue;
    const Feed feed = by_cps ? scene.cps() : Feed::police_contact;
    const int64_t told = scene.tell(victim, {.about = by_cps ? "cps_no_charge" : "no_prosecution",
                                             .feed = feed,
                                             .since = at,
                                             .standard_days = 5,
                                             .enhanced_days = 1,
                                             .on_time = by_cps ? assumed::on_time_cps : assumed::on_time_other,
                                             .suspect = suspect.id});
    if (told != 0) {
      // What belongs in the same letter, and is now and then left out of it.
      static constexpr const char* also[] = {"further_information", "review_route", "support_route"};
      for (const char* about : also) {
        if (!random.chance(940)) continue;
        scene.record(scene.of_victim(Type::victim_informed, feed, told + minute_ms, victim)
                         .by(suspect.id)
                         .text(Detail::about, about)
                         .text(Detail::channel, "letter"),
                     {.reached_at = told + minute_ms, .about = about});
      }
    }
    const bool meeting = std::string_view(victim.role) == "bereaved" || scene.crime.hate ||
                         scene.crime.offence->volume == Volume::sexual;
    if (by_cps && meeting && random.chance(560)) {
      scene.record(
          scene.of_victim(Type::cps_meeting_offered, scene.cps(), scene.working_days_on(at, random.soon(0, 12)), victim)
              .by(suspect.id)
              .text(Detail::stage, "before_charge")
              .text(Detail::offer_accepted, random.chance(250) ? "accepted" : "refused"));
    }
    if (by_cps && reviewable) {
      const bool asks = told != 0 && random.rare(static_cast<int32_t>(int64_t{1000000} * figures::vrr_asked.value /
                                                                      figures::vrr_eligible.value * 100 / 76));
      if (!scene.over(at)) scene.tally.review_asked.count(asks);
      if (asks) ask_for_review(scene, victim, suspect, told, true);
    } else if (reviewable && told != 0 && random.chance(9)) {
      ask_for_review(scene, victim, suspect, told, false);
    }
  }
}

}  // namespace kept::simulation
