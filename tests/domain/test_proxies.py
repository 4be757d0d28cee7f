"""Who may be the other person: names, numbers and addresses that are the same in other words, and others."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.proxy_codes import MatchedBy, ProxyKind
from service.domain.proxies import Concern, Proxy, blocking, matched, receives, same_address, same_name, same_number

HIM = Concern("Tomás O'Brien-Müller\nTommy OBrien", "+353 86 123 4567", "tom@mail.example", "12 Harbour Street, Howth")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Tomás O'Brien", "TOMAS OBRIEN"),
        ("Tomás O’Brien", "O'Brien, Tomas"),
        ("Tomás O'Brien", "T. O'Brien"),
        ("Tomás Peter O'Brien", "Tomás O'Brien"),
        ("Tomás P. O'Brien", "O'Brien, Tomás Peter"),
        ("Mr. Tomás O'Brien", "Dr Tomas OBrien"),
        ("Jörg Müller", "Joerg Mueller"),
        ("Łukasz Wójcik", "Lukasz Wojcik"),
        ("Søren Æbler", "Soren Aebler"),
        ("Tomás", "Tomas O'Brien"),
        ("Anna Meyer-Schmidt", "Anna Meyer Schmidt"),
        ("Anne-Marie Byrne", "Annemarie Byrne"),
        ("Anne Marie Byrne", "Annemarie Byrne"),
        ("Anne-Marie O'Brien-Müller", "Annemarie OBrien Müller"),
        ("Anne-Marie O'Brien-Müller", "Annemarie OBrienmueller"),
        ("נועם לוי", "לוי נועם"),
        ("Ｔｏｍáｓ Byrne", "Tomas Byrne"),
    ],
)
def test_one_name_in_other_words(first: str, second: str) -> None:
    assert same_name(first, second) and same_name(second, first)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("John Smith", "Jane Smith"),
        ("John Smith", "John Byrne"),
        ("John Smith", "J. S."),
        ("", "John Smith"),
        ("Mr.", "Mr. Smith"),
        ("J.", "John Smith"),
        ("Ann Ann", "Ann Byrne"),
        ("Anne-Marie Byrne", "Annemarie Smith"),
    ],
)
def test_two_names(first: str, second: str) -> None:
    assert not same_name(first, second) and not same_name(second, first)


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("+353 86 123 4567", "086-1234567", True),
        ("(086) 123 45 67", "tel:00353861234567", True),
        ("+353 86 123 4567", "+353 86 123 4568", False),
        ("086 123 4567, 01 555 6677", "086 123 4567", True),
        ("086 123 4567 / 01 555 6677", "+353 1 555 6677", True),
        ("086 123 4567 or 01 555 6677", "01 555 6677, 086 999 0000", True),
        ("086 123 4567", "+353 86 123 4567 ext. 12", True),
        ("086 123 4567", "+353 (0)86 123 4567", True),
        ("086 123 4567, 01 555 6677", "01 555 6678, 086 123 4568", False),
        ("089/1234567", "+49 30 1234567", False),
        ("12345", "12345", False),
        ("", "", False),
    ],
)
def test_numbers_with_and_without_the_way_to_dial_them(first: str, second: str, same: bool) -> None:
    assert same_number(first, second) is same and same_number(second, first) is same


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("12 Harbour Street, Howth", "12 Harbour St., Howth, Co. Dublin", True),
        ("Hafenstraße 12, Köln", "Hafenstrasse 12 Koeln", True),
        ("Flat 3, 12 Mill Street, Cork", "12 Mill Street, Cork, Ireland", True),
        ("Flat 3 12 Mill Street Cork", "12, Mill St., Ireland", True),
        ("Calle Mayor 12, Madrid", "Piso 2, Calle Mayor 12", True),
        ("Flat 3, 12 Mill Street, Cork", "14 Mill Street, Cork, Flat 3", False),
        ("12 Mill Street, Cork", "12 Mill Road, Cork", False),
        ("12 rue de la Paix, Paris", "12 rue de Rivoli, Paris", False),
        ("12 Harbour Street, Howth", "14 Harbour Street, Howth", False),
        ("Harbour Street Howth", "Harbour Street Howth", False),
        ("12 Howth", "12 Howth", False),
    ],
)
def test_addresses_with_a_number_in_them(first: str, second: str, same: bool) -> None:
    assert same_address(first, second) is same and same_address(second, first) is same


def test_each_way_in_which_somebody_is_known_counts_by_itself() -> None:
    proxy = Proxy(ProxyKind.CONTACT, "T. OBrien", "0861234567", "TOM@mail.example", "12 Harbour St, Howth, Dublin")
    assert matched(HIM, proxy) == tuple(MatchedBy)
    assert matched(HIM, Proxy(ProxyKind.PORTAL, "Somebody Quite Else", "0861234567")) == (MatchedBy.NUMBER,)
    assert matched(HIM, Proxy(ProxyKind.PORTAL, "Somebody Quite Else")) == ()
    assert matched(Concern(), proxy) == ()


def test_somebody_else_is_said_with_a_reason_and_blocks_no_more() -> None:
    proxy = Proxy(ProxyKind.RELATED, "Tomás O'Brien-Müller")
    ruled_out = Proxy(ProxyKind.RELATED, "Tomás O'Brien-Müller", somebody_else="Her uncle; asked her")
    assert blocking(HIM, [proxy, ruled_out]) == (proxy,)
    assert blocking(HIM, [Proxy(ProxyKind.RELATED, "Tomás O'Brien-Müller", somebody_else="  ")])


@pytest.mark.parametrize(
    ("recipient", "address", "expected"),
    [
        ("Tom O'Brien", "12 Harbour Street\nHowth", True),
        ("Tommy O'Brien", "", True),
        ("A clinic", "tom@mail.example", True),
        ("A clinic", "Fax 00353 86 123 4567", True),
        ("A clinic", "1 Other Road", False),
    ],
)
def test_a_recipient_is_known_by_name_and_by_the_way_it_goes(recipient: str, address: str, expected: bool) -> None:
    assert receives(HIM, recipient, address) is expected


@given(st.text(max_size=60), st.text(max_size=60))
def test_the_comparison_takes_anything_and_knows_no_order(first: str, second: str) -> None:
    for same in (same_name, same_number, same_address):
        assert same(first, second) is same(second, first)
