"""The cycle log, `cyl` 1.0.0: where in a cycle things seemed to be, if a cycle fits at all.

Domain model, section 2.7. Own wording after the element list (CYC). The four-phase model does not describe every
abusive relationship, so the log may stay empty. Rows are only added. This version is in use: do not edit, add one.
"""

from schemas.instruments.definition import (
    Informant,
    Instrument,
    Item,
    Recall,
    Section,
    Status,
    Validation,
)
from schemas.instruments.kinds import Choice, Day, Option, Text

PHASE = Choice(
    (
        Option("tension", "tension rising, treading carefully"),
        Option("incident", "something harmful happened"),
        Option("reconciliation", "making up, promises, intense affection"),
        Option("calm", "a quiet spell that feels normal"),
        Option("repeat", "the pattern starting over"),
        Option("does_not_fit", "none of these fits"),
        Option("unsure", "not sure"),
    )
)

CYL = Instrument(
    key="cyl",
    version="1.0.0",
    title="Cycle log",
    banner="Not every relationship follows a cycle. If none of this fits, say so or leave it empty.",
    purpose="To look together at how things developed, in your own words.",
    recall=Recall(0, "From one date on"),
    question="Where did things seem to be?",
    licence="Own wording, part of Stepwell, Apache-2.0",
    informant=Informant.CLIENT_WITH_CLINICIAN,
    validation=Validation.UNSCORED,
    status=Status.ACTIVE,
    extra=(
        Section(
            "where",
            "The phase",
            (
                Item("phase", "Where did things seem to be?", PHASE, element="CYC-6"),
                Item("since", "From when on?", Day(partial=True)),
                Item("noticed", "What did you notice?", Text(2000), element="ACK-2", stays_home=True),
                Item("helped", "What helped?", Text(2000), stays_home=True),
            ),
        ),
    ),
    stays_home="It is the client's own record of another person; it goes out through the client's counsel alone.",
)
