#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "html/picture.h"
#include "html/words.h"
#include "measures/duty_label.h"
#include "measures/figures.h"
#include "measures/headline.h"

namespace kept::measures {

/// The outcomes that a bar shows, in their order, with their fills: what fell due, then what cannot be told.
struct ShownOutcome {
  model::Outcome outcome;
  html::Fill fill;
};
const std::vector<ShownOutcome>& shown_outcomes();

/// `Right 6` for a number, otherwise the text as it is.
std::string right_text(const std::string& right);
/// `police`, `Witness Care Unit`: a role as words; one that content/ does not know by its own name.
std::string bearer_text(const std::string& bearer, const html::Words& words);
/// A borough's name for its code; a place that content/ does not know as it is.
std::string place_text(const std::string& place, const html::Words& words);
/// `domestic abuse offence`: a name of data as words.
std::string spaced(std::string name);
/// Sorts `2` before `10`.
std::tuple<int, std::string> right_order(const std::string& right);
/// `March 2024` and `2024-03`.
std::string month_words(int16_t month);
std::string month_key(int16_t month);

/// Does an obligation of this duty with this due month stand in a headline? Without a number and without a due date:
/// done or not done.
bool in_headline(const DutyLabel& label, int16_t month);

/// Does any of these duties belong to the Code? Rules of one's own need not hold one.
bool any_of_the_code(const DutyLabels& labels);
/// What heads the figures of a standing. Where no duty is the Code's, what is local are the rules that were given.
std::string standing_text(Standing standing, const DutyLabels& labels, const html::Words& words);

/// One place in a grouping by edition, right and bearer.
struct RightAndBearer {
  std::string edition, right, bearer, right_title;
  OutcomeCounts counts{};
};

/// The figures of one standing, added up in the ways that the report and the terminal show.
struct Grouping {
  OutcomeCounts total{};
  OutcomeCounts without_date{};  ///< of duties without a number that nothing has set a date for: done or not done
  OutcomeCounts not_yet_due{};  ///< due in a month that had not begun: what is done already counts when its month comes
  std::vector<RightAndBearer> by_right;
  std::map<int16_t, OutcomeCounts> by_month;
  std::map<uint16_t, OutcomeCounts> by_borough, by_offence;
  std::map<uint16_t, std::map<int16_t, OutcomeCounts>> by_borough_and_month;
  OutcomeCounts standard{}, enhanced{}, entitled_not_recognised{};
  std::map<uint16_t, uint64_t> too_late_to_use;  ///< by duty
};
/// `as_at_month`: the last month counted; no_month counts all. A later month would hold only what was done early.
Grouping group(const Figures& figures, const DutyLabels& labels, Standing standing, int16_t as_at_month);

/// `71.2%`, or the words for no figure.
std::string rate_text(const OutcomeCounts& counts, const html::Words& words);
/// `66.1%–74.0%`; empty when nothing is unknown.
std::string range_text(const OutcomeCounts& counts);

}  // namespace kept::measures
