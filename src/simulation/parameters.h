#pragma once
#include <cstdint>

/// Every figure the simulation is built on, by name. Two kinds, never mixed:
/// `figures::` come from the seed documents and each cites its line; `assumed::` are the project's own guesses, made
/// because nothing was said, and each says so. Shares are per mille (1 in 8 = 125) unless the name says per million.
///
/// Seed documents: "hearing" is the transcript of MOPAC's public hearing "Justice Matters - Victims Matter" of 12
/// September 2017 (003_57a182d3365b0bcb.txt); "Board May 2022" (000_094c633de7159715.txt) and "Board September 2024"
/// (001_bd4b3b399a1f55de.txt) are records of the London Victims' Board. The number after the colon is the line;
/// F-numbers are the rows of the extraction.
///
/// Not used, because they contradict other figures or cannot be read (list "Sums and contradictions found"):
/// - F4, "7,000 victims" in the record month of March (hearing: 82): 750,000 a year is 62,500 a month, and 9,000
/// repeats at one in eight
///   is 72,000 in July.
/// - F7, repeat victims by borough "from 1,600(?) in Westminster to 1,700 in Sutton" (hearing: 84): garbled in the
/// transcript.
/// - F64 and F65, rises of 80 % and of 30 % in referrals to one service (Board May 2022: 96): their bases are not
/// stated and they
///   cannot both be from the third to the fourth quarter.
/// - F11 read literally, "nearly half of all victims" vulnerable because intimidated (hearing: 90), contradicts one in
/// ten; it is used as a
///   share of vulnerable victims, which is what the context says.
/// - F8 (15 % repeats by survey, hearing: 86), F20 (60 % offered a referral, hearing: 108) and F21 (half offered a
/// statement, hearing: 108)
///   are not wrong but are another definition: what victims say in a survey. Only F20 and F21 are used, for what was
///   offered.
namespace kept::simulation {

/// One figure the seeds give.
struct Figure {
  const char* says;   ///< what it measures, in plain words
  int32_t value;      ///< per mille unless `says` names another unit
  const char* seed;   ///< F-number, document and line
  const char* quote;  ///< the words that were said
};

namespace figures {

inline constexpr Figure victims_a_year{"victims of crime in London in a year", 750000, "F2, hearing: 82",
                                       "approximately three quarters of a million victims of crime"};
inline constexpr Figure repeat_victims{"victims with another crime in the preceding year", 125, "F6, hearing: 84",
                                       "about one in eight victims of crime being repeat victims"};
inline constexpr Figure vulnerable{"victims recorded as vulnerable", 100, "F9, hearing: 90",
                                   "approximately one in ten victims"};
inline constexpr Figure vulnerable_intimidated{
    "of the vulnerable, because intimidated by the offender", 480, "F11, hearing: 90",
    "recorded as being vulnerable because they were feeling intimidated by the offender"};
inline constexpr Figure vulnerable_mental_health{
    "of the vulnerable, with mental health issues", 250, "F12, hearing: 90",
    "A quarter of vulnerable victims were described as having mental health issues"};

// The five keep-informed duties: "between 60% to 75% of those are being delivered on time" in July 2017 (F15, hearing:
// 104). Which duty stood where in that range is not said: the order below is ours. The falls since July 2014 are
// F16-F18; whether they are points or shares is not said: points are assumed. For release and charge no fall is given.
inline constexpr Figure on_time_updates{"regular updates given on time, 2017", 600, "F15, hearing: 104",
                                        "between 60% to 75% of those are being delivered on time"};
inline constexpr Figure on_time_arrest{"told of an arrest on time, 2017", 650, "F15, hearing: 104",
                                       "between 60% to 75% of those are being delivered on time"};
inline constexpr Figure on_time_release{"told of a release on time, 2017", 680, "F15, hearing: 104",
                                        "between 60% to 75% of those are being delivered on time"};
inline constexpr Figure on_time_disposal{"told of an out-of-court disposal on time, 2017", 700, "F15, hearing: 104",
                                         "between 60% to 75% of those are being delivered on time"};
inline constexpr Figure on_time_charge{"told of a charge on time, 2017", 750, "F15, hearing: 104",
                                       "between 60% to 75% of those are being delivered on time"};
inline constexpr Figure fall_updates{"fall in regular updates on time, July 2014 to July 2017", 120,
                                     "F16, hearing: 104",
                                     "victims receive regular updates has decreased by 12% since July 2014"};
inline constexpr Figure fall_arrest{"fall in arrests told on time, July 2014 to July 2017", 120, "F17, hearing: 104",
                                    "Information that suspects have been arrested has decreased by 12%"};
inline constexpr Figure fall_disposal{
    "fall in out-of-court disposals told on time, July 2014 to July 2017", 100, "F18, hearing: 104",
    "Information that suspects have been given non-court disposal has decreased by 10%"};

inline constexpr Figure referred{"victims referred to support, of those the police treat as under the Code", 420,
                                 "F19, hearing: 106", "VSS referrals were only at 42%"};
inline constexpr Figure referral_offered{
    "offered a referral, of the same victims", 600, "F20, hearing: 108",
    "nearly 60% of respondents to the survey agree that they were offered victim support referral"};
inline constexpr Figure referrals_a_month_low{"police referrals to the London service a month, from", 9000,
                                              "F67, Board May 2022: 96",
                                              "The Police referrals remain constant at 9,000-10,000 per month"};
inline constexpr Figure referrals_a_month_high{"police referrals to the London service a month, to", 10000,
                                               "F67, Board May 2022: 96",
                                               "The Police referrals remain constant at 9,000-10,000 per month"};
inline constexpr Figure vps_offered{
    "offered a Victim Personal Statement", 480, "F21, hearing: 108",
    "Nearly half agree that the opportunity for a Victim Personal Statement was offered"};
inline constexpr Figure vps_taken{"Victim Personal Statement taken, of cases charged", 450, "F25, hearing: 216",
                                  "only forty-odd percent is taken"};
inline constexpr Figure vps_taken_high_harm{"Victim Personal Statement taken, of high-harm cases charged", 650,
                                            "F26, hearing: 216", "sixty-odd per cent in the high harm cases"};
inline constexpr Figure restorative_justice{
    "given information on restorative justice", 200, "F22, hearing: 108",
    "Around 20% agree that they were offered information on restorative justice"};

inline constexpr Figure vrr_eligible{"decisions a year that could have been reviewed, England and Wales", 103000,
                                     "F30, hearing: 222", "103,000 cases that could have been VRR'd"};
inline constexpr Figure vrr_asked{"reviews asked for a year, England and Wales", 2000, "F31, hearing: 222",
                                  "we had 2,000 victims who asked for cases to be VRR's"};
inline constexpr Figure vrr_upheld{"reviews upheld a year, England and Wales", 137, "F32, hearing: 222",
                                   "137 were upheld"};

inline constexpr Figure late_listings{
    "Crown Court cases moved at 0-2 days' notice, in two weeks", 12, "F44, hearing: 450",
    "within the last two weeks we have had twelve cases that were moved with literally very, very little notice"};
inline constexpr Figure late_listings_same_day{"of those twelve, moved on the day itself", 3, "F46, hearing: 450",
                                               "I had three of those twelve moved on the same day"};
inline constexpr Figure late_listings_witnesses{
    "witnesses affected by those twelve", 53, "F47, hearing: 450",
    "In total there are 53 witnesses that were impacted upon those late changes"};

inline constexpr Figure attrition{"victims who withdraw, of crimes with a suspect", 450,
                                  "F76, Board September 2024: 51", "victim attrition levels are at 45%"};
inline constexpr Figure no_further_action{"ended by no further action, of crimes with a suspect", 410,
                                          "F78, Board September 2024: 52", "41% No Further Actions"};
inline constexpr Figure scheme_engaged{"in a contact scheme, of victims of offenders released", 160,
                                       "F79, Board September 2024: 75", "only 16% were engaged with the scheme"};
inline constexpr Figure timely_probation{"referrals to probation on time", 870, "F40, hearing: 244",
                                         "We usually hit around the mid-80s to 90s"};
inline constexpr Figure scheme_sentence_months{"months of sentence from which probation contacts the victim", 12,
                                               "F42, hearing: 246",
                                               "sentenced for 12 months or more for a violent or sexual crime"};

}  // namespace figures

/// Guesses of this project, for want of a figure. Per mille unless the name says otherwise. None is evidence of
/// anything.
namespace assumed {

// People and crimes.
inline constexpr int32_t sexual_of_crimes =
    25;  ///< the source of the volumes has no figure for sexual offences (all zero)
inline constexpr int32_t further_victim = 45;    ///< crimes against a person with a second victim of the same household
inline constexpr int32_t cross_allegation = 60;  ///< of violence with a known suspect: he too says he is a victim
inline constexpr int32_t witness_only = 25;      ///< crimes with a witness who is no victim
inline constexpr int32_t second_suspect = 120;   ///< crimes with a suspect that have a second
inline constexpr int32_t lives_outside = 15;     ///< victims living outside England and Wales
inline constexpr int32_t needs_interpreter = 35;
inline constexpr int32_t birth_not_recorded = 80;
inline constexpr int32_t birth_year_only = 30;
inline constexpr int32_t victim_dies = 2;
inline constexpr int32_t suspect_dies = 3;

// How agencies tell.
inline constexpr int32_t on_time_wcu = 740;
inline constexpr int32_t on_time_cps = 700;
inline constexpr int32_t on_time_court = 850;
inline constexpr int32_t on_time_other = 720;
inline constexpr int32_t late_of_not_on_time = 560;  ///< the rest is never told
inline constexpr int32_t tried_first = 110;          ///< a contact begins with an attempt that reached nobody
inline constexpr int32_t told_by_letter = 120;       ///< sent, and whether it arrived is not known
inline constexpr int32_t understood = 60;            ///< it is recorded that the victim understood
inline constexpr int32_t false_tick = 12;            ///< recorded as told, and it did not happen
inline constexpr int32_t told_as_standard = 45;      ///< lost because nobody saw that the victim was entitled to more
inline constexpr int32_t told_not_recorded = 35;     ///< told, and nobody wrote it down

// Rare things; each at least a few times among 20,000 victims in three years, unless it says otherwise.
inline constexpr int32_t document_to_translate = 300;       ///< of victims who need an interpreter
inline constexpr int32_t medical_examination_sexual = 330;  ///< proposed, of victims of sexual offences
inline constexpr int32_t medical_examination_harm = 60;     ///< and of other crimes of high harm
inline constexpr int32_t asks_for_support = 12;             ///< the victim turns to the service without a referral
inline constexpr int32_t preference_not_met = 250;          ///< of victims who asked to be reached in one way
inline constexpr int32_t statement_copy_asked = 80;         ///< of Victim Personal Statements taken for court
inline constexpr int32_t reading_decided = 650;    ///< of statements the victim wants heard: the court decides on it
inline constexpr int32_t court_visit_asked = 550;  ///< of bereaved relatives, once somebody is charged
inline constexpr int32_t separate_waiting_asked = 180;   ///< of victims who must come to court
inline constexpr int32_t court_begins_late = 220;        ///< of trials that begin
inline constexpr int32_t sentence_question = 45;         ///< of victims who are told a sentence
inline constexpr int32_t youth_information_asked = 180;  ///< of victims of offenders under 18 sentenced
inline constexpr int32_t hospital_order = 12;            ///< of sentences of the Crown Court
inline constexpr int32_t hospital_restricted = 600;      ///< of those: with a restriction order
inline constexpr int32_t appeal_bail = 250;              ///< of appeals to the Court of Appeal with leave
inline constexpr int32_t on_to_supreme_court =
    8;  ///< of appeals decided there: some years have none in a whole country
inline constexpr int32_t criminal_cases_review = 40;    ///< of appeals that ended: the Commission opens a review
inline constexpr int32_t criminal_cases_referral = 30;  ///< of those: the fewest by far
inline constexpr int32_t early_release = 80;            ///< of releases planned
inline constexpr int32_t review_after_recall = 500;     ///< of recalls: the Parole Board looks at it again
inline constexpr int32_t leaves_open_prison = 25;       ///< of scheme cases: absconds or does not come back
inline constexpr int32_t scheme_change = 60;        ///< of victims in the scheme: asks for a change of how it is done
inline constexpr int32_t scheme_case_moves_in = 7;  ///< of victims: already in the Victim Contact Scheme when they come
                                                    ///< to London, with a trial years back elsewhere

// Chosen so that a seed figure comes out; docs/simulation.md shows whether it does.
inline constexpr int32_t late_listing_of_crown_trials =
    190;  ///< for F44: 312 cases a year among the Crown Court trials of 750,000 victims
inline constexpr int32_t joins_scheme = 620;  ///< for F79: most offenders released never came under the scheme at all
inline constexpr int32_t vps_taken_low_harm = 360;   ///< for F25: with F26 it makes forty-odd per cent of all
inline constexpr int32_t charged_all_the_same = 90;  ///< of crimes whose victim withdrew: prosecuted on other evidence
inline constexpr int32_t vulnerable_of_personal =
    240;  ///< for F9: the vulnerable among victims of crimes against the person
inline constexpr int32_t vulnerable_of_others = 31;  ///< and among the rest
inline constexpr int32_t crime_again = 120;          ///< for F6: a victim's crime is followed by another within a year

// How agencies record.
inline constexpr int32_t recorded_next_days = 60;  ///< entered one to three working days later
inline constexpr int32_t recorded_weeks_late = 8;
inline constexpr int32_t date_only = 70;  ///< the entry has a date and no time
inline constexpr int32_t month_only = 3;
inline constexpr int32_t corrected = 9;
inline constexpr int32_t retracted = 3;
inline constexpr int32_t duplicated = 7;            ///< the same happening entered by a second system
inline constexpr int32_t silences_a_year = 6;       ///< feeds that fall silent, times a year
inline constexpr int32_t silence_backfilled = 330;  ///< of those, sent later after all

}  // namespace assumed
}  // namespace kept::simulation
