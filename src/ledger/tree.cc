#include "ledger/tree.h"

#include <fmt/format.h>

#include <bit>
#include <cassert>
#include <cstddef>
#include <utility>

namespace kept::ledger {
namespace {

using base::Error;
using base::Result;

constexpr int fan_out_bits = 8;
static_assert(tree_fan_out == uint64_t{1} << fan_out_bits);

// The root of the perfect subtree of 2^height leaves that begins at leaf number * 2^height: from the nearest level
// below that is stored, of which it takes at most 128.
Result<Hash> perfect_root(NodeSource& source, int height, uint64_t number) {
  const int level = height / fan_out_bits;
  const int above = height % fan_out_bits;
  const uint64_t count = uint64_t{1} << above;
  Result<std::vector<Hash>> read =
      level == 0 ? source.leaves(number * count, count) : source.nodes(level, number * count, count);
  if (!read) return read.error();
  std::vector<Hash> row = std::move(*read);
  if (row.size() != count) {
    return Error{base::ErrorCode::not_found,
                 fmt::format("the tree has {} of the {} hashes of level {} from number {} on; "
                             "check the ledger with kept ledger verify",
                             row.size(), count, level, number * count)};
  }
  for (; row.size() > 1; row.resize(row.size() / 2)) {
    for (std::size_t i = 0; i < row.size(); i += 2) row[i / 2] = node_hash(row[i], row[i + 1]);
  }
  return row[0];
}

// The roots of the perfect subtrees that the leaves [first, first + count) are made of, the largest first. `first` is a
// multiple of the smallest power of two that is not below `count`.
Result<std::vector<Hash>> perfect_roots(NodeSource& source, uint64_t first, uint64_t count) {
  std::vector<Hash> roots;
  while (count > 0) {
    const int height = static_cast<int>(std::bit_width(count)) - 1;
    const uint64_t width = uint64_t{1} << height;
    assert(first % width == 0);
    Result<Hash> root = perfect_root(source, height, first >> height);
    if (!root) return root.error();
    roots.push_back(*root);
    first += width;
    count -= width;
  }
  return roots;
}

Hash fold(std::span<const Hash> roots) {
  if (roots.empty()) return empty_root();
  Hash folded = roots.back();
  for (std::size_t i = roots.size() - 1; i-- > 0;) folded = node_hash(roots[i], folded);
  return folded;
}

Result<Hash> range_root(NodeSource& source, uint64_t first, uint64_t count) {
  Result<std::vector<Hash>> roots = perfect_roots(source, first, count);
  if (!roots) return roots.error();
  return fold(*roots);
}

// The size of the left side of a tree: the largest power of two below `size`.
uint64_t left_size(uint64_t size) {
  assert(size > 1);
  return std::bit_floor(size - 1);
}

// Reads the roots of ranges from the last to the first, as proofs list them.
Result<std::vector<Hash>> roots_from_last(NodeSource& source,
                                          const std::vector<std::pair<uint64_t, uint64_t>>& ranges) {
  std::vector<Hash> proof;
  for (auto range = ranges.rbegin(); range != ranges.rend(); ++range) {
    Result<Hash> root = range_root(source, range->first, range->second);
    if (!root) return root.error();
    proof.push_back(*root);
  }
  return proof;
}

// Up from the leaf or subtree at `number` of a row that ends with `last`: each hash of the proof is the left or the
// right neighbour. Nothing when the proof is too short or too long. Source: RFC 9162, sections 2.1.3.2 and 2.1.4.2.
template <class Left, class Right>
bool climb(uint64_t number, uint64_t last, std::span<const Hash> proof, Left left, Right right) {
  for (const Hash& neighbour : proof) {
    if (last == 0) return false;
    if (number % 2 == 1 || number == last) {
      left(neighbour);
      // The last of a row with an odd number of nodes goes up as it is.
      while (number % 2 == 0 && number != 0) {
        number >>= 1;
        last >>= 1;
      }
    } else {
      right(neighbour);
    }
    number >>= 1;
    last >>= 1;
  }
  return last == 0;
}

}  // namespace

Result<Tree> Tree::remake(uint64_t size, NodeSource& source) {
  if (size > tree_largest_size) return base::invalid(fmt::format("a tree cannot have {} leaves", size));
  Result<std::vector<Hash>> roots = perfect_roots(source, 0, size);
  if (!roots) return roots.error();
  Tree tree;
  tree.size_ = size;
  tree.frontier_ = std::move(*roots);
  return tree;
}

void Tree::add(const Hash& leaf, std::vector<CompleteNode>* completed) {
  assert(size_ < tree_largest_size);
  Hash hash = leaf;
  int height = 0;
  for (; size_ >> height & 1; ++height) {
    hash = node_hash(frontier_.back(), hash);
    frontier_.pop_back();
    if (completed != nullptr && (height + 1) % fan_out_bits == 0) {
      completed->push_back({(height + 1) / fan_out_bits, size_ >> (height + 1), hash});
    }
  }
  frontier_.push_back(hash);
  ++size_;
  assert(frontier_.size() == static_cast<std::size_t>(std::popcount(size_)));
}

Hash Tree::root() const { return fold(frontier_); }

Result<Hash> root_of(NodeSource& source, uint64_t size) {
  if (size > tree_largest_size) return base::invalid(fmt::format("a tree cannot have {} leaves", size));
  return range_root(source, 0, size);
}

Result<std::vector<Hash>> inclusion_proof(NodeSource& source, uint64_t position, uint64_t size) {
  if (position >= size || size > tree_largest_size) {
    return base::invalid(fmt::format("position {} is not in a tree of {} leaves", position, size));
  }
  // Down from the root, noting the side that the leaf is not on.
  std::vector<std::pair<uint64_t, uint64_t>> others;
  uint64_t first = 0;
  for (uint64_t count = size; count > 1;) {
    const uint64_t left = left_size(count);
    if (position - first < left) {
      others.emplace_back(first + left, count - left);
      count = left;
    } else {
      others.emplace_back(first, left);
      first += left;
      count -= left;
    }
  }
  return roots_from_last(source, others);
}

Result<std::vector<Hash>> consistency_proof(NodeSource& source, uint64_t from_size, uint64_t to_size) {
  if (from_size > to_size || to_size > tree_largest_size) {
    return base::invalid(fmt::format("a tree of {} leaves does not grow from one of {}", to_size, from_size));
  }
  if (from_size == 0 || from_size == to_size) return std::vector<Hash>();
  // Down to the subtree in which the earlier tree ends. `whole` while that subtree begins both trees: the verifier then
  // knows its root already.
  std::vector<std::pair<uint64_t, uint64_t>> others;
  uint64_t first = 0;
  uint64_t count = to_size;
  bool whole = true;
  while (from_size - first < count) {
    const uint64_t left = left_size(count);
    if (from_size - first <= left) {
      others.emplace_back(first + left, count - left);
      count = left;
    } else {
      others.emplace_back(first, left);
      first += left;
      count -= left;
      whole = false;
    }
  }
  if (!whole) others.emplace_back(first, count);
  return roots_from_last(source, others);
}

bool verify_inclusion(const Hash& leaf, uint64_t position, uint64_t size, std::span<const Hash> proof,
                      const Hash& root) {
  if (position >= size || size > tree_largest_size) return false;
  Hash hash = leaf;
  const bool reached = climb(
      position, size - 1, proof, [&hash](const Hash& left) { hash = node_hash(left, hash); },
      [&hash](const Hash& right) { hash = node_hash(hash, right); });
  return reached && hash == root;
}

bool verify_consistency(uint64_t from_size, const Hash& from_root, uint64_t to_size, const Hash& to_root,
                        std::span<const Hash> proof) {
  if (from_size > to_size || to_size > tree_largest_size) return false;
  if (from_size == to_size) return proof.empty() && from_root == to_root;
  if (from_size == 0) return proof.empty() && from_root == empty_root();
  // The subtree in which the earlier tree ends is the earlier tree itself, or the first hash of the proof.
  const int height = std::countr_zero(from_size);
  const uint64_t number = (from_size - 1) >> height;
  const uint64_t last = (to_size - 1) >> height;
  if (number != 0 && proof.empty()) return false;
  const Hash begun = number == 0 ? from_root : proof[0];
  if (number != 0) proof = proof.subspan(1);
  Hash earlier = begun;
  Hash later = begun;
  const bool reached = climb(
      number, last, proof,
      [&earlier, &later](const Hash& left) {
        earlier = node_hash(left, earlier);
        later = node_hash(left, later);
      },
      [&later](const Hash& right) { later = node_hash(later, right); });
  return reached && earlier == from_root && later == to_root;
}

}  // namespace kept::ledger
