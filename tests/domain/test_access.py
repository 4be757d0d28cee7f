"""The permission table: what it names, what it hides, and that refusing wins."""

import itertools

import pytest

from schemas.actions import Action
from schemas.vocabulary import CaseState, Relation, Role
from service.domain.access import RULES, CaseFacts, decide, needs_step_up, role_may

OPEN = frozenset({CaseState.OPEN})
CELLS = list(itertools.product(Action, Role, Relation, CaseState))


def allowed(action: Action, role: Role, relation: Relation, *states: CaseState) -> bool:
    return decide(action, role, CaseFacts(relation, frozenset(states) or OPEN)).allowed


def test_every_action_has_a_rule() -> None:
    assert set(RULES) == set(Action)


def test_an_unknown_action_is_refused_and_hidden() -> None:
    decision = decide("case:teleport", Role.THERAPIST, CaseFacts(Relation.OWNER, OPEN))  # type: ignore[arg-type]
    assert (decision.allowed, decision.hidden) == (False, True)


@pytest.mark.parametrize("role", list(Role))
def test_a_block_beats_every_role(role: Role) -> None:
    assert not any(allowed(action, role, Relation.BLOCKED) for action in Action)


def test_nothing_is_allowed_on_a_purged_case() -> None:
    cells = [cell for cell in CELLS if allowed(cell[0], cell[1], cell[2], CaseState.PURGED)]
    assert cells == []


def test_an_administrator_holds_no_action_on_any_case() -> None:
    on_cases = [cell for cell in CELLS if cell[1] is Role.ADMIN and cell[2] is not Relation.NONE]
    assert not any(allowed(*cell) for cell in on_cases)


def test_a_restricted_case_is_open_to_named_clinicians_only() -> None:
    may_read = {
        (role, relation)
        for role, relation in itertools.product(Role, Relation)
        if allowed(Action.CASE_READ, role, relation, CaseState.OPEN, CaseState.SEALED)
    }
    named = {Relation.OWNER, Relation.COVER}
    assert may_read == set(itertools.product({Role.THERAPIST, Role.SUPERVISOR}, named))


def test_a_closed_case_can_be_read_but_not_written() -> None:
    assert allowed(Action.CASE_READ, Role.THERAPIST, Relation.OWNER, CaseState.CLOSED)
    assert allowed(Action.NOTE_ADDENDUM, Role.THERAPIST, Relation.OWNER, CaseState.CLOSED)
    decision = decide(Action.SESSION_WRITE, Role.THERAPIST, CaseFacts(Relation.OWNER, frozenset({CaseState.CLOSED})))
    assert (decision.allowed, decision.hidden, decision.why) == (False, False, "case state")


BY_NAME = [action for action, rule in RULES.items() if rule.by_name]


@pytest.mark.parametrize("action", BY_NAME)
def test_what_is_for_those_it_names_is_not_there_for_anybody_else(action: Action) -> None:
    for role, relation in itertools.product(Role, Relation):
        decision = decide(action, role, CaseFacts(relation, OPEN))
        assert (decision.allowed, decision.hidden) == (False, True)
    named = {
        (role, relation)
        for role, relation in itertools.product(Role, Relation)
        if decide(action, role, CaseFacts(relation, OPEN, named=True)).allowed
    }
    assert named == {(role, relation) for role, found in RULES[action].grants.items() for relation in found}


def test_a_supervisor_reads_what_is_supervised_and_changes_no_text_of_it() -> None:
    granted = {action for action in Action if allowed(action, Role.SUPERVISOR, Relation.SUPERVISES)}
    assert granted == {
        Action.CASE_READ,
        Action.CASE_ASSIGN,
        Action.CASE_PASS,
        Action.CASE_CLOSE_COSIGN,
        Action.SESSION_READ,
        Action.NOTE_READ,
        Action.NOTE_COSIGN,
        Action.NOTE_RETURN,
        Action.NOTE_SECOND_READ,
        Action.NOTE_HIDDEN_READ,
        Action.JOINT_DECIDE,
        Action.INTAKE_READ,
        Action.HANDOVER_READ,
        Action.PROGRAMME_READ,
        Action.PLAN_READ,
        Action.EVENT_READ,
        Action.EVENT_SECOND_READ,
        Action.REQUEST_READ,
        Action.REQUEST_RELEASE,
        Action.WALLS_READ,
        Action.SYSTEM_READ,
        Action.CASE_RESTRICT,
        Action.CASE_BLOCK,
        Action.CASE_HOLD,
        Action.HOLD_LIFT,
        Action.GLASS_SEEN,
        Action.RELEASE_READ,
        Action.SUMMARY_READ,
        Action.DISCLOSURE_READ,
        Action.CONFLICT_READ,
        Action.DIAGNOSIS_READ,
        Action.FHIR_READ,
    }


def test_a_connected_system_reads_and_sends_for_linked_cases_and_nothing_else() -> None:
    granted = {(cell[0], cell[2]) for cell in CELLS if cell[1] is Role.MACHINE and allowed(*cell)}
    assert granted == {
        (Action.FHIR_READ, Relation.LINKED),
        (Action.INTAKE_SEND, Relation.LINKED),
        (Action.FHIR_DIRECTORY, Relation.NONE),
        (Action.TOKEN_ISSUE, Relation.NONE),
        (Action.BULK_START, Relation.NONE),
        (Action.BULK_CASE, Relation.LINKED),
    }


def test_what_may_not_be_known_is_hidden_and_what_is_known_is_refused_openly() -> None:
    colleague = decide(Action.NOTE_WRITE, Role.THERAPIST, CaseFacts(Relation.COLLEAGUE, OPEN))
    supervisor = decide(Action.NOTE_WRITE, Role.SUPERVISOR, CaseFacts(Relation.SUPERVISES, OPEN))
    assert (colleague.hidden, supervisor.hidden) == (True, False)


def test_adding_a_state_never_grants_more() -> None:
    for action, role, relation, state in CELLS:
        if not allowed(action, role, relation, CaseState.OPEN):
            assert not allowed(action, role, relation, CaseState.OPEN, state)


def test_the_coarse_gate_lets_pass_whatever_the_table_could_allow() -> None:
    for action, role, relation, state in CELLS:
        if allowed(action, role, relation, state):
            assert role_may(action, role)


def test_exporting_and_managing_people_ask_for_a_fresh_confirmation() -> None:
    asked = {action for action in Action if needs_step_up(action)}
    assert {Action.EXPORT_MAKE, Action.PEOPLE_INVITE, Action.PEOPLE_RESET, Action.TOTP_ENROL} <= asked
    assert Action.CASE_READ not in asked
