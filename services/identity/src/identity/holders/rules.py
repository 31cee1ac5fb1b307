"""Releasing accounts of the hall. Pure."""

from typing import Literal

from servicekit.refusals import Refusal

ReleaseReason = Literal["not_the_owner", "owner_asked"]
"""冒用他人身份注册；本人申请注销."""


class NobodyNamed(Refusal):
    """Looking somebody up takes a username or an ID number: the hall's accounts are no list to leaf through."""

    code = "nobody_named"
    title = "请填写查询条件"
    detail = "请填写用户名或证件号码后再查询。"


class AccountReleased(Refusal):
    code = "account_released"
    title = "账号已注销"
    detail = "该账号已注销，请重新查询。"
