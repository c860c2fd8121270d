"""What the tests that read the project's own files share: where it is, its files by folder and ending, their lines, and the report."""

import pathlib

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def files(folder, *endings):
    """Every file under a folder of the project with one of these endings, in the order of their paths."""
    found = (path for ending in endings for path in (ROOT / folder).rglob("*" + ending))
    return sorted(path for path in found if "node_modules" not in path.parts)


def lines(path):
    """(number, text) of each line, from 1."""
    return enumerate(path.read_text(encoding="utf-8").splitlines(), 1)


def report(faults, what, none):
    """Prints each fault, then one line; the exit code."""
    found = list(faults)
    for fault in found:
        print(fault)
    print(f"{len(found)} faults in {what}" if found else none)
    return 1 if found else 0
