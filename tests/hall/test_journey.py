"""The journey of a newcomer through every part of the hall, over HTTP, against a real process."""

import io
import re
from typing import Any

import pypdf
import pytest

from tests.support.hall import PASSWORD, SCHOOL, HallClient, RunningHall, addition_form
from tests.support.people import resident_id

pytestmark = [pytest.mark.processes]

SCHOOL_USCC, SCHOOL_NAME = "12330200419500123Q", "宁波市海曙区示范小学"


def _register_school(visitor: HallClient) -> None:
    mobile = "13805740099"
    visitor.post("/api/identity/registrations/unit-checks", {"uscc": SCHOOL_USCC, "unit_name": SCHOOL_NAME})
    visitor.post("/api/identity/registrations/sms-codes", {"mobile": mobile, "purpose": "registration"}, 202)
    code = visitor.post("/api/identity/demo/sms-inbox", {"mobile": mobile})["messages"][0]["code"]
    registration = {
        "kind": "legal_representative",
        "uscc": SCHOOL_USCC,
        "unit_name": SCHOOL_NAME,
        "person": {"name": "陈明远", "id_number": resident_id(), "mobile": mobile, "sms_code": code},
        "username": "shifanxiaoxue",
        "password": PASSWORD,
    }
    visitor.post("/api/identity/registrations", registration, 201)


def test_from_registration_to_a_verified_certificate(running_hall: RunningHall) -> None:
    with HallClient(running_hall.url) as clerk, HallClient(running_hall.url) as staff:
        _register_school(clerk)
        clerk.login("legal_representative", "shifanxiaoxue")
        units = clerk.get("/api/identity/units")["items"]
        assert [unit["employer_no"] for unit in units] == [SCHOOL]
        clerk.choose(SCHOOL)

        id_number = resident_id(male=False)
        application = clerk.post("/api/enrollment/additions", addition_form(id_number, name="沈嘉禾"), 201)
        assert application["status"] == "pending"
        number = application["no"]

        staff.login("staff", "shenhe01")
        queue = staff.post("/api/enrollment/reviews/searches", {"state": "pending"})
        assert number in [item["no"] for item in queue["items"]]
        detail = staff.call("GET", f"/api/enrollment/reviews/{number}")
        decision = {"decision": "approve"}
        path = f"/api/enrollment/reviews/{number}/decision"
        seen: dict[str, Any] = {"If-Match": detail.headers["etag"]}
        decided = staff.post(path, decision, **seen)
        assert decided["status"] == "approved", decided["decision_reason"]

        decided_list = clerk.post("/api/enrollment/applications/searches", {"state": "decided", "id_number": id_number})
        assert [item["no"] for item in decided_list["items"]] == [number]
        person = clerk.post("/api/enrollment/roster/searches", {"id_number": id_number})["items"][0]
        assert person["id_number_masked"] == f"{id_number[:6]}********{id_number[-4:]}"

        _assess(running_hall, "2026-03")
        rows = clerk.get(
            f"/api/employer/contributions/people/{person['person_id']}?from_month=2026-03&to_month=2026-03"
        )
        # domain.md §5.9: base 8000 within 5,100 to 25,500; 310: 8.5 % and 2 %, a public institution also has 320: 4 %.
        by_insurance = {row["insurance"]: row for row in rows["items"]}
        assert by_insurance["310"]["base"] == "8000.00"
        assert (by_insurance["310"]["employer_amount"], by_insurance["310"]["own_amount"]) == ("680.00", "160.00")
        assert by_insurance["320"]["employer_amount"] == "320.00"

        request = {
            "kind": "insurance_certificate",
            "person_id": person["person_id"],
            "from_month": "2026-01",
            "to_month": "2026-03",
        }
        answer = clerk.call("POST", "/api/reporting/reports", request, Prefer="wait=10")
        assert answer.status_code == 200, answer.text
        report = answer.json()
        assert report["status"] == "done"
        pdf = clerk.call("GET", report["file_url"])
        assert pdf.headers["content-type"] == "application/pdf"
        text = re.sub(
            r"\s", "", "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf.content)).pages)
        )
        for expected in ("沈嘉禾", SCHOOL_NAME, "680.00", "160.00"):
            assert expected in text

        with HallClient(running_hall.url) as anybody:
            genuine = anybody.get(f"/api/reporting/verifications/{report['verification_code']}")
        assert genuine["genuine"] is True
        assert genuine["facts"]["employer_name"] == SCHOOL_NAME
        assert id_number not in str(genuine)


def _assess(hall: RunningHall, month: str) -> None:
    with HallClient(hall.url) as operator:
        operator.login("staff", "guanli01")
        job = operator.post("/api/employer/assessments", {"month": month}, 202)
        with operator._http.stream(
            "GET",
            f"/api/employer/assessments/{job['job_id']}/events",
            headers={"Cookie": "; ".join(f"{k}={v}" for k, v in operator.cookies.items())},
        ) as events:
            for line in events.iter_lines():
                if line.startswith("data:") and '"status":"done"' in line.replace(" ", ""):
                    return
    raise AssertionError("the assessment did not finish")


def test_what_can_go_wrong_is_answered_in_chinese_and_never_with_a_fault(running_hall: RunningHall) -> None:
    with HallClient(running_hall.url) as clerk:
        clerk.login("agent", "jingban01", unit="330200000000000401")
        good = addition_form(resident_id())
        path = "/api/enrollment/additions"

        wrong_digit = {**good, "person": {**good["person"], "id_number": "330203199003071231"}}
        answer = clerk.call("POST", path, wrong_digit)
        assert answer.status_code == 422
        assert answer.headers["content-type"].startswith("application/problem+json")
        fault = next(error for error in answer.json()["errors"] if error["pointer"] == "/person/id_number")
        assert "末位应为 2" in fault["message"]

        too_late = {**good, "insurance": {**good["insurance"], "start_month": "2026-05"}}
        answer = clerk.call("POST", path, too_late)
        assert answer.status_code in (409, 422)
        assert answer.json()["errors"][0]["pointer"] == "/insurance/start_month"

        clerk.post(path, good, 201)
        answer = clerk.call("POST", path, good)
        assert answer.status_code == 409
        assert answer.json()["title"]

        for body in ('{"person":', "[]", "null", '"x"', '{"person": 5}', '{"person": {"id_number": {"a": 1}}}'):
            answer = clerk._http.post(
                path,
                content=body,
                headers={
                    "Content-Type": "application/json",
                    "Cookie": "; ".join(f"{k}={v}" for k, v in clerk.cookies.items()),
                    "Origin": clerk.url,
                    "X-Hall-Unit": clerk.unit or "",
                    "Idempotency-Key": "malformed-body-test",
                },
            )
            assert answer.status_code == 422, (body, answer.text)
        answer = clerk.call("POST", path, {"person": {"name": "很" * 2_000_000}})
        assert answer.status_code == 413

        clerk.unit = "330200000000000101"  # another tab switched
        answer = clerk.call("POST", path, good)
        assert (answer.status_code, answer.json()["code"]) == (409, "unit_mismatch")

    with HallClient(running_hall.url) as stranger:
        assert stranger.call("GET", "/api/identity/sessions/current").status_code == 401
        unknown = stranger.call(
            "POST", "/api/identity/registrations/unit-checks", {"uscc": "91330200MA2A0B1C3J", "unit_name": "别的单位"}
        )
        assert (unknown.status_code, unknown.json()["code"]) == (409, "unknown_unit")


def test_one_key_one_application_whatever_the_number_of_requests(running_hall: RunningHall) -> None:
    with HallClient(running_hall.url) as clerk:
        clerk.login("legal_representative", "yongjiang", unit="330200000000000102")
        form, key = addition_form(resident_id()), {"Idempotency-Key": "the-same-click-twice"}
        first = clerk.post("/api/enrollment/additions", form, 201, **key)
        again = clerk.post("/api/enrollment/additions", form, 201, **key)
        assert first == again
        other = clerk.call("POST", "/api/enrollment/additions", addition_form(resident_id()), **key)
        assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


def test_data_survive_a_power_cut_and_the_second_start(running_hall: RunningHall) -> None:
    from tests.support.hall import start_hall

    with HallClient(running_hall.url) as clerk:
        clerk.login("legal_representative", "yongjiang", unit="330200000000000101")
        number = clerk.post("/api/enrollment/additions", addition_form(resident_id()), 201)["no"]
    running_hall.kill()
    running_hall.process = start_hall(running_hall.folder, port=int(running_hall.url.rsplit(":", 1)[1])).process
    with HallClient(running_hall.url) as clerk:
        clerk.login("legal_representative", "yongjiang", unit="330200000000000101")
        assert clerk.get(f"/api/enrollment/applications/{number}")["status"] == "pending"
