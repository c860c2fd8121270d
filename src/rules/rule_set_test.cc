#include "rules/rule_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "rules/examples.h"
#include "rules/test_rules.h"

namespace kept::rules {
namespace {

using testing::HasSubstr;

base::Result<RuleSet> parse(const std::string& text) { return parse_rules(text, "care.yaml", test_calendar()); }

std::string refused(const std::string& text) {
  const auto rules = parse(text);
  return rules.ok() ? std::string("it was not refused") : rules.error().message;
}

std::string changed(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << "the test's own text has no: " << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

TEST(RuleSet, AWholeSetFitsInOneFile) {
  const auto rules = parse(small_rules);
  ASSERT_TRUE(rules.ok()) << rules.error().message;
  ASSERT_EQ(rules->book.duties.size(), 1u);
  const engine::Duty& duty = rules->book.duties.front();
  EXPECT_EQ(duty.id, "ANTIBIOTIC");
  EXPECT_EQ(duty.edition, "CARE");
  EXPECT_EQ(duty.limits.front().standard.kind, engine::TimeLimit::Kind::hours);
  EXPECT_EQ(duty.limits.front().standard.count, 1);
  ASSERT_EQ(duty.fulfilled_by.size(), 1u);
  EXPECT_EQ(rules->book.vocabulary->code_name(duty.fulfilled_by.front().codes.front()), "given drug=antibiotic");
  EXPECT_EQ(duty.topic, "ANTIBIOTIC");
  EXPECT_EQ(rules->types.at("moved").recorded_for, "a remark only");
  std::size_t ran = 0;
  for (const ExampleFailure& failure : check_examples(*rules, &ran)) ADD_FAILURE() << failure_text(failure);
  EXPECT_EQ(ran, 4u);
}

TEST(RuleSet, EditionsMayBeLeftOut) {
  const auto rules = parse(changed(small_rules, "editions:\n  - {id: CARE, title: Care, from: 2014-01-01}\n", ""));
  ASSERT_TRUE(rules.ok()) << rules.error().message;
  EXPECT_EQ(rules->book.editions.front().id, "CARE");
}

TEST(RuleSet, NothingIsTheCodeThatDoesNotSaySo) {
  const std::string edition = "{id: CARE, title: Care, from: 2014-01-01}";
  struct Row {
    const char* why;
    const char* to;
    engine::DutyClass duty_class;
  };
  const Row rows[] = {
      {"no class", "{id: CARE, title: Care}", engine::DutyClass::local},
      {"local", "{id: CARE, title: Care, class: local}", engine::DutyClass::local},
      {"a scheme beside the Code", "{id: CARE, title: Care, class: related}", engine::DutyClass::related},
      {"the Code, in words", "{id: CARE, title: Care, class: code}", engine::DutyClass::code},
  };
  for (const Row& row : rows) {
    const auto rules = parse(changed(small_rules, edition, row.to));
    ASSERT_TRUE(rules.ok()) << row.why << rules.error().message;
    EXPECT_EQ(rules->book.duties.front().duty_class, row.duty_class) << row.why;
  }
  const auto bare = parse(changed(small_rules, "editions:\n  - " + edition + "\n", ""));
  ASSERT_TRUE(bare.ok()) << bare.error().message;
  EXPECT_EQ(bare->book.duties.front().duty_class, engine::DutyClass::local);
}

// What is to be done is told by what fulfils the duty, else by the duty itself; where the two kinds that would do
// differ, it must say it.
TEST(RuleSet, ADutySaysWhatIsToBeDone) {
  const auto with = [](std::vector<std::pair<std::string, std::string>> changes) {
    std::string text = small_rules;
    for (const auto& [from, to] : changes) {
      const std::size_t at = text.find(from);
      EXPECT_NE(at, std::string::npos) << from;
      text.replace(at, from.size(), to);
    }
    return parse(text);
  };
  const auto act = [](const auto& set) -> const char* {
    return set ? model::act_word(set->book.duties.front().act) : "refused";
  };
  const std::pair<std::string, std::string> asks = {"given: {says: A drug was given.,",
                                                    "given: {says: A drug was given., act: ask,"};
  const std::pair<std::string, std::string> tells = {"moved: {says: The patient moved.,",
                                                     "moved: {says: The patient moved., act: tell,"};
  const std::pair<std::string, std::string> either = {"fulfilled_by: {event: given, where: {drug: antibiotic}}",
                                                      "fulfilled_by: {any_of: [{event: given, where: {drug: "
                                                      "antibiotic}}, {event: moved}]}"};
  EXPECT_STREQ(act(with({})), "do");
  EXPECT_STREQ(act(with({asks})), "ask");
  EXPECT_STREQ(act(with({asks, {"    bearer: ward", "    bearer: ward\n    act: refer"}})), "refer");
  const auto differs = with({asks, tells, either});
  ASSERT_FALSE(differs);
  EXPECT_NE(differs.error().message.find("what fulfils the duty ANTIBIOTIC is to ask and to tell; say which of them "
                                         "the duty is: `act: ask`"),
            std::string::npos)
      << differs.error().message;
  EXPECT_STREQ(act(with({asks, tells, either, {"    bearer: ward", "    bearer: ward\n    act: tell"}})), "tell");
}

TEST(RuleSet, AMistakeNamesFileLineAndTheMend) {
  struct Row {
    const char* why;
    const char* from;
    const char* to;
    const char* message;
  };
  const Row rows[] = {
      {"a key that does not exist", "    bearer: ward", "    barer: ward",
       "care.yaml:23: the duty ANTIBIOTIC has no key `barer`; did you mean `bearer`?"},
      {"and the key that is missing for it", "    bearer: ward", "    barer: ward",
       "the duty ANTIBIOTIC has no `bearer:`; name the role that owes it, for example police"},
      {"an unknown event", "trigger: {event: triage}", "trigger: {event: traige}",
       "care.yaml:24: there is no event `traige` in the vocabulary; did you mean `triage`?"},
      {"an unknown word", "where: {drug: antibiotic}", "where: {drug: antibiotics}",
       "care.yaml:27: `antibiotics` is not a word of `drug`; did you mean `antibiotic`?"},
      {"an unknown field", "where: {drug: antibiotic}", "where: {durg: antibiotic}",
       "care.yaml:27: `given` has no field `durg`; did you mean `drug`?"},
      {"a limit without unit", "limit: 1 hour", "limit: 1",
       "care.yaml:26: \"1\" is not a limit: after the number comes hours, days, working days, weeks, months or years; "
       "write for example 5 working days"},
      {"a limit in words", "limit: 1 hour", "limit: soon",
       "\"soon\" is not a limit: it begins with neither a number nor a word that limits begin with"},
      {"a limit that is too long", "limit: 1 hour", "limit: 999999 days", "the number must lie between 0 and 10000"},
      {"a limit counted back from no date", "limit: 1 hour", "limit: 3 days before ward",
       "`before ward` counts back from a date that every trigger must carry, and `ward` is not such a field; it may "
       "be: seen_on, born_on"},
      {"a limit with a duty that does not exist", "limit: 1 hour", "limit: with ANTIBIOTICS",
       "the limit is that of `ANTIBIOTICS`, but there is no such duty; did you mean `ANTIBIOTIC`?"},
      {"an agreement that no event records", "limit: 1 hour", "limit: agreed",
       "`agreed` needs an event with `means: contact_agreed` in the vocabulary"},
      {"only the standard limit", "limit: 1 hour", "limit: {standard: 1 hour}",
       "`limit:` has no `enhanced:`; write both, or one limit for everybody"},
      {"limits swapped", "limit: 1 hour", "limit: {standard: 1 hour, enhanced: 5 hours}",
       "the enhanced limit (5 hours) is longer than the standard one (1 hour); are they swapped?"},
      {"dated limits with a gap", "limit: 1 hour",
       "limit: [{to: 2015-12-31, limit: 2 hours}, {from: 2016-01-02, limit: 1 hour}]",
       "this limit begins on 2016-01-02, but the one before leaves off so that 2016-01-01 must come next"},
      {"no source", "    source: {read: reproduction, url: \"https://example.org/guideline\", paragraph: \"3\"}\n", "",
       "care.yaml:20: the duty ANTIBIOTIC has no `source:`; say where the rule stands and how it was read"},
      {"a source that does not say how it was read", "{read: reproduction, url", "{url",
       "the source of the duty ANTIBIOTIC does not say how it was read; add `read: official`, `reproduction` or "
       "`recalled`"},
      {"a source that is nowhere", "{read: reproduction, url: \"https://example.org/guideline\", paragraph: \"3\"}",
       "{read: recalled}",
       "the source of the duty ANTIBIOTIC does not say where it stands; add `url:`, `document:` or `paragraph:`"},
      {"no example of kept late", "expect: \"late, due", "expect: \"overdue, due",
       "the duty ANTIBIOTIC has no example of: late; add one to `examples:`"},
      {"no example of the boundary", "2014-10-22T11:00Z given", "2014-10-22T10:59Z given",
       "has no example of: the boundary (kept, due on a day on which one of its events lies)"},
      {"no example of not owed", "expect: not owed", "expect: open", "has no example of: not owed"},
      {"an outcome that does not exist", "expect: not owed", "expect: not oweing",
       "`not oweing` is not an outcome; did you mean `not owed`?"},
      {"a flag that does not exist", "\"late, due 2014-10-22T11:00Z, late 3 hours\"", "\"late, told ahed\"",
       "`told ahed` is not something an obligation can be flagged with; did you mean `told ahead`?"},
      {"an example whose event does not exist", "2014-10-22T10:20Z given drug=antibiotic",
       "2014-10-22T10:20Z gave drug=antibiotic", "there is no event `gave` in the vocabulary"},
      {"an example on a day that does not exist", "2014-10-22T10:20Z given", "2014-02-30 given",
       "\"2014-02-30\" is not a time: there is no such day"},
      {"an example without what its event must carry", "2014-10-22T10:20Z given drug=antibiotic",
       "2014-10-22T10:20Z given", "`given` must carry the field `drug`; add drug=..."},
      {"the same id twice", "duties:\n", "duties:\n  - {id: ANTIBIOTIC, says: x, bearer: ward}\n",
       "the duty ANTIBIOTIC is defined twice (the other is at care.yaml:20); rename one"},
      {"a condition on free text", "condition: {trigger: {urgent: yes}}", "condition: {trigger: {note: x}}",
       "care.yaml:25: a rule may not read `note`: it is free text; record what the rule needs in a field of its own"},
      {"a condition on a personal field", "condition: {trigger: {urgent: yes}}",
       "condition: {trigger: {born_on: absent}}", "a rule may not read `born_on`: it is personal"},
      {"a condition of no known kind", "condition: {trigger: {urgent: yes}}", "condition: {triger: {urgent: yes}}",
       "a condition has no key `triger`; did you mean `trigger`?"},
      {"a yes_no field given a word", "{urgent: yes}", "{urgent: often}", "`urgent` is yes or no, not \"often\""},
      {"a number compared as text", "{urgent: yes}", "{dose: \">= much\"}", "`dose` is a whole number, not \"much\""},
      {"a code compared by size", "{urgent: yes}", "{ward: \"> 3\"}",
       "`ward` is of kind code and cannot be compared with > 3; only numbers and dates can"},
      {"an age without a date of birth", "condition: {trigger: {urgent: yes}}", "condition: {age_under: 18}",
       "`age_under:` needs a date of birth; add an event with `means: participant_born` to the vocabulary"},
      {"a class that does not exist", "condition: {trigger: {urgent: yes}}", "condition: {applies: [child]}",
       "`child` is not a class of applicability.yaml"},
      {"a successor that does not exist", "    limit: 1 hour",
       "    limit: 1 hour\n    cancelled_by: [{event: moved, successor: OTHER}]",
       "`successor: OTHER` of the duty ANTIBIOTIC: there is no such duty"},
      {"a cancellation without successor", "    limit: 1 hour", "    limit: 1 hour\n    cancelled_by: [{event: moved}]",
       "`cancelled_by:` has no `successor:`; name the duty that takes over; a duty lapses only into another (C19)"},
      {"in force before its edition", "    limit: 1 hour", "    limit: 1 hour\n    from: 2013-12-31",
       "is in force 2013-12-31 to 2099-12-31, outside its edition CARE (2014-01-01 to 2099-12-31)"},
      {"an edition that does not exist", "edition: CARE\n", "edition: CARES\n",
       "care.yaml:17: there is no edition `CARES`; did you mean `CARE`?"},
      {"an act that does not exist", "    bearer: ward", "    bearer: ward\n    act: give", "`act: give` is not known"},
      {"a reference its trigger does not carry", "where: {drug: antibiotic}}",
       "where: {drug: antibiotic}, same: [hearing]}",
       "`same: [hearing]` of the duty ANTIBIOTIC means nothing: its trigger `triage` carries no hearing"},
      {"a reference nobody knows", "where: {drug: antibiotic}}", "where: {drug: antibiotic}, same: [patient]}",
       "`same: [patient]` of the duty ANTIBIOTIC is not a reference of its trigger"},
      {"a date field that announces nothing", "    limit: 1 hour", "    limit: 1 hour\n    announces: seen",
       "`announces: seen` of the duty ANTIBIOTIC must be a date field of its trigger; did you mean `seen_on`?"},
      {"until without anything to end", "    limit: 1 hour", "    limit: 1 hour\n    until: {event: moved}",
       "`until:` of the duty ANTIBIOTIC ends a repetition or a limit of none, and it has neither"},
      {"a chain with a trigger", "    limit: 1 hour", "    kind: chain\n    limit: 1 hour",
       "the duty ANTIBIOTIC has no `legs:`; name its two legs in order: legs: [ONE, TWO]"},
      {"a pattern that can never hold", "where: {drug: antibiotic}", "where: {drug: []}",
       "`drug: []` can never hold; list the values it may have"},
      {"a field without kind", "dose: {kind: number, says", "dose: {says",
       "the field `dose` has no `kind:`; add one of: yes_no, number, word, code, date, text"},
      {"a kind that does not exist", "dose: {kind: number", "dose: {kind: numbr",
       "`kind: numbr` is not known; did you mean `number`?"},
      {"a word list that is missing", "kind: word, says: which drug, words: [antibiotic, fluid]",
       "kind: word, says: which drug", "the field `drug` is of kind word but has no `words:`"},
      {"a word twice", "[antibiotic, fluid]", "[antibiotic, antibiotic]",
       "the word `antibiotic` stands twice in the field `drug`; keep one"},
      {"an event that carries an unknown field", "fields: [drug!, dose]", "fields: [drug!, doses]",
       "the event `given` carries the field `doses`, which no `fields:` defines; did you mean `dose`?"},
      {"a reference an event cannot have", "needs: [participant], for", "needs: [patient], for",
       "`needs: [patient]` of the event `moved` is not known; it may be: crime, urn, participant, suspect, hearing"},
      {"an event that says nothing", "moved: {says: The patient moved., ", "moved: {",
       "the event `moved` has no `says:`; say in one plain sentence what happened"},
      {"a meaning that does not exist", "for: a remark only", "means: dies", "`means: dies` is not known"},
      {"a meaning without the field it is read from", "for: a remark only", "means: needs_assessed",
       "the event `moved` means needs_assessed, which is read from its field `enhanced` of kind yes_no; add that "
       "field"},
      {"a field named like an event's own key", "    ward: {kind: code", "    source: {kind: code",
       "`source` is one of an event's own keys, so it cannot be a detail field"},
      {"an anchor", "bearer: ward", "bearer: &x ward",
       "care.yaml:23: anchors and aliases (&name, *name) are not read here; write the text out where it belongs"},
      {"a tag", "bearer: ward", "bearer: !!str ward", "the tag `tag:yaml.org,2002:str` is not read here"},
      {"a key given twice", "    bearer: ward", "    bearer: ward\n    bearer: ward",
       "`bearer:` is given twice in the duty ANTIBIOTIC; keep one"},
      {"broken YAML", "    bearer: ward", "    bearer: [ward", "this is not YAML"},
      {"two documents", "edition: CARE\n", "---\nedition: CARE\n", "a second YAML document begins here (`---`)"},
      {"a top key that does not exist", "duties:\n", "dutys:\n",
       "a rule file has no key `dutys`; did you mean `duties`?"},
  };
  for (const Row& row : rows) {
    const std::string message = refused(changed(small_rules, row.from, row.to));
    EXPECT_THAT(message, HasSubstr(row.message)) << row.why;
    EXPECT_TRUE(message.starts_with("care.yaml:")) << row.why << ": " << message;
  }
}

TEST(RuleSet, EveryMistakeOfAFileIsNamedAtOnce) {
  std::string text = changed(small_rules, "bearer: ward", "barer: ward");
  text = changed(text, "event: triage}", "event: traige}");
  text = changed(text, "limit: 1 hour", "limit: soon");
  const std::string message = refused(text);
  EXPECT_THAT(message, HasSubstr("care.yaml:23:"));
  EXPECT_THAT(message, HasSubstr("care.yaml:24:"));
  EXPECT_THAT(message, HasSubstr("care.yaml:26:"));
}

TEST(RuleSet, MistakesAreBounded) {
  std::string text = "duties:\n";
  for (int i = 0; i < 500; ++i) text += "  - {id: D" + std::to_string(i) + ", nonsense: 1}\n";
  const std::string message = refused(text);
  EXPECT_LE(std::count(message.begin(), message.end(), '\n'), 51);
  EXPECT_THAT(message, HasSubstr("more mistakes are not shown; mend these first"));
}

TEST(RuleSet, TwoDutiesThatContradictEachOtherAreBothShown) {
  const std::size_t at = small_rules.find("  - id: ANTIBIOTIC");
  std::string second = small_rules.substr(at);
  second = changed(changed(second, "id: ANTIBIOTIC", "id: ANTIBIOTIC-SLOW"), "limit: 1 hour", "limit: 2 hours");
  EXPECT_THAT(refused(small_rules + second),
              HasSubstr("the duty ANTIBIOTIC-SLOW contradicts ANTIBIOTIC (care.yaml:20): the same trigger, bearer and "
                        "fulfilment are in force "
                        "together from 2014-01-01 but with different limits; keep one, or date them"));
  // Dated apart they do not.
  const std::string first = changed(small_rules, "    limit: 1 hour", "    limit: 1 hour\n    from: 2014-06-01");
  const auto rules = parse(first + changed(second, "    limit: 2 hours", "    limit: 2 hours\n    to: 2014-05-31"));
  EXPECT_TRUE(rules.ok()) << rules.error().message;
}

TEST(RuleSet, ADutyWithoutExamplesLoadsOnlyInsideAScenario) {
  const std::string text = small_rules.substr(0, small_rules.find("    examples:"));
  EXPECT_THAT(refused(text), HasSubstr("has no example of: kept, late, the boundary"));
  EXPECT_TRUE(parse_rules(text, "care.yaml", test_calendar(), false).ok());
}

TEST(RuleSet, HostileFilesAreRefusedWithinBounds) {
  EXPECT_THAT(refused(std::string(5 << 20, 'a')), HasSubstr("more than the 4194304 read here; split it"));
  EXPECT_THAT(refused("duties: " + std::string(40, '[') + std::string(40, ']')),
              HasSubstr("nested deeper than 32 levels"));
  EXPECT_THAT(refused("duties: " + std::string(100'000, '[')), HasSubstr("care.yaml:1:"));
  EXPECT_THAT(refused("a: &a [x,x,x]\nb: &b [*a,*a,*a]\nduties: [*b,*b]\n"), HasSubstr("anchors and aliases"));
  EXPECT_THAT(refused(""), HasSubstr("the file is empty"));
  EXPECT_THAT(refused("\xff\xfe\x00"), HasSubstr("care.yaml:"));
  EXPECT_THAT(refused("just words"), HasSubstr("a rule file must be a map"));
}

class RuleFolder : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() /
              ("kept-rules-" + std::to_string(::testing::UnitTest::GetInstance()->random_seed()) + "-" +
               ::testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  void write(const std::string& name, const std::string& text) {
    std::filesystem::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name) << text;
  }
  std::filesystem::path folder_;
};

TEST_F(RuleFolder, TakesOnlyTheCalendarFromTheProgramAndSaysSo) {
  write("care.yaml", small_rules);
  const auto rules = load_rule_set({folder_.string(), ""});
  ASSERT_TRUE(rules.ok()) << rules.error().message;
  EXPECT_EQ(rules->book.duties.size(), 1u) << "never duties of the Code";
  ASSERT_EQ(rules->notes.size(), 1u);
  EXPECT_THAT(rules->notes.front(), HasSubstr("bring no calendar: working days are those of England and Wales"));
  const auto file = load_rule_set({(folder_ / "care.yaml").string(), ""});
  ASSERT_TRUE(file.ok()) << "one file does as well as a folder: " << file.error().message;
}

TEST_F(RuleFolder, BringsItsOwnCalendar) {
  write("care.yaml", small_rules);
  write("calendars/short.yaml",
        "calendar: short\ntitle: Short\nfirst: 2014-01-01\nlast: 2014-12-31\nsource: {title: t, url: u, read: "
        "recalled}\nlicence: none\nholidays:\n  - {on: 2014-10-22, title: A day}\n");
  const auto rules = load_rule_set({folder_.string(), ""});
  ASSERT_TRUE(rules.ok()) << rules.error().message;
  EXPECT_TRUE(rules->notes.empty());
  EXPECT_EQ(calendar::to_string(rules->book.calendar->last()), "2014-12-31");
}

TEST_F(RuleFolder, TheVersionChangesWithAnyFile) {
  write("care.yaml", small_rules);
  const auto first = load_rule_set({folder_.string(), ""});
  const auto again = load_rule_set({folder_.string(), ""});
  write("care.yaml", small_rules + "# a remark\n");
  const auto changed_set = load_rule_set({folder_.string(), ""});
  ASSERT_TRUE(first.ok() && again.ok() && changed_set.ok());
  EXPECT_EQ(first->book.version, again->book.version);
  EXPECT_NE(first->book.version, changed_set->book.version);
}

TEST_F(RuleFolder, MayUseTheVocabularyOfTheProgram) {
  write("mine.yaml",
        "vocabulary: built-in\nedition: MINE\nduties:\n  - id: MINE-1\n    says: Tell of the arrest by the next day\n  "
        "  source: {read: recalled, document: our own undertaking}\n    bearer: police\n"
        "    trigger: {event: suspect.arrested}\n    limit: 1 day\n    fulfilled_by: {event: victim.informed, where: "
        "{about: arrest}, same: [suspect]}\n    examples:\n"
        "      - {why: in time, events: [2022-03-01 suspect.arrested suspect=A, 2022-03-01 victim.informed suspect=A "
        "about=arrest], expect: kept}\n"
        "      - {why: on the last day, events: [2022-03-01 suspect.arrested suspect=A, 2022-03-02 victim.informed "
        "suspect=A about=arrest], expect: 'kept, due 2022-03-02'}\n"
        "      - {why: late, events: [2022-03-01 suspect.arrested suspect=A, 2022-03-04 victim.informed suspect=A "
        "about=arrest], expect: late}\n"
        "      - {why: interviewed only, events: [2022-03-01 suspect.interviewed suspect=A], expect: not owed}\n");
  const auto rules = load_rule_set({folder_.string(), ""});
  ASSERT_TRUE(rules.ok()) << rules.error().message;
  EXPECT_EQ(rules->book.duties.size(), 1u);
  for (const ExampleFailure& failure : check_examples(*rules)) ADD_FAILURE() << failure_text(failure);
}

TEST_F(RuleFolder, AnEmptyOrMissingFolderIsRefused) {
  EXPECT_THAT(load_rule_set({folder_.string(), ""}).error().message, HasSubstr("holds no .yaml file of rules"));
  EXPECT_THAT(load_rule_set({(folder_ / "nowhere").string(), ""}).error().message,
              HasSubstr("there is no such folder or file of rules"));
}

TEST(RuleSet, TheSetShownInTheDocumentsWorks) {
  std::ifstream file(KEPT_SOURCE_DIR "/docs/formats/rules.md");
  const std::string page((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const std::size_t begin = page.find("vocabulary:\n  events:\n    triage");
  ASSERT_NE(begin, std::string::npos);
  const auto rules = parse_rules(page.substr(begin, page.find("```", begin) - begin), "ward.yaml", test_calendar());
  ASSERT_TRUE(rules.ok()) << rules.error().message;
  std::size_t ran = 0;
  for (const ExampleFailure& failure : check_examples(*rules, &ran)) ADD_FAILURE() << failure_text(failure);
  EXPECT_EQ(ran, 4u);
}

TEST_F(RuleFolder, AMappingFileBesideTheRulesIsLeftAlone) {
  write("care.yaml", small_rules);
  write("mapping.yaml", "mapping: 1\nseparator: ';'\n");
  const auto rules = load_rule_set({folder_.string(), ""});
  EXPECT_TRUE(rules.ok()) << rules.error().message;
}

TEST(RuleSet, AFailingExampleSaysWhatCameOut) {
  const auto rules = parse(changed(small_rules, "2014-10-22T10:20Z given", "2014-10-22T12:20Z given"));
  ASSERT_TRUE(rules.ok()) << rules.error().message;
  const auto failures = check_examples(*rules);
  ASSERT_EQ(failures.size(), 1u);
  EXPECT_EQ(failures.front().line, 29);
  EXPECT_THAT(failure_text(failures.front()),
              HasSubstr("care.yaml:29: ANTIBIOTIC: \"in time\" should give: kept, due 2014-10-22T11:00Z\n    but "
                        "gives: late, due 2014-10-22T11:00:00Z, late 2 hours"));
}

}  // namespace
}  // namespace kept::rules
