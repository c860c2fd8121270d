#include "simulation/journey.h"
#include "simulation/parameters.h"

namespace kept::simulation {

void keep_updated(Scene& scene, int64_t until) {
  for (Victim& victim : scene.crime.victims) {
    if (!victim.owed || victim.update_every_days == 0) continue;
    int64_t from = victim.joined_at;
    // A case is not followed for ever: after some two years of updates the simulation leaves it alone.
    for (int32_t interval = 0; interval < 30; ++interval) {
      const int64_t due = from + victim.update_every_days * day_ms;
      if (due >= until || scene.over(due)) break;
      // The telling lands before the agreed day when on time, after it when late: it is begun two working days ahead.
      const Matter matter{.about = "update",
                          .feed = Feed::police_contact,
                          .since = due - 4 * day_ms,
                          .standard_days = 2,
                          .enhanced_days = 2,
                          .on_time = on_time_in(figures::on_time_updates.value, figures::fall_updates.value, due),
                          .counted = ToldOf::update};
      const int64_t reached = scene.tell(victim, matter);
      if (reached != 0 && scene.random.chance(20)) {
        scene.record(scene.of_victim(Type::next_contact_promised, Feed::police_contact, reached + minute_ms, victim)
                         .date(Detail::changes_on, calendar::london_date(reached) + victim.update_every_days));
      }
      if (reached == 0 && scene.random.chance(60)) {
        const int64_t said = due + scene.random.between(1, 20) * hour_ms;
        scene.record(
            scene.of_victim(Type::delay_recorded, Feed::crime_reports, said, victim)
                .text(Detail::about, "update")
                .text(Detail::delay_reason, scene.random.chance(500) ? "no_staff" : "waiting_for_another_agency"));
      }
      from = reached == 0 ? due : reached;
    }
  }
}

}  // namespace kept::simulation
