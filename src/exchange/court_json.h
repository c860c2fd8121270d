#pragma once
#include <simdjson.h>

#include <cstdint>
#include <deque>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "exchange/byte_source.h"
#include "exchange/cell.h"
#include "exchange/rejects.h"

namespace kept::exchange {

/// Looks into JSON that courts wrote: what is absent or null is absent; what is of another kind than expected is noted
/// once as the fault of the row.
class CourtJson {
 public:
  using Element = simdjson::dom::element;

  /// The value along a path of names; nothing where a part is absent, null or no object.
  static std::optional<Element> at(const Element& from, std::initializer_list<std::string_view> path);
  /// A text, number or truth as text; empty where absent. Notes a fault where it is an object or a list.
  std::string text(const Element& from, std::initializer_list<std::string_view> path);
  /// The elements of a list; none where absent. Notes a fault where it is no list.
  std::vector<Element> list(const Element& from, std::initializer_list<std::string_view> path);

  /// A name that stands twice in one object, anywhere within: which of the two counts would be a guess.
  static std::optional<std::string> duplicate_name(const Element& element);

  struct Fault {
    RejectReason reason;
    std::string field, why;
  };
  const std::optional<Fault>& fault() const { return fault_; }
  void clear() { fault_.reset(); }

 private:
  void note(std::initializer_list<std::string_view> path, const char* why);
  std::optional<Fault> fault_;
};

/// The cells of one row by the names of a fixed heading.
class CourtRow {
 public:
  explicit CourtRow(const std::vector<std::string>& heading) : heading_(heading), cells_(heading.size()) {}
  void set(std::string_view column, std::string value);
  std::string_view get(std::string_view column) const;
  const Cell* cells() const { return cells_.data(); }
  void clear();

 private:
  std::size_t place(std::string_view column) const;
  const std::vector<std::string>& heading_;
  std::vector<Cell> cells_;
  std::deque<std::string> kept_;
};

/// The kind of hearing, one of the words of `hearing_kind`, from what a court calls it; empty for nothing.
std::string hearing_kind(std::string_view called);
/// `2026-03-02` in London for a day or an instant; what cannot be read stays as it is, so that it is rejected as such.
std::string london_day(const std::string& text);
/// `id`s that are all the same, or nothing: a row is about one case or defendant, or about none in particular.
std::string only_one(const std::vector<std::string>& ids);

/// A whole document, with the room that simdjson reads past an end. Errors: too_large past `most_bytes`; the source's.
base::Result<simdjson::padded_string> read_document(const std::string& head, ByteSource& source, std::size_t most_bytes,
                                                    const std::string& file);

}  // namespace kept::exchange
