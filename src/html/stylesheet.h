#pragma once
#include <string_view>

namespace kept::html {

/// The style of pages that stand alone. Dark text on light ground, every pair of text colours at WCAG AA or better; one
/// column that fits a telephone; printed without what only a screen can do. System fonts: nothing is fetched.
std::string_view report_style();

}  // namespace kept::html
