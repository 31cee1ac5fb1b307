"""Each document's pages beside their kept looks: a broken layout is seen, another rasteriser makes no difference."""

import pytest

from reporting.documents.contribution_list import content as contribution_list
from reporting.documents.insurance_certificate.content import compose
from reporting.rendering import list_pages
from tests.unit.reporting import looks
from tests.unit.reporting.facts import ISSUE, facts
from tests.unit.reporting.looks import DOCUMENTS, differing, kept_looks, looks_of

RASTERISERS = ("pdftoppm", "pdftocairo")
BROKEN = (
    ".seal { left: 300px }",
    ".seal { display: none }",
    ".qr { display: none }",
    ".qr { left: 400px }",
    ".ruled { background: none !important }",
    "h2 { margin-top: -12px }",
    ".ruled { line-height: 11px }",
    ".closing { margin-top: -60px }",
    ".ruled { font-feature-settings: normal }",
    "@page { @bottom-center { content: none } }",
    "html { color: #bbb }",
)


def looks_broken(pdf: bytes, name: str) -> bool:
    """Whether it shows in more than a stray cell."""
    pages, kept = looks_of(pdf), kept_looks(name)
    return len(pages) != len(kept) or sum(len(differing(*pair)) for pair in zip(pages, kept, strict=True)) > 3


@pytest.mark.parametrize("name", DOCUMENTS)
async def test_a_document_looks_as_it_did_whatever_draws_it(name: str) -> None:
    (pdf,) = await DOCUMENTS[name]()
    kept = kept_looks(name)
    for program in RASTERISERS:
        pages = looks_of(pdf, program=program)
        assert len(pages) == len(kept)
        for number, (page, before) in enumerate(zip(pages, kept, strict=True), 1):
            assert differing(page, before) == [], f"page {number} by {program}, mm from left and top"


async def test_broken_certificates_are_seen() -> None:
    made = await looks.certificates(12, BROKEN)
    assert [rules for rules, pdf in zip(BROKEN, made, strict=True) if not looks_broken(pdf, "certificate")] == []


async def test_a_lost_column_is_seen() -> None:
    months = [
        {**piece, "text": "\n".join(line.rpartition(" ")[0] for line in piece["text"].splitlines())}
        for piece in compose(facts(months=12), ISSUE)["months"]
    ]
    (certificate,) = await looks.certificates(12, changes={"months": months})
    assert looks_broken(certificate, "certificate")
    (contributions,) = await looks.contributions(contribution_list.COLUMNS[:-1])
    assert looks_broken(contributions, "contributions")


@pytest.mark.parametrize(("name", "value"), [("_SEAL_SIDE", 60.0), ("_QR_SIDE", 40.0), ("_ROW", 14.0), ("_SIZE", 8.0)])
async def test_a_broken_list_is_seen(name: str, value: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(list_pages, name, value)
    (contributions,) = await looks.contributions()
    assert looks_broken(contributions, "contributions")


@pytest.mark.parametrize(("months", "pages"), [(12, 1), (13, 2), (17, 2), (18, 2), (32, 2), (37, 3)])
async def test_a_year_of_a_unit_is_one_page_and_no_page_runs_over(months: int, pages: int) -> None:
    (pdf,) = await looks.certificate_of_unit(months)
    assert len(looks_of(pdf)) == pages
