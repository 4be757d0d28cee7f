"""The absolute addresses that stand in our resources: code systems, identifier systems, canonicals, and the base of
the REST edge.

Rule: everything of our own is named under one canonical base, which a practice sets once and never changes afterwards.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Addresses:
    """`canonical` names things, `rest` is where they are read; neither ends in a slash."""

    canonical: str
    rest: str

    def system(self, name: str) -> str:
        """A code system of our own."""
        return f"{self.canonical}/CodeSystem/{name}"

    def identifier(self, name: str) -> str:
        """A system of business identifiers."""
        return f"{self.canonical}/identifier/{name}"

    def extension(self, name: str) -> str:
        return f"{self.canonical}/StructureDefinition/{name}"

    def questionnaire(self, key: str) -> str:
        return f"{self.canonical}/Questionnaire/{key}"

    def full_url(self, resource_type: str, resource_id: str) -> str:
        return f"{self.rest}/{resource_type}/{resource_id}"
