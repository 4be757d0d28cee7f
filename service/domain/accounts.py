"""People, practices, sign-ins and their rules: passwords, locks, idle and absolute ends.

Numbers: ASVS 5.0 6.2.1-6.2.9 (length 12 to 128, no composition rules), 7.3.1-2 (idle and absolute end).
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from schemas.vocabulary import LinkKind, Role
from schemas.wall_codes import WallStatus
from service.errors import Invalid

PASSWORD_SHORTEST = 12
PASSWORD_LONGEST = 128
LOCK_AFTER = timedelta(minutes=10)
IDLE_END = timedelta(minutes=30)
ABSOLUTE_END = timedelta(hours=12)
STEP_UP_LASTS = timedelta(minutes=5)
LINK_LASTS = {
    LinkKind.SIGN_IN: timedelta(hours=12),
    LinkKind.INVITE: timedelta(days=3),
    LinkKind.RESET: timedelta(hours=1),
}
RESET_WAITS = timedelta(days=1)
_TOO_COMMON = ("password", "stepwell", "qwerty", "12345", "letmein", "abcdef", "iloveyou", "welcome", "admin")


@dataclass(frozen=True)
class Practice:
    id: str
    name: str
    zone: str
    version: int
    updated_at: datetime
    demo: bool = False
    late_after_hours: int | None = None
    flags_leave: bool = False


@dataclass(frozen=True)
class Person:
    """An account. `qualification` is free text such as "Clinical psychologist"."""

    id: str
    practice_id: str
    role: Role
    name: str
    email: str
    qualification: str
    active: bool
    has_password: bool
    has_totp: bool
    version: int
    updated_at: datetime


@dataclass(frozen=True)
class SignIn:
    """One signed-in device, as its owner sees it in the list."""

    id: str
    created_at: datetime
    last_seen_at: datetime
    device: str
    current: bool


@dataclass(frozen=True)
class SignInState:
    """What the clock says about a sign-in."""

    ended: bool
    locked: bool
    stepped_up: bool


@dataclass(frozen=True)
class SupervisionLink:
    supervisor_id: str
    supervisor_name: str
    therapist_id: str
    therapist_name: str
    since: date
    agreed: bool
    cosigns: bool = False


@dataclass(frozen=True)
class Reset:
    """A reset of an account: one person asks, another grants it. `granted_by_name` is "" until then."""

    id: str
    account_id: str
    name: str
    asked_by: str
    asked_by_name: str
    asked_at: datetime
    granted_by_name: str
    granted_at: datetime | None


@dataclass(frozen=True)
class Succession:
    """A new therapist for what an ended account left: one person names them, another confirms. It tells nothing of any
    record, nor whether there is one. `second_name` is "" until somebody confirmed.
    """

    id: str
    account_id: str
    name: str
    successor_id: str
    successor_name: str
    reason: str
    status: WallStatus
    asked_by: str
    asked_by_name: str
    asked_at: datetime
    second_name: str
    ended_at: datetime | None


@dataclass(frozen=True)
class AuditLine:
    """One audit row as an administrator may read it: no clinical content, no case name. `mark` is its place in the
    list, and tells nothing of what was left out.
    """

    mark: str
    at: datetime
    actor_name: str
    role: str
    action: str
    subject: str
    verdict: str
    why: str


def state_of(
    *, created_at: datetime, last_seen_at: datetime, locked: bool, stepped_up_at: datetime | None, at: datetime
) -> SignInState:
    """Ended after 30 idle minutes or 12 hours; locked after 10; stepped up for 5 minutes."""
    idle = at - last_seen_at
    return SignInState(
        ended=idle >= IDLE_END or at - created_at >= ABSOLUTE_END,
        locked=locked or idle >= LOCK_AFTER,
        stepped_up=stepped_up_at is not None and at - stepped_up_at < STEP_UP_LASTS,
    )


def check_password(password: str, *, email: str, name: str) -> None:
    """Refuse passwords that are short, overlong, common or made of the person's own name or address.

    Raises Invalid naming the field `password`.
    """
    problem = _password_problem(password, (email.partition("@")[0], *name.split()))
    if problem:
        raise Invalid("This password cannot be used.", {"password": problem})


def _password_problem(password: str, own_words: tuple[str, ...]) -> str:
    lowered = password.casefold()
    if len(password) < PASSWORD_SHORTEST:
        return f"Use at least {PASSWORD_SHORTEST} characters. A few unrelated words work well."
    if len(password) > PASSWORD_LONGEST:
        return f"Use at most {PASSWORD_LONGEST} characters."
    if len(set(password)) < 5:
        return "Use more different characters."
    if any(word in lowered for word in _TOO_COMMON):
        return "This contains a very common password. Choose unrelated words."
    if any(len(word) > 3 and word.casefold() in lowered for word in own_words):
        return "Leave your own name and e-mail address out of it."
    return ""
