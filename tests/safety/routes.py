"""Every route of the hall and who may use it, written down a second time: a route that isn't here fails the tests.

Bodies are such that the route does its work when it lets somebody in. `{words}` are those of `tests.safety.filled`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.safety.bodies import ACCOUNT, CONTACT, FORGOTTEN, INSURANCE, LIMITS, PERSON, RATE, REGISTRATION, REPORT

Access = Literal[
    "public",
    "secret",
    "account",
    "agent",
    "clerk",
    "declare",
    "maintain",
    "query",
    "print",
    "representative",
    "reviewer",
    "operator",
    "delegate",
    "person",  # an insured person's account, recognised or not
    "insured",  # and a recognised one
    "person_delegate",
]
PERMISSIONS: tuple[Access, ...] = ("declare", "maintain", "query", "print")
PERSONS: frozenset[Access] = frozenset({"person", "insured", "person_delegate"})
CLERKS: frozenset[Access] = frozenset({"clerk", "declare", "maintain", "query", "print", "representative"})


@dataclass(frozen=True)
class Route:
    """A route, who may use it, and a request that would do something."""

    service: str
    method: str
    path: str
    access: Access
    body: Any = None
    query: Mapping[str, str] = field(default_factory=dict)
    file: str = ""
    """The name of the file of `Filled.files` that goes with the body as a form, where the route takes one."""
    once: bool = False
    """Whether it works once only: afterwards the session or the thing is another."""
    stepped_up: bool = False
    """Whether the session must have been raised a moment ago (step-up). Intruders' sessions are raised, too."""

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def names_something(self) -> bool:
        """Whether the path holds the id of a thing (months have none): another unit's thing isn't there for a clerk."""
        return bool(set(re.findall(r"{(\w+)}", self.path)) - {"month", "insurance"})


_E, _I, _U, _R = "/api/enrollment", "/api/identity", "/api/employer", "/api/reporting"

ROUTES: tuple[Route, ...] = (
    Route(
        "identity",
        "POST",
        f"{_I}/registrations/unit-checks",
        "public",
        {"uscc": "91330200MA2A0B1C3J", "unit_name": "甬"},
    ),
    Route(
        "identity",
        "POST",
        f"{_I}/registrations/sms-codes",
        "public",
        {"mobile": "13800571234", "purpose": "registration"},
    ),
    Route("identity", "POST", f"{_I}/registrations", "public", REGISTRATION),
    Route("identity", "POST", f"{_I}/demo/sms-inbox", "public", {"mobile": "13800571234"}),
    Route(
        "identity", "POST", f"{_I}/sessions", "public", {"mode": "agent", "username": "jingban01", "password": "wrong"}
    ),
    Route("identity", "POST", f"{_I}/demo/totp-codes", "public", {"username": "shenhe01"}),
    Route("identity", "GET", f"{_I}/password-policy", "public"),
    Route("identity", "POST", f"{_I}/password-resets/sms-codes", "public", FORGOTTEN),
    Route(
        "identity",
        "POST",
        f"{_I}/password-resets",
        "public",
        {**FORGOTTEN, "sms_code": "000000", "password": "Qiantang-Chao-2026-xin"},
    ),
    Route(
        "identity",
        "POST",
        f"{_I}/staff-beginnings",
        "public",
        {"username": "shenhe01", "code": "GUESSED", "password": "Qiantang-Chao-2026-xin"},
    ),
    Route("identity", "GET", f"{_I}/sessions/current", "account"),
    Route("identity", "GET", f"{_I}/sessions", "account"),
    Route("identity", "GET", f"{_I}/account", "account"),
    Route("identity", "GET", f"{_I}/account/security-log", "account"),
    Route("identity", "POST", f"{_I}/account/mobile/sms-codes", "account", {"mobile": "13800579999"}, once=True),
    Route(
        "identity",
        "POST",
        f"{_I}/account/mobile",
        "account",
        {"mobile": "13800579999", "sms_code": "000000"},
        once=True,
    ),
    Route("identity", "POST", f"{_I}/account/second-factor/enrolment", "account"),
    Route("identity", "POST", f"{_I}/account/second-factor", "account", {"code": "000000"}, once=True),
    Route("identity", "POST", f"{_I}/account/second-factor/recovery-codes", "account", once=True),
    Route("identity", "DELETE", f"{_I}/account/second-factor", "account", once=True),
    Route("identity", "DELETE", f"{_I}/sessions/others", "account", once=True),
    Route("identity", "DELETE", f"{_I}/sessions/{{session_id}}", "account", once=True),
    Route("identity", "GET", f"{_I}/staff", "operator"),
    Route(
        "identity",
        "POST",
        f"{_I}/staff",
        "operator",
        {"username": "shenhe77", "display_name": "白一鸣", "kind": "reviewer", "mobile": "13800571234"},
    ),
    Route("identity", "POST", f"{_I}/staff/{{account_id}}/opening-code", "operator"),
    Route("identity", "POST", f"{_I}/staff/{{account_id}}/closure", "operator"),
    Route("identity", "POST", f"{_I}/holders/searches", "operator", {"username": "nobody"}),
    Route("identity", "POST", f"{_I}/holders/{{account_id}}/release", "operator", {"reason": "not_the_owner"}),
    Route("identity", "GET", f"{_I}/units", "account", query={"q": "3302"}),
    Route("identity", "POST", f"{_I}/sessions/current/unit", "account", {"employer_no": "{employer_no}"}, once=True),
    Route("identity", "POST", f"{_I}/sessions/current/step-up", "account", {"password": "Yongjiang-demo-2026"}),
    Route("identity", "GET", f"{_I}/sso/providers", "public"),
    Route("identity", "GET", f"{_I}/sso/refusals/{{code}}", "public"),
    Route("identity", "GET", f"{_I}/sso/arrival", "public"),
    Route("identity", "POST", f"{_I}/sso/arrival/confirmation", "public", {"mode": "agent"}),
    Route("identity", "POST", f"{_I}/sso/arrival/second-factor", "public", {"totp_code": "000000"}),
    Route("identity", "DELETE", f"{_I}/sso/arrival", "public"),
    Route("identity", "GET", f"{_I}/sso/links", "account"),
    Route("identity", "POST", f"{_I}/sso/links", "account", once=True),
    Route("identity", "DELETE", f"{_I}/sso/links/{{link_id}}", "account", once=True),
    Route("identity", "POST", f"{_I}/sso/{{provider}}/departures", "account", once=True),
    Route("identity", "GET", f"{_I}/sso/{{provider}}/start", "public", query={"mode": "agent"}),
    Route("identity", "GET", f"{_I}/sso/{{provider}}/callback", "public", query={"ticket": "guess"}),
    Route("identity", "GET", f"{_I}/sso/{{provider}}/logout", "public"),
    Route(
        "identity",
        "POST",
        f"{_I}/invitations",
        "representative",
        {"username": "somebody_else", "permissions": ["query"]},
        once=True,
        stepped_up=True,
    ),
    Route("identity", "GET", f"{_I}/invitations", "representative"),
    Route("identity", "GET", f"{_I}/invitations/mine", "agent"),
    Route("identity", "POST", f"{_I}/invitations/{{invitation_id}}/acceptance", "agent", once=True),
    Route("identity", "POST", f"{_I}/invitations/{{invitation_id}}/refusal", "agent", once=True),
    Route("identity", "GET", f"{_I}/mandates", "representative", query={"q": "jing"}),
    Route("identity", "GET", f"{_I}/mandates/mine", "agent"),
    Route("identity", "GET", f"{_I}/mandates/{{mandate_id}}", "representative"),
    Route(
        "identity",
        "PUT",
        f"{_I}/mandates/{{mandate_id}}",
        "representative",
        {"permissions": ["declare", "maintain", "query", "print"]},
        stepped_up=True,
    ),
    Route(
        "identity",
        "POST",
        f"{_I}/api-keys",
        "representative",
        {"name": "考勤系统", "permissions": ["query"], "expires_on": "2026-12-31"},
        once=True,
        stepped_up=True,
    ),
    Route("identity", "GET", f"{_I}/api-keys", "representative"),
    Route("identity", "DELETE", f"{_I}/api-keys/{{key_id}}", "representative", once=True),
    Route("identity", "DELETE", f"{_I}/invitations/{{invitation_id}}", "representative", once=True),
    Route("identity", "DELETE", f"{_I}/mandates/mine/{{mandate_id}}", "agent", once=True),
    Route("identity", "DELETE", f"{_I}/mandates/{{mandate_id}}", "representative", once=True),
    Route("identity", "POST", "/internal/token-swaps", "secret", {"session": "guess"}),
    Route("identity", "POST", "/internal/key-portions", "secret", {"key_id": "{key_id}"}),
    Route(
        "identity",
        "POST",
        "/internal/delegations",
        "secret",
        {"account_id": "{account_id}", "employer_no": "{employer_no}", "permission": "print"},
    ),
    Route("identity", "GET", "/.well-known/jwks.json", "public"),
    Route(
        "identity",
        "POST",
        f"{_I}/account/password",
        "account",
        {"old_password": "Yongjiang-demo-2026", "password": "Qiantang-Chao-2026-xin"},
        once=True,
    ),
    Route("identity", "DELETE", f"{_I}/sessions/current", "account", once=True),
    Route("enrollment", "GET", f"{_E}/dictionaries", "public"),
    Route("enrollment", "GET", f"{_E}/online-declaration", "clerk"),
    Route("enrollment", "POST", f"{_E}/people/lookups", "declare", {"id_type": "01", "id_number": "{id_number}"}),
    Route("enrollment", "POST", f"{_E}/people/searches", "maintain", {"id_number": "{id_number}"}),
    Route("enrollment", "POST", f"{_E}/people/searches", "maintain", {"name": "无双"}),
    Route("enrollment", "GET", f"{_E}/people/{{person_id}}", "maintain"),
    Route("enrollment", "GET", f"{_E}/people/{{person_id}}/changes", "maintain"),
    Route(
        "enrollment",
        "PUT",
        f"{_E}/people/{{person_id}}/contact",
        "maintain",
        {"household_kind": "11", "contact_address": "宁波市示范路1号"},
        once=True,
    ),
    Route("enrollment", "POST", f"{_E}/additions", "declare", {"person": PERSON, "insurance": INSURANCE}),
    Route("enrollment", "POST", f"{_E}/removals/searches", "declare", {"id_number": "{id_number}"}),
    Route("enrollment", "POST", f"{_E}/removals/searches", "declare", {"name": "无双"}),
    Route(
        "enrollment",
        "POST",
        f"{_E}/removals",
        "declare",
        {"person_id": "{person_id}", "removal": {"reason": "01", "stop_month": "2026-03"}},
    ),
    Route("enrollment", "POST", f"{_E}/applications/searches", "query", {"state": "pending"}),
    Route(
        "enrollment", "POST", f"{_E}/applications/searches", "query", {"state": "decided", "id_number": "{id_number}"}
    ),
    Route("enrollment", "GET", f"{_E}/applications/{{no}}", "query"),
    Route("enrollment", "POST", f"{_E}/applications/{{no}}/withdrawal", "declare", once=True),
    Route("enrollment", "POST", f"{_E}/reviews/searches", "reviewer", {"state": "pending"}),
    Route("enrollment", "GET", f"{_E}/reviews/{{no}}", "reviewer"),
    Route("enrollment", "PUT", f"{_E}/reviews/{{no}}/claim", "reviewer"),
    Route("enrollment", "DELETE", f"{_E}/reviews/{{no}}/claim", "reviewer"),
    Route(
        "enrollment",
        "POST",
        f"{_E}/reviews/decisions",
        "reviewer",
        {"decision": "approve", "items": [{"no": "{no}", "version": 1}]},
    ),
    Route("enrollment", "POST", f"{_E}/reviews/{{no}}/disclosures", "reviewer", {"fields": ["id_number"]}),
    Route("enrollment", "GET", f"{_E}/notices", "query"),
    Route("enrollment", "POST", f"{_E}/notices/seen", "query", {"seen_to": "2026-03-10T00:00:00Z"}),
    Route("enrollment", "GET", f"{_E}/applications/events", "query"),
    Route("enrollment", "POST", f"{_E}/reviews/{{no}}/decision", "reviewer", {"decision": "reject", "reason": "不符"}),
    Route("enrollment", "GET", f"{_E}/decision-settings", "operator"),
    Route("enrollment", "PUT", f"{_E}/decision-settings/{{kind}}", "operator", {"automatic": True}),
    Route("enrollment", "POST", f"{_E}/roster/searches", "query", {}),
    Route("enrollment", "POST", f"{_E}/roster/searches", "query", {"id_number": "{id_number}"}),
    Route("enrollment", "POST", f"{_E}/roster/searches", "query", {"name": "无双"}),
    Route("enrollment", "GET", f"{_E}/roster/{{person_id}}", "query"),
    Route(
        "enrollment",
        "POST",
        f"{_E}/roster/{{person_id}}/disclosures",
        "query",
        {"fields": ["id_number", "mobile"]},
        stepped_up=True,
    ),
    Route("enrollment", "GET", f"{_E}/batches/templates/addition", "declare"),
    Route("enrollment", "GET", f"{_E}/batches/templates/removal", "declare"),
    Route("enrollment", "POST", f"{_E}/batches/uploads", "declare", {"kind": "addition"}, file="人员.xlsx"),
    Route("enrollment", "GET", f"{_E}/batches", "declare"),
    Route("enrollment", "GET", f"{_E}/batches/{{batch_id}}", "declare"),
    Route("enrollment", "GET", f"{_E}/batches/{{batch_id}}/events", "declare"),
    Route("enrollment", "GET", f"{_E}/batches/{{batch_id}}/faulty-rows", "declare"),
    Route("enrollment", "GET", f"{_E}/batches/{{batch_id}}/faulty-rows/file", "declare"),
    Route("enrollment", "POST", f"{_E}/batches/{{batch_id}}/confirmation", "declare", once=True),
    Route("enrollment", "GET", "/internal/people/{person_id}/certificate-facts", "delegate"),
    Route("enrollment", "GET", f"{_E}/me/recognition", "person"),
    Route("enrollment", "GET", f"{_E}/me/coverage", "insured"),
    Route("enrollment", "GET", "/internal/me/certificate-facts", "person_delegate"),
    Route("enrollment", "POST", "/internal/roster-pages", "delegate", {"name": "无双"}),
    Route(
        "enrollment", "POST", "/internal/roster-pages", "delegate", {"id_number": "{id_number}", "full_numbers": True}
    ),
    Route("enrollment", "POST", "/internal/application-pages", "delegate", {"state": "pending", "full_numbers": True}),
    Route("enrollment", "POST", "/internal/people-names", "delegate", {"person_ids": ["{person_id}"]}),
    Route("employer", "GET", "/internal/unit-facts", "delegate"),
    Route("employer", "POST", "/internal/contribution-bases", "delegate", {"person_ids": ["{person_id}"]}),
    Route("employer", "GET", "/internal/contribution-sums", "delegate", query={"from_month": "2026-01"}),
    Route("employer", "GET", f"{_U}/unit", "query"),
    Route("employer", "GET", f"{_U}/unit/maintenance", "maintain"),
    Route("employer", "PUT", f"{_U}/unit/contact", "maintain", CONTACT, once=True),
    Route("employer", "POST", f"{_U}/unit/disclosures", "query", {"fields": ["contact_phone"]}, stepped_up=True),
    Route("employer", "PUT", f"{_U}/unit/bank-account", "maintain", ACCOUNT, stepped_up=True),
    Route("employer", "GET", f"{_U}/unit/bank-accounts", "maintain"),
    Route("employer", "GET", f"{_U}/bank-classes", "account"),
    Route("employer", "GET", f"{_U}/bank-branches", "account", query={"q": "工行"}),
    Route("employer", "GET", f"{_U}/bank-imports/template", "operator"),
    Route("employer", "POST", f"{_U}/bank-imports/uploads", "operator", {}, file="名录.csv"),
    Route("employer", "GET", f"{_U}/bank-imports", "operator"),
    Route("employer", "GET", f"{_U}/bank-imports/{{import_id}}", "operator"),
    Route("employer", "GET", f"{_U}/bank-imports/{{import_id}}/faulty-rows", "operator"),
    Route("employer", "GET", f"{_U}/bank-imports/{{import_id}}/faulty-rows/file", "operator"),
    Route("employer", "POST", f"{_U}/bank-imports/{{import_id}}/confirmation", "operator"),
    Route("employer", "POST", f"{_U}/registration-changes/attachments", "maintain", {}, file="执照.pdf"),
    Route("employer", "DELETE", f"{_U}/registration-changes/attachments/{{attachment_id}}", "maintain", once=True),
    Route(
        "employer",
        "POST",
        f"{_U}/registration-changes",
        "maintain",
        {"address": "某路1号", "attachments": ["{attachment_id}"]},
        once=True,
    ),
    Route("employer", "GET", f"{_U}/registration-changes", "clerk"),
    Route("employer", "GET", f"{_U}/registration-changes/{{change_id}}", "clerk"),
    Route(
        "employer",
        "GET",
        f"{_U}/registration-changes/{{change_id}}/attachments/{{attachment_id}}/file",
        "clerk",
    ),
    Route("employer", "GET", f"{_U}/reviews/registration-changes/{{change_id}}", "reviewer"),
    Route(
        "employer",
        "GET",
        f"{_U}/reviews/registration-changes/{{change_id}}/attachments/{{attachment_id}}/file",
        "reviewer",
    ),
    Route(
        "employer",
        "POST",
        f"{_U}/reviews/registration-changes/{{change_id}}/disclosures",
        "reviewer",
        {"fields": ["legal_representative_id_number"]},
        stepped_up=True,
    ),
    Route("employer", "POST", f"{_U}/cost-previews", "declare", {"months": ["2026-03"], "monthly_wage": "8000.00"}),
    Route("employer", "GET", f"{_U}/employers", "operator", query={"q": "甬江"}),
    Route("employer", "POST", f"{_U}/employers", "operator", {}),
    Route("employer", "GET", f"{_U}/employers/{{employer_no}}", "operator"),
    Route(
        "employer",
        "GET",
        f"{_U}/contributions/people/{{person_id}}",
        "query",
        query={"from_month": "2026-01", "to_month": "2026-02"},
    ),
    Route(
        "employer", "GET", f"{_U}/contributions/months", "query", query={"from_month": "2026-01", "to_month": "2026-02"}
    ),
    Route(
        "employer", "GET", "/internal/contributions", "delegate", query={"from_month": "2026-01", "to_month": "2026-02"}
    ),
    Route(
        "employer",
        "GET",
        "/internal/contributions",
        "delegate",
        query={"from_month": "2026-01", "to_month": "2026-02", "person_id": "{person_id}"},
    ),
    Route(
        "employer", "GET", f"{_U}/me/contributions", "insured", query={"from_month": "2026-01", "to_month": "2026-02"}
    ),
    Route(
        "employer",
        "GET",
        "/internal/me/contributions",
        "person_delegate",
        query={"from_month": "2026-01", "to_month": "2026-02"},
    ),
    Route("employer", "POST", f"{_U}/assessments", "operator", {"month": "2026-02"}),
    Route("employer", "GET", f"{_U}/assessments", "operator"),
    Route("employer", "GET", f"{_U}/assessments/{{assessment_id}}", "operator"),
    Route("employer", "GET", f"{_U}/assessments/{{assessment_id}}/events", "operator"),
    Route("employer", "POST", f"{_U}/employers/{{employer_no}}/closure", "operator", {"reason": "依法注销"}),
    Route("employer", "POST", f"{_U}/employers/{{employer_no}}/reopening", "operator", {"reason": "注销有误"}),
    Route("employer", "GET", f"{_U}/employer-kinds", "operator"),
    Route("employer", "PUT", f"{_U}/employer-kinds/{{code}}", "operator", {"online_declaration": True}),
    Route("employer", "GET", f"{_U}/contributions/months/{{month}}/{{insurance}}", "query"),
    Route("employer", "GET", f"{_U}/contributions/months/{{month}}/{{insurance}}/people", "query"),
    Route("employer", "POST", f"{_U}/receipt-imports/uploads", "operator", {}, file="到账.csv"),
    Route("employer", "GET", f"{_U}/receipt-imports", "operator"),
    Route("employer", "GET", f"{_U}/receipt-imports/{{receipt_import_id}}", "operator"),
    Route("employer", "GET", f"{_U}/receipt-imports/{{receipt_import_id}}/events", "operator"),
    Route("employer", "GET", f"{_U}/receipt-imports/{{receipt_import_id}}/lines", "operator"),
    Route(
        "employer",
        "GET",
        f"{_U}/receipt-imports/{{receipt_import_id}}/lines/file",
        "operator",
        query={"outcome": "unknown"},
    ),
    Route("employer", "POST", f"{_U}/receipt-imports/{{receipt_import_id}}/confirmation", "operator", once=True),
    Route("employer", "GET", f"{_U}/rates", "operator"),
    Route("employer", "GET", f"{_U}/rate-changes", "operator"),
    Route("employer", "POST", f"{_U}/rate-changes/rates", "operator", RATE),
    Route("employer", "POST", f"{_U}/rate-changes/limits", "operator", LIMITS),
    Route("employer", "POST", f"{_U}/rate-changes/{{rate_change_id}}/withdrawal", "operator", once=True),
    Route(
        "employer",
        "POST",
        f"{_U}/rate-changes/{{rate_change_id}}/decision",
        "operator",
        {"decision": "approve"},
        once=True,
    ),
    *(
        Route(service, "POST", f"/api/{service}/audit/{what}", "operator", body)
        for service in ("identity", "enrollment", "employer", "reporting")
        for what, body in (("searches", {}), ("verifications", {"chain": "agency"}))
    ),
    Route("identity", "POST", f"{_I}/actors/searches", "operator", {"username": "guanli01"}),
    Route("enrollment", "POST", f"{_E}/roster/names", "query", {"person_ids": ["{person_id}"]}),
    Route("reporting", "POST", f"{_R}/reports", "print", REPORT),
    Route("reporting", "POST", f"{_R}/reports", "print", {"kind": "roster_list", "roster": {"name": "无双"}}),
    Route("reporting", "POST", f"{_R}/exports", "query", {"kind": "roster", "full_numbers": True}, stepped_up=True),
    Route("reporting", "GET", f"{_R}/reports", "clerk"),
    Route("reporting", "GET", f"{_R}/reports/{{report_id}}", "clerk"),
    Route("reporting", "GET", f"{_R}/reports/{{report_id}}/events", "clerk"),
    Route("reporting", "GET", f"{_R}/reports/{{report_id}}/file", "clerk"),
    Route("reporting", "POST", f"{_R}/reports/{{report_id}}/repetition", "clerk"),
    Route("reporting", "POST", f"{_R}/reports/{{report_id}}/cancellation", "clerk", once=True),
    Route("reporting", "DELETE", f"{_R}/reports/{{report_id}}", "clerk", once=True),
    Route("reporting", "POST", f"{_R}/me/reports", "insured", {"from_month": "2026-01", "to_month": "2026-02"}),
    Route("reporting", "GET", f"{_R}/me/reports", "insured"),
    Route("reporting", "GET", f"{_R}/me/reports/{{report_id}}", "insured"),
    Route("reporting", "GET", f"{_R}/me/reports/{{report_id}}/events", "insured"),
    Route("reporting", "GET", f"{_R}/me/reports/{{report_id}}/file", "insured"),
    Route("reporting", "GET", f"{_R}/verifications/{{code}}", "public"),
    Route("reporting", "POST", f"{_R}/verifications/files", "public", {}, file="copy"),
    Route("reporting", "GET", f"{_R}/issued-documents/{{reference}}", "operator"),
    Route("reporting", "POST", f"{_R}/issued-documents/{{reference}}/revocation", "operator", {"reason": "内容有误"}),
)


def routes_of(service: str) -> Iterator[Route]:
    """The routes of a service, in the order in which they can be tried."""
    return (route for route in ROUTES if route.service == service)


def worded(value: Any, words: Mapping[str, str]) -> Any:
    """A copy with the placeholders replaced."""
    if isinstance(value, str):
        for name, word in words.items():
            value = value.replace(f"{{{name}}}", word)
        return value
    if isinstance(value, list):
        return [worded(inner, words) for inner in value]
    if isinstance(value, Mapping):
        return {name: worded(inner, words) for name, inner in value.items()}
    return value
