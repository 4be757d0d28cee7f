"""What stands behind the reliable change index: published or local reliabilities, entered by a supervisor or an
administrator.

Rule: no index without spread, reliability, population, number, citation and approver; an own alpha is refused.
"""

from flask import Blueprint, url_for
from flask.wrappers import Response

from schemas.actions import Action
from schemas.fields import Line
from schemas.instruments import INSTRUMENTS, find
from schemas.instruments.definition import Instrument
from schemas.reliabilities import ReliabilitySchema
from schemas.vocabulary import ReliabilityMethod, ReliabilitySource
from service.casework import reliabilities as shelf
from service.casework.reliabilities import ReliabilityDraft
from service.domain.access import role_may
from service.domain.reliable_change import StatedReliability
from service.domain.scoring import TOTAL
from service.errors import Invalid
from service.guard import current_actor, needs
from service.web.cases import labels
from service.web.forms import form_page, read
from service.web.frame import done, show

page = Blueprint("reliabilities", __name__)


class ReliabilityFormSchema(ReliabilitySchema):
    """Instrument and part are chosen in one control, as `key.part`."""

    class Meta(ReliabilitySchema.Meta):
        exclude = ("instrument_key", "part")

    score = Line(110, needed=True)


@page.get("/reliabilities")
@needs(Action.RELIABILITY_READ)
def reliabilities() -> Response:
    actor = current_actor()
    stated = shelf.list_reliabilities(actor)
    return show(
        "pages/reliabilities/reliabilities.html",
        task="Reliabilities",
        stated=[(each, _score_of(each)) for each in stated],
        may_set=role_may(Action.RELIABILITY_SET, actor.role),
    )


@page.get("/reliabilities/new")
@needs(Action.RELIABILITY_SET)
def new() -> Response:
    return show(
        "pages/reliabilities/new.html",
        task="Enter a reliability",
        scores=[(f"{each.key}.{part}", f"{each.title}: {words}") for each in _scored() for part, words in _parts(each)],
        sources=labels(ReliabilitySource),
        methods=labels(ReliabilityMethod),
    )


@page.post("/reliabilities/new")
@needs(Action.RELIABILITY_SET)
@form_page(new)
def enter() -> Response:
    given = read(ReliabilityFormSchema)
    key, _, part = given.pop("score").partition(".")
    try:
        shelf.enter_reliability(current_actor(), ReliabilityDraft(instrument_key=key, part=part, **given))
    except Invalid as error:
        raise _named_as_here(error) from error
    return done(url_for("reliabilities.reliabilities"), "The reliability is in use.")


@page.post("/reliabilities/<reliability_id>/withdraw")
@needs(Action.RELIABILITY_SET)
def withdraw(reliability_id: str) -> Response:
    shelf.withdraw_reliability(current_actor(), reliability_id)
    return done(url_for("reliabilities.reliabilities"), "The reliability is out of use.")


def _named_as_here(error: Invalid) -> Invalid:
    """The same complaint under the names of this form."""
    named = {"score" if name in ("instrument_key", "part") else name: words for name, words in error.fields.items()}
    return Invalid(error.message, named)


def _scored() -> list[Instrument]:
    newest = [find(key) for key in dict.fromkeys(each.key for each in INSTRUMENTS)]
    return [each for each in newest if each.scoring]


def _parts(instrument: Instrument) -> list[tuple[str, str]]:
    return [(TOTAL, "total"), *((each.key, each.title) for each in instrument.domains)]


def _score_of(stated: StatedReliability) -> str:
    """Which score an entry is about, in words."""
    instrument = find(stated.instrument_key)
    return f"{instrument.title} {stated.major}: {dict(_parts(instrument)).get(stated.part, stated.part)}"
