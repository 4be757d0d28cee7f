"""Looking at the definitions of instruments."""

from schemas.instruments import INSTRUMENTS, find
from schemas.instruments.definition import Instrument
from schemas.vocabulary import Action
from service.casework.gate import practice_unit
from service.domain.actors import Actor
from service.errors import NotFound


def list_instruments(actor: Actor) -> tuple[Instrument, ...]:
    with practice_unit(actor, Action.INSTRUMENT_READ):
        return INSTRUMENTS


def read_instrument(actor: Actor, key: str, version: str | None = None) -> Instrument:
    """The named version, or the newest. Raises NotFound."""
    with practice_unit(actor, Action.INSTRUMENT_READ):
        try:
            return find(key, version)
        except LookupError as error:
            raise NotFound from error
