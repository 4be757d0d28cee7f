"""The one permission table: action x role x relation x case state -> Decision.

Order of the checks: block > purge > seal > role and relation > name > state. What the table does not name is refused. A
refusal is
`hidden` when the asker may not even know that the case exists; the edges then answer as for a missing one.
Source of the rules: docs/reference/roles.md (kept equal to this table by a contract test).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from schemas.actions import Action
from schemas.vocabulary import CaseState, Relation, Role

R, C = Relation, CaseState

_MINE = frozenset({R.OWNER, R.COVER})
_MINE_OR_SUPERVISED = _MINE | {R.SUPERVISES}
_MAY_SECOND = _MINE_OR_SUPERVISED | {R.READER}
_NONE = frozenset({R.NONE})
# Nobody loses this by being asked for a second reading or a signature on the case.
_IN_NEED = frozenset({R.READER, R.COSIGNER, R.COLLEAGUE, R.NONE})

ALIVE = frozenset({C.OPEN, C.SEALED, C.HELD})
READABLE = ALIVE | {C.CLOSED}

Grants = Mapping[Role, frozenset[Relation]]


@dataclass(frozen=True)
class Rule:
    """Who may, in which relation, while the case is in which states; `step_up` asks for a fresh confirmation of
    identity. `by_name`: only for whom the record in hand names, and for everybody else it is not there.
    """

    grants: Grants
    states: frozenset[CaseState] = READABLE
    step_up: bool = False
    by_name: bool = False


@dataclass(frozen=True)
class Decision:
    """The answer, why, and whether a refusal must look like a missing record."""

    allowed: bool
    why: str
    hidden: bool = False


@dataclass(frozen=True)
class CaseFacts:
    """What permission needs to know of one case, for one actor. `named`: the record in hand names the actor (as its
    author, as one of the two who met, as the one it was opened to).
    """

    relation: Relation
    states: frozenset[CaseState] = field(default_factory=frozenset)
    named: bool = False


def _clinical(relations: frozenset[Relation]) -> Grants:
    return {Role.THERAPIST: relations - {R.SUPERVISES}, Role.SUPERVISOR: relations}


def _anyone(*roles: Role) -> Grants:
    return dict.fromkeys(roles, _NONE)


_EVERYBODY = _anyone(Role.THERAPIST, Role.SUPERVISOR, Role.ADMIN)
_CLINICIANS = _anyone(Role.THERAPIST, Role.SUPERVISOR)
_ADMINS = _anyone(Role.ADMIN)
# Who answers for the forms of a practice; the operator does so at the command line.
_REGISTRARS = Rule(_anyone(Role.SUPERVISOR, Role.ADMIN, Role.SYSTEM))
# Who may stand beside an administrator where one alone must not act.
_SECOND_PERSONS = Rule(_anyone(Role.SUPERVISOR, Role.ADMIN))
_READ = Rule(_clinical(_MINE_OR_SUPERVISED))
# What a colleague needs in an emergency: to read what was said and agreed, for an hour, and to write nothing.
_READ_IN_NEED = Rule(_clinical(_MINE_OR_SUPERVISED | {R.GLASS}))
# Who answers for a case: its therapist, and who supervises that therapist.
_ANSWERS = _clinical(frozenset({R.OWNER, R.SUPERVISES}))
_WRITE = Rule(_clinical(_MINE), ALIVE)
# Whoever cosigns the author, however they stand to the case; casework/cosigning.py says for which note.
_COSIGNING = Rule({Role.SUPERVISOR: _MINE_OR_SUPERVISED | {R.READER, R.COSIGNER, R.GLASS}}, READABLE)
# A client may answer, sign or revoke after the case is closed, and a record may leave then too.
_EVEN_CLOSED = Rule(_clinical(_MINE))
# The screen acts for the therapist who handed it over, so it stands to the case as that therapist does.
_ON_THE_CLIENTS_SCREEN = Rule({Role.HANDOVER: _MINE}, ALIVE)

RULES: Mapping[Action, Rule] = {
    Action.SIGN_IN: Rule(_EVERYBODY),
    Action.SIGN_OUT: Rule(_EVERYBODY),
    Action.LOCK: Rule(_EVERYBODY),
    Action.UNLOCK: Rule(_EVERYBODY),
    Action.STEP_UP: Rule(_EVERYBODY),
    Action.PASSWORD_SET: Rule(_EVERYBODY),
    Action.TOTP_ENROL: Rule(_EVERYBODY, step_up=True),
    Action.ACCOUNT_READ: Rule(_EVERYBODY),
    Action.RESET_SEEN: Rule(_EVERYBODY),
    Action.SUPERVISION_ANSWER: Rule(_CLINICIANS),
    Action.SESSIONS_END: Rule(_EVERYBODY),
    Action.PEOPLE_READ: Rule(_ADMINS),
    Action.PEOPLE_INVITE: Rule(_ADMINS, step_up=True),
    Action.PEOPLE_RESET: Rule(_ADMINS, step_up=True),
    Action.RESET_LIST: _SECOND_PERSONS,
    Action.RESET_GRANT: Rule(_SECOND_PERSONS.grants, step_up=True),
    Action.RESET_REFUSE: _SECOND_PERSONS,
    Action.PEOPLE_END: Rule(_ADMINS, step_up=True),
    # Whoever asks or confirms holds no clinical read by it, and is told of no record.
    Action.SUCCESSION_ASK: Rule(_ADMINS, step_up=True),
    Action.SUCCESSION_READ: _SECOND_PERSONS,
    Action.SUCCESSION_CONFIRM: Rule(_SECOND_PERSONS.grants, step_up=True),
    Action.SUCCESSION_LEAVE: Rule(_SECOND_PERSONS.grants, step_up=True),
    Action.SUPERVISION_CHANGE: Rule(_ADMINS, step_up=True),
    Action.AUDIT_READ: Rule(_ADMINS),
    Action.MACHINE_READ: Rule(_ADMINS),
    Action.MACHINE_REGISTER: Rule(_ADMINS, step_up=True),
    Action.MACHINE_CHANGE: Rule(_ADMINS, step_up=True),
    Action.TOKEN_ISSUE: Rule(_anyone(Role.MACHINE)),
    Action.CASE_ACCESS: Rule({Role.SYSTEM: _NONE}),
    Action.SYSTEM_READ: _READ,
    # Who lets a system read answers for the case; whoever works on it may cut one off. None reads a restricted one.
    Action.SYSTEM_LINK: Rule(_clinical(frozenset({R.OWNER})), READABLE - {C.SEALED}, step_up=True),
    Action.SYSTEM_UNLINK: _EVEN_CLOSED,
    Action.DAY_READ: Rule(_CLINICIANS),
    Action.CASELOAD_READ: Rule(_CLINICIANS),
    Action.TEAM_READ: Rule(_anyone(Role.SUPERVISOR)),
    Action.CASE_FIND: Rule(_CLINICIANS),
    Action.CASE_OPEN: Rule(_CLINICIANS),
    Action.INSTRUMENT_READ: Rule(_EVERYBODY),
    Action.INSTRUMENT_IMPORT: _REGISTRARS,
    Action.INSTRUMENT_RETIRE: _REGISTRARS,
    Action.INSTRUMENT_THRESHOLD: _REGISTRARS,
    Action.RELIABILITY_READ: Rule(_EVERYBODY),
    Action.RELIABILITY_SET: Rule(_anyone(Role.SUPERVISOR, Role.ADMIN)),
    Action.CASE_READ: _READ_IN_NEED,
    Action.CASE_CHANGE: _WRITE,
    # Asked before anything leaves, and a record may leave when the case is closed.
    Action.RECORD_CHECK: _EVEN_CLOSED,
    # A closed case too: whoever covers it is the second person of requests, holds and purges, and the only one once its
    # therapist is away.
    Action.CASE_ASSIGN: Rule(_ANSWERS),
    # To whoever covers it already, so nobody is let in by this who was not let in before.
    Action.CASE_PASS: Rule(_ANSWERS, step_up=True),
    Action.CONFLICT_CHECK: _WRITE,
    Action.CONFLICT_READ: _READ,
    Action.CONFLICT_LIST: Rule(_anyone(Role.SUPERVISOR)),
    Action.CONFLICT_ANSWER: Rule(_anyone(Role.SUPERVISOR), by_name=True),
    Action.CASE_CLOSE: _WRITE,
    Action.CASE_CLOSE_COSIGN: Rule({Role.SUPERVISOR: frozenset({R.SUPERVISES})}, ALIVE),
    Action.CASE_REOPEN: Rule(_clinical(_MINE), frozenset({C.CLOSED, C.SEALED, C.HELD})),
    Action.EPISODE_MOVE: _WRITE,
    Action.TIMELINE_EXPORT: Rule(_clinical(_MINE), READABLE, step_up=True),
    Action.GOAL_WRITE: _WRITE,
    Action.DIAGNOSIS_READ: _READ_IN_NEED,
    Action.DIAGNOSIS_WRITE: _WRITE,
    Action.DIAGNOSIS_ERROR: Rule(_clinical(_MINE), READABLE),
    Action.SESSION_READ: _READ_IN_NEED,
    Action.SESSION_WRITE: _WRITE,
    Action.SESSION_WRITE_UP: _WRITE,
    Action.GROUP_RECORD: _WRITE,
    Action.NOTE_READ: _READ_IN_NEED,
    Action.NOTE_WRITE: _WRITE,
    Action.NOTE_SIGN: Rule(_clinical(_MINE), READABLE),
    # A find says who the other person is and how they are reached, so it goes to nobody who may not read that.
    Action.FINDS_READ: _EVEN_CLOSED,
    Action.FINDS_CONFIRM: _EVEN_CLOSED,
    Action.NOTE_ADDENDUM: Rule(_clinical(_MINE), READABLE),
    Action.PSYCHOTHERAPY_READ: Rule(_clinical(_MINE)),
    Action.PSYCHOTHERAPY_WRITE: _WRITE,
    Action.PSYCHOTHERAPY_GRANT: Rule(_clinical(_MINE), step_up=True, by_name=True),
    Action.PSYCHOTHERAPY_WITHDRAW: Rule(_clinical(_MINE), by_name=True),
    Action.PSYCHOTHERAPY_OPEN: Rule({Role.SUPERVISOR: frozenset({R.SUPERVISES})}, by_name=True),
    Action.PSYCHOTHERAPY_OPENED: Rule(_anyone(Role.SUPERVISOR)),
    Action.NOTE_COSIGN: _COSIGNING,
    Action.NOTE_RETURN: _COSIGNING,
    Action.NOTE_ERROR: Rule(_clinical(_MINE), READABLE),
    Action.NOTE_SECOND_READ: Rule(_clinical(_MAY_SECOND)),
    Action.NOTE_HIDDEN_READ: _READ,
    Action.AMENDMENT_ASK: Rule(_clinical(_MINE), READABLE),
    Action.AMENDMENT_ANSWER: Rule(_clinical(_MINE), READABLE),
    Action.DISAGREEMENT_KEEP: Rule(_clinical(_MINE), READABLE),
    Action.FLAGS_CHANGE: Rule(_ADMINS, step_up=True),
    Action.NOTE_POLICY: Rule(_ADMINS, step_up=True),
    Action.JOINT_ASK: _WRITE,
    Action.JOINT_DECIDE: Rule({Role.SUPERVISOR: frozenset({R.SUPERVISES})}, ALIVE),
    Action.WORKLIST_READ: Rule(_CLINICIANS),
    Action.SUPERVISION_LIST: Rule(_CLINICIANS),
    Action.SUPERVISION_ADD: Rule(_CLINICIANS),
    Action.SUPERVISION_READ: Rule(_CLINICIANS, by_name=True),
    Action.SUPERVISION_WRITE: Rule(_CLINICIANS, by_name=True),
    Action.SUPERVISION_COPY: Rule(_CLINICIANS, by_name=True),
    Action.SUPERVISION_TARGET: Rule(_anyone(Role.SUPERVISOR), by_name=True),
    Action.INTAKE_READ: _READ_IN_NEED,
    Action.INTAKE_SUBMIT: _WRITE,
    # A connected system by its own scope besides, and only what a client may fill in alone.
    Action.INTAKE_SEND: Rule({**_clinical(_MINE), Role.MACHINE: frozenset({R.LINKED})}, ALIVE),
    Action.INTAKE_AMEND: _WRITE,
    Action.INTAKE_DECLINE: _WRITE,
    Action.SCHEDULE_SET: _WRITE,
    Action.HANDOVER_MAKE: _WRITE,
    Action.HANDOVER_READ: Rule({**_clinical(_MINE_OR_SUPERVISED), Role.HANDOVER: _MINE}),
    Action.HANDOVER_END: Rule(_clinical(_MINE), READABLE),
    Action.HANDOVER_TAKE: _WRITE,
    Action.HANDOVER_OPEN: _ON_THE_CLIENTS_SCREEN,
    Action.HANDOVER_ANSWER: _ON_THE_CLIENTS_SCREEN,
    Action.HANDOVER_FINISH: _ON_THE_CLIENTS_SCREEN,
    Action.HANDOVER_LEAVE: Rule({Role.HANDOVER: _MINE, Role.SYSTEM: _NONE}, READABLE),
    Action.PROGRAMME_DEFINITION: Rule(_CLINICIANS),
    Action.PROGRAMME_READ: _READ,
    Action.PROGRAMME_WRITE: _WRITE,
    Action.PLAN_READ: _READ_IN_NEED,
    Action.PLAN_WRITE: _WRITE,
    Action.PLAN_ACTIVATE: _WRITE,
    Action.PLAN_COPY: Rule(_clinical(_MINE), READABLE),
    Action.PLAN_SUMMARY: Rule(_clinical(_MINE), READABLE, step_up=True),
    Action.REVIEW_COPY: Rule(_clinical(_MINE), READABLE),
    Action.EVENT_READ: _READ_IN_NEED,
    Action.CONTACT_PLAN_WRITE: _WRITE,
    Action.CONTACT_PLAN_ACTIVATE: _WRITE,
    Action.TOOLKIT_WRITE: _WRITE,
    Action.NETWORK_WRITE: _WRITE,
    Action.EVENT_OPEN: _WRITE,
    Action.EVENT_DISPOSE: Rule(_clinical(_MINE), READABLE),
    Action.EVENT_ERROR: Rule(_clinical(_MINE), READABLE),
    Action.EVENT_SECOND_READ: Rule(_clinical(_MAY_SECOND), READABLE),
    Action.READINGS_LIST: Rule(_CLINICIANS),
    Action.READINGS_LATE: Rule(_ADMINS),
    Action.CRISIS_READ: Rule(_EVERYBODY),
    Action.CRISIS_CHANGE: Rule(_ADMINS, step_up=True),
    Action.READERS_CHANGE: Rule(_ADMINS, step_up=True),
    Action.REPORT_MAKE: Rule(_clinical(_MINE), READABLE),
    Action.SUMMARY_READ: _READ,
    Action.SUMMARY_MAKE: Rule(_clinical(_MINE), READABLE, step_up=True),
    Action.EXPORT_PREVIEW: Rule(_clinical(_MINE), READABLE),
    Action.EXPORT_MAKE: Rule(_clinical(_MINE), READABLE, step_up=True),
    Action.REQUEST_READ: _READ,
    Action.REQUEST_WRITE: _EVEN_CLOSED,
    Action.REQUEST_RELEASE: Rule(_clinical(_MINE_OR_SUPERVISED), step_up=True),
    Action.WALLS_READ: _READ,
    Action.CASE_RESTRICT: Rule(_ANSWERS, step_up=True),
    Action.CASE_BLOCK: Rule(_ANSWERS, step_up=True),
    Action.CASE_HOLD: Rule(_ANSWERS, step_up=True),
    Action.HOLD_LIFT: Rule(_clinical(_MINE_OR_SUPERVISED), step_up=True),
    Action.CASE_PURGE: Rule(_clinical(_MINE_OR_SUPERVISED), READABLE - {C.OPEN}, step_up=True),
    Action.CASE_BREAK: Rule(dict.fromkeys((Role.THERAPIST, Role.SUPERVISOR), _IN_NEED), step_up=True),
    Action.GLASS_SEEN: _READ,
    Action.RETENTION_READ: Rule(_anyone(Role.SUPERVISOR, Role.ADMIN)),
    Action.RETENTION_CHANGE: Rule(_ADMINS, step_up=True),
    Action.RELEASE_READ: _READ,
    Action.RELEASE_WRITE: _EVEN_CLOSED,
    Action.CONSENT_RECORD: _EVEN_CLOSED,
    Action.RECORD_IMPORT: _WRITE,
    # Who the other person is stays with whoever works on the case.
    Action.PROXY_READ: _EVEN_CLOSED,
    Action.PROXY_WRITE: _EVEN_CLOSED,
    Action.DISCLOSURE_READ: _READ,
    Action.DISCLOSURE_RECORD: _EVEN_CLOSED,
    Action.FHIR_READ: Rule({**_clinical(_MINE_OR_SUPERVISED), Role.MACHINE: frozenset({R.LINKED})}),
    Action.FHIR_DIRECTORY: Rule(_anyone(Role.THERAPIST, Role.SUPERVISOR, Role.MACHINE)),
    Action.BULK_START: Rule(_anyone(Role.MACHINE)),
    Action.BULK_CASE: Rule({Role.MACHINE: frozenset({R.LINKED})}),
    Action.BULK_READ: Rule(_anyone(Role.MACHINE), by_name=True),
    Action.BULK_END: Rule(_anyone(Role.MACHINE, Role.SYSTEM), by_name=True),
    Action.FHIR_BUILD: Rule({Role.SYSTEM: frozenset({R.NONE})}),
}

_WRITES_WHEN_CLOSED = frozenset(
    {
        Action.CASE_REOPEN,
        Action.CASE_ASSIGN,
        Action.CASE_PASS,
        Action.RECORD_CHECK,
        Action.NOTE_SIGN,
        Action.NOTE_ADDENDUM,
        Action.PSYCHOTHERAPY_GRANT,
        Action.PSYCHOTHERAPY_WITHDRAW,
        Action.NOTE_COSIGN,
        Action.NOTE_RETURN,
        Action.NOTE_ERROR,
        Action.NOTE_SECOND_READ,
        Action.AMENDMENT_ASK,
        Action.AMENDMENT_ANSWER,
        Action.DISAGREEMENT_KEEP,
        Action.EVENT_DISPOSE,
        Action.HANDOVER_END,
        Action.HANDOVER_LEAVE,
        Action.DIAGNOSIS_ERROR,
        Action.EVENT_ERROR,
        Action.EVENT_SECOND_READ,
        Action.SYSTEM_LINK,
        Action.SYSTEM_UNLINK,
        Action.RELEASE_WRITE,
        Action.CONSENT_RECORD,
        Action.PROXY_WRITE,
        Action.DISCLOSURE_RECORD,
        Action.REQUEST_WRITE,
        Action.REQUEST_RELEASE,
        Action.CASE_RESTRICT,
        Action.CASE_BLOCK,
        Action.CASE_HOLD,
        Action.HOLD_LIFT,
        Action.CASE_PURGE,
        Action.REPORT_MAKE,
        Action.SUMMARY_MAKE,
        Action.EXPORT_MAKE,
        Action.PLAN_COPY,
        Action.PLAN_SUMMARY,
        Action.TIMELINE_EXPORT,
        Action.REVIEW_COPY,
    }
)
_ALLOWED = Decision(allowed=True, why="granted")


def decide(action: Action, role: Role, facts: CaseFacts) -> Decision:
    """May somebody in `role`, standing in `facts.relation` to a case in `facts.states`, do `action`?"""
    rule = RULES.get(action)
    if rule is None:
        return Decision(allowed=False, why="unknown action", hidden=True)
    if facts.relation is R.BLOCKED:
        return Decision(allowed=False, why="blocked", hidden=True)
    if C.PURGED in facts.states:
        return Decision(allowed=False, why="purged", hidden=True)
    if C.SEALED in facts.states and facts.relation not in _MINE:
        return Decision(allowed=False, why="restricted", hidden=True)
    if facts.relation not in rule.grants.get(role, frozenset()):
        return Decision(allowed=False, why="not granted", hidden=rule.by_name or not _may_know(role, facts.relation))
    if rule.by_name and not facts.named:
        return Decision(allowed=False, why="not named", hidden=True)
    if not facts.states <= rule.states:
        return Decision(allowed=False, why="case state")
    return _ALLOWED


def allowed_on(role: Role, facts: CaseFacts) -> frozenset[str]:
    """Everything that somebody in `role` may do with this case: pages show or leave out their buttons by it."""
    return frozenset(action for action in RULES if decide(action, role, facts).allowed)


def role_may(action: Action, role: Role) -> bool:
    """The coarse gate: could this role ever do this?"""
    rule = RULES.get(action)
    return rule is not None and role in rule.grants


def changes(action: Action) -> bool:
    """Whether `action` writes to a case, so that the case must be held still meanwhile."""
    rule = RULES.get(action)
    return rule is not None and (rule.states == ALIVE or action in _WRITES_WHEN_CLOSED)


def needs_step_up(action: Action) -> bool:
    """Whether `action` asks for a confirmation of identity within the last minutes."""
    rule = RULES.get(action)
    return rule is not None and rule.step_up


def _may_know(role: Role, relation: Relation) -> bool:
    return relation is R.NONE or relation in RULES[Action.CASE_READ].grants.get(role, frozenset())
