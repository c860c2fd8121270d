#pragma once
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "app/feed_state.h"
#include "app/intake.h"
#include "model/moment.h"

namespace kept::app {

inline int64_t at(const std::string& text) { return model::parse_moment(text)->lo_ms; }

/// A row of a CSV profile: what stands under which column; the rest is empty.
using Cells = std::map<std::string, std::string>;

/// A batch of a CSV profile. `heading`: all of its columns.
inline std::string csv(const std::string& heading, const std::vector<Cells>& rows) {
  std::vector<std::string> columns(1);
  for (const char c : heading) {
    if (c == ',') {
      columns.emplace_back();
    } else {
      columns.back() += c;
    }
  }
  std::string out = heading + "\n";
  for (const Cells& cells : rows) {
    for (const auto& [column, value] : cells)
      EXPECT_NE(std::find(columns.begin(), columns.end(), column), columns.end()) << column;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const auto cell = cells.find(columns[i]);
      out += (i == 0 ? "" : ",") + (cell == cells.end() ? std::string() : cell->second);
    }
    out += "\n";
  }
  return out;
}

inline const std::string victims_heading =
    "Crime No,URN,Victim Ref,Suspect Ref,Corrects entry,Withdraws entry,Role,Relation,Person kind,Harmed,Also "
    "suspect,For participant,Authority,Residence borough,Lives outside,Vulnerability,Intimidation,Targeting,Risk,Harm,"
    "Violent,Need,Language,Address,Until,Name,Telephone,Email,Note,Linked entry,Linked,Linked entered,Born "
    "entry,Born,Born entered,Update at,Entered,Entry No,Update";

inline const std::string suspects_heading =
    "Crime No,URN,Suspect Ref,Corrects entry,Withdraws entry,Under 18,Linked entry,Linked,Linked entered,Identified "
    "entry,Identified,Identified entered,Died entry,Died,Died entered";
inline const std::string portal_heading =
    "Crime No,Victim Ref,Suspect Ref,Hearing Ref,Entry No,When,Entered,Corrects entry,Withdraws entry,Own "
    "ref,About,Channel,Topic,Until,Asked by,Words,Preferred channel,From,Every,Unit,Whose wish,Consent for,Consent "
    "given,Stage,Review scheme,Review stage,Complaint kind,Complaint stage,Service kind,Service,Measure,Entry";
inline const std::string releases_heading =
    "Crime No,URN,Victim Ref,Suspect Ref,Entry No,When,Entered,Corrects entry,Withdraws entry,Known from,Release "
    "on,Release kind,Ends on,Needed for safety,Changes on,Event";

/// Row that says that a suspect is concerned in a crime.
inline Cells concerned(const std::string& crime, const std::string& suspect, const std::string& id) {
  return {{"Crime No", crime},
          {"Suspect Ref", suspect},
          {"Linked", "05/03/2024 10:20:00"},
          {"Linked entered", "05/03/2024 10:30:00"},
          {"Linked entry", id}};
}
/// Row that links a victim to a crime.
inline Cells victim(const std::string& crime, const std::string& person, const std::string& id) {
  return {{"Crime No", crime},
          {"Victim Ref", person},
          {"Linked", "05/03/2024 10:00:00"},
          {"Linked entered", "05/03/2024 10:10:00"},
          {"Linked entry", id}};
}
/// Row that says something new of a victim.
inline Cells update(const std::string& crime, const std::string& person, const std::string& id, const std::string& what,
                    const Cells& more = {}) {
  Cells cells{{"Crime No", crime},
              {"Victim Ref", person},
              {"Update at", "05/03/2024 11:00:00"},
              {"Entered", "05/03/2024 11:10:00"},
              {"Entry No", id},
              {"Update", what}};
  cells.insert(more.begin(), more.end());
  return cells;
}

/// What is personal of somebody in the rows below, and may stand nowhere but sealed.
inline const std::vector<std::string> canaries = {"CANARY-NAME",  "CANARY-07700900123", "CANARY-NOTE",
                                                  "CANARY-ASIDE", "CANARY-LATER",       "CANARY-LATERROW"};
/// A row that is taken, and one that is put aside because its update is not in the list.
inline Cells described(const std::string& person, const std::string& id, const std::string& name) {
  return update("C1", person, id, "Victim described",
                {{"Name", name}, {"Telephone", "CANARY-07700900123"}, {"Note", "CANARY-NOTE"}});
}
inline Cells not_taken(const std::string& person, const std::string& id, const std::string& name) {
  return update("C1", person, id, "Victim vanished", {{"Name", name}});
}

/// A store in a folder of its own, a clock that stands until it is moved, and feeds that send.
class IntakeStore : public testing::Test {
 protected:
  IntakeStore()
      : folder_(std::filesystem::temp_directory_path() / fmt::format("kept-intake-{}-{}", ::getpid(), test_name())) {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  ~IntakeStore() override {
    store_.reset();
    std::filesystem::remove_all(folder_);
  }

  /// Tests with a parameter have a `/` in their name, which is no folder here.
  static std::string test_name() {
    std::string name = testing::UnitTest::GetInstance()->current_test_info()->name();
    std::replace(name.begin(), name.end(), '/', '-');
    return name;
  }

  Store& store() {
    if (!store_) {
      StoreRequest request;
      request.data = data();
      request.database = database_;
      request.feeds = feeds_;
      request.clock = &clock_;
      auto opened = Store::open(request);
      if (!opened) {
        ADD_FAILURE() << opened.error().message;
        std::abort();
      }
      store_ = std::move(*opened);
    }
    return *store_;
  }
  void close() { store_.reset(); }
  std::string data() const { return (folder_ / "store").string(); }
  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path(name), std::ios::binary) << text;
    return path(name);
  }

  using Change = std::function<void(BatchRequest&)>;
  base::Result<BatchReceipt> try_send(const std::string& feed, const std::string& text, const Change& change = {}) {
    BatchRequest request;
    request.feed = feed;
    request.path = write(fmt::format("{}-{}.{}", feed, ++files_, text.starts_with('{') ? "jsonl" : "csv"), text);
    if (change) change(request);
    return receive_batch(store(), request);
  }
  BatchReceipt send(const std::string& feed, const std::string& text, const Change& change = {}) {
    auto receipt = try_send(feed, text, change);
    EXPECT_TRUE(receipt) << receipt.error().message;
    if (!receipt) return {};
    EXPECT_TRUE(receipt->counts.add_up());
    return std::move(*receipt);
  }

  FeedState state(const std::string& feed) {
    const auto states = feed_states(store(), clock_.now_ms());
    EXPECT_TRUE(states) << states.error().message;
    for (const FeedState& one : *states) {
      EXPECT_TRUE(one.counts.add_up()) << one.name;
      if (one.name == feed) return one;
    }
    ADD_FAILURE() << feed;
    return {};
  }

  /// Every fact: position, entry, event.
  std::vector<ledger::Fact> facts() {
    std::vector<uint64_t> positions;
    for (uint64_t i = 0; i < store().ledger().size(); ++i) positions.push_back(i);
    std::vector<ledger::Fact> out;
    const auto read = store().ledger().facts(positions, [&](ledger::Fact& fact) -> base::Status {
      out.push_back(std::move(fact));
      return base::Done{};
    });
    EXPECT_TRUE(read) << read.error().message;
    return out;
  }
  std::size_t events() {
    std::size_t count = 0;
    for (const ledger::Fact& fact : facts()) count += fact.entry.kind == ledger::EntryKind::event ? 1 : 0;
    return count;
  }

  /// The obligations stored of everybody, by key of their name.
  std::map<int64_t, std::string> judged() {
    static constexpr ledger::Statement all{"SELECT subject, obligations FROM judged"};
    std::map<int64_t, std::string> out;
    EXPECT_TRUE(store().ledger().database().ask(all, {}, [&](std::size_t, const ledger::Answer& row) -> base::Status {
      out[row.number(0)] = std::string(row.bytes(1));
      return base::Done{};
    }));
    return out;
  }
  /// What is stored of everybody is what the facts give, judged anew.
  void expect_as_judged_anew() {
    const auto everybody = store().live().everybody();
    ASSERT_TRUE(everybody);
    auto stored = judged();
    LiveTally tally;
    const auto done = store().live().judge_only(
        *everybody, clock_.now_ms(), &tally,
        [&](int64_t subject, int64_t, bool, const std::vector<StoredObligation>& obligations) -> base::Status {
          const std::string now = encode_obligations(obligations);
          if (obligations.empty() && !stored.contains(subject)) return base::Done{};
          EXPECT_EQ(stored[subject], now) << "subject " << subject;
          stored.erase(subject);
          return base::Done{};
        });
    ASSERT_TRUE(done) << done.error().message;
  }

  const std::filesystem::path folder_;
  base::ManualClock clock_{at("2024-03-06T12:00:00Z")};
  std::string database_;  ///< empty: SQLite
  std::string feeds_;     ///< empty: the project's own contracts
  std::unique_ptr<Store> store_;
  int files_ = 0;
};

}  // namespace kept::app
