"""Progress notes: formats, what signing freezes, and what may follow it (domain.md 4)."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from schemas.note_codes import NoteStep
from schemas.vocabulary import NoteFormat, NoteStatus
from service.domain.note_life import ANSWERS, Taken, cosign_hash
from service.errors import Conflict, Invalid

SECTIONS: Mapping[NoteFormat, tuple[tuple[str, str], ...]] = {
    NoteFormat.SOAP: (
        ("subjective", "Subjective"),
        ("objective", "Objective"),
        ("assessment", "Assessment"),
        ("plan", "Plan"),
    ),
    NoteFormat.DAP: (("data", "Data"), ("assessment", "Assessment"), ("plan", "Plan")),
    NoteFormat.BIRP: (
        ("behaviour", "Behaviour"),
        ("intervention", "Intervention"),
        ("response", "Response"),
        ("plan", "Plan"),
    ),
    NoteFormat.GIRP: (
        ("goal", "Goal"),
        ("intervention", "Intervention"),
        ("response", "Response"),
        ("plan", "Plan"),
    ),
    NoteFormat.FREE: (("text", "Note"),),
}
_HEADINGS = {key: label for sections in SECTIONS.values() for key, label in sections}
SECTION_LONGEST = 20_000
LATE_AFTER = timedelta(hours=72)


@dataclass(frozen=True)
class Addendum:
    id: str
    author_id: str
    author_name: str
    text: str
    content_hash: str
    created_at: datetime
    cosigned: bool = False


@dataclass(frozen=True)
class Note:
    """`sections` holds section key -> text. `content_hash` (sha-256 hex) is set by signing, `trail` is what followed.
    A note that was entered in error is `wrong`: its texts are left out.
    """

    id: str
    case_id: str
    session_id: str
    author_id: str
    author_name: str
    format: NoteFormat
    status: NoteStatus
    sections: Mapping[str, str]
    created_at: datetime
    signed_at: datetime | None
    signed_by: str
    content_hash: str
    addenda: tuple[Addendum, ...]
    version: int
    updated_at: datetime
    trail: tuple[Taken, ...] = ()
    wrong: bool = False


def told_of(note: Note, asked: NoteStep) -> Note:
    """The note for whoever is let in to answer one kind of question: of its trail those questions and their answers."""
    steps = {asked, *ANSWERS[asked]}
    return replace(note, trail=tuple(each for each in note.trail if each.step in steps))


def check_sections(note_format: NoteFormat, sections: Mapping[str, str]) -> dict[str, str]:
    """Every section of the format, present or empty; raises Invalid for a section that the format lacks."""
    known = dict(SECTIONS[note_format])
    wrong = {key: f"{note_format.label} has no such section." for key in sections if key not in known}
    wrong |= {key: "Too long." for key, text in sections.items() if len(text) > SECTION_LONGEST}
    if wrong:
        raise Invalid("The note does not fit its format.", wrong)
    return {key: sections.get(key, "") for key in known}


def in_format(note_format: NoteFormat, sections: Mapping[str, str]) -> dict[str, str]:
    """The same text in another format: equal sections stay, the rest goes to the first one under its own heading."""
    known = dict(SECTIONS[note_format])
    kept = {key: sections.get(key, "") for key in known}
    rest = [(key, text) for key, text in sections.items() if key not in known and text.strip()]
    first = next(iter(known))
    if len(rest) == 1 and not kept[first].strip():
        return kept | {first: rest[0][1]}
    headed = [f"{_HEADINGS.get(key, key)}:\n{text}" for key, text in rest]
    return kept | {first: "\n\n".join(filter(None, (kept[first], *headed)))}


def content_hash(note_format: NoteFormat, sections: Mapping[str, str], session_id: str) -> str:
    """sha-256 of the canonical JSON of what signing freezes."""
    frozen = {"format": str(note_format), "sections": dict(sections), "session": session_id}
    canonical = json.dumps(frozen, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def text_hash(text: str) -> str:
    """sha-256 of an addendum."""
    return hashlib.sha256(text.encode()).hexdigest()


def differences(note: Note, written: Mapping[str, str]) -> tuple[str, ...]:
    """What of a signed note, opened whole, is not what was signed, in words. `written` holds the hashes of addenda as
    they were written, by id.
    """
    found = []
    if note.content_hash != content_hash(note.format, note.sections, note.session_id):
        found.append("the text is not what was signed")
    hashes = {each.id: each.content_hash for each in note.addenda}
    if any(hashes.get(key) != told for key, told in written.items()):
        found.append("an addendum is not what was written")
    if any(not _covers(each, note.content_hash, hashes) for each in note.trail if each.step is NoteStep.COSIGNED):
        found.append("what was cosigned is not what stands there")
    return tuple(found)


def _covers(cosigned: Taken, signed: str, hashes: Mapping[str, str]) -> bool:
    addenda = [(key, hashes.get(key, "")) for key in cosigned.words.covers]
    return cosigned.words.content_hash == cosign_hash(signed, addenda)


def check_draft(note: Note) -> None:
    """Raises Conflict when the note is signed: nothing but an addendum can follow."""
    if note.status is not NoteStatus.DRAFT:
        raise Conflict("This note is signed. Add an addendum instead.", theirs=dict(note.sections))


def check_signed(note: Note) -> None:
    """Raises Conflict while the note is a draft: edit it instead of adding to it; and for one entered in error."""
    if note.status is NoteStatus.DRAFT:
        raise Conflict("This note is a draft. Edit it; addenda are for signed notes.")
    if note.wrong:
        raise Conflict("This note was entered in error; nothing follows it any more.")


def added_last(note: Note, author_id: str, text: str) -> bool:
    """Whether these very words are the newest addendum already, by the same person: the form was sent twice."""
    newest = note.addenda[-1] if note.addenda else None
    return newest is not None and (newest.author_id, newest.text) == (author_id, text)


def check_complete(note: Note) -> None:
    """Raises Invalid for a note without any text."""
    if not any(text.strip() for text in note.sections.values()):
        first = next(iter(note.sections))
        raise Invalid("There is nothing to sign yet.", {first: "Write the note before signing it."})


def late_after(hours: int | None) -> timedelta:
    """The policy of a practice; 72 hours where it has set none of its own."""
    return LATE_AFTER if hours is None else timedelta(hours=hours)


def is_late(signed_at: datetime, session_ended_at: datetime, policy: timedelta = LATE_AFTER) -> bool:
    """Whether a note was signed later than the policy wants."""
    return signed_at - session_ended_at > policy
