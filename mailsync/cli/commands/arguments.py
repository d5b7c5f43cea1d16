"""Arguments and options that several commands share."""

from pathlib import Path
from typing import Annotated, Any

import typer

User = Annotated[str, typer.Argument(metavar="USER", help="A user of the settings file.", show_default=False)]
SomeUser = Annotated[str | None, typer.Argument(metavar="[USER]", help="One user; default: all.", show_default=False)]
Users = Annotated[list[str] | None, typer.Argument(metavar="[USER]...", help="Default: all.", show_default=False)]
Named = Annotated[list[str] | None, typer.Argument(metavar="[USER]...", help="Users by name.", show_default=False)]
Group = Annotated[
    str | None, typer.Option("--group", metavar="NAME", help="All users of a group (presets).", show_default=False)
]
Everybody = Annotated[bool, typer.Option("--all", help="Everybody in the settings file.")]
InOrganisation = Annotated[
    str | None,
    typer.Option(
        "--organisation", metavar="NAME", help="Of these only who is of this organisation.", show_default=False
    ),
]
InState = Annotated[
    str | None,
    typer.Option(
        "--state",
        metavar="on|off|paused|needs_login|failing",
        help="Of these only who is in this state.",
        show_default=False,
    ),
]
PlanOnly = Annotated[bool, typer.Option("--plan", help="Show whom it is about and what would change; change nothing.")]
Contact = Annotated[
    str, typer.Argument(metavar="CONTACT", help="Salesforce id, item id or e-mail address.", show_default=False)
]
SomeContact = Annotated[
    str | None,
    typer.Argument(metavar="[CONTACT]", help="Salesforce id, item id or e-mail address.", show_default=False),
]
Holds = Annotated[
    list[str], typer.Argument(metavar="HOLD...", help="Names as `issues` shows them.", show_default=False)
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
SettingsOnly = Annotated[
    bool, typer.Option("--settings-only", help="Ask no vendor: show changed settings, no plans of sessions.")
]
Yes = Annotated[bool, typer.Option("--yes", help="Don't ask.")]


def config_of(context: typer.Context) -> Path | None:
    """The file given with --config, if any."""
    chosen: Any = context.find_root().obj
    return chosen if isinstance(chosen, Path) else None
