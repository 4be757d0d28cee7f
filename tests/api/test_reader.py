"""What the JSON reader lets in, and how it says no."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.api.reader import DEEPEST, Malformed, parse

PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**16), 10**16)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(PLAIN)
def test_plain_json_comes_through_unchanged(value: object) -> None:
    assert parse(json.dumps(value).encode()) == value


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    try:
        read = parse(raw)
    except Malformed:
        return
    assert json.loads(json.dumps(read, allow_nan=False)) == read


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        (b'{"a": 1, "a": 2}', "a"),
        (b'{"x": {"client": 1, "client": 1}}', "client"),
        (b'{"a": NaN}', "body"),
        (b'{"a": -Infinity}', "body"),
        (b'{"a": 1e999}', "body"),
        (b'{"a": ' + b"9" * 5_000 + b"}", "body"),
        (b'{"a": "\xff"}', "body"),
        (b'\xef\xbb\xbf{"a": 1}', "body"),
        (b'{"a": {"b": ["\\ud800"]}}', "a.b.0"),
        (b'{"\\udfff": 1}', "body"),
        (b'{"a": 1', "body"),
        (b"{'a': 1}", "body"),
        (b'{"a": 1} {}', "body"),
        (b'"open', "body"),
        (b'"\\', "body"),
    ],
)
def test_what_two_readers_could_read_differently_is_refused(raw: bytes, field: str) -> None:
    with pytest.raises(Malformed) as caught:
        parse(raw)
    assert list(caught.value.errors) == [field]


def test_an_escaped_pair_is_one_character() -> None:
    assert parse(b'"\\ud83d\\ude42"') == "🙂"


@pytest.mark.parametrize("raw", [b"[" * 100_000, b'{"a":' * 100_000, b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1)])
def test_depth_is_limited_before_parsing(raw: bytes) -> None:
    with pytest.raises(Malformed, match="levels"):
        parse(raw)


def test_brackets_inside_text_are_no_depth() -> None:
    assert parse(json.dumps(["[" * 1_000, '"]{' * 100]).encode()) == ["[" * 1_000, '"]{' * 100]
    assert parse(b"[" * DEEPEST + b"]" * DEEPEST)


@pytest.mark.parametrize("piece", [b'\\"', b'"', b"\\", b'"\\', b'{"', b"[],"])
def test_hostile_repetition_is_refused_in_time_that_grows_with_its_length(piece: bytes) -> None:
    """A reader of quadratic time would not end within the time that every test has."""
    for raw in (piece * 400_000, b'"' + piece * 400_001):
        with pytest.raises(Malformed):
            parse(raw)
