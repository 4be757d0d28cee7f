"""The Withdrawal and Separation Log, `wsl` 1.1.0: 1.0.0 with one unscored question more and two rules completed.

Items, wording and scoring of 1.0.0 are unchanged, so readings of both go into one chart. New: a change in voice,
swallowing, sight, balance or breathing; TR-MED also after what was told in the safety screen; TR-4 where things are on
and off (domain model, section 2.6). This version is in use: do not edit, add a version.
"""

from dataclasses import replace

from schemas.instruments.capture import ContactContext
from schemas.instruments.conditions import Among, AtLeast, Condition, ContextIs, Trigger
from schemas.instruments.definition import Item, Section
from schemas.instruments.session_signs import BARRIERS, CHANGES, MEDICAL, SIGNS, calls_for_medical
from schemas.instruments.withdrawal import WSL

BODY = Section("body_changes", "Changes in the body", (Item("body_change", "Has any of these changed lately?", SIGNS),))


def _medical(item: str, when: Condition) -> Trigger:
    words = f"A blow to the head or pressure on the neck was told, and a change or a high answer. {MEDICAL}"
    return Trigger("TR-MED", item, when, words)


TRIGGERS = (
    *(each for each in WSL.triggers if each.rule != "TR-MED" or each.item == "P4_assault"),
    *(_medical(item, calls_for_medical(changed=AtLeast(item, 3))) for item in ("P4", "C1", "C5")),
    _medical("body_change", calls_for_medical(changed=Among("body_change", CHANGES))),
    _medical("I_head_neck", calls_for_medical(hurt=Among("I_head_neck", (True,)))),
    Trigger("TR-4", "contact", ContextIs((ContactContext.ON_OFF,)), BARRIERS),
)

WSL_1_1 = replace(WSL, version="1.1.0", extra=(*WSL.extra, BODY), triggers=TRIGGERS)
