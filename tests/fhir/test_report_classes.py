"""What is made of a report goes by what a report holds, whatever its type: found, read, counted and sent by no less."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import orjson
import pytest
from flask import Flask

from schemas.release_codes import ConsentKind, ContentClass, ReleasePurpose, SendRoute
from schemas.vocabulary import AssignmentKind
from service.casework.resource_words import REPORT_TYPES
from service.domain import clock
from service.domain.actors import Actor
from service.domain.bulk_exports import BulkAsk, BulkLevel
from service.domain.disclosures import to_the_client
from service.domain.leaving import BY_LINK, IN_REPORT
from service.domain.packages import BY_REPORT
from service.errors import NotFound
from service.fhir import bulk, bundle, everything, publish, reading, results
from service.fhir.classes import CLASS_OF, class_of, held_by
from service.fhir.search import read_query
from service.store import cases, resources
from service.store.base import db
from service.store.resources import Draft, Line, Sealed
from tests import builders
from tests.builders import House

C = ContentClass
REPORT, PLANTED = "report-1", "heronquill lantern"
SYSTEM = "Record bridge"


@pytest.fixture
def case_id(context: Flask, house: House) -> str:
    """A case with a signed note and with resources of a report, read by a linked system."""
    case = builders.add_case(house.therapist)
    session = builders.add_session(house.therapist, case.id)
    builders.add_note(house.therapist, session.id, signed=True)
    builders.add_consent(house.therapist, case.id, ConsentKind.RECORD_SYSTEM)
    cases.assign(case.id, house.machine.user_id, AssignmentKind.LINKED)
    db.session.commit()
    publish.rebuild(house.practice_id)
    for kind in REPORT_TYPES:
        body: dict[str, Any] = {
            "resourceType": kind,
            "id": REPORT,
            "meta": {"lastUpdated": "2026-11-01T00:00:00Z"},
            "title": PLANTED,
            "status": "current",
        }
        if kind == "Provenance":
            body["target"] = [{"reference": f"DocumentReference/{REPORT}"}]
        draft = Draft(kind, REPORT, house.practice_id, case.id, "summary", REPORT, clock.now())
        resources.put(draft, 1, orjson.dumps(body))
    db.session.commit()
    return case.id


@pytest.fixture
def system(house: House) -> Actor:
    return replace(house.machine, scopes="system/*.rs")


def searched(actor: Actor, case_id: str, kind: str) -> Any:
    query = read_query(kind, [("patient", case_id)], publish.addresses())
    return orjson.loads(results.search(actor, query))


def is_there(actor: Actor, kind: str, read: Callable[[Actor, str], object]) -> bool:
    try:
        read(actor, kind)
    except NotFound:
        return False
    return True


def finds(actor: Actor, case_id: str) -> dict[str, bool]:
    """By each way of reading, whether the report is found."""

    ways: dict[str, Callable[[Actor, str], object]] = {
        "read": lambda actor, kind: reading.read(actor, kind, REPORT),
        "history": lambda actor, kind: reading.history(actor, kind, REPORT, []),
    }
    found = {f"{way} {kind}": is_there(actor, kind, read) for way, read in ways.items() for kind in REPORT_TYPES}
    for kind in ("DocumentReference", "Provenance"):
        told = searched(actor, case_id, kind)
        found[f"search {kind}"] = REPORT in str(told)
        found[f"count {kind}"] = told["total"] > len(
            [each for each in told["entry"] if each["resource"]["id"] != REPORT]
        )
    found["everything"] = REPORT.encode() in everything.everything(actor, case_id, [])
    found["docref"] = REPORT.encode() in everything.documents(actor, {"patient": case_id})
    return found


def test_the_record_behind_a_resource_decides_before_its_type() -> None:
    for kind in REPORT_TYPES:
        assert class_of(kind, "summary") is C.SUMMARY
        assert held_by(kind, "summary") == frozenset(IN_REPORT)
        assert class_of(kind, "note") is CLASS_OF[kind] and held_by(kind, "note") == {CLASS_OF[kind]}
    assert C.SUMMARY in IN_REPORT and not {C.NOTES, C.PSYCHOTHERAPY, C.PLAN_LINES, C.DIAGNOSES} & set(IN_REPORT)


def test_people_of_the_case_find_a_report_and_a_link_alone_lets_no_system_find_it(
    house: House, case_id: str, system: Actor
) -> None:
    assert all(finds(house.therapist, case_id).values())
    assert searched(system, case_id, "DocumentReference")["total"] == 1
    assert not any(finds(system, case_id).values())


def test_releases_that_cover_less_or_are_for_an_insurer_or_a_court_let_none_of_it_go(
    house: House, case_id: str, system: Actor
) -> None:
    for missing in IN_REPORT:
        less = tuple(each for each in (*BY_LINK, *IN_REPORT) if each is not missing)
        builders.add_release(house.therapist, case_id, recipient=SYSTEM, route=SendRoute.SYSTEM, classes=less)
    for purpose in (ReleasePurpose.INSURANCE, ReleasePurpose.LEGAL):
        builders.add_release(
            house.therapist, case_id, recipient=SYSTEM, route=SendRoute.SYSTEM, classes=IN_REPORT, purpose=purpose
        )
    assert not any(finds(system, case_id).values())


def test_a_release_that_names_the_system_and_all_of_it_lets_that_system_find_it(
    house: House, case_id: str, system: Actor
) -> None:
    builders.add_release(
        house.therapist, case_id, recipient="Another system", route=SendRoute.SYSTEM, classes=IN_REPORT
    )
    assert not any(finds(system, case_id).values())
    builders.add_release(house.therapist, case_id, recipient=SYSTEM, route=SendRoute.SYSTEM, classes=IN_REPORT)
    assert all(finds(system, case_id).values())


def test_a_bulk_export_holds_a_report_only_by_all_of_its_classes(house: House, case_id: str) -> None:
    ask = BulkAsk(BulkLevel.SYSTEM, "https://stepwell.example/fhir/R4/$export", bulk.EXPORTED)
    whole = (*BY_LINK, C.SUMMARY)
    without = [tuple(each for each in whole if each is not one) for one in IN_REPORT]
    for classes, goes in (
        (whole, True),
        ((*BY_LINK, C.PLAN_LINES, C.DIAGNOSES), False),
        *((each, False) for each in without),
    ):
        release = builders.add_release(
            house.therapist, case_id, recipient=SYSTEM, route=SendRoute.SYSTEM, classes=classes
        )
        packed = bulk.packed(ask, release, resources.lines_of_case(case_id, None), lambda kept: opened(case_id, kept))
        sent = [line for lines in packed.lines.values() for line in lines]
        assert any(REPORT.encode() in line for line in sent) is goes
        assert (C.SUMMARY in packed.left.classes) is goes
        assert ("summary" in packed.withheld) is not goes


def opened(case_id: str, kept: Sequence[Sealed]) -> list[Line]:
    return resources.open_lines(case_id, kept)


def test_no_package_of_a_person_holds_a_report_and_it_says_so(house: House, case_id: str) -> None:
    body, told = bundle.export(house.therapist, case_id, to_the_client())
    assert REPORT.encode() not in body and PLANTED.encode() not in body
    summary: Any = next(each for each in told["by_class"] if each["class"] == "summary")  # type: ignore[attr-defined]
    assert (summary["sent"], summary["withheld"], summary["why"]) == (0, 2, BY_REPORT)
