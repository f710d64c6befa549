"""Everything that makes pages, shared by all parties: layout, stylesheet, words, cookies, headers."""

from broker.screens.cookies import CookieStyle
from broker.screens.dates import show_moment
from broker.screens.language import Language
from broker.screens.setup import current_language
from broker.screens.setup import init_screens
from broker.screens.texts import MissingText
from broker.screens.texts import RefusalText
from broker.screens.texts import refusal_text
from broker.screens.texts import text

__all__ = [
    "CookieStyle",
    "Language",
    "MissingText",
    "RefusalText",
    "current_language",
    "init_screens",
    "refusal_text",
    "show_moment",
    "text",
]
