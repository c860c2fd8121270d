#include "rules/example.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace kept::rules {
namespace {

using model::Due;
using model::LateUnit;
using model::Obligation;
using model::Outcome;
using model::WindowState;

const std::vector<std::string>& outcome_words() {
  static const std::vector<std::string> words = [] {
    std::vector<std::string> all;
    for (int i = 0; i < model::outcome_count; ++i) all.emplace_back(model::outcome_name(static_cast<Outcome>(i)));
    for (const char* more : {"done", "not done", "used"}) all.emplace_back(more);
    return all;
  }();
  return words;
}

std::string trimmed(std::string text) {
  const std::size_t begin = text.find_first_not_of(" \t\n");
  if (begin == std::string::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\n") - begin + 1);
}

const char* window_word(WindowState state) {
  switch (state) {
    case WindowState::used:
      return "used";
    case WindowState::lapsed:
      return "lapsed";
    case WindowState::open:
      return "open";
    case WindowState::cannot_tell:
      return "cannot tell";
    case WindowState::not_a_window:
      break;
  }
  return "";
}

std::string due_text(const Due& due) {
  if (due.kind == Due::Kind::date) return calendar::to_string(calendar::LocalDate{static_cast<int32_t>(due.value)});
  return due.kind == Due::Kind::instant ? model::instant_text(due.value) : "none";
}

const char* unit_word(LateUnit unit, int32_t count) {
  switch (unit) {
    case LateUnit::hours:
      return count == 1 ? "hour" : "hours";
    case LateUnit::working_days:
      return count == 1 ? "working day" : "working days";
    case LateUnit::days:
      return count == 1 ? "day" : "days";
    case LateUnit::none:
      break;
  }
  return "";
}

/// `3 working days` into number and unit.
bool read_late(const std::string& text, Expectation* expectation) {
  int32_t number = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failed != std::errc()) return false;
  const std::string unit = trimmed(std::string(end, static_cast<std::size_t>(text.data() + text.size() - end)));
  for (const LateUnit one : {LateUnit::hours, LateUnit::working_days, LateUnit::days}) {
    if (unit != unit_word(one, 1) && unit != unit_word(one, 2)) continue;
    expectation->late_by = number;
    expectation->late_unit = one;
    return true;
  }
  return false;
}

}  // namespace

std::optional<Expectation> read_expectation(Yaml node, Problems* problems) {
  Expectation expectation;
  expectation.text = trimmed(node.text());
  const auto refuse = [&](std::string message) {
    problems->add(node.file(), node.line(), std::move(message));
    return std::nullopt;
  };
  if (!node.is_text() || expectation.text.empty())
    return refuse("`expect:` is text such as: late, due 2026-12-31, late 2 working days");
  std::vector<std::string> parts;
  for (std::size_t at = 0; at <= expectation.text.size();) {
    const std::size_t end = std::min(expectation.text.find(',', at), expectation.text.size());
    parts.push_back(trimmed(expectation.text.substr(at, end - at)));
    at = end + 1;
  }
  expectation.outcome = parts.front();
  if (std::find(outcome_words().begin(), outcome_words().end(), expectation.outcome) == outcome_words().end()) {
    return refuse(fmt::format("`{}` is not an outcome{}", shown(expectation.outcome),
                              suggestion(expectation.outcome, outcome_words())));
  }
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const std::string& part = parts[i];
    if (part.starts_with("due ")) {
      const std::string when = trimmed(part.substr(4));
      const auto moment = model::parse_moment(when);
      if (when == "none") {
        expectation.due = Due{};
      } else if (!moment || moment->precision == model::Precision::coarse) {
        return refuse(fmt::format(
            "`due {}` is not a date or an instant; write due 2026-12-31, due 2026-12-31T10:00Z, or due none",
            shown(when)));
      } else if (moment->precision == model::Precision::date) {
        expectation.due = Due{Due::Kind::date, moment->on().days};
      } else {
        expectation.due = Due{Due::Kind::instant, moment->lo_ms};
      }
      continue;
    }
    if (part.starts_with("late ")) {
      if (!read_late(trimmed(part.substr(5)), &expectation))
        return refuse(fmt::format("`{}` does not say how late; write late 3 working days, late 3 days or late 3 hours",
                                  shown(part)));
      continue;
    }
    bool known = false;
    std::vector<std::string> names;
    for (uint32_t bit = 1; bit <= model::flag_transfer_not_accepted; bit <<= 1) {
      names.emplace_back(model::flag_name(bit));
      if (part != names.back()) continue;
      expectation.flags.push_back(bit);
      known = true;
    }
    if (!known)
      return refuse(fmt::format("`{}` is not something an obligation can be flagged with{}", shown(part),
                                suggestion(part, names)));
  }
  return expectation;
}

bool meets(const Expectation& expected, const Obligation& got, const engine::Duty& duty) {
  const bool window = duty.kind == engine::DutyKind::window;
  bool outcome = false;
  if (window && got.outcome != Outcome::not_owed) {
    outcome = expected.outcome == window_word(got.window);
  } else if (expected.outcome == "done") {
    outcome = got.outcome == Outcome::kept;
  } else if (expected.outcome == "not done") {
    outcome = got.outcome == Outcome::open || got.outcome == Outcome::overdue || got.outcome == Outcome::missed;
  } else {
    outcome = expected.outcome == model::outcome_name(got.outcome);
  }
  if (!outcome) return false;
  if (expected.due && !(*expected.due == got.due_on)) return false;
  if (expected.late_by && (*expected.late_by != got.late_by || expected.late_unit != got.late_unit)) return false;
  return std::all_of(expected.flags.begin(), expected.flags.end(),
                     [&](uint32_t bit) { return (got.flags & bit) != 0; });
}

std::string expectation_text(const Obligation& got, const engine::Duty& duty) {
  const bool window = duty.kind == engine::DutyKind::window && got.outcome != Outcome::not_owed;
  std::string text = window ? window_word(got.window) : model::outcome_name(got.outcome);
  if (got.due_on.kind != Due::Kind::none) text += ", due " + due_text(got.due_on);
  if (got.late_unit != LateUnit::none)
    text += fmt::format(", late {} {}", got.late_by, unit_word(got.late_unit, got.late_by));
  for (uint32_t bit = 1; bit <= model::flag_transfer_not_accepted; bit <<= 1) {
    if ((got.flags & bit) != 0) text += std::string(", ") + model::flag_name(bit);
  }
  return text;
}

std::optional<Example> read_example(Yaml node, Example::Of of, const std::string& subject, const std::string& agency,
                                    Problems* problems) {
  const std::size_t before = problems->size();
  const Fields map(node, "an example", {"why", "events", "expect", "as_at", "recorded_by", "coverage", "links"},
                   problems);
  if (!map.is_map()) return std::nullopt;
  Example example;
  example.of = of;
  example.subject = subject;
  example.file = node.file();
  example.line = node.line();
  example.why = map.need_text("why", "say in one line what it shows");
  example.story.lines =
      story_lines(map.need("events", "list what happened, a line an event; `events: []` where nothing did"), problems);
  example.story.agency = agency;
  if (map.has("links")) {
    example.story.links_explicit = map.text("links") == "explicit";
    if (!example.story.links_explicit)
      map.problem(map.get("links"), "`links:` can only be `explicit`: no link but those the events tell");
  }
  example.as_at = map.get("as_at");
  example.recorded_by = map.get("recorded_by");
  example.coverage = map.get("coverage");
  const Yaml expect = map.need("expect", "say what must come out, for example kept, due 2026-12-31");
  if (of != Example::Of::duty) {
    example.expect_text = map.text("expect");
  } else if (expect.is_list()) {
    for (const Yaml& item : expect.items()) {
      if (auto expectation = read_expectation(item, problems)) example.expect.push_back(std::move(*expectation));
    }
  } else if (expect) {
    if (auto expectation = read_expectation(expect, problems)) example.expect.push_back(std::move(*expectation));
  }
  if (problems->size() != before) return std::nullopt;
  return example;
}

bool shows_boundary(const Example& example) {
  for (const Expectation& expectation : example.expect) {
    if ((expectation.outcome != "kept" && expectation.outcome != "used") || !expectation.due) continue;
    for (const Story::Line& line : example.story.lines) {
      const std::size_t begin = line.text.find_first_not_of(" \t");
      const auto when =
          model::parse_moment(std::string_view(line.text).substr(begin, line.text.find(' ', begin) - begin));
      if (!when) continue;
      if (expectation.due->kind == Due::Kind::date && when->on().days == expectation.due->value) return true;
      if (expectation.due->kind == Due::Kind::instant && when->lo_ms == expectation.due->value) return true;
    }
  }
  return false;
}

}  // namespace kept::rules
