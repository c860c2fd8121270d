#include "simulation/recording.h"

#include <algorithm>
#include <cassert>

#include "calendar/london_time.h"
#include "simulation/parameters.h"

namespace kept::simulation {
namespace {

// Facts that another police system holds too, and may send a second time.
bool held_twice(Type type) {
  return type == Type::suspect_arrested || type == Type::suspect_charged || type == Type::suspect_interviewed ||
         type == Type::suspect_bailed || type == Type::victim_informed;
}

}  // namespace

bool Recording::lost(Feed feed, int64_t at) const {
  const Silence* silence = silences_.on(feed, calendar::london_date(at));
  return silence != nullptr && !silence->backfilled;
}

int64_t Recording::entry_delay(Random& random, const Fact& fact) const {
  // Systems send within minutes; people type when they get to it.
  if (fact.feed == Feed::custody || fact.feed == Feed::magistrates || fact.feed == Feed::crown)
    return random.between(1, 15) * minute_ms;
  return random.very_soon(1, 240) * minute_ms;
}

void Recording::tell_truth(const Fact& fact, const How& how, Fate fate, uint32_t event) {
  Truth truth;
  truth.type = fact.type;
  truth.feed = fact.feed;
  truth.fate = how.happened ? fate : Fate::never_happened;
  truth.about = how.about;
  truth.happened_at = fact.occurred_at;
  truth.reached_at = how.reached_at;
  truth.event = event;
  truth.participant = fact.participant;
  truth.crime = fact.crime;
  truth.suspect = fact.suspect;
  truth.hearing = fact.hearing;
  pending_.add(truth, std::max(calendar::london_date(fact.occurred_at).days, day_.days));
}

uint32_t Recording::write(Fact& fact) {
  if (fact.recorded_at > end_at_) return 0;
  fact.id = ++numbers_.events;
  const int32_t day = calendar::london_date(fact.recorded_at).days;
  assert(day >= day_.days);
  pending_.add(fact, day);
  return fact.id;
}

uint32_t Recording::record(Random& random, const Fact& given, const How& how) {
  if (given.occurred_at > end_at_) return 0;  // beyond the run: neither record nor truth knows it yet
  Fact fact = given;
  if (how.unwritten) {
    tell_truth(given, how, Fate::unwritten, 0);
    return 0;
  }
  Fate fate = Fate::recorded;
  if (fact.recorded_at == 0) fact.recorded_at = fact.occurred_at + entry_delay(random, fact);
  if (how.certain) {
    const uint32_t id = write(fact);
    tell_truth(given, how, id == 0 ? Fate::after_the_end : fate, id);
    return id;
  }

  const calendar::LocalDate on = calendar::london_date(fact.occurred_at);
  if (const Silence* silence = silences_.on(fact.feed, on)) {
    if (!silence->backfilled) {
      tell_truth(given, how, Fate::silent_feed, 0);
      return 0;
    }
    fact.recorded_at = std::max(fact.recorded_at, Office::in_hours(random, silence->to + random.between(1, 5)));
    fate = Fate::backfilled;
  } else if (random.chance(assumed::recorded_weeks_late)) {
    fact.recorded_at = office_.working_time(random, on, random.between(5, 30), fact.recorded_at);
    fate = Fate::late;
  } else if (random.chance(assumed::recorded_next_days)) {
    fact.recorded_at = office_.working_time(random, on, random.between(1, 3), fact.recorded_at);
    fate = Fate::late;
  }

  const bool by_hand = names(fact.feed).may_fall_silent && fact.feed != Feed::magistrates && fact.feed != Feed::crown;
  if (by_hand && fact.known_at == 0) {
    if (random.chance(assumed::month_only)) {
      fact.written = Written::month;
    } else if (random.chance(assumed::date_only)) {
      fact.written = Written::date;
    }
  }

  // Entered with the wrong day and put right later: a day or more too early, never before its crime was reported.
  if (by_hand && random.chance(assumed::corrected)) {
    Fact wrong = fact;
    wrong.written = Written::instant;
    wrong.occurred_at =
        std::max(fact.occurred_at - random.soon(1, 9) * day_ms, calendar::start_of(day_) + 12 * hour_ms);
    if (calendar::london_date(wrong.occurred_at) < on) {
      const uint32_t id = write(wrong);
      tell_truth(given, how, id == 0 ? Fate::after_the_end : Fate::mistaken, id);
      if (id == 0) return 0;
      Fact right = fact;
      right.corrects = id;
      right.recorded_at =
          office_.working_time(random, calendar::london_date(fact.recorded_at), random.soon(1, 20), fact.recorded_at);
      write(right);
      return id;
    }
  }

  const uint32_t id = write(fact);
  tell_truth(given, how, id == 0 ? Fate::after_the_end : fate, id);
  if (id != 0 && held_twice(fact.type) && random.chance(assumed::duplicated * 3)) {
    const Feed other = names(fact.feed).agency == names(Feed::older_system).agency ? Feed::older_system : Feed::none;
    if (other != Feed::none) {
      Fact second = fact;
      second.feed = other;
      second.written = Written::date;
      second.recorded_at =
          office_.working_time(random, calendar::london_date(fact.recorded_at), random.between(1, 4), fact.recorded_at);
      write(second);
    }
  }
  return id;
}

void Recording::record_in_error(Random& random, const Fact& given) {
  if (given.occurred_at > end_at_ || lost(given.feed, given.occurred_at)) return;
  Fact fact = given;
  fact.recorded_at = fact.occurred_at + entry_delay(random, fact);
  const uint32_t id = write(fact);
  if (id == 0) return;
  tell_truth(given, How{.happened = false}, Fate::never_happened, id);
  Fact back = fact;
  back.retracts = id;
  back.recorded_at =
      office_.working_time(random, calendar::london_date(fact.recorded_at), random.soon(1, 15), fact.recorded_at);
  write(back);
}

}  // namespace kept::simulation
