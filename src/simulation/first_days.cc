#include <algorithm>

#include "simulation/journey.h"
#include "simulation/parameters.h"

namespace kept::simulation {
namespace {

void assess_needs(Scene& scene, Victim& victim, int64_t at) {
  Random& random = scene.random;
  const Person& person = victim.person;
  if (victim.high_harm || random.chance(90)) {
    scene.record(scene.of_victim(Type::communication_needs_asked, Feed::crime_reports,
                                 at + random.between(5, 90) * minute_ms, victim));
  }
  const char* harm = scene.crime.offence->harm;
  if (std::string_view(harm) != "none" && std::string_view(harm) != "death" &&
      (scene.crime.offence->violent || random.chance(100))) {
    scene.record(
        scene.of_victim(Type::harm_recorded, Feed::crime_reports, at + random.between(5, 120) * minute_ms, victim)
            .text(Detail::harm, harm)
            .yes_no(Detail::violent, scene.crime.offence->violent));
  }
  if (person.vulnerability != nullptr) {
    scene.record(
        scene.of_victim(Type::victim_vulnerable, Feed::crime_reports, at + random.between(30, 3000) * minute_ms, victim)
            .text(Detail::vulnerability, person.vulnerability));
  }
  if (person.intimidated) {
    scene.record(scene.of_victim(Type::victim_intimidated, Feed::crime_reports,
                                 at + random.between(30, 3000) * minute_ms, victim));
  }
  if (victim.targeted) {
    scene.record(
        scene.of_victim(Type::victim_targeted, Feed::crime_reports, at + random.between(30, 4000) * minute_ms, victim));
  }
  if (scene.crime.domestic && random.chance(500)) {
    scene.record(
        scene.of_victim(Type::victim_at_risk, Feed::crime_reports, at + random.between(30, 2000) * minute_ms, victim));
  }

  if (!random.chance(person.business ? 250 : victim.entitled ? 880 : 500)) return;
  const int64_t assessed =
      random.chance(700) ? at + random.soon(10, 600) * minute_ms : scene.working_days_on(at, random.soon(1, 10));
  const bool enhanced = victim.entitled ? random.chance(780) : random.chance(12);
  scene.record(scene.of_victim(Type::needs_assessed, Feed::crime_reports, assessed, victim)
                   .yes_no(Detail::enhanced, enhanced)
                   .text(Detail::stage, "at_report"));
  victim.recognised = enhanced;
  if (enhanced && random.chance(450)) {
    scene.record(scene
                     .of_victim(Type::needs_shared, Feed::crime_reports,
                                scene.working_days_on(assessed, random.soon(0, 20)), victim)
                     .text(Detail::to, names(random.chance(600) ? scene.wcu() : Feed::support).agency)
                     .yes_no(Detail::enhanced, true));
  }
  if (!enhanced && victim.entitled && random.chance(200)) {
    // Somebody said so later, and a second assessment found it.
    const int64_t told = scene.working_days_on(at, random.between(5, 40));
    scene.record(
        scene.of_victim(Type::needs_change_told, Feed::crime_reports, told, victim).text(Detail::need, "safety"));
    scene.record(scene
                     .of_victim(Type::needs_assessed, Feed::crime_reports,
                                scene.working_days_on(told, random.between(0, 10)), victim)
                     .yes_no(Detail::enhanced, true)
                     .text(Detail::stage, "investigation"));
  }
}

void refer(Scene& scene, Victim& victim, int64_t at) {
  Random& random = scene.random;
  const bool personal = against_the_person(*scene.crime.offence);
  // 42 % of victims of crimes against the person; elsewhere a few. Together: the 9,000-10,000 a month that the service
  // counts.
  const int32_t offered_share = personal ? figures::referral_offered.value : 40;
  const int32_t referred_share = personal ? figures::referred.value : 3;
  const int32_t luck = random.between(0, 999);
  const bool referred = luck < referred_share;
  const bool offered = luck < offered_share;
  const bool homicide = scene.crime.offence->most_serious && std::string_view(victim.role) == "bereaved";
  const int64_t asked = at + random.soon(5, 900) * minute_ms;
  if (offered) {
    scene.record(scene.of_victim(Type::referral_offered, Feed::crime_reports, asked, victim)
                     .text(Detail::service_kind, victim.high_harm && random.chance(400) ? "specialist" : "general")
                     .text(Detail::offer_accepted, referred ? "accepted" : "refused"));
    if (random.chance(100)) {
      scene.record(scene.of_victim(Type::consent_asked, Feed::crime_reports, asked, victim)
                       .text(Detail::consent_for, "referral")
                       .text(Detail::offer_accepted, referred ? "accepted" : "refused"));
      scene.record(scene.of_victim(Type::consent_recorded, Feed::crime_reports, asked + minute_ms, victim)
                       .text(Detail::consent_for, "referral")
                       .yes_no(Detail::consent_given, referred));
    }
    if (!referred && random.chance(550)) {
      scene.record(scene.of_victim(Type::decline, Feed::crime_reports, asked + 2 * minute_ms, victim)
                       .text(Detail::topic, "referral"));
    }
  }
  if (!personal && !offered && random.chance(600)) {
    // The form asks whether support is wanted, and most who lost a bicycle say no.
    scene.record(scene.of_victim(Type::decline, Feed::crime_reports, at + random.between(1, 20) * minute_ms, victim)
                     .text(Detail::topic, "referral"));
  }
  if (personal && random.chance(assumed::asks_for_support)) {
    const uint32_t key = scene.next_key();
    const int64_t turned = at + random.soon(4, 900) * hour_ms;
    scene.record(scene.of_victim(Type::support_requested, Feed::support, turned, victim)
                     .keyed(key)
                     .text(Detail::service_kind, "general"));
    if (random.chance(800)) {
      scene.record(scene
                       .of_victim(Type::support_contacted, Feed::support,
                                  scene.working_days_on(turned, random.soon(0, 12)), victim)
                       .keyed(key));
    }
  }
  bool in_file = false;
  if (referred) {
    const uint32_t key = scene.next_key();
    const int32_t days = random.chance(900) ? random.between(0, 2) : random.soon(3, 25);
    const int64_t sent = days == 0 ? asked + random.between(10, 400) * minute_ms : scene.working_days_on(asked, days);
    const Feed service = homicide ? Feed::homicide_service : Feed::support;
    in_file = scene.record(scene.of_victim(Type::referral_sent, Feed::crime_reports, sent, victim)
                               .keyed(key)
                               .text(Detail::service_kind, homicide ? "homicide_service" : "general")) != 0 ||
              scene.over(sent);
    const int64_t received = sent + random.between(1, 300) * minute_ms;
    scene.record(scene.of_victim(Type::referral_received, service, received, victim)
                     .keyed(key)
                     .text(Detail::service_kind, homicide ? "homicide_service" : "general"));
    if (random.chance(620)) {
      const int64_t reached = scene.working_days_on(received, random.soon(0, 15));
      const auto step = [&](Type type, int64_t when) {
        scene.record(scene.of_victim(type, service, when, victim).keyed(key));
      };
      step(Type::support_contacted, reached);
      if (random.chance(600)) {
        step(Type::support_assessed, reached + random.between(5, 60) * minute_ms);
        int64_t started = scene.working_days_on(reached, random.soon(0, 20));
        if (random.chance(250)) {
          step(Type::support_wait_started, reached + 2 * hour_ms);
          started =
              scene.working_days_on(reached, random.between(20, 130));  // F57: waits of about six months are named
        }
        step(Type::support_started, started);
        if (random.chance(500)) step(Type::support_ended, scene.working_days_on(started, random.between(10, 120)));
        if (victim.high_harm && random.chance(150)) {
          const uint32_t therapy = scene.next_key();
          const int64_t sent_on = scene.working_days_on(started, random.between(5, 30));
          scene.record(
              scene.of_victim(Type::therapy_referral_received, Feed::therapies, sent_on, victim).keyed(therapy));
          // F61 and F62 are targets (75 % in six weeks, 95 % in eighteen), not what was reached.
          scene.record(scene
                           .of_victim(Type::therapy_first_session, Feed::therapies,
                                      sent_on + random.soon(10, 190) * day_ms, victim)
                           .keyed(therapy));
        }
      }
    }
  }
  scene.tally.referred.count(in_file);
  if (personal) {
    scene.tally.referred_personal.count(in_file);
    scene.tally.offered_personal.count(offered);
  }
}

void offer_statement(Scene& scene, Victim& victim, int64_t at) {
  Random& random = scene.random;
  if (victim.person.business) {
    if (random.chance(90)) {
      scene.record(scene
                       .of_victim(Type::impact_statement_offered, Feed::crime_reports,
                                  at + random.between(1, 90) * hour_ms, victim)
                       .text(Detail::offer_accepted, random.chance(250) ? "accepted" : "refused"));
    }
    return;
  }
  const bool offered = random.chance(figures::vps_offered.value);
  scene.tally.vps_offered.count(offered);
  if (!offered) return;
  const int64_t when = at + random.soon(10, 6000) * minute_ms;
  const bool wants = random.chance(300);
  scene.record(scene.of_victim(Type::vps_offered, Feed::crime_reports, when, victim)
                   .text(Detail::stage, "at_report")
                   .text(Detail::offer_accepted, wants                ? "accepted"
                                                 : random.chance(700) ? "refused"
                                                                      : "undecided"));
  if (!wants && random.chance(80)) {
    scene.record(scene.of_victim(Type::vps_refused, Feed::crime_reports, when + minute_ms, victim)
                     .text(Detail::stage, "at_report"));
  }
}

void examine(Scene& scene, const Victim& victim, int64_t at) {
  Random& random = scene.random;
  if (victim.person.business || std::string_view(victim.role) == "bereaved") return;
  const bool sexual = scene.crime.offence->volume == Volume::sexual;
  if (!sexual && !victim.high_harm) return;
  if (!random.chance(sexual ? assumed::medical_examination_sexual : assumed::medical_examination_harm)) return;
  const uint32_t key = scene.next_key();
  const auto step = [&](Type type, int64_t when) {
    return scene.of_victim(type, Feed::crime_reports, when, victim).keyed(key);
  };
  const int64_t proposed = at + random.soon(1, 40) * hour_ms;
  scene.record(step(Type::medical_examination_proposed, proposed));
  const bool consents = random.chance(820);
  if (random.chance(930)) {
    scene.record(step(Type::medical_examination_consent_asked, proposed + random.between(5, 60) * minute_ms)
                     .yes_no(Detail::consent_given, consents));
  }
  if (consents) scene.record(step(Type::medical_examination_done, proposed + random.between(2, 20) * hour_ms));
}

void take_statement(Scene& scene, Victim& victim, int64_t at) {
  Random& random = scene.random;
  if (victim.person.business || !against_the_person(*scene.crime.offence) || !random.chance(300)) return;
  const int64_t needed = at + random.between(20, 600) * minute_ms;
  const int64_t planned = scene.working_days_on(needed, random.soon(0, 12));
  if (victim.high_harm) {
    scene.record(scene.of_victim(Type::victim_interview_needed, Feed::crime_reports, needed, victim));
    scene.record(scene.of_victim(Type::victim_interview_planned, Feed::crime_reports,
                                 needed + random.between(10, 600) * minute_ms, victim));
    if (random.chance(700)) {
      scene.record(scene
                       .of_victim(Type::interview_support_considered, Feed::crime_reports,
                                  std::max(needed, planned - 30 * minute_ms), victim)
                       .yes_no(Detail::provided, random.chance(650)));
    }
    if (random.chance(500)) {
      scene.record(scene
                       .of_victim(Type::companion_offered, Feed::crime_reports,
                                  std::max(needed, planned - 20 * minute_ms), victim)
                       .text(Detail::stage, "investigation")
                       .text(Detail::offer_accepted, random.chance(400) ? "accepted" : "refused"));
    }
    if (scene.crime.offence->volume == Volume::sexual && random.chance(700)) {
      scene.record(scene
                       .of_victim(Type::interviewer_choice_asked, Feed::crime_reports,
                                  std::max(needed, planned - 40 * minute_ms), victim)
                       .yes_no(Detail::granted, true));
    }
    scene.record(scene.of_victim(Type::victim_interviewed, Feed::crime_reports, planned, victim));
  }
  if (victim.person.child || victim.person.vulnerability != nullptr || victim.person.intimidated) {
    const int64_t known = planned + random.between(20, 35) * minute_ms;
    scene.record(scene.of_victim(Type::victim_may_give_evidence, Feed::crime_reports, known, victim));
    if (random.chance(610)) {
      scene.record(scene
                       .of_victim(Type::intermediary_considered, Feed::crime_reports,
                                  scene.working_days_on(known, random.soon(0, 20)), victim)
                       .yes_no(Detail::needed, random.chance(150)));
    }
  }
  scene.record(scene.of_victim(Type::victim_statement_taken, Feed::crime_reports,
                               planned + random.between(40, 150) * minute_ms, victim));
  if (random.chance(450)) {
    scene.record(scene
                     .of_victim(Type::explanation_given, Feed::police_contact,
                                planned + random.between(150, 160) * minute_ms, victim)
                     .text(Detail::explained, "giving_evidence"));
  }
}

void agree_contact(Scene& scene, Victim& victim, int64_t at) {
  Random& random = scene.random;
  if (scene.crime.domestic && random.chance(600)) {
    scene.record(
        scene.of_victim(Type::safe_contact_agreed, Feed::crime_reports, at + random.between(5, 60) * minute_ms, victim)
            .text(Detail::channel, "telephone"));
  }
  if (random.chance(20)) {
    const int64_t asked = at + random.between(5, 600) * minute_ms;
    scene.record(scene.of_victim(Type::contact_preferred, Feed::police_contact, asked, victim));
    if (random.chance(assumed::preference_not_met)) {
      const int64_t failed = scene.working_days_on(asked, random.soon(1, 40));
      scene.record(scene.of_victim(Type::contact_preference_not_met, Feed::police_contact, failed, victim));
      if (random.chance(450)) {
        scene.record(
            scene
                .of_victim(Type::explanation_given, Feed::police_contact, failed + random.soon(1, 90) * hour_ms, victim)
                .text(Detail::explained, "preference_not_met"));
      }
    }
  }
  const bool agrees = !victim.person.business && (scene.crime.suspect_known ? random.chance(420) : random.chance(70));
  if (agrees) {
    static constexpr int32_t every[] = {28, 28, 28, 28, 28, 28, 28, 14, 14, 7};
    victim.update_every_days = random.one_of(every);
    const int64_t when =
        random.chance(600) ? at + random.soon(30, 2000) * minute_ms : scene.working_days_on(at, random.soon(2, 25));
    static constexpr const char* wishes[] = {"agreed_together", "agreed_together", "victim", "agency"};
    scene.record(scene.of_victim(Type::contact_agreed, Feed::police_contact, when, victim)
                     .number(Detail::every, victim.update_every_days % 7 == 0 ? victim.update_every_days / 7
                                                                              : victim.update_every_days)
                     .text(Detail::unit, "weeks")
                     .text(Detail::whose_wish, random.one_of(wishes)));
  }
  if (random.chance(15)) {
    static constexpr const char* topics[] = {"update", "arrest", "bail", "hearing", "release"};
    victim.declined = random.one_of(topics);
    victim.declined_at = scene.working_days_on(at, random.soon(0, 30));
    const uint32_t id = scene.record(scene.of_victim(Type::decline, Feed::crime_reports, victim.declined_at, victim)
                                         .text(Detail::topic, victim.declined));
    if (id == 0) victim.declined = nullptr;
    if (id != 0 && random.chance(150)) {
      scene.record(scene
                       .of_victim(Type::decline_withdrawn, Feed::crime_reports,
                                  scene.working_days_on(victim.declined_at, random.between(5, 90)), victim)
                       .text(Detail::topic, victim.declined));
    }
  }
}

}  // namespace

void first_days(Scene& scene, Victim& victim) {
  Random& random = scene.random;
  const int64_t at = victim.joined_at;
  assess_needs(scene, victim, at);
  agree_contact(scene, victim, at);

  // The written confirmation, and what it usually carries.
  if (random.chance(victim.person.business ? 500 : 770)) {
    const int64_t sent =
        random.chance(720) ? at + random.soon(10, 2000) * minute_ms : scene.working_days_on(at, random.soon(1, 20));
    const Recording::How how{.reached_at = random.chance(920) ? sent + random.between(1, 90) * hour_ms : 0,
                             .about = "written_confirmation"};
    const char* by = random.chance(500) ? "email" : random.chance(500) ? "text_message" : "letter";
    scene.record(scene.of_victim(Type::contact_sent, Feed::police_contact, sent, victim)
                     .text(Detail::about, "written_confirmation")
                     .text(Detail::channel, by),
                 how);
    if (random.chance(120)) {
      scene.record(scene.of_victim(Type::contact_sent, Feed::police_contact, sent, victim)
                       .text(Detail::about, "where_to_get_help")
                       .text(Detail::channel, by),
                   how);
    }
    if (random.chance(120)) {
      scene.record(scene.of_victim(Type::contact_sent, Feed::police_contact, sent, victim)
                       .text(Detail::about, "what_to_expect")
                       .text(Detail::channel, by),
                   how);
    }
  }
  if (random.chance(60)) {
    scene.record(
        scene.of_victim(Type::item_given, Feed::crime_reports, at + random.between(10, 200) * minute_ms, victim)
            .text(Detail::item, "leaflet")
            .text(Detail::stage, "at_report"));
  }
  const bool restorative = random.chance(figures::restorative_justice.value);
  scene.tally.restorative_justice.count(restorative);
  if (restorative) {
    scene.record(scene.of_victim(Type::rj_information_given, Feed::crime_reports,
                                 at + random.soon(10, 9000) * minute_ms, victim));
  }
  if (against_the_person(*scene.crime.offence)) {
    const auto told_of = [&](const char* about, int32_t share) {
      if (!random.chance(share)) return;
      const int64_t sent = scene.working_days_on(at, random.soon(0, 12));
      scene.record(scene.of_victim(Type::contact_sent, Feed::police_contact, sent, victim)
                       .text(Detail::about, about)
                       .text(Detail::channel, "email"),
                   {.reached_at = sent + hour_ms, .about = about});
    };
    told_of("local_support", 160);
    told_of("court_compensation", 90);
  }
  refer(scene, victim, at);
  offer_statement(scene, victim, at);
  take_statement(scene, victim, at);
  examine(scene, victim, at);
  if (std::string_view(victim.role) == "bereaved" && random.chance(900)) {
    scene.record(scene.of_victim(Type::flo_decided, Feed::crime_reports, at + random.between(1, 30) * hour_ms, victim)
                     .yes_no(Detail::needed, true));
    scene.record(
        scene.of_victim(Type::flo_assigned, Feed::crime_reports, at + random.between(30, 60) * hour_ms, victim));
  }
}

}  // namespace kept::simulation
