"""Writes `docs/judges.md` from the corpus: where other verifiers of signatures say otherwise, and why we are right.

`python -m tools.judges`. The reasons stand in the cases, under `judges`; here they are put together by subject.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from textwrap import fill
from typing import Final

from broker.attacks.case import JUDGES
from broker.attacks.case import Case
from broker.attacks.case import corpus

PAGE: Final = Path(__file__).parent.parent / "docs" / "judges.md"
_COLUMNS: Final = 120


@dataclass(frozen=True)
class Subject:
    """A kind of difference: why we are right, and words that a reason of this kind holds."""

    title: str
    why: str
    words: tuple[str, ...] = ()


STRICTER_JUDGE: Final = Subject(
    "We accept, a judge does not",
    "These are positive controls: a partner with ordinary software may send them, and they say the same as without the"
    " oddity. What we then read is parsed again from the octets that were digested, so there is nothing in it that was"
    " not signed.",
)
OTHERWISE: Final = Subject("Other differences", "The reason says all there is to say.")
SUBJECTS: Final = (
    Subject(
        "Something was signed, but not what would be read",
        "A judge says that a signature in the document holds. We say of what: the Signature must be a child of the very"
        " element that we are going to read, its one Reference must lead to that element and nowhere else, and the"
        " reader is handed a tree that was parsed from the signed octets, in which nothing else is left. All wrapping"
        " lives from the room between those two questions.",
        ("the original is intact", "the reference leads to the original inside"),
    ),
    Subject(
        "A part that had to be signed is not",
        "The profile wants both Response and assertion signed, since we believe both: InResponseTo, Destination and the"
        " status stand in the one, the person in the other. A judge is shown the signatures that are there; it cannot"
        " miss one.",
        ("is not told that", "of whom that is"),
    ),
    Subject(
        "Which element has the ID",
        "An ID that stands in a document twice is refused before any signature is looked at, whatever the attribute is"
        " called and whichever element comes first. A judge trusts whoever calls it to have looked.",
        (
            "the ID stands once",
            "the first element with that ID",
            "hold identifiers",
            "that it was told of only",
        ),
    ),
    Subject(
        "XML signature allows it, SAML does not",
        "XML signature can sign many things, parts of things and things elsewhere, after turning them into others. Each"
        " of those is room for an attack and none is of use to a login: SAML core 5.4 leaves one shape, and the profile"
        " of the schema and of the afsprakenstelsel leaves less.",
        ("a valid XML signature", "if not directly", "one assertion only"),
    ),
    Subject(
        "Algorithms outside the list",
        "The afsprakenstelsel names RSA-SHA256 with SHA-256 and exclusive canonicalisation without comments, so nobody"
        " can choose anything else. That is no judgement on the strong ones; it leaves an attacker no choice between"
        " code paths, and the weak ones no way back.",
        ("outside the list", "only where OpenSSL is told to", "sound by its letter"),
    ),
    Subject(
        "Parameters and keys that nobody asked for",
        "Where a parameter has no meaning to us it may have one to the next who reads the same octets, since assertions"
        " are embedded and passed on; so it is refused. And the key comes from metadata: what stands in KeyInfo is a"
        " hint at most, never a key, and never a place to fetch one.",
        ("passes over parameters", "KeyInfo is not looked at", "stands in KeyValue"),
    ),
    Subject(
        "Values of which only a part is read",
        "A value with an element in it is no base64, and who reads the text up to there reads another value than who"
        " reads all of it.",
        ("pass over the element",),
    ),
    Subject(
        "Not the business of a verifier of signatures",
        "The signature holds, and the message is refused all the same: for what it is made of, how large it is, or what"
        " it says. Size, encoding, document types and levels are looked at before the signature is, the schema and the"
        " values after it.",
        ("no business of a verifier", "outside the signed element", "what is encrypted inside"),
    ),
)

_HEAD = """# Three judges

Made by `python -m tools.judges` from the cases; do not edit.

Our verifier of signatures ([signature.py](../broker/saml/signature.py)) is our own, and small. So that we do not judge
our own work, messages are also put to three others that share no code with it: the program **xmlsec1**, the library
**python-xmlsec**, and **signxml**. Each is given the document and the certificate of who it claims to be from, is told
that attributes called `ID` hold identifiers, and has to say of every Signature in it whether it holds; it accepts the
document when all do and there is at least one. Beyond that they are used with their defaults, as somebody would who
reads their front page.

{counts}

None of the differences means that a judge is broken. Most show that "the signature holds" is the answer to another
question than "was this said by who it seems to be from", which is the one that a makelaar has to answer. But each is a
message that software which asks such a library and then looks for the assertion itself may well believe.

A test holds every verdict on this page to what the judges say today, so a new version of one that judges otherwise is
noticed: `tests/attacks/test_saml.py`. Each case is a folder under [cases](../broker/attacks/cases).
"""


def render() -> str:
    """The page, by subject."""
    judged = [case for case in corpus() if case.is_judged]
    differing = [case for case in judged if case.judges]
    subjects = (STRICTER_JUDGE, *SUBJECTS, OTHERWISE)
    parts = [
        _part(subject, [case for case in differing if subject_of(case) == subject]) for subject in subjects
    ]
    return _HEAD.format(counts=_counts(judged, differing)) + "".join(parts)


def subject_of(case: Case) -> Subject:
    """Where a case that a judge sees otherwise belongs."""
    if case.saml == "OK":
        return STRICTER_JUDGE
    reasons = " ".join(case.judges.values())
    return next((each for each in SUBJECTS if any(word in reasons for word in each.words)), OTHERWISE)


def _counts(judged: list[Case], differing: list[Case]) -> str:
    by_judge = ", ".join(f"{judge} in {sum(judge in case.judges for case in differing)}" for judge in JUDGES)
    accepted = sum(case.saml == "OK" for case in judged)
    told = (
        f"Of {len(judged)} cases, {accepted} of them to be accepted, they say the same as we do in "
        f"{len(judged) - len(differing)}; at least one says otherwise in {len(differing)}: {by_judge}."
    )
    return fill(told, _COLUMNS)


def _part(subject: Subject, cases: list[Case]) -> str:
    if not cases:
        return ""
    groups: dict[tuple[tuple[str, str], ...], list[Case]] = {}
    for case in cases:
        groups.setdefault(_why(case), []).append(case)
    tables = "".join(_table(why, group) for why, group in groups.items())
    return f"\n## {subject.title}\n\n{fill(subject.why, _COLUMNS)}\n{tables}"


def _why(case: Case) -> tuple[tuple[str, str], ...]:
    """Each reason of a case with the judges whose it is."""
    reasons = dict.fromkeys(case.judges.values())
    return tuple(
        (reason, ", ".join(judge for judge in JUDGES if case.judges.get(judge) == reason))
        for reason in reasons
    )


def _table(why: Iterable[tuple[str, str]], cases: list[Case]) -> str:
    reasons = "\n".join(f"- **{who}**: {reason}." for reason, who in why)
    rows = "\n".join(_row(case) for case in cases)
    head = "| case | what it is | we | " + " | ".join(JUDGES) + " |\n" + "|---" * (3 + len(JUDGES)) + "|"
    return f"\n{reasons}\n\n{head}\n{rows}\n"


def _row(case: Case) -> str:
    ours = case.saml == "OK"
    verdicts = " | ".join(_word(ours != (judge in case.judges)) for judge in JUDGES)
    title = case.title.replace("|", "\\|")
    return (
        f"| [{case.id}](../broker/attacks/cases/{case.id}/case.json) | {title} | {_word(ours)} | {verdicts} |"
    )


def _word(accepted: bool) -> str:
    return "accept" if accepted else "refuse"


if __name__ == "__main__":
    PAGE.write_text(render(), "utf-8")
