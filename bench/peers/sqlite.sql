-- The fixed work (bench/work.md) in SQLite, written apart from the engine and from DuckDB's SQL: a second oracle for the smaller size.
-- Table log(participant, type, s, borough, offence, enhanced) is loaded by sqlite_peer.py; s is seconds since 1970 UTC, type a name.
-- London's clock: ahead by an hour between the last Sundays of March and October, 01:00 UTC.
CREATE TABLE summer (begins INTEGER, ends INTEGER);
INSERT INTO summer SELECT unixepoch(y || '-03-31 01:00:00', 'weekday 0', '-7 days') + (CASE WHEN strftime('%w', y || '-03-31') = '0' THEN 604800 ELSE 0 END),
                          unixepoch(y || '-10-31 01:00:00', 'weekday 0', '-7 days') + (CASE WHEN strftime('%w', y || '-10-31') = '0' THEN 604800 ELSE 0 END)
                   FROM (SELECT 2024 AS y UNION SELECT 2025 UNION SELECT 2026);
CREATE TABLE holiday (d TEXT PRIMARY KEY);
INSERT INTO holiday VALUES ('2024-01-01'), ('2024-03-29'), ('2024-04-01'), ('2024-05-06'), ('2024-05-27'), ('2024-08-26'), ('2024-12-25'), ('2024-12-26'),
  ('2025-01-01'), ('2025-04-18'), ('2025-04-21'), ('2025-05-05'), ('2025-05-26'), ('2025-08-25'), ('2025-12-25'), ('2025-12-26'),
  ('2026-01-01'), ('2026-04-03'), ('2026-04-06'), ('2026-05-04'), ('2026-05-25'), ('2026-08-31'), ('2026-12-25'), ('2026-12-28');
CREATE TABLE day (day INTEGER PRIMARY KEY, working INTEGER, nth INTEGER);
INSERT INTO day
WITH RECURSIVE each(day) AS (SELECT 19723 UNION ALL SELECT day + 1 FROM each WHERE day < 20818),
  marked AS (SELECT day, (day + 3) % 7 < 5 AND NOT EXISTS (SELECT 1 FROM holiday WHERE d = date(day * 86400, 'unixepoch')) AS working FROM each)
SELECT day, working, sum(working) OVER (ORDER BY day) FROM marked;
CREATE UNIQUE INDEX working_day ON day (nth) WHERE working;
CREATE TABLE duty (duty INTEGER, trigger_type TEXT, act_type TEXT, unit TEXT, standard INTEGER, enhanced INTEGER);
INSERT INTO duty VALUES
  (1, 'crime.reported', 'crime.acknowledged', 'working', 5, 3), (2, 'crime.reported', 'victim.referred', 'working', 2, 1),
  (3, 'crime.reported', 'needs.assessed', 'days', 5, 3), (4, 'victim.referred', 'support.contacted', 'hours', 48, 24),
  (5, 'suspect.arrested', 'told.arrest', 'working', 5, 1), (6, 'suspect.interviewed', 'told.interview', 'working', 5, 1),
  (7, 'suspect.bailed', 'told.bail', 'working', 5, 1), (8, 'bail.changed', 'told.bail_change', 'working', 5, 1),
  (9, 'suspect.released', 'told.release', 'working', 5, 1), (10, 'suspect.charged', 'told.charge', 'working', 5, 1),
  (11, 'case.no_further_action', 'told.no_further_action', 'working', 5, 1), (12, 'review.requested', 'review.answered', 'working', 30, 20),
  (13, 'first_hearing.listed', 'told.first_hearing', 'working', 2, 1), (14, 'hearing.adjourned', 'told.adjournment', 'working', 2, 1),
  (15, 'trial.listed', 'told.trial', 'working', 4, 2), (16, 'suspect.interviewed', 'statement.offered', 'working', 10, 5),
  (17, 'verdict.given', 'told.verdict', 'hours', 24, 12), (18, 'sentence.passed', 'told.sentence', 'working', 2, 1),
  (19, 'appeal.lodged', 'told.appeal', 'days', 28, 14), (20, 'complaint.received', 'complaint.answered', 'working', 20, 10);
CREATE INDEX by_victim ON log (participant, type, s);
CREATE TABLE due AS
WITH met AS (
  SELECT t.participant, d.duty, d.unit, t.s AS trigger_s, t.london / 86400 AS trigger_day,
         (SELECT min(a.s) FROM log a WHERE a.participant = t.participant AND a.type = d.act_type AND a.s >= t.s) AS act_s,
         CASE WHEN EXISTS (SELECT 1 FROM log n WHERE n.participant = t.participant AND n.type = 'needs.assessed' AND n.enhanced = 2
                           AND n.london / 86400 <= t.london / 86400) THEN d.enhanced ELSE d.standard END AS n
  FROM log t JOIN duty d ON d.trigger_type = t.type)
SELECT participant, duty, unit, trigger_s, act_s,
       CASE unit WHEN 'hours' THEN trigger_s + n * 3600 WHEN 'days' THEN trigger_day + n
                 ELSE (SELECT w.day FROM day w WHERE w.working AND w.nth = (SELECT nth FROM day x WHERE x.day = trigger_day) + n) END AS due,
       CASE WHEN act_s IS NULL THEN NULL WHEN unit = 'hours' THEN act_s
            ELSE (act_s + 3600 * EXISTS (SELECT 1 FROM summer WHERE act_s >= begins AND act_s < ends)) / 86400 END AS done
FROM met;
CREATE TABLE obligation AS
SELECT participant, duty, trigger_s, due,
       CASE WHEN done IS NOT NULL THEN done > due
            WHEN unit = 'hours' THEN 2 + (:as_at > due) ELSE 2 + (:as_at / 86400 > due) END AS outcome,
       CASE WHEN done IS NULL OR done <= due THEN 0
            WHEN unit = 'hours' THEN (done - due + 3599) / 3600
            WHEN unit = 'days' THEN done - due
            ELSE max(1, (SELECT nth FROM day WHERE day.day = done) - (SELECT nth FROM day WHERE day.day = due)) END AS late_by
FROM due;
