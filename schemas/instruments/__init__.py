"""The shelf of instruments. A new instrument is one file and one line here; a used version stays here for good.

What practices have imported lies in the store, which puts itself behind the shelf when the application is made:
`find` cannot tell the two apart, and neither can who asks.
"""

from collections.abc import Callable

from schemas.instruments.contact_log import CTL
from schemas.instruments.cycle_log import CYL
from schemas.instruments.definition import Instrument
from schemas.instruments.patterns import RGF
from schemas.instruments.person_check import SPC
from schemas.instruments.safety_screen import SFS
from schemas.instruments.session_rating import SSR
from schemas.instruments.session_signs import SIG
from schemas.instruments.withdrawal import WSL
from schemas.instruments.withdrawal_1_1 import WSL_1_1

INSTRUMENTS: tuple[Instrument, ...] = (WSL, WSL_1_1, SFS, RGF, SPC, SSR, CTL, CYL, SIG)

Source = Callable[[str, str | None], Instrument]
"""Key and version (None for the newest) -> the instrument. Raises LookupError."""


def _nowhere(_key: str, _version: str | None) -> Instrument:
    raise LookupError("no such instrument or version")


_BY_NAME = {(each.key, each.version): each for each in INSTRUMENTS}
_behind: list[Source] = [_nowhere]


def look_behind(source: Source) -> None:
    """Ask `source` for what is not on the shelf."""
    _behind[0] = source


def find(key: str, version: str | None = None) -> Instrument:
    """The named version, or the newest one of the key. Raises LookupError when there is none."""
    if version is None:
        found = [each for each in INSTRUMENTS if each.key == key]
        return max(found, key=_version_number) if found else _behind[0](key, None)
    return _BY_NAME.get((key, version)) or _behind[0](key, version)


def newest() -> tuple[Instrument, ...]:
    """The newest version of each key, in the order of the shelf."""
    return tuple(find(key) for key in dict.fromkeys(each.key for each in INSTRUMENTS))


def _version_number(instrument: Instrument) -> tuple[int, ...]:
    return tuple(int(part) for part in instrument.version.split("."))
