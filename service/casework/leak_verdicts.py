"""The leak guard for a bulk export: each stored version is read once for what must not leave, not at each export.

Rule: a verdict holds for one version, one set of protected values and one way of looking. Whatever of the three
changes, the version is read again before it leaves.
"""

import inspect
import unicodedata
from collections.abc import Sequence
from functools import cache

from service.casework import leaks, resource_words
from service.casework.leaks import Watch
from service.domain import leak_words
from service.domain import leaks as guards
from service.domain.leaks import Guard
from service.store import leak_verdicts, resources
from service.store.cases import CaseRow
from service.store.leak_verdicts import Verdicts, mark_of
from service.store.resources import Line, Sealed

MOST = 10_000
"""Verdicts kept of a case; beyond them only those of this look stay."""


def lines_that_may_go(case: CaseRow, chosen: Sequence[Sealed]) -> list[Line]:
    """The chosen versions, opened, without those that tell a protected value. Joins the running transaction."""
    lines, marks = resources.open_lines(case.id, chosen), [mark_of(each.body) for each in chosen]
    watch = leaks.watch_in(case)
    known = leak_verdicts.of_case(case.id, leak_verdicts.digest_of(sought(watch)))
    verdicts = _looked(known, watch, dict(zip(marks, lines, strict=True)))
    if verdicts is not known:
        leak_verdicts.put(case.id, verdicts)
    return [line for line, mark in zip(lines, marks, strict=True) if mark in verdicts.clear]


def sought(watch: Watch) -> object:
    """All that decides whether words tell a value: the values, in which forms fewer, and how they are looked for."""
    return _way_of_looking(), _texts(watch.guard), sorted((key, _texts(each)) for key, each in watch.forms.items())


def _texts(guard: Guard) -> list[tuple[str, bool]]:
    return sorted({(each.text, each.is_name) for each in guard.protected})


def _looked(known: Verdicts, watch: Watch, lines: dict[bytes, Line]) -> Verdicts:
    """With the verdicts of lines that have none yet."""
    unread = lines.keys() - known.clear - known.telling
    if not unread:
        return known
    telling = frozenset(each for each in unread if _tells(watch, lines[each]))
    if len(known.clear) + len(known.telling) + len(unread) > MOST:
        known = Verdicts(known.sought, known.clear & lines.keys(), known.telling & lines.keys())
    return Verdicts(known.sought, known.clear | (unread - telling), known.telling | telling)


def _tells(watch: Watch, line: Line) -> bool:
    return watch.over(line.id).tells(resource_words.narrative(line.body))


@cache
def _way_of_looking() -> tuple[str, ...]:
    """The code that looks, so that a release which looks better looks again."""
    return unicodedata.unidata_version, *map(inspect.getsource, (guards, leak_words, resource_words))
