#include "simulation/feeds.h"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

#include "simulation/parameters.h"

namespace kept::simulation {
namespace {

constexpr std::array<FeedNames, feed_count> all_feeds{{
    {"", "", false},
    {"crime-reports", "met", false},
    {"custody", "met", true},
    {"police-contact", "met", true},
    {"older-police-system", "met", false},
    {"witness-care-north", "wcu-north", true},
    {"witness-care-south", "wcu-south", true},
    {"prosecution-north", "cps-london-north", true},
    {"prosecution-south", "cps-london-south", true},
    {"magistrates", "magistrates-court", true},
    {"crown", "crown-court", true},
    {"appeals", "court-of-appeal", false},
    {"probation", "probation-london", true},
    {"prisons", "hm-prison-service", false},
    {"parole", "parole_board", false},
    {"support-service", "london-victim-and-witness-service", true},
    {"homicide-service", "homicide-service", false},
    {"compensation-authority", "cica", false},
    {"attorney-general", "attorney_general", false},
    {"ombudsman", "ombudsman", false},
    {"talking-therapies", "nhs", false},
    {"youth-justice", "youth-justice-service", false},
    {"transport-police", "british-transport-police", false},
    {"city-police", "city-of-london-police", false},
    {"survey-house", "mopac", false},
    {"supreme-court", "supreme-court", false},
    {"criminal-cases", "ccrc", false},
    {"immigration", "immigration", false},
    {"hospitals", "hospital", false},
}};

}  // namespace

bool carries(Feed feed, Type type) {
  if (feed != Feed::crime_reports && feed != Feed::custody && feed != Feed::police_contact) return true;
  switch (type) {
    case Type::suspect_arrested:
    case Type::suspect_interviewed:
    case Type::suspect_released_without_charge:
    case Type::suspect_bailed:
    case Type::suspect_released_under_investigation:
    case Type::suspect_bail_changed:
    case Type::suspect_bail_breached:
    case Type::suspect_charged:
    case Type::suspect_bailed_to_court:
      return feed == Feed::custody;
    case Type::contact_tried:
    case Type::contact_left_word:
    case Type::contact_sent:
    case Type::contact_delivered:
    case Type::contact_returned:
    case Type::contact_agreed:
    case Type::contact_preferred:
    case Type::contact_preference_not_met:
    case Type::victim_informed:
    case Type::victim_understood:
    case Type::victim_contested:
    case Type::next_contact_promised:
    case Type::explanation_given:
    case Type::delay_told:
      return feed == Feed::police_contact;
    default:
      return feed == Feed::crime_reports;
  }
}

const FeedNames& names(Feed feed) { return all_feeds[static_cast<std::size_t>(feed)]; }

Silences Silences::drawn(Random& random, calendar::LocalDate from, calendar::LocalDate to) {
  Silences drawn;
  std::vector<Feed> candidates;
  for (std::size_t i = 0; i < feed_count; ++i) {
    if (all_feeds[i].may_fall_silent) candidates.push_back(static_cast<Feed>(i));
  }
  const int32_t span = to.days - from.days + 1;
  int32_t count = assumed::silences_a_year * span / 365;
  if (count == 0 && span >= 60) count = 1;
  for (int32_t i = 0; i < count; ++i) {
    Silence silence;
    silence.feed = candidates[random.below(static_cast<uint32_t>(candidates.size()))];
    const int32_t length = random.between(7, 28);
    if (length + 14 > span) continue;
    silence.from = from + random.between(7, span - length - 7);
    silence.to = silence.from + (length - 1);
    silence.backfilled = random.chance(assumed::silence_backfilled);
    // Two silences of one feed never touch: the later draw is dropped.
    const bool meets = std::any_of(drawn.silences_.begin(), drawn.silences_.end(), [&](const Silence& other) {
      return other.feed == silence.feed && silence.from <= other.to + 7 && other.from <= silence.to + 7;
    });
    if (!meets) drawn.silences_.push_back(silence);
  }
  std::sort(drawn.silences_.begin(), drawn.silences_.end(),
            [](const Silence& a, const Silence& b) { return a.from != b.from ? a.from < b.from : a.feed < b.feed; });
  return drawn;
}

const Silence* Silences::on(Feed feed, calendar::LocalDate day) const {
  for (const Silence& silence : silences_) {
    if (silence.feed == feed && silence.from <= day && day <= silence.to) return &silence;
  }
  return nullptr;
}

std::vector<CoverageRow> coverage(const Silences& silences, calendar::LocalDate from, calendar::LocalDate to) {
  std::vector<CoverageRow> rows;
  const auto add = [&](const char* agency, const char* name, const auto& is_silenced) {
    calendar::LocalDate start = from;
    for (const Silence& silence : silences.all()) {
      if (silence.backfilled || agency != std::string_view(names(silence.feed).agency) || !is_silenced(silence.feed))
        continue;
      if (start < silence.from) rows.push_back({agency, name, start, silence.from - 1});
      start = silence.to + 1;
    }
    if (start <= to) rows.push_back({agency, name, start, to});
  };
  std::set<std::string_view> seen;
  for (std::size_t i = 1; i < feed_count; ++i) {
    const char* const agency = all_feeds[i].agency;
    if (!seen.insert(agency).second) continue;
    const bool several_feeds = std::count_if(all_feeds.begin(), all_feeds.end(), [&](const FeedNames& feed) {
                                 return agency == std::string_view(feed.agency);
                               }) > 1;
    if (!several_feeds) {
      add(agency, "*", [](Feed) { return true; });
      continue;
    }
    // One of the agency's feeds can fall silent while the others go on: each type goes by the feed that carries it.
    for (std::size_t t = 1; t < type_count; ++t) {
      add(agency, type_names[t].name, [&](Feed silent) { return carries(silent, static_cast<Type>(t)); });
    }
    // The crime reports would carry the rest, had anybody entered it.
    for (const char* other : other_type_names) add(agency, other, [](Feed) { return false; });
  }
  return rows;
}

}  // namespace kept::simulation
