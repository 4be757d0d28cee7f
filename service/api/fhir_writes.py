"""Creating a response, and several requests in one: batch and transaction. https://hl7.org/fhir/R4/http.html#transaction

Rule: a batch is its requests one after another, each through the whole application as if it had come alone: the same
guard, the same audit row, the same refusals. A transaction holds responses of one client, kept all or none.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import format_datetime
from typing import Any, cast

import orjson
from flask import Response, current_app, request
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder

from schemas.actions import Action
from service.api.fhir import FHIR_JSON, PREFIX, answer, check_format, fhir, prefer
from service.casework.gate import reaches
from service.casework.received import Received, check_may_send
from service.domain.scopes import READ
from service.errors import Invalid
from service.fhir import publish, reading, writing
from service.fhir.labels import joined
from service.fhir.operations import asked
from service.fhir.outcome import outcome
from service.fhir.shapes import Json, from_bytes, instant, to_bytes
from service.guard import current_actor, needs

MOST_ENTRIES = 100
NOT_MODIFIED = 304
_PASSED_ON = ("Authorization", "Cookie", "X-CSRF-Token", "Sec-Fetch-Site", "Origin", "Host", "Prefer")
_CONDITIONS = {"If-None-Match": "ifNoneMatch", "If-Modified-Since": "ifModifiedSince", "If-None-Exist": "ifNoneExist"}
_CREATE = ("POST", writing.TYPE)


@dataclass(frozen=True)
class Step:
    """One request of a Bundle; `at` is its place, for messages."""

    at: str
    method: str
    url: str
    more: Mapping[str, Any]
    resource: Any


@fhir.post(f"/{writing.TYPE}")
@needs(Action.INTAKE_SEND)
def create_response() -> Response:
    check_format()
    check_may_send(current_actor())
    if "If-None-Exist" in request.headers:
        raise Invalid("A condition on a create is not understood here.", {"If-None-Exist": "Leave it out."})
    resource = asked(request.get_data(), "resource").resource("resource", writing.TYPE)
    (received,) = writing.write(current_actor(), [resource])
    return _created(received)


@fhir.post("/", strict_slashes=False)
@needs(Action.FHIR_READ)
def bundle() -> Response:
    check_format()
    given = asked(request.get_data(), "bundle").resource("bundle", "Bundle")
    steps = _steps(given.get("entry"))
    match given.get("type"):
        case "batch":
            return answer(_answered("batch-response", [_done(each) for each in steps]))
        case "transaction":
            return answer(_answered("transaction-response", _kept(steps)))
        case _:
            raise Invalid("Send a batch or a transaction.", {"Bundle.type": "batch or transaction is expected here"})


def _created(received: Received) -> Response:
    """201 for a new response, 200 for one that was here already, with as much as the asker prefers."""
    wish, status = prefer().get("return", "representation"), 201 if received.is_new else 200
    if wish == "representation" and not reaches(current_actor(), writing.TYPE, READ):
        wish = "minimal"  # who may send and not read
    path = f"{writing.TYPE}/{received.intake.id}"
    match wish:
        case "minimal":
            made = answer(b"", status)
        case "OperationOutcome":
            made = answer(outcome("informational", "It was kept.", severity="information"), status)
        case _:
            made = answer(reading.read(current_actor(), writing.TYPE, received.intake.id).body, status)
    made.headers["Location"] = f"{publish.addresses().rest}/{path}/_history/1"
    made.headers["ETag"] = 'W/"1"'
    made.headers["Last-Modified"] = format_datetime(received.intake.updated_at, usegmt=True)
    return made


def _steps(entries: object) -> list[Step]:
    """Raises Invalid naming the entry."""
    if not isinstance(entries, list) or not entries:
        raise Invalid("The Bundle holds no entry.", {"Bundle.entry": "missing"})
    if len(entries) > MOST_ENTRIES:
        raise Invalid("The Bundle holds too many entries.", {"Bundle.entry": f"Send at most {MOST_ENTRIES}."})
    return [_step(f"Bundle.entry[{number}]", each) for number, each in enumerate(entries)]


def _step(at: str, entry: object) -> Step:
    asked_for = entry.get("request") if isinstance(entry, dict) else None
    method, url = (asked_for.get(name) for name in ("method", "url")) if isinstance(asked_for, dict) else (None, None)
    if not isinstance(method, str) or not isinstance(url, str):
        raise Invalid("An entry says no method or no address.", {f"{at}.request": "method and url are expected here"})
    bare = url.removeprefix(f"{publish.addresses().rest}/")
    return Step(at, method, bare, cast(Json, asked_for), cast(Json, entry).get("resource"))


def _kept(steps: list[Step]) -> list[Json]:
    """A transaction: responses of one client, all or none. Raises Invalid naming the entry."""
    for each in steps:
        if (each.method, each.url) != _CREATE or "ifNoneExist" in each.more:
            raise Invalid(
                "A transaction may create responses and nothing else. Put what you read into a batch.",
                {f"{each.at}.request": f"POST {writing.TYPE} is expected here"},
            )
        if not isinstance(each.resource, dict) or each.resource.get("resourceType") != writing.TYPE:
            raise Invalid(f"An entry holds no {writing.TYPE}.", {f"{each.at}.resource": "missing"})
    received = writing.write(current_actor(), [each.resource for each in steps])
    return [{"response": _told(each)} for each in received]


def _told(received: Received) -> Json:
    return {
        "status": "201 Created" if received.is_new else "200 OK",
        "location": f"{publish.addresses().rest}/{writing.TYPE}/{received.intake.id}/_history/1",
        "etag": 'W/"1"',
        "lastModified": instant(received.intake.updated_at),
    }


def _done(step: Step) -> Json:
    """One request of a batch, sent through the application."""
    if not _may_stand_in_batch(step):
        return _as_entry(answer(outcome("not-supported", "This cannot stand in a batch.", expression=step.at), 400))
    path, _, query = step.url.partition("?")
    builder = EnvironBuilder(
        f"{PREFIX}/{path}",
        method=step.method,
        query_string=query,
        base_url=request.host_url,
        headers=_headers(step),
        data=to_bytes(step.resource) if isinstance(step.resource, dict) else None,
        content_type=FHIR_JSON if isinstance(step.resource, dict) else None,
    )
    with current_app.request_context(builder.get_environ()):
        return _as_entry(_told_in_fhir(current_app.full_dispatch_request(), step))


def _told_in_fhir(response: Response, step: Step) -> Response:
    """A page, or a way to elsewhere, says nothing to who sent a batch: it becomes an outcome of its entry."""
    leads_away = response.status_code in range(300, 400) and response.status_code != NOT_MODIFIED
    if leads_away or (response.get_data() and not response.is_json):
        status = response.status_code if response.status_code >= 400 else 400
        return answer(outcome("not-found", "There is no such place here.", expression=step.at), status)
    return response


def _may_stand_in_batch(step: Step) -> bool:
    """Reads, operations and creates; no batch inside a batch, and no way out of this edge."""
    is_inside = step.url[:1].isupper() or step.url == "metadata"
    is_plain = step.url.isascii() and step.url.isprintable() and ".." not in step.url
    is_whole = "//" not in step.url.partition("?")[0]
    return is_inside and is_plain and is_whole and step.method in ("GET", "POST")


def _headers(step: Step) -> Headers:
    kept = {name: request.headers[name] for name in _PASSED_ON if name in request.headers}
    given = {name: str(step.more.get(key, "")) for name, key in _CONDITIONS.items()}
    asked_for = {name: value for name, value in given.items() if value and value.isascii() and value.isprintable()}
    return Headers({**kept, **asked_for, "Accept": FHIR_JSON})


def _as_entry(response: Response) -> Json:
    told: Json = {"status": response.status}
    names = {"etag": "ETag", "location": "Location"}
    told |= {name: response.headers[header] for name, header in names.items() if header in response.headers}
    if response.last_modified is not None:
        told["lastModified"] = instant(response.last_modified)
    body = response.get_data()
    if not body:
        return {"response": told}
    is_fine = response.status_code < 400
    return {"resource": body, "response": told} if is_fine else {"response": {**told, "outcome": orjson.Fragment(body)}}


def _answered(kind: str, entries: list[Json]) -> bytes:
    """The Bundle carries the highest label of what is in it."""
    bodies = [cast(bytes, each["resource"]) for each in entries if "resource" in each]
    labels = [from_bytes(each).get("meta", {}).get("security", []) for each in bodies]
    spliced = [
        {**each, "resource": orjson.Fragment(cast(bytes, each["resource"]))} if "resource" in each else each
        for each in entries
    ]
    return orjson.dumps(
        {"resourceType": "Bundle", "meta": {"security": joined(labels)}, "type": kind, "entry": spliced}
    )
