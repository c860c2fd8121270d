#include "model/obligation.h"

#include <array>
#include <bit>
#include <cassert>
#include <cstddef>

#include "base/digest.h"

namespace kept::model {
namespace {

struct Name {
  const char* key;
  const char* words;
};
constexpr std::array<Name, outcome_count> outcomes = {{{"not_owed", "not owed"},
                                                       {"withdrawn_after_due", "withdrawn after due"},
                                                       {"lapsed", "lapsed"},
                                                       {"declined", "declined"},
                                                       {"kept", "kept"},
                                                       {"excused", "excused"},
                                                       {"late", "late"},
                                                       {"open", "open"},
                                                       {"cannot_tell", "cannot tell"},
                                                       {"missed", "missed"},
                                                       {"overdue", "overdue"}}};

constexpr std::array<const char*, reason_count> reasons = {
    "none",          "condition_false", "died_before",    "trigger_retracted",
    "with_not_owed", "lapsed_by_event", "ended_by_death", "ended_by_until",
    "no_coverage",   "rule_u",          "calendar_ends",  "middle_unknown",
    "by_one_of_two", "not_involved"};
static_assert(static_cast<int>(Reason::not_involved) + 1 == reason_count, "every reason has a key");

// In the order of ObligationFlag's bits.
constexpr std::array<const char*, 25> flags = {"told ahead",
                                               "joined later",
                                               "short notice",
                                               "moved after due",
                                               "too late to use",
                                               "told against wishes",
                                               "recorded after due",
                                               "reason after due",
                                               "gap before due",
                                               "beyond calendar",
                                               "no agreement",
                                               "enhanced",
                                               "entitled not recognised",
                                               "enhanced recorded later",
                                               "kinder reading",
                                               "inferred coverage",
                                               "told before middle",
                                               "middle before trigger",
                                               "wish withdrawn",
                                               "decline noted",
                                               "inherited due",
                                               "holiday announced since",
                                               "recorded time assumed",
                                               "edition by assumption",
                                               "transfer not accepted"};
static_assert((std::size_t{1} << (flags.size() - 1)) == flag_transfer_not_accepted, "every flag has a name");

}  // namespace

const char* outcome_name(Outcome outcome) { return outcomes[static_cast<std::size_t>(outcome)].words; }
const char* reason_key(Reason reason) { return reasons[static_cast<std::size_t>(reason)]; }
const char* outcome_key(Outcome outcome) { return outcomes[static_cast<std::size_t>(outcome)].key; }

const char* flag_name(uint32_t single_bit) {
  assert(std::has_single_bit(single_bit));
  const auto index = static_cast<std::size_t>(std::countr_zero(single_bit));
  return index < flags.size() ? flags[index] : "";
}

std::string obligation_id(const std::string& duty, const std::string& participant, const std::string& trigger_source,
                          const std::string& trigger_id, uint32_t interval) {
  // Each part with its length before it, so that no two different lists of parts give the same bytes.
  std::string bytes;
  const auto number = [&bytes](std::size_t value) {
    for (int shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(value >> shift & 0xff);
  };
  for (const std::string* part : {&duty, &participant, &trigger_source, &trigger_id}) {
    number(part->size());
    bytes += *part;
  }
  number(interval);
  // Crockford's base 32: no letter that can be taken for a digit.
  constexpr const char* alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
  uint64_t value = base::digest(bytes);
  std::string id(13, '0');
  for (std::size_t i = id.size(); i-- > 0; value >>= 5) id[i] = alphabet[value & 31];
  return id;
}

}  // namespace kept::model
