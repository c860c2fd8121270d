#pragma once
#include <string>

namespace kept::app {

/// The text as a JSON string, quotes included.
std::string json_string(const std::string& text);

}  // namespace kept::app
