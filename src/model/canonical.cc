#include "model/canonical.h"

#include "model/cbor.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace kept::model {
namespace {

using base::Error;
using base::ErrorCode;
using namespace cbor;

/// Where each text field of an event stands in the map; `required` ones are never absent.
struct TextField {
  std::string_view key;
  std::string Event::* field;
  bool required;
};
constexpr std::array<TextField, 13> text_fields = {{{"id", &Event::id, true},
                                                    {"source", &Event::source, true},
                                                    {"type", &Event::type, true},
                                                    {"agency", &Event::agency, true},
                                                    {"crime", &Event::crime, false},
                                                    {"urn", &Event::urn, false},
                                                    {"participant", &Event::participant, false},
                                                    {"suspect", &Event::suspect, false},
                                                    {"hearing", &Event::hearing, false},
                                                    {"key", &Event::key, false},
                                                    {"actor", &Event::actor, false},
                                                    {"corrects", &Event::corrects, false},
                                                    {"retracts", &Event::retracts, false}}};

/// Well-formed UTF-8 without surrogates and overlong forms (RFC 3629).
bool is_utf8(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  for (std::size_t i = 0; i < text.size();) {
    uint64_t eight = 0;
    if (i + 8 <= text.size() && (std::memcpy(&eight, text.data() + i, 8), eight & 0x8080808080808080u) == 0) {
      i += 8;
      continue;
    }
    const unsigned char lead = byte(i);
    if (lead < 0x80) {
      ++i;
      continue;
    }
    const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || i + length > text.size()) return false;
    for (std::size_t k = 1; k < length; ++k) {
      if ((byte(i + k) & 0xc0) != 0x80) return false;
    }
    const unsigned char next = byte(i + 1);
    if ((lead == 0xe0 && next < 0xa0) || (lead == 0xed && next > 0x9f) || (lead == 0xf0 && next < 0x90) ||
        (lead == 0xf4 && next > 0x8f))
      return false;
    i += length;
  }
  return true;
}

std::string text_item(std::string_view text) {
  std::string out;
  put_head(&out, text_string, text.size());
  out += text;
  return out;
}

std::string int_item(int64_t value) {
  std::string out;
  if (value >= 0) {
    put_head(&out, unsigned_int, static_cast<uint64_t>(value));
  } else {
    put_head(&out, negative_int, static_cast<uint64_t>(-(value + 1)));
  }
  return out;
}

std::string bool_item(bool value) { return std::string(1, static_cast<char>(value ? simple_true : simple_false)); }

/// A map out of encoded keys and values, in the order of the keys' bytes.
std::string map_item(std::vector<std::pair<std::string, std::string>> entries) {
  std::sort(entries.begin(), entries.end());
  std::string out;
  put_head(&out, map, entries.size());
  for (const auto& [key, value] : entries) out += key + value;
  return out;
}

/// True when a moment is one that reading its own text gives back: only such have one spelling.
bool is_canonical(const Moment& moment) {
  const auto again = parse_moment(to_string(moment));
  return again && *again == moment;
}

/// Reads deterministic CBOR, item by item; any other spelling is an error that names the byte.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  std::size_t at() const { return at_; }
  bool is_done() const { return at_ == bytes_.size(); }
  bool has_failed() const { return error_.has_value(); }
  const Error& error() const { return *error_; }

  void fail(std::size_t where, std::string why) {
    if (!error_)
      error_ =
          base::invalid(fmt::format("this is not the canonical encoding of an event: byte {}: {}; the original bytes "
                                    "are needed, not a copy written by another program",
                                    where, why));
  }

  /// The next item's head, without moving past its content.
  std::optional<Head> head() {
    const std::size_t start = at_;
    if (error_) return std::nullopt;
    Head out;
    if (const char* why = read_head(bytes_, &at_, &out)) return fail(start, why), std::nullopt;
    return out;
  }

  std::optional<std::string_view> text() {
    const std::size_t start = at_;
    const auto read = head();
    if (!read) return std::nullopt;
    if (read->major != text_string) return fail(start, "a text is expected"), std::nullopt;
    return content(start, read->value);
  }

  std::optional<std::string_view> content(std::size_t start, uint64_t length) {
    if (length > bytes_.size() - at_) return fail(start, "a text longer than what is left"), std::nullopt;
    const std::string_view found = bytes_.substr(at_, static_cast<std::size_t>(length));
    at_ += static_cast<std::size_t>(length);
    if (!is_utf8(found)) return fail(start, "a text that is not UTF-8"), std::nullopt;
    return found;
  }

  std::optional<Moment> moment() {
    const std::size_t start = at_;
    const auto written = text();
    if (!written) return std::nullopt;
    const auto read = parse_moment(*written);
    if (!read || to_string(*read) != *written)
      return fail(start, "a time that is not written in its one form"), std::nullopt;
    return *read;
  }

  /// The number of entries of a map; its keys are then read with `key`.
  std::optional<uint64_t> map_size() {
    const std::size_t start = at_;
    const auto read = head();
    if (!read) return std::nullopt;
    if (read->major != map) return fail(start, "a map is expected"), std::nullopt;
    if (read->value > bytes_.size() - at_) return fail(start, "a map longer than what is left"), std::nullopt;
    return read->value;
  }

  /// A key that must come after `previous` in the order of encoded bytes.
  std::optional<std::string_view> key(std::string_view* previous) {
    const std::size_t start = at_;
    const auto read = text();
    if (!read) return std::nullopt;
    const std::string_view encoded = bytes_.substr(start, at_ - start);
    if (!previous->empty() && encoded <= *previous)
      return fail(start, "keys that are out of order or given twice"), std::nullopt;
    *previous = encoded;
    return read;
  }

  std::optional<Event::Value> value() {
    const std::size_t start = at_;
    const auto read = head();
    if (!read) return std::nullopt;
    constexpr uint64_t largest = INT64_MAX;
    switch (read->major) {
      case simple:
        return Event::Value(read->value == simple_true);
      case unsigned_int:
        if (read->value > largest) break;
        return Event::Value(static_cast<int64_t>(read->value));
      case negative_int:
        if (read->value > largest) break;
        return Event::Value(-static_cast<int64_t>(read->value) - 1);
      case text_string: {
        const auto written = content(start, read->value);
        if (!written) return std::nullopt;
        return Event::Value(std::string(*written));
      }
      case array: {
        if (read->value != 1) return fail(start, "a list, which is only written for one time"), std::nullopt;
        const auto time = moment();
        if (!time) return std::nullopt;
        return Event::Value(*time);
      }
      default:
        return fail(start, "a value of a kind that details do not have"), std::nullopt;
    }
    return fail(start, "a number beyond 63 bits"), std::nullopt;
  }

 private:
  std::string_view bytes_;
  std::size_t at_ = 0;
  std::optional<Error> error_;
};

}  // namespace

base::Result<std::string> encode_event(const Event& event) {
  std::vector<std::pair<std::string, std::string>> entries;
  const auto add = [&entries](std::string_view key, std::string value) {
    entries.emplace_back(text_item(key), std::move(value));
  };
  add("v", int_item(canonical_version));
  for (const TextField& one : text_fields) {
    const std::string& text = event.*one.field;
    if (text.empty()) {
      if (one.required)
        return base::invalid(fmt::format("an event without `{}` cannot be encoded; fill it in", one.key));
      continue;
    }
    if (!is_utf8(text)) return base::invalid(fmt::format("`{}` of an event is not UTF-8; convert it first", one.key));
    add(one.key, text_item(text));
  }
  if (!is_canonical(event.occurred_at) || (event.known_at && !is_canonical(*event.known_at))) {
    return base::invalid(
        "a time of an event is not an instant, a date, a month, a year or a range between 0001 and 9999; correct it");
  }
  add("occurred", text_item(to_string(event.occurred_at)));
  if (event.known_at) add("known", text_item(to_string(*event.known_at)));
  if (!is_canonical(Moment::instant(event.recorded_at)))
    return base::invalid("`recorded_at` of an event lies outside the years 0001 to 9999; correct it");
  add("recorded", text_item(instant_text(event.recorded_at)));
  if (event.recorded_assumed) add("assumed", bool_item(true));
  if (!event.detail.empty()) {
    std::vector<std::pair<std::string, std::string>> detail;
    for (const auto& [name, value] : event.detail) {
      if (name.empty() || !is_utf8(name))
        return base::invalid("a field of `detail` has no name, or one that is not UTF-8; name it");
      std::string item;
      if (const bool* flag = std::get_if<bool>(&value)) {
        item = bool_item(*flag);
      } else if (const int64_t* number = std::get_if<int64_t>(&value)) {
        item = int_item(*number);
      } else if (const std::string* text = std::get_if<std::string>(&value)) {
        if (!is_utf8(*text)) return base::invalid(fmt::format("the detail `{}` is not UTF-8; convert it first", name));
        item = text_item(*text);
      } else {
        const Moment& time = std::get<Moment>(value);
        if (!is_canonical(time))
          return base::invalid(
              fmt::format("the detail `{}` is not an instant, a date, a month, a year or a range; correct it", name));
        put_head(&item, array, 1);
        item += text_item(to_string(time));
      }
      detail.emplace_back(text_item(name), std::move(item));
    }
    add("detail", map_item(std::move(detail)));
  }
  std::string bytes = map_item(std::move(entries));
  if (bytes.size() > canonical_largest_bytes) {
    return Error{ErrorCode::too_large,
                 fmt::format("an event takes {} bytes, more than the {} that are kept; shorten its free text",
                             bytes.size(), canonical_largest_bytes)};
  }
  return bytes;
}

base::Result<Event> decode_event(std::string_view bytes) {
  if (bytes.size() > canonical_largest_bytes) {
    return Error{ErrorCode::too_large, fmt::format("an encoded event has {} bytes, more than the {} that are read",
                                                   bytes.size(), canonical_largest_bytes)};
  }
  Reader reader(bytes);
  Event event;
  std::string_view previous;
  bool has_occurred = false;
  bool has_recorded = false;
  const auto entries = reader.map_size();
  for (uint64_t i = 0; entries && i < *entries && !reader.has_failed(); ++i) {
    const std::size_t start = reader.at();
    const auto key = reader.key(&previous);
    if (!key) break;
    if (i == 0) {
      // Being the shortest key, the version always comes first: it is known before anything a newer version may have
      // added.
      const std::size_t where = reader.at();
      const auto version = *key == "v" ? reader.head() : std::nullopt;
      if (!version) {
        reader.fail(start, "it does not begin with its version");
      } else if (version->major == unsigned_int && version->value > canonical_version) {
        return Error{
            ErrorCode::unsupported,
            fmt::format("this event is written in encoding {}, and this build of Kept reads up to {}; use a newer Kept",
                        version->value, canonical_version)};
      } else if (version->major != unsigned_int || version->value != canonical_version) {
        reader.fail(where, "its version is not one that was ever written");
      }
      continue;
    }
    const auto text_field =
        std::find_if(text_fields.begin(), text_fields.end(), [&](const TextField& one) { return *key == one.key; });
    if (text_field != text_fields.end()) {
      const std::size_t where = reader.at();
      if (auto text = reader.text()) event.*(text_field->field) = *text;
      if (!reader.has_failed() && (event.*(text_field->field)).empty())
        reader.fail(where, "an empty text, which is left out when written");
    } else if (*key == "occurred") {
      if (const auto moment = reader.moment()) event.occurred_at = *moment;
      has_occurred = true;
    } else if (*key == "known") {
      if (const auto moment = reader.moment()) event.known_at = *moment;
    } else if (*key == "recorded") {
      const std::size_t where = reader.at();
      const auto moment = reader.moment();
      if (moment && moment->precision != Precision::instant) reader.fail(where, "`recorded` is not an instant");
      if (moment) event.recorded_at = moment->lo_ms;
      has_recorded = true;
    } else if (*key == "assumed") {
      const std::size_t where = reader.at();
      const auto flag = reader.head();
      if (flag && (flag->major != simple || flag->value != simple_true))
        reader.fail(where, "`assumed` is only written when it is true");
      event.recorded_assumed = true;
    } else if (*key == "detail") {
      const std::size_t where = reader.at();
      const auto fields = reader.map_size();
      if (fields && *fields == 0) reader.fail(where, "an empty `detail`, which is left out when written");
      std::string_view previous_field;
      for (uint64_t k = 0; fields && k < *fields && !reader.has_failed(); ++k) {
        const auto name = reader.key(&previous_field);
        if (name && name->empty()) reader.fail(reader.at(), "a detail without name");
        auto value = name ? reader.value() : std::nullopt;
        if (value) event.detail.emplace(std::string(*name), std::move(*value));
      }
    } else {
      reader.fail(start, "a key that this version does not have");
    }
  }
  if (!reader.has_failed() && !reader.is_done()) reader.fail(reader.at(), "something follows the event");
  for (const TextField& one : text_fields) {
    if (one.required && (event.*one.field).empty()) reader.fail(reader.at(), fmt::format("there is no `{}`", one.key));
  }
  if (!has_occurred || !has_recorded) reader.fail(reader.at(), "there is no `occurred` or no `recorded`");
  if (reader.has_failed()) return reader.error();
  return event;
}

}  // namespace kept::model
