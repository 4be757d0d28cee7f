"""The value sets and code systems that a form brings along in `contained`, as lists of codings with their weights.

A value set that the file only points to is not fetched: its question is not supported.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from schemas.instruments.kinds import Coding
from service.fhir.importing.nodes import Node
from service.fhir.importing.weights import weight_of

MOST_CONCEPTS = 2_000


@dataclass(frozen=True)
class Concept:
    """One code with what it counts; `node` is where the form writes it."""

    coding: Coding
    weight: int | Decimal | None
    node: Node


@dataclass
class ValueSets:
    """What lies in `contained`, by id and by canonical address."""

    sets: dict[str, Node] = field(default_factory=dict)
    systems: dict[str, Node] = field(default_factory=dict)
    points: dict[str, dict[str, int | Decimal]] = field(default_factory=dict)

    @classmethod
    def of(cls, form: Node) -> "ValueSets":
        found = cls()
        for each in form.nodes("contained"):
            kind = each.data.get("resourceType")
            home = {"ValueSet": found.sets, "CodeSystem": found.systems}.get(str(kind))
            if home is None:
                each.say_kept("", f"A contained {str(kind)[:40]} is not used.")
                continue
            for name in (f"#{each.data.get('id')}", each.data.get("url")):
                if isinstance(name, str):
                    home[name] = each
        return found

    def concepts(self, address: str) -> list[Concept] | None:
        """The codings of a set, or None where the file does not hold them."""
        node = self.sets.get(address) or self.sets.get(f"#{address}") or self.sets.get(address.partition("|")[0])
        if node is None:
            return None
        found = list(self._expanded(node)) or list(self._composed(node))
        if len(found) > MOST_CONCEPTS:
            node.refuse(f"The value set {address} holds more than {MOST_CONCEPTS} codes.")
        return found[:MOST_CONCEPTS] or None

    def _expanded(self, value_set: Node) -> Iterator[Concept]:
        expansion = value_set.node("expansion")
        waiting = list(reversed(expansion.nodes("contains"))) if expansion else []
        while waiting:
            each = waiting.pop()
            waiting += reversed(each.nodes("contains"))
            if each.flag("abstract") is not True and ("code" in each or "display" in each):
                yield self._concept(each, each.text("system"))

    def _composed(self, value_set: Node) -> Iterator[Concept]:
        compose = value_set.node("compose")
        for include in compose.nodes("include") if compose else []:
            system = include.text("system")
            named = include.nodes("concept")
            if not named and system in self.systems and "filter" not in include:
                named = list(self._all_of(self.systems[system]))
            elif not named:
                include.warn("", "Codes of another value set or code system are not in the file and are left out.")
            yield from (self._concept(each, system) for each in named)

    def _all_of(self, system: Node) -> Iterator[Node]:
        waiting = list(reversed(system.nodes("concept")))
        while waiting:
            each = waiting.pop()
            waiting += reversed(each.nodes("concept"))
            yield each

    def _concept(self, node: Node, system: str) -> Concept:
        coding = Coding(system, node.text("code"), node.text("display"), node.text("version"))
        weight = weight_of(node)
        if weight is None:
            weight = self._points(system).get(coding.code)
        return Concept(coding, weight, node)

    def _points(self, system: str) -> dict[str, int | Decimal]:
        """What the codes of a contained code system count, read once."""
        if system not in self.points:
            home = self.systems.get(system)
            told = ((each.text("code"), weight_of(each)) for each in (self._all_of(home) if home else ()))
            self.points[system] = {code: weight for code, weight in told if weight is not None}
        return self.points[system]
