"""Canonical bytes of an event, written from docs/formats/canonical-event.md alone and without the program's code.

Reads events on standard input, one JSON object a line with the keys of that page (a time in `detail` is {"time": "2026-03"}),
and writes the bytes of each in hexadecimal. Python 3, standard library only.
"""

import json
import sys


def head(major, value):
    for extra, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if value < 24:
            return bytes([major << 5 | value])
        if value < 1 << (8 * size):
            return bytes([major << 5 | extra]) + value.to_bytes(size, "big")
    raise ValueError("beyond 64 bits")


def item(value):
    if value is True:
        return b"\xf5"
    if value is False:
        return b"\xf4"
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, str):
        text = value.encode("utf-8")
        return head(3, len(text)) + text
    if isinstance(value, list):
        return head(4, len(value)) + b"".join(item(one) for one in value)
    pairs = sorted((item(key), item(one)) for key, one in value.items())
    return head(5, len(pairs)) + b"".join(key + one for key, one in pairs)


def event(fields):
    out = {"v": 1}
    for key, value in fields.items():
        if key == "detail":
            value = {name: [one["time"]] if isinstance(one, dict) else one for name, one in value.items()}
        if value in ("", {}) or (key == "assumed" and value is False):
            continue
        out[key] = value
    return item(out)


for line in sys.stdin:
    if line.strip():
        print(event(json.loads(line)).hex())
