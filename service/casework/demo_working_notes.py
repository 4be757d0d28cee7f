"""Working notes in the demo practice: a therapist's own thoughts, one of them opened to the supervisor in training."""

from datetime import timedelta

from service.casework import psychotherapy
from service.domain import clock
from service.domain.actors import Actor
from service.domain.sessions import was_held

THOUGHTS = (
    "The yellow door again. I was glad when the hour was over and then ashamed of it. Take this to supervision.",
    "I caught myself wanting to hurry. Whose impatience was that? It sat in the room before either of us spoke.",
)


def write(actor: Actor, supervisor: Actor, case_id: str) -> None:
    """About the last sessions that took place; the newest is opened for some days."""
    _case, lines = psychotherapy.list_own(actor, case_id)
    held = [line.session.id for line in lines if was_held(line.session)]
    kept = [
        psychotherapy.save_note(actor, each, text, version=None) for each, text in zip(held, THOUGHTS, strict=False)
    ]
    if kept:
        until = clock.now().date() + timedelta(days=5)
        psychotherapy.open_to(actor, kept[0].id, supervisor.user_id, until=until, training=True)
