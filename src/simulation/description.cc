#include "simulation/description.h"

#include <fmt/format.h>

namespace kept::simulation {
namespace {

/// Counts without writing anything.
class Counting : public Listener {
 public:
  base::Status event(const Fact&) override { return base::Done{}; }
  base::Status truth(const Truth&) override { return base::Done{}; }
};

/// Tenths of a per cent, rounded to nearest, in whole numbers.
int64_t per_mille(uint64_t yes, uint64_t of) {
  return of == 0 ? 0 : static_cast<int64_t>((yes * 2000 + of) / (2 * of));
}

std::string percent(int64_t per_mille_value) {
  return fmt::format("{}.{} %", per_mille_value / 10, per_mille_value % 10);
}

class Table {
 public:
  /// A share, allowed to miss by so many per mille either way.
  void share(const char* measure, const Figure& figure, const Tally::Share& got, int32_t allowed) {
    add(measure, figure, percent(figure.value), figure.value, got, allowed);
  }
  void add(const char* measure, const Figure& figure, std::string wanted, int64_t wanted_per_mille,
           const Tally::Share& got, int64_t allowed) {
    const int64_t value = per_mille(got.yes, got.of);
    const int64_t low = std::max<int64_t>(0, wanted_per_mille - allowed), high = wanted_per_mille + allowed;
    rows.push_back({measure, &figure, std::move(wanted), fmt::format("{} ({} of {})", percent(value), got.yes, got.of),
                    fmt::format("{} to {}", percent(low), percent(high)), low <= value && value <= high});
  }
  void count(const char* measure, const Figure& figure, std::string wanted, int64_t got, std::string detail,
             int64_t low, int64_t high) {
    rows.push_back({measure, &figure, std::move(wanted), fmt::format("{}{}", got, detail),
                    fmt::format("{} to {}", low, high), low <= got && got <= high});
  }
  std::vector<Comparison> rows;
};

}  // namespace

Plan main_plan() { return {20000, 2017, calendar::local_date({2017, 1, 1}), calendar::local_date({2019, 12, 31})}; }
Plan earlier_plan() { return {20000, 2014, calendar::local_date({2014, 1, 1}), calendar::local_date({2014, 12, 31})}; }

std::vector<Comparison> compare(const Tally& now, const Tally& before) {
  Table table;
  const auto told = [](const Tally& tally, ToldOf what) { return tally.told[static_cast<std::size_t>(what)]; };
  // What the run's victims of crimes would be in a year of London, for figures that are counts. A victim of two crimes
  // counts twice.
  const auto victims = static_cast<int64_t>(now.repeat.of);
  const auto in_london = [&](uint64_t count) {
    return static_cast<int64_t>(count) * figures::victims_a_year.value / victims;
  };

  table.share("Repeat victims, of victim-crimes", figures::repeat_victims, now.repeat, 15);
  table.share("Recorded as vulnerable", figures::vulnerable, now.vulnerable, 12);
  table.share("... because intimidated by the offender", figures::vulnerable_intimidated, now.intimidated, 40);
  table.share("... with mental health issues", figures::vulnerable_mental_health, now.mental_health, 40);
  table.share("Updates on time, 2017-2019", figures::on_time_updates, told(now, ToldOf::update), 30);
  table.share("Arrest told on time, 2017-2019", figures::on_time_arrest, told(now, ToldOf::arrest), 30);
  table.share("Release told on time, 2017-2019", figures::on_time_release, told(now, ToldOf::release), 30);
  table.share("Out-of-court disposal told on time, 2017-2019", figures::on_time_disposal, told(now, ToldOf::disposal),
              80);
  table.share("Charge told on time, 2017-2019", figures::on_time_charge, told(now, ToldOf::charge), 50);
  const auto fall = [&](const char* measure, const Figure& figure, ToldOf what, int64_t allowed) {
    const Tally::Share one = told(before, what), other = told(now, what);
    const int64_t value = per_mille(one.yes, one.of) - per_mille(other.yes, other.of);
    const int64_t low = figure.value - allowed, high = figure.value + allowed;
    table.rows.push_back({measure, &figure, fmt::format("{} points", figure.value / 10),
                          fmt::format("{}.{} points ({} to {})", value / 10, std::abs(value % 10),
                                      percent(per_mille(one.yes, one.of)), percent(per_mille(other.yes, other.of))),
                          fmt::format("{} to {} points", low / 10, high / 10), low <= value && value <= high});
  };
  fall("Fall of updates on time since 2014", figures::fall_updates, ToldOf::update, 50);
  fall("Fall of arrests told on time since 2014", figures::fall_arrest, ToldOf::arrest, 50);
  fall("Fall of disposals told on time since 2014", figures::fall_disposal, ToldOf::disposal, 110);
  table.share("Referred to support, of victims of crimes against the person", figures::referred, now.referred_personal,
              25);
  table.share("Offered a referral, of the same", figures::referral_offered, now.offered_personal, 25);
  const int64_t a_month = in_london(now.referred.yes) / 12;
  table.count("Referrals a month, at 750,000 victims a year", figures::referrals_a_month_low, "9,000 to 10,000",
              a_month, fmt::format(" ({} of {})", now.referred.yes, now.referred.of), 8500, 12000);
  table.share("Victim Personal Statement offered at report", figures::vps_offered, now.vps_offered, 25);
  table.add("Victim Personal Statement taken, of cases at court", figures::vps_taken, "forty-odd %", 450, now.vps_taken,
            60);
  table.add("... of high-harm cases", figures::vps_taken_high_harm, "sixty-odd %", 650, now.vps_taken_high_harm, 120);
  table.share("Information on restorative justice", figures::restorative_justice, now.restorative_justice, 15);
  table.share("Victims who withdraw, of crimes with a suspect", figures::attrition, now.withdrew, 50);
  table.add("... of those, in the first week", figures::attrition, "often", 600, now.withdrew_in_first_week, 100);
  table.share("No further action, of crimes with a suspect", figures::no_further_action, now.no_further_action, 50);
  const int64_t eligible = in_london(now.review_asked.of);
  table.count("Decisions of the CPS that could be reviewed, a year, in London (a fifth of all crime: F1)",
              figures::vrr_eligible, "103,000 / 5 = 20,600", eligible,
              fmt::format(" ({} in the run)", now.review_asked.of), 15000, 26000);
  table.add("Reviews asked for, of those", figures::vrr_asked, "2,000 of 103,000 = 1.9 %", 19, now.review_asked, 15);
  table.add("Decisions overturned, of reviews asked for", figures::vrr_upheld, "137 of 2,000 = 6.9 %", 69,
            now.review_upheld, 330);
  table.count("Crown Court cases moved at 0-2 days' notice, a year, at 750,000 victims", figures::late_listings,
              "12 in two weeks = 312", in_london(now.late_listings),
              fmt::format(" ({} in the run, {} trials)", now.late_listings, now.crown_trials), 100, 560);
  table.add("... on the day itself", figures::late_listings_same_day, "3 of 12 = 25.0 %", 250,
            {now.late_listings, now.late_listings_same_day}, 500);
  const int64_t tenths =
      now.late_listings == 0 ? 0 : static_cast<int64_t>(now.late_listing_witnesses * 10 / now.late_listings);
  table.rows.push_back(
      {"... witnesses a case", &figures::late_listings_witnesses, "53 of 12 = 4.4",
       fmt::format("{}.{} ({} of {})", tenths / 10, tenths % 10, now.late_listing_witnesses, now.late_listings),
       "3.0 to 6.0", 30 <= tenths && tenths <= 60});
  table.share("In a contact scheme, of victims of offenders released", figures::scheme_engaged, now.in_scheme, 130);
  table.share("Referred to probation on time", figures::timely_probation, told(now, ToldOf::probation_referral), 150);
  return std::move(table.rows);
}

base::Result<std::string> describe(const calendar::WorkingDays& working_days) {
  Counting listener;
  const auto now = simulate(main_plan(), working_days, listener);
  if (!now) return now.error();
  const auto before = simulate(earlier_plan(), working_days, listener);
  if (!before) return before.error();

  std::string page =
      "# The simulated London, beside what was said of the real one\n\n"
      "<!-- Written by `kept simulate --describe`; a test fails when this page is stale. -->\n\n"
      "`kept simulate` makes up the records of London's agencies: who was told what, when, and what was written down "
      "of it. It is a stage to try "
      "Kept on, and evidence of nothing. Where the seed documents give a figure, the simulation is built to come out "
      "near it; the rest is assumed, "
      "and every number of either kind has a name and a reason in `src/simulation/parameters.h`. Volumes by borough "
      "and offence are those of "
      "`src/simulation/data/london-volumes.csv` (Metropolitan Police and ONS, Open Government Licence).\n\n";
  page += fmt::format(
      "Two runs of 20,000 victims stand behind this page: 2017-2019 (seed {}; {} crimes, {} events, {}.{} a victim) "
      "and 2014 (seed {}). "
      "Counts are of what was *recorded*, not of the truth. The last column but one is the range a test allows: with "
      "so few victims, "
      "rare things miss by much.\n\n",
      main_plan().seed, now->tally.crimes, now->tally.events, now->tally.events / now->tally.victims,
      now->tally.events * 10 / now->tally.victims % 10, earlier_plan().seed);
  page += "| measure | said | simulated | allowed | | source |\n|---|---|---|---|---|---|\n";
  for (const Comparison& row : compare(now->tally, before->tally)) {
    page += fmt::format("| {} | {} | {} | {} | {} | {}: \"{}\" |\n", row.measure, row.wanted, row.simulated,
                        row.allowed, row.within ? "within" : "**outside**", row.figure->seed, row.figure->quote);
  }
  page +=
      "\nSources: *hearing*, MOPAC's public hearing \"Justice Matters - Victims Matter\", 12 September 2017; *Board*, "
      "records of the London Victims' Board. "
      "The number after the colon is the line of the transcript; F-numbers are rows of the extraction from the "
      "documents.\n\n"
      "## How two figures that seem to clash were read\n\n"
      "42 % \"referrals\" (F19) and 9,000-10,000 referrals a month (F67, about 15 % of 750,000 victims a year) cannot "
      "share a denominator. Crimes against the "
      "person - violence, robbery, sexual offences - are 35 % of London's victim crimes, and 42 % of 35 % is 15 %: the "
      "42 % is read as a share of their victims. "
      "That the five duties' falls (F16-F18) are points and not shares is an assumption, as is which duty stands where "
      "between 60 % and 75 %. Attrition (45 %) and no further action (41 %) "
      "are taken as shares of crimes with a suspect that exclude each other, which the record does not say.\n\n"
      "## Figures not used\n\n"
      "- \"7,000 victims\" in the record month (F4, hearing: 82): 750,000 a year is 62,500 a month, and 9,000 repeats "
      "at one in eight is 72,000.\n"
      "- Repeat victims by borough, \"1,600(?)\" to \"1,700\" (F7, hearing: 84): garbled in the transcript.\n"
      "- Rises of 80 % and 30 % in referrals to one service (F64, F65, Board May 2022: 96): the bases are not stated "
      "and they cannot both hold.\n"
      "- \"Nearly half of all victims\" intimidated (F11, hearing: 90), taken literally: used as a share of vulnerable "
      "victims, as the context says.\n"
      "- About 15 % repeats by survey (F8, hearing: 86): not wrong, but another definition than one in eight in the "
      "records.\n"
      "- 0.13 % overturned (F33, hearing: 222) follows from 137 of 103,000 and is not a parameter of its own.\n\n"
      "Not in the seed documents at all: any limit in days, any definition of \"on time\" (the simulation takes the "
      "Code's limits), any table by borough.\n\n"
      "The source of the volumes has no figure for sexual offences (zero in every year and borough): 2.5 % of the "
      "other crimes is assumed.\n\n"
      "## Rare things\n\n"
      "Every duty of the Code is to be met with, so the simulation also contains what seldom happens: documents to "
      "translate, medical examinations, delays at court, questions about a sentence, appeals up to the Supreme Court, "
      "reviews by the Criminal Cases Review Commission. Their rates are assumptions too, in `parameters.h`. What comes "
      "years after a trial - parole, open prisons, hospital, deportation, a serious further offence - lies beyond a "
      "run of a year; so ";
  page += fmt::format(
      "{} victims in a thousand come to London already in the Victim Contact Scheme, after a trial elsewhere: the log "
      "has what happens from then on, and not their crime's report, which was made to another force. The share of "
      "victims in a contact scheme above is without them.\n",
      assumed::scheme_case_moves_in);
  return page;
}

}  // namespace kept::simulation
