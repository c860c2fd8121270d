#include <algorithm>

#include "simulation/journey.h"
#include "simulation/parameters.h"

namespace kept::simulation {
namespace {

Feed court_of(bool crown) { return crown ? Feed::crown : Feed::magistrates; }

/// Courts know the case file and the hearing, and often not the crime: what they send reaches the crime through the
/// hearing's link.
Fact of_hearing(const Scene& scene, Type type, int64_t at, const Suspect& suspect, uint32_t hearing, bool crown,
                bool names_crime) {
  Fact made = fact(type, court_of(crown), at).by(suspect.id).at_hearing(hearing).in_case(scene.crime.urn);
  if (names_crime) made.of(scene.crime.number);
  return made;
}

void statement_for_court(Scene& scene, Victim& victim, int64_t charged_at, int64_t trial_at, uint32_t hearing,
                         bool crown) {
  Random& random = scene.random;
  if (victim.person.business) return;
  const int32_t share = victim.high_harm ? figures::vps_taken_high_harm.value : assumed::vps_taken_low_harm;
  const bool taken = random.chance(share);
  scene.tally.vps_taken.count(taken);
  if (victim.high_harm) scene.tally.vps_taken_high_harm.count(taken);
  if (!taken) return;
  const int64_t asked = scene.working_days_on(charged_at, random.soon(0, 25));
  scene.record(scene.of_victim(Type::vps_offered, Feed::crime_reports, asked, victim)
                   .text(Detail::stage, "before_trial")
                   .text(Detail::offer_accepted, "accepted"));
  scene.record(scene.of_victim(Type::vps_wanted, Feed::crime_reports, asked + minute_ms, victim)
                   .text(Detail::stage, "before_trial"));
  const int64_t at = scene.working_days_on(asked, random.soon(0, 30));
  scene.record(scene.of_victim(Type::vps_taken, Feed::crime_reports, at, victim).text(Detail::stage, "before_trial"));
  if (random.chance(600)) {
    static constexpr const char* read_by[] = {"not_read", "prosecutor", "prosecutor", "victim"};
    const char* wish = random.one_of(read_by);
    scene.record(scene.of_victim(Type::vps_preference_asked, Feed::crime_reports, at + 5 * minute_ms, victim)
                     .text(Detail::read_by, wish));
    if (std::string_view(wish) != "not_read" && random.chance(assumed::reading_decided)) {
      const int64_t decided = std::max(at, trial_at) + random.between(10, 90) * minute_ms;
      scene.record(scene.of_victim(Type::vps_reading_decided, court_of(crown), decided, victim)
                       .at_hearing(hearing)
                       .yes_no(Detail::granted, random.chance(850))
                       .text(Detail::read_by, wish));
      scene.tell(victim, {.about = "vps_reading",
                          .feed = scene.wcu(),
                          .since = decided + hour_ms,
                          .standard_days = 5,
                          .enhanced_days = 1,
                          .on_time = assumed::on_time_wcu,
                          .hearing = hearing});
    }
  }
  if (random.chance(assumed::statement_copy_asked)) {
    const int64_t copy = scene.working_days_on(at, random.soon(0, 60));
    scene.record(scene.of_victim(Type::vps_copy_requested, Feed::crime_reports, copy, victim));
    if (random.chance(800)) {
      scene.record(scene.of_victim(Type::vps_copy_given, Feed::crime_reports,
                                   scene.working_days_on(copy, random.soon(0, 20)), victim));
    }
  }
  // "We are only getting about half": F27.
  if (random.chance(500))
    scene.record(
        scene.of_victim(Type::vps_received, scene.cps(), scene.working_days_on(at, random.soon(0, 20)), victim));
  if (random.chance(300))
    scene.record(scene.of_victim(Type::vps_relied_on, scene.cps(), trial_at + hour_ms, victim).at_hearing(hearing));
}

void sentence(Scene& scene, Suspect& suspect, uint32_t hearing, Verdict& verdict) {
  Random& random = scene.random;
  const Offence& offence = *scene.crime.offence;
  const int64_t at = verdict.sentenced_at;
  const int32_t luck = random.between(0, 999);
  const char* kind = "community";
  if (verdict.crown ? luck < 560 : luck < 130) {
    kind = "custody";
    verdict.custody_months =
        verdict.crown ? (offence.most_serious ? random.soon(14, 180) : random.soon(4, 48)) : random.soon(1, 10);
  } else if (luck < 700) {
    kind = random.chance(400) ? "suspended" : "community";
  } else {
    kind = random.chance(600) ? "fine" : "discharge";
  }
  if (std::string_view(offence.group) == "homicide") {
    kind = "life_or_indeterminate";
    verdict.custody_months = random.between(160, 360);
  }
  const bool restricted = random.chance(assumed::hospital_restricted);
  verdict.hospital_order = verdict.crown && !suspect.under_18 && random.chance(assumed::hospital_order);
  if (verdict.hospital_order) {
    kind = restricted ? "hospital_order_with_restriction" : "hospital_order";
    verdict.custody_months = 0;
  }
  Fact passed = of_hearing(scene, Type::sentence_passed, at, suspect, hearing, verdict.crown, random.chance(400))
                    .text(Detail::sentence_kind, kind)
                    .yes_no(Detail::specified_offence, offence.specified)
                    .yes_no(Detail::uls_scheme, verdict.crown && offence.lenient_scheme);
  scene.record(passed.number(Detail::custody_months, verdict.custody_months)
                   .yes_no(Detail::hospital_order, verdict.hospital_order)
                   .yes_no(Detail::restricted, verdict.hospital_order && restricted));
  pass_on(scene, suspect, hearing, at, "sentence", "sentence", 1, verdict.crown && offence.lenient_scheme);
  for (const Victim& victim : scene.crime.victims) {
    if (!suspect.under_18 || !victim.owed || !random.chance(assumed::youth_information_asked)) continue;
    const uint32_t request = scene.next_key();
    const int64_t asked = scene.working_days_on(at, random.between(2, 60));
    scene.record(scene.of_victim(Type::yjs_information_requested, Feed::youth_justice, asked, victim)
                     .by(suspect.id)
                     .keyed(request));
    if (random.chance(780)) {
      scene.record(scene
                       .of_victim(Type::yjs_information_given, Feed::youth_justice,
                                  scene.working_days_on(asked, random.soon(0, 25)), victim)
                       .by(suspect.id)
                       .keyed(request));
    }
  }
  if (random.chance(180)) {
    scene.record(scene.of_suspect(Type::compensation_ordered, court_of(verdict.crown), at, suspect)
                     .at_hearing(hearing)
                     .in_case(scene.crime.urn));
    // Paid by instalments, when it is: five pounds a month is what one victim told of (F50).
    int64_t due = at;
    for (int32_t i = 0; i < 8 && !scene.over(due); ++i) {
      due += 30 * day_ms;
      scene.record(scene.of_suspect(random.chance(640) ? Type::compensation_paid : Type::compensation_missed,
                                    Feed::magistrates, due, suspect));
    }
  }
  if (scene.crime.domestic && random.chance(420)) {
    const uint32_t order = scene.next_key();
    const auto of_order = [&](Type type, int64_t when) {
      return scene.of_suspect(type, court_of(verdict.crown), when, suspect)
          .in_case(scene.crime.urn)
          .keyed(order)
          .text(Detail::order_kind, "restraining");
    };
    scene.record(of_order(Type::order_made, at).yes_no(Detail::conditions, true));
    scene.tell_all({.about = "order_made",
                    .feed = scene.wcu(),
                    .since = at + 6 * hour_ms,
                    .standard_days = 1,
                    .enhanced_days = 1,
                    .on_time = assumed::on_time_wcu,
                    .suspect = suspect.id});
    if (random.chance(170)) scene.record(of_order(Type::order_breached, at + random.between(10, 400) * day_ms));
  }
}

}  // namespace

void pass_on(Scene& scene, const Suspect& suspect, uint32_t hearing, int64_t at, const char* what, const char* about,
             int32_t standard_days, bool lenient_scheme) {
  Random& random = scene.random;
  const int32_t days = random.chance(assumed::on_time_court) ? random.very_soon(0, 2) : random.soon(2, 14);
  const int64_t reached_unit = days == 0 ? at + random.between(20, 300) * minute_ms : scene.working_days_on(at, days);
  const bool is_sentence = std::string_view(what) == "sentence";
  Fact received = scene.of_suspect(Type::court_received, scene.wcu(), reached_unit, suspect)
                      .at_hearing(hearing)
                      .text(Detail::what, what)
                      .yes_no(Detail::typed, random.chance(120));
  if (is_sentence) received.yes_no(Detail::uls_scheme, lenient_scheme);
  scene.record(received, {.unwritten = random.chance(40)});
  for (Victim& victim : scene.crime.victims) {
    const int64_t told = scene.tell(victim, {.about = about,
                                             .feed = scene.wcu(),
                                             .since = reached_unit,
                                             .standard_days = standard_days,
                                             .enhanced_days = 1,
                                             .on_time = assumed::on_time_wcu,
                                             .suspect = suspect.id,
                                             .hearing = hearing});
    if (!is_sentence || told == 0) continue;
    // What it means, said with it; and, at the Crown Court, that the sentence can be looked at again.
    if (random.chance(830)) {
      scene.record(scene.of_victim(Type::explanation_given, scene.wcu(), told + minute_ms, victim)
                       .by(suspect.id)
                       .at_hearing(hearing)
                       .text(Detail::explained, "sentence"));
    }
    if (random.chance(assumed::sentence_question)) {
      const uint32_t question = scene.next_key();
      const auto step = [&](Type type, Feed feed, int64_t when) {
        return scene.of_victim(type, feed, when, victim).by(suspect.id).keyed(question);
      };
      const int64_t asked = told + random.soon(1, 200) * hour_ms;
      const int64_t referred = scene.working_days_on(asked, random.soon(0, 8));
      scene.record(step(Type::sentence_question_asked, scene.wcu(), asked));
      if (random.chance(800)) {
        scene.record(step(Type::sentence_question_referred, scene.wcu(), referred));
        if (random.chance(850)) {
          scene.record(
              step(Type::sentence_question_answered, scene.cps(), scene.working_days_on(referred, random.soon(1, 25))));
        }
      }
    }
    if (lenient_scheme && random.chance(610)) {
      scene.record(scene.of_victim(Type::victim_informed, scene.wcu(), told + 2 * minute_ms, victim)
                       .by(suspect.id)
                       .at_hearing(hearing)
                       .text(Detail::about, "unduly_lenient"),
                   {.reached_at = told + 2 * minute_ms, .about = "unduly_lenient"});
      if (random.chance(45)) {
        const int64_t asked = at + random.between(2, 34) * day_ms;
        scene.record(scene.of_victim(Type::uls_requested, Feed::attorney_general, asked, victim).by(suspect.id));
        scene.record(
            scene.of_suspect(Type::uls_decided, Feed::attorney_general, asked + random.between(2, 24) * day_ms, suspect)
                .to(victim.person.id)
                .yes_no(Detail::granted, random.chance(200)));
      }
    }
  }
}

uint32_t list_hearing(Scene& scene, const Suspect& suspect, int64_t at, int64_t hearing_at, const char* kind,
                      bool crown) {
  const uint32_t hearing = ++scene.numbers().hearings;
  scene.record_certainly(fact(Type::link_hearing, court_of(crown), at)
                             .of(scene.crime.number)
                             .at_hearing(hearing)
                             .by(suspect.id)
                             .in_case(scene.crime.urn)
                             .text(Detail::hearing_kind, kind));
  scene.record(of_hearing(scene, Type::hearing_listed, at + minute_ms, suspect, hearing, crown, false)
                   .date(Detail::hearing_on, calendar::london_date(hearing_at))
                   .text(Detail::hearing_kind, kind));
  pass_on(scene, suspect, hearing, at + minute_ms, "listing", "hearing", 1);
  return hearing;
}

Verdict prosecute(Scene& scene, Suspect& suspect, int64_t charged_at) {
  Random& random = scene.random;
  Crime& crime = scene.crime;
  Verdict verdict;
  verdict.crown = random.chance(crime.offence->crown);

  const int64_t first_at =
      scene.working_days_on(charged_at, random.chance(300) ? random.between(0, 2) : random.between(8, 30));
  if (scene.over(charged_at)) return verdict;
  const uint32_t first = list_hearing(scene, suspect, charged_at + random.between(10, 200) * minute_ms,
                                      std::max(first_at, charged_at + day_ms), "first_hearing", false);
  const int64_t first_held = std::max(first_at, charged_at + day_ms);
  // The police tell the first hearing themselves, with the charge.
  scene.tell_all({.about = "first_hearing",
                  .feed = Feed::police_contact,
                  .since = charged_at,
                  .standard_days = 5,
                  .enhanced_days = 1,
                  .on_time = assumed::on_time_other,
                  .suspect = suspect.id,
                  .hearing = first});
  for (const Victim& victim : crime.victims) {
    if (std::string_view(victim.role) != "bereaved" || !random.chance(assumed::court_visit_asked)) continue;
    const int64_t asked = scene.working_days_on(charged_at, random.soon(2, 60));
    scene.record(scene.of_victim(Type::court_visit_requested, scene.wcu(), asked, victim));
    if (random.chance(750)) {
      scene.record(scene.of_victim(Type::court_visit_arranged, scene.wcu(),
                                   scene.working_days_on(asked, random.soon(1, 30)), victim));
    }
  }
  if (random.chance(assumed::suspect_dies)) {
    suspect.died_at = charged_at + random.between(2, 200) * day_ms;
    scene.record(scene.of_suspect(Type::suspect_died, Feed::crime_reports, suspect.died_at, suspect));
    scene.tell_all({.about = "death_of_suspect",
                    .feed = Feed::police_contact,
                    .since = suspect.died_at,
                    .standard_days = 5,
                    .enhanced_days = 1,
                    .on_time = 800,
                    .suspect = suspect.id});
    verdict.ended_at = suspect.died_at;
    return verdict;
  }
  if (random.chance(45)) {
    // Does not come: a warrant, and a hearing after arrest.
    scene.record(of_hearing(scene, Type::warrant_issued, first_held, suspect, first, false, true));
    pass_on(scene, suspect, first, first_held, "warrant", "warrant", 5);
    const int64_t caught = first_held + random.soon(2, 90) * day_ms;
    scene.record(of_hearing(scene, Type::rearrest_hearing_decided, caught, suspect, first, false, true)
                     .text(Detail::bail_status, "refused"));
    pass_on(scene, suspect, first, caught, "rearrest_outcome", "rearrest_hearing", 5);
  }
  scene.record(of_hearing(scene, Type::hearing_held, first_held + 40 * minute_ms, suspect, first, false, false));
  if (random.chance(520)) {
    static constexpr const char* statuses[] = {"granted", "granted", "granted", "refused"};
    scene.record(
        of_hearing(scene, Type::bail_decided, first_held + 30 * minute_ms, suspect, first, false, random.chance(500))
            .text(Detail::bail_status, random.one_of(statuses))
            .yes_no(Detail::conditions, true));
    pass_on(scene, suspect, first, first_held + 30 * minute_ms, "bail_outcome", "bail_hearing_outcome", 5);
  }

  const bool guilty = random.chance(verdict.crown ? 420 : 560);
  const bool drops = random.chance(110);
  if (drops) {
    const int64_t at = scene.working_days_on(first_held, random.soon(3, 80));
    const bool no_evidence = random.chance(400);
    scene.record(
        scene.of_suspect(no_evidence ? Type::cps_no_evidence_offered : Type::cps_discontinued, scene.cps(), at, suspect)
            .in_case(crime.urn)
            .yes_no(Detail::vrr_eligible, true));
    for (Victim& victim : crime.victims) {
      const int64_t told = scene.tell(victim, {.about = no_evidence ? "no_evidence_offered" : "discontinued",
                                               .feed = scene.cps(),
                                               .since = at,
                                               .standard_days = 5,
                                               .enhanced_days = 1,
                                               .on_time = assumed::on_time_cps,
                                               .suspect = suspect.id});
      if (!victim.owed || scene.over(at)) continue;
      const bool asks = told != 0 && random.chance(25);
      scene.tally.review_asked.count(asks);
      if (asks) ask_for_review(scene, victim, suspect, told, true);
    }
    verdict.ended_at = at;
    return verdict;
  }
  if (random.chance(60)) {
    const int64_t at = scene.working_days_on(first_held, random.soon(2, 60));
    scene.record(scene.of_suspect(Type::cps_charge_altered, scene.cps(), at, suspect).in_case(crime.urn));
    scene.tell_all({.about = "charge_altered",
                    .feed = scene.cps(),
                    .since = at,
                    .standard_days = 5,
                    .enhanced_days = 1,
                    .on_time = assumed::on_time_cps,
                    .suspect = suspect.id});
  }

  int64_t plea_at = first_held + 20 * minute_ms;
  uint32_t plea_hearing = first;
  if (verdict.crown) {
    plea_at = scene.working_days_on(first_held, random.between(18, 30));
    plea_hearing = list_hearing(scene, suspect, first_held + 2 * hour_ms, plea_at, "plea_and_trial_preparation", true);
    scene.record(of_hearing(scene, Type::hearing_held, plea_at + hour_ms, suspect, plea_hearing, true, false));
  }
  scene.record(of_hearing(scene, Type::plea_entered, plea_at, suspect, plea_hearing, verdict.crown, false)
                   .text(Detail::plea, guilty ? "guilty" : "not_guilty"));

  if (guilty) {
    verdict.convicted = true;
    verdict.ended_at = plea_at;
  } else {
    const int64_t listed = plea_at + random.between(1, 20) * hour_ms;
    const int64_t trial_at =
        scene.working_days_on(plea_at, verdict.crown ? random.between(60, 330) : random.between(35, 170));
    const TrialEnd end = try_case(scene, suspect, listed, trial_at, verdict.crown);
    verdict.ended_at = end.ended_at;
    verdict.convicted = end.convicted;
    if (end.stopped) return verdict;
  }
  for (Victim& victim : crime.victims) {
    if (victim.owed) statement_for_court(scene, victim, charged_at, verdict.ended_at, plea_hearing, verdict.crown);
  }
  scene.record(
      of_hearing(scene, Type::case_outcome, verdict.ended_at, suspect, plea_hearing, verdict.crown, random.chance(400))
          .text(Detail::verdict, verdict.convicted    ? "convicted"
                                 : random.chance(850) ? "acquitted"
                                                      : "dismissed"));
  pass_on(scene, suspect, plea_hearing, verdict.ended_at, "outcome", "outcome", 1);
  const auto offer_family_meeting = [&](int64_t at, const char* stage) {
    for (const Victim& victim : crime.victims) {
      if (std::string_view(victim.role) != "bereaved" || !random.chance(620)) continue;
      scene.record(scene.of_victim(Type::cps_meeting_offered, scene.cps(), at, victim)
                       .by(suspect.id)
                       .text(Detail::stage, stage)
                       .text(Detail::offer_accepted, random.chance(600) ? "accepted" : "refused"));
    }
  };
  if (verdict.convicted) {
    offer_family_meeting(verdict.ended_at + 5 * minute_ms, "before_sentence");
    scene.record(
        of_hearing(scene, Type::offender_convicted, verdict.ended_at, suspect, plea_hearing, verdict.crown, true)
            .yes_no(Detail::specified_offence, crime.offence->specified));
    const bool same_day = !verdict.crown || random.chance(250);
    uint32_t hearing = plea_hearing;
    verdict.sentenced_at = verdict.ended_at + random.between(10, 60) * minute_ms;
    if (!same_day) {
      verdict.sentenced_at = scene.working_days_on(verdict.ended_at, random.between(10, 35));
      hearing =
          list_hearing(scene, suspect, verdict.ended_at + 2 * hour_ms, verdict.sentenced_at, "sentence", verdict.crown);
    }
    if (!scene.over(verdict.sentenced_at)) {
      sentence(scene, suspect, hearing, verdict);
      offer_family_meeting(scene.working_days_on(verdict.sentenced_at, random.soon(1, 15)), "after_sentence");
    }
  }
  return verdict;
}

}  // namespace kept::simulation
