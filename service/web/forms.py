"""Posted forms -> values, and the same page again with everything typed when a value cannot be taken.

    @page.get("/cases/<case_id>/contact")
    @needs(Action.CASE_READ)
    def contact(case_id: str) -> Response:
        case = cases.read_case(current_actor(), case_id)
        return show("pages/cases/contact.html", task="Contact", case=case)

    @page.post("/cases/<case_id>/contact")
    @needs(Action.CASE_CHANGE)
    @form_page(contact)
    def save_contact(case_id: str) -> Response:
        given = read(ContactSchema)
        cases.change_contact(current_actor(), case_id, ContactPreferences(...), version=given["version"])
        return done(url_for("cases.case", case_id=case_id), "Contact details saved.")

`form_page` catches Invalid (422) and Conflict (409) and runs the GET view again. The template draws each control from
`frame.form`: `frame.form.value("phone", case.contact.phone)`, `frame.form.error("phone")`, and the version that is sent
back by `frame.form.version(case.version)`. Above the work, layout/base.html draws the error summary and, after a
Conflict, both texts side by side. A script of ours that asks for JSON (a draft that saves itself) gets JSON.

Rule: schemas are the ones of the JSON edge; here text becomes the body such a schema expects ("3" for a number, a
ticked box for a boolean, `lines.early_signs.text` for a value inside a value, local time for an instant).
"""

import functools
import html
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ParamSpec, cast

from flask import g, jsonify, make_response, request
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from marshmallow import Schema, ValidationError, fields
from werkzeug.datastructures import MultiDict

from schemas.fields import Instant, Number, Several, Ticked, Version, Whole, Words
from schemas.payload import flat
from service.domain import clock
from service.errors import Conflict, Invalid
from service.guard import CSRF_FIELD, current_practice
from service.web import times

P = ParamSpec("P")
LOOK_AGAIN = "Some of this cannot be taken as it is."
OPEN_AGAIN = "It was not sent along. Open the page again and repeat what you did."
TICKED = frozenset({"yes", "true", "on", "1"})
# As templates/parts/field.html writes them: `lead` above a control, `choices` around several; a line of its own where
# an error is of no field.
_LABEL = re.compile(
    r'<(?:label for="f-|fieldset aria-describedby="(?:\S+ )?f-)([^"]+?)(?:-error)?">(?:\s*<legend>)?([^<]+)<'
)
_ALONE = re.compile(r'<p class="error" id="f-([^"]+)(?<!-error)">')
Posted = Mapping[str, list[str]]


@dataclass(frozen=True)
class Form:
    """What was typed and what was wrong with it; empty when a page opens."""

    typed: MultiDict[str, str] = field(default_factory=MultiDict)
    fields: Mapping[str, str] = field(default_factory=dict)
    message: str = ""
    yours: Mapping[str, str] = field(default_factory=dict)
    theirs: Mapping[str, str] = field(default_factory=dict)
    stale: bool = False

    def value(self, name: str, stored: object = "") -> str:
        """What was typed, else what is stored, as text."""
        if self.typed:
            return self.typed.get(name, "")
        return "" if stored is None else str(stored)

    def values(self, name: str, stored: Iterable[str] = ()) -> list[str]:
        """The same for a control with many choices."""
        return self.typed.getlist(name) if self.typed else list(stored)

    def ticked(self, name: str, stored: bool = False) -> bool:
        """The same for a box."""
        return self.typed.get(name, "") in TICKED if self.typed else stored

    def version(self, stored: object) -> str:
        """The version to send back: the one that was seen, or the newest once both texts have been shown."""
        return self.typed.get("version", str(stored)) if self.typed and not self.stale else str(stored)

    def error(self, name: str) -> str:
        return self.fields.get(name, "")

    def errors_on(self, work: str = "") -> tuple[tuple[str, str], ...]:
        """(field, sentence) for the summary, in the order of the page; the sentence begins with the label that the
        field has there, and stands alone where no field is meant.
        """
        labels = labels_on(work) if self.fields else {}
        found = {name: self.fields[name] for name in labels if name in self.fields} | dict(self.fields)
        return tuple((name, _about(labels.get(name, spoken(name)), words)) for name, words in found.items())

    @property
    def both(self) -> tuple[tuple[str, str, str], ...]:
        """(section, your text, their text) after a conflict, sections that are equal left out."""
        names = [*self.yours, *(name for name in self.theirs if name not in self.yours)]
        pairs = [(name, self.yours.get(name, ""), self.theirs.get(name, "")) for name in names]
        return tuple((name, yours, theirs) for name, yours, theirs in pairs if yours != theirs)


def current_form() -> Form:
    """The form state of this request."""
    return cast(Form, g.get("form") or Form())


def read(schema: Schema | type[Schema]) -> dict[str, Any]:
    """The posted form as the values of `schema`. Raises Invalid whose fields are named as in the form."""
    shape = schema() if isinstance(schema, type) else schema
    posted = {name: request.form.getlist(name) for name in request.form if name != CSRF_FIELD}
    try:
        given = cast(dict[str, Any], shape.load(_payload(shape, posted)))
    except ValidationError as error:
        raise Invalid(LOOK_AGAIN, flat(error.messages)) from error
    unseen = [name for name, each in shape.fields.items() if isinstance(each, Version) and name not in given]
    if unseen:
        raise Invalid(LOOK_AGAIN, dict.fromkeys(unseen, OPEN_AGAIN))
    return given


def form_page(view: Callable[P, Response]) -> Callable[[Callable[P, Response]], Callable[P, Response]]:
    """Show `view` again, typing kept, when what was posted to the decorated view cannot be taken."""

    def around(save: Callable[P, Response]) -> Callable[P, Response]:
        @functools.wraps(save)
        def saved_or_again(*args: P.args, **kwargs: P.kwargs) -> Response:
            try:
                return save(*args, **kwargs)
            except (Invalid, Conflict) as error:
                if wants_json():
                    return make_response(_told_as_json(error))
                g.form = form_after(error)
                return again(view(*args, **kwargs), error)

        return saved_or_again

    return around


def typed_again(view: Callable[..., Response], *where: str) -> Response:
    """The page again with everything typed and nothing recorded."""
    g.form = Form(MultiDict(request.form))
    return view(*where)


def form_after(error: Invalid | Conflict) -> Form:
    """What was typed into this request, with what is wrong with it."""
    typed = MultiDict(request.form)
    if isinstance(error, Conflict):
        return Form(typed, message=error.message, yours=error.yours, theirs=error.theirs, stale=True)
    return Form(typed, fields=error.fields, message=error.message)


def again(response: Response, error: Invalid | Conflict) -> Response:
    response.status_code = 409 if isinstance(error, Conflict) else 422
    return response


def wants_json() -> bool:
    """Whether a script of ours asks, and can read JSON."""
    return request.headers.get("X-Requested-With") == "fetch" and request.accept_mimetypes.best == "application/json"


def saved(version: int) -> Response:
    """The answer to a draft that saved itself."""
    zone = current_practice().zone
    return jsonify(saved_at=times.time_of_day(clock.now(), zone), version=version)


def labels_on(work: str) -> dict[str, str]:
    """The words of every label and of every group of choices on a page, by the name of the field; "" for an error that
    is of no field.
    """
    found = {name: html.unescape(label).strip() for name, label in _LABEL.findall(work)}
    return dict.fromkeys(_ALONE.findall(work), "") | found


def _about(label: str, words: str) -> str:
    if not label:
        return words
    return f"{label} {words}" if label.endswith("?") else f"{label}: {words}"


def spoken(name: str) -> str:
    """A field's name as a word: "role", "lines.early_signs.text" -> "Role", "Early signs"."""
    parts = [part for part in name.removesuffix(".text").split(".") if not part.isdecimal()]
    return (parts[-1] if parts else name).removesuffix("_id").replace("_", " ").capitalize()


def _told_as_json(error: Invalid | Conflict) -> ResponseReturnValue:
    if isinstance(error, Conflict):
        return jsonify(compare_url="", message=error.message), 409
    return jsonify(errors=error.fields, message=error.message), 422


def _payload(schema: Schema, posted: Posted) -> dict[str, Any]:
    """The posted texts as the body that `schema` loads; what it does not know is passed on, to be refused by it."""
    known = {each.data_key or name: each for name, each in schema.fields.items() if not each.dump_only}
    body: dict[str, Any] = {name: False for name, each in known.items() if isinstance(each, fields.Boolean)}
    body |= {name: [] for name, each in known.items() if isinstance(each, Several)}
    inside: dict[str, dict[str, list[str]]] = {}
    for name, texts in posted.items():
        head, dot, rest = name.partition(".")
        if dot and head in known:
            inside.setdefault(head, {})[rest] = texts
        elif name not in known or not _left_out(known[name], texts):
            body[name] = _value(known.get(name), texts)
    return body | {head: _within(known[head], texts) for head, texts in inside.items()}


def _within(outer: fields.Field[Any], posted: Posted) -> Any:
    """A value inside a value: an object, a list of objects by number, or a mapping by key."""
    if isinstance(outer, fields.Nested):
        return _payload(outer.schema, posted)
    if isinstance(outer, fields.List) and isinstance(outer.inner, fields.Nested):
        in_order = sorted(_grouped(posted).items(), key=lambda each: (len(each[0]), each[0]))
        return [_payload(outer.inner.schema, texts) for _, texts in in_order]
    inner = outer.value_field if isinstance(outer, fields.Mapping) else None
    if isinstance(inner, fields.Nested):
        return {key: _payload(inner.schema, texts) for key, texts in _grouped(posted).items()}
    return {name: _value(inner, texts) for name, texts in posted.items()}


def _grouped(posted: Posted) -> dict[str, dict[str, list[str]]]:
    groups: dict[str, dict[str, list[str]]] = {}
    for name, texts in posted.items():
        head, _, rest = name.partition(".")
        groups.setdefault(head, {})[rest] = texts
    return groups


def _left_out(shape: fields.Field[Any], texts: list[str]) -> bool:
    """An empty control is "not given" where that can be said in no other way; an empty text is a text."""
    return texts == [""] and not shape.allow_none and not isinstance(shape, Words)


def _value(shape: fields.Field[Any] | None, texts: list[str]) -> Any:
    if isinstance(shape, fields.List):
        return [_one(shape.inner, text) for text in texts if text]
    return _one(shape, texts[-1])


def _one(shape: fields.Field[Any] | None, text: str) -> Any:
    if text == "" and shape is not None and shape.allow_none:
        return None
    if isinstance(shape, Instant):
        return times.with_offset(text, current_practice().zone)
    if isinstance(shape, Whole | Number | Ticked):
        return shape.from_text(text)
    return text.replace("\r\n", "\n")
