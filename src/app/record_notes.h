#pragma once
#include <string>
#include <vector>

#include "app/records.h"

namespace kept::app {

/// What a person should know about records that were read without a fault and yet will not be understood as meant:
/// agencies that fill no role, and crimes whose offence no table counts by. Each says what to do.
std::vector<std::string> record_notes(const Records& records);

}  // namespace kept::app
