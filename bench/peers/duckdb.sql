-- The fixed work (bench/work.md) in DuckDB: the best SQL found so far. Improve it: bench/run prints what it costs.
-- Reads `source` (duckdb_from_parquet.sql or duckdb_from_csv.sql). Each duty: what triggers it, what fulfils it, limits. One ASOF join finds the first act at or after each trigger.
CREATE TEMP TABLE duty (duty TINYINT, trigger_type SMALLINT, act_type SMALLINT, unit VARCHAR, standard INTEGER, enhanced INTEGER);
INSERT INTO duty VALUES
  (1, 1, 2, 'working', 5, 3), (2, 1, 4, 'working', 2, 1), (3, 1, 3, 'days', 5, 3), (4, 4, 5, 'hours', 48, 24),
  (5, 10, 11, 'working', 5, 1), (6, 12, 13, 'working', 5, 1), (7, 14, 15, 'working', 5, 1), (8, 16, 17, 'working', 5, 1),
  (9, 18, 19, 'working', 5, 1), (10, 20, 21, 'working', 5, 1), (11, 22, 23, 'working', 5, 1), (12, 24, 25, 'working', 30, 20),
  (13, 26, 27, 'working', 2, 1), (14, 28, 29, 'working', 2, 1), (15, 30, 31, 'working', 4, 2), (16, 12, 7, 'working', 10, 5),
  (17, 34, 35, 'hours', 24, 12), (18, 36, 37, 'working', 2, 1), (19, 38, 39, 'days', 28, 14), (20, 40, 41, 'working', 20, 10);
-- Day numbers from 1970-01-01; count: working days up to and including the day.
CREATE TEMP TABLE day AS
SELECT (d - DATE '1970-01-01')::INTEGER AS day, (year(d) * 12 + month(d) - 1)::SMALLINT AS month,
       (sum((isodow(d) < 6 AND h.holiday IS NULL)::INTEGER) OVER (ORDER BY d))::INTEGER AS count,
       isodow(d) < 6 AND h.holiday IS NULL AS is_working
FROM (SELECT unnest(generate_series(DATE '2024-01-01', DATE '2026-12-31', INTERVAL 1 DAY))::DATE AS d)
LEFT JOIN (SELECT unnest([DATE '2024-01-01', DATE '2024-03-29', DATE '2024-04-01', DATE '2024-05-06', DATE '2024-05-27', DATE '2024-08-26', DATE '2024-12-25', DATE '2024-12-26',
  DATE '2025-01-01', DATE '2025-04-18', DATE '2025-04-21', DATE '2025-05-05', DATE '2025-05-26', DATE '2025-08-25', DATE '2025-12-25', DATE '2025-12-26',
  DATE '2026-01-01', DATE '2026-04-03', DATE '2026-04-06', DATE '2026-05-04', DATE '2026-05-25', DATE '2026-08-31', DATE '2026-12-25', DATE '2026-12-28']) AS holiday) h ON h.holiday = d;
-- Due day by trigger day, duty and enhanced: key = day * 64 + duty * 2 + enhanced.
CREATE TEMP TABLE due AS
WITH rule AS (SELECT duty * 2 AS rule, unit, standard AS n FROM duty UNION ALL SELECT duty * 2 + 1, unit, enhanced FROM duty)
SELECT (t.day * 64 + rule)::INTEGER AS key, CASE unit WHEN 'working' THEN 0 WHEN 'days' THEN 1 ELSE 2 END::TINYINT AS unit, n, w.day AS due_day, w.count AS due_count, w.month
FROM rule CROSS JOIN day t LEFT JOIN day w ON CASE WHEN unit = 'working' THEN w.is_working AND w.count = t.count + n ELSE w.day = t.day + n END
WHERE t.day < (DATE '2026-01-01' - DATE '1970-01-01') AND unit <> 'hours'
UNION ALL
SELECT (t.day * 64 + rule)::INTEGER, 2, n, NULL, NULL, NULL FROM rule CROSS JOIN day t WHERE t.day < (DATE '2026-01-01' - DATE '1970-01-01') AND unit = 'hours';
-- Seconds since 1970 on London's clock (summer time of 2024 and 2025).
CREATE TEMP MACRO london(s) AS s + CASE WHEN s BETWEEN 1711846800 AND 1729990799 OR s BETWEEN 1743296400 AND 1761440399 THEN 3600 ELSE 0 END;
CREATE TEMP MACRO london_day(s) AS (london(s) // 86400)::INTEGER;
CREATE TEMP VIEW met AS
SELECT t.participant, t.duty, t.s AS trigger_s, f.s AS act_s
FROM (SELECT participant, duty, participant * 32 + duty AS key, s FROM source JOIN duty ON type = trigger_type) t
ASOF LEFT JOIN (SELECT participant * 32 + duty AS key, s FROM source JOIN duty ON type = act_type) f ON t.key = f.key AND t.s <= f.s;
CREATE TEMP TABLE victim AS
SELECT participant, max(borough)::TINYINT AS borough, max(offence)::TINYINT AS offence, min(CASE WHEN enhanced = 2 THEN london_day(s) END) AS enhanced_from
FROM source WHERE type IN (1, 3) GROUP BY participant;
CREATE TEMP VIEW obligation AS
SELECT participant, duty, trigger_s, borough, offence, is_enhanced,
       CASE WHEN unit = 2 THEN due_s ELSE due_day END AS due,
       CASE WHEN unit = 2 THEN (year(epoch_ms(london(due_s)*1000))*12+month(epoch_ms(london(due_s)*1000))-1)::SMALLINT ELSE month END AS month,
       CASE WHEN act_s IS NULL THEN CASE WHEN CASE WHEN unit = 2 THEN due_s < ${as_at} ELSE due_day < london_day(${as_at}) END THEN 3 ELSE 2 END
            WHEN CASE WHEN unit = 2 THEN due_s < act_s ELSE due_day < act_day END THEN 1 ELSE 0 END AS outcome,
       CASE WHEN act_s IS NULL THEN 0
            WHEN unit = 2 THEN CASE WHEN due_s < act_s THEN (act_s - due_s + 3599) // 3600 ELSE 0 END
            WHEN act_day <= due_day THEN 0
            WHEN unit = 1 THEN act_day - due_day
            ELSE greatest(1, act_count - due_count) END AS late_by
FROM (SELECT participant, duty, trigger_s, act_s, act_day, borough, offence, is_enhanced, unit, due_day, due_count, due.month, trigger_s + n * 3600 AS due_s, late.count AS act_count
      FROM (SELECT *, london_day(trigger_s) AS trigger_day, london_day(act_s) AS act_day, coalesce(enhanced_from <= london_day(trigger_s), false) AS is_enhanced FROM met JOIN victim USING (participant))
      JOIN due ON due.key = trigger_day * 64 + duty * 2 + is_enhanced::INTEGER
      LEFT JOIN day late ON late.day = act_day);
