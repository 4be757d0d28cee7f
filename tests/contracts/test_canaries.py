"""L1: twenty planted phrases in every text the product takes, then a look at every place where they must not be.

Nothing here lists fields. Every changing route is walked with bodies made from its schema in which each text is a
phrase (and tests/hostile.py fills what has keys of its own), so a new field is planted as soon as it exists; and every
sealed column must then hold a phrase, so a new column that nobody plants fails. Working notes and supervision hold
phrases of their own, which no page of the record, export, resource or report may show to anybody.
"""

import io
import itertools
import re
import shutil
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from flask import Flask
from marshmallow import Schema, fields
from pypdf import PdfReader
from sqlalchemy import LargeBinary, Table, select
from werkzeug.test import TestResponse

from schemas.actions import Action
from schemas.case_codes import EpisodeState
from schemas.fields import Secret, Words
from schemas.release_codes import ConsentAnswer, ConsentKind, ContentClass, SaidHow
from schemas.request_codes import AskedBy, RequestKind
from schemas.vocabulary import CaseState, EventLevel, ReportPart, Role
from schemas.wall_codes import WallStep
from service import logs
from service.app import create_app
from service.casework import (
    cases,
    client_screen,
    disclosures,
    episodes,
    events,
    note_life,
    people,
    records,
    releases,
    requests,
    successions,
    supervision_records,
)
from service.domain import clock
from service.domain.episodes import HandedOver
from service.domain.releases import Said
from service.domain.requests import Asking
from service.domain.supervision_records import TouchedWords
from service.fhir import bundle, publish
from service.reports import progress, render, report
from service.reports.progress import Period, Wanted
from service.settings import Settings
from service.store import backup, keyring
from service.store import crisis as crisis_store
from service.store import requests as request_store
from service.store import walls as wall_store
from service.store.base import Base, db
from service.store.keyring import FORMAT, HEADER, Box, DataKey, Place, ring
from service.store.requests import RequestRow
from tests import builders, hostile
from tests.builders import House, add_house
from tests.contracts.bodies import MEANT, value_for
from tests.contracts.route_ids import Setting, furnish
from tests.contracts.test_guards import Asker, World, action_of, askers, readable, routes, sign_everybody_in

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

PLANTED = [f"heron{number:02}quill" for number in range(20)]
OWN_THOUGHTS, SPOKEN_OF = "lanternmoth01", "lanternmoth02"
# What ends the walk for whoever does it, or holds nothing of a client.
SPOILING = frozenset(
    {
        *(Action.SIGN_OUT, Action.LOCK, Action.UNLOCK, Action.SESSIONS_END, Action.PASSWORD_SET, Action.TOTP_ENROL),
        *(Action.PEOPLE_END, Action.STEP_UP, Action.HANDOVER_OPEN, Action.HANDOVER_LEAVE),
        Action.RETENTION_CHANGE,  # names the law that a practice keeps to, which is no secret of a client
    }
)
# sealed or binary column -> why no phrase stands in it
NO_WORDS = {
    "account.totp_secret": "made by the product",
    "audit_seal.mac": "a keyed digest",
    "bulk_export.ask": "the address and the types that a connected system asked for",
    "bulk_export.withheld": "numbers by reason",
    "data_key.wrapped": "a wrapped key",
    "instrument.original": "the published form of another maker, told to everybody",
    "leak_verdict.body": "keyed digests and one byte each, no words",
    "machine_client.keys": "public keys of a connected system, told to everybody",
    "machine_client.server": "the address of a connected system, and our own key there; nothing of a client",
    "note.content_hash": "a digest",
    "note_addendum.content_hash": "a digest",
}
ADDRESSES = re.compile(rb'(?:href|action|src|formaction)="([^"]*)"')


@dataclass
class Phrases:
    """Hands the phrases out in turn, as tests/hostile.py wants them."""

    turn: Iterator[str] = field(default_factory=lambda: itertools.cycle(PLANTED))

    def __call__(self, longest: int = 4_000) -> str:
        return next(self.turn)[:longest]


@dataclass(frozen=True)
class Walked:
    """A practice after the walk: what was answered, what was logged, where its files lie."""

    world: World
    case_id: str
    answers: list[tuple[str, TestResponse]]
    log: io.StringIO
    temporary: Path
    taken: int


def filled(schema: Schema, ids: Mapping[str, str], words: Phrases) -> dict[str, Any]:
    """A body with a phrase in each text, and with whatever else must be there."""
    offered = {each.data_key or name: each for name, each in schema.fields.items() if not each.dump_only}
    found = {name: _value(each, name, ids, words) for name, each in offered.items()}
    return {name: value for name, value in found.items() if value is not None or offered[name].required}


def _value(shape: fields.Field[Any], name: str, ids: Mapping[str, str], words: Phrases) -> Any:
    if isinstance(shape, fields.Nested):
        return filled(shape.schema, ids, words)
    if isinstance(shape, fields.List) and isinstance(shape.inner, fields.Nested):
        return [filled(shape.inner.schema, ids, words)]
    if isinstance(shape, Words) and not isinstance(shape, Secret) and name not in {*MEANT, *ids, "version"}:
        return words(shape.longest)
    return value_for(shape, name, ids) if shape.required or name in {*MEANT, "version"} else None


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Walked]:
    folder = tmp_path_factory.mktemp("canaries")
    (folder / "data").mkdir(mode=0o700)
    (folder / "temporary").mkdir()
    database = folder / "data" / "stepwell.sqlite3"
    shutil.copyfile(sqlite_template, database)
    settings = Settings(
        data_dir=folder / "data",
        key_file=folder / "keys" / "master.json",
        database_url=f"sqlite:///{database}",
        argon2_memory_kib=1024,
        argon2_time_cost=1,
        testing=True,
    )
    keyring.create_file(settings.key_file)
    app, log = create_app(settings), io.StringIO()
    logs.configure(log)
    logs.install(app, lambda: "")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(folder / "temporary"))
        patch.setenv("TMPDIR", str(folder / "temporary"))
        yield walk(World(app, plant_house(app), database, folder / "kept"), log, folder / "temporary")
    logs.configure()


def plant_house(app: Flask) -> Setting:
    with app.app_context():
        setting = furnish(add_house())
        house, case_id = setting.house, setting.ids[CaseState.OPEN]["case_id"]
        hostile.plant(house.therapist, Phrases())  # type: ignore[arg-type]
        session = builders.add_session(house.therapist, case_id)
        builders.add_working_note(house.therapist, session.id, OWN_THOUGHTS)
        signed = builders.add_note(house.therapist, session.id, signed=True)
        note_life.ask_amendment(house.therapist, signed.id, PLANTED[0])
        plant_ways_out(house, case_id)
        plant_ending(house)
        plant_screen(house)
        plant_succession(house)
        meeting = builders.add_meeting(house.therapist, house.supervisor, words=SPOKEN_OF)
        said = TouchedWords(SPOKEN_OF, SPOKEN_OF)
        supervision_records.touch_case(house.therapist, meeting.id, case_id, said, version=None)
        to_do = supervision_records.ActionDraft(house.therapist.user_id, SPOKEN_OF, clock.now().date(), case_id)
        supervision_records.add_action(house.therapist, meeting.id, to_do)
    return setting


def plant_ways_out(house: House, case_id: str) -> None:
    """Consents, releases and what left, each with a phrase."""
    today = clock.now().date()
    said = Said(ConsentKind.TREATMENT, ConsentAnswer.GIVEN, today, SaidHow.VERBAL, PLANTED[1])
    releases.record_consent(house.therapist, case_id, said)
    found = builders.add_release(house.therapist, case_id, recipient=PLANTED[2], words=PLANTED[3])
    revoked = builders.add_release(house.therapist, case_id, recipient=PLANTED[4])
    releases.revoke_release(house.therapist, revoked.id, SaidHow.VERBAL, note=PLANTED[5], version=revoked.version)
    builders.add_summary(house.therapist, case_id, needs=PLANTED[9], file=PLANTED[10].encode())
    departure = builders.a_departure(recipient=PLANTED[2], why=PLANTED[6], release_id=found.id)
    disclosures.record_disclosure(house.therapist, case_id, departure, (ContentClass.ATTENDANCE,), PLANTED[7])
    asked = requests.record_request(
        house.therapist, case_id, Asking(RequestKind.ACCESS, AskedBy.RELATIVE, PLANTED[2], PLANTED[3], today)
    )
    request_store.put_file(db.session.get_one(RequestRow, asked.id), PLANTED[11].encode())
    wall_store.add(case_id, WallStep.HOLD, house.therapist.user_id, PLANTED[4])
    wall_store.open_glass(case_id, house.peer.user_id, PLANTED[5])
    db.session.commit()


def plant_ending(house: House) -> None:
    """A case that was to close with an open event, returned with words; its episode moved with words."""
    case = builders.add_case(house.therapist)
    version = episodes.read_episodes(house.therapist, case.id).episodes[0].version
    episodes.move_episode(house.therapist, case.id, EpisodeState.ON_HOLD, PLANTED[8], version=version)
    version = episodes.read_episodes(house.therapist, case.id).episodes[0].version
    episodes.move_episode(house.therapist, case.id, EpisodeState.ACTIVE, PLANTED[8], version=version)
    event = events.open_event(house.therapist, case.id, EventLevel.NEXT, prompt=PLANTED[9])
    handed = (HandedOver(event.id, PLANTED[10], clock.now().date() + timedelta(days=9)),)
    case = cases.read_case(house.therapist, case.id)
    builders.close_case(house.therapist, case.id, version=case.version, handed_over=handed, door_open=PLANTED[11])
    episodes.answer_closing(house.supervisor, case.id, PLANTED[12], agreed=False)


def plant_screen(house: House) -> None:
    """A form that a client left unfinished, and crisis lines."""
    made = builders.add_handover(house.therapist, builders.add_case(house.therapist).id)
    token = client_screen.open_screen(made.code)
    client_screen.answer(token, {"I_hopes": PLANTED[13]}, shown=("I_hopes",))
    crisis_store.put_panel(house.practice_id, builders.a_panel(confirmed_by=PLANTED[14]), house.admin.user_id)
    db.session.commit()


def plant_succession(house: House) -> None:
    """Why somebody is to take over from an account that ended."""
    gone = builders.add_actor(house.practice_id, Role.SUPERVISOR, "Left Colleague")
    db.session.commit()
    people.end_account(house.admin, gone.user_id)
    successions.ask(house.admin, gone.user_id, house.peer.user_id, f"{PLANTED[15]} knows this work")


def walk(world: World, log: io.StringIO, temporary: Path) -> Walked:
    """Send a phrase in every text of every changing route, as each kind of person, then look at every page."""
    sign_everybody_in(world)
    answers: list[tuple[str, TestResponse]] = []
    people = [each for each in askers(world.setting) if each.name in ("owner", "supervisor", "admin", "peer")]
    with planted_bodies(world):
        for asker, (rule, method) in itertools.product(people, routes(world.app)):
            action = action_of(world.app, rule, method)
            if method != "GET" and action is not None and action not in SPOILING:
                answers.append((f"{asker.name} {method} {rule.rule}", _ask(world, asker, rule, method)))
    with world.app.app_context():
        publish.drain()
    for asker, (rule, method) in itertools.product(people, routes(world.app)):
        if method == "GET" and action_of(world.app, rule, method) not in SPOILING:
            answers.append((f"{asker.name} GET {rule.rule}", _ask(world, asker, rule, method)))
    taken = sum(answer.status_code < 400 for where, answer in answers if " GET " not in where)
    return Walked(world, world.setting.ids[CaseState.OPEN]["case_id"], answers, log, temporary, taken)


def _ask(world: World, asker: Asker, rule: Any, method: str) -> TestResponse:
    return world.ask(asker, rule, method, world.setting.ids[CaseState.OPEN])


@contextmanager
def planted_bodies(world: World) -> Iterator[None]:
    load, words = Schema.load, Phrases()

    def planted(self: Schema, data: Any, **kwargs: Any) -> Any:
        if isinstance(data, Mapping) and not kwargs.get("many"):
            data = filled(self, world.ids, words) | {name: given for name, given in data.items() if given is not None}
        return load(self, data, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Schema, "load", planted)
        yield


def phrases_in(data: bytes) -> set[str]:
    return {each for each in (*PLANTED, OWN_THOUGHTS, SPOKEN_OF) if each.encode() in data}


def files_with_phrases(folder: Path) -> dict[str, set[str]]:
    found = {
        str(file.relative_to(folder)): phrases_in(file.read_bytes()) for file in folder.rglob("*") if file.is_file()
    }
    return {name: phrases for name, phrases in found.items() if phrases}


def opened(table: Table, column: str) -> list[bytes]:
    """What the sealed values of a column hold."""
    rows = db.session.execute(select(*table.primary_key.columns, table.c[column]).where(table.c[column].is_not(None)))
    return [_open(table.name, "/".join(map(str, keys)), column, value) for *keys, value in rows]


def _open(table: str, row_id: str, column: str, value: bytes) -> bytes:
    if value[:1] != bytes([FORMAT]):
        return value
    key = db.session.get(DataKey, str(uuid.UUID(bytes=value[1:17])))
    assert key is not None
    box = Box(key.id, int.from_bytes(value[17:HEADER], "big"), ring().unwrapped(key))
    return box.open_bytes(Place(table, row_id, column), value)


def test_every_sealed_column_was_planted(walked: Walked) -> None:
    columns = [
        (table, column.name)
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, LargeBinary) and f"{table.name}.{column.name}" not in NO_WORDS
    ]
    with walked.world.app.app_context():
        bare = [
            f"{table.name}.{column}"
            for table, column in columns
            if not any(phrases_in(each) for each in opened(table, column))
        ]
    assert bare == [], "plant it in tests/hostile.py, or say in NO_WORDS why it holds no words"
    assert len(columns) > 20
    assert walked.taken > 80, "too little of the walk was taken"


def test_no_phrase_stands_in_clear_in_database_log_of_writes_or_backup(walked: Walked, tmp_path: Path) -> None:
    data = walked.world.database.parent
    with walked.world.app.app_context():
        backup.make(tmp_path)
        assert (data / f"{walked.world.database.name}-wal").stat().st_size > 0
        assert files_with_phrases(data) == {}
    assert files_with_phrases(tmp_path) == {}
    assert list(tmp_path.iterdir())


def test_the_scan_notices_a_phrase(walked: Walked, tmp_path: Path) -> None:
    (tmp_path / "leak").write_bytes(b"\x00" + PLANTED[7].encode() + b"\x00")
    assert files_with_phrases(tmp_path) == {"leak": {PLANTED[7]}}


def test_no_phrase_stands_in_a_temporary_file_or_the_log(walked: Walked) -> None:
    assert files_with_phrases(walked.temporary) == {}
    written = walked.log.getvalue()
    assert written.count("\n") >= len(walked.answers)
    assert phrases_in(written.encode()) == set()


def test_no_phrase_stands_in_an_address_or_a_page_about_a_refusal(walked: Walked) -> None:
    in_addresses, in_refusals = [], []
    for where, answer in walked.answers:
        addresses = [*ADDRESSES.findall(answer.data), answer.headers.get("Location", "").encode()]
        if any(phrases_in(each) for each in addresses):
            in_addresses.append(where)
        if answer.status_code in (401, 403, 404, 405) and phrases_in(answer.data):
            in_refusals.append(where)
    assert (in_addresses, in_refusals) == ([], [])
    assert any(phrases_in(answer.data) for _where, answer in walked.answers)


def test_no_phrase_stands_in_the_name_of_a_file(walked: Walked) -> None:
    names = [answer.headers["Content-Disposition"] for _where, answer in walked.answers if _is_file(answer)]
    assert not any(phrases_in(each.encode()) for each in names)
    assert names


def _is_file(answer: TestResponse) -> bool:
    return "Content-Disposition" in answer.headers


def test_working_notes_and_supervision_stand_on_their_own_pages_alone(walked: Walked) -> None:
    seen: dict[str, set[str]] = {OWN_THOUGHTS: set(), SPOKEN_OF: set()}
    for where, answer in walked.answers:
        for phrase in phrases_in(readable(answer)) & seen.keys():
            seen[phrase].add(where.partition(" ")[2])
    assert seen[OWN_THOUGHTS] == set(), "the walk opens the note of another session"
    assert {where.rpartition(" ")[2] for where in seen[SPOKEN_OF]} <= {
        *("/supervision", "/day", "/day/sessions/<session_id>/attendance/undo", "/api/v1/supervision-meetings"),
    }
    assert seen[SPOKEN_OF]


def test_no_export_resource_or_report_holds_them(walked: Walked) -> None:
    owner = walked.world.setting.house.therapist
    with walked.world.app.app_context():
        body, manifest = bundle.export(owner, walked.case_id, None)
        assert phrases_in(body + repr(manifest).encode()) & {OWN_THOUGHTS, SPOKEN_OF} == set()
        left = {each["what"]: each["count"] for each in cast(list[dict[str, Any]], manifest["left_out"])}
        assert (left["Psychotherapy notes"], left["Supervision meetings"]) == (0, 0)
        resources = opened(Base.metadata.tables["fhir_resource"], "body")
        assert not any(phrases_in(each) & {OWN_THOUGHTS, SPOKEN_OF} for each in resources)
        assert any(phrases_in(each) for each in resources)
        record = records.read_record(owner, walked.case_id)
        assert phrases_in(repr(record).encode()) & {OWN_THOUGHTS, SPOKEN_OF} == set()
        if render.available():
            text, properties = _printed(record)
            assert phrases_in(text.encode()) & {OWN_THOUGHTS, SPOKEN_OF} == set()
            assert phrases_in(text.encode()), "the report holds what the client told"
            assert phrases_in(properties.encode()) == set()


def _printed(record: records.Record) -> tuple[str, str]:
    """The text of a progress report with all its parts, and the properties of its file."""
    today = clock.now().date()
    wanted = Wanted(Period(today.replace(year=today.year - 1), today), frozenset(ReportPart), today, "Ana Núñez")
    reader = PdfReader(io.BytesIO(report.pdf(progress.REPORT, progress.collect(record, wanted))))
    return "\n".join(page.extract_text() for page in reader.pages), repr(reader.metadata)
