#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/rule_book.h"
#include "model/obligation.h"
#include "rules/document.h"
#include "rules/story.h"

namespace kept::rules {

/// What an example says must come out: `late, due 2026-12-31, late 2 working days, enhanced`.
/// What it leaves unsaid may be anything.
struct Expectation {
  std::string
      outcome;  ///< as written: an outcome's name, `done`, `not done`, or a window's `used lapsed open cannot tell`
  std::optional<model::Due> due;
  std::optional<int32_t> late_by;
  model::LateUnit late_unit = model::LateUnit::none;
  std::vector<uint32_t> flags;
  std::string text;  ///< the whole line as written
};

/// Reads one expectation; nothing after a problem.
std::optional<Expectation> read_expectation(Yaml node, Problems* problems);

/// True when the obligation is what was expected.
bool meets(const Expectation& expected, const model::Obligation& got, const engine::Duty& duty);

/// An obligation in the words of an expectation, complete: outcome, due, how late, every flag.
std::string expectation_text(const model::Obligation& got, const engine::Duty& duty);

/// An example as a rule file gives it: why it is there, what happened, what must come out.
struct Example {
  enum class Of : uint8_t { duty, applicability, enhanced };
  Of of = Of::duty;
  std::string subject;  ///< the duty's id, the class's id, or the edition
  std::string why, file;
  int line = 0;
  Story story;
  Yaml as_at, recorded_by, coverage;  ///< absent: the defaults
  std::vector<Expectation> expect;    ///< of a duty
  std::string expect_text;            ///< of the others: a class, or `enhanced`/`standard`
};

/// One example out of a rule file. `agency` records what names nobody. Mistakes in its shape are problems; whether it
/// comes out is for check_examples.
std::optional<Example> read_example(Yaml node, Example::Of of, const std::string& subject, const std::string& agency,
                                    Problems* problems);

/// True when an example shows the last moment at which the duty is kept: kept, and something happened on the day (or
/// instant) it was due.
bool shows_boundary(const Example& example);

}  // namespace kept::rules
