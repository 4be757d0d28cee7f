"""Who could see the record elsewhere, and who the other person is."""

from collections.abc import Mapping

from schemas.actions import Action
from schemas.payload import Page, VersionOnly
from schemas.proxies import ConcernChangeSchema, ConcernRecord, ProxyChangeSchema, ProxyRecord, ProxySchema
from service.api.routes import Given, Listed, Routes, asks, listed, seen, takes
from service.casework import proxies
from service.casework.proxies import KnownProxy
from service.domain.cards import Card
from service.domain.proxies import Concern, Proxy
from service.guard import current_actor, needs

routes = Routes(
    "Proxies",
    "Who could see what arrives elsewhere, compared with the other person. While one of them may be the other person, "
    "nothing leaves but into the client's own hand, and a connected system reads nothing of the case.",
)


@routes.get("/cases/<id:case_id>/concern", ConcernRecord)
@needs(Action.PROXY_READ)
def read_concern(case_id: str) -> Card[Concern] | Mapping[str, object]:
    """Who the other person is; version 0 before anything was written."""
    return proxies.read_proxies(current_actor(), case_id).concern or {"words": None, "version": 0}


@routes.put("/cases/<id:case_id>/concern", ConcernRecord)
@needs(Action.PROXY_WRITE)
@takes(ConcernChangeSchema)
def save_concern(given: Given, case_id: str) -> Card[Concern]:
    """Say who the other person is. It never leaves the record."""
    version = seen(given)
    return proxies.save_concern(current_actor(), case_id, Concern(**given), version=version)


@routes.get("/cases/<id:case_id>/proxies", ProxyRecord, many=True)
@needs(Action.PROXY_READ)
@asks(Page)
def list_proxies(asked: Given, case_id: str) -> Listed:
    """Everybody who is known of, those in front whom nothing may reach."""
    return listed([_shown(each) for each in proxies.read_proxies(current_actor(), case_id).proxies], asked)


@routes.post("/cases/<id:case_id>/proxies", ProxyRecord, status=201)
@needs(Action.PROXY_WRITE)
@takes(ProxySchema)
def add_proxy(given: Given, case_id: str) -> Mapping[str, object]:
    """Add somebody, such as a proxy that the receiving system names."""
    return _shown(proxies.add_proxy(current_actor(), case_id, Proxy(**given)))


@routes.put("/proxies/<id:proxy_id>", ProxyRecord)
@needs(Action.PROXY_WRITE)
@takes(ProxyChangeSchema)
def save_proxy(given: Given, proxy_id: str) -> Mapping[str, object]:
    """Replace what is known of somebody, or say with `somebody_else` why a match is another person."""
    version = seen(given)
    return _shown(proxies.save_proxy(current_actor(), proxy_id, Proxy(**given), version=version))


@routes.post("/proxies/<id:proxy_id>/put-away", status=204)
@needs(Action.PROXY_WRITE)
@takes(VersionOnly)
def put_proxy_away(given: Given, proxy_id: str) -> None:
    """They can no longer see it there."""
    proxies.put_proxy_away(current_actor(), proxy_id, version=seen(given))


def _shown(known: KnownProxy) -> Mapping[str, object]:
    return {**vars(known.card), "matched": known.matched, "blocks": known.blocks}
