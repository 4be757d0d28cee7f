"""Puts the HTML edge on the application: pages, frame, headers and problem pages.

How a page is made
- One module a noun, each with `page = Blueprint("<noun>", __name__)`; its views are decorators and a few lines:
  `@page.get(path)`, `@needs(Action.X)` (or `@public("why")`), and for a POST `@form_page(view to show again)`.
- The template of `web/<noun>.py::<view>` is `templates/pages/<noun>/<view>.html`; `_name.html` is a fragment.
- A view ends in `show("pages/...", task=..., **context)` (frame.py), after a POST in `done(url, words)`.
- Typed values come from `read(Schema)` and go back into the page by `frame.form` (forms.py). Times: times.py.
- Addresses: /day, /caseload, /team, /people, /audit, /account, /cases/<case_id>/..., /sessions/<session_id>/...,
  /notes/<note_id>/..., /plans/<plan_id>/..., /events/<event_id>/..., always named by the id they hold: the route
  matrix of tests/contracts/test_guards.py fills them in by those names.
Rule: nothing is decided here, and no name of a client stands in an address, a title or a notice.
"""

import re
from typing import Any

from flask import Blueprint, Flask, send_from_directory
from flask.wrappers import Response
from jinja2 import StrictUndefined

from service.errors import NotFound
from service.guard import public
from service.web import (
    account,
    audit,
    case_forms,
    caseload,
    cases,
    circumstances,
    client_form,
    conflicts,
    contact_plans,
    day,
    diagnoses,
    disclosures,
    episodes,
    events,
    exports,
    goals,
    groups,
    handovers,
    headers,
    instruments,
    intakes,
    joint,
    login,
    machine_clients,
    networks,
    note_life,
    notes,
    people,
    plan_copies,
    plan_versions,
    plans,
    practice,
    problems,
    programmes,
    proxies,
    psychotherapy,
    releases,
    reliabilities,
    reports,
    requests,
    review_copies,
    reviews,
    schedules,
    sessions,
    successions,
    summaries,
    supervision_records,
    system_links,
    takeovers,
    team,
    timeline,
    times,
    toolkits,
    walls,
    worklist,
)
from service.web.frame import STATIC, static_digest

NOUNS = (
    login,
    account,
    people,
    machine_clients,
    practice,
    audit,
    day,
    caseload,
    cases,
    circumstances,
    conflicts,
    diagnoses,
    sessions,
    groups,
    joint,
    notes,
    psychotherapy,
    note_life,
    worklist,
    intakes,
    case_forms,
    instruments,
    schedules,
    reliabilities,
    handovers,
    client_form,
    plans,
    plan_versions,
    plan_copies,
    episodes,
    programmes,
    contact_plans,
    toolkits,
    networks,
    events,
    goals,
    reports,
    review_copies,
    reviews,
    exports,
    proxies,
    takeovers,
    releases,
    disclosures,
    requests,
    walls,
    team,
    successions,
    summaries,
    supervision_records,
    system_links,
    timeline,
)
# Also FHIR ids: letters, digits, dot and hyphen, at most 64.
ID = re.compile(r"[A-Za-z0-9.-]{1,64}")
page = Blueprint("edge", __name__)


def register(app: Flask) -> None:
    """Add every page of the HTML edge to `app`."""
    app.jinja_env.autoescape = True
    app.jinja_env.undefined = StrictUndefined
    times.register(app)
    headers.register(app)
    app.extensions["stepwell.problems"]["/"] = problems.answer
    app.url_value_preprocessor(check_ids)
    app.register_blueprint(page)
    for noun in NOUNS:
        app.register_blueprint(noun.page)


def check_ids(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    """What cannot be an id is nowhere. It must not reach the database or the audit, which would keep it for good."""
    wrong = [name for name, value in (values or {}).items() if name.endswith("_id") and not ID.fullmatch(str(value))]
    if wrong:
        raise NotFound


@page.get("/static/<digest>/<path:name>")
@public("style, script and fonts hold nothing of anybody")
def static(digest: str, name: str) -> Response:
    return headers.keep(send_from_directory(STATIC, name), current=digest == static_digest())
