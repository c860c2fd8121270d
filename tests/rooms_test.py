"""Holds the rooms under src/ to the allow-list of docs/architecture.md, by reading every #include and looking for SQL.

A room may include its own headers, those of the rooms it uses, and those that these use in turn. Run by CTest; alone:
python3 tests/rooms_test.py
"""

import re
import sys

from support.walk import ROOT, files, lines, report

SOURCE = ROOT / "src"

USES = {
    "base": [],
    "calendar": ["base"],
    "model": ["calendar"],
    "html": ["base"],
    "engine": ["model"],
    "rules": ["engine"],
    "columns": ["model"],
    "exchange": ["columns"],
    "simulation": ["exchange"],
    "ledger": ["model"],
    "access": ["model"],
    "linkage": ["columns"],
    "measures": ["columns", "html"],
    "delivery": ["model"],
    "app": ["base", "calendar", "model", "html", "engine", "rules", "columns", "exchange", "simulation", "ledger",
            "access", "linkage", "measures", "delivery"],
    "http": ["base"],
    "web": ["app", "http", "html"],
    "cli": ["app", "web"],
}

# The engine is a pure function: no clock, file, socket, SQL or chance.
IMPURE = re.compile(
    r"chrono|ctime|time\.h|fstream|filesystem|iostream|istream|ostream|cstdio|stdio\.h|random|unistd\.h|fcntl\.h|"
    r"sys/.*|netinet/.*|arpa/.*|netdb\.h|boost/asio.*|boost/beast.*|"
    r"duckdb.*|sqlite3.*|libpq.*|yaml-cpp/.*")
# SQL lives in these rooms only.
SQL = re.compile(r"duckdb.*|sqlite3.*|libpq.*|postgresql/.*")
SQL_ROOMS = {"ledger", "measures", "columns"}
SQL_TEXT = re.compile(
    r"\bSELECT\s+[\w*(]|\bINSERT\s+INTO\b|\bDELETE\s+FROM\b|\bUPDATE\s+\w+\s+SET\b|\bTRUNCATE\s+\w|"
    r"\b(?:CREATE|DROP|ALTER)\s+(?:TABLE|INDEX|VIEW|TRIGGER|SCHEMA|ROLE)\b|\bPRAGMA\s+\w|\bCOPY\s+\w+\s|"
    r"\bStatement\s+\w+\s*(?:\[\]\s*=\s*)?\{")
# What it must find, and what it must not.
SQL_FOUND = ['ask("SELECT text FROM name")', '    "SELECT COUNT(*) "', 'run("INSERT INTO setting (name) VALUES ($1)")',
             '    "DELETE FROM waiting"', '"UPDATE batch SET entry = $1"', "CREATE TABLE fact (", '"PRAGMA synchronous"',
             "constexpr Statement read_all{", "constexpr ledger::Statement both[] = {"]
SQL_NOT_FOUND = ['method == "DELETE"', "/// Selects from what is there", "enum class Statement { done };",
                 'fmt::print("update the batch")']
# The clock is read at the edge: cli and web; base holds its interface.
CLOCK = re.compile(r"(system_clock|steady_clock|high_resolution_clock)::now|\bgettimeofday\s*\(|\bclock_gettime\s*\(|"
                   r"\bstd::time\s*\(")
CLOCK_ROOMS = {"base", "cli", "web", "http"}
# Names that hide a better one.
VAGUE = re.compile(r"(^|_)(utils?|helpers?|managers?|data|misc|common)(_|$)")

INCLUDE = re.compile(r'^\s*#\s*include\s+(?:"([^"]+)"|<([^>]+)>)')


def everything_used_by(room):
    reached, waiting = set(), [room]
    while waiting:
        for used in USES[waiting.pop()]:
            if used not in reached:
                reached.add(used)
                waiting.append(used)
    return reached


def faults():
    yield from (f"tests/rooms_test.py: takes no notice of {text!r}" for text in SQL_FOUND if not SQL_TEXT.search(text))
    yield from (f"tests/rooms_test.py: takes {text!r} for SQL" for text in SQL_NOT_FOUND if SQL_TEXT.search(text))
    for folder in sorted(path for path in SOURCE.iterdir() if path.is_dir()):
        room = folder.name
        if room not in USES:
            yield (f"src/{room}: a room that the allow-list does not know. Add it, with the rooms it may use, to "
                   f"docs/architecture.md and to USES in tests/rooms_test.py, or move its files to a room that exists.")
            continue
        allowed = everything_used_by(room) | {room}
        yield from faults_of_build(folder, room)
        for path in files(folder, ".h", ".inl", ".cc"):
            name = path.relative_to(ROOT)
            if VAGUE.search(re.sub(r"_test$", "", path.stem)):
                yield f"{name}: a name that hides a better one. Name the file for the one noun it holds."
            is_test = path.stem.endswith("_test")
            for number, line in lines(path):
                where = f"{name}:{number}"
                if room not in CLOCK_ROOMS and not is_test and CLOCK.search(line):
                    yield f"{where}: src/{room} reads the clock. Take the time as an argument; only the edge asks for it."
                if room not in SQL_ROOMS and not is_test and SQL_TEXT.search(line):
                    yield (f"{where}: SQL in src/{room}. It lives in {', '.join(sorted(SQL_ROOMS))}: put a function there "
                           f"that says what is wanted, as those of src/ledger/*_table.h do.")
                found = INCLUDE.match(line)
                if not found:
                    continue
                ours, theirs = found.groups()
                if ours is not None:
                    other = ours.split("/")[0]
                    if ".." in ours or other not in USES:
                        yield (f'{where}: #include "{ours}" names no room. Write it from src/, as in '
                               f'"calendar/local_date.h".')
                    elif other not in allowed:
                        yield (f"{where}: src/{room} may not use src/{other}. It may use: "
                               f"{', '.join(sorted(allowed - {room})) or 'no other room'}. Move what is needed to a room "
                               f"that both may use, or pass it in from src/app.")
                else:
                    if room == "engine" and not is_test and IMPURE.fullmatch(theirs):
                        yield (f"{where}: <{theirs}> in src/engine, which has no clock, file, socket, SQL or chance. "
                               f"Read it outside and pass the value in.")
                    if room not in SQL_ROOMS and not is_test and SQL.fullmatch(theirs):
                        yield (f"{where}: <{theirs}> in src/{room}. SQL lives in {', '.join(sorted(SQL_ROOMS))}: put a "
                               f"function there that says what is wanted.")


def faults_of_build(folder, room):
    """A room links what it names, and names only what it may use directly."""
    build = folder / "CMakeLists.txt"
    if not build.exists():
        yield f"src/{room}: no CMakeLists.txt. One line does: kept_room({room} USES ...)."
        return
    text = build.read_text(encoding="utf-8")
    found = re.search(r"kept_room\(\s*(\w+)(?:\s+USES\s+([a-z\s]+))?", text)
    if not found or found.group(1) != room:
        yield f"src/{room}/CMakeLists.txt: does not say kept_room({room} ...)."
        return
    for used in (found.group(2) or "").split():
        if used not in USES[room]:
            yield (f"src/{room}/CMakeLists.txt: USES {used}, which src/{room} may not. It may name: "
                   f"{', '.join(USES[room]) or 'nothing'}.")


if __name__ == "__main__":
    sys.exit(report(faults(), "the rooms", "every include stays within its rooms"))
