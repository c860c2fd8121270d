#include "ledger/entry.h"

#include <fmt/format.h>

#include <optional>

#include "model/cbor.h"

namespace kept::ledger {
namespace {

using base::Error;
using base::ErrorCode;
using namespace model::cbor;

constexpr std::size_t largest_bytes = std::size_t{4} << 20;
constexpr uint64_t last_kind = 12;

void put_bytes(std::string* out, Major major, std::string_view bytes) {
  put_head(out, major, bytes.size());
  *out += bytes;
}

/// A map with text keys in the order of their encoded bytes: the shorter first, then by byte.
void put_map(std::string* out, const std::map<std::string, std::string>& map_of, Major values) {
  std::map<std::string, std::string_view> ordered;
  for (const auto& [key, value] : map_of) {
    std::string encoded;
    put_bytes(&encoded, text_string, key);
    ordered.emplace(std::move(encoded), value);
  }
  put_head(out, map, ordered.size());
  for (const auto& [key, value] : ordered) {
    *out += key;
    put_bytes(out, values, value);
  }
}

class EntryReader {
 public:
  explicit EntryReader(std::string_view bytes) : bytes_(bytes) {}
  const std::optional<Error>& error() const { return error_; }
  bool is_done() const { return at_ == bytes_.size(); }

  void fail(std::size_t where, std::string_view why) {
    if (!error_) error_ = base::invalid(fmt::format("this is not an entry of a ledger: byte {}: {}", where, why));
  }
  uint64_t head(Major major) {
    const std::size_t start = at_;
    Head found;
    if (error_) return 0;
    if (const char* why = read_head(bytes_, &at_, &found)) return fail(start, why), 0;
    if (found.major != major) return fail(start, "an item of another kind is expected"), 0;
    return found.value;
  }
  int64_t whole() {
    const std::size_t start = at_;
    Head found;
    if (error_) return 0;
    if (const char* why = read_head(bytes_, &at_, &found)) return fail(start, why), 0;
    if (found.value > uint64_t{INT64_MAX} || (found.major != unsigned_int && found.major != negative_int))
      return fail(start, "a whole number is expected"), 0;
    const auto value = static_cast<int64_t>(found.value);
    return found.major == unsigned_int ? value : -value - 1;
  }
  std::string_view bytes(Major major) {
    const std::size_t start = at_;
    const uint64_t length = head(major);
    if (error_) return {};
    if (length > bytes_.size() - at_) return fail(start, "it is longer than what is left"), std::string_view();
    const std::string_view found = bytes_.substr(at_, static_cast<std::size_t>(length));
    at_ += found.size();
    return found;
  }
  std::map<std::string, std::string> map_of(Major values) {
    std::map<std::string, std::string> out;
    const uint64_t count = head(map);
    std::string_view previous;
    for (uint64_t i = 0; i < count && !error_; ++i) {
      const std::size_t start = at_;
      const std::string_view key = bytes(text_string);
      if (error_) break;
      const std::string_view encoded = bytes_.substr(start, at_ - start);
      if (i != 0 && encoded <= previous) fail(start, "keys that are out of order or given twice");
      previous = encoded;
      const std::string_view value = bytes(values);
      if (!error_) out.emplace(key, value);
    }
    return out;
  }
  std::size_t at() const { return at_; }

 private:
  std::string_view bytes_;
  std::size_t at_ = 0;
  std::optional<Error> error_;
};

constexpr uint64_t own_clock_bit = 1, historic_bit = 2;

}  // namespace

const char* entry_kind_name(EntryKind kind) {
  static constexpr const char* names[] = {"",       "event",    "quarantined", "settled", "batch", "feed",  "withdrawn",
                                          "erased", "restored", "rules",       "commit",  "clock", "looked"};
  return names[static_cast<std::size_t>(kind)];
}

base::Result<std::string> encode_entry(const Entry& entry) {
  std::string out;
  out.reserve(entry.body.size() + 64);
  put_head(&out, array, 9);
  put_head(&out, unsigned_int, entry_version);
  put_head(&out, unsigned_int, static_cast<uint64_t>(entry.kind));
  put_head(&out, unsigned_int, entry.batch);
  put_head(&out, unsigned_int, entry.row);
  if (entry.received_at >= 0) {
    put_head(&out, unsigned_int, static_cast<uint64_t>(entry.received_at));
  } else {
    put_head(&out, negative_int, static_cast<uint64_t>(-(entry.received_at + 1)));
  }
  put_head(&out, unsigned_int, (entry.own_clock ? own_clock_bit : 0) | (entry.historic ? historic_bit : 0));
  put_bytes(&out, byte_string, entry.body);
  put_map(&out, entry.fields, text_string);
  put_map(&out, entry.sealed, byte_string);
  if (out.size() > largest_bytes)
    return Error{ErrorCode::too_large,
                 fmt::format("an entry takes {} bytes, more than the {} that are kept; shorten its free text",
                             out.size(), largest_bytes)};
  return out;
}

base::Result<Entry> decode_entry(std::string_view bytes) {
  if (bytes.size() > largest_bytes)
    return Error{ErrorCode::too_large,
                 fmt::format("an entry has {} bytes, more than the {} that are read", bytes.size(), largest_bytes)};
  EntryReader reader(bytes);
  if (reader.head(array) != 9) reader.fail(0, "it is not a list of nine");
  const uint64_t version = reader.head(unsigned_int);
  if (!reader.error() && version > entry_version)
    return Error{ErrorCode::unsupported,
                 fmt::format("this entry is written in version {}, and this build of Kept reads up to {}; use a newer "
                             "Kept",
                             version, entry_version)};
  if (version != entry_version) reader.fail(1, "its version is not one that was ever written");
  Entry entry;
  const uint64_t kind = reader.head(unsigned_int);
  if (kind == 0 || kind > last_kind) reader.fail(reader.at(), "its kind is not one that was ever written");
  entry.kind = static_cast<EntryKind>(kind);
  entry.batch = reader.head(unsigned_int);
  entry.row = reader.head(unsigned_int);
  entry.received_at = reader.whole();
  const uint64_t bits = reader.head(unsigned_int);
  if (bits > (own_clock_bit | historic_bit)) reader.fail(reader.at(), "a bit that was never written");
  entry.own_clock = (bits & own_clock_bit) != 0;
  entry.historic = (bits & historic_bit) != 0;
  entry.body = std::string(reader.bytes(byte_string));
  entry.fields = reader.map_of(text_string);
  entry.sealed = reader.map_of(byte_string);
  if (!reader.error() && !reader.is_done()) reader.fail(reader.at(), "something follows the entry");
  if (reader.error()) return *reader.error();
  return entry;
}

}  // namespace kept::ledger
