"""Bulk Data 2.0: asking for an export, its status, its files. https://hl7.org/fhir/uv/bulkdata/export.html

Rule: what is not supported is refused, or left out where the asker says so (`Prefer: handling=lenient`). An export
that is deleted, run out or no longer covered answers as one that never was.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime

import orjson
from flask import Blueprint, Flask, Response, request, stream_with_context
from werkzeug.http import http_date

from schemas.actions import Action
from service.api.fhir import PREFIX, NotAcceptable, prefer
from service.api.reader import parse
from service.casework import bulk_exports
from service.casework.bulk_exports import OUTCOME
from service.domain.bulk_exports import LASTS, BulkAsk, BulkExport, BulkFile, BulkLevel, BulkState, counts_told
from service.domain.scopes import READ, SEARCH, allows
from service.errors import Invalid, NotAllowed, NotFound, Why
from service.fhir import publish
from service.fhir.bulk import EXPORTED
from service.fhir.shapes import instant
from service.fhir.type_filters import NAME, read_filters
from service.guard import current_actor, needs

NDJSON = "application/fhir+ndjson"
FORMATS = frozenset({NDJSON, "application/ndjson", "ndjson"})
PARAMETERS = frozenset({"_outputFormat", "_since", "_type", NAME, "patient"})
RETRY_SECONDS = "5"
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)")
_FILE = re.compile(r"([A-Za-z]{1,40})\.ndjson")

bulk = Blueprint("bulk", __name__, url_prefix=PREFIX)


def register(app: Flask) -> None:
    app.register_blueprint(bulk)


@bulk.get("/$export")
@bulk.post("/$export")
@needs(Action.BULK_START)
def export_all() -> Response:
    return _started(BulkLevel.SYSTEM)


@bulk.get("/Patient/$export")
@bulk.post("/Patient/$export")
@needs(Action.BULK_START)
def export_patients() -> Response:
    return _started(BulkLevel.PATIENT)


@bulk.get("/Group/<group_id>/$export")
@bulk.post("/Group/<group_id>/$export")
@needs(Action.BULK_START)
def export_group(group_id: str) -> Response:
    return _started(BulkLevel.GROUP, group_id)


@bulk.get("/bulk/<export_id>")
@needs(Action.BULK_READ)
def status(export_id: str) -> Response:
    found = bulk_exports.read_export(current_actor(), export_id)
    if found.state is BulkState.RUNNING:
        waiting = Response(status=202)
        waiting.headers["X-Progress"], waiting.headers["Retry-After"] = f"{found.tenths * 10} %", RETRY_SECONDS
        return waiting
    ready = Response(orjson.dumps(_manifest(found)), mimetype="application/json")
    ready.headers["Expires"] = http_date(found.expires_at or found.started_at + LASTS)
    return ready


@bulk.delete("/bulk/<export_id>")
@needs(Action.BULK_END)
def end(export_id: str) -> Response:
    bulk_exports.end_export(current_actor(), export_id)
    return Response(status=202)


@bulk.get("/bulk/<export_id>/<file_name>")
@needs(Action.BULK_READ)
def file(export_id: str, file_name: str) -> Response:
    named = _FILE.fullmatch(file_name)
    if named is None:
        raise NotFound
    found, lines = bulk_exports.open_file(current_actor(), export_id, named[1])
    sent = Response(stream_with_context(lines), content_type=NDJSON)
    sent.headers["Content-Length"] = str(found.length)
    return sent


def _started(level: BulkLevel, group_id: str = "") -> Response:
    accepted = [mime for mime, _quality in request.accept_mimetypes] or ["*/*"]
    if not any(each.partition(";")[0] in ("application/fhir+json", "application/json", "*/*") for each in accepted):
        raise NotAcceptable
    wanted = prefer()
    if "respond-async" not in wanted:
        raise Invalid("An export is made in the background: send Prefer: respond-async.", {"Prefer": "respond-async"})
    ask = _ask(level, group_id, lenient=wanted.get("handling") == "lenient")
    export_id = bulk_exports.start_export(current_actor(), ask)
    started = Response(status=202)
    started.headers["Content-Location"] = _address(export_id)
    return started


def _ask(level: BulkLevel, group_id: str, *, lenient: bool) -> BulkAsk:
    given = list(request.args.items(multi=True)) if request.method == "GET" else _posted()
    beyond = sorted({name for name, _value in given if name not in PARAMETERS})
    if beyond and not lenient:
        raise Invalid(f"Not supported here: {', '.join(beyond)}.", {beyond[0]: "not supported"})
    if not FORMATS.issuperset(_values(given, "_outputFormat")):
        raise Invalid("Files are NDJSON.", {"_outputFormat": "not supported"})
    patients = [each.removeprefix("Patient/") for each in _values(given, "patient")]
    if patients and (request.method == "GET" or level is BulkLevel.SYSTEM):
        raise Invalid("Name patients in the body of an export of clients.", {"patient": "not supported here"})
    types, at = _types(_split(_values(given, "_type")), lenient=lenient), publish.addresses()
    return BulkAsk(
        level=level,
        request=f"{at.rest}{request.full_path.removeprefix(PREFIX).rstrip('?')}",
        types=types,
        since=_since(_values(given, "_since")),
        group=group_id,
        patients=tuple(patients) or None,
        filters=read_filters(_split(_values(given, NAME)), types, at, lenient=lenient),
    )


def _posted() -> list[tuple[str, str]]:
    """The parameters of a Parameters resource, as name and text."""
    body = parse(request.get_data() or b"{}")
    parts = body.get("parameter", []) if isinstance(body, dict) and body.get("resourceType") == "Parameters" else None
    if not isinstance(parts, list) or not all(isinstance(each, dict) for each in parts):
        raise Invalid("Send a Parameters resource.", {"body": "no Parameters"})
    return [(str(each.get("name")), _text(each)) for each in parts]


def _text(part: dict[str, object]) -> str:
    value = next((each for name, each in part.items() if name.startswith("value")), "")
    return str(value.get("reference", "")) if isinstance(value, dict) else str(value)


def _types(named: list[str], *, lenient: bool) -> tuple[str, ...]:
    """What was named, else everything; as far as the token's scopes go."""
    unknown = [each for each in named if each not in EXPORTED]
    if unknown and not lenient:
        raise Invalid(f"Not exported here: {', '.join(unknown)}.", {"_type": "not exported here"})
    scopes = current_actor().scopes
    reached = [each for each in EXPORTED if all(allows(scopes, each, right) for right in (READ, SEARCH))]
    wanted = [each for each in named if each in EXPORTED] or reached
    if not reached or not set(wanted) <= set(reached):
        raise NotAllowed("The scopes of this token do not cover this.", Why.SCOPE)
    return tuple(wanted)


def _since(values: list[str]) -> datetime | None:
    if not values:
        return None
    try:
        if len(values) > 1 or not _INSTANT.fullmatch(values[0].replace(" ", "+")):
            raise ValueError
        return datetime.fromisoformat(values[0].replace(" ", "+")).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Invalid("Give an instant with its zone.", {"_since": "an instant is expected here"}) from None


def _values(given: Iterable[tuple[str, str]], name: str) -> list[str]:
    return [value for each, value in given if each == name]


def _split(values: Iterable[str]) -> list[str]:
    return [each for value in values for each in value.split(",") if each]


def _manifest(found: BulkExport) -> dict[str, object]:
    at = publish.addresses()
    files = [each for each in found.files if each.type != OUTCOME]
    errors = [each for each in found.files if each.type == OUTCOME]
    return {
        "transactionTime": instant(found.started_at),
        "request": found.ask.request,
        "requiresAccessToken": True,
        "output": [_output(found.id, each) for each in files],
        "error": [_output(found.id, each) for each in errors],
        **({"deleted": []} if found.ask.since else {}),
        "extension": {f"{at.canonical}/StructureDefinition/bulk-withheld": counts_told(found.withheld)},
    }


def _output(export_id: str, file: BulkFile) -> dict[str, object]:
    return {"type": file.type, "url": f"{_address(export_id)}/{file.type}.ndjson", "count": file.count}


def _address(export_id: str) -> str:
    return f"{publish.addresses().rest}/bulk/{export_id}"
