"""States that no link leads to: refusals, confirmations, what follows a form, and pages for who is not signed in.

Each is reached as a person reaches it and then measured like every other page: three widths, light and dark.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page

from schemas.card_codes import ContactMode
from schemas.case_codes import Voice
from schemas.request_codes import AskedBy, RequestKind
from schemas.vocabulary import EventLevel, NoteFormat, PlanType, Role
from service.casework import (
    cases,
    conflicts,
    contact_plans,
    events,
    machine_clients,
    notes,
    people,
    plans,
    proxies,
    requests,
    resets,
    reviews,
)
from service.casework.people import NewPerson
from service.casework.plan_summaries import CLASSES
from service.casework.plans import PlanDraft
from service.domain import clock
from service.domain.cases import OtherPerson
from service.domain.contact_plans import ContactPlan
from service.domain.machine_clients import ClientDraft
from service.domain.notes import Note
from service.domain.proxies import Concern
from service.domain.requests import Asking
from service.domain.safety import Plan, PlanLine
from service.domain.scopes import read_scopes
from service.fhir import RESOURCES
from tests import builders
from tests.api import bodies
from tests.incoming import as_bytes, bundle
from tests.journeys.site import Site, demo_site, picture
from tests.journeys.test_every_page import WIDTHS, hear, problems_of
from tests.web.markup import flaws

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(600)]

REFUSED = "Failed to load resource"
# Fills the form of that address and sends it as it is, past what the browser itself would refuse.
SEND = """([path, values]) => {
    const form = [...document.forms].find(each => each.method === 'post' && new URL(each.action).pathname === path);
    for (const [name, value] of Object.entries(values)) {
        for (const control of form.querySelectorAll(`[name='${name}']`)) {
            if (control.type === 'radio' || control.type === 'checkbox') control.checked = control.value === value;
            else control.value = value;
        }
    }
    HTMLFormElement.prototype.submit.call(form);
}"""


@dataclass(frozen=True)
class Visitor:
    """One browser, and the records that it may open."""

    site: Site
    page: Page
    case_id: str

    def come_as(self, role: Role | None) -> None:
        """Start anew: as nobody, or freshly signed in."""
        self.page.emulate_media(color_scheme="light")
        self.page.context.clear_cookies()
        if role is not None:
            self.site.sign_in(self.page, self.site.actor(role, "Ana" if role is Role.THERAPIST else ""))

    def open(self, path: str) -> int:
        answer = self.page.goto(self.site.url + path)
        assert answer is not None
        return answer.status

    def send(self, path: str, values: Mapping[str, str] | None = None, *, action: str = "") -> int:
        """Open a page and send its form; returns the status of what came back."""
        self.open(path)
        return self.send_from_here(action or path, values or {})

    def send_from_here(self, action: str, values: Mapping[str, str]) -> int:
        with self.page.expect_navigation() as arrival:
            self.page.evaluate(SEND, [action, dict(values)])
        return arrival.value.status

    def of_case(self, rest: str = "") -> str:
        return f"/cases/{self.case_id}{rest}"

    def add_note(self) -> Note:
        """A draft note that could be signed, in a case of its own, where no follow-up waits."""
        with self.site.app.app_context():
            actor = self.site.actor(Role.THERAPIST, "Ana")
            return builders.add_note(actor, builders.add_session(actor, builders.add_case(actor).id).id)


@pytest.fixture(scope="module")
def visitor(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Visitor]:
    with demo_site(tmp_path_factory.mktemp("unlinked"), "Zoë") as site:
        with site.app.app_context():
            case = builders.add_case(site.actor(Role.THERAPIST, "Ana"), chosen_name="Robin")
        page = browser.new_page(reduced_motion="reduce")
        yield Visitor(site, page, case.id)
        page.context.close()


@pytest.fixture
def heard(visitor: Visitor) -> Iterator[list[str]]:
    """What the console said, but for the statuses that are wanted here."""
    found: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if not message.text.startswith(REFUSED):
            hear(message, found)

    visitor.page.on("console", listen)
    yield found
    visitor.page.remove_listener("console", listen)
    assert found == []


def sign_in(at: Visitor) -> int:
    return at.open("/sign-in")


def sign_in_refused(at: Visitor) -> int:
    return at.send("/sign-in", {"email": "nobody@practice.example", "password": "not this one"})


def link(at: Visitor) -> int:
    return at.open(f"/link/{at.site.link_token('Ana')}")


def link_used_up(at: Visitor) -> int:
    return at.open(f"/link/{'x' * 43}")


def invited(at: Visitor) -> str:
    with at.site.app.app_context():
        admin = at.site.actor(Role.ADMIN)
        _person, token = people.invite(admin, NewPerson("Kit", f"{uuid4()}@practice.example", Role.THERAPIST))
        return f"/link/{token}"


def choose_password(at: Visitor) -> int:
    return at.open(invited(at))


def choose_password_refused(at: Visitor) -> int:
    return at.send(invited(at), {"password": "short"})


def unlock(at: Visitor) -> int:
    return at.send("/day", action="/lock")


def unlock_refused(at: Visitor) -> int:
    unlock(at)
    return at.send_from_here("/unlock", {"password": "not this one"})


def step_up(at: Visitor) -> int:
    return at.open("/step-up?next=/day")


def step_up_refused(at: Visitor) -> int:
    return at.send("/step-up", {"password": "not this one"})


def not_found(at: Visitor) -> int:
    return at.open(f"/cases/{uuid4()}")


def not_allowed(at: Visitor) -> int:
    return at.open("/people")


def client_refused(at: Visitor) -> int:
    return at.send(at.of_case("/client"), {"chosen_name": "", "birth_date": "2024-01-01"})


def client_changed_meanwhile(at: Visitor) -> int:
    at.open(at.of_case("/client"))
    with at.site.app.app_context():
        actor = at.site.actor(Role.THERAPIST, "Ana")
        case = cases.read_case(actor, at.case_id)
        other = builders.a_client(chosen_name="Robin", pronouns="they")
        cases.change_client(actor, at.case_id, other, version=case.version)
    return at.send_from_here(at.of_case("/client"), {"pronouns": "she", "languages": "Irish"})


def log_refused(at: Visitor) -> int:
    return at.send(at.of_case("/log"), {"authored_at": ""}, action=at.of_case("/log/wsl"))


def log_result(at: Visitor) -> int:
    with at.site.app.app_context():
        recorded = builders.add_intake(at.site.actor(Role.THERAPIST, "Ana"), at.case_id)
    return at.open(f"/intakes/{recorded.intake.id}")


def correction_refused(at: Visitor) -> int:
    with at.site.app.app_context():
        recorded = builders.add_intake(at.site.actor(Role.THERAPIST, "Ana"), at.case_id)
    return at.send(f"/intakes/{recorded.intake.id}/amend", {"reason": ""})


def session_refused(at: Visitor) -> int:
    times = {"starts_at": "2026-05-04T10:00", "ends_at": "2026-05-04T09:00"}
    return at.send(at.of_case("/sessions/new"), times)


def goal_refused(at: Visitor) -> int:
    return at.send(at.of_case("/goals/new"), {"words": ""})


def follow_up_refused(at: Visitor) -> int:
    with at.site.app.app_context():
        actor = at.site.actor(Role.THERAPIST, "Ana")
        event = events.open_event(actor, at.case_id, EventLevel.TODAY, prompt="Missed call")
    return at.send(f"/events/{event.id}", {"text": "too short"})


def two_texts(at: Visitor) -> int:
    note = at.add_note()
    at.open(f"/sessions/{note.session_id}")
    with at.site.app.app_context():
        actor = at.site.actor(Role.THERAPIST, "Ana")
        notes.save_note(actor, note.session_id, NoteFormat.DAP, {"data": "Newer."}, version=note.version)
    return at.send_from_here(f"/sessions/{note.session_id}", {"sections.data": "Mine."})


def text_for_a_signed_note(at: Visitor) -> int:
    note = at.add_note()
    at.open(f"/sessions/{note.session_id}")
    with at.site.app.app_context():
        notes.sign_note(at.site.actor(Role.THERAPIST, "Ana"), note.id, version=note.version)
    return at.send_from_here(f"/sessions/{note.session_id}", {"sections.data": "Mine."})


def text_not_chosen(at: Visitor) -> int:
    two_texts(at)
    note = at.page.evaluate("[...document.forms].map(f => new URL(f.action).pathname).find(p => p.endsWith('/choose'))")
    return at.send_from_here(note, {})


def report_preview(at: Visitor) -> int:
    return at.send(at.of_case("/reports"))


def report_refused(at: Visitor) -> int:
    return at.send(at.of_case("/reports"), {"since": "2026-05-04", "until": "2026-05-01"})


def copy_refused(at: Visitor) -> int:
    with at.site.app.app_context():
        plan = builders.add_plan(at.site.actor(Role.THERAPIST, "Ana"), at.case_id)
    return at.send(f"/plans/{plan.id}/copy", {"answer": "copy"})


def written_up(at: Visitor) -> Plan:
    """A case with a marked plan in use in two versions, cards, a review and a release; its other person has a name."""
    with at.site.app.app_context():
        actor = at.site.actor(Role.THERAPIST, "Ana")
        case = builders.add_case(actor, chosen_name="Robin")
        cases.change_other_person(actor, case.id, OtherPerson("Bartholomew"), version=case.version)
        builders.add_plan(actor, case.id)
        plan = plans.start_plan(actor, case.id, PlanType.PL_URGE)
        told = PlanDraft({"delay": PlanLine("Ten minutes, then write to Bartholomew on paper only", on_copy=True)})
        plan = plans.save_plan(actor, plan.id, told, version=plan.version)
        plans.activate_plan(actor, plan.id, version=plan.version)
        events.open_event(actor, case.id, EventLevel.NOW, prompt="Told in session")
        builders.add_contact_plan(actor, case.id)
        full = ContactPlan(ContactMode.FULL, {"contact_scripts": "We are not in touch."})
        contact_plans.save_contact_plan(actor, case.id, full, version=1)
        builders.add_tool(actor, case.id)
        builders.add_person(actor, case.id)
        reviews.keep_review(actor, case.id, "It went round. Bartholomew left.", Voice.CLIENT, version=0)
        builders.add_release(actor, case.id, classes=CLASSES)
        return plan


def plan_marked(at: Visitor) -> int:
    return at.open(f"/plans/{written_up(at).id}")


def plan_versions(at: Visitor) -> int:
    return at.open(f"/plans/{written_up(at).id}/versions")


def plan_side_by_side(at: Visitor) -> int:
    return at.open(f"/plans/{written_up(at).id}/compare")


def copy_with_finds(at: Visitor) -> int:
    answer = {"answer": "card", "title": "Notes", "kept_where": "at work"}
    return at.send(f"/plans/{written_up(at).id}/copy", answer)


def summary_with_finds(at: Visitor) -> int:
    return at.send(f"/plans/{written_up(at).id}/summary")


def contact_plan(at: Visitor) -> int:
    return at.open(f"/cases/{written_up(at).case_id}/contact-plan")


def contact_plan_before(at: Visitor) -> int:
    return at.open(f"/cases/{written_up(at).case_id}/contact-plan/versions")


def boundary_not_now(at: Visitor) -> int:
    case_id = written_up(at).case_id
    with at.site.app.app_context():
        kept = builders.add_boundary(at.site.actor(Role.THERAPIST, "Ana"), case_id)
    return at.send(f"/cases/{case_id}/boundaries/{kept.id}/use")


def tool_refused(at: Visitor) -> int:
    return at.send(f"/cases/{written_up(at).case_id}/tools/new", {"tried_on": "2099-01-01"})


def person_refused(at: Visitor) -> int:
    return at.send(f"/cases/{written_up(at).case_id}/network/new")


def network(at: Visitor) -> int:
    return at.open(f"/cases/{written_up(at).case_id}/network")


def review_copy(at: Visitor) -> int:
    return at.open(f"/cases/{written_up(at).case_id}/relationship-review/copy")


def note_that_stays(at: Visitor) -> int:
    with at.site.app.app_context():
        actor = at.site.actor(Role.THERAPIST, "Ana")
        case = builders.add_case(actor)
        cases.change_other_person(actor, case.id, OtherPerson("Bartholomew"), version=case.version)
        note = builders.add_note(actor, builders.add_session(actor, case.id).id, text="Bartholomew rang.", signed=True)
    return at.open(f"/notes/{note.id}")


def export_confirmation(at: Visitor) -> int:
    """Signing in a moment ago counts as a confirmation of identity, so the page is there at once."""
    return at.open(at.of_case("/export/make"))


def export_receipt(at: Visitor) -> int:
    export_confirmation(at)
    return at.send_from_here(at.of_case("/export/make"), bodies.a_departure())


def export_refused_by_a_match(at: Visitor) -> int:
    with at.site.app.app_context():
        actor = at.site.actor(Role.THERAPIST, "Ana")
        case = builders.add_case(actor)
        proxies.save_concern(actor, case.id, Concern("Uma Fernsby"), version=0)
        builders.add_proxy(actor, case.id)
    at.open(f"/cases/{case.id}/elsewhere")
    at.open(f"/cases/{case.id}/export/make")
    sent = bodies.a_departure(basis="treatment", why="Shared care", route="system", chart="own")
    return at.send_from_here(f"/cases/{case.id}/export/make", sent)


def file_beside_the_case(at: Visitor) -> int:
    with at.site.app.app_context():
        case = builders.add_case(at.site.actor(Role.THERAPIST, "Ana"))
    at.open(f"/cases/{case.id}/import")
    at.page.fill("[name=system]", "Harbour records")
    at.page.set_input_files(
        "[name=file]", {"name": "bundle.json", "mimeType": "application/json", "buffer": as_bytes(bundle())}
    )
    with at.page.expect_navigation() as gone:
        at.page.get_by_role("button", name="Look at it").click()
    return gone.value.status


def draft_plan(at: Visitor) -> str:
    with at.site.app.app_context():
        actor = at.site.actor(Role.THERAPIST, "Ana")
        return builders.add_plan(actor, builders.add_case(actor).id, active=False).id


def plan_editor(at: Visitor) -> int:
    return at.open(f"/plans/{draft_plan(at)}/edit")


def plan_to_use(at: Visitor) -> int:
    return at.open(f"/plans/{draft_plan(at)}/use")


def note_to_sign(at: Visitor) -> int:
    return at.open(f"/notes/{at.add_note().id}/sign")


def note_to_read(at: Visitor) -> int:
    return at.open(f"/sessions/{at.add_note().session_id}/read")


def cases_found(at: Visitor) -> int:
    return at.send("/day", {"find": "Rob"}, action="/find")


def no_case_found(at: Visitor) -> int:
    return at.send("/day", {"find": "qqqq"}, action="/find")


def invitation_refused(at: Visitor) -> int:
    return at.send("/people/invite", {"name": "", "email": "no address"})


def invitation_link(at: Visitor) -> int:
    given = {"name": "Kit", "email": f"{uuid4()}@practice.example", "role": "therapist"}
    return at.send("/people/invite", given)


def reset_that_waits(at: Visitor) -> int:
    ask_reset(at)
    return at.open("/account")


def reset_link(at: Visitor) -> int:
    return at.send("/account", action=f"/account/resets/{ask_reset(at)}/grant")


def ask_reset(at: Visitor) -> str:
    """The id of a reset that a colleague asked for and the administrator may grant."""
    admin, owner = at.site.actor(Role.ADMIN), at.site.actor(Role.THERAPIST, "Ana")
    with at.site.app.app_context():
        asker = builders.add_actor(admin.practice_id, Role.ADMIN, f"{uuid4()} Colleague")
        return resets.ask_reset(asker, owner.user_id).id


def wall_step(at: Visitor) -> int:
    return at.open(at.of_case("/walls/restrict"))


def wall_step_refused(at: Visitor) -> int:
    return at.send(at.of_case("/walls/hold"), {"reason": "Court"})


def release_refused(at: Visitor) -> int:
    return at.send(at.of_case("/releases/new"), {"recipient": ""})


def release_to_sign(at: Visitor) -> int:
    with at.site.app.app_context():
        release = builders.add_release(at.site.actor(Role.THERAPIST, "Ana"), at.case_id, signed=False)
    return at.open(f"/releases/{release.id}")


def release_to_revoke(at: Visitor) -> int:
    with at.site.app.app_context():
        release = builders.add_release(at.site.actor(Role.THERAPIST, "Ana"), at.case_id)
    return at.open(f"/releases/{release.id}/revoke")


def request_with_tasks(at: Visitor) -> int:
    order = Asking(RequestKind.SUBPOENA, AskedBy.LAWYER, "A lawyer", "All that is there", clock.now().date())
    with at.site.app.app_context():
        found = requests.record_request(at.site.actor(Role.THERAPIST, "Ana"), at.case_id, order)
    return at.open(f"/requests/{found.id}")


def consents(at: Visitor) -> int:
    return at.open(at.of_case("/releases"))


def conflict_check_refused(at: Visitor) -> int:
    return at.send(at.of_case("/conflict-check"), {"name": "Corvin"})


def retention(at: Visitor) -> int:
    return at.open("/practice/retention")


def retention_refused(at: Visitor) -> int:
    return at.send("/practice/retention/change", {"after_service": "0", "source": ""})


def account_to_end(at: Visitor) -> int:
    return at.open(f"/people/{at.site.actor(Role.THERAPIST, 'Ana').user_id}/end")


def supervision_refused(at: Visitor) -> int:
    return at.send("/people/supervision", {"since": ""})


def elsewhere_refused(at: Visitor) -> int:
    return at.send(at.of_case("/elsewhere/new"), {"name": "Somebody"})


def elsewhere_by_a_long_name(at: Visitor) -> int:
    with at.site.app.app_context():
        actor = at.site.actor(Role.THERAPIST, "Ana")
        case = builders.add_case(actor)
        proxies.save_concern(actor, case.id, Concern("Søren Łukasz Vandenberghe-O’Shaughnessy"), version=0)
        builders.add_proxy(actor, case.id)
    return at.open(f"/cases/{case.id}/elsewhere")


def import_refused(at: Visitor) -> int:
    return at.send(at.of_case("/import"), {"system": "Harbour records"})


def import_without_a_choice(at: Visitor) -> int:
    file_beside_the_case(at)
    take = at.page.evaluate("[...document.forms].map(f => new URL(f.action).pathname).find(p => p.endsWith('/take'))")
    return at.send_from_here(take, {})


def export_not_filled_in(at: Visitor) -> int:
    export_confirmation(at)
    return at.send_from_here(at.of_case("/export/make"), {})


def registered(at: Visitor) -> str:
    """The page of a system with a long name that may ask for much."""
    scope = "system/Appointment.rs system/DocumentReference.rs system/Observation.rs system/QuestionnaireResponse.rs"
    draft = ClientDraft(read_scopes(scope, RESOURCES), "https://archives-electroniques.example/.well-known/jwks.json")
    with at.site.app.app_context():
        name, email = "Société d'Archives Électroniques Łódź", f"{uuid4()}@archives.example"
        made = machine_clients.register_client(at.site.actor(Role.ADMIN), name, email, draft)
    return f"/people/systems/{made.id}"


def systems(at: Visitor) -> int:
    registered(at)
    return at.open("/people/systems")


def system(at: Visitor) -> int:
    return at.open(registered(at))


def system_not_registered(at: Visitor) -> int:
    return at.send("/people/systems/new", {"name": "", "key_url": "http://here", "keys": "{}"})


def system_not_changed(at: Visitor) -> int:
    return at.send(registered(at), {"scope": "user/*.rs"})


def second_reader_refused(at: Visitor) -> int:
    return at.send("/practice/second-readers")


def conflicts_that_wait(at: Visitor) -> int:
    with at.site.app.app_context():
        ana, jonas = (at.site.actor(Role.THERAPIST, each) for each in ("Ana", "Jonas"))
        builders.add_case(jonas, chosen_name="Ottilie Wrenfield")
        conflicts.check_other(ana, at.case_id, "Ottilie Wrenfield", None)
    return at.open("/conflicts")


# What to reach, by whom, and the status that its address answers with.
States = tuple[tuple[Callable[[Visitor], int], int], ...]
OF_NOBODY: States = (
    (sign_in, 200),
    (sign_in_refused, 422),
    (link, 200),
    (link_used_up, 404),
    (choose_password, 200),
    (choose_password_refused, 422),
)
OF_THERAPIST: States = (
    (unlock, 200),
    (unlock_refused, 422),
    (step_up, 200),
    (step_up_refused, 422),
    (not_found, 404),
    (not_allowed, 403),
    (client_refused, 422),
    (client_changed_meanwhile, 409),
    (log_refused, 422),
    (log_result, 200),
    (correction_refused, 422),
    (session_refused, 422),
    (goal_refused, 422),
    (follow_up_refused, 422),
    (two_texts, 409),
    (text_for_a_signed_note, 409),
    (text_not_chosen, 422),
    (report_preview, 200),
    (report_refused, 422),
    (copy_refused, 422),
    (plan_marked, 200),
    (plan_versions, 200),
    (plan_side_by_side, 200),
    (copy_with_finds, 422),
    (summary_with_finds, 422),
    (contact_plan, 200),
    (contact_plan_before, 200),
    (boundary_not_now, 422),
    (tool_refused, 422),
    (person_refused, 422),
    (network, 200),
    (review_copy, 200),
    (note_that_stays, 200),
    (export_confirmation, 200),
    (export_receipt, 200),
    (export_refused_by_a_match, 422),
    (file_beside_the_case, 200),
    (plan_editor, 200),
    (plan_to_use, 200),
    (note_to_sign, 200),
    (note_to_read, 200),
    (cases_found, 200),
    (no_case_found, 200),
    (wall_step, 200),
    (wall_step_refused, 422),
    (release_refused, 422),
    (release_to_sign, 200),
    (release_to_revoke, 200),
    (request_with_tasks, 200),
    (consents, 200),
    (conflict_check_refused, 422),
    (elsewhere_refused, 422),
    (elsewhere_by_a_long_name, 200),
    (import_refused, 422),
    (import_without_a_choice, 422),
    (export_not_filled_in, 422),
)
OF_SUPERVISOR: States = ((conflicts_that_wait, 200),)
OF_ADMIN: States = (
    (invitation_refused, 422),
    (invitation_link, 200),
    (reset_that_waits, 200),
    (reset_link, 200),
    (retention, 200),
    (retention_refused, 422),
    (account_to_end, 200),
    (supervision_refused, 422),
    (systems, 200),
    (system, 200),
    (system_not_registered, 422),
    (system_not_changed, 422),
    (second_reader_refused, 422),
)
BY_ROLE: tuple[tuple[Role | None, States], ...] = (
    (None, OF_NOBODY),
    (Role.THERAPIST, OF_THERAPIST),
    (Role.SUPERVISOR, OF_SUPERVISOR),
    (Role.ADMIN, OF_ADMIN),
)
EVERY_STATE = [
    pytest.param(role, reach, status, id=reach.__name__) for role, states in BY_ROLE for reach, status in states
]


@pytest.mark.parametrize(("role", "reach", "status"), EVERY_STATE)
def test_a_state_that_no_link_leads_to_is_sound(
    visitor: Visitor, heard: list[str], role: Role | None, reach: Callable[[Visitor], int], status: int
) -> None:
    visitor.come_as(role)
    assert reach(visitor) == status
    found = flaws(visitor.page.content())
    for scheme in ("light", "dark"):
        visitor.page.emulate_media(color_scheme=scheme)
        for width in WIDTHS:
            visitor.page.set_viewport_size({"width": width, "height": 900})
            found += problems_of(visitor.page, f"{reach.__name__} at {width}, {scheme}")
            picture(visitor.page, f"state-{reach.__name__}-{width}-{scheme}")
    assert found == []
