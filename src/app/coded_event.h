#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/event.h"
#include "model/event_table.h"

namespace kept::app {

/// An event as the engine reads it, coded by a vocabulary once and put into as many tables as are wanted. Free text and
/// personal fields are left out: the engine never reads them.
class CodedEvent {
 public:
  /// Errors: invalid for a type or field that the vocabulary does not have, or a value of another kind: the rules in
  /// use are not those the event was held against.
  static base::Result<CodedEvent> of(const model::Event& event, const model::Vocabulary& vocabulary);
  /// Returns the row. Precondition: the table's vocabulary is the one it was coded by.
  uint32_t add_to(model::EventTable* table) const;

  /// The first moment after `now` at which one of its times begins, or one of them has ended; INT64_MAX: none.
  int64_t next_after(int64_t now) const;
  std::size_t memory_bytes() const;

 private:
  enum Text : uint8_t { participant, crime, suspect, hearing, key, source, agency, urn, id, corrects, retracts, last };
  enum class Kind : uint8_t { plain, moment, code };
  /// A value of `detail`: itself, or where it stands among `moments_` or `codes_`.
  struct Value {
    uint16_t field = 0;
    Kind kind = Kind::plain;
    int64_t value = 0;
  };
  std::string_view text(Text which) const {
    const uint32_t from = which == 0 ? 0 : ends_[which - std::size_t{1}];
    return std::string_view(texts_).substr(from, ends_[which] - from);
  }

  uint16_t code_ = 0;
  bool has_known_ = false, recorded_assumed_ = false;
  int64_t recorded_at_ = 0;
  std::vector<model::Moment>
      moments_;  ///< when it occurred, when it was known if that was said, then those of `detail`
  std::vector<Value> values_;
  std::vector<std::string> codes_;
  std::string texts_;  ///< one after another
  std::array<uint32_t, last> ends_{};
};

}  // namespace kept::app
