"""Plans in the demo practice: several kinds in several versions, each written and put in use by the ordinary verbs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from schemas.vocabulary import PlanType
from service.casework import plans
from service.domain.actors import Actor
from service.domain.safety import PlanLine

Lines = Mapping[str, PlanLine]


@dataclass(frozen=True)
class Sitting:
    """One session in which plans are looked at; `features` are those of the story."""

    actor: Actor
    case_id: str
    number: int
    features: frozenset[str]


def write(sitting: Sitting) -> None:
    """Put new versions in use: the plan for urges each time, others where and when the story has them."""
    _put_in_use(sitting, PlanType.PL_URGE)
    for feature, (numbers, kinds) in _WHEN.items():
        if feature in sitting.features and sitting.number in numbers:
            for kind in kinds:
                _put_in_use(sitting, kind)


def _put_in_use(sitting: Sitting, kind: PlanType) -> None:
    plan = plans.start_plan(sitting.actor, sitting.case_id, kind)
    draft = plans.PlanDraft(_WORDS[kind](sitting.number), made_with_client=True, private_session=True)
    plan = plans.save_plan(sitting.actor, plan.id, draft, version=plan.version)
    plans.activate_plan(sitting.actor, plan.id, version=plan.version)


def _urge(number: int) -> Lines:
    minutes = 10 + min(number, 20)
    return {
        "early_signs": PlanLine("Restless hands; reading old messages; not answering friends", on_copy=True),
        "delay": PlanLine(f"Put the phone in the other room for {minutes} minutes", on_copy=True),
        "tools": PlanLine(
            "Cold water on the wrists\nThe long way round the park\nNaming five things in the room", on_copy=True
        ),
        "person": PlanLine("D., after six in the evening"),
        "reasons": PlanLine("I sleep. My sister calls again. I finish my sentences."),
        "after_contact": PlanLine("Write down what happened in plain words. Eat something. Ring.", on_copy=number > 4),
        "next_session": PlanLine("Bring the plain words", on_copy=True),
    }


def _prep(_number: int) -> Lines:
    return {
        "documents": PlanLine("Copies of the passport and the lease"),
        "money": PlanLine("Small notes, kept apart"),
        "medicines": PlanLine("Two weeks of the usual tablets"),
        "who_knows": PlanLine("D. and the advocate"),
        "legal_advice": PlanLine("First talk booked"),
    }


def _stay(number: int) -> Lines:
    return {
        "stay_signs": PlanLine("Doors closed hard; questions about the phone"),
        "stay_places": PlanLine(
            "The kitchen has two doors" if number < 8 else "The kitchen has two doors\nThe yard gate"
        ),
        "stay_code_word": PlanLine("Is the oven on?"),
        "stay_conflict": PlanLine("Say that the dog needs to go out", on_copy=True),
    }


def _digital(_number: int) -> Lines:
    return {
        "digital_device": PlanLine("The computer in the library", on_copy=True),
        "digital_location": PlanLine("Sharing was switched on in spring; left on until talked through"),
        "digital_evidence": PlanLine("Photos of the screens, with dates"),
        "digital_order": PlanLine("Library mail first\nThen the bank\nThe phone last"),
    }


def _parent(_number: int) -> Lines:
    return {
        "parent_channel": PlanLine("The school app only"),
        "parent_topics": PlanLine("School, health, times", on_copy=True),
        "parent_window": PlanLine("Within 24 hours, except in emergencies", on_copy=True),
        "parent_exchange": PlanLine("Outside the swimming hall, Fridays"),
        "parent_homes": PlanLine("Bedtime is decided where the bed is", on_copy=True),
    }


def _day(number: int) -> Lines:
    return {
        "day_date": PlanLine(f"Day {number} after the long weekend", on_copy=True),
        "day_actions": PlanLine("Open the post\nTen minutes outside\nLay out clothes for the morning", on_copy=True),
        "day_care": PlanLine("The good soap", on_copy=True),
        "day_contact": PlanLine("A card to my aunt"),
    }


def _after_care(_number: int) -> Lines:
    return {
        "maint_check_ins": PlanLine("In one month, then in three", on_copy=True),
        "maint_network": PlanLine("Choir on Tuesdays; the two from the old job"),
        "maint_care": PlanLine("Sleep before midnight; own account for own things", on_copy=True),
        "maint_signs": PlanLine("Explaining somebody else to everybody: read the first page of the diary"),
        "maint_way_back": PlanLine("Ring the practice and say that it is about a follow-up", on_copy=True),
    }


_WORDS: Mapping[PlanType, Callable[[int], Lines]] = {
    PlanType.PL_URGE: _urge,
    PlanType.PL_PREP: _prep,
    PlanType.PL_STAY: _stay,
    PlanType.PL_DIGITAL: _digital,
    PlanType.PL_PARENT: _parent,
    PlanType.DAY: _day,
    PlanType.MAINT: _after_care,
}
# feature of the story -> (the sessions, the kinds of plan)
_WHEN: Mapping[str, tuple[tuple[int, ...], tuple[PlanType, ...]]] = {
    "prep": ((5, 10), (PlanType.PL_PREP, PlanType.PL_STAY, PlanType.PL_DIGITAL)),
    "goals": ((5, 10, 15), (PlanType.DAY, PlanType.MAINT)),
    "lapse": ((6, 15), (PlanType.PL_PARENT,)),
}
