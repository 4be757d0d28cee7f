"""SMART scopes, version 2, as connected systems have them: `system/Observation.rs` is to read and search one type.

Rule: `r` and `s` can be had of every type, `c` of the one type that is taken here, and only where both are named: no
wildcard holds it. `.read` of version 1 means `rs`. A scope with conditions of its own (`?category=`) is refused rather
than half kept. https://hl7.org/fhir/smart-app-launch
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

from service.errors import Invalid

ANY = "*"
READ, SEARCH, CREATE = "r", "s", "c"
WRITTEN = "QuestionnaireResponse"
SENDING = f"system/{WRITTEN}.{CREATE}"
LONGEST = 2_000  # characters of all scopes of one client
_SCOPE = re.compile(r"system/(\*|[A-Z][A-Za-z]{1,40})\.(?:read|\*|(c?r?u?d?s?))")


@dataclass(frozen=True, order=True)
class Scope:
    """One type, or any, and what may be done with it: of `c`, `r` and `s`, in this order."""

    type: str
    rights: str

    def __str__(self) -> str:
        return f"system/{self.type}.{self.rights}"


def read_scopes(text: str, types: Collection[str] | None = None) -> tuple[Scope, ...]:
    """The scopes in a text, each once. Raises Invalid for one that there is not, or whose type is none of `types`."""
    named = text.split()
    if not named or len(text) > LONGEST:
        raise Invalid("The scopes cannot be taken.", {"scope": "Give one or more scopes, such as system/*.rs."})
    return tuple(sorted({_scope(each, types) for each in named}))


def granted(asked: Iterable[Scope], registered: Collection[Scope]) -> tuple[Scope, ...]:
    """What was asked for, as far as it is registered."""
    found = {_shared(one, other) for one in asked for other in registered}
    return tuple(sorted(each for each in found if each is not None))


def in_words(scopes: Iterable[Scope]) -> str:
    return " ".join(str(each) for each in scopes)


def reading_only(scopes: Iterable[Scope]) -> tuple[Scope, ...]:
    """The same without the right to send."""
    kept = (replace(each, rights=each.rights.replace(CREATE, "")) for each in scopes)
    return tuple(sorted({each for each in kept if each.rights}))


@lru_cache(maxsize=256)
def allows(scopes: str, resource_type: str, right: str) -> bool:
    """Whether a token with these scopes reaches `resource_type`."""
    found = (_SCOPE.fullmatch(each) for each in scopes.split())
    reaching = (resource_type,) if right == CREATE else (ANY, resource_type)
    return any(each and each[1] in reaching and right in (each[2] or "") for each in found)


def _scope(text: str, types: Collection[str] | None) -> Scope:
    match = _SCOPE.fullmatch(text)
    rights = "" if match is None else _rights(match[1], match[2])
    if match is None or not rights or not (match[1] == ANY or types is None or match[1] in types):
        known = f"Scopes are system/TYPE.rs, where TYPE is a type that is served here or *, and system/{WRITTEN}.c."
        raise Invalid("The scopes cannot be taken.", {"scope": known})
    return Scope(match[1], rights)


def _rights(resource_type: str, letters: str | None) -> str:
    """Of the letters those that can be had; without letters (`.read`, `.*`) to read and to search."""
    creates = CREATE if letters and CREATE in letters and resource_type == WRITTEN else ""
    return creates + "".join(each for each in (READ, SEARCH) if letters is None or each in letters)


def _shared(one: Scope, other: Scope) -> Scope | None:
    rights = "".join(each for each in one.rights if each in other.rights)
    if not rights or (ANY not in (one.type, other.type) and one.type != other.type):
        return None
    return Scope(other.type if one.type == ANY else one.type, rights)
