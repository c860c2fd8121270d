#include "rules/document.h"

#include <algorithm>
#include <istream>
#include <streambuf>
#include <unordered_set>

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

namespace kept::rules {
namespace {

const std::string nothing;

/// A refusal on the way through yaml-cpp, which only an exception can leave; caught in Document::parse.
struct Refused {
  int line;
  std::string message;
};

class TextBuffer : public std::streambuf {
 public:
  explicit TextBuffer(const std::string& text) {
    char* begin = const_cast<char*>(text.data());  // NOLINT(cppcoreguidelines-pro-type-const-cast): only ever read
    setg(begin, begin, begin + text.size());
  }
};

}  // namespace

class TreeBuilder : public YAML::EventHandler {
 public:
  explicit TreeBuilder(Document* document) : document_(document) {}

  void OnDocumentStart(const YAML::Mark& /*mark*/) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    refuse_anchor(mark, anchor);
    add(Yaml::Kind::empty, mark);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override { refuse_anchor(mark, 1); }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    const uint32_t node = add(Yaml::Kind::text, mark);
    document_->nodes_[node].text = value;
    document_->nodes_[node].quoted = tag == "!";
    if (tag == "?" && (value.empty() || value == "~" || value == "null")) {
      document_->nodes_[node].kind = Yaml::Kind::empty;
    }
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    open(Yaml::Kind::list, mark);
  }
  void OnSequenceEnd() override { open_.pop_back(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    open(Yaml::Kind::map, mark);
  }
  void OnMapEnd() override { open_.pop_back(); }

 private:
  struct Open {
    uint32_t node;
    uint32_t last_child;
  };
  static void refuse_anchor(const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (anchor == 0) return;
    throw Refused{mark.line + 1,
                  "anchors and aliases (&name, *name) are not read here; write the text out where it belongs"};
  }
  static void refuse_tag(const YAML::Mark& mark, const std::string& tag) {
    if (tag.empty() || tag == "?" || tag == "!") return;
    throw Refused{
        mark.line + 1,
        fmt::format("the tag `{}` is not read here; remove it (quote the text if it begins with `!`)", shown(tag))};
  }
  uint32_t add(Yaml::Kind kind, const YAML::Mark& mark) {
    std::vector<Document::Node>& nodes = document_->nodes_;
    const auto index = static_cast<uint32_t>(nodes.size());
    Document::Node node;
    node.kind = kind;
    node.line = mark.line + 1;
    nodes.push_back(std::move(node));
    if (!open_.empty()) {
      Open& parent = open_.back();
      (parent.last_child == Document::none ? nodes[parent.node].first_child : nodes[parent.last_child].next) = index;
      parent.last_child = index;
    }
    return index;
  }
  void open(Yaml::Kind kind, const YAML::Mark& mark) {
    if (open_.size() >= Document::deepest) {
      throw Refused{mark.line + 1,
                    fmt::format("lists and maps are nested deeper than {} levels; flatten them", Document::deepest)};
    }
    const uint32_t node = add(kind, mark);
    open_.push_back({node, Document::none});
  }

  Document* document_;
  std::vector<Open> open_;
};

std::unique_ptr<Document> Document::parse(const std::string& text, const std::string& path, Problems* problems) {
  if (text.size() > largest_bytes) {
    problems->add(
        path, 1,
        fmt::format("the file has {} bytes, more than the {} read here; split it", text.size(), largest_bytes));
    return nullptr;
  }
  auto document = std::make_unique<Document>();
  document->path_ = path;
  try {
    TextBuffer buffer(text);
    std::istream stream(&buffer);
    YAML::Parser parser(stream);
    TreeBuilder builder(document.get());
    if (!parser.HandleNextDocument(builder) || document->nodes_.empty()) {
      problems->add(path, 1, "the file is empty; write rules in it or remove it");
      return nullptr;
    }
    const std::size_t first_document = document->nodes_.size();
    if (parser.HandleNextDocument(builder)) {
      const int line = document->nodes_.size() > first_document ? document->nodes_[first_document].line : 1;
      problems->add(path, line, "a second YAML document begins here (`---`); put it into a file of its own");
      return nullptr;
    }
  } catch (const Refused& refused) {
    problems->add(path, refused.line, refused.message);
    return nullptr;
  } catch (const YAML::Exception& broken) {
    problems->add(path, broken.mark.line + 1,
                  fmt::format("this is not YAML: {}; look at the indentation, and quote text that holds `: ` or starts "
                              "with one of [{{*&!%@`",
                              broken.msg));
    return nullptr;
  }
  return document;
}

Yaml::Kind Yaml::kind() const { return document_ == nullptr ? Kind::absent : document_->nodes_[node_].kind; }
bool Yaml::is_quoted() const { return document_ != nullptr && document_->nodes_[node_].quoted; }
const std::string& Yaml::text() const { return document_ == nullptr ? nothing : document_->nodes_[node_].text; }
int Yaml::line() const { return document_ == nullptr ? 0 : document_->nodes_[node_].line; }
const std::string& Yaml::file() const { return document_ == nullptr ? nothing : document_->path_; }

std::vector<Yaml> Yaml::items() const {
  std::vector<Yaml> result;
  if (!is_list()) return result;
  for (uint32_t child = document_->nodes_[node_].first_child; child != Document::none;
       child = document_->nodes_[child].next) {
    result.emplace_back(document_, child);
  }
  return result;
}

std::vector<std::pair<Yaml, Yaml>> Yaml::entries() const {
  std::vector<std::pair<Yaml, Yaml>> result;
  if (!is_map()) return result;
  uint32_t child = document_->nodes_[node_].first_child;
  while (child != Document::none) {
    const uint32_t value = document_->nodes_[child].next;
    result.emplace_back(Yaml(document_, child), Yaml(document_, value));
    child = document_->nodes_[value].next;
  }
  return result;
}

Fields::Fields(Yaml map, std::string what, std::vector<std::string> known, Problems* problems)
    : map_(map), what_(std::move(what)), problems_(problems) {
  if (!map_.is_map()) {
    problem(fmt::format("{} must be a map: lines of `key: value` with {}", what_,
                        known.empty() ? "names" : "`" + known.front() + ":` among them"));
    return;
  }
  for (const auto& [key, value] : map_.entries()) {
    if (!key.is_text()) {
      problem(key, fmt::format("a key of {} must be one word", what_));
      continue;
    }
    if (!known.empty() && std::find(known.begin(), known.end(), key.text()) == known.end()) {
      problem(key, fmt::format("{} has no key `{}`{}", what_, shown(key.text()), suggestion(key.text(), known)));
      continue;
    }
    if (get(key.text())) {
      problem(key, fmt::format("`{}:` is given twice in {}; keep one", shown(key.text()), what_));
      continue;
    }
    values_.emplace_back(key.text(), value);
  }
}

void Fields::problem(Yaml at, std::string message) const { problems_->add(at.file(), at.line(), std::move(message)); }

Yaml Fields::get(std::string_view key) const {
  for (const auto& [name, value] : values_) {
    if (name == key) return value;
  }
  return {};
}

Yaml Fields::need(std::string_view key, std::string_view mend) const {
  const Yaml value = get(key);
  if (map_.is_map() && (!value || value.kind() == Yaml::Kind::empty)) {
    problem(fmt::format("{} has no `{}:`; {}", what_, key, mend));
  }
  return value;
}

std::string Fields::text(std::string_view key) const {
  const Yaml value = get(key);
  if (!value || value.is_text()) return value.text();
  problem(value, fmt::format("`{}:` of {} must be text; write it on the same line", key, what_));
  return {};
}

std::string Fields::need_text(std::string_view key, std::string_view mend) const {
  const Yaml value = need(key, mend);
  return value.kind() == Yaml::Kind::empty ? std::string() : text(key);
}

bool Fields::yes_no(std::string_view key, bool otherwise) const {
  const Yaml value = get(key);
  if (!value) return otherwise;
  if (value.text() == "true" || value.text() == "yes") return true;
  if (value.text() == "false" || value.text() == "no") return false;
  problem(value, fmt::format("`{}:` of {} must be true or false, not \"{}\"", key, what_, shown(value.text())));
  return otherwise;
}

std::vector<std::string> Fields::texts(std::string_view key) const {
  return texts_of(get(key), fmt::format("`{}:` of {}", key, what_), problems_);
}

std::optional<std::size_t> Fields::one_of(std::string_view key, const std::vector<std::string>& words) const {
  const Yaml value = get(key);
  if (!value) return std::nullopt;
  const auto found = std::find(words.begin(), words.end(), value.text());
  if (value.is_text() && found != words.end()) return static_cast<std::size_t>(found - words.begin());
  problem(value, fmt::format("`{}: {}` is not known{}", key, shown(value.text()), suggestion(value.text(), words)));
  return std::nullopt;
}

std::vector<std::string> texts_of(Yaml node, std::string_view what, Problems* problems) {
  std::vector<std::string> result;
  if (!node || node.kind() == Yaml::Kind::empty) return result;
  if (node.is_text()) return {node.text()};
  if (!node.is_list()) {
    problems->add(node.file(), node.line(), fmt::format("{} must be a list of texts: [one, two]", what));
    return result;
  }
  for (const Yaml& item : node.items()) {
    if (item.is_text()) {
      result.push_back(item.text());
    } else {
      problems->add(item.file(), item.line(), fmt::format("each entry of {} must be text", what));
    }
  }
  return result;
}

}  // namespace kept::rules
