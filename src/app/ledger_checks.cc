#include "app/ledger_checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>

#include "app/outbox.h"
#include "app/waiting_crimes.h"
#include "ledger/batch_table.h"
#include "ledger/difference_table.h"
#include "ledger/event_index.h"
#include "ledger/feed_table.h"
#include "ledger/hash.h"
#include "ledger/judged_table.h"
#include "ledger/quarantine_table.h"
#include "ledger/setting_table.h"
#include "ledger/stored_tree.h"
#include "model/canonical.h"
#include "model/moment.h"

namespace kept::app {
namespace {

using ledger::Entry;
using ledger::EntryKind;
using ledger::Hash;
using ledger::TreeName;

constexpr std::size_t wrong_named = 100;
constexpr uint64_t entries_at_a_time = 4096;

std::string field_of(const Entry& entry, const char* name) {
  const auto found = entry.fields.find(name);
  return found == entry.fields.end() ? std::string() : found->second;
}

constexpr const char* count_names[] = {"rows", "accepted", "duplicate", "conflict", "quarantined", "ignored", "events"};
using Counts = std::array<uint64_t, std::size(count_names)>;

Counts counts_of(const ledger::RowCounts& c) {
  return {c.rows, c.accepted, c.duplicate, c.conflict, c.quarantined, c.ignored, c.events};
}

class Checking {
 public:
  Checking(Store& store, const std::function<void(uint64_t, uint64_t)>& progress)
      : store_(store), ledger_(store.ledger()), database_(ledger_.database()), progress_(progress) {}

  base::Result<LedgerCheck> run() {
    // Heads first: a writer may go on, and what is signed is in the store before it is signed.
    if (base::Status done = read_heads(); !done) return done.error();
    if (base::Status begun = database_.begin(true); !begun) return begun.error();
    base::Status done = check_all();
    if (base::Status ended = database_.roll_back(); done && !ended) done = ended;
    if (!done) return done.error();
    return std::move(out_);
  }

 private:
  void wrong(std::string words) {
    if (++out_.faults <= wrong_named) out_.wrong.push_back(std::move(words));
  }
  void step(uint64_t by) {
    done_ += by;
    if (progress_) progress_(std::min(done_, total_), total_);
  }

  base::Status read_heads() {
    const ledger::LedgerParts& parts = ledger_.parts();
    std::vector<ledger::PublicKey> keys = parts.known_keys;
    if (parts.signing_key != nullptr) keys.push_back(parts.signing_key->public_key());
    auto read = ledger::HeadFile::read(*parts.disk, parts.heads_path, ledger_.id(), keys);
    if (!read) return read.error();
    for (const auto& fault : read->faults) wrong(fmt::format("signed heads, line {}: {}", fault.line, fault.message));
    for (const TreeName tree : {TreeName::facts, TreeName::audit}) {
      LedgerCheck::OfTree& out = out_.trees[static_cast<std::size_t>(tree)];
      const auto standing = read->standing(ledger::tree_title(tree));
      out.heads = standing.size();
      for (const ledger::SignedHead* head : standing) {
        heads_[static_cast<std::size_t>(tree)].emplace(head->head.size, head->head.root);
        out.newest_head = std::max(out.newest_head, head->head.size);
      }
      for (const ledger::SignedHead& head : read->heads)
        if (head.head.tree == ledger::tree_title(tree) && head.head.given_up)
          out.restored.push_back({head.head.signed_at, head.head.size, head.head.given_up->size});
    }
    return base::Done{};
  }

  base::Status check_all() {
    base::Status done = ledger::check_database_file(
        database_, [&](std::string_view fault) { wrong(fmt::format("the database's own check: {}", fault)); });
    if (!done) wrong(fmt::format("the database's own check: {}", done.error().message));
    const auto people = store_.live().everybody();
    if (!people) return people.error();
    const auto facts = ledger::StoredTree(database_, TreeName::facts).count();
    if (!facts) return facts.error();
    const auto audits = ledger::StoredTree(database_, TreeName::audit).count();
    if (!audits) return audits.error();
    total_ = *facts + *audits + people->size();
    done = check_tree(TreeName::facts);
    if (done) done = check_tree(TreeName::audit);
    if (done) done = check_families();
    if (done) done = check_batches();
    if (done) done = check_quarantine();
    if (done) done = check_waiting();
    if (done) done = check_judged(*people);
    return done;
  }

  base::Status check_tree(TreeName tree) {
    LedgerCheck::OfTree& out = out_.trees[static_cast<std::size_t>(tree)];
    const auto& heads = heads_[static_cast<std::size_t>(tree)];
    const char* title = ledger::tree_title(tree);
    ledger::StoredTree stored(database_, tree);
    const auto last = stored.last_position();
    if (!last) return last.error();
    base::Status done = base::Done{};
    ledger::Tree grown;
    const auto hold = [&] {
      const auto [from, to] = heads.equal_range(grown.size());
      for (auto head = from; head != to; ++head) {
        if (head->second != grown.root())
          wrong(fmt::format("{}: the first {} entries are not those that were signed", title, grown.size()));
      }
    };
    hold();
    for (int64_t from = 0; from <= last->value_or(-1); from += entries_at_a_time) {
      std::vector<ledger::CompleteNode> nodes;
      std::vector<std::pair<uint64_t, Entry>> entries;
      done = stored.each(
          from, from + static_cast<int64_t>(entries_at_a_time),
          [&](uint64_t position, std::string_view leaf, std::string_view bytes) -> base::Status {
            if (position != grown.size())
              wrong(fmt::format("{}: position {} stands where {} should", title, position, grown.size()));
            const Hash hash = ledger::leaf_hash(bytes);
            if (leaf != std::string_view(reinterpret_cast<const char*>(hash.data()), hash.size()))
              wrong(fmt::format("{}: what stands at position {} is not what was recorded there", title, position));
            auto entry = ledger::decode_entry(bytes);
            if (!entry) {
              wrong(fmt::format("{}: position {}: {}", title, position, entry.error().message));
            } else if (tree == TreeName::facts) {
              entries.emplace_back(position, std::move(*entry));
            }
            grown.add(hash, &nodes);
            hold();
            return base::Done{};
          });
      if (done) done = check_nodes(tree, nodes);
      if (done && tree == TreeName::facts) done = check_entries(entries);
      if (!done) return done;
      step(entries_at_a_time);
    }
    out.entries = grown.size();
    for (const auto& [size, root] : heads) {
      if (size > grown.size())
        wrong(fmt::format("{}: a signed head says {} entries, and the store has {}: some were cut off", title, size,
                          grown.size()));
    }
    const auto count = stored.count_nodes();
    if (!count) return count.error();
    if (*count != out.nodes)
      wrong(fmt::format("{}: {} nodes are stored, and its leaves make {}", title, *count, out.nodes));
    return done;
  }

  base::Status check_nodes(TreeName tree, const std::vector<ledger::CompleteNode>& nodes) {
    out_.trees[static_cast<std::size_t>(tree)].nodes += nodes.size();
    std::vector<bool> good(nodes.size());
    const base::Status done =
        ledger::StoredTree(database_, tree)
            .read_nodes(nodes, [&](std::size_t which, std::string_view stored) -> base::Status {
              const Hash& hash = nodes[which].hash;
              good[which] = stored == std::string_view(reinterpret_cast<const char*>(hash.data()), hash.size());
              return base::Done{};
            });
    for (std::size_t i = 0; i < nodes.size(); ++i)
      if (!good[i])
        wrong(fmt::format("{}: node {} of level {} is missing or wrong", ledger::tree_title(tree), nodes[i].number,
                          nodes[i].level));
    return done;
  }

  base::Status check_entries(const std::vector<std::pair<uint64_t, Entry>>& entries) {
    struct Here {
      uint64_t position;
      model::Event event;
      std::size_t names;
    };
    std::vector<Here> events;
    std::vector<std::string> texts;
    for (const auto& [position, entry] : entries) {
      switch (entry.kind) {
        case EntryKind::event: {
          auto event = model::decode_event(entry.body);
          if (!event) {
            wrong(fmt::format("facts: position {}: {}", position, event.error().message));
            break;
          }
          texts.push_back(ledger::name_text(ledger::name_source, event->source));
          const std::vector<std::string> names = ledger::names_in(*event);
          texts.insert(texts.end(), names.begin(), names.end());
          events.push_back({position, std::move(*event), names.size()});
          break;
        }
        case EntryKind::batch:
          batches_.emplace(position, entry);
          break;
        case EntryKind::quarantined:
          quarantined_.emplace(position, Aside{entry.batch, entry.row, field_of(entry, "reason"), std::nullopt});
          break;
        case EntryKind::settled:
          settled_.emplace_back(position, entry);
          break;
        case EntryKind::feed:
          contracts_[field_of(entry, "feed")] = position;
          break;
        default:
          break;
      }
    }
    out_.events += events.size();
    const auto keys = ledger_.keys_of(texts);
    if (!keys) return keys.error();
    std::vector<ledger::EventId> ids;
    std::vector<ledger::Mention> mentions;
    std::size_t at = 0;
    for (const Here& here : events) {
      ids.push_back({(*keys)[at++], here.event.id});
      std::set<int64_t> names;
      for (std::size_t k = 0; k < here.names; ++k) names.insert((*keys)[at++]);
      for (const int64_t name : names) mentions.push_back({name, here.position});
      if (const std::string target = ledger::target_of(here.event); !target.empty()) {
        const auto found = ledger_.find(here.event.source, target);
        if (found) join(here.position, *found);
        if (!found && found.error().code != base::ErrorCode::not_found) return found.error();
      }
    }
    expected_mentions_ += mentions.size();
    std::vector<bool> good(events.size());
    const base::Status done =
        ledger::EventIndex(database_).find(ids, [&](std::size_t which, uint64_t position) -> base::Status {
          good[which] = position == events[which].position;
          return base::Done{};
        });
    if (!done) return done;
    for (std::size_t i = 0; i < events.size(); ++i)
      if (!good[i]) wrong(fmt::format("the event at position {} is not found under its id", events[i].position));
    return check_mentions(mentions);
  }

  base::Status check_mentions(const std::vector<ledger::Mention>& mentions) {
    std::vector<bool> good(mentions.size());
    const base::Status done = ledger::EventIndex(database_).find(mentions, [&](std::size_t which) -> base::Status {
      good[which] = true;
      return base::Done{};
    });
    if (!done) return done;
    for (std::size_t i = 0; i < good.size(); ++i)
      if (!good[i])
        wrong(fmt::format("the event at position {} is not found under a name that it mentions", mentions[i].position));
    return done;
  }

  // Events that correct, retract or end one another are one family, found under the names of each.
  uint64_t family_of(uint64_t position) {
    const auto found = family_.find(position);
    if (found == family_.end() || found->second == position) return position;
    return found->second = family_of(found->second);
  }
  void join(uint64_t one, uint64_t other) {
    family_.try_emplace(one, one);
    family_.try_emplace(other, other);
    family_[family_of(one)] = family_of(other);
  }

  base::Status check_families() {
    std::map<uint64_t, std::vector<uint64_t>> members;
    std::vector<uint64_t> positions;
    for (const auto& [position, up] : family_) positions.push_back(position);
    for (const uint64_t position : positions) members[family_of(position)].push_back(position);
    out_.families = members.size();
    for (const auto& [first, family] : members) {
      std::set<std::string> all;
      std::vector<std::set<std::string>> own;
      base::Status done = ledger_.facts(family, [&](ledger::Fact& fact) -> base::Status {
        own.emplace_back();
        for (std::string& name : ledger::names_in(fact.event)) {
          if (name[0] == ledger::name_corrected) continue;
          all.insert(name);
          own.back().insert(std::move(name));
        }
        return base::Done{};
      });
      if (!done) {
        wrong(done.error().message);
        continue;
      }
      const std::vector<std::string> texts(all.begin(), all.end());
      const auto keys = ledger_.keys_of(texts);
      if (!keys) return keys.error();
      std::vector<ledger::Mention> inherited;
      for (std::size_t i = 0; i < family.size(); ++i) {
        for (std::size_t k = 0; k < texts.size(); ++k) {
          if (own[i].contains(texts[k])) continue;
          inherited.push_back({(*keys)[k], family[i]});
        }
      }
      expected_mentions_ += inherited.size();
      if (done = check_mentions(inherited); !done) return done;
    }
    const auto mentions = ledger::EventIndex(database_).count_mentions();
    if (!mentions) return mentions.error();
    out_.mentions = *mentions;
    if (out_.mentions != expected_mentions_)
      wrong(fmt::format("{} mentions are stored, and the events give {}", out_.mentions, expected_mentions_));
    const auto events = ledger::EventIndex(database_).count_events();
    if (!events) return events.error();
    if (*events != out_.events) wrong(fmt::format("{} ids are stored for {} events", *events, out_.events));
    return base::Done{};
  }

  base::Status check_batches() {
    std::map<std::string, Counts> of_feed;
    uint64_t ended = 0, seen = 0;
    ledger::BatchTable table(database_);
    base::Status done = table.each([&](std::string_view feed_name, const ledger::BatchRow& batch) -> base::Status {
      ++seen;
      const std::string feed(feed_name);
      const Counts counts = counts_of(batch.counts);
      for (std::size_t i = 0; i < counts.size(); ++i) of_feed[feed][i] += counts[i];
      const std::string what = fmt::format("batch {} of {}", batch.number, feed);
      if (!batch.counts.add_up()) wrong(fmt::format("{}: its rows do not add up", what));
      if (batch.entry.has_value() != (batch.state == ledger::BatchState::complete)) {
        wrong(fmt::format("{}: complete without a fact of it, or the other way round", what));
        return base::Done{};
      }
      if (!batch.entry) return base::Done{};
      ++ended;
      const auto fact = batches_.find(*batch.entry);
      if (fact == batches_.end() || fact->second.batch != batch.key || field_of(fact->second, "feed") != feed ||
          field_of(fact->second, "number") != std::to_string(batch.number) ||
          field_of(fact->second, "sha256") != batch.digest) {
        wrong(fmt::format("{}: the fact of its receipt is of another", what));
        return base::Done{};
      }
      for (std::size_t i = 0; i < counts.size(); ++i)
        if (field_of(fact->second, count_names[i]) != std::to_string(counts[i]))
          wrong(fmt::format("{}: {} {} are stored, and the fact of its receipt says {}", what, counts[i],
                            count_names[i], field_of(fact->second, count_names[i])));
      return base::Done{};
    });
    if (!done) return done;
    const auto all = table.count();
    if (!all) return all.error();
    if (*all != seen) wrong("batches are stored of feeds that are not there");
    if (ended != batches_.size())
      wrong(fmt::format("{} complete batches are stored, and the facts say {}", ended, batches_.size()));
    out_.batches = batches_.size();
    const auto feeds = ledger::FeedTable(database_).all();
    if (!feeds) return feeds.error();
    for (const ledger::FeedRow& feed : *feeds) {
      const auto contract = contracts_.find(feed.name);
      if (contract == contracts_.end() || contract->second != feed.contract)
        wrong(fmt::format("feed {}: its newest contract among the facts is not the one that is stored", feed.name));
      const Counts& expected = of_feed[feed.name];
      const Counts counts = counts_of(feed.counts);
      for (std::size_t i = 0; i < expected.size(); ++i)
        if (counts[i] != expected[i])
          wrong(fmt::format("feed {}: {} {} are stored, and its batches have {}", feed.name, counts[i], count_names[i],
                            expected[i]));
    }
    out_.feeds = feeds->size();
    if (out_.feeds != contracts_.size())
      wrong(fmt::format("{} feeds are stored, and the facts name {}", out_.feeds, contracts_.size()));
    return done;
  }

  base::Status check_quarantine() {
    for (const auto& [position, entry] : settled_) {
      const std::string of = field_of(entry, "position");
      const auto aside = quarantined_.find(of.empty() ? UINT64_MAX : std::strtoull(of.c_str(), nullptr, 10));
      if (aside == quarantined_.end()) {
        wrong(fmt::format("position {} settles a row that was never put aside", position));
      } else {
        aside->second.settled = position;
      }
    }
    out_.quarantined = quarantined_.size();
    const auto check = [&](const ledger::QuarantineRow& row) -> base::Status {
      const auto aside = quarantined_.find(row.position);
      if (aside == quarantined_.end() || aside->second.batch != row.batch || aside->second.row != row.row ||
          aside->second.reason != row.reason || aside->second.settled != row.settled)
        wrong(fmt::format("the row put aside at position {} is stored otherwise than the facts say", row.position));
      if (aside != quarantined_.end()) quarantined_.erase(aside);
      return base::Done{};
    };
    const base::Status done = ledger::QuarantineTable(database_).each(check);
    for (const auto& [position, aside] : quarantined_)
      wrong(fmt::format("the row put aside at position {} is in no list of such rows", position));
    return done;
  }

  base::Status check_waiting() {
    const auto right = waiting_by_facts(ledger_);
    if (!right) {
      wrong(right.error().message);
      return base::Done{};
    }
    const auto stored = ledger::WaitingTable(database_).all();
    if (!stored) return stored.error();
    out_.unknown_crimes = right->size();
    if (*stored != *right)
      wrong(
          fmt::format("crimes that nobody recorded yet: {} are listed, and the facts give {} or others; run `kept "
                      "rebuild`",
                      stored->size(), right->size()));
    return base::Done{};
  }

  base::Status check_judged(const std::vector<int64_t>& everybody) {
    const auto in_force = ledger::SettingTable(database_).read("rules");
    if (!in_force) return in_force.error();
    out_.has_projections = *in_force == store_.rules().book.version;
    if (!out_.has_projections) return base::Done{};
    const auto sum = ledger::JudgedTable(database_).sum();
    if (!sum) return sum.error();
    const uint64_t stored = sum->rows;
    // Nobody is owed anything yet: then nobody may be.
    const int64_t judged_at = stored == 0 ? store_.now() : sum->last_judged_at;
    uint64_t seen = 0;
    for (std::size_t from = 0; from < everybody.size(); from += LiveObligations::subjects_at_a_time) {
      const auto some =
          std::span(everybody).subspan(from, std::min(LiveObligations::subjects_at_a_time, everybody.size() - from));
      if (base::Status done = check_subjects(some, judged_at, &seen); !done) return done;
      step(some.size());
    }
    if (seen != stored)
      wrong(
          fmt::format("{} people and cases have stored obligations, and {} of them are named anywhere", stored, seen));
    // What cannot be read was said above.
    if (const auto outbox = reconcile_outbox(database_, store_.rules().book, judged_at); outbox) {
      out_.outbox = outbox->rows;
      if (outbox->lacking != 0)
        wrong(fmt::format("{} obligations that are not done have no row in the outbox", outbox->lacking));
      if (outbox->astray != 0)
        wrong(fmt::format("{} rows of the outbox say otherwise than their obligations", outbox->astray));
      if (outbox->undescribed != 0)
        wrong(fmt::format("{} rows of the outbox say otherwise than the rules what is to be done, or by whom",
                          outbox->undescribed));
    }
    return ledger::DifferenceTable(database_).each([&](const ledger::DifferenceRow& row) -> base::Status {
      ++out_.differences;
      if (!decode_changes(row.changes))
        wrong(fmt::format("what changed once for subject {} cannot be read", row.subject));
      return base::Done{};
    });
  }

  base::Status check_subjects(std::span<const int64_t> some, int64_t judged_at, uint64_t* seen) {
    struct Row {
      int64_t judged_at, next_at;
      bool gap;
      std::string obligations;
    };
    std::unordered_map<int64_t, Row> rows;
    base::Status done =
        ledger::JudgedTable(database_).read(some, [&](std::size_t which, const ledger::JudgedRow& row) -> base::Status {
          rows.emplace(some[which], Row{row.judged_at, row.next_at, row.gap, std::string(row.obligations)});
          return base::Done{};
        });
    if (!done) return done;
    *seen += rows.size();
    LiveTally tally;
    done = store_.live().judge_only(
        some, judged_at, &tally,
        [&](int64_t subject, int64_t next_at, bool gap, const std::vector<StoredObligation>& obligations) {
          const auto row = rows.find(subject);
          if (row == rows.end()) {
            if (!obligations.empty()) wrong(fmt::format("obligations of subject {} are not stored", subject));
            return base::Status(base::Done{});
          }
          const Row& stored = row->second;
          if (!decode_obligations(stored.obligations)) {
            wrong(fmt::format("the stored obligations of subject {} cannot be read", subject));
          } else if (stored.obligations != encode_obligations(obligations) || stored.gap != gap ||
                     stored.next_at != next_at) {
            // Whose time has come since, or whose gap may have been filled, is judged again at the next visit.
            if (stored.next_at <= judged_at || (stored.gap && stored.judged_at < judged_at)) {
              ++out_.waiting;
            } else {
              wrong(fmt::format("the stored obligations of subject {} are not what the facts give", subject));
            }
          }
          return base::Status(base::Done{});
        });
    out_.subjects += tally.subjects;
    out_.obligations += tally.obligations;
    return done;
  }

  struct Aside {
    uint64_t batch, row;
    std::string reason;
    std::optional<uint64_t> settled;
  };

  Store& store_;
  ledger::Ledger& ledger_;
  ledger::Database& database_;
  const std::function<void(uint64_t, uint64_t)>& progress_;
  LedgerCheck out_;
  uint64_t done_ = 0, total_ = 0;
  std::array<std::multimap<uint64_t, Hash>, 2> heads_;
  uint64_t expected_mentions_ = 0;
  std::unordered_map<uint64_t, uint64_t> family_;
  std::map<uint64_t, Entry> batches_;
  std::map<uint64_t, Aside> quarantined_;
  std::vector<std::pair<uint64_t, Entry>> settled_;
  std::map<std::string, uint64_t> contracts_;
};

}  // namespace

base::Result<LedgerCheck> check_ledger(Store& store,
                                       const std::function<void(uint64_t done, uint64_t total)>& progress) {
  return Checking(store, progress).run();
}

std::string check_text(const LedgerCheck& check) {
  std::string out;
  for (const std::string& wrong : check.wrong) out += fmt::format("WRONG: {}\n", wrong);
  if (check.faults > check.wrong.size()) out += fmt::format("WRONG: and {} more\n", check.faults - check.wrong.size());
  for (const TreeName tree : {TreeName::facts, TreeName::audit}) {
    const LedgerCheck::OfTree& of = check.trees[static_cast<std::size_t>(tree)];
    out += fmt::format("{}: {} entries held against their leaves, {} nodes, {} signed heads\n",
                       ledger::tree_title(tree), of.entries, of.nodes, of.heads);
  }
  out += fmt::format("events: {}, found under their ids and {} names ({} families of corrections)\n", check.events,
                     check.mentions, check.families);
  out += fmt::format("batches: {} of {} feeds, rows put aside: {}, crimes nobody recorded yet: {}\n", check.batches,
                     check.feeds, check.quarantined, check.unknown_crimes);
  if (check.has_projections) {
    out +=
        fmt::format("obligations: {} of {} people and cases judged again, {} rows of the outbox; {} differences kept\n",
                    check.obligations, check.subjects, check.outbox, check.differences);
    if (check.waiting != 0)
      out += fmt::format("  {} of them wait for the next visit of the timer, and were not compared\n", check.waiting);
  } else {
    out +=
        "NOT CHECKED: obligations, because they follow other rules than those in use here: see `kept rebuild --plan`\n";
  }
  for (const TreeName tree : {TreeName::facts, TreeName::audit}) {
    for (const LedgerCheck::Restored& each : check.trees[static_cast<std::size_t>(tree)].restored)
      out += fmt::format(
          "RESTORED: {} were put back from a backup at {}, {}\n", ledger::tree_title(tree),
          model::instant_text(each.at),
          each.size == each.given_up
              ? fmt::format("with all {} that had been signed", each.size)
              : fmt::format("and positions {} to {} that had been signed were given up", each.size, each.given_up - 1));
  }
  for (const TreeName tree : {TreeName::facts, TreeName::audit}) {
    const LedgerCheck::OfTree& of = check.trees[static_cast<std::size_t>(tree)];
    if (of.entries > of.newest_head)
      out += fmt::format("NOT PROVED: {} positions {} to {}: no head was signed since\n", ledger::tree_title(tree),
                         of.newest_head, of.entries - 1);
  }
  if (check.has_projections)
    out +=
        "NOT PROVED: that differences, and since when rows of the outbox wait, say what once was: they can be read\n";
  out +=
      "NOT PROVED: that nobody who has the store and its signing key wrote all of it anew: only heads and receipts "
      "that "
      "somebody else holds show that (docs/formats/ledger.md)\n";
  out += check.is_good() ? "all that was checked is right\n" : fmt::format("{} things are wrong\n", check.faults);
  return out;
}

}  // namespace kept::app
