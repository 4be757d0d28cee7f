"""Summaries for another clinician in the demo practice: one that left, and one that waits to be cosigned.

Rule: casework prints nothing, so whoever loads the demo hands in how one is printed; without that there are none.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from schemas.release_codes import ReleaseForm, ReleasePurpose, SendRoute
from schemas.vocabulary import AskedAnswer
from service.casework import cases, releases
from service.casework.demo_papers import SAID
from service.domain import clock
from service.domain.actors import Actor
from service.domain.cases import RecordSafetyCheck
from service.domain.leaving import IN_REPORT
from service.domain.releases import ReleaseTerms

CLINIC = "Day clinic at the harbour"
NEEDS = "Somebody to practise sleeping through with.\nMornings are the better time of day for appointments."


@dataclass(frozen=True)
class Paper:
    """What a summary is made of. `waits`: it goes to who cosigns its author, and does not leave."""

    since: date
    until: date
    release_id: str
    needs: str
    waits: bool


Printed = Callable[[Actor, str, Paper], object]


def write(actor: Actor, case_id: str, printed: Printed | None, *, waits: bool) -> None:
    """By a release of its own, after the client was asked who else could see the record there."""
    if printed is None:
        return
    case, today = cases.read_case(actor, case_id), clock.now().date()
    no = AskedAnswer.NO
    check = RecordSafetyCheck(
        today, portal_account=no, portal_proxies=no, shared_device=no, insurance_held=no, household_here=no
    )
    cases.record_safety_check(actor, case_id, check, version=case.version)
    terms = ReleaseTerms(CLINIC, IN_REPORT, ReleasePurpose.COORDINATION, SendRoute.POST)
    draft = releases.ReleaseDraft(ReleaseForm.ORDINARY, terms, today + timedelta(days=60))
    found = releases.prepare_release(actor, case_id, draft)
    releases.sign_release(actor, found.id, SAID, version=found.version)
    printed(actor, case_id, Paper(case.opened_on, today, found.id, NEEDS, waits))
