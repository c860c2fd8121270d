#pragma once
#include <array>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <deque>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "exchange/duplicates.h"
#include "exchange/packed_details.h"
#include "exchange/row_block.h"
#include "exchange/row_checker.h"
#include "exchange/time_form.h"
#include "exchange/word_cache.h"
#include "model/symbols.h"

namespace kept::exchange {

/// What a block's rows say, checked but not yet in the table. Names are not codes yet: codes count up in the order of
/// the rows, and earlier blocks may still be on their way.
struct CheckedBlock {
  enum Fate : uint8_t { plain, odd, ignored };
  std::size_t checker = 0;  ///< which of several checked it: each has lists of words of its own
  std::size_t rows = 0;
  bool all_odd = false;       ///< nothing below is filled: every row goes the general way
  std::vector<uint8_t> fate;  ///< of each row; what follows holds only of plain ones
  std::vector<uint16_t> code;
  std::vector<int64_t> occurred, recorded;
  std::vector<uint8_t> precision, assumed;
  bool all_instants = true;
  bool as_occurred = true;  ///< recorded at the moment of the occurrence, all
  bool any_assumed = false;
  std::vector<std::pair<uint16_t, int64_t>> coarse;       ///< row, last moment; by row
  std::vector<std::pair<uint16_t, model::Moment>> known;  ///< by row

  struct Names {
    std::vector<uint16_t> row;
    std::vector<model::Name> name;
    void clear() {
      row.clear();
      name.clear();
    }
  };
  std::array<Names, 6> names;  ///< by bit: crime, urn, participant, suspect, hearing, key; by row

  /// Texts of which there are few, by their number in one of the checker's lists of words.
  struct Words {
    std::vector<uint16_t> row;
    std::vector<uint32_t> word;
  };
  Words source, agency;
  struct NewWord {
    uint32_t list, word;
    std::string text;
  };
  std::vector<NewWord> new_words;  ///< first seen in this block; in order

  bool any_id = false;
  std::vector<std::string_view> id;  ///< of each row

  struct Detail {
    enum Kind : uint8_t { value, word, moment };
    uint16_t field;
    Kind kind;
    uint32_t list;  ///< for a word
    int64_t held;   ///< the value, the word's number, or an index into `moments`
  };
  std::vector<uint32_t> detail_at;  ///< of each row, its first; one more at the end. Empty: no details at all
  std::vector<Detail> details;
  std::vector<model::Moment> moments;
  std::vector<uint32_t> left_out;  ///< of each row: values that its type does not carry; empty: none

  std::deque<std::string> made;  ///< texts that the file does not hold as they are
  std::string digits;            ///< of ids that the file holds as numbers
};

/// The first half of reading a block: every check of its rows that needs no other rows, column by column. It is what
/// `RowChecker` does row by row; a row that has anything out of the ordinary is left to that, message and all. Touches
/// nothing that the second half touches: the two may run on two threads.
class BlockChecker {
 public:
  explicit BlockChecker(const RowChecker& checker);
  void check(const RowBlock& block, CheckedBlock* out);

  // The lists of words, by number.
  static constexpr uint32_t source_list = 0;
  static constexpr uint32_t agency_list = 1;
  static constexpr uint32_t first_code_list = 2;

  /// Past so many distinct values a column's are read in their rows.
  static constexpr std::size_t most_words = 65536;

 private:
  using Source = RowChecker::Source;
  enum class Outcome : uint8_t { fine, absent, odd, ignored };
  struct Meaning {
    Outcome outcome = Outcome::odd;
    int64_t value = 0;
    const RowChecker::Choice* choice = nullptr;
  };
  /// The distinct values of a column and what each means, worked out once.
  struct Words {
    WordCache cache;
    boost::unordered_flat_map<std::string, uint32_t> of_text;
    std::vector<uint32_t> of_small;  ///< by number; 0: not seen, else the word + 1
    boost::unordered_flat_map<int64_t, uint32_t> of_number;
    std::vector<Meaning> meaning;
  };
  struct Fixed {  ///< what a type brings from the mapping's table
    bool possible = false;
    std::vector<CheckedBlock::Detail> details;
    uint16_t must = 0;
  };
  struct Detail {
    const RowChecker::DetailSource* source;
    Words words;
    uint32_t list;
    LastDate last_date;
  };
  struct Test {
    const RowChecker::Test* test;
    Words words;
  };
  struct Clock {
    const Source* source = nullptr;
    LastDate last_date;
  };
  struct Row {  ///< what is gathered of each row on the way
    uint16_t type;
    uint8_t carried;
    uint16_t must;
    const RowChecker::Choice* choice;
    const RowChecker::Choice* listed;  ///< by the mapping's table of types, whatever it brings; null: by name
  };

  static bool possible(const RowChecker& checker);
  void cells_of(const Source& source, const RowBlock& block);
  void unpack(const RowBlock& block);
  void packed_cells(uint32_t column);
  Cell given(Cell cell, std::string* made) const;
  Cell turned(const Source& source, Cell cell, std::string* made) const;
  bool is_plain(const Source& source) const;
  Cell cell_at(std::size_t k) const {
    return cells_.kind == Cell::Kind::text ? Cell::of(cells_.text[k]) : Cell::of(cells_.kind, cells_.number[k]);
  }
  template <class Learn>
  uint32_t word_at(Words& words, std::size_t k, Learn learn);
  void mark_odd(uint16_t row) { out_->fate[row] = CheckedBlock::odd; }
  bool is_plain_row(uint16_t row) const { return out_->fate[row] == CheckedBlock::plain; }

  void note_values(const RowBlock& block);
  void tests(const RowBlock& block);
  void types(const RowBlock& block);
  Meaning type_meaning(const Cell& cell) const;
  const Fixed& fixed_of(const RowChecker::Choice& choice);
  void occurred(const RowBlock& block);
  void occurred_on(const RowBlock& block);
  void occurred_at_cell(Clock& clock, std::size_t k);
  void twice_dated(std::size_t k);
  void not_occurred(uint16_t row);
  void recorded(const RowBlock& block);
  void known(const RowBlock& block);
  Outcome time_at(Clock& clock, std::size_t k, model::Moment* out);
  bool number_of(const Cell& cell, int64_t* value);
  void ids(const RowBlock& block);
  void no_value(const Source& source, const RowBlock& block);
  void short_names(const Source& source, const RowBlock& block, Words& words, uint32_t list, CheckedBlock::Words* out);
  void names(const Source& source, const RowBlock& block, uint8_t bit, const std::vector<uint8_t>* of_type);
  void sizes(const RowBlock& block);
  void sort_keys();
  void detail(Detail& detail, const RowBlock& block);
  Meaning detail_meaning(Detail& detail, const Cell& cell);
  void sort_details();
  void leave_out(uint16_t row);

  const RowChecker* checker_;
  const RowChecker::Plan* plan_ = nullptr;  ///< null: every row goes the general way
  bool mapped_;
  std::size_t longest_name_;
  std::vector<TimeReader> readers_;
  std::vector<uint8_t> field_of_type_;  ///< type * fields + field: 0 no, 1 may, 2 must
  std::size_t fields_ = 0;
  std::vector<uint8_t> may_, needs_;
  std::vector<uint16_t> must_;
  std::vector<std::vector<uint8_t>> key_of_type_;  ///< by key source, by type: is it this type's key?
  std::vector<uint32_t> only_sized_;               ///< columns wanted and not used otherwise
  std::vector<Test> tests_;
  Words types_, sources_, agencies_;
  /// By choice of the table of types, and at the end for all that is by name: the general way has been shown a row.
  std::vector<uint8_t> listed_seen_;
  std::vector<RowChecker::Watch> watches_;
  Clock occurred_, occurred_on_, recorded_, known_;
  bool recorded_is_occurred_ = false;
  std::deque<Detail> details_;
  boost::unordered_flat_map<const RowChecker::Choice*, Fixed> fixed_;
  Words fixed_words_;
  uint32_t fixed_list_ = 0;

  /// What a text of the column `detail` says of one field, checked: of a date, `held` is its place among the moments.
  struct Said {
    CheckedBlock::Detail detail;
    model::FieldKind kind;
  };
  struct Sayings {
    std::vector<Said> said;
    std::vector<model::Moment> moments;
  };
  /// What such a text says: from .. to of those remembered, or of those of the block.
  struct Packed {
    uint32_t from = 0, to = 0;
    bool fine = false;
    bool remembered = false;
  };
  struct PackedHash {
    using is_avalanching = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  struct PackedName {
    uint32_t detail = none_packed;  ///< place in details_
    uint32_t key = none_packed;     ///< or a column behind the file's own
  };
  static constexpr uint32_t none_packed = std::numeric_limits<uint32_t>::max();
  PackedName packed_name(std::string_view name);
  Packed packed_of(std::string_view text, uint16_t row);
  bool say(Detail& detail, std::string_view text, Sayings* into);
  void packed_details();
  PackedDetails packed_details_;
  boost::unordered_flat_map<std::string, PackedName> packed_names_;
  WordCache packed_name_cache_;
  std::vector<PackedName> packed_name_list_;
  std::deque<std::string> packed_texts_;
  boost::unordered_flat_map<std::string_view, Packed, PackedHash> packed_of_text_;
  std::size_t packed_bytes_ = 0;  ///< of what is remembered
  Sayings remembered_, of_block_;

  // While a block is checked.
  CheckedBlock* out_ = nullptr;
  ColumnCells cells_;
  std::vector<Row> row_;
  std::vector<uint16_t> undated_;  ///< rows without a value in the column of `occurred_`; ascending
  struct PackedCell {
    uint32_t column;
    uint16_t row;
    std::string_view text;
  };
  std::vector<PackedCell> packed_cells_;  ///< the keys, by row
  std::vector<Packed> packed_of_row_;     ///< empty: no such column
  struct Placed {
    uint16_t row;
    CheckedBlock::Detail detail;
  };
  std::vector<Placed> placed_;
  std::vector<uint32_t> next_detail_;
  std::string made_;
};

}  // namespace kept::exchange
