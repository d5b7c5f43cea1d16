"""The control API under /sandbox/: for tests and demonstrations, never part of what a vendor offers."""

from collections.abc import Awaitable, Callable
from typing import Any, cast

import orjson
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mailsync.sandbox.estate import Sandbox
from mailsync.sandbox.log import describe
from mailsync.sandbox.vendor import Refused
from mailsync.sandbox.world import read_world

Endpoint = Callable[[Request], Awaitable[Response]]


def build_control(sandbox: Sandbox) -> Starlette:
    """The control API of a sandbox. Whatever is asked wrongly is answered 400 `{"error": key and remedy}`."""
    endpoints: list[tuple[str, str, Callable[[Sandbox, Request], Awaitable[Any]]]] = [
        ("GET", "/sandbox/requests", _list_requests),
        ("DELETE", "/sandbox/requests", _clear_requests),
        ("GET", "/sandbox/faults", _list_faults),
        ("POST", "/sandbox/faults", _add_faults),
        ("DELETE", "/sandbox/faults", _clear_faults),
        ("POST", "/sandbox/act", _act),
        ("GET", "/sandbox/clock", _tell_time),
        ("POST", "/sandbox/clock", _advance),
        ("POST", "/sandbox/reset", _reset),
        ("GET", "/sandbox/world", _dump),
    ]
    routes = [Route(path, _bind(sandbox, endpoint), methods=[method]) for method, path, endpoint in endpoints]
    return Starlette(routes=routes, exception_handlers={Refused: _refuse, HTTPException: _refuse_route})


def _bind(sandbox: Sandbox, endpoint: Callable[[Sandbox, Request], Awaitable[Any]]) -> Endpoint:
    async def answer(request: Request) -> Response:
        return _json(await endpoint(sandbox, request))

    return answer


def _json(value: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(value), status, media_type="application/json")


async def _list_requests(sandbox: Sandbox, request: Request) -> list[dict[str, Any]]:
    bodies = request.query_params.get("bodies", "0") not in ("0", "", "false")
    return [describe(entry, bodies=bodies) for entry in sandbox.log.entries()]


async def _clear_requests(sandbox: Sandbox, _request: Request) -> dict[str, Any]:
    with sandbox.lock:
        return {"cleared": sandbox.log.clear()}


async def _list_faults(sandbox: Sandbox, _request: Request) -> list[dict[str, Any]]:
    with sandbox.lock:
        return sandbox.faults.describe()


async def _add_faults(sandbox: Sandbox, request: Request) -> list[dict[str, Any]]:
    sandbox.add_fault(await _read_object(request))
    return sandbox.faults.describe()


async def _clear_faults(sandbox: Sandbox, _request: Request) -> dict[str, Any]:
    return {"cleared": sandbox.lift_faults()}


async def _act(sandbox: Sandbox, request: Request) -> dict[str, Any]:
    spec = await _read_object(request)
    user, op = spec.pop("as", None), spec.pop("op", None)
    if not isinstance(user, str) or not user:
        raise Refused('as: say who acts, such as "ann" or "admin"')
    if not isinstance(op, str) or not op:
        raise Refused('op: say what is done, such as "share"; docs/sandbox.md lists the acts')
    return sandbox.act(user, op, spec)


async def _tell_time(sandbox: Sandbox, _request: Request) -> dict[str, Any]:
    return {"now": sandbox.clock.now(), "ahead": sandbox.clock.ahead}


async def _advance(sandbox: Sandbox, request: Request) -> dict[str, Any]:
    seconds = (await _read_object(request)).get("advance")
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise Refused("advance: give the number of seconds by which the vendors' clock moves on")
    sandbox.advance(seconds)
    return await _tell_time(sandbox, request)


async def _reset(sandbox: Sandbox, request: Request) -> dict[str, Any]:
    world = (await _read_object(request)).get("world", "empty")
    if not isinstance(world, str | dict):
        raise Refused("world: give the name of a world, the path of its file, or the world itself as an object")
    sandbox.reset(read_world(world) if isinstance(world, str) else cast(dict[str, Any], world))
    return {}


async def _dump(sandbox: Sandbox, _request: Request) -> dict[str, Any]:
    return sandbox.dump()


async def _read_object(request: Request) -> dict[str, Any]:
    try:
        body: object = orjson.loads(await request.body())
    except orjson.JSONDecodeError as error:
        raise Refused(f"body: no JSON at line {error.lineno}, column {error.colno}: {error.msg}") from None
    if not isinstance(body, dict):
        raise Refused("body: give a JSON object")
    return cast(dict[str, Any], body)


async def _refuse(_request: Request, error: Exception) -> Response:
    return _json({"error": str(error)}, 400)


async def _refuse_route(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    text = f"{request.method} {request.url.path}: not part of the control API; docs/sandbox.md lists it"
    return _json({"error": text}, error.status_code)
