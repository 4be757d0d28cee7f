"""An imported form in another of its languages: other words at the same places, the same keys and codes.

What a form does not say in that language stays as it is. Only for showing: answers are kept under the form itself.
"""

from collections.abc import Mapping
from dataclasses import replace

from schemas.instruments.definition import Instrument, Item
from schemas.instruments.kinds import AnswerKind, Choice, MultiChoice, Option

Texts = Mapping[str, str]


def languages(instrument: Instrument) -> tuple[str, ...]:
    """The form's own language, "" if it does not say, then those it is translated into."""
    origin = instrument.origin
    return (origin.language, *(each.language for each in origin.translations)) if origin else ()


def translated(instrument: Instrument, language: str) -> Instrument:
    """The same instrument where the form knows no such language."""
    known = {each.language: dict(each.texts) for each in (instrument.origin.translations if instrument.origin else ())}
    texts = known.get(language)
    if texts is None:
        return instrument
    sections = tuple(
        replace(section, items=tuple(_item(item, texts) for item in section.items)) for section in instrument.extra
    )
    return replace(instrument, title=texts.get("title", instrument.title), extra=sections)


def _item(item: Item, texts: Texts) -> Item:
    rules = item.rules
    helped = texts.get(f"help.{item.key}")
    return replace(
        item,
        prompt=texts.get(f"item.{item.key}", item.prompt),
        rules=replace(rules, help=helped) if rules and helped else rules,
        answer=_kind(item, texts),
        follow_ups=tuple(_item(each, texts) for each in item.follow_ups),
    )


def _kind(item: Item, texts: Texts) -> AnswerKind:
    kind = item.answer
    if isinstance(kind, Choice | MultiChoice):
        return replace(kind, options=tuple(_option(item.key, each, texts) for each in kind.options))
    return kind


def _option(key: str, option: Option, texts: Texts) -> Option:
    return replace(option, label=texts.get(f"option.{key}.{option.code}", option.label))
