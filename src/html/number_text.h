#pragma once
#include <cstdint>
#include <string>

namespace kept::html {

/// A whole number with its thousands apart: `1,234,567`.
std::string grouped(int64_t number);

/// `part` of `whole` as a percentage with one decimal: `71.2%`. Never rounded to 0.0% or 100.0% unless it is exactly
/// that: one broken promise in a million shows as 99.9%. `no figure` when `whole` is 0. Precondition: 0 <= part <=
/// whole.
std::string percent(int64_t part, int64_t whole);

/// The same as a number of hundredths of a percent, for positions in a picture: 0 to 10,000.
int32_t per_ten_thousand(int64_t part, int64_t whole);

/// `1 victim`, `2 victims`: the number grouped, with the word that goes with it.
std::string counted(int64_t number, const std::string& one, const std::string& many);

}  // namespace kept::html
