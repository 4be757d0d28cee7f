"""The gate: whether something of a case may leave, by whichever door. One rule for exports of a person, documents of a
release, copies, and the standing link by which a connected system reads over FHIR or in bulk.

Rule: no ground, no leaving: a release in force, the client's own wish, a paper that two people released, a reason that
the law gives, or a consent. Nothing goes to the person of concern, to a place where they could see it, or into a
child's chart. Refusals say what to do; they never say who was found.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from schemas.proxy_codes import Chart
from schemas.release_codes import ConsentAnswer, ConsentKind, ContentClass, Door, LegalBasis, ReleaseState, SendRoute
from service.domain.disclosures import Departure, Left, Papers, faults
from service.domain.proxies import Concern, Proxy, blocking, receives
from service.domain.releases import Consent, Release, why_not

# What a connected system can read: everything that is made as FHIR.
_BY_HAND_ALONE = frozenset({ContentClass.PSYCHOTHERAPY, ContentClass.SUMMARY, ContentClass.PLAN_LINES})
BY_LINK = tuple(each for each in ContentClass if each not in _BY_HAND_ALONE)
IN_HAND = frozenset({SendRoute.HANDED, SendRoute.SPOKEN})
SEEN_THERE = (
    "Nothing left. Somebody who could see it there may be the other person. Look at who could see it elsewhere: "
    "say who is somebody else, ask for that access to be ended, or find another way together with the client."
)
TO_THEM = "Nothing left. This may be the other person, or a way that reaches them. Choose another way."
NOT_THEIRS = "Nothing of this record goes into anybody else's chart, a child's least of all."
WHOSE = "Say in whose chart it ends up."
NO_GROUND = (
    "No consent or release stands that this could leave by. Record the client's consent to reading by a connected "
    "system, or a release that names the system and covers all it reads."
)


NOTHING_LEFT = (
    "Nothing of this record would leave: it holds nothing that the release covers and that an export can hold. "
    "A summary is made under Reports."
)
NO_PAPERS, NOBODY = Papers(), Concern()


@dataclass(frozen=True)
class Standing:
    """What of a case decides: the papers of this departure, standing consents, and who could see it elsewhere."""

    papers: Papers = NO_PAPERS
    consents: Mapping[ConsentKind, Consent] = field(default_factory=dict)
    releases: tuple[Release, ...] = ()
    concern: Concern = NOBODY
    proxies: tuple[Proxy, ...] = ()


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
    return wrong | _of_chart(left, departure) | _of_concern(departure, standing)


def ground_of_link(system: str, standing: Standing, on: date) -> Release | Consent | None:
    """The consent, or the release, by which a connected system may read; None while there is none."""
    said = standing.consents.get(ConsentKind.RECORD_SYSTEM)
    if said is not None and said.answer is ConsentAnswer.GIVEN:
        return said
    named = (each for each in standing.releases if _names(each, system))
    return next((each for each in named if not why_not(each, BY_LINK, on)), None)


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


def _of_chart(left: Left, departure: Departure) -> dict[str, str]:
    if departure.chart is Chart.OTHER:
        return {"chart": NOT_THEIRS}
    return {"chart": WHOSE} if left.door is Door.EXPORT and departure.chart is None else {}


def _of_concern(departure: Departure, standing: Standing) -> dict[str, str]:
    if receives(standing.concern, departure.recipient, departure.address):
        return {"recipient": TO_THEM}
    in_hand = departure.basis is LegalBasis.CLIENT and departure.route in IN_HAND
    return {} if in_hand or not seen_by_concern(standing) else {"proxies": SEEN_THERE}


def seen_by_concern(standing: Standing) -> tuple[Proxy, ...]:
    """Who could see it elsewhere and may be the person of concern."""
    return blocking(standing.concern, standing.proxies)
