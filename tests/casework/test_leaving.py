"""The gate at every door, and links that end with their ground; who could see it elsewhere is sealed and compared."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from schemas.proxy_codes import MatchedBy, ProxyKind
from schemas.release_codes import ConsentAnswer, ConsentKind, LegalBasis, ReleasePurpose, SaidHow, SendRoute
from schemas.vocabulary import AskedAnswer, Relation
from service.casework import cases as cases_of
from service.casework import operating, proxies, releases, resource_reads
from service.casework.leaving import may_be_read_by_link
from service.casework.operating import Access
from service.domain import clock
from service.domain.disclosures import Departure, to_the_client
from service.domain.leaving import BY_LINK, SEEN_THERE
from service.domain.proxies import Concern, Proxy
from service.errors import Conflict, Invalid, NotFound
from service.fhir import bundle, publish
from service.store import cases
from service.store import disclosures as store
from service.store.accounts import PracticeRow
from service.store.base import db
from service.store.plan_cards import CardRow
from tests import builders
from tests.builders import House, email_of

pytestmark = pytest.mark.usefixtures("published")

HIM = Concern("Tomás O'Brien", "+353 86 123 4567")
SEES = Proxy(ProxyKind.PORTAL, "O'Brien, T.", system="Harbour records")
SENT = builders.a_departure(basis=LegalBasis.TREATMENT, why="Shared care", route=SendRoute.SYSTEM)
GIVEN = ConsentKind.RECORD_SYSTEM


@pytest.fixture
def case_id(context: Flask, house: House) -> str:
    return builders.add_case(house.therapist).id


def link(house: House, case_id: str) -> None:
    code = releases.read_desk(house.therapist, case_id).case.code
    operating.set_access(house.practice_id, code, Access(linked=email_of(house.machine)))
    publish.catch_up(case_id)


def reads(house: House, case_id: str) -> bool:
    try:
        resource_reads.read_resource(house.machine, "Patient", case_id)
    except NotFound:
        return False
    return True


def test_an_export_stays_while_somebody_there_may_be_the_other_person(house: House, case_id: str) -> None:
    proxies.save_concern(house.therapist, case_id, HIM, version=0)
    found = proxies.add_proxy(house.therapist, case_id, SEES)
    assert (found.matched, found.blocks) == ((MatchedBy.NAME,), True)
    with pytest.raises(Invalid) as refused:
        bundle.export(house.therapist, case_id, SENT)
    assert refused.value.fields == {"proxies": SEEN_THERE}
    assert store.of_case(case_id) == ()
    bundle.export(house.therapist, case_id, to_the_client())
    other = replace(SEES, somebody_else="Her uncle; asked her")
    assert not proxies.save_proxy(house.therapist, found.card.id, other, version=found.card.version).blocks
    bundle.export(house.therapist, case_id, SENT)
    assert [each.departure.recipient for each in store.of_case(case_id)] == ["Harbour Clinic", "The client"]


def test_a_link_needs_its_ground_and_ends_with_it(house: House, case_id: str) -> None:
    with pytest.raises(Invalid) as refused:
        link(house, case_id)
    assert "basis" in refused.value.fields and not reads(house, case_id)
    builders.add_consent(house.therapist, case_id, GIVEN)
    link(house, case_id)
    assert reads(house, case_id) and may_be_read_by_link(house.therapist, case_id, house.machine.name)
    builders.add_consent(house.therapist, case_id, GIVEN, ConsentAnswer.WITHDRAWN)
    assert not reads(house, case_id)
    builders.add_consent(house.therapist, case_id, GIVEN)
    assert not reads(house, case_id)


@pytest.mark.parametrize("first", ["person", "proxy"])
def test_a_link_ends_when_it_turns_out_who_could_see_it_there(house: House, case_id: str, first: str) -> None:
    builders.add_consent(house.therapist, case_id, GIVEN)
    if first == "person":
        proxies.save_concern(house.therapist, case_id, HIM, version=0)
    else:
        proxies.add_proxy(house.therapist, case_id, SEES)
    link(house, case_id)
    assert reads(house, case_id)
    if first == "person":
        proxies.add_proxy(house.therapist, case_id, SEES)
    else:
        proxies.save_concern(house.therapist, case_id, HIM, version=0)
    assert not reads(house, case_id)
    with pytest.raises(Invalid) as refused:
        link(house, case_id)
    assert "brien" not in str(refused.value.fields).casefold() and "other person" not in str(refused.value.fields)


def test_a_link_by_release_lasts_as_long_as_the_release(house: House, case_id: str) -> None:
    wide = builders.add_release(
        house.therapist, case_id, recipient="Record bridge", classes=BY_LINK, route=SendRoute.SYSTEM, days=5
    )
    link(house, case_id)
    assert reads(house, case_id)
    with clock.standing_at(clock.now() + timedelta(days=7)):
        assert not reads(house, case_id)
    releases.revoke_release(house.therapist, wide.id, SaidHow.VERBAL, version=wide.version)
    assert not reads(house, case_id)


def test_a_release_for_a_letter_lets_no_system_read(house: House, case_id: str) -> None:
    builders.add_release(house.therapist, case_id, recipient="Record bridge", classes=BY_LINK, route=SendRoute.POST)
    with pytest.raises(Invalid):
        link(house, case_id)
    assert not reads(house, case_id)


def test_a_link_ends_when_the_client_says_that_somebody_looks_in_there(house: House, case_id: str) -> None:
    builders.add_consent(house.therapist, case_id, GIVEN)
    link(house, case_id)
    assert reads(house, case_id)
    builders.ask_who_sees(house.therapist, case_id, portal_proxies=AskedAnswer.UNSURE)
    assert reads(house, case_id)
    builders.ask_who_sees(house.therapist, case_id, portal_proxies=AskedAnswer.YES)
    assert not reads(house, case_id)
    with pytest.raises(Invalid) as shut:
        link(house, case_id)
    assert list(shut.value.fields) == ["record_safety"] or "proxies" in shut.value.fields
    builders.add_proxy(house.therapist, case_id, kind=ProxyKind.PORTAL, name="An aunt")
    link(house, case_id)
    assert reads(house, case_id)


def test_a_check_is_not_asked_on_a_day_to_come(house: House, case_id: str) -> None:
    case = cases_of.read_case(house.therapist, case_id)
    check = builders.a_check(asked_on=clock.now().date() + timedelta(days=2))
    with pytest.raises(Invalid) as wrong:
        cases_of.record_safety_check(house.therapist, case_id, check, version=case.version)
    assert list(wrong.value.fields) == ["asked_on"]


def test_a_link_by_release_ends_at_the_midnight_of_the_practice(house: House, case_id: str) -> None:
    zone = "Pacific/Auckland"
    db.session.execute(update(PracticeRow).where(PracticeRow.id == house.practice_id).values(zone=zone))
    db.session.commit()
    wide = builders.add_release(
        house.therapist, case_id, recipient="Record bridge", classes=BY_LINK, route=SendRoute.SYSTEM, days=5
    )
    link(house, case_id)
    midnight = clock.start_of_day(wide.expires_on + timedelta(days=1), zone)
    for minutes, still in ((-1, True), (1, False)):
        with clock.standing_at(midnight + timedelta(minutes=minutes)):
            assert reads(house, case_id) is still
            row = cases.row(case_id)
            assert row is not None
            relation = cases.facts(house.machine, row).relation
            assert (relation is Relation.LINKED) is still
            db.session.rollback()


@pytest.mark.parametrize("him", [Concern(names="Record Bridge"), Concern(numbers="086 123 4567")])
def test_a_link_ends_when_the_system_itself_may_be_the_other_persons(house: House, case_id: str, him: Concern) -> None:
    number, bridge = "+353 86 123 4567", "Record bridge"
    builders.add_release(
        house.therapist, case_id, recipient=bridge, classes=BY_LINK, route=SendRoute.SYSTEM, address=number
    )
    link(house, case_id)
    proxies.save_concern(house.therapist, case_id, replace(him, names=him.names or "Somebody Else"), version=0)
    assert not may_be_read_by_link(house.therapist, case_id, house.machine.name)
    assert not reads(house, case_id)


def test_nothing_leaves_to_the_other_person_themselves(house: House, case_id: str) -> None:
    proxies.save_concern(house.therapist, case_id, HIM, version=0)
    to_him = Departure("Tomas OBrien", LegalBasis.CLIENT, ReleasePurpose.CLIENT_USE, SendRoute.HANDED)
    with pytest.raises(Invalid) as refused:
        bundle.export(house.therapist, case_id, replace(to_him, chart=to_the_client().chart))
    assert list(refused.value.fields) == ["recipient"]


def test_who_the_other_person_is_stands_in_no_column_and_is_for_who_works_on_the_case(
    house: House, case_id: str
) -> None:
    proxies.save_concern(house.therapist, case_id, HIM, version=0)
    proxies.add_proxy(house.therapist, case_id, SEES)
    rows = [{name: str(value) for name, value in vars(each).items()} for each in db.session.query(CardRow)]
    assert rows and "Brien" not in str(rows) and "4567" not in str(rows)
    for actor in (house.peer, house.stranger):
        with pytest.raises(NotFound):
            proxies.read_proxies(actor, case_id)
    with pytest.raises(Exception, match="role does not allow"):
        proxies.read_proxies(house.supervisor, case_id)


def test_words_that_name_the_other_person_are_put_aside_in_an_export(house: House, case_id: str) -> None:
    case = builders.add_case(house.therapist, languages="Speaks with Tomás O'Brien at home")
    assert "Brien" in bundle.export(house.therapist, case.id, to_the_client())[0].decode()
    proxies.save_concern(house.therapist, case.id, HIM, version=0)
    assert "Brien" not in bundle.export(house.therapist, case.id, to_the_client())[0].decode()


def test_two_who_save_at_once_are_both_shown_and_a_proxy_of_nobody_is_refused(house: House, case_id: str) -> None:
    proxies.save_concern(house.therapist, case_id, HIM, version=0)
    with pytest.raises(Conflict) as stale:
        proxies.save_concern(house.therapist, case_id, Concern("Somebody"), version=0)
    assert stale.value.theirs["names"] == HIM.names
    with pytest.raises(Invalid) as nobody:
        proxies.add_proxy(house.therapist, case_id, Proxy(ProxyKind.PORTAL, " "))
    assert list(nobody.value.fields) == ["name"]


def test_somebody_who_was_put_away_is_compared_no_more(house: House, case_id: str) -> None:
    proxies.save_concern(house.therapist, case_id, HIM, version=0)
    found = proxies.add_proxy(house.therapist, case_id, SEES)
    proxies.put_proxy_away(house.therapist, found.card.id, version=found.card.version)
    assert proxies.read_proxies(house.therapist, case_id).proxies == ()
    bundle.export(house.therapist, case_id, SENT)
