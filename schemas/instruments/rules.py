"""What an imported form says of its items beyond the questions themselves: when they are asked, what must be answered,
what is worked out and with which expressions.

Own instruments need none of it. Expressions are FHIRPath and stay text here; service/fhirpath evaluates them.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from schemas.instruments.kinds import LATER, require
from schemas.instruments.value import Single


class Operator(StrEnum):
    """The comparisons of FHIR R4 enableWhen."""

    EXISTS = "exists"
    EQUALS = "="
    DIFFERS = "!="
    ABOVE = ">"
    BELOW = "<"
    AT_LEAST = ">="
    AT_MOST = "<="


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True)
class Test:
    """One comparison with the answers of another item. `value` is in the form of that item's answers (an option's
    code, a number, ISO text), True or False for `exists`.
    """

    __test__ = False  # no test class, whatever its name

    item: str
    operator: Operator
    value: Single


@dataclass(frozen=True)
class Shown:
    """When an item is asked: all (or `any`) of the tests hold, or the expression gives true."""

    tests: tuple[Test, ...] = ()
    any: bool = False
    expression: str = ""

    def __post_init__(self) -> None:
        require(bool(self.tests) != bool(self.expression), "an item is shown by tests or by an expression")


@dataclass(frozen=True)
class Constraint:
    """What must hold of the answers; `human` is said where it does not."""

    key: str
    severity: Severity
    human: str
    expression: str


@dataclass(frozen=True)
class Variable:
    """A named expression that the expressions below its item may use; later ones may use earlier ones."""

    name: str
    expression: str


@dataclass(frozen=True)
class Rules:
    """`initial` are values offered when the form is opened: only where the form itself says so. `extract`: the form
    asks for its answer as an Observation of its own.
    """

    required: bool = field(default=False, metadata=LATER)
    read_only: bool = field(default=False, metadata=LATER)
    hidden: bool = field(default=False, metadata=LATER)
    extract: bool = field(default=False, metadata=LATER)
    shown: Shown | None = None
    calculated: str = ""
    initial_expression: str = ""
    initial: tuple[Single, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    variables: tuple[Variable, ...] = ()
    prefix: str = ""
    help: str = ""
    control: str = ""

    @property
    def fixed(self) -> bool:
        """Whether the form sets the value itself; nobody answers such an item."""
        return self.read_only or bool(self.calculated)


@dataclass(frozen=True)
class Translation:
    """Texts of the form in another language (BCP 47), by place: `title`, `item.KEY`, `help.KEY`, `option.KEY.CODE`."""

    language: str
    texts: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Origin:
    """Where an imported form comes from, as the form itself says."""

    url: str
    version: str
    publisher: str = ""
    copyright: str = ""
    language: str = ""
    variables: tuple[Variable, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    translations: tuple[Translation, ...] = ()
