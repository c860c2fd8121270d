#pragma once
#include <string>
#include <vector>

#include "app/assess_files.h"
#include "html/words.h"

namespace kept::app {

/// What a person should know before reading the result: the notes of reading, what cannot be told because no coverage
/// was given, what no crime names; each with the mend.
std::vector<std::string> notes(const Assessment& assessment);

/// The result as a person reads it on a terminal: who is under the Code first, then the headline with its range, each
/// right and bearer, what cannot be told and whose fact is missing, what stands apart, what was assumed.
std::string table_text(const Assessment& assessment, const html::Words& words);

/// The result for machines: `{"as_at","recorded_by","victims","events","rejected","duties":[...],"windows":[...]}`.
/// `as_at` is an instant; `recorded_by` too, or null where everything recorded counts. `victims` are the people under
/// the Code. Each duty has `id right bearer verified obligations outcomes`, with every outcome of the table by its key.
/// Windows are never among the duties (C13): they have `id right verified opened states`.
std::string json_text(const Assessment& assessment);

/// One line a duty: id, right, bearer, verified, obligations, and a column for each outcome. No windows.
std::string csv_text(const Assessment& assessment);

}  // namespace kept::app
