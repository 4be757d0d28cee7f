"""An export as a transaction: every entry is found again by what is its own, and refers to entries alone."""

import json
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl

import orjson
import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.export_codes import PackageForm
from service.casework.sources import Frozen
from service.domain.disclosures import to_the_client
from service.domain.packages import Scope
from service.fhir import bundle, codes, models
from service.fhir.build import resources_of
from service.fhir.bundle import By
from service.fhir.entries import Entry
from service.fhir.shapes import from_bytes, to_bytes
from service.fhir.transaction import transaction_entries
from service.store import disclosures
from tests import builders
from tests.builders import House
from tests.contracts.test_every_resource import resources_inside, written
from tests.fhir.records import AT, anything


def entries_of(resources: list[Any]) -> list[Entry]:
    """Each once: some goldens are versions of one resource, and a package holds the newest alone."""
    named = {(each["resourceType"], each["id"]): each for each in resources}
    return [Entry(kind, own_id, to_bytes(each)) for (kind, own_id), each in named.items()]


def sent(found: list[Entry]) -> list[Any]:
    made: list[Any] = orjson.loads(orjson.dumps(transaction_entries(found, AT)))
    return made


def pointers(value: object) -> list[str]:
    """References, and addresses of Binaries."""
    if isinstance(value, dict):
        own = [each for name, each in value.items() if name == "url" and str(each).startswith(("Binary/", "urn:uuid:"))]
        return own + [url for each in value.values() for url in pointers(each)]
    return [url for each in value for url in pointers(each)] if isinstance(value, list) else []


def check(found: list[Entry], made: list[Any]) -> None:
    urls = [each["fullUrl"] for each in made]
    assert len(set(urls)) == len(found) and all(url == url.lower() and url.startswith("urn:uuid:") for url in urls)
    asked = [json.dumps(each["request"]) for each in made]
    assert len(set(asked)) == len(asked)
    names = {f"{each.type}/{each.id}": url for each, url in zip(found, urls, strict=True)}
    for before, each in zip(found, made, strict=True):
        own = from_bytes(before.body)
        resource = each["resource"]
        assert "id" not in resource and {"versionId", "lastUpdated"}.isdisjoint(resource["meta"])
        assert resources_inside(resource) == [names.get(one, one) for one in resources_inside(own)]
        assert pointers(resource) == [names.get(one, one) for one in pointers(own)]
        assert resource["meta"]["security"] == own["meta"]["security"]


@pytest.fixture(scope="module")
def goldens() -> list[Entry]:
    return entries_of(list(written().values()))


def test_all_that_we_write_goes_and_every_reference_points_at_an_entry(goldens: list[Entry]) -> None:
    made = sent(goldens)
    check(goldens, made)
    urls = {each["fullUrl"] for each in made}
    inside = {url for each in made for url in resources_inside(each["resource"]) + pointers(each["resource"])}
    assert inside <= urls and len(inside) > 20
    for each in made:
        assert models.problems_of(each["resource"]) == codes.problems_of(each["resource"]) == []


def test_an_entry_is_found_again_by_what_no_other_shares(goldens: list[Entry]) -> None:
    """Not by a case code, which two practices may both give, nor by what all versions of a plan share."""
    for before, each in zip(goldens, sent(goldens), strict=True):
        request, kind = each["request"], before.type
        if kind in ("Questionnaire", "PlanDefinition"):
            own = from_bytes(before.body)
            assert (request["method"], request["url"]) == ("POST", kind)
            assert parse_qsl(request["ifNoneExist"]) == [("url", own["url"]), ("version", own["version"])]
            continue
        assert request["method"] == "PUT"
        place, _, query = request["url"].partition("?")
        ((name, token),) = parse_qsl(query)
        system, _, value = token.rpartition("|")
        assert (place, value) == (kind, before.id) and system.startswith(AT.canonical)
        tags = each["resource"]["meta"].get("tag", [])
        assert tags == ([{"system": system, "code": value}] if name == "_tag" else [])
        if name == "identifier":
            held = each["resource"]["identifier"]
            assert {"system": system, "value": value} in (held if isinstance(held, list) else [held])


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(anything(), min_size=1, max_size=4))
def test_whatever_the_records_entries_are_their_own_and_the_same_each_time(frozen: list[Frozen]) -> None:
    found = entries_of([each.resource(1) for one in frozen for each in resources_of(one, AT)])
    made = sent(found)
    check(found, made)
    assert made == sent(found)


def test_the_text_of_a_note_that_stays_is_named_by_its_address_here(goldens: list[Entry]) -> None:
    made = sent([each for each in goldens if each.type != "Binary"])
    texts = [part["attachment"] for each in made for part in each["resource"].get("content", [])]
    stays = {f"{AT.rest}/Binary/{each.id}" for each in goldens if each.type == "Binary"}
    assert {each["url"] for each in texts} == stays and all(each["hash"] for each in texts)


def test_a_form_of_other_makers_may_have_no_address_and_commas_are_no_or() -> None:
    form = {"resourceType": "Questionnaire", "id": "x-1", "status": "active", "item": []}
    (bare,) = sent([Entry("Questionnaire", "x-1", orjson.dumps(form))])
    assert parse_qsl(bare["request"]["ifNoneExist"]) == [("_tag", f"{AT.system('resource-id')}|x-1")]
    named = form | {"url": "https://forms.example/a,b|c"}
    (each,) = sent([Entry("Questionnaire", "x-1", orjson.dumps(named))])
    assert parse_qsl(each["request"]["ifNoneExist"]) == [("url", r"https://forms.example/a\,b\|c")]
    assert each["resource"]["url"] == "https://forms.example/a,b|c" and "meta" not in each["resource"]


def test_the_numbers_keep_their_digits() -> None:
    body = b'{"resourceType":"Questionnaire","id":"x-1","url":"https://forms.example/a","item":[{"n":72.50}]}'
    assert b"72.50" in orjson.dumps(transaction_entries([Entry("Questionnaire", "x-1", body)], AT))


def test_a_transaction_holds_what_the_collection_holds_and_is_logged_by_its_own_digest(
    context: Flask, house: House
) -> None:
    actor = house.therapist
    case = builders.add_case(actor)
    builders.add_note(actor, builders.add_session(actor, case.id).id, signed=True)
    assert builders.add_plan(actor, case.id).plan_id == builders.add_plan(actor, case.id).plan_id
    left = {}
    for form in (PackageForm.BUNDLE, PackageForm.TRANSACTION):
        body, told = bundle.export(actor, case.id, to_the_client(), by=By(Scope(form=form)))
        (row, *_earlier) = disclosures.of_case(case.id)
        left[form] = (orjson.loads(body), told, row.left)
        assert row.left.digest == sha256(body).hexdigest()
        assert told["contents_sha256"] == sha256(orjson.dumps(left[form][0]["entry"])).hexdigest()
    (whole, told, _), (taken, told_again, _) = left.values()
    assert (whole["type"], taken["type"]) == ("collection", "transaction")
    assert whole["meta"] == taken["meta"] and models.problems_of(taken) == []
    assert told_again["counts"] == told["counts"] and told_again["by_class"] == told["by_class"]
    kinds = [[each["resource"]["resourceType"] for each in one["entry"]] for one in (whole, taken)]
    assert kinds[0] == kinds[1] and kinds[0].count("CarePlan") == 2
    asked = [json.dumps(each["request"]) for each in taken["entry"]]
    assert len(set(asked)) == len(asked)
    urls = {each["fullUrl"] for each in taken["entry"]}
    assert {url for each in taken["entry"] for url in resources_inside(each["resource"])} <= urls
