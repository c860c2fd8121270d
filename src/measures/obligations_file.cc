#include "measures/obligations_file.h"

#include <algorithm>

#include "measures/cells_file.h"
#include "measures/obligation_name.h"

namespace kept::measures {
namespace {

using columns::ColumnKind;
using columns::ColumnPlan;
using columns::TableWriter;
using model::Due;
using model::Obligation;

enum Place : std::size_t {
  id,
  participant,
  crime,
  hearing,
  duty,
  right,
  bearer,
  edition,
  standing,
  verified,
  interval,
  trigger_type,
  trigger_at,
  clock_started_at,
  due_on,
  due_at,
  first_due_on,
  outcome,
  would_have_been,
  window,
  reason,
  done_at,
  late_by,
  late_unit,
  late_hours,
  missing_fact,
  missing_agency,
  missing_on,
  held_by,
  enhanced,
  borough,
  offence,
  flags,
};

std::vector<std::string> reason_words() {
  std::vector<std::string> words;
  for (int i = 0; i < model::reason_count; ++i) words.emplace_back(model::reason_key(static_cast<model::Reason>(i)));
  return words;
}

std::vector<std::string> outcome_words() {
  std::vector<std::string> words;
  for (int i = 0; i < model::outcome_count; ++i) words.emplace_back(model::outcome_key(static_cast<model::Outcome>(i)));
  return words;
}

std::vector<ColumnPlan> plan() {
  return {{"id", ColumnKind::text, {}},
          {"participant", ColumnKind::text, {}},
          {"crime", ColumnKind::text, {}},
          {"hearing", ColumnKind::text, {}},
          {"duty", ColumnKind::text, {}},
          {"right", ColumnKind::text, {}},
          {"bearer", ColumnKind::text, {}},
          {"edition", ColumnKind::text, {}},
          {"standing", ColumnKind::word, {"code", "unverified", "related", "local", "chain", "window"}},
          {"verified", ColumnKind::yes_no, {}},
          {"interval", ColumnKind::int32, {}},
          {"trigger_type", ColumnKind::text, {}},
          {"trigger_at", ColumnKind::instant, {}},
          {"clock_started_at", ColumnKind::instant, {}},
          {"due_on", ColumnKind::date, {}},
          {"due_at", ColumnKind::instant, {}},
          {"first_due_on", ColumnKind::date, {}},
          {"outcome", ColumnKind::word, outcome_words()},
          {"would_have_been", ColumnKind::word, outcome_words()},
          {"window", ColumnKind::word, {"not_a_window", "used", "lapsed", "open", "cannot_tell"}},
          {"reason", ColumnKind::word, reason_words()},
          {"done_at", ColumnKind::instant, {}},
          {"late_by", ColumnKind::int32, {}},
          {"late_unit", ColumnKind::word, {"none", "hours", "working_days", "days"}},
          {"late_hours", ColumnKind::real, {}},
          {"missing_fact", ColumnKind::text, {}},
          {"missing_agency", ColumnKind::text, {}},
          {"missing_on", ColumnKind::date, {}},
          {"held_by", ColumnKind::text, {}},
          {"enhanced", ColumnKind::yes_no, {}},
          {"borough", ColumnKind::text, {}},
          {"offence", ColumnKind::text, {}},
          {"flags", ColumnKind::text, {}}};
}

}  // namespace

base::Result<ObligationsFile> ObligationsFile::open(const std::string& path, const DutyLabels& labels,
                                                    const model::EventTable& table, const CrimeTraitsTable& traits) {
  auto opened = TableWriter::open(path, plan());
  if (!opened) return opened.error();
  return ObligationsFile(std::move(*opened), labels, table, traits);
}

/// Flags as their names, each without spaces, a space between two.
const std::string& ObligationsFile::flags_text(uint32_t bits) {
  const auto found = flags_.find(bits);
  if (found != flags_.end()) return found->second;
  std::string text;
  for (uint32_t rest = bits; rest != 0; rest &= rest - 1) {
    std::string name = model::flag_name(rest & ~(rest - 1));
    std::replace(name.begin(), name.end(), ' ', '_');
    if (!text.empty()) text += ' ';
    text += name;
  }
  return flags_.emplace(bits, std::move(text)).first->second;
}

void ObligationsFile::fill(const Obligation& one) {
  const std::size_t at = row_;
  const DutyLabel& label = labels_[one.duty];
  const auto text_or_absent = [&](Place place, const std::string& text) {
    if (text.empty()) {
      writer_.set_absent(place, at);
    } else {
      writer_.set_text(place, at, text);
    }
  };
  const auto instant_or_absent = [&](Place place, bool there, int64_t value) {
    writer_.values<int64_t>(place)[at] = there ? value : 0;
    if (!there) writer_.set_absent(place, at);
  };
  const auto date_or_absent = [&](Place place, bool there, int64_t days) {
    writer_.values<int32_t>(place)[at] = there ? static_cast<int32_t>(days) : 0;
    if (!there) writer_.set_absent(place, at);
  };
  const bool has_trigger = one.trigger_row != Obligation::no_row;
  writer_.set_text(id, at, obligation_name(one, label.id, table_));
  text_or_absent(participant, table_.participants.name(one.participant));
  text_or_absent(crime, table_.crimes.name(one.crime));
  text_or_absent(hearing, table_.hearings.name(one.hearing));
  writer_.set_text(duty, at, label.id);
  writer_.set_text(right, at, label.right);
  writer_.set_text(bearer, at, label.bearer);
  writer_.set_text(edition, at, label.edition);
  writer_.values<uint16_t>(standing)[at] = static_cast<uint16_t>(label.standing);
  writer_.values<uint8_t>(verified)[at] = label.verified;
  writer_.values<int32_t>(interval)[at] = static_cast<int32_t>(one.interval);
  if (one.interval == 0) writer_.set_absent(interval, at);
  if (has_trigger) {
    writer_.set_text(trigger_type, at, table_.vocabulary().code_name(table_.code(one.trigger_row)));
  } else {
    writer_.set_absent(trigger_type, at);
  }
  instant_or_absent(trigger_at, has_trigger, has_trigger ? table_.lo_ms(one.trigger_row) : 0);
  instant_or_absent(clock_started_at, true, one.start_at);
  date_or_absent(due_on, one.due_on.kind == Due::Kind::date, one.due_on.value);
  instant_or_absent(due_at, one.due_on.kind == Due::Kind::instant, one.due_on.value);
  date_or_absent(first_due_on, one.first_due_on.kind == Due::Kind::date, one.first_due_on.value);
  const bool is_window = one.window != model::WindowState::not_a_window;
  writer_.values<uint16_t>(outcome)[at] = static_cast<uint16_t>(one.outcome);
  if (is_window) writer_.set_absent(outcome, at);
  writer_.values<uint16_t>(would_have_been)[at] = static_cast<uint16_t>(one.would_have_been);
  if (one.outcome != model::Outcome::withdrawn_after_due || is_window) writer_.set_absent(would_have_been, at);
  writer_.values<uint16_t>(window)[at] = static_cast<uint16_t>(one.window);
  if (!is_window) writer_.set_absent(window, at);
  writer_.values<uint16_t>(reason)[at] = static_cast<uint16_t>(one.reason);
  if (one.reason == model::Reason::none) writer_.set_absent(reason, at);
  instant_or_absent(done_at, one.fulfilled_row != Obligation::no_row, one.fulfilled_at);
  writer_.values<int32_t>(late_by)[at] = one.late_by;
  writer_.values<uint16_t>(late_unit)[at] = static_cast<uint16_t>(one.late_unit);
  writer_.values<double>(late_hours)[at] = static_cast<double>(one.late_ms) / 3600000.0;
  if (one.late_unit == model::LateUnit::none) {
    writer_.set_absent(late_by, at);
    writer_.set_absent(late_unit, at);
  }
  if (one.late_unit == model::LateUnit::none || one.late_ms == 0) writer_.set_absent(late_hours, at);
  const bool untold = one.outcome == model::Outcome::cannot_tell || one.window == model::WindowState::cannot_tell;
  text_or_absent(missing_fact,
                 untold && one.missing_code != 0 ? table_.vocabulary().code_name(one.missing_code) : std::string());
  text_or_absent(missing_agency, untold ? table_.agencies.name(one.missing_agency) : std::string());
  date_or_absent(missing_on, untold && one.missing_on != 0, one.missing_on);
  text_or_absent(held_by, table_.agencies.name(one.agency));
  writer_.values<uint8_t>(enhanced)[at] = (one.flags & model::flag_enhanced) != 0;
  CrimeTraits known;
  if (one.crime < traits_.by_crime.size()) known = traits_.by_crime[one.crime];
  text_or_absent(borough, traits_.boroughs[known.borough]);
  text_or_absent(offence, traits_.offences[known.offence]);
  text_or_absent(flags, flags_text(one.flags));
}

base::Status ObligationsFile::take(const Obligation* first, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    fill(first[i]);
    if (++row_ < TableWriter::batch_rows) continue;
    if (const base::Status written = writer_.commit(row_); !written) return written.error();
    row_ = 0;
  }
  return base::Done{};
}

base::Status ObligationsFile::finish() {
  if (row_ > 0) {
    if (const base::Status written = writer_.commit(row_); !written) return written.error();
    row_ = 0;
  }
  return writer_.finish();
}

}  // namespace kept::measures
