"""The Withdrawal and Separation Log, `wsl` 1.1.0: 1.0.0 with one unscored question more and two rules completed.

Items, wording and scoring of 1.0.0 are unchanged, so readings of both go into one chart. New: a change in voice,
swallowing, sight, balance or breathing; TR-MED also after what was told in the safety screen; TR-4 where things are on
and off (domain model, section 2.6). This version is in use: do not edit, add a version.
"""

from dataclasses import replace

from schemas.instruments.capture import ContactContext
from schemas.instruments.conditions import AllOf, Among, AnyOf, AtLeast, Condition, ContextIs, Trigger
from schemas.instruments.definition import Item, Section
from schemas.instruments.session_signs import BARRIERS, MEDICAL, SIGNS
from schemas.instruments.withdrawal import WSL

BODY = Section("body_changes", "Changes in the body", (Item("body_change", "Has any of these changed lately?", SIGNS),))
_HURT = AnyOf(
    (Among("I_head_neck", (True,)), Among("P4_assault", (True,)), Among("sfs.B3", (True,)), Among("sig.head", (True,)))
)


def _medical(item: str, when: Condition) -> Trigger:
    words = f"This was told, and a blow to the head or pressure on the neck as well. {MEDICAL}"
    return Trigger("TR-MED", item, AllOf((when, _HURT)), words)


TRIGGERS = (
    *(each for each in WSL.triggers if each.rule != "TR-MED" or each.item == "P4_assault"),
    *(_medical(item, AtLeast(item, 3)) for item in ("P4", "C1", "C5")),
    _medical("body_change", Among("body_change", ("voice", "swallowing", "vision", "balance", "breathing"))),
    Trigger("TR-4", "contact", ContextIs((ContactContext.ON_OFF,)), BARRIERS),
)

WSL_1_1 = replace(WSL, version="1.1.0", extra=(*WSL.extra, BODY), triggers=TRIGGERS)
