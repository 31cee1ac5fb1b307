"""The pages of the stand-in: plain HTML, marked as a demonstration on every one."""

import secrets
from collections.abc import Iterable, Mapping
from html import escape

from starlette.responses import HTMLResponse

_STYLE = """
body { margin: 0; background: #f4f1ea; color: #222; font: 16px/1.6 "Noto Sans CJK SC", "PingFang SC", sans-serif }
header { padding: 10px 24px; background: #b4371f; color: #fff; font-weight: 600 }
main { max-width: 620px; margin: 32px auto; padding: 24px 28px; background: #fff; border-radius: 10px }
h1 { margin: 0 0 4px; font-size: 22px } p { margin: 0 0 16px; color: #555 }
button, a.way { display: block; width: 100%; box-sizing: border-box; margin: 10px 0; padding: 12px 16px;
  border: 1px solid #ccc; border-radius: 8px; background: #fff; color: inherit; font: inherit; text-align: left;
  text-decoration: none; cursor: pointer }
button:hover, button:focus-visible, a.way:hover { border-color: #b4371f; background: #fdf6f4 }
button small, a.way small { display: block; color: #666 } button.away { text-align: center; color: #666 }
"""


def page(title: str, lead: str, body: str, *, status: int = 200) -> HTMLResponse:
    """A page. Nothing in it runs, and its forms go nowhere else."""
    nonce = secrets.token_urlsafe(16)
    html = (
        f'<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>{escape(title)} · 演示</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<style nonce="{nonce}">{_STYLE}</style></head><body>'
        "<header>演示 · 模拟的统一身份认证平台，人员与单位均为虚构</header>"
        f"<main><h1>{escape(title)}</h1><p>{escape(lead)}</p>{body}</main></body></html>"
    )
    policy = (
        f"default-src 'none'; style-src 'nonce-{nonce}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    headers = {"Content-Security-Policy": policy, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return HTMLResponse(html, status_code=status, headers=headers)


def choices(action: str, offered: Iterable[tuple[str, str, str]], hidden: Mapping[str, str]) -> str:
    """A form with one button for each choice (value, title, explanation) and one to give up."""
    kept = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in hidden.items()
    )
    buttons = "".join(
        f'<button name="who" value="{escape(value)}">{escape(title)}<small>{escape(about)}</small></button>'
        for value, title, about in offered
    )
    give_up = '<button class="away" name="who" value="">取消</button>'
    return f'<form method="post" action="{escape(action)}">{kept}{buttons}{give_up}</form>'


def ways(offered: Iterable[tuple[str, str, str]]) -> str:
    """Links (address, title, explanation)."""
    return "".join(
        f'<a class="way" href="{escape(address)}">{escape(title)}<small>{escape(about)}</small></a>'
        for address, title, about in offered
    )
