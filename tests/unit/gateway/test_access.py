"""What the access log says of a path."""

import pytest

from gateway.access import loggable


@pytest.mark.parametrize(
    "path",
    [
        "/api/enrollment/applications/20260310-00000001",
        "/api/employer/employers/330200000000000101",
        "/api/reporting/reports/01a20ac6-9d70-7253-8ae0-b97c6cef6aa4/file",
        "/",
    ],
)
def test_our_own_numbers_stay(path: str) -> None:
    assert loggable(path) == path


@pytest.mark.parametrize(
    "personal", ["330203199003071232", "13805740001", "138 0574 0001", "%33%33%30203199003071232", "138%2005740001"]
)
def test_what_belongs_to_people_goes(personal: str) -> None:
    assert loggable(f"/api/enrollment/roster/{personal}") == "/api/enrollment/roster/[redacted]"
