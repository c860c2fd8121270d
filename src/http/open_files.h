#pragma once
#include <cstddef>

#include "base/result.h"

namespace kept::http {

/// Lets the process open the files that so many connections need, and some for everything else. Raises the process' own
/// limit as far as it may. Errors: io, where that is not far enough.
base::Status allow_files(std::size_t connections);

}  // namespace kept::http
