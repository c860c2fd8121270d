"""Working days of England and Wales by rule: an independent reading to compare the calendar table with.

Shares nothing with rules/calendars/ or src/calendar/: holidays come from the computus and the rules that fix them, the one-off
days from the short list below, and days are counted one at a time. Standard library only.

Prints one line for every date of 2012-2028 and every day of knowledge that matters:

    KNOWN_ON DATE f0 f1 ... f60 b0 b1 ... b60

fN is how many days after DATE the Nth working day after it lies, bN how many days before it the Nth before; x: past the end.
"""
import sys
from datetime import date, timedelta

FIRST, LAST, LIMIT = date(2012, 1, 1), date(2028, 12, 31), 60
DAY = timedelta(1)

# What departed from the ordinary rules: (announced, ordinary day it took away or None, day it gave).
ONE_OFF = [
    (date(2010, 1, 5), date(2012, 5, 28), date(2012, 6, 4)),  # spring bank holiday moved for the Diamond Jubilee
    (date(2010, 1, 5), None, date(2012, 6, 5)),  # Diamond Jubilee
    (date(2019, 6, 7), date(2020, 5, 4), date(2020, 5, 8)),  # early May moved to the 75th VE Day
    (date(2020, 11, 12), date(2022, 5, 30), date(2022, 6, 2)),  # spring bank holiday moved for the Platinum Jubilee
    (date(2020, 11, 12), None, date(2022, 6, 3)),  # Platinum Jubilee
    (date(2022, 9, 10), None, date(2022, 9, 19)),  # State Funeral of Queen Elizabeth II
    (date(2022, 11, 6), None, date(2023, 5, 8)),  # Coronation of King Charles III
]


def easter_sunday(year):
    """The Gregorian computus as printed in Nature, 20 April 1876."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    g = (b - (b + 8) // 25 + 1) // 3
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    l = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * l) // 451
    month, day = divmod(h + l - 7 * m + 114, 31)
    return date(year, month, day + 1)


def first_monday(year, month):
    day = date(year, month, 1)
    while day.weekday() != 0:
        day += DAY
    return day


def last_monday(year, month):
    day = date(year, month, 31)
    while day.weekday() != 0:
        day -= DAY
    return day


def by_rule(year):
    """The eight ordinary bank holidays; a fixed one on a weekend moves to the next weekday that is not one already."""
    days = {
        easter_sunday(year) - 2 * DAY,
        easter_sunday(year) + DAY,
        first_monday(year, 5),
        last_monday(year, 5),
        last_monday(year, 8),
    }
    fixed = [date(year, 1, 1), date(year, 12, 25), date(year, 12, 26)]
    days |= {day for day in fixed if day.weekday() < 5}
    for day in fixed:
        if day.weekday() >= 5:
            while day.weekday() >= 5 or day in days:
                day += DAY
            days.add(day)
    assert len(days) == 8
    return days


def holidays(known_on):
    days = set()
    for year in range(FIRST.year, LAST.year + 1):
        days |= by_rule(year)
    for announced, taken, given in ONE_OFF:
        if announced <= known_on:
            if taken:
                days.remove(taken)
            days.add(given)
    return days


def walk(day, step, rest):
    """How far away the 1st to 60th working days lie in one direction."""
    away, found = 0, ["0"]
    while len(found) <= LIMIT:
        day += step
        away += 1
        if not FIRST <= day <= LAST:
            return found + ["x"] * (LIMIT + 1 - len(found))
        if day.weekday() < 5 and day not in rest:
            found.append(str(away))
    return found


def main():
    announced = sorted({row[0] for row in ONE_OFF})
    for known_on in sorted({LAST} | set(announced) | {day - DAY for day in announced}):
        rest = holidays(known_on)
        lines = []
        day = FIRST
        while day <= LAST:
            lines.append(" ".join([str(known_on), str(day), *walk(day, DAY, rest), *walk(day, -DAY, rest)]))
            day += DAY
        sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    sys.exit(main())
