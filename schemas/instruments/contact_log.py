"""The contact log, `ctl` 1.0.0: one row for each contact with the other person, as observed, without blame.

Domain model, section 2.7. Own wording. Rows are only added; a correction is a new row that names the old one. A file
that proves something is named with its digest and not stored here. This version is in use: do not edit, add a version.
"""

from schemas.instruments.conditions import Among, Trigger
from schemas.instruments.definition import (
    Informant,
    Instrument,
    Item,
    Recall,
    Section,
    Status,
    Validation,
)
from schemas.instruments.kinds import Choice, Moment, MultiChoice, Text, WholeNumber, YesNo, options
from schemas.vocabulary import EventLevel

WORDS, SHORT, RULER = Text(2000), Text(200), WholeNumber(0, 10)


CHANNEL = Choice(
    options(
        in_person="in person",
        call="call",
        message="text or chat",
        mail="e-mail or letter",
        social="social media",
        third="through somebody else",
        other="another way",
    )
)
NECESSITY = MultiChoice(
    options(children="children", court="court", work="work", money="money", none="none of these"), alone=("none",)
)

CONTACT = Section(
    "contact",
    "The contact",
    (
        Item("at", "When was it?", Moment()),
        Item(
            "direction",
            "Who reached whom?",
            Choice(options(to_you="they reached you", from_you="you reached them", both="both ways")),
        ),
        Item("channel", "How?", CHANNEL),
        Item(
            "started_by",
            "Who started it?",
            Choice(options(you="you", them="the other person", somebody="somebody else")),
        ),
        Item("necessity", "What made it necessary?", NECESSITY),
        Item("planned", "Was it planned?", YesNo()),
    ),
)
OBSERVED = Section(
    "observed",
    "What happened",
    (
        Item("facts", "What happened, as somebody watching would tell it", WORDS, element="RR-2", stays_home=True),
        Item("exact_words", "Exact words, if you remember them", WORDS, stays_home=True),
        Item("response", "What did you do or say?", WORDS, stays_home=True),
        Item(
            "kept",
            "Did you keep to the boundary you had set?",
            Choice(options(yes="yes", partly="partly", no="no")),
        ),
        Item("witness", "Was anybody there? Initials or a role", SHORT, element="LC-4", stays_home=True),
        Item(
            "evidence",
            "Is there a record of it? Name of the file and where it is kept",
            SHORT,
            element="RR-5",
            follow_ups=(Item("evidence_digest", "Digest (SHA-256) of the file", SHORT, stays_home=True),),
            stays_home=True,
        ),
    ),
)
AROUND = Section(
    "around",
    "Before and after",
    (
        Item("urge_before", "Urge to reconnect before, from 0 (none) to 10 (as strong as can be)", RULER),
        Item("urge_after", "Urge to reconnect after, from 0 to 10", RULER),
        Item("order_broken", "Was a court order broken?", YesNo()),
        Item("concern", "Was there anything that worried you for anyone's safety?", YesNo()),
    ),
)
_MODULE_B = "Ask in private about danger from the other person (safety screen, module B); review the plan in 7 days."

CTL = Instrument(
    key="ctl",
    version="1.0.0",
    title="Contact log",
    banner="One row for each contact, as it happened. Contact is not a failure. Rows are added and never changed.",
    purpose="To keep what happened in plain words, and to notice what needs a conversation.",
    recall=Recall(0, "This one contact"),
    question="Fill in what you know; leave out the rest.",
    licence="Own wording, part of Stepwell, Apache-2.0",
    informant=Informant.CLIENT_WITH_CLINICIAN,
    validation=Validation.UNSCORED,
    status=Status.ACTIVE,
    extra=(CONTACT, OBSERVED, AROUND),
    triggers=(
        Trigger(
            "TR-3",
            "concern",
            Among("concern", (True,)),
            f"A worry about someone's safety was told. {_MODULE_B}",
            EventLevel.TODAY,
        ),
        Trigger(
            "TR-3",
            "order_broken",
            Among("order_broken", (True,)),
            f"A court order was broken. {_MODULE_B}",
            EventLevel.TODAY,
        ),
    ),
    stays_home="It is the client's own record of another person; it goes out through the client's counsel alone.",
    one_by_one=True,
)
