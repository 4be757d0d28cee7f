"""Writing a plan with the client, putting it in use, its versions, and the copy question."""

import html
import io
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader

from schemas.release_codes import ContentClass
from schemas.vocabulary import FieldClass, PlanStatus, PlanType
from service.casework import plans
from service.casework.plan_summaries import CLASSES
from service.casework.plans import PlanDraft
from service.domain import clock
from service.domain.accounts import STEP_UP_LASTS
from service.domain.actors import Actor
from service.domain.plan_types import FIELDS, SHAPES
from service.domain.safety import Plan, PlanLine
from service.reports import render
from service.web.word_changes import told, word_changes
from tests import builders
from tests.builders import House
from tests.web.markup import flaws

SignIn = Callable[[Actor], FlaskClient]
drawn = pytest.mark.skipif(not render.available(), reason="Pango is not installed: PDF reports are off")


def a_plan(app: Flask, house: House, *, active: bool = True) -> Plan:
    with app.app_context():
        case = builders.add_case(house.therapist)
        return builders.add_plan(house.therapist, case.id, active=active)


def stored(app: Flask, house: House, plan: Plan) -> Plan:
    with app.app_context():
        return plans.read_plan(house.therapist, plan.id)[0]


def typed(plan: Plan, **changes: str) -> dict[str, str]:
    posted = {f"lines.{key}.text": line.text for key, line in plan.lines.items()}
    return posted | {"version": str(plan.version), "made_with_client": "yes"} | changes


@pytest.mark.parametrize("active", [True, False])
@pytest.mark.parametrize(
    "path", ["", "/edit", "/use", "/withdraw", "/versions", "/compare", "/copy", "/aloud", "/summary"]
)
def test_every_page_of_a_plan_is_sound(app: Flask, house: House, sign_in: SignIn, active: bool, path: str) -> None:
    plan = a_plan(app, house, active=active)
    page = sign_in(house.therapist).get(f"/plans/{plan.id}{path}", follow_redirects=True)
    assert page.status_code == 200
    assert flaws(page.text) == []
    assert "Okonkwo" not in page.text.partition("</head>")[0]


def test_the_list_of_a_case_begins_a_plan_and_leads_to_its_editor(app: Flask, house: House, sign_in: SignIn) -> None:
    with app.app_context():
        case = builders.add_case(house.therapist)
    client = sign_in(house.therapist)
    assert flaws(client.get(f"/cases/{case.id}/plans").text) == []
    started = client.post(f"/cases/{case.id}/plans", data={"type": "PL-PREP"})
    assert started.status_code == 303 and started.location.endswith("/edit")
    assert "Continue with it" in client.post(f"/cases/{case.id}/plans", data={"type": "PL-PREP"}).text


def test_each_part_shows_how_far_it_may_travel_and_what_stays_offers_no_tick(
    app: Flask, house: House, sign_in: SignIn
) -> None:
    page = sign_in(house.therapist).get(f"/plans/{a_plan(app, house, active=False).id}/edit").text
    assert {"restricted", "stays here"} <= set(re.findall(r'class="class-word">([^<]+)<', page))
    assert 'name="lines.early_signs.on_copy"' in page
    assert 'name="lines.person.text"' in page and 'name="lines.person.on_copy"' not in page


def test_a_draft_saves_itself_and_says_when(app: Flask, house: House, sign_in: SignIn) -> None:
    plan = a_plan(app, house, active=False)
    script = {"X-Requested-With": "fetch", "Accept": "application/json"}
    posted = typed(plan, **{"lines.delay.text": "Ten\r\nminutes"})
    answer = sign_in(house.therapist).post(f"/plans/{plan.id}/edit", data=posted, headers=script)
    assert answer.status_code == 200 and answer.json is not None
    assert re.fullmatch(r"\d\d:\d\d", answer.json["saved_at"]) and answer.json["version"] > plan.version
    assert stored(app, house, plan).lines["delay"].text == "Ten\nminutes"


def test_a_tick_for_what_stays_here_is_refused_at_the_field_with_the_typing_kept(
    app: Flask, house: House, sign_in: SignIn
) -> None:
    plan = a_plan(app, house, active=False)
    posted = typed(plan, **{"lines.person.text": "Somebody dear", "lines.person.on_copy": "yes"})
    page = sign_in(house.therapist).post(f"/plans/{plan.id}/edit", data=posted)
    assert page.status_code == 422
    assert 'href="#f-lines.person.text"' in page.text and "Somebody dear" in page.text
    assert stored(app, house, plan).lines["person"].text == ""


def test_a_stale_draft_shows_both_texts_by_the_name_of_the_part(app: Flask, house: House, sign_in: SignIn) -> None:
    plan = a_plan(app, house, active=False)
    client = sign_in(house.therapist)
    client.post(f"/plans/{plan.id}/edit", data=typed(plan, **{"lines.delay.text": "Theirs first"}))
    page = client.post(f"/plans/{plan.id}/edit", data=typed(plan, **{"lines.delay.text": "Mine second"}))
    assert page.status_code == 409
    assert "Theirs first" in page.text and "Mine second" in page.text
    assert "<h3>Waiting step and for how long</h3>" in page.text


def test_typing_is_kept_before_the_plan_is_put_in_use(app: Flask, house: House, sign_in: SignIn) -> None:
    plan = a_plan(app, house, active=False)
    client = sign_in(house.therapist)
    on = client.post(f"/plans/{plan.id}/edit", data=typed(plan, then="use", **{"lines.delay.text": "Wait by the sea"}))
    assert on.status_code == 303
    page = client.get(on.location).text
    assert "Wait by the sea" in page
    version = re.findall(r'name="version" value="(\d+)"', page)[-1]
    assert client.post(on.location, data={"version": version}).status_code == 303
    assert stored(app, house, plan).status is PlanStatus.ACTIVE


def test_an_empty_plan_cannot_be_put_in_use(app: Flask, house: House, sign_in: SignIn) -> None:
    with app.app_context():
        case = builders.add_case(house.therapist)
        plan = plans.start_plan(house.therapist, case.id, PlanType.PL_URGE)
    client = sign_in(house.therapist)
    assert "Put it in use" not in client.get(f"/plans/{plan.id}/use").text
    assert client.post(f"/plans/{plan.id}/use", data={"version": str(plan.version)}).status_code == 422


def test_a_new_version_copies_forward_and_tells_what_changed_in_words(
    app: Flask, house: House, sign_in: SignIn
) -> None:
    plan = a_plan(app, house)
    with app.app_context():
        newer = plans.start_plan(house.therapist, plan.case_id, plan.type)
    client = sign_in(house.therapist)
    changed = typed(newer, **{"lines.early_signs.text": "Restless hands, not sleeping"})
    client.post(f"/plans/{newer.id}/edit", data=changed)
    page = client.get(f"/plans/{plan.id}/versions").text
    assert "2 words added, 3 words taken out" in page
    assert "not sleeping</ins>" in page and "checking the phone</del>" in page


def test_any_two_versions_are_laid_side_by_side_line_by_line(app: Flask, house: House, sign_in: SignIn) -> None:
    plan = a_plan(app, house)
    with app.app_context():
        newer = plans.start_plan(house.therapist, plan.case_id, plan.type)
    client = sign_in(house.therapist)
    words = "Restless hands, checking the phone\nNot answering friends"
    client.post(f"/plans/{newer.id}/edit", data=typed(newer, **{"lines.early_signs.text": words}))
    for page in (client.get(f"/plans/{newer.id}/compare"), client.get(f"/plans/{plan.id}/compare?with=2")):
        assert flaws(page.text) == []
        assert "From version 1 to version 2" in page.text
        assert "Not answering friends</ins>" in page.text and "<del><span" not in page.text
        assert "No longer on the client&#39;s copy" in page.text
    assert "lay beside this one" in client.get(f"/plans/{plan.id}/compare?with=99").text


@pytest.mark.parametrize("kind", PlanType)
def test_every_kind_of_plan_can_be_begun_written_and_read(
    app: Flask, house: House, sign_in: SignIn, kind: PlanType
) -> None:
    with app.app_context():
        case = builders.add_case(house.therapist)
    client = sign_in(house.therapist)
    editor = client.post(f"/cases/{case.id}/plans", data={"type": str(kind)}).location
    page = client.get(editor).text
    assert flaws(page) == [] and SHAPES[kind].caution in html.unescape(page)
    for each in FIELDS[kind]:
        assert each.label in html.unescape(page)
        assert (f'name="lines.{each.key}.on_copy"' in page) == (each.field_class is not FieldClass.N)


def test_review_sets_the_clock_anew_and_withdrawing_keeps_it_readable(
    app: Flask, house: House, sign_in: SignIn
) -> None:
    with app.app_context(), clock.standing_at(clock.now() - timedelta(days=95)):
        plan = builders.add_plan(house.therapist, builders.add_case(house.therapist).id)
    client = sign_in(house.therapist)
    assert "Out of date, review" in client.get(f"/plans/{plan.id}").text
    client.post(f"/plans/{plan.id}/review", data={"version": str(plan.version)})
    assert "Out of date, review" not in client.get(f"/plans/{plan.id}").text
    client.post(f"/plans/{plan.id}/withdraw", data={"version": str(stored(app, house, plan).version)})
    assert stored(app, house, plan).status is PlanStatus.WITHDRAWN
    assert "Restless hands" in client.get(f"/plans/{plan.id}").text


def test_no_copy_is_the_answer_that_stands(app: Flask, house: House, sign_in: SignIn) -> None:
    plan = a_plan(app, house)
    client = sign_in(house.therapist)
    page = client.get(f"/plans/{plan.id}/copy").text
    assert re.findall(r'name="answer" value="(\w+)" ?checked', page) == ["none"]
    answered = client.post(f"/plans/{plan.id}/copy", data={"answer": "none"})
    assert answered.status_code == 303 and answered.mimetype != "application/pdf"


def test_reading_aloud_makes_no_file(app: Flask, house: House, sign_in: SignIn) -> None:
    plan = a_plan(app, house)
    page = sign_in(house.therapist).post(f"/plans/{plan.id}/copy", data={"answer": "aloud"}, follow_redirects=True)
    assert "Restless hands" in page.text and "Read aloud" in page.text


def test_a_copy_needs_a_neutral_title_and_a_place_to_keep_it(app: Flask, house: House, sign_in: SignIn) -> None:
    plan = a_plan(app, house)
    answer = {"answer": "copy", "title": "My safety plan", "kept_where": " "}
    page = sign_in(house.therapist).post(f"/plans/{plan.id}/copy", data=answer)
    assert page.status_code == 422
    assert 'href="#f-title"' in page.text and 'href="#f-kept_where"' in page.text


@drawn
def test_the_copy_is_a_file_that_says_nothing_about_whose_it_is(app: Flask, house: House, sign_in: SignIn) -> None:
    plan = a_plan(app, house)
    answer = {"answer": "copy", "title": "Weekly planner", "kept_where": "with the recipe books"}
    file = sign_in(house.therapist).post(f"/plans/{plan.id}/copy", data=answer)
    assert file.headers["Content-Disposition"] == 'attachment; filename="weekly-planner.pdf"'
    assert file.headers["Cache-Control"] == "no-store"
    reader = PdfReader(io.BytesIO(file.data))
    words = " ".join(reader.pages[0].extract_text().split())
    assert words.replace("• ", "").strip(" •") == "Weekly planner First signs Restless hands, checking the phone"
    assert not reader.metadata and b"recipe" not in file.data


def test_what_would_leave_with_a_copy_is_shown_where_it_stands(app: Flask, house: House, sign_in: SignIn) -> None:
    with app.app_context():
        case = builders.add_case(house.therapist, address="3 Willow Court")
        prep = builders.add_plan(house.therapist, case.id, PlanType.PL_PREP, active=False)
        lines = {"bag_place": PlanLine("Behind the boiler at Wilhelmina's")}
        plans.save_plan(house.therapist, prep.id, PlanDraft(lines), version=prep.version)
        day = plans.start_plan(house.therapist, case.id, PlanType.DAY)
        lines = {"day_note": PlanLine("Back to 3 willow court, then tea with wilhelmina", on_copy=True)}
        day = plans.save_plan(house.therapist, day.id, PlanDraft(lines), version=day.version)
        plans.activate_plan(house.therapist, day.id, version=day.version)
    client = sign_in(house.therapist)
    page = client.get(f"/plans/{day.id}/copy").text
    assert flaws(page) == [] and "Found before it leaves" in page
    assert re.findall(r'name="confirmed" value="([^"]+)"', page) == ["day_note:client-address"]
    assert "wilhelmina</b>" in page and "stays here, take it out" in page
    answer = {"answer": "copy", "title": "Notes", "kept_where": "At work", "confirmed": "day_note:client-address"}
    again = client.post(f"/plans/{day.id}/copy", data=answer)
    assert again.status_code == 422 and 'href="#f-confirmed"' in again.text and flaws(again.text) == []
    assert client.post(f"/plans/{day.id}/copy", data={"answer": "none"}).status_code == 303


def test_a_supervisor_reads_a_plan_and_is_offered_nothing_to_change(app: Flask, house: House, sign_in: SignIn) -> None:
    plan = a_plan(app, house)
    page = sign_in(house.supervisor).get(f"/plans/{plan.id}").text
    assert "Restless hands" in page
    assert [
        words for words in ("Make a copy", "Start a new version", "Withdraw it", "still fits") if words in page
    ] == []


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("", "New words", "Written for the first time"),
        ("Old words", " ", "Emptied"),
        ("one two", "one three two", "1 word added"),
        ("one  two", "one two", "Only spaces or line breaks"),
    ],
)
def test_a_change_is_told_in_words(before: str, after: str, words: str) -> None:
    assert told(before, after) == words


def test_the_pieces_of_a_change_give_both_texts_back() -> None:
    before, after = "Wait ten minutes,\nthen ring", "Wait twenty minutes, then\nring her"
    pieces = word_changes(before, after)
    assert "".join(each.text for each in pieces if each.kind != "new") == before
    assert "".join(each.text for each in pieces if each.kind != "gone") == after


@drawn
def test_a_small_card_is_as_large_as_a_bank_card_and_says_nothing_about_whose_it_is(
    app: Flask, house: House, sign_in: SignIn
) -> None:
    plan = a_plan(app, house)
    answer = {"answer": "card", "title": "Notes", "kept_where": "in a shoe"}
    file = sign_in(house.therapist).post(f"/plans/{plan.id}/copy", data=answer)
    assert 'filename="notes.pdf"' in file.headers["Content-Disposition"]
    reader = PdfReader(io.BytesIO(file.data))
    assert [round(float(side) * 25.4 / 72) for side in reader.pages[0].mediabox[2:]] == [85, 54]
    assert not reader.metadata and "Okonkwo" not in reader.pages[0].extract_text()


@drawn
def test_a_summary_for_another_provider_asks_for_the_release_it_leaves_by(
    app: Flask, house: House, sign_in: SignIn
) -> None:
    plan, client = a_plan(app, house), sign_in(house.therapist)
    assert client.post(f"/plans/{plan.id}/copy", data={"answer": "summary"}).location.endswith("/summary")
    assert "No release carries it" in client.get(f"/plans/{plan.id}/summary").text
    with app.app_context():
        release = builders.add_release(house.therapist, plan.case_id, classes=CLASSES, recipient="Harbour Clinic")
    page = client.get(f"/plans/{plan.id}/summary").text
    assert "Harbour Clinic, until" in page and flaws(page) == []
    assert 'href="#f-release_id"' in client.post(f"/plans/{plan.id}/summary").text
    file = client.post(f"/plans/{plan.id}/summary", data={"release_id": release.id})
    text = PdfReader(io.BytesIO(file.data)).pages[0].extract_text()
    assert "Prepared for Harbour Clinic, not for onward release." in text


def test_a_summary_asks_who_is_at_the_screen_and_for_a_release_of_plan_lines(
    app: Flask, house: House, sign_in: SignIn
) -> None:
    plan, client = a_plan(app, house), sign_in(house.therapist)
    with app.app_context():
        classes = tuple(each for each in CLASSES if each is not ContentClass.PLAN_LINES)
        narrow = builders.add_release(house.therapist, plan.case_id, classes=classes)
    address, form = f"/plans/{plan.id}/summary", {"release_id": narrow.id}
    assert "No release carries it" in client.get(address).text
    assert client.post(address, data=form).status_code == 422
    assert client.post(f"/api/v1{address}", json=form).status_code == 422
    with clock.standing_at(clock.now() + STEP_UP_LASTS + timedelta(minutes=1)):
        for answer in (client.get(address), client.post(address, data=form)):
            assert answer.location == f"/step-up?next={address}"
        assert client.post(f"/api/v1{address}", json=form).json["why"] == "step_up"  # type: ignore[index]
