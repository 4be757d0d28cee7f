"""What the FHIR server of a connected system holds about one client, gathered into a Bundle to be looked at.

https://hl7.org/fhir/R4/http.html#search and https://hl7.org/fhir/smart-app-launch/backend-services.html

Rule: asks that server alone, for one patient, by the types that can be taken over, and keeps of what a search finds
only what names that patient: a server may pass over what it was asked for. Nothing in an answer is followed but further
pages of a search and the clinicians that are named, each under the server's own address. All of it is over within
TOGETHER seconds and LARGEST bytes, or fails as a whole with words for who asked.
"""

import re
from dataclasses import dataclass, field
from datetime import date
from time import monotonic
from typing import Any
from urllib.parse import quote, urlencode, urlsplit
from uuid import uuid4

from schemas.takeover_codes import OutsideType
from service.casework.assertions import signed
from service.casework.fetching import Gathered, NoClient, Outcome, ShutOut
from service.domain import clock
from service.domain.machine_clients import ASSERTION_LASTS, RecordServer
from service.ehr.client import Reply, Way, send
from service.errors import Unavailable
from service.fhir.importing.source import LARGEST, Unreadable, read_object
from service.fhir.shapes import Json, to_bytes

TOGETHER = 25.0
MOST_PAGES = 5
MOST_CLINICIANS = 5
SEARCHED = (OutsideType.RELATED, OutsideType.COVERAGE, OutsideType.APPOINTMENT, OutsideType.RESPONSE)
SILENT = "The server cannot be reached, or did not answer in time. Try again later, or use a file."
NO_FHIR = "What the server answers cannot be read as FHIR. Tell whoever looks after it, or use a file."
TOO_LARGE = "The server holds more about this client than can be looked at here at once (2 MB). Use a file."
SHUT = "The server does not let Stepwell in. An administrator checks its client id and key under Connected systems."
NOBODY = "The server knows no client with this number."
SEVERAL = "The server knows several clients with this number. Use the id that it has for one of them."
SOMEBODY_ELSE = "The server answered about somebody else."
OTHER_NUMBER = "The server answered with somebody who does not have this number. Use the id that it has for the client."
OTHER_DAY = "Whoever has this number there was born on another day, or it is not said when. Use a file."
_ID = re.compile(r"[A-Za-z0-9.\-]{1,64}")
_BY = {OutsideType.RELATED: "patient", OutsideType.COVERAGE: "beneficiary", OutsideType.RESPONSE: "subject"}
_JSON = {"Accept": "application/fhir+json, application/json", "Prefer": "handling=strict"}
_FORM = {**_JSON, "Content-Type": "application/x-www-form-urlencoded"}
_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@dataclass
class Talk:
    """A conversation with one server: until when it may last, and how many bytes may still come."""

    server: RecordServer
    way: Way
    token: str = ""
    left: int = LARGEST
    ends: float = field(default_factory=lambda: monotonic() + TOGETHER)

    def read(self, place: str) -> tuple[int, Json]:
        """The status, and what is said at a place under the server's address. Raises Unavailable."""
        bearer = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return _told(self._spent(f"{self.server.url}/{place}", {**_JSON, **bearer}))

    def sign_in(self) -> None:
        """A token by a signed assertion. Raises Unavailable."""
        status, known = self.read(".well-known/smart-configuration")
        endpoint = str(known.get("token_endpoint"))
        if status != 200 or not _is_on(endpoint, self.server):
            raise ShutOut(SHUT)
        form = {
            "grant_type": "client_credentials",
            "scope": " ".join(_scopes(known.get("scopes_supported"))),
            "client_assertion_type": _ASSERTION,
            "client_assertion": signed(_claims(self.server.client_id, endpoint), self.server.key),
        }
        status, given = _told(self._spent(endpoint, _FORM, urlencode(form).encode()))
        self.token = str(given.get("access_token") or "")
        if status != 200 or not re.fullmatch(r"[\x21-\x7e]{1,4000}", self.token):
            raise ShutOut(SHUT)

    def _spent(self, url: str, headers: dict[str, str], body: bytes | None = None) -> Reply:
        if monotonic() >= self.ends:
            raise Unavailable(SILENT)
        try:
            reply = send(url, self.way, headers=headers, body=body, largest=self.left)
        except Unavailable as error:
            raise Unavailable(SILENT) from error
        self.left -= len(reply.body)
        if self.left < 0:
            raise Unavailable(TOO_LARGE)
        return reply


def gather(server: RecordServer, number: str, born: date, way: Way) -> Gathered:
    """Everything about the patient with this id, or with this identifier as `system|value`, who was born that day.
    Raises Unavailable, NoClient for a number that names nobody there, or somebody else: of them nothing more is read.
    """
    talk = Talk(server, way)
    if server.client_id:
        talk.sign_in()
    patient = _patient(talk, number)
    if patient.get("birthDate") != born.isoformat():
        raise NoClient(OTHER_DAY, Outcome.OTHER_DAY)
    found, missing, left_out = [patient], [], 0
    for each in SEARCHED:
        status, listed = _search(talk, f"{each}?{urlencode({'patient': patient['id'], '_count': 50})}", each)
        about = [resource for resource in listed if _is_about(server, resource, patient)]
        found, left_out = found + about, left_out + len(listed) - len(about)
        missing += [each.value] if status != 200 else []
    for place in _clinicians(server, found):
        status, resource = talk.read(place)
        if status == 200 and place == _place(resource):
            found.append(resource)
    return Gathered(_bundle(server, found), tuple(missing), left_out)


def _scopes(offered: object) -> list[str]:
    """One a type, of those that are offered where the server says so: no more than is looked for."""
    types = (OutsideType.PATIENT, OutsideType.PRACTITIONER, *SEARCHED)
    wanted = [[f"system/{each}.{right}" for each in types] for right in ("rs", "read")]
    known = offered if isinstance(offered, list) else []
    found = ([each for each in names if each in known] for names in wanted)
    return next(filter(None, found), wanted[0])


def _claims(client_id: str, endpoint: str) -> Json:
    expires = int((clock.now() + ASSERTION_LASTS).timestamp()) - 60
    return {"iss": client_id, "sub": client_id, "aud": endpoint, "exp": expires, "jti": str(uuid4())}


def _is_on(url: str, server: RecordServer) -> bool:
    try:
        return urlsplit(url)[:2] == urlsplit(server.url)[:2]
    except ValueError:
        return False


def _told(reply: Reply) -> tuple[int, Json]:
    """What a refusal says is not looked at."""
    if reply.status != 200:
        return reply.status, {}
    try:
        return 200, read_object(reply.body)
    except Unreadable as error:
        raise Unavailable(NO_FHIR) from error


def _patient(talk: Talk, number: str) -> Json:
    """Raises NoClient for nobody, for several, and for somebody else."""
    if "|" in number:
        status, listed = _search(talk, f"Patient?{urlencode({'identifier': number})}", OutsideType.PATIENT)
        if not all(_carries(each, number) for each in listed):
            raise NoClient(OTHER_NUMBER, Outcome.SOMEBODY_ELSE)
        if len(listed) > 1:
            raise NoClient(SEVERAL, Outcome.SEVERAL)
        found = listed[0] if listed else {}
    else:
        status, found = talk.read(f"Patient/{quote(number, safe='')}") if _ID.fullmatch(number) else (404, {})
    if status in (401, 403):
        raise ShutOut(SHUT)
    if status in (404, 410) or (status == 200 and not found):
        raise NoClient(NOBODY, Outcome.NOBODY)
    if status != 200 or found.get("resourceType") != "Patient" or not _ID.fullmatch(str(found.get("id"))):
        raise Unavailable(NO_FHIR)
    if "|" not in number and found["id"] != number:
        raise NoClient(SOMEBODY_ELSE, Outcome.SOMEBODY_ELSE)
    return found


def _carries(patient: Json, number: str) -> bool:
    """Whether the identifier that was asked for, as `system|value`, stands in it: a server may pass over what it was
    asked for.
    """
    system, _bar, value = number.partition("|")
    known = ((each.get("system") or "", each.get("value")) for each in _objects(patient, "identifier"))
    return (system, value) in known


def _is_about(server: RecordServer, resource: Json, patient: Json) -> bool:
    """Whether it names this Patient, relative or under the server's own address."""
    name = next((name for kind, name in _BY.items() if kind == resource.get("resourceType")), "")
    named = [resource.get(name)] if name else [each.get("actor") for each in _objects(resource, "participant")]
    links = [str(each.get("reference")).partition("/_history/")[0] for each in named if isinstance(each, dict)]
    return bool({_place(patient), f"{server.url}/{_place(patient)}"} & set(links))


def _search(talk: Talk, place: str, kind: OutsideType) -> tuple[int, list[Json]]:
    """What of this type is found, over a few pages; a status that is not 200 where it was not given out."""
    found: list[Json] = []
    for _page in range(MOST_PAGES):
        status, bundle = talk.read(place)
        if status != 200:
            return status, found
        if bundle.get("resourceType") != "Bundle":
            raise Unavailable(NO_FHIR)
        found += [each for each in _resources(bundle) if each.get("resourceType") == kind]
        place = _next(talk.server, bundle)
        if not place:
            return 200, found
    raise Unavailable(TOO_LARGE)


def _resources(bundle: Json) -> list[Json]:
    held = [each.get("resource") for each in _objects(bundle, "entry")]
    return [each for each in held if isinstance(each, dict)]


def _next(server: RecordServer, bundle: Json) -> str:
    """Where the next page is, within the server; "" after the last. Raises Unavailable where it leads elsewhere."""
    url = next((str(each.get("url")) for each in _objects(bundle, "link") if each.get("relation") == "next"), "")
    place = url.removeprefix(server.url).lstrip("/")
    if url and (place == url or not place.isascii() or not place.isprintable() or " " in place or ".." in place):
        raise Unavailable(NO_FHIR)
    return place


def _objects(value: Json, name: str) -> list[Json]:
    listed = value.get(name)
    return [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []


def _clinicians(server: RecordServer, found: list[Json]) -> list[str]:
    """Those whom the patient or an appointment names, each once."""
    named = [each for resource in found for each in _objects(resource, "generalPractitioner")]
    taking_part = [each.get("actor") for resource in found for each in _objects(resource, "participant")]
    links = [str(each.get("reference")) for each in (*named, *taking_part) if isinstance(each, dict)]
    places = dict.fromkeys(each.removeprefix(f"{server.url}/") for each in links)
    return [each for each in places if re.fullmatch(rf"Practitioner/{_ID.pattern}", each)][:MOST_CLINICIANS]


def _place(resource: Json) -> str:
    return f"{resource.get('resourceType')}/{resource.get('id')}"


def _bundle(server: RecordServer, found: list[Json]) -> bytes:
    """Each once, by the address that others in it may speak of."""
    once: dict[str, Any] = {_place(each): each for each in found}
    entries = [{"fullUrl": f"{server.url}/{place}", "resource": each} for place, each in once.items()]
    data = to_bytes({"resourceType": "Bundle", "type": "collection", "entry": entries})
    if len(data) > LARGEST:
        raise Unavailable(TOO_LARGE)
    return data
