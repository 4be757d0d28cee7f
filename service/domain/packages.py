"""What of a case goes into an export: for whom, which classes, and by which release.

Rule: what is chosen can only narrow, and so does the release that a package leaves by: what it does not cover stays,
who it is about included. A court and an insurer get that there is care and when, as domain.md 6 lays down;
psychotherapy notes are in no package at all.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Self

from schemas.export_codes import Audience, PackageForm
from schemas.release_codes import ContentClass
from service.domain.leaving import BY_LINK, BY_NAME, ONLY_BY_NAME
from service.domain.releases import Release, is_for_insurer

C = ContentClass
MOST: Mapping[Audience, tuple[C, ...]] = {
    Audience.CLINICIAN: (*BY_LINK, C.PLAN_LINES, BY_NAME),
    Audience.CLIENT: (*BY_LINK, C.PLAN_LINES, BY_NAME),
    Audience.INSURER: (C.CARE, C.ATTENDANCE),
    Audience.COURT: (C.CARE, C.ATTENDANCE),
}
NEVER = "Of these none is ever sent, and nothing here says whether there are any."
BY_REPORT = "A summary is made under Reports."
_IN_NO_PACKAGE: Mapping[C, str] = {C.PSYCHOTHERAPY: NEVER, C.SUMMARY: BY_REPORT}
NOT_FOR_THEM = "It does not go to {audience}."
NOT_COVERED = "The release does not cover it."
NOT_CHOSEN = "It was not chosen."
OTHER_DAYS = "Some of it is of other days."


@dataclass(frozen=True)
class Days:
    """From the first to the last day, both included; an end that is not given is open."""

    since: date | None = None
    until: date | None = None

    @property
    def are_bound(self) -> bool:
        return self.since is not None or self.until is not None

    def hold(self, day: date) -> bool:
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)

    def within(self, other: "Days") -> "Days":
        """The days of both."""
        since, until = (self.since, other.since), (self.until, other.until)
        return Days(max(filter(None, since), default=None), min(filter(None, until), default=None))


EVERY_DAY = Days()


@dataclass(frozen=True)
class Carried:
    """What a release in force carries beyond what is stored as FHIR: lines of plans and words of goals, by their id.
    `release` is the one that the package leaves, or would leave, by, `days` those that a request names.
    """

    release: Release | None = None
    plan_lines: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    goal_words: Mapping[str, str] = field(default_factory=dict)
    days: Days = EVERY_DAY


@dataclass(frozen=True)
class Scope:
    """`classes` empty means all that the audience gets. `release` bounds the choice; `leaves_by` is the release that
    the package leaves by. `days`: sessions, notes and what was filled in go of these alone.
    """

    audience: Audience = Audience.CLINICIAN
    classes: tuple[C, ...] = ()
    form: PackageForm = PackageForm.BUNDLE
    release: Release | None = None
    leaves_by: Release | None = None
    days: Days = EVERY_DAY

    @property
    def reach(self) -> frozenset[C]:
        return frozenset(each for each in C if not self.why_not(each))

    def leaving_by(self, carried: Carried) -> Self:
        """The same scope, bounded by the release or the request that it leaves by as well."""
        return replace(self, leaves_by=carried.release, days=self.days.within(carried.days))

    def why_not(self, wanted: C) -> str:
        """Why a class stays; empty when it goes."""
        if wanted in _IN_NO_PACKAGE:
            return _IN_NO_PACKAGE[wanted]
        if wanted not in MOST[self.audience]:
            return NOT_FOR_THEM.format(audience=self.audience.label.lower())
        bounds = [each for each in (self.release, self.leaves_by) if each is not None]
        if wanted is BY_NAME and (self.leaves_by is None or any(map(is_for_insurer, bounds))):
            return ONLY_BY_NAME if self.leaves_by is None else NOT_FOR_THEM.format(audience="an insurer")
        if any(wanted not in each.terms.classes for each in bounds):
            return NOT_COVERED
        chosen = not self.classes or wanted in self.classes or wanted is C.CARE
        return "" if chosen else NOT_CHOSEN


EVERYTHING, NOTHING_CARRIED = Scope(), Carried()
