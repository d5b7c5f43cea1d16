"""The organisation as one user sees it: sharing, field security and scopes, also what SOQL asks of it.

Private sharing for Account, Contact, Lead and Task: the owner, an administrator ("View All"), and whoever a record is
shared with. Users and list views have rules of their own.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from mailsync.sandbox.salesforce.org import Access, Org, Person, Row, View
from mailsync.sandbox.salesforce.schema import FieldSpec, ObjectSpec, child_relations
from mailsync.sandbox.salesforce.soql.source import Child, Field, Table


@dataclass(slots=True)
class Viewer:
    """One user during one request; `version` is that of the request's path (v68.0)."""

    org: Org
    person: Person
    version: str = "v68.0"
    _tables: dict[str, Table | None] = field(default_factory=dict[str, "Table | None"])

    @property
    def now(self) -> datetime:
        return self.org.clock.now()

    @property
    def user_id(self) -> str:
        return self.person.id

    @property
    def path(self) -> str:
        return f"/services/data/{self.version}"

    def table(self, name: str) -> Table | None:
        """The object for SOQL, without the fields that are hidden from the user."""
        key = name.lower()
        if key not in self._tables:
            spec = self.org.spec(name)
            self._tables[key] = None if spec is None else _as_table(spec, self.fields(spec), self._children(spec))
        return self._tables[key]

    def _children(self, spec: ObjectSpec) -> Mapping[str, Child]:
        pairs = child_relations(self.org.objects.values(), spec.name)
        seen = [Child(name, child.name, field.name) for child, field, name in pairs if name]
        return {
            found.name.lower(): found
            for found in seen
            if self.reads_field(self.org.objects[found.table.lower()], found.lookup.lower())
        }

    def rows(self, table: str, deleted: bool) -> Iterable[Mapping[str, Any]]:
        """What the user's queries see: committed rows that sharing lets through."""
        if table == "ListView":
            return [list_view_row(view) for view in self.org.views.values() if self.sees_view(view)]
        rows = self.org.committed(table)
        if not deleted:
            rows = (row for row in rows if not row.get("IsDeleted"))
        spec = self.org.spec(table)
        if self.person.admin or spec is None or not spec.shared:
            return rows
        return (row for row in rows if self.sees(spec, row))

    def parent(self, table: str, record_id: str) -> Mapping[str, Any] | None:
        """The live record that a lookup points at, if the user may see it; for Name, of whatever object it is."""
        if table == "Name":
            return self._name_row(record_id)
        spec = self.org.spec(table)
        row = self.org.find(table, record_id)
        if spec is None or row is None or row.get("IsDeleted") or not self.sees(spec, row):
            return None
        return row

    def _name_row(self, record_id: str) -> Row | None:
        found = next((spec for spec in self.org.objects.values() if record_id.startswith(spec.prefix)), None)
        row = None if found is None else self.parent(found.name, record_id)
        if found is None or row is None:
            return None
        shown = {field.name: row.get(field.name) for field in self.fields(found).values()}
        return {**shown, "Type": found.name}

    def in_scope(self, table: str, scope: str, row: Mapping[str, Any]) -> bool:
        """mine and team: what the user owns (there are no account teams or queues here); no scoping rule is active."""
        if scope.lower() in ("mine", "team"):
            return row.get("OwnerId") == self.person.id
        return scope.lower() != "queue_owned"

    def sees(self, spec: ObjectSpec, row: Mapping[str, Any]) -> bool:
        if self.person.admin or not spec.shared:
            return True
        row = self._governing(row)
        return row.get("OwnerId") == self.person.id or (row["Id"], self.person.id) in self.org.shares

    def edits(self, spec: ObjectSpec, row: Mapping[str, Any]) -> bool:
        if "plain" in spec.traits:
            return False
        return self.owns(row) or self.org.shares.get((self._governing(row)["Id"], self.person.id)) == "edit"

    def owns(self, row: Mapping[str, Any]) -> bool:
        """Whether the user may do with the record what its owner may: delete, share, transfer, undelete."""
        return self.person.admin or self._governing(row).get("OwnerId") == self.person.id

    def _governing(self, row: Mapping[str, Any]) -> Mapping[str, Any]:
        """The record whose sharing decides: with Person Accounts, Contacts are controlled by their Account (§5)."""
        if not self.org.person_accounts or not row["Id"].startswith("003") or not row.get("AccountId"):
            return row
        return self.org.find("Account", row["AccountId"]) or row

    def sees_view(self, view: View) -> bool:
        return view.public or view.owner == self.person.id or self.person.admin

    def fields(self, spec: ObjectSpec) -> Mapping[str, FieldSpec]:
        """The fields that the user may read, keyed by the lower-case name, in the describe's order."""
        return {key: field for key, field in spec.fields.items() if self.reads_field(spec, key)}

    def reads_field(self, spec: ObjectSpec, key: str) -> bool:
        access = self._access(spec, key)
        if access is not None and not access.read:
            return False
        if spec.fields[key].type != "address":
            return True
        parts = (part for part, field in spec.fields.items() if field.compound == spec.fields[key].name)
        return any(self.reads_field(spec, part) for part in parts)

    def edits_field(self, spec: ObjectSpec, key: str) -> bool:
        access = self._access(spec, key)
        return access is None or access.edit

    def _access(self, spec: ObjectSpec, key: str) -> Access | None:
        """Field security of this user; the person fields of an Account follow those of the Contact (§5)."""
        mirrored = spec.fields[key].mirrors
        table, name = ("Contact", mirrored.lower()) if mirrored else (spec.name, key)
        return self.org.security.get((table, name, self.person.name))

    def find(self, spec: ObjectSpec, record_id: str) -> Row | None:
        """The record of that 18-character id if the user may see it, also in the recycle bin."""
        if spec.name == "ListView":
            view = self.org.views.get(record_id)
            return list_view_row(view) if view and self.sees_view(view) else None
        row = self.org.find(spec.name, record_id)
        return row if row is not None and self.sees(spec, row) else None


def list_view_row(view: View) -> Row:
    """A list view as the queryable object ListView shows it."""
    return {
        "Id": view.id,
        "Name": view.label,
        "DeveloperName": view.name,
        "SobjectType": view.object,
        "IsSoqlCompatible": True,
        "CreatedDate": view.created,
        "CreatedById": view.owner,
        "LastModifiedDate": view.modified,
        "LastModifiedById": view.owner,
        "SystemModstamp": view.modified,
    }


def _as_table(spec: ObjectSpec, fields: Mapping[str, FieldSpec], children: Mapping[str, Child]) -> Table:
    return Table(
        name=spec.name,
        fields={
            key: Field(
                name=field.name,
                type=field.type,
                filterable=field.filterable,
                sortable=field.sortable,
                relationship=field.relationship,
                refers_to=field.refers_to,
                targets=field.targets,
                labels={value: label for value, label in field.choices if value != label},
                label_field=_label_field(spec, field),
            )
            for key, field in fields.items()
        },
        scopes=spec.scopes,
        children=children,
        queryable="hidden" not in spec.traits,
    )


def _label_field(spec: ObjectSpec, field: FieldSpec) -> str | None:
    """The text beside a code of a place: codes of states repeat from country to country."""
    text = field.name.removesuffix("Code")
    return text if field.labels and text != field.name and text.lower() in spec.fields else None
