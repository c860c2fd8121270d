"""Verifies a ledger of Kept from outside, written from docs/formats/ledger.md and ledger-head.md without the program's code.

    python3 ledger_verifier.py --store FILE --keys FILE [--own-heads FILE] [--heads FILE]... [--receipts FILE]...
                               [--known-restores FILE]

--store      the ledger's SQLite file, as it is or a backup of it; it is only read
--keys       public keys to be trusted, one line each; got from somebody else than whoever has the store
--own-heads  the file of signed heads that lies beside the store
--heads      heads that were copied away in time: only these, and receipts, prove anything against somebody who has the store
             and the signing key
--receipts   receipts as senders got them: JSON, one a line
--known-restores  lines of heads (kept-restored-1) that whoever verifies knows of and accepts
--slack      seconds by which a fact may have been received before a head that does not hold it (default 86400)

Prints one line for each thing that is wrong, each restore from a backup with what it gave up, then what nothing of this can prove.
Ends with 0 if nothing is wrong, 1 if something is, 2 if it could not look, 3 if nothing is wrong but that entries which had been
signed were given up by a restore that is not among those known: whoever has the signing key can say so of any old copy. Python 3.9 or later, standard library only; the store is read once, in about 5 us a fact.
"""

import argparse
import hashlib
import json
import re
import sqlite3
import sys
from pathlib import Path

TREES = {"facts": (0, "fact"), "audit": (1, "audit")}


# Ed25519. Source: RFC 8032, sections 5.1.3 (reading points), 5.1.7 (verifying).

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_1 = pow(2, (P - 1) // 4, P)


def add(one, other):
    """Points as (X, Y, Z, T) with x = X/Z, y = Y/Z, xy = T/Z."""
    a = (one[1] - one[0]) * (other[1] - other[0]) % P
    b = (one[1] + one[0]) * (other[1] + other[0]) % P
    c = 2 * one[3] * other[3] * D % P
    d = 2 * one[2] * other[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def read_point(data):
    """The point that 32 bytes stand for; None for bytes that stand for none, or for one that is written otherwise."""
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    if square == 0:
        return None if sign else (0, y, 1, 0)
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * ROOT_OF_MINUS_1 % P
    if x * x % P != square:
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


class Doublings:
    """Multiples of one point: its 256 doublings, made once, because a ledger has few keys and many heads."""

    def __init__(self, point):
        self.points = [point]
        for _ in range(255):
            self.points.append(add(self.points[-1], self.points[-1]))

    def times(self, number):
        total = (0, 1, 1, 0)
        for doubled in self.points:
            if number & 1:
                total = add(total, doubled)
            number >>= 1
        return total


BASE = Doublings(read_point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little")))


class PublicKey:
    def __init__(self, data):
        point = read_point(data)
        if point is None:
            raise ValueError("a public key that is no point of the curve")
        self.data = data
        self.id = hashlib.sha256(data).hexdigest()[:16]
        self.minus = Doublings(((P - point[0]) % P, point[1], 1, (P - point[3]) % P))

    def verifies(self, message, signature):
        if len(signature) != 64:
            return False
        nonce, s = read_point(signature[:32]), int.from_bytes(signature[32:], "little")
        if nonce is None or s >= L:
            return False
        k = int.from_bytes(hashlib.sha512(signature[:32] + self.data + message).digest(), "little") % L
        got = add(BASE.times(s), self.minus.times(k))
        return (got[0] - nonce[0] * got[2]) % P == 0 and (got[1] - nonce[1] * got[2]) % P == 0


# Trees. Source: RFC 6962, section 2.1; RFC 9162, section 2.1.3.2.

def leaf_hash(data):
    return hashlib.sha256(b"\0" + data).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


EMPTY_ROOT = hashlib.sha256(b"").digest()


class Tree:
    """Keeps the roots of the perfect subtrees it is made of, the largest first."""

    def __init__(self):
        self.size = 0
        self.peaks = []

    def add(self, leaf):
        """Yields (level, number, hash) of each subtree of 256^level leaves that this completes."""
        height = 0
        while self.size >> height & 1:
            leaf = node_hash(self.peaks.pop(), leaf)
            height += 1
            if height % 8 == 0:
                yield height // 8, self.size >> height, leaf
        self.peaks.append(leaf)
        self.size += 1

    def root(self):
        if not self.peaks:
            return EMPTY_ROOT
        folded = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            folded = node_hash(peak, folded)
        return folded


def root_from_proof(leaf, position, size, proof):
    """What the proof makes of the leaf; None for a proof of another length than the position and size want."""
    if not 0 <= position < size:
        return None
    number, last, hash_ = position, size - 1, leaf
    for neighbour in proof:
        if last == 0:
            return None
        if number & 1 or number == last:
            hash_ = node_hash(neighbour, hash_)
            while number and not number & 1:
                number, last = number >> 1, last >> 1
        else:
            hash_ = node_hash(hash_, neighbour)
        number, last = number >> 1, last >> 1
    return hash_ if last == 0 else None


# Heads. docs/formats/ledger-head.md

BODY = (r" ([a-z0-9-]{1,64}) ([a-z0-9-]{1,64}) (0|[1-9][0-9]{0,18}) ([0-9a-f]{64}) "
        r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(\.[0-9]{3})?Z")
END = r" ([0-9a-f]{16}) ([0-9a-f]{128})"
HEAD = re.compile("kept-head-1" + BODY + END)
RESTORED = re.compile("kept-restored-1" + BODY + r" (0|[1-9][0-9]{0,18}) ([0-9a-f]{64})" + END)


def days_from_1970(year, month, day):
    year -= month <= 2
    era, of_era = divmod(year, 400)
    of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return era * 146097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719468


class Head:
    def __init__(self, line, found):
        self.line = line
        self.ledger, self.tree = found[1], found[2]
        self.size, self.root = int(found[3]), bytes.fromhex(found[4])
        hours, minutes, seconds = int(found[8]), int(found[9]), int(found[10])
        days = days_from_1970(int(found[5]), int(found[6]), int(found[7]))
        self.signed_at = (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000 + int((found[11] or ".0")[1:])
        # Of a restore: what the tree was before.
        self.given_up = None
        if found.re is RESTORED:
            self.given_up = int(found[12]), bytes.fromhex(found[13])
        *_, self.key, signature = found.groups()
        self.signature = bytes.fromhex(signature)
        self.message = line[: -len(signature) - 1].encode("ascii")


def read_keys(path):
    keys = {}
    for line in Path(path).read_text(encoding="utf-8").splitlines():
        found = re.fullmatch(r"kept-public-key-1 ([0-9a-f]{16}) ([0-9a-f]{64})", line)
        key = PublicKey(bytes.fromhex(found[2])) if found else None
        if key is None or key.id != found[1]:
            raise ValueError(f"{path}: not a public key: {line!r}")
        keys[key.id] = key
    if not keys:
        raise ValueError(f"{path}: no public key")
    return keys


def last_is_torn(lines):
    """Whether what follows the last head is what a power cut leaves of one line."""
    return len(b"\n".join(lines)) <= 1024


def read_heads(path, keys, wrong, own=None):
    """The rightly signed heads of a file, in its order. `own`: the ledger's own, of which a copy may lack some."""
    text = Path(path).read_bytes()
    lines = text.split(b"\n")
    ended = lines.pop() == b""
    heads, bad = [], []
    for number, raw in enumerate(lines, 1):
        line = raw.decode("ascii", "replace")
        found = HEAD.fullmatch(line) or RESTORED.fullmatch(line)
        if not found or (found.re is RESTORED and int(found[12]) < int(found[3])):
            bad.append((number, raw))
            continue
        for earlier, _ in bad:
            wrong("head", f"{path}:{earlier}: no head")
        bad = []
        head = Head(line, found)
        head.place = f"{path}:{number}"
        if head.key not in keys:
            wrong("head", f"{head.place}: signed with key {head.key}, which is not trusted")
        elif not keys[head.key].verifies(head.message, head.signature):
            wrong("head", f"{head.place}: the signature is wrong")
        elif head.tree not in TREES:
            wrong("head", f"{head.place}: no tree is called {head.tree}")
        else:
            heads.append(head)
    # A torn end is no fault, and proves nothing.
    if bad and not last_is_torn([raw for _, raw in bad] + ([] if ended else [b""])):
        for number, _ in bad:
            wrong("head", f"{path}:{number}: no head")
    newest = {}
    for head in heads:
        earlier = newest.get(head.tree)
        if earlier and head.given_up:
            size, root = head.given_up
            if size < earlier.size or (size == earlier.size and root != earlier.root):
                wrong("rolled back", f"{head.place}: a restore says that {head.tree} had {size} entries, and {earlier.size} were signed")
            elif head.size == earlier.size and head.root != earlier.root:
                wrong("root", f"{head.place}: {head.tree} was put back with another root than was signed")
        elif earlier and head.size < earlier.size and not put_back_between(earlier, head, own):
            wrong("rolled back", f"{head.place}: {head.tree} shrank from {earlier.size} to {head.size}")
        newest[head.tree] = head
    return heads


def put_back_between(earlier, later, own):
    """Whether the ledger's own file has a restore between two heads that a copy of some of its lines has side by side."""
    lines = [head.line for head in own or ()]
    if earlier.line not in lines or later.line not in lines:
        return False
    between = own[lines.index(earlier.line):lines.index(later.line)]
    return any(head.tree == later.tree and head.given_up for head in between)


def given_up_by(files):
    """The lines of heads that speak of what a later restore gave up, and the restores themselves, by line."""
    lines, restores = set(), {}
    for heads in files:
        for at, restore in enumerate(heads):
            if not restore.given_up:
                continue
            restores.setdefault(restore.line, restore)
            lines.update(head.line for head in heads[:at] if head.tree == restore.tree and head.size > restore.size)
    return lines, restores


def read_receipts(path, wrong):
    receipts = []
    for number, line in enumerate(Path(path).read_text(encoding="utf-8").splitlines(), 1):
        place = f"{path}:{number}"
        try:
            one = json.loads(line)
            tree, position, size = one.get("tree", "facts"), one["position"], one["size"]
            leaf, proof = bytes.fromhex(one["leaf"]), [bytes.fromhex(text) for text in one["proof"]]
            if tree not in TREES or not isinstance(position, int) or not isinstance(size, int):
                raise ValueError
            root = root_from_proof(leaf, position, size, proof)
        except (ValueError, KeyError, TypeError, AttributeError):
            wrong("receipt", f"{place}: not a receipt")
            continue
        if root is None or ("root" in one and one["root"] != root.hex()):
            wrong("receipt", f"{place}: its proof does not lead from its leaf to its root")
            continue
        receipts.append({"place": place, "tree": tree, "position": position, "size": size, "leaf": leaf, "root": root,
                         "ledger": one.get("ledger")})
    return receipts


def received_at(data):
    """When a fact says that it was received: the fifth of the nine items of its CBOR list; None if that cannot be read."""
    if data[:1] != b"\x89":
        return None
    at, value, major = 1, 0, 0
    for _ in range(5):
        if at >= len(data):
            return None
        major, extra = data[at] >> 5, data[at] & 31
        at += 1
        if extra > 27 or major > 1:
            return None
        width = 0 if extra < 24 else 1 << extra - 24
        if at + width > len(data):
            return None
        value = int.from_bytes(data[at:at + width], "big") if width else extra
        at += width
    return -1 - value if major == 1 else value


def verify(store, keys, own_heads=None, outside=(), receipts=(), slack=86400, known_restores=None, restored=None):
    """Returns (wrong, not_proved): lists of (kind, words). Adds (is_known, words) to `restored` for each thing that a restore gave up
    or put back. Raises OSError, sqlite3.Error, ValueError when it cannot look."""
    wrong_things, not_proved = [], []
    restored = [] if restored is None else restored
    known = set(Path(known_restores).read_text(encoding="ascii").splitlines()) if known_restores else set()

    def wrong(kind, words):
        wrong_things.append((kind, words))

    if not Path(store).is_file():
        raise ValueError(f"{store}: not there")
    trusted = read_keys(keys)
    own = read_heads(own_heads, trusted, wrong) if own_heads is not None else None
    copies = [read_heads(path, trusted, wrong, own) for path in outside]
    given = [head for heads in copies for head in heads]
    given_up, restores = given_up_by(([own] if own else []) + copies)
    for restore in restores.values():
        lost = restore.given_up[0] - restore.size
        words = f"{restore.place}: {restore.tree} were put back from a backup with {restore.size} entries"
        restored.append((lost == 0 or restore.line in known,
                         words + (f"; positions {restore.size} to {restore.given_up[0] - 1}, which had been signed, were given up"
                                  if lost else "; nothing that had been signed was given up")))
    receipts = [receipt for path in receipts for receipt in read_receipts(path, wrong)]

    database = sqlite3.connect(f"file:{Path(store).absolute()}?mode=ro", uri=True)
    try:
        ledger = dict(database.execute("SELECT name, value FROM setting")).get("ledger")
        for head in (own or []) + given:
            if head.ledger != ledger:
                wrong("head", f"{head.place}: of ledger {head.ledger}; the store says that it is {ledger}")
        for receipt in receipts:
            if receipt["ledger"] not in (None, ledger):
                wrong("receipt", f"{receipt['place']}: of ledger {receipt['ledger']}; the store says that it is {ledger}")
        if own is not None:
            compare_files(own, given, wrong)
        for tree in TREES:
            here = [head for head in (own or []) + given if head.tree == tree and head.line not in given_up]
            outer = [head for head in given if head.tree == tree and head.line not in given_up]
            held = [receipt for receipt in receipts if receipt["tree"] == tree]
            lost = [restore for restore in restores.values() if restore.tree == tree]
            check_tree(database, tree, here, outer, held, lost, slack * 1000, wrong, not_proved, restored)
    finally:
        database.close()
    return wrong_things, not_proved


def compare_files(own, given, wrong):
    """What was copied away must still stand in the ledger's own file of heads."""
    lines = {head.line for head in own}
    for head in given:
        if head.line not in lines:
            wrong("rolled back", f"{head.place}: this head of {head.tree} at {head.size} was given out, and is not in the "
                                 f"ledger's own file")


def check_tree(database, name, heads, outer, receipts, restores, slack_ms, wrong, not_proved, restored):
    number, table = TREES[name]

    def receipt_fails(receipt, kind, words):
        """A receipt for entries of which a restore gave up some holds no more; to its holder that is no small thing."""
        if any(restore.size < receipt["size"] <= restore.given_up[0] for restore in restores):
            words += "; a restore gave up what it may have been given for"
            if (False, words) not in restored:
                restored.append((False, words))
        else:
            wrong(kind, words)

    nodes = {(level, at): hash_ for level, at, hash_ in
             database.execute("SELECT level, number, hash FROM node WHERE tree = ?", (number,))}
    wanted = {head.size for head in heads} | {receipt["size"] for receipt in receipts}
    held = {}
    for receipt in receipts:
        held.setdefault(receipt["position"], []).append(receipt)
    # When the newest head that does not hold a position was signed: the fact cannot have been received long before.
    by_size = sorted(outer, key=lambda head: (head.size, head.signed_at))
    passed, signed_before = 0, None

    tree, roots = Tree(), {}
    if 0 in wanted:
        roots[0] = tree.root()
    for position, leaf, data in database.execute(f"SELECT position, leaf, bytes FROM {table} ORDER BY position"):
        if position != tree.size:
            wrong("position", f"{name}: position {position} stands where {tree.size} should")
        data = bytes(data) if isinstance(data, bytes) else str(data).encode("utf-8")
        hash_ = leaf_hash(data)
        if hash_ != leaf:
            wrong("leaf", f"{name}: the bytes at {position} are not those of its leaf")
        for receipt in held.get(tree.size, ()):
            if receipt["leaf"] != hash_:
                receipt_fails(receipt, "receipt", f"{receipt['place']}: another {name[:-1] if name == 'facts' else 'entry'} stands at {position}")
        while passed < len(by_size) and by_size[passed].size <= tree.size:
            signed_before = max(signed_before or 0, by_size[passed].signed_at)
            passed += 1
        at = received_at(data)
        if at is not None and signed_before is not None and at + slack_ms < signed_before:
            wrong("back-dated", f"{name}: position {position} says it was received long before a head that does not hold it")
        for level, at_number, root in tree.add(hash_):
            kept = nodes.pop((level, at_number), None)
            if kept != root:
                wrong("node", f"{name}: node {at_number} of level {level} " + ("is missing" if kept is None else "is wrong"))
        if tree.size in wanted:
            roots[tree.size] = tree.root()
    for level, at_number in nodes:
        wrong("node", f"{name}: node {at_number} of level {level} stands over leaves that are not there")

    for head in heads:
        if head.size > tree.size:
            wrong("cut off", f"{head.place}: {name} had {head.size} entries, the store has {tree.size}")
        elif roots[head.size] != head.root:
            wrong("root", f"{head.place}: the first {head.size} entries of {name} are not those that were signed")
    for receipt in receipts:
        if receipt["position"] >= tree.size or receipt["size"] > tree.size:
            receipt_fails(receipt, "cut off", f"{receipt['place']}: {name} had {receipt['size']} entries, the store has {tree.size}")
        elif roots[receipt["size"]] != receipt["root"]:
            receipt_fails(receipt, "receipt", f"{receipt['place']}: the first {receipt['size']} entries of {name} are not those it was given for")

    covered = max([head.size for head in outer] + [receipt["size"] for receipt in receipts
                                                   if roots.get(receipt["size"]) == receipt["root"]], default=0)
    if covered < tree.size:
        not_proved.append((name, f"{name}: positions {covered} to {tree.size - 1} are covered by no head and no receipt from "
                                 f"outside: whoever has the store and the signing key could have changed them unseen"))


def main():
    parser = argparse.ArgumentParser(description="Verifies a ledger of Kept from outside.")
    parser.add_argument("--store", required=True)
    parser.add_argument("--keys", required=True)
    parser.add_argument("--own-heads")
    parser.add_argument("--heads", action="append", default=[])
    parser.add_argument("--receipts", action="append", default=[])
    parser.add_argument("--known-restores")
    parser.add_argument("--slack", type=int, default=86400)
    words = parser.parse_args()
    restored = []
    try:
        wrong, not_proved = verify(words.store, words.keys, words.own_heads, words.heads, words.receipts, words.slack,
                                   words.known_restores, restored)
    except (OSError, sqlite3.Error, ValueError) as error:
        print(f"could not look: {error}", file=sys.stderr)
        return 2
    for kind, text in wrong:
        print(f"WRONG ({kind}): {text}")
    for _, text in restored:
        print(f"RESTORED: {text}")
    for _, text in not_proved:
        print(f"NOT PROVED: {text}")
    print(f"{len(wrong)} things are wrong" if wrong else "nothing is wrong")
    return 1 if wrong else 0 if all(is_known for is_known, _ in restored) else 3


if __name__ == "__main__":
    sys.exit(main())
