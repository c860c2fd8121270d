#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/result.h"
#include "exchange/mapping.h"
#include "exchange/time_form.h"
#include "model/vocabulary.h"

namespace kept::exchange {

/// One event as text, by the names of the project's own form: `type`, `id`, `crime`, `occurred_at` (as ISO), `about`.
/// Absent values are not in it.
using NamedValues = std::map<std::string, std::string, std::less<>>;

/// A mapping the other way round: events in, the rows out that the mapping reads as just these events. Events that
/// entries of one row can carry share it. For exports and for made-up feeds.
class MappedRows {
 public:
  using Row = std::vector<std::string>;  ///< a cell for each column of the heading

  /// `mapping` must outlive it. Errors: unsupported, naming the line, for what cannot be turned round: `link`, a
  /// pattern of several columns or with the row's number.
  static base::Result<MappedRows> make(const Mapping& mapping, std::shared_ptr<const model::Vocabulary> vocabulary);

  /// The columns, in the order in which the mapping names them.
  const std::vector<std::string>& heading() const { return heading_; }
  /// Errors: invalid, saying which value the mapping has no place for; nothing is added then.
  base::Status add(const NamedValues& event);
  const std::vector<Row>& rows() const { return rows_; }
  /// Begins the next file.
  void clear();

  /// A line of CSV with its end, in the mapping's separator and quote.
  std::string line(const Row& cells) const;

 private:
  struct Entry {
    const TypeChoice* fixed = nullptr;
    const TypeTable* table = nullptr;
    std::map<std::string, const ValueSource*> fields;  ///< what the entry and the mapping say together
    std::vector<RowTest> when;
    bool when_occurred = false;
    std::map<const model::EventType*, std::vector<uint32_t>> reads;  ///< columns that an event of a type depends on
  };
  /// One way of writing a type of event.
  struct Way {
    std::size_t entry;
    const TypeChoice* choice;  ///< null: by its name
    std::string value;         ///< of the column that says the type
  };
  struct Cells {
    std::vector<std::pair<uint32_t, std::string>> set;
    const std::vector<uint32_t>* reads = nullptr;  ///< columns that the event depends on, set or empty
    std::size_t entry = 0;
  };
  struct Made {
    std::vector<std::size_t> entries;  ///< that give an event in this row
    std::vector<uint32_t> reads;
  };

  explicit MappedRows(const Mapping& mapping, std::shared_ptr<const model::Vocabulary> vocabulary)
      : mapping_(&mapping), vocabulary_(std::move(vocabulary)) {}
  base::Status learn_entries();
  void learn_columns();
  uint32_t column(const std::string& name) const { return columns_.at(name); }
  base::Result<Cells> cells_for(const Way& way, const NamedValues& event, const model::EventType& type);
  base::Result<std::string> written(const std::string& name, const ValueSource& source, const std::string& value);
  base::Result<std::string> written_time(const ValueSource& source, const std::string& value);
  const std::vector<uint32_t>& reads_of(std::size_t entry, const model::EventType& type);
  bool is_time(const std::string& name) const;
  static bool carries(const model::EventType& type, const std::string& name, const model::Vocabulary& vocabulary);
  bool passes(const RowTest& test, const Row& row) const;
  bool fires(const Entry& entry, const Row& row) const;
  bool joins(const Cells& cells, std::size_t row, const NamedValues& event) const;

  const Mapping* mapping_;
  std::shared_ptr<const model::Vocabulary> vocabulary_;
  std::vector<std::string> heading_;
  std::unordered_map<std::string, uint32_t> columns_;
  std::vector<Entry> entries_;
  std::map<std::string, std::vector<Way>, std::less<>> ways_;
  std::map<const ValueSource*, TimeReader> readers_;
  std::vector<Row> rows_;
  std::vector<Made> made_;
  std::unordered_map<std::string, std::size_t> last_row_;  ///< of a reference, such as `crime 12`
};

}  // namespace kept::exchange
