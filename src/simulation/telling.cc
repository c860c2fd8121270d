#include <algorithm>

#include "simulation/parameters.h"
#include "simulation/scene.h"

namespace kept::simulation {

int32_t on_time_in(int32_t in_2017, int32_t fall_since_2014, int64_t at) {
  const int32_t year = std::clamp(calendar::year_month_day(calendar::london_date(at)).year, 2014, 2017);
  return in_2017 + fall_since_2014 * (2017 - year) / 3;
}

const char* Scene::channel() {
  static constexpr uint32_t weights[] = {560, 170, 150, 70, 50};
  static constexpr const char* words[] = {"telephone", "email", "text_message", "in_person", "letter"};
  return words[random.weighted(weights)];
}

int64_t Scene::tell(Victim& victim, const Matter& matter) {
  if (!victim.owed || over(matter.since)) return 0;
  const Person& person = victim.person;
  if (person.died_at != 0 && person.died_at < matter.since) return 0;
  const bool unwanted = victim.declined != nullptr && victim.declined_at < matter.since &&
                        matter.about == std::string_view(victim.declined);
  if (unwanted && !random.chance(50)) return 0;

  const int32_t limit = victim.recognised ? matter.enhanced_days : matter.standard_days;
  const calendar::LocalDate day_0 = calendar::london_date(matter.since);
  const calendar::LocalDate due_on = office().working_day_after(day_0, limit);
  // What the Code asks, where the victim is entitled to more than the teller knows.
  const calendar::LocalDate owed_on = office().working_day_after(
      day_0, victim.entitled || victim.recognised ? matter.enhanced_days : matter.standard_days);

  // The share on time is a share of what stands in the records: what goes unwritten or unsent is made up for here.
  const int32_t luck = random.between(0, 999);
  const int32_t lost =
      assumed::told_not_recorded + 75 + (matter.enhanced_days < matter.standard_days ? assumed::told_as_standard : 0);
  const int32_t on_time = std::min(975, matter.on_time * 1000 / (1000 - lost));
  const bool in_time = luck < on_time;
  const bool late = !in_time && luck < on_time + (1000 - on_time) * assumed::late_of_not_on_time / 1000;
  bool on_time_in_record = false;
  int64_t reached = 0;

  if (in_time || late) {
    const int32_t days = in_time ? random.soon(0, limit) : limit + 1 + random.very_soon(0, 40);
    reached = days == 0 ? matter.since + random.between(15, 300) * minute_ms
                        : Office::on_shift(random, office().working_day_after(day_0, days));
    if (days != 0 && reached <= matter.since) reached = matter.since + random.between(15, 200) * minute_ms;

    const auto contact = [&](Type type, int64_t at) {
      return of_victim(type, matter.feed, at, victim)
          .by(matter.suspect)
          .at_hearing(matter.hearing)
          .text(Detail::about, matter.about);
    };
    if (late && random.chance(25)) {
      // A good reason, entered while there was still time, that holds the clock until a day before the telling.
      const int64_t at =
          std::min(matter.since + random.between(1, 20) * hour_ms, calendar::start_of(due_on) + 12 * hour_ms);
      static constexpr const char* reasons[] = {"risk_to_investigation", "no_safe_way_to_reach", "interpreter_awaited",
                                                "risk_to_a_person"};
      record(of_victim(Type::good_reason, Feed::crime_reports, std::max(at, matter.since), victim)
                 .text(Detail::topic, matter.about)
                 .text(Detail::who, "inspector")
                 .text(Detail::why, random.one_of(reasons))
                 .text(Detail::evidence, "log-entry")
                 .date(Detail::from, day_0)
                 .date(Detail::until, calendar::london_date(reached)));
    }
    if (reached - matter.since > 2 * hour_ms && random.chance(assumed::tried_first)) {
      const int64_t tried = matter.since + (reached - matter.since) / 1000 * random.between(200, 900);
      record(contact(random.chance(550) ? Type::contact_tried : Type::contact_left_word, tried)
                 .text(Detail::channel, "telephone"));
    }
    const bool by_letter = random.chance(assumed::told_by_letter);
    const bool happened = !random.chance(assumed::false_tick);
    const bool unwritten = happened && random.chance(assumed::told_not_recorded);
    const Recording::How how{
        .happened = happened, .unwritten = unwritten, .reached_at = happened ? reached : 0, .about = matter.about};
    bool keeps = false;
    if (by_letter && random.chance(400)) {
      // Sent, and that is all the record says: what it is worth is for the rule.
      Recording::How sent = how;
      sent.reached_at = happened && random.chance(850) ? reached + random.between(6, 60) * hour_ms : 0;
      const uint32_t id = record(
          contact(Type::contact_sent, reached).text(Detail::channel, random.chance(500) ? "letter" : "email"), sent);
      if (id != 0 && random.chance(250)) {
        const Type receipt = random.chance(880) ? Type::contact_delivered : Type::contact_returned;
        record(contact(receipt, reached + random.between(20, 3000) * minute_ms).text(Detail::channel, "email"));
      }
    } else {
      const bool checked = random.chance(assumed::understood);
      keeps = record(contact(checked ? Type::victim_understood : Type::victim_informed, reached)
                         .text(Detail::channel, by_letter ? "letter" : channel()),
                     how) != 0;
    }
    on_time_in_record = keeps && calendar::london_date(reached) <= owed_on;
    if (!happened) reached = 0;
  }
  if (reached == 0 && random.chance(15)) {
    record(
        of_victim(Type::victim_contested, Feed::police_contact, matter.since + random.between(20, 60) * day_ms, victim)
            .text(Detail::about, matter.about));
  }
  if (matter.counted != ToldOf::nothing && !over(calendar::end_of(owed_on)) &&
      (victim.withdrew_at == 0 || victim.withdrew_at > matter.since)) {
    tally.told[static_cast<std::size_t>(matter.counted)].count(on_time_in_record);
  }
  return reached;
}

void Scene::tell_all(const Matter& matter) {
  for (Victim& victim : crime.victims) tell(victim, matter);
}

}  // namespace kept::simulation
