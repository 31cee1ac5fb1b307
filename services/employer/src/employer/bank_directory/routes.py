"""银行名录: for clerks to choose a branch from, for operators to bring in: upload, check, confirm."""

import asyncio
import hashlib
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, File, Query, Response, UploadFile

from employer.bank_directory import rules, service
from employer.bank_directory.schemas import BankClassOut, BankImportOut, BranchOut, FaultyRow, UploadForm
from employer.bank_directory.template import write_template
from servicekit.auth.deps import AnyPrincipal, OperatingStaff
from servicekit.auth.principals import Operator
from servicekit.clock import Now
from servicekit.db.tx import Tx
from servicekit.downloads import XLSX, file_answer, file_responses
from servicekit.etag import IfMatch, etag_of
from servicekit.idempotency import Once
from servicekit.paging import Listing, Page
from servicekit.uploads import shown_name

router = APIRouter(tags=["银行名录"])
BankClassCode = Annotated[str, Query(pattern="^[0-9]{3}$", description="银行大类代码")]


@router.get("/bank-classes", summary="银行大类")
async def list_bank_classes(principal: AnyPrincipal, tx: Tx) -> list[BankClassOut]:
    """All bank classes by code."""
    return await service.classes(tx)


@router.get("/bank-branches", summary="开户网点检索")
async def list_bank_branches(
    principal: AnyPrincipal,
    tx: Tx,
    page: Page,
    bank_class: BankClassCode | None = None,
    q: Annotated[str, Query(max_length=60, description="网点简称中的字，可用空格分开；或联行号")] = "",
) -> Listing[BranchOut]:
    """Branches by bank class and short name. Closed ones are shown to operators only."""
    closed_too = isinstance(principal, Operator)
    items, total = await service.search(
        tx, q, bank_class=bank_class, closed_too=closed_too, offset=page.offset, limit=page.limit
    )
    return Listing(items=items, total=total)


@router.get("/bank-imports/template", summary="下载名录模板", response_class=Response, responses=file_responses(XLSX))
async def download_bank_template(operator: OperatingStaff, tx: Tx) -> Response:
    """The file to fill in."""
    content = await asyncio.to_thread(write_template, await service.classes(tx))
    return file_answer("银行名录模板.xlsx", content, XLSX)


@router.post("/bank-imports/uploads", status_code=201, summary="上传名录文件")
async def upload_bank_file(
    file: Annotated[UploadFile, File(description="填好的 .xlsx 或 .csv 文件")],
    operator: OperatingStaff,
    tx: Tx,
    once: Once,
    now: Now,
    response: Response,
) -> BankImportOut:
    """Takes a file in and checks every row; nothing changes in the directory before it is confirmed."""
    rules.check_size(file.size or 0)
    name, content = shown_name(file.filename), await file.read()
    form = UploadForm(name=name, digest=hashlib.sha256(content).hexdigest())
    made = await once(form, BankImportOut, lambda: service.check_file(tx, operator, name, content, now=now))
    response.headers["ETag"] = etag_of(made.version)
    return made


@router.get("/bank-imports", summary="导入记录")
async def list_bank_imports(operator: OperatingStaff, tx: Tx, page: Page) -> Listing[BankImportOut]:
    """Files brought in or waiting for it, newest first."""
    items, total = await service.page(tx, offset=page.offset, limit=page.limit)
    return Listing(items=items, total=total)


@router.get("/bank-imports/{import_id}", summary="导入详情")
async def show_bank_import(import_id: UUID, operator: OperatingStaff, tx: Tx, response: Response) -> BankImportOut:
    """One file."""
    found = await service.show(tx, import_id)
    response.headers["ETag"] = etag_of(found.version)
    return found


@router.get("/bank-imports/{import_id}/faulty-rows", summary="错误数据")
async def list_faulty_bank_rows(import_id: UUID, operator: OperatingStaff, tx: Tx, page: Page) -> Listing[FaultyRow]:
    """The rows that can't be brought in, each with all its faults, in the file's own row numbers."""
    items, total = await service.faulty_rows(tx, import_id, offset=page.offset, limit=page.limit)
    return Listing(items=list(items), total=total)


@router.get(
    "/bank-imports/{import_id}/faulty-rows/file",
    summary="下载错误数据",
    response_class=Response,
    responses=file_responses(XLSX),
)
async def download_faulty_bank_rows(import_id: UUID, operator: OperatingStaff, tx: Tx) -> Response:
    """The same rows as a file to mend and upload again: the cells marked, the reasons in the last column. Audited."""
    name, content = await service.returned_file(tx, operator, import_id)
    return file_answer(name, content, XLSX)


@router.post("/bank-imports/{import_id}/confirmation", summary="确认导入")
async def confirm_bank_import(
    import_id: UUID, operator: OperatingStaff, tx: Tx, once: Once, version: IfMatch, now: Now, response: Response
) -> BankImportOut:
    """Brings in what is good of the file. Nothing is removed from the directory."""
    done = await once(
        None, BankImportOut, lambda: service.confirm(tx, operator, import_id, seen_version=version, now=now)
    )
    response.headers["ETag"] = etag_of(done.version)
    return done
