"""Which expressions a form has, what they see, and what needs what."""

from service.fhirpath.expressions import Expressions, Kind, gather
from tests.fhirpath.forms import HL7, SDC, constraint, expression, form, item, value, variable


def labels(expressions: Expressions) -> list[str]:
    return [each.label for each in expressions.calculated_in_order]


def test_every_kind_is_found_where_it_stands() -> None:
    found = gather(
        form(
            item("a", "integer", calculated="1", initial="2", enabled="true"),
            item("g", "group", variable("v", "3"), constraint("c-1", "true"), item=[item("b", "string", initial="4")]),
        )
    )
    assert [(each.kind, each.link_id, each.text) for each in found.all] == [
        (Kind.CALCULATED, "a", "1"),
        (Kind.ENABLED, "a", "true"),
        (Kind.INITIAL, "a", "2"),
        (Kind.VARIABLE, "g", "3"),
        (Kind.CONSTRAINT, "g", "true"),
        (Kind.INITIAL, "b", "4"),
    ]
    assert (found.of(Kind.CONSTRAINT)[0].name, found.of(Kind.CONSTRAINT)[0].human) == ("c-1", "what c-1 asks for")


def test_older_ways_of_writing_an_expression_are_read() -> None:
    older = {"url": f"{HL7}questionnaire-calculatedExpression", "valueString": "1 + 1"}
    newer = {
        "url": f"{HL7}targetConstraint",
        "extension": [{"url": "expression", "valueExpression": expression("true")}],
    }
    found = gather(form(item("a", "integer", older), item("b", "integer", newer)))
    assert [(each.kind, each.text, each.runs) for each in found.all] == [
        (Kind.CALCULATED, "1 + 1", True),
        (Kind.CONSTRAINT, "true", True),
    ]


def test_another_language_is_seen_and_not_run() -> None:
    query = {"url": SDC + "initialExpression", "valueExpression": {"language": "text/cql", "expression": "Age"}}
    (found,) = gather(form(item("a", "integer", query))).all
    assert (found.language, found.runs) == ("text/cql", False)


def test_the_nearest_variable_is_meant() -> None:
    inner = item("b", "integer", calculated="%v")
    found = gather(form(item("g", "group", variable("v", "2"), item=[inner]), extension=[variable("v", "1")]))
    at = found.of(Kind.CALCULATED)[0]
    nearest, outer = found.variable("v", at), found.variable("v", found.of(Kind.VARIABLE)[1])
    assert nearest and nearest.text == "2"
    assert outer and outer.text == "1"


def test_a_variable_of_a_group_is_not_seen_outside_it() -> None:
    found = gather(form(item("g", "group", variable("v", "2")), item("b", "integer", calculated="%v")))
    assert found.variable("v", found.of(Kind.CALCULATED)[0]) is None


def test_what_others_need_comes_first_whatever_its_place_in_the_form() -> None:
    found = gather(
        form(
            item("total", "integer", calculated="%sub + 1"),
            item("free", "integer", calculated="1"),
            item("sub", "integer", calculated=value("deep")),
            item("deep", "integer", calculated="5"),
            extension=[variable("sub", value("sub"))],
        )
    )
    assert labels(found) == ["deep", "sub", "total", "free"]
    assert found.circles == ()


def test_items_that_need_each_other_are_named() -> None:
    found = gather(
        form(
            item("a", "integer", calculated=value("b")),
            item("b", "integer", calculated="%c"),
            item("x", "integer", calculated="1"),
            extension=[variable("c", value("a"))],
        )
    )
    (circle,) = found.circles
    assert {each.label for each in circle} == {"a", "b", "%c"}


def test_an_item_that_adds_up_all_others_does_not_need_itself() -> None:
    text = "%resource.repeat(item).where(linkId != 'total').answer.value.weight().sum()"
    assert gather(form(item("total", "integer", calculated=text))).circles == ()


def test_names_that_a_launch_provides_are_known() -> None:
    name = {"url": "name", "valueCoding": {"code": "guardian"}}
    launch = {"url": f"{SDC}launchContext", "extension": [name, {"url": "type", "valueCode": "RelatedPerson"}]}
    assert {"guardian", "patient", "user"} <= gather(form(extension=[launch])).launch


def test_a_thousand_variables_in_a_chain_are_put_in_order() -> None:
    chain = [variable(f"v{n}", f"%v{n + 1} + 1") for n in range(1_000)]
    found = gather(form(item("a", "integer", calculated="%v0"), extension=[*chain, variable("v1000", "1")]))
    assert labels(found) == ["a"]
    assert found.circles == ()


def test_a_value_calculated_for_the_form_itself_is_a_variable() -> None:
    root = {"url": SDC + "calculatedExpression", "valueExpression": expression(value("a"), name="score")}
    found = gather(form(item("b", "integer", calculated="%score"), extension=[root]))
    assert [(each.kind, each.label) for each in found.all] == [(Kind.VARIABLE, "%score"), (Kind.CALCULATED, "b")]
