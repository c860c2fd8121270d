#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace kept::http {

/// Whether this is a value of Host: a registered name or an address of either kind, with a port or without.
bool is_host(std::string_view host);

/// Whether `host`, as a request has it, is one of `hosts`, in any letters and with any port. None at all: every host
/// is.
bool answers_for(const std::vector<std::string>& hosts, std::string_view host);

}  // namespace kept::http
