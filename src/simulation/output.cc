#include "simulation/output.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include "calendar/london_time.h"
#include "simulation/row_writer.h"

namespace kept::simulation {
namespace {

using Kind = RowColumn::Kind;

// The columns every event may have, before its own key and its details.
enum Column : std::size_t {
  col_id,
  col_source,
  col_type,
  col_crime,
  col_urn,
  col_participant,
  col_suspect,
  col_hearing,
  col_occurred_at,
  col_known_at,
  col_recorded_at,
  col_agency,
  col_corrects,
  col_retracts,
  col_occurred_on,  ///< in Parquet, where a column has one type
};

/// Agencies, each once: several feeds belong to one.
struct Agencies {
  Agencies() {
    for (std::size_t feed = 0; feed < feed_count; ++feed) {
      const char* agency = names(static_cast<Feed>(feed)).agency;
      const auto known = std::find(words.begin(), words.end(), agency);
      of_feed[feed] = static_cast<std::size_t>(known - words.begin());
      if (known == words.end()) words.emplace_back(agency);
    }
  }
  std::vector<std::string> words;
  std::array<std::size_t, feed_count> of_feed{};
};

RowColumn types(const char* name) {
  RowColumn column{name, Kind::word};
  for (const TypeName& type : type_names) column.words.emplace_back(type.name);
  return column;
}

std::vector<RowColumn> fixed(const Agencies& agencies, bool by_type) {
  RowColumn sources{"source", Kind::word};
  for (std::size_t feed = 0; feed < feed_count; ++feed)
    sources.words.emplace_back(names(static_cast<Feed>(feed)).source);
  std::vector<RowColumn> columns = {{"id", Kind::reference},
                                    sources,
                                    types("type"),
                                    {"crime", Kind::reference},
                                    {"urn", Kind::reference},
                                    {"participant", Kind::reference},
                                    {"suspect", Kind::reference},
                                    {"hearing", Kind::reference},
                                    {"occurred_at", by_type ? Kind::instant : Kind::text},
                                    {"known_at", Kind::instant},
                                    {"recorded_at", Kind::instant},
                                    {"agency", Kind::word, agencies.words},
                                    {"corrects", Kind::reference},
                                    {"retracts", Kind::reference}};
  if (by_type) columns.push_back({"occurred_on", Kind::text});
  return columns;
}

class Files : public Output {
 public:
  static base::Result<std::unique_ptr<Output>> create(const OutputPaths& paths) {
    auto made = std::make_unique<Files>();
    made->paths_ = paths;
    made->by_type_ = paths.events.ends_with(".parquet");
    std::vector<RowColumn> columns = fixed(made->agencies_, made->by_type_);
    for (std::size_t t = 1; t < type_count; ++t) {
      if (type_names[t].key == nullptr) continue;
      const auto known = std::find_if(columns.begin(), columns.end(),
                                      [&](const RowColumn& column) { return column.name == type_names[t].key; });
      made->key_column_[t] = static_cast<std::size_t>(known - columns.begin());
      if (known == columns.end()) columns.push_back({type_names[t].key, Kind::reference, {}, true});
    }
    made->first_detail_ = columns.size() - 1;  // Detail::none is 0
    for (std::size_t d = 1; d < detail_count; ++d) {
      const DetailName& detail = detail_names[d];
      columns.push_back({detail.name,
                         detail.kind == simulation::Kind::number   ? Kind::number
                         : detail.kind == simulation::Kind::yes_no ? Kind::yes_no
                                                                   : Kind::text,
                         {},
                         true});
    }
    auto events = RowWriter::open(paths.events, std::move(columns));
    if (!events) return events.error();
    made->events_ = std::move(events).value();
    if (!paths.truth.empty()) {
      auto truth =
          RowWriter::open(paths.truth, {{"event", Kind::reference},
                                        types("type"),
                                        {"about", Kind::text},
                                        {"crime", Kind::reference},
                                        {"participant", Kind::reference},
                                        {"suspect", Kind::reference},
                                        {"hearing", Kind::reference},
                                        {"agency", Kind::word, made->agencies_.words},
                                        {"happened_at", Kind::instant},
                                        {"reached_at", Kind::instant},
                                        {"record", Kind::word, {std::begin(fate_words), std::end(fate_words)}}});
      if (!truth) return truth.error();
      made->truth_ = std::move(truth).value();
    }
    return std::unique_ptr<Output>(std::move(made));
  }

  base::Status event(const Fact& fact) override {
    RowWriter& row = *events_;
    const auto feed = static_cast<std::size_t>(fact.feed);
    row.number(col_id, fact.id);
    row.word(col_source, feed);
    row.word(col_type, static_cast<std::size_t>(fact.type));
    reference(row, col_crime, fact.crime);
    reference(row, col_urn, fact.urn);
    reference(row, col_participant, fact.participant);
    reference(row, col_suspect, fact.suspect);
    reference(row, col_hearing, fact.hearing);
    if (!by_type_) {
      row.text(col_occurred_at, written(fact.occurred_at, fact.written));
    } else if (fact.written == Written::instant) {
      row.instant(col_occurred_at, fact.occurred_at);
    } else {
      row.text(col_occurred_on, written(fact.occurred_at, fact.written));
    }
    earliest_ = std::min(earliest_, calendar::london_date(fact.occurred_at));
    if (fact.known_at != 0) row.instant(col_known_at, fact.known_at);
    row.instant(col_recorded_at, fact.recorded_at);
    row.word(col_agency, agencies_.of_feed[feed]);
    reference(row, col_corrects, fact.corrects);
    reference(row, col_retracts, fact.retracts);
    if (fact.key != 0) row.number(key_column_[static_cast<std::size_t>(fact.type)], fact.key);

    // A writer takes its columns in order.
    std::array<const FactDetail*, Fact::most_details> details;
    for (std::size_t i = 0; i < fact.detail_count; ++i) details[i] = &fact.details[i];
    std::sort(details.begin(), details.begin() + fact.detail_count,
              [](const FactDetail* a, const FactDetail* b) { return a->field < b->field; });
    for (std::size_t i = 0; i < fact.detail_count; ++i) {
      const std::size_t column = first_detail_ + static_cast<std::size_t>(details[i]->field);
      const int64_t value = details[i]->value;
      switch (details[i]->form) {
        case FactDetail::Form::text:
          row.text(column, reinterpret_cast<const char*>(static_cast<intptr_t>(value)));
          break;
        case FactDetail::Form::yes_no:
          row.yes_no(column, value != 0);
          break;
        case FactDetail::Form::number:
          if (detail_names[static_cast<std::size_t>(details[i]->field)].kind == simulation::Kind::number) {
            row.number(column, value);
          } else {
            text_ = fmt::format("{}", value);  // a code that happens to be a number
            row.text(column, text_);
          }
          break;
        case FactDetail::Form::date:
          text_.clear();
          append_date(text_, static_cast<int32_t>(value));
          row.text(column, text_);
          break;
      }
    }
    row.end_row();
    return base::Done{};
  }

  base::Status truth(const Truth& truth) override {
    if (truth_ == nullptr) return base::Done{};
    RowWriter& row = *truth_;
    reference(row, 0, truth.event);
    row.word(1, static_cast<std::size_t>(truth.type));
    if (truth.about != nullptr) row.text(2, truth.about);
    reference(row, 3, truth.crime);
    reference(row, 4, truth.participant);
    reference(row, 5, truth.suspect);
    reference(row, 6, truth.hearing);
    row.word(7, agencies_.of_feed[static_cast<std::size_t>(truth.feed)]);
    row.instant(8, truth.happened_at);
    if (truth.reached_at != 0) row.instant(9, truth.reached_at);
    row.word(10, static_cast<std::size_t>(truth.fate));
    row.end_row();
    return base::Done{};
  }

  base::Status finish(const Silences& silences, calendar::LocalDate from, calendar::LocalDate to) override {
    if (const base::Status ended = events_->finish(); !ended.ok()) return ended;
    if (truth_ != nullptr) {
      if (const base::Status ended = truth_->finish(); !ended.ok()) return ended;
    }
    auto table = RowWriter::open(
        paths_.coverage, {{"provider", Kind::text}, {"type", Kind::text}, {"from", Kind::text}, {"to", Kind::text}});
    if (!table) return table.error();
    // What happened before the year to people already in it is all here too.
    for (const CoverageRow& covered : coverage(silences, std::min(from, earliest_), to)) {
      (*table)->text(0, covered.agency);
      (*table)->text(1, covered.type);
      (*table)->text(2, to_string(covered.from));
      (*table)->text(3, to_string(covered.to));
      (*table)->end_row();
    }
    return (*table)->finish();
  }

 private:
  static void reference(RowWriter& row, std::size_t column, uint32_t number) {
    if (number != 0) row.number(column, number);
  }

  /// The time as exactly as it was written down.
  const std::string& written(int64_t at, Written how) {
    text_.clear();
    if (how == Written::instant) {
      append_instant(text_, at);
    } else {
      append_date(text_, calendar::london_date(at).days);
      if (how == Written::month) text_.resize(7);
      if (how == Written::year) text_.resize(4);
    }
    return text_;
  }

  OutputPaths paths_;
  bool by_type_ = false;  ///< every column has values of one type
  Agencies agencies_;
  std::unique_ptr<RowWriter> events_, truth_;
  std::array<std::size_t, type_count> key_column_{};
  std::size_t first_detail_ = 0;
  std::string text_;
  calendar::LocalDate earliest_{INT32_MAX};  ///< of all events
};

}  // namespace

base::Result<OutputPaths> output_paths(const std::string& events_path, bool with_truth) {
  for (const char* ending : {".parquet", ".csv", ".jsonl"}) {
    if (!events_path.ends_with(ending) || events_path.size() == std::strlen(ending)) continue;
    const std::string stem = events_path.substr(0, events_path.size() - std::strlen(ending));
    return OutputPaths{events_path, with_truth ? stem + "-truth" + ending : std::string(), stem + "-coverage.csv"};
  }
  return base::Error{base::ErrorCode::unsupported,
                     fmt::format("--out {}: the name must end in .parquet, .csv or .jsonl", events_path)};
}

base::Result<std::unique_ptr<Output>> Output::create(const OutputPaths& paths) { return Files::create(paths); }

}  // namespace kept::simulation
