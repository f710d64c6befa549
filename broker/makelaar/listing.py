"""GET /listAD.xml: the authenticatiediensten of which a dienstverlener may choose one beforehand.

The rule by which one is on the list is that of our own screen. An answer is made once per process for each level and
content of the registry, and is the same in every process, so that an ETag holds whichever node is asked.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from collections.abc import Sequence
from datetime import datetime
from datetime import timedelta
from threading import Lock
from urllib.parse import parse_qsl

import structlog
from flask import Response
from flask import request

from broker.domain.levels import LevelOfAssurance
from broker.domain.services import Service
from broker.journey.ad_list import SERVICE
from broker.journey.ad_list import QuestionRefused
from broker.journey.ad_list import asked_level
from broker.journey.authentication import eligible
from broker.makelaar.context import Makelaar
from broker.ports import Role
from broker.ports import Signer
from broker.saml.ad_list import ListFrame
from broker.saml.ad_list import make_ad_list
from broker.saml.partner import Partner
from broker.saml.policy import LIFETIMES

log = structlog.get_logger()

_HOUR = timedelta(hours=1)
_KEPT = 64
"""Lists per process: one for each level, some versions of the registry, and some to spare.

Past it: the one asked for longest ago is forgotten."""
_SORTED_IN = "nl"
"""The list is one for all languages, and must be in the order of one."""


class AdLists:
    """The lists, made when they are asked for."""

    def __init__(self, hm: Makelaar) -> None:
        """Nothing is made yet."""
        self._hm = hm
        self._made: OrderedDict[str, bytes] = OrderedDict()
        self._lock = Lock()

    def serve(self) -> Response:
        """The list for the service in the query string, or why there is none."""
        try:
            # Bytes that are no UTF-8 become characters that no parameter has.
            query = parse_qsl(
                request.query_string.decode("ascii", "replace"), keep_blank_values=True, max_num_fields=8
            )
        except ValueError:
            return _refused(400, "too many parameters")
        try:
            services = self._services(dict(query).get(SERVICE, ""))
            level = asked_level(query, services, self._hm.oin)
        except QuestionRefused as refused:
            return _refused(400, str(refused))
        hour = self._hm.station.own.clock().replace(minute=0, second=0, microsecond=0)
        # Before the content itself: what changes in between is then kept under a name that is not asked for again.
        hashes = self._hm.assembled.registry.content_hashes(Role.AD)
        diensten = self._suitable(level)
        if not diensten:
            return _refused(404, f"no authenticatiedienst can deliver {level.urn} at this moment")
        key = self._hm.station.own.key
        list_id = self._id(key, level, hour, hashes, diensten)
        response = Response(content_type="application/samlmetadata+xml")
        response.set_etag(list_id)
        response.cache_control.public = True
        response.cache_control.max_age = int(LIFETIMES.ad_list_kept.total_seconds())
        if request.if_none_match.contains(list_id):
            response.status_code = 304
            return response
        frame = ListFrame(list_id, hour + LIFETIMES.ad_list, LIFETIMES.ad_list_kept)
        response.data = self._kept(list_id, lambda: make_ad_list(diensten, frame, key))
        return response

    def _services(self, service_uuid: str) -> list[Service]:
        """Every service on which the answer for this ServiceUUID can depend."""
        asked = self._hm.services_with_instance(service_uuid)
        if not asked:
            definition = self._hm.assembled.registry.with_definition(service_uuid)
            return [service for _, service in self._hm.listed([definition] if definition else [])]
        found: dict[str, Service] = {}
        for dienstverlener, service in asked:
            # All of a dienstbemiddelaar count for what it may do.
            found |= dienstverlener.catalogue
            provided = self._hm.services_with_instance(service.intermediated_service or service_uuid)
            found |= {each.service_id: each for _, each in provided}
        return list(found.values())

    def _suitable(self, level: LevelOfAssurance) -> list[Partner]:
        """Those that may be chosen, in order; one with an announced change by its next description as well."""
        now = self._hm.station.own.clock()
        upcoming = [
            version
            for versions in self._hm.station.partners.versions_in_role(Role.AD)
            for version in versions
            if version.holds_at(now) or (version.valid_from is not None and version.valid_from > now)
        ]
        return eligible(upcoming, level, _SORTED_IN)

    def _id(
        self,
        key: Signer,
        level: LevelOfAssurance,
        hour: datetime,
        hashes: Sequence[tuple[str, str]],
        diensten: list[Partner],
    ) -> str:
        """An ID that says all that the list depends on, and so serves as its ETag."""
        parts = [key.key_name, level.short, hour.isoformat()]
        parts += [repr(pair) for pair in hashes]
        parts += [f"{dienst.entity_id} {dienst.valid_from}" for dienst in diensten]
        return "_" + hashlib.sha256("\n".join(parts).encode("utf-8")).hexdigest()[:32]

    def _kept(self, list_id: str, make: Callable[[], bytes]) -> bytes:
        with self._lock:
            if list_id in self._made:
                self._made.move_to_end(list_id)
            else:
                self._made[list_id] = make()
                if len(self._made) > _KEPT:
                    self._made.popitem(last=False)
            return self._made[list_id]


def _refused(status: int, reason: str) -> Response:
    """For software, which shows it to whoever runs it."""
    log.info("ad_list_refused", reason=reason)
    return Response(f"{reason}\n", status=status, content_type="text/plain; charset=utf-8")
