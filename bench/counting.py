"""The makelaar with its RSA operations counted, for a pass of its own: what is measured is never this one."""

from collections import Counter

from flask import Flask
from flask import jsonify

from broker.makelaar.serve import application as plain
from broker.saml.keys import Certificate
from broker.signers.files import FileSigner

PATH = "/bench/operations"
OPERATIONS = (
    ("sign", FileSigner, "sign"),
    ("verify", Certificate, "verifies"),
    ("decrypt", FileSigner, "unwrap"),
    ("encrypt", Certificate, "wrap"),
)
"""Every place at which the makelaar uses an RSA key."""

counted: Counter[str] = Counter()


def application() -> Flask:
    """The application of production, with a counter in each of the four places and a page that shows them."""
    for name, owner, method in OPERATIONS:
        _count(name, owner, method)
    app = plain()
    app.add_url_rule(PATH, "operations", lambda: jsonify({name: counted[name] for name, *_ in OPERATIONS}))
    return app


def _count(name: str, owner: type, method: str) -> None:
    original = getattr(owner, method)

    def counting(*arguments: object) -> object:
        counted[name] += 1
        return original(*arguments)

    setattr(owner, method, counting)
