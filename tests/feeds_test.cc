// The contracts in feeds/: that they load against the vocabulary, and that docs/formats/feeds.md says what they say.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "exchange/court_routes.h"
#include "exchange/feed_contract.h"
#include "exchange/mapped_rows.h"
#include "exchange/read_events.h"
#include "rules/rule_set.h"

namespace kept {
namespace {

namespace fs = std::filesystem;

const fs::path root = KEPT_SOURCE_DIR;

std::shared_ptr<const model::Vocabulary> vocabulary() {
  static const auto made = [] {
    auto rules = rules::load_rules({});
    EXPECT_TRUE(rules) << rules.error().message;
    return rules->vocabulary;
  }();
  return made;
}

const exchange::FeedContracts& contracts() {
  static const auto made = [] {
    auto loaded = exchange::load_contracts((root / "feeds").string(), *vocabulary());
    EXPECT_TRUE(loaded) << loaded.error().message;
    return std::move(loaded).value();
  }();
  return made;
}

std::string page() {
  std::ifstream file(root / "docs/formats/feeds.md");
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(Feeds, EveryContractLoadsAndItsAgencyFillsARole) {
  ASSERT_GE(contracts().size(), 35u);
  std::set<std::string> roles;
  for (const auto& [agency, role] : vocabulary()->roles()) roles.insert(role);
  for (const auto& [name, contract] : contracts()) {
    const bool listed =
        vocabulary()->roles().contains(contract.agency) || roles.contains(contract.agency) ||
        // Roles of their own name, as rules/vocabulary/agencies.yaml lists them.
        std::set<std::string>{"parole_board", "cica",        "ccrc", "attorney_general", "ombudsman", "nhs",
                              "hospital",     "immigration", "mopac"}
            .contains(contract.agency);
    EXPECT_TRUE(listed) << name << ": " << contract.agency;
    EXPECT_NE(contract.contact.find('@'), std::string::npos) << name;
  }
}

TEST(Feeds, TheTableOfCourtsLoads) {
  const auto courts = exchange::CourtRoutes::load((root / "feeds/courts.yaml").string(), *vocabulary());
  ASSERT_TRUE(courts) << courts.error().message;
  EXPECT_EQ(courts->all().size(), 24u);
  const exchange::CourtRoute* const court = courts->find("Snaresbrook Crown Court");
  ASSERT_NE(court, nullptr);
  EXPECT_EQ(court->lists.size(), 3u);
}

TEST(Feeds, EveryMappingBelongsToAContract) {
  std::set<std::string> used;
  for (const auto& [name, contract] : contracts()) used.insert(contract.mapping_file);
  for (const auto& entry : fs::directory_iterator(root / "feeds/mappings"))
    EXPECT_TRUE(used.contains("mappings/" + entry.path().filename().string())) << entry.path();
}

TEST(Feeds, ThePageNamesEveryFeedAndEveryColumn) {
  const std::string text = page();
  for (const auto& [name, contract] : contracts()) {
    EXPECT_NE(text.find("| `" + name + "` |"), std::string::npos) << name;
    if (contract.mapping == nullptr || contract.mapping->form != exchange::Form::csv) continue;
    const auto rows = exchange::MappedRows::make(*contract.mapping, vocabulary());
    ASSERT_TRUE(rows) << rows.error().message;
    const std::string profile = fs::path(contract.mapping_file).stem().string();
    const std::size_t begin = text.find("\n## " + profile + "\n");
    ASSERT_NE(begin, std::string::npos) << profile;
    const std::string section = text.substr(begin + 1, text.find("\n## ", begin + 1) - begin);
    for (const auto& column : rows->heading())
      EXPECT_NE(section.find("| " + column + " |"), std::string::npos) << profile << ": " << column;
    for (const auto& type : contract.sends)
      EXPECT_NE(section.find("`" + type + "`"), std::string::npos) << profile << ": " << type;
  }
}

TEST(Feeds, TheExamplesOnThePageAreReadWithoutAReject) {
  const std::string text = page();
  std::size_t examples = 0;
  const fs::path path = fs::temp_directory_path() / fmt::format("kept-feeds-{}.csv", ::getpid());
  std::set<std::string> read_profiles;
  for (const auto& [name, contract] : contracts()) {
    if (contract.mapping == nullptr || contract.mapping->form != exchange::Form::csv) continue;
    const std::string profile = fs::path(contract.mapping_file).stem().string();
    if (!read_profiles.insert(profile).second) continue;
    const std::size_t begin = text.find("\n## " + profile + "\n");
    const std::size_t open = text.find("```\n", begin) + 4;
    const std::size_t close = text.find("```", open);
    ASSERT_NE(close, std::string::npos) << profile;
    std::ofstream(path, std::ios::binary) << text.substr(open, close - open);
    exchange::ReadRequest request;
    request.files = {path.string()};
    request.mapping = contract.mapping.get();
    request.vocabulary = vocabulary();
    request.strict = true;
    const auto read = exchange::read_events(request);
    ASSERT_TRUE(read) << profile << ": " << read.error().message;
    EXPECT_GE(read->counts.events, 1u) << profile;
    EXPECT_EQ(read->counts.ignored, 0u) << profile;
    ++examples;
  }
  fs::remove(path);
  EXPECT_GE(examples, 14u);
}

}  // namespace
}  // namespace kept
