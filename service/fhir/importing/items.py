"""One laid-out item -> the `Item` value with its rules, and what of it has no effect here."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from schemas.instruments.definition import Item
from schemas.instruments.kinds import AnswerKind, Choice, Coding, Group, Many, MultiChoice, Note, Rows, Text
from schemas.instruments.rules import Rules
from service.fhir.importing import expressions
from service.fhir.importing.answers import NOT_ASKED, read_kind
from service.fhir.importing.conditions import Known, read_shown
from service.fhir.importing.layout import Place, control_of
from service.fhir.importing.leftovers import look_over
from service.fhir.importing.nodes import Node
from service.fhir.importing.options import read_coding
from service.fhir.importing.translations import Translations
from service.fhir.importing.value_sets import ValueSets
from service.fhir.importing.values import offered

MOST_OPTIONS = 12_000


@dataclass
class Shop:
    """What reading an item needs to know of the whole form."""

    sets: ValueSets
    questions: dict[str, Known] = field(default_factory=dict)
    translations: Translations = field(default_factory=Translations)

    def learn(self, tops: list[Place]) -> None:
        """Read what every question is answered with, so that conditions may look ahead."""
        together = 0
        for place in (place for top in tops for place in top.walk()):
            kind, options = read_kind(place, self.sets)
            self.questions[place.link_id] = Known(place, kind, options)
            together += len(options.found)
            if together > MOST_OPTIONS:
                place.node.refuse(f"With this item the form has more than {MOST_OPTIONS} options altogether.")
                return

    def item(self, place: Place, extract: bool) -> Item:
        """The item with everything below it; `extract` is what the places above it say of extraction."""
        node, known = place.node, self.questions[place.link_id]
        look_over(node)
        extract = extracts(node, extract)
        codes = _codes(node)
        self.translations.of_item(known)
        return Item(
            key=place.key,
            prompt=_prompt(place, known.kind, codes),
            answer=known.kind,
            code=codes[0] if codes else None,
            more_codes=codes[1:],
            follow_ups=tuple(self.item(each, extract) for each in place.children),
            rules=self._rules(known, extract and bool(codes)),
            link_id=place.link_id if place.link_id != place.key else "",
        )

    def _rules(self, known: Known, extract: bool) -> Rules:
        node, kind = known.place.node, known.kind
        calculated = expressions.calculated(node)
        is_question = not isinstance(kind, Group | Note | Rows)
        _check_counts(node, kind)
        _say_without_effect(known.place, kind)
        return Rules(
            required=is_question and _required(node),
            read_only=is_question and bool(node.flag("readOnly")),
            hidden=_hidden(node),
            extract=extract and is_question,
            shown=read_shown(node, self.questions, expressions.expression(node, *expressions.ENABLED)),
            calculated=calculated if is_question else "",
            initial_expression=expressions.initial(node) if is_question else "",
            initial=offered(node, kind, known.options) if is_question else (),
            constraints=expressions.constraints(node),
            variables=expressions.variables(node),
            prefix=node.text("prefix")[:64],
            help="\n".join(_helps(known.place)),
            control=control_of(node)[:40],
        )


def extracts(node: Node, above: bool) -> bool:
    """Whether the form asks for Observations from here down. A code says in which way, each of which means yes."""
    found = node.extension("observationExtract")
    if found is None:
        return above
    return True if "valueCode" in found else found.flag("valueBoolean") is not False


def _prompt(place: Place, kind: AnswerKind, codes: tuple[Coding, ...]) -> str:
    node = place.node
    text = node.text("text") or _other_text(node)
    if not text and not isinstance(kind, Group | Rows | Note):
        coded, beside = next((each.display for each in codes if each.display), ""), next(_helps(place), "")
        text = coded or beside
        whose = " Those of its code are shown." if coded else " Those of its help are shown." if beside else ""
        node.warn("text", f"The question has no words.{whose}")
    if isinstance(kind, Note) and place.type != "display":
        text = f"{text} ({NOT_ASKED})".strip()
    return text


def _other_text(node: Node) -> str:
    """Words that stand beside the text in another dress only."""
    beside = node.node("_text")
    found = beside.extension("rendering-markdown") if beside else None
    return next((found.text(f"value{name}") for name, _ in found.values()), "") if found else ""


def _codes(node: Node) -> tuple[Coding, ...]:
    found = (read_coding(each) for each in node.nodes("code"))
    return tuple(each for each in found if each is not None and each.code)


def _required(node: Node) -> bool:
    told = node.flag("required")
    if told is not None:
        return told
    least = node.extension("minOccurs")
    return least is not None and (least.whole("valueInteger") or 0) > 0


def _check_counts(node: Node, kind: AnswerKind) -> None:
    """How many answers a question takes: only the most of a list of values is kept."""
    for name in ("minOccurs", "maxOccurs"):
        found = node.extension(name)
        number = found.whole("valueInteger") if found else None
        checked = isinstance(kind, Rows) or (isinstance(kind, Many) and name == "maxOccurs")
        if found and number not in (None, 0, 1) and not checked and isinstance(kind, MultiChoice | Many):
            found.warn("", "How many answers there must be is not checked.")


def _say_without_effect(place: Place, kind: AnswerKind) -> None:
    """Fields that are known, but not on an item of this kind."""
    node = place.node
    if isinstance(kind, Group | Rows) and node.flag("readOnly"):
        node.say_kept("readOnly", "It has no effect on a group; its questions say it themselves.")
    if isinstance(kind, Group) and node.flag("required") and not _asks_for_any(place):
        node.say_kept("required", "It has no effect on a group; its questions say it themselves.")
    if "maxLength" in node and not isinstance(kind.of if isinstance(kind, Many) else kind, Text | Choice | MultiChoice):
        node.say_kept("maxLength", "It has no effect on a question of this type.")
    if isinstance(kind, MultiChoice | Many) and any(each.type != "display" for each in place.children):
        node.warn("item", "The questions below are asked once, not once for each answer.")


def _asks_for_any(place: Place) -> bool:
    return any(each.node.flag("required") for each in place.walk() if each.type not in ("group", "display"))


def _hidden(node: Node) -> bool:
    found = node.extension("hidden")
    return found is not None and found.flag("valueBoolean") is not False


def _helps(place: Place) -> Iterator[str]:
    for each in place.helps:
        if control_of(each.node) != "unit" and (text := each.node.text("text")):
            yield text
    support = place.node.extension("supportLink")
    if support and (address := support.text("valueUri")):
        yield address
