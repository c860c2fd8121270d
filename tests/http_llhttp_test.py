"""What src/http takes for a request, Node's parser (llhttp) takes for the same request: over the fuzzer's seeds and 20,000 random changes to them.

Needs nodejs, which npm brings. More of them: KEPT_REQUESTS=200000 KEPT_REQUESTS_SEED=2 KEPT_PROGRAM=build/release/kept
python3 tests/http_llhttp_test.py
"""

import json
import os
import pathlib
import random
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
JUDGE = pathlib.Path(os.environ["KEPT_PROGRAM"]).parent / "tests" / "http_judge"
COUNT = int(os.environ.get("KEPT_REQUESTS", "20000"))
SEED = int(os.environ.get("KEPT_REQUESTS_SEED", "1"))

PIECES = [b"\r\n", b"\n", b"\r", b" ", b"\t", b"\0", b"\x0b", b":", b";", b",", b"0", b"1", b"a", b"-", b"+", b"%", b"\xff", b"\r\n\r\n", b"0\r\n\r\n",
          b"5\r\nhello\r\n", b"Content-Length: 5\r\n", b"Content-Length: 0\r\n", b"Transfer-Encoding: chunked\r\n",
          b"Transfer-Encoding: identity\r\n", b"Host: other\r\n", b"Connection: close\r\n", b"Expect: 100-continue\r\n",
          b"GET /second HTTP/1.1\r\nHost: kept\r\n\r\n", b"HTTP/1.0", b"HTTP/1.1", b"POST", b"GET", b"chunked", b";a=b", b"X: y\r\n"]


def inputs():
    seeds = [path.read_bytes() for path in sorted((ROOT / "fuzz" / "corpus" / "http_request").iterdir())]
    yield from seeds
    chance = random.Random(SEED)
    for _ in range(COUNT):
        text = bytearray(chance.choice(seeds))
        for _ in range(chance.choice((1, 1, 1, 2, 3))):
            at = chance.randrange(len(text) + 1)
            kind = chance.randrange(4)
            if kind == 0:
                text[at:at] = chance.choice(PIECES)
            elif kind == 1:
                del text[at:at + chance.choice((1, 1, 2, 5))]
            elif kind == 2:
                text[at:at + 1] = chance.choice(PIECES)
            else:
                other = chance.choice(seeds)
                start = chance.randrange(len(other))
                text[at:at] = other[start:start + chance.randrange(1, 40)]
        yield bytes(text)


def answers(command, lines):
    done = subprocess.run(command, input=lines, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout.splitlines()


def main():
    texts = list(inputs())
    lines = "".join(text.hex() + "\n" for text in texts)
    ours = answers([str(JUDGE)], lines)
    theirs = answers(["node", str(ROOT / "tests" / "support" / "llhttp_judge.js")], lines)
    assert len(ours) == len(theirs) == len(texts), (len(ours), len(theirs), len(texts))
    faults, taken, refused_by_them, refused_by_us = [], 0, [], 0
    for text, our, their in zip(texts, ours, theirs):
        their = json.loads(their)
        requests = their["requests"]
        if our == "refused":
            refused_by_us += bool(requests and requests[0]["whole"])
            continue
        if our == "more":
            if requests and requests[0]["whole"]:
                faults.append((text, our, their))
            continue
        method, target, body, _ = our.split(" ")
        taken += 1
        if not requests:
            refused_by_them.append(text)
            continue
        first = requests[0]
        if (first["method"], first["target"], first["body"], first["whole"]) != (method, target, body, True):
            faults.append((text, our, their))
    for text, our, their in faults[:20]:
        print(f"{text!r}\n  ours:   {our}\n  theirs: {their}")
    for text in refused_by_them[:5]:
        print(f"refused by llhttp alone: {text!r}")
    print(f"{len(texts)} inputs: {taken} taken by us, of which llhttp refuses {len(refused_by_them)}; {refused_by_us} taken by llhttp alone; "
          f"{len(faults)} read otherwise")
    if taken < COUNT / 20:
        print("too few are sound for this to compare anything")
        return 1
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
