#pragma once
#include <string>

#include "app/records.h"
#include "html/words.h"
#include "measures/duty_label.h"

namespace kept::app {

/// The reasoning about one obligation in plain words, for staff: every fact with who recorded it and when, the rule
/// with its source and how well it was read, the edition, each day counted or skipped, what was done, what was
/// considered and why it does not decide, coverage, readings, flags, and the answer. Judges nothing again: it words
/// what the engine recorded, and shows the days between start and due date from the same calendar.
std::string explanation_text(const engine::Explanation& explanation, const Records& records, const std::string& id,
                             const html::Words& words);

}  // namespace kept::app
