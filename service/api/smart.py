"""SMART Backend Services: where a connected system learns how to ask for a token, and where it asks.

https://hl7.org/fhir/smart-app-launch/backend-services.html and RFC 6749, 7523.

Rule: errors here are those of RFC 6749, never FHIR; nothing that is answered may be kept by anybody on the way.
"""

from flask import Blueprint, Flask, Response, current_app, jsonify, request
from werkzeug.exceptions import HTTPException

from service.api.fhir import PREFIX
from service.casework import machine_clients
from service.casework.machine_clients import TokenRequest
from service.domain.scopes import CREATE, WRITTEN, read_scopes
from service.domain.signatures import ALGORITHMS
from service.errors import Invalid, NotAllowed, NotFound, StepwellError, Unavailable, Why
from service.fhir import RESOURCES, publish
from service.guard import public, request_id

AUTH_PATH = "/auth/token"
GRANT = "client_credentials"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
WAIT_SECONDS = "60"
ALLOWED = frozenset({"grant_type", "scope", "client_assertion_type", "client_assertion"})
_CODES = {"grant_type": "unsupported_grant_type", "scope": "invalid_scope"}

smart = Blueprint("smart", __name__, url_prefix=PREFIX)


def register(app: Flask) -> None:
    app.register_blueprint(smart)
    app.extensions["stepwell.problems"][f"{PREFIX}{AUTH_PATH}"] = answer_problem


@smart.get("/.well-known/smart-configuration")
@public("a connecting system reads where to ask for a token before it has one; it holds no record")
def configuration() -> Response:
    answer = jsonify(
        token_endpoint=token_endpoint(),
        token_endpoint_auth_methods_supported=["private_key_jwt"],
        token_endpoint_auth_signing_alg_values_supported=list(ALGORITHMS),
        grant_types_supported=[GRANT],
        scopes_supported=["system/*.rs", *(f"system/{each}.rs" for each in RESOURCES), f"system/{WRITTEN}.{CREATE}"],
        response_types_supported=[],
        code_challenge_methods_supported=["S256"],
        capabilities=["client-confidential-asymmetric", "permission-v2"],
    )
    answer.headers["Access-Control-Allow-Origin"] = "*"
    return answer


@smart.post(AUTH_PATH)
@public("a connected system proves here who it is, by its signature and without a cookie", cookieless=True)
def token() -> Response:
    given = {name: _once(name) for name in ALLOWED}
    if given["grant_type"] != GRANT:
        raise Invalid("Only client_credentials is granted here.", {"grant_type": "not supported"})
    if given["client_assertion_type"] != ASSERTION_TYPE:
        raise Invalid("Send a signed assertion.", {"client_assertion_type": "not supported"})
    asked = TokenRequest(
        given["client_assertion"],
        read_scopes(given["scope"], RESOURCES),
        token_endpoint(),
        request.remote_addr or "",
        request_id(),
    )
    issued = machine_clients.issue_token(asked)
    told = {
        "access_token": issued.token,
        "token_type": "bearer",
        "expires_in": issued.expires_in,
        "scope": issued.scopes,
    }
    return _kept_nowhere(jsonify(told))


def token_endpoint() -> str:
    """Its absolute address, which is also the audience of every assertion."""
    return f"{publish.addresses().rest}{AUTH_PATH}"


def answer_problem(error: Exception) -> Response:
    """The error of RFC 6749 for anything raised at the token endpoint."""
    if isinstance(error, HTTPException) and not isinstance(error, StepwellError):
        return _error(error.code or 500, "invalid_request", error.name)
    match error:
        case NotAllowed(why=Why.TOO_MANY):
            answer = _error(429, "temporarily_unavailable", error.message)
            answer.headers["Retry-After"] = WAIT_SECONDS
            return answer
        case NotAllowed() | NotFound():
            return _error(401, "invalid_client", machine_clients.REFUSED)
        case Invalid():
            return _error(400, _CODES.get(next(iter(error.fields), ""), "invalid_request"), error.message)
        case Unavailable():
            return _error(503, "temporarily_unavailable", error.message)
        case _:
            current_app.logger.error("unexpected %s, reference %s", type(error).__name__, request_id())
            return _error(500, "server_error", f"This could not be done. Reference: {request_id()}")


def _once(name: str) -> str:
    values = request.form.getlist(name)
    if len(values) > 1:
        raise Invalid("A value is given twice.", {"body": "twice"})
    return values[0] if values else ""


def _error(status: int, code: str, words: str) -> Response:
    answer = jsonify(error=code, error_description=words)
    answer.status_code = status
    return _kept_nowhere(answer)


def _kept_nowhere(answer: Response) -> Response:
    answer.headers["Cache-Control"], answer.headers["Pragma"] = "no-store", "no-cache"
    answer.headers["Access-Control-Allow-Origin"] = "*"
    return answer
