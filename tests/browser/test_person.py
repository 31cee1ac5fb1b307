"""An insured person's own pages: insurance, contributions, certificate; and what somebody unrecognised is told."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visitor
from tests.browser.hall_pages import log_in, open_page
from tests.support.hall import HallClient, RunningHall, register_person

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

UNIT_NAME, PASSPHRASE = "甬江智造科技有限公司", "甬江潮起 归帆三月 渔歌唱晚 2026"


def test_insurance_contributions_and_certificate(visitor: Visitor) -> None:
    me, holder = visitor(), visitor()
    log_in(me, "geren01", mode="个人登录")
    expect(me.get_by_role("heading", name="王志明")).to_be_visible()
    figures = me.get_by_role("button", name=re.compile("近12个月缴费"))
    expect(figures).to_contain_text("11")  # this month is not assessed yet

    main = open_page(me, "我的参保信息")
    expect(main).to_contain_text("330203********0111")
    row = main.get_by_role("row").filter(has_text="职工基本医疗保险")
    expect(row).to_contain_text(UNIT_NAME)
    expect(row).to_contain_text("正常参保")

    main = open_page(me, "我的缴费明细")
    expect(main.get_by_text("共 33 条")).to_be_visible()  # eleven months of three insurance types
    first = main.locator("tr.ant-table-row:visible").first
    expect(first).to_contain_text("202602")
    expect(first).to_contain_text(UNIT_NAME)
    expect(main).to_contain_text("全部 11 个月合计")
    main.get_by_placeholder("起始月").fill("202601")
    main.get_by_placeholder("起始月").press("Enter")
    me.get_by_role("button", name="查询", exact=True).click()
    expect(main.get_by_text("共 6 条")).to_be_visible()

    code = _certificate(me)
    holder.goto(f"/verify/{code}")
    expect(holder.get_by_text("证明真实有效")).to_be_visible()
    expect(holder.get_by_role("main")).not_to_contain_text("王志明")  # masked


def _certificate(page: Page) -> str:
    main = open_page(page, "我的参保证明")
    expect(main).to_contain_text("还没有生成过证明")
    main.get_by_role("button", name="查看", exact=True).click()
    viewer = page.get_by_role("dialog")
    expect(viewer.locator("iframe")).to_have_attribute("src", re.compile("^blob:"))
    code = viewer.locator("code").inner_text()
    with page.expect_download() as download:
        viewer.get_by_role("link", name="下载").click()
    assert download.value.path().read_bytes().startswith(b"%PDF-")
    page.keyboard.press("Escape")
    expect(main.get_by_role("row").filter(has_text="职工参保证明（王志明")).to_contain_text("已完成")
    return code


def test_who_is_not_recognised_is_told_what_to_do(visitor: Visitor, running_hall: RunningHall) -> None:
    """An insured person of the demo, registered with a mobile that is not the one in the register."""
    registered = {"name": "朱思涵", "id_number": "33021319701109012X", "username": "zhusihan"}
    with HallClient(running_hall.url) as client:
        register_person(client, "13957400009", password=PASSPHRASE, **registered)
    somebody = visitor()
    log_in(somebody, "zhusihan", mode="个人登录", password=PASSPHRASE)
    alert = somebody.get_by_role("alert").filter(has_text="手机号码与参保登记不一致")
    expect(alert).to_contain_text("参保人员信息维护")
    main = open_page(somebody, "我的参保信息")
    expect(main.get_by_role("alert")).to_contain_text("手机号码与参保登记不一致")
    main.get_by_role("link", name="个人中心").click()
    expect(somebody.get_by_role("heading", name="个人中心", level=1)).to_be_visible()
