"""The whole API as schemathesis tries it: no fault of ours, and every answer as the document says."""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck
from hypothesis import Phase
from hypothesis import given
from hypothesis import settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance
from schemathesis.specs.openapi.checks import negative_data_rejection
from schemathesis.specs.openapi.checks import response_headers_conformance
from schemathesis.specs.openapi.checks import response_schema_conformance
from schemathesis.specs.openapi.checks import status_code_conformance

from broker.api.app import OPERATIONS
from broker.api.operations import Operation
from tests.api.conftest import Api
from tests.api.conftest import Wsgi

_CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
_EXAMPLES = 4


@pytest.fixture(scope="module")
def schema(wsgi: Wsgi) -> Any:
    return schemathesis.openapi.from_wsgi("/v1/openapi.json", wsgi)


@pytest.mark.parametrize("mode", GenerationMode)
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each.name)
def test_every_operation_answers_as_it_says(
    schema: Any, api: Api, operation: Operation, mode: GenerationMode
) -> None:
    strategy = schema[operation.path][operation.method].as_strategy(generation_mode=mode)
    checks = [*_CHECKS, negative_data_rejection] if mode is GenerationMode.NEGATIVE else _CHECKS
    tried = 0

    @settings(
        max_examples=_EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=strategy)
    def ask(case: Any) -> None:
        nonlocal tried
        tried += 1
        case.call_and_validate(headers=api.headers, checks=checks)

    ask()
    assert tried
