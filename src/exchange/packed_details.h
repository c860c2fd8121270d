#pragma once
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "exchange/rejects.h"

namespace kept::exchange {

/// Reads the names and values in a cell that holds them all: one JSON object, whose values are texts, numbers, true,
/// false or null. `true` and `false` become `yes` and `no`; what is null or empty is not there.
class PackedDetails {
 public:
  PackedDetails();
  PackedDetails(PackedDetails&&) noexcept;
  PackedDetails& operator=(PackedDetails&&) noexcept;
  ~PackedDetails();

  static constexpr std::size_t most_names = 256;
  struct Entry {
    std::string_view name, value;
  };
  struct Fault {
    RejectReason reason = RejectReason::malformed;
    std::string name, why;
  };
  /// False: `fault` says why. `entries` hold until the next call, and while `text` does.
  bool read(std::string_view text);
  const std::vector<Entry>& entries() const { return entries_; }
  const Fault& fault() const { return fault_; }

 private:
  struct Parser;
  bool read_plain(std::string_view text);
  bool fail(RejectReason reason, std::string_view name, std::string why);

  std::unique_ptr<Parser> parser_;
  std::vector<Entry> entries_;
  std::deque<std::string> made_;  ///< values that the text does not hold as they are
  Fault fault_;
};

/// Adds a name and its value to an object in `out`: `{` before the first, `,` before the others. The caller closes it.
void pack_detail(std::string& out, std::string_view name, std::string_view value);
/// `text` as JSON writes it, with its quotes.
void append_json_text(std::string& out, std::string_view text);

}  // namespace kept::exchange
