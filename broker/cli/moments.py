"""Moments on the command line."""

from datetime import UTC
from datetime import datetime

import click


class Moment(click.ParamType[datetime]):
    """An ISO 8601 moment, in UTC unless it says otherwise."""

    name = "moment"

    def convert(
        self, value: str | datetime, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """The moment, with its time zone."""
        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(
                f"{value!r} is no moment. Write it as 2026-12-01T03:00 (UTC), or with +01:00.", param, ctx
            )
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def shown(moment: datetime | None) -> str:
    """A moment for people, in UTC."""
    return "-" if moment is None else f"{moment:%Y-%m-%d %H:%M:%S} UTC"
