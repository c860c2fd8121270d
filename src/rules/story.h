#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/coverage.h"
#include "model/event_table.h"
#include "rules/document.h"

namespace kept::rules {

/// A story: events written one a line, as docs/formats/rules.md describes them, with everything left unsaid filled in.
struct Story {
  struct Line {
    std::string text;
    std::string file;
    int line = 0;
  };
  std::vector<Line> lines;
  bool links_explicit = false;  ///< only the links that the lines tell
  std::string agency;           ///< who sends what names no agency: the bearer of the duty
};

/// The lines of a story: a list of texts, or one block of text with a line an event. Empty lines and `#` remarks are
/// left out.
std::vector<Story::Line> story_lines(Yaml node, Problems* problems);

/// The events of a story. Nothing after a problem (unknown type or field, a date that does not exist), which names file
/// and line. Links come first: the person V to crime X, and every person, suspect and hearing named to the crime of its
/// event, on 2000-01-01.
std::optional<model::EventTable> tell(const Story& story, const std::shared_ptr<const model::Vocabulary>& vocabulary,
                                      Problems* problems);

/// `as_at:` and `recorded_by:` of an example: an instant, or a date meaning its end. Nothing after a problem.
std::optional<int64_t> read_clock(Yaml node, Problems* problems);

/// `coverage:` of an example: absent or `complete`, `inferred`, or a list of `AGENCY TYPE FROM..TO` (TYPE may be `*`).
engine::Coverage read_coverage(Yaml node, model::EventTable* table, Problems* problems);

}  // namespace kept::rules
