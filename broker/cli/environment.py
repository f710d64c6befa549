"""Reading the settings for a command, with faults told as an operator can mend them."""

import os
import re
import tomllib
from pathlib import Path

import click
from pydantic import ValidationError
from pydantic_settings import SettingsError

from broker.settings import Settings


def read_settings() -> Settings:
    """The settings of environment and TOML file. Raises ``click.ClickException`` that names each one that is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        faults = (_told(fault["loc"], fault["msg"]) for fault in error.errors())
        raise click.ClickException("the settings do not fit.\n" + "\n".join(faults)) from None
    except SettingsError as error:
        raise click.ClickException(
            f"the settings do not fit: {error}. In the environment a list is JSON, as "
            """MAKELAAR_MISBEHAVE='["mr2=lower-level"]'."""
        ) from None
    except FileNotFoundError as error:
        raise click.ClickException(f"{error}.") from None
    except tomllib.TOMLDecodeError as error:
        raise click.ClickException(f"the file of MAKELAAR_CONFIG is no TOML: {error}.") from None


def _told(place: tuple[int | str, ...], message: str) -> str:
    """One fault, with where it stands; of several settings together it has no place."""
    if not place:
        return message
    name = str(place[0])
    variable = f"MAKELAAR_{name.upper()}"
    if variable in os.environ:
        return f"{variable}, in the environment: {message}"
    path = Path(os.environ.get("MAKELAAR_CONFIG", ""))
    lines = path.read_text("utf-8").splitlines() if path.is_file() else []
    number = next(
        (
            number
            for number, line in enumerate(lines, 1)
            if re.match(rf'["\']?{re.escape(name)}["\']?\s*[=.]', line)
        ),
        None,
    )
    return f"{name}, {path} line {number}: {message}" if number else f"{variable}: {message}"
