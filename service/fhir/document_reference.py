"""Signed note and addendum -> DocumentReference with its text as a Binary behind a URL.

https://hl7.org/fhir/R4/documentreference.html, https://hl7.org/fhir/R4/binary.html

Rule: only signed notes, those that wait for a second signature as preliminary; the DocumentReference says that there
is a note, the text is read separately under the same authorisation. A signed text never changes; an addendum is a
document of its own that `appends` to the note. What was entered in error keeps its id and loses its text.
"""

import base64
import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from schemas.note_codes import NoteStep
from service.domain.cases import Case
from service.domain.note_life import SAID_ABOUT, Taken, last, needs_cosign
from service.domain.notes import SECTIONS, Addendum, Note
from service.domain.withholding import WITHHELD
from service.fhir.addresses import Addresses
from service.fhir.draft import Made
from service.fhir.shapes import Json, coding, concept, identifier, instant, present, reference

PROGRESS_NOTE = coding("http://loinc.org", "34904-3", "Mental health Progress note")
# What is said about a note has no document type of its own among the verified ones.
PLAIN_NOTE = coding("http://loinc.org", "34109-9", "Note")
_TITLES: Mapping[NoteStep, str] = {
    NoteStep.AMENDMENT_ASKED: "Request for an amendment",
    NoteStep.AMENDMENT_DENIED: "Answer to a request for an amendment",
    NoteStep.DISAGREEMENT: "Statement of disagreement",
}
ENTERED_IN_ERROR, HIDDEN = "entered-in-error", b"Entered in error."
CONTENT_TYPE = "text/plain;charset=utf-8"


@dataclass(frozen=True)
class Document:
    """One signed text; `appends_to` is the note's id for an addendum. `cosigner_id` is who put a second signature
    under it, `waits` whether one is still asked for. What was entered in error is `wrong` and holds no text;
    what tells a protected value is `withheld` and holds another. `says` is the step of what was said about the note
    later, by the client (`author_id` is then who kept it) or in answer to it.
    """

    id: str
    author_id: str
    signer_id: str
    text: bytes
    signed_at: datetime
    appends_to: str = ""
    cosigner_id: str = ""
    cosigned_at: datetime | None = None
    waits: bool = False
    wrong: bool = False
    wrong_at: datetime | None = None
    withheld: bool = False
    says: NoteStep | None = None

    @property
    def by_client(self) -> bool:
        return self.says in (NoteStep.AMENDMENT_ASKED, NoteStep.DISAGREEMENT)

    @property
    def title(self) -> str:
        if self.says is not None:
            return _TITLES[self.says]
        return "Addendum" if self.appends_to else "Progress note"

    @property
    def changed_at(self) -> datetime:
        return self.wrong_at or self.cosigned_at or self.signed_at

    @property
    def hides(self) -> bool:
        """Whether versions before this one may hold what must not be read any more."""
        return self.wrong or self.withheld

    @property
    def status(self) -> str:
        """FHIR DocumentReference.docStatus."""
        return ENTERED_IN_ERROR if self.wrong else "preliminary" if self.waits else "final"


def documents(note: Note, signer_id: str, withheld: Collection[str] = ()) -> tuple[Document, ...]:
    """The note itself, its addenda in order, and what was said about it; `withheld` are ids of texts that stay.

    The note must be signed.
    """
    if note.signed_at is None:
        raise ValueError("a draft is no document")
    first = Document(note.id, note.author_id, signer_id, note_text(note), note.signed_at)
    said = (_said(note, each) for each in note.trail if each.step in SAID_ABOUT)
    found = (first, *(_addendum(note, each) for each in note.addenda), *said)
    kept = (replace(each, text=WITHHELD.encode(), withheld=True) if each.id in withheld else each for each in found)
    return tuple(_as_it_stands(each, note) for each in kept)


def note_text(note: Note) -> bytes:
    """The sections with their headings, in the order of the format; empty ones are left out."""
    parts = [
        f"{label}\n{note.sections[key]}" for key, label in SECTIONS[note.format] if note.sections.get(key, "").strip()
    ]
    return "\n\n".join(parts).encode()


def document_reference(document: Document, case: Case, at: Addresses, *, encounter_id: str) -> Made:
    """`encounter_id` is the session's, or "" when it was not held."""
    attachment = {
        "contentType": CONTENT_TYPE,
        "url": f"Binary/{document.id}",
        "size": len(document.text),
        "hash": base64.b64encode(hashlib.sha1(document.text, usedforsecurity=False).digest()).decode(),
        "title": document.title,
        "creation": instant(document.signed_at),
    }
    content = present(
        resourceType="DocumentReference",
        id=document.id,
        identifier=[identifier(at.identifier("document"), document.id)],
        status=ENTERED_IN_ERROR if document.wrong else "current",
        docStatus=document.status,
        type=kind_of(document),
        subject=reference("Patient", case.id),
        date=instant(document.signed_at),
        author=[reference("Patient", case.id) if document.by_client else reference("Practitioner", document.author_id)],
        authenticator=reference("Practitioner", document.cosigner_id or document.signer_id),
        custodian=reference("Organization", case.practice_id),
        relatesTo=_relation(document),
        content=[{"attachment": attachment}],
        context={"encounter": [reference("Encounter", encounter_id)]} if encounter_id else None,
    )
    return Made(content, document.changed_at, date=document.signed_at, forgets=document.hides)


def binary(document: Document) -> Made:
    content: dict[str, object] = {
        "resourceType": "Binary",
        "id": document.id,
        "contentType": CONTENT_TYPE,
        "securityContext": reference("DocumentReference", document.id),
        "data": base64.b64encode(document.text).decode(),
    }
    return Made(content, document.changed_at, forgets=document.hides)


def _as_it_stands(document: Document, note: Note) -> Document:
    """The document with the second signature and the error, as far as there are any."""
    wrong = last(note.trail, NoteStep.ERROR_AGREED)
    if wrong is not None:
        return replace(document, text=HIDDEN, wrong=True, wrong_at=wrong.at)
    if document.says is not None:
        return document
    signature = _signature_of(document, note)
    if signature is None:
        return replace(document, waits=needs_cosign(note.trail))
    return replace(document, cosigner_id=signature.by_id, cosigned_at=signature.at)


def _signature_of(document: Document, note: Note) -> Taken | None:
    """The first cosignature that covers a document: later ones change nothing about it."""
    found = (each for each in note.trail if each.step is NoteStep.COSIGNED)
    return next((each for each in found if not document.appends_to or document.id in each.words.covers), None)


def _addendum(note: Note, each: Addendum) -> Document:
    return Document(each.id, each.author_id, each.author_id, each.text.encode(), each.created_at, note.id)


def _said(note: Note, each: Taken) -> Document:
    """An answer adds to the request that it answers, everything else to the note."""
    about = each.answers or note.id
    return Document(each.id, each.by_id, each.by_id, each.words.text.encode(), each.at, about, says=each.step)


def kind_of(document: Document) -> Json:
    """The type of the document, with words of our own beside the code."""
    if document.says is not None:
        return concept(PLAIN_NOTE, text=document.title)
    return concept(PROGRESS_NOTE, text="Mental health progress note")


def _relation(document: Document) -> list[dict[str, object]]:
    if not document.appends_to:
        return []
    return [{"code": "appends", "target": reference("DocumentReference", document.appends_to)}]
