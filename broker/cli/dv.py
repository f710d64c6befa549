"""`makelaar dv`: everything about dienstverleners."""

import click

from broker.cli.lazy import LazyGroup

_COMMANDS = {
    "activate": "broker.cli.versions:activate",
    "add": "broker.cli.dv_connect:add",
    "approve": "broker.cli.versions:approve",
    "check": "broker.cli.dv_check:dv_check",
    "diff": "broker.cli.versions:diff",
    "history": "broker.cli.versions:history",
    "import": "broker.cli.dv_import:import_all",
    "link": "broker.cli.links:link",
    "links": "broker.cli.links:links",
    "list": "broker.cli.dv_connect:list_all",
    "pending": "broker.cli.versions:pending",
    "rehearsals": "broker.cli.rehearsals:rehearsals",
    "rehearse": "broker.cli.rehearsals:rehearse",
    "reject": "broker.cli.versions:reject",
    "remove": "broker.cli.dv_connect:remove",
    "resume": "broker.cli.versions:resume_logins",
    "rollback": "broker.cli.versions:rollback",
    "show": "broker.cli.dv_connect:show",
    "snippets": "broker.cli.dv_snippets:dv_snippets",
    "source": "broker.cli.sources:source",
    "submit": "broker.cli.dv_connect:submit",
    "suspend": "broker.cli.versions:suspend_logins",
    "test": "broker.cli.rehearsals:test",
    "tolerances": "broker.cli.tolerances:tolerances",
    "unlink": "broker.cli.links:unlink",
    "versions": "broker.cli.versions:versions",
    "withdraw": "broker.cli.versions:withdraw",
}


@click.group(cls=LazyGroup, lazy=_COMMANDS)
def dv() -> None:
    """Connect dienstverleners: check, try out, put in force, put back.

    `check` reads documents without keeping anything. `add` puts them in force at once. In steps: `submit` keeps them
    as a concept, `diff` tells what would change, `test` has one browser log in by it, `activate` puts it in force now
    or at a moment, and `rollback` puts back what was. It counts from the next login on; nothing needs to be restarted.

    At the dienstverlener: `link` makes a page where it does this itself, `snippets` fills in its software, `rehearse`
    gives it a wrong answer on purpose. Many at once: `import`, and `source` for what is fetched on a schedule.
    """
