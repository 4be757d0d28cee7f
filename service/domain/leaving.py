"""The gate: whether something of a case may leave, by whichever door. One rule for exports of a person, documents of a
release, copies, and the standing link by which a connected system reads over FHIR or in bulk.

Rule: no ground, no leaving: a release in force, the client's own wish, a paper that two people released, a reason that
the law gives, or a consent. Nothing goes to the person of concern, to a place where they could see it, or into a
child's chart. Refusals say what to do; they never say who was found.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from schemas.proxy_codes import Chart, ProxyKind
from schemas.release_codes import (
    ConsentAnswer,
    ConsentKind,
    ContentClass,
    Door,
    LegalBasis,
    ReleasePurpose,
    ReleaseState,
    SendRoute,
)
from schemas.vocabulary import AskedAnswer
from service.domain.cases import RecordSafetyCheck, record_safety_due
from service.domain.disclosures import FOR_COURT_OR_INSURER, Departure, Left, Papers, faults
from service.domain.proxies import Concern, Proxy, blocking, receives
from service.domain.releases import NOT_TO_INSURERS, Consent, Release, is_for_insurer, why_not

# Leaves only by a release that names it, whatever else would open the door; to an insurer not even then.
BY_NAME = ContentClass.DIAGNOSES
# All that a report about the client can hold: what covers less lets none of it go.
IN_REPORT = (
    ContentClass.CARE,
    ContentClass.ATTENDANCE,
    ContentClass.GOALS,
    ContentClass.LOGS,
    ContentClass.PLAN_DATES,
    ContentClass.SUMMARY,
)
_BY_HAND_ALONE = frozenset({ContentClass.PSYCHOTHERAPY, ContentClass.SUMMARY, ContentClass.PLAN_LINES, BY_NAME})
# What a connected system can read: everything that is made as FHIR.
BY_LINK = tuple(each for each in ContentClass if each not in _BY_HAND_ALONE)
IN_HAND = frozenset({SendRoute.HANDED, SendRoute.SPOKEN})
MAILED = frozenset({SendRoute.EMAIL, SendRoute.SECURE, SendRoute.POST})
COMPELLED = frozenset({LegalBasis.DUTY, LegalBasis.ORDER})
SETTLED = frozenset({AskedAnswer.NO, AskedAnswer.NOT_APPLICABLE})
YES = AskedAnswer.YES
SEEN_THERE = (
    "Nothing left. Somebody who could see it there may be the other person. Look at who could see it elsewhere: "
    "say who is somebody else, ask for that access to be ended, or find another way together with the client."
)
TO_THEM = "Nothing left. This may be the other person, or a way that reaches them. Choose another way."
NOT_THEIRS = "Nothing of this record goes into anybody else's chart, a child's least of all."
WHOSE = "Say in whose chart it ends up."
NO_GROUND = (
    "No consent or release stands that this could leave by. Record the client's consent to reading by a connected "
    "system, or a release that names the system, goes from one record system to another and covers all it reads."
)


NOTHING_LEFT = (
    "Nothing of this record would leave: it holds nothing that the release covers and that an export can hold. "
    "A summary is made under Reports."
)
ONLY_BY_NAME = "Diagnoses leave only by a release that names them."
NEVER_ASKED = "Nothing left. Ask the client first who else could see their record, and keep the answers."
ASK_AGAIN = "Nothing left. Who else could see this record was asked over 90 days ago. Ask again, and keep the answers."
SAY_WHO = (
    "Nothing left. Somebody else could see it there, as the client says: write down who, under who could see it "
    "elsewhere, so that it can be held against the other person."
)
UNSETTLED = (
    "Nothing left. Whether somebody else could see it there is not settled. Ask the client, or whoever receives it, "
    "and keep the answer."
)
SHARED = "Nothing left. The client shares a device or a mailbox. Hand it over, or find another way together."
NO_PAPERS, NOBODY = Papers(), Concern()


@dataclass(frozen=True)
class Standing:
    """What of a case decides: the papers of this departure, standing consents, and who could see it elsewhere."""

    papers: Papers = NO_PAPERS
    consents: Mapping[ConsentKind, Consent] = field(default_factory=dict)
    releases: tuple[Release, ...] = ()
    concern: Concern = NOBODY
    proxies: tuple[Proxy, ...] = ()
    check: RecordSafetyCheck | None = None


def why_closed(left: Left, departure: Departure, standing: Standing, on: date) -> dict[str, str]:
    """Why this may not leave, by field; empty when it may. What left by hand is written down in any case."""
    wrong = faults(departure, left.classes, standing.papers, on)
    if left.door is Door.OTHER:
        return wrong
    if departure.basis is LegalBasis.OWN_SYSTEM:
        ground = ground_of_link(departure.recipient, standing, on)
        wrong |= {} if ground else {"basis": NO_GROUND}
    if left.door is Door.EXPORT and not left.classes and not wrong:
        wrong["release_id"] = NOTHING_LEFT
    wrong |= _of_name(left, departure, standing.papers.release)
    wrong |= _of_record_safety(left, departure, standing, on)
    return wrong | _of_chart(left, departure) | _of_concern(departure, standing)


def ground_of_link(system: str, standing: Standing, on: date) -> Release | Consent | None:
    """The consent, or the release, by which a connected system may read; None while there is none."""
    said = standing.consents.get(ConsentKind.RECORD_SYSTEM)
    if said is not None and said.answer is ConsentAnswer.GIVEN:
        return said
    named = (each for each in standing.releases if _lets_read(each, system))
    return next((each for each in named if not why_not(each, BY_LINK, on)), None)


def is_named_for_link(system: str, standing: Standing, on: date, classes: tuple[ContentClass, ...]) -> bool:
    """Whether a release in force names this system and all these classes; a consent to reading does not. A report that
    a court or an insurer reads was cosigned for them, and goes by hand.
    """
    closed = FOR_COURT_OR_INSURER if ContentClass.SUMMARY in classes else frozenset({ReleasePurpose.INSURANCE})
    named = (each for each in standing.releases if _lets_read(each, system) and each.terms.purpose not in closed)
    return any(not why_not(each, classes, on) for each in named)


def link_reaches_concern(system: str, standing: Standing, on: date) -> bool:
    """Whether the system may be the person of concern's: by its name, by an address that a release in force gives
    for it, or by who could see it there.
    """
    named = [each for each in standing.releases if _names(each, system) and each.state(on) is ReleaseState.IN_FORCE]
    ways = ("", *(each.terms.address for each in named))
    theirs = any(receives(standing.concern, system, each) for each in ways)
    return theirs or bool(seen_by_concern(standing))


def _names(release: Release, system: str) -> bool:
    return release.terms.recipient.strip().casefold() == system.strip().casefold()


def _lets_read(release: Release, system: str) -> bool:
    """A release signed for a letter lets no system read."""
    return _names(release, system) and release.terms.route is SendRoute.SYSTEM


def _of_name(left: Left, departure: Departure, release: Release | None) -> dict[str, str]:
    if BY_NAME not in left.classes:
        return {}
    if departure.purpose is ReleasePurpose.INSURANCE or (release is not None and is_for_insurer(release)):
        return {"purpose": NOT_TO_INSURERS}
    return {} if departure.basis is LegalBasis.RELEASE else {"basis": ONLY_BY_NAME}


def _of_chart(left: Left, departure: Departure) -> dict[str, str]:
    if departure.chart is Chart.OTHER:
        return {"chart": NOT_THEIRS}
    return {"chart": WHOSE} if left.door is Door.EXPORT and departure.chart is None else {}


def _of_concern(departure: Departure, standing: Standing) -> dict[str, str]:
    if receives(standing.concern, departure.recipient, departure.address):
        return {"recipient": TO_THEM}
    return {} if is_in_hand(departure) or not seen_by_concern(standing) else {"proxies": SEEN_THERE}


def _of_record_safety(left: Left, departure: Departure, standing: Standing, on: date) -> dict[str, str]:
    """What the client said of who else could see it decides, and it must have been asked: but for what the law asks for
    at once. What a system takes again and again was asked about when it was linked.
    """
    if is_in_hand(departure):
        return {}
    check = standing.check
    may_wait = left.door is not Door.BULK and departure.basis not in COMPELLED
    if may_wait and (check is None or record_safety_due(check, on)):
        return {"record_safety": NEVER_ASKED if check is None else ASK_AGAIN}
    words = _seen_on_the_way(departure, standing, check) if check is not None else ""
    return {"record_safety": words} if words else {}


def _seen_on_the_way(departure: Departure, standing: Standing, check: RecordSafetyCheck) -> str:
    """What stands in the way, by the answer that decides of this way."""
    kinds = {each.kind for each in standing.proxies}
    if departure.basis is LegalBasis.CLIENT and departure.route in MAILED and check.shared_device not in SETTLED:
        return SHARED if check.shared_device is YES else UNSETTLED
    decides = (
        (departure.purpose is ReleasePurpose.INSURANCE, check.insurance_held, ProxyKind.SUBSCRIBER),
        (departure.route is SendRoute.SYSTEM, check.portal_proxies, ProxyKind.PORTAL),
    )
    open_ones = (answer for is_so, answer, kind in decides if is_so and answer not in SETTLED and kind not in kinds)
    answer = next(open_ones, None)
    return "" if answer is None else SAY_WHO if answer is YES else UNSETTLED


def is_looked_into(standing: Standing) -> bool:
    """Whether the client says that somebody looks into the portal there, of whom nothing was written down."""
    kinds = {each.kind for each in standing.proxies}
    return standing.check is not None and standing.check.portal_proxies is YES and ProxyKind.PORTAL not in kinds


def is_in_hand(departure: Departure) -> bool:
    """The client takes it along, or hears it."""
    return departure.basis is LegalBasis.CLIENT and departure.route in IN_HAND


def seen_by_concern(standing: Standing) -> tuple[Proxy, ...]:
    """Who could see it elsewhere and may be the person of concern."""
    return blocking(standing.concern, standing.proxies)
