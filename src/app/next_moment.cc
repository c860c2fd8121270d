#include "app/next_moment.h"

#include "calendar/london_time.h"

namespace kept::app {

void NextMoment::see(const model::Due& due) {
  if (due.kind == model::Due::Kind::date) {
    see_end(calendar::end_of(calendar::LocalDate{static_cast<int32_t>(due.value)}));
  } else if (due.kind == model::Due::Kind::instant) {
    see_end(due.value);
  }
}

void NextMoment::see(const engine::Duty& duty, const model::EventTable& table, const model::Obligation& o) {
  see(o.due_on);
  see(o.first_due_on);
  see(o.start_at);
  see_readings(duty, table, o);
}

void NextMoment::see_readings(const engine::Duty& duty, const model::EventTable& table, const model::Obligation& o) {
  const bool several = (o.rule_u_outcomes & (o.rule_u_outcomes - 1)) != 0;
  if (!several && o.reason != model::Reason::rule_u && o.outcome != model::Outcome::cannot_tell) return;
  see(calendar::start_of(calendar::london_date(now_) + 1));
  if (o.trigger_row == model::Obligation::no_row) return;
  constexpr int64_t hour = 3'600'000;
  const auto see_limit = [&](const engine::TimeLimit& limit) {
    if (limit.kind != engine::TimeLimit::Kind::hours) return;
    const int64_t length = limit.count * hour;
    const model::Moment occurred = table.occurred(o.trigger_row);
    see_end(occurred.lo_ms + length);
    see_end(occurred.hi_ms + length);
    see_end(table.recorded_at(o.trigger_row) + length);
    if (!table.has_known(o.trigger_row)) return;
    see_end(table.known(o.trigger_row).lo_ms + length);
    see_end(table.known(o.trigger_row).hi_ms + length);
  };
  for (const engine::DatedLimit& row : duty.limits) {
    see_limit(row.standard);
    see_limit(row.enhanced);
  }
}

}  // namespace kept::app
