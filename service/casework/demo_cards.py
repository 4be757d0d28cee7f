"""Contact plan, toolkit and network in the demo practice: one of each mode, told once the work has begun."""

from collections.abc import Mapping
from dataclasses import replace

from schemas.card_codes import BoundaryKind, BoundaryState, ContactMode, Helped, PersonRole, ToolFamily, ToolUse
from schemas.instruments.capture import ContactContext
from service.casework import cases, contact_plans, networks, records, toolkits
from service.domain import clock
from service.domain.actors import Actor
from service.domain.contact_plans import Boundary, Checks, ContactPlan
from service.domain.networks import Person
from service.domain.toolkits import CAUTIONS, Tool

_MODES: Mapping[ContactContext, ContactPlan] = {
    ContactContext.SEPARATED_NO_CONTACT: ContactPlan(
        ContactMode.FULL,
        {
            "contact_scripts": "We are not in touch, and I would rather talk about your garden.",
            "contact_routine": "The bakery on the corner instead of the market hall",
        },
    ),
    ContactContext.SEPARATED_LIMITED_CONTACT: ContactPlan(
        ContactMode.LIMITED,
        {
            "contact_channel": "The school app only",
            "contact_style": "Three lines at most, about times and things",
            "contact_replies": "Friday at five is fine.\nPlease put that in the app.",
            "contact_stop": "After two messages in one day I answer the next morning",
        },
    ),
    ContactContext.TOGETHER: ContactPlan(
        ContactMode.EMOTIONAL_ONLY,
        {
            "contact_inner": "My plans are mine until I choose to tell them",
            "contact_before": "Feet on the floor, keys in the pocket",
            "contact_after": "Tea, and ten minutes with the radio",
        },
    ),
}


def write(actor: Actor, case_id: str, context: ContactContext) -> None:
    """By the ordinary verbs; whoever goes back and forth has not decided."""
    plan = _MODES.get(
        context, ContactPlan(ContactMode.UNDECIDED, {"contact_weighing": "Rest on one side, habit on the other"})
    )
    first = ContactPlan(ContactMode.UNDECIDED, {"contact_weighing": "Both sides take turns"})
    kept = contact_plans.save_contact_plan(actor, case_id, first, version=None)
    contact_plans.save_contact_plan(actor, case_id, plan, version=kept.version)
    near = networks.add_person(
        actor, case_id, Person("D.", (PersonRole.EMOTIONAL, PersonRole.EMERGENCY), True, True, "After six, by phone")
    )
    networks.add_person(actor, case_id, Person("The choir", (PersonRole.DISTRACTION,)))
    _boundaries(actor, case_id, near.id)
    _tools(actor, case_id)


def _boundaries(actor: Actor, case_id: str, person_id: str) -> None:
    evening = Boundary(
        BoundaryKind.ANSWER, "I answer between nine and noon", exception="An emergency", person_id=person_id
    )
    kept = contact_plans.add_boundary(actor, case_id, evening)
    contact_plans.use_boundary(actor, kept.id, Checks(fits_now=True), version=kept.version)
    block = Boundary(BoundaryKind.BLOCK, "The old number is blocked", if_crossed="Write it into the log, then walk")
    contact_plans.add_boundary(actor, case_id, block)


def _tools(actor: Actor, case_id: str) -> None:
    day = clock.now().date()
    found = (
        Tool(ToolFamily.NATURE, "The long way round the park", (ToolUse.URGE,), "", day, Helped.A_LOT),
        Tool(ToolFamily.BREATHING, "Counting breaths up to four", (ToolUse.PANIC,), CAUTIONS[ToolFamily.BREATHING]),
        Tool(ToolFamily.CREATIVE, "Colouring in while the kettle boils", (ToolUse.NUMB, ToolUse.SLEEP)),
    )
    for each in found:
        toolkits.add_tool(actor, case_id, each)


def look_again(actor: Actor, case_id: str) -> None:
    """The client says that the contact plan and the boundary in use still fit, how to reach them and who else could see
    the record.
    """
    record, day = records.read_record(actor, case_id), clock.now().date()
    case = cases.change_contact(
        actor, case_id, replace(record.case.contact, confirmed_on=day), version=record.case.version
    )
    if case.record_safety is not None:
        check = replace(case.record_safety, asked_on=day)
        cases.record_safety_check(actor, case_id, check, version=case.version)
    for plan in record.cards_of(ContactPlan):
        contact_plans.save_contact_plan(actor, case_id, plan.words, version=plan.version)
    for each in record.cards_of(Boundary):
        if each.words.state is BoundaryState.ACTIVE:
            contact_plans.still_fits(actor, each.id, version=each.version)
