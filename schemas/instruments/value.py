"""What one answer is made of, whatever the form."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Amount:
    """A number with the code of its unit ("" where the question has none)."""

    number: Decimal
    unit: str = ""


Single = str | int | bool | Decimal | Amount
