#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rules/problems.h"

namespace kept::rules {

class Document;

/// One place in a YAML document: absent, empty, text, a list or a map. Cheap to copy; its document must outlive it.
class Yaml {
 public:
  enum class Kind : uint8_t { absent, empty, text, list, map };

  Yaml() = default;
  Yaml(const Document* document, uint32_t node) : document_(document), node_(node) {}
  Kind kind() const;
  explicit operator bool() const { return document_ != nullptr; }  ///< false only for absent
  bool is_text() const { return kind() == Kind::text; }
  bool is_list() const { return kind() == Kind::list; }
  bool is_map() const { return kind() == Kind::map; }
  bool is_quoted() const;
  /// The text of a text node, empty otherwise.
  const std::string& text() const;
  int line() const;  ///< from 1; 0 for absent
  const std::string& file() const;
  std::vector<Yaml> items() const;                     ///< of a list; empty otherwise
  std::vector<std::pair<Yaml, Yaml>> entries() const;  ///< of a map, key and value, in the order written

 private:
  const Document* document_ = nullptr;
  uint32_t node_ = 0;
};

/// A YAML file as a tree with line numbers, read within bounds: 4 MiB, 32 levels, one document, no anchors, aliases or
/// tags (a few bytes of those can stand for gigabytes), no key twice in a map.
class Document {
 public:
  static constexpr std::size_t largest_bytes = std::size_t{4} << 20;
  static constexpr std::size_t deepest = 32;

  /// Nothing when the text is refused; why then stands in `problems`. `path` is only named in messages.
  static std::unique_ptr<Document> parse(const std::string& text, const std::string& path, Problems* problems);
  Yaml root() const { return {this, 0}; }
  const std::string& path() const { return path_; }

 private:
  friend class Yaml;
  friend class TreeBuilder;
  static constexpr uint32_t none = UINT32_MAX;
  struct Node {
    Yaml::Kind kind = Yaml::Kind::empty;
    bool quoted = false;
    int line = 0;
    uint32_t first_child = none;
    uint32_t next = none;
    std::string text;
  };
  std::string path_;
  std::vector<Node> nodes_;
};

/// One YAML map read by name: says which keys it may have, names the nearest known one for a mistake.
class Fields {
 public:
  /// `what` names the map in messages: "this duty". Mistakes go to `problems`.
  Fields(Yaml map, std::string what, std::vector<std::string> known, Problems* problems);
  bool is_map() const { return map_.is_map(); }
  int line() const { return map_.line(); }
  Yaml node() const { return map_; }

  bool has(std::string_view key) const { return static_cast<bool>(get(key)); }
  Yaml get(std::string_view key) const;  ///< absent when not given
  /// As `get`; adds a problem with the mend when it is not given.
  Yaml need(std::string_view key, std::string_view mend) const;
  /// Text of a key; empty (and a problem) when it is something else.
  std::string text(std::string_view key) const;
  std::string need_text(std::string_view key, std::string_view mend) const;
  bool yes_no(std::string_view key, bool otherwise) const;
  /// A text, or a list of texts.
  std::vector<std::string> texts(std::string_view key) const;
  /// A text out of `words`, by its place; nothing (and a problem) when it is none of them.
  std::optional<std::size_t> one_of(std::string_view key, const std::vector<std::string>& words) const;
  void problem(Yaml at, std::string message) const;
  void problem(std::string message) const { problem(map_, std::move(message)); }

 private:
  Yaml map_;
  std::string what_;
  Problems* problems_;
  std::vector<std::pair<std::string, Yaml>> values_;
};

/// The texts of a text or list node; anything else in it is a problem.
std::vector<std::string> texts_of(Yaml node, std::string_view what, Problems* problems);

}  // namespace kept::rules
