"""What of a case goes into an export: for whom, which classes, and by which release.

Rule: what is chosen can only narrow. Who it is about goes with everything; a court and an insurer get that there is
care and when, as domain.md 6 lays down; psychotherapy notes are in no package at all.
"""

from collections.abc import Mapping
from dataclasses import dataclass

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
NOT_COVERED = "The chosen release does not cover it."
NOT_CHOSEN = "It was not chosen."


@dataclass(frozen=True)
class Scope:
    """`classes` empty means all that the audience gets."""

    audience: Audience = Audience.CLINICIAN
    classes: tuple[C, ...] = ()
    form: PackageForm = PackageForm.BUNDLE
    release: Release | None = None

    @property
    def reach(self) -> frozenset[C]:
        return frozenset(each for each in C if not self.why_not(each))

    def why_not(self, wanted: C) -> str:
        """Why a class stays; empty when it goes."""
        if wanted in _IN_NO_PACKAGE:
            return _IN_NO_PACKAGE[wanted]
        if wanted not in MOST[self.audience]:
            return NOT_FOR_THEM.format(audience=self.audience.label.lower())
        if self.release is not None and wanted not in self.release.terms.classes:
            return NOT_COVERED
        chosen = not self.classes or wanted in self.classes or wanted is C.CARE
        return "" if chosen else NOT_CHOSEN


EVERYTHING = Scope()
