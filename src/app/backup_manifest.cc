#include "app/backup_manifest.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "ledger/head.h"
#include "model/moment.h"

namespace kept::app {
namespace {

using base::Error;
using base::ErrorCode;

constexpr std::string_view first_line = "kept-backup-1\n";
constexpr std::string_view signature_word = "signature ";

std::string_view holds_word(BackupManifest::Holds holds) {
  return holds == BackupManifest::Holds::ledger ? "ledger" : "keys";
}

std::string signed_text(const BackupManifest& manifest) {
  std::string out = fmt::format("{}holds {}\nledger {}\nmade_at {}\nshape {}\n", first_line, holds_word(manifest.holds),
                                manifest.ledger, model::instant_text(manifest.made_at), manifest.shape);
  for (const std::size_t tree : {0, 1})
    out += fmt::format("{} {} {}\n", tree == 0 ? "facts" : "audit", manifest.trees[tree].size,
                       ledger::to_hex(manifest.trees[tree].root));
  for (const BackupManifest::File& file : manifest.files)
    out += fmt::format("file {} {} {}\n", file.bytes, ledger::to_hex(file.digest), file.name);
  return out + manifest.signed_by.line() + "\n";
}

/// Takes a text apart from its front.
class Reading {
 public:
  explicit Reading(std::string_view text) : rest_(text) {}
  bool skip(std::string_view what) {
    if (!rest_.starts_with(what)) return false;
    rest_.remove_prefix(what.size());
    return true;
  }
  /// Up to the next character of that kind, which is skipped.
  std::string_view until(char end) {
    const std::size_t at = std::min(rest_.find(end), rest_.size());
    const std::string_view word = rest_.substr(0, at);
    rest_.remove_prefix(std::min(at + 1, rest_.size()));
    return word;
  }
  template <class Number>
  bool number(char end, Number* value) {
    const std::string_view word = until(end);
    const auto [stop, bad] = std::from_chars(word.data(), word.data() + word.size(), *value);
    return bad == std::errc() && stop == word.data() + word.size();
  }
  bool hash(char end, ledger::Hash* value) {
    const auto read = ledger::hash_from_hex(until(end));
    if (read) *value = *read;
    return read.has_value();
  }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

bool is_file_name(std::string_view name) {
  return !name.empty() && name.size() <= 100 && name[0] != '.' && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
  });
}

}  // namespace

std::string manifest_text(BackupManifest manifest, const ledger::SigningKey& key) {
  manifest.signed_by = key.public_key();
  std::sort(manifest.files.begin(), manifest.files.end(),
            [](const auto& one, const auto& other) { return one.name < other.name; });
  std::string text = signed_text(manifest);
  const ledger::Signature signature = key.sign(text);
  text +=
      fmt::format("{}{}\n", signature_word,
                  ledger::to_hex(std::string_view(reinterpret_cast<const char*>(signature.data()), signature.size())));
  return text;
}

base::Result<BackupManifest> read_manifest(std::string_view text) {
  const auto refused = [](const char* what) { return base::invalid(fmt::format("the manifest {}", what)); };
  if (!text.starts_with(first_line)) {
    if (text.starts_with("kept-backup-"))
      return Error{ErrorCode::unsupported, "this backup was written by another version of Kept: use a newer one"};
    return refused("does not begin as one of a backup does");
  }
  Reading reading(text.substr(first_line.size()));
  BackupManifest manifest;
  if (reading.skip("holds keys\n")) {
    manifest.holds = BackupManifest::Holds::keys;
  } else if (!reading.skip("holds ledger\n")) {
    return refused("does not say what the backup holds");
  }
  if (!reading.skip("ledger ")) return refused("does not name its ledger");
  manifest.ledger = reading.until('\n');
  if (!reading.skip("made_at ")) return refused("does not say when it was made");
  const auto made_at = model::parse_moment(reading.until('\n'));
  if (!made_at) return refused("does not say when it was made");
  manifest.made_at = made_at->lo_ms;
  if (!reading.skip("shape ") || !reading.number('\n', &manifest.shape)) return refused("does not say the shape");
  for (const std::size_t tree : {0, 1}) {
    if (!reading.skip(tree == 0 ? "facts " : "audit ") || !reading.number(' ', &manifest.trees[tree].size) ||
        !reading.hash('\n', &manifest.trees[tree].root))
      return refused("does not say how long the trees are");
  }
  while (reading.skip("file ")) {
    BackupManifest::File file;
    if (!reading.number(' ', &file.bytes) || !reading.hash(' ', &file.digest))
      return refused("names a file without its length and digest");
    file.name = reading.until('\n');
    if (!is_file_name(file.name)) return refused("names a file as no file of a backup is called");
    manifest.files.push_back(std::move(file));
  }
  const auto key = ledger::PublicKey::from_line(reading.until('\n'));
  if (!key) return refused("names no key");
  manifest.signed_by = *key;
  const std::size_t signed_bytes = text.size() - reading.rest().size();
  if (!reading.skip(signature_word)) return refused("is not signed");
  const auto bytes = ledger::bytes_from_hex(reading.until('\n'));
  ledger::Signature signature;
  if (!bytes || bytes->size() != signature.size() || !reading.rest().empty() || !text.ends_with('\n'))
    return refused("does not end in its signature");
  std::copy(bytes->begin(), bytes->end(), signature.begin());
  if (!manifest.signed_by.verifies(text.substr(0, signed_bytes), signature))
    return refused("is not what was signed: it was changed");
  if (signed_text(manifest) != text.substr(0, signed_bytes)) return refused("is spelt in another way than Kept does");
  return manifest;
}

}  // namespace kept::app
