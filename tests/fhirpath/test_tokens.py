"""What an expression names, told without parsing it."""

import pytest

from service.fhirpath.tokens import read


def test_functions_are_told_from_operators_before_brackets() -> None:
    tokens = read("a.where(b and (c) or (d)).in(e) in (f) & `my fn`(1)")
    assert tokens.functions == ("where", "in", "my fn")


def test_variables_are_found_in_each_way_of_writing_them() -> None:
    assert read("%a + %`b c` + %'vs-d' + '%not' // %e").variables == ("a", "b c", "vs-d")


def test_the_questions_that_an_expression_reads_are_found() -> None:
    assert read(r"item.where(linkId = 'it\'s' or linkId='b').answer.where(code = 'c')").links == ("it's", "b")


def test_a_question_that_is_only_excluded_is_not_read() -> None:
    assert read("item.where(linkId != 'total' and linkId !~ 'sum' and linkId ~ 'x')").links == ("x",)


def test_a_question_of_the_form_is_no_answer_that_is_needed() -> None:
    assert read("%questionnaire.item.where(linkId = 'a').answerOption[1].where(linkId='b')").links == ()
    mixed = "%questionnaire.item.where(linkId = 'a' and x = %resource.item.where(linkId='b').y and linkId = 'c').z"
    assert read(mixed).links == ("b",)
    assert read("%questionnaire.title & item.where(linkId='a').answer.value").links == ("a",)
    assert read("(%questionnaire.item.where(linkId='a')) | %resource.item.where(linkId='b')").links == ("b",)


def test_comments_and_strings_do_not_nest() -> None:
    assert read("a('((((') /* ((((( */ // ((((((").depth == 1
    assert read("((a[{}]))").depth == 4


def test_a_variable_made_inside_an_expression_is_known() -> None:
    assert read("defineVariable('half', 1).select(%half)").defined == ("half",)


@pytest.mark.parametrize(
    "text", ["/*" * 5_000, "'\\" * 5_000, "`" * 9_999, "%" * 9_999, "@" * 9_999, "'" * 9_999, "%`\\" * 5_000, "\0"]
)
def test_hostile_text_is_cut_up_all_the_same(text: str) -> None:
    assert read(text).depth == 0
