"""Every calendar in rules/calendars/ reaches at least 12 months ahead of today: a deadline past its end is refused, so the
end must be moved before it is met. The one test that reads the clock, on purpose. Run by CTest; alone:
python3 tests/calendar_ahead_test.py
"""

import datetime
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent


def main():
    today = datetime.date.today()
    wanted = today + datetime.timedelta(days=366)
    files = sorted((ROOT / "rules" / "calendars").glob("*.yaml"))
    faults = [] if files else ["rules/calendars: no calendar found."]
    for path in files:
        name = path.relative_to(ROOT)
        text = path.read_text(encoding="utf-8")
        found = re.search(r"^last:\s*(\d{4}-\d{2}-\d{2})", text, re.M)
        if not found:
            faults.append(f"{name}: does not say where it ends (last: DATE).")
            continue
        last = datetime.date.fromisoformat(found.group(1))
        if last < wanted:
            faults.append(f"{name}: ends on {last}, less than 12 months ahead of today ({today}). Add the holidays announced "
                          f"since, from the source it names, and move `last:`.")
        holidays = [datetime.date.fromisoformat(day) for day in re.findall(r"\bon:\s*(\d{4}-\d{2}-\d{2})", text)]
        for year in range(min(holidays).year if holidays else last.year, last.year + 1):
            count = sum(1 for day in holidays if day.year == year)
            if count < 8:
                faults.append(f"{name}: {year} has {count} holidays, fewer than the eight of every year: it is said to be "
                              f"covered but is not.")
    for fault in faults:
        print(fault)
    print(f"{len(faults)} faults" if faults else f"{len(files)} calendars reach past {wanted}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
