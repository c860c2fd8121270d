#include <algorithm>

#include "simulation/journey.h"
#include "simulation/parameters.h"

namespace kept::simulation {
namespace {

struct Witness {
  uint32_t participant;
  Victim* victim;  ///< null: a witness and no victim
};

/// Those who must come: the victims who still support the case, and others who saw or know something.
std::vector<Witness> require_witnesses(Scene& scene, const Suspect& suspect, int64_t at, int64_t trial_at,
                                       uint32_t hearing, bool crown) {
  Random& random = scene.random;
  Crime& crime = scene.crime;
  std::vector<Witness> witnesses;
  for (Victim& victim : crime.victims) {
    if (!victim.owed || victim.person.business || !random.chance(950)) continue;
    const int64_t known = at + random.soon(1, 90) * hour_ms;
    scene.record(scene.of_victim(Type::witness_required, scene.cps(), at, victim)
                     .at_hearing(hearing)
                     .by(suspect.id)
                     .known(known)
                     .date(Detail::hearing_on, calendar::london_date(trial_at)));
    scene.tell(victim, {.about = "giving_evidence",
                        .feed = scene.wcu(),
                        .since = known,
                        .standard_days = 1,
                        .enhanced_days = 1,
                        .on_time = assumed::on_time_wcu,
                        .suspect = suspect.id,
                        .hearing = hearing});
    witnesses.push_back({victim.person.id, &victim});
    if (random.chance(550)) {
      scene.record(scene
                       .of_victim(Type::needs_assessment_offered, scene.wcu(),
                                  scene.working_days_on(known, random.soon(1, 20)), victim)
                       .at_hearing(hearing)
                       .text(Detail::stage, "before_trial")
                       .text(Detail::offer_accepted, random.chance(600) ? "accepted" : "refused"));
    }
    if (random.chance(620)) {
      const int64_t offered = scene.working_days_on(known, random.soon(1, 25));
      scene.record(scene.of_victim(Type::referral_offered, scene.wcu(), offered, victim)
                       .text(Detail::service_kind, "witness_service")
                       .text(Detail::offer_accepted, random.chance(650) ? "accepted" : "refused"));
      if (random.chance(700)) {
        scene.record(scene.of_victim(Type::needs_assessed, scene.wcu(), offered + 10 * minute_ms, victim)
                         .yes_no(Detail::enhanced, victim.recognised || victim.entitled)
                         .text(Detail::stage, "before_trial"));
      }
    }
    if (victim.recognised || random.chance(250)) {
      const auto measure = [&](Type type, Feed feed, int64_t when) {
        return scene.of_victim(type, feed, when, victim).at_hearing(hearing);
      };
      scene.record(measure(Type::special_measures_eligible, Feed::crime_reports, at + 2 * hour_ms));
      if (random.chance(660)) {
        const int64_t told = scene.working_days_on(at + 2 * hour_ms, random.soon(0, 15));
        scene.record(measure(Type::victim_informed, Feed::police_contact, told).text(Detail::about, "special_measures"),
                     {.reached_at = told, .about = "special_measures"});
        scene.record(measure(Type::special_measures_views_recorded, Feed::crime_reports, told + 5 * minute_ms));
      }
      if (random.chance(720)) {
        const int64_t applied = scene.working_days_on(at, random.soon(3, 30));
        const int64_t decided = scene.working_days_on(applied, random.soon(3, 40));
        scene.record(measure(Type::special_measures_applied, scene.cps(), applied));
        const bool granted = random.chance(870);
        scene.record(measure(Type::special_measures_decided, crown ? Feed::crown : Feed::magistrates, decided)
                         .yes_no(Detail::granted, granted));
        scene.tell(victim, {.about = "special_measures_decision",
                            .feed = scene.wcu(),
                            .since = decided + 5 * hour_ms,
                            .standard_days = 5,
                            .enhanced_days = 1,
                            .on_time = assumed::on_time_wcu,
                            .hearing = hearing});
        if (granted && random.chance(900))
          scene.record(measure(Type::special_measures_set_up, crown ? Feed::crown : Feed::magistrates,
                               trial_at - 20 * minute_ms));
      }
    }
    if (random.chance(assumed::separate_waiting_asked)) {
      const int64_t asked = scene.working_days_on(known, random.soon(1, 30));
      scene.record(scene.of_victim(Type::separate_waiting_requested, scene.wcu(), asked, victim).at_hearing(hearing));
      if (random.chance(810)) {
        scene.record(scene
                         .of_victim(Type::separate_waiting_answered, crown ? Feed::crown : Feed::magistrates,
                                    scene.working_days_on(asked, random.soon(0, 20)), victim)
                         .at_hearing(hearing)
                         .yes_no(Detail::granted, random.chance(760)));
      }
    }
    if (random.chance(300)) {
      scene.record(scene
                       .of_victim(Type::court_visit_offered, scene.wcu(),
                                  scene.working_days_on(known, random.soon(2, 25)), victim)
                       .at_hearing(hearing)
                       .text(Detail::offer_accepted, random.chance(350) ? "accepted" : "refused"));
    }
  }
  const int32_t others = crown ? random.between(1, 6) : random.between(0, 2);
  for (int32_t i = 0; i < others; ++i) {
    const uint32_t person = ++scene.numbers().people;
    scene.record_certainly(scene.of_crime(Type::link_victim, Feed::crime_reports, at)
                               .to(person)
                               .text(Detail::role, "witness")
                               .text(Detail::person_kind, "person")
                               .yes_no(Detail::harmed, false));
    witnesses.push_back({person, nullptr});
  }
  for (const Witness& witness : witnesses) {
    if (witness.victim != nullptr && !random.chance(850)) continue;
    scene.record(scene.of_crime(Type::witness_warned, scene.wcu(), scene.working_days_on(at, random.between(2, 20)))
                     .to(witness.participant)
                     .at_hearing(hearing)
                     .date(Detail::hearing_on, calendar::london_date(trial_at)));
  }
  return witnesses;
}

void attend(Scene& scene, const std::vector<Witness>& witnesses, uint32_t hearing, int64_t trial_at, Feed court) {
  Random& random = scene.random;
  const bool late = random.chance(assumed::court_begins_late);
  if (late) {
    scene.record(fact(Type::court_delay, court, trial_at + 30 * minute_ms)
                     .of(scene.crime.number)
                     .at_hearing(hearing)
                     .text(Detail::delay_reason, "waiting_for_court"));
  }
  for (const Witness& witness : witnesses) {
    const bool comes = random.chance(900);
    const auto at_court = [&](Type type, Feed feed, int64_t at) {
      return scene.of_crime(type, feed, at).to(witness.participant).at_hearing(hearing);
    };
    scene.record(at_court(comes ? Type::witness_attended : Type::witness_did_not_attend, scene.wcu(),
                          trial_at - 30 * minute_ms));
    if (!comes) continue;
    if (late && witness.victim != nullptr && random.chance(560)) {
      scene.record(at_court(Type::explanation_given, court, trial_at + random.between(35, 120) * minute_ms)
                       .text(Detail::explained, "waiting_time"));
    }
    if (random.chance(650)) scene.record(at_court(Type::prosecutor_met, scene.cps(), trial_at - 10 * minute_ms));
    if (random.chance(620)) scene.record(at_court(Type::statement_refreshed, scene.wcu(), trial_at - 5 * minute_ms));
    scene.record(at_court(Type::witness_gave_evidence, scene.wcu(), trial_at + random.between(40, 400) * minute_ms));
    scene.record(at_court(Type::witness_released, scene.wcu(), trial_at + random.between(400, 450) * minute_ms));
    if (witness.victim != nullptr && random.chance(420)) {
      const uint32_t claim = scene.next_key();
      const int64_t received = scene.working_days_on(trial_at, random.between(3, 30));
      scene.record(at_court(Type::expenses_claim_received, scene.cps(), received)
                       .keyed(claim)
                       .yes_no(Detail::complete, random.chance(880)));
      const Type answer = random.chance(940) ? Type::expenses_paid : Type::expenses_refused;
      scene.record(
          at_court(answer, scene.cps(),
                   scene.working_days_on(received, random.chance(780) ? random.between(3, 10) : random.soon(11, 40)))
              .keyed(claim));
    }
  }
}

}  // namespace

TrialEnd try_case(Scene& scene, Suspect& suspect, int64_t listed_at, int64_t trial_at, bool crown) {
  Random& random = scene.random;
  TrialEnd end;
  if (scene.over(listed_at)) return {trial_at, false, true};
  const Feed court = crown ? Feed::crown : Feed::magistrates;
  uint32_t hearing = list_hearing(scene, suspect, listed_at, trial_at, "trial", crown);
  const std::vector<Witness> witnesses =
      require_witnesses(scene, suspect, listed_at + 3 * hour_ms, trial_at, hearing, crown);
  if (crown && !scene.over(trial_at)) ++scene.tally.crown_trials;

  // Moved with no, one or two days' notice: 12 cases in two weeks at the Crown Court, 3 of them on the day, in a city
  // of 750,000 victims a year. This project's Crown Court has about `crown_trials_per_mille` trials for a thousand
  // victims; hence the share of trials.
  const bool moved_late = crown && random.chance(assumed::late_listing_of_crown_trials);
  const bool moved = moved_late || random.chance(crown ? 260 : 180);
  if (moved) {
    int64_t decided = 0;
    if (moved_late) {
      const bool same_day = random.below(static_cast<uint32_t>(figures::late_listings.value)) <
                            static_cast<uint32_t>(figures::late_listings_same_day.value);
      decided = same_day ? trial_at - random.between(10, 90) * minute_ms : trial_at - random.between(1, 2) * day_ms;
      if (!scene.over(decided)) {
        ++scene.tally.late_listings;
        if (calendar::london_date(decided) == calendar::london_date(trial_at)) ++scene.tally.late_listings_same_day;
        scene.tally.late_listing_witnesses += witnesses.size();
      }
    } else {
      decided = std::max(listed_at + day_ms, trial_at - random.between(4, 40) * day_ms);
    }
    static constexpr const char* reasons[] = {"M1", "M2", "M3", "N1", "O2", "Q1"};
    const char* reason = random.one_of(reasons);
    const int64_t again = scene.working_days_on(trial_at, random.between(10, crown ? 160 : 80));
    scene.record(fact(Type::hearing_vacated, court, decided)
                     .by(suspect.id)
                     .at_hearing(hearing)
                     .in_case(scene.crime.urn)
                     .text(Detail::listing_reason, reason)
                     .date(Detail::hearing_on, calendar::london_date(trial_at)));
    if (moved_late) {
      scene.record(fact(Type::trial_result_recorded, court, trial_at + hour_ms)
                       .by(suspect.id)
                       .at_hearing(hearing)
                       .in_case(scene.crime.urn)
                       .text(Detail::trial_result, "vacated")
                       .text(Detail::listing_reason, reason));
    }
    // The same hearing is listed for another day: a new event of the same number.
    scene.record(fact(Type::hearing_listed, court, decided + 10 * minute_ms)
                     .by(suspect.id)
                     .at_hearing(hearing)
                     .in_case(scene.crime.urn)
                     .date(Detail::hearing_on, calendar::london_date(again))
                     .text(Detail::listing_reason, reason));
    pass_on(scene, suspect, hearing, decided + 10 * minute_ms, "listing", "hearing", 1);
    trial_at = again;
  }
  if (scene.over(trial_at)) return {trial_at, false, true};

  if (random.chance(60)) {
    // Stopped at the door of the court.
    scene.record(scene.of_suspect(Type::cps_no_evidence_offered, scene.cps(), trial_at, suspect)
                     .in_case(scene.crime.urn)
                     .at_hearing(hearing)
                     .yes_no(Detail::vrr_eligible, true));
    scene.tell_all({.about = "no_evidence_offered",
                    .feed = scene.cps(),
                    .since = trial_at,
                    .standard_days = 5,
                    .enhanced_days = 1,
                    .on_time = assumed::on_time_cps,
                    .suspect = suspect.id,
                    .hearing = hearing});
    return {trial_at + hour_ms, false, true};
  }
  const bool cracked = random.chance(300);
  scene.record(fact(Type::trial_result_recorded, court, trial_at + 30 * minute_ms)
                   .by(suspect.id)
                   .at_hearing(hearing)
                   .in_case(scene.crime.urn)
                   .text(Detail::trial_result, cracked ? "cracked" : "effective"));
  if (cracked) return {trial_at + hour_ms, true, false};
  scene.record(fact(Type::trial_started, court, trial_at).by(suspect.id).at_hearing(hearing).in_case(scene.crime.urn));
  attend(scene, witnesses, hearing, trial_at, court);
  end.ended_at =
      crown ? scene.working_days_on(trial_at, random.soon(1, 12)) : trial_at + random.between(3, 6) * hour_ms;
  scene.record(
      fact(Type::trial_ended, court, end.ended_at).by(suspect.id).at_hearing(hearing).in_case(scene.crime.urn));
  end.convicted = random.chance(580);
  return end;
}

}  // namespace kept::simulation
