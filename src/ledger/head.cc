#include "ledger/head.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>
#include <optional>
#include <span>
#include <vector>

#include "ledger/tree.h"
#include "model/moment.h"

namespace kept::ledger {
namespace {

using base::invalid;

constexpr std::string_view first_word = "kept-head-1";
constexpr std::string_view restored_word = "kept-restored-1";
constexpr std::size_t words = 8;
constexpr std::size_t restored_words = 10;
constexpr std::size_t longest_name = 64;

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= longest_name &&
         std::ranges::all_of(text, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

// What is signed: the line up to the blank before the signature. Its first word keeps it apart from anything else that
// the key may ever sign.
std::string signed_text(const Head& head, std::string_view key_id) {
  const std::string given_up =
      head.given_up ? fmt::format(" {} {}", head.given_up->size, to_hex(head.given_up->root)) : std::string();
  return fmt::format("{} {} {} {} {} {}{} {}", head.given_up ? restored_word : first_word, head.ledger, head.tree,
                     head.size, to_hex(head.root), model::instant_text(head.signed_at), given_up, key_id);
}

// A tree's size and, in the next word, its root.
base::Result<GivenUp> parse_tree(std::span<const std::string_view> parts, std::size_t at) {
  GivenUp read;
  const std::string_view size = parts[at];
  const auto [end, bad] = std::from_chars(size.data(), size.data() + size.size(), read.size);
  if (bad != std::errc() || end != size.data() + size.size() || read.size > tree_largest_size) {
    return invalid(fmt::format("word {} of the head is no size", at + 1));
  }
  const std::optional<Hash> root = hash_from_hex(parts[at + 1]);
  if (!root) return invalid(fmt::format("word {} of the head is no root", at + 2));
  read.root = *root;
  return read;
}

// What a power cut leaves of a line may begin as a head does; a head of a later version is text all the same.
bool is_later_version(std::string_view word) {
  return std::ranges::any_of(std::array{first_word, restored_word}, [word](std::string_view ours) {
    const std::string_view any = ours.substr(0, ours.size() - 1);
    return word.starts_with(any) && word.size() > any.size() &&
           std::ranges::all_of(word.substr(any.size()), [](char c) { return c >= '0' && c <= '9'; });
  });
}

std::vector<std::string_view> split(std::string_view line) {
  std::vector<std::string_view> parts;
  for (std::size_t from = 0; from <= line.size() && parts.size() <= restored_words;) {
    const std::size_t blank = std::min(line.find(' ', from), line.size());
    parts.push_back(line.substr(from, blank - from));
    from = blank + 1;
  }
  return parts;
}

}  // namespace

std::string SignedHead::line() const {
  return fmt::format("{} {}", signed_text(head, key_id),
                     to_hex(std::string_view(reinterpret_cast<const char*>(signature.data()), signature.size())));
}

bool SignedHead::is_signed_by(const PublicKey& key) const {
  return key_id == key.id() && key.verifies(signed_text(head, key_id), signature);
}

SignedHead sign_head(const Head& head, const SigningKey& key) {
  assert(is_name(head.ledger) && is_name(head.tree));
  assert(head.size <= tree_largest_size);
  assert(!head.given_up || (head.size <= head.given_up->size && head.given_up->size <= tree_largest_size));
  SignedHead made{head, key.public_key().id(), {}};
  made.signature = key.sign(signed_text(head, made.key_id));
  assert(parse_head(made.line()).ok());
  return made;
}

base::Result<SignedHead> parse_head(std::string_view line) {
  const std::vector<std::string_view> parts = split(line);
  const bool is_restored = parts[0] == restored_word;
  if (parts[0] != first_word && !is_restored) {
    if (is_later_version(parts[0]) && std::ranges::all_of(line, [](char c) { return c >= ' ' && c <= '~'; })) {
      return base::Error{base::ErrorCode::unsupported, "this head was written by a newer version of Kept"};
    }
    return invalid("not a head: the first word is not kept-head-1");
  }
  const std::size_t wanted = is_restored ? restored_words : words;
  if (parts.size() != wanted) return invalid(fmt::format("not a head: wanted {} words", wanted));
  SignedHead read;
  if (!is_name(parts[1])) return invalid("word 2 of the head is no ledger's id");
  if (!is_name(parts[2])) return invalid("word 3 of the head is no tree's name");
  read.head.ledger = parts[1];
  read.head.tree = parts[2];
  const base::Result<GivenUp> tree = parse_tree(parts, 3);
  if (!tree) return tree.error();
  read.head.size = tree->size;
  read.head.root = tree->root;
  const base::Result<model::Moment> at = model::parse_moment(parts[5]);
  if (!at || at->precision != model::Precision::instant) return invalid("word 6 of the head is no time");
  read.head.signed_at = at->lo_ms;
  if (is_restored) {
    const base::Result<GivenUp> given_up = parse_tree(parts, 6);
    if (!given_up) return given_up.error();
    if (given_up->size < read.head.size) return invalid("word 7 of the head is less than was put back");
    read.head.given_up = *given_up;
  }
  read.key_id = parts[wanted - 2];
  const std::optional<std::string> id = bytes_from_hex(read.key_id);
  if (!id || id->size() != 8) return invalid(fmt::format("word {} of the head is no key's id", wanted - 1));
  const std::optional<std::string> signature = bytes_from_hex(parts[wanted - 1]);
  if (!signature || signature->size() != read.signature.size()) {
    return invalid(fmt::format("word {} of the head is no signature", wanted));
  }
  std::copy(signature->begin(), signature->end(), read.signature.begin());
  // A size with noughts before it, a time with an offset: one head has one line.
  if (read.line() != line) return invalid("the head is spelt in another way than Kept does");
  return read;
}

}  // namespace kept::ledger
