#pragma once
#include <cstddef>
#include <cstdint>

/// The names the simulation uses: types of event and fields of `detail` from rules/vocabulary/ (a test holds them to
/// it), and its feeds. Each stands here once.
namespace kept::simulation {

// clang-format off
/// `TYPE(crime, reported)` is Type::crime_reported, "crime.reported". KEYED: its events carry a key of that name.
#define KEPT_SIMULATED_TYPES(TYPE, KEYED, ALONE) \
  TYPE(appeal, bail_decided) TYPE(appeal, decided) TYPE(appeal, leave_decided) TYPE(appeal, listed) \
  TYPE(appeal, lodged) TYPE(bail, decided) TYPE(case, outcome) TYPE(case, transferred) \
  TYPE(ccrc, notification_decided) TYPE(ccrc, referred) TYPE(ccrc, review_opened) \
  KEYED(cica, acknowledged, application) KEYED(cica, appeal_answered, application) \
  KEYED(cica, appeal_copy_sent, application) KEYED(cica, appeal_made, application) \
  KEYED(cica, appeal_route_told, application) KEYED(cica, application_received, application) \
  KEYED(cica, decided, application) KEYED(cica, decision_explained, application) \
  KEYED(cica, review_decided, application) KEYED(cica, review_requested, application) \
  TYPE(communication_needs, asked) TYPE(companion, offered) TYPE(compensation, missed) TYPE(compensation, ordered) \
  TYPE(compensation, paid) KEYED(complaint, acknowledged, complaint) KEYED(complaint, answer_received, complaint) \
  KEYED(complaint, answered, complaint) KEYED(complaint, cause, complaint) KEYED(complaint, closed, complaint) \
  KEYED(complaint, handling_started, complaint) KEYED(complaint, misdirected, complaint) \
  KEYED(complaint, ombudsman_asked, complaint) KEYED(complaint, ombudsman_route_told, complaint) \
  KEYED(complaint, outcome_reached, complaint) KEYED(complaint, outcome_sent, complaint) \
  KEYED(complaint, passed_on, complaint) KEYED(complaint, received, complaint) \
  KEYED(complaint, review_answered, complaint) KEYED(complaint, review_requested, complaint) \
  KEYED(complaint, sender_told, complaint) KEYED(complaint, updated, complaint) TYPE(consent, asked) \
  TYPE(consent, recorded) TYPE(contact, agreed) TYPE(contact, delivered) TYPE(contact, left_word) \
  TYPE(contact, preference_not_met) TYPE(contact, preferred) TYPE(contact, returned) TYPE(contact, sent) \
  TYPE(contact, tried) TYPE(court, delay) TYPE(court, received) TYPE(court_visit, arranged) \
  TYPE(court_visit, offered) TYPE(court_visit, requested) TYPE(cps, charge_altered) TYPE(cps, decided_no_charge) \
  TYPE(cps, decided_to_charge) TYPE(cps, discontinued) TYPE(cps, meeting_offered) TYPE(cps, no_evidence_offered) \
  TYPE(crime, classified) TYPE(crime, committed) TYPE(crime, death_caused) TYPE(crime, flagged) \
  TYPE(crime, recorded) TYPE(crime, reported) TYPE(custody, entered) TYPE(custody, escaped) \
  TYPE(custody, open_eligible) TYPE(custody, open_moved) TYPE(custody, recalled) TYPE(custody, recaptured) \
  TYPE(custody, released) ALONE(decline) TYPE(decline, withdrawn) TYPE(delay, recorded) TYPE(delay, told) \
  TYPE(deportation, considered) TYPE(deportation, opted_in) TYPE(disposal, considered) TYPE(disposal, given) \
  KEYED(document, needed, document) KEYED(document, translated, document) TYPE(evidence, submitted) \
  KEYED(expenses, claim_received, claim) KEYED(expenses, paid, claim) KEYED(expenses, refused, claim) \
  TYPE(explanation, given) TYPE(flo, assigned) TYPE(flo, decided) ALONE(good_reason) TYPE(harm, recorded) \
  TYPE(hearing, held) TYPE(hearing, listed) TYPE(hearing, vacated) ALONE(hold) TYPE(hold, ended) \
  TYPE(hospital, discharge_considered) TYPE(hospital, discharged) TYPE(impact_statement, offered) \
  TYPE(intermediary, considered) TYPE(interpreter, offered) TYPE(interview_support, considered) \
  TYPE(interviewer_choice, asked) TYPE(investigation, closed) TYPE(investigation, decided_not) \
  TYPE(investigation, opened) TYPE(investigation, reopened) TYPE(involvement, ended) TYPE(involvement, reopened) \
  TYPE(item, given) TYPE(item, offered) TYPE(licence_conditions, set) TYPE(licence_conditions, views_sought) \
  TYPE(link, hearing) TYPE(link, suspect) TYPE(link, victim) KEYED(medical_examination, consent_asked, examination) \
  KEYED(medical_examination, done, examination) KEYED(medical_examination, proposed, examination) \
  TYPE(need, recorded) TYPE(needs, assessed) TYPE(needs, assessment_offered) TYPE(needs, change_told) \
  TYPE(needs, shared) TYPE(next_contact, promised) TYPE(offender, convicted) KEYED(order, breached, order) \
  KEYED(order, made, order) TYPE(parole, decided) TYPE(parole, hearing_listed) TYPE(parole, review_started) \
  TYPE(parole, summary_requested) TYPE(parole, summary_sent) TYPE(plea, entered) TYPE(police, decided_no_charge) \
  KEYED(property, no_longer_needed, property) KEYED(property, returned, property) KEYED(property, taken, property) \
  TYPE(prosecutor, met) TYPE(rearrest_hearing, decided) TYPE(referral, offered) KEYED(referral, received, referral) \
  KEYED(referral, sent, referral) TYPE(release, considered) TYPE(release, planned) TYPE(rj, information_given) \
  TYPE(safe_contact, agreed) TYPE(sentence, changed) TYPE(sentence, passed) \
  KEYED(sentence_question, answered, question) KEYED(sentence_question, asked, question) \
  KEYED(sentence_question, referred, question) TYPE(separate_waiting, answered) TYPE(separate_waiting, requested) \
  TYPE(separation, arranged) TYPE(sfo, convicted) TYPE(sfo, review_offered) TYPE(special_measures, applied) \
  TYPE(special_measures, decided) TYPE(special_measures, eligible) TYPE(special_measures, set_up) \
  TYPE(special_measures, views_recorded) TYPE(statement, refreshed) KEYED(support, assessed, referral) \
  KEYED(support, contacted, referral) KEYED(support, ended, referral) TYPE(support, reminded) \
  KEYED(support, requested, referral) KEYED(support, started, referral) KEYED(support, wait_started, referral) \
  KEYED(survey, answered, survey) KEYED(survey, sent, survey) TYPE(suspect, arrested) TYPE(suspect, bail_breached) \
  TYPE(suspect, bail_changed) TYPE(suspect, bailed) TYPE(suspect, bailed_to_court) TYPE(suspect, charged) \
  TYPE(suspect, died) TYPE(suspect, identified) TYPE(suspect, interviewed) \
  TYPE(suspect, released_under_investigation) TYPE(suspect, released_without_charge) TYPE(suspect, told_no_charge) \
  KEYED(therapy, first_session, therapy) KEYED(therapy, referral_received, therapy) TYPE(transfer, accepted) \
  TYPE(trial, ended) TYPE(trial, result_recorded) TYPE(trial, started) TYPE(tribunal, application_made) \
  TYPE(tribunal_statement, invited) TYPE(uls, decided) TYPE(uls, requested) \
  KEYED(unwanted_contact, dealt_with, report) KEYED(unwanted_contact, reported, report) TYPE(vcs, change_made) \
  TYPE(vcs, change_requested) TYPE(vcs, contact_made) TYPE(vcs, joined) TYPE(vcs, left) TYPE(vcs, referral_received) \
  TYPE(vcs, referral_sent) TYPE(victim, asked) TYPE(victim, at_risk) TYPE(victim, born) TYPE(victim, contested) \
  TYPE(victim, died) TYPE(victim, informed) TYPE(victim, interview_needed) TYPE(victim, interview_planned) \
  TYPE(victim, interviewed) TYPE(victim, intimidated) TYPE(victim, may_give_evidence) TYPE(victim, statement_taken) \
  TYPE(victim, targeted) TYPE(victim, understood) TYPE(victim, views_recorded) TYPE(victim, vulnerable) \
  TYPE(victim, withdrew_support) TYPE(vlo, assigned) TYPE(vps, copy_given) TYPE(vps, copy_requested) \
  TYPE(vps, lodged) TYPE(vps, offered) TYPE(vps, preference_asked) TYPE(vps, reading_decided) TYPE(vps, received) \
  TYPE(vps, refused) TYPE(vps, relied_on) TYPE(vps, taken) TYPE(vps, wanted) KEYED(vrr, acknowledged, review) \
  KEYED(vrr, decided, review) KEYED(vrr, escalated, review) KEYED(vrr, local_resolution_completed, review) \
  KEYED(vrr, requested, review) KEYED(vrr, result_told, review) TYPE(warrant, issued) TYPE(witness, attended) \
  TYPE(witness, did_not_attend) TYPE(witness, gave_evidence) TYPE(witness, released) TYPE(witness, required) \
  TYPE(witness, warned) KEYED(yjs, information_given, request) KEYED(yjs, information_requested, request)

/// TEXT stands for words, codes and text alike.
#define KEPT_SIMULATED_DETAILS(TEXT, NUMBER, YES_NO, DATE) \
  TEXT(about) YES_NO(also_suspect) TEXT(appeal_court) TEXT(bail_status) DATE(changes_on) TEXT(channel) \
  TEXT(closed_as) TEXT(complaint_kind) TEXT(complaint_stage) YES_NO(complete) YES_NO(conditions) TEXT(consent_for) \
  YES_NO(consent_given) NUMBER(custody_months) TEXT(delay_reason) TEXT(disposal) YES_NO(enhanced) NUMBER(every) \
  TEXT(evidence) TEXT(explained) TEXT(flag) YES_NO(for_parole) TEXT(for_participant) DATE(from) YES_NO(granted) \
  TEXT(harm) YES_NO(harmed) TEXT(hearing_kind) DATE(hearing_on) TEXT(hold) YES_NO(hospital_order) TEXT(item) \
  TEXT(language) TEXT(listing_reason) YES_NO(lives_outside) TEXT(need) YES_NO(needed) YES_NO(needed_for_safety) \
  TEXT(offence_borough) TEXT(offence_group) TEXT(offer_accepted) TEXT(opted) TEXT(order_kind) TEXT(person_kind) \
  TEXT(plea) YES_NO(provided) YES_NO(qualifying_offence) TEXT(read_by) TEXT(release_kind) DATE(release_on) \
  TEXT(residence_borough) YES_NO(restricted) TEXT(review_result) TEXT(review_scheme) TEXT(review_stage) TEXT(role) \
  TEXT(sentence_kind) TEXT(service_kind) YES_NO(specified_offence) TEXT(stage) TEXT(subject) YES_NO(timescale_given) \
  TEXT(to) TEXT(topic) TEXT(trial_result) YES_NO(typed) YES_NO(uls_scheme) YES_NO(under_18) TEXT(unit) DATE(until) \
  TEXT(verdict) YES_NO(violent) YES_NO(vrr_eligible) TEXT(vulnerability) TEXT(what) TEXT(who) TEXT(whose_wish) \
  TEXT(why)
// clang-format on

enum class Type : uint8_t {
  none,
#define KEPT_TYPE(room, word) room##_##word,
#define KEPT_KEYED(room, word, key) room##_##word,
#define KEPT_ALONE(word) word,
  KEPT_SIMULATED_TYPES(KEPT_TYPE, KEPT_KEYED, KEPT_ALONE)
#undef KEPT_TYPE
#undef KEPT_KEYED
#undef KEPT_ALONE
};

/// Its name in the vocabulary, and the key of its own that an event of this type carries; null where it has none.
struct TypeName {
  const char* name;
  const char* key;
};
inline constexpr TypeName type_names[] = {{"", nullptr},
#define KEPT_TYPE(room, word) {#room "." #word, nullptr},
#define KEPT_KEYED(room, word, key) {#room "." #word, #key},
#define KEPT_ALONE(word) {#word, nullptr},
                                          KEPT_SIMULATED_TYPES(KEPT_TYPE, KEPT_KEYED, KEPT_ALONE)
#undef KEPT_TYPE
#undef KEPT_KEYED
#undef KEPT_ALONE
};
inline constexpr std::size_t type_count = sizeof type_names / sizeof type_names[0];

/// Types of the vocabulary that the simulation never records: a feed that is up would carry them all the same.
inline constexpr const char* other_type_names[] = {
    "action_plan.answered",
    "action_plan.set",
    "board.action_done",
    "board.action_set",
    "board.met",
    "civil.ended",
    "civil.listed",
    "civil.started",
    "court.sent",
    "court_contact.named",
    "cps.charge_left_on_file",
    "cps.intends_no_evidence",
    "cps.letter_sent",
    "cps.meeting_held",
    "crime.assigned",
    "crime.outcome_recorded",
    "custody.released_temporarily",
    "early_advice.given",
    "early_advice.sought",
    "hearing.published",
    "impact_statement.taken",
    "incident.answered",
    "incident.reported",
    "interpreter.provided",
    "judgment.copy_given",
    "judgment.published",
    "licence_conditions.changed",
    "material.disclosed",
    "material.reason_told",
    "material.received",
    "material.request_ended",
    "material.requested",
    "notification_scheme.joined",
    "notification_scheme.left",
    "order.ended",
    "order.varied",
    "parole.reconsideration_asked",
    "parole.victim_asked_reconsideration",
    "property.return_offered",
    "quiet.asked",
    "record.checked",
    "referral.refused",
    "reporting_restriction.made",
    "rj.ended",
    "rj.held",
    "rj.offered",
    "rj.requested",
    "safe_contact.ended",
    "sfo.findings_shared",
    "sfo.report_requested",
    "therapy.ended",
    "training.completed",
    "victim.authority_ended",
    "victim.described",
    "victim.moved",
    "victim.nominated_contact",
    "vps.further_offered",
    "vps.read",
    "vrr.delay_told",
    "warrant.withdrawn",
    "witness.not_required",
    "yjs.details_passed",
};

#define KEPT_DETAIL(name) name,
enum class Detail : uint8_t { none, KEPT_SIMULATED_DETAILS(KEPT_DETAIL, KEPT_DETAIL, KEPT_DETAIL, KEPT_DETAIL) };
#undef KEPT_DETAIL

/// How a field of `detail` is written.
enum class Kind : uint8_t { none, text, number, yes_no, date };
struct DetailName {
  const char* name;
  Kind kind;
};
inline constexpr DetailName detail_names[] = {{"", Kind::none},
#define KEPT_TEXT(name) {#name, Kind::text},
#define KEPT_NUMBER(name) {#name, Kind::number},
#define KEPT_YES_NO(name) {#name, Kind::yes_no},
#define KEPT_DATE(name) {#name, Kind::date},
                                              KEPT_SIMULATED_DETAILS(KEPT_TEXT, KEPT_NUMBER, KEPT_YES_NO, KEPT_DATE)
#undef KEPT_TEXT
#undef KEPT_NUMBER
#undef KEPT_YES_NO
#undef KEPT_DATE
};
inline constexpr std::size_t detail_count = sizeof detail_names / sizeof detail_names[0];

/// One system that sends events; its names stand in feeds.cc.
enum class Feed : uint8_t {
  none,
  crime_reports,
  custody,
  police_contact,
  older_system,
  wcu_north,
  wcu_south,
  cps_north,
  cps_south,
  magistrates,
  crown,
  appeals,
  probation,
  prisons,
  parole,
  support,
  homicide_service,
  compensation_authority,
  attorney_general,
  ombudsman,
  therapies,
  youth_justice,
  transport_police,
  city_police,
  survey_house,
  supreme_court,
  criminal_cases,
  immigration,
  hospitals,
};
inline constexpr std::size_t feed_count = 29;

}  // namespace kept::simulation
