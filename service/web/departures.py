"""What a form asks about something that leaves: to whom, why, on what ground, how; drawn by parts/departure.html."""

from collections.abc import Sequence
from dataclasses import dataclass

from schemas.proxy_codes import Chart
from schemas.release_codes import ClientTold, LegalBasis, ReleasePurpose, SendRoute
from schemas.vocabulary import Coded
from service.domain.releases import Release
from service.web.cases import labels

Options = list[tuple[str, str]]


@dataclass(frozen=True)
class Departing:
    """The choices of the form, and what stands in it before anybody typed."""

    bases: Options
    purposes: Options
    routes: Options
    told: Options
    releases: Options
    charts: Options
    route: str
    usual: dict[str, str]
    exports: bool


def departing(
    in_force: Sequence[Release], *, route: SendRoute, usual: dict[str, str] | None = None, exports: bool = False
) -> Departing:
    """`in_force`: the releases that something can leave by. An export must say in whose chart it ends up."""
    return Departing(
        bases=labels(LegalBasis),
        purposes=labels(ReleasePurpose),
        routes=labels(SendRoute),
        told=labels(ClientTold),
        releases=[(each.id, f"{each.terms.recipient}, until {each.expires_on}") for each in in_force],
        charts=labels(Chart),
        route=route,
        usual=usual or {},
        exports=exports,
    )


def words(codes: Sequence[Coded]) -> str:
    """Labels in one line."""
    return "; ".join(each.label for each in codes)
