"""The words a list view is made of: its API name, its scope, and whether its condition is one Salesforce would take."""

import re

from mailsync.sandbox.salesforce.listviews import view_query
from mailsync.sandbox.salesforce.org import View
from mailsync.sandbox.salesforce.schema import ObjectSpec
from mailsync.sandbox.salesforce.soql import SoqlError, parse, run
from mailsync.sandbox.salesforce.viewer import Viewer
from mailsync.sandbox.vendor import Refused


def view_name(label: str) -> str:
    """The DeveloperName that Salesforce makes of a label: letters, digits and single underscores."""
    name = re.sub(r"[^A-Za-z0-9]+", "_", label).strip("_")[:40]
    return name if name and not name[0].isdigit() else f"X{name}"


def view_scope(spec: ObjectSpec, scope: object) -> str | None:
    """The scope of a view; everything is none (a describe shows null). Raises Refused for one the object hasn't."""
    if scope in (None, "", "everything", "all"):
        return None
    if not isinstance(scope, str) or scope not in spec.scopes:
        raise Refused(f"scope: {spec.name} knows {', '.join(spec.scopes)}")
    return scope


def check_view(viewer: Viewer, view: View) -> None:
    """Raises Refused, quoting Salesforce, where the view's condition is no SOQL condition on its object."""
    spec = viewer.org.objects[view.object.lower()]
    try:
        query = parse(f"{view_query(viewer, spec, view)} LIMIT 1")
        run(query, viewer, deleted=False)
    except SoqlError as error:
        raise Refused(f"where: Salesforce refuses it: {error.code} {error.message}") from None
