#include "exchange/feed_contract.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "exchange/sample_vocabulary_test.h"

namespace kept::exchange {
namespace {

namespace fs = std::filesystem;

const std::string good =
    "contract: 1\n"
    "name: custody\n"
    "says: Arrests.\n"
    "owner: {role: Custody systems manager, contact: custody@force.example}\n"
    "agency: met\n"
    "source: custody-system\n"
    "since: 2024-01-01\n"
    "sends: [suspect.arrested]\n"
    "form: own\n"
    "rhythm: {every: 4 hours, within: {days: working, from: \"09:00\", to: \"17:00\"}}\n"
    "batch: everything since the last\n"
    "late_after: 2 days\n"
    "volume: {a_day: 400, hold_above: 10}\n";

base::Result<FeedContract> parse(const std::string& yaml) {
  return FeedContract::parse(yaml, "custody.yaml", *sample_vocabulary());
}

std::string with(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

std::string refusal(const std::string& from, const std::string& to) {
  const auto contract = parse(with(good, from, to));
  return contract ? "taken" : contract.error().message;
}

TEST(FeedContract, ReadsWhatWasAgreed) {
  const auto contract = parse(good);
  ASSERT_TRUE(contract) << contract.error().message;
  EXPECT_EQ(contract->name, "custody");
  EXPECT_EQ(contract->owner_role, "Custody systems manager");
  EXPECT_EQ(contract->contact, "custody@force.example");
  EXPECT_EQ(contract->agency, "met");
  EXPECT_EQ(contract->source, "custody-system");
  EXPECT_EQ(calendar::to_string(contract->since), "2024-01-01");
  EXPECT_TRUE(contract->mapping_file.empty());
  EXPECT_EQ(contract->rhythm.every, 4);
  EXPECT_EQ(contract->rhythm.unit, Rhythm::Unit::hours);
  EXPECT_TRUE(contract->rhythm.within.working_days_only);
  EXPECT_EQ(contract->rhythm.within.from_minute, 9 * 60);
  EXPECT_EQ(contract->rhythm.within.to_minute, 17 * 60);
  EXPECT_EQ(contract->held_above_rows(), 4000u);
  EXPECT_TRUE(contract->may_send("suspect.arrested"));
  EXPECT_FALSE(contract->may_send("victim.informed"));
}

TEST(FeedContract, Care01_AFactOlderThanAgreedIsHistoric) {
  const auto contract = parse(good);
  ASSERT_TRUE(contract);
  const int64_t two_days = 2 * 86'400'000;
  EXPECT_FALSE(contract->is_historic(1000, 1000 + two_days));
  EXPECT_TRUE(contract->is_historic(1000, 1001 + two_days));
}

TEST(FeedContract, EveryMistakeNamesItsLineAndTheMend) {
  EXPECT_EQ(refusal("suspect.arrested", "suspect.arested"),
            "custody.yaml:8: the vocabulary has no type \"suspect.arested\" (did you mean \"suspect.arrested\"?); "
            "docs/events.md lists them");
  EXPECT_EQ(refusal("[suspect.arrested]", "[suspect.arrested, suspect.arrested]"),
            "custody.yaml:8: \"suspect.arrested\" stands twice in sends; keep one");
  EXPECT_EQ(refusal("[suspect.arrested]", "[]"),
            "custody.yaml:8: sends lists the types of event that the feed may send");
  EXPECT_EQ(refusal("contract: 1", "contract: 2"),
            "custody.yaml:1: this contract is written in version 2 of the form; this build reads version 1: use a "
            "newer Kept, or the older form");
  EXPECT_EQ(refusal("contract: 1\n", ""), "custody.yaml:1: a feed contract begins with its version:  contract: 1");
  EXPECT_EQ(refusal("batch: everything since the last\n", ""),
            "custody.yaml:1: this contract does not say `batch`; every contract does");
  EXPECT_NE(refusal("form: own", "format: own").find("(did you mean \"form\"?)"), std::string::npos);
  EXPECT_EQ(refusal("form: own", "form: own\nmapping: a.yaml"),
            "custody.yaml:1: a contract says either `mapping: FILE` or `form: own` (the project's own event form)");
  EXPECT_EQ(refusal("form: own", "mapping: ../../secret.yaml"),
            "custody.yaml:9: mapping is a .yaml file within the contract's own folder, such as  "
            "mappings/police-custody.yaml");
  EXPECT_EQ(refusal("every: 4 hours", "every: 0 hours"),
            "custody.yaml:10: every is a whole number from 1 to 9999 and one of hours, days, working days, such as "
            "\"4 hours\"; not \"0 hours\"");
  EXPECT_NE(refusal("4 hours", "4 weeks").find("custody.yaml:10: every is a whole number"), std::string::npos);
  EXPECT_NE(refusal("\"17:00\"", "\"08:00\"").find("custody.yaml:10: within begins before it ends"), std::string::npos);
  EXPECT_NE(refusal("\"17:00\"", "\"17:61\"").find("custody.yaml:10: to is a London time"), std::string::npos);
  EXPECT_NE(refusal("2 days", "soon").find("custody.yaml:12: late_after is a whole number"), std::string::npos);
  EXPECT_NE(refusal("a_day: 400", "a_day: -4").find("custody.yaml:13: a_day is a whole number from 1"),
            std::string::npos);
  EXPECT_NE(refusal("role: Custody systems manager, ", "").find("custody.yaml:4: owner says who answers"),
            std::string::npos);
  EXPECT_NE(refusal("agency: met", "agency: The Met").find("custody.yaml:5: agency is a name of small letters"),
            std::string::npos);
  EXPECT_NE(refusal("2024-01-01", "1 January").find("custody.yaml:7: since is the first day"), std::string::npos);
  EXPECT_NE(refusal("since: 2024-01-01", "since: [").find("custody.yaml:"), std::string::npos);
}

class Folder {
 public:
  Folder() : path_(fs::temp_directory_path() / fmt::format("kept-contracts-{}", ::getpid())) {
    fs::remove_all(path_);
    fs::create_directories(path_ / "mappings");
  }
  ~Folder() { fs::remove_all(path_); }
  void write(const std::string& name, const std::string& text) { std::ofstream(path_ / name) << text; }
  base::Result<FeedContracts> load() { return load_contracts(path_.string(), *sample_vocabulary()); }
  std::string refusal() {
    const auto loaded = load();
    return loaded ? "taken" : loaded.error().message.substr(path_.string().size() + 1);
  }

 private:
  fs::path path_;
};

TEST(FeedContracts, AMappingIsGivenTheFeedsSystemAndAgency) {
  Folder folder;
  const std::string mapping =
      "mapping: 1\ncolumns: {suspect: S, crime: C, occurred_at: At}\ntypes: {column: What, table: {Nicked: "
      "suspect.arrested}}\n";
  folder.write("mappings/rows.yaml", mapping);
  folder.write("custody.yaml", with(good, "form: own", "mapping: mappings/rows.yaml"));
  const auto loaded = folder.load();
  ASSERT_TRUE(loaded) << loaded.error().message;
  const Mapping& read = *loaded->at("custody").mapping;
  EXPECT_EQ(read.fields.at("source").text, "custody-system");
  EXPECT_EQ(read.fields.at("agency").text, "met");

  folder.write("custody.yaml", with(with(good, "form: own", "mapping: mappings/rows.yaml"), "[suspect.arrested]",
                                    "[suspect.arrested, victim.informed]"));
  EXPECT_EQ(folder.refusal(),
            "custody.yaml: the feed may send victim.informed, and its mapping mappings/rows.yaml has no row that "
            "becomes one; add it there, or take it out here");
  folder.write("custody.yaml", with(good, "form: own", "mapping: mappings/rows.yaml"));
  folder.write("mappings/rows.yaml", mapping + "agency: btp\n");
  EXPECT_EQ(folder.refusal().substr(0, 51), "mappings/rows.yaml:4: the mapping says agency \"btp\"");
}

TEST(FeedContracts, AFileIsNamedAsItsFeed) {
  Folder folder;
  folder.write("other.yaml", good);
  EXPECT_EQ(folder.refusal(), "other.yaml: this contract calls its feed \"custody\"; name the file custody.yaml");
}

TEST(FeedContracts, AFactOfASystemHasOneWayIn) {
  Folder folder;
  folder.write("custody.yaml", good);
  folder.write("other.yaml", with(good, "name: custody", "name: other"));
  EXPECT_EQ(folder.refusal(),
            "other.yaml: suspect.arrested of the system custody-system is also sent by the feed custody: each fact has "
            "one way in");
}

}  // namespace
}  // namespace kept::exchange
