"""What sites do that need more than the RSIN: a backend of their own on top of that of the package."""

from typing import Any

from digid_eherkenning.backends import eHerkenningBackend
from django.contrib.auth import get_user_model


class WholeAnswerBackend(eHerkenningBackend):
    """Knows the person by pseudonym, and keeps all identifiers by their NameQualifier, and all attributes."""

    def get_or_create_user(self, request: Any, saml_response: Any, saml_attributes: Any) -> Any:
        """The visitor and whether they are new, as the stock backend returns them."""
        received = dict(_read(saml_attributes))
        return get_user_model().objects.update_or_create(
            name=received["ActingSubjectID Pseudo"],
            defaults={"received": received, "rsin": received.get("LegalSubjectID RSIN", "")},
        )


def _read(attributes: dict[str, list[Any]]) -> Any:
    """The last words of the names, with those of the NameQualifier behind them; the package has decrypted."""
    for name, values in attributes.items():
        for value in values:
            short = name.rpartition(":")[2]
            if isinstance(value, dict):
                kind = value["NameID"]["NameQualifier"].rpartition(":")[2]
                yield f"{short} {kind}", value["NameID"]["value"]
            else:
                yield short, value
