"""What ends soon: our certificates, and those of partners."""

from broker.api.models import Ahead
from broker.api.models import ExpiringModel
from broker.api.models import WeatherModel
from broker.api.operations import Call
from broker.api.operations import Operation
from broker.api.operations import Reply
from broker.onboarding.weather import weather
from broker.ports.tokens import Scope


def _weather(call: Call) -> Reply:
    found = weather(call.makelaar.engine, call.clock(), call.query.days)
    items = [
        ExpiringModel(
            entity_id=each.entity_id,
            name=each.name,
            use=each.use,
            label=each.label,
            not_after=each.not_after,
        )
        for each in found
    ]
    return Reply(WeatherModel(items=items))


OPERATIONS = (
    Operation(
        "GET",
        "/weather",
        "getWeather",
        "What ends soon or has ended: certificates, metadata",
        Scope.WEATHER_READ,
        _weather,
        query=Ahead,
        returns=WeatherModel,
    ),
)
