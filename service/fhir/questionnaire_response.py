"""Intake <-> QuestionnaireResponse. https://hl7.org/fhir/R4/questionnaireresponse.html

Rule: lossless. `answers_from` gives back exactly the answers that went in: an item that was not in them has no item
here, one that was skipped has its reason in the companion item. The sums are always written, since a reader never
computes them again for a saved response.
"""

from collections.abc import Iterator

from schemas.instruments.answer import Answer, Answers, Value, read_entry
from schemas.instruments.capture import NonAnswer, PenHolder
from schemas.instruments.definition import Domain, Instrument, Item, Section
from schemas.instruments.kinds import AnswerKind, Many, MultiChoice, Option
from service.domain.intakes import Intake
from service.domain.scoring import DomainScore, Score
from service.fhir import questionnaire_items as items
from service.fhir.addresses import Addresses
from service.fhir.draft import Made
from service.fhir.shapes import Json, coding, identifier, instant, present, reference
from service.fhirpath.response_items import answer_values, answers_from_items
from service.fhirpath.response_items import response_items as imported_items

ANSWER_KEYS = (
    *("valueCoding", "valueInteger", "valueDecimal", "valueQuantity", "valueString", "valueUri", "valueBoolean"),
    *("valueDate", "valueDateTime", "valueTime"),
)


def questionnaire_response(intake: Intake, instrument: Instrument, at: Addresses, *, encounter_id: str) -> Made:
    """`encounter_id` is the session's, or "" when there was none or it was not held."""
    content = present(
        resourceType="QuestionnaireResponse",
        id=intake.id,
        identifier=identifier(at.identifier("intake"), intake.id),
        questionnaire=items.canonical(instrument, at),
        status=status_of(intake),
        subject=reference("Patient", intake.case_id),
        encounter=reference("Encounter", encounter_id) if encounter_id else None,
        authored=instant(intake.authored_at),
        author=author_of(intake, at),
        source=reference("Patient", intake.case_id) if intake.capture.held_pen is PenHolder.CLIENT else None,
        item=response_items(instrument, travelling(instrument, intake.answers), intake.score, at),
    )
    return Made(content, intake.updated_at, date=intake.authored_at, code=items.canonical(instrument, at))


def author_of(intake: Intake, at: Addresses) -> Json:
    """The clinician, or the connected system by its client_id: a Device that is stored nowhere, and without a name,
    which could tell where else a client turns to.
    """
    if not intake.by_system:
        return reference("Practitioner", intake.author_id)
    named = identifier(at.identifier("connected-system"), intake.author_id)
    return {"type": "Device", "identifier": named}


def status_of(intake: Intake) -> str:
    """A response that a later correction replaced counts no more: it is kept, marked as entered in error."""
    return "entered-in-error" if intake.replaced else str(intake.status)


def travelling(instrument: Instrument, answers: Answers) -> Answers:
    """The answers without those that leave in no export."""
    return {key: answer for key, answer in answers.items() if not instrument.item(key).stays_home}


def response_items(instrument: Instrument, answers: Answers, score: Score | None, at: Addresses) -> list[Json]:
    """The groups that hold something, in the order of the form, then the total, if the form has one. An imported form
    is nested as it nests its own questions.
    """
    if instrument.origin is not None:
        return imported_items(instrument, answers, at.extension(""))
    groups = [_group(instrument, section, answers, score, at) for section in instrument.sections()]
    total = _sum(items.TOTAL, items.TOTAL_TEXT, score.total) if score else []
    return [each for each in groups if each] + total


def answers_from(instrument: Instrument, response: Json) -> Answers:
    """The answers in a response. Raises ValueError naming the item that does not fit; never repeats what was
    answered.
    """
    if instrument.origin is not None:
        return answers_from_items(instrument, response.get("item"))
    known = {item.key for item in instrument.items()}
    skipped = {items.companion(key): key for key in known}
    found: dict[str, Answer] = {}
    for link_id, answer in _leaves(response.get("item")):
        if link_id in known:
            found[link_id] = _read(instrument.item(link_id).answer, link_id, {"value": answer})
        elif link_id in skipped:
            key = skipped[link_id]
            found[key] = _read(instrument.item(key).answer, key, {"skipped": answer})
    return found


def _group(instrument: Instrument, section: Section, answers: Answers, score: Score | None, at: Addresses) -> Json:
    inner = [_item(instrument, item, answers[item.key], at) for item in section.walk() if item.key in answers]
    if isinstance(section, Domain) and score is not None:
        inner += _sum(items.subtotal(section.key), items.subtotal_text(section), score.domain(section.key))
    return {"linkId": section.key, "text": section.title, "item": inner} if inner else {}


def _item(instrument: Instrument, item: Item, answer: Answer, at: Addresses) -> Json:
    if isinstance(answer, NonAnswer):
        value = {"valueCoding": coding(items.reason_system(at), str(answer), answer.label)}
        return {"linkId": items.companion(item.key), "text": items.WHY_EMPTY, "answer": [value]}
    return {"linkId": item.key, "text": item.prompt, "answer": _values(instrument, item, answer, at)}


def _values(instrument: Instrument, item: Item, answer: Value, at: Addresses) -> list[Json]:
    def coded(option: Option) -> Json:
        return {"valueCoding": items.option_coding(instrument, item.key, option, at)}

    return answer_values(item.answer, answer, coded)


def _sum(link_id: str, text: str, score: DomainScore) -> list[Json]:
    """Empty where too much is missing: an empty sum is the right one then."""
    if score.value is None:
        return []
    return [{"linkId": link_id, "text": text, "answer": [{"valueDecimal": score.value}]}]


def _leaves(entries: object) -> Iterator[tuple[str, object]]:
    """(linkId, plain answer) of every answered item; several answers come as a list."""
    for entry in entries if isinstance(entries, list) else ():
        if not isinstance(entry, dict):
            raise ValueError("a response holds an item that is no object")
        if "answer" in entry:
            yield str(entry.get("linkId")), _plain_answers(entry)
        yield from _leaves(entry.get("item"))


def _plain_answers(entry: Json) -> list[object]:
    if not isinstance(entry["answer"], list):
        raise ValueError(f"{entry.get('linkId')}: a list of answers is expected here")
    return [_plain(each) for each in entry["answer"]]


def _plain(answer: object) -> object:
    held = [answer[key] for key in ANSWER_KEYS if key in answer] if isinstance(answer, dict) else []
    value = held[0] if held else None
    return value.get("code") if isinstance(value, dict) else value


def _read(kind: AnswerKind, key: str, entry: dict[str, object]) -> Answer:
    (name, values), *_rest = entry.items()
    several = isinstance(kind, MultiChoice | Many) and name == "value"
    try:
        return read_entry(kind, {name: values if several else _only(values)})
    except ValueError as error:
        raise ValueError(f"{key}: {error}") from None


def _only(values: object) -> object:
    if not isinstance(values, list) or len(values) != 1:
        raise ValueError("Give exactly one answer.")
    return values[0]
