#include "ledger/head_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

namespace kept::ledger {
namespace {

using base::Error;
using base::ErrorCode;
using base::Result;
using base::Status;

// Longer than any head. One append writes one line, so a power cut harms no more than so many bytes at the end.
constexpr std::size_t longest_line = 1024;

struct End {
  std::size_t whole;  ///< bytes of the text up to where the torn part begins
  bool is_foreign;    ///< more than a power cut explains stands there that is no head
};

bool is_head(std::string_view line) {
  const Result<SignedHead> head = parse_head(line);
  return head.ok() || head.error().code == ErrorCode::unsupported;
}

// What is torn: everything after the last line that is a head. (Rubbish may hold line ends of its own; a whole head
// whose signature is wrong is not what a power cut leaves.)
End end_of(std::string_view text) {
  std::size_t end = text.size();
  while (end > 0) {
    const bool is_ended = text[end - 1] == '\n';
    const std::size_t before = text.substr(0, end - (is_ended ? 1 : 0)).rfind('\n');
    const std::size_t from = before == text.npos ? 0 : before + 1;
    if (is_ended && is_head(text.substr(from, end - from - 1))) break;
    if (text.size() - from > longest_line) {
      const std::size_t last_end = text.rfind('\n');
      return {last_end == text.npos ? 0 : last_end + 1, true};
    }
    end = from;
  }
  return {end, false};
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
  if (head.given_up) {
    // A copy of a few heads may lack the newest before: what was given up may be more than they say, never less.
    const GivenUp& given_up = *head.given_up;
    if (given_up.size < earlier.size || (given_up.size == earlier.size && given_up.root != earlier.root)) {
      return fmt::format("tree {} was put back in place of {} leaves, and had {} before: the restore hides something",
                         head.tree, given_up.size, earlier.size);
    }
    if (head.size == earlier.size && head.root != earlier.root) {
      return fmt::format("tree {} was put back with another root at {} leaves: its facts were changed", head.tree,
                         head.size);
    }
    return std::nullopt;
  }
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

std::vector<const SignedHead*> HeadsRead::standing(std::string_view tree) const {
  std::vector<const SignedHead*> standing;
  for (const SignedHead& one : heads) {
    if (one.head.tree != tree) continue;
    if (one.head.given_up) {
      while (!standing.empty() && standing.back()->head.size > one.head.size) standing.pop_back();
    }
    standing.push_back(&one);
  }
  return standing;
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

  const End end = end_of(text);
  read.is_torn = end.whole < text.size();
  read.whole_bytes = from + end.whole;
  text = text.substr(0, end.whole);

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
  const End end = end_of(*tail);
  if (end.is_foreign) {
    return Error{
        ErrorCode::invalid,
        fmt::format("{}: does not end in heads. Put a copy of it in its place, or move it away and record why", path)};
  }
  if (end.whole < tail->size()) {
    Status cut = (*file)->truncate(from + end.whole);
    if (cut) cut = (*file)->sync();
    if (!cut) return cut.error();
  }
  return HeadFile(std::move(*file), path);
}

Status HeadFile::append(const SignedHead& head) {
  if (has_failed_) {
    return Error{ErrorCode::io, fmt::format("{}: an earlier write failed, so that nobody knows where the file ends. "
                                            "Nothing more is signed until the service is started again",
                                            path_)};
  }
  const uint64_t before = file_->size();
  Status status = file_->append(head.line() + "\n");
  if (status) status = file_->sync();
  if (status) return status;
  has_failed_ = true;
  // After a failed sync the line may be readable and yet never reach the disk, whatever later syncs say: whoever writes
  // behind it after a restart would leave a hole in front. Nobody was told of this head, so it goes.
  if (file_->truncate(before)) (void)file_->sync();
  return status;
}

}  // namespace kept::ledger
