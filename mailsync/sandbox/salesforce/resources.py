"""The REST resources of one API version: which endpoint a path is, and refusals in the vendor's shape."""

from collections.abc import Mapping
from dataclasses import replace

from mailsync.sandbox.salesforce.batches import create_many, delete_many, retrieve_many, update_many, upsert_many
from mailsync.sandbox.salesforce.bulk import ROUTES as BULK_ROUTES
from mailsync.sandbox.salesforce.bulk import count_limits
from mailsync.sandbox.salesforce.composite import run_batch, run_composite
from mailsync.sandbox.salesforce.describes import describe_everything, describe_object, describe_shortly
from mailsync.sandbox.salesforce.feeds import list_deleted, list_updated
from mailsync.sandbox.salesforce.listviews import describe_view, list_views, show_rows, show_view
from mailsync.sandbox.salesforce.queries import continue_query, start_query, start_query_all
from mailsync.sandbox.salesforce.refusal import ApiError, describe_refusal, not_found
from mailsync.sandbox.salesforce.rest import Ask, Endpoint, Reply, parse_error
from mailsync.sandbox.salesforce.rows import (
    create_row,
    delete_by_key,
    delete_row,
    read_by_key,
    read_row,
    update_row,
    upsert_row,
)
from mailsync.sandbox.salesforce.soql import SoqlError
from mailsync.sandbox.salesforce.values import WrongType


def respond(ask: Ask) -> Reply:
    """Carries one request out; a refused one leaves the organisation as it was."""
    mark = ask.viewer.org.mark()
    try:
        endpoint, arguments = find_endpoint(ask)
        return endpoint(replace(ask, arguments=arguments))
    except SoqlError as error:
        refusal = ApiError(error.code, error.message)
    except WrongType as error:
        refusal = parse_error(error)
    except ApiError as error:
        refusal = error
    ask.viewer.org.rollback(mark)
    return Reply(refusal.status, [describe_refusal(refusal)])


def find_endpoint(ask: Ask) -> tuple[Endpoint, tuple[str, ...]]:
    """The endpoint of a path and method. Raises ApiError NOT_FOUND, or METHOD_NOT_ALLOWED for another method."""
    for pattern, endpoints in _ROUTES.items():
        arguments = _match(pattern, ask.parts)
        if arguments is None:
            continue
        if ask.method not in endpoints:
            allowed = ",".join(sorted(endpoints))
            message = f"HTTP Method '{ask.method}' not allowed. Allowed are {allowed}"
            raise ApiError("METHOD_NOT_ALLOWED", message, status=405)
        return endpoints[ask.method], arguments
    raise not_found()


def _match(pattern: str, parts: tuple[str, ...]) -> tuple[str, ...] | None:
    names = tuple(pattern.split("/")) if pattern else ()
    if len(names) != len(parts):
        return None
    pairs = list(zip(names, parts, strict=True))
    if any(name not in ("{}", part) for name, part in pairs):
        return None
    return tuple(part for name, part in pairs if name == "{}")


def _list_resources(ask: Ask) -> Reply:
    names = ("sobjects", "query", "queryAll", "limits", "composite", "jobs")
    return Reply(200, {name: f"{ask.viewer.path}/{name}" for name in names})


def _list_composites(ask: Ask) -> Reply:
    names = ("batch", "sobjects")
    return Reply(200, {name: f"{ask.viewer.path}/composite/{name}" for name in names})


def _show_limits(ask: Ask) -> Reply:
    org = ask.viewer.org
    daily = {"Max": org.daily_limit, "Remaining": max(0, org.daily_limit - org.used())}
    return Reply(200, {"DailyApiRequests": daily, **count_limits(org)})


def _refuse_composite(_ask: Ask) -> Reply:
    raise ApiError("INVALID_INPUT", "A composite request can't be a subrequest")


def _composite(ask: Ask) -> Reply:
    return _refuse_composite(ask) if ask.inside else run_composite(ask, respond)


def _batch(ask: Ask) -> Reply:
    return _refuse_composite(ask) if ask.inside else run_batch(ask, respond)


_SOBJECT = "sobjects/{}"
_ROUTES: Mapping[str, Mapping[str, Endpoint]] = {
    "": {"GET": _list_resources},
    "limits": {"GET": _show_limits},
    "query": {"GET": start_query},
    "query/{}": {"GET": continue_query},
    "queryAll": {"GET": start_query_all},
    "queryAll/{}": {"GET": continue_query},
    "sobjects": {"GET": describe_everything},
    _SOBJECT: {"GET": describe_shortly, "POST": create_row},
    f"{_SOBJECT}/describe": {"GET": describe_object},
    f"{_SOBJECT}/updated": {"GET": list_updated},
    f"{_SOBJECT}/deleted": {"GET": list_deleted},
    f"{_SOBJECT}/listviews": {"GET": list_views},
    f"{_SOBJECT}/listviews/{{}}": {"GET": show_view},
    f"{_SOBJECT}/listviews/{{}}/describe": {"GET": describe_view},
    f"{_SOBJECT}/listviews/{{}}/results": {"GET": show_rows},
    f"{_SOBJECT}/{{}}": {"GET": read_row, "PATCH": update_row, "DELETE": delete_row},
    f"{_SOBJECT}/{{}}/{{}}": {"GET": read_by_key, "PATCH": upsert_row, "DELETE": delete_by_key},
    "composite": {"GET": _list_composites, "POST": _composite},
    "composite/batch": {"POST": _batch},
    "composite/sobjects": {"POST": create_many, "PATCH": update_many, "DELETE": delete_many},
    "composite/sobjects/{}": {"GET": retrieve_many, "POST": retrieve_many},
    "composite/sobjects/{}/{}": {"PATCH": upsert_many},
    **BULK_ROUTES,
}
