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
from service.domain.disclosures import Departure, Left, to_the_client
from service.domain.leaving import BY_LINK, SEEN_THERE, Standing, ground_of_link, why_closed
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
        (Standing(), False),
        (Standing(consents=said(ConsentAnswer.GIVEN)), True),
        (Standing(consents=said(ConsentAnswer.DECLINED)), False),
        (Standing(consents=said(ConsentAnswer.WITHDRAWN)), False),
        (Standing(releases=(a_release("record BRIDGE ", *BY_LINK),)), True),
        (Standing(releases=(a_release("Record bridge", *BY_LINK[1:]),)), False),
        (Standing(releases=(a_release("Another system", *BY_LINK),)), False),
        (Standing(releases=(a_release("Record bridge", *BY_LINK, days=-1),)), False),
        (Standing(releases=(a_release("Record bridge", *BY_LINK, signed=False),)), False),
        (Standing(consents=said(ConsentAnswer.GIVEN), concern=HIM, proxies=(SEES,)), False),
    ],
)
def test_a_connected_system_reads_by_a_consent_or_a_release_and_not_where_it_is_seen(
    standing: Standing, opens: bool
) -> None:
    assert (why_closed(left(Door.LINK), LINK, standing, TODAY) == {}) is opens


def test_every_type_that_is_served_is_of_a_class_that_a_link_covers() -> None:
    assert {CLASS_OF[each] for each in RESOURCES} <= set(BY_LINK)
    assert ContentClass.PSYCHOTHERAPY not in BY_LINK
    assert ground_of_link("Record bridge", Standing(), TODAY) is None


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("basis", list(LegalBasis))
def test_whatever_the_ground_nothing_leaves_to_where_the_other_person_sees_it(door: Door, basis: LegalBasis) -> None:
    standing = Standing(concern=HIM, proxies=(SEES,), consents=said(ConsentAnswer.GIVEN))
    wrong = why_closed(left(door), by_post(basis=basis), standing, TODAY)
    assert wrong["proxies"] == SEEN_THERE
    assert "brien" not in str(wrong).casefold()
    ruled_out = replace(standing, proxies=(replace(SEES, somebody_else="Her uncle"),))
    assert "proxies" not in why_closed(left(door), by_post(basis=basis), ruled_out, TODAY)
    nobody = replace(standing, concern=Concern())
    assert "proxies" not in why_closed(left(door), by_post(basis=basis), nobody, TODAY)


def test_what_the_client_takes_along_by_hand_is_seen_nowhere_else() -> None:
    standing = Standing(concern=HIM, proxies=(SEES,))
    assert why_closed(left(Door.EXPORT), to_the_client(), standing, TODAY) == {}
    assert "proxies" in why_closed(left(Door.EXPORT), to_the_client(SendRoute.EMAIL), standing, TODAY)


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    "reached", [{"recipient": "O'Brien, Tomás"}, {"address": "00353 861234567"}], ids=lambda each: next(iter(each))
)
def test_nothing_leaves_to_the_other_person_by_name_or_by_number(door: Door, reached: dict[str, str]) -> None:
    wrong = why_closed(left(door), by_post(**reached), Standing(concern=HIM), TODAY)
    assert list(wrong) == ["recipient"] and "brien" not in str(wrong).casefold()


@pytest.mark.parametrize("door", [*DOORS, Door.OTHER])
def test_nothing_goes_into_a_childs_chart(door: Door) -> None:
    wrong = why_closed(left(door), by_post(chart=Chart.OTHER), Standing(), TODAY)
    assert ("chart" in wrong) is (door is not Door.OTHER)


def test_an_export_says_in_whose_chart_it_ends_up() -> None:
    for door in DOORS:
        wrong = why_closed(left(door), by_post(chart=None), Standing(), TODAY)
        assert ("chart" in wrong) is (door is Door.EXPORT)


def test_what_left_outside_is_written_down_whoever_it_reached() -> None:
    standing = Standing(concern=HIM, proxies=(SEES,))
    assert why_closed(left(Door.OTHER), by_post(recipient="Tomás O'Brien", chart=Chart.OTHER), standing, TODAY) == {}
