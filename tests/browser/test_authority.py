"""An agent is invited, accepts, switches and is removed with a half-filled form open; an API key is shown once.

And an agent of 500 employers finds the one they look for.
"""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visitor
from tests.browser.hall_pages import choose_unit, fill_insurance, fill_person, log_in, open_page, prove, submit
from tests.support.people import resident_id

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

UNIT_NAME, OTHER_NAME = "甬江智造科技有限公司", "甬江智造科技有限公司鄞州分部"
AGENT = "林知夏"


def _remove(page: Page) -> None:
    """On 经办人管理: removes the demo's agent."""
    page.get_by_role("main").get_by_role("row").filter(has_text=AGENT).get_by_role("button", name="解除授权").click()
    page.get_by_role("dialog").get_by_role("button", name="解除授权").click()
    expect(page.get_by_text(f"已解除 {AGENT} 的授权")).to_be_visible()


def test_from_invitation_to_removal(visitor: Visitor) -> None:
    chief, clerk = visitor(), visitor()
    log_in(chief, "yongjiang", mode="法人登录")
    choose_unit(chief, UNIT_NAME)
    main = open_page(chief, "经办人管理")
    _remove(chief)
    expect(main).to_contain_text("还没有经办人")

    chief.get_by_role("button", name="邀请经办人").click()
    invite = chief.get_by_role("dialog", name="邀请经办人")
    invite.get_by_role("button", name="发出邀请").click()
    expect(invite).to_contain_text("请填写手机号码")
    invite.get_by_text("用户名", exact=True).click()
    invite.get_by_role("textbox", name="用户名").fill("yongjiang")
    invite.get_by_role("button", name="发出邀请").click()
    prove(chief)
    expect(invite).to_contain_text("不能邀请自己")
    invite.get_by_role("textbox", name="用户名").fill("jingban01")
    invite.get_by_role("button", name="发出邀请").click()
    expect(invite).to_be_hidden()
    expect(main.get_by_role("region", name="邀请记录")).to_contain_text("待接受")

    log_in(clerk, "jingban01")
    waiting = clerk.get_by_role("region", name="收到的邀请")
    expect(waiting).to_contain_text(UNIT_NAME)
    waiting.get_by_role("button", name="接受").click()
    expect(waiting).to_be_hidden()
    choose_unit(clerk, OTHER_NAME)
    clerk.get_by_role("button", name=re.compile("切换单位")).click()
    choose_unit(clerk, UNIT_NAME)
    open_page(clerk, "参保人员增员申报")
    fill_person(clerk, resident_id(), "沈嘉禾")
    fill_insurance(clerk)

    chief.get_by_role("button", name="查询", exact=True).click()
    _remove(chief)
    submit(clerk)
    told = clerk.get_by_role("dialog").filter(has_text="您已不能办理该单位的业务")
    expect(told).to_be_visible()
    told.get_by_role("button", name="留在本页").click()
    expect(clerk.get_by_role("textbox", name="姓名")).to_have_value("沈嘉禾")  # what was typed is still there
    expect(clerk.get_by_role("main")).to_contain_text("授权已被解除")


def test_an_api_key_is_shown_once_and_revoked(visitor: Visitor) -> None:
    chief = visitor()
    log_in(chief, "yongjiang", mode="法人登录")
    choose_unit(chief, UNIT_NAME)
    main = open_page(chief, "接口密钥")
    chief.get_by_role("button", name="新建密钥").click()
    making = chief.get_by_role("dialog", name="新建接口密钥")
    making.get_by_role("textbox", name="名称").fill("人事管理系统")
    making.get_by_role("button", name="新建", exact=True).click()
    prove(chief)
    shown = chief.get_by_role("dialog", name="密钥“人事管理系统”已创建")
    expect(shown).to_contain_text(re.compile(r"hk_[A-Za-z0-9_-]{43}"))
    shown.get_by_role("button", name="我已保存好密钥").click()
    row = main.get_by_role("row").filter(has_text="人事管理系统")
    expect(row).to_contain_text("从未使用")
    expect(main).not_to_contain_text(re.compile(r"hk_[A-Za-z0-9_-]{43}"))
    row.get_by_role("button", name="吊销").click()
    chief.get_by_role("dialog").get_by_role("button", name="吊销").click()
    expect(row).to_contain_text("已吊销")


def test_an_agent_of_500_employers_finds_one(visitor: Visitor) -> None:
    clerk = visitor()
    log_in(clerk, "daili01")
    expect(clerk.get_by_text("您可以为以下 500 家单位办理业务")).to_be_visible()
    search = clerk.get_by_role("textbox", name="查找单位")
    search.fill("没有这样的单位")
    expect(clerk.get_by_text("没有找到这样的单位")).to_be_visible()
    search.fill("四明贸易")
    found = clerk.get_by_role("button", name=re.compile("四明贸易有限公司042"))
    expect(found).to_be_visible()
    expect(clerk.get_by_role("button", name=re.compile("启明物业有限公司001"))).to_be_hidden()
    search.fill("330200000000010500")  # by number, and Enter takes the first one
    expect(clerk.get_by_role("button", name=re.compile("单位编号 330200000000010500"))).to_be_visible()
    search.press("Enter")
    switch = clerk.get_by_role("button", name=re.compile("当前单位：.*500，切换单位"))
    expect(switch).to_be_visible()
    main = open_page(clerk, "单位信息")
    expect(main).to_contain_text("330200000000010500")

    switch.click()
    clerk.get_by_title("63").or_(clerk.get_by_role("listitem", name="63")).first.click()  # the last page of eight each
    choose_unit(clerk, "宁波奉化永丰园林有限公司497")
    main = open_page(clerk, "单位信息")
    expect(main).to_contain_text("330200000000010497")
