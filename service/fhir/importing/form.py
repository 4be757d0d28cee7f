"""The entrance: the bytes of a file -> a `Reading`, the instrument if it can be used and everything there is to say.

The instrument's version is "1.0.0" here; what a practice has imported before, and with it the next version, is known to
casework only.
"""

import hashlib
import re
from dataclasses import dataclass

from schemas.instruments.definition import Informant, Instrument, Item, Recall, Section, Status, Validation
from schemas.instruments.kinds import DecimalNumber, Quantity, Rows, WholeNumber
from schemas.instruments.rules import Origin
from service.domain import clock
from service.errors import Invalid
from service.fhir.importing import expressions
from service.fhir.importing.circles import check_circles
from service.fhir.importing.findings import Finding, Findings, Weight
from service.fhir.importing.item_nine import item_nine_triggers
from service.fhir.importing.items import Shop, extracts
from service.fhir.importing.layout import lay_out, small_enough
from service.fhir.importing.leftovers import look_over
from service.fhir.importing.nodes import Node
from service.fhir.importing.source import Unreadable, read_object
from service.fhir.importing.value_sets import ValueSets
from service.fhirpath.check import check
from service.fhirpath.engine import prepare
from service.fhirpath.form_items import questionnaire_of

FIRST_VERSION = "1.0.0"
SECTION = "form"
# With a dash and 16 digits: 40 characters, what the tables hold.
SLUG_LENGTH, DIGEST_LENGTH = 23, 16
TITLE_LENGTH = 200
BANNER = "Brought in by the practice. Stepwell did not write this form and says nothing about its worth as a measure."
CONTRADICTION = "The form contradicts itself:"
UNTITLED = "Form without a title"
_STATES = ("draft", "active", "retired", "unknown")
_FIELDS = frozenset(
    [
        "resourceType",
        "id",
        "meta",
        "implicitRules",
        "language",
        "text",
        "contained",
        "extension",
        "modifierExtension",
        "url",
        "identifier",
        "version",
        "versionAlgorithmString",
        "versionAlgorithmCoding",
        "name",
        "title",
        "derivedFrom",
        "status",
        "experimental",
        "subjectType",
        "date",
        "publisher",
        "contact",
        "description",
        "useContext",
        "jurisdiction",
        "purpose",
        "copyright",
        "copyrightLabel",
        "approvalDate",
        "lastReviewDate",
        "effectivePeriod",
        "code",
        "item",
        "concept",
        "subject",
        "group",
    ]
)
_USED = frozenset(
    [
        "variable",
        *expressions.CALCULATED,
        "constraint",
        "targetConstraint",
        "observationExtract",
        "observation-extract-category",
        "observationLinkPeriod",
        "launchContext",
        "preferredTerminologyServer",
        "questionnaireType",
        "entryMode",
        "artifact-author",
    ]
)


@dataclass(frozen=True)
class Reading:
    """`instrument` is None where the form is refused."""

    instrument: Instrument | None
    findings: tuple[Finding, ...]

    @property
    def refusals(self) -> tuple[Finding, ...]:
        return tuple(each for each in self.findings if each.weight is Weight.REFUSED)


def read_form(data: bytes, practice_id: str) -> Reading:
    """Never raises for what is in the file: every outcome is a Reading."""
    findings = Findings()
    instrument = _instrument(data, practice_id, findings)
    return Reading(None if findings.refused else instrument, findings.all())


def _instrument(data: bytes, practice_id: str, findings: Findings) -> Instrument | None:
    try:
        form = Node(read_object(data), "", findings)
    except Unreadable as error:
        findings.add(Finding(Weight.REFUSED, "", "", str(error)))
        return None
    if form.data.get("resourceType") != "Questionnaire":
        told = str(form.data.get("resourceType", "nothing"))[:40]
        form.refuse(f"The file is no Questionnaire; it says {told!r}.", "resourceType")
        return None
    if not form.data.get("item"):
        form.refuse("The form has no items.", "item")
        return None
    return _read_whole(form, practice_id) if small_enough(form) else None


def _read_whole(form: Node, practice_id: str) -> Instrument | None:
    """The values check themselves; what they refuse although nothing was found before is refused here too."""
    try:
        return _read(form, practice_id)
    except ValueError as error:
        form.refuse(f"{CONTRADICTION} {error}.")
        return None


def _read(form: Node, practice_id: str) -> Instrument | None:
    _look_over_root(form)
    tops = lay_out(form)
    if not tops:
        form.refuse("The form has no items.", "item")
    if form.findings.refused:
        return None
    shop = Shop(ValueSets.of(form))
    shop.learn(tops)
    if form.findings.refused:
        return None
    shop.translations.of_title(form)
    extract = extracts(form, False)
    items = tuple(shop.item(each, extract) for each in tops)
    check_circles(tops, items)
    if form.findings.refused:
        return None
    instrument = _made(form, practice_id, shop, items)
    if not any(True for _ in instrument.asked()):
        form.refuse("Nothing in the form can be asked here; each item above says why.", "item")
        return None
    _check_expressions(form, instrument, shop)
    return instrument


def _check_expressions(form: Node, instrument: Instrument, shop: Shop) -> None:
    """What the engine says of every expression, on a trial run too."""
    questionnaire = questionnaire_of(instrument)
    try:
        has_any = bool(prepare(questionnaire).expressions.all)
        found = check(questionnaire, clock.now()) if has_any else ()
    except Invalid as error:
        form.refuse(error.message)
        return
    for each in found:
        known = shop.questions.get(each.link_id or "")
        node = known.place.node if known else form
        node.say(Weight.REFUSED if each.refuse else Weight.UNSUPPORTED, f"An expression: {each.sentence}", "extension")


def _look_over_root(form: Node) -> None:
    look_over(form, _FIELDS, _USED)
    for each in expressions.unnamed(form):
        each.say_kept("", "A value that is worked out for the form itself has no name to use it by.")
    if form.text("status") not in ("", *_STATES):
        form.warn("status", f"{form.text('status')[:40]!r} is no status of R4.")
    if form.text("status") == "retired":
        form.warn("status", "The form itself says that it is retired.")
    for name in ("url", "version", "title"):
        if name not in form:
            form.warn(name, "It is missing.")
    if "implicitRules" in form:
        form.warn("implicitRules", "Rules that lie elsewhere are not followed.")


def _made(form: Node, practice_id: str, shop: Shop, items: tuple[Item, ...]) -> Instrument:
    name = form.text("title") or form.text("name")
    title = (name or UNTITLED)[:TITLE_LENGTH]
    return Instrument(
        key=_key(form, practice_id, title),
        version=FIRST_VERSION,
        title=title,
        banner=BANNER,
        purpose=(form.text("purpose") or form.text("description"))[:2_000],
        recall=Recall(0, ""),
        question="",
        licence=form.text("copyright")[:2_000],
        informant=Informant.CLIENT_WITH_CLINICIAN,
        validation=Validation.EXTERNAL,
        status=Status.ACTIVE,
        extra=(Section(SECTION, title, items),),
        triggers=item_nine_triggers(form, shop.questions),
        origin=_origin(form, shop),
        results=_results(items),
    )


def _origin(form: Node, shop: Shop) -> Origin:
    return Origin(
        url=form.text("url"),
        version=form.text("version"),
        publisher=form.text("publisher")[:400],
        copyright=form.text("copyright"),
        language=form.text("language")[:40],
        variables=expressions.variables(form),
        constraints=expressions.constraints(form),
        translations=shop.translations.all(),
    )


def _key(form: Node, practice_id: str, title: str) -> str:
    """One key for every version of the same form in one practice, whatever its title, and for nobody else's."""
    named = form.text("url") or form.text("name") or title
    words = named.rstrip("/").rsplit("/", 1)[-1].lower()
    slug = re.sub(r"[^a-z0-9]+", "-", words).strip("-")[:SLUG_LENGTH].strip("-") or "form"
    digest = hashlib.sha256(f"{practice_id}|{named}".encode()).hexdigest()
    return f"{slug}-{digest[:DIGEST_LENGTH]}"


def _results(items: tuple[Item, ...]) -> tuple[str, ...]:
    """The numbers that the form works out; hidden ones only where no other is shown."""
    found = [each for item in items for each in item.asked() if _is_result(each)]
    shown = [each for each in found if not (each.rules and each.rules.hidden)]
    return tuple(each.key for each in shown or found)


def _is_result(item: Item) -> bool:
    rules = item.rules
    is_number = isinstance(item.answer, WholeNumber | DecimalNumber | Quantity) and not isinstance(item.answer, Rows)
    return is_number and rules is not None and (bool(rules.calculated) or rules.read_only)
