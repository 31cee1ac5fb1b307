"""Who may act for a unit, felt through the gateway in sessions that are open, and by HR systems with a key."""

from typing import Any

import httpx
import pytest

from servicekit.ids import uuid7
from tests.support.hall import PASSWORD, UNIT, HallClient, RunningHall, addition_form
from tests.support.hr_system import HrSystem, issue_key
from tests.support.people import resident_id
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.processes]

ADDITIONS = "/api/enrollment/additions"
EVERYWHERE: tuple[tuple[str, str, Any], ...] = (  # a look at each service that has business of a unit
    ("POST", "/api/enrollment/roster/searches", {}),
    ("GET", "/api/employer/unit", None),
    ("GET", "/api/reporting/reports", None),
)


def _chief(visitor: HallClient) -> HallClient:
    """The demo's legal representative, at the first unit, with a raised session."""
    visitor.login("legal_representative", "yongjiang", unit=UNIT)
    visitor.post("/api/identity/sessions/current/step-up", {"password": PASSWORD})
    return visitor


def _agent_of_unit(chief: HallClient) -> tuple[dict[str, Any], str]:
    """The demo's agent as the unit sees them, with the ETag."""
    (listed,) = chief.get("/api/identity/mandates?q=jingban01")["items"]
    seen = chief.call("GET", f"/api/identity/mandates/{listed['mandate_id']}")
    return seen.json(), seen.headers["etag"]


def test_other_permissions_and_removal_are_felt_in_an_open_session(running_hall: RunningHall) -> None:
    with HallClient(running_hall.url) as chief, HallClient(running_hall.url) as clerk:
        clerk.login("agent", "jingban01", unit=UNIT)
        clerk.post(ADDITIONS, addition_form(resident_id()), 201)
        served = clerk.get("/api/identity/units")["total"]
        for method, path, body in EVERYWHERE:
            assert clerk.call(method, path, body).status_code == 200  # the gateway knows this session by now
        agent, etag = _agent_of_unit(_chief(chief))
        path = f"/api/identity/mandates/{agent['mandate_id']}"

        changed = chief.call("PUT", path, {"permissions": ["query", "print"]}, **{"If-Match": etag})
        assert changed.status_code == 200, changed.text
        half_finished = addition_form(resident_id())
        refused = wait_until(lambda: _refusal(clerk, half_finished), seconds=5, what="the loss of 申报")
        assert (refused.status_code, refused.json()["code"]) == (403, "permission_missing")
        assert "申报" in refused.json()["detail"]
        assert clerk.call("GET", "/api/employer/unit").status_code == 200

        assert chief.call("DELETE", path).status_code == 204
        wait_until(lambda: clerk.call("GET", "/api/employer/unit").status_code == 403, seconds=5, what="the removal")
        for method, target, body in (*EVERYWHERE, ("POST", ADDITIONS, half_finished)):
            refused = clerk.call(method, target, body)
            assert (refused.status_code, refused.json()["code"]) == (403, "mandate_ended"), target
            assert "填写的内容仍保留" in refused.json()["detail"]
        assert clerk.get("/api/identity/sessions/current")["employer_no"] is None  # signed in all the same
        assert clerk.get("/api/identity/units")["total"] == served - 1

        invitation = {"username": "jingban01", "permissions": ["declare", "maintain", "query", "print"]}
        chief.post("/api/identity/invitations", invitation, 201)
        (received,) = clerk.get("/api/identity/invitations/mine")["items"]
        clerk.post(f"/api/identity/invitations/{received['id']}/acceptance")
        # The session had chosen this unit: it may go on, and what was typed can be sent.
        clerk.unit = UNIT
        again = wait_until(lambda: _success(clerk, half_finished), seconds=5, what="the new mandate")
        assert again.status_code == 201


def _refusal(clerk: HallClient, form: dict[str, Any]) -> httpx.Response | None:
    """What the form is refused with; a new person's form each time, since it may still be accepted."""
    answer = clerk.call("POST", ADDITIONS, addition_form(resident_id()))
    return clerk.call("POST", ADDITIONS, form) if answer.status_code != 201 else None


def _success(clerk: HallClient, form: dict[str, Any]) -> httpx.Response | None:
    answer = clerk.call("POST", ADDITIONS, form)
    return answer if answer.status_code == 201 else None


def test_two_tabs_on_two_units_are_told_apart(running_hall: RunningHall) -> None:
    with HallClient(running_hall.url) as clerk:
        clerk.login("legal_representative", "yongjiang", unit=UNIT)
        assert clerk.get("/api/identity/units")["total"] == 2  # one USCC, two units: both are theirs
        clerk.choose("330200000000000102")
        clerk.unit = UNIT  # the tab that still shows the first
        refused = clerk.call("POST", ADDITIONS, addition_form(resident_id()))
        assert (refused.status_code, refused.json()["code"]) == (409, "unit_mismatch")


def test_an_hr_system_declares_until_its_key_is_revoked(running_hall: RunningHall) -> None:
    with HallClient(running_hall.url) as chief:
        issued = issue_key(_chief(chief))
        with HrSystem(running_hall.url, issued["key"]) as system:
            form, once = addition_form(resident_id()), str(uuid7())
            first = system.declare(form, once)
            assert first.status_code == 201, first.text
            assert system.declare(form, once).json() == first.json()  # sent again after a broken line: one application
            number = first.json()["no"]
            assert system.call("GET", f"/api/enrollment/applications/{number}").json()["status"] == "pending"
            lookup = system.call("POST", "/api/enrollment/applications/searches", {"state": "pending"})
            assert number in [item["no"] for item in lookup.json()["items"]]
            certificate = {"kind": "employer_certificate", "from_month": "2026-01", "to_month": "2026-02"}
            for method, path, body, code in (
                ("POST", "/api/reporting/reports", certificate, "permission_missing"),
                ("GET", "/api/identity/api-keys", None, "sign_in_needed"),
                ("GET", "/api/identity/sessions/current", None, "not_a_session"),
            ):
                assert system.call(method, path, body).json()["code"] == code
            (listed,) = [key for key in chief.get("/api/identity/api-keys")["items"] if key["id"] == issued["id"]]
            assert listed["last_used_at"] is not None
            accepted = [number]

            assert chief.call("DELETE", f"/api/identity/api-keys/{issued['id']}").status_code == 204
            refused = wait_until(lambda: _until_refused(system, accepted), seconds=5, what="the end of the key")
            assert (refused.status_code, refused.json()["code"]) == (401, "invalid_api_key")
            assert system.declare(form, once).status_code == 401  # not even what was answered before
        for no in accepted:  # what was accepted stays accepted
            assert chief.get(f"/api/enrollment/applications/{no}")["status"] == "pending"


def _until_refused(system: HrSystem, accepted: list[str]) -> httpx.Response | None:
    answer = system.declare(addition_form(resident_id()))
    if answer.status_code != 201:
        return answer
    accepted.append(answer.json()["no"])
    return None


def test_a_key_may_ask_so_often_and_no_more(running_hall: RunningHall) -> None:
    with HallClient(running_hall.url) as chief:
        issued = issue_key(_chief(chief), requests_per_minute=3)
        with HrSystem(running_hall.url, issued["key"]) as system:
            answers = [system.call("POST", "/api/enrollment/roster/searches", {}) for _ in range(4)]
            assert [answer.status_code for answer in answers][:3] == [200] * 3
            over = next(
                answer
                for answer in (answers[3], *(system.call("POST", "/api/enrollment/roster/searches", {}) for _ in "12"))
                if answer.status_code != 200
            )  # on a slow machine a request may have been let in meanwhile
            assert (over.status_code, over.json()["code"]) == (429, "api_key_too_fast")
            assert 1 <= int(over.headers["retry-after"]) <= 20
        assert chief.call("POST", "/api/enrollment/roster/searches", {}).status_code == 200  # people are not kept out


def test_a_made_up_key_opens_nothing(running_hall: RunningHall) -> None:
    with HrSystem(running_hall.url, "hk_" + "x" * 43) as system:
        refused = system.declare(addition_form(resident_id()))
        assert (refused.status_code, refused.json()["code"]) == (401, "invalid_api_key")
