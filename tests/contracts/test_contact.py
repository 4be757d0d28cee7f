"""No page, answer or report shows a way to reach a client that may not be used at this moment.

The pages are walked, not listed: one case holds a number, an address and a mailbox of which none may be used, and no
answer to its own therapist holds them, save the forms and records where they are changed.
"""

import io
import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject
from werkzeug.routing import BuildError

from schemas.vocabulary import CaseState, Channel, ChannelRule
from service.casework import cases
from service.domain import clock
from service.domain.actors import Actor
from service.domain.cases import ChannelPreference, ContactPreferences
from tests import builders
from tests.builders import House
from tests.contracts.route_ids import furnish
from tests.contracts.sources import ROOT

SignIn = Callable[[Actor], FlaskClient]
# The clocks of the practice are those of Dublin.
SUNDAY_NIGHT = datetime(2027, 3, 7, 23, tzinfo=UTC)
LANDLINE, MAILBOX, MOBILE, HOME = "+353 1 555 0177", "kept@mail.example", "+353 86 555 0188", "9 Kept-Back Lane"
NOT_AT_ALL = (LANDLINE, MAILBOX, MOBILE, HOME)
# Where they are changed, by whoever may change them.
CHANGED_THERE = {
    "cases.contact",
    "cases.client",
    "api_cases.read_case",
}
# The words of a template that would print a way to reach somebody; the forms in which they are changed.
PRINTS = re.compile(r"\bcontact\.|\bchannel\(|client\.address|mailto:|tel:|\.phone\b|way\.value")
MAY_PRINT = {
    "parts/reach.html": "shows what service/domain/contact_rules.py lets through",
    "parts/client.html": "the form in which the client's details are changed",
    "pages/cases/contact.html": "the form in which the ways to reach the client are changed",
    "pages/cases/details.html": "says that an address is kept, not which",
}


def reluctant(house: House, case_id: str) -> None:
    """A case whose landline is never used, whose mailbox and mobile are closed now, and whose home is known."""
    client = builders.a_client(address=HOME)
    case = cases.change_client(
        house.therapist, case_id, client, version=cases.read_case(house.therapist, case_id).version
    )
    channels = (
        ChannelPreference(Channel.PHONE, ChannelRule.OK, LANDLINE),
        ChannelPreference(Channel.EMAIL, ChannelRule.NEVER, MAILBOX),
        ChannelPreference(Channel.TEXT, ChannelRule.BETWEEN, MOBILE, start="10:00", end="12:00"),
    )
    cases.change_contact(
        house.therapist, case_id, ContactPreferences(channels, never_contact_by="No phone calls"), version=case.version
    )


def words_of(data: bytes, mimetype: str | None) -> str:
    """Everything that an answer holds as text: that of a PDF's pages and properties, the bytes of any other file."""
    as_sent = data.decode(errors="replace")
    if mimetype != "application/pdf":
        return as_sent
    reader = PdfReader(io.BytesIO(data))
    printed = " ".join(" ".join(page.extract_text().split()) for page in reader.pages)
    return f"{as_sent} {printed} {reader.metadata}"


@pytest.mark.slow
def test_a_closed_way_is_on_no_page_but_where_it_is_changed(app: Flask, house: House, sign_in: SignIn) -> None:
    with app.app_context():
        ids = furnish(house).ids[CaseState.OPEN]
        reluctant(house, ids["case_id"])
    found, kinds, read = set(), set(), 0
    with clock.standing_at(SUNDAY_NIGHT):
        client = sign_in(house.therapist)
        for rule in app.url_map.iter_rules():
            if "GET" not in (rule.methods or ()) or rule.endpoint == "static":
                continue
            try:
                path = app.url_map.bind("localhost").build(rule.endpoint, {each: ids[each] for each in rule.arguments})
            except BuildError:
                continue
            answer = client.get(path, follow_redirects=True, buffered=True)
            read += answer.status_code == 200
            kinds.add(answer.mimetype)
            words = words_of(answer.data, answer.mimetype)
            if any(each in words for each in NOT_AT_ALL):
                found.add(rule.endpoint)
    assert read > 50
    assert {"text/html", "application/json", "application/pdf"} <= kinds
    assert found == CHANGED_THERE


def test_words_inside_a_file_are_seen() -> None:
    drawn = pdf_of(HOME)
    assert HOME.encode() not in drawn
    assert HOME in words_of(drawn, "application/pdf")
    other = b"\xa7" + MAILBOX.encode()
    assert MAILBOX in words_of(other, "image/png")


def pdf_of(words: str) -> bytes:
    """One page that holds the words packed, as a file keeps them."""
    made, drawn, written = PdfWriter(), DecodedStreamObject(), io.BytesIO()
    page = made.add_blank_page(400, 72)
    drawn.set_data(f"BT /F1 12 Tf 20 20 Td ({words}) Tj ET".encode())
    face = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica"}
    font = DictionaryObject({NameObject(key): NameObject(value) for key, value in face.items()})
    faces = DictionaryObject({NameObject("/F1"): font})
    page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): faces})
    page[NameObject("/Contents")] = drawn.flate_encode()
    made.write(written)
    return written.getvalue()


def test_only_these_templates_name_a_way_to_reach_a_client() -> None:
    rooms = [path for end in ("html", "xhtml") for path in (ROOT / "templates").rglob(f"*.{end}")]
    found = {str(each.relative_to(ROOT / "templates")) for each in rooms if PRINTS.search(each.read_text())}
    assert found == MAY_PRINT.keys()


def test_only_the_rules_read_what_was_agreed_about_a_channel() -> None:
    """Code that takes a number out of the preferences by itself would pass by the hours."""
    taken = re.compile(r"\bcontact\.channels?\b|client\.address\b|\.never_contact_by\b")
    rooms = [ROOT / "service" / room for room in ("web", "reports", "fhir", "api", "casework")]
    found = {path.name for room in rooms for path in room.rglob("*.py") if taken.search(path.read_text())}
    assert found == {"left_out.py"}, "left_out.py counts what stays and shows none of it"
