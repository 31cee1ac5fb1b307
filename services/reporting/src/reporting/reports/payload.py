"""What a job keeps of the request it came from: its kind and months to list it by, and the form itself, sealed.

A form may hold an identity number or a name; a job's payload must not.
"""

import base64
from collections.abc import Mapping
from typing import Any

from reporting.reports.kinds import KINDS
from reporting.reports.schemas import AskedForm, ExportForm, ReportForm
from servicekit.personal import REVEAL, Vault
from servicekit.tracing import current_traceparent

_LABEL = "report form"


def payload_of(form: AskedForm, vault: Vault) -> dict[str, Any]:
    """What the job of a form keeps."""
    sealed = vault.seal_bytes(_LABEL, form.model_dump_json(context=dict(REVEAL), exclude_none=True).encode())
    return {
        "kind": form.kind,
        "from_month": None if form.from_month is None else str(form.from_month),
        "to_month": None if form.to_month is None else str(form.to_month),
        "full_numbers": form.full_numbers,
        "form": base64.b64encode(sealed).decode(),
        "traceparent": current_traceparent(),
    }


def form_of(payload: Mapping[str, Any], vault: Vault) -> AskedForm:
    """The form again. Raises SealBroken: its key is gone."""
    if "form" not in payload:  # from before forms were sealed: then there was one kind, which names nobody
        return ReportForm.model_validate({name: payload[name] for name in ReportForm.model_fields if name in payload})
    made = ReportForm if KINDS[payload["kind"]].permission == "print" else ExportForm
    return made.model_validate_json(vault.open_bytes(_LABEL, base64.b64decode(payload["form"])))


def facts_of(form: AskedForm) -> dict[str, Any]:
    """What the audit log says of a request: never what was typed."""
    facts: dict[str, Any] = {"kind": form.kind, "full_numbers": form.full_numbers}
    for name in ("from_month", "to_month", "person_id"):
        value = getattr(form, name)
        if value is not None:
            facts[name] = str(value)
    for name in ("roster", "applications"):
        conditions = getattr(form, name, None)
        if conditions is not None:
            facts["by"] = sorted(conditions.model_fields_set)
    if isinstance(form, ReportForm) and form.person_ids is not None:
        facts["people"] = [str(person) for person in form.person_ids]
    return facts
