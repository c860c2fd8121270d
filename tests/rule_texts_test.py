"""The rule files as a reviewer sees them: every duty is cited and has examples, every type of event an example or pattern names
is in the vocabulary, every type in the vocabulary is read by something or listed with its reason in
tests/unread-event-types.txt, and every row of the researched law (../shared/law, where it is there) is encoded or listed in
rules/not-encoded/. The loader refuses most of this too; this reads the text itself, so that one mistake cannot hide both.
Run by CTest; alone: python3 tests/rule_texts_test.py
"""

import csv
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
RULES = ROOT / "rules"
LAW = ROOT.parent / "shared" / "law"
UNREAD = ROOT / "tests" / "unread-event-types.txt"

DUTY = re.compile(r"^  - id:\s*(\S+)\s*$")
TYPE = re.compile(r"^  ([a-z_]+(?:\.[a-z_]+)+|decline|[a-z_]+):\s*(\{.*)?$")
NAMED = re.compile(r"(?:[{,]\s*|^\s*(?:-\s+)?)event:\s*(\[[^\]]*\]|[a-z_.]+)", re.M)
LAW_ROWS = re.compile(r"^\s+law:\s*\[([^\]]*)\]", re.M)


def duty_files():
    for path in sorted(RULES.rglob("*.yaml")):
        folder = path.relative_to(RULES).parts[0]
        if folder in ("vocabulary", "calendars", "not-encoded") or path.parent == RULES:
            continue
        yield path


def duties(path):
    """(id, line, text) of each duty in a file."""
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        match = DUTY.match(line)
        if match:
            found.append((match.group(1), number, []))
        elif found:
            found[-1][2].append(line)
    return [(name, number, "\n".join(lines)) for name, number, lines in found]


def vocabulary():
    """Each type of event with where it stands and whether the vocabulary gives it a meaning of its own (`means:`)."""
    types = {}
    for path in sorted((RULES / "vocabulary").glob("*.yaml")):
        inside, name = False, None
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if re.match(r"^\S", line):
                inside = line.startswith("events:")
                continue
            match = TYPE.match(line) if inside else None
            if match:
                name = match.group(1)
                types[name] = [f"{path.relative_to(ROOT)}:{number}", False]
            if inside and name and re.search(r"\bmeans:", line):
                types[name][1] = True
    return types


def names_in(text):
    for named in NAMED.findall(text):
        yield from re.findall(r"[a-z_.]+", named)


def unread_reasons():
    reasons = {}
    if UNREAD.exists():
        for number, line in enumerate(UNREAD.read_text(encoding="utf-8").splitlines(), 1):
            line = line.strip()
            if line and not line.startswith("#"):
                name, _, reason = line.partition(" ")
                reasons[name] = (number, reason.strip())
    return reasons


def faults():
    types = vocabulary()
    seen, encoded, read = {}, set(), set()
    for path in duty_files():
        name = path.relative_to(ROOT)
        text = path.read_text(encoding="utf-8")
        for kind in names_in(text):
            if kind not in types:
                yield f"{name}: names the event {kind}, which no file of rules/vocabulary/ describes."
        for duty, number, body in duties(path):
            where = f"{name}:{number}: {duty}"
            if duty in seen:
                yield f"{where} stands twice; first at {seen[duty]}."
            seen[duty] = f"{name}:{number}"
            for key in ("says", "bearer"):
                # A chain takes its bearer from its legs.
                is_chain = key == "bearer" and re.search(r"^\s+kind:\s*chain", body, re.M)
                if not is_chain and not re.search(rf"^\s+{key}:", body, re.M):
                    yield f"{where} has no `{key}:`."
            if not re.search(r"\bsource:", body):
                yield f"{where} is not cited. Add `source:` with paragraph, read and url."
            else:
                for key, wanted in (("read", "read"), ("url", "url|document")):
                    if not re.search(rf"\b({wanted}):", body):
                        yield f"{where}: its source has no `{key}:`."
            if not re.search(r"^\s+examples:", body, re.M):
                yield f"{where} has no examples."
            before_examples = re.split(r"^\s+examples:", body, maxsplit=1, flags=re.M)[0]
            read.update(names_in(before_examples))
            for rows in LAW_ROWS.findall(body):
                encoded.update(row.strip() for row in rows.split(",") if row.strip())
    for path in RULES.glob("*.yaml"):
        read.update(names_in(path.read_text(encoding="utf-8")))

    reasons = unread_reasons()
    for kind, (where, means) in sorted(types.items()):
        handled = kind in read or means
        if not handled and kind not in reasons:
            yield (f"{where}: no duty, window or condition reads {kind}, and it has no `means:`. Use it in a rule, or list it with "
                   f"the reason why it is recorded all the same in {UNREAD.relative_to(ROOT)}.")
        if handled and kind in reasons:
            yield f"{UNREAD.relative_to(ROOT)}:{reasons[kind][0]}: {kind} is read by now. Take the line out."
    for kind, (number, reason) in sorted(reasons.items()):
        if kind not in types:
            yield f"{UNREAD.relative_to(ROOT)}:{number}: {kind} is not in the vocabulary."
        if not reason:
            yield f"{UNREAD.relative_to(ROOT)}:{number}: {kind} has no reason beside it."

    not_encoded = {}
    for path in sorted((RULES / "not-encoded").glob("*.yaml")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            match = re.match(r"^  ([A-Z][A-Za-z0-9.-]*):\s*(.*)$", line)
            if match:
                not_encoded[match.group(1)] = f"{path.relative_to(ROOT)}:{number}"
    for row in sorted(set(not_encoded) & encoded):
        yield f"{not_encoded[row]}: {row} is encoded by now. Take it out."
    if LAW.is_dir():
        for path in sorted(LAW.glob("*.csv")):
            if path.name == "bank-holidays.csv":
                continue
            with path.open(encoding="utf-8", newline="") as file:
                rows = [row["id"] for row in csv.DictReader(file)]
            for row in rows:
                if row not in encoded and row not in not_encoded:
                    yield (f"../shared/law/{path.name}: {row} is neither encoded (`law: [{row}]` of a duty) nor listed with its "
                           f"reason in rules/not-encoded/.")


def main():
    found = list(faults())
    for fault in found:
        print(fault)
    print(f"{len(found)} faults in the rule files" if found else
          "every duty is cited, every event type is read or explained" +
          ("" if LAW.is_dir() else " (the rows of ../shared/law were not compared: it is not here)"))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
