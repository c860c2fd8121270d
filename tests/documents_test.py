"""The documents hold together: every link between them leads somewhere, every page of docs/ is linked from docs/README.md or
from the README of its folder, and nothing says a thing is still to be done. Run by CTest; alone:
python3 tests/documents_test.py
"""

import re
import sys

from support.walk import ROOT, files, lines, report

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
UNFINISHED = re.compile(r"\b(TODO|TBD|XXX|lorem ipsum)\b", re.I)


def pages():
    yield from sorted(ROOT.glob("*.md"))
    for folder in ("docs", "rules", "bench", "tests", "fuzz"):
        yield from files(folder, ".md")


def targets(path):
    """The files this page links to, with the line of each link. Code blocks do not count."""
    in_code = False
    for number, line in lines(path):
        if line.lstrip().startswith("```"):
            in_code = not in_code
        if in_code:
            continue
        for link in LINK.findall(re.sub(r"`[^`]*`", "", line)):
            if re.match(r"[a-z]+:", link) or link.startswith("#"):
                continue
            yield number, link, (path.parent / link.split("#")[0]).resolve()


def faults():
    linked = {}
    for path in pages():
        name = path.relative_to(ROOT)
        for number, line in lines(path):
            if UNFINISHED.search(line):
                yield f"{name}:{number}: says that something is unfinished. Finish it, or say plainly what is not there."
        for number, link, target in targets(path):
            if not target.exists():
                yield f"{name}:{number}: the link to {link} leads nowhere. Mend the link, or add the file."
            linked.setdefault(path, set()).add(target)
    index = ROOT / "docs" / "README.md"
    from_index = linked.get(index, set())
    for path in files("docs", ".md"):
        if path == index or path in from_index:
            continue
        folder = path.parent
        folder_index = folder / "README.md"
        # A folder that the index links to lists its pages by itself, unless it has an index of its own or holds how-tos.
        if folder in from_index and folder.name != "how-to" and (
                not folder_index.exists() or path == folder_index or path in linked.get(folder_index, set())):
            continue
        yield (f"{path.relative_to(ROOT)}: no index leads to it. Add a line to docs/README.md"
               f"{' or ' + str(folder_index.relative_to(ROOT)) if folder_index.exists() else ''}.")


if __name__ == "__main__":
    sys.exit(report(faults(), "the documents", "every link leads somewhere, every page can be reached"))
