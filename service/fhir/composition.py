"""Signed note or addendum -> Composition: its words by section, who signed, and what was added later.

https://hl7.org/fhir/R4/composition.html, https://hl7.org/fhir/R4/documents.html

Rule: a Composition holds the words of a note, so it stands where its text stands: read by its own address alone, and
in no search, $everything or bulk file (decision 15). What was said about a note is named by it and travels with it.
"""

from collections.abc import Mapping, Sequence
from html import escape

from service.domain.cases import Case
from service.domain.notes import SECTIONS, Note
from service.fhir.addresses import Addresses
from service.fhir.document_reference import ENTERED_IN_ERROR, Document, kind_of
from service.fhir.draft import Made
from service.fhir.shapes import Json, coding, concept, identifier, instant, present, reference

LOINC, XHTML = "http://loinc.org", "http://www.w3.org/1999/xhtml"
ADDED_LATER = "Added later"
NO_XML = {0xFFFE: None, 0xFFFF: None}  # no characters of XML
# Of the sections of all formats those for which a code was verified (domain.md 7.1); the others go by their heading.
SECTION_CODES: Mapping[str, str] = {
    "subjective": "61150-9",
    "objective": "61149-1",
    "assessment": "51848-0",
    "plan": "18776-5",
    "goal": "61146-7",
}


def composition(document: Document, note: Note, case: Case, at: Addresses, *, added: Sequence[Document]) -> Made:
    """`added` are the documents that say more about this one. The session is named by the DocumentReference alone, so
    that a document holds no more than who, when and the words.
    """
    changed_at = max(each.changed_at for each in (document, *added))
    content = present(
        resourceType="Composition",
        id=document.id,
        identifier=identifier(at.identifier("document"), document.id),
        status=_status(document, added),
        type=kind_of(document),
        subject=reference("Patient", case.id),
        date=instant(changed_at),
        author=[reference("Patient", case.id) if document.by_client else reference("Practitioner", document.author_id)],
        title=document.title,
        confidentiality="R",
        attester=attesters(document),
        custodian=reference("Organization", case.practice_id),
        relatesTo=_relation(document, at),
        section=[*_sections(document, note), *_added(added)],
    )
    return Made(content, changed_at, date=document.signed_at, forgets=document.hides)


def _status(document: Document, added: Sequence[Document]) -> str:
    return "amended" if added and document.status == "final" else document.status


def attesters(document: Document) -> list[Json]:
    """Who signed, and with a second signature who answers for it. What the client said nobody signed."""
    if document.by_client or document.status == ENTERED_IN_ERROR:
        return []
    signed = _attester("professional", document.signer_id, instant(document.signed_at))
    if document.cosigned_at is None:
        return [signed]
    return [signed, _attester("legal", document.cosigner_id, instant(document.cosigned_at))]


def _attester(mode: str, account_id: str, time: str) -> Json:
    return {"mode": mode, "time": time, "party": reference("Practitioner", account_id)}


def _relation(document: Document, at: Addresses) -> list[Json]:
    """By identifier: what an addendum adds to is no part of the addendum."""
    if not document.appends_to:
        return []
    return [{"code": "appends", "targetIdentifier": identifier(at.identifier("document"), document.appends_to)}]


def _sections(document: Document, note: Note) -> list[Json]:
    """A note by its format; an addendum, a statement and a text that stays or was wrong as one."""
    if document.hides or document.appends_to:
        return [_section(document.title, document.text.decode())]
    filled = [(key, label, note.sections.get(key, "")) for key, label in SECTIONS[note.format]]
    return [_section(label, text, SECTION_CODES.get(key, "")) for key, label, text in filled if text.strip()]


def _section(title: str, text: str, code: str = "") -> Json:
    return present(title=title, code=concept(coding(LOINC, code), text=title) if code else None, text=narrative(text))


def _added(added: Sequence[Document]) -> list[Json]:
    return [{"title": ADDED_LATER, "entry": [reference("Composition", each.id) for each in added]}] if added else []


def narrative(text: str) -> Json:
    """Words as they were typed: a paragraph for each, a break for each line."""
    paragraphs = (_lines(each) for each in text.split("\n\n") if each.strip())
    inside = "".join(f"<p>{each}</p>" for each in paragraphs)
    return {"status": "additional", "div": f'<div xmlns="{XHTML}">{inside}</div>'}


def _lines(paragraph: str) -> str:
    return "<br/>".join(escape(line, quote=False) for line in paragraph.translate(NO_XML).strip("\n").split("\n"))
