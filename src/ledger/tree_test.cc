#include "ledger/tree.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <utility>

namespace kept::ledger {
namespace {

using base::Result;

Hash hash_of(std::string_view hex) {
  const std::optional<Hash> hash = hash_from_hex(hex);
  EXPECT_TRUE(hash.has_value()) << hex;
  return *hash;
}

// The definition, word by word. Source: RFC 6962, section 2.1.
Hash naive_root(std::span<const Hash> leaves) {
  if (leaves.empty()) return sha256("");
  if (leaves.size() == 1) return leaves[0];
  std::size_t k = 1;
  while (k * 2 < leaves.size()) k *= 2;
  return node_hash(naive_root(leaves.first(k)), naive_root(leaves.subspan(k)));
}

std::vector<Hash> naive_path(std::size_t m, std::span<const Hash> leaves) {
  if (leaves.size() == 1) return {};
  std::size_t k = 1;
  while (k * 2 < leaves.size()) k *= 2;
  std::vector<Hash> path = m < k ? naive_path(m, leaves.first(k)) : naive_path(m - k, leaves.subspan(k));
  path.push_back(naive_root(m < k ? leaves.subspan(k) : leaves.first(k)));
  return path;
}

std::vector<Hash> naive_subproof(std::size_t m, std::span<const Hash> leaves, bool whole) {
  if (m == leaves.size()) return whole ? std::vector<Hash>() : std::vector<Hash>{naive_root(leaves)};
  std::size_t k = 1;
  while (k * 2 < leaves.size()) k *= 2;
  std::vector<Hash> proof =
      m <= k ? naive_subproof(m, leaves.first(k), whole) : naive_subproof(m - k, leaves.subspan(k), false);
  proof.push_back(naive_root(m <= k ? leaves.subspan(k) : leaves.first(k)));
  return proof;
}

// What a store keeps: every leaf, and the nodes as they are completed.
class Stored : public NodeSource {
 public:
  void add(const Hash& leaf) {
    std::vector<CompleteNode> completed;
    tree.add(leaf, &completed);
    leaf_hashes.push_back(leaf);
    for (const CompleteNode& node : completed) {
      EXPECT_TRUE(rows.emplace(std::pair(node.level, node.number), node.hash).second);
    }
  }
  Result<std::vector<Hash>> leaves(uint64_t first, uint64_t count) override {
    largest_read = std::max(largest_read, count);
    std::vector<Hash> found;
    for (uint64_t i = first; i < first + count && i < leaf_hashes.size(); ++i) found.push_back(leaf_hashes[i]);
    return found;
  }
  Result<std::vector<Hash>> nodes(int level, uint64_t first, uint64_t count) override {
    largest_read = std::max(largest_read, count);
    std::vector<Hash> found;
    for (uint64_t i = first; i < first + count; ++i) {
      const auto row = rows.find({level, i});
      if (row != rows.end()) found.push_back(row->second);
    }
    return found;
  }

  Tree tree;
  std::vector<Hash> leaf_hashes;
  std::map<std::pair<int, uint64_t>, Hash> rows;
  uint64_t largest_read = 0;
};

Stored stored_of(uint64_t size) {
  Stored stored;
  for (uint64_t i = 0; i < size; ++i) stored.add(leaf_hash("fact " + std::to_string(i)));
  return stored;
}

// The inputs that implementations of Certificate Transparency share, and the roots of their first 0 to 8.
const std::string shared_leaves[] = {"",         std::string("\0", 1), "\x10",     std::string("\x20\x21"),
                                     "\x30\x31", "\x40\x41\x42\x43",   "PQRSTUVW", "`abcdefghijklmno"};
const char* const shared_roots[] = {"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                                    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                                    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
                                    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
                                    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                                    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
                                    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
                                    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
                                    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};

Stored shared_tree() {
  Stored stored;
  for (const std::string& leaf : shared_leaves) stored.add(leaf_hash(leaf));
  return stored;
}

std::vector<Hash> hashes_of(std::initializer_list<const char*> texts) {
  std::vector<Hash> hashes;
  for (const char* text : texts) hashes.push_back(hash_of(text));
  return hashes;
}

TEST(Hash, HexIsReadAsItIsWritten) {
  const Hash hash = leaf_hash("x");
  EXPECT_EQ(hash_from_hex(to_hex(hash)), hash);
  const std::string text = to_hex(hash);
  struct Row {
    std::string text;
    const char* why;
  };
  const Row rows[] = {{"", "nothing"},
                      {text.substr(1), "a digit short"},
                      {text + "00", "a byte long"},
                      {"A" + text.substr(1), "capitals are another spelling"},
                      {"g" + text.substr(1), "no digit"},
                      {" " + text.substr(1), "a blank"}};
  for (const Row& row : rows) EXPECT_FALSE(hash_from_hex(row.text)) << row.why;
  EXPECT_EQ(bytes_from_hex("00ff"), std::string("\0\xff", 2));
}

TEST(Tree, AgreesWithTheSharedRoots) {
  Stored stored;
  for (std::size_t size = 0; size <= 8; ++size) {
    EXPECT_EQ(to_hex(stored.tree.root()), shared_roots[size]) << size;
    if (size < 8) stored.add(leaf_hash(shared_leaves[size]));
  }
  for (std::size_t size = 0; size <= 8; ++size) EXPECT_EQ(to_hex(*root_of(stored, size)), shared_roots[size]) << size;
}

TEST(Tree, AgreesWithTheSharedProofs) {
  struct Row {
    uint64_t from, size;
    std::vector<Hash> proof;
  };
  const Row inclusions[] = {{0, 1, {}},
                            {0, 8,
                             hashes_of({"96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                                        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                                        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"})},
                            {5, 8,
                             hashes_of({"bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                                        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                                        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"})},
                            {2, 3, hashes_of({"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"})},
                            {1, 5,
                             hashes_of({"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                                        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                                        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"})}};
  Stored stored = shared_tree();
  for (const Row& row : inclusions) {
    EXPECT_EQ(*inclusion_proof(stored, row.from, row.size), row.proof) << row.from << " in " << row.size;
    EXPECT_TRUE(
        verify_inclusion(stored.leaf_hashes[row.from], row.from, row.size, row.proof, hash_of(shared_roots[row.size])));
  }
  const Row growths[] = {{1, 1, {}},
                         {1, 8,
                          hashes_of({"96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                                     "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                                     "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"})},
                         {6, 8,
                          hashes_of({"0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                                     "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                                     "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"})},
                         {2, 5,
                          hashes_of({"5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                                     "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"})},
                         {6, 7,
                          hashes_of({"0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                                     "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f",
                                     "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"})}};
  for (const Row& row : growths) {
    EXPECT_EQ(*consistency_proof(stored, row.from, row.size), row.proof) << row.from << " to " << row.size;
    EXPECT_TRUE(verify_consistency(row.from, hash_of(shared_roots[row.from]), row.size, hash_of(shared_roots[row.size]),
                                   row.proof));
  }
}

TEST(Tree, HasTheRootOfTheDefinitionAtEverySize) {
  Stored stored;
  for (std::size_t size = 0; size <= 600; ++size) {
    ASSERT_EQ(stored.tree.size(), size);
    ASSERT_EQ(stored.tree.root(), naive_root(stored.leaf_hashes)) << size;
    const Result<Tree> remade = Tree::remake(size, stored);
    ASSERT_TRUE(remade) << size;
    ASSERT_EQ(remade->root(), stored.tree.root()) << size;
    stored.add(leaf_hash(std::to_string(size)));
  }
}

TEST(Tree, NodesAreCompletedOnceEachInOrder) {
  const uint64_t size = 256 * 256 + 3 * 256 + 5;
  Tree tree;
  std::vector<CompleteNode> completed;
  std::vector<Hash> leaves;
  for (uint64_t i = 0; i < size; ++i) {
    leaves.push_back(leaf_hash(std::to_string(i)));
    tree.add(leaves.back(), &completed);
  }
  ASSERT_EQ(completed.size(), 256u + 3 + 1);
  uint64_t next[3] = {};
  for (const CompleteNode& node : completed) {
    ASSERT_TRUE(node.level == 1 || node.level == 2);
    EXPECT_EQ(node.number, next[node.level]++);
    const uint64_t width = node.level == 1 ? 256 : 65536;
    EXPECT_EQ(node.hash, naive_root(std::span(leaves).subspan(node.number * width, width)));
  }
  EXPECT_EQ(completed[255].level, 1);
  EXPECT_EQ(completed[256], (CompleteNode{2, 0, naive_root(std::span(leaves).first(65536))}));
}

TEST(Tree, ARemadeTreeGrowsAsTheFirst) {
  Stored stored = stored_of(70'000);
  for (const uint64_t size : {0u, 1u, 255u, 256u, 257u, 511u, 65'535u, 65'536u, 65'537u, 66'000u}) {
    stored.largest_read = 0;
    Result<Tree> remade = Tree::remake(size, stored);
    ASSERT_TRUE(remade) << size;
    EXPECT_LE(stored.largest_read, 128u);
    EXPECT_EQ(remade->root(), naive_root(std::span(stored.leaf_hashes).first(size))) << size;
    for (uint64_t i = size; i < 70'000; ++i) remade->add(stored.leaf_hashes[i]);
    EXPECT_EQ(remade->root(), stored.tree.root()) << size;
  }
}

TEST(Tree, ProofsAreThoseOfTheDefinition) {
  Stored stored = stored_of(600);
  const std::span<const Hash> leaves = stored.leaf_hashes;
  for (std::size_t size = 1; size <= 600; size += size < 70 ? 1 : 53) {
    const Hash root = naive_root(leaves.first(size));
    for (std::size_t position = 0; position < size; ++position) {
      const Result<std::vector<Hash>> proof = inclusion_proof(stored, position, size);
      ASSERT_TRUE(proof);
      ASSERT_EQ(*proof, naive_path(position, leaves.first(size))) << position << " in " << size;
      ASSERT_TRUE(verify_inclusion(leaves[position], position, size, *proof, root));
    }
    for (std::size_t from = 1; from <= size; ++from) {
      const Result<std::vector<Hash>> proof = consistency_proof(stored, from, size);
      ASSERT_TRUE(proof);
      ASSERT_EQ(*proof, naive_subproof(from, leaves.first(size), true)) << from << " to " << size;
      ASSERT_TRUE(verify_consistency(from, naive_root(leaves.first(from)), size, root, *proof));
    }
  }
}

TEST(Tree, ProofsOfLargeTreesVerify) {
  Stored stored = stored_of(140'000);
  std::mt19937_64 chance(1);
  for (int i = 0; i < 300; ++i) {
    const uint64_t to = 1 + chance() % 140'000;
    const uint64_t from = 1 + chance() % to;
    const uint64_t position = chance() % to;
    const Hash root = *root_of(stored, to);
    const std::vector<Hash> path = *inclusion_proof(stored, position, to);
    EXPECT_LE(path.size() * sizeof(Hash), 2048u);
    EXPECT_TRUE(verify_inclusion(stored.leaf_hashes[position], position, to, path, root)) << position << " in " << to;
    EXPECT_TRUE(verify_consistency(from, *root_of(stored, from), to, root, *consistency_proof(stored, from, to)))
        << from << " to " << to;
  }
  EXPECT_LE(stored.largest_read, 128u);
}

TEST(Tree, EveryChangedBitOfAProofIsRefused) {
  Stored stored = stored_of(600);
  for (const auto& [from, size] : std::initializer_list<std::pair<uint64_t, uint64_t>>{
           {1, 2}, {2, 3}, {3, 4}, {4, 7}, {5, 7}, {6, 8}, {7, 8}, {127, 128}, {256, 257}, {255, 600}, {512, 600}}) {
    const Hash root = *root_of(stored, size);
    const Hash earlier = *root_of(stored, from);
    const Hash leaf = stored.leaf_hashes[from];
    std::vector<Hash> path = *inclusion_proof(stored, from, size);
    std::vector<Hash> growth = *consistency_proof(stored, from, size);
    // Each bit of each hash of the proof, of the leaf, and of the roots.
    const auto refused = [](Hash& changed, const std::function<bool()>& verifies) {
      for (std::size_t bit = 0; bit < 256; ++bit) {
        changed[bit / 8] ^= static_cast<uint8_t>(1u << bit % 8);
        EXPECT_FALSE(verifies()) << bit;
        changed[bit / 8] ^= static_cast<uint8_t>(1u << bit % 8);
      }
      EXPECT_TRUE(verifies());
    };
    Hash r = root, e = earlier, l = leaf;
    const auto included = [&, at = from, of = size] { return verify_inclusion(l, at, of, path, r); };
    const auto grown = [&, at = from, of = size] { return verify_consistency(at, e, of, r, growth); };
    for (Hash& hash : path) refused(hash, included);
    for (Hash& hash : growth) refused(hash, grown);
    refused(l, included);
    refused(r, included);
    refused(e, grown);
    refused(r, grown);
  }
}

TEST(Tree, AProofOfAnotherLengthSizeOrPositionIsRefused) {
  Stored stored = stored_of(70);
  const Hash some = leaf_hash("some other");
  for (uint64_t size = 1; size <= 70; ++size) {
    const Hash root = *root_of(stored, size);
    for (uint64_t position = 0; position < size; ++position) {
      const Hash leaf = stored.leaf_hashes[position];
      const std::vector<Hash> proof = *inclusion_proof(stored, position, size);
      for (uint64_t other = 0; other < 140; ++other) {
        EXPECT_EQ(verify_inclusion(leaf, other, size, proof, root), other == position);
      }
      for (const Hash& extra : {some, root, leaf}) {
        std::vector<Hash> longer = proof;
        longer.push_back(extra);
        EXPECT_FALSE(verify_inclusion(leaf, position, size, longer, root));
        longer = proof;
        longer.insert(longer.begin(), extra);
        EXPECT_FALSE(verify_inclusion(leaf, position, size, longer, root));
      }
      for (std::size_t kept = 0; kept < proof.size(); ++kept) {
        EXPECT_FALSE(verify_inclusion(leaf, position, size, std::span(proof).first(kept), root));
      }
      EXPECT_FALSE(verify_inclusion(some, position, size, proof, root));
      EXPECT_FALSE(verify_inclusion(leaf, position, 0, proof, root));
      EXPECT_FALSE(verify_inclusion(leaf, position, tree_largest_size + 1, proof, root));
      EXPECT_FALSE(verify_inclusion(leaf, UINT64_MAX, size, proof, root));
    }
    for (uint64_t from = 1; from < size; ++from) {
      const Hash earlier = *root_of(stored, from);
      const std::vector<Hash> proof = *consistency_proof(stored, from, size);
      for (uint64_t other = 0; other < 140; ++other) {
        EXPECT_EQ(verify_consistency(other, earlier, size, root, proof), other == from) << other << " for " << from;
      }
      EXPECT_FALSE(verify_consistency(from, root, size, earlier, proof));
      EXPECT_FALSE(verify_consistency(from, earlier, size * 2, root, proof));
      EXPECT_FALSE(verify_consistency(size, earlier, from, root, proof));
      for (const Hash& extra : {some, root, earlier}) {
        std::vector<Hash> longer = proof;
        longer.push_back(extra);
        EXPECT_FALSE(verify_consistency(from, earlier, size, root, longer));
        longer = proof;
        longer.insert(longer.begin(), extra);
        EXPECT_FALSE(verify_consistency(from, earlier, size, root, longer));
      }
      for (std::size_t kept = 0; kept < proof.size(); ++kept) {
        EXPECT_FALSE(verify_consistency(from, earlier, size, root, std::span(proof).first(kept)));
      }
    }
  }
}

TEST(Tree, EqualAndEmptyTreesNeedNoProof) {
  Stored stored = stored_of(3);
  const Hash root = stored.tree.root();
  const std::vector<Hash> one = {root};
  EXPECT_TRUE(verify_consistency(3, root, 3, root, {}));
  EXPECT_FALSE(verify_consistency(3, root, 3, root, one));
  EXPECT_FALSE(verify_consistency(3, root, 3, empty_root(), {}));
  EXPECT_TRUE(verify_consistency(0, empty_root(), 3, root, {}));
  EXPECT_TRUE(verify_consistency(0, empty_root(), 0, empty_root(), {}));
  EXPECT_FALSE(verify_consistency(0, empty_root(), 3, root, one));
  EXPECT_FALSE(verify_consistency(0, root, 3, root, {}));
  EXPECT_TRUE(consistency_proof(stored, 0, 3)->empty());
  EXPECT_TRUE(consistency_proof(stored, 3, 3)->empty());
}

TEST(Tree, WhatCannotBeProvedIsRefusedInWords) {
  Stored stored = stored_of(300);
  EXPECT_EQ(inclusion_proof(stored, 5, 5).error().message, "position 5 is not in a tree of 5 leaves");
  EXPECT_EQ(inclusion_proof(stored, 0, 0).error().code, base::ErrorCode::invalid);
  EXPECT_EQ(consistency_proof(stored, 9, 8).error().message, "a tree of 8 leaves does not grow from one of 9");
  EXPECT_EQ(Tree::remake(UINT64_MAX, stored).error().code, base::ErrorCode::invalid);
  // A store that has fewer leaves, or lost a node.
  EXPECT_EQ(root_of(stored, 301).error().message,
            "the tree has 0 of the 1 hashes of level 0 from number 300 on; check the ledger with kept ledger verify");
  stored.rows.erase({1, 0});
  EXPECT_EQ(Tree::remake(300, stored).error().code, base::ErrorCode::not_found);
  EXPECT_EQ(inclusion_proof(stored, 299, 300).error().code, base::ErrorCode::not_found);
}

TEST(Tree, RandomTreesGrowConsistently) {
  rc::check("a proof from any size to any later one verifies, and from no other root", [] {
    const auto to = *rc::gen::inRange<uint64_t>(1, 2000);
    const auto from = *rc::gen::inRange<uint64_t>(1, to + 1);
    Stored stored = stored_of(to);
    const std::vector<Hash> proof = *consistency_proof(stored, from, to);
    RC_ASSERT(proof == naive_subproof(from, stored.leaf_hashes, true));
    const Hash earlier = naive_root(std::span(stored.leaf_hashes).first(from));
    RC_ASSERT(verify_consistency(from, earlier, to, stored.tree.root(), proof));
    std::vector<Hash> edited = stored.leaf_hashes;
    edited[*rc::gen::inRange<uint64_t>(0, from)][0] ^= 1;
    RC_ASSERT(!verify_consistency(from, naive_root(std::span(edited).first(from)), to, stored.tree.root(), proof));
  });
}

}  // namespace
}  // namespace kept::ledger
