// The canonical encoding against its page's vectors (tests/data/canonical) and against a second implementation in
// another language, written from the page (tests/oracles/canonical_event.py).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

#include <fmt/format.h>
#include <simdjson.h>
#include <unistd.h>

#include "model/canonical.h"

namespace kept::model {
namespace {

const std::string folder = KEPT_SOURCE_DIR "/tests/data/canonical/";

std::string hex(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) out += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return out;
}

std::string from_hex(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2)
    bytes += static_cast<char>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16));
  return bytes;
}

std::string text_of(simdjson::dom::element value) { return std::string(value.get_string().value()); }

Event event_of(simdjson::dom::object fields) {
  Event event;
  for (const auto& [name, value] : fields) {
    const std::string key(name);
    if (key == "occurred")
      event.occurred_at = *parse_moment(text_of(value));
    else if (key == "known")
      event.known_at = *parse_moment(text_of(value));
    else if (key == "recorded")
      event.recorded_at = parse_moment(text_of(value))->lo_ms;
    else if (key == "assumed")
      event.recorded_assumed = value.get_bool().value();
    else if (key == "id")
      event.id = text_of(value);
    else if (key == "source")
      event.source = text_of(value);
    else if (key == "type")
      event.type = text_of(value);
    else if (key == "agency")
      event.agency = text_of(value);
    else if (key == "crime")
      event.crime = text_of(value);
    else if (key == "urn")
      event.urn = text_of(value);
    else if (key == "participant")
      event.participant = text_of(value);
    else if (key == "suspect")
      event.suspect = text_of(value);
    else if (key == "hearing")
      event.hearing = text_of(value);
    else if (key == "key")
      event.key = text_of(value);
    else if (key == "actor")
      event.actor = text_of(value);
    else if (key == "corrects")
      event.corrects = text_of(value);
    else if (key == "retracts")
      event.retracts = text_of(value);
    else if (key == "detail") {
      const simdjson::dom::object details = value.get_object().value();
      for (const auto& [field, one] : details) {
        Event::Value& into = event.detail[std::string(field)];
        if (one.is_bool())
          into = one.get_bool().value();
        else if (one.is_int64())
          into = one.get_int64().value();
        else if (one.is_string())
          into = text_of(one);
        else
          into = *parse_moment(text_of(one["time"].value()));
      }
    } else {
      ADD_FAILURE() << "the vector has an unknown key " << key;
    }
  }
  return event;
}

std::string in_quotes(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

std::string json_of(const Event& event) {
  std::string out = fmt::format("{{\"occurred\":{},\"recorded\":{}", in_quotes(to_string(event.occurred_at)),
                                in_quotes(instant_text(event.recorded_at)));
  if (event.known_at) out += ",\"known\":" + in_quotes(to_string(*event.known_at));
  if (event.recorded_assumed) out += ",\"assumed\":true";
  const std::pair<const char*, const std::string*> texts[] = {{"id", &event.id},
                                                              {"source", &event.source},
                                                              {"type", &event.type},
                                                              {"agency", &event.agency},
                                                              {"crime", &event.crime},
                                                              {"urn", &event.urn},
                                                              {"participant", &event.participant},
                                                              {"suspect", &event.suspect},
                                                              {"hearing", &event.hearing},
                                                              {"key", &event.key},
                                                              {"actor", &event.actor},
                                                              {"corrects", &event.corrects},
                                                              {"retracts", &event.retracts}};
  for (const auto& [name, text] : texts) out += fmt::format(",\"{}\":{}", name, in_quotes(*text));
  out += ",\"detail\":{";
  bool first = true;
  for (const auto& [name, value] : event.detail) {
    out += (first ? "" : ",") + in_quotes(name) + ":";
    first = false;
    if (const bool* flag = std::get_if<bool>(&value))
      out += *flag ? "true" : "false";
    else if (const int64_t* number = std::get_if<int64_t>(&value))
      out += std::to_string(*number);
    else if (const std::string* text = std::get_if<std::string>(&value))
      out += in_quotes(*text);
    else
      out += "{\"time\":" + in_quotes(to_string(std::get<Moment>(value))) + "}";
  }
  return out + "}}";
}

/// What the second implementation makes of these events, one in each.
std::vector<std::string> by_oracle(const std::vector<Event>& events) {
  const auto path = std::filesystem::temp_directory_path() /
                    fmt::format("kept-canonical-{}.jsonl",
                                ::testing::UnitTest::GetInstance()->random_seed() + static_cast<int>(getpid()));
  {
    std::ofstream file(path);
    for (const Event& event : events) file << json_of(event) << '\n';
  }
  const std::string command =
      fmt::format("python3 -B {}/tests/oracles/canonical_event.py < {}", KEPT_SOURCE_DIR, path.string());
  std::vector<std::string> lines;
  if (FILE* pipe = popen(command.c_str(), "r")) {
    std::string line;
    for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) {
      if (c == '\n') {
        lines.push_back(line);
        line.clear();
      } else {
        line += static_cast<char>(c);
      }
    }
    EXPECT_EQ(pclose(pipe), 0);
  }
  std::filesystem::remove(path);
  return lines;
}

TEST(CanonicalEvent, AgreesWithItsVectorsBothWays) {
  simdjson::dom::parser parser;
  simdjson::dom::element rows = parser.load(folder + "events.json");
  std::size_t count = 0;
  const simdjson::dom::array all_rows = rows.get_array().value();
  for (simdjson::dom::element row : all_rows) {
    const std::string why = text_of(row["why"].value());
    const Event event = event_of(row["event"].get_object().value());
    const auto bytes = encode_event(event);
    ASSERT_TRUE(bytes.ok()) << why << ": " << bytes.error().message;
    EXPECT_EQ(hex(*bytes), text_of(row["hex"].value())) << why;
    const auto back = decode_event(from_hex(text_of(row["hex"].value())));
    ASSERT_TRUE(back.ok()) << why << ": " << back.error().message;
    EXPECT_EQ(*back, event) << why;
    ++count;
  }
  EXPECT_GE(count, 13u);
}

TEST(CanonicalEvent, RefusesWhatItsVectorsRefuse) {
  simdjson::dom::parser parser;
  simdjson::dom::element rows = parser.load(folder + "refused.json");
  const simdjson::dom::array all_rows = rows.get_array().value();
  for (simdjson::dom::element row : all_rows) {
    const auto event = decode_event(from_hex(text_of(row["hex"].value())));
    ASSERT_FALSE(event.ok()) << text_of(row["why"].value());
    EXPECT_THAT(event.error().message, testing::HasSubstr(text_of(row["message"].value())))
        << text_of(row["why"].value());
  }
}

TEST(CanonicalEvent, AgreesWithAnotherImplementationOnRandomEvents) {
  std::mt19937_64 random(20261122);
  const auto below = [&random](uint64_t bound) { return random() % bound; };
  const char* const letters[] = {"a", "Z", "0", "-", "é", "–", "🕊", "\"", "\\", " ", "/"};
  const auto text = [&](uint64_t most) {
    std::string out;
    for (uint64_t i = below(most + 1); i > 0; --i) out += letters[below(std::size(letters))];
    return out;
  };
  const auto moment = [&] {
    const calendar::LocalDate day = {static_cast<int32_t>(below(40'000)) - 10'000};
    const int64_t instant = calendar::start_of(day) + static_cast<int64_t>(below(86'400'000));
    switch (below(4)) {
      case 0:
        return Moment::instant(instant);
      case 1:
        return Moment::date(day);
      case 2:
        return *parse_moment(calendar::to_string(day).substr(0, below(2) != 0 ? 7 : 4));
      default:
        return *parse_moment(calendar::to_string(day) + ".." +
                             calendar::to_string(day + static_cast<int32_t>(below(100))));
    }
  };
  std::vector<Event> events;
  for (int i = 0; i < 2'000; ++i) {
    Event event;
    event.id = "e" + text(300);
    event.source = "s" + text(3);
    event.type = "t" + text(10);
    event.agency = "a" + text(10);
    event.occurred_at = moment();
    if (below(3) == 0) event.known_at = moment();
    event.recorded_at = moment().lo_ms;
    event.recorded_assumed = below(5) == 0;
    for (std::string* optional : {&event.crime, &event.urn, &event.participant, &event.suspect, &event.hearing,
                                  &event.key, &event.actor, &event.corrects, &event.retracts}) {
      if (below(2) == 0) *optional = text(30);
    }
    for (uint64_t k = below(30); k > 0; --k) {
      Event::Value& value = event.detail["f" + text(4)];
      switch (below(4)) {
        case 0:
          value = below(2) == 0;
          break;
        case 1:
          value = static_cast<int64_t>(random() >> below(64)) * (below(2) == 0 ? 1 : -1);
          break;
        case 2:
          value = text(50);
          break;
        default:
          value = moment();
      }
    }
    events.push_back(std::move(event));
  }
  const std::vector<std::string> expected = by_oracle(events);
  ASSERT_EQ(expected.size(), events.size()) << "python3 is needed for this test";
  for (std::size_t i = 0; i < events.size(); ++i) {
    const auto bytes = encode_event(events[i]);
    ASSERT_TRUE(bytes.ok()) << bytes.error().message;
    ASSERT_EQ(hex(*bytes), expected[i]) << json_of(events[i]);
    const auto back = decode_event(*bytes);
    ASSERT_TRUE(back.ok()) << back.error().message;
    ASSERT_EQ(*back, events[i]);
  }
}

}  // namespace
}  // namespace kept::model
