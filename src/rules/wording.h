#pragma once
#include <string>
#include <vector>

#include "engine/rule_book.h"

namespace kept::rules {

/// `5 working days`; `until the day before the 18th birthday`; `28 days before hearing_on`; `without a number`.
std::string limit_words(const engine::TimeLimit& limit, const engine::RuleBook& book);

/// Every limit of a duty: `5 working days, or 1 working day with Enhanced Rights`; dated ones with their dates.
std::string limits_words(const engine::Duty& duty, const engine::RuleBook& book);

/// `victim.informed or victim.understood, about arrest`: the types, each in back quotes, and what is asked of their
/// fields.
std::string pattern_words(const engine::Pattern& pattern, const engine::RuleBook& book);
std::string patterns_words(const std::vector<engine::Pattern>& patterns, bool all_of, const engine::RuleBook& book);

/// A condition in words; empty for none.
std::string condition_words(const engine::Condition& condition, const engine::RuleBook& book);

/// How a text was read: `official text`, `reproduction`, `recalled, still to be verified`.
std::string read_words(engine::ReadAs read);

/// What of a duty still has to be verified against the Code, in words; empty when nothing.
std::string unverified_words(const engine::Source& source);

/// `from 1 April 2021`, or from and to; 2099-12-31 is no end.
std::string force_words(calendar::LocalDate from, calendar::LocalDate to);

/// `1 April 2021`.
std::string date_words(calendar::LocalDate date);

}  // namespace kept::rules
