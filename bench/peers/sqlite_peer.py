"""The fixed work in SQLite, through Python's own: sqlite_peer.py LOG.csv AS_AT_SECONDS OBLIGATIONS.csv
Loads the log, runs sqlite.sql, writes every obligation, prints one line of JSON with what it cost.
"""

import csv
import datetime
import json
import pathlib
import resource
import sqlite3
import sys
import time


def main(log, as_at, out):
    began = time.monotonic()
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE log (participant INTEGER, type TEXT, s INTEGER, london INTEGER, borough TEXT, offence TEXT, enhanced INTEGER)")
    answers = {"": None, "no": 1, "yes": 2}

    def rows():
        with open(log, encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                at = int(datetime.datetime.fromisoformat(row["occurred_at"].replace("Z", "+00:00")).timestamp())
                yield int(row["participant"]), row["type"], at, row["borough"], row["offence"], answers[row["enhanced"]]

    database.executemany("INSERT INTO log VALUES (?, ?, ?, NULL, ?, ?, ?)", rows())
    loaded = time.process_time()
    script = pathlib.Path(__file__).with_name("sqlite.sql").read_text(encoding="utf-8").replace(":as_at", as_at)
    clock, rest = script.split("CREATE INDEX by_victim", 1)
    database.executescript(clock)
    database.execute("UPDATE log SET london = s + 3600 * EXISTS (SELECT 1 FROM summer WHERE s >= begins AND s < ends)")
    database.executescript("CREATE INDEX by_victim" + rest)
    count = 0
    with open(out, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["participant", "duty", "trigger_s", "due", "outcome", "late_by"])
        for row in database.execute("SELECT participant, duty, trigger_s, due, outcome, late_by FROM obligation"):
            writer.writerow(row)
            count += 1
    usage = resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps({"version": sqlite3.sqlite_version, "obligations": count, "load_cpu_s": round(loaded, 3),
                      "cpu_s": round(usage.ru_utime + usage.ru_stime, 3), "wall_s": round(time.monotonic() - began, 3),
                      "peak_mb": usage.ru_maxrss // 1024}))


if __name__ == "__main__":
    main(*sys.argv[1:])
