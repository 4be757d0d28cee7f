"""Names, ways to reach somebody and identifiers, as every resource about a person has them."""

from collections.abc import Iterator

from schemas.proxy_codes import ProxyKind
from service.domain.proxies import Proxy
from service.fhir.incoming.elements import LONGEST, Element

_FIRST = ("official", "usual", "")


def identifier_of(resource: Element) -> str:
    """The first identifier that says its system, as `system|value`; empty when there is none."""
    found = ((each.text("system"), each.text("value")) for each in resource.every("identifier"))
    return next((f"{system}|{value}" for system, value in found if system and value), "")


def name_of(resource: Element, element: str = "name") -> str:
    """The official name before the usual one before any other."""
    names = {each.text("use"): _one_name(each) for each in reversed([*resource.every(element)])}
    return next((names[use] for use in _FIRST if names.get(use)), next(iter(filter(None, names.values())), ""))


def proxy_of(person: Element, kind: ProxyKind, system: str) -> Proxy:
    """Somebody with a name and ways to reach them; Patient.contact has one name, RelatedPerson several."""
    single = isinstance(person.value.get("name"), dict)
    one = person.only("name") if single else None
    addresses = person.every("address") if isinstance(person.value.get("address"), list) else _only(person, "address")
    reached = [(each.text("system"), each.text("value")) for each in person.every("telecom")]
    return Proxy(
        kind,
        name=_one_name(one) if one else name_of(person),
        numbers="\n".join(value for way, value in reached if value and way != "email"),
        emails="\n".join(value for way, value in reached if value and way == "email"),
        addresses="\n".join(filter(None, map(_one_address, addresses))),
        system=system,
    )


def _only(person: Element, name: str) -> Iterator[Element]:
    found = person.only(name)
    return iter([found] if found else [])


def _one_name(name: Element) -> str:
    parts = [*name.texts("given"), name.text("family")]
    return (name.text("text") or " ".join(filter(None, parts)))[:LONGEST]


def _one_address(address: Element) -> str:
    names = ("postalCode", "city", "state", "country")
    parts = [*address.texts("line"), *(address.text(name) for name in names)]
    return (address.text("text") or ", ".join(filter(None, parts)))[:LONGEST]
