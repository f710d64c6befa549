"""Programs as hypothesis draws and shrinks them."""

from hypothesis import strategies as st

from tests.fuzz.program import MOST
from tests.fuzz.program import Program
from tests.fuzz.program import Step

_BYTE = st.integers(0, 255)
_NUMBER = st.integers(0, 65535)
_STEP = st.builds(Step, _BYTE, _NUMBER, _NUMBER, _BYTE)

programs = st.builds(Program.write, _BYTE, st.integers(0, 7), st.lists(_STEP, max_size=MOST))
"""The bytes of any program."""
