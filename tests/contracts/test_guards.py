"""Every route, for every kind of asker and every state of a case, answers as the permission table says.

Nothing here lists routes: the address map of the application is walked, so a new route is in the matrix as soon as it
exists. Bodies are made from the schemas (bodies.py), addresses from the names of their parts (route_ids.py). After a
request that changed something the database file is put back.
"""

import io
import re
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import Any, cast

import pytest
from flask import Flask
from flask.testing import FlaskClient
from marshmallow import Schema
from pypdf import PdfReader
from sqlalchemy import event
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from schemas.actions import Action
from schemas.vocabulary import CaseState, Relation, Role
from service.app import create_app
from service.domain import access, clock
from service.domain.access import CaseFacts
from service.domain.actors import Actor
from service.settings import Settings
from service.store import keyring, sign_ins
from service.store.accounts import token_hash
from service.store.base import db
from tests.builders import EVERYTHING, add_bearer, add_house
from tests.conftest import form_token_of
from tests.contracts.bodies import body_for
from tests.contracts.route_ids import (
    LET_IN_FOR,
    NAMED,
    OF_TWO,
    ON_A_CASE,
    PLAIN,
    PLANTED,
    SHOWN,
    UNKNOWN,
    Setting,
    furnish,
)

IDLE_METHODS = {"HEAD", "OPTIONS"}
STATES = {
    CaseState.OPEN: frozenset({CaseState.OPEN}),
    CaseState.SEALED: frozenset({CaseState.OPEN, CaseState.SEALED}),
    CaseState.CLOSED: frozenset({CaseState.CLOSED}),
    CaseState.HELD: frozenset({CaseState.OPEN, CaseState.HELD}),
    CaseState.PURGED: frozenset({CaseState.PURGED}),
}

# The walk takes minutes; several of a quarter of its length each leave no test process alone with it.
PARTS = 4
REFERENCE = re.compile(rb"\b[0-9a-f]{16}\b")
# What differs between two statements that ask the same, and what a connection says once when it is opened.
VALUE = re.compile(r"'(?:[^']|'')*'|\b[0-9]+(?:\.[0-9]+)?\b")
OPENING = ("PRAGMA", "CREATE TEMP")


@dataclass(frozen=True)
class Asker:
    name: str
    actor: Actor | None
    relation: Relation


@dataclass
class World:
    """An application with one case in each state, and the files to go back to."""

    app: Flask
    setting: Setting
    database: Path
    kept: Path
    decisions: list[Action] = field(default_factory=list)
    read: set[tuple[str, str]] = field(default_factory=set)
    ids: Mapping[str, str] = field(default_factory=dict)
    cookies: dict[str, tuple[str, str]] = field(default_factory=dict)
    statements: list[str] = field(default_factory=list)

    def keep(self) -> None:
        self._close()
        shutil.copyfile(self.database, self.kept)
        shutil.copytree(self.database.with_name("bulk"), self.kept.with_name("bulk"))

    def put_back(self) -> None:
        self._close()
        for rest in ("-wal", "-shm"):
            self.database.with_name(self.database.name + rest).unlink(missing_ok=True)
        shutil.copyfile(self.kept, self.database)
        shutil.copytree(self.kept.with_name("bulk"), self.database.with_name("bulk"), dirs_exist_ok=True)

    def _close(self) -> None:
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()

    def asked(self) -> list[str]:
        """What the last request asked of the database, without its values."""
        return [VALUE.sub("?", each) for each in self.statements if not each.startswith(OPENING)]

    def client(self, asker: Asker) -> FlaskClient:
        client = self.app.test_client()
        client.environ_base["HTTP_SEC_FETCH_SITE"] = "same-origin"
        if asker.name == "machine":
            client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {self.setting.house.machine_token}"
        elif asker.actor is not None:
            token, form_token = self.cookies[asker.name]
            client.set_cookie("stepwell", token, domain="localhost")
            client.environ_base["HTTP_X_CSRF_TOKEN"] = form_token
        return client

    def ask(self, asker: Asker, rule: Rule, method: str, ids: Mapping[str, str]) -> TestResponse:
        own_device = token_hash(self.cookies[asker.name][0]) if asker.name in self.cookies else UNKNOWN
        self.ids = {**ids, "id": own_device}
        self.decisions.clear()
        self.statements.clear()
        wanted = {name: ids[name] for name in rule.arguments}
        path = self.app.url_map.bind("localhost").build(rule.endpoint, wanted, method=method)
        sent: dict[str, Any] = {}
        if method not in ("GET", "DELETE"):
            sent = {"json": {}} if path.startswith("/api/") else {"data": {}}
        client = self.client(asker)
        response = client.open(path, method=method, buffered=True, **sent)
        way = response.headers.get("Location", "")
        # An address that only leads on to another page of the same record says what that page says.
        response = client.get(way, buffered=True) if method == "GET" and way.startswith("/cases/") else response
        if PLANTED.encode() in readable(response):
            self.read.add((asker.name, rule.endpoint))
        return response


@dataclass
class Walk:
    """What was found on the way."""

    wrong: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    undecided: set[str] = field(default_factory=set)
    cells: int = 0
    unreached: int = 0
    hidden: int = 0


def readable(answer: TestResponse) -> bytes:
    """What an answer says to whoever opens it: the text of a PDF, whose bytes are packed."""
    if answer.mimetype != "application/pdf":
        return answer.data
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.data)).pages).encode()


@pytest.fixture(scope="module")
def world(quick_path: Path, sqlite_template: Path) -> Iterator[World]:
    folder = quick_path
    (folder / "data").mkdir(mode=0o700)
    database = folder / "data" / "stepwell.sqlite3"
    settings = Settings(
        data_dir=folder / "data",
        key_file=folder / "keys" / "master.json",
        database_url=f"sqlite:///{database}",
        argon2_memory_kib=1024,
        argon2_time_cost=1,
        testing=True,
    )
    shutil.copyfile(sqlite_template, database)
    keyring.create_file(settings.key_file)
    app = create_app(settings)
    with app.app_context():
        house = add_house()
        token = add_bearer(
            house.machine, clock.now() + timedelta(days=1), f"{EVERYTHING} system/QuestionnaireResponse.c"
        )
        setting = furnish(replace(house, machine_token=token))
    made = World(app, setting, database, folder / "kept.sqlite3")
    sign_everybody_in(made)
    made.keep()
    # The walk takes minutes: a confirmation of identity must not lapse on the way.
    with pytest.MonkeyPatch.context() as patch, clock.standing_at(clock.now()):
        spy_on_decisions(made, patch)
        spy_on_statements(made)
        fill_bodies(made, patch)
        yield made
    made._close()


def askers(setting: Setting) -> tuple[Asker, ...]:
    house = setting.house
    return (
        Asker("anonymous", None, Relation.NONE),
        Asker("owner", house.therapist, Relation.OWNER),
        Asker("peer", house.peer, Relation.COLLEAGUE),
        Asker("supervisor", house.supervisor, Relation.SUPERVISES),
        Asker("blocked", setting.blocked, Relation.BLOCKED),
        Asker("admin", house.admin, Relation.COLLEAGUE),
        Asker("machine", house.machine, Relation.LINKED),
        Asker("blocked therapist", setting.others["blocked therapist"], Relation.BLOCKED),
        Asker("blocked admin", setting.others["blocked admin"], Relation.BLOCKED),
        Asker("cover", setting.others["cover"], Relation.COVER),
        Asker("glass", setting.others["glass"], Relation.GLASS),
        Asker("reader", setting.others["reader"], Relation.READER),
        Asker("cosigner", setting.others["cosigner"], Relation.COSIGNER),
    )


def sign_everybody_in(world: World) -> None:
    for asker in askers(world.setting):
        if asker.actor is not None:
            with world.app.app_context():
                token = sign_ins.start(asker.actor.user_id, "test")
                db.session.commit()
            world.cookies[asker.name] = (token, form_token_of(world.app, token))


def spy_on_decisions(world: World, patch: pytest.MonkeyPatch) -> None:
    asked = access.decide

    def decide(action: Action, role: Role, facts: CaseFacts) -> access.Decision:
        world.decisions.append(action)
        return asked(action, role, facts)

    patch.setattr(access, "decide", decide)


def spy_on_statements(world: World) -> None:
    def trace(connection: sqlite3.Connection, _record: object) -> None:
        connection.set_trace_callback(world.statements.append)

    with world.app.app_context():
        event.listen(db.engine, "connect", trace)


def fill_bodies(world: World, patch: pytest.MonkeyPatch) -> None:
    """Let every schema load a well-formed body where the request gave none."""
    load = Schema.load

    def filled(self: Schema, data: Any, **kwargs: Any) -> Any:
        if isinstance(data, Mapping) and not kwargs.get("many"):
            data = body_for(self, world.ids) | {name: given for name, given in data.items() if given is not None}
        return load(self, data, **kwargs)

    patch.setattr(Schema, "load", filled)


def routes(app: Flask) -> list[tuple[Rule, str]]:
    return [
        (rule, method) for rule in app.url_map.iter_rules() for method in sorted((rule.methods or set()) - IDLE_METHODS)
    ]


def asked_routes(app: Flask) -> list[tuple[Rule, str]]:
    """Those that ask the permission table."""
    return [(rule, method) for rule, method in routes(app) if action_of(app, rule, method) is not None]


def view_of(app: Flask, rule: Rule, method: str) -> Callable[..., object]:
    """The function that answers; for a class of views, its method."""
    view = app.view_functions[rule.endpoint]
    view_class = getattr(view, "view_class", None)
    return cast(Callable[..., object], getattr(view_class, method.lower()) if view_class else view)


def action_of(app: Flask, rule: Rule, method: str) -> Action | None:
    return cast(Action | None, getattr(view_of(app, rule, method), "__needs__", None))


def expected(action: Action, asker: Asker, state: CaseState, *, on_a_case: bool) -> str:
    """What the permission table says, in one word."""
    if asker.actor is None:
        return "sign in"
    if not access.role_may(action, asker.actor.role):
        return "refused"
    named = asker.name in NAMED.get(action, ())
    if not on_a_case:
        return "allowed" if named or not access.RULES[action].by_name else "hidden"
    decision = access.decide(action, asker.actor.role, CaseFacts(asker.relation, STATES[state], named))
    if action in LET_IN_FOR.get(asker.relation, ()):
        return "hidden"
    return "allowed" if decision.allowed else "hidden" if decision.hidden else "refused"


def also_right(want: str, asker: Asker, state: CaseState, response: TestResponse) -> set[str]:
    """A form may be opened, and its typing be faulted, by whoever may read the case."""
    may_read = (
        asker.actor
        and access.decide(Action.CASE_READ, asker.actor.role, CaseFacts(asker.relation, STATES[state])).allowed
    )
    looked = response.request.method == "GET" or response.status_code == 422
    return {want, "allowed"} if want == "refused" and may_read and looked else {want}


def knows_of_none(asker: Asker, state: CaseState) -> bool:
    """Whether the case is hidden from somebody altogether, who was let in for nothing on it either."""
    return (
        asker.actor is not None
        and asker.relation not in LET_IN_FOR
        and access.decide(Action.CASE_READ, asker.actor.role, CaseFacts(asker.relation, STATES[state])).hidden
    )


def verdict(response: TestResponse, action: Action) -> str:
    """The same word, read off the answer. Locking and signing out lead where others are sent."""
    way = response.headers.get("Location", "")
    if "Clear-Site-Data" in response.headers or (action is Action.LOCK and way.startswith("/unlock")):
        return "allowed"
    for path, word in (("/sign-in", "sign in"), ("/unlock", "locked"), ("/step-up", "step up")):
        if way.startswith(path):
            return word
    words = {401: "sign in", 403: "refused", 404: "hidden", 405: "no such method", 415: "not read"}
    return words.get(response.status_code, "broken" if response.status_code >= 500 else "allowed")


def test_every_view_says_who_may_ask(world: World) -> None:
    unclassified = [
        f"{method} {rule.rule}"
        for rule, method in routes(world.app)
        if action_of(world.app, rule, method) is None
        and not getattr(view_of(world.app, rule, method), "__public__", "")
    ]
    assert unclassified == []


def test_the_matrix_knows_whom_the_records_name() -> None:
    assert NAMED.keys() == {action for action, rule in access.RULES.items() if rule.by_name}


def test_every_part_of_an_address_is_known_to_the_matrix(world: World) -> None:
    known = world.setting.ids[CaseState.OPEN].keys() | PLAIN.keys()
    unknown = {name: rule.rule for rule, _ in routes(world.app) for name in rule.arguments if name not in known}
    assert unknown == {}, "name the part after the record it holds, or add it to tests/contracts/route_ids.py"


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("part", range(PARTS))
def test_every_route_answers_every_asker_as_the_permission_table_says(world: World, part: int) -> None:
    mine = asked_routes(world.app)[part::PARTS]
    walk = Walk()
    for rule, method in mine:
        walk_route(world, walk, rule, method)
    assert not walk.wrong, "\n".join(walk.wrong)
    assert not walk.told, "\n".join(walk.told)
    assert walk.undecided == set()
    here = {rule.endpoint for rule, _ in mine}
    shown = {(name, endpoint) for name, endpoint in SHOWN if endpoint in here}
    assert {each for each in world.read if each[1] in here} == shown, (
        "a working note is read by its author, and by the supervisor it was opened to"
    )
    assert walk.unreached < walk.cells / 50, "too many bodies are refused before the permission table is asked"
    assert walk.hidden > walk.cells / 10, "what hides is compared with what never was"
    sys.stdout.write(f"{walk.cells} cells of the route matrix, none wrong\n")
    assert walk.cells == len(CaseState) * len(askers(world.setting)) * len(mine)


def test_the_matrix_has_many_cells(world: World) -> None:
    walked = asked_routes(world.app)
    assert {endpoint for _, endpoint in SHOWN} <= {rule.endpoint for rule, _ in walked}
    cells = len(CaseState) * len(askers(world.setting)) * len(walked)
    assert cells >= 5_000
    assert cells >= 65 * len(walked)


def walk_route(world: World, walk: Walk, rule: Rule, method: str) -> None:
    """Every cell of one route: each state of a case, and each asker."""
    action = action_of(world.app, rule, method)
    assert action is not None
    on_a_case, of_two = bool(rule.arguments & ON_A_CASE), bool(rule.arguments & OF_TWO)
    reached, never_was = False, dict[tuple[str, frozenset[tuple[str, str]]], tuple[object, list[str]]]()
    for state, asker in product(CaseState, askers(world.setting)):
        want = expected(action, asker, state, on_a_case=on_a_case)
        response = world.ask(asker, rule, method, world.setting.ids[state])
        statements = world.asked()
        reached = reached or bool(world.decisions)
        got = verdict(response, action)
        walk.cells += 1
        walk.unreached += got == "allowed" and want == "refused" and method != "GET"
        if got not in also_right(want, asker, state, response):
            where = f"{method} {rule.rule} [{action}] {asker.name} {state}"
            walk.wrong.append(f"{where}: {want}, got {got} {response.status_code}")
        if method != "GET" and response.status_code not in (401, 403, 404):
            world.put_back()
        if want == "hidden" and (on_a_case or of_two):
            walk.hidden += 1
            nowhere = dict(world.setting.ids[state]) | dict.fromkeys(ON_A_CASE | OF_TWO, UNKNOWN)
            place = (asker.name, frozenset(nowhere.items()))
            if place not in never_was:
                never_was[place] = _as_seen(world.ask(asker, rule, method, nowhere)), world.asked()
            if _as_seen(response) != never_was[place][0]:
                walk.told.append(f"{method} {rule.rule} tells {asker.name} of a case that is {state}")
            if statements != never_was[place][1] and knows_of_none(asker, state):
                walk.told.append(f"{method} {rule.rule} asks otherwise for {asker.name} of a case that is {state}")
    if not reached and (on_a_case or of_two):
        walk.undecided.add(f"{method} {rule.rule}")


def test_what_is_public_breaks_for_nobody(world: World) -> None:
    for rule, method in routes(world.app):
        if action_of(world.app, rule, method) is None:
            response = world.ask(askers(world.setting)[0], rule, method, world.setting.ids[CaseState.OPEN])
            assert response.status_code < 500, f"{method} {rule.rule}"
            world.put_back()


def _as_seen(response: TestResponse) -> tuple[int, bytes, list[tuple[str, str]]]:
    """Status, body and headers, without the reference that is new for each request."""
    headers = [(name, value) for name, value in response.headers if name != "Date"]
    return response.status_code, REFERENCE.sub(b"", response.data), headers
