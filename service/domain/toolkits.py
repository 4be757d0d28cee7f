"""The toolkit: what steadies the client, tried together, with a caution where one is due (domain.md 3.3).

Rule: a caution is offered, and the clinician changes it; whether a tool helps is the client's to say.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from schemas.card_codes import Helped, ToolFamily, ToolUse
from service.errors import Invalid

CAUTIONS: Mapping[ToolFamily, str] = {
    ToolFamily.BREATHING: "Attention on the breath can raise panic. Try with eyes open, and stop when it gets worse.",
    ToolFamily.MINDFULNESS: "With closed eyes it can bring flashbacks. Keep eyes open and feet on the floor.",
    ToolFamily.MOVEMENT: "No hard exercise after a blow to the head or neck, or when medically unfit.",
    ToolFamily.SPIRITUAL: "Only if the client wants it.",
}
# Family -> the topics of the programme that live in it.
ELEMENTS: Mapping[ToolFamily, tuple[str, ...]] = {
    ToolFamily.BREATHING: ("RT-1", "WMS-1"),
    ToolFamily.RELAXATION: ("WMS-2",),
    ToolFamily.MOVEMENT: ("RT-2", "WMS-4", "WMS-6"),
    ToolFamily.MINDFULNESS: ("WMS-5",),
    ToolFamily.CREATIVE: ("RT-3",),
    ToolFamily.NATURE: ("RT-4",),
    ToolFamily.SPIRITUAL: ("RT-5",),
}


@dataclass(frozen=True)
class Tool:
    """One thing that may help, in the client's words."""

    family: ToolFamily
    what: str
    use_for: tuple[ToolUse, ...] = ()
    caution: str = ""
    tried_on: date | None = None
    helped: Helped = Helped.UNTRIED


def check_tool(tool: Tool, today: date) -> None:
    """Raises Invalid naming the field."""
    wrong = {}
    if tool.tried_on and tool.tried_on > today:
        wrong["tried_on"] = "This day is still to come."
    if tool.helped is not Helped.UNTRIED and tool.tried_on is None:
        wrong["tried_on"] = "Say when it was tried."
    if wrong:
        raise Invalid("The tool could not be kept as it is.", wrong)
