#include "ledger/ledger.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cstring>

#include "base/utf8.h"
#include "ledger/key_store.h"
#include "ledger/migrations.h"
#include "ledger/seal.h"
#include "model/canonical.h"

namespace kept::ledger {
namespace {

using base::Error;
using base::ErrorCode;

constexpr Statement read_setting{"SELECT value FROM setting WHERE name = $1"};
constexpr Statement write_setting{"INSERT INTO setting (name, value) VALUES ($1, $2)"};
constexpr Statement count_facts{"SELECT COALESCE(MAX(position) + 1, 0) FROM fact"};
constexpr Statement count_audit{"SELECT COALESCE(MAX(position) + 1, 0) FROM audit"};
constexpr Statement last_name{"SELECT COALESCE(MAX(key) + 1, 1) FROM name"};
constexpr Statement any_corrected{"SELECT 1 FROM name WHERE text >= 'x' AND text < 'y' LIMIT 1"};
constexpr Statement fact_leaves{"SELECT leaf FROM fact WHERE position >= $1 AND position < $2 ORDER BY position"};
constexpr Statement audit_leaves{"SELECT leaf FROM audit WHERE position >= $1 AND position < $2 ORDER BY position"};
constexpr Statement read_nodes{
    "SELECT hash FROM node WHERE tree = $1 AND level = $2 AND number >= $3 AND number < $4 ORDER BY number"};
constexpr Statement find_name{"SELECT key FROM name WHERE text = $1"};
constexpr Statement name_of{"SELECT text FROM name WHERE key = $1"};
constexpr Statement find_event{"SELECT position FROM event WHERE source = $1 AND id = $2"};
constexpr Statement read_mentions{"SELECT position FROM mention WHERE name = $1 ORDER BY position"};
constexpr Statement add_mention{"INSERT INTO mention (name, position) VALUES ($1, $2) ON CONFLICT DO NOTHING"};
constexpr Statement read_fact{"SELECT leaf, bytes FROM fact WHERE position = $1"};
constexpr Statement read_facts{
    "SELECT position, leaf, bytes FROM fact WHERE position >= $1 AND position < $2 ORDER BY position"};
constexpr Statement read_audit{
    "SELECT position, leaf, bytes FROM audit WHERE position >= $1 AND position < $2 ORDER BY position"};

constexpr std::size_t names_remembered = 2'000'000;
constexpr uint64_t entries_at_a_time = 4096;
constexpr uint64_t newest_heads_bytes = 64 << 10;

std::string_view view_of(const Hash& hash) { return {reinterpret_cast<const char*>(hash.data()), hash.size()}; }

base::Result<Hash> hash_of(std::string_view bytes, const char* what) {
  Hash hash;
  if (bytes.size() != hash.size())
    return Error{ErrorCode::conflict, fmt::format("{} is not a hash: the store was altered; restore a backup", what)};
  std::memcpy(hash.data(), bytes.data(), hash.size());
  return hash;
}

base::Result<Entry> checked_entry(uint64_t position, std::string_view leaf, std::string_view bytes) {
  const auto stored = hash_of(leaf, "a leaf");
  if (!stored || leaf_hash(bytes) != *stored)
    return Error{ErrorCode::conflict,
                 fmt::format("what is stored at position {} is not what was recorded there: the store was altered or "
                             "damaged; run `kept ledger verify` and restore a backup",
                             position)};
  return decode_entry(bytes);
}

/// Whether everything that an event is found by can stand in any database.
bool can_be_found(const model::Event& event) {
  for (const std::string* text : {&event.id, &event.source, &event.agency, &event.participant, &event.crime,
                                  &event.suspect, &event.hearing, &event.corrects, &event.retracts})
    if (!base::is_utf8(*text) || text->find('\0') != std::string::npos) return false;
  const std::string target = target_of(event);
  return base::is_utf8(target) && target.find('\0') == std::string::npos;
}

std::string corrected_name(std::string_view source, std::string_view id) {
  std::string text(1, name_corrected);
  text += source;
  text += '\x1f';
  text += id;
  return text;
}

}  // namespace

std::string name_text(NameKind kind, std::string_view name) {
  std::string text(1, kind);
  text += name;
  return text;
}

std::string target_of(const model::Event& event) {
  if (!event.corrects.empty()) return event.corrects;
  if (!event.retracts.empty()) return event.retracts;
  const auto hold = event.detail.find("hold");
  if (hold == event.detail.end()) return {};
  const std::string* id = std::get_if<std::string>(&hold->second);
  return id == nullptr ? std::string() : *id;
}

std::vector<std::string> names_in(const model::Event& event) {
  std::vector<std::string> out;
  if (!event.participant.empty()) out.push_back(name_text(name_participant, event.participant));
  if (!event.crime.empty()) out.push_back(name_text(name_crime, event.crime));
  if (!event.suspect.empty()) out.push_back(name_text(name_suspect, event.suspect));
  if (!event.hearing.empty()) out.push_back(name_text(name_hearing, event.hearing));
  if (const std::string target = target_of(event); !target.empty()) out.push_back(corrected_name(event.source, target));
  return out;
}

const char* tree_title(TreeName tree) { return tree == TreeName::facts ? "facts" : "audit"; }

class Ledger::Nodes : public NodeSource {
 public:
  Nodes(Database& database, TreeName tree) : database_(database), tree_(tree) {}
  base::Result<std::vector<Hash>> leaves(uint64_t first, uint64_t count) override {
    return read(tree_ == TreeName::facts ? fact_leaves : audit_leaves,
                {static_cast<int64_t>(first), static_cast<int64_t>(first + count)}, count);
  }
  base::Result<std::vector<Hash>> nodes(int level, uint64_t first, uint64_t count) override {
    return read(
        read_nodes,
        {static_cast<int64_t>(tree_), int64_t{level}, static_cast<int64_t>(first), static_cast<int64_t>(first + count)},
        count);
  }

 private:
  base::Result<std::vector<Hash>> read(const Statement& statement, std::initializer_list<In> what, uint64_t count) {
    std::vector<Hash> found;
    const base::Status asked = database_.ask(statement, what, [&](std::size_t, const Answer& row) -> base::Status {
      const auto hash = hash_of(row.bytes(0), "a node");
      if (!hash) return hash.error();
      found.push_back(*hash);
      return base::Done{};
    });
    if (!asked) return asked.error();
    if (found.size() != count)
      return Error{ErrorCode::not_found,
                   fmt::format("the {} tree lacks hashes that it once had: the store was cut or altered; restore a "
                               "backup",
                               tree_title(tree_))};
    return found;
  }
  Database& database_;
  TreeName tree_;
};

Ledger::Ledger(std::unique_ptr<Database> database, LedgerParts parts)
    : database_(std::move(database)), parts_(std::move(parts)) {
  for (const model::Field& field : parts_.vocabulary->fields())
    if (field.personal || field.kind == model::FieldKind::text) personal_fields_.push_back(field.name);
  std::sort(personal_fields_.begin(), personal_fields_.end());
}

Ledger::~Ledger() {
  if (database_->is_in_transaction()) (void)database_->roll_back();
}

base::Result<std::unique_ptr<Ledger>> Ledger::open(std::unique_ptr<Database> database, LedgerParts parts) {
  std::unique_ptr<Ledger> ledger(new Ledger(std::move(database), std::move(parts)));
  Database& store = *ledger->database_;
  const auto plan = plan_migrations(store);
  if (!plan) return plan.error();
  const bool may_write = ledger->parts_.signing_key != nullptr;
  // A store whose making was cut off has no name yet, and is made on.
  bool is_being_made = plan->stands_at == 0;
  if (!is_being_made && !plan->to_apply.empty()) {
    if (base::Status read = ledger->ask_id(); !read) return read.error();
    is_being_made = ledger->id_.empty();
  }
  if (is_being_made && !may_write)
    return Error{ErrorCode::not_found, "this store holds no ledger yet: import something first"};
  if (is_being_made) {
    if (base::Status made = apply_migrations(store, *plan, ledger->parts_.clock->now_ms()); !made) return made.error();
  } else if (!plan->to_apply.empty()) {
    return Error{ErrorCode::conflict,
                 fmt::format("this store's shape is {} step{} behind this build: make a backup, look at `kept ledger "
                             "migrate --plan`, then run `kept ledger migrate`",
                             plan->to_apply.size(), plan->to_apply.size() == 1 ? "" : "s")};
  }
  if (base::Status named = ledger->read_id(); !named) return named.error();
  // The heads first: a writer may go on meanwhile, and what is signed is always in the store already.
  base::Result<HeadsRead> heads = Error{ErrorCode::not_found, ""};
  const std::string& path = ledger->parts_.heads_path;
  if (!path.empty()) {
    std::vector<PublicKey> keys = ledger->parts_.known_keys;
    if (may_write) keys.push_back(ledger->parts_.signing_key->public_key());
    // The newest only: a year has a million of them. `kept ledger verify` reads all.
    heads = HeadFile::read(*ledger->parts_.disk, path, ledger->id_, keys, newest_heads_bytes);
  }
  if (base::Status opened = ledger->open_trees(); !opened) return opened.error();
  if (base::Status held = ledger->hold_against_heads(heads); !held) return held.error();
  return ledger;
}

base::Status Ledger::ask_id() {
  return database_->ask(read_setting, {std::string_view("ledger")},
                        [&](std::size_t, const Answer& row) -> base::Status {
                          id_ = std::string(row.bytes(0));
                          return base::Done{};
                        });
}

base::Status Ledger::read_id() {
  if (base::Status asked = ask_id(); !asked || !id_.empty()) return asked;
  if (parts_.signing_key == nullptr)
    return Error{ErrorCode::not_found, "this store holds no ledger yet: import something first"};
  const std::string made = "kept-" + base::hex_of_chance(*parts_.chance, 8);
  base::Status done = database_->run(write_setting, {std::string_view("ledger"), std::string_view(made)});
  return done ? ask_id() : done;
}

base::Status Ledger::open_trees() {
  const Statement* counts[] = {&count_facts, &count_audit};
  for (std::size_t tree = 0; tree < 2; ++tree) {
    uint64_t size = 0;
    const base::Status asked = database_->ask(*counts[tree], {}, [&](std::size_t, const Answer& row) -> base::Status {
      size = static_cast<uint64_t>(row.number(0));
      return base::Done{};
    });
    if (!asked) return asked;
    Nodes source(*database_, static_cast<TreeName>(tree));
    auto made = Tree::remake(size, source);
    if (!made) return made.error();
    trees_[tree] = committed_[tree] = *made;
  }
  base::Status asked = database_->ask(last_name, {}, [&](std::size_t, const Answer& row) -> base::Status {
    next_name_ = committed_next_name_ = row.number(0);
    return base::Done{};
  });
  if (!asked) return asked;
  return database_->ask(any_corrected, {}, [&](std::size_t, const Answer&) -> base::Status {
    any_corrected_ = true;
    return base::Done{};
  });
}

base::Status Ledger::hold_against_heads(const base::Result<HeadsRead>& read) {
  if (parts_.heads_path.empty()) return base::Done{};
  if (!read && read.error().code != ErrorCode::not_found) return read.error();
  if (!read && trees_[0].size() + trees_[1].size() > 0)
    return Error{ErrorCode::conflict,
                 fmt::format("the signed heads of this store, {}, are gone: without them nobody can tell whether the "
                             "store is whole; put the file back from where heads are copied to",
                             parts_.heads_path)};
  if (read) {
    if (!read->faults.empty())
      return Error{ErrorCode::conflict,
                   fmt::format("{}, line {}: {}", parts_.heads_path, read->faults[0].line, read->faults[0].message)};
    for (const TreeName tree : {TreeName::facts, TreeName::audit}) {
      const SignedHead* newest = read->newest(tree_title(tree));
      if (newest == nullptr && size(tree) == 0) continue;
      // A ledger's first head is of nothing, signed before anything is taken.
      if (newest == nullptr)
        return Error{ErrorCode::conflict,
                     fmt::format("{} holds no head of {}, of which the store has {} entries: heads were taken out; put "
                                 "the file back from where heads are copied to",
                                 parts_.heads_path, tree_title(tree), size(tree))};
      published_at_ = std::max(published_at_, newest->head.signed_at);
      if (newest->head.size > size(tree))
        return Error{ErrorCode::conflict,
                     fmt::format("the store holds {} entries of {}, and its newest signed head says {}: entries were "
                                 "lost, or an old copy was put in its place; restore a backup with `kept restore`",
                                 size(tree), tree_title(tree), newest->head.size)};
      Nodes source(*database_, tree);
      const auto root = root_of(source, newest->head.size);
      if (!root) return root.error();
      if (*root != newest->head.root)
        return Error{
            ErrorCode::conflict,
            fmt::format("the first {} entries of {} are not those that were signed: the store was altered; run "
                        "`kept ledger verify` and restore a backup",
                        newest->head.size, tree_title(tree))};
      // The nodes above speak for what was signed; the last leaves are held against their bytes as well, because a
      // power cut damages the end of a file first.
      const uint64_t checked = std::min<uint64_t>(size(tree), 512);
      const base::Status good = entries(tree, size(tree) - checked, checked,
                                        [](uint64_t, const Entry&) -> base::Status { return base::Done{}; });
      if (!good) return good;
    }
  }
  if (parts_.signing_key == nullptr) return base::Done{};
  auto opened = HeadFile::open(*parts_.disk, parts_.heads_path);
  if (!opened) return opened.error();
  head_file_.emplace(std::move(*opened));
  if (published_at_ == 0 && size(TreeName::facts) + size(TreeName::audit) == 0) return publish_heads();
  return base::Done{};
}

base::Status Ledger::begin() {
  if (has_stopped_)
    return Error{ErrorCode::io,
                 "the ledger stopped taking anything when the disk refused to make a commit durable: start it again, "
                 "so that what is there can be looked at"};
  if (parts_.signing_key == nullptr) return base::invalid("this ledger was opened for reading only");
  return database_->begin(false);
}

std::string Ledger::key_name_of(const model::Event& event) {
  if (!event.participant.empty()) return name_text(name_participant, event.participant);
  if (!event.suspect.empty()) return name_text(name_suspect, event.suspect);
  if (!event.crime.empty()) return name_text(name_crime, event.crime);
  return name_text(name_source, event.source);
}

base::Status Ledger::take_names(std::span<const std::string> texts, bool add, std::vector<int64_t>* keys) {
  keys->assign(texts.size(), 0);
  // Each unknown name is asked for once, however often it stands in `texts`.
  std::vector<In> unknown;
  std::unordered_map<std::string_view, std::size_t> asked_as;
  std::vector<std::pair<std::size_t, std::size_t>> which;  // of `texts`, of `unknown`
  if (name_keys_.size() > names_remembered && new_names_.empty()) name_keys_.clear();
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const auto found = name_keys_.find(texts[i]);
    if (found != name_keys_.end()) {
      (*keys)[i] = found->second;
      continue;
    }
    const auto [asked, is_new] = asked_as.emplace(texts[i], unknown.size());
    if (is_new) unknown.emplace_back(std::string_view(texts[i]));
    which.emplace_back(i, asked->second);
  }
  std::vector<int64_t> found(unknown.size());
  if (!unknown.empty()) {
    const base::Status asked =
        database_->ask(find_name, unknown, 1, [&](std::size_t row, const Answer& answer) -> base::Status {
          found[row] = answer.number(0);
          return base::Done{};
        });
    if (!asked) return asked;
  }
  for (const auto& [i, asked] : which) {
    if (found[asked] == 0 && add) {
      found[asked] = next_name_++;
      names_.emplace_back(found[asked], texts[i]);
      new_names_.push_back(texts[i]);
      if (texts[i][0] == name_corrected) any_corrected_ = true;
    }
    (*keys)[i] = found[asked];
    if (found[asked] != 0) name_keys_.emplace(texts[i], found[asked]);
  }
  return base::Done{};
}

base::Result<std::string> Ledger::seal(const std::string& key_name, std::string_view field, std::string_view plain) {
  if (parts_.keys == nullptr) return base::invalid("this ledger was opened without its keys");
  auto key = parts_.keys->get_or_create(key_name);
  // Of a person who was erased nothing personal is kept again: that there was something, and no more.
  if (!key && key.error().code == ErrorCode::not_found) return std::string();
  if (!key) return key.error();
  return ledger::seal(plain, *key, field, *parts_.chance);
}

// One sync for the keys of all, not one for each person.
base::Status Ledger::make_keys(std::span<const NewEvent> events) {
  std::vector<std::string> wanted;
  for (const NewEvent& event : events) {
    const auto& detail = event.event.detail;
    const bool is_personal = std::any_of(detail.begin(), detail.end(), [&](const auto& field) {
      return std::binary_search(personal_fields_.begin(), personal_fields_.end(), field.first);
    });
    if (is_personal) wanted.push_back(key_name_of(event.event));
  }
  if (wanted.empty()) return base::Done{};
  if (parts_.keys == nullptr) return base::invalid("this ledger was opened without its keys");
  std::sort(wanted.begin(), wanted.end());
  wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
  return parts_.keys->create_missing(wanted);
}

base::Result<Entry> Ledger::entry_of(const NewEvent& event) {
  Entry entry;
  entry.kind = EntryKind::event;
  entry.batch = event.batch;
  entry.row = event.row;
  entry.received_at = event.received_at;
  entry.own_clock = event.own_clock;
  entry.historic = event.historic;
  std::vector<std::string> personal;
  for (const auto& [field, value] : event.event.detail)
    if (std::binary_search(personal_fields_.begin(), personal_fields_.end(), field)) personal.push_back(field);
  model::Event without;
  if (!personal.empty()) without = event.event;
  for (const std::string& field : personal) {
    const auto found = without.detail.find(field);
    // The value's own kind travels with it, as the canonical encoding writes it in an event of one field.
    std::string plain;
    if (const auto* text = std::get_if<std::string>(&found->second)) {
      plain = "t" + *text;
    } else if (const auto* moment = std::get_if<model::Moment>(&found->second)) {
      plain = "m" + model::to_string(*moment);
    } else if (const auto* number = std::get_if<int64_t>(&found->second)) {
      plain = "n" + std::to_string(*number);
    } else {
      plain = std::get<bool>(found->second) ? "b1" : "b0";
    }
    auto sealed = seal(key_name_of(without), field, plain);
    if (!sealed) return sealed.error();
    entry.sealed.emplace(field, std::move(*sealed));
    without.detail.erase(found);
  }
  auto body = model::encode_event(personal.empty() ? event.event : without);
  if (!body) return body.error();
  entry.body = std::move(*body);
  return entry;
}

base::Result<bool> Ledger::is_same(const NewEvent& event, uint64_t position, const Entry* pending) {
  Entry stored;
  if (pending != nullptr) {
    stored = *pending;
  } else {
    bool found = false;
    const base::Status asked = database_->ask(read_fact, {static_cast<int64_t>(position)},
                                              [&](std::size_t, const Answer& row) -> base::Status {
                                                auto entry = checked_entry(position, row.bytes(0), row.bytes(1));
                                                if (!entry) return entry.error();
                                                stored = std::move(*entry);
                                                found = true;
                                                return base::Done{};
                                              });
    if (!asked) return asked.error();
    if (!found) return Error{ErrorCode::conflict, fmt::format("position {} is gone from the store", position)};
  }
  auto before = model::decode_event(stored.body);
  if (!before) return before.error();
  model::Event now = event.event;
  std::map<std::string, model::Event::Value> personal;
  for (const std::string& field : personal_fields_) {
    const auto found = now.detail.find(field);
    if (found == now.detail.end()) continue;
    personal.insert(now.detail.extract(found));
  }
  // Said by neither, it is our own receipt, which is later the second time.
  if (event.own_clock && stored.own_clock) now.recorded_at = before->recorded_at;
  if (*before != now || event.own_clock != stored.own_clock || personal.size() != stored.sealed.size()) return false;
  if (personal.empty()) return true;
  bool erased = false;
  const auto opened = unsealed(stored, position, &erased);
  if (!opened) return opened.error();
  for (const auto& [field, value] : personal) {
    if (stored.sealed.find(field) == stored.sealed.end()) return false;
    const auto was = opened->find(field);
    if (was == opened->end()) continue;  // nobody can tell any more, and nothing is to be learnt by asking
    const std::string* text = std::get_if<std::string>(&value);
    const model::Moment* moment = std::get_if<model::Moment>(&value);
    const int64_t* number = std::get_if<int64_t>(&value);
    const std::string is = text != nullptr     ? *text
                           : moment != nullptr ? model::to_string(*moment)
                           : number != nullptr ? std::to_string(*number)
                                               : std::string(std::get<bool>(value) ? "1" : "0");
    if (is != was->second) return false;
  }
  return true;
}

base::Status Ledger::append(TreeName tree, std::string bytes, uint64_t* position) {
  Tree& grows = trees_[static_cast<std::size_t>(tree)];
  *position = grows.size();
  const Hash hash = leaf_hash(bytes);
  std::vector<CompleteNode> completed;
  grows.add(hash, &completed);
  for (const CompleteNode& node : completed) nodes_.emplace_back(tree, node);
  leaves_.push_back({tree, *position, hash, std::move(bytes)});
  return base::Done{};
}

base::Result<std::vector<Placed>> Ledger::add_events(std::span<const NewEvent> events, std::vector<int64_t>* touched) {
  assert(database_->is_in_transaction());
  std::vector<Placed> placed(events.size());
  // Sources first, then what stands there under each id.
  std::vector<std::string> texts;
  texts.reserve(events.size());
  for (const NewEvent& event : events) {
    if (event.event.id.empty())
      return base::invalid("an event without an id cannot be told from the same event sent again: give it one");
    if (!can_be_found(event.event))
      return base::invalid("an event's id, source, agency or one of its references is not UTF-8, or holds a byte 0");
    texts.push_back(name_text(name_source, event.event.source));
  }
  // Agencies only need keys of their own.
  for (const NewEvent& event : events) texts.push_back(name_text(name_agency, event.event.agency));
  std::vector<int64_t> sources;
  if (base::Status taken = take_names(texts, true, &sources); !taken) return taken.error();
  std::vector<In> wanted;
  wanted.reserve(events.size() * 2);
  for (std::size_t i = 0; i < events.size(); ++i) {
    wanted.emplace_back(sources[i]);
    wanted.emplace_back(std::string_view(events[i].event.id));
  }
  std::vector<int64_t> there(events.size(), -1);
  base::Status asked =
      database_->ask(find_event, wanted, 2, [&](std::size_t row, const Answer& answer) -> base::Status {
        there[row] = answer.number(0);
        return base::Done{};
      });
  if (!asked) return asked.error();

  if (base::Status made = make_keys(events); !made) return made.error();

  std::map<std::pair<int64_t, std::string_view>, std::pair<uint64_t, Entry>> fresh;
  std::vector<std::string> mentioned;
  std::vector<std::pair<uint64_t, std::size_t>> mentions_of;  // position, how many of `mentioned` are its
  std::vector<uint64_t> with_family;
  std::vector<std::string> maybe_corrected;
  std::vector<uint64_t> maybe_position;
  for (std::size_t i = 0; i < events.size(); ++i) {
    const NewEvent& event = events[i];
    const auto key = std::make_pair(sources[i], std::string_view(event.event.id));
    const auto earlier = fresh.find(key);
    if (there[i] >= 0 || earlier != fresh.end()) {
      placed[i].position = there[i] >= 0 ? static_cast<uint64_t>(there[i]) : earlier->second.first;
      const auto same = is_same(event, placed[i].position, there[i] >= 0 ? nullptr : &earlier->second.second);
      if (!same) return same.error();
      placed[i].arrival = *same ? Arrival::duplicate : Arrival::conflict;
      continue;
    }
    auto entry = entry_of(event);
    if (!entry) return entry.error();
    auto bytes = encode_entry(*entry);
    if (!bytes) return bytes.error();
    if (base::Status added = append(TreeName::facts, std::move(*bytes), &placed[i].position); !added)
      return added.error();
    ids_.push_back({sources[i], event.event.id, placed[i].position});
    std::vector<std::string> names = names_in(event.event);
    mentions_of.emplace_back(placed[i].position, names.size());
    for (std::string& name : names) mentioned.push_back(std::move(name));
    if (!target_of(event.event).empty()) with_family.push_back(placed[i].position);
    maybe_corrected.push_back(corrected_name(event.event.source, event.event.id));
    maybe_position.push_back(placed[i].position);
    fresh.emplace(key, std::make_pair(placed[i].position, std::move(*entry)));
  }

  std::vector<int64_t> keys;
  if (base::Status taken = take_names(mentioned, true, &keys); !taken) return taken.error();
  std::size_t at = 0;
  for (const auto& [position, count] : mentions_of) {
    for (std::size_t k = 0; k < count; ++k, ++at) {
      mentions_.emplace_back(keys[at], position);
      touched->push_back(keys[at]);
    }
  }
  // Has something that corrects one of these been waiting for it?
  if (any_corrected_ && !maybe_corrected.empty()) {
    if (base::Status taken = take_names(maybe_corrected, false, &keys); !taken) return taken.error();
    for (std::size_t i = 0; i < keys.size(); ++i)
      if (keys[i] != 0) with_family.push_back(maybe_position[i]);
  }
  if (base::Status flushed = flush(); !flushed) return flushed.error();
  if (!with_family.empty()) {
    if (base::Status joined = join_families(with_family, touched); !joined) return joined.error();
  }
  std::sort(touched->begin(), touched->end());
  touched->erase(std::unique(touched->begin(), touched->end()), touched->end());
  return placed;
}

// All versions of a fact, and what retracts or ends it, are found under every name that one of them mentions: a
// retraction often names nobody, and a correction may move a fact to another crime.
base::Status Ledger::join_families(std::span<const uint64_t> positions, std::vector<int64_t>* touched) {
  for (const uint64_t start : positions) {
    std::vector<uint64_t> family{start}, waiting{start};
    std::vector<int64_t> names;
    while (!waiting.empty()) {
      const uint64_t position = waiting.back();
      waiting.pop_back();
      model::Event event;
      base::Status read = facts(std::span(&position, 1), [&](Fact& fact) -> base::Status {
        event = std::move(fact.event);
        return base::Done{};
      });
      if (!read) return read;
      std::vector<uint64_t> found;
      std::vector<int64_t> keys;
      const std::vector<std::string> mentioned = names_in(event);
      if (base::Status taken = take_names(mentioned, true, &keys); !taken) return taken;
      for (std::size_t i = 0; i < keys.size(); ++i)
        if (mentioned[i][0] != name_corrected) names.push_back(keys[i]);
      if (const std::string target = target_of(event); !target.empty()) {
        const auto at = find(event.source, target);
        if (at) found.push_back(*at);
        if (!at && at.error().code != ErrorCode::not_found) return at.error();
      }
      const std::string corrected[] = {corrected_name(event.source, event.id)};
      if (base::Status taken = take_names(corrected, false, &keys); !taken) return taken;
      if (keys[0] != 0) {
        read = mentions(keys, [&](std::size_t, uint64_t at) -> base::Status {
          found.push_back(at);
          return base::Done{};
        });
        if (!read) return read;
      }
      for (const uint64_t at : found) {
        if (std::find(family.begin(), family.end(), at) != family.end()) continue;
        family.push_back(at);
        waiting.push_back(at);
      }
    }
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    std::vector<In> rows;
    for (const int64_t name : names)
      for (const uint64_t position : family) {
        rows.emplace_back(name);
        rows.emplace_back(static_cast<int64_t>(position));
      }
    if (base::Status flushed = flush(); !flushed) return flushed;
    if (!rows.empty()) {
      if (base::Status added = database_->run(add_mention, rows, 2); !added) return added;
      for (const int64_t name : names)
        for (const uint64_t position : family) known_mentions_.add(name, position);
    }
    touched->insert(touched->end(), names.begin(), names.end());
  }
  return base::Done{};
}

base::Result<uint64_t> Ledger::add(TreeName tree, const Entry& entry) {
  assert(database_->is_in_transaction());
  auto bytes = encode_entry(entry);
  if (!bytes) return bytes.error();
  uint64_t position = 0;
  if (base::Status added = append(tree, std::move(*bytes), &position); !added) return added.error();
  if (base::Status flushed = flush(); !flushed) return flushed.error();
  return position;
}

base::Status Ledger::flush() {
  std::vector<In> rows;
  base::Status done = base::Done{};
  for (const TreeName tree : {TreeName::facts, TreeName::audit}) {
    rows.clear();
    for (const Leaf& leaf : leaves_) {
      if (leaf.tree != tree) continue;
      rows.emplace_back(static_cast<int64_t>(leaf.position));
      rows.emplace_back(Bytes{view_of(leaf.hash)});
      rows.emplace_back(Bytes{leaf.bytes});
    }
    if (done && !rows.empty())
      done = database_->insert(tree == TreeName::facts ? "fact" : "audit", "position, leaf, bytes", rows, 3);
  }
  rows.clear();
  for (const auto& [tree, node] : nodes_) {
    rows.emplace_back(static_cast<int64_t>(tree));
    rows.emplace_back(int64_t{node.level});
    rows.emplace_back(static_cast<int64_t>(node.number));
    rows.emplace_back(Bytes{view_of(node.hash)});
  }
  if (done && !rows.empty()) done = database_->insert("node", "tree, level, number, hash", rows, 4);
  rows.clear();
  for (const auto& [key, text] : names_) {
    rows.emplace_back(key);
    rows.emplace_back(std::string_view(text));
  }
  if (done && !rows.empty()) done = database_->insert("name", "key, text", rows, 2);
  rows.clear();
  for (const Id& id : ids_) {
    rows.emplace_back(id.source);
    rows.emplace_back(std::string_view(id.id));
    rows.emplace_back(static_cast<int64_t>(id.position));
  }
  if (done && !rows.empty()) done = database_->insert("event", "source, id, position", rows, 3);
  // In the order of the index that takes them.
  std::sort(mentions_.begin(), mentions_.end());
  mentions_.erase(std::unique(mentions_.begin(), mentions_.end()), mentions_.end());
  rows.clear();
  for (const auto& [name, position] : mentions_) {
    rows.emplace_back(name);
    rows.emplace_back(static_cast<int64_t>(position));
  }
  if (done && !rows.empty()) done = database_->insert("mention", "name, position", rows, 2);
  for (const auto& [name, position] : mentions_) known_mentions_.add(name, position);
  leaves_.clear();
  nodes_.clear();
  names_.clear();
  ids_.clear();
  mentions_.clear();
  return done;
}

base::Status Ledger::commit() {
  base::Status done = flush();
  if (done) done = database_->commit();
  if (!done) {
    // What is on the disk now nobody knows: a sync that failed may be forgotten by the next one.
    has_stopped_ = true;
    (void)roll_back();
    return done;
  }
  for (std::size_t tree = 0; tree < 2; ++tree) committed_[tree] = trees_[tree];
  committed_next_name_ = next_name_;
  new_names_.clear();
  return done;
}

base::Status Ledger::roll_back() {
  ++undone_;
  known_mentions_.forget();
  leaves_.clear();
  nodes_.clear();
  names_.clear();
  ids_.clear();
  mentions_.clear();
  for (std::size_t tree = 0; tree < 2; ++tree) trees_[tree] = committed_[tree];
  next_name_ = committed_next_name_;
  for (const std::string& name : new_names_) name_keys_.erase(name);
  new_names_.clear();
  return database_->roll_back();
}

base::Status Ledger::publish_heads() {
  if (!head_file_) return base::invalid("this ledger was opened for reading only");
  const int64_t now = parts_.clock->now_ms();
  for (const TreeName tree : {TreeName::facts, TreeName::audit}) {
    const Tree& stands = committed_[static_cast<std::size_t>(tree)];
    const SignedHead head = sign_head({id_, tree_title(tree), stands.size(), stands.root(), now}, *parts_.signing_key);
    if (base::Status appended = head_file_->append(head); !appended) return appended;
  }
  published_at_ = now;
  return base::Done{};
}

base::Status Ledger::name(std::span<const std::string> names) {
  assert(database_->is_in_transaction());
  std::vector<int64_t> keys;
  if (base::Status taken = take_names(names, true, &keys); !taken) return taken;
  return flush();
}

base::Result<std::vector<int64_t>> Ledger::keys_of(std::span<const std::string> names) {
  std::vector<int64_t> keys;
  if (base::Status taken = take_names(names, false, &keys); !taken) return taken.error();
  return keys;
}

base::Result<std::vector<std::string>> Ledger::names_of(std::span<const int64_t> keys) {
  std::vector<std::string> names(keys.size());
  std::vector<In> wanted(keys.begin(), keys.end());
  if (keys.empty()) return names;
  const base::Status asked =
      database_->ask(name_of, wanted, 1, [&](std::size_t which, const Answer& row) -> base::Status {
        names[which] = std::string(row.bytes(0));
        return base::Done{};
      });
  if (!asked) return asked.error();
  return names;
}

base::Status Ledger::mentions(std::span<const int64_t> names,
                              const std::function<base::Status(std::size_t which, uint64_t position)>& visit) {
  if (names.empty()) return base::Done{};
  // A reader's snapshot may be older or newer than what it read before; only the one that writes knows what is there.
  if (!head_file_) {
    const std::vector<In> wanted(names.begin(), names.end());
    return database_->ask(read_mentions, wanted, 1, [&](std::size_t which, const Answer& row) -> base::Status {
      return visit(which, static_cast<uint64_t>(row.number(0)));
    });
  }
  std::vector<std::vector<uint64_t>> positions(names.size());
  std::vector<std::size_t> unknown;
  std::vector<In> wanted;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (const auto* known = known_mentions_.find(names[i])) {
      positions[i] = *known;
    } else {
      unknown.push_back(i);
      wanted.emplace_back(names[i]);
    }
  }
  if (!unknown.empty()) {
    const base::Status asked =
        database_->ask(read_mentions, wanted, 1, [&](std::size_t which, const Answer& row) -> base::Status {
          positions[unknown[which]].push_back(static_cast<uint64_t>(row.number(0)));
          return base::Done{};
        });
    if (!asked) return asked;
    for (const std::size_t i : unknown) known_mentions_.keep(names[i], positions[i]);
  }
  for (std::size_t i = 0; i < names.size(); ++i)
    for (const uint64_t position : positions[i])
      if (base::Status seen = visit(i, position); !seen) return seen;
  return base::Done{};
}

base::Status Ledger::facts(std::span<const uint64_t> positions, const std::function<base::Status(Fact& fact)>& visit) {
  if (positions.empty()) return base::Done{};
  std::vector<In> wanted;
  wanted.reserve(positions.size());
  for (const uint64_t position : positions) wanted.emplace_back(static_cast<int64_t>(position));
  std::size_t seen = 0;
  const base::Status asked =
      database_->ask(read_fact, wanted, 1, [&](std::size_t which, const Answer& row) -> base::Status {
        auto entry = checked_entry(positions[which], row.bytes(0), row.bytes(1));
        if (!entry) return entry.error();
        Fact fact{positions[which], std::move(*entry), {}};
        if (fact.entry.kind == EntryKind::event) {
          auto event = model::decode_event(fact.entry.body);
          if (!event) return event.error();
          fact.event = std::move(*event);
        }
        ++seen;
        return visit(fact);
      });
  if (!asked) return asked;
  if (seen != positions.size())
    return Error{ErrorCode::conflict, "a fact that is mentioned is gone from the store; run `kept ledger verify`"};
  return base::Done{};
}

base::Status Ledger::entries(TreeName tree, uint64_t first, uint64_t count,
                             const std::function<base::Status(uint64_t position, const Entry& entry)>& visit) {
  const uint64_t end = std::min(size(tree), first + count);
  for (uint64_t from = first; from < end; from += entries_at_a_time) {
    const uint64_t to = std::min(end, from + entries_at_a_time);
    uint64_t next = from;
    const base::Status asked = database_->ask(
        tree == TreeName::facts ? read_facts : read_audit, {static_cast<int64_t>(from), static_cast<int64_t>(to)},
        [&](std::size_t, const Answer& row) -> base::Status {
          const auto position = static_cast<uint64_t>(row.number(0));
          if (position != next++)
            return Error{ErrorCode::conflict, fmt::format("position {} is gone from the store", next - 1)};
          const auto entry = checked_entry(position, row.bytes(1), row.bytes(2));
          if (!entry) return entry.error();
          return visit(position, *entry);
        });
    if (!asked) return asked;
    if (next != to) return Error{ErrorCode::conflict, fmt::format("position {} is gone from the store", next)};
  }
  return base::Done{};
}

base::Result<uint64_t> Ledger::find(std::string_view source, std::string_view id) {
  const std::string names[] = {name_text(name_source, source)};
  std::vector<int64_t> keys;
  if (base::Status taken = take_names(names, false, &keys); !taken) return taken.error();
  int64_t position = -1;
  if (keys[0] != 0) {
    const base::Status asked =
        database_->ask(find_event, {keys[0], id}, [&](std::size_t, const Answer& row) -> base::Status {
          position = row.number(0);
          return base::Done{};
        });
    if (!asked) return asked.error();
  }
  if (position < 0) return Error{ErrorCode::not_found, "no such event was recorded"};
  return static_cast<uint64_t>(position);
}

base::Result<std::map<std::string, std::string>> Ledger::unsealed(const Entry& entry, uint64_t position, bool* erased) {
  *erased = false;
  std::map<std::string, std::string> out;
  if (entry.sealed.empty()) return out;
  if (parts_.keys == nullptr) return base::invalid("this ledger was opened without its keys");
  std::string key_name;
  if (entry.kind == EntryKind::event) {
    const auto event = model::decode_event(entry.body);
    if (!event) return event.error();
    key_name = key_name_of(*event);
  } else {
    const auto named = entry.fields.find("key");
    if (named == entry.fields.end()) return base::invalid("an entry does not say under which key it is sealed");
    key_name = named->second;
  }
  const auto key = parts_.keys->find(key_name);
  if (!key) {
    if (key.error().code != ErrorCode::not_found) return key.error();
    *erased = true;
    return out;
  }
  for (const auto& [field, sealed] : entry.sealed) {
    auto opened = ledger::open(sealed, *key, field);
    if (!opened)
      return Error{ErrorCode::conflict, fmt::format("what is sealed at position {} cannot be opened with its key: {}",
                                                    position, opened.error().message)};
    // An event's field has its kind before its value.
    out.emplace(field, entry.kind == EntryKind::event ? opened->substr(1) : *opened);
  }
  return out;
}

base::Result<Receipt> Ledger::receipt(TreeName tree, uint64_t position) {
  Nodes source(*database_, tree);
  const uint64_t size = this->size(tree);
  if (position >= size)
    return Error{ErrorCode::not_found,
                 fmt::format("position {} is not there: the tree has {} entries", position, size)};
  auto leaf = source.leaves(position, 1);
  if (!leaf) return leaf.error();
  auto proof = inclusion_proof(source, position, size);
  if (!proof) return proof.error();
  return Receipt{position, size, leaf->front(), root(tree), std::move(*proof)};
}

base::Result<std::vector<Hash>> Ledger::consistency(TreeName tree, uint64_t from_size, uint64_t to_size) {
  Nodes source(*database_, tree);
  return consistency_proof(source, from_size, to_size);
}

}  // namespace kept::ledger
