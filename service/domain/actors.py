"""Who is asking: the value every verb gets first."""

from dataclasses import dataclass

from schemas.vocabulary import Role

# Roles that a person can be invited to; a connected system is registered (casework/machine_clients.py).
INVITED = (Role.THERAPIST, Role.SUPERVISOR, Role.ADMIN)
SYSTEM_USER_ID = "00000000-0000-4000-8000-000000000000"


@dataclass(frozen=True)
class Actor:
    """A signed-in person or connected system.

    `stepped_up` is true for five minutes after the person has confirmed who they are. `request_id` ties the audit row
    to the
    error reference that a person may quote. `scopes` are those of the token that a connected system came with.
    """

    user_id: str
    practice_id: str
    role: Role
    name: str = ""
    sign_in_id: str = ""
    stepped_up: bool = False
    request_id: str = ""
    scopes: str = ""


def handover_actor(user_id: str, practice_id: str, *, request_id: str = "") -> Actor:
    """A client's screen: `user_id` is the therapist it acts for. It can do what access.py gives to no other role."""
    return Actor(user_id, practice_id, Role.HANDOVER, request_id=request_id)


def system_actor(practice_id: str) -> Actor:
    """The service itself, for background work in one practice."""
    return Actor(user_id=SYSTEM_USER_ID, practice_id=practice_id, role=Role.SYSTEM, name="Stepwell", stepped_up=True)
