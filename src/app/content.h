#pragma once
#include <string>

#include "base/result.h"
#include "html/words.h"

namespace kept::app {

/// The folder that holds rules/ and content/: the environment variable KEPT_HOME, or where the program was built.
std::string home_folder();

/// Reads every `*.yaml` of a folder into one set of words: nested keys are joined by dots.
/// Errors: not_found (the folder), invalid (a file that is not a map of texts, or a key given twice), naming file and
/// line.
base::Result<html::Words> read_words(const std::string& folder);

}  // namespace kept::app
