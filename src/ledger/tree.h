#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "ledger/hash.h"

namespace kept::ledger {

/// Leaves under one stored node of level 1. A node of level n stands over 256^n leaves; a leaf is level 0.
inline constexpr uint64_t tree_fan_out = 256;
/// No tree grows beyond this: positions stay within what SQL calls a bigint.
inline constexpr uint64_t tree_largest_size = uint64_t{1} << 62;

/// A subtree that the last leaf completed: all of the leaves [number * 256^level, (number + 1) * 256^level).
struct CompleteNode {
  int level;  ///< 1 or more
  uint64_t number;
  Hash hash;
  bool operator==(const CompleteNode&) const = default;
};

/// Where the hashes of a stored tree are read.
/// Errors: io; not_found when there are fewer than were asked for. An answer of any other length is refused by the
/// caller.
class NodeSource {
 public:
  virtual ~NodeSource() = default;
  /// The leaf hashes at positions [first, first + count).
  virtual base::Result<std::vector<Hash>> leaves(uint64_t first, uint64_t count) = 0;
  /// The complete nodes of one level (1 or more) with numbers [first, first + count).
  virtual base::Result<std::vector<Hash>> nodes(int level, uint64_t first, uint64_t count) = 0;
};

/// An append-only Merkle tree that keeps only its frontier: the roots of the complete subtrees that its size is made
/// of, at most 62 hashes. A copy is cheap, and is how one takes a step back. Source: RFC 6962, section 2.1.
class Tree {
 public:
  /// The tree of this size, from the nodes and leaves that are stored. Reads at most 255 hashes of each level; it does
  /// not check them: compare the root with a signed head.
  static base::Result<Tree> remake(uint64_t size, NodeSource& source);

  /// Appends a leaf's hash. Nodes of level 1 and more that it completes are put after those in `completed`, lower
  /// levels first: keep them with the leaf.
  void add(const Hash& leaf, std::vector<CompleteNode>* completed = nullptr);

  uint64_t size() const { return size_; }
  Hash root() const;

 private:
  uint64_t size_ = 0;
  std::vector<Hash> frontier_;  ///< one for each bit that is set in size_, the largest subtree first
};

/// The root over the first `size` leaves. Errors: as `source`.
base::Result<Hash> root_of(NodeSource& source, uint64_t size);

/// What, with the leaf's hash, makes the root over the first `size` leaves: the audit path of RFC 6962, section 2.1.1,
/// nearest the leaf first. Errors: invalid unless position < size; as `source`.
base::Result<std::vector<Hash>> inclusion_proof(NodeSource& source, uint64_t position, uint64_t size);

/// What shows that the tree of `to_size` begins with all of the tree of `from_size`: RFC 6962, section 2.1.2. Empty
/// when the two are equal, or the first is 0. Errors: invalid unless from_size <= to_size; as `source`.
base::Result<std::vector<Hash>> consistency_proof(NodeSource& source, uint64_t from_size, uint64_t to_size);

/// Whether the proof shows that the leaf stands at the position under the root. A proof with a hash too many or too few
/// shows nothing. Source: RFC 9162, section 2.1.3.2.
bool verify_inclusion(const Hash& leaf, uint64_t position, uint64_t size, std::span<const Hash> proof,
                      const Hash& root);

/// Whether the proof shows that the second tree begins with all of the first. From size 0 that is so when the first
/// root is that of an empty tree and the proof is empty. Source: RFC 9162, section 2.1.4.2.
bool verify_consistency(uint64_t from_size, const Hash& from_root, uint64_t to_size, const Hash& to_root,
                        std::span<const Hash> proof);

}  // namespace kept::ledger
