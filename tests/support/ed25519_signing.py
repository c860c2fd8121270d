"""Signing for tests that play somebody who has the signing key. Source: RFC 8032, section 5.1.6. Not for keys that matter: it takes
a time that tells of them."""

import hashlib

from oracles.ledger_verifier import BASE, L, P


def write_point(point):
    inverse = pow(point[2], P - 2, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


class SigningKey:
    def __init__(self, seed):
        digest = hashlib.sha512(seed).digest()
        self.secret = int.from_bytes(digest[:32], "little") & ((1 << 254) - 8) | 1 << 254
        self.prefix = digest[32:]
        self.public = write_point(BASE.times(self.secret))

    def sign(self, message):
        nonce = int.from_bytes(hashlib.sha512(self.prefix + message).digest(), "little") % L
        begun = write_point(BASE.times(nonce))
        k = int.from_bytes(hashlib.sha512(begun + self.public + message).digest(), "little") % L
        return begun + ((nonce + k * self.secret) % L).to_bytes(32, "little")
