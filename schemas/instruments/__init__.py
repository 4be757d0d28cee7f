"""The shelf of instruments. A new instrument is one file and one line here; a used version stays here for good."""

from schemas.instruments.definition import Instrument
from schemas.instruments.withdrawal import WSL

INSTRUMENTS: tuple[Instrument, ...] = (WSL,)


def find(key: str, version: str | None = None) -> Instrument:
    """The named version, or the newest one of the key. Raises LookupError when the shelf has none."""
    found = [each for each in INSTRUMENTS if each.key == key and version in (None, each.version)]
    if not found:
        raise LookupError("no such instrument or version")
    return max(found, key=_version_number)


def _version_number(instrument: Instrument) -> tuple[int, ...]:
    return tuple(int(part) for part in instrument.version.split("."))
