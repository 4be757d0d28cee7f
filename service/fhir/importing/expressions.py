"""The FHIRPath expressions of a form and its items, under their present and their older addresses; nothing is run here.

What is written in another language, or larger than a person would write, is named and not used.
"""

from collections.abc import Iterator

from schemas.instruments.rules import Constraint, Severity, Variable
from service.fhir.importing.findings import Weight
from service.fhir.importing.nodes import Node

LONGEST = 8_000
LANGUAGES = ("text/fhirpath", "")
CALCULATED = ("calculatedExpression", "calculatedValue")
INITIAL = ("initialExpression", "initialValue")
ENABLED = ("enableWhenExpression",)
_SEVERITIES = {"warning": Severity.WARNING, "information": Severity.WARNING, "error": Severity.ERROR}


def expression(node: Node, *names: str) -> str:
    """The expression of the extension with one of these names, "" where there is none that can be used."""
    found = node.extension(*names)
    return _text(found) if found else ""


def _text(extension: Node) -> str:
    """`valueExpression`, or the bare text that older files have."""
    if "valueExpression" not in extension:
        if "valueString" in extension:
            extension.say_kept("valueString", "An expression without a language; it is read as FHIRPath.")
        return _sized(extension, extension.text("valueString"))
    inner = extension.node("valueExpression")
    if inner is None:
        return ""
    language = inner.text("language").lower()
    if language not in LANGUAGES:
        inner.say(Weight.UNSUPPORTED, f"An expression in {language[:40]} is not worked out in Stepwell.", "language")
        return ""
    if not language:
        inner.warn("language", "The language is missing; it is read as FHIRPath.")
    if "expression" not in inner and "reference" in inner:
        inner.say(Weight.UNSUPPORTED, "The expression lies elsewhere and is not fetched.", "reference")
    return _sized(inner, inner.text("expression"))


def _sized(node: Node, text: str) -> str:
    if len(text) > LONGEST:
        node.refuse(f"An expression is longer than {LONGEST} characters.")
        return ""
    return text


def calculated(node: Node) -> str:
    """A read-only item with the general cqf-expression is a calculated one too."""
    found = expression(node, *CALCULATED)
    return found or (expression(node, "expression") if node.flag("readOnly") else "")


def initial(node: Node) -> str:
    found = expression(node, *INITIAL)
    return found or ("" if node.flag("readOnly") else expression(node, "expression"))


def variables(node: Node) -> tuple[Variable, ...]:
    """Those of the node, and what it calculates under a name that expressions below it use (LHC-Forms)."""
    named = (each for each in node.extensions(*CALCULATED) if _name(each))
    found = (*node.extensions("variable"), *named)
    return tuple(each for each in map(_variable, found) if each is not None)


def unnamed(form: Node) -> Iterator[Node]:
    """Values that are worked out for the form itself and that nothing can use."""
    return (each for each in form.extensions(*CALCULATED) if not _name(each))


def _name(extension: Node) -> str:
    inner = extension.node("valueExpression") if "valueExpression" in extension else None
    return inner.text("name") if inner else ""


def _variable(extension: Node) -> Variable | None:
    inner = extension.node("valueExpression")
    name = inner.text("name") if inner else ""
    if not name:
        extension.warn("", "A variable without a name is left out.")
        return None
    text = _text(extension)
    return Variable(name, text) if text else None


def constraints(node: Node) -> tuple[Constraint, ...]:
    """In their older form (questionnaire-constraint) and the present one (targetConstraint)."""
    found = node.extensions("constraint", "targetConstraint")
    return tuple(each for number, part in enumerate(found, 1) if (each := _constraint(part, number)) is not None)


def _constraint(extension: Node, number: int) -> Constraint | None:
    part = extension.part("expression")
    text = _text(part) if part else ""
    if not text:
        extension.warn("", "A constraint without an expression is left out.")
        return None
    told = _told(extension, "severity")
    key = _told(extension, "key") or f"c{number}"
    human = _told(extension, "human") or _told(extension, "requirements") or "This answer does not fit the others."
    return Constraint(key, _SEVERITIES.get(told, Severity.ERROR), human, text)


def _told(extension: Node, name: str) -> str:
    part = extension.part(name)
    value = part.first_value() if part else None
    return part.text(f"value{value[0]}") if part and value else ""
