#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/disk.h"
#include "base/result.h"
#include "ledger/head.h"

namespace kept::ledger {

/// What a file of heads says.
struct HeadsRead {
  /// What is wrong with one line; the line counts for nothing.
  struct Fault {
    std::size_t line;  ///< from 1; counted from where reading began
    std::string message;
  };
  std::vector<SignedHead> heads;  ///< whole, rightly signed, in the order of the file
  std::vector<Fault> faults;
  /// Something that is no head stands at the end: the power was cut while it was written, so nobody was told of it.
  /// Never taken; HeadFile cuts it off.
  bool is_torn = false;
  uint64_t whole_bytes = 0;  ///< of the file, before what is torn

  /// The last head of that tree, or null.
  const SignedHead* newest(std::string_view tree) const;
  /// The heads of that tree that the ledger must still agree with, in the order of the file: all but those of what a
  /// later restore gave up.
  std::vector<const SignedHead*> standing(std::string_view tree) const;
};

/// A file of signed heads outside the database, one a line.
class HeadFile {
 public:
  /// Reads the heads and checks each: its key is among `keys`, the signature is right, it is of that ledger, its tree
  /// never shrinks but where a head says that it was put back, and one size never has two roots. Only the last
  /// `tail_bytes` of the file, from the next whole line on: a service that starts wants the newest, a verifier all.
  /// Without the file: not_found. Errors: io.
  static base::Result<HeadsRead> read(base::Disk& disk, const std::string& path, std::string_view ledger,
                                      std::span<const PublicKey> keys, uint64_t tail_bytes = UINT64_MAX);

  /// Opens the file to write, made when there is none. What is torn at its end is cut off. Errors: io.
  static base::Result<HeadFile> open(base::Disk& disk, const std::string& path);

  /// Writes the head. When this returns Done, it survives a power cut. After an error nobody knows, and every later
  /// append is refused: open the file again. Errors: io.
  base::Status append(const SignedHead& head);

 private:
  HeadFile(std::unique_ptr<base::AppendFile> file, std::string path) : file_(std::move(file)), path_(std::move(path)) {}

  std::unique_ptr<base::AppendFile> file_;
  std::string path_;
  bool has_failed_ = false;
};

}  // namespace kept::ledger
