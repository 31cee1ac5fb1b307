"""Settings refuse what must not run."""

import base64
import os
from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from servicekit.settings import ServiceSettings


def _key() -> str:
    return base64.urlsafe_b64encode(os.urandom(32)).decode()


def _values(**more: Any) -> dict[str, Any]:
    return {
        "profile": "production",
        "database_url": "postgresql+asyncpg://enrollment_app:Vq7-mK2_xT9wLr4z@db/enrollment",
        "broker_url": "amqp://enrollment:Zt5-nB8_cY1kQp6d@broker/",
        "personal_keys": {"k1": _key()},
        "personal_key_id": "k1",
        "blind_index_key": _key(),
        **more,
    }


def test_random_secrets_are_fine_in_production() -> None:
    assert ServiceSettings(**_values()).profile == "production"


@pytest.mark.parametrize("name", ["profile", "database_url", "personal_keys", "personal_key_id", "blind_index_key"])
def test_nothing_secret_has_a_default(name: str) -> None:
    values = _values()
    del values[name]
    with pytest.raises(ValidationError):
        ServiceSettings(**values)


@pytest.mark.parametrize(
    "wrong",
    [
        {"broker_url": "amqp://guest:guest@broker/"},
        {"broker_url": "amqp://broker/"},
        {"broker_url": None},
        {"database_url": "postgresql+asyncpg://app:hall-demo-password@db/enrollment"},
        {"database_url": "postgresql+asyncpg://app:aaaaaaaaaaaaaaaa@db/enrollment"},
        {"blind_index_key": base64.urlsafe_b64encode(b"0" * 32).decode()},
        {"blind_index_key": "dG9vIHNob3J0"},
        {"blind_index_key": "not base64 at all!"},
        {"personal_keys": {"k1": base64.urlsafe_b64encode(bytes(32)).decode()}},
        {"personal_key_id": "k2"},
        {"business_today": date(2026, 3, 10)},
        {"retry_delays": ()},
        {"profile": "staging"},
    ],
    ids=str,
)
def test_production_refuses(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as refused:
        ServiceSettings(**_values(**wrong))
    assert "hall-demo-password" not in str(refused.value)


def test_the_demo_may_use_what_production_may_not() -> None:
    demo = {"broker_url": None, "business_today": date(2026, 3, 10), "profile": "standalone"}
    assert ServiceSettings(**_values(**demo)).broker_url is None
