"""presets, activity: settings of many users, and who changed what."""

from pathlib import Path
from typing import Annotated

import typer

from mailsync.cli.commands.arguments import Json, SettingsOnly, SomeUser, Yes, config_of

Source = Annotated[Path, typer.Argument(metavar="FILE", help="Presets as TOML.", show_default=False)]

OtherFile = Annotated[Path, typer.Argument(metavar="FILE", help="Another settings file.", show_default=False)]


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    presets = typer.Typer(help="Named settings of many users.", no_args_is_help=True, rich_markup_mode=None)
    presets.command("list")(list_)
    presets.command("export")(export)
    presets.command("plan")(plan)
    presets.command("import")(import_)
    app.add_typer(presets, name="presets")
    settings = typer.Typer(help="The settings file.", no_args_is_help=True, rich_markup_mode=None)
    settings.command("export")(export_settings)
    settings.command("plan")(plan_settings)
    settings.command("import")(import_settings)
    app.add_typer(settings, name="settings")
    app.command("activity")(activity)


def list_(context: typer.Context, as_json: Json = False) -> None:
    """Show the presets and whom they are for."""
    from mailsync.cli.presets import show_presets

    show_presets(config_of(context), as_json=as_json)


def export(
    context: typer.Context,
    target: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="Default: print.", show_default=False)] = None,
) -> None:
    """Write the presets and groups as TOML."""
    from mailsync.cli.presets import export_presets

    export_presets(config_of(context), target)


def plan(context: typer.Context, source: Source, settings_only: SettingsOnly = False, as_json: Json = False) -> None:
    """Try a file of presets on everybody; store nothing."""
    from mailsync.cli.presets import plan_presets

    plan_presets(config_of(context), source, settings_only=settings_only, as_json=as_json)


def export_settings(
    context: typer.Context,
    target: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="Default: print.", show_default=False)] = None,
    without_stored: Annotated[
        bool, typer.Option("--without-stored", help="Leave out what `set` stored; an import then lets it be.")
    ] = False,
) -> None:
    """Write organisations and users as TOML, without secrets."""
    from mailsync.cli.newfile import export_file

    export_file(config_of(context), target, without_stored=without_stored)


def import_settings(
    context: typer.Context,
    source: OtherFile,
    settings_only: SettingsOnly = False,
    yes: Yes = False,
    as_json: Json = False,
) -> int:
    """Put a settings file in the place of the present one, after showing what it changes."""
    from mailsync.cli.importing import import_file

    return import_file(config_of(context), source, settings_only=settings_only, sure=yes, as_json=as_json)


def plan_settings(
    context: typer.Context,
    source: OtherFile,
    settings_only: SettingsOnly = False,
    as_json: Json = False,
) -> None:
    """Try another settings file on everybody; store nothing."""
    from mailsync.cli.importing import plan_file

    plan_file(config_of(context), source, settings_only=settings_only, as_json=as_json)


def import_(
    context: typer.Context, source: Source, settings_only: SettingsOnly = False, yes: Yes = False, as_json: Json = False
) -> int:
    """Put a file's presets in the place of all others, after showing what they change."""
    from mailsync.cli.presets import import_presets

    return import_presets(config_of(context), source, settings_only=settings_only, sure=yes, as_json=as_json)


def activity(
    context: typer.Context,
    user: SomeUser = None,
    action: Annotated[
        str | None, typer.Option(metavar="ACTION", help="One kind only: set, pause, import …", show_default=False)
    ] = None,
    limit: Annotated[int, typer.Option(help="How many, the latest first.")] = 50,
    as_json: Json = False,
) -> None:
    """Show who changed what."""
    from mailsync.cli.recording import show_activity

    show_activity(config_of(context), user, action, limit, as_json=as_json)
