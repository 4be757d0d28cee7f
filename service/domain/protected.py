"""Which values of a record must not leave it: what the leak guard looks for.

Rule: a value of class N can never be confirmed; a detail of the client can, by its name. A key holds no content.
"""

from collections.abc import Iterator

from schemas.instruments import find
from schemas.instruments.kinds import Text
from schemas.vocabulary import FieldClass
from service.domain.cards import Card
from service.domain.cases import Case, OtherPerson
from service.domain.contact_plans import EVERY_PART, ContactPlan
from service.domain.intakes import Intake
from service.domain.leaks import Protected
from service.domain.networks import Gate, Person
from service.domain.plan_types import FIELDS
from service.domain.proxies import Concern, Proxy
from service.domain.safety import Plan

NAME_LONGEST = 200


def of_plan(plan: Plan) -> Iterator[Protected]:
    for each in FIELDS[plan.type]:
        line = plan.lines.get(each.key)
        if each.field_class is FieldClass.N and line and line.text.strip():
            yield Protected(f"plan-{each.key}", f"{plan.type.label}, {each.label}", line.text)


def of_contact_plan(plan: ContactPlan) -> Iterator[Protected]:
    for key, text in plan.lines.items():
        part = EVERY_PART.get(key)
        if part is not None and part.field_class is FieldClass.N and text.strip():
            yield Protected(f"contact-plan-{key}", f"Contact plan, {part.label}", text)


def of_person(card: Card[Person], gate: Gate) -> Iterator[Protected]:
    """How to reach somebody never leaves; their name may, confirmed, once both gates were passed."""
    person, may = card.words, not gate.why_not
    yield Protected(f"network-details-{card.id}", "How to reach somebody of the network", person.details)
    said = gate.why_not.rstrip(".") or "Somebody of the network"
    yield Protected(f"network-name-{card.id}", said, person.name, confirmable=may, is_name=True)


def of_case(case: Case) -> Iterator[Protected]:
    """Contact details, the address, the legal name, and how the client names the other person."""
    client, contact = case.client, case.contact
    yield Protected("client-address", "The client's address", client.address, confirmable=True)
    yield Protected("client-legal-name", "The client's legal name", client.legal_name, confirmable=True, is_name=True)
    yield Protected("contact-code-word", "The code word for contact", contact.code_word, is_name=True)
    for channel in contact.channels:
        yield Protected(f"contact-{channel.channel}", f"The client's {channel.channel.label}", channel.value, True)
    if case.other_person.label != OtherPerson().label:
        yield Protected("other-person", "The other person", case.other_person.label, confirmable=True, is_name=True)


def of_concern(concern: Concern) -> Iterator[Protected]:
    """Who the other person is: a name can be somebody else's and is confirmed, ways to reach them never leave."""
    for number, name in enumerate(filter(str.strip, concern.names.splitlines())):
        yield Protected(f"concern-name-{number}", "The other person's name", name, confirmable=True, is_name=True)
    for part in ("numbers", "emails", "addresses"):
        yield Protected(f"concern-{part}", "How to reach the other person", getattr(concern, part))


def of_proxy(card: Card[Proxy]) -> Iterator[Protected]:
    """Who could see the record elsewhere: the name can be somebody else's, ways to reach them never leave."""
    proxy = card.words
    yield Protected(f"proxy-name-{card.id}", "Somebody who could see it elsewhere", proxy.name, True, is_name=True)
    for part in ("numbers", "emails", "addresses"):
        yield Protected(f"proxy-{part}-{card.id}", "How to reach who could see it elsewhere", getattr(proxy, part))


def of_intake(intake: Intake) -> Iterator[Protected]:
    """Who somebody is, where a form asks for it in a few words; what was told at length is narrative."""
    instrument = find(intake.instrument_key, intake.instrument_version)
    for key, answer in intake.answers.items():
        item = instrument.item(key)
        if item.stays_home and isinstance(answer, str) and isinstance(item.answer, Text) and _is_short(item.answer):
            yield Protected(
                f"answer-{instrument.key}-{key}", f"{instrument.title}: {item.prompt}", answer, is_name=True
            )


def _is_short(kind: Text) -> bool:
    return kind.max_length <= NAME_LONGEST
