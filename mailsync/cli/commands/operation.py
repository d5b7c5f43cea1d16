"""What is done to the installation itself: init, connect, sandbox, demo, serve, worker, doctor, db, keys."""

from pathlib import Path
from typing import Annotated

import typer

from mailsync.cli.commands.arguments import Json, User, config_of

Http = Annotated[
    int | None,
    typer.Option(
        "--http",
        envvar="MAILSYNC_HTTP",
        metavar="PORT",
        help="Answer /healthz, /readyz and /metrics on 127.0.0.1; 0 takes any free port.",
        show_default=False,
    ),
]


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command("init")(init)
    app.command("connect")(connect)
    app.command("sandbox")(sandbox)
    app.command("demo")(demo)
    app.command("serve")(serve)
    app.command("worker")(worker)
    app.command("doctor")(doctor)
    database = typer.Typer(help="The store's database.", no_args_is_help=True, rich_markup_mode=None)
    database.command("upgrade")(upgrade)
    database.command("move")(move)
    database.command("backup")(backup)
    app.add_typer(database, name="db")
    keys = typer.Typer(help="The key that encrypts stored log-ins.", no_args_is_help=True, rich_markup_mode=None)
    keys.command("rotate")(rotate)
    app.add_typer(keys, name="keys")


def init(context: typer.Context) -> None:
    """Write a commented mailsync.toml."""
    from mailsync.cli.setup import write_template

    write_template(config_of(context))


def connect(
    context: typer.Context,
    user: User,
    vendor: Annotated[
        str, typer.Argument(metavar="salesforce|google|microsoft|exchange", help="Whose log-in.", show_default=False)
    ],
    device: Annotated[bool, typer.Option("--device", help="Type a code into a browser on another machine.")] = False,
    paste: Annotated[
        bool, typer.Option("--paste", help="Open the address anywhere, and paste the one that the browser ends at.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Log a user in to a vendor; the log-in is kept encrypted and renews itself."""
    from mailsync.cli.connecting import Way, connect_user

    way = Way.DEVICE if device else Way.PASTE if paste else Way.BROWSER
    connect_user(config_of(context), user, vendor, way, as_json=as_json)


def sandbox(
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1; 0 takes any free one.")] = 8025,
    world: Annotated[str, typer.Option(metavar="empty|acme|FILE", help="What the vendors hold at first.")] = "empty",
    config_out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a mailsync.toml for its users.")
    ] = None,
    state: Annotated[Path | None, typer.Option(metavar="FILE", help="Keep the world across restarts.")] = None,
    tls: Annotated[bool, typer.Option("--tls", help="Speak https, with an authority of its own.")] = False,
    ca_out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the certificate to trust (with --tls).")
    ] = None,
    log_out: Annotated[Path | None, typer.Option(metavar="FILE", help="Add each request as a line of JSON.")] = None,
) -> None:
    """Serve local vendors for tests and demonstrations."""
    from mailsync.cli.setup import run_sandbox

    run_sandbox(port, world, config_out, state, tls=tls, ca_out=ca_out, log_out=log_out)


def demo(
    once: Annotated[bool, typer.Option("--once", help="End by itself and ask nothing.")] = False,
    port: Annotated[int, typer.Option(help="Port of the sandbox; 0 takes any free one.")] = 0,
) -> int:
    """Show the rules at work: real sessions against local vendors."""
    from mailsync.cli.demo.show import run_demo

    return run_demo(once=once, port=port)


def serve(
    context: typer.Context,
    http: Http = None,
    no_worker: Annotated[
        bool, typer.Option("--no-worker", help="Only give due users out; `mailsync worker` runs their sessions.")
    ] = False,
) -> None:
    """Run everybody's sessions on time until stopped."""
    from mailsync.cli.serving import serve_users

    serve_users(config_of(context), http, work=not no_worker)


def worker(context: typer.Context, http: Http = None) -> None:
    """Run sessions that `mailsync serve` gives out, beside other workers on one PostgreSQL store."""
    from mailsync.cli.serving import work_beside_others

    work_beside_others(config_of(context), http)


def doctor(
    context: typer.Context,
    vendors: Annotated[bool, typer.Option("--vendors", help="Also try every user's two log-ins.")] = False,
    as_json: Json = False,
) -> int:
    """Look at the installation from all sides, and say what to do."""
    from mailsync.cli.doctor import examine

    return examine(config_of(context), vendors=vendors, as_json=as_json)


def upgrade(context: typer.Context, as_json: Json = False) -> None:
    """Bring the store's database up to this version."""
    from mailsync.cli.setup import upgrade_store

    upgrade_store(config_of(context), as_json=as_json)


def move(
    context: typer.Context,
    target: Annotated[str, typer.Argument(metavar="URL", help="postgresql://USER@HOST/DATABASE", show_default=False)],
    as_json: Json = False,
) -> None:
    """Move the whole store to another database; pairs and history stay as they are."""
    from mailsync.cli.setup import move_database

    move_database(config_of(context), target, as_json=as_json)


def backup(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where the copy is put.", show_default=False)],
    keep: Annotated[int, typer.Option(min=0, help="How many copies are left there; 0: all.")] = 0,
    as_json: Json = False,
) -> None:
    """Copy a SQLite store, whole, while it is in use."""
    from mailsync.cli.setup import back_up_store

    back_up_store(config_of(context), folder, keep, as_json=as_json)


def rotate(context: typer.Context, as_json: Json = False) -> None:
    """Replace the key: every stored log-in is encrypted anew."""
    from mailsync.cli.setup import rotate_key

    rotate_key(config_of(context), as_json=as_json)
