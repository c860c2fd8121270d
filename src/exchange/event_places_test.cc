#include "exchange/event_places.h"

#include <gtest/gtest.h>

namespace kept::exchange {
namespace {

std::string told(const EventPlaces& places, uint32_t event) {
  const auto place = places.of(event);
  return place ? place->file + " " + std::to_string(place->row) : "none";
}

TEST(EventPlaces, AreRowsOfTheirFiles) {
  EventPlaces places;
  EXPECT_TRUE(places.empty());
  EXPECT_EQ(told(places, 0), "none");
  places.begin_file("a.csv", 0);
  places.note(0, 1, 1);
  places.note(1, 2, 3);
  places.note(4, 5, 1);  // the same row gives a second event
  places.note(5, 5, 1);
  places.note(9, 7, 1);  // events 6 to 8 have ids
  places.begin_file("empty.csv", 7);
  places.begin_file("b.csv", 7);
  places.note(10, 8, 2);  // on from the row before, in another file
  const char* const wanted[] = {"a.csv 1", "a.csv 2", "a.csv 3", "a.csv 4", "a.csv 5", "a.csv 5", "none",
                                "none",    "none",    "a.csv 7", "b.csv 1", "b.csv 2", "none"};
  for (uint32_t event = 0; event < std::size(wanted); ++event) EXPECT_EQ(told(places, event), wanted[event]) << event;
}

}  // namespace
}  // namespace kept::exchange
