"""Settings that would be unsafe don't start."""

from typing import Any

import pytest
from pydantic import ValidationError

from gateway.problems import PROBLEMS, render
from gateway.settings import GatewaySettings

PRODUCTION: dict[str, Any] = {
    "profile": "production",
    "gateway_secret": "q8Zk31vTtW0yRb55",
    "broker_url": "amqp://gateway:Pq92kdLs01mN@mq/",
    "public_url": "https://hall.test",
}


def test_production() -> None:
    assert GatewaySettings(**PRODUCTION).service_urls()["identity"] == "http://identity:8000"


@pytest.mark.parametrize(
    "change",
    [
        {"gateway_secret": "demo-gateway-secret"}, {"gateway_secret": "short"}, {"broker_url": None},
        {"broker_url": "amqp://guest:guest@mq/"}, {"public_url": None}, {"public_url": "http://hall.test"},
        {"public_url": "hall"}, {"trusted_proxies": ("not-a-network",)}, {"profile": "other"}, {"gateway_secret": None},
    ],
)  # fmt: skip
def test_refused_in_production(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        GatewaySettings(**{**PRODUCTION, **change})


def test_secret_is_needed_and_not_printed() -> None:
    with pytest.raises(ValidationError):
        GatewaySettings(profile="standalone")
    assert "very-secret" not in repr(GatewaySettings(profile="standalone", gateway_secret="very-secret"))


@pytest.mark.parametrize("code", PROBLEMS)
def test_every_problem_speaks_chinese(code: str) -> None:
    status, headers, body = render(code, "t" * 32)
    problem = PROBLEMS[code]
    assert status == problem.status
    assert any("一" <= letter <= "鿿" for letter in problem.title)
    assert any("一" <= letter <= "鿿" for letter in problem.detail)
    assert dict(headers)[b"content-length"] == str(len(body)).encode()
