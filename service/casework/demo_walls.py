"""What stands around cases of the demo practice, so that each page about it shows something.

One case keeps the administrator away, one is restricted, one held; one was opened in an emergency this morning; and
two cases of different therapists name one person.
"""

from collections.abc import Mapping, Sequence

from service.casework import cases, conflicts, walls
from service.domain.actors import Actor

KEPT = "Her cousin keeps the books of the practice"
RESTRICTED = "A member of staff is related to the client"
HELD = "The family court asked that nothing be destroyed while the matter runs"
NEEDED = "The client rang the desk in distress and their therapist could not be reached"


def write(staff: Mapping[str, Actor], ours: Sequence[str], theirs: Sequence[str]) -> None:
    """`ours` and `theirs` are the open cases of the two therapists."""
    ana, jonas = staff["ana"], staff["jonas"]
    walls.block(ana, ours[0], staff["marta"].user_id, KEPT)
    walls.hold(ana, ours[-1], HELD)
    walls.restrict(jonas, theirs[-1], RESTRICTED, wanted=True)
    named = cases.read_case(jonas, theirs[0])
    conflicts.check_other(ana, ours[-1], named.client.chosen_name, None)
    if len(theirs) > 1:
        walls.break_glass(ana, named.code, NEEDED)
