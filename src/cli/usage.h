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

/// The same for a value that cannot be read, or options that do not go together: `says`, and where to look.
std::string value_mistake(const CLI::App& app, const std::string& says);

/// Everything that the command line `app` was given lacks and its command must have, in one sentence. Empty: nothing.
std::string missing_words(const CLI::App& app);

}  // namespace kept::cli
