"""What an option counts: itemWeight (current) or ordinalValue (R4's own and its older addresses)."""

from decimal import Decimal

from service.fhir.importing.nodes import Node

NAMES = ("itemWeight", "ordinalValue", "iso21090-CO-value")


def weight_of(*places: Node | None) -> int | Decimal | None:
    """The first weight that stands on one of these objects, or among the properties of a code of a code system."""
    for place in places:
        for extension in place.extensions(*NAMES) if place else ():
            found = _number(extension)
            if found is not None:
                return found
        for prop in place.nodes("property") if place else ():
            if prop.data.get("code") in NAMES and (found := _number(prop)) is not None:
                return found
    return None


def _number(node: Node) -> int | Decimal | None:
    value = node.first_value()
    number = node.number(f"value{value[0]}") if value else None
    if number is None:
        return None
    return int(number) if number == number.to_integral_value() else number
