-- The obligations themselves, as the engine writes them; `outcome` 0 kept, 1 late, 2 open, 3 overdue.
COPY (SELECT participant, duty::SMALLINT AS duty, trigger_s, due::BIGINT AS due, outcome::SMALLINT AS outcome, late_by::INTEGER AS late_by FROM obligation)
TO '${out}' (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1);
