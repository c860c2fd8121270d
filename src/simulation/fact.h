#pragma once
#include <array>
#include <cassert>
#include <cstdint>

#include "calendar/local_date.h"
#include "simulation/event_names.h"

namespace kept::simulation {

/// One value of `detail`.
struct FactDetail {
  enum class Form : uint8_t { number, yes_no, text, date };
  Detail field = Detail::none;
  Form form = Form::number;
  int64_t value = 0;  ///< text: a pointer to a string that lives as long as the run; date: LocalDate days
};

/// How exactly a recorded time is written.
enum class Written : uint8_t { instant, date, month, year };

/// One event on its way to the file. Numbers name people, crimes and the rest; 0 is absent.
struct Fact {
  static constexpr std::size_t most_details = 8;

  Type type = Type::none;
  Feed feed = Feed::none;
  Written written = Written::instant;
  int64_t occurred_at = 0;  ///< milliseconds UTC
  int64_t known_at = 0;     ///< 0: not said
  int64_t recorded_at = 0;
  uint32_t id = 0, corrects = 0, retracts = 0;
  uint32_t participant = 0, crime = 0, suspect = 0, hearing = 0, urn = 0, key = 0;
  uint8_t detail_count = 0;
  std::array<FactDetail, most_details> details;

  Fact& of(uint32_t crime_number) {
    crime = crime_number;
    return *this;
  }
  Fact& to(uint32_t participant_number) {
    participant = participant_number;
    return *this;
  }
  Fact& by(uint32_t suspect_number) {
    suspect = suspect_number;
    return *this;
  }
  Fact& at_hearing(uint32_t hearing_number) {
    hearing = hearing_number;
    return *this;
  }
  Fact& in_case(uint32_t urn_number) {
    urn = urn_number;
    return *this;
  }
  Fact& keyed(uint32_t key_number) {
    key = key_number;
    return *this;
  }
  Fact& known(int64_t at) {
    known_at = at;
    return *this;
  }
  Fact& text(Detail field, const char* value) {
    return add(field, FactDetail::Form::text, reinterpret_cast<intptr_t>(value));
  }
  Fact& number(Detail field, int64_t value) { return add(field, FactDetail::Form::number, value); }
  Fact& yes_no(Detail field, bool value) { return add(field, FactDetail::Form::yes_no, value ? 1 : 0); }
  Fact& date(Detail field, calendar::LocalDate on) { return add(field, FactDetail::Form::date, on.days); }

 private:
  Fact& add(Detail field, FactDetail::Form form, int64_t value) {
    assert(detail_count < most_details);
    details[detail_count++] = {field, form, value};
    return *this;
  }
};

inline Fact fact(Type type, Feed feed, int64_t at) {
  Fact made;
  made.type = type;
  made.feed = feed;
  made.occurred_at = at;
  return made;
}

}  // namespace kept::simulation
