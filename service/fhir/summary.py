"""Kept summary of treatment -> DocumentReference with its PDF as a Binary behind a URL, a Composition, and who signed.

https://hl7.org/fhir/R4/documentreference.html, https://hl7.org/fhir/R4/composition.html

Rule: only what really left is told, as the bytes that left; it goes by all that a report can hold, whatever the type
(classes.py). One that tells a value which is protected now says so in its place, and older versions go.
"""

import base64
import hashlib
from dataclasses import dataclass, replace

from schemas.release_codes import ContentClass
from service.domain.cases import Case
from service.domain.summaries import Section, Summary
from service.domain.withholding import WITHHELD
from service.fhir.addresses import Addresses
from service.fhir.composition import attesters, narrative
from service.fhir.document_reference import CONTENT_TYPE, Document
from service.fhir.draft import Made
from service.fhir.provenance import of_document
from service.fhir.shapes import Json, coding, concept, day, identifier, instant, present, reference

PDF, TITLE = "application/pdf", "Summary for another clinician"
# Episode summary (domain.md 7.1). Of the headings those for which a code was verified.
EPISODE_SUMMARY = coding("http://loinc.org", "34133-9")
SECTION_CODES = {ContentClass.GOALS: coding("http://loinc.org", "61146-7")}


@dataclass(frozen=True)
class Told:
    """What is told of a summary: the file and the words that left, or that they stay."""

    content_type: str
    file: bytes
    sections: tuple[Section, ...]
    stays: bool


def summary_resources(summary: Summary, case: Case, at: Addresses, *, stays: bool) -> list[Made]:
    told = _told(summary, stays)
    return [
        _document_reference(summary, told, case, at),
        _binary(summary, told),
        of_document(_signed(summary), case).changed(summary.made_at),
        _composition(summary, told, case, at),
    ]


def _told(summary: Summary, stays: bool) -> Told:
    if not stays:
        return Told(PDF, summary.file, summary.words.sections, stays)
    return Told(CONTENT_TYPE, WITHHELD.encode(), (Section(TITLE, (WITHHELD,), ContentClass.SUMMARY),), stays)


def _document_reference(summary: Summary, told: Told, case: Case, at: Addresses) -> Made:
    attachment = {
        "contentType": told.content_type,
        "url": f"Binary/{summary.id}",
        "size": len(told.file),
        "hash": base64.b64encode(hashlib.sha1(told.file, usedforsecurity=False).digest()).decode(),
        "title": TITLE,
        "creation": instant(summary.made_at),
    }
    author = reference("Practitioner", summary.author_id)
    content = present(
        resourceType="DocumentReference",
        id=summary.id,
        identifier=[identifier(at.identifier("document"), summary.id)],
        status="current",
        docStatus="final",
        type=_kind(),
        subject=reference("Patient", case.id),
        date=instant(summary.made_at),
        author=[author],
        authenticator=reference("Practitioner", _cosigner(summary) or summary.author_id),
        custodian=reference("Organization", case.practice_id),
        content=[{"attachment": attachment}],
        context={"period": _period(summary)},
    )
    return _made(content, summary, told)


def _binary(summary: Summary, told: Told) -> Made:
    content: Json = {
        "resourceType": "Binary",
        "id": summary.id,
        "contentType": told.content_type,
        "securityContext": reference("DocumentReference", summary.id),
        "data": base64.b64encode(told.file).decode(),
    }
    return _made(content, summary, told)


def _composition(summary: Summary, told: Told, case: Case, at: Addresses) -> Made:
    author = reference("Practitioner", summary.author_id)
    content = present(
        resourceType="Composition",
        id=summary.id,
        identifier=identifier(at.identifier("document"), summary.id),
        status="final",
        type=_kind(),
        subject=reference("Patient", case.id),
        date=instant(summary.made_at),
        author=[author],
        title=TITLE,
        confidentiality="R",
        attester=attesters(_signed(summary)),
        custodian=reference("Organization", case.practice_id),
        event=[{"period": _period(summary)}],
        section=[_section(each) for each in told.sections],
    )
    return _made(content, summary, told)


def _section(each: Section) -> Json:
    code = SECTION_CODES.get(each.content)
    text = narrative("\n\n".join(each.lines))
    return present(title=each.heading, code=concept(code, text=each.heading) if code else None, text=text)


def _signed(summary: Summary) -> Document:
    """Whoever makes one signs it; a supervisor may have cosigned it."""
    signed = Document(summary.id, summary.author_id, summary.author_id, b"", summary.signed_at)
    cosign = summary.words.cosign
    return replace(signed, cosigner_id=cosign.cosigner_id, cosigned_at=cosign.cosigned_at) if cosign else signed


def _cosigner(summary: Summary) -> str:
    return summary.words.cosign.cosigner_id if summary.words.cosign else ""


def _kind() -> Json:
    return concept(EPISODE_SUMMARY, text="Summary of treatment")


def _period(summary: Summary) -> Json:
    return {"start": day(summary.words.since), "end": day(summary.words.until)}


def _made(content: Json, summary: Summary, told: Told) -> Made:
    return Made(content, summary.made_at, date=summary.made_at, forgets=told.stays)
