"""How sites that need the KvK-nummer get it: a few lines on top of the stock backend."""

from typing import Any

from digid_eherkenning.backends import eHerkenningBackend


class RsinAndKvkBackend(eHerkenningBackend):
    """Lets the stock backend log the organisation in, and keeps the KvK-nummer of the same answer."""

    def get_or_create_user(self, request: Any, saml_response: Any, saml_attributes: Any) -> Any:
        """The organisation and whether it is new, as the stock backend returns them."""
        user, created = super().get_or_create_user(request, saml_response, saml_attributes)
        user.kvk = self.get_legal_subject_kvk(saml_attributes)
        user.save()
        return user, created
