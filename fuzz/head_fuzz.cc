// A line is refused, or it is a signed head whose line is exactly that; a file of heads is read whatever it holds, and
// what is whole in it ends with a line.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "base/disk.h"
#include "ledger/head_file.h"

namespace {

using namespace kept;

// One file, only to be read.
class OneFile : public base::Disk {
 public:
  explicit OneFile(std::string_view bytes) : bytes_(bytes) {}
  base::Result<std::string> read(const std::string&, uint64_t from, uint64_t count) override {
    return std::string(bytes_.substr(from, count));
  }
  base::Result<uint64_t> size(const std::string&) override { return uint64_t{bytes_.size()}; }
  base::Result<bool> is_private(const std::string&) override { return true; }
  base::Status create(const std::string&, std::string_view) override { return refused(); }
  base::Result<std::unique_ptr<base::AppendFile>> open_to_append(const std::string&) override { return refused(); }

 private:
  static base::Error refused() { return {base::ErrorCode::io, "only to be read"}; }
  std::string_view bytes_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto head = ledger::parse_head(bytes);
  if (head && head->line() != bytes) std::abort();
  OneFile file(bytes);
  static const std::array keys = {ledger::SigningKey(ledger::leaf_hash("a seed")).public_key()};
  for (const std::uint64_t tail : {UINT64_MAX, std::uint64_t{300}}) {
    const auto heads = ledger::HeadFile::read(file, "heads", "l", keys, tail);
    if (!heads || heads->whole_bytes > size) std::abort();
    if (!heads->is_torn && heads->whole_bytes != size) std::abort();
    if (heads->heads.size() + heads->faults.size() > size) std::abort();
  }
  return 0;
}
