#include "exchange/csv_index.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace kept::exchange {
namespace {

constexpr std::size_t chunk = 64;
constexpr std::size_t chunks_at_a_time = 64;

/// Which of 64 characters are what.
struct Masks {
  uint64_t quote, separator, line, carriage;
};
using MaskFunction = void (*)(const char* text, std::size_t chunks, char separator, char quote, Masks* out);

#if defined(__x86_64__)
__attribute__((target("avx2"))) void masks_avx2(const char* text, std::size_t chunks, char separator, char quote,
                                                Masks* out) {
  const __m256i separators = _mm256_set1_epi8(separator);
  const __m256i quotes = _mm256_set1_epi8(quote);
  const __m256i lines = _mm256_set1_epi8('\n');
  const __m256i carriages = _mm256_set1_epi8('\r');
  for (std::size_t i = 0; i < chunks; ++i) {
    const __m256i low = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(text + i * chunk));
    const __m256i high = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(text + i * chunk + 32));
    const auto mask = [&](__m256i wanted) __attribute__((target("avx2"))) {
      const auto lower = static_cast<uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, wanted)));
      const auto upper = static_cast<uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(high, wanted)));
      return uint64_t{lower} | uint64_t{upper} << 32;
    };
    out[i].separator = mask(separators);
    out[i].line = mask(lines);
    out[i].quote = mask(quotes);
    out[i].carriage = out[i].quote != 0 ? mask(carriages) : 0;
  }
}

void masks_sse2(const char* text, std::size_t chunks, char separator, char quote, Masks* out) {
  for (std::size_t i = 0; i < chunks; ++i) {
    __m128i part[4];
    for (std::size_t k = 0; k < 4; ++k)
      part[k] = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text + i * chunk + k * 16));
    const auto mask = [&](char wanted) {
      const __m128i all = _mm_set1_epi8(wanted);
      uint64_t bits = 0;
      for (std::size_t k = 0; k < 4; ++k) {
        bits |= uint64_t{static_cast<uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(part[k], all)))} << (16 * k);
      }
      return bits;
    };
    out[i] = {mask(quote), mask(separator), mask('\n'), mask('\r')};
  }
}
#else
void masks_plain(const char* text, std::size_t chunks, char separator, char quote, Masks* out) {
  for (std::size_t i = 0; i < chunks; ++i) {
    out[i] = {};
    for (std::size_t k = 0; k < chunk; ++k) {
      const char c = text[i * chunk + k];
      const uint64_t bit = uint64_t{1} << k;
      if (c == separator) out[i].separator |= bit;
      if (c == quote) out[i].quote |= bit;
      if (c == '\n') out[i].line |= bit;
      if (c == '\r') out[i].carriage |= bit;
    }
  }
}
#endif

uint64_t prefix_xor(uint64_t bits) {
  for (int shift = 1; shift < 64; shift *= 2) bits ^= bits << shift;
  return bits;
}

/// Walks the stretch. Between chunks it remembers whether the last character was inside quotes, and if not, whether a
/// quote may come next (after a separator, a line end, or a closing quote that may turn out to be half of a doubled
/// one).
class Walk {
 public:
  Walk(const char* text, std::size_t size, const CsvShape& shape, CsvIndex* index)
      : text_(text),
        size_(size),
        shape_(shape),
        index_(index),
        most_fields_(shape.width == 0 ? SIZE_MAX : shape.width) {
    index->end_count = index->row_count = 0;
    index->quoted_lines = index->broken = false;
    index->spoilt.clear();
    // Every character may end a field: room for all, so that the loops need not ask.
    if (index->ends.size() < size + chunk) index->ends.resize(size + chunk);
    if (index->rows.size() < size + chunk) index->rows.resize(size + chunk);
    ends_ = index->ends.data();
    rows_ = index->rows.data();
  }

  [[gnu::always_inline]] inline bool take(std::size_t base, const Masks& masks) {
    if (after_quote_) return step(base, std::min(base + chunk, size_));
    if (masks.quote == 0) [[likely]] {
      if (quoted_) {
        if (masks.line == 0) return true;
        spans_lines_ = index_->quoted_lines = true;
        return fits();
      }
      if (spans_lines_) return step(base, std::min(base + chunk, size_));
      const uint64_t structure = masks.separator | masks.line;
      may_open_ = structure >> 63 != 0;
      emit(base, structure, masks.line);
      return true;
    }
    const uint64_t inside = prefix_xor(masks.quote) ^ (quoted_ ? ~uint64_t{0} : 0);
    const uint64_t structure = (masks.separator | masks.line) & ~inside;
    const uint64_t opens = masks.quote & inside;
    const uint64_t closes = masks.quote & ~inside;
    const uint64_t may_open = (structure | closes) << 1 | (may_open_ ? 1 : 0);
    // CRLF may follow a closing quote, a bare CR not; at the chunk's edge the careful way decides.
    const uint64_t crlf = masks.carriage & masks.line >> 1;
    uint64_t may_follow = (masks.separator | masks.line | masks.quote | crlf) >> 1;
    if (base + chunk >= size_ || ends_a_quote(text_[base + chunk])) may_follow |= uint64_t{1} << 63;
    if (base + chunk > size_) may_follow |= ~uint64_t{0} << (size_ - base - 1);
    // What is out of the ordinary, and rows over several lines, goes the careful way.
    if ((opens & ~may_open) != 0 || (closes & ~may_follow) != 0 || spans_lines_ || (masks.line & inside) != 0) {
      return step(base, std::min(base + chunk, size_));
    }
    emit(base, structure, structure & masks.line);
    quoted_ = inside >> 63 != 0;
    may_open_ = (structure | closes) >> 63 != 0;
    return true;
  }

  /// One character at a time, from the state between chunks to the state between chunks.
  bool step(std::size_t from, std::size_t to) {
    enum class At : uint8_t { start, bare, quoted, after_quote };
    At at = At::bare;
    if (quoted_) {
      at = At::quoted;
    } else if (may_open_) {
      at = from > 0 && shape_.quote != '\0' && text_[from - 1] == shape_.quote ? At::after_quote : At::start;
    }
    for (std::size_t i = from; i < to; ++i) {
      const char c = text_[i];
      const bool quote = shape_.quote != '\0' && c == shape_.quote;
      if (at == At::quoted) {
        if (quote) {
          at = At::after_quote;
        } else if (c == '\n') {
          spans_lines_ = index_->quoted_lines = true;
          if (!fits()) return false;
        }
        continue;
      }
      if (c == shape_.separator || c == '\n') {
        ends_[index_->end_count++] = static_cast<uint32_t>(i);
        if (c == '\n') {
          rows_[index_->row_count++] = static_cast<uint32_t>(index_->end_count);
          spans_lines_ = false;
        } else if (spans_lines_ && !fits()) {
          return false;
        }
        at = At::start;
      } else if (quote && at == At::start) {
        at = At::quoted;
      } else if (quote && at == At::after_quote && text_[i - 1] == shape_.quote) {
        at = At::quoted;  // a doubled quote
      } else if (at == At::after_quote && c == '\r' && (i + 1 == size_ || text_[i + 1] == '\n')) {
        // CRLF after a closing quote
      } else {
        if (at == At::after_quote) {
          const auto row = static_cast<uint32_t>(index_->row_count);
          if (index_->spoilt.empty() || index_->spoilt.back() != row) index_->spoilt.push_back(row);
          if (spans_lines_) return give_up();
        }
        at = At::bare;
      }
    }
    quoted_ = at == At::quoted;
    after_quote_ = at == At::after_quote && text_[to - 1] == shape_.quote;
    may_open_ = at == At::start || after_quote_;
    return true;
  }

  /// Ends that belong to no whole row are dropped.
  void finish() {
    const std::size_t whole = index_->row_count == 0 ? 0 : rows_[index_->row_count - 1];
    index_->end_count = whole;
    if (!index_->broken && !index_->spoilt.empty() && index_->spoilt.back() == index_->row_count)
      index_->spoilt.pop_back();
  }

 private:
  bool ends_a_quote(char c) const { return c == shape_.separator || c == '\n' || c == shape_.quote; }

  [[gnu::always_inline]] inline void emit(std::size_t base, uint64_t structure, uint64_t lines) {
    uint32_t* out = ends_ + index_->end_count;
    const auto at = static_cast<uint32_t>(base);
    for (uint64_t bits = lines; bits != 0; bits &= bits - 1) {
      const uint64_t up_to = bits ^ (bits - 1);
      rows_[index_->row_count++] =
          static_cast<uint32_t>(index_->end_count) + static_cast<uint32_t>(std::popcount(structure & up_to));
    }
    const auto count = static_cast<std::size_t>(std::popcount(structure));
    while (structure != 0) {
      // Four at a time: what is written past the count is overwritten by the next chunk.
      for (int i = 0; i < 4; ++i) {
        *out++ = at + static_cast<uint32_t>(std::countr_zero(structure));
        structure &= structure - 1;
      }
    }
    index_->end_count += count;
  }

  bool fits() {
    const std::size_t whole = index_->row_count == 0 ? 0 : rows_[index_->row_count - 1];
    return index_->end_count - whole < most_fields_ ? true : give_up();
  }
  bool give_up() {
    index_->broken = true;
    return false;
  }

  const char* text_;
  std::size_t size_;
  const CsvShape& shape_;
  CsvIndex* index_;
  std::size_t most_fields_;
  uint32_t* ends_;
  uint32_t* rows_;
  bool quoted_ = false;
  bool may_open_ = true;
  bool after_quote_ = false;  ///< the careful way ended on a quote whose next character it has not seen
  bool spans_lines_ = false;  ///< the row that is open has a line end inside quotes
};

[[gnu::always_inline]] inline void walk(const char* text, std::size_t size, const CsvShape& shape, CsvIndex* index,
                                        MaskFunction masks_of) {
  Walk walker(text, size, shape, index);
  std::array<Masks, chunks_at_a_time> masks;
  const std::size_t whole = size / chunk;
  bool going = true;
  for (std::size_t first = 0; first < whole && going; first += chunks_at_a_time) {
    const std::size_t count = std::min(chunks_at_a_time, whole - first);
    masks_of(text + first * chunk, count, shape.separator, shape.quote, masks.data());
    for (std::size_t i = 0; i < count && going; ++i) {
      if (shape.quote == '\0') masks[i].quote = 0;
      going = walker.take((first + i) * chunk, masks[i]);
    }
  }
  if (going && whole * chunk < size) {
    // The last, short chunk: padded with a character that is none of those looked for.
    std::array<char, chunk> last;
    char padding = ' ';
    while (padding == shape.separator || padding == shape.quote) ++padding;
    last.fill(padding);
    std::memcpy(last.data(), text + whole * chunk, size - whole * chunk);
    masks_of(last.data(), 1, shape.separator, shape.quote, masks.data());
    if (shape.quote == '\0') masks[0].quote = 0;
    walker.take(whole * chunk, masks[0]);
  }
  walker.finish();
}

#if defined(__x86_64__)
__attribute__((target("popcnt,bmi"))) void walk_avx2(const char* text, std::size_t size, const CsvShape& shape,
                                                     CsvIndex* index) {
  walk(text, size, shape, index, masks_avx2);
}
void walk_sse2(const char* text, std::size_t size, const CsvShape& shape, CsvIndex* index) {
  walk(text, size, shape, index, masks_sse2);
}
#endif

}  // namespace

void index_csv(const char* text, std::size_t size, const CsvShape& shape, CsvIndex* index) {
#if defined(__x86_64__)
  static const bool wide =
      __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("popcnt");
  if (wide) return walk_avx2(text, size, shape, index);
  walk_sse2(text, size, shape, index);
#else
  walk(text, size, shape, index, masks_plain);
#endif
}

void index_csv_plainly(const char* text, std::size_t size, const CsvShape& shape, CsvIndex* index) {
  Walk walker(text, size, shape, index);
  walker.step(0, size);
  walker.finish();
}

}  // namespace kept::exchange
