"""A signing identity for tests: made once for each process."""

from functools import cache

from reporting.signing.identity import demo_identity, self_signed


@cache
def signing_identity() -> str:
    """A PEM key and its certificate, for the setting of that name."""
    return demo_identity("宁波市医疗保险经办机构（演示）")


@cache
def real_identity() -> str:
    """One that doesn't say that it is for trying out."""
    return self_signed("宁波市医疗保障经办中心", department="信息中心")
