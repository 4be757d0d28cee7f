"""The gate as a table: what leaves by which door, on which ground, with whom in sight."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from schemas.proxy_codes import Chart, ProxyKind
from schemas.release_codes import (
    ConsentAnswer,
    ConsentKind,
    ContentClass,
    Door,
    LegalBasis,
    ReleaseForm,
    ReleasePurpose,
    ReleaseStatus,
    SaidHow,
    SendRoute,
)
from schemas.vocabulary import AskedAnswer
from service.casework.resource_words import BY_NAME_ALONE
from service.domain.cases import RecordSafetyCheck
from service.domain.disclosures import Departure, Left, to_the_client
from service.domain.leaving import BY_LINK, BY_NAME, SEEN_THERE, UNSETTLED, Standing, ground_of_link, why_closed
from service.domain.proxies import Concern, Proxy
from service.domain.releases import Consent, Release, ReleaseTerms
from service.fhir import RESOURCES
from service.fhir.classes import CLASS_OF

TODAY = date(2026, 5, 4)
AT = datetime(2026, 5, 4, 9, tzinfo=UTC)
HIM = Concern("Tomás O'Brien", "+353 86 123 4567")
SEES = Proxy(ProxyKind.PORTAL, "T. OBrien")
DOORS = (Door.EXPORT, Door.REPORT, Door.PLAN_COPY, Door.LINK)
LINK = Departure("Record bridge", LegalBasis.OWN_SYSTEM, ReleasePurpose.TREATMENT, SendRoute.SYSTEM)
NO = dict.fromkeys(
    ("portal_account", "portal_proxies", "shared_device", "insurance_held", "household_here"), AskedAnswer.NO
)
CHECK = RecordSafetyCheck(TODAY - timedelta(days=89), **NO)


def stands(**given: object) -> Standing:
    """With a record-safety check that still holds."""
    return Standing(**{"check": CHECK, **given})  # type: ignore[arg-type]


def said(answer: ConsentAnswer) -> dict[ConsentKind, Consent]:
    kind = ConsentKind.RECORD_SYSTEM
    return {kind: Consent("c1", "c", kind, answer, TODAY, SaidHow.VERBAL, "", "Ana", AT)}


def a_release(recipient: str, *classes: ContentClass, days: int = 3, signed: bool = True) -> Release:
    terms = ReleaseTerms(recipient, classes, ReleasePurpose.TREATMENT, SendRoute.SYSTEM)
    status = ReleaseStatus.SIGNED if signed else ReleaseStatus.REVOKED
    last = TODAY + timedelta(days=days)
    return Release("r", "c", ReleaseForm.ORDINARY, status, terms, last, "a", "Ana", AT, 1, AT)


def left(door: Door) -> Left:
    return Left(door, (ContentClass.CARE,), ())


def by_post(**changes: object) -> Departure:
    given = Departure("A clinic", LegalBasis.DUTY, ReleasePurpose.OTHER, SendRoute.POST, why="Said", chart=Chart.OWN)
    return replace(given, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("standing", "opens"),
    [
        (stands(), False),
        (stands(consents=said(ConsentAnswer.GIVEN)), True),
        (stands(consents=said(ConsentAnswer.DECLINED)), False),
        (stands(consents=said(ConsentAnswer.WITHDRAWN)), False),
        (stands(releases=(a_release("record BRIDGE ", *BY_LINK),)), True),
        (stands(releases=(a_release("Record bridge", *BY_LINK[1:]),)), False),
        (stands(releases=(a_release("Another system", *BY_LINK),)), False),
        (stands(releases=(a_release("Record bridge", *BY_LINK, days=-1),)), False),
        (stands(releases=(a_release("Record bridge", *BY_LINK, signed=False),)), False),
        (stands(consents=said(ConsentAnswer.GIVEN), concern=HIM, proxies=(SEES,)), False),
    ],
)
def test_a_connected_system_reads_by_a_consent_or_a_release_and_not_where_it_is_seen(
    standing: Standing, opens: bool
) -> None:
    assert (why_closed(left(Door.LINK), LINK, standing, TODAY) == {}) is opens


def test_every_type_that_is_served_is_of_a_class_that_a_link_covers() -> None:
    apart = {each for each in RESOURCES if CLASS_OF[each] not in BY_LINK}
    assert apart == BY_NAME_ALONE and {CLASS_OF[each] for each in apart} == {BY_NAME}
    assert ContentClass.PSYCHOTHERAPY not in BY_LINK
    assert ground_of_link("Record bridge", stands(), TODAY) is None


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("basis", list(LegalBasis))
def test_whatever_the_ground_nothing_leaves_to_where_the_other_person_sees_it(door: Door, basis: LegalBasis) -> None:
    standing = stands(concern=HIM, proxies=(SEES,), consents=said(ConsentAnswer.GIVEN))
    wrong = why_closed(left(door), by_post(basis=basis), standing, TODAY)
    assert wrong["proxies"] == SEEN_THERE
    assert "brien" not in str(wrong).casefold()
    ruled_out = replace(standing, proxies=(replace(SEES, somebody_else="Her uncle"),))
    assert "proxies" not in why_closed(left(door), by_post(basis=basis), ruled_out, TODAY)
    nobody = replace(standing, concern=Concern())
    assert "proxies" not in why_closed(left(door), by_post(basis=basis), nobody, TODAY)


def test_what_the_client_takes_along_by_hand_is_seen_nowhere_else() -> None:
    standing = stands(concern=HIM, proxies=(SEES,))
    assert why_closed(left(Door.EXPORT), to_the_client(), standing, TODAY) == {}
    assert "proxies" in why_closed(left(Door.EXPORT), to_the_client(SendRoute.EMAIL), standing, TODAY)


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    "reached", [{"recipient": "O'Brien, Tomás"}, {"address": "00353 861234567"}], ids=lambda each: next(iter(each))
)
def test_nothing_leaves_to_the_other_person_by_name_or_by_number(door: Door, reached: dict[str, str]) -> None:
    wrong = why_closed(left(door), by_post(**reached), stands(concern=HIM), TODAY)
    assert list(wrong) == ["recipient"] and "brien" not in str(wrong).casefold()


@pytest.mark.parametrize("door", [*DOORS, Door.OTHER])
def test_nothing_goes_into_a_childs_chart(door: Door) -> None:
    wrong = why_closed(left(door), by_post(chart=Chart.OTHER), stands(), TODAY)
    assert ("chart" in wrong) is (door is not Door.OTHER)


def test_an_export_says_in_whose_chart_it_ends_up() -> None:
    for door in DOORS:
        wrong = why_closed(left(door), by_post(chart=None), stands(), TODAY)
        assert ("chart" in wrong) is (door is Door.EXPORT)


def test_what_left_outside_is_written_down_whoever_it_reached() -> None:
    standing = stands(concern=HIM, proxies=(SEES,))
    assert why_closed(left(Door.OTHER), by_post(recipient="Tomás O'Brien", chart=Chart.OTHER), standing, TODAY) == {}


@pytest.mark.parametrize(
    ("check", "shut"),
    [
        (None, True),
        (CHECK, False),
        (replace(CHECK, asked_on=TODAY - timedelta(days=90)), True),
        (replace(CHECK, portal_proxies=AskedAnswer.YES), False),
    ],
)
def test_nothing_leaves_before_the_client_was_asked_who_else_could_see_it(
    check: RecordSafetyCheck | None, shut: bool
) -> None:
    def wrong(departure: Departure, door: Door = Door.EXPORT) -> list[str]:
        return list(why_closed(left(door), departure, stands(check=check, consents=said(ConsentAnswer.GIVEN)), TODAY))

    by_treatment = by_post(basis=LegalBasis.TREATMENT)
    assert wrong(by_treatment) == ["record_safety"] * shut
    assert wrong(to_the_client(SendRoute.EMAIL), Door.REPORT) == ["record_safety"] * shut
    assert wrong(to_the_client(SendRoute.HANDED), Door.REPORT) == []
    assert wrong(by_post(basis=LegalBasis.DUTY)) == [], "the law asks for it at once"
    assert wrong(by_treatment, Door.BULK) == [], "it was asked when the system was linked"
    assert wrong(by_treatment, Door.OTHER) == [], "it has left already, and is written down"


@pytest.mark.parametrize(
    ("answer", "departure", "kind"),
    [
        ("insurance_held", by_post(basis=LegalBasis.TREATMENT, purpose=ReleasePurpose.INSURANCE), ProxyKind.SUBSCRIBER),
        ("portal_proxies", by_post(basis=LegalBasis.TREATMENT, route=SendRoute.SYSTEM), ProxyKind.PORTAL),
        ("shared_device", to_the_client(SendRoute.EMAIL), None),
    ],
)
def test_who_the_client_says_could_see_it_is_written_down_before_anything_goes_there(
    answer: str, departure: Departure, kind: ProxyKind | None
) -> None:
    said_yes = replace(CHECK, **{answer: AskedAnswer.YES})  # type: ignore[arg-type]
    assert list(why_closed(left(Door.REPORT), departure, stands(check=said_yes), TODAY)) == ["record_safety"]
    known = tuple(Proxy(each, "Somebody") for each in ProxyKind)
    named = why_closed(left(Door.REPORT), departure, stands(check=said_yes, proxies=known), TODAY)
    assert list(named) == ([] if kind else ["record_safety"])
    others = tuple(each for each in known if each.kind is not kind)
    assert why_closed(left(Door.REPORT), departure, stands(check=said_yes, proxies=others), TODAY)
    assert why_closed(left(Door.REPORT), departure, stands(), TODAY) == {}
    for door in (Door.EXPORT, Door.BULK):
        assert why_closed(left(door), replace(departure, chart=Chart.OWN), stands(check=said_yes), TODAY)
    for unsettled in (AskedAnswer.UNSURE, AskedAnswer.NOT_ASKED, AskedAnswer.DECLINED):
        check = replace(CHECK, **{answer: unsettled})  # type: ignore[arg-type]
        wrong = why_closed(left(Door.REPORT), departure, stands(check=check), TODAY)
        assert wrong == {"record_safety": UNSETTLED}
    never = replace(CHECK, **{answer: AskedAnswer.NOT_APPLICABLE})  # type: ignore[arg-type]
    assert why_closed(left(Door.REPORT), departure, stands(check=never), TODAY) == {}
