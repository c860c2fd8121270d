#include "app/court_day.h"

#include <algorithm>
#include <array>
#include <map>
#include <string_view>
#include <tuple>
#include <utility>

#include "calendar/london_time.h"
#include "engine/assess.h"
#include "engine/facts.h"
#include "engine/links.h"

namespace kept::app {
namespace {

constexpr int64_t hour_ms = 3'600'000;

enum class Part : uint8_t { nothing, listed, published, vacated, held, result, received, told };

/// What each type of event is to a day at court, by the vocabulary's index of types.
std::vector<Part> parts_of(const model::Vocabulary& vocabulary) {
  static constexpr std::array<std::pair<std::string_view, Part>, 16> known{{
      {"hearing.listed", Part::listed},
      {"hearing.published", Part::published},
      {"hearing.vacated", Part::vacated},
      {"hearing.held", Part::held},
      {"plea.entered", Part::result},
      {"bail.decided", Part::result},
      {"warrant.issued", Part::result},
      {"rearrest_hearing.decided", Part::result},
      {"trial.result_recorded", Part::result},
      {"case.outcome", Part::result},
      {"offender.convicted", Part::result},
      {"sentence.passed", Part::result},
      {"appeal.decided", Part::result},
      {"court.received", Part::received},
      {"victim.informed", Part::told},
      {"victim.understood", Part::told},
  }};
  std::vector<Part> parts;
  for (const auto& type : vocabulary.types()) {
    const auto found = std::ranges::find(known, type.name, &std::pair<std::string_view, Part>::first);
    parts.push_back(found == known.end() ? Part::nothing : found->second);
  }
  return parts;
}

/// Rows whose content stands: corrected and retracted ones do not.
class Standing {
 public:
  Standing(const model::EventTable& table, int64_t recorded_by)
      : facts_(engine::Facts::resolve(table, recorded_by, 1, &tally_)), table_(table), recorded_by_(recorded_by) {}
  bool stands(uint32_t row) const {
    if (table_.recorded_at(row) > recorded_by_) return false;
    if (facts_.is_simple(row)) return true;
    const engine::History* const history = facts_.history_of(row);
    return history != nullptr && history->retracted_at == engine::never && history->current() == row;
  }
  const engine::Facts& facts() const { return facts_; }

 private:
  engine::Tally tally_;
  engine::Facts facts_;
  const model::EventTable& table_;
  int64_t recorded_by_;
};

/// The day that a listing gives; nothing for a week or a warned time.
std::optional<calendar::LocalDate> day_of(const model::EventTable& table, uint32_t row, int32_t hearing_on) {
  int64_t value = 0;
  if (hearing_on < 0 || !table.detail_value(row, static_cast<uint16_t>(hearing_on), &value)) return std::nullopt;
  const model::Moment& moment = table.moment(value);
  if (moment.precision == model::Precision::coarse) return std::nullopt;
  return moment.on();
}

std::string_view word_of(const model::EventTable& table, uint32_t row, const char* name) {
  const int32_t id = table.vocabulary().field_id(name);
  int64_t value = 0;
  if (id < 0 || !table.detail_value(row, static_cast<uint16_t>(id), &value)) return {};
  return table.vocabulary().fields()[static_cast<std::size_t>(id)].words[static_cast<std::size_t>(value)];
}

bool is_yes(const model::EventTable& table, uint32_t row, const char* name) {
  const int32_t id = table.vocabulary().field_id(name);
  int64_t value = 0;
  return id >= 0 && table.detail_value(row, static_cast<uint16_t>(id), &value) && value != 0;
}

/// Rows by when they happened, then by when they were recorded.
void in_order(const model::EventTable& table, std::vector<uint32_t>* rows) {
  std::ranges::sort(*rows, {}, [&](uint32_t row) { return std::tuple(table.lo_ms(row), table.recorded_at(row), row); });
}

/// The rows of one hearing that change the list, in order: what a published list shows is a change only where no event
/// said it before.
std::vector<uint32_t> changes_of(const model::EventTable& table, const std::vector<Part>& parts, int32_t hearing_on,
                                 std::vector<uint32_t> rows) {
  in_order(table, &rows);
  std::vector<uint32_t> changes;
  std::optional<calendar::LocalDate> stands;
  for (const uint32_t row : rows) {
    const Part part = parts[table.vocabulary().type_index(table.code(row))];
    const auto given = day_of(table, row, hearing_on);
    if (part == Part::published && (!given || given == stands)) continue;
    stands = part == Part::vacated ? std::nullopt : given;
    changes.push_back(row);
  }
  return changes;
}

}  // namespace

std::vector<HearingWithoutResult> hearings_without_result(const model::EventTable& table, calendar::LocalDate day,
                                                          std::optional<int64_t> recorded_by) {
  const int64_t by = recorded_by.value_or(calendar::start_of(day + 1) + 9 * hour_ms);
  const Standing standing(table, by);
  const std::vector<Part> parts = parts_of(table.vocabulary());
  const int32_t hearing_on = table.vocabulary().field_id("hearing_on");
  const int64_t day_begins = calendar::start_of(day);

  struct Hearing {
    std::vector<uint32_t> changes;  ///< listed or vacated
    bool held = false, result = false;
  };
  std::map<uint32_t, Hearing> hearings;
  for (uint32_t row = 0; row < table.size(); ++row) {
    const uint32_t hearing = table.hearing(row);
    const Part part = parts[table.vocabulary().type_index(table.code(row))];
    if (hearing == 0 || part == Part::nothing || !standing.stands(row)) continue;
    Hearing& found = hearings[hearing];
    if (part == Part::listed || part == Part::published || part == Part::vacated) found.changes.push_back(row);
    if (part == Part::held && table.occurred(row).hi_ms >= day_begins) found.held = true;
    if (part == Part::result && table.occurred(row).hi_ms >= day_begins) found.result = true;
  }
  std::vector<HearingWithoutResult> open;
  for (auto& [hearing, found] : hearings) {
    if (found.result || found.changes.empty()) continue;
    // The last change counts, whenever it came: a hearing adjourned that day is listed anew or taken out.
    const std::vector<uint32_t> changes = changes_of(table, parts, hearing_on, std::move(found.changes));
    if (changes.empty()) continue;
    const uint32_t last = changes.back();
    if (parts[table.vocabulary().type_index(table.code(last))] == Part::vacated) continue;
    if (day_of(table, last, hearing_on) != std::optional(day)) continue;
    open.push_back({hearing, last, found.held});
  }
  std::ranges::sort(open, {}, [&](const HearingWithoutResult& one) { return table.hearings.name(one.hearing); });
  return open;
}

std::vector<ListingNotice> listing_notices(const model::EventTable& table, int64_t as_at,
                                           const std::function<std::optional<int64_t>(uint32_t row)>& carried_at) {
  const Standing standing(table, as_at);
  const engine::Links links(table, standing.facts(), as_at, 1);
  const std::vector<Part> parts = parts_of(table.vocabulary());
  const int32_t hearing_on = table.vocabulary().field_id("hearing_on");

  std::map<uint32_t, std::vector<uint32_t>> changes, receipts;  // by hearing
  std::map<uint32_t, std::vector<uint32_t>> tellings;           // by participant
  for (uint32_t row = 0; row < table.size(); ++row) {
    const Part part = parts[table.vocabulary().type_index(table.code(row))];
    if (part == Part::nothing || table.lo_ms(row) > as_at || !standing.stands(row)) continue;
    if (part == Part::told) {
      const std::string_view about = word_of(table, row, "about");
      if (about == "hearing" || about == "hearing_changed" || about == "first_hearing")
        tellings[table.participant(row)].push_back(row);
      continue;
    }
    const uint32_t hearing = table.hearing(row);
    if (hearing == 0) continue;
    if (part == Part::listed || part == Part::published || part == Part::vacated) changes[hearing].push_back(row);
    if (part == Part::received && word_of(table, row, "what") == "listing") receipts[hearing].push_back(row);
  }
  for (auto* each : {&receipts, &tellings}) {
    for (auto& [key, rows] : *each) in_order(table, &rows);
  }

  std::vector<ListingNotice> notices;
  for (const auto& [hearing, all] : changes) {
    const std::vector<uint32_t> rows = changes_of(table, parts, hearing_on, all);
    std::optional<calendar::LocalDate> before;  // the day it had
    bool listed_before = false;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      ListingNotice notice;
      notice.row = rows[i];
      notice.hearing = hearing;
      notice.made_at = table.lo_ms(rows[i]);
      const bool vacated = parts[table.vocabulary().type_index(table.code(rows[i]))] == Part::vacated;
      const auto given = day_of(table, rows[i], hearing_on);
      notice.change = vacated         ? ListingNotice::Change::vacated
                      : listed_before ? ListingNotice::Change::moved
                                      : ListingNotice::Change::listed;
      // Whoever was to come on the old day must know before it.
      notice.on = vacated && !given ? before : given;
      if (!vacated && before && (!notice.on || *before < *notice.on)) notice.on = before;
      const int64_t until = i + 1 < rows.size() ? table.lo_ms(rows[i + 1]) : engine::never;

      if (const auto carried = carried_at ? carried_at(rows[i]) : std::nullopt) {
        notice.unit_had_at = carried;
        notice.receipt = ListingNotice::Receipt::carried;
      } else {
        for (const uint32_t receipt : receipts[hearing]) {
          if (table.lo_ms(receipt) < notice.made_at || table.lo_ms(receipt) >= until) continue;
          notice.unit_had_at = table.lo_ms(receipt);
          notice.receipt =
              is_yes(table, receipt, "typed") ? ListingNotice::Receipt::typed : ListingNotice::Receipt::recorded;
          break;
        }
      }

      std::vector<engine::Reached> reached;
      links.reach(rows[i], &reached, &notice.unlinked);
      for (const engine::Reached& victim : reached) {
        ToldOfListing told;
        told.participant = victim.participant;
        for (const uint32_t telling : tellings[victim.participant]) {
          const uint32_t about = table.hearing(telling);
          const bool of_this = about == hearing || (about == 0 && table.crime(telling) == victim.crime);
          if (!of_this || table.occurred(telling).hi_ms < notice.made_at || table.lo_ms(telling) >= until) continue;
          told.told_at = std::max(table.lo_ms(telling), notice.made_at);
          if (notice.on) {
            told.notice_days = notice.on->days - calendar::london_date(*told.told_at).days;
            told.too_late = *told.notice_days <= 0;
          }
          break;
        }
        notice.told.push_back(told);
      }
      notices.push_back(std::move(notice));
      // A day that was taken back no longer stands against the next one.
      before = vacated ? std::nullopt : given;
      listed_before = true;
    }
  }
  std::ranges::sort(notices, {}, [&](const ListingNotice& one) {
    return std::tuple(one.made_at, table.hearings.name(one.hearing), one.row);
  });
  return notices;
}

std::vector<CodedReason> coded_reasons(const model::EventTable& table, int64_t as_at) {
  const model::Vocabulary& vocabulary = table.vocabulary();
  const int32_t field = vocabulary.field_id("listing_reason");
  std::vector<CodedReason> reasons;
  if (field < 0) return reasons;
  const Standing standing(table, as_at);
  for (uint32_t row = 0; row < table.size(); ++row) {
    int64_t value = 0;
    if (!table.detail_value(row, static_cast<uint16_t>(field), &value)) continue;
    if (table.lo_ms(row) > as_at || !standing.stands(row)) continue;
    const std::string& type = vocabulary.type_of(table.code(row)).name;
    const std::string_view result = type == "hearing.vacated" ? "vacated" : word_of(table, row, "trial_result");
    reasons.push_back({row, table.codes.name(static_cast<uint32_t>(value)), result});
  }
  return reasons;
}

}  // namespace kept::app
