"""Who asks, as far as a request shows it: the address that the gateway saw, and the browser's word on itself."""

from dataclasses import dataclass
from ipaddress import IPv4Address, ip_address

from fastapi import HTTPException, Request

_BROWSERS = (  # the first that is found: most of them call themselves Chrome and Safari as well
    ("MicroMessenger/", "微信"), ("DingTalk", "钉钉"), ("AlipayClient", "支付宝"), ("QQBrowser/", "QQ浏览器"),
    ("UCBrowser/", "UC浏览器"),
    ("Edg", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("CriOS/", "Chrome"), ("Safari/", "Safari"),
)  # fmt: skip
_SYSTEMS = (
    ("HarmonyOS", "鸿蒙"), ("OpenHarmony", "鸿蒙"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"),
    ("Windows", "Windows"), ("Mac OS X", "macOS"), ("Linux", "Linux"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Client:
    """What is kept of whoever signs in: enough to recognise oneself, not to be found."""

    place: str
    device: str


def address_of(request: Request) -> str:
    """The address the gateway saw; it makes this header anew for every request."""
    forwarded = request.headers.get("x-forwarded-for", "").split(",")[-1].strip()
    return forwarded or (request.client.host if request.client else "unknown")


def client_of(request: Request) -> Client:
    """The client of a login."""
    return Client(masked_address(address_of(request)), device_of(request.headers.get("user-agent", "")))


def masked_address(address: str) -> str:
    """The network's part of an address: 198.51.*.*, 2001:db8:*."""
    try:
        known = ip_address(address)
    except ValueError:
        return ""
    if isinstance(known, IPv4Address):
        return ".".join([*str(known).split(".")[:2], "*", "*"])
    return ":".join([*(group.lstrip("0") or "0" for group in known.exploded.split(":")[:2]), "*"])


def device_of(user_agent: str) -> str:
    """Browser and system in words: Chrome · Windows."""
    browser = next((name for sign, name in _BROWSERS if sign in user_agent), "")
    system = next((name for sign, name in _SYSTEMS if sign in user_agent), "")
    return " · ".join(part for part in (browser, system) if part) or "其他设备"


async def demo_only(request: Request) -> None:
    """In production the route is not there: the same answer as for any other unknown address."""
    if request.app.state.runtime.settings.profile == "production":
        raise HTTPException(404)
