#pragma once
#include "engine/rule_book.h"
#include "measures/duty_label.h"

namespace kept::app {

/// Was the duty, with its number, read in a source about its own edition? Which parts of such a row are still only
/// recalled stands in its source's `unverified`, and is shown wherever the duty is.
bool is_verified(const engine::Duty& duty);

/// What the figures need to know of each duty, in the order of the book.
measures::DutyLabels duty_labels(const engine::RuleBook& book);

}  // namespace kept::app
