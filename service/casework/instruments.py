"""The register of instruments: our own and those that the practice imported. Importing, retiring, published thresholds.

Reading a file is the business of service/fhir/importing; a form arrives here as a value, with its file and with the
name of the person who answers for its licence. Rule: another practice's form is not there.
"""

from dataclasses import dataclass, replace

from schemas.actions import Action
from schemas.instruments import INSTRUMENTS, newest
from schemas.instruments.definition import Informant, Instrument, Status
from schemas.vocabulary import Role
from service.casework.gate import check_version, practice_unit
from service.domain import clock
from service.domain.actors import Actor
from service.domain.imported import Attested, Imported, Threshold, read_change, threshold_faults
from service.errors import Conflict, Invalid, NotFound
from service.store import instruments
from service.store.instruments import Arrival, InstrumentRow

LONGEST_NAME, LONGEST_LICENCE = 200, 2_000
STAYS_HOME = "The practice keeps the answers to this form here."


@dataclass(frozen=True)
class Attestation:
    """Who says that the practice may use the form, and on which grounds ("" for what the form itself says).

    With it go two choices: who answers (None leaves it as read), and whether the answers stay here for good.
    """

    name: str
    licence: str = ""
    informant: Informant | None = None
    stays_home: bool = False


@dataclass(frozen=True)
class ThresholdDraft:
    """As typed: how far a result must move to count as changed, and where that was published."""

    result: str
    change: str
    citation: str


@dataclass(frozen=True)
class Registered:
    """A line of the register. `imported` is None for our own."""

    instrument: Instrument
    status: Status
    imported: Imported | None = None


def list_instruments(actor: Actor) -> tuple[Instrument, ...]:
    """Every definition that the practice has, retired ones included."""
    return tuple(each.instrument for each in register(actor))


def definitions(actor: Actor) -> tuple[Instrument, ...]:
    """The same for a connected system, which has no register to look at but reads Questionnaires."""
    with practice_unit(actor, Action.FHIR_DIRECTORY, "Questionnaire"):
        return (
            *INSTRUMENTS,
            *(instruments.value(each).instrument for each in instruments.of_practice(actor.practice_id)),
        )


def register(actor: Actor) -> tuple[Registered, ...]:
    """Our own instruments, then the imported ones by title, newest version first."""
    with practice_unit(actor, Action.INSTRUMENT_READ):
        own = (Registered(each, each.status) for each in INSTRUMENTS)
        brought = (instruments.value(each) for each in instruments.of_practice(actor.practice_id))
        return (*own, *(Registered(each.instrument, each.status, each) for each in brought))


def read_instrument(actor: Actor, key: str, version: str | None = None) -> Instrument:
    """The named version, or the newest. Raises NotFound."""
    with practice_unit(actor, Action.INSTRUMENT_READ):
        return visible(actor, key, version)


def in_use(actor: Actor) -> tuple[Instrument, ...]:
    """The newest version of everything that may be filled in: our own first, then the practice's imported forms."""
    return (*newest(), *(each.instrument for each in instruments.newest_active(actor.practice_id)))


def visible(actor: Actor, key: str, version: str | None = None) -> Instrument:
    """The definition, where this practice has it; a definition is no record, so nothing is audited. Raises NotFound."""
    try:
        return instruments.visible(actor.practice_id, key, version)
    except LookupError as error:
        raise NotFound from error


def every_version(actor: Actor, key: str) -> tuple[Instrument, ...]:
    """Every version of an imported form of this practice, newest first; none for our own."""
    return instruments.every_version(actor.practice_id, key) if key else ()


def usable(actor: Actor, key: str) -> Instrument:
    """The newest version, if it may still be filled in. Raises Invalid."""
    try:
        found = instruments.visible(actor.practice_id, key)
    except LookupError as error:
        raise Invalid("There is no such instrument.", {"instrument_key": "Choose one of the register."}) from error
    if found.origin is not None and _row(actor, key, found.version).status == Status.RETIRED:
        words = "It is retired: the practice does not use it any more."
        raise Invalid("This instrument is not in use.", {"instrument_key": words})
    return found


def read_imported(actor: Actor, key: str, version: str) -> Imported:
    """Raises NotFound, also for our own."""
    with practice_unit(actor, Action.INSTRUMENT_READ, f"instrument/{key}"):
        return instruments.value(_row(actor, key, version))


def read_original(actor: Actor, key: str, version: str) -> bytes:
    """The file byte for byte as it was received. Raises NotFound."""
    with practice_unit(actor, Action.INSTRUMENT_READ, f"instrument/{key}"):
        found = instruments.original(actor.practice_id, key, version)
        if found is None:
            raise NotFound
        return found


def import_instrument(actor: Actor, instrument: Instrument, original: bytes, attestation: Attestation) -> Imported:
    """Put a form that was read into use. A known form with other content becomes its next major version.

    Raises Invalid without a name, Conflict for a form that is in the register as it is.
    """
    with practice_unit(actor, Action.INSTRUMENT_IMPORT) as unit:
        _check(attestation)
        earlier = instruments.of_key(actor.practice_id, instrument.key)
        numbered = _numbered(instrument, earlier, original, attestation)
        arrival = Arrival(numbered, original, _attested(numbered, attestation), _account_id(actor))
        row = instruments.add(actor.practice_id, arrival)
        unit.subject, unit.why = f"instrument/{row.key}", f"version {row.form_version}"
        return instruments.value(row, numbered)


def retire(actor: Actor, key: str, version: str, *, seen: int) -> Imported:
    """Take one version out of use; what was filled in with it stays. Raises Conflict when it is retired already."""
    with practice_unit(actor, Action.INSTRUMENT_RETIRE, f"instrument/{key}") as unit:
        row = _row(actor, key, version)
        check_version(seen=seen, stored=row.version)
        if row.status == Status.RETIRED:
            raise Conflict("This version is retired already.")
        instruments.retire(row)
        unit.why = f"version {row.form_version}"
        return instruments.value(row)


def attach_threshold(actor: Actor, key: str, version: str, draft: ThresholdDraft) -> Imported:
    """Put a published change threshold beside a result of the form. Raises Invalid naming what is missing."""
    with practice_unit(actor, Action.INSTRUMENT_THRESHOLD, f"instrument/{key}") as unit:
        row = _row(actor, key, version)
        wrong = threshold_faults(instruments.value(row).instrument, draft.result, draft.change, draft.citation)
        number = read_change(draft.change)
        if wrong or number is None:
            raise Invalid("This threshold cannot be attached.", wrong)
        instruments.attach(row, Threshold(draft.result, number, draft.citation.strip()))
        unit.why = f"version {row.form_version}"
        return instruments.value(row)


def _row(actor: Actor, key: str, version: str) -> InstrumentRow:
    row = instruments.row(actor.practice_id, key, version)
    if row is None:
        raise NotFound
    return row


def _check(attestation: Attestation) -> None:
    name = attestation.name.strip()
    if not name or len(name) > LONGEST_NAME:
        words = f"Name the person who answers for the licence, in at most {LONGEST_NAME} characters."
        raise Invalid("Nobody answers for the licence.", {"attested_by": words})
    if len(attestation.licence) > LONGEST_LICENCE:
        raise Invalid("The licence is too long.", {"licence": f"Use at most {LONGEST_LICENCE} characters."})


def _numbered(
    instrument: Instrument, earlier: list[InstrumentRow], original: bytes, attestation: Attestation
) -> Instrument:
    """The form as it was attested and, after an earlier one, its next major version. Raises Conflict."""
    licensed = _chosen(instrument, attestation)
    if not earlier:
        return licensed
    same = next((each for each in earlier if instruments.is_original(each, original)), None)
    if same is not None and same.status != Status.RETIRED:
        raise Conflict(f"This very file is in the register as version {same.form_version}.")
    last = instruments.value(earlier[0]).instrument
    return replace(licensed, version=f"{last.major + 1}.0.0")


def _chosen(instrument: Instrument, attestation: Attestation) -> Instrument:
    """The form with what the attesting person says of it, all of which its fingerprint covers."""
    return replace(
        instrument,
        licence=_licence(instrument, attestation),
        informant=attestation.informant or instrument.informant,
        stays_home=STAYS_HOME if attestation.stays_home else instrument.stays_home,
    )


def _licence(instrument: Instrument, attestation: Attestation) -> str:
    """What the form says of its own licence, else what the person says."""
    own = attestation.licence.strip() or instrument.licence.strip()
    return own or f"licence attested by {attestation.name.strip()}"


def _attested(instrument: Instrument, attestation: Attestation) -> Attested:
    return Attested(attestation.name.strip(), clock.now(), instrument.licence)


def _account_id(actor: Actor) -> str | None:
    """None for the operator, who has no account."""
    return None if actor.role is Role.SYSTEM else actor.user_id
