#pragma once
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace kept::cli {

/// What is wrong with `words`, a command line that `app` has refused: the command that there is none of, the one that
/// is missing or the option that is not known, with the choices. Empty: it is none of these, and CLI11 says it better.
std::string usage_mistake(CLI::App& app, const std::vector<std::string>& words);

}  // namespace kept::cli
