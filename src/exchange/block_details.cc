// The part of BlockChecker that reads keys and fields standing together in one column, `detail`.
#include <algorithm>
#include <array>

#include "exchange/block_checker.h"
#include "exchange/plain_values.h"

namespace kept::exchange {

using model::FieldKind;
using model::Moment;

/// Notes what a text says of a field. False: it is no value of the field.
bool BlockChecker::say(Detail& detail, std::string_view text, Sayings* into) {
  const uint16_t field_id = detail.source->field;
  const model::Field& field = checker_->vocabulary_->fields()[field_id];
  Said said{{field_id, CheckedBlock::Detail::value, 0, 0}, field.kind};
  bool fine = true;
  switch (field.kind) {
    case FieldKind::text:
      break;
    case FieldKind::yes_no:
      fine = yes_or_no(text, &said.detail.held);
      break;
    case FieldKind::number:
      fine = whole_number(text, &said.detail.held) == NumberProblem::none;
      break;
    case FieldKind::word: {
      const auto found = std::find(field.words.begin(), field.words.end(), text);
      fine = found != field.words.end();
      said.detail.held = found - field.words.begin();
      break;
    }
    case FieldKind::code: {
      Words& words = detail.words;
      if (words.meaning.empty()) words.meaning.emplace_back();
      said.detail.kind = CheckedBlock::Detail::word;
      said.detail.list = detail.list;
      const auto [at, added] =
          words.of_text.try_emplace(std::string(text), static_cast<uint32_t>(words.meaning.size()));
      said.detail.held = at->second;
      fine = text.size() <= longest_name_ && words.meaning.size() < most_words;
      if (added && fine) {
        words.meaning.push_back({Outcome::fine, said.detail.held, nullptr});
        out_->new_words.push_back({detail.list, at->second, std::string(text)});
      } else if (added) {
        words.of_text.erase(at);
      }
      break;
    }
    case FieldKind::date: {
      Moment moment;
      int64_t at_ms = 0;
      if (read_plain_instant(text.data(), text.size(), &detail.last_date, &at_ms)) {
        moment = Moment::instant(at_ms);
      } else {
        fine = readers_[detail.source->source.times].read(text, &moment) == TimeProblem::none;
      }
      said.detail.kind = CheckedBlock::Detail::moment;
      said.detail.held = static_cast<int64_t>(into->moments.size());
      into->moments.push_back(moment);
      break;
    }
  }
  into->said.push_back(said);
  return fine;
}

BlockChecker::PackedName BlockChecker::packed_name(std::string_view name) {
  uint32_t place = 0;
  if (packed_name_cache_.find(name, &place)) return packed_name_list_[place];
  const auto known = packed_names_.find(std::string(name));
  if (known == packed_names_.end()) return {};
  if (packed_name_list_.size() == 4096) return known->second;  // names that push each other out of the cache
  packed_name_cache_.remember(name, static_cast<uint32_t>(packed_name_list_.size()));
  packed_name_list_.push_back(known->second);
  return known->second;
}

/// What a text says. Most rows say the same few thousand things, which are remembered; not those with a key, which is
/// its event's own.
BlockChecker::Packed BlockChecker::packed_of(std::string_view text, uint16_t row) {
  const auto found = packed_of_text_.find(text);
  if (found != packed_of_text_.end()) return found->second;
  constexpr std::size_t most_bytes = 16 << 20;
  constexpr std::size_t most_said = 1 << 19;
  Packed packed;
  packed.fine = packed_details_.read(text);
  bool has_key = false;
  // In the order of the fields, as in columns.
  std::array<std::pair<uint32_t, std::string_view>, 16> details;
  std::size_t count = 0;
  for (const PackedDetails::Entry& entry : packed_details_.entries()) {
    if (!packed.fine) break;
    const PackedName name = packed_name(entry.name);
    if (name.key != none_packed) {
      has_key = true;
      // What the text does not hold as it is would not outlive the next one.
      const bool in_text = entry.value.data() >= text.data() && entry.value.data() < text.data() + text.size();
      packed_cells_.push_back({name.key, row, in_text ? entry.value : out_->made.emplace_back(entry.value)});
    } else if (name.detail == none_packed || count == details.size()) {
      packed.fine = false;
    } else {
      details[count++] = {name.detail, entry.value};
    }
  }
  std::sort(details.begin(), details.begin() + static_cast<std::ptrdiff_t>(count));
  packed.remembered = !has_key && packed_bytes_ < most_bytes && remembered_.said.size() < most_said;
  Sayings& into = packed.remembered ? remembered_ : of_block_;
  packed.from = static_cast<uint32_t>(into.said.size());
  for (std::size_t i = 0; i < count && packed.fine; ++i)
    packed.fine = say(details_[details[i].first], details[i].second, &into);
  packed.to = static_cast<uint32_t>(into.said.size());
  if (!packed.remembered) return packed;
  packed_bytes_ += text.size() + sizeof(std::string);
  packed_of_text_.emplace(packed_texts_.emplace_back(text), packed);
  return packed;
}

/// Finds out what the column `detail` says of each row.
void BlockChecker::unpack(const RowBlock& block) {
  packed_of_row_.clear();
  if (checker_->packed_column_ == RowChecker::nothing_packed) return;
  packed_of_row_.resize(out_->rows);
  packed_cells_.clear();
  out_->made.clear();
  of_block_.said.clear();
  of_block_.moments.clear();
  block.column(checker_->packed_column_, &cells_);
  for (const uint16_t row : cells_.odd) mark_odd(row);
  for (std::size_t k = 0; k < cells_.count; ++k) {
    const uint16_t row = cells_.row[k];
    if (cells_.kind == Cell::Kind::text) packed_of_row_[row] = packed_of(cells_.text[k], row);
    if (!packed_of_row_[row].fine) mark_odd(row);
  }
}

/// A key that stands in the column `detail`.
void BlockChecker::packed_cells(uint32_t column) {
  cells_.begin(Cell::Kind::text, packed_cells_.size());
  for (const PackedCell& cell : packed_cells_) {
    if (cell.column != column) continue;
    cells_.row[cells_.count] = cell.row;
    cells_.text[cells_.count++] = cell.text;
  }
}

void BlockChecker::packed_details() {
  const auto& types = checker_->vocabulary_->types();
  for (std::size_t at = 0; at < packed_of_row_.size(); ++at) {
    const Packed& packed = packed_of_row_[at];
    const auto row = static_cast<uint16_t>(at);
    if (packed.from == packed.to || !is_plain_row(row)) continue;
    Row& facts = row_[row];
    const uint8_t* carried = field_of_type_.data() + facts.type * fields_;
    const Sayings& sayings = packed.remembered ? remembered_ : of_block_;
    for (uint32_t i = packed.from; i < packed.to; ++i) {
      CheckedBlock::Detail held = sayings.said[i].detail;
      if (carried[held.field] == 0) {
        mark_odd(row);
        break;
      }
      if (carried[held.field] == 2) ++facts.must;
      if (sayings.said[i].kind == FieldKind::text) continue;
      if (types[facts.type].distinguished_by == static_cast<int32_t>(held.field)) {
        out_->code[row] = static_cast<uint16_t>(types[facts.type].first_code + 1 + held.held);
        continue;
      }
      if (sayings.said[i].kind == FieldKind::date) {
        out_->moments.push_back(sayings.moments[static_cast<std::size_t>(held.held)]);
        held.held = static_cast<int64_t>(out_->moments.size()) - 1;
      }
      placed_.push_back({row, held});
    }
  }
}

}  // namespace kept::exchange
