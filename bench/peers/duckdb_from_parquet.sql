SET preserve_insertion_order = false;
CREATE TEMP VIEW source AS
SELECT participant, type, epoch_us(occurred_at) // 1000000 AS s, borough, offence, enhanced FROM read_parquet('${log}');
