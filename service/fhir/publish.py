"""Builds FHIR resources from announced records and stores their bytes.

Runs right after the commit that announced them (and again from `rebuild`). Rule: what does not pass both gates is
never stored, and a record that cannot be built is put back for later with a problem that names paths, never values.
Content that did not change keeps its version.
"""

from functools import lru_cache
from time import sleep
from typing import cast

from flask import current_app

from service.casework import publishing
from service.casework.publishing import Built
from service.casework.sources import Frozen, sources_of
from service.errors import Unavailable
from service.fhir import codes, models
from service.fhir.addresses import Addresses
from service.fhir.build import resources_of
from service.fhir.draft import Made
from service.fhir.shapes import Json, from_bytes, to_bytes
from service.settings import Settings
from service.store.outbox import Task
from service.store.resources import Draft

AFTER_COMMIT = 12


class Unfit(ValueError):
    """A resource that did not pass the gates; its text names paths only."""


def drain(case_id: str | None = None, *, most: int | None = None, pause: float = 0.0) -> int:
    """Build what waits in the outbox (of one case and its practice's people, if named; at most so many); returns how
    many tasks were done.

    A `pause` after each lets others write: SQLite has one writer, and who asks again at once keeps the rest waiting.
    """
    done, turns, at = 0, 0, addresses()
    while (most is None or turns < most) and (task := publishing.next_task(case_id)) is not None:
        done += _do(task, at)
        turns += 1
        sleep(pause)
    return done


def catch_up(case_id: str) -> None:
    """Build what waits for this case and for the people whom it names. Raises Unavailable while some of the case
    cannot be built: nothing stale may leave.
    """
    if not publishing.behind(case_id) and not publishing.directory_behind(case_id):
        return
    drain(case_id)
    if publishing.behind(case_id):
        raise Unavailable("The FHIR data of this case is being brought up to date. Try again in a minute.")


def after_commit(case_id: str | None) -> int:
    """Build what a commit just announced; nobody waits for more than that, the sweep does the rest."""
    return drain(case_id, most=AFTER_COMMIT)


def rebuild(practice_id: str) -> int:
    """Build every resource of a practice anew; returns how many records were gone through.

    A resource gets a new version only where its content differs from what is stored.
    """
    announced = publishing.announce_all(practice_id)
    drain()
    return announced


def addresses() -> Addresses:
    """The addresses of the running application."""
    settings = cast(Settings, current_app.extensions["stepwell.settings"])
    return _known(settings.canonical_base, settings.fhir_base)


@lru_cache(maxsize=4)
def _known(canonical: str, rest: str) -> Addresses:
    return Addresses(canonical, rest)


def built_of(frozen: Frozen, at: Addresses) -> list[tuple[Built, int]]:
    """What must be stored for a record, with versions. Raises Unfit."""
    found = (_built(each, frozen) for each in resources_of(frozen, at))
    return [each for each in found if each is not None]


def _do(task: Task, at: Addresses) -> int:
    """One task; whatever happens, the ones after it still get their turn."""
    try:
        built = [each for frozen in sources_of(task) for each in built_of(frozen, at)]
        publishing.store_built(task, built)
    except Exception as error:  # noqa: BLE001 - one bad record must not stop the drain
        publishing.postpone(
            task, f"{type(error).__name__}: {error}" if isinstance(error, Unfit) else type(error).__name__
        )
        return 0
    return 1


def _built(made: Made, frozen: Frozen) -> tuple[Built, int] | None:
    """None when the stored version says the same already, or a withdrawal has nothing to withdraw."""
    draft = _draft(made, frozen)
    stored = publishing.stored_now(draft)
    if stored is None and made.only_if_stored:
        return None
    if stored is not None and _says_the_same(from_bytes(stored.body), made):
        return None
    version = publishing.version_for(draft)
    return Built(draft, checked(made, version), made.updated_at, made.forgets), version


def checked(made: Made, version: int) -> bytes:
    """The bytes of what passes both gates. Raises Unfit."""
    return fit(made.resource(version))


def fit(resource: Json) -> bytes:
    """The same for a resource as a whole."""
    problems = models.problems_of(resource) + codes.problems_of(resource)
    if problems:
        raise Unfit("; ".join(problems))
    return to_bytes(resource)


def _says_the_same(stored: Json, made: Made) -> bool:
    """Content and labels; a rule for labels that changed is a change for whoever reads."""
    now = from_bytes(to_bytes(made.resource(1)))
    return _without_version(stored) == _without_version(now)


def _without_version(resource: Json) -> Json:
    meta = cast(Json, resource.get("meta", {}))
    return {**resource, "meta": meta.get("security")}


def _draft(made: Made, frozen: Frozen) -> Draft:
    return Draft(
        type=made.type,
        id=made.id,
        practice_id=frozen.practice.id,
        case_id=frozen.case.id if frozen.case else None,
        record_type=frozen.record_type,
        record_id=frozen.record.id,
        date=made.date,
        code=made.code,
    )
