"""The standalone hall: every service, its workers and the gateway in one process."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import date
from pathlib import Path
from socket import socket
from typing import Any

import httpx
import uvicorn

from gateway.app import build_gateway
from gateway.asgi_upstream import AsgiUpstream
from gateway.server import uvicorn_config
from gateway.settings import GatewaySettings
from identity.service import SERVICE as IDENTITY
from identity.service import make_service as make_identity
from reporting.service import make_service as make_reporting
from servicekit import logs
from servicekit.auth.tokens import TokenKeys, TokenSigner
from servicekit.web import build_web
from servicekit.worker import Worker
from standalone.instance import Instance
from standalone.names import SERVICES
from standalone.postgres import EmbeddedPostgres
from standalone.prepare import ALL_SERVICES, open_all, ready_databases, seed_demo_once
from standalone.standin import StandIn, provider_settings
from standalone.standin.mounting import PREFIX, UnderPrefix

WEB_DIR = Path(__file__).parents[4] / "gateway" / "web" / "dist"


class LateTransport(httpx.AsyncBaseTransport):
    """An httpx transport to a sibling application that is built a moment later."""

    def __init__(self) -> None:
        self.app: Any = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Calls the sibling in this process."""
        return await httpx.ASGITransport(app=self.app).handle_async_request(request)


@asynccontextmanager
async def standalone_hall(folder: Path, *, public_url: str, business_today: date | None) -> AsyncIterator[Any]:
    """The gateway's ASGI application with everything behind it running."""
    instance = Instance(folder)
    async with AsyncExitStack() as stack:
        stack.enter_context(instance.claimed())
        postgres = await asyncio.to_thread(EmbeddedPostgres(instance.folder / "postgres").start)
        stack.callback(postgres.stop)
        urls = {name: f"http://{name}.hall" for name in SERVICES}
        settings = {
            name: instance.settings(
                name, postgres, profile="standalone", urls=urls, public_url=public_url, business_today=business_today
            )
            for name in SERVICES
        }
        standin_url = f"{public_url.rstrip('/')}{PREFIX}"
        settings["identity"]["sso_providers"] = provider_settings(standin_url)
        await ready_databases(instance, postgres, settings)
        siblings = {name: LateTransport() for name in ("identity", "enrollment", "employer")}
        services = {service.name: service for service in ALL_SERVICES}
        services["reporting"] = make_reporting(transports=siblings)
        standin, to_standin = StandIn(standin_url, public_url), LateTransport()
        services["identity"] = make_identity(sso_transport=to_standin)
        signer = TokenSigner.of(settings["identity"]["token_signing_key"])
        keys = TokenKeys.static(signer.jwks())
        runtimes = await stack.enter_async_context(open_all(services, settings, keys=keys))
        apps = {name: build_web(runtime) for name, runtime in runtimes.items()}
        for name, sibling in siblings.items():
            sibling.app = apps[name]
        await seed_demo_once(runtimes, instance.folder / "demo-data-is-in")
        for runtime in runtimes.values():
            worker = Worker(runtime)
            await worker.start()
            stack.push_async_callback(worker.stop)
        gateway = build_gateway(
            GatewaySettings(
                profile="standalone",
                gateway_secret=instance.gateway_secret,
                public_url=public_url,
                web_dir=WEB_DIR,
            ),
            {name: AsgiUpstream(app) for name, app in apps.items()},
            transport=runtimes[IDENTITY.name].transport,
        )
        hall = UnderPrefix(standin.app, gateway)
        to_standin.app = hall
        yield hall


def _banner(url: str, folder: Path) -> str:
    return f"""
  单位网厅 Employer Hall   {url}
  法人登录   yongjiang    单位：甬江智造科技有限公司（两个参保单位）
  经办人登录 jingban01    经办四家单位，其中甬港联运集团有 1,500 人
  经办人登录 daili01      代理记账机构的经办人，经办 500 家单位
  个人登录   geren01      王志明，甬江智造的在职职工
  工作人员   {url}/staff/login   审核员 shenhe01、shenhe02   经办管理员 guanli01、guanli02
  以上演示账号的密码均为 Yongjiang-demo-2026；工作人员登录所需的动态口令在登录页的“演示口令”中显示
  单点登录   登录页的“浙江政务服务网”和“统一身份认证”连到模拟平台（演示）{url}/standin/
  注册体验   统一社会信用代码 12330200419500123Q   单位名称 宁波市海曙区示范小学
  接口文档   {url}/api/docs        数据目录   {folder}
  演示数据均为虚构。按 Ctrl+C 停止。
"""


class AnnouncingServer(uvicorn.Server):
    """Says where the hall is, once it takes connections."""

    def __init__(self, config: uvicorn.Config, banner: str) -> None:
        super().__init__(config)
        self._banner = banner

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """Starts to listen, then prints the banner."""
        await super().startup(sockets)
        if self.started:
            sys.stdout.write(self._banner)
            sys.stdout.flush()


async def run(folder: Path, *, host: str, port: int, business_today: date | None) -> None:
    """Serves the hall until it is told to stop."""
    url = os.environ.get("HALL_PUBLIC_URL") or f"http://localhost:{port}"
    logs.configure("hall", os.environ.get("HALL_LOG_LEVEL", "WARNING"))
    async with standalone_hall(folder, public_url=url, business_today=business_today) as app:
        await AnnouncingServer(uvicorn_config(app, host=host, port=port), _banner(url, folder)).serve()
