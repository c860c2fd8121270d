#pragma once
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace kept::html {

/// One attribute of an element. The name is written by us; the value may come from anywhere and is escaped.
/// An attribute with an empty value is written as a bare name (`hidden`).
struct Attribute {
  std::string_view name;
  std::string value;
};
using Attributes = std::initializer_list<Attribute>;

/// `text` with & < > " ' as entities, and characters that HTML does not allow as U+FFFD. Safe between tags and inside
/// quotes. Bytes that are not UTF-8 are each written as U+FFFD, so that a bad byte cannot swallow the mark-up after it.
std::string escaped(std::string_view text);

/// HTML or SVG under construction, in one buffer. Escapes by default and offers no way around it: whatever reaches
/// `text` or an attribute's value is a text, never mark-up. Element and attribute names are literals of ours
/// (asserted).
class Markup {
 public:
  Markup& open(std::string_view element, Attributes attributes = {});
  /// Closes the element opened last. Precondition: it is `element`; said so that a reader sees the nesting, and
  /// asserted.
  Markup& close(std::string_view element);
  /// An element that holds nothing: `br`, `rect`, `line`.
  Markup& empty(std::string_view element, Attributes attributes = {});
  Markup& text(std::string_view text);
  /// An element that holds only a text.
  Markup& leaf(std::string_view element, Attributes attributes, std::string_view text);
  Markup& leaf(std::string_view element, std::string_view text) { return leaf(element, {}, text); }
  /// Other mark-up, finished (asserted), is taken in as it is.
  Markup& add(const Markup& other);
  /// An id not given before in this buffer: `prefix-1`, `prefix-2`, ...
  std::string fresh_id(std::string_view prefix);

  /// Precondition: every element is closed.
  const std::string& finished() const;
  bool is_finished() const { return open_.empty(); }

 private:
  friend std::string whole_page(const struct Page& page, const Markup& body);
  void start(std::string_view element, Attributes attributes);
  std::string out_;
  std::vector<std::string> open_;
  int ids_ = 0;
};

/// A page that stands alone: its style inside, nothing fetched, no script (a policy in the page forbids both).
struct Page {
  std::string language = "en-GB";
  std::string title;
  std::string_view style;  ///< a style sheet of ours (see stylesheet.h); never a text from outside
};

/// The page as the bytes of a file. `body` holds everything between <body> and </body>.
std::string whole_page(const Page& page, const Markup& body);

}  // namespace kept::html
