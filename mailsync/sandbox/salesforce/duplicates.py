"""Duplicate rules: one field compared exactly, over the records that the user can see."""

from collections.abc import Mapping
from typing import Any

from mailsync.sandbox.salesforce.org import DuplicateRule
from mailsync.sandbox.salesforce.refusal import ApiError
from mailsync.sandbox.salesforce.schema import ObjectSpec
from mailsync.sandbox.salesforce.values import show_record
from mailsync.sandbox.salesforce.viewer import Viewer

_MESSAGE = "Use one of these records?"


def refuse_duplicates(
    viewer: Viewer, spec: ObjectSpec, row: Mapping[str, Any], given: Mapping[str, Any], allowed: bool, details: bool
) -> None:
    """Raises DUPLICATES_DETECTED where a rule finds a match for a field this request writes.

    `allowed` (Sforce-Duplicate-Rule-Header: allowSave=true) passes a rule that alerts, never one that blocks.
    """
    for rule in viewer.org.duplicate_rules:
        if rule.object != spec.name or rule.field not in given or row.get(rule.field) is None:
            continue
        if rule.action == "alert" and allowed:
            continue
        matches = _find_matches(viewer, spec, rule, row)
        if matches:
            raise _refuse(viewer, spec, rule, matches, details)


def _find_matches(
    viewer: Viewer, spec: ObjectSpec, rule: DuplicateRule, row: Mapping[str, Any]
) -> list[Mapping[str, Any]]:
    wanted = str(row[rule.field]).casefold()
    return [
        other
        for other in viewer.org.records.get(spec.name, {}).values()
        if not other.get("IsDeleted")
        and other["Id"] != row.get("Id")
        and str(other.get(rule.field, "")).casefold() == wanted
        and viewer.sees(spec, other)
    ]


def _refuse(
    viewer: Viewer, spec: ObjectSpec, rule: DuplicateRule, matches: list[Mapping[str, Any]], details: bool
) -> ApiError:
    """The refusal with `duplicateResult`, as a single create shows it (vendors/salesforce.md §4)."""
    names = [field.name for field in viewer.fields(spec).values()] if details else ["Id"]
    engine_rule = f"Exact_{rule.field}_Matching_Rule"
    result: dict[str, Any] = {
        "allowSave": rule.action == "alert",
        "duplicateRule": f"{spec.name}_{rule.field}_Rule",
        "duplicateRuleEntityType": spec.name,
        "errorMessage": _MESSAGE,
        "matchResults": [
            {
                "entityType": spec.name,
                "errors": [],
                "matchEngine": "ExactMatchEngine",
                "matchRecords": [
                    {
                        "additionalInformation": [],
                        "fieldDiffs": [],
                        "matchConfidence": 100.0,
                        "record": show_record(spec, names, match, viewer.path),
                    }
                    for match in matches
                ],
                "rule": engine_rule,
                "size": len(matches),
                "success": True,
            }
        ],
    }
    return ApiError("DUPLICATES_DETECTED", _MESSAGE, (), extra={"duplicateResult": result})
