#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/chance.h"
#include "base/clock.h"
#include "base/disk.h"
#include "base/result.h"
#include "ledger/database.h"
#include "ledger/entry.h"
#include "ledger/head_file.h"
#include "ledger/mention_memory.h"
#include "ledger/tree.h"
#include "model/event.h"
#include "model/vocabulary.h"

namespace kept::ledger {

class KeyStore;

/// A reference as the store knows it: a letter for what it is the name of, then the name.
enum NameKind : char {
  name_participant = 'p',
  name_crime = 'c',
  name_suspect = 's',
  name_hearing = 'h',
  name_source = 'o',
  name_agency = 'a',
  name_corrected = 'x',  ///< an event that another corrects, retracts or ends, by source and id
};
std::string name_text(NameKind kind, std::string_view name);

/// What an event corrects, retracts or ends, of its own source; empty: nothing.
std::string target_of(const model::Event& event);
/// Every name that an event mentions.
std::vector<std::string> names_in(const model::Event& event);

/// An event on its way in, already held against the vocabulary.
struct NewEvent {
  model::Event event;
  uint64_t batch = 0, row = 0;
  int64_t received_at = 0;
  bool own_clock = false;  ///< `event.recorded_at` was set to `received_at` because the sender said nothing
  bool historic = false;
};

enum class Arrival : uint8_t { accepted, duplicate, conflict };

/// What became of a new event. `position`: where it stands, or the one it meets there.
struct Placed {
  Arrival arrival = Arrival::accepted;
  uint64_t position = 0;
};

/// A fact as it is read back. Personal fields are in `event` only where they were asked for and their key still stands.
struct Fact {
  uint64_t position = 0;
  Entry entry;
  model::Event event;  ///< where `entry.kind` is event
};

struct Receipt {
  uint64_t position = 0, size = 0;
  Hash leaf{}, root{};
  std::vector<Hash> proof;  ///< RFC 6962 audit path of the leaf in the tree of `size`
};

enum class TreeName : uint8_t { facts = 0, audit = 1 };
const char* tree_title(TreeName tree);  ///< `facts`, `audit`

/// What a ledger stands on. All must outlive it.
struct LedgerParts {
  std::shared_ptr<const model::Vocabulary> vocabulary;
  const base::Clock* clock = nullptr;
  base::Chance* chance = nullptr;
  KeyStore* keys = nullptr;  ///< null: personal fields can be neither sealed nor opened
  base::Disk* disk = nullptr;
  std::string heads_path;                   ///< the file of signed heads, outside the database
  const SigningKey* signing_key = nullptr;  ///< null: reads only; nothing can be begun
  std::vector<PublicKey> known_keys;        ///< that earlier heads may be signed with, besides `signing_key`
};

/// Facts and audit: two append-only trees in one database, and what is found by: names, mentions, ids. One ledger a
/// database, one thread at a time. Nothing is ever changed or deleted; a wrong byte is never served, because every fact
/// read is held against its leaf.
class Ledger {
 public:
  /// Makes the tables in an empty database; holds what is there against the newest signed heads.
  /// Errors: io; unsupported (newer); conflict (older: plan and apply migrations first; or what is there is not what
  /// was signed: a rolled back, cut or altered store, in words).
  static base::Result<std::unique_ptr<Ledger>> open(std::unique_ptr<Database> database, LedgerParts parts);
  ~Ledger();

  const std::string& id() const { return id_; }
  uint64_t size(TreeName tree = TreeName::facts) const { return trees_[static_cast<std::size_t>(tree)].size(); }
  /// How many facts there were before the transaction at hand.
  uint64_t committed_size() const { return committed_[0].size(); }
  Hash root(TreeName tree = TreeName::facts) const { return trees_[static_cast<std::size_t>(tree)].root(); }
  Database& database() { return *database_; }
  const LedgerParts& parts() const { return parts_; }

  // Writing, between begin and commit. After an error of any of these the transaction is to be rolled back.
  base::Status begin();
  /// Each event in turn: new, there already with the same content, or there with another. Events of the same call are
  /// held against each other, too. Names that the accepted ones and their families (what they correct, retract or end,
  /// and what does that to them) mention are added to `touched`.
  base::Result<std::vector<Placed>> add_events(std::span<const NewEvent> events, std::vector<int64_t>* touched);
  /// Any other fact, or an audit entry. Returns its position.
  base::Result<uint64_t> add(TreeName tree, const Entry& entry);
  /// Gives names that no event mentions yet their keys.
  base::Status name(std::span<const std::string> names);
  /// Durable when it returns Done. When it does not, the ledger takes nothing more (`has_stopped`): only opening it
  /// anew tells what is there.
  base::Status commit();
  base::Status roll_back();
  bool has_stopped() const { return has_stopped_; }
  /// How many transactions were undone since the ledger was opened: what was learnt of facts and names in them holds no
  /// more.
  uint64_t undone() const { return undone_; }
  /// Signs and publishes the heads of both trees as they were last committed.
  base::Status publish_heads();
  int64_t published_at() const { return published_at_; }

  // Reading.
  /// Keys of names; 0 for one that the store never saw.
  base::Result<std::vector<int64_t>> keys_of(std::span<const std::string> names);
  base::Result<std::vector<std::string>> names_of(std::span<const int64_t> keys);
  /// Where each of these names is mentioned: pairs of which name, and position; by name, then by position.
  base::Status mentions(std::span<const int64_t> names,
                        const std::function<base::Status(std::size_t which, uint64_t position)>& visit);
  /// The facts at these positions, in the order given. Errors: conflict where the bytes are not those of the leaf.
  base::Status facts(std::span<const uint64_t> positions, const std::function<base::Status(Fact& fact)>& visit);
  /// Every entry of a tree from `first` on, checked against its leaf.
  base::Status entries(TreeName tree, uint64_t first, uint64_t count,
                       const std::function<base::Status(uint64_t position, const Entry& entry)>& visit);
  /// Where an event stands. Errors: not_found.
  base::Result<uint64_t> find(std::string_view source, std::string_view id);
  /// Opens what is sealed in an entry. A key that was destroyed leaves the field out and sets `erased`.
  base::Result<std::map<std::string, std::string>> unsealed(const Entry& entry, uint64_t position, bool* erased);
  base::Result<Receipt> receipt(TreeName tree, uint64_t position);
  base::Result<std::vector<Hash>> consistency(TreeName tree, uint64_t from_size, uint64_t to_size);

  /// Seals one text under a person's (or a row's) key, for `Entry::sealed`.
  base::Result<std::string> seal(const std::string& key_name, std::string_view field, std::string_view plain);

  /// Under which name's key the personal fields of an event are sealed.
  static std::string key_name_of(const model::Event& event);

 private:
  class Nodes;
  explicit Ledger(std::unique_ptr<Database> database, LedgerParts parts);
  base::Status ask_id();
  base::Status read_id();
  base::Status open_trees();
  base::Status hold_against_heads(const base::Result<HeadsRead>& read);
  base::Status take_names(std::span<const std::string> texts, bool add, std::vector<int64_t>* keys);
  base::Status make_keys(std::span<const NewEvent> events);
  base::Result<Entry> entry_of(const NewEvent& event);
  base::Result<bool> is_same(const NewEvent& event, uint64_t position, const Entry* pending);
  base::Status append(TreeName tree, std::string bytes, uint64_t* position);
  base::Status flush();
  base::Status join_families(std::span<const uint64_t> positions, std::vector<int64_t>* touched);

  std::unique_ptr<Database> database_;
  LedgerParts parts_;
  std::string id_;
  std::optional<HeadFile> head_file_;
  Tree trees_[2];
  Tree committed_[2];
  bool has_stopped_ = false;
  bool any_corrected_ = false;  ///< some name of kind x exists
  int64_t next_name_ = 1, committed_next_name_ = 1;
  int64_t published_at_ = 0;
  std::vector<std::string> personal_fields_;
  std::unordered_map<std::string, int64_t> name_keys_;  ///< bounded: forgotten when it grows too large
  std::vector<std::string> new_names_;                  ///< of this transaction
  // What waits to be inserted.
  struct Leaf {
    TreeName tree;
    uint64_t position;
    Hash hash;
    std::string bytes;
  };
  std::vector<Leaf> leaves_;
  std::vector<std::pair<TreeName, CompleteNode>> nodes_;
  std::vector<std::pair<int64_t, std::string>> names_;
  struct Id {
    int64_t source;
    std::string id;
    uint64_t position;
  };
  std::vector<Id> ids_;
  std::vector<std::pair<int64_t, uint64_t>> mentions_;
  MentionMemory known_mentions_;
  uint64_t undone_ = 0;
};

}  // namespace kept::ledger
