#include "exchange/block_checker.h"

#include <fmt/format.h>

#include <algorithm>

#include "exchange/duplicates.h"
#include "exchange/plain_values.h"

namespace kept::exchange {
namespace {

using model::FieldKind;
using model::Moment;

/// The first of every list: a value that is read in its row.
constexpr uint32_t odd_word = 0;
constexpr int64_t small_numbers = 4096;

std::string_view text_of(const Cell& cell, std::string* made) {
  if (cell.kind == Cell::Kind::text) return cell.text();
  *made = exchange::text_of(cell);
  return *made;
}

/// Calls `use` with the rows that `cells` has no value for.
template <class Use>
void each_absent(const ColumnCells& cells, std::size_t rows, Use use) {
  if (cells.count == rows) return;
  std::size_t k = 0;
  for (std::size_t row = 0; row < rows; ++row) {
    if (k < cells.count && cells.row[k] == row) {
      ++k;
    } else {
      use(static_cast<uint16_t>(row));
    }
  }
}

}  // namespace

bool BlockChecker::possible(const RowChecker& checker) {
  if (checker.reading_->request.row_by_row || checker.reading_->request.whole != nullptr ||
      checker.plans_.size() != 1 || checker.link_cases_)
    return false;
  const RowChecker::Plan& plan = checker.plans_.front();
  const auto is_pattern = [](const Source& source) { return source.kind == ValueSource::Kind::pattern; };
  for (const Source& source : plan.to) {
    if (is_pattern(source)) return false;
  }
  for (std::size_t i = 0; i < plan.keys.size(); ++i) {
    if (is_pattern(plan.keys[i].source)) return false;
    for (std::size_t k = 0; k < i; ++k) {
      if (plan.keys[k].key == plan.keys[i].key) return false;
    }
  }
  for (std::size_t i = 0; i < plan.details.size(); ++i) {
    if (is_pattern(plan.details[i].source)) return false;
    for (std::size_t k = 0; k < i; ++k) {
      if (plan.details[k].field == plan.details[i].field) return false;
    }
  }
  return true;
}

BlockChecker::BlockChecker(const RowChecker& checker)
    : checker_(&checker),
      mapped_(checker.mapping_ != nullptr),
      longest_name_(checker.reading_->request.limits.reference_bytes) {
  if (!possible(checker)) return;
  plan_ = &checker.plans_.front();
  watches_ = checker.watches_;
  for (const TimeForm& form : checker.forms_) {
    auto reader = TimeReader::make(form);
    if (!reader) {  // it was made before from the same form
      plan_ = nullptr;
      return;
    }
    readers_.push_back(std::move(reader).value());
  }
  const std::size_t types = checker.types_.size();
  fields_ = checker.vocabulary_->fields().size();
  field_of_type_.reserve(types * fields_);
  for (const RowChecker::TypeFacts& facts : checker.types_) {
    field_of_type_.insert(field_of_type_.end(), facts.field.begin(), facts.field.end());
    must_.push_back(facts.must);
    may_.push_back(facts.may);
    needs_.push_back(facts.needs);
  }
  for (const RowChecker::KeySource& key : plan_->keys) {
    auto& of_type = key_of_type_.emplace_back();
    for (const auto& type : checker.vocabulary_->types()) of_type.push_back(type.key == key.key ? 1 : 0);
  }
  for (const auto* list : {&checker.only_, &plan_->when}) {
    for (const RowChecker::Test& test : *list) tests_.push_back({&test, {}});
  }
  using RC = RowChecker;
  occurred_.source = &plan_->to[RC::to_occurred_at];
  occurred_on_.source = &plan_->to[RC::to_occurred_on];
  recorded_.source = &plan_->to[RC::to_recorded_at];
  known_.source = &plan_->to[RC::to_known_at];
  recorded_is_occurred_ =
      occurred_on_.source->kind == ValueSource::Kind::absent && occurred_.source->kind == ValueSource::Kind::column &&
      recorded_.source->kind == ValueSource::Kind::column && occurred_.source->column == recorded_.source->column &&
      occurred_.source->times == recorded_.source->times;
  uint32_t list = first_code_list;
  for (const RC::DetailSource& detail : plan_->details) details_.push_back({&detail, {}, list++, {}});
  fixed_list_ = list;

  const auto name_packed = [&](const Source& source, PackedName place) {
    if (source.kind == ValueSource::Kind::column && source.column >= checker.names_.size())
      packed_names_.emplace(source.name.substr(std::string_view("detail.").size()), place);
  };
  for (const auto& key : plan_->keys) name_packed(key.source, {none_packed, key.source.column});
  for (std::size_t i = 0; i < plan_->details.size(); ++i)
    name_packed(plan_->details[i].source, {static_cast<uint32_t>(i), none_packed});

  // Columns that nothing below reads are still looked at for their size.
  std::vector<uint8_t> read(checker.names_.size(), 0);
  const auto note = [&](const Source& source) {
    if (source.kind == ValueSource::Kind::column && source.column < read.size()) read[source.column] = 1;
  };
  if (checker.packed_column_ != RC::nothing_packed) read[checker.packed_column_] = 1;
  for (const Source& source : plan_->to) note(source);
  for (const auto& key : plan_->keys) note(key.source);
  for (const auto& detail : plan_->details) note(detail.source);
  for (const auto& test : tests_) read[test.test->column] = 1;
  if (plan_->types && !plan_->fixed) read[plan_->types->column] = 1;
  for (const uint32_t column : checker.wanted_) {
    if (read[column] == 0) only_sized_.push_back(column);
  }
}

Cell BlockChecker::given(Cell cell, std::string* made) const {
  const Mapping* mapping = checker_->mapping_;
  if (mapping == nullptr) return cell;
  if (cell.kind == Cell::Kind::text) cell = Cell::of(trimmed(cell.text()));
  if (mapping->absent.empty() || !cell.present()) return cell;
  const std::string_view text = text_of(cell, made);
  return std::find(mapping->absent.begin(), mapping->absent.end(), text) == mapping->absent.end() ? cell : Cell();
}

Cell BlockChecker::turned(const Source& source, Cell cell, std::string* made) const {
  if (source.kind != ValueSource::Kind::column) return cell;
  cell = given(cell, made);
  const auto* values = checker_->values_[source.column];
  if (!mapped_ || values == nullptr || !cell.present()) return cell;
  const auto found = values->find(std::string(text_of(cell, made)));
  return found == values->end() ? cell : Cell::of(found->second);
}

/// Does the mapping change nothing about the column's values but the blanks at their ends?
bool BlockChecker::is_plain(const Source& source) const {
  return !mapped_ || source.kind != ValueSource::Kind::column ||
         (checker_->mapping_->absent.empty() && checker_->values_[source.column] == nullptr);
}

void BlockChecker::cells_of(const Source& source, const RowBlock& block) {
  switch (source.kind) {
    case ValueSource::Kind::column:
      if (source.column >= checker_->names_.size()) return packed_cells(source.column);
      block.column(source.column, &cells_);
      for (const uint16_t row : cells_.odd) mark_odd(row);
      return;
    case ValueSource::Kind::constant: {
      const std::size_t rows = source.text.empty() ? 0 : block.rows();
      cells_.begin(Cell::Kind::text, rows);
      for (std::size_t i = 0; i < rows; ++i) {
        cells_.row[i] = static_cast<uint16_t>(i);
        cells_.text[i] = source.text;
      }
      cells_.count = rows;
      return;
    }
    case ValueSource::Kind::absent:
    case ValueSource::Kind::pattern:
      cells_.begin(Cell::Kind::text, 0);
      return;
  }
}

/// The number of a value among the words of its column; `learn` says what a new one means.
template <class Learn>
uint32_t BlockChecker::word_at(Words& words, std::size_t k, Learn learn) {
  if (words.meaning.empty()) words.meaning.emplace_back();
  const auto add = [&]() -> uint32_t {
    if (words.meaning.size() >= most_words) return odd_word;
    const auto word = static_cast<uint32_t>(words.meaning.size());
    const Meaning meaning = learn(cell_at(k), word);
    words.meaning.push_back(meaning);
    return word;
  };
  uint32_t word = odd_word;
  if (cells_.kind == Cell::Kind::text) {
    const std::string_view text = cells_.text[k];
    if (words.cache.find(text, &word)) return word;
    const auto found = words.of_text.find(std::string(text));
    word = found != words.of_text.end() ? found->second : add();
    if (found == words.of_text.end() && word != odd_word) words.of_text.emplace(text, word);
    words.cache.remember(text, word);
    return word;
  }
  const int64_t number = cells_.number[k];
  if (number >= 0 && number < small_numbers) {
    if (words.of_small.empty()) words.of_small.resize(small_numbers);
    uint32_t& slot = words.of_small[static_cast<std::size_t>(number)];
    if (slot == 0) slot = add() + 1;
    return slot - 1;
  }
  const auto found = words.of_number.find(number);
  if (found != words.of_number.end()) return found->second;
  word = add();
  if (word != odd_word) words.of_number.emplace(number, word);
  return word;
}

void BlockChecker::leave_out(uint16_t row) {
  if (out_->left_out.empty()) out_->left_out.assign(out_->rows, 0);
  ++out_->left_out[row];
}

void BlockChecker::tests(const RowBlock& block) {
  for (Test& test : tests_) {
    const auto meaning_of = [&](const Cell& raw) {
      const Cell cell = given(raw, &made_);
      bool passes = false;
      if (test.test->values.empty()) {
        passes = cell.present() != test.test->negated;
      } else {
        const auto& values = test.test->values;
        passes = (std::find(values.begin(), values.end(), text_of(cell, &made_)) != values.end()) != test.test->negated;
      }
      return Meaning{passes ? Outcome::fine : Outcome::ignored, 0, nullptr};
    };
    const auto apply = [&](uint16_t row, Outcome outcome) {
      if (outcome == Outcome::fine) return;
      if (outcome == Outcome::odd) return mark_odd(row);
      if (is_plain_row(row)) out_->fate[row] = CheckedBlock::ignored;
    };
    block.column(test.test->column, &cells_);
    for (const uint16_t row : cells_.odd) mark_odd(row);
    for (std::size_t k = 0; k < cells_.count; ++k) {
      const uint32_t word = word_at(test.words, k, [&](const Cell& cell, uint32_t) { return meaning_of(cell); });
      apply(cells_.row[k], test.words.meaning[word].outcome);
    }
    const Outcome absent = meaning_of(Cell()).outcome;
    each_absent(cells_, out_->rows, [&](uint16_t row) { apply(row, absent); });
  }
}

BlockChecker::Meaning BlockChecker::type_meaning(const Cell& raw) const {
  std::string made;
  if (plan_->types) {
    const RowChecker::Table& table = *plan_->types;
    const Cell cell = given(raw, &made);
    const std::string text(text_of(cell, &made));
    const auto listed = table.choice_of.find(text);
    if (listed != table.choice_of.end()) {
      const RowChecker::Choice& choice = table.choices[listed->second];
      return {Outcome::fine, choice.type, &choice};
    }
    if (!table.by_name) return {};
    const auto by_slug = checker_->type_by_slug_.find(slug(text));
    return by_slug == checker_->type_by_slug_.end() ? Meaning() : Meaning{Outcome::fine, by_slug->second, nullptr};
  }
  const Cell cell = turned(plan_->to[RowChecker::to_type], raw, &made);
  const model::EventType* type = cell.present() ? checker_->vocabulary_->find(text_of(cell, &made)) : nullptr;
  if (type == nullptr) return {};
  return {Outcome::fine, checker_->vocabulary_->type_index(type->first_code), nullptr};
}

const BlockChecker::Fixed& BlockChecker::fixed_of(const RowChecker::Choice& choice) {
  const auto [at, added] = fixed_.try_emplace(&choice);
  Fixed& fixed = at->second;
  if (!added) return fixed;
  fixed.possible = true;
  for (const auto& [field_id, text] : choice.details) {
    const model::Field& field = checker_->vocabulary_->fields()[field_id];
    CheckedBlock::Detail detail{field_id, CheckedBlock::Detail::value, 0, 0};
    bool fine = true;
    switch (field.kind) {
      case FieldKind::text:
        break;
      case FieldKind::yes_no:
        fine = yes_or_no(text, &detail.held);
        break;
      case FieldKind::number:
        fine = whole_number(text, &detail.held) == NumberProblem::none;
        break;
      case FieldKind::word: {
        const auto found = std::find(field.words.begin(), field.words.end(), text);
        fine = found != field.words.end();
        detail.held = found - field.words.begin();
        break;
      }
      case FieldKind::code: {
        fine = !text.empty() && text.size() <= longest_name_;
        detail.kind = CheckedBlock::Detail::word;
        detail.list = fixed_list_;
        if (fixed_words_.meaning.empty()) fixed_words_.meaning.emplace_back();
        detail.held = static_cast<int64_t>(fixed_words_.meaning.size());
        fixed_words_.meaning.emplace_back();
        if (fine) out_->new_words.push_back({fixed_list_, static_cast<uint32_t>(detail.held), text});
        break;
      }
      case FieldKind::date:
        fine = false;
        break;
    }
    fixed.possible = fixed.possible && fine;
    if (field_of_type_[choice.type * fields_ + field_id] == 2) ++fixed.must;
    if (field.kind != FieldKind::text) fixed.details.push_back(detail);
  }
  return fixed;
}

void BlockChecker::types(const RowBlock& block) {
  const auto& types = checker_->vocabulary_->types();
  const auto apply = [&](uint16_t row, const Meaning& meaning) {
    if (meaning.outcome != Outcome::fine) return mark_odd(row);
    const auto type = static_cast<uint16_t>(meaning.value);
    out_->code[row] = types[type].first_code;
    row_[row] = {type, 0, 0, nullptr, plan_->types ? meaning.choice : nullptr};
    if (meaning.choice == nullptr || meaning.choice->details.empty()) return;
    const Fixed& fixed = fixed_of(*meaning.choice);
    if (!fixed.possible) return mark_odd(row);
    row_[row].choice = meaning.choice;
    row_[row].must = fixed.must;
    bool distinguished = false;
    for (const CheckedBlock::Detail& detail : fixed.details) {
      if (!distinguished && detail.field == types[type].distinguished_by) {
        out_->code[row] = static_cast<uint16_t>(types[type].first_code + 1 + detail.held);
        distinguished = true;
      } else {
        placed_.push_back({row, detail});
      }
    }
  };
  if (plan_->fixed) {
    const Meaning meaning{Outcome::fine, plan_->fixed->type, &*plan_->fixed};
    for (std::size_t row = 0; row < out_->rows; ++row) apply(static_cast<uint16_t>(row), meaning);
    return;
  }
  if (plan_->types) {
    block.column(plan_->types->column, &cells_);
    for (const uint16_t row : cells_.odd) mark_odd(row);
  } else {
    cells_of(plan_->to[RowChecker::to_type], block);
  }
  for (std::size_t k = 0; k < cells_.count; ++k) {
    const uint32_t word = word_at(types_, k, [&](const Cell& cell, uint32_t) { return type_meaning(cell); });
    apply(cells_.row[k], types_.meaning[word]);
  }
  each_absent(cells_, out_->rows, [&](uint16_t row) { mark_odd(row); });
}

BlockChecker::Outcome BlockChecker::time_at(Clock& clock, std::size_t k, Moment* out) {
  Cell cell = cell_at(k);
  if (!is_plain(*clock.source)) {
    cell = turned(*clock.source, cell, &made_);
  } else if (mapped_ && cell.kind == Cell::Kind::text && clock.source->kind == ValueSource::Kind::column) {
    cell = Cell::of(trimmed(cell.text()));
  }
  if (!cell.present()) return Outcome::absent;
  TimeReader& reader = readers_[clock.source->times];
  bool fine = false;
  switch (cell.kind) {
    case Cell::Kind::text: {
      int64_t at_ms = 0;
      fine = read_plain_instant(cell.data, cell.size, &clock.last_date, &at_ms);
      if (fine) {
        *out = Moment::instant(at_ms);
      } else {
        fine = reader.read(cell.text(), out) == TimeProblem::none;
      }
      break;
    }
    case Cell::Kind::instant:
      *out = Moment::instant(cell.number);
      fine = in_range(*out);
      break;
    case Cell::Kind::local:
      fine = reader.from_local(cell.number, true, out) == TimeProblem::none;
      break;
    case Cell::Kind::date:
      fine = cell.number >= -25567 && cell.number < 84006;
      if (fine) *out = Moment::date(calendar::LocalDate{static_cast<int32_t>(cell.number)});
      break;
    case Cell::Kind::whole:
      fine = reader.read(text_of(cell, &made_), out) == TimeProblem::none;
      break;
    case Cell::Kind::real:
    case Cell::Kind::yes_no:
      break;
  }
  return fine ? Outcome::fine : Outcome::odd;
}

void BlockChecker::not_occurred(uint16_t row) {
  if (!plan_->when_occurred) return mark_odd(row);
  if (is_plain_row(row)) out_->fate[row] = CheckedBlock::ignored;
}

void BlockChecker::occurred_at_cell(Clock& clock, std::size_t k) {
  const uint16_t row = cells_.row[k];
  Moment moment;
  const Outcome outcome = time_at(clock, k, &moment);
  if (outcome == Outcome::absent) undated_.push_back(row);
  if (outcome == Outcome::odd) mark_odd(row);
  if (outcome != Outcome::fine) return;
  out_->occurred[row] = moment.lo_ms;
  out_->precision[row] = static_cast<uint8_t>(moment.precision);
  if (moment.precision != model::Precision::instant) out_->all_instants = false;
  if (moment.precision == model::Precision::coarse) out_->coarse.emplace_back(row, moment.hi_ms);
}

void BlockChecker::occurred(const RowBlock& block) {
  cells_of(*occurred_.source, block);
  undated_.clear();
  const bool plain = is_plain(*occurred_.source);
  const bool quick = cells_.kind == Cell::Kind::text && plain;
  const bool instants = cells_.kind == Cell::Kind::instant && plain;
  for (std::size_t k = 0; k < cells_.count; ++k) {
    const uint16_t row = cells_.row[k];
    int64_t at_ms = 0;
    if (instants && in_range(Moment::instant(cells_.number[k]))) {
      out_->occurred[row] = cells_.number[k];
      out_->precision[row] = static_cast<uint8_t>(model::Precision::instant);
    } else if (quick &&
               read_plain_instant(cells_.text[k].data(), cells_.text[k].size(), &occurred_.last_date, &at_ms)) {
      out_->occurred[row] = at_ms;
      out_->precision[row] = static_cast<uint8_t>(model::Precision::instant);
    } else {
      occurred_at_cell(occurred_, k);
    }
  }
  each_absent(cells_, out_->rows, [&](uint16_t row) { undated_.push_back(row); });
  occurred_on(block);
}

/// The rows that are still undated, by the column for what is known only by its date, month or year.
void BlockChecker::occurred_on(const RowBlock& block) {
  if (occurred_on_.source->kind != ValueSource::Kind::absent) {
    std::vector<uint16_t> rows;
    rows.swap(undated_);
    std::sort(rows.begin(), rows.end());
    cells_of(*occurred_on_.source, block);
    std::size_t k = 0;
    for (const uint16_t row : rows) {
      for (; k < cells_.count && cells_.row[k] < row; ++k) twice_dated(k);
      if (k < cells_.count && cells_.row[k] == row) {
        occurred_at_cell(occurred_on_, k++);
      } else {
        undated_.push_back(row);
      }
    }
    for (; k < cells_.count; ++k) twice_dated(k);
    std::sort(out_->coarse.begin(), out_->coarse.end());
  }
  for (const uint16_t row : undated_) not_occurred(row);
}

/// A mapping's `occurred_on` counts only where `occurred_at` has nothing; in the project's own form a row has one.
void BlockChecker::twice_dated(std::size_t k) {
  if (!mapped_) mark_odd(cells_.row[k]);
}

void BlockChecker::recorded(const RowBlock& block) {
  const bool given = recorded_.source->kind != ValueSource::Kind::absent;
  std::fill_n(out_->assumed.begin(), out_->rows, static_cast<uint8_t>(given ? 0 : 1));
  out_->any_assumed = !given;
  if (!given) return;
  if (recorded_is_occurred_) {
    for (const auto& [row, hi_ms] : out_->coarse) mark_odd(row);
    return;
  }
  out_->as_occurred = false;
  cells_of(*recorded_.source, block);
  const auto absent = [&](uint16_t row) {
    out_->recorded[row] = out_->occurred[row];
    out_->assumed[row] = 1;
    out_->any_assumed = true;
  };
  const bool quick = cells_.kind == Cell::Kind::text && is_plain(*recorded_.source);
  for (std::size_t k = 0; k < cells_.count; ++k) {
    const uint16_t row = cells_.row[k];
    if (quick &&
        read_plain_instant(cells_.text[k].data(), cells_.text[k].size(), &recorded_.last_date, &out_->recorded[row]))
      continue;
    Moment moment;
    const Outcome outcome = time_at(recorded_, k, &moment);
    if (outcome == Outcome::absent) {
      absent(row);
    } else if (outcome == Outcome::odd || moment.precision == model::Precision::coarse) {
      mark_odd(row);
    } else {
      out_->recorded[row] = moment.lo_ms;
    }
  }
  each_absent(cells_, out_->rows, absent);
}

void BlockChecker::known(const RowBlock& block) {
  if (known_.source->kind == ValueSource::Kind::absent) return;
  cells_of(*known_.source, block);
  for (std::size_t k = 0; k < cells_.count; ++k) {
    Moment moment;
    const Outcome outcome = time_at(known_, k, &moment);
    if (outcome == Outcome::fine) out_->known.emplace_back(cells_.row[k], moment);
    if (outcome == Outcome::odd) mark_odd(cells_.row[k]);
  }
}

void BlockChecker::ids(const RowBlock& block) {
  const Source& source = plan_->to[RowChecker::to_id];
  if (source.kind == ValueSource::Kind::absent) return;
  cells_of(source, block);
  if (cells_.count == 0) return;
  out_->any_id = true;
  out_->id.assign(out_->rows, {});
  out_->digits.clear();
  out_->digits.reserve(cells_.kind == Cell::Kind::whole ? out_->rows * 20 : 0);  // never moved: ids point into it
  for (std::size_t k = 0; k < cells_.count; ++k) {
    const uint16_t row = cells_.row[k];
    const Cell cell = mapped_ ? turned(source, cell_at(k), &made_) : cell_at(k);
    if (!cell.present()) continue;
    std::string_view id = cell.text();
    if (cell.kind == Cell::Kind::whole) {
      const fmt::format_int digits(cell.number);
      id = {out_->digits.data() + out_->digits.size(), digits.size()};
      out_->digits.append(digits.data(), digits.size());
    } else if (cell.kind != Cell::Kind::text) {
      mark_odd(row);
      continue;
    }
    if (id.size() > longest_name_) mark_odd(row);
    out_->id[row] = id;
  }
}

void BlockChecker::no_value(const Source& source, const RowBlock& block) {
  if (source.kind == ValueSource::Kind::absent) return;
  cells_of(source, block);
  for (std::size_t k = 0; k < cells_.count; ++k) {
    if (turned(source, cell_at(k), &made_).present()) mark_odd(cells_.row[k]);
  }
}

void BlockChecker::short_names(const Source& source, const RowBlock& block, Words& words, uint32_t list,
                               CheckedBlock::Words* out) {
  out->row.clear();
  out->word.clear();
  if (source.kind == ValueSource::Kind::absent) return;
  cells_of(source, block);
  out->row.resize(cells_.count);
  out->word.resize(cells_.count);
  std::size_t count = 0;
  for (std::size_t k = 0; k < cells_.count; ++k) {
    const uint32_t word = word_at(words, k, [&](const Cell& raw, uint32_t number) {
      const Cell cell = turned(source, raw, &made_);
      if (!cell.present()) return Meaning{Outcome::absent, 0, nullptr};
      const std::string_view text = text_of(cell, &made_);
      if (text.size() > longest_name_) return Meaning();
      out_->new_words.push_back({list, number, std::string(text)});
      return Meaning{Outcome::fine, 0, nullptr};
    });
    const Outcome outcome = words.meaning[word].outcome;
    if (outcome == Outcome::odd) mark_odd(cells_.row[k]);
    if (outcome != Outcome::fine) continue;
    out->row[count] = cells_.row[k];
    out->word[count++] = word;
  }
  out->row.resize(count);
  out->word.resize(count);
}

void BlockChecker::names(const Source& source, const RowBlock& block, uint8_t bit,
                         const std::vector<uint8_t>* of_type) {
  cells_of(source, block);
  CheckedBlock::Names& out = out_->names[RowChecker::place_of(bit)];
  const bool plain = is_plain(source);
  const bool trims = mapped_ && source.kind == ValueSource::Kind::column;
  for (std::size_t k = 0; k < cells_.count; ++k) {
    const uint16_t row = cells_.row[k];
    if (!is_plain_row(row)) continue;
    Cell cell = cell_at(k);
    if (!plain) {
      cell = turned(source, cell, &made_);
    } else if (trims && cell.kind == Cell::Kind::text) {
      cell = Cell::of(trimmed(cell.text()));
    }
    if (!cell.present()) continue;
    Row& facts = row_[row];
    if ((may_[facts.type] & bit) == 0 || (of_type != nullptr && (*of_type)[facts.type] == 0)) {
      if (mapped_) {
        leave_out(row);
      } else {
        mark_odd(row);
      }
      continue;
    }
    if (cell.kind == Cell::Kind::text && cell.size <= longest_name_) {
      out.name.push_back(model::Name::of(cell.text()));
    } else if (cell.kind == Cell::Kind::whole && cell.number >= 0 && cell.number <= int64_t{UINT32_MAX}) {
      out.name.push_back(model::Name::of_number(static_cast<uint32_t>(cell.number)));
    } else {
      mark_odd(row);
      continue;
    }
    out.row.push_back(row);
    facts.carried |= bit;
  }
}

BlockChecker::Meaning BlockChecker::detail_meaning(Detail& detail, const Cell& raw) {
  const model::Field& field = checker_->vocabulary_->fields()[detail.source->field];
  const Cell cell = turned(detail.source->source, raw, &made_);
  if (!cell.present()) return {Outcome::absent, 0, nullptr};
  Meaning meaning{Outcome::fine, 0, nullptr};
  if (field.kind == FieldKind::yes_no) {
    if (cell.kind == Cell::Kind::yes_no) {
      meaning.value = cell.number;
    } else if (!yes_or_no(text_of(cell, &made_), &meaning.value)) {
      meaning.outcome = Outcome::odd;
    }
    return meaning;
  }
  const std::string_view text = text_of(cell, &made_);
  if (field.kind == FieldKind::word) {
    const auto found = std::find(field.words.begin(), field.words.end(), text);
    if (found == field.words.end()) meaning.outcome = Outcome::odd;
    meaning.value = found - field.words.begin();
  } else if (text.size() > longest_name_) {
    meaning.outcome = Outcome::odd;
  } else {
    meaning.value = static_cast<int64_t>(detail.words.meaning.size());
    out_->new_words.push_back({detail.list, static_cast<uint32_t>(meaning.value), std::string(text)});
  }
  return meaning;
}

void BlockChecker::detail(Detail& detail, const RowBlock& block) {
  const Source& source = detail.source->source;
  const uint16_t field_id = detail.source->field;
  const FieldKind kind = checker_->vocabulary_->fields()[field_id].kind;
  const auto& types = checker_->vocabulary_->types();
  const bool by_word = kind == FieldKind::yes_no || kind == FieldKind::word || kind == FieldKind::code;
  cells_of(source, block);
  if (cells_.count == 0) return;
  Clock clock{&source, detail.last_date};
  std::size_t placed = placed_.size();
  placed_.resize(placed + cells_.count);
  for (std::size_t k = 0; k < cells_.count; ++k) {
    const uint16_t row = cells_.row[k];
    if (!is_plain_row(row)) continue;
    Row& facts = row_[row];
    const uint8_t carried = field_of_type_[facts.type * fields_ + field_id];
    CheckedBlock::Detail held{field_id, CheckedBlock::Detail::value, 0, 0};
    Outcome outcome = Outcome::fine;
    Cell cell;
    if (by_word) {
      const uint32_t word =
          word_at(detail.words, k, [&](const Cell& raw, uint32_t) { return detail_meaning(detail, raw); });
      outcome = detail.words.meaning[word].outcome;
      held.held = detail.words.meaning[word].value;
    } else {
      cell = turned(source, cell_at(k), &made_);
      if (!cell.present()) outcome = Outcome::absent;
    }
    if (outcome == Outcome::absent) continue;
    if (carried == 0) {
      // Whether the value would be a good one is not asked; the first words past the bound are not known to be values.
      if (!mapped_ || outcome == Outcome::odd) {
        mark_odd(row);
      } else {
        leave_out(row);
      }
      continue;
    }
    if (facts.choice != nullptr && std::any_of(facts.choice->details.begin(), facts.choice->details.end(),
                                               [&](const auto& each) { return each.first == field_id; }))
      continue;
    if (kind == FieldKind::number) {
      if (!number_of(cell, &held.held)) outcome = Outcome::odd;
    } else if (kind == FieldKind::date) {
      Moment moment;
      if (time_at(clock, k, &moment) == Outcome::fine) {
        held.kind = CheckedBlock::Detail::moment;
        held.held = static_cast<int64_t>(out_->moments.size());
        out_->moments.push_back(moment);
      } else {
        outcome = Outcome::odd;
      }
    } else if (kind == FieldKind::code) {
      held.kind = CheckedBlock::Detail::word;
      held.list = detail.list;
    }
    if (outcome == Outcome::odd) {
      mark_odd(row);
      continue;
    }
    if (carried == 2) ++facts.must;
    if (kind == FieldKind::text) continue;
    if (types[facts.type].distinguished_by == static_cast<int32_t>(field_id)) {
      out_->code[row] = static_cast<uint16_t>(types[facts.type].first_code + 1 + held.held);
    } else {
      placed_[placed++] = {row, held};
    }
  }
  placed_.resize(placed);
  detail.last_date = clock.last_date;
}

bool BlockChecker::number_of(const Cell& cell, int64_t* value) {
  if (cell.kind != Cell::Kind::whole) return whole_number(text_of(cell, &made_), value) == NumberProblem::none;
  *value = cell.number;
  return cell.number <= largest_number && cell.number >= -largest_number;
}

// By row; of a row, in the order in which they were placed.
void BlockChecker::sort_details() {
  out_->detail_at.clear();
  out_->details.resize(placed_.size());
  if (placed_.empty()) return;
  out_->detail_at.assign(out_->rows + 1, 0);
  for (const Placed& placed : placed_) ++out_->detail_at[placed.row + std::size_t{1}];
  for (std::size_t row = 0; row < out_->rows; ++row) out_->detail_at[row + 1] += out_->detail_at[row];
  std::vector<uint32_t>& next = next_detail_;
  next.assign(out_->detail_at.begin(), out_->detail_at.end() - 1);
  for (const Placed& placed : placed_) out_->details[next[placed.row]++] = placed.detail;
}

void BlockChecker::check(const RowBlock& block, CheckedBlock* out) {
  out_ = out;
  out->rows = block.rows();
  out->new_words.clear();
  out->all_odd = plan_ == nullptr || !block.by_column();
  if (out->all_odd) return;
  out->fate.assign(out->rows, CheckedBlock::plain);
  out->code.resize(out->rows);
  out->occurred.resize(out->rows);
  out->recorded.resize(out->rows);
  out->precision.resize(out->rows);
  out->assumed.resize(out->rows);
  out->all_instants = out->as_occurred = true;
  out->any_assumed = out->any_id = false;
  out->coarse.clear();
  out->known.clear();
  out->moments.clear();
  out->left_out.clear();
  for (auto& names : out->names) names.clear();
  row_.resize(out->rows);
  if (plan_->types) listed_seen_.resize(plan_->types->choices.size() + 1);
  placed_.clear();
  for (const uint16_t row : block.odd_rows()) mark_odd(row);
  unpack(block);
  note_values(block);
  tests(block);
  types(block);
  occurred(block);
  recorded(block);
  known(block);
  ids(block);
  no_value(plan_->to[RowChecker::to_corrects], block);
  no_value(plan_->to[RowChecker::to_retracts], block);
  short_names(plan_->to[RowChecker::to_source], block, sources_, source_list, &out->source);
  short_names(plan_->to[RowChecker::to_agency], block, agencies_, agency_list, &out->agency);
  sizes(block);
  for (const RowChecker::Reference& reference : plan_->references)
    names(plan_->to[reference.target], block, reference.bit, nullptr);
  for (std::size_t i = 0; i < plan_->keys.size(); ++i)
    names(plan_->keys[i].source, block, model::carries_key, &key_of_type_[i]);
  if (plan_->keys.size() > 1) sort_keys();
  for (Detail& each : details_)
    if (each.source->source.column < checker_->names_.size()) detail(each, block);
  packed_details();
  sort_details();
  for (std::size_t row = 0; row < out->rows; ++row) {
    const Row& facts = row_[row];
    if (out->fate[row] == CheckedBlock::plain &&
        ((needs_[facts.type] & ~facts.carried) != 0 || facts.must < must_[facts.type]))
      mark_odd(static_cast<uint16_t>(row));
    if (!plan_->types || out->fate[row] != CheckedBlock::plain) continue;
    // The first row of each listed value goes the general way, which notes that the value occurs.
    uint8_t& seen = facts.listed == nullptr
                        ? listed_seen_.back()
                        : listed_seen_[static_cast<std::size_t>(facts.listed - plan_->types->choices.data())];
    if (seen == 0) mark_odd(static_cast<uint16_t>(row));
    seen = 1;
  }
}

// Of rows that go the general way from the start, that notes them.
void BlockChecker::note_values(const RowBlock& block) {
  for (RowChecker::Watch& watch : watches_) {
    if (watch.seen->settled()) continue;
    block.column(watch.column, &cells_);
    for (std::size_t k = 0; k < cells_.count; ++k) {
      if (!is_plain_row(cells_.row[k])) continue;
      const Cell cell = given(cell_at(k), &made_);
      if (cell.present()) watch.note(text_of(cell, &made_));
    }
  }
}

// Several columns gave them, at most one of each row.
void BlockChecker::sort_keys() {
  CheckedBlock::Names& keys = out_->names[RowChecker::place_of(model::carries_key)];
  if (std::is_sorted(keys.row.begin(), keys.row.end())) return;
  std::vector<std::pair<uint16_t, model::Name>> all;
  for (std::size_t i = 0; i < keys.row.size(); ++i) all.emplace_back(keys.row[i], keys.name[i]);
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  for (std::size_t i = 0; i < all.size(); ++i) {
    keys.row[i] = all[i].first;
    keys.name[i] = all[i].second;
  }
}

// Columns of which only the size matters.
void BlockChecker::sizes(const RowBlock& block) {
  const Source& actor = plan_->to[RowChecker::to_actor];
  if (actor.kind != ValueSource::Kind::absent) {
    cells_of(actor, block);
    const bool plain = is_plain(actor);
    for (std::size_t k = 0; k < cells_.count; ++k) {
      if (cells_.kind != Cell::Kind::text) break;
      const std::size_t size = plain ? cells_.text[k].size() : turned(actor, cell_at(k), &made_).size;
      if (size > longest_name_) mark_odd(cells_.row[k]);
    }
  }
  for (const uint32_t column : only_sized_) {
    block.column(column, &cells_);
    for (const uint16_t row : cells_.odd) mark_odd(row);
  }
}

}  // namespace kept::exchange
