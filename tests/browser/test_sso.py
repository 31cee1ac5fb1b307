"""Single sign-on, clicked through: both flows of the portal, OpenID Connect with its one-time link, and a refusal."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visitor
from tests.browser.hall_pages import choose_mode, log_in
from tests.support.hall import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


def _by_button(page: Page, mode: str, title: str, who: str) -> None:
    """From the login page to the provider's, and back as somebody."""
    page.goto("/login")
    choose_mode(page, mode)
    page.get_by_role("link", name=title).click()
    expect(page.get_by_text("演示 · 模拟的统一身份认证平台")).to_be_visible()
    page.get_by_role("button", name=re.compile(who)).click()


def _only_a_path(page: Page, path: str) -> None:
    """Nothing of the way here is left in the address."""
    expect(page).to_have_url(re.compile(rf"^http://[^/]+{path}$"))


def test_a_person_by_the_portal(visitor: Visitor) -> None:
    known, new = visitor(), visitor()
    _by_button(known, "经办人登录", "浙江政务服务网（个人）", "林知夏")
    expect(known.get_by_role("heading", name="选择办理业务的单位")).to_be_visible()
    _only_a_path(known, "/units")
    expect(known.get_by_text("林知夏，您好")).to_be_visible()
    expect(known.get_by_role("button", name=re.compile("甬江智造科技有限公司 ?单位编号"))).to_be_visible()

    _by_button(new, "经办人登录", "浙江政务服务网（个人）", "方小满")
    expect(new.get_by_text("还没有可办理的单位，请联系单位法人授权")).to_be_visible()

    known.get_by_role("button", name="退出登录").click()
    expect(known.get_by_text("本浏览器曾通过“浙江政务服务网（个人）”登录")).to_be_visible()
    known.get_by_role("link", name="退出该平台").click()
    expect(known.get_by_text("已退出政务服务网")).to_be_visible()


def test_a_legal_person_by_the_portal(visitor: Visitor) -> None:
    representative, operator = visitor(), visitor()
    _by_button(representative, "法人登录", "浙江政务服务网（法人）", "四明山文化交流协会")
    expect(representative.get_by_text("叶闻溪，您好")).to_be_visible()
    representative.get_by_role("button", name=re.compile("四明山文化交流协会")).click()
    expect(representative.get_by_role("button", name=re.compile("当前单位：四明山文化交流协会"))).to_be_visible()

    _by_button(operator, "法人登录", "浙江政务服务网（法人）", "由经办人使用")
    expect(operator.get_by_text("您不是该单位的法定代表人，将以经办人身份登录")).to_be_visible()
    expect(operator.get_by_text("330203********8244")).to_be_visible()
    operator.get_by_role("button", name="是我本人，继续").click()
    expect(operator.get_by_text("还没有可办理的单位，请联系单位法人授权")).to_be_visible()


def test_from_the_portal_without_having_been_here(visitor: Visitor) -> None:
    page = visitor()
    page.goto("/standin/")
    page.get_by_role("link", name=re.compile("个人办事")).click()
    page.get_by_role("button", name=re.compile("林知夏")).click()
    expect(page.get_by_role("heading", name="确认登录")).to_be_visible()
    _only_a_path(page, "/sso")
    expect(page.get_by_text("林**")).to_be_visible()
    page.get_by_role("button", name="不是我，返回登录页").click()
    _only_a_path(page, "/login")
    page.goto("/units")
    _only_a_path(page, "/login")  # nobody came in


def test_openid_connect_is_linked_once(visitor: Visitor) -> None:
    first, again = visitor(), visitor()
    _by_button(first, "经办人登录", "统一身份认证", "林知夏")
    expect(first.get_by_role("heading", name="首次登录，请绑定账号")).to_be_visible()
    first.get_by_label("用户名").fill("jingban01")
    first.get_by_label("密码").fill(PASSWORD)
    first.get_by_role("button", name="登录并绑定").click()
    expect(first.get_by_text("林知夏，您好")).to_be_visible()
    _by_button(again, "经办人登录", "统一身份认证", "林知夏")
    expect(again.get_by_text("林知夏，您好")).to_be_visible()


def test_a_refusal_says_why_and_leads_back(visitor: Visitor) -> None:
    page = visitor()
    _by_button(page, "经办人登录", "浙江政务服务网（个人）", "钱多多")
    expect(page.get_by_text("实名认证等级不足").first).to_be_visible()
    expect(page.get_by_text("请先在该平台完成高级实名认证")).to_be_visible()
    page.get_by_role("button", name="返回登录页").click()
    log_in(page, "jingban01")
    expect(page.get_by_text("林知夏，您好")).to_be_visible()
