"""A connected system beside one case, and what a link lets it do, in words.

Rule: whoever decides reads the consequence first, by what the scopes of that very system cover.
"""

from dataclasses import dataclass
from datetime import date

from service.domain.scopes import ANY, CREATE, WRITTEN, Scope, allows, read_scopes


@dataclass(frozen=True)
class SystemLink:
    """`until` is the last day of the release that the link stands on; None where it stands on a consent, or is none."""

    id: str
    name: str
    scopes: str
    active: bool
    linked: bool
    until: date | None = None

    @property
    def reads(self) -> tuple[str, ...]:
        """The types that it may read, or `*` alone for all of them."""
        found = sorted({each.type for each in self._scopes() if set(each.rights) & {"r", "s"}})
        return (ANY,) if ANY in found else tuple(found)

    @property
    def sends(self) -> bool:
        """Whether it may send forms that clients filled in."""
        return allows(self.scopes, WRITTEN, CREATE)

    def _scopes(self) -> tuple[Scope, ...]:
        return read_scopes(self.scopes) if self.scopes else ()
