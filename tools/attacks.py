"""``python -m tools.attacks schema``: write the schema of cases beside them."""

import json
import sys

from broker.attacks.case import FOLDER
from broker.attacks.case import Case


def main(what: str) -> None:
    """Write what was asked for. Raises SystemExit for anything else."""
    if what != "schema":
        raise SystemExit(__doc__)
    (FOLDER / "schema.json").write_text(json.dumps(Case.model_json_schema(), indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:] or [""])
