#pragma once
#include <string>
#include <string_view>

namespace kept::app {

/// Text for a terminal under construction: sections with their headings, sentences broken between words at 100 columns.
class PlainText {
 public:
  void heading(std::string_view text);                   ///< a line, underlined
  void section(std::string_view title);                  ///< an empty line, and the title if there is one
  void sentence(std::string_view text, int indent = 2);  ///< nothing when empty
  void item(std::string_view text, int indent = 4);      ///< with a dash before it
  const std::string& text() const { return out_; }

 private:
  void wrapped(std::string_view text, const std::string& first, const std::string& rest);
  std::string out_;
};

}  // namespace kept::app
