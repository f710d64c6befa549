"""`python -m tools.traces`."""

from pathlib import Path

from rich.progress import track

from broker.settings import GEMEENTE
from broker.settings import PARTIES
from broker.settings import Party
from broker.settings import Settings
from broker.signers.files import FileSigner
from tools.traces.flows import FLOWS
from tools.traces.network import tapped_network
from tools.traces.page import Step
from tools.traces.page import opened
from tools.traces.page import page
from tools.traces.page import steps

FOLDER = Path(__file__).parents[2] / "docs" / "flows"
_ROLES = {
    "HM": "Makelaar",
    "AD": "Authenticatiedienst",
    "MR": "Machtigingenregister",
    "DV": "Dienstverlener",
    "EB": "Berichtenservice",
}


def main() -> None:
    """Walk every flow, and write its page and the page that lists them."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    names = {key: _name(party) for party in PARTIES for key in (party.name, party.entity_id)}
    with tapped_network() as network:
        key = FileSigner.load(network.box.settings.key_stem(GEMEENTE))
        for flow in track(FLOWS, description="Walking through logins"):
            network.passed.clear()
            posted = flow.walk(network.box)
            found = steps(network.passed, names)
            if posted is not None:
                found.append(Step("Browser", "Dienstverlener", "Response (HTTP-POST)", posted))
            if found[-1].receiver != flow.ends_at:
                raise SystemExit(f"{flow.name} ended at {found[-1].receiver}, not at {flow.ends_at}")
            answer = found[-1].message if flow.is_read else None
            text = page(flow, found, opened(answer, key, GEMEENTE.entity_id) if answer else ())
            (FOLDER / f"{flow.name}.md").write_text(_at_usual_ports(text, network.box.settings.port), "utf-8")
    (FOLDER / "README.md").write_text(_index(), "utf-8")


def _name(party: Party) -> str:
    """A word for the drawing; the second register of the box is another party than the first."""
    return "Tweede_register" if party.name == "mr-twee" else _ROLES[party.role]


def _at_usual_ports(text: str, first: int) -> str:
    """The ports that `make run` uses, in place of those that happened to be free."""
    usual = Settings.model_fields["port"].default
    for party in PARTIES:
        text = text.replace(
            f"localhost:{first + party.port_offset}", f"localhost:{usual + party.port_offset}"
        )
    return text


def _index() -> str:
    lines = [
        "# Logins, message by message",
        "",
        "Made by `make traces`; do not edit. Each page holds every SAML message of one login in the box of `make run`,",
        "as it passed the doors of the parties. All persons, companies and keys are invented.",
        "",
        "| login | look at |",
        "|---|---|",
        *(f"| [{flow.title}]({flow.name}.md) | {flow.look_at} |" for flow in FLOWS),
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
