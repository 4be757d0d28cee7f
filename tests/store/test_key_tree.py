"""The key tree: every leaf from one secret, and a leaf that was cut from nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.store.key_tree import DEPTH, Cut, KeyTree, plant, read, way_to

NAMES = st.lists(st.uuids().map(str), min_size=2, max_size=8, unique=True)


@given(NAMES)
def test_cutting_one_leaf_leaves_every_other_as_it_was(names: list[str]) -> None:
    tree = plant()
    before = {name: tree.leaf(name) for name in names}
    cut = tree.without(names[0])
    assert {name: cut.leaf(name) for name in names[1:]} == {name: before[name] for name in names[1:]}
    assert cut.is_cut(names[0]) and not cut.is_cut(names[1])
    with pytest.raises(Cut):
        cut.leaf(names[0])


@given(NAMES)
def test_after_many_cuts_no_secret_on_the_way_to_a_cut_leaf_is_left(names: list[str]) -> None:
    tree = plant()
    for name in names:
        tree = tree.without(name)
    held = tree.written()
    ways = [way_to(name) for name in names]
    assert not any(way.startswith(place) for way in ways for place in held)
    assert len(held) <= DEPTH * len(names)


def test_cutting_twice_changes_nothing_and_a_written_tree_reads_the_same() -> None:
    cut = plant().without("a")
    assert cut.without("a").written() == cut.written()
    assert read(cut.written()).leaf("b") == cut.leaf("b")


def test_two_leaves_differ_and_one_is_always_the_same() -> None:
    tree = KeyTree({"": bytes(32)})
    assert tree.leaf("a") == tree.leaf("a") != tree.leaf("b")
