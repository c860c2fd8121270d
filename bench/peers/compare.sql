-- Every obligation of one file that is not in the other, both ways: no rows when they are the same.
CREATE TEMP VIEW one AS SELECT participant::BIGINT, duty::BIGINT, trigger_s::BIGINT, due::BIGINT, outcome::BIGINT, late_by::BIGINT FROM '${one}';
CREATE TEMP VIEW other AS SELECT participant::BIGINT, duty::BIGINT, trigger_s::BIGINT, due::BIGINT, outcome::BIGINT, late_by::BIGINT FROM '${other}';
SELECT (SELECT count(*) FROM one) AS one, (SELECT count(*) FROM other) AS other,
       (SELECT count(*) FROM (FROM one EXCEPT ALL FROM other)) AS only_one, (SELECT count(*) FROM (FROM other EXCEPT ALL FROM one)) AS only_other;
