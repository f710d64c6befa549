"""What must be accepted: a makelaar that refuses these is broken too."""

from functools import partial

from tests.attacks.case import Case
from tests.attacks.case import unlike
from tests.attacks.foreign import DEFAULT_NAMESPACE_REQUEST
from tests.attacks.foreign import TOOLS
from tests.attacks.foreign import foreign_assertion
from tests.attacks.foreign import foreign_request
from tests.attacks.foreign import foreign_response
from tests.saml.builders import ad_assertion
from tests.saml.builders import artifact_response
from tests.saml.builders import hm_assertion
from tests.saml.builders import hm_response
from tests.saml.builders import mr_assertion
from tests.saml.builders import signed_query
from tests.saml.builders import signed_request

CASES = [
    Case("own-request", "Our AuthnRequest", "SAML core 3.4.1", signed_request),
    Case("own-ad-assertion", "Our AD assertion", "SAML core 2", ad_assertion, "ad"),
    Case("own-mr-assertion", "Our MR assertion", "SAML core 2", mr_assertion, "mr"),
    Case(
        "own-response",
        "A Response without Advice",
        "SAML core 3.2.2",
        lambda: hm_response(hm_assertion(advice=())),
        "hm",
    ),
    Case(
        "own-artifact-response",
        "An ArtifactResponse without Advice",
        "SAML core 3.5.2",
        lambda: artifact_response(hm_response(hm_assertion(advice=()))),
        "hm",
    ),
    Case(
        "own-empty-artifact-response",
        "An ArtifactResponse without a message",
        "SAML core 3.5.2",
        partial(artifact_response, None),
        "hm",
    ),
    Case(
        "own-query",
        "A decision query",
        "Interface specifications HM-MR",
        signed_query,
        "hm",
        unlike=unlike("the AD assertion inside is signed by another party, whose key was not given"),
    ),
    *(
        Case(
            f"request-by-{tool}",
            f"An indented AuthnRequest with other prefixes, signed by {tool}",
            "Shibboleth SP",
            partial(foreign_request, tool),
        )
        for tool in TOOLS
    ),
    *(
        Case(
            f"default-namespace-by-{tool}",
            f"An AuthnRequest without prefixes, signed by {tool}",
            ".NET",
            partial(foreign_request, tool, DEFAULT_NAMESPACE_REQUEST),
        )
        for tool in TOOLS
    ),
    *(
        Case(
            f"assertion-by-{tool}",
            f"An assertion with other prefixes, signed by {tool}",
            "OpenSAML",
            partial(foreign_assertion, tool),
            "ad",
        )
        for tool in TOOLS
    ),
    *(
        Case(
            f"response-by-{tool}",
            f"A Response and its assertion, both signed by {tool}",
            "OpenSAML",
            partial(foreign_response, tool),
            "ad",
        )
        for tool in TOOLS
    ),
]
