"""What of a case goes into an export: for whom, which classes, and by which release.

Rule: what is chosen can only narrow, and so does the release that a package leaves by: what it does not cover stays,
who it is about included. A court and an insurer get that there is care and when, as domain.md 6 lays down;
psychotherapy notes are in no package at all.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Self

from schemas.export_codes import Audience, PackageForm
from schemas.release_codes import ContentClass
from service.domain.leaving import BY_LINK
from service.domain.releases import Release

C = ContentClass
MOST: Mapping[Audience, tuple[C, ...]] = {
    Audience.CLINICIAN: (*BY_LINK, C.PLAN_LINES),
    Audience.CLIENT: (*BY_LINK, C.PLAN_LINES),
    Audience.INSURER: (C.CARE, C.ATTENDANCE),
    Audience.COURT: (C.CARE, C.ATTENDANCE),
}
NEVER = "Of these none is ever sent, and nothing here says whether there are any."
BY_REPORT = "A summary is made under Reports."
_IN_NO_PACKAGE: Mapping[C, str] = {C.PSYCHOTHERAPY: NEVER, C.SUMMARY: BY_REPORT}
NOT_FOR_THEM = "It does not go to {audience}."
NOT_COVERED = "The release does not cover it."
NOT_CHOSEN = "It was not chosen."


@dataclass(frozen=True)
class Carried:
    """What a release in force carries beyond what is stored as FHIR: lines of plans and words of goals, by their id.
    `release` is the one that the package leaves, or would leave, by.
    """

    release: Release | None = None
    plan_lines: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    goal_words: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Scope:
    """`classes` empty means all that the audience gets. `release` bounds the choice; `leaves_by` is the release that
    the package leaves by.
    """

    audience: Audience = Audience.CLINICIAN
    classes: tuple[C, ...] = ()
    form: PackageForm = PackageForm.BUNDLE
    release: Release | None = None
    leaves_by: Release | None = None

    @property
    def reach(self) -> frozenset[C]:
        return frozenset(each for each in C if not self.why_not(each))

    def leaving_by(self, release: Release | None) -> Self:
        """The same scope, bounded by the release that it leaves by as well."""
        return replace(self, leaves_by=release)

    def why_not(self, wanted: C) -> str:
        """Why a class stays; empty when it goes."""
        if wanted in _IN_NO_PACKAGE:
            return _IN_NO_PACKAGE[wanted]
        if wanted not in MOST[self.audience]:
            return NOT_FOR_THEM.format(audience=self.audience.label.lower())
        bounds = (each for each in (self.release, self.leaves_by) if each is not None)
        if any(wanted not in each.terms.classes for each in bounds):
            return NOT_COVERED
        chosen = not self.classes or wanted in self.classes or wanted is C.CARE
        return "" if chosen else NOT_CHOSEN


EVERYTHING, NOTHING_CARRIED = Scope(), Carried()
