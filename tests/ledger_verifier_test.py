"""The verifier in another language agrees with the program about what it wrote, and finds what an attacker changed.

The attacker has the machine: may write the store as a whole anew - facts, leaves, nodes - and the ledger's own file of heads, and
has the signing key. Not theirs: heads that were copied away, and receipts. Of 1,000 changes everyone that these cover must be found,
and everyone that they do not cover must lie where the verifier says that nothing is proved.
"""
# Slow: a thousand stores are written and verified, with elliptic curves in Python.
import functools
import os
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

from oracles import ledger_verifier as verifier
from support.ed25519_signing import SigningKey
from support.walk import ROOT

WRITER = os.path.join(os.path.dirname(os.environ["KEPT_PROGRAM"]), "tests", "ledger_writer")
CHANGES = int(os.environ.get("KEPT_LEDGER_CHANGES", "1000"))
SEED = int(os.environ.get("KEPT_LEDGER_SEED", "1"))
FACTS = 800
faults = []


def expect(good, words):
    if not good:
        faults.append(words)


def flip(data, bit):
    return data[:bit // 8] + bytes([data[bit // 8] ^ 1 << bit % 8]) + data[bit // 8 + 1:]


def check_signatures():
    """Source: RFC 8032, section 7.1, tests 1 to 3; and the page's own vectors."""
    vectors = [
        ("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
         "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
         "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"),
        ("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
         "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
         "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"),
        ("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
         "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
         "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a")]
    for seed, public, message, signature in vectors:
        signer = SigningKey(bytes.fromhex(seed))
        message, signature = bytes.fromhex(message), bytes.fromhex(signature)
        expect(signer.public.hex() == public, "a public key is not that of RFC 8032")
        expect(signer.sign(message) == signature, "a signature is not that of RFC 8032")
        key = verifier.PublicKey(signer.public)
        expect(key.verifies(message, signature), "a signature of RFC 8032 is refused")
        expect(not key.verifies(message + b"x", signature), "a signature holds for another message")
        for bit in range(0, 512, 7):
            expect(not key.verifies(message, flip(signature, bit)), f"a signature with bit {bit} changed holds")
        above = (int.from_bytes(signature[32:], "little") + verifier.L).to_bytes(32, "little")
        expect(not key.verifies(message, signature[:32] + above), "a second spelling of a signature holds")
        expect(not key.verifies(message, signature[:-1]), "a signature cut short holds")

    page = (ROOT / "docs/formats/ledger-head.md").read_text(encoding="utf-8")
    key = verifier.PublicKey(bytes.fromhex(re.search(r"kept-public-key-1 [0-9a-f]{16} ([0-9a-f]{64})", page)[1]))
    lines = [line for line in page.splitlines() if line.startswith("kept-head-1 london")]
    expect(len(lines) == 3, "the page of heads has its three vectors")
    restored = [line for line in page.splitlines() if line.startswith("kept-restored-1 london")]
    expect(len(restored) == 1 and verifier.RESTORED.fullmatch(restored[0])[12] == "5", "the page of heads has its restore")
    for line in restored + lines:
        head = verifier.Head(line, verifier.HEAD.fullmatch(line) or verifier.RESTORED.fullmatch(line))
        expect(head.key == key.id and key.verifies(head.message, head.signature), f"refused: {line}")
    expect(head.signed_at == 1772445660250, "a head's time is read otherwise than it was written")


class Ledger:
    """What the writer left, to be changed and written anew."""

    def __init__(self, folder):
        self.folder = Path(folder)
        subprocess.run([WRITER, folder, str(FACTS)], check=True)
        secret = (self.folder / "signing.key").read_text().split()[1]
        self.signer = SigningKey(bytes.fromhex(secret))
        keys = verifier.read_keys(self.folder / "keys")
        # The same keys and heads over and over: what was verified once needs no curve again.
        for key in keys.values():
            key.verifies = functools.lru_cache(maxsize=None)(key.verifies)
        verifier.read_keys = lambda path: keys
        database = sqlite3.connect(self.folder / "ledger.sqlite")
        self.entries = {tree: [data for (data,) in database.execute(f"SELECT bytes FROM {table} ORDER BY position")]
                        for tree, (_, table) in verifier.TREES.items()}
        database.close()
        self.heads = (self.folder / "heads").read_text().splitlines()
        self.signed = {}
        self.changed = self.folder / "changed.sqlite"
        self.template = self.folder / "template.sqlite"
        shutil.copy(self.folder / "ledger.sqlite", self.template)
        database = sqlite3.connect(self.template)
        for (trigger,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f"DROP TRIGGER {trigger}")
        database.commit()
        database.execute("PRAGMA journal_mode = DELETE")
        database.close()

    def verify(self, store, own_heads="heads"):
        return verifier.verify(store, self.folder / "keys", self.folder / own_heads, [self.folder / "outside-heads"],
                               [self.folder / "receipts"])

    def sign(self, words):
        if words not in self.signed:
            self.signed[words] = f"{words} {self.signer.sign(words.encode()).hex()}"
        return self.signed[words]

    def write(self, tree, entries, keep_heads=True):
        """The store with these entries in one tree, everything that follows from them worked out anew, heads too."""
        number, table = verifier.TREES[tree]
        shutil.copy(self.template, self.changed)
        database = sqlite3.connect(self.changed)
        database.execute("PRAGMA synchronous = OFF")
        database.execute(f"DELETE FROM {table}")
        database.execute("DELETE FROM node WHERE tree = ?", (number,))
        grown, roots = verifier.Tree(), {0: verifier.EMPTY_ROOT}
        for position, data in enumerate(entries):
            leaf = verifier.leaf_hash(data)
            database.execute(f"INSERT INTO {table} (position, leaf, bytes) VALUES (?, ?, ?)", (position, leaf, data))
            for level, at, root in grown.add(leaf):
                database.execute("INSERT INTO node VALUES (?, ?, ?, ?)", (number, level, at, root))
            roots[grown.size] = grown.root()
        database.commit()
        database.close()
        lines = []
        for line in self.heads:
            word = line.split(" ")[:-1]
            if word[2] == tree:
                size = int(word[3])
                if size > len(entries):
                    if not keep_heads:
                        continue
                    size = len(entries)
                word[3], word[4] = str(size), roots[size].hex()
            lines.append(self.sign(" ".join(word)))
        (self.folder / "changed-heads").write_text("".join(line + "\n" for line in lines))


def with_time(entry, at_ms):
    """The entry with another time of receipt: the fifth item of its list of nine, here always of nine bytes."""
    at = entry.index(b"\x1b")
    return entry[:at + 1] + at_ms.to_bytes(8, "big") + entry[at + 9:]


def change(chance, kind, entries, covered):
    """The entries changed in one way, and the first position that is not as it was."""
    changed = list(entries)
    at = chance.randrange(len(entries))
    if kind == "edit":
        changed[at] = flip(changed[at], chance.randrange(len(changed[at]) * 8))
    elif kind == "delete":
        del changed[at]
    elif kind == "insert":
        changed.insert(at, flip(entries[at], 8 * len(entries[at]) - 3))
    elif kind == "reorder":
        other = chance.randrange(len(entries))
        if changed[at] == changed[other]:
            return changed, len(entries)
        changed[at], changed[other] = changed[other], changed[at]
        at = min(at, other)
    elif kind in ("truncate", "restore"):
        del changed[at:]
    elif kind == "back-date":
        changed[at] = with_time(entries[at], verifier.received_at(entries[at]) - 30 * 86_400_000)
    elif kind == "add back-dated":
        # The first days are before any head from outside, which then proves nothing about when.
        at = len(changed)
        changed.append(with_time(entries[chance.randrange(covered)], verifier.received_at(entries[0])))
    return changed, at


def check_attacks(ledger):
    wrong, not_proved = ledger.verify(ledger.folder / "ledger.sqlite")
    expect(not wrong, f"what the program wrote is found wrong: {wrong[:3]}")
    # The outside has heads of 500 facts and audit entries, and a receipt from when there were 600 facts.
    covered = {"facts": 600, "audit": 500}
    for tree in covered:
        expect(any(f"{tree}: positions {covered[tree]} to {FACTS - 1} are" in words for _, words in not_proved),
               f"{tree}: what is not proved is said otherwise: {not_proved}")

    chance = random.Random(SEED)
    kinds = ["edit", "delete", "insert", "reorder", "truncate", "restore", "back-date", "add back-dated"]
    found, beyond = 0, 0
    for number in range(CHANGES):
        kind = kinds[number % len(kinds)]
        tree = chance.choice(["facts", "facts", "audit"])
        entries = ledger.entries[tree]
        changed, at = change(chance, kind, entries, covered[tree])
        if changed == entries:
            continue
        ledger.write(tree, changed, keep_heads=kind != "restore")
        wrong, not_proved = ledger.verify(ledger.changed, "changed-heads")
        where = f"change {number} (seed {SEED}): {kind} at {at} of {tree}"
        # Every fact here, moved back by 30 days, says that it is older than some head from outside which does not hold it.
        if at < covered[tree] or "back-date" in kind:
            expect(wrong, f"{where} was not found")
            found += bool(wrong)
        else:
            # (A bit of the time itself may be what was edited.)
            expect(all(what == "back-dated" for what, _ in wrong), f"{where} is covered by nothing, and yet found: {wrong[:2]}")
            said = [re.search(r"positions (\d+) to", words) for name, words in not_proved if name == tree]
            expect(len(changed) <= covered[tree] or (said and int(said[0][1]) <= at), f"{where} lies where nothing is said to be unproved")
            beyond += 1
    expect(found > CHANGES / 2 and beyond > CHANGES / 20, f"too few of a kind: {found} covered, {beyond} not")
    return found, beyond


def check_clumsy_attacks(ledger):
    """Somebody who changes a row and nothing else is found wherever it is."""
    chance = random.Random(SEED)
    statements = ["UPDATE {table} SET bytes = x'00' WHERE position = {at}", "UPDATE {table} SET leaf = zeroblob(32) WHERE position = {at}",
                  "DELETE FROM {table} WHERE position = {at}", "UPDATE {table} SET position = position + 1000 WHERE position = {at}",
                  "UPDATE {table} SET bytes = (SELECT bytes FROM {table} WHERE position = ({at} + 1) % 800) WHERE position = {at}",
                  "UPDATE node SET hash = zeroblob(32) WHERE tree = {tree} AND level = 1 AND number = {at} % 3",
                  "DELETE FROM node WHERE tree = {tree} AND level = 1 AND number = {at} % 3",
                  "INSERT INTO node VALUES ({tree}, 1, 3, zeroblob(32))", "UPDATE setting SET value = 'another' WHERE name = 'ledger'"]
    for number in range(90):
        number_of, table = verifier.TREES[chance.choice(["facts", "audit"])]
        statement = statements[number % len(statements)].format(table=table, tree=number_of, at=chance.randrange(FACTS))
        shutil.copy(ledger.template, ledger.changed)
        database = sqlite3.connect(ledger.changed)
        database.execute(statement)
        database.commit()
        database.close()
        expect(ledger.verify(ledger.changed)[0], f"not found: {statement}")


def check_restores(ledger):
    """Whoever has the signing key can put an old copy in place and say that it was restored: the outside hears of it, and of what
    was given up, whatever is written over it since."""
    folder, chance = ledger.folder, random.Random(SEED)
    known = folder / "known"
    for number in range(12):
        tree = chance.choice(["facts", "audit"])
        entries = ledger.entries[tree]
        size = chance.randrange(500)
        # Others follow in place of what was given up: fewer, as many, or more.
        changed = entries[:size] + [flip(data, 8 * len(data) - 3) for data in entries[size:chance.randrange(size, FACTS)]]
        ledger.write(tree, changed)
        lines = (folder / "heads").read_text().splitlines()
        last = [line for line in lines if line.split(" ")[2] == tree][-1].split(" ")
        grown = verifier.Tree()
        roots = [grown.root()]
        for data in changed:
            list(grown.add(verifier.leaf_hash(data)))
            roots.append(grown.root())
        restored = ledger.sign(" ".join(["kept-restored-1", last[1], tree, str(size), roots[size].hex(), last[5], last[3], last[4], last[6]]))
        head = ledger.sign(" ".join(["kept-head-1", last[1], tree, str(len(changed)), roots[-1].hex(), last[5], last[6]]))
        told = []

        def verify(own, known_restores=None, receipts=()):
            told.clear()
            (folder / "restored-heads").write_text("".join(line + "\n" for line in own))
            return verifier.verify(ledger.changed, folder / "keys", folder / "restored-heads", [folder / "outside-heads"],
                                   receipts, known_restores=known_restores, restored=told)[0]

        where = f"restore {number} of {tree} to {size}, {len(changed)} now"
        wrong = verify(lines + [restored, head])
        expect(not [one for one in wrong if one[0] != "back-dated"], f"{where}: {wrong[:3]}")
        expect(len(told) == 1 and not told[0][0] and f"positions {size} to {FACTS - 1}, which had been signed, were given up" in told[0][1],
               f"{where}: said otherwise: {told}")
        known.write_text(restored + "\n")
        verify(lines + [restored, head], known)
        expect(told and told[0][0], f"{where}: a restore that is known is told as one that is not")
        expect(verify(lines + [head]) if len(changed) < FACTS else True, f"{where}: without its line it is not found")
        expect(any(kind in ("root", "cut off") for kind, _ in verify(lines)), f"{where}: an old copy in its place is not found")
        # A restore that claims to have given up less than was signed hides something.
        less = ledger.sign(restored.rsplit(" ", 1)[0].replace(f" {last[3]} {last[4]} ", f" {size} {roots[size].hex()} "))
        expect(any(kind == "rolled back" for kind, _ in verify(lines + [less, head])), f"{where}: what a restore hides is not found")
        # Heads from outside that the ledger's own file lost are missed, restore or not.
        gone = [line for line in lines if line not in (folder / "outside-heads").read_text()]
        expect(any(kind == "rolled back" for kind, _ in verify(gone + [restored, head])), f"{where}: heads taken out are not missed")
        if tree == "facts":
            verify(lines + [restored, head], known, [folder / "receipts"])
            expect(any(not is_known and "receipts" in words for is_known, words in told),
                   f"{where}: whose receipt holds no more is not told: {told}")


def check_files(ledger):
    """Heads and receipts that are wrong themselves, and what can be run from a shell."""
    folder, store = ledger.folder, ledger.folder / "ledger.sqlite"
    script = ROOT / "tests/oracles/ledger_verifier.py"

    def run(*words):
        done = subprocess.run([sys.executable, "-B", str(script), *map(str, words)], capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr

    usual = ["--store", store, "--keys", folder / "keys"]
    expect(run(*usual, "--own-heads", folder / "heads", "--heads", folder / "outside-heads", "--receipts", folder / "receipts")[0] == 0,
           "a ledger in order does not end with 0")
    expect(run("--store", folder / "none", "--keys", folder / "keys")[0] == 2, "no store does not end with 2")
    expect(run("--store", folder / "heads", "--keys", folder / "keys")[0] == 2, "a store that is none does not end with 2")
    expect(run("--store", store, "--keys", folder / "heads")[0] == 2, "keys that are none do not end with 2")
    code, words = run(*usual)
    expect(code == 0 and "positions 0 to 799" in words, "with nothing from outside all is said to be unproved")

    heads = (folder / "outside-heads").read_text()
    lines = heads.splitlines()
    stranger = SigningKey(b"x" * 32)
    forged = lines[-1].rsplit(" ", 1)[0]
    later = re.sub(r"T\d\d:\d\d:\d\d(\.\d+)?Z", "T23:59:59.999Z", forged)
    rows = [
        ("a head changed", heads.replace(lines[2], lines[2][:-1] + ("0" if lines[2][-1] != "0" else "1")), "signature is wrong"),
        ("a head by a stranger", heads + forged.replace(forged.split()[-1], verifier.PublicKey(stranger.public).id) + " " + "0" * 128 + "\n",
         "not trusted"),
        ("a remark between heads", heads.replace(lines[1], "a remark"), "no head"),
        ("heads in another order", "".join(line + "\n" for line in reversed(lines)), "shrank"),
        ("a head that the ledger's own file lacks", heads + ledger.sign(later) + "\n", "was given out"),
        ("a torn end", heads + lines[-1][:80], None),
        ("a torn end with rubbish", heads + "kept-head-\0\0x\ny\n", None)]
    for why, text, message in rows:
        (folder / "other-heads").write_text(text)
        code, words = run(*usual, "--own-heads", folder / "heads", "--heads", folder / "other-heads")
        expect(code == (1 if message else 0) and (message or "nothing is wrong") in words, f"{why}: {code}, {words}")

    receipts = (folder / "receipts").read_text()
    first = receipts.splitlines()[0]
    leaf = re.search(r'"leaf":"([0-9a-f]+)"', first)[1]
    rows = [("another leaf", receipts.replace(leaf, "00" * 32), "does not lead"),
            ("another position", receipts.replace('"position":', '"position":1'), "does not lead"),
            ("not JSON", receipts + "x\n", "not a receipt"), ("a list", receipts + "[]\n", "not a receipt"),
            ("no proof", receipts + '{"position": 1, "size": 2, "leaf": "00"}\n', "not a receipt"),
            ("of another ledger", re.sub(r'"ledger":"[^"]+"', '"ledger":"other"', receipts), "of ledger other")]
    for why, text, message in rows:
        (folder / "other-receipts").write_text(text)
        code, words = run(*usual, "--receipts", folder / "other-receipts")
        expect(code == 1 and message in words, f"{why}: {code}, {words}")


if __name__ == "__main__":
    check_signatures()
    with tempfile.TemporaryDirectory(prefix="kept-ledger-") as folder:
        ledger = Ledger(folder)
        check_files(ledger)
        check_clumsy_attacks(ledger)
        check_restores(ledger)
        found, beyond = check_attacks(ledger)
    for fault in faults[:20]:
        print(fault)
    print(f"{len(faults)} faults" if faults else f"all {found} changes that something from outside covers were found; {beyond} that "
                                                 f"nothing covers lie where nothing is said to be proved")
    sys.exit(1 if faults else 0)
