"""Keys that can be given up one by one: a tree of secrets in the key file, from which one leaf can be cut for good.

Each case has a leaf, worked out from the secrets above it (Goldreich, Goldwasser and Micali: each half follows from its
parent by a keyed hash). Cutting a leaf replaces the secrets on its way down by those beside the way: every other leaf
can still be worked out, this one by nobody. A backup of the database holds wrapped keys, and what unwraps them is gone.
"""

import hashlib
import secrets
from collections.abc import Mapping

DEPTH = 64
SECRET_BYTES = 32


class Cut(KeyError):
    """The leaf was cut: nothing of it can be worked out any more."""


class KeyTree:
    """Secrets by the bits that lead to them; a whole tree is one secret at ""."""

    def __init__(self, nodes: Mapping[str, bytes]) -> None:
        self._nodes = dict(nodes)

    def leaf(self, name: str) -> bytes:
        """Raises Cut."""
        bits = way_to(name)
        top = self._above(bits)
        secret = self._nodes[top]
        for bit in bits[len(top) :]:
            secret = child(secret, bit)
        return secret

    def without(self, name: str) -> "KeyTree":
        """The tree from which this leaf was cut. Cutting twice changes nothing."""
        bits = way_to(name)
        try:
            top = self._above(bits)
        except Cut:
            return KeyTree(self._nodes)
        nodes = {place: secret for place, secret in self._nodes.items() if place != top}
        secret = self._nodes[top]
        for depth in range(len(top), DEPTH):
            beside = "1" if bits[depth] == "0" else "0"
            nodes[bits[:depth] + beside] = child(secret, beside)
            secret = child(secret, bits[depth])
        return KeyTree(nodes)

    def is_cut(self, name: str) -> bool:
        try:
            self._above(way_to(name))
        except Cut:
            return True
        return False

    def written(self) -> dict[str, str]:
        """As it stands in the key file."""
        return {place: secret.hex() for place, secret in self._nodes.items()}

    def _above(self, bits: str) -> str:
        for depth in range(DEPTH + 1):
            if bits[:depth] in self._nodes:
                return bits[:depth]
        raise Cut


def plant() -> KeyTree:
    return KeyTree({"": secrets.token_bytes(SECRET_BYTES)})


def read(written: Mapping[str, str]) -> KeyTree:
    return KeyTree({place: bytes.fromhex(secret) for place, secret in written.items()})


def way_to(name: str) -> str:
    """The bits that lead to a leaf."""
    start = hashlib.sha256(name.encode()).digest()[: DEPTH // 8]
    return "".join(f"{byte:08b}" for byte in start)


def child(secret: bytes, bit: str) -> bytes:
    return hashlib.blake2b(bit.encode(), key=secret, digest_size=SECRET_BYTES).digest()
