"""Whoever only reads a case finds no way on its pages that is shut to them."""

import re
from collections import deque
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from schemas.vocabulary import PlanType
from service.domain.actors import Actor
from tests import builders
from tests.builders import House

WAY = re.compile(r'href="(/[^"#]*)')
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_every_way_that_a_supervisor_is_shown_opens(
    app: Flask, house: House, sign_in: Callable[[Actor], FlaskClient]
) -> None:
    with app.app_context():
        case_id = builders.add_case(house.therapist).id
        builders.add_note(house.therapist, builders.add_session(house.therapist, case_id).id, signed=True)
        builders.add_intake(house.therapist, case_id)
        builders.add_plan(house.therapist, case_id, PlanType.PL_URGE)
        builders.add_boundary(house.therapist, case_id)
        builders.add_person(house.therapist, case_id)
        builders.add_tool(house.therapist, case_id)
        builders.offer_step(house.therapist, case_id)
    client, seen, shut = sign_in(house.supervisor), set(), []
    todo = deque([("/team", ""), (f"/cases/{case_id}", "")])
    while todo:
        path, shown_on = todo.popleft()
        shape = ID.sub("ID", path.partition("?")[0])
        if shape in seen:
            continue
        seen.add(shape)
        answer = client.get(path, buffered=True)
        if answer.status_code in (403, 404):
            shut.append(f"{path}, shown on {shown_on}")
        if answer.status_code == 200 and answer.mimetype == "text/html":
            todo.extend((way.replace("&amp;", "&"), shape) for way in WAY.findall(answer.text))
    assert shut == []
    assert len(seen) > 40
