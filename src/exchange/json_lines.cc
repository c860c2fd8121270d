#include "exchange/json_lines.h"

#include <simdjson.h>

#include <algorithm>
#include <cstring>
#include <vector>

namespace kept::exchange {

base::Result<bool> each_line(ByteSource& source, const ReadLimits& limits, const LineTaker& taker,
                             const Progress& progress) {
  // The parser reads past the end of what it is given: the buffer is longer by that much.
  std::vector<char> buffer;
  std::size_t size = 0;
  std::size_t begin = 0;
  uint64_t number = 0;
  uint64_t blocks = 0;
  bool first = true;
  bool skipping = false;  // inside a line that was rejected for its length
  for (;;) {
    if (begin > 0) std::memmove(buffer.data(), buffer.data() + begin, size - begin);
    size -= begin;
    begin = 0;
    const std::size_t block = std::max<std::size_t>(limits.block_bytes, 4);
    if (buffer.size() < size + block + simdjson::SIMDJSON_PADDING)
      buffer.resize(size + block + simdjson::SIMDJSON_PADDING);
    const auto count = source.read(buffer.data() + size, block);
    if (!count) return count.error();
    const bool ended = *count == 0;
    size += *count;
    if (first && (size >= 3 || ended)) {
      first = false;
      if (std::string_view(buffer.data(), size).starts_with("\xef\xbb\xbf")) begin = 3;
    }
    if (first) continue;
    for (;;) {
      const std::string_view rest(buffer.data() + begin, size - begin);
      std::size_t end = rest.find('\n');
      if (end == std::string_view::npos) {
        if (skipping) {
          begin = size;
          break;
        }
        if (rest.size() > limits.row_bytes) {
          if (!taker.too_long(++number, rest.substr(0, 65536))) return false;
          skipping = true;
          begin = size;
          break;
        }
        if (!ended) break;
        end = rest.size();
      }
      std::string_view text = rest.substr(0, end);
      begin = std::min(size, begin + end + 1);
      if (skipping) {
        skipping = false;
      } else if (end != rest.size() || !text.empty()) {
        ++number;
        if (text.ends_with('\r')) text.remove_suffix(1);
        const bool blank = text.find_first_not_of(" \t") == std::string_view::npos;
        if (!blank && !taker.take(number, text)) return false;
      }
      if (begin == size && ended) break;
      if (end == rest.size()) break;
    }
    if (ended) break;
    if (progress && blocks++ % 4 == 0) progress(source.bytes_done());
  }
  return true;
}

}  // namespace kept::exchange
