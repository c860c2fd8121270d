#include "html/words.h"

namespace kept::html {

std::vector<std::string> Words::keys() const {
  std::vector<std::string> out;
  out.reserve(texts_.size());
  for (const auto& [key, text] : texts_) out.push_back(key);
  return out;
}

std::string Words::say(std::string_view key,
                       std::initializer_list<std::pair<std::string_view, std::string>> places) const {
  const auto found = texts_.find(key);
  if (found == texts_.end()) return "<<" + std::string(key) + ">>";
  const std::string& text = found->second;
  std::string out;
  out.reserve(text.size() + 32);
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t opened = text.find('{', at);
    const std::size_t closed = opened == std::string::npos ? opened : text.find('}', opened);
    if (closed == std::string::npos) break;
    out.append(text, at, opened - at);
    const std::string_view name = std::string_view(text).substr(opened + 1, closed - opened - 1);
    const std::string* value = nullptr;
    for (const auto& [place, filled] : places) {
      if (place == name) value = &filled;
    }
    if (value != nullptr) {
      out += *value;
    } else {
      out.append(text, opened, closed - opened + 1);
    }
    at = closed + 1;
  }
  out.append(text, at, std::string::npos);
  return out;
}

}  // namespace kept::html
