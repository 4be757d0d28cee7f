"""How the summaries of the demo practice are printed; where no PDF can be made there are none."""

from service.casework.demo_summaries import Paper, Printed
from service.domain.actors import Actor
from service.reports import render, treatment_summary
from service.reports.progress import Period
from service.reports.treatment_summary import Wanted


def printer() -> Printed | None:
    return _printed if render.available() else None


def _printed(actor: Actor, case_id: str, paper: Paper) -> None:
    """As its author makes it, or sends it to cosign."""
    wanted = Wanted(Period(paper.since, paper.until), paper.release_id, paper.needs, signed=True)
    step = treatment_summary.send if paper.waits else treatment_summary.make
    step(actor, case_id, wanted)
