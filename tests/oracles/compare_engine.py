"""Compares the engine with the independent reading of the design in ../shared/oracle, on random histories.

    python3 tests/oracles/compare_engine.py PROGRAM [HISTORIES] [SEED]

PROGRAM is the built engine_judge. Every history is judged by both; every difference is printed with the history that shows it.
Needs ../shared/oracle; says so and leaves with 77 where it is absent.
"""
import json
import os
import random
import subprocess
import sys
from collections import Counter
from datetime import date, timedelta

HERE = os.path.dirname(os.path.abspath(__file__))
SHARED = os.path.join(HERE, "..", "..", "..", "shared", "oracle")
if not os.path.exists(os.path.join(SHARED, "oracle.py")):
    print("needs ../shared/oracle: not compared")
    sys.exit(77)
sys.path.insert(0, SHARED)
import oracle as O  # noqa: E402

END = date(2028, 12, 31)
HOLIDAYS = [(date(2026, 3, 6), date(2026, 3, 5), None), (date(2026, 3, 9), date(2026, 3, 4), None), (date(2026, 3, 11), None, None),
            (date(2026, 3, 18), None, date(2026, 3, 12)), (date(2026, 4, 3), None, None)]
CALENDAR = O.Calendar(HOLIDAYS, END)


def duty(limit=("wd", 5), enhanced=None, **kw):
    d = dict(id="D1", provider="police", trigger={"type": "arrested"}, clock="occurred",
             limit={"standard": limit, **({"enhanced": enhanced} if enhanced else {})},
             fulfilled_by={"any_of": [{"type": "informed"}]}, same=["suspect"], topic="arrest")
    d.update(kw)
    return d


BEFORE_EDITION = {"to": date(2026, 3, 6)}
AFTER_EDITION = {"from": date(2026, 3, 7)}
RULES = [
    duty(("wd", 3), ("wd", 1), cancels=[{"type": "charged", "successor": "D2"}]),
    duty(("wd", 2), id="D2", trigger={"type": "charged"}, clock="known", topic="charge"),
    duty(("hours", 30), id="D3", topic="hours"),
    duty(("days", 4), id="D4", repeat=True, until="closed", topic="rep"),
    duty(None, id="D5", until="closed", topic="none"),
    duty(("wd", 4), id="D6", pausable=True, topic="pause"),
    duty(("before", 2, "days", "on"), id="D7", same=["hearing"], trigger={"type": "listed"}, cancels=[{"type": "listed", "successor": "D7"}], topic="before"),
    duty(("weeks", 1), ("days", 3), id="D8", topic="weeks", earlier_counts=True),
    duty(("months", 1), id="D9", topic="months", fulfilled_by={"all_of": [{"type": "informed", "where": {"what": 1}}, {"type": "informed", "where": {"what": 2}}]}),
    duty(("years", 1), id="D10", topic="years", trigger={"type": "charged"}),
    duty(("age", 18), id="D11", topic="age"),
    duty(("agreed",), id="D12", repeat=True, until="closed", topic="agreed"),
    duty(("with", "D2"), id="D13", trigger={"type": "charged"}, topic="with"),
    duty(("before", 3, "wd", "on"), id="D14", same=["hearing"], trigger={"type": "listed"}, topic="beforewd", announces="on"),
    duty(("before", 20, "hours", "on"), id="D15", same=["hearing"], trigger={"type": "listed"}, topic="beforehours"),
    duty(("wd", 2), id="D16", topic="arrest", **BEFORE_EDITION),
    duty(("wd", 1), id="D17", topic="arrest", **AFTER_EDITION),
    duty(("hours", 20), id="D18", trigger={"type": "charged"}, clock="known", topic="hours"),
    duty(("wd", 2), id="D19", topic="arrest", never=True),
    duty(("days", 2), id="D20", topic="rep", same=[], fulfilled_by={"any_of": [{"type": "informed"}, {"type": "told"}]}, cancels=[{"type": "charged", "successor": "D19"}, {"type": "told", "successor": "D16"}]),
]
LEGS = [
    duty(("wd", 3), ("wd", 2), id="L1", fulfilled_by={"any_of": [{"type": "referred"}]}, topic="leg"),
    duty(("wd", 4), id="L2", trigger={"type": "referred"}, topic="leg"),
    duty(id="CH", chain=["L1", "L2"]),
]
TYPES = sorted({"arrested", "informed", "charged", "listed", "decline", "decline.withdrawn", "good_reason", "hold", "hold.ended", "needs.assessed", "victim.died", "victim.born",
                "involvement.ended", "involvement.reopened", "closed", "x", "link.victim", "link.suspect", "link.hearing", "contact.agreed", "told", "referred", "outcome"})
_n = [0]


def ev(kind, occurred, recorded, **kw):
    _n[0] += 1
    e = dict(id=kw.pop("id", "e%07d" % _n[0]), source=kw.pop("source", "a"), type=kind, crime=kw.pop("crime", "X"), occurred=occurred, recorded=recorded, detail=kw.pop("detail", {}))
    e.update(kw)
    return e


def later(r, when, days):
    """A recorded_at `days` after the London date of `when`, at one of a few times of day."""
    return (O.london_date(O.When(when).lo) + timedelta(days)).isoformat() + r.choice(["T23:45:00Z", "T12:00:00Z", "T00:10:00Z"])


def history(r, legs=False):
    """One random history of one or two victims in one or two crimes."""
    people = ["V", "W"] if r.random() < .25 else ["V"]
    crimes = ["X", "Y"] if r.random() < .2 else ["X"]
    out, ids = [], []
    span = r.choice([10, 16, 16, 40])

    def when(coarse=True):
        d = date(2026, 3, 1) + timedelta(r.randrange(span))
        k = r.random()
        if k < .4:
            return d.isoformat()
        if coarse and k > .985:
            return "2026"
        if coarse and k > .96:
            return "2026-03"
        if coarse and k > .94:
            return d.isoformat() + ".." + (d + timedelta(r.randrange(1, 6))).isoformat()
        return d.isoformat() + "T%02d:%02d:00Z" % (r.randrange(24), r.choice([0, 30]))

    kinds = ["arrested"] * 3 + ["informed"] * 4 + ["charged"] * 2 + ["listed"] * 2 + ["told", "decline", "decline", "decline.withdrawn", "good_reason", "good_reason", "hold", "hold.ended",
             "needs.assessed", "victim.died", "involvement.ended", "involvement.reopened", "closed", "fix", "fix", "gone", "gone", "contact.agreed", "victim.born"]
    if legs:
        kinds = ["arrested", "arrested", "informed", "informed", "referred", "needs.assessed"]
    topics = ["arrest", "rep", "hours", "none", "pause", "weeks", "agreed", "charge", "before", "with", "age"]
    for i in range(r.randrange(2, 14)):
        t = r.choice(kinds)
        if t == "victim.born" and any(e["type"] == "victim.born" for e in out):
            continue   # two births of one person are an error to correct; which one the oracle reads depends on the order given
        w = when(not legs and t in ("arrested", "informed", "charged", "told", "victim.born"))
        rec = later(r, w, r.choice([0, 0, 0, 0, 1, 3, 8, -1]))
        who, crime = r.choice(people), r.choice(crimes)
        kw = dict(crime=crime, id="%s%02d" % (who, i), source=r.choice(["a", "b"]))
        if t in ("fix", "gone"):
            if not ids:
                continue
            s, j, old = r.choice(ids)
            kw["source"] = s if r.random() < .9 else "c"
            if t == "gone":
                e = ev("x", w, rec, retracts=j, **kw)
            else:
                e = dict(old, id=kw["id"], corrects=j, source=kw["source"], recorded=rec, occurred=r.choice([w, old["occurred"]]), type=r.choice([old["type"]] * 5 + ["informed"]))
                e.pop("retracts", None)
                if r.random() < .1 and e.get("participant") and len(people) > 1:
                    e["participant"] = r.choice(people)
        else:
            if t in ("informed", "told", "referred"):
                kw["suspect"] = r.choice(["A", "B", None]) if not legs else r.choice(["A", "A", "A", "B", None])
            if t in ("arrested", "charged"):
                kw["suspect"] = r.choice(["A", "A", "B"])
                if r.random() < .1:
                    kw["crime"] = None
            if t == "listed":
                kw["hearing"] = r.choice(["H", "H", "G"])
                if r.random() < .1:
                    kw["crime"] = None
            if t not in ("arrested", "charged", "listed"):
                kw["participant"] = who
                if t == "informed" and r.random() < .3:
                    kw["hearing"] = r.choice(["H", "G"])
            if t == "charged" and r.random() < .6:
                k = r.random()
                kw["known"] = w if k < .4 else (O.london_date(O.When(w).lo) + timedelta(r.randrange(-1, 3))).isoformat() if k < .8 else when(True)
            if t in ("arrested", "charged", "informed") and r.random() < .2:
                kw["agency"] = r.choice(["police", "cps"])
            detail = {
                "decline": lambda: {"topic": r.choice(topics), **({"until": when(False)[:10]} if r.random() < .3 else {})},
                "decline.withdrawn": lambda: {"topic": r.choice(topics)},
                "good_reason": lambda: dict(topic=r.choice(topics), who="w", why="y", evidence=r.choice(["e", "e", "e", ""]), second=r.choice([None, "s"]),
                                            **{"from": "2026-03-%02d" % r.randrange(1, 12), "until": "2026-03-%02d" % r.randrange(10, 29)}),
                "hold.ended": lambda: {"hold": "%s%02d" % (who, r.randrange(12))},
                "needs.assessed": lambda: {"enhanced": r.random() < .7},
                "contact.agreed": lambda: {"every": r.randrange(1, 5), "unit": r.choice(["days", "weeks", "wd", "months"])},
                "listed": lambda: {"on": r.choice(["2026-03-%02d" % r.randrange(8, 28), "2026-03-%02dT10:00:00Z" % r.randrange(8, 28)])},
                "informed": lambda: {"what": r.choice([1, 2, 3])} if r.random() < .7 else {},
            }.get(t, dict)()
            if t == "victim.born":
                w = r.choice(["2008", "2008-03", "2008-03-10", "2007-12-01", "2012-02-29", "2008-02-29", "1980"])
            e = ev(t, w, rec, detail=detail, **kw)
        out.append(e)
        ids.append((e["source"], e["id"], e))
    k = 0
    for crime in crimes:
        for who in people:
            if who == "W" and crime == "Y" and r.random() < .5:
                continue
            j = r.choice(["2026-01-01", "2026-01-01", "2026-03-05", "2026-03-05T15:00:00Z"])
            out.append(ev("link.victim", j, later(r, j, 0), participant=who, crime=crime, id="l%d" % k))
            k += 1
        out.append(ev("link.suspect", "2026-01-01", "2026-01-01T12:00:00Z", suspect="A", crime=crime, id="s%d" % k))
        if r.random() < .6:
            out.append(ev("link.suspect", "2026-03-04", "2026-03-04T12:00:00Z", suspect="B", crime=crime, id="t%d" % k))
        if r.random() < .9:
            out.append(ev("link.hearing", "2026-01-01", "2026-01-01T12:00:00Z", hearing="H", crime=crime, id="h%d" % k))
    if r.random() < .2:
        victim = r.choice(people)
        for e in out:
            if e["type"] == "link.victim" and e["participant"] == victim:
                e["occurred"] = "2026-03-03"
    r.shuffle(out)
    return [e for e in ({k: v for k, v in e.items() if v is not None} for e in out)]


ALIASES = {"reason after due": "reason recorded after due", "told before middle": "told before the middle"}
FLAGS = {"told ahead", "joined later", "no agreement", "recorded after due", "too late to use", "told against wishes", "reason recorded after due", "gap before due", "beyond calendar",
         "moved after due", "told before the middle"}


def plain(value):
    if isinstance(value, (date,)):
        return value.isoformat()
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items() if not callable(v)}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    return value


def roots(events):
    """id of every correction -> id of the fact it is a version of."""
    by = {(e["source"], e["id"]): e for e in events}

    def root(e):
        seen = set()
        while e is not None and e.get("corrects") and (e["source"], e["id"]) not in seen:
            seen.add((e["source"], e["id"]))
            e = by.get((e["source"], e["corrects"]))
        return e["id"] if e else None
    return {(e["source"], e["id"]): root(e) for e in events}


def due_text(d):
    return None if d is None else ["date", d[1].isoformat()] if d[0] == "date" else ["instant", d[1] * 1000]


def of_oracle(rows):
    out = {}
    for o in rows:
        k = (o["duty"], o["participant"], o["trigger"][0], o["trigger"][1], o["interval"] or 0)
        v = [o["outcome"], due_text(o.get("due_on")), o.get("F")]
        v.append(sorted(set(o["flags"]) & FLAGS))
        if o["outcome"] == "late":
            n, unit = o.get("late_by", (None, None))   # the oracle's chains do not say how late
            v.append([None if n is None else round(n * 3600), "s"] if unit == "hours" else [n, unit])
        if o["outcome"] == "withdrawn after due":
            v.append(o["would_have_been"])
        out.setdefault(k, []).append(v)
    return {k: sorted(v, key=repr) for k, v in out.items()}


def keys_of_engine(rows, root):
    return [(o["duty"], o["participant"], o["source"], root[(o["source"], o["row"])], o["interval"]) for o in rows]


def of_engine(rows, root):
    out = {}
    for o, k in zip(rows, keys_of_engine(rows, root)):
        # The oracle counts in seconds: the last moment of a day is one second before the next.
        due = ["instant", o["due"][1] // 1000 * 1000] if o["due"] and o["due"][0] == "instant" else o["due"]
        v = [o["outcome"], due, None if o["F"] is None else o["F"] // 1000]
        v.append(sorted({ALIASES.get(f, f) for f in o["flags"]} & FLAGS))
        if o["outcome"] == "late":
            instant = o["due"] and o["due"][0] == "instant"
            v.append([o["late_ms"] // 1000, "s"] if instant else [o["late_by"], None])
        if o["outcome"] == "withdrawn after due":
            v.append(o["would_have_been"])
        out.setdefault(k, []).append(v)
    return {k: sorted(v, key=repr) for k, v in out.items()}


def agree(a, b):
    """Late in working days or days: the oracle names the unit, the engine's follows from the limit."""
    if a == b:
        return True
    if len(a) != len(b):
        return False
    for x, y in zip(a, b):
        if x == y:
            continue
        if x[0] == y[0] == "late" and x[:4] == y[:4] and x[4][0] in (None, y[4][0]):
            continue
        return False
    return True


def oracle_rows(rows, known_on):
    """19 of docs/decisions/0007: late against working days before an event is said in working days."""
    def in_working_days(o):
        start, end = o["D"][1], O.london_date(o["F"])
        days = sum(CALENDAR.working(start + O.DAY * n, known_on) for n in range(1, (end - start).days + 1))
        return dict(o, late_by=(max(1, days), "working days"))
    return [in_working_days(o) if o["duty"] == "D14" and o["outcome"] == "late" and o["D"][0] == "date" else o for o in rows]


class Settled:
    """What docs/decisions/0007 reads otherwise than the oracle, by the numbers there; nothing else is left out."""

    def __init__(self, duties, events, as_at, recorded_by, coverage):
        self.world = O.World(events, CALENDAR, as_at, recorded_by, coverage)
        self.duties = {d["id"]: d for d in duties}
        self.as_at, self.covered = as_at, coverage is None
        self.facts = {O.key(f): f for f in self.world.facts}
        self.declines = [f for f in self.world.facts if any(v["type"] == "decline" for _, v in f["versions"])]
        self.early = set()
        for T in self.world.of("arrested") if "L1" in self.duties else []:
            for p, c, _ in self.world.reach(T):
                self.early |= self.middle_before(T, p, c)

    def middle_before(self, T, p, c):
        """20: a middle before T, of the same suspect."""
        w, leg = self.world, self.duties["L1"]
        day = O.start_of(O.london_date(T["when"].lo))
        middles = [f for f in w.of("referred") if not f["plan"] and w.mine(f, p, c) and w.same(leg, T, c, f) and f["when"].lo < day]
        return {("L2", p) + O.key(f) for f in middles} | {(leg_id, p) + O.key(T) for leg_id in ("L1", "L2") if middles}

    def topics(self, duty):
        """Whose declines bear on it: its own, and that of the duty whose D it takes."""
        standard = duty["limit"]["standard"]
        companion = {self.duties[standard[1]]["topic"]} if standard and standard[0] == "with" else set()
        return {duty.get("topic", duty["id"])} | companion

    def taken_over_from(self, duty):
        """The duties whose D it, or its companion, may inherit."""
        standard = duty["limit"]["standard"]
        heirs = {duty["id"]} | ({standard[1]} if standard and standard[0] == "with" else set())
        return [d for d in self.duties.values() if any(c["successor"] in heirs for c in d.get("cancels", []))]

    def inherited_topics(self, duty):
        """Those of the duties it takes over from: their D, moved by 14, is inherited."""
        return {d["topic"] for d in self.taken_over_from(duty)}

    def boundary(self, participant, duty, T):
        """16: Enhanced Rights begin or end inside a vague trigger, and the limit turns on them."""
        standard = duty["limit"]["standard"]
        if duty["limit"].get("enhanced", standard) == standard:
            return False
        for _, version in T["versions"]:
            when = O.When(version["occurred"])
            if when.kind != "coarse" or when.lo > self.as_at:
                continue
            day, last = O.london_date(when.lo), O.london_date(min(when.hi, self.as_at))
            first = self.world.enhanced(participant, day)
            while day <= last:
                if self.world.enhanced(participant, day) != first:
                    return True
                day += O.DAY
        return False

    def may_inherit_across(self, k):
        """16, of a duty that it may have taken over from."""
        return any(self.boundary(k[1], before, T) for before in self.taken_over_from(self.duties[k[0]]) for T in self.facts.values()
                   if any(v["type"] == before["trigger"]["type"] for _, v in T["versions"]))

    def wish(self, k, duty, engine):
        """14: the wish ended on a day by the due date and the clock runs again; 15: it was retracted after the due date."""
        due = max((v[1][1] if v[1][0] == "date" else O.london_date(v[1][1] / 1000).isoformat() for v in engine if v[1]), default="9999")
        T = self.facts.get(k[2:4])
        if any(v[0] == "cannot tell" for v in engine) or (T is not None and T["when"].kind == "coarse"):
            due = "9999"   # of readings with several due dates only one is shown
        companion = len(self.topics(duty)) > 1   # the due date that counts is the companion's
        for f in self.declines:
            mine = [v for _, v in f["versions"] if v.get("participant") == k[1] and v["type"] == "decline"]
            said = [v for v in mine if v["detail"].get("topic") in self.topics(duty)]
            inherited = [v for v in mine if v["detail"].get("topic") in self.inherited_topics(duty)]
            if any((v["detail"].get("until") or "9999") <= due for v in said + inherited):
                return 14
            if not said:
                continue
            if f["retracted_at"] is not None and (companion or any("declined" in (v[0], v[-1]) for v in engine)):
                return 15
        return None

    def first_days(self, k, T, engine_start):
        """The days on which an act may first count: T's, for each that it may have been; of a later interval, the day after it began,
        which lies before the clock's start for somebody who joined later."""
        if k[4] > 1 and engine_start is not None:
            return O.london_date(T["when"].lo) + O.DAY, O.london_date(engine_start) + O.DAY
        return O.london_date(T["when"].lo), O.london_date(self.world.hi(T))

    def vague_on_first_day(self, k, duty, T, starts):
        """18: an act whose range holds the first day on which it counts, which is not its own first day."""
        patterns = duty["fulfilled_by"].get("any_of") or duty["fulfilled_by"]["all_of"]
        types = {q["type"] for q in patterns} | ({"contact.agreed"} if duty["limit"]["standard"] == ("agreed",) else set())
        for f in self.world.live:
            if f["type"] not in types or f["when"].kind != "coarse" or f.get("participant", k[1]) != k[1]:
                continue
            for start in starts or [None]:
                first, last = self.first_days(k, T, start)
                if O.london_date(f["when"].lo) < last and first < O.london_date(self.world.hi(f)):
                    return True
        return False

    def after_death(self, k, oracle, engine):
        """17: an interval that the oracle begins, lapsed from the start, after the victim's death, and the engine does not."""
        died = self.world.died(k[1])
        if k[4] <= 1 or engine or died is None:
            return False
        ended = [v[0] in ("lapsed", "not owed", "cannot tell") or (v[0] == "withdrawn after due" and v[-1] == "lapsed") for v in oracle]
        return all(ended) and all(v[1] is not None and v[1][1] > O.london_date(died).isoformat() for v in oracle)

    def point(self, k, oracle, engine, starts):
        """The number that says why this obligation is read otherwise, or None. `starts`: of the engine's clock, in seconds."""
        duty = self.duties[k[0]]
        standard = duty["limit"]["standard"]
        T = self.facts.get(k[2:4])
        if self.after_death(k, oracle, engine):
            return 17
        if k[0] == "D8" and not self.covered:
            told = [[v for v in vs if v[0] not in ("overdue", "missed", "cannot tell", "late", "withdrawn after due")] for vs in (oracle, engine)]
            if told[0] == told[1]:
                return 3
        known = [O.When(v["known"]) for _, v in T["versions"] if v.get("known")] if T else []
        if k[0] == "D18" and any(x.lo > self.as_at for x in known):
            return 4
        if k[0] == "D11" and any(f.get("participant") == k[1] and f["occurred"].endswith("-02-29") for f in self.world.of("victim.born")):
            return 7
        wish = self.wish(k, duty, engine)
        if wish:
            return wish
        if k[:4] in self.early:
            return 20
        if T is None or k[0] == "CH":
            return None
        if self.boundary(k[1], duty, T) or self.may_inherit_across(k):
            return 16
        if any(v[0] == "cannot tell" for v in engine) and self.vague_on_first_day(k, duty, T, starts):
            return 18
        return None


class Case:
    """One random history with the question put to both."""

    def __init__(self, seed, number, legs):
        r = random.Random(seed * 10 ** 9 + number * 2 + legs)
        self.number, self.legs = number, legs
        self.events = history(r, legs)
        self.as_at = r.choice(["2026-03-06", "2026-03-12", "2026-03-12T11:00:00Z", "2026-03-20", "2026-03-25", "2026-04-30", "2026-06-30"])
        self.recorded_by = r.choice([None, None, None, "2026-03-08", "2026-03-14"])
        feeds = r.choice([None, None, "gap", "some"])
        self.coverage = None
        if feeds and not legs:
            whole, broken = [(date(2026, 1, 1), date(2026, 12, 31))], [(date(2026, 1, 1), date(2026, 3, 6)), (date(2026, 3, 8), date(2026, 12, 31))]
            types = ["informed"] if feeds == "gap" else ["informed", "told", "contact.agreed"]
            self.coverage = {("police", t): broken if feeds == "gap" else whole for t in types}
        self.obligations, self.left_out = 0, Counter()   # once judged: how many, and by which point how many were not compared

    def as_at_second(self):
        return O.When(self.as_at).hi

    def recorded_by_second(self):
        return O.When(self.recorded_by).hi if self.recorded_by else None

    def line(self):
        """The question as engine_judge reads it."""
        by = self.recorded_by_second()
        rows = None if self.coverage is None else [[p, t, x.isoformat(), y.isoformat()] for (p, t), spans in self.coverage.items() for x, y in spans]
        return json.dumps({"events": self.events, "as_at": self.as_at_second() * 1000 + (999 if O.When(self.as_at).kind != "instant" else 0),
                           "recorded_by": None if by is None else by * 1000 + 999, "coverage": rows})

    def wanted(self):
        """What the independent reading says; None where it does not judge (it has no earlier D for a corrected trigger of a `with` duty)."""
        rules = [dict(d, condition=(lambda w, T, p: False)) if d.get("never") else d for d in (LEGS if self.legs else RULES)]
        try:
            return of_oracle(oracle_rows(O.assess(rules, self.events, CALENDAR, self.as_at_second(), self.recorded_by_second(), self.coverage), O.london_date(self.as_at_second())))
        except ValueError:
            return None

    def differences(self, want, answer):
        """(obligation, oracle, engine) for each that differs."""
        rows = json.loads(answer)
        got = of_engine(rows, roots(self.events)) if isinstance(rows, list) else {"error": rows}
        for side in (want, got):
            for k, vs in side.items():
                if k[0] in ("CH", "L1", "L2"):   # the oracle's chains and proven legs carry no flags of their own
                    for v in vs:
                        v[3] = []
        self.obligations = sum(len(want.get(k) or got[k]) for k in set(want) | set(got))
        different = [(k, want.get(k, []), got.get(k, [])) for k in sorted(set(want) | set(got), key=repr) if not agree(want.get(k, []), got.get(k, []))]
        if not isinstance(rows, list):
            return different
        # 19: said in working days on both sides, so that the rest is still compared.
        self.left_out[19] += sum(v[0] == "late" and k[0] == "D14" for k, vs in got.items() for v in vs)
        if not different:
            return different
        settled = Settled(LEGS if self.legs else RULES, self.events, self.as_at_second(), self.recorded_by_second(), self.coverage)
        starts = {}
        for o, k in zip(rows, keys_of_engine(rows, roots(self.events))):
            starts.setdefault(k, []).append(o["start"] / 1000)
        before, numbers = {}, {}
        for d in sorted(different, key=lambda d: (repr(d[0][:4]), d[0][4] or 0)):
            # An interval begins where the one before ended: what reads that otherwise reads this one too.
            numbers[d[0]] = before[d[0][:4]] = settled.point(*d, starts.get(d[0])) or before.get(d[0][:4])
        unsettled = []
        for d in different:
            # So does a duty that takes over the due date of one that is read otherwise.
            heir_of = {duty["id"] for duty in settled.taken_over_from(settled.duties[d[0][0]])}
            number = numbers[d[0]] or next((n for k, n in numbers.items() if n and k[0] in heir_of and k[1] == d[0][1]), None)
            if number is None:
                unsettled.append(d)
            else:
                self.left_out[number] += max(len(d[1]), len(d[2]))
        return unsettled

    def text(self, differences):
        out = ["---- as_at %s recorded_by %s coverage %s" % (self.as_at, self.recorded_by, self.coverage is not None)]
        out += ["   %s" % e for e in sorted(self.events, key=lambda e: e["occurred"])]
        out += ["  DIFF %s \n     oracle %s \n     engine %s" % d for d in differences]
        return "\n".join(out)


def compare(program, cases):
    """Puts cases of one kind to both; yields (case, differences), differences None where the oracle does not judge."""
    rules = LEGS if cases[0].legs else RULES
    header = {"types": TYPES, "duties": plain(rules), "holidays": plain(HOLIDAYS), "first": "2000-01-01", "last": END.isoformat()}
    lines = [json.dumps(header)] + [case.line() for case in cases]
    answers = subprocess.run([program], input="\n".join(lines) + "\n", capture_output=True, text=True)
    found = answers.stdout.splitlines()
    if answers.returncode != 0 or len(found) != len(cases):
        raise RuntimeError("%s answered %d of %d histories and left with %d: %s" % (program, len(found), len(cases), answers.returncode, answers.stderr[-2000:]))
    for case, line in zip(cases, found):
        want = case.wanted()
        if want is None:
            case.obligations = case.left_out[5] = len(json.loads(line))
        yield case, None if want is None else case.differences(want, line)


def main():
    program, count = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 20000
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    failures = compared = refused = obligations = 0
    left_out = Counter()
    for legs, n in ((False, count * 9 // 10), (True, count - count * 9 // 10)):
        for first in range(0, n, 2000):
            cases = [Case(seed, number, legs) for number in range(first, min(first + 2000, n))]
            for case, differences in compare(program, cases):
                obligations += case.obligations
                left_out += case.left_out
                if differences is None:
                    refused += 1
                    continue
                compared += 1
                if differences:
                    failures += 1
                    if failures <= int(os.environ.get("SHOW", "5")):
                        print(case.text(differences))
    print("%d histories compared, %d differ, %d the oracle does not judge" % (compared, failures, refused))
    print("%d obligations; those read otherwise, by the points of docs/decisions/0007:" % obligations)
    checked = {17: "the engine must have none", 19: "compared in working days"}
    for number, count in sorted(left_out.items()):
        print("  %3d  %6d  %.3f%%  %s" % (number, count, 100 * count / obligations, checked.get(number, "not compared")))
    skipped = sum(count for number, count in left_out.items() if number not in checked)
    print("  all  %6d  %.3f%%  not compared" % (skipped, 100 * skipped / obligations))
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
