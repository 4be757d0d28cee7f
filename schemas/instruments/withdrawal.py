"""The Withdrawal and Separation Log, `wsl` 1.0.0: fifteen difficulties in three domains (domain model, section 2.2).

Own wording, after the element list of the programme (`element`, for example WSP-1). Double ideas in P1, P3, E1, E2 and
E5 mirror that list; their "which mostly" follow-ups exist so that a second version can split them. This version is in
use: do not edit, add a version.
"""

from schemas.instruments.capture import ContactContext
from schemas.instruments.conditions import AllOf, Among, AtLeast, Trigger
from schemas.instruments.definition import (
    Cadence,
    Domain,
    Informant,
    Instrument,
    Item,
    Recall,
    Scoring,
    Section,
    Status,
    Validation,
)
from schemas.instruments.kinds import AnswerKind, Choice, MultiChoice, Text, WholeNumber, YesNo, options, scale
from schemas.vocabulary import EventLevel

BOTHER = scale("not at all", "a little", "somewhat", "a lot", "almost more than I could manage")
RULER = WholeNumber(0, 10)
SHORT, LONG = Text(200), Text(2000)


def _mostly(key: str, **labels: str) -> Item:
    return Item(f"{key}_mostly", "Which of these mostly?", Choice(options(**labels, mix="a mix")))


def _symptom(key: str, prompt: str, element: str, *follow_ups: Item) -> Item:
    return Item(key, prompt, BOTHER, element=element, follow_ups=follow_ups)


PHYSICAL = Domain(
    "physical",
    "Body",
    (
        _symptom(
            "P1",
            "Stomach upset, feeling sick, or gut trouble",
            "WSP-1",
            _mostly("P1", stomach="stomach upset", sick="feeling sick", gut="gut trouble"),
        ),
        _symptom(
            "P2",
            "Trouble sleeping, or sleep that did not rest you",
            "WSP-2",
            Item(
                "P2_kind",
                "What was the trouble?",
                MultiChoice(
                    options(falling="falling asleep", staying="staying asleep", waking="waking early", dreams="dreams")
                ),
            ),
        ),
        _symptom(
            "P3",
            "Sudden panic, or a body that would not settle",
            "WSP-3",
            _mostly("P3", panic="sudden panic", unsettled="a body that would not settle"),
        ),
        _symptom(
            "P4",
            "Headaches or body pain",
            "WSP-4",
            Item("P4_assault", "Is any of this pain new since someone hurt you physically?", YesNo()),
        ),
        _symptom("P5", "Worn out or slowed down", "WSP-5"),
    ),
)

EMOTIONAL = Domain(
    "emotional",
    "Feelings",
    (
        _symptom(
            "E1",
            "Strong longing, or thoughts of the person you could not put down",
            "WSE-1",
            _mostly("E1", longing="strong longing", thoughts="thoughts you could not put down"),
        ),
        _symptom("E2", "Low mood or losing hope", "WSE-2", _mostly("E2", mood="low mood", hope="losing hope")),
        _symptom("E3", "Going between feeling nothing and feeling too much", "WSE-3"),
        _symptom(
            "E4",
            "Anger or rage",
            "WSE-4",
            Item(
                "E4_aim",
                "Who was it aimed at?",
                Choice(options(self="myself", them="the other person", others="other people", mixed="a mix")),
            ),
        ),
        _symptom(
            "E5",
            "Guilt or blaming yourself",
            "WSE-5",
            _mostly("E5", guilt="guilt", blame="blaming yourself"),
        ),
    ),
)

COGNITIVE = Domain(
    "cognitive",
    "Thinking",
    (
        _symptom("C1", "Hard to keep your mind on things", "WSC-1"),
        _symptom("C2", "Memories pushing in when you did not want them", "WSC-2"),
        _symptom("C3", "Doubting what really happened", "WSC-3"),
        _symptom("C4", "Hard to decide, even small things", "WSC-4"),
        _symptom("C5", "Forgetting things or gaps in memory", "WSC-5"),
    ),
)

DAILY_LIFE = Section(
    "daily_life",
    "Daily life",
    (
        Item(
            "F1",
            "How much did all of this get in the way of work, home, caring for others or caring for yourself?",
            BOTHER,
            follow_ups=(
                Item(
                    "F1_areas",
                    "Which areas?",
                    MultiChoice(
                        options(
                            work="work or study", home="home", others="caring for others", self="caring for yourself"
                        )
                    ),
                ),
            ),
        ),
        Item("F2", "On how many of the last 7 days could you not do what you usually do?", WholeNumber(0, 7, "days")),
    ),
)

_SET_OFF = options(
    contact="contact from them",
    date="a date or anniversary",
    alone="being alone",
    crisis="a life crisis",
    social_media="social media",
    mutual="someone we both know",
    children="arrangements for children",
    reminder="a place, song or smell",
    good_memory="a good memory",
    money="money or housing",
    fear="fear of what they will do",
    other="something else",
)

URGES = Section(
    "urges",
    "Urges to return or reconnect",
    (
        Item("U1", "How strong is the urge right now, from 0 (none) to 10 (as strong as can be)?", RULER, "CH-1"),
        Item("U2", "How strong was it at its strongest in the last 7 days, from 0 to 10?", RULER, "CH-1"),
        Item(
            "U3",
            "How long did that strongest urge last?",
            Choice(
                options(
                    under_10_min="less than 10 minutes",
                    under_1_hour="10 to 60 minutes",
                    hours="hours",
                    most_of_day="most of a day",
                    longer="longer",
                )
            ),
            "CH-1",
        ),
        Item(
            "U4",
            "How sure are you that you could ride out the next one, from 0 (not at all) to 10 (fully)?",
            RULER,
            "CH-1",
        ),
        Item("U5", "What set it off?", MultiChoice(_SET_OFF), "CH-1"),
    ),
)

_CONTACT = options(
    none="none",
    they_no_reply="they reached out, you did not reply",
    they_reply="they reached out, you replied",
    client="you reached out",
    planned="planned, and it had to happen",
    in_person="unplanned, in person",
)

CONTACT = Section(
    "contact",
    "Contact with the other person",
    (
        Item(
            "X1",
            "What contact was there since the last session?",
            MultiChoice(_CONTACT, alone=("none",)),
            follow_ups=(
                Item("X1_count", "How many times in all?", WholeNumber(0, 999, "times")),
                Item(
                    "X1_kept",
                    "Did you keep to the boundary you had set?",
                    Choice(options(yes="yes", partly="partly", no="no")),
                ),
                Item("X1_concern", "Was there anything about it that worried you for anyone's safety?", YesNo()),
            ),
        ),
    ),
)

HELPED = Choice(
    options(
        not_used="did not use",
        worse="made it worse",
        no_change="no change",
        a_little="helped a little",
        a_lot="helped a lot",
    )
)


def _strategy(code: str, prompt: str, element: str | None = None) -> Item:
    return Item(f"S_{code}", prompt, HELPED, element)


STRATEGIES = Section(
    "strategies",
    "What you tried, and whether it helped",
    (
        _strategy("breathing_grounding", "Slow breathing or grounding", "WMS-1"),
        _strategy("pmr", "Tensing and relaxing muscles", "WMS-2"),
        _strategy("urge_plan", "Your own plan for strong urges", "WMS-3"),
        _strategy("vigorous_exercise", "Hard exercise", "WMS-4"),
        _strategy("mindfulness", "Noticing without acting", "WMS-5"),
        _strategy("movement", "Walking, dancing or other movement", "RT-2"),
        _strategy("creative", "Writing, music, drawing or making things", "RT-3"),
        _strategy("nature", "Time outdoors", "RT-4"),
        _strategy("spiritual", "Prayer, ritual or other things that give meaning", "RT-5"),
        _strategy("support_person", "Talking to someone you trust"),
        _strategy("clinician", "Reaching out to your clinician"),
    ),
)

COPING = Section(
    "coping",
    "Restlessness and getting through",
    (
        Item("X_restless", "Restless energy that had nowhere to go", BOTHER, "WMS-6"),
        Item(
            "D1",
            "Did you use alcohol, drugs or extra medicine to get through?",
            Choice(
                options(
                    none="none", same="the same as before", more="more than before", worried="I am worried about it"
                )
            ),
        ),
    ),
)

_SINCE = options(
    not_separated="not separated",
    under_2_weeks="less than 2 weeks ago",
    under_3_months="2 weeks to 3 months ago",
    under_1_year="3 to 12 months ago",
    over_1_year="more than a year ago",
)


def _told(key: str, prompt: str, answer: AnswerKind = LONG) -> Item:
    return Item(key, prompt, answer)


BACKGROUND = Section(
    "background",
    "Background, asked once",
    (
        _told("I_began", "When did these difficulties begin?", SHORT),
        _told("I_separated", "When did you separate or last have contact?", Choice(_SINCE)),
        _told("I_earlier", "Were there earlier separations, and what helped then?"),
        _told("I_sleep", "How do you usually sleep?", SHORT),
        _told("I_appetite", "How is your appetite usually?", SHORT),
        _told("I_conditions", "Do you have any medical conditions?"),
        _told("I_medicines", "Do you take any medicines?"),
        _told("I_pregnant", "Are you pregnant, as far as you know?", YesNo()),
        _told("I_head_neck", "Have you ever had a blow to the head or pressure on your neck?", YesNo()),
        _told("I_help", "What help do you have already?"),
        _told("I_hopes", "What do you hope for from this work?"),
    ),
)

_ASK_MODULE_A = (
    "Ask today, directly and in private, about not wanting to live and about self-harm (safety screen, module A)."
)
_SUPPORT = "Talk about the level of support, a letter for work or the family doctor, and how often to meet."
_MEDICAL = "Offer a medical evaluation. Do not read this as withdrawal."


def _medical(item: str) -> Trigger:
    """TR-MED needs a blow to the head or pressure on the neck as well, told now or at the first log."""
    when = AllOf((AtLeast(item, 3), Among("I_head_neck", (True,))))
    return Trigger(
        "TR-MED",
        item,
        when,
        f"This is marked high, and a blow to the head or pressure on the neck was told. {_MEDICAL}",
    )


TRIGGERS = (
    Trigger(
        "TR-1", "E2", AtLeast("E2", 3), f"Low mood or losing hope is marked high. {_ASK_MODULE_A}", EventLevel.TODAY
    ),
    Trigger(
        "TR-1",
        "E4",
        AllOf((AtLeast("E4", 3), Among("E4_aim", ("self",)))),
        f"Strong anger is aimed at the client's own self. {_ASK_MODULE_A}",
        EventLevel.TODAY,
    ),
    Trigger("TR-2", "F1", AtLeast("F1", 3), f"Daily life was hard to manage. {_SUPPORT}"),
    Trigger("TR-2", "F2", AtLeast("F2", 3), f"Three or more days were lost to the usual role. {_SUPPORT}"),
    Trigger(
        "TR-3",
        "X1_concern",
        Among("X1_concern", (True,)),
        "A worry about someone's safety was told. Ask in private about danger from the other person "
        "(safety screen, module B) and review the plan within 7 days.",
        EventLevel.TODAY,
    ),
    Trigger(
        "TR-5",
        "D1",
        Among("D1", ("more", "worried")),
        "Alcohol, drugs or extra medicine went up or is a worry. Follow up on use and on self-harm; offer a referral.",
        EventLevel.NEXT,
    ),
    Trigger(
        "TR-MED", "P4_assault", Among("P4_assault", (True,)), f"Pain is new since someone hurt the client. {_MEDICAL}"
    ),
    _medical("P4"),
    _medical("C1"),
    _medical("C5"),
)

BANNER = (
    "A tracking log filled in with your clinician. It is not a test, has no norms or cut-offs, "
    "and cannot diagnose anything."
)
PURPOSE = "To see together, from week to week, what was hard and what helped, and to notice what needs a conversation."

WSL = Instrument(
    key="wsl",
    version="1.0.0",
    title="Withdrawal and separation log",
    titles=((ContactContext.TOGETHER, "Distress log"),),
    banner=BANNER,
    purpose=PURPOSE,
    recall=Recall(7, "In the last 7 days"),
    question="How much did this bother you or get in the way?",
    licence="Own wording, part of Stepwell, Apache-2.0",
    informant=Informant.CLIENT_WITH_CLINICIAN,
    validation=Validation.UN_NORMED,
    status=Status.ACTIVE,
    domains=(PHYSICAL, EMOTIONAL, COGNITIVE),
    extra=(DAILY_LIFE, URGES, CONTACT, STRATEGIES, COPING),
    once=(BACKGROUND,),
    scoring=Scoring(missing_allowed=1, positions=("very low", "low", "middle", "high", "very high")),
    triggers=TRIGGERS,
    cadence=Cadence(days=7),
)
