"""The invented people of the demo practice: data only, told by demo.py.

Nobody here exists. Names mix scripts on purpose: accents, two family names, Arabic and Hebrew.
"""

from dataclasses import dataclass, field

from schemas.instruments.capture import ContactContext
from schemas.vocabulary import Gender, NoteFormat, Role

PRACTICE_NAME = "Linden Street Practice (demo)"
PRACTICE_ZONE = "Europe/Dublin"


@dataclass(frozen=True)
class Staff:
    key: str
    name: str
    email: str
    role: Role
    qualification: str = ""
    note_format: NoteFormat = NoteFormat.DAP


@dataclass(frozen=True)
class Member:
    """One client and the outline of a course. `start`, `swing` and `drift` shape the log on its 0 to 4 scale.

    `months` of history end today; `features` switches single events of the story on.
    """

    name: str
    therapist: str
    months: int
    context: ContactContext
    pronouns: str
    born: int
    start: float = 2.4
    swing: float = 0.5
    drift: float = -0.03
    hour: int = 10
    gender: Gender = Gender.FEMALE
    languages: str = "English"
    relationship: str = "former partner"
    features: frozenset[str] = field(default_factory=frozenset)


STAFF = (
    Staff("ana", "Ana Núñez Keane", "ana@linden.example", Role.THERAPIST, "Counselling psychologist", NoteFormat.DAP),
    Staff("jonas", "Jonas Weiß", "jonas@linden.example", Role.THERAPIST, "Psychotherapist", NoteFormat.SOAP),
    Staff("siobhan", "Siobhán Byrne", "siobhan@linden.example", Role.SUPERVISOR, "Clinical psychologist"),
    Staff("marta", "Marta Łuczak", "marta@linden.example", Role.ADMIN),
)

_NONE, _LIMITED = ContactContext.SEPARATED_NO_CONTACT, ContactContext.SEPARATED_LIMITED_CONTACT
_TOGETHER, _ON_OFF = ContactContext.TOGETHER, ContactContext.ON_OFF


def _f(*names: str) -> frozenset[str]:
    return frozenset(names)


CAST = (
    Member(
        "Zoë Okonkwo-Šimić",
        "ana",
        8,
        _LIMITED,
        "she/her",
        1988,
        2.9,
        0.6,
        -0.045,
        9,
        features=_f("lapse", "plans", "today", "goals"),
    ),
    Member(
        "Niamh Ní Dhomhnaill",
        "ana",
        10,
        _NONE,
        "she/her",
        1979,
        2.6,
        0.5,
        -0.04,
        10,
        features=_f("gap", "plans", "goals"),
    ),
    Member(
        "سلمى حدّاد",
        "ana",
        6,
        _LIMITED,
        "she/her",
        1993,
        2.7,
        0.7,
        -0.03,
        11,
        languages="Arabic, English",
        features=_f("interpreter", "plans", "today"),
    ),
    Member(
        "Thiago Araújo",
        "ana",
        5,
        _NONE,
        "he/him",
        1990,
        2.2,
        0.4,
        -0.05,
        12,
        Gender.MALE,
        features=_f("missing", "goals"),
    ),
    Member(
        "Wren Ashdown",
        "ana",
        7,
        _ON_OFF,
        "they/them",
        1996,
        2.8,
        0.9,
        -0.01,
        14,
        Gender.OTHER,
        features=_f("lapse", "open_event", "plans"),
    ),
    Member(
        "Marguerite Lefèvre",
        "ana",
        9,
        _TOGETHER,
        "she/her",
        1971,
        2.5,
        0.5,
        -0.01,
        15,
        relationship="partner",
        features=_f("prep", "safety_cancelled", "plans", "second_reader"),
    ),
    Member("Dearbhla Quinn", "ana", 4, _NONE, "she/her", 2001, 3.0, 0.6, -0.06, 16, features=_f("unsigned", "today")),
    Member(
        "Ingrid Sørensen",
        "jonas",
        10,
        _NONE,
        "she/her",
        1984,
        2.6,
        0.5,
        -0.05,
        9,
        features=_f("plans", "goals", "closed"),
    ),
    Member(
        "נועה כהן־לוי",
        "jonas",
        6,
        _LIMITED,
        "she/her",
        1987,
        2.6,
        0.6,
        -0.03,
        10,
        languages="Hebrew, English",
        features=_f("plans", "today", "goals"),
    ),
    Member(
        "Aleksander Żółty",
        "jonas",
        7,
        _LIMITED,
        "he/him",
        1982,
        2.3,
        0.5,
        -0.02,
        11,
        Gender.MALE,
        features=_f("gap", "missing", "old_plan"),
    ),
    Member(
        "Lǐ Méi",
        "jonas",
        5,
        _TOGETHER,
        "she/her",
        1991,
        2.4,
        0.6,
        0.0,
        13,
        languages="Mandarin, English",
        relationship="husband",
        features=_f("interpreter", "prep", "plans"),
    ),
    Member(
        "Fatoumata Traoré-O’Shea",
        "jonas",
        8,
        _NONE,
        "she/her",
        1975,
        2.7,
        0.6,
        -0.04,
        14,
        features=_f("lapse", "plans", "unsigned"),
    ),
    Member(
        "Håkon Bjørnsen",
        "jonas",
        4,
        _ON_OFF,
        "he/him",
        1998,
        2.9,
        0.8,
        0.01,
        15,
        Gender.MALE,
        features=_f("no_shows", "overdue_log"),
    ),
    Member(
        "Eleanor Montgomery-Fitzwilliam de la Croix",
        "jonas",
        6,
        _LIMITED,
        "she/her",
        1968,
        2.5,
        0.4,
        -0.03,
        16,
        relationship="former husband",
        features=_f("cover", "plans", "today"),
    ),
)

HEARD = (
    "Client described the week as up and down; two quieter days after seeing a friend.",
    "Client reported more thoughts of the other person after a message about shared belongings.",
    "Client spoke of guilt about having left, then named what had made leaving necessary.",
    "Client said sleep was broken on four nights. Mornings were the hardest.",
    "Client described meeting an old colleague and feeling like an earlier self for an hour.",
    "Client reported an urge to reply to a message, waited twenty minutes, and rang a friend.",
    "Client talked about missing the good days and being angry at missing them.",
    "Client described doubt about own memory of an argument and read back the notes made at the time.",
)
DONE = (
    "Looked at what was going on before the urge. Practised the waiting step.",
    "Psychoeducation on mixed treatment and attachment. Client chose own words for it.",
    "Wrote down one incident plainly, without excusing or judging. Stopped when it became too much.",
    "Went through the early signs in the plan and changed one line.",
    "Slow breathing with eyes open; client preferred counting objects in the room.",
    "Talked about one small decision made alone and what came of it.",
)
NEXT = (
    "Continue. Look at the plan again next time.",
    "Bring the list of small decisions. Offer the log again.",
    "Practise the waiting step once on a calm day.",
    "Talk about the family weekend before it happens.",
)
HOMEWORK = (
    "One small decision a day, noted in three words",
    "Waiting step, once, on a calm day",
    "Walk by the canal twice",
    "Ring one of the two people on the list",
)
GOALS = (
    (
        "Sleep through without checking the phone",
        "Nights without checking, told at each session",
        "Charge the phone in the kitchen",
    ),
    ("Decide small things without asking three people", "Decisions noted in the diary", "Choose the Friday meal alone"),
    ("Have my own money for three months ahead", "Balance that only I see", "Ask the bank about a new account"),
)
