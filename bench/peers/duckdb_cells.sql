CREATE TEMP TABLE cells AS
SELECT duty, borough, offence, is_enhanced, month, count(*) FILTER (outcome = 0) AS kept, count(*) FILTER (outcome = 1) AS late,
       count(*) FILTER (outcome = 2) AS open, count(*) FILTER (outcome = 3) AS overdue, sum(late_by)::BIGINT AS late_by,
       sum((mixed % 2147483647) * (mixed % 2147483629) % 2147483587)::BIGINT AS checked
FROM (SELECT *, participant::BIGINT * 40503 + duty * 97003 + trigger_s * 31 + due * 7919 + outcome * 1000003 + late_by * 15485863 AS mixed FROM obligation)
GROUP BY ALL;
SELECT count(*) AS cells, sum(kept), sum(late), sum(open), sum(overdue), sum(late_by), sum(checked) FROM cells;
