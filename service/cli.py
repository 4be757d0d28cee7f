"""The flask commands: starting the service, looking after its data, and people.

Rule: a command says what it did in one clear sentence, and prints nothing clinical.
"""

import json
import os
import secrets
import signal
import socket
import sys
import threading
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, cast

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from schemas.instruments.definition import Informant
from schemas.proxy_codes import Chart
from schemas.release_codes import LegalBasis
from schemas.vocabulary import Role
from service import logs, server
from service.api import edge as api
from service.casework import demo, instruments, note_proofs, operating
from service.casework.instruments import Attestation
from service.casework.people import NewPerson
from service.domain import clock
from service.domain.actors import INVITED, system_actor
from service.errors import Invalid, StepwellError
from service.fhir import bundle as fhir_bundle
from service.fhir import publish
from service.fhir.importing.form import read_form
from service.fhir.importing.telling import lines
from service.reports import demo_printing
from service.settings import Settings
from service.store import audit, backup, condition, conflicts, heads, keyring, purges, schema

DEMO_WORDS = (
    *("amber", "birch", "copper", "dune", "ember", "fern"),
    *("harbour", "indigo", "juniper", "linen", "maple", "opal"),
)
PROBLEM = 1


def command(name: str) -> Callable[[Callable[..., None]], click.Command]:
    """A flask command whose expected failures are one sentence and exit code 1."""

    def made(work: Callable[..., None]) -> click.Command:
        @wraps(work)
        def said(*args: Any, **kwargs: Any) -> None:
            try:
                work(*args, **kwargs)
            except StepwellError as error:
                raise click.ClickException(_words(error)) from error

        return click.command(name)(with_appcontext(said))

    return made


@command("serve")
@click.option("--empty", is_flag=True, help="Start with an empty practice instead of the invented demo practice.")
@click.option("--practice", default="My practice", show_default=True, help="Name of the empty practice.")
@click.option(
    "--zone", default="UTC", show_default=True, help="Time zone of the empty practice, such as Europe/Dublin."
)
@click.option(
    "--admin", default="admin@practice.example", show_default=True, help="E-mail address of its administrator."
)
def serve(*, empty: bool, practice: str, zone: str, admin: str) -> None:
    """Make what is missing, print the way in, and answer requests until stopped."""
    settings = _settings()
    _refuse_busy_port(settings)
    prepare(settings)
    if not operating.practices():
        first_start(settings, empty=empty, practice=(practice, zone, admin))
    address = settings.canonical_base if settings.production else f"http://{settings.host}:{settings.port}"
    say_ways_in(address)
    click.echo(f"Stepwell answers at {address} (stop with Ctrl+C)")
    server.serve(_app())


@command("migrate")
def migrate() -> None:
    """Bring the database to the schema of this version."""
    prepare(_settings())
    click.echo(f"The database is at revision {schema.revision()}.")


@command("demo")
def demo_practice() -> None:
    """Load the demo practice into an empty database, or print new links into the one that is there."""
    prepare(_settings())
    if not operating.practices():
        load_demo(_settings())
    say_ways_in(f"http://{_settings().host}:{_settings().port}")


@command("worker")
@click.option("--once", is_flag=True, help="Do every chore once and stop.")
def worker(*, once: bool) -> None:
    """Do the background work of a service whose database is elsewhere, until stopped."""
    if not condition.look().ready:
        raise click.ClickException(
            "The database does not answer, or its schema is not that of this version: run `migrate`."
        )
    if once:
        for chore in server.chores_of(_app()):
            chore.work()
        click.echo("Done.")
        return
    logs.configure()
    server.sweep(_app(), _stopped_by_signal())


@command("verify-audit")
def verify_audit() -> None:
    """Check the whole chain of the audit against itself and against the head written down last."""
    published = heads.latest(heads.file_beside(_settings().key_file))
    found = audit.verify(published)
    if not found.ok:
        click.echo(f"The audit does not hold at position {found.broken_at}: {found.problem}.", err=True)
        sys.exit(PROBLEM)
    against = f" It agrees with the head written down at {published.count} rows." if published else ""
    waiting = f" {found.unsealed} rows await their seal." if found.unsealed else ""
    click.echo(f"The audit holds: {found.count} rows in one chain.{against}{waiting}")


@command("verify-notes")
def verify_notes() -> None:
    """Work out anew what signing froze, and compare: notes, addenda and what was cosigned."""
    found = note_proofs.prove_notes()
    for note_id, words in found.differing:
        click.echo(f"Note {note_id}: {words}.", err=True)
    if found.differing:
        sys.exit(PROBLEM)
    click.echo(f"{found.count} signed notes are what was signed.")


@command("rebuild-fhir")
def rebuild_fhir() -> None:
    """Build every FHIR resource anew from the records; what comes out the same keeps its version."""
    done = sum(publish.rebuild(each.id) for each in operating.practices())
    click.echo(f"{done} records gone through.")


@command("rebuild-summary")
def rebuild_summary() -> None:
    """Work out the summary behind every caseload page anew from the records."""
    click.echo(f"{operating.rebuild_summaries()} summaries worked out.")


@command("export-case")
@click.argument("code")
@click.option("--as", "email", required=True, help="E-mail address of the person whose right to export is used.")
@click.option("--out", "folder", required=True, type=click.Path(file_okay=False, path_type=Path))
@click.option("--to", "recipient", required=True, help="Who receives it; kept in the disclosures log.")
@click.option("--basis", required=True, type=click.Choice([str(each) for each in LegalBasis]))
@click.option("--release", "release_id", help="The release that it leaves by.")
@click.option(
    "--chart", required=True, type=click.Choice([str(each) for each in Chart]), help="In whose chart it ends up."
)
@click.option("--why", default="", help="Why the law allows or asks for it, where the ground needs a reason.")
def export_case(code: str, *, email: str, folder: Path, **given: Any) -> None:
    """Write a case as a FHIR Bundle with its manifest. The names of the files say nothing about the case."""
    actor = operating.actor_of(email)
    bundle, manifest = fhir_bundle.export(actor, operating.case_id_of(actor, code), operating.departure(**given))
    make_folder(folder)
    name = f"export-{clock.now():%Y%m%d}-{secrets.token_hex(3)}"
    write_private(folder / f"{name}.json", bundle)
    write_private(folder / f"{name}-manifest.json", json.dumps(manifest, indent=2, ensure_ascii=False).encode())
    click.echo(f"{folder / name}.json and its manifest are written, readable by you alone.")


@command("openapi")
def openapi() -> None:
    """Print the OpenAPI document of the JSON interface."""
    click.echo(json.dumps(api.openapi(_app()), indent=2, ensure_ascii=False))


@command("backup")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def make_backup(folder: Path) -> None:
    """Write one backup file into FOLDER. It holds ciphertext; the key file is not in it and must be kept elsewhere."""
    heads.publish(heads.file_beside(_settings().key_file), "backup")
    made = backup.make(folder)
    click.echo(f"{made.file}: {made.rows} rows in {len(made.tables)} tables. Keep the key file apart from it.")


@command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--verify", is_flag=True, help="Compare the digest of every table after the rows have been put back.")
def restore(file: Path, *, verify: bool) -> None:
    """Put a backup into an empty database. The key file must be in its place first."""
    settings = _settings()
    make_folder(settings.data_dir)
    manifest = backup.restore(file, verify=verify)
    heads.publish(heads.file_beside(settings.key_file), "restored")
    checked = " Every digest agrees." if verify else ""
    click.echo(f"{manifest.rows} rows in {len(manifest.tables)} tables put back, as of {manifest.made_at}.{checked}")


@command("add-person")
@click.argument("name")
@click.argument("email")
@click.argument("role", type=click.Choice([each.value for each in INVITED]))
@click.option("--practice", default="", help="Name of the practice, where there is more than one.")
def add_person(name: str, email: str, role: str, *, practice: str) -> None:
    """Add an account and print its invitation once."""
    added = operating.add(_practice(practice), NewPerson(name, email, Role(role)))
    click.echo(f"Invitation, works once within three days: /link/{added.token}")


@command("case-access")
@click.argument("code")
@click.option("--practice", default="", help="Name of the practice, if there are several.")
@click.option("--restrict/--unrestrict", "restricted", default=None, help="Only named clinicians may open it.")
@click.option("--hold/--release", "held", default=None, help="Legal hold: nothing of it may be destroyed.")
@click.option("--block", "blocked", default="", metavar="EMAIL", help="Keep this person away, whatever their role.")
@click.option("--link", "linked", default="", metavar="EMAIL", help="Let this connected system read it.")
def case_access(code: str, *, practice: str, **wanted: Any) -> None:
    """Set who may reach one case. Leaves an audit row."""
    operating.set_access(_practice(practice).id, code, operating.Access(**wanted))
    click.echo("Set.")


@command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--attested-by", required=True, help="Who answers for the right to use the form.")
@click.option("--licence", default="", help="On which grounds, where the form itself does not say.")
@click.option("--practice", default="", help="Name of the practice, if there are several.")
@click.option(
    "--informant",
    default=Informant.CLIENT_WITH_CLINICIAN.value,
    show_default=True,
    type=click.Choice([each.value for each in Informant]),
    help="Who answers; only `client` can be handed over on a screen.",
)
@click.option("--stays-home", is_flag=True, help="The answers go into no export.")
def import_questionnaire(file: Path, *, practice: str, **attested: Any) -> None:
    """Put a FHIR Questionnaire (R4) into use. Says of each item what becomes of it, and ends with 1 on a refusal.

    A form about danger, violence or suicide should stay here (--stays-home) and be asked by a clinician.
    """
    data, actor = file.read_bytes(), system_actor(_practice(practice).id)
    reading = read_form(data, actor.practice_id)
    for line in lines(reading):
        click.echo(line)
    if reading.instrument is None:
        raise click.ClickException("The form is refused. Nothing was stored.")
    found = instruments.import_instrument(actor, reading.instrument, data, _attestation(**attested))
    click.echo(f"In use as {found.instrument.key} {found.instrument.version}.")


def _attestation(*, attested_by: str, licence: str, informant: str, stays_home: bool) -> Attestation:
    return Attestation(attested_by, licence, Informant(informant), stays_home)


questionnaire = click.Group("questionnaire", {"import": import_questionnaire}, help="Forms of other makers.")
COMMANDS: tuple[click.Command, ...] = (
    questionnaire,
    case_access,
    serve,
    migrate,
    demo_practice,
    worker,
    verify_audit,
    verify_notes,
    rebuild_fhir,
    rebuild_summary,
    export_case,
    openapi,
    make_backup,
    restore,
    add_person,
)


def register(app: Flask) -> None:
    """Add the commands to `app`."""
    app.cli.name = "stepwell"
    schema.register(app)
    for each in COMMANDS:
        app.cli.add_command(each)


def prepare(settings: Settings) -> None:
    """Data folder, key file and schema, each only if it is missing. Files made from here on are the owner's alone."""
    os.umask(0o077)
    make_folder(settings.data_dir)
    if not settings.key_file.exists():
        if schema.revision() is not None and condition.rows():
            raise click.ClickException(
                f"The key file {settings.key_file} is missing, and the data cannot be read without it. Put it back."
            )
        keyring.create_file(settings.key_file)
    schema.upgrade()
    purges.bury()
    conflicts.complete()


def make_folder(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)


def write_private(file: Path, body: bytes) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(body)


def first_start(settings: Settings, *, empty: bool, practice: tuple[str, str, str]) -> None:
    """Fill a database that nobody has used yet."""
    if empty:
        operating.start_practice(*practice)
    elif settings.production:
        raise click.ClickException("A production start has no demo practice: use `serve --empty`.")
    else:
        load_demo(settings)


def load_demo(settings: Settings) -> None:
    """The demo practice holds invented people only, so its password may lie beside the key file to be read again."""
    click.echo("Loading the demo practice with invented people; this takes a moment.")
    password = " ".join(secrets.choice(DEMO_WORDS) for _ in range(4))
    with server.loading(_app()):
        demo.load(clock.now().date(), password=password, printed=demo_printing.printer())
    file = _demo_password_file(settings)
    file.unlink(missing_ok=True)
    write_private(file, password.encode() + b"\n")


def say_ways_in(address: str) -> None:
    """One-time links: into the demo practice for each of its people, or for an administrator without a password."""
    for practice in operating.practices():
        if practice.demo:
            _say_demo_links(address, practice.id)
    waiting = operating.waiting_admin()
    if waiting and not waiting.practice.demo:
        click.echo(f"Invitation for {waiting.email}, works once within three days:\n  {address}/link/{waiting.token}")


def _say_demo_links(address: str, practice_id: str) -> None:
    click.echo("Links into the demo practice; each works once:")
    for link in demo.demo_links(practice_id):
        click.echo(f"  {link.role:14} {link.name:22} {address}/link/{link.path_token}")
    file = _demo_password_file(_settings())
    if file.exists():
        click.echo(f"Their password, to unlock the screen or confirm identity: {file.read_text().strip()}")


def _demo_password_file(settings: Settings) -> Path:
    return settings.key_file.with_name("demo-password.txt")


def _practice(name: str) -> Any:
    found = [each for each in operating.practices() if not name or each.name == name]
    if len(found) != 1:
        raise click.ClickException("Name the practice with --practice; it must be one that exists.")
    return found[0]


def _refuse_busy_port(settings: Settings) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            words = f"Port {settings.port} of {settings.host} is taken. Stop what listens there, or set STEPWELL_PORT."
            raise click.ClickException(words) from error


def _stopped_by_signal() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    return stop


def _words(error: StepwellError) -> str:
    fields = getattr(error, "fields", {}) if isinstance(error, Invalid) else {}
    return " ".join([error.message, *fields.values()])


def _app() -> Flask:
    return cast(Flask, current_app._get_current_object())  # type: ignore[attr-defined]


def _settings() -> Settings:
    return cast(Settings, current_app.extensions["stepwell.settings"])
