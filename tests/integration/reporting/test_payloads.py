"""What strangers typed is printed as it is: it fetches nothing, opens nothing, and ends no sentence of ours."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import BytesIO
from typing import Any

import pikepdf
import pypdf
import pytest

from servicekit.ids import uuid7
from tests.integration.reporting.desk import ask_for, file_of, shown
from tests.integration.reporting.siblings import Siblings
from tests.support.harness import ServiceHarness
from tests.support.pdfa import dictionaries_in
from tests.support.people import resident_id

MONTHS = {"from_month": "2025-11", "to_month": "2026-02"}
PAYLOADS = (
    "<img src='{away}/a'>",
    "<link rel=stylesheet href='{away}/b'>",
    "<style>@import url({away}/c)</style>",
    "<a href={away}/d>看</a>",
    "<svg><image href='{away}/e'/></svg>",
    "url({away}/f)",
    "'); background: url({away}/g",
    "<iframe src=file:///etc/passwd>",
    '"><object data="file:///etc/passwd">',
    "<img src=data:text/html,<script>1</script>>",
    "</pre><script>fetch('{away}/h')</script>",
    "<!ENTITY x SYSTEM 'file:///etc/passwd'>&x;",
    "{{ ''.__class__ }}{% include '/etc/passwd' %}",
    ") Tj (ET /URI (x) >> endobj %PDF",
)
_ACTIVE = frozenset({"/URI", "/JS", "/OpenAction", "/AA", "/EF", "/EmbeddedFiles", "/Launch", "/Dests"})


@asynccontextmanager
async def listening() -> AsyncIterator[tuple[str, list[bytes]]]:
    """An address of this machine, and what came to it."""
    fetched: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        fetched.append(await reader.readline())
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", fetched


def active_parts(pdf: bytes) -> set[str]:
    """What of a PDF would fetch, start or open something when it is read."""

    with pikepdf.open(BytesIO(pdf)) as whole:
        found = [each for one in whole.objects for each in dictionaries_in(one)]
        return {name for each in found for name in each.keys()} & _ACTIVE  # noqa: SIM118 - not one of Python's


@pytest.mark.parametrize(
    "form",
    [
        {"kind": "insurance_certificate", **MONTHS},
        {"kind": "insurance_certificates", "packing": "pdf", **MONTHS},
        {"kind": "employer_certificate", **MONTHS},
        {"kind": "contribution_list", **MONTHS},
        {"kind": "roster_list", "roster": {"status": "1"}},
    ],
    ids=lambda form: str(form["kind"]),
)
async def test_payloads_in_every_text_are_printed_and_fetch_nothing(
    hall: ServiceHarness, siblings: Siblings, form: dict[str, Any]
) -> None:
    siblings.colleagues = [(uuid7(), "赵一", resident_id())]
    if form["kind"] == "insurance_certificate":
        form = {**form, "person_id": str(siblings.person_id)}
    if form["kind"] == "insurance_certificates":
        form = {**form, "person_ids": [str(person_id) for person_id, _, _ in siblings.people()]}
    async with listening() as (away, fetched):
        for payload in PAYLOADS:
            typed = siblings.typed = payload.replace("{away}", away)
            if form["kind"] == "roster_list":  # the clerk's own condition stands on it as well
                form = {**form, "roster": {"status": "1", "name": typed}}
            answer = await ask_for(hall, form)
            assert answer.status_code == 202, answer.text
            await hall.drain()
            report = await shown(hall, answer.json()["id"])
            assert report["status"] == "done", report
            pdf = (await file_of(hall, report)).content
            printed = "".join("".join(page.extract_text().split()) for page in pypdf.PdfReader(BytesIO(pdf)).pages)
            assert "".join(typed.split()) in printed, payload
            assert "root:x" not in printed
            assert active_parts(pdf) == set(), payload
    assert fetched == []


async def test_the_listener_would_have_heard_and_the_reader_would_have_seen() -> None:
    """The two witnesses of the test above can tell."""
    async with listening() as (away, fetched):
        reader, writer = await asyncio.open_connection("127.0.0.1", int(away.rpartition(":")[2]))
        writer.write(b"GET /a HTTP/1.1\r\n")
        await writer.drain()
        await reader.read()
        writer.close()
        await writer.wait_closed()
    assert fetched == [b"GET /a HTTP/1.1\r\n"]
    file = BytesIO()
    with pikepdf.new() as pdf:
        link = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot, A=pikepdf.Dictionary(S=pikepdf.Name.URI, URI=pikepdf.String(away))
        )
        pdf.add_blank_page().obj["/Annots"] = pikepdf.Array([link])
        pdf.save(file)
    assert active_parts(file.getvalue()) == {"/URI"}
