"""The review desk with many decisions at once, and what of it arrives on the clerk's open page."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visitor
from tests.browser.hall_pages import choose_unit, log_in, open_page, pick_shown
from tests.support.hall import HallClient, RunningHall, addition_form
from tests.support.people import resident_id

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

NAMES = ("赵一帆", "钱若水", "孙明月", "李思远")
REASON = "重复申报"


def test_many_decided_at_once_and_seen_without_reloading(visitor: Visitor, running_hall: RunningHall) -> None:
    with HallClient(running_hall.url) as declaring:
        declaring.login("agent", "jingban01")
        unit = declaring.get("/api/identity/units")["items"][0]
        declaring.choose(unit["employer_no"])
        numbers = [
            declaring.post("/api/enrollment/additions", addition_form(resident_id(), name=name), 201)["no"]
            for name in NAMES
        ]
    clerk, reviewer = visitor(), visitor()
    log_in(clerk, "jingban01")
    choose_unit(clerk, unit["name"])
    pending = open_page(clerk, "待审核数据")
    for number in numbers:
        expect(pending.get_by_role("row").filter(has_text=number)).to_be_visible()
    pending.get_by_role("row").filter(has_text=numbers[3]).get_by_role("button", name=re.compile("详情")).click()
    clerk.get_by_role("dialog").get_by_role("button", name="撤销申报").click()
    clerk.get_by_role("tooltip").get_by_role("button", name="撤销", exact=True).click()
    expect(pending.get_by_role("row").filter(has_text=numbers[3])).to_have_count(0)

    log_in(reviewer, "shenhe01", mode="工作人员")
    open_page(reviewer, "审核工作台")
    for number in numbers[:2]:
        reviewer.get_by_role("row").filter(has_text=number).get_by_role("checkbox").check()
    reviewer.get_by_role("button", name="批量通过").click()
    reviewer.get_by_role("button", name="确认通过").click()
    outcomes = reviewer.get_by_role("dialog", name="批量审核结果")
    expect(outcomes).to_contain_text("审核通过 2 件")
    outcomes.get_by_role("button", name="知道了").click()

    # What was decided leaves the clerk's list by itself, and the bell tells of it.
    expect(pending.get_by_role("row").filter(has_text=numbers[0])).to_have_count(0)
    expect(pending.get_by_role("row").filter(has_text=numbers[2])).to_be_visible()
    bell = clerk.get_by_role("button", name=re.compile("站内消息，.*未读"))
    expect(bell).to_be_visible()

    reviewer.get_by_role("row").filter(has_text=numbers[2]).get_by_role("button", name="审核", exact=True).click()
    desk = reviewer.get_by_role("dialog", name="审核申报")
    expect(desk.get_by_role("button", name="不通过", exact=True)).to_be_visible()
    _colleague_sees(visitor(), numbers[2], by="周明衡")
    desk.get_by_role("button", name="不通过", exact=True).click()
    expect(desk).to_contain_text("审核不通过时请写明原因")
    desk.get_by_role("combobox", name="常用意见").click()
    pick_shown(reviewer, REASON)
    desk.get_by_role("button", name="不通过", exact=True).click()
    expect(reviewer.get_by_role("row").filter(has_text=numbers[2])).to_have_count(0)

    expect(pending.get_by_role("row").filter(has_text=numbers[2])).to_have_count(0)
    decided = open_page(clerk, "已审核数据")
    expect(decided.get_by_role("row").filter(has_text=numbers[3])).to_contain_text("已撤销")
    decided.get_by_role("row").filter(has_text=numbers[2]).get_by_role("button", name="详情").click()
    expect(clerk.get_by_role("dialog")).to_contain_text(REASON)
    clerk.keyboard.press("Escape")
    decided.get_by_role("row").filter(has_text=numbers[0]).get_by_role("button", name="详情").click()
    expect(clerk.get_by_role("region", name="办理结果")).to_contain_text("职工基本医疗保险：自 202603 起参保")


def _colleague_sees(page: Page, number: str, *, by: str) -> None:
    """Another reviewer is told who has an application open, in the queue and in the application; and may decide it."""
    log_in(page, "shenhe02", mode="工作人员")
    open_page(page, "审核工作台")
    row = page.get_by_role("row").filter(has_text=number)
    expect(row).to_contain_text(by)
    row.get_by_role("button", name="审核", exact=True).click()
    desk = page.get_by_role("dialog", name="审核申报")
    expect(desk).to_contain_text(f"{by}正在审核该申报")
    expect(desk.get_by_role("button", name="审核通过")).to_be_enabled()
