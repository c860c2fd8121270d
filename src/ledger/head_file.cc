#include "ledger/head_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

namespace kept::ledger {
namespace {

using base::Error;
using base::Result;
using base::Status;

// Longer than any head, so that the last line is always found whole.
constexpr uint64_t longest_line = 1024;

struct End {
  bool is_torn;
  uint64_t whole_bytes;
};

// Looks at the last line only: it is torn when it has no end, or is no head at all. (A whole head whose signature is
// wrong is not what a power cut leaves.)
End end_of(std::string_view text, uint64_t text_begins_at) {
  if (text.empty()) return {false, text_begins_at};
  const bool is_ended = text.ends_with('\n');
  const std::size_t before = text.substr(0, text.size() - (is_ended ? 1 : 0)).rfind('\n');
  const std::size_t from = before == text.npos ? 0 : before + 1;
  bool is_whole = false;
  if (is_ended) {
    const Result<SignedHead> head = parse_head(text.substr(from, text.size() - from - 1));
    is_whole = head.ok() || head.error().code == base::ErrorCode::unsupported;
  }
  return {!is_whole, text_begins_at + (is_whole ? text.size() : from)};
}

// What is wrong with a head by itself.
std::optional<std::string> fault_in(const SignedHead& head, std::string_view ledger, std::span<const PublicKey> keys) {
  const auto key = std::ranges::find_if(keys, [&head](const PublicKey& one) { return one.id() == head.key_id; });
  if (key == keys.end()) return fmt::format("signed with key {}, which is not among those trusted", head.key_id);
  if (!head.is_signed_by(*key)) return fmt::format("its signature by key {} is wrong", head.key_id);
  if (head.head.ledger != ledger) return fmt::format("of ledger {}, not of {}", head.head.ledger, ledger);
  return std::nullopt;
}

// What is wrong with a head after an earlier one of the same tree.
std::optional<std::string> fault_after(const Head& head, const Head& earlier) {
  if (head.size < earlier.size) {
    return fmt::format("tree {} shrank from {} leaves to {}: an older ledger was put in its place", head.tree,
                       earlier.size, head.size);
  }
  if (head.size == earlier.size && head.root != earlier.root) {
    return fmt::format("tree {} has two roots at {} leaves: its facts were changed", head.tree, head.size);
  }
  return std::nullopt;
}

}  // namespace

const SignedHead* HeadsRead::newest(std::string_view tree) const {
  const auto found =
      std::find_if(heads.rbegin(), heads.rend(), [tree](const SignedHead& one) { return one.head.tree == tree; });
  return found == heads.rend() ? nullptr : &*found;
}

Result<HeadsRead> HeadFile::read(base::Disk& disk, const std::string& path, std::string_view ledger,
                                 std::span<const PublicKey> keys, uint64_t tail_bytes) {
  const Result<uint64_t> size = disk.size(path);
  if (!size) return size.error();
  uint64_t from = *size > tail_bytes ? *size - tail_bytes : 0;
  Result<std::string> bytes = disk.read(path, from);
  if (!bytes) return bytes.error();
  std::string_view text = *bytes;
  HeadsRead read;
  if (from > 0) {
    const std::size_t line_end = text.find('\n');
    if (line_end == text.npos) {
      read.is_torn = true;
      read.whole_bytes = from;
      return read;
    }
    text.remove_prefix(line_end + 1);
    from += line_end + 1;
  }

  const End end = end_of(text, from);
  read.is_torn = end.is_torn;
  read.whole_bytes = end.whole_bytes;
  text = text.substr(0, end.whole_bytes - from);

  std::map<std::string, Head, std::less<>> earlier;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t length = text.find('\n');
    const Result<SignedHead> head = parse_head(text.substr(0, length));
    text.remove_prefix(length + 1);
    if (!head) {
      read.faults.push_back({number, head.error().message});
      continue;
    }
    std::optional<std::string> fault = fault_in(*head, ledger, keys);
    const auto before = earlier.find(head->head.tree);
    if (!fault && before != earlier.end()) fault = fault_after(head->head, before->second);
    if (fault) {
      read.faults.push_back({number, std::move(*fault)});
      continue;
    }
    earlier[head->head.tree] = head->head;
    read.heads.push_back(*head);
  }
  return read;
}

Result<HeadFile> HeadFile::open(base::Disk& disk, const std::string& path) {
  Result<std::unique_ptr<base::AppendFile>> file = disk.open_to_append(path);
  if (!file) return file.error();
  const uint64_t size = (*file)->size();
  const uint64_t from = size > 2 * longest_line ? size - 2 * longest_line : 0;
  const Result<std::string> tail = disk.read(path, from);
  if (!tail) return tail.error();
  const End end = end_of(*tail, from);
  if (end.is_torn) {
    if (from > 0 && end.whole_bytes == from) {
      return Error{
          base::ErrorCode::invalid,
          fmt::format("{}: does not end in heads. Put a copy of it in its place, or move it away and say why in "
                      "the audit",
                      path)};
    }
    Status cut = (*file)->truncate(end.whole_bytes);
    if (cut) cut = (*file)->sync();
    if (!cut) return cut.error();
  }
  return HeadFile(std::move(*file), path);
}

Status HeadFile::append(const SignedHead& head) {
  if (has_failed_) {
    return Error{base::ErrorCode::io,
                 fmt::format("{}: an earlier write failed, so that nobody knows where the file ends. "
                             "Nothing more is signed until the service is started again",
                             path_)};
  }
  Status status = file_->append(head.line() + "\n");
  if (status) status = file_->sync();
  has_failed_ = !status.ok();
  return status;
}

}  // namespace kept::ledger
