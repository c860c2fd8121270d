#include "rules/story.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "rules/vocabulary_section.h"

namespace kept::rules {
namespace {

using model::EventTable;
using model::EventType;
using model::Field;
using model::FieldKind;
using model::Meaning;
using model::Moment;

constexpr int64_t half_day_ms = 12LL * 3'600'000;
const char* const person = "V";
const char* const crime_of_person = "X";
const char* const linked_on = "2000-01-01";
/// `crime=none` leaves out what would otherwise be filled in.
const char* const left_out = "none";

struct Pair {
  std::string key, value;
};

/// Words split at blanks; a value may be quoted to hold some. False when a quote is not closed.
bool split(const std::string& text, std::vector<std::string>* words) {
  std::size_t at = 0;
  while (true) {
    at = text.find_first_not_of(" \t", at);
    if (at == std::string::npos) return true;
    std::string word;
    while (at < text.size() && text[at] != ' ' && text[at] != '\t') {
      if (text[at] == '"' || text[at] == '\'') {
        const std::size_t end = text.find(text[at], at + 1);
        if (end == std::string::npos) return false;
        word += text.substr(at + 1, end - at - 1);
        at = end + 1;
      } else {
        word += text[at++];
      }
    }
    words->push_back(std::move(word));
  }
}

/// One line understood, before anything unsaid is filled in.
struct Event {
  const Story::Line* line = nullptr;  ///< null for a link that nobody told
  const EventType* type = nullptr;
  uint16_t code = 0;
  Moment occurred;
  std::optional<Moment> known;
  std::optional<int64_t> recorded_at;
  std::string id, source, crime, urn, participant, suspect, hearing, key, agency, corrects, retracts;
  std::vector<std::pair<uint16_t, std::string>> detail;
};

/// When what happened then is recorded, if nothing else is said: an instant at once, a date at noon, anything coarser
/// at noon of its last day.
int64_t recorded_when(const Moment& moment) {
  if (moment.precision == model::Precision::instant) return moment.lo_ms;
  return calendar::start_of(calendar::london_date(moment.hi_ms)) + half_day_ms;
}

class Teller {
 public:
  Teller(const Story& story, const std::shared_ptr<const model::Vocabulary>& vocabulary, Problems* problems)
      : story_(story), vocabulary_(*vocabulary), problems_(problems), table_(vocabulary) {}

  std::optional<EventTable> tell() {
    const std::size_t before = problems_->size();
    std::vector<Event> events;
    for (const Story::Line& line : story_.lines) {
      line_ = &line;
      Event event;
      event.line = &line;
      if (read(&event)) {
        if (event.id.empty()) event.id = std::to_string(events.size() + 1);
        events.push_back(std::move(event));
      }
    }
    if (problems_->size() != before) return std::nullopt;
    if (!story_.links_explicit) add_links(events);
    for (const Event& event : events) append(event);
    if (problems_->size() != before) return std::nullopt;
    return std::move(table_);
  }

 private:
  void problem(std::string message) { problems_->add(line_->file, line_->line, std::move(message)); }

  bool read(Event* event) {
    std::vector<std::string> words;
    if (!split(line_->text, &words)) {
      problem(fmt::format("a quote is not closed in the event \"{}\"", shown(line_->text)));
      return false;
    }
    if (words.size() < 2) {
      problem(fmt::format(
          "\"{}\" is not an event; write WHEN TYPE key=value, for example 2026-12-22 suspect.arrested suspect=A",
          shown(line_->text)));
      return false;
    }
    const auto occurred = model::parse_moment(words[0]);
    if (!occurred) {
      problem(occurred.error().message);
      return false;
    }
    event->occurred = *occurred;
    event->type = vocabulary_.find(words[1]);
    if (event->type == nullptr) {
      problem(fmt::format("there is no event `{}` in the vocabulary{}", shown(words[1]),
                          suggestion(words[1], type_names(vocabulary_))));
      return false;
    }
    event->code = event->type->first_code;
    const std::size_t before = problems_->size();
    for (std::size_t i = 2; i < words.size(); ++i) {
      const std::size_t equals = words[i].find('=');
      if (equals == std::string::npos || equals == 0 || equals + 1 == words[i].size()) {
        problem(
            fmt::format("`{}` is not key=value; quote a value that has blanks: key=\"two words\"", shown(words[i])));
        continue;
      }
      set(event, words[i].substr(0, equals), words[i].substr(equals + 1));
    }
    check_needs(event);
    return problems_->size() == before;
  }

  std::optional<Moment> moment(const std::string& text) {
    auto read = model::parse_moment(text);
    if (read) return *read;
    problem(read.error().message);
    return std::nullopt;
  }

  void set(Event* event, const std::string& key, std::string value) {
    const EventType& type = *event->type;
    const auto reference = [&](std::string* into, uint8_t bit) {
      if ((type.carries & bit) == 0 && value != left_out) {
        problem(fmt::format("`{}` carries no {}; leave `{}=` out, or add it to `carries:` in the vocabulary", type.name,
                            key, key));
      }
      *into = std::move(value);
    };
    if (key == "crime") return reference(&event->crime, model::carries_crime);
    if (key == "urn") return reference(&event->urn, model::carries_urn);
    if (key == "participant") return reference(&event->participant, model::carries_participant);
    if (key == "suspect") return reference(&event->suspect, model::carries_suspect);
    if (key == "hearing") return reference(&event->hearing, model::carries_hearing);
    if (!type.key.empty() && key == type.key) return reference(&event->key, model::carries_key);
    if (key == "id") return void(event->id = std::move(value));
    if (key == "source") return void(event->source = std::move(value));
    if (key == "agency") return void(event->agency = std::move(value));
    if (key == "corrects") return void(event->corrects = std::move(value));
    if (key == "retracts") return void(event->retracts = std::move(value));
    if (key == "known") return void(event->known = moment(value));
    if (key == "recorded") {
      if (const auto at = moment(value)) event->recorded_at = recorded_when(*at);
      return;
    }
    const int32_t field = vocabulary_.field_id(key);
    if (field < 0 || std::find(type.fields.begin(), type.fields.end(), field) == type.fields.end()) {
      std::vector<std::string> known;
      for (const uint16_t id : type.fields) known.push_back(vocabulary_.fields()[id].name);
      for (std::size_t bit = 0; bit < reference_names().size(); ++bit) {
        if ((type.carries >> bit & 1) != 0) known.push_back(reference_names()[bit]);
      }
      if (!type.key.empty()) known.push_back(type.key);
      problem(fmt::format("`{}` has no field `{}`{}", type.name, shown(key), suggestion(key, known)));
      return;
    }
    event->detail.emplace_back(static_cast<uint16_t>(field), std::move(value));
    const Field& meant = vocabulary_.fields()[static_cast<std::size_t>(field)];
    if (type.distinguished_by == field) {
      const auto word = std::find(meant.words.begin(), meant.words.end(), event->detail.back().second);
      if (word != meant.words.end())
        event->code = static_cast<uint16_t>(type.first_code + 1 + (word - meant.words.begin()));
    }
  }

  /// What the type must carry and the story may leave unsaid is filled in here; what is still missing is a mistake.
  void check_needs(Event* event) {
    const EventType& type = *event->type;
    if (!event->retracts.empty()) return;  // a retraction says nothing but which event it takes back
    if (event->crime.empty() && (type.carries & model::carries_crime) != 0) event->crime = crime_of_person;
    if (event->participant.empty() && (type.needs & model::carries_participant) != 0) event->participant = person;
    for (std::string* reference :
         {&event->crime, &event->participant, &event->suspect, &event->hearing, &event->urn, &event->key}) {
      if (*reference == left_out) reference->clear();
    }
    if ((type.needs & model::carries_suspect) != 0 && event->suspect.empty())
      problem(fmt::format("`{}` must name a suspect; add suspect=A", type.name));
    if ((type.needs & model::carries_hearing) != 0 && event->hearing.empty())
      problem(fmt::format("`{}` must name a hearing; add hearing=H", type.name));
    if ((type.needs & model::carries_key) != 0 && event->key.empty())
      problem(fmt::format("`{}` must name its {}; add {}=1", type.name, type.key, type.key));
    for (const uint16_t field : type.needed_fields) {
      const bool given = std::any_of(event->detail.begin(), event->detail.end(),
                                     [field](const auto& pair) { return pair.first == field; });
      if (!given)
        problem(fmt::format("`{}` must carry the field `{}`; add {}=...", type.name, vocabulary_.fields()[field].name,
                            vocabulary_.fields()[field].name));
    }
  }

  /// The links nobody tells in an example: everyone and everything named is linked to the crime named beside it, long
  /// before.
  void add_links(const std::vector<Event>& events) {
    std::set<std::pair<Meaning, std::string>> told;  // links that the story tells itself
    std::set<std::pair<std::string, std::string>> people, suspects, hearings;
    const auto has_crime = [](const Event& event) {
      return event.crime.empty() ? std::string(crime_of_person) : event.crime;
    };
    people.emplace(person, crime_of_person);
    for (const Event& event : events) {
      const Meaning meaning = event.type->meaning;
      if (meaning == Meaning::links_victim) told.emplace(meaning, event.participant);
      if (meaning == Meaning::links_suspect) told.emplace(meaning, event.suspect);
      if (meaning == Meaning::links_hearing) told.emplace(meaning, event.hearing);
      if (!event.participant.empty()) people.emplace(event.participant, has_crime(event));
      if (!event.suspect.empty()) suspects.emplace(event.suspect, has_crime(event));
      if (!event.hearing.empty()) hearings.emplace(event.hearing, has_crime(event));
    }
    const auto link = [&](Meaning meaning, const auto& pairs, std::string Event::* who) {
      const auto type = std::find_if(vocabulary_.types().begin(), vocabulary_.types().end(),
                                     [&](const EventType& one) { return one.meaning == meaning; });
      if (type == vocabulary_.types().end()) return;
      for (const auto& [name, crime] : pairs) {
        if (told.contains({meaning, name})) continue;
        Event event;
        event.type = &*type;
        event.code = type->first_code;
        event.occurred = *model::parse_moment(linked_on);
        event.source = "links";
        event.id = fmt::format("{} {} {}", type->name, name, crime);
        event.crime = crime;
        event.*who = name;
        append(event);
      }
    };
    link(Meaning::links_victim, people, &Event::participant);
    link(Meaning::links_suspect, suspects, &Event::suspect);
    link(Meaning::links_hearing, hearings, &Event::hearing);
  }

  std::optional<int64_t> encode(const Field& field, const std::string& text) {
    switch (field.kind) {
      case FieldKind::yes_no:
        if (text == "yes" || text == "true") return 1;
        if (text == "no" || text == "false") return 0;
        problem(fmt::format("`{}` is yes or no, not \"{}\"", field.name, shown(text)));
        return std::nullopt;
      case FieldKind::number: {
        int64_t value = 0;
        const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (failed == std::errc() && end == text.data() + text.size()) return value;
        problem(fmt::format("`{}` is a whole number, not \"{}\"", field.name, shown(text)));
        return std::nullopt;
      }
      case FieldKind::word: {
        const auto found = std::find(field.words.begin(), field.words.end(), text);
        if (found != field.words.end()) return found - field.words.begin();
        problem(fmt::format("`{}` is not a word of `{}`{}", shown(text), field.name, suggestion(text, field.words)));
        return std::nullopt;
      }
      case FieldKind::code:
        return table_.codes.code(text);
      case FieldKind::date: {
        const auto read = moment(text);
        if (!read) return std::nullopt;
        return table_.add_moment(*read);
      }
      case FieldKind::text:
        break;
    }
    return std::nullopt;  // free text never enters the table
  }

  void append(const Event& event) {
    line_ = event.line;
    std::vector<model::DetailValue> detail;
    for (const auto& [field, text] : event.detail) {
      if (const auto value = encode(vocabulary_.fields()[field], text)) detail.push_back({field, *value});
    }
    model::EventRow row;
    row.code = event.code;
    row.occurred = event.occurred;
    row.has_known = event.known.has_value();
    if (event.known) row.known = *event.known;
    row.recorded_at = event.recorded_at.value_or(recorded_when(event.occurred));
    row.participant = table_.participants.code(event.participant);
    row.crime = table_.crimes.code(event.crime);
    row.suspect = table_.suspects.code(event.suspect);
    row.hearing = table_.hearings.code(event.hearing);
    row.key = table_.keys.code(event.key);
    row.urn = table_.urns.code(event.urn);
    row.source = table_.sources.code(event.source.empty() ? "s" : event.source);
    row.agency = table_.agencies.code(event.agency.empty() ? story_.agency : event.agency);
    row.id = event.id;
    row.corrects = event.corrects;
    row.retracts = event.retracts;
    row.detail = detail.data();
    row.detail_count = detail.size();
    table_.append(row);
  }

  const Story& story_;
  const model::Vocabulary& vocabulary_;
  Problems* problems_;
  EventTable table_;
  const Story::Line* line_ = nullptr;
};

}  // namespace

std::vector<Story::Line> story_lines(Yaml node, Problems* problems) {
  std::vector<Story::Line> lines;
  const auto add = [&](const std::string& text, int line) {
    const std::size_t begin = text.find_first_not_of(" \t\r");
    if (begin != std::string::npos && text[begin] != '#') lines.push_back({text, node.file(), line});
  };
  if (node.is_text()) {
    // A block's own line is that of its `|`; its events start on the next one.
    int line = node.line() + (node.text().find('\n') == std::string::npos ? 0 : 1);
    for (std::size_t at = 0; at <= node.text().size(); ++line) {
      const std::size_t end = std::min(node.text().find('\n', at), node.text().size());
      add(node.text().substr(at, end - at), line);
      at = end + 1;
    }
    return lines;
  }
  if (!node.is_list() && node.kind() != Yaml::Kind::empty) {
    problems->add(node.file(), node.line(), "events are a list of lines, or one block of lines: WHEN TYPE key=value");
    return lines;
  }
  for (const Yaml& item : node.items()) {
    if (item.is_text()) {
      add(item.text(), item.line());
    } else {
      problems->add(item.file(), item.line(),
                    "an event is one line of text: WHEN TYPE key=value; quote it if it holds `: ` or `, `");
    }
  }
  return lines;
}

std::optional<EventTable> tell(const Story& story, const std::shared_ptr<const model::Vocabulary>& vocabulary,
                               Problems* problems) {
  return Teller(story, vocabulary, problems).tell();
}

std::optional<int64_t> read_clock(Yaml node, Problems* problems) {
  const auto moment = model::parse_moment(node.text());
  if (!moment) {
    problems->add(node.file(), node.line(), moment.error().message);
    return std::nullopt;
  }
  return moment->hi_ms;
}

engine::Coverage read_coverage(Yaml node, EventTable* table, Problems* problems) {
  if (!node || node.text() == "complete") return engine::Coverage::complete();
  if (node.text() == "inferred") return engine::Coverage::inferred(*table);
  engine::Coverage coverage;
  for (const std::string& line : texts_of(node, "`coverage:`", problems)) {
    std::vector<std::string> words;
    const bool closed = split(line, &words);
    const auto span = words.size() == 3 ? model::parse_moment(words[2])
                                        : base::Result<Moment>(base::invalid("a line has three parts"));
    const EventType* type = words.size() == 3 ? table->vocabulary().find(words[1]) : nullptr;
    if (!closed || !span || (type == nullptr && words[1] != "*")) {
      problems->add(node.file(), node.line(),
                    fmt::format("\"{}\" is not a line of coverage; write AGENCY TYPE FROM..TO, for example met "
                                "victim.informed 2026-01-01..2026-03-31, with * for every type",
                                shown(line)));
      continue;
    }
    for (std::size_t i = 0; i < table->vocabulary().types().size(); ++i) {
      if (type != nullptr && type != &table->vocabulary().types()[i]) continue;
      coverage.add(table->agencies.code(words[0]), static_cast<uint16_t>(i), span->on(),
                   calendar::london_date(span->hi_ms));
    }
  }
  return coverage;
}

}  // namespace kept::rules
