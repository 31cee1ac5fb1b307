"""银行名录: upload, check, confirm; searching by short name."""

import asyncio
import io
from datetime import timedelta
from typing import Any

import httpx
import pytest
from openpyxl import load_workbook

from employer.bank_directory.duties import expire_imports
from tests.integration.employer.office import API, UNIT, bank_branches, rows, upload_bank_file
from tests.support.harness import ServiceHarness
from tests.support.sheets import saved, sheet_of

HEADINGS = ("银行大类", "联行号", "网点名称", "网点简称", "状态")


def row(number: int, *, bank: str = "102", name: str = "鄞州", state: str = "") -> dict[str, str]:
    code = f"{bank}3320{number:05d}"
    return dict(zip(HEADINGS, (bank, code, f"中国某银行宁波{name}支行", f"某行{name}支行", state), strict=True))


async def confirm(hall: ServiceHarness, found: dict[str, Any], **headers: str) -> httpx.Response:
    staff = {**hall.staff("operator"), "If-Match": f'"v{found["version"]}"', **headers}
    return await hall.client.post(f"{API}/bank-imports/{found['id']}/confirmation", headers=staff)


async def search(hall: ServiceHarness, **query: str) -> list[str]:
    answer = await hall.client.get(f"{API}/bank-branches", params=query, headers=hall.clerk(UNIT))
    assert answer.status_code == 200, answer.text
    return [item["short_name"] for item in answer.json()["items"]]


async def test_nothing_changes_before_the_confirmation_and_it_happens_once(hall: ServiceHarness) -> None:
    content = sheet_of([row(1), row(2, name="海曙"), row(3, name="")])
    answer = await upload_bank_file(hall, "名录.xlsx", content)
    assert answer.status_code == 201, answer.text
    found = answer.json()
    assert (found["stage"], found["total"], found["good"], found["bad"]) == ("checked", 3, 2 + 1, 0)
    assert await search(hall) == []
    done = await confirm(hall, found)
    assert (done.status_code, done.json()["added"], done.json()["changed"]) == (200, 3, 0), done.text
    again = await confirm(hall, done.json())
    assert (again.status_code, again.json()["code"]) == (409, "bank_import_confirmed")
    assert len(await search(hall)) == 3
    audited = await rows(
        hall, "SELECT action, chain FROM audit_log WHERE action LIKE 'bank_import.%' ORDER BY position"
    )
    assert [tuple(one) for one in audited] == [
        ("bank_import.uploaded", "agency"),
        ("bank_import.confirmed", "agency"),
    ]


async def test_a_newer_file_adds_changes_and_closes_but_removes_nothing(hall: ServiceHarness) -> None:
    await bank_branches(
        hall, [("102", "102332000014", "工行鄞州支行", "启用"), ("102", "102332000026", "工行海曙支行", "")]
    )
    made = await upload_bank_file(
        hall,
        "名录.csv",
        (
            ",".join(HEADINGS)
            + "\n102,102332000014,中国工商银行鄞州支行,工行鄞州支行,停用\n102,102332000038,工行镇海支行,工行镇海支行,\n"
        ).encode("gb18030"),
    )
    done = (await confirm(hall, made.json())).json()
    assert (done["added"], done["changed"]) == (1, 1)
    assert await search(hall, q="工行") == ["工行海曙支行", "工行镇海支行"]  # the closed one is not offered
    all_of_them = await hall.client.get(f"{API}/bank-branches?q=工行", headers=hall.staff("operator"))
    assert [item["status"] for item in all_of_them.json()["items"]] == ["closed", "open", "open"]


async def test_every_fault_of_the_file_is_told_with_its_row(hall: ServiceHarness) -> None:
    content = sheet_of([row(1), {**row(2), "联行号": "12"}, row(1), {**row(4), "银行大类": "999", "网点名称": ""}])
    found = (await upload_bank_file(hall, "名录.xlsx", content)).json()
    assert (found["good"], found["bad"]) == (0, 4)
    answer = await hall.client.get(f"{API}/bank-imports/{found['id']}/faulty-rows", headers=hall.staff("operator"))
    told = [(item["number"], [fault["label"] for fault in item["faults"]]) for item in answer.json()["items"]]
    assert told == [
        (2, ["联行号"]),
        (3, ["联行号"]),
        (4, ["联行号"]),
        (5, ["网点名称", "银行大类"]),
    ]
    refused = await confirm(hall, found)
    assert (refused.status_code, refused.json()["code"]) == (409, "nothing_to_import")


async def test_the_template_takes_what_is_filled_into_it(hall: ServiceHarness) -> None:
    answer = await hall.client.get(f"{API}/bank-imports/template", headers=hall.staff("operator"))
    assert "filename*=UTF-8''%E9%93%B6" in answer.headers["content-disposition"]
    book = load_workbook(io.BytesIO(answer.content))
    sheet = book.worksheets[0]
    assert tuple(cell.value for cell in sheet[1]) == HEADINGS
    sheet.append(["102 中国工商银行", "102332000014", "中国工商银行鄞州支行", "工行鄞州支行", None])
    found = (await upload_bank_file(hall, "银行名录模板.xlsx", saved(book))).json()
    assert (found["total"], found["good"]) == (1, 1)


HOSTILE = {
    "nothing": (b"", "file_empty"),
    "an old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "file_is_xls"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + b"\0" * 600, "file_not_xlsx"),
    "headings only": (",".join(HEADINGS).encode(), "no_rows"),
    "other headings": (b"a,b\n1,2\n", "headings"),
}


@pytest.mark.parametrize("what", HOSTILE)
async def test_what_is_no_table_of_branches_is_refused(hall: ServiceHarness, what: str) -> None:
    content, code = HOSTILE[what]
    answer = await upload_bank_file(hall, "../名录.xlsx", content)
    assert answer.status_code == 422, answer.text
    (fault,) = answer.json()["errors"]
    assert (fault["pointer"], fault["code"]) == ("/file", code)
    assert await rows(hall, "SELECT 1 FROM bank_imports") == []


async def test_one_confirmation_of_several_at_once_counts(hall: ServiceHarness) -> None:
    found = (await upload_bank_file(hall, "名录.xlsx", sheet_of([row(number) for number in range(50)]))).json()
    answers = await asyncio.gather(*(confirm(hall, found) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    assert len(await rows(hall, "SELECT 1 FROM bank_branches")) == 50


async def test_a_file_nobody_confirms_is_forgotten(hall: ServiceHarness) -> None:
    found = (await upload_bank_file(hall, "名录.xlsx", sheet_of([row(1)]))).json()
    hall.clock.advance(timedelta(days=8))
    await expire_imports(hall.runtime)
    assert await rows(hall, "SELECT 1 FROM bank_import_rows") == []
    answer = await confirm(hall, {**found, "version": 2})
    assert (answer.status_code, answer.json()["code"]) == (410, "bank_import_expired")


async def test_searching_by_words_of_the_short_name(hall: ServiceHarness) -> None:
    names = ["工行鄞州支行", "工行鄞州中河支行", "工行海曙支行", "农行鄞州支行"]
    banks = ["102", "102", "102", "103"]
    await bank_branches(
        hall,
        [
            (bank, f"{bank}3320{place:05d}", name, "")
            for place, (bank, name) in enumerate(zip(banks, names, strict=True))
        ],
    )
    assert await search(hall, q="鄞州") == [names[0], names[1], names[3]]
    assert await search(hall, q="鄞州", bank_class="102") == names[:2]
    assert await search(hall, q="工行 中河") == [names[1]]
    assert await search(hall, q="工") == names[:3]
    assert await search(hall, q="102332000002") == [names[2]]
    assert await search(hall, q="%") == await search(hall, q="没有") == []


async def test_only_operators_bring_the_directory_in(hall: ServiceHarness) -> None:
    for headers in (hall.clerk(UNIT), hall.staff("reviewer")):
        files = {"file": ("名录.xlsx", sheet_of([row(1)]))}
        answer = await hall.client.post(f"{API}/bank-imports/uploads", files=files, headers=headers)
        assert answer.status_code == 403
        assert (await hall.client.get(f"{API}/bank-imports", headers=headers)).status_code == 403
