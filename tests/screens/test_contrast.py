"""The colours of the stylesheet, light and dark, for every role: WCAG 2.2, 1.4.3 and 1.4.11."""

import re

import pytest

from broker.screens.assets import load_asset

TEXT_PAIRS = [
    *(("ink", "card"), ("ink", "page"), ("ink", "tint"), ("ink", "warn-tint"), ("ink", "bad-tint")),
    *(("soft", "card"), ("soft", "page"), ("soft", "tint")),
    *(("accent", "card"), ("accent", "tint"), ("accent-deep", "tint")),
    *(("on-accent", "accent"), ("on-accent", "accent-deep"), ("warn", "warn-tint"), ("bad", "bad-tint")),
]
SHAPE_PAIRS = [("edge", "card"), ("accent", "page"), ("bad", "card"), ("good", "card"), ("warn", "card")]


def palettes() -> dict[str, dict[str, str]]:
    css = load_asset("screens.css")[0].decode()
    light_css, _, rest = css.partition("@media (prefers-color-scheme:dark)")
    dark_css = rest.partition("}}")[0] + "}"
    found: dict[str, dict[str, str]] = {}
    for scheme, source in (("light", light_css), ("dark", dark_css)):
        base = colours(source, ":root")
        for role in ("hm", "ad", "mr", "dv", "eb"):
            found[f"{scheme} {role}"] = base | colours(source, f".{role}")
    return found


def colours(source: str, selector: str) -> dict[str, str]:
    block = re.search(re.escape(selector) + r"\{(.*?)\}", source, re.DOTALL)
    return dict(re.findall(r"--([\w-]+):#([0-9a-f]{3,6})\b", block[1])) if block else {}


def luminance(colour: str) -> float:
    digits = colour if len(colour) == 6 else "".join(digit * 2 for digit in colour)
    channels = [int(digits[start : start + 2], 16) / 255 for start in (0, 2, 4)]
    red, green, blue = (
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("palette", palettes().items(), ids=lambda palette: palette[0])
def test_words_and_shapes_stand_out(palette: tuple[str, dict[str, str]]) -> None:
    _, colour = palette

    for front, back in TEXT_PAIRS:
        assert contrast(colour[front], colour[back]) >= 4.5, (front, back)
    for front, back in SHAPE_PAIRS:
        assert contrast(colour[front], colour[back]) >= 3, (front, back)


def test_every_role_has_a_colour_of_its_own() -> None:
    accents = [palette["accent"] for name, palette in palettes().items() if name.startswith("light")]

    assert len(set(accents)) == 5
