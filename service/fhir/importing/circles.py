"""Conditions that need themselves: refused with the item named. Expressions that do are found by service/fhirpath.

An item needs the questions that its condition names and the item that it stands under.
"""

from collections.abc import Iterator, Mapping

from schemas.instruments.definition import Item
from service.fhir.importing.layout import Place


def check_circles(tops: list[Place], items: tuple[Item, ...]) -> None:
    places = {place.key: place for top in tops for place in top.walk()}
    needs = {key: needed for top in items for key, needed in _needs(top, None)}
    for circle in _circles(needs):
        node = places[circle[0]].node
        names = ", ".join(repr(places[key].link_id[:64]) for key in circle[:8])
        node.refuse(f"The condition of this item depends on itself, by way of {names}.", "enableWhen")


def _needs(item: Item, above: str | None) -> Iterator[tuple[str, tuple[str, ...]]]:
    shown = item.rules.shown if item.rules else None
    tested = tuple(test.item for test in shown.tests) if shown else ()
    yield item.key, (*tested, above) if above else tested
    for each in item.follow_ups:
        yield from _needs(each, item.key)


def _circles(needs: Mapping[str, tuple[str, ...]]) -> Iterator[list[str]]:
    """One walk, each item once: a way back to the path walked is a circle."""
    done: set[str] = set()
    for start in needs:
        path: dict[str, Iterator[str]] = {} if start in done else {start: iter(needs[start])}
        while path:
            at, rest = next(reversed(path.items()))
            following = next(rest, None)
            if following is None:
                path.pop(at)
                done.add(at)
            elif following in path:
                yield list(path)[list(path).index(following) :]
            elif following not in done:
                path[following] = iter(needs.get(following, ()))
