#include "rules/problems.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace kept::rules {
namespace {

/// Edits between two words; gives up above `most`.
std::size_t distance(std::string_view a, std::string_view b, std::size_t most) {
  if (a.size() > b.size() + most || b.size() > a.size() + most) return most + 1;
  std::vector<std::size_t> before_last(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t same = a[i - 1] == b[j - 1] ? 0 : 1;
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + same});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    std::swap(before_last, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

}  // namespace

void Problems::add(const std::string& file, int line, std::string message) {
  // The same mistake met twice (a map read for two purposes) is one.
  const bool known = std::any_of(list_.rbegin(), list_.rend(), [&](const Problem& one) {
    return one.line == line && one.message == message && one.file == file;
  });
  if (known) return;
  std::size_t& count = count_[file];
  if (++count <= most_per_file) list_.push_back({file, line, std::move(message)});
}

base::Error Problems::error() const {
  std::vector<Problem> sorted = list_;
  std::stable_sort(sorted.begin(), sorted.end(), [](const Problem& a, const Problem& b) {
    return std::tie(a.file, a.line) < std::tie(b.file, b.line);
  });
  std::string text;
  for (const Problem& problem : sorted) {
    text += (text.empty() ? "" : "\n") + fmt::format("{}:{}: {}", problem.file, problem.line, problem.message);
  }
  for (const auto& [file, count] : count_) {
    if (count > most_per_file) {
      text += fmt::format("\n{}: {} more mistakes are not shown; mend these first", file, count - most_per_file);
    }
  }
  return base::invalid(std::move(text));
}

std::string shown(std::string_view text) {
  constexpr std::size_t longest = 60;
  std::string out;
  for (const char c : text.substr(0, longest)) out += (static_cast<unsigned char>(c) >= ' ' && c != 127) ? c : '?';
  // Never half a letter: UTF-8 continuation bytes at the cut go too.
  if (text.size() > longest) {
    while (!out.empty() && (static_cast<unsigned char>(out.back()) & 0xc0) == 0x80) out.pop_back();
    if (!out.empty() && static_cast<unsigned char>(out.back()) >= 0xc0) out.pop_back();
    out += "...";
  }
  return out;
}

std::string nearest(std::string_view written, const std::vector<std::string>& candidates) {
  if (written.size() > 100) return {};
  // The beginning of a longer name, when nothing shorter could be meant: `VC2020-R6.1` of `VC2020-R6.1a`.
  std::string longer;
  for (const std::string& candidate : candidates) {
    const bool begins = written.size() >= 4 && candidate.size() > written.size() && candidate.starts_with(written);
    if (begins && (longer.empty() || candidate.size() < longer.size())) longer = candidate;
  }
  if (!longer.empty()) return longer;
  const std::size_t most = written.size() < 4 ? 1 : written.size() < 9 ? 2 : 3;
  std::string best;
  std::size_t best_distance = most + 1;
  for (const std::string& candidate : candidates) {
    const std::size_t edits = distance(written, candidate, most);
    if (edits < best_distance) {
      best_distance = edits;
      best = candidate;
    }
  }
  if (!best.empty()) return best;
  // `arrested` for `suspect.arrested`: the same last word, when only one name has it.
  for (const std::string& candidate : candidates) {
    const bool ends_so = candidate.size() > written.size() + 1 && written.size() >= 4 &&
                         std::string_view(candidate).substr(candidate.size() - written.size()) == written &&
                         !std::isalnum(static_cast<unsigned char>(candidate[candidate.size() - written.size() - 1]));
    if (!ends_so) continue;
    if (!best.empty()) return {};
    best = candidate;
  }
  return best;
}

std::string suggestion(std::string_view written, const std::vector<std::string>& candidates) {
  const std::string near = nearest(written, candidates);
  if (!near.empty()) return fmt::format("; did you mean `{}`?", near);
  if (!candidates.empty() && candidates.size() <= 30) {
    return fmt::format("; it may be: {}", fmt::join(candidates, ", "));
  }
  return {};
}

}  // namespace kept::rules
