#pragma once
#include <string>

namespace kept::cli {

/// For the check of an option that counts: what is wrong with `text`, or nothing where it is a whole number from 1 on.
std::string not_from_one(const std::string& text);

}  // namespace kept::cli
