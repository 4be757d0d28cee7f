"""Posted text -> the body that a schema loads, and what a page shows again."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from marshmallow import fields
from werkzeug.datastructures import MultiDict

from schemas.fields import CodedField, Instant, Line, LocalDate, Ticked, Version, Whole, Words
from schemas.payload import Payload
from schemas.vocabulary import Role
from service.errors import Invalid
from service.web import forms
from service.web.forms import Form, read, spoken


class PartSchema(Payload):
    text = Words()
    ticked = Ticked()


class SampleSchema(Payload):
    name = Line(needed=True)
    note = Words(load_default="")
    role = CodedField(Role)
    on = LocalDate(allow_none=True)
    at = Instant()
    count = Whole(0, 10)
    agreed = Ticked()
    many = fields.List(CodedField(Role))
    lines = fields.Dict(keys=Line(), values=fields.Nested(PartSchema))
    rows = fields.List(fields.Nested(PartSchema))
    version = Version()


Post = Callable[..., dict[str, Any]]


@pytest.fixture
def post(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Post:
    """Read a posted form in a practice in Dublin."""
    monkeypatch.setattr(forms, "current_practice", lambda: type("Practice", (), {"zone": "Europe/Dublin"}))

    def posted(**given: str | list[str]) -> dict[str, Any]:
        typed = {"name": "N", "version": "3", "csrf_token": "t"} | {k.replace("__", "."): v for k, v in given.items()}
        with app.test_request_context(method="POST", data=MultiDict(typed)):
            return read(SampleSchema)

    return posted


def test_the_summary_names_fields_as_their_labels_do_in_the_order_of_the_page() -> None:
    work = """<label for="f-key_url">Address of its key&nbsp;set <span class="optional">(may stay empty)</span></label>
        <fieldset aria-describedby="f-told-hint f-told-error"><legend>Does the client know?</legend></fieldset>
        <fieldset aria-describedby="f-many-error">
        <legend>Only these &amp; those <span class="optional">(may stay empty)</span></legend>"""
    work += '<p class="error" id="f-take">E.</p><p class="error" id="f-told-error">B.</p>'
    form = Form(fields={"lines.early_signs.text": "D.", "many": "C.", "told": "B.", "key_url": "A.", "take": "E."})
    assert [words for _name, words in form.errors_on(work)] == [
        "E.",
        "Address of its key\xa0set: A.",
        "Does the client know? B.",
        "Only these & those: C.",
        "Early signs: D.",
    ]


def test_text_becomes_what_the_schema_loads(post: Post) -> None:
    loaded = post(role="admin", count="7", agreed="yes", many=["admin", "therapist"], note="a\r\nb", on="2026-05-04")
    assert loaded["role"] is Role.ADMIN
    assert (loaded["count"], loaded["agreed"], loaded["version"]) == (7, True, 3)
    assert loaded["many"] == [Role.ADMIN, Role.THERAPIST]
    assert loaded["note"] == "a\nb"
    assert loaded["on"].isoformat() == "2026-05-04"


def test_an_empty_control_was_not_given_but_an_empty_text_is_a_text(post: Post) -> None:
    loaded = post(role="", on="", at="", count="", note="")
    assert loaded.keys().isdisjoint({"role", "at", "count"})
    assert (loaded["on"], loaded["note"], loaded["agreed"]) == (None, "", False)


def test_a_local_time_is_an_instant_of_the_practice(post: Post) -> None:
    assert post(at="2026-07-01T14:00")["at"].isoformat() == "2026-07-01T13:00:00+00:00"
    assert post(at="2026-12-01T14:00")["at"].isoformat() == "2026-12-01T14:00:00+00:00"


def test_an_hour_that_the_clocks_skip_is_refused(post: Post) -> None:
    with pytest.raises(Invalid):
        post(at="2026-03-29T01:30")


def test_values_inside_values_have_dotted_names(post: Post) -> None:
    loaded = post(lines__early_signs__text="x", lines__early_signs__ticked="yes", rows__1__text="b", rows__0__text="a")
    assert loaded["lines"] == {"early_signs": {"text": "x", "ticked": True}}
    assert [row["text"] for row in loaded["rows"]] == ["a", "b"]


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"role": "queen"}, "role"),
        ({"count": "11"}, "count"),
        ({"count": "1e3"}, "count"),
        ({"name": " "}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"practice_id": "1"}, "practice_id"),
        ({"version": ""}, "version"),
        ({"at": "tomorrow"}, "at"),
    ],
)
def test_each_complaint_stands_at_its_field(post: Post, given: dict[str, str], name: str) -> None:
    with pytest.raises(Invalid) as refused:
        post(**given)
    assert list(refused.value.fields) == [name]


def test_a_form_that_came_back_shows_what_was_typed() -> None:
    form = Form(MultiDict({"name": "typed", "version": "3"}), fields={"name": "Too long."})
    assert (form.value("name", "stored"), form.value("absent", "stored")) == ("typed", "")
    assert (form.version(4), form.error("name")) == ("3", "Too long.")
    assert Form().value("name", "stored") == "stored"
    assert Form().version(4) == "4"


def test_after_a_conflict_the_newest_version_is_sent_back() -> None:
    form = Form(
        MultiDict({"version": "3"}), yours={"plan": "a", "data": "="}, theirs={"plan": "b", "data": "="}, stale=True
    )
    assert form.version(4) == "4"
    assert form.both == (("plan", "a", "b"),)


def test_a_summary_says_which_field_it_means() -> None:
    assert spoken("supervisor_id") == "Supervisor"
    assert spoken("lines.early_signs.text") == "Early signs"
    assert spoken("channels.0.value") == "Value"
