"""The version of a dienstverlener that a test login goes by, in the place of the one in force.

Nobody falls back on what is in force: a version that may not be tried ends the login.
"""

from collections.abc import Collection

from broker.assembly.party import Assembled
from broker.ports import Role
from broker.ports.versions import MAY_BE_TRIED
from broker.ports.versions import MAY_END_A_TEST
from broker.ports.versions import Standing
from broker.ports.versions import Version
from broker.ports.versions import VersionState
from broker.ports.versions import VersionStore
from broker.saml.errors import UnknownPartner
from broker.saml.partner import Partner
from broker.storage.versions import SqlVersions


class NotInTest(Exception):
    """No test login may go by this version (any more); the text says why.

    ``code`` is ``version`` when there is none, ``not-in-test`` when it is in another state, ``stopped`` when nobody may
    log in at the dienstverlener.
    """

    def __init__(self, code: str, reason: str) -> None:
        """Keep the code and the reason, an English sentence."""
        super().__init__(reason)
        self.code = code


class VersionsInTest:
    """The versions of dienstverleners as test logins see them."""

    def __init__(self, assembled: Assembled) -> None:
        """``assembled`` is the makelaar."""
        self._registry = assembled.registry
        self._partners = assembled.station.partners
        self._store: VersionStore = SqlVersions(assembled.engine)

    def of(self, entity_id: str) -> tuple[Version, ...]:
        """The versions of a dienstverlener of which a test ticket can be made, newest first."""
        return tuple(each for each in self._store.of(entity_id) if each.state is VersionState.TEST)

    def to_offer(self, version_id: str, entity_id: str) -> Partner:
        """This dienstverlener in a version of which a test ticket can be made. Raises ``NotInTest``."""
        return self._partner(self._standing(version_id, entity_id, {VersionState.TEST}))

    def to_begin(self, version_id: str, entity_id: str) -> Partner:
        """This dienstverlener in the version with which a test login begins. Raises ``NotInTest``."""
        return self._partner(self._standing(version_id, entity_id, MAY_BE_TRIED))

    def to_end(self, version_id: str, entity_id: str) -> Partner:
        """This dienstverlener in the version with which a test login began. Raises ``NotInTest``."""
        return self._partner(self._standing(version_id, entity_id, MAY_END_A_TEST))

    def content_hash(self, version_id: str, entity_id: str) -> str:
        """The content hash of the version with which a test login begins. Raises ``NotInTest``."""
        return self._standing(version_id, entity_id, MAY_BE_TRIED).content_hash

    def for_artifacts(self, entity_id: str, version_id: str) -> Partner:
        """As ``to_end``, for ``exchange.artifacts``. Raises ``UnknownPartner``."""
        try:
            return self.to_end(version_id, entity_id)
        except NotInTest as error:
            raise UnknownPartner(str(error)) from None

    def catalogue(self, version_id: str) -> tuple[bytes, Partner]:
        """The dienstencatalogus of a version under test, and whose it is. Raises ``NotInTest``."""
        version = self._store.find(version_id)
        if version is None or version.catalogue is None:
            raise NotInTest("version", "there is no such version")
        return version.catalogue, self.to_end(version_id, version.entity_id)

    def offers_otherwise(self, version_id: str, entity_id: str) -> bool:
        """Whether the dienstencatalogus says something else of a version than of what is in force.

        Raises ``NotInTest``.
        """
        catalogue, partner = self.catalogue(version_id)
        in_force = self._registry.find(entity_id)
        try:
            known = self._partners.find(entity_id, Role.DV)
        except UnknownPartner:
            return True
        return (
            in_force is None
            or in_force.catalogue != catalogue
            or known.encryption_keys != partner.encryption_keys
        )

    def _standing(self, version_id: str, entity_id: str, states: Collection[VersionState]) -> Standing:
        standing = self._store.standing(version_id)
        if standing is None or standing.entity_id != entity_id or standing.role is not Role.DV:
            raise NotInTest("version", "the dienstverlener has no such version")
        if standing.state not in states:
            raise NotInTest(
                "not-in-test", f"version {standing.number} is {standing.state}, and is not tried out"
            )
        if standing.is_suspended:
            raise NotInTest("stopped", "the logins of this dienstverlener are stopped")
        return standing

    def _partner(self, standing: Standing) -> Partner:
        try:
            return self._partners.exactly(standing.entity_id, standing.content_hash, Role.DV)
        except UnknownPartner as error:
            raise NotInTest("version", str(error)) from None
