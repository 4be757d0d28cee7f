"""What brings the clients of the demo practice, in codes and words, and a look back at one relationship."""

from schemas.case_codes import Concern, FormulationFactor, Voice
from schemas.instruments.capture import ContactContext
from service.casework import reviews
from service.domain.actors import Actor
from service.domain.cases import Presentation


def presentation(context: ContactContext) -> Presentation:
    """What brings a client, coded and in words, with ideas worked out together."""
    return Presentation(
        contact_context=context,
        concerns="Strong pull to make contact; sleep; doubting own memory",
        functional_summary="Working part time, tired, keeps appointments",
        strengths="Kept a diary through the hardest month; two steady friends",
        main_concerns=(Concern.PULL, Concern.SLEEP, Concern.ALONE),
        factors=(FormulationFactor.INTERMITTENT, FormulationFactor.AMBIVALENCE, FormulationFactor.ISOLATION),
        formulation="The kind weeks came without warning and made the hard ones seem like mistakes. We wonder whether "
        "waiting for them is what holds on, more than the person does.",
    )


def look_back(actor: Actor, case_id: str) -> None:
    """A text of the relationship review, in the client's words."""
    reviews.keep_review(actor, case_id, _LOOK, Voice.CLIENT, version=0)


_LOOK = (
    "Looking at the dates, it went the same way three times: a quiet month, an argument about nothing, a week without "
    "a word, flowers. I had not seen that the quiet months got shorter. I miss the first summer, and it was one."
)
