#include <algorithm>

#include "simulation/journey.h"
#include "simulation/parameters.h"

namespace kept::simulation {
namespace {

/// An investigation begins; half the victims are told there and then whom to ask.
void open_investigation(Scene& scene, int64_t at) {
  scene.record(scene.of_crime(Type::investigation_opened, Feed::crime_reports, at));
  for (const Victim& victim : scene.crime.victims) {
    if (!victim.owed || victim.joined_at > at || !scene.random.chance(520)) continue;
    const int64_t sent = at + scene.random.soon(5, 2800) * minute_ms;
    scene.record(scene.of_victim(Type::contact_sent, Feed::police_contact, sent, victim)
                     .text(Detail::about, "contact_details")
                     .text(Detail::channel, "text_message"),
                 {.reached_at = sent + 30 * minute_ms, .about = "contact_details"});
  }
}

/// Nobody is known to have done it: looked into for a while, or not at all.
Ending without_suspect(Scene& scene) {
  Crime& crime = scene.crime;
  Random& random = scene.random;
  Ending ending;
  if (random.chance(against_the_person(*crime.offence) ? 240 : 760)) {
    const int64_t at = crime.reported_at + random.soon(1, 80) * hour_ms;
    scene.record(scene.of_crime(Type::investigation_decided_not, Feed::crime_reports, at));
    scene.tell_all({.about = "not_investigated",
                    .feed = Feed::police_contact,
                    .since = at,
                    .standard_days = 5,
                    .enhanced_days = 1,
                    .on_time = assumed::on_time_other});
    ending.closed_at = at;
    return ending;
  }
  const int64_t opened = crime.reported_at + random.soon(1, 60) * hour_ms;
  open_investigation(scene, opened);
  ending.closed_at = scene.working_days_on(opened, random.soon(2, 70));
  keep_updated(scene, ending.closed_at);
  scene.record(scene.of_crime(Type::investigation_closed, Feed::crime_reports, ending.closed_at)
                   .text(Detail::closed_as, "no_suspect_identified"));
  const Matter closed{.about = "investigation_closed",
                      .feed = Feed::police_contact,
                      .since = ending.closed_at,
                      .standard_days = 5,
                      .enhanced_days = 1,
                      .on_time = assumed::on_time_other};
  for (Victim& victim : crime.victims) {
    const int64_t told = scene.tell(victim, closed);
    if (told != 0 && random.chance(200)) {
      scene.record(scene.of_victim(Type::victim_informed, Feed::police_contact, told + minute_ms, victim)
                       .text(Detail::about, "later_review")
                       .text(Detail::channel, "letter"),
                   {.reached_at = told, .about = "later_review"});
    }
  }
  return ending;
}

/// From the arrest or the invitation to the release. Returns when it was over.
int64_t question(Scene& scene, const Suspect& suspect, int64_t at, bool charged_at_once) {
  Random& random = scene.random;
  const auto told = [&](const char* about, int64_t since, int32_t on_time, ToldOf counted) {
    scene.tell_all({.about = about,
                    .feed = Feed::police_contact,
                    .since = since,
                    .standard_days = 5,
                    .enhanced_days = 1,
                    .on_time = on_time,
                    .suspect = suspect.id,
                    .counted = counted});
  };
  const int32_t on_time_arrest = on_time_in(figures::on_time_arrest.value, figures::fall_arrest.value, at);
  if (random.chance(340)) {
    // By invitation, without arrest.
    scene.record(scene.of_suspect(Type::suspect_interviewed, Feed::custody, at, suspect));
    told("interview", at, assumed::on_time_other, ToldOf::nothing);
    return at + hour_ms;
  }
  scene.record(scene.of_suspect(Type::suspect_arrested, Feed::custody, at, suspect));
  if (random.chance(assumed::retracted)) {
    const int64_t mistaken = at + random.between(2, 30) * day_ms;
    scene.record_in_error(scene.of_suspect(Type::suspect_arrested, Feed::custody, mistaken, suspect));
  }
  told("arrest", at, on_time_arrest, ToldOf::arrest);
  const int64_t interviewed = at + random.between(150, 1100) * minute_ms;
  if (random.chance(920)) {
    scene.record(scene.of_suspect(Type::suspect_interviewed, Feed::custody, interviewed, suspect));
    told("interview", interviewed, assumed::on_time_other, ToldOf::nothing);
  }
  const int64_t released = interviewed + random.between(30, 420) * minute_ms;
  if (charged_at_once) return released;
  const int32_t luck = random.between(0, 999);
  const int32_t on_time_release = figures::on_time_release.value;
  if (luck < 430) {
    scene.record(scene.of_suspect(Type::suspect_bailed, Feed::custody, released, suspect)
                     .yes_no(Detail::conditions, random.chance(850)));
    told("bail", released, on_time_release, ToldOf::release);
    if (random.chance(250)) {
      for (Victim& victim : scene.crime.victims) {
        if (!victim.owed) continue;
        scene.record(scene
                         .of_victim(Type::victim_views_recorded, Feed::crime_reports,
                                    released + random.between(10, 90) * minute_ms, victim)
                         .text(Detail::subject, "bail_conditions"));
      }
    }
    if (random.chance(260)) {
      const int64_t changed = scene.working_days_on(released, random.between(3, 28));
      scene.record(scene.of_suspect(Type::suspect_bail_changed, Feed::custody, changed, suspect));
      told("bail_change", changed, assumed::on_time_other, ToldOf::nothing);
    }
    if (random.chance(40))
      scene.record(scene.of_suspect(Type::suspect_bail_breached, Feed::custody,
                                    released + random.between(1, 25) * day_ms, suspect));
  } else if (luck < 830) {
    scene.record(scene.of_suspect(Type::suspect_released_under_investigation, Feed::custody, released, suspect));
    told("under_investigation", released, on_time_release, ToldOf::release);
  } else {
    scene.record(scene.of_suspect(Type::suspect_released_without_charge, Feed::custody, released, suspect));
    told("release_without_charge", released, on_time_release, ToldOf::release);
  }
  if (random.chance(15)) {
    // Held back for the investigation, with authority: no date of these duties moves by it.
    Victim& victim = scene.crime.victims.front();
    const uint32_t hold = scene.record(scene.of_victim(Type::hold, Feed::crime_reports, at + hour_ms, victim)
                                           .by(suspect.id)
                                           .text(Detail::topic, "arrest")
                                           .text(Detail::who, "inspector")
                                           .text(Detail::why, "risk_to_investigation"));
    if (hold != 0) {
      scene.record(
          scene
              .of_victim(Type::hold_ended, Feed::crime_reports, scene.working_days_on(at, random.between(1, 8)), victim)
              .by(suspect.id)
              .number(Detail::hold, hold));
    }
  }
  return released;
}

void withdraw(Scene& scene, int64_t decision_at) {
  Random& random = scene.random;
  for (Victim& victim : scene.crime.victims) {
    if (!victim.owed || victim.person.business) continue;
    // Most of those who go, go in the first week.
    const bool first_week = random.chance(580);
    const int64_t last = std::max<int64_t>(decision_at - day_ms, victim.joined_at + 8 * day_ms);
    int64_t at = first_week ? victim.joined_at + random.soon(2, 160) * hour_ms
                            : victim.joined_at + 7 * day_ms +
                                  (last - victim.joined_at - 7 * day_ms) / 1000 * random.between(0, 999);
    at = Office::on_shift(random, calendar::london_date(at));
    victim.withdrew_at = std::max(at, victim.joined_at + hour_ms);
    scene.record(scene.of_victim(Type::victim_withdrew_support, Feed::crime_reports, victim.withdrew_at, victim));
  }
}

void dispose_out_of_court(Scene& scene, const Suspect& suspect, int64_t at) {
  Random& random = scene.random;
  static constexpr const char* adult[] = {"caution", "conditional_caution", "community_resolution",
                                          "community_resolution", "penalty_notice"};
  static constexpr const char* young[] = {"youth_caution", "youth_conditional_caution", "community_resolution",
                                          "deferred_prosecution"};
  const char* disposal = suspect.under_18 ? random.one_of(young) : random.one_of(adult);
  const int64_t considered = at - random.between(1, 9) * day_ms;
  scene.record(scene.of_suspect(Type::disposal_considered, Feed::crime_reports, considered, suspect)
                   .text(Detail::disposal, disposal));
  for (Victim& victim : scene.crime.victims) {
    if (victim.owed && random.chance(640)) {
      scene.record(scene
                       .of_victim(Type::victim_views_recorded, Feed::crime_reports,
                                  considered + random.between(1, 24) * hour_ms, victim)
                       .text(Detail::subject, "out_of_court_disposal"));
    }
  }
  scene.record(
      scene.of_suspect(Type::disposal_given, Feed::crime_reports, at, suspect).text(Detail::disposal, disposal));
  scene.tell_all({.about = "out_of_court_disposal",
                  .feed = Feed::police_contact,
                  .since = at,
                  .standard_days = 5,
                  .enhanced_days = 1,
                  .on_time = on_time_in(figures::on_time_disposal.value, figures::fall_disposal.value, at),
                  .suspect = suspect.id,
                  .counted = ToldOf::disposal});
}

void charge(Scene& scene, Suspect& suspect, int64_t at, bool from_custody) {
  Random& random = scene.random;
  Crime& crime = scene.crime;
  const int64_t decided = at - random.between(20, 180) * minute_ms;
  scene.record(scene.of_suspect(Type::cps_decided_to_charge, scene.cps(), decided, suspect).in_case(crime.urn));
  scene.record(scene.of_suspect(Type::suspect_charged, Feed::custody, at, suspect).in_case(crime.urn));
  scene.tell_all({.about = "charge",
                  .feed = Feed::police_contact,
                  .since = at,
                  .standard_days = 5,
                  .enhanced_days = 1,
                  .on_time = figures::on_time_charge.value,
                  .suspect = suspect.id,
                  .counted = ToldOf::charge});
  if (random.chance(from_custody ? 600 : 900)) {
    const int64_t bailed = at + random.between(10, 90) * minute_ms;
    scene.record(scene.of_suspect(Type::suspect_bailed_to_court, Feed::custody, bailed, suspect)
                     .in_case(crime.urn)
                     .yes_no(Detail::conditions, random.chance(600)));
    scene.tell_all({.about = "court_bail",
                    .feed = Feed::police_contact,
                    .since = bailed,
                    .standard_days = 5,
                    .enhanced_days = 1,
                    .on_time = assumed::on_time_other,
                    .suspect = suspect.id});
  }
}

}  // namespace

Ending investigate(Scene& scene) {
  Crime& crime = scene.crime;
  Random& random = scene.random;
  if (!crime.suspect_known) return without_suspect(scene);

  Ending ending;
  const int64_t opened = crime.reported_at + random.soon(10, 900) * minute_ms;
  open_investigation(scene, opened);
  for (const Victim& victim : crime.victims) {
    if (victim.owed && random.chance(480)) {
      scene.record(scene
                       .of_victim(Type::separation_arranged, Feed::crime_reports,
                                  std::max(opened, victim.joined_at) + random.soon(1, 90) * hour_ms, victim)
                       .text(Detail::stage, "investigation"));
    }
  }
  for (Suspect& suspect : crime.suspects) {
    const bool named = random.chance(650);
    suspect.known_at = named ? crime.reported_at + random.between(5, 50) * minute_ms
                             : scene.working_days_on(opened, random.soon(0, 45));
    scene.record_certainly(scene.of_suspect(Type::link_suspect, Feed::crime_reports, suspect.known_at, suspect)
                               .yes_no(Detail::under_18, suspect.under_18));
    if (!named)
      scene.record(scene.of_suspect(Type::suspect_identified, Feed::crime_reports, suspect.known_at, suspect)
                       .yes_no(Detail::under_18, suspect.under_18));
  }

  // What comes of it, by the shares that the Board heard in 2024.
  const bool may_withdraw =
      !crime.victims.front().person.business && std::string_view(crime.victims.front().role) != "bereaved";
  const int32_t luck = random.between(may_withdraw ? 0 : figures::attrition.value, 999);
  const bool withdraws = luck < figures::attrition.value;
  const bool nfa = !withdraws && luck < figures::attrition.value + figures::no_further_action.value;
  const bool out_of_court = !withdraws && !nfa && !crime.offence->high_harm && random.chance(330);
  const bool charged = withdraws ? random.chance(assumed::charged_all_the_same) : !nfa && !out_of_court;
  const bool at_once = charged && random.chance(450);
  if (nfa || charged || withdraws) crime.urn = ++scene.numbers().urns;

  int64_t decision_at = 0;
  std::vector<bool> questioned;
  for (const Suspect& suspect : crime.suspects) {
    const bool is_questioned = charged || out_of_court || random.chance(withdraws ? 560 : 720);
    questioned.push_back(is_questioned);
    int64_t over = suspect.known_at;
    if (is_questioned) {
      int64_t at = suspect.known_at;
      if (crime.domestic) {
        at += random.soon(1, 100) * hour_ms;
      } else {
        at = scene.working_days_on(at, random.soon(0, 40));
        at += random.between(0, 9) * hour_ms;
      }
      over = question(scene, suspect, at, at_once);
    }
    decision_at = std::max(decision_at, at_once ? over + random.between(30, 300) * minute_ms
                                                : scene.working_days_on(over, random.soon(1, withdraws ? 60 : 130)));
  }
  if (withdraws) withdraw(scene, decision_at);
  for (Victim& victim : crime.victims) {
    if (!victim.owed || scene.over(decision_at)) continue;
    scene.tally.withdrew.count(victim.withdrew_at != 0);
    if (victim.withdrew_at != 0)
      scene.tally.withdrew_in_first_week.count(victim.withdrew_at - victim.joined_at <= 7 * day_ms);
    scene.tally.no_further_action.count(nfa);
  }
  keep_updated(scene, decision_at);
  ending.closed_at = decision_at;

  const char* closed_as = "evidential_difficulties";
  if (charged) {
    closed_as = "charged";
    ending.charged_at = decision_at;
    for (std::size_t i = 0; i < crime.suspects.size(); ++i) {
      if (i > 0 && !random.chance(600)) continue;
      ending.charged.push_back(i);
      charge(scene, crime.suspects[i], decision_at, at_once);
    }
  } else if (out_of_court) {
    closed_as = "out_of_court_disposal";
    for (const Suspect& suspect : crime.suspects)
      dispose_out_of_court(scene, suspect, std::max(decision_at, crime.reported_at + 12 * day_ms));
    ending.closed_at = std::max(decision_at, crime.reported_at + 12 * day_ms);
  } else {
    if (withdraws) closed_as = "victim_does_not_support";
    // About one such decision in five is the prosecutor's (see the share of reviewable decisions in
    // docs/simulation.md).
    const bool by_cps = nfa && random.chance(250);
    if (by_cps) {
      scene.record(scene
                       .of_crime(Type::evidence_submitted, Feed::crime_reports,
                                 std::max(opened, decision_at - random.between(3, 30) * day_ms))
                       .in_case(crime.urn));
    }
    for (std::size_t i = 0; i < crime.suspects.size(); ++i) {
      decide_not_to_prosecute(scene, crime.suspects[i], decision_at, by_cps && questioned[i]);
    }
  }
  const int64_t filed = ending.closed_at + random.between(1, 120) * hour_ms;
  scene.record(
      scene.of_crime(Type::investigation_closed, Feed::crime_reports, filed).text(Detail::closed_as, closed_as));
  if (!charged && random.chance(250)) {
    scene.tell_all({.about = "investigation_closed",
                    .feed = Feed::police_contact,
                    .since = filed,
                    .standard_days = 5,
                    .enhanced_days = 1,
                    .on_time = assumed::on_time_other});
  }
  if (charged && random.chance(300)) {
    Victim& victim = crime.victims.front();
    const uint32_t key = scene.next_key();
    const auto property = [&](Type type, int64_t at) {
      scene.record(scene.of_victim(type, Feed::crime_reports, at, victim).keyed(key));
    };
    property(Type::property_taken, opened + random.between(1, 50) * hour_ms);
    const int64_t free = scene.working_days_on(ending.closed_at, random.between(60, 200));
    property(Type::property_no_longer_needed, free);
    if (random.chance(750)) property(Type::property_returned, scene.working_days_on(free, random.soon(2, 60)));
  }
  return ending;
}

}  // namespace kept::simulation
