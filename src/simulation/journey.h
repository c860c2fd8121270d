#pragma once
#include "simulation/scene.h"

/// The parts of a crime's journey, in order. Each plays its part through and returns; what lies beyond the run's end is
/// left out.
namespace kept::simulation {

/// Report, record, links, needs, referral, statement, the first information (report.cc, first_days.cc).
void report(Scene& scene);
/// What each victim is asked and given in the first days (first_days.cc).
void first_days(Scene& scene, Victim& victim);

/// How the police investigation of one crime ended.
struct Ending {
  int64_t closed_at = 0;
  std::vector<std::size_t> charged;  ///< which suspects
  int64_t charged_at = 0;
};
/// From the decision to investigate to its end (investigation.cc).
Ending investigate(Scene& scene);
/// Regular updates, as agreed, from the report to `until` (updates.cc).
void keep_updated(Scene& scene, int64_t until);
/// A decision not to prosecute: its four tellings and the review (decisions.cc).
void decide_not_to_prosecute(Scene& scene, const Suspect& suspect, int64_t at, bool by_cps);
void ask_for_review(Scene& scene, Victim& victim, const Suspect& suspect, int64_t told_at, bool by_cps);

/// What court did with one defendant.
struct Verdict {
  int64_t ended_at = 0;  ///< 0: not within the run
  bool convicted = false;
  int64_t sentenced_at = 0;
  int32_t custody_months = 0;
  bool hospital_order = false;
  bool crown = false;
};
/// From the first hearing to the sentence (court.cc, trial.cc).
Verdict prosecute(Scene& scene, Suspect& suspect, int64_t charged_at);

/// One trial, with its listings and re-listings; returns when it ended and whether it convicted (trial.cc).
struct TrialEnd {
  int64_t ended_at = 0;
  bool convicted = false;
  bool stopped = false;  ///< by the prosecutor, without a verdict
};
TrialEnd try_case(Scene& scene, Suspect& suspect, int64_t listed_at, int64_t trial_at, bool crown);
/// The court sends to the Witness Care Unit what happened, and the unit tells the victims. `what` is a word of the
/// vocabulary.
void pass_on(Scene& scene, const Suspect& suspect, uint32_t hearing, int64_t at, const char* what, const char* about,
             int32_t standard_days, bool lenient_scheme = false);
/// A hearing is listed for a day: the court's event, the link, the unit's telling. Returns its number.
uint32_t list_hearing(Scene& scene, const Suspect& suspect, int64_t at, int64_t hearing_at, const char* kind,
                      bool crown);

/// Custody, contact scheme, release (custody.cc).
void serve(Scene& scene, Suspect& suspect, const Verdict& verdict);
/// To the Court of Appeal or the Crown Court, and beyond (appeal.cc).
void appeal(Scene& scene, const Suspect& suspect, const Verdict& verdict);

/// What happens to an offender under sentence, and what those in the contact scheme are told of it (under_sentence.cc).
void tell_in_scheme(Scene& scene, const Suspect& suspect, const char* about, int64_t since);
/// Prisons know the prisoner and seldom the crime.
Fact of_prisoner(Scene& scene, Type type, Feed feed, int64_t at, const Suspect& suspect);
void parole(Scene& scene, const Suspect& suspect, int64_t at);
/// Considered, planned from `planned` (0: nobody plans so short a sentence's end), done, and now and then undone.
void release(Scene& scene, const Suspect& suspect, int64_t planned, int64_t release_at);
void open_conditions(Scene& scene, const Suspect& suspect, int64_t eligible);
void in_hospital(Scene& scene, const Suspect& suspect, int64_t at, bool restricted);
/// Unwanted contact, another sentence, deportation: what may come at any time after `from`.
void meanwhile(Scene& scene, const Suspect& suspect, int64_t from);
/// A victim of a crime of years ago, already in the scheme, comes to London: what is still to come (moved_in.cc).
void scheme_case_moves_in(Scene& scene, int64_t at);

/// Complaint, compensation, expenses, support (redress.cc).
void seek_redress(Scene& scene, Victim& victim, int64_t closed_at, bool violent_harm);
/// The moment from which nobody owes anything any more.
void end_involvement(Scene& scene, int64_t at);

}  // namespace kept::simulation
