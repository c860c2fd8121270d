#include "exchange/block_taker.h"

#include <algorithm>

namespace kept::exchange {

BlockTaker::BlockTaker(RowChecker& checker) : checker_(&checker), reading_(checker.reading_) {}

uint32_t BlockTaker::code_of(uint32_t list, uint32_t word) {
  List& words = lists_[block_->checker][list];
  uint32_t& code = words.code[word];
  if (code == 0) code = words.symbols->code(words.text[word]);
  return code;
}

const uint32_t* BlockTaker::names(std::size_t place, std::size_t first, std::size_t end, model::Symbols* symbols) {
  const CheckedBlock::Names& names = block_->names[place];
  std::size_t& next = next_name_[place];
  while (next < names.row.size() && names.row[next] < first) ++next;
  const std::size_t from = next;
  while (next < names.row.size() && names.row[next] < end) ++next;
  const std::size_t count = next - from;
  if (count == 0) return nullptr;
  std::vector<uint32_t>& out = names_[place];
  if (count == end - first) {
    out.resize(count);
    symbols->codes_of(names.name.data() + from, count, out.data());
    return out.data();
  }
  found_.resize(count);
  symbols->codes_of(names.name.data() + from, count, found_.data());
  out.assign(end - first, 0);
  for (std::size_t i = 0; i < count; ++i) out[names.row[from + i] - first] = found_[i];
  return out.data();
}

const uint32_t* BlockTaker::words(const CheckedBlock::Words& words, std::size_t* next, uint32_t list, std::size_t first,
                                  std::size_t end, std::vector<uint32_t>* out) {
  while (*next < words.row.size() && words.row[*next] < first) ++*next;
  if (*next == words.row.size() || words.row[*next] >= end) return nullptr;
  out->assign(end - first, 0);
  for (; *next < words.row.size() && words.row[*next] < end; ++*next)
    (*out)[words.row[*next] - first] = code_of(list, words.word[*next]);
  return out->data();
}

std::size_t BlockTaker::put(std::size_t first, std::size_t end) {
  const CheckedBlock& block = *block_;
  ReadResult& result = reading_->result;
  model::EventTable& table = result.table;
  const std::size_t source_from = next_source_;
  const uint32_t* source = words(block.source, &next_source_, BlockChecker::source_list, first, end, &source_);
  if (block.any_id) {
    const std::size_t fresh = reading_->duplicates.claim(table, source, block.id.data() + first, end - first);
    if (fresh < end - first) {
      end = first + fresh;
      next_source_ = source_from;
    }
  }
  const std::size_t count = end - first;
  if (count == 0) return end;

  model::EventColumns columns;
  columns.count = count;
  columns.code = block.code.data() + first;
  columns.lo_ms = block.occurred.data() + first;
  if (!block.all_instants) columns.precision = block.precision.data() + first;
  if (!block.as_occurred) columns.recorded_at = block.recorded.data() + first;
  const uint8_t* assumed = block.assumed.data() + first;
  uint64_t assumed_count = 0;
  if (block.any_assumed) assumed_count = static_cast<uint64_t>(std::count(assumed, assumed + count, uint8_t{1}));
  if (assumed_count != 0) columns.recorded_assumed = assumed;
  // The order of the general way: code numbers are given as names are met.
  const auto place = [](uint8_t bit) { return RowChecker::place_of(bit); };
  columns.participant = names(place(model::carries_participant), first, end, &table.participants);
  columns.crime = names(place(model::carries_crime), first, end, &table.crimes);
  columns.suspect = names(place(model::carries_suspect), first, end, &table.suspects);
  columns.hearing = names(place(model::carries_hearing), first, end, &table.hearings);
  columns.key = names(place(model::carries_key), first, end, &table.keys);
  columns.urn = names(place(model::carries_urn), first, end, &table.urns);
  columns.source = source;
  columns.agency = words(block.agency, &next_agency_, BlockChecker::agency_list, first, end, &agency_);
  if (block.any_id) columns.id = block.id.data() + first;
  const uint32_t at = table.append(columns);
  note_places(first, count, at);

  for (; next_coarse_ < block.coarse.size() && block.coarse[next_coarse_].first < end; ++next_coarse_) {
    const auto& [row, hi_ms] = block.coarse[next_coarse_];
    if (row >= first) table.set_coarse_end(static_cast<uint32_t>(at + (row - first)), hi_ms);
  }
  // Details and `known_at` share the table's list of moments: row by row, as they come.
  while (next_known_ < block.known.size() && block.known[next_known_].first < first) ++next_known_;
  const auto known_until = [&](std::size_t row) {
    for (; next_known_ < block.known.size() && block.known[next_known_].first < row; ++next_known_) {
      const auto& [which, moment] = block.known[next_known_];
      table.set_known(static_cast<uint32_t>(at + (which - first)), moment);
    }
  };
  if (!block.detail_at.empty()) {
    for (std::size_t row = first; row < end; ++row) {
      const uint32_t from = block.detail_at[row];
      const uint32_t to = block.detail_at[row + 1];
      if (from == to) continue;
      known_until(row);
      values_.clear();
      for (uint32_t i = from; i < to; ++i) {
        const CheckedBlock::Detail& detail = block.details[i];
        int64_t value = detail.held;
        if (detail.kind == CheckedBlock::Detail::word) {
          value = code_of(detail.list, static_cast<uint32_t>(detail.held));
        } else if (detail.kind == CheckedBlock::Detail::moment) {
          value = table.add_moment(block.moments[static_cast<std::size_t>(detail.held)]);
        }
        values_.push_back({detail.field, value});
      }
      table.set_detail(static_cast<uint32_t>(at + (row - first)), values_.data(), values_.size());
    }
  }
  known_until(end);

  const int64_t* recorded = block.as_occurred ? block.occurred.data() : block.recorded.data();
  for (std::size_t row = first; row < end; ++row) {
    if (result.last_recorded_at == 0 || recorded[row] > result.last_recorded_at)
      result.last_recorded_at = recorded[row];
  }
  if (!block.left_out.empty()) {
    for (std::size_t row = first; row < end; ++row) result.counts.values_left_out += block.left_out[row];
  }
  result.counts.rows += count;
  result.counts.taken += count;
  result.counts.events += count;
  result.counts.recorded_assumed += assumed_count;
  return end;
}

void BlockTaker::note_places(std::size_t first, std::size_t count, uint32_t at) {
  ReadResult& result = reading_->result;
  const uint64_t row = result.counts.rows + 1;
  if (!block_->any_id) return result.places.note(at, row, static_cast<uint32_t>(count));
  for (std::size_t i = 0; i < count; ++i) {
    if (block_->id[first + i].empty()) result.places.note(static_cast<uint32_t>(at + i), row + i, 1);
  }
}

bool BlockTaker::take(const RowBlock& block, const CheckedBlock& checked) {
  block_ = &checked;
  const auto one = [&](std::size_t row) { return block.take(row, *checker_); };
  // Near the last row a table can have, the general way knows what to say.
  const bool full = reading_->result.table.size() >= model::EventTable::none - 2 - RowBlock::most_rows;
  if (checked.all_odd || full) {
    for (std::size_t row = 0; row < block.rows(); ++row) {
      if (!one(row)) return false;
    }
    return true;
  }
  if (checked.checker >= lists_.size()) lists_.resize(checked.checker + 1);
  std::vector<List>& lists = lists_[checked.checker];
  for (const CheckedBlock::NewWord& word : checked.new_words) {
    if (word.list >= lists.size()) lists.resize(word.list + std::size_t{1});
    List& list = lists[word.list];
    model::EventTable& table = reading_->result.table;
    list.symbols = word.list == BlockChecker::source_list   ? &table.sources
                   : word.list == BlockChecker::agency_list ? &table.agencies
                                                            : &table.codes;
    if (word.word >= list.text.size()) {
      list.text.resize(word.word + std::size_t{1});
      list.code.resize(word.word + std::size_t{1});
    }
    list.text[word.word] = word.text;
  }
  next_name_ = {};
  next_source_ = next_agency_ = next_coarse_ = next_known_ = 0;
  for (std::size_t row = 0; row < checked.rows;) {
    const uint8_t* fate = checked.fate.data();
    if (fate[row] == CheckedBlock::ignored) {
      ++reading_->result.counts.rows;
      ++reading_->result.counts.ignored;
      ++row;
      continue;
    }
    if (fate[row] == CheckedBlock::odd) {
      if (!one(row++)) return false;
      continue;
    }
    const auto end = static_cast<std::size_t>(
        std::find_if(fate + row, fate + checked.rows, [](uint8_t each) { return each != CheckedBlock::plain; }) - fate);
    row = put(row, end);
    // An id that was there before: what to say of it is the general way's.
    if (row < end && !one(row++)) return false;
  }
  return true;
}

}  // namespace kept::exchange
