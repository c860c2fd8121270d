#pragma once
#include <array>
#include <bit>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/result.h"
#include "exchange/cell.h"
#include "exchange/duplicates.h"
#include "exchange/mapping.h"
#include "exchange/packed_details.h"
#include "exchange/read_events.h"
#include "exchange/seen_values.h"
#include "exchange/time_form.h"
#include "exchange/type_values.h"
#include "exchange/word_cache.h"
#include "model/event_table.h"

namespace kept::exchange {

/// What all files of one request add to.
struct Reading {
  const ReadRequest& request;
  ReadResult result;
  Duplicates duplicates;
  TypeValues type_values;
  std::map<std::string, SeenValues> seen_values;  ///< by column, of the mapping's tables of values
  uint64_t suggestions = 0;                       ///< "did you mean" is worked out for the first rejects only

  /// The first event of each case, by participant: where `link: each case` puts the link.
  struct FirstEvent {
    bool seen = false;
    model::Moment occurred;
    uint32_t crime = 0, source = 0, agency = 0;
  };
  std::vector<FirstEvent> cases;
  bool link_cases_by_default = false;  ///< a log was read whose cases are to be linked though no mapping says so

  explicit Reading(const ReadRequest& asked)
      : request(asked), result{model::EventTable(asked.vocabulary), {}, false, 0, {}} {
    if (asked.mapping == nullptr) return;
    for (const auto& [column, table] : asked.mapping->values) seen_values.try_emplace(column, table);
  }
};

/// The heart of every reader: one row of named values in; events in the table, or a reject, out. Every check of a row
/// is here, whatever the form of the file.
class RowChecker {
 public:
  /// `heading`: the file's column names, in order; null for forms without one (then `slot` places each value).
  /// `mapping`: null for the project's own form. All references must outlive the checker.
  /// Errors: invalid (a column that nobody knows, or that a mapping names and the file lacks), with the mend.
  static base::Result<RowChecker> make(Reading& reading, const Mapping* mapping, const std::string& file,
                                       const std::vector<std::string>* heading);

  /// How many cells a row has.
  std::size_t width() const { return names_.size(); }
  const std::vector<std::string>& names() const { return names_; }
  /// Columns that are read at all; the reader may leave the other cells empty.
  const std::vector<uint32_t>& wanted() const { return wanted_; }
  static constexpr int32_t not_used = -1;
  static constexpr int32_t not_known = -2;
  /// The cell for a name, for forms without a heading.
  int32_t slot(std::string_view name) const;

  /// Takes, ignores or rejects one row. `row` is its text as received, or empty (then it is put together from the cells
  /// when needed). False: stop, and return `error()`.
  bool take(const Cell* cells, uint64_t line, std::string_view row);
  /// A row that the reader itself could not split into cells.
  bool reject(uint64_t line, std::string_view row, RejectReason reason, std::string_view field, std::string_view value,
              std::string_view why);
  const base::Error& error() const { return *error_; }

 private:
  // The two halves of reading a block of rows, column by column.
  friend class BlockChecker;
  friend class BlockTaker;

  enum Target : uint8_t {
    to_id,
    to_source,
    to_crime,
    to_urn,
    to_participant,
    to_suspect,
    to_hearing,
    to_occurred_at,
    to_occurred_on,  ///< where `to_occurred_at` has nothing: the date, month or year
    to_known_at,
    to_recorded_at,
    to_agency,
    to_actor,
    to_corrects,
    to_retracts,
    to_type,
  };
  static constexpr std::size_t target_count = 16;
  static const std::array<std::string_view, target_count> target_names;

  struct Source {
    ValueSource::Kind kind = ValueSource::Kind::absent;
    uint32_t column = 0;
    std::string text;  ///< the constant
    struct Part {
      int32_t column;  ///< -1: `text`; -2: the row's number
      std::string text;
    };
    std::vector<Part> parts;
    std::size_t times = 0;  ///< index into readers_
    std::string name;       ///< for messages: the column, or what it fills
    WordCache cache;
    LastDate last_date;
  };
  struct Choice {
    uint16_t type = 0;
    std::vector<std::pair<uint16_t, std::string>> details;
  };
  struct Table {
    uint32_t column = 0;
    std::string name;
    std::unordered_map<std::string, uint32_t> choice_of;
    std::vector<Choice> choices;
    bool by_name = false;
    bool unlisted_ignored = false;
    WordCache cache;
  };
  struct Test {
    uint32_t column = 0;
    std::vector<std::string> values;
    bool negated = false;
  };
  struct DetailSource {
    uint16_t field;
    Source source;
  };
  struct KeySource {
    std::string key;
    Source source;
  };
  struct Reference {
    Target target;
    uint8_t bit;  ///< of model::CarriedBits
  };
  /// A column whose values are noted because a table of the mapping lists some.
  struct Watch {
    uint32_t column = 0;
    SeenValues* seen = nullptr;
    WordCache noted;
    void note(std::string_view value) {
      uint32_t ignored = 0;
      if (noted.find(value, &ignored)) return;
      seen->note(value);
      noted.remember(value, 0);
    }
  };
  struct Plan {
    std::array<Source, target_count> to;
    std::vector<Reference> references;  ///< those that have a source
    std::vector<KeySource> keys;
    std::vector<DetailSource> details;
    std::optional<Choice> fixed;
    std::optional<Table> types;
    std::vector<Test> when;
    bool when_occurred = false;
  };
  struct TypeFacts {
    uint8_t may = 0, needs = 0;
    std::vector<uint8_t> field;  ///< by field id: 0 no, 1 may, 2 must
    uint16_t must = 0;           ///< how many fields it must carry
  };
  struct PendingDetail {
    uint16_t field;
    model::FieldKind kind;
    int64_t value;
    std::string_view text;
    model::Moment moment;
    WordCache* cache;
  };
  struct Pending {
    model::EventRow row;
    uint8_t carried = 0;            ///< which of `reference` hold a value, as model::CarriedBits
    std::array<Cell, 6> reference;  ///< by bit: crime, urn, participant, suspect, hearing, key
    Cell source, agency, actor;
    Plan* plan = nullptr;
    std::vector<PendingDetail> details;
    std::vector<model::DetailValue> values;
  };
  enum class Verdict : uint8_t { event, nothing, ignored, rejected };

  explicit RowChecker(Reading& reading) : reading_(&reading), vocabulary_(reading.request.vocabulary.get()) {}

  void plan_packed(std::vector<std::string>* heading);
  bool unpack(const Cell* cells);
  base::Status plan_own_form(const std::vector<std::string>* heading);
  base::Status plan_mapping(const Mapping& mapping);
  base::Result<uint32_t> column(const std::string& name, int line);
  std::size_t columns_of_mapping() const;
  base::Result<Source> source_of(const ValueSource& from, const std::string& fills);
  base::Status add_source(Plan& plan, const std::string& name, const ValueSource& from);
  base::Result<Choice> choice_of(const TypeChoice& choice);
  base::Result<Table> table_of(const TypeTable& table);
  base::Result<Test> test_of(const RowTest& test);
  base::Error at_line(int line, std::string message) const;
  void learn_types();

  Cell given(uint32_t column, const Cell* cells);
  Cell cell_of(uint32_t column, const Cell* cells);
  /// In the project's own form a value is a cell; a mapping may say more.
  Cell value_of(Source& source, const Cell* cells) {
    if (mapping_ == nullptr) return source.kind == ValueSource::Kind::column ? cells[source.column] : Cell();
    return mapped_value_of(source, cells);
  }
  Cell mapped_value_of(Source& source, const Cell* cells);
  std::string_view keep(std::string text);
  std::string_view text_for(const Cell& cell);
  bool passes(const Test& test, const Cell* cells);

  Source& occurred_source(Plan& plan, const Cell* cells, Cell* cell);
  Verdict build(Plan& plan, const Cell* cells, Pending* out);
  Verdict type_of(Plan& plan, const Cell* cells, Pending* out, const Choice** choice);
  bool time_of(Source& source, const Cell& cell, std::string_view fills, model::Moment* out);
  bool detail_of(uint16_t field, const Cell& cell, Source* source, Pending* out);
  bool references(Plan& plan, const Cell* cells, const model::EventType& type, const TypeFacts& facts, Pending* out);
  bool refer(Source& source, const Cell* cells, uint8_t bit, std::string_view called, const model::EventType& type,
             const TypeFacts& facts, Pending* out);
  static std::size_t place_of(uint8_t bit) { return static_cast<std::size_t>(std::countr_zero(bit)); }
  bool name_fits(const Cell& cell, const Source& source);
  void resolve(Pending* pending);
  model::Event whole_event(const Pending& pending) const;
  bool hand_over(std::size_t made, const Cell* cells, std::string_view raw);
  uint32_t symbol(model::Symbols& symbols, const Cell& cell);
  uint32_t cached_symbol(model::Symbols& symbols, const Cell& cell, WordCache& cache);
  bool same_content(uint32_t row, const model::EventRow& other) const;
  void note_case(const Pending& pending);
  void note_set_aside(const Cell* cells);
  bool fail(RejectReason reason, const Source& source, const Cell& value, std::string why);
  bool fail(RejectReason reason, std::string_view field, std::string why);
  bool reject_row(const Cell* cells, uint64_t line, std::string_view row);
  std::string joined(const Cell* cells) const;

  Reading* reading_;
  const model::Vocabulary* vocabulary_;
  const Mapping* mapping_ = nullptr;
  std::string file_;
  bool has_heading_ = false;
  std::vector<std::string> names_;
  std::unordered_map<std::string, uint32_t> index_;
  std::vector<uint32_t> wanted_;
  // In the project's own form a column `detail` may hold keys and fields together: each is a column behind those of the
  // file, whose cells are in `unpacked_`.
  static constexpr uint32_t nothing_packed = std::numeric_limits<uint32_t>::max();
  uint32_t packed_column_ = nothing_packed;
  std::vector<std::string> packed_names_;
  PackedDetails packed_;
  std::vector<Cell> unpacked_;
  std::vector<const std::unordered_map<std::string, std::string>*> values_;  ///< by column; null: none
  std::deque<std::unordered_map<std::string, std::string>> value_tables_;
  std::vector<Watch> watches_;
  std::vector<TimeReader> readers_;
  std::vector<TimeForm> forms_;  ///< what each of readers_ was made from
  std::vector<Plan> plans_;
  std::vector<Test> only_;
  std::vector<TypeFacts> types_;
  std::unordered_map<std::string, uint16_t> type_by_slug_;
  bool link_cases_ = false;

  std::vector<Pending> pending_;
  WholeRow whole_;
  const Table* unlisted_in_ = nullptr;  ///< where the last value was that a row was set aside for, and which
  std::string unlisted_;
  std::deque<std::string> kept_;
  std::size_t kept_used_ = 0;
  uint64_t line_ = 0;

  struct Fault {
    RejectReason reason = RejectReason::malformed;
    std::string field, value, why;
    bool personal = false;
  } fault_;
  std::optional<base::Error> error_;
};

/// The name closest to `text` among `names`, when it is close enough to be meant; empty otherwise.
std::string closest(std::string_view text, const std::vector<std::string>& names);
/// Lower case, every run of other characters than letters and digits as one `_`, none at the ends.
std::string slug(std::string_view text);

}  // namespace kept::exchange
