"""单位缴费证明, 明细表, 花名册, certificates for many: text, layout, signature, and what their codes confirm."""

import asyncio
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pypdf
import pytest
from asn1crypto.x509 import Certificate
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from servicekit.ids import uuid7
from tests.integration.reporting.desk import ask_for, file_of, shown
from tests.integration.reporting.siblings import UNIT, Siblings
from tests.support.harness import ServiceHarness
from tests.support.pdfa import faults_of
from tests.support.people import resident_id

MONTHS = {"from_month": "2025-11", "to_month": "2026-02"}


async def ordered(hall: ServiceHarness, form: dict[str, Any], **clerk: Any) -> tuple[dict[str, Any], bytes]:
    """The report, and its file."""
    answer = await ask_for(hall, form, **clerk)
    assert answer.status_code == 202, answer.text
    await hall.drain()
    report = await shown(hall, answer.json()["id"])
    assert report["status"] == "done", report
    file = await hall.client.get(report["file_url"], headers=hall.clerk(UNIT, **{"stepped_up": True, **clerk}))
    assert file.status_code == 200, file.text
    return report, file.content


def pages_of(pdf: bytes) -> list[str]:
    return [page.extract_text() for page in pypdf.PdfReader(BytesIO(pdf)).pages]


def fonts_of(pdf: bytes) -> set[str]:
    """Names of the fonts; every one must be embedded."""
    names = set()
    for page in pypdf.PdfReader(BytesIO(pdf)).pages:
        for font in page["/Resources"]["/Font"].values():  # type: ignore[index]  # a dictionary in every page of ours
            below = font["/DescendantFonts"][0].get_object()
            assert any(f"/FontFile{kind}" in below["/FontDescriptor"] for kind in ("", "2", "3"))
            names.add(str(font["/BaseFont"]))
    return names


async def verified(hall: ServiceHarness, report: dict[str, Any]) -> dict[str, Any]:
    answer = await hall.client.get(f"/api/reporting/verifications/{report['verification_code']}")
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    return said


async def test_the_certificate_of_a_unit(hall: ServiceHarness, siblings: Siblings) -> None:
    siblings.colleagues = [(uuid7(), "赵一", resident_id())]
    report, pdf = await ordered(hall, {"kind": "employer_certificate", **MONTHS})
    (text,) = pages_of(pdf)
    for expected in (
        "单位缴费证明",
        "甬江智造科技有限公司",
        "91330200MA2A0B1C3J",
        "2025年11月 至 2026年2月",
        "16,000.00",
        "人民币柒仟壹佰陆拾捌元整",
        "¥7,168.00",
        "¥5,376.00",
        "第 1 页 共 1 页",
        report["verification_code"],
    ):
        assert expected in text, expected
    assert report["title"] == "单位缴费证明（202511-202602）"
    said = await verified(hall, report)
    assert said["kind"] == "employer_certificate"
    assert said["facts"]["amount_total"] == "7168.00"
    assert said["facts"]["received_total"] == "5376.00"


async def test_contributions_of_all_people_with_sums_by_month(hall: ServiceHarness, siblings: Siblings) -> None:
    siblings.colleagues = [(uuid7(), f"职工{number}", resident_id()) for number in range(19)]
    report, pdf = await ordered(hall, {"kind": "contribution_list", **MONTHS})
    pages = pages_of(pdf)
    assert len(pages) == 6  # 160 rows, 4 sub-totals and a total: 25 on the first page, 30 on the others
    for number, page in enumerate(pages, 1):
        assert f"第 {number} 页 共 6 页" in page
        assert page.count("缴费基数") == 1  # the heading
    text = "\n".join(pages)
    assert text.count("小计") == 4
    assert "17,920.00" in text  # (840 + 56) of 20 people
    assert "71,680.00" in text
    assert siblings.id_number not in text
    assert "330203********1232" in text
    assert "本表共 160 行，涉及 20 人" in text
    said = await verified(hall, report)
    assert said["facts"] == {
        "employer_name": "甬江智造科技有限公司",
        "employer_no": UNIT,
        "about": "缴费期间：2025年11月 至 2026年2月",
        "rows": 160,
        "people": 20,
        "amount_total": "71680.00",
    }
    assert sum(path == "/internal/people-names" for path, _ in siblings.bodies) == 8  # nobody is asked about twice


async def test_one_persons_contributions_in_full_after_a_step_up(hall: ServiceHarness, siblings: Siblings) -> None:
    siblings.colleagues = [(uuid7(), "赵一", resident_id())]
    form = {"kind": "contribution_list", "person_id": str(siblings.person_id), "full_numbers": True, **MONTHS}
    assert (await ask_for(hall, form)).json()["code"] == "step_up_required"
    _, pdf = await ordered(hall, form, stepped_up=True)
    text = "".join(pages_of(pdf))
    assert siblings.id_number in text
    assert "赵一" not in text


async def test_the_roster_with_rare_characters_in_embedded_fonts(hall: ServiceHarness, siblings: Siblings) -> None:
    siblings.colleagues = [
        (uuid7(), "㛃𠮷䶮", resident_id()),
        (uuid7(), "阿卜杜热合曼·买买提依明江", resident_id()),
        (uuid7(), "Alexandra Constantinopoulou-Featherstonehaugh", resident_id()),
        (uuid7(), "钱退休", resident_id()),
    ]
    report, pdf = await ordered(hall, {"kind": "roster_list", "roster": {"status": "1"}})
    (text,) = pages_of(pdf)
    assert "㛃𠮷䶮" in text
    assert "阿卜杜热合曼" in text
    assert "参保状态 正常参保" in text
    assert (text.count("8,000.00"), text.count("7,999.00"), text.count("—")) == (5, 4, 1)  # wages, bases, who has none
    assert len(fonts_of(pdf)) == 2
    reader = pypdf.PdfReader(BytesIO(pdf))
    assert reader.metadata is not None
    assert reader.metadata.title == "参保人员花名册"
    metadata: Any = reader.root_object["/Metadata"]
    assert b'pdfaid:part="2"' in metadata.get_data()
    assert (await verified(hall, report))["facts"]["people"] == 5


async def test_a_character_without_a_shape_is_named(hall: ServiceHarness, siblings: Siblings) -> None:
    siblings.name = "林\U0001f600"
    answer = await ask_for(hall, {"kind": "roster_list"})
    await hall.drain()
    report = await shown(hall, answer.json()["id"])
    assert (report["status"], report["error_code"]) == ("failed", "missing_shapes")
    assert "\U0001f600" in report["error"]


async def test_certificates_for_many_in_one_file(hall: ServiceHarness, siblings: Siblings) -> None:
    siblings.colleagues = [(uuid7(), f"职工{number}", resident_id()) for number in range(3)]
    people = [str(person_id) for person_id, _, _ in siblings.people()]
    form = {"kind": "insurance_certificates", "person_ids": [*people, people[0]], **MONTHS}
    report, pdf = await ordered(hall, form)
    assert (report["title"], report["progress"], report["total"]) == ("职工参保证明（4 人，202511-202602）", 5, 5)
    pages = pages_of(pdf)
    assert [name in page for (_, name, _), page in zip(siblings.people(), pages, strict=True)] == [True] * 4
    reader = pypdf.PdfReader(BytesIO(pdf))
    assert [item["/Title"] for item in reader.outline] == [name for _, name, _ in siblings.people()]  # type: ignore[call-overload]
    assert "证明编号" not in str(reader.metadata)  # whose number would that be
    assert report["verification_code"] is None
    codes = [page.partition("校验码：")[2].split()[0] for page in pages]
    assert len(set(codes)) == 4
    for code in codes:
        said = (await hall.client.get(f"/api/reporting/verifications/{code}")).json()
        assert said["kind"] == "insurance_certificate"


async def test_certificates_for_many_as_an_archive(hall: ServiceHarness, siblings: Siblings) -> None:
    siblings.colleagues = [(uuid7(), "../../林/晓\\燕", resident_id())]
    people = [str(person_id) for person_id, _, _ in siblings.people()]
    form = {"kind": "insurance_certificates", "person_ids": people, "packing": "zip", **MONTHS}
    report, content = await ordered(hall, form)
    assert report["file_type"] == "zip"
    with ZipFile(BytesIO(content)) as archive:
        names = archive.namelist()
        assert [name.partition("_")[0] for name in names] == ["001", "002"]
        assert not any(sign in name for name in names for sign in "/\\")
        for name in names:
            (text,) = pages_of(archive.read(name))
            assert "职工基本医疗保险参保证明" in text
            copy = await check_copy(hall, archive.read(name))
            assert copy["verdict"] == "unchanged"


async def test_everybody_who_is_not_of_the_unit_is_pointed_out(hall: ServiceHarness, siblings: Siblings) -> None:
    siblings.colleagues = [(uuid7(), f"职工{number}", resident_id()) for number in range(4)]
    ours = [str(person_id) for person_id, _, _ in siblings.people()]
    people = [ours[0], str(uuid7()), *ours[1:], str(uuid7())]
    answer = await ask_for(hall, {"kind": "insurance_certificates", "person_ids": people, **MONTHS})
    await hall.drain()
    report = await shown(hall, answer.json()["id"])
    assert (report["status"], report["error_code"]) == ("failed", "person_not_found")
    assert report["error"].startswith("所选 7 人中，第 2、7 人不在本单位的参保人员名单中")


async def test_the_list_of_somebody_who_is_not_of_the_unit_is_not_issued(hall: ServiceHarness) -> None:
    answer = await ask_for(hall, {"kind": "contribution_list", "person_id": str(uuid7()), **MONTHS})
    await hall.drain()
    report = await shown(hall, answer.json()["id"])
    assert (report["status"], report["error_code"]) == ("failed", "person_not_found")


async def check_copy(hall: ServiceHarness, content: bytes, client: str = "203.0.113.9") -> dict[str, Any]:
    """What the verification page says of a file."""
    answer = await hall.client.post(
        "/api/reporting/verifications/files",
        files={"file": ("证明.pdf", content, "application/pdf")},
        headers={"X-Forwarded-For": client},
    )
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    return said


async def test_a_copy_is_compared_and_its_signature_checked(hall: ServiceHarness, siblings: Siblings) -> None:
    report, pdf = await ordered(hall, {"kind": "employer_certificate", **MONTHS})
    same = await check_copy(hall, pdf)
    assert (same["verdict"], same["signature"]) == ("unchanged", "valid")
    assert [document["code"] for document in same["documents"]] == [report["verification_code"]]

    appended = await check_copy(hall, pdf + b"\n% a note of a reader\n")
    assert (appended["verdict"], appended["signature"]) == ("appended", "valid")
    assert len(appended["documents"]) == 1

    at = pdf.index(b"/MediaBox") + 12
    changed = await check_copy(hall, pdf[:at] + b"9" + pdf[at + 1 :])
    assert (changed["verdict"], changed["signature"], changed["documents"]) == ("changed", "broken", [])

    for foreign in (b"%PDF-1.7\n", b"%PDF-1.7 /ByteRange [0 5 8 1] <00>", b"%PDF-1.7 /ByteRange [0 99999 1 1]"):
        assert (await check_copy(hall, foreign))["verdict"] == "unknown"


async def test_a_file_that_can_be_none_of_ours_is_refused_at_its_field(hall: ServiceHarness) -> None:
    for content, code in (
        (b"PK\x03\x04", "not_a_pdf"),
        (b"", "not_a_pdf"),
        (b"%PDF-" + bytes(19 * 2**20), "file_too_large"),
    ):
        answer = await hall.client.post(
            "/api/reporting/verifications/files", files={"file": ("x.pdf", content)}, headers={"X-Forwarded-For": code}
        )
        assert answer.status_code == 422
        assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [("/file", code)]


FORMS: list[dict[str, Any]] = [
    {"kind": "insurance_certificate", **MONTHS},
    {"kind": "insurance_certificates", "packing": "pdf", **MONTHS},
    {"kind": "insurance_certificates", "packing": "zip", **MONTHS},
    {"kind": "employer_certificate", **MONTHS},
    {"kind": "contribution_list", **MONTHS},
    {"kind": "roster_list"},
]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: f"{form['kind']} {form.get('packing', '')}")
async def test_every_document_is_signed_and_made_to_be_kept(
    hall: ServiceHarness, siblings: Siblings, form: dict[str, Any], tmp_path: Path
) -> None:
    """PDF/A-2u as far as it can be looked at, with the signature on it, which two other programs find valid."""
    siblings.colleagues = [(uuid7(), "㛃𠮷䶮", resident_id())]
    people = [str(person_id) for person_id, _, _ in siblings.people()]
    if form["kind"] == "insurance_certificate":
        form = {**form, "person_id": people[0]}
    elif form["kind"] == "insurance_certificates":
        form = {**form, "person_ids": people}
    report, content = await ordered(hall, form)
    documents = [content]
    if report["file_type"] == "zip":
        with ZipFile(BytesIO(content)) as archive:
            documents = [archive.read(name) for name in archive.namelist()]
    for pdf in documents:
        assert faults_of(pdf) == []
        assert fonts_of(pdf)
        (signed,) = PdfFileReader(BytesIO(pdf)).embedded_signatures
        trusted = Certificate.load(hall.runtime.resources["reporting"].signer.certificate.public_bytes(Encoding.DER))
        found = await async_validate_pdf_signature(signed, ValidationContext(trust_roots=[trusted]))
        assert found.bottom_line, found.summary()
        assert found.coverage == SignatureCoverageLevel.ENTIRE_FILE
        file = tmp_path / "document.pdf"
        file.write_bytes(pdf)
        checking = await asyncio.create_subprocess_exec("pdfsig", str(file), stdout=asyncio.subprocess.PIPE)
        said = (await checking.communicate())[0].decode()
        assert "Signature is Valid." in said
        assert "Total document signed" in said


async def test_a_revoked_document_says_so_and_why(hall: ServiceHarness, siblings: Siblings) -> None:
    report, _ = await ordered(hall, {"kind": "employer_certificate", **MONTHS})
    operator = hall.staff("operator")
    found = await hall.client.get(
        f"/api/reporting/issued-documents/{report['verification_code'].lower()}", headers=operator
    )
    number = found.json()["number"]
    assert (found.status_code, found.json()["revoked_at"]) == (200, None)
    url = f"/api/reporting/issued-documents/{number}/revocation"
    empty = await hall.client.post(url, json={"reason": " "}, headers=operator)
    assert (empty.status_code, empty.json()["errors"][0]["pointer"]) == (422, "/reason")
    assert (await hall.client.post(url, json={"reason": "内容有误"}, headers=hall.clerk(UNIT))).status_code == 403
    revoked = await hall.client.post(url, json={"reason": "单位名称有误"}, headers=operator)
    assert revoked.status_code == 200
    said = await verified(hall, report)
    assert said["genuine"] is True
    assert said["revoked"]["reason"] == "单位名称有误"
    again = await hall.client.post(url, json={"reason": "再来一次"}, headers=operator)
    assert (again.status_code, again.json()["code"]) == (409, "already_revoked")
    missing = await hall.client.get("/api/reporting/issued-documents/2026031099999999", headers=operator)
    assert (missing.status_code, missing.json()["code"]) == (404, "document_unknown")


async def test_cancelled_repeated_deleted(hall: ServiceHarness, siblings: Siblings) -> None:
    answer = await ask_for(hall, {"kind": "roster_list"})
    url = f"/api/reporting/reports/{answer.json()['id']}"
    early = await hall.client.delete(url, headers=hall.clerk(UNIT))
    assert (early.status_code, early.json()["code"]) == (409, "report_running")
    cancelled = await hall.client.post(f"{url}/cancellation", headers=hall.clerk(UNIT))
    assert (cancelled.status_code, cancelled.json()["status"]) == (200, "cancelled")
    await hall.drain()
    assert (await shown(hall, answer.json()["id"]))["status"] == "cancelled"
    late = await hall.client.post(f"{url}/cancellation", headers=hall.clerk(UNIT))
    assert (late.status_code, late.json()["code"]) == (409, "report_finished")

    again = await hall.client.post(f"{url}/repetition", headers=hall.clerk(UNIT))
    assert again.status_code == 202
    assert again.json()["id"] != answer.json()["id"]
    await hall.drain()
    made = await shown(hall, again.json()["id"])
    assert made["status"] == "done"
    code = made["verification_code"]

    gone = await hall.client.delete(f"/api/reporting/reports/{made['id']}", headers=hall.clerk(UNIT))
    assert gone.status_code == 204
    assert (await file_of(hall, made)).status_code == 404
    assert (await hall.client.get(f"/api/reporting/verifications/{code}")).status_code == 200


async def test_what_full_numbers_needed_is_needed_again(hall: ServiceHarness, siblings: Siblings) -> None:
    answer = await ask_for(hall, {"kind": "roster_list", "full_numbers": True}, stepped_up=True)
    again = await hall.client.post(f"/api/reporting/reports/{answer.json()['id']}/repetition", headers=hall.clerk(UNIT))
    assert (again.status_code, again.json()["code"]) == (403, "step_up_required")
