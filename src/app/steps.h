#pragma once
#include <initializer_list>

#include "app/store_folder.h"
#include "base/result.h"

namespace kept::app {

/// Work on a store that can be broken off after any of its steps, and that the same call takes up again: each step is
/// taken once those before it are done, and heads are signed after the last.
template <class Work>
base::Status take_steps(Store& store, Work& work, std::initializer_list<base::Status (Work::*)()> steps) {
  for (const auto step : steps)
    if (base::Status done = (work.*step)(); !done) return done;
  return store.publish(false);
}

}  // namespace kept::app
