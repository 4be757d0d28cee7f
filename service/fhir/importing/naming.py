"""Plain codes for what the form names in its own way: a name that is no plain code gets a number instead."""

import re
from collections.abc import Collection

_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


class Namer:
    """Gives each name once. `letter` begins the numbered ones; they keep clear of `taken`, the names still to come."""

    def __init__(self, letter: str, taken: Collection[str] = ()) -> None:
        self._letter, self._taken, self._given = letter, set(taken), set[str]()
        self._count = 0

    def name(self, wish: str) -> str:
        if _PLAIN.fullmatch(wish) and wish not in self._given:
            self._given.add(wish)
            return wish
        return self._numbered()

    def _numbered(self) -> str:
        while True:
            self._count += 1
            name = f"{self._letter}{self._count}"
            if name not in self._taken and name not in self._given:
                self._given.add(name)
                return name
