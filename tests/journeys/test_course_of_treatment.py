"""A whole course of treatment by the keys alone: referral, intake, safety screen, plan, sessions with notes, programme,
review, supervision, goals, after-care, discharge with a supervisor's answer, and care taken up again."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from service.casework.demo_cast import PRACTICE_ZONE
from service.domain import clock
from tests.journeys.keys import WIDE, Keys
from tests.journeys.site import PICTURES, Site, demo_site

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]
NAME = "Runa Feldt"
TODAY = clock.today(PRACTICE_ZONE)
NEXT_WEEK = TODAY + timedelta(days=7)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with demo_site(tmp_path_factory.mktemp("course"), "Zoë") as found:
        yield found


@pytest.fixture
def hands(site: Site, chromium: Browser, tmp_path: Path) -> Iterator[Callable[[str], Keys]]:
    """Somebody of the practice, signed in by a link as on a first day."""
    contexts: list[BrowserContext] = []

    def at_the_keys(name: str) -> Keys:
        contexts.append(chromium.new_context(locale="en-GB", viewport=WIDE))  # type: ignore[arg-type]
        page = contexts[-1].new_page()
        page.goto(f"{site.url}/link/{site.link_token(name)}")
        folder = (Path(PICTURES) if PICTURES else tmp_path) / name
        folder.mkdir(exist_ok=True)
        keys = Keys(page, folder)
        keys.go("Sign in")
        return keys

    yield at_the_keys
    for each in contexts:
        each.close()


def test_a_course_of_treatment_is_done_by_the_keys_alone(hands: Callable[[str], Keys]) -> None:
    keys = hands("Ana")
    refer(keys)
    take_on(keys)
    first_session(keys)
    begin_plan_and_goal(keys)
    second_session(keys)
    review(keys)
    begin_aftercare(keys)
    supervise(keys)
    close(keys)
    agree_to_the_ending(hands("Siobhán"))
    take_up_again(keys)
    assert len(keys.taken) > 75, "pages that came up, each with its picture"


def refer(keys: Keys) -> None:
    """Somebody is referred: a case, the referral, and who else could see the record."""
    keys.go("Caseload")
    keys.go("Open a case")
    keys.type("chosen_name", NAME)
    keys.choose("state", "Referred")
    keys.go("Open the case")
    expect(keys.page.get_by_role("heading", level=1)).to_contain_text(NAME)
    keys.look_narrow()
    keys.go("Details")
    keys.go("Add a referral")
    keys.choose("direction", "Referred to")
    keys.choose("kind", "Primary care")
    keys.type("reason", "Sleeps badly since the summer and asks for somebody to talk to.")
    keys.choose("decision", "Accepted")
    keys.day("decided_on", TODAY)
    keys.go("Save the referral")
    keys.go("Change: How to reach them")
    keys.choose("channels.0.rule", "Fine")
    keys.type("channels.0.value", "01 555 0100")
    keys.day("confirmed_on", TODAY)
    keys.go("Save ways to reach them")
    keys.go("Change: Who else could see this record")
    for name in ("portal_account", "portal_proxies", "shared_device", "insurance_held", "household_here"):
        keys.choose(name, "No")
    keys.go("Save the answers")


def take_on(keys: Keys) -> None:
    """The episode moves on to assessment and to care."""
    keys.go("Episode of care")
    for state, why in (("Assessment", "Came to a first talk"), ("Active", "Wants to go on")):
        keys.choose("to", state)
        keys.type("why", why)
        keys.go("Move the episode")


def first_session(keys: Keys) -> None:
    """Safety first, then the log, then the note."""
    keys.case()
    keys.go("New session")
    keys.go("Record session")
    keys.open("Other forms in this session")
    keys.go("Safety screen")
    keys.go("Module A, first six only")
    circumstances(keys)
    keys.answer("2")
    keys.go("Record log")
    keys.look_narrow()
    keys.go("To the session")
    keys.go("Record a log in this session")
    circumstances(keys)
    keys.answer("2")
    keys.go("Record log")
    keys.go("To the session")
    write_up(keys, "Came by herself. Spoke about the nights.", "No plan yet")


def circumstances(keys: Keys) -> None:
    keys.choose("capture.channel", "In person")
    keys.choose("capture.private", "Private")
    keys.choose("capture.held_pen", "The client")
    keys.choose("capture.interpreter", "No interpreter")
    keys.choose("contact_context", "Separated, no")


def write_up(keys: Keys, words: str, plan: str) -> None:
    """The editor from its top to the signature."""
    keys.choose("attendance", "Attended")
    keys.choose("private", "Yes")
    keys.type("sections.subjective", words)
    keys.open("Worked with")
    keys.tick("work.interventions", "psychoeducation")
    keys.choose("risk", "Asked; nothing")
    keys.choose("plan_right", plan)
    keys.type("homework_given", "Phone in the other room at night")
    keys.day("next_on", NEXT_WEEK)
    expect(keys.page.locator(".saved")).to_contain_text("Saved ", timeout=30_000)
    keys.look_narrow()
    keys.go("Sign note")
    keys.go("Sign note")
    expect(keys.page.get_by_text("Fingerprint (SHA-256)")).to_be_visible()


def begin_plan_and_goal(keys: Keys) -> None:
    keys.case()
    keys.go("Plans")
    keys.go("Start")
    keys.type("lines.delay.text", "Tea first, then ring Maja")
    keys.go("Go on to put it in use")
    keys.go("Put it in use")
    keys.case()
    keys.go("Add a goal")
    keys.type("words", "Sleep through the night")
    keys.choose("domain", "Symptoms")
    keys.go("Add the goal")


def second_session(keys: Keys) -> None:
    """A step of the programme is taken up, and the session touches step, goal and measure."""
    keys.go("Programme")
    keys.look_narrow()
    keys.go("1.")
    keys.tick("to", "offered")
    keys.type("why", "Fits what was told today")
    keys.go("Record this move")
    keys.case()
    keys.go("New session")
    keys.type("place", "Room 2")
    keys.choose("type", "Video")
    keys.go("Record session")
    keys.go("Name steps and tasks")
    keys.tick("touched", "1")
    keys.go("Keep this")
    keys.go("Record a log in this session")
    circumstances(keys)
    keys.answer("1")
    keys.go("Record log")
    follow_up(keys)
    keys.case()
    keys.go("Session to record")
    keys.open("Goals")
    write_up(keys, "Slept four nights.", "Client says")


def follow_up(keys: Keys) -> None:
    """What the log called for is responded to before the note is signed."""
    keys.go("Open the safety event")
    keys.look_narrow()
    keys.choose("code", "Extra contact")
    keys.type("offered", "A call in between")
    keys.type("client_wish", "One call on Monday")
    keys.type("decided_by", "Both together")
    keys.type("text", "Went through the week and what helps at night.")
    keys.day("next_check", NEXT_WEEK)
    keys.go("Record follow-up")


def review(keys: Keys) -> None:
    """Plan, goal and episode are looked at together."""
    keys.case()
    keys.go("Plans")
    keys.go("Version 1")
    keys.go("Client says it still fits")
    keys.case()
    keys.go("Change the goal")
    keys.choose("status", "Reached")
    keys.day("reviewed_on", TODAY)
    keys.choose("review", "Moving")
    keys.go("Save the goal")
    keys.go("Details")
    keys.go("Episode of care")
    for state in ("Review", "Active"):
        keys.choose("to", state)
        keys.type("why", "Looked at what has changed")
        keys.go("Move the episode")


def supervise(keys: Keys) -> None:
    keys.go("My day")
    keys.go("Supervision")
    keys.go("New")
    keys.choose("with_id", "Siobh")
    keys.choose("mode", "In person, the")
    keys.go("Keep meeting")


def begin_aftercare(keys: Keys) -> None:
    keys.go("My day")
    keys.go("Caseload")
    keys.go(NAME)
    keys.go("Plans")
    keys.go("Start After-care plan")
    keys.type("lines.maint_check_ins.text", "A call on the first Monday of each month")
    keys.type("lines.maint_way_back.text", "Ring the practice and say the code word")
    keys.go("Go on to put it in use")
    keys.go("Put it in use")


def close(keys: Keys) -> None:
    """Something is still open, so that the ending waits for a supervisor."""
    keys.go("Caseload")
    keys.go(NAME)
    keys.go("Safety events")
    keys.go("Open an event")
    keys.type("prompt", "A date at court moved")
    keys.tick("level", "NEXT")
    keys.go("Open the event")
    keys.case()
    keys.go("Details")
    keys.go("Episode of care")
    keys.go("Close this case")
    keys.choose("reason", "Goals met")
    keys.type("handed_over.0.to", "Dr Okafor at the health centre")
    keys.day("handed_over.0.on", NEXT_WEEK)
    keys.tick("measures_taken", "yes")
    keys.tick("plan_reviewed", "yes")
    keys.tick("aftercare_made", "yes")
    keys.type("door_open", "A call is enough to come back")
    keys.go("Close case")
    expect(keys.page.get_by_text("The ending waits for a supervisor")).to_be_visible()


def agree_to_the_ending(keys: Keys) -> None:
    keys.go("Team")
    keys.open("Waits for your signature")
    keys.go(NAME)
    keys.look_narrow()
    expect(keys.page.get_by_text("Dr Okafor at the health centre")).to_be_visible()
    keys.tick("agreed", "yes")
    keys.go("Keep the answer")


def take_up_again(keys: Keys) -> None:
    keys.go("Details")
    keys.go("Episode of care")
    keys.look_narrow()
    keys.go("Reopen this case")
    keys.choose("to", "Assessment")
    keys.type("why", "Called after the holidays")
    keys.go("Reopen the case")
    keys.go("Leave it as it is")
    keys.go("Episode of care")
    expect(keys.page.get_by_text("Takes up an earlier episode again.")).to_be_visible()
