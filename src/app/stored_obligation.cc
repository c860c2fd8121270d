#include "app/stored_obligation.h"

#include <algorithm>
#include <tuple>

namespace kept::app {
namespace {

constexpr uint8_t encoding_version = 1;
constexpr std::size_t most_numbers =
    27;  ///< of an obligation: five that are always there, 20 rare ones, another deadline

/// Writes behind `to`, where there is room for ten bytes; returns the end.
char* put(char* to, uint64_t value) {
  for (; value >= 0x80; value >>= 7) *to++ = static_cast<char>(static_cast<uint8_t>(value | 0x80));
  *to++ = static_cast<char>(static_cast<uint8_t>(value));
  return to;
}
void put(std::string* out, uint64_t value) {
  char bytes[10];
  out->append(bytes, static_cast<std::size_t>(put(bytes, value) - bytes));
}
uint64_t folded(int64_t value) { return static_cast<uint64_t>(value) << 1 ^ static_cast<uint64_t>(value >> 63); }
int64_t unfolded(uint64_t value) { return static_cast<int64_t>(value >> 1) ^ -static_cast<int64_t>(value & 1); }

class Bytes {
 public:
  explicit Bytes(std::string_view bytes) : bytes_(bytes) {}
  uint64_t take() {
    uint64_t value = 0;
    for (int shift = 0; shift < 64 && at_ < bytes_.size(); shift += 7) {
      const auto byte = static_cast<uint8_t>(bytes_[at_++]);
      value |= uint64_t{byte & 0x7fu} << shift;
      if ((byte & 0x80) == 0) return value;
    }
    failed_ = true;
    return 0;
  }
  bool has_failed() const { return failed_; }
  bool is_done() const { return at_ == bytes_.size(); }
  std::size_t left() const { return bytes_.size() - at_; }

 private:
  std::string_view bytes_;
  std::size_t at_ = 0;
  bool failed_ = false;
};

// Most fields of most obligations are nothing: a bit says which are there.
template <class Visit>
void each_rare(StoredObligation& o, Visit visit) {
  auto number = [&](auto& field) {
    uint64_t value = folded(static_cast<int64_t>(field));
    visit(&value);
    field = static_cast<std::remove_reference_t<decltype(field)>>(unfolded(value));
  };
  auto position = [&](uint64_t& field) {
    uint64_t value = field + 1;
    visit(&value);
    field = value - 1;
  };
  number(o.interval);
  number(o.crime);
  number(o.hearing);
  number(o.agency);
  number(o.missing_agency);
  position(o.fulfilled);
  position(o.decided);
  number(o.fulfilled_at);
  number(o.due_on.kind);
  number(o.due_on.value);
  number(o.would_have_been);
  number(o.window);
  number(o.reason);
  number(o.late_unit);
  number(o.late_by);
  number(o.late_ms);
  number(o.missing_code);
  number(o.missing_on);
  number(o.flags);
  number(o.rule_u_outcomes);
}

void put_obligation(std::string* out, const StoredObligation& stored) {
  StoredObligation o = stored;
  const bool same_due = o.first_due_on == o.due_on;
  uint64_t present = same_due ? 1 : 0;
  uint64_t bit = 1;
  each_rare(o, [&](const uint64_t* value) {
    bit <<= 1;
    if (*value != 0) present |= bit;
  });
  char bytes[10 * most_numbers];
  char* end = put(bytes, o.duty);
  end = put(end, o.trigger + 1);
  end = put(end, folded(o.start_at));
  end = put(end, static_cast<uint64_t>(o.outcome));
  end = put(end, present);
  each_rare(o, [&](const uint64_t* value) {
    if (*value != 0) end = put(end, *value);
  });
  if (!same_due) {
    end = put(end, static_cast<uint64_t>(o.first_due_on.kind));
    end = put(end, folded(o.first_due_on.value));
  }
  out->append(bytes, static_cast<std::size_t>(end - bytes));
}

StoredObligation take_obligation(Bytes* bytes) {
  StoredObligation o;
  o.duty = static_cast<uint16_t>(bytes->take());
  o.trigger = bytes->take() - 1;
  o.start_at = unfolded(bytes->take());
  o.outcome = static_cast<model::Outcome>(bytes->take());
  const uint64_t present = bytes->take();
  uint64_t bit = 1;
  each_rare(o, [&](uint64_t* value) {
    bit <<= 1;
    *value = (present & bit) != 0 ? bytes->take() : 0;
  });
  o.first_due_on = o.due_on;
  if ((present & 1) == 0) {
    o.first_due_on.kind = static_cast<model::Due::Kind>(bytes->take());
    o.first_due_on.value = unfolded(bytes->take());
  }
  return o;
}

base::Error not_obligations() {
  return {base::ErrorCode::conflict,
          "stored obligations cannot be read: they were damaged, or written by another build; run `kept rebuild`"};
}

// Only what is written is read: an enumerator that there is not would be looked up in a table one day.
bool is_known(const StoredObligation& o) {
  using model::Due;
  const auto is_due = [](const Due& due) { return due.kind <= Due::Kind::instant; };
  const auto is_outcome = [](model::Outcome outcome) { return static_cast<int>(outcome) < model::outcome_count; };
  return is_due(o.due_on) && is_due(o.first_due_on) && is_outcome(o.outcome) && is_outcome(o.would_have_been) &&
         o.window <= model::WindowState::cannot_tell && static_cast<int>(o.reason) < model::reason_count &&
         o.late_unit <= model::LateUnit::days;
}

auto order_of(const StoredObligation& o) { return std::tie(o.duty, o.trigger, o.interval, o.crime, o.hearing); }

}  // namespace

bool StoredObligation::operator<(const StoredObligation& other) const { return order_of(*this) < order_of(other); }

std::string encode_obligations(const std::vector<StoredObligation>& obligations) {
  std::string out(1, static_cast<char>(encoding_version));
  put(&out, obligations.size());
  for (const StoredObligation& each : obligations) put_obligation(&out, each);
  return out;
}

base::Result<std::vector<StoredObligation>> decode_obligations(std::string_view encoded) {
  Bytes bytes(encoded);
  if (bytes.take() != encoding_version) return not_obligations();
  const uint64_t count = bytes.take();
  std::vector<StoredObligation> out;
  if (count > bytes.left()) return not_obligations();
  for (uint64_t i = 0; i < count && !bytes.has_failed(); ++i) out.push_back(take_obligation(&bytes));
  if (bytes.has_failed() || !bytes.is_done()) return not_obligations();
  if (!std::all_of(out.begin(), out.end(), is_known) || !std::is_sorted(out.begin(), out.end()))
    return not_obligations();
  // The same obligations have one spelling.
  if (encode_obligations(out) != encoded) return not_obligations();
  return out;
}

std::vector<ObligationChange> changes_between(const std::vector<StoredObligation>& before,
                                              const std::vector<StoredObligation>& after) {
  std::vector<ObligationChange> out;
  std::size_t b = 0, a = 0;
  while (b < before.size() || a < after.size()) {
    ObligationChange change;
    if (a == after.size() || (b < before.size() && before[b] < after[a])) {
      change.was = true;
      change.before = before[b++];
    } else if (b == before.size() || after[a] < before[b]) {
      change.is = true;
      change.after = after[a++];
    } else {
      change.was = change.is = true;
      change.before = before[b++];
      change.after = after[a++];
      if (change.before == change.after) continue;
    }
    out.push_back(change);
  }
  return out;
}

std::string encode_changes(const std::vector<ObligationChange>& changes) {
  std::string out(1, static_cast<char>(encoding_version));
  put(&out, changes.size());
  for (const ObligationChange& change : changes) {
    put(&out, (change.was ? 1u : 0u) | (change.is ? 2u : 0u));
    if (change.was) put_obligation(&out, change.before);
    if (change.is) put_obligation(&out, change.after);
  }
  return out;
}

base::Result<std::vector<ObligationChange>> decode_changes(std::string_view encoded) {
  Bytes bytes(encoded);
  if (bytes.take() != encoding_version) return not_obligations();
  const uint64_t count = bytes.take();
  std::vector<ObligationChange> out;
  if (count > bytes.left()) return not_obligations();
  for (uint64_t i = 0; i < count && !bytes.has_failed(); ++i) {
    ObligationChange change;
    const uint64_t which = bytes.take();
    if (which == 0 || which > 3) return not_obligations();
    change.was = (which & 1) != 0;
    change.is = (which & 2) != 0;
    if (change.was) change.before = take_obligation(&bytes);
    if (change.is) change.after = take_obligation(&bytes);
    out.push_back(change);
  }
  if (bytes.has_failed() || !bytes.is_done()) return not_obligations();
  const auto are_known = [](const ObligationChange& each) { return is_known(each.before) && is_known(each.after); };
  if (!std::all_of(out.begin(), out.end(), are_known) || encode_changes(out) != encoded) return not_obligations();
  return out;
}

}  // namespace kept::app
