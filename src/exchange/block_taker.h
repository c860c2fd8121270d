#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "exchange/block_checker.h"
#include "exchange/row_block.h"
#include "exchange/row_checker.h"

namespace kept::exchange {

/// The second half of reading a block: puts its plain rows into the table as whole columns and hands every other row to
/// the checker in its turn, so that the table is the one that `RowChecker::take` would have made of each row.
class BlockTaker {
 public:
  explicit BlockTaker(RowChecker& checker);
  /// The blocks of a file in their order; so are those of each checker. False: stop, and return the checker's error.
  bool take(const RowBlock& block, const CheckedBlock& checked);

 private:
  struct List {
    model::Symbols* symbols = nullptr;
    std::vector<std::string> text;  ///< by word
    std::vector<uint32_t> code;     ///< by word; 0: not met in the table's order yet
  };
  uint32_t code_of(uint32_t list, uint32_t word);
  /// Plain rows from `first` to `end`; returns the first that was not put into the table (it repeats an id), or `end`.
  std::size_t put(std::size_t first, std::size_t end);
  void note_places(std::size_t first, std::size_t count, uint32_t at);
  const uint32_t* names(std::size_t place, std::size_t first, std::size_t end, model::Symbols* symbols);
  const uint32_t* words(const CheckedBlock::Words& words, std::size_t* next, uint32_t list, std::size_t first,
                        std::size_t end, std::vector<uint32_t>* out);

  RowChecker* checker_;
  Reading* reading_;
  std::vector<std::vector<List>> lists_;  ///< by checker, then by list
  const CheckedBlock* block_ = nullptr;
  // How far each list of the block is used up.
  std::array<std::size_t, 6> next_name_{};
  std::size_t next_source_ = 0, next_agency_ = 0, next_coarse_ = 0, next_known_ = 0;
  std::array<std::vector<uint32_t>, 6> names_;
  std::vector<uint32_t> found_, source_, agency_;
  std::vector<model::DetailValue> values_;
};

}  // namespace kept::exchange
