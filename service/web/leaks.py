"""Finds of the leak guard on a page: errors stand at the list of finds, where they can be confirmed or taken out."""

from collections.abc import Iterator
from contextlib import contextmanager

from service.casework.leaks import WOULD_LEAVE
from service.errors import Invalid


@contextmanager
def told_at_the_finds() -> Iterator[None]:
    """The verb names each find; the page shows them all in one list, so the complaint stands there."""
    try:
        yield
    except Invalid as error:
        if error.message != WOULD_LEAVE:
            raise
        raise Invalid(error.message, {"confirmed": WOULD_LEAVE}) from error
