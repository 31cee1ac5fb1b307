"""Single sign-on, clicked through: both flows of the portal, OpenID Connect with its one-time link, the second step of
accounts that have one, and the pages of refusal."""

import re
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from identity.second_factor.rules import code_of, step_of
from identity.sso.rules import REFUSALS
from tests.browser.conftest import Visitor
from tests.browser.hall_pages import choose_mode, log_in, open_page, prove
from tests.support.hall import PASSWORD, HallClient, RunningHall, register_person

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

PASSPHRASE = "甬江潮起 归帆三月 渔歌唱晚 2026"


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


def test_an_account_that_may_be_somebody_elses_is_shown_to_be_ones_own(
    visitor: Visitor, running_hall: RunningHall
) -> None:
    """Registered with the number of the portal's person, but with another mobile."""
    person = {"name": "林知夏", "id_number": "330282198512310028"}
    with HallClient(running_hall.url) as client:
        register_person(client, "13957400021", username="linzhixia", password=PASSPHRASE, **person)
    first, again = visitor(), visitor()
    _by_button(first, "个人登录", "浙江政务服务网（个人）", "林知夏")
    expect(first.get_by_text("本网厅已有用您的证件号码注册的个人账号")).to_be_visible()
    expect(first.get_by_text("该账号不是您本人注册的")).to_be_visible()
    first.get_by_label("用户名").fill("linzhixia")
    first.get_by_label("密码").fill(PASSPHRASE)
    first.get_by_role("button", name="登录并绑定").click()
    expect(first.get_by_role("heading", name=re.compile("林知夏"))).to_be_visible()
    _by_button(again, "个人登录", "浙江政务服务网（个人）", "林知夏")
    expect(again.get_by_role("heading", name=re.compile("林知夏"))).to_be_visible()

    # Had it been somebody else's, the window would have taken it from them.
    operator, owner = visitor(), visitor()
    log_in(operator, "guanli01", mode="工作人员")
    main = open_page(operator, "网厅账号")
    operator.get_by_role("button", name="查询", exact=True).click()
    expect(main.get_by_text("请填写用户名或证件号码")).to_be_visible()
    operator.get_by_label("用户名").fill("linzhixia")
    operator.get_by_role("button", name="查询", exact=True).click()
    row = main.locator("tr.ant-table-row").filter(has_text="linzhixia")
    expect(row).to_contain_text("330282********0028")
    row.get_by_role("button", name="注销").click()
    dialog = operator.get_by_role("dialog", name="注销账号 linzhixia")
    expect(dialog.get_by_role("button", name="注销", exact=True)).to_be_disabled()
    dialog.get_by_text("冒用他人身份注册").click()
    dialog.get_by_role("button", name="注销", exact=True).click()
    prove(operator)
    expect(operator.get_by_text("账号 linzhixia 已注销")).to_be_visible()
    expect(row).to_contain_text("已注销")
    _by_button(owner, "个人登录", "浙江政务服务网（个人）", "林知夏")
    expect(owner.get_by_role("heading", name=re.compile("林知夏"))).to_be_visible()  # an account of their own


def test_the_dynamic_code_is_asked_for_after_the_portal(visitor: Visitor, running_hall: RunningHall) -> None:
    person = {"name": "方小满", "id_number": "330203199203158244"}
    with HallClient(running_hall.url) as owner:
        register_person(owner, "13800570111", username="fangxiaoman", password=PASSPHRASE, **person)
        owner.post("/api/identity/sessions", {"mode": "person", "username": "fangxiaoman", "password": PASSPHRASE}, 201)
        owner.post("/api/identity/sessions/current/step-up", {"password": PASSPHRASE})
        secret = owner.post("/api/identity/account/second-factor/enrolment")["secret"]
        code = code_of(secret, step_of(datetime.now(UTC)))
        recovery = owner.post("/api/identity/account/second-factor", {"code": code})["recovery_codes"][0]
    page = visitor()
    _by_button(page, "个人登录", "浙江政务服务网（个人）", "方小满")
    expect(page.get_by_role("heading", name="请输入动态口令")).to_be_visible()
    _only_a_path(page, "/sso")
    page.get_by_label("动态口令").fill("000000")
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page.get_by_text("动态口令不正确或已使用过")).to_be_visible()
    page.get_by_label("动态口令").fill(recovery)
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page.get_by_role("heading", name=re.compile("方小满"))).to_be_visible()


def test_a_return_works_once_and_in_its_own_browser(visitor: Visitor) -> None:
    first, other, walk_in = visitor(), visitor(), visitor()
    returns: list[str] = []
    for page in (first, walk_in):
        page.on("request", lambda request: returns.append(request.url) if "/callback?" in request.url else None)
    _by_button(first, "经办人登录", "浙江政务服务网（个人）", "林知夏")
    expect(first.get_by_text("林知夏，您好")).to_be_visible()
    first.goto(returns[0])
    _refused(first, "登录请求已使用")
    other.goto(returns[0])
    _refused(other, "没有找到您的登录请求")
    other.goto("/api/identity/sso/zj-person/start")
    other.goto(returns[0])
    _refused(other, "登录请求不属于本浏览器")

    walk_in.goto("/standin/")
    walk_in.get_by_role("link", name=re.compile("个人办事")).click()
    walk_in.get_by_role("button", name=re.compile("林知夏")).click()
    expect(walk_in.get_by_role("heading", name="确认登录")).to_be_visible()
    other.goto(returns[-1])  # the ticket was used
    _refused(other, "登录凭据无效")


def _refused(page: Page, title: str) -> None:
    """A page of refusal, with nothing of the way here in its address; it leads back."""
    expect(page.get_by_text(title, exact=True)).to_be_visible()
    expect(page).to_have_url(re.compile(r"/sso/refused\?code=[a-z_]+&provider=zj-person$"))
    expect(page.get_by_role("button", name="返回登录页")).to_be_visible()


def test_every_refusal_is_a_clear_page(visitor: Visitor) -> None:
    """What leads to each is tested with providers that behave so; here is what people see of it."""
    page = visitor()
    for refusal in REFUSALS.values():
        page.goto(f"/sso/refused?code={refusal.code}&provider=oidc")
        expect(page.get_by_text(refusal.title, exact=True)).to_be_visible()
        expect(page.get_by_text(refusal.detail, exact=True)).to_be_visible()
        expect(page.get_by_role("button", name="返回登录页").or_(page.get_by_text("12393"))).not_to_have_count(0)


def test_a_refusal_says_why_and_leads_back(visitor: Visitor) -> None:
    page = visitor()
    _by_button(page, "经办人登录", "浙江政务服务网（个人）", "钱多多")
    expect(page.get_by_text("实名认证等级不足").first).to_be_visible()
    expect(page.get_by_text("请先在该平台完成高级实名认证")).to_be_visible()
    page.get_by_role("button", name="返回登录页").click()
    log_in(page, "jingban01")
    expect(page.get_by_text("林知夏，您好")).to_be_visible()
