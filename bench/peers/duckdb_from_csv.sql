SET preserve_insertion_order = false;
-- Types are given: nothing is sniffed. The file is read once, into codes.
CREATE TYPE work_type AS ENUM ('crime.reported', 'crime.acknowledged', 'needs.assessed', 'victim.referred', 'support.contacted', 'leaflet.sent', 'statement.offered',
  'statement.taken', 'suspect.identified', 'suspect.arrested', 'told.arrest', 'suspect.interviewed', 'told.interview', 'suspect.bailed', 'told.bail', 'bail.changed',
  'told.bail_change', 'suspect.released', 'told.release', 'suspect.charged', 'told.charge', 'case.no_further_action', 'told.no_further_action', 'review.requested',
  'review.answered', 'first_hearing.listed', 'told.first_hearing', 'hearing.adjourned', 'told.adjournment', 'trial.listed', 'told.trial', 'expenses.claimed',
  'expenses.paid', 'verdict.given', 'told.verdict', 'sentence.passed', 'told.sentence', 'appeal.lodged', 'told.appeal', 'complaint.received', 'complaint.answered', 'note.added');
CREATE TEMP TABLE raw AS
SELECT participant, (enum_code(type::work_type) + 1)::TINYINT AS type, epoch_us(occurred_at) // 1000000 AS s, borough, offence,
       CASE enhanced WHEN 'yes' THEN 2 WHEN 'no' THEN 1 END::TINYINT AS enhanced
FROM read_csv('${log}', header = true, auto_detect = false, delim = ',', quote = '"', escape = '"', nullstr = '', strict_mode = true,
  columns = {'participant': 'INTEGER', 'type': 'VARCHAR', 'occurred_at': 'TIMESTAMP', 'borough': 'VARCHAR', 'offence': 'VARCHAR', 'enhanced': 'VARCHAR'});
CREATE TYPE work_borough AS ENUM (SELECT DISTINCT borough FROM raw WHERE borough IS NOT NULL);
CREATE TYPE work_offence AS ENUM (SELECT DISTINCT offence FROM raw WHERE offence IS NOT NULL);
CREATE TEMP VIEW source AS
SELECT participant, type, s, enum_code(borough::work_borough) AS borough, enum_code(offence::work_offence) AS offence, enhanced FROM raw;
