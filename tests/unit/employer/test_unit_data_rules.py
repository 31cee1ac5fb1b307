"""Contact data, bank accounts, the bank directory and changes of registration: their rules as tables."""

from datetime import UTC, date, datetime, timedelta

import pytest

from contracts.values.identifiers import IdentifierFault
from employer.bank_accounts.rules import read_account_number
from employer.bank_directory import rules as banks
from employer.contacts import rules as contacts
from employer.registration_changes import rules as changes
from servicekit.refusals import FieldFault, InvalidFields, Refusal

TODAY = date(2026, 3, 10)
# As an input method in full-width mode types them.
WIDE = {code: code + 0xFEE0 for code in range(0x30, 0x3A)}
NOW = datetime(2026, 3, 10, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("138 0574 0101", "13805740101"),
        ("+86 13805740101", "13805740101"),
        ("0574-87000101", "0574-87000101"),
        ("057487000101", "0574-87000101"),
        ("（0574）8700 0101", "0574-87000101"),
        ("010-87000101-8001", "010-87000101-8001"),
    ],
)
def test_telephones(typed: str, read: str) -> None:
    assert contacts.check_telephone(typed) == read


@pytest.mark.parametrize("typed", ["87000101", "12805740101", "0574-870001", "0574-87000101-1234567", "电话", "1" * 40])
def test_what_is_no_telephone(typed: str) -> None:
    with pytest.raises(IdentifierFault) as fault:
        contacts.check_telephone(typed)
    assert fault.value.code == "telephone_form"


def test_a_recorded_identity_number_changes_by_application_only() -> None:
    contacts.check_representative_number(None, "330203199003071232")
    contacts.check_representative_number("330203199003071232", None)
    contacts.check_representative_number("330203199003071232", "330203 19900307 1232")
    with pytest.raises(contacts.RepresentativeByApplication) as refused:
        contacts.check_representative_number("330203199003071232", "330282198512310028")
    assert refused.value.pointer == "/legal_representative_id"


@pytest.mark.parametrize(
    ("id_type", "number", "read", "pointer"),
    [
        ("01", "330203199003071232".translate(WIDE), "330203199003071232", None),
        ("01", "330203199003071233", None, "/n"),
        ("08", "e1234567", "E1234567", None),
        ("77", "330203199003071232", None, "/t"),
        ("01", None, None, None),
    ],
)
def test_identity_documents(id_type: str, number: str | None, read: str | None, pointer: str | None) -> None:
    faults: list[FieldFault] = []
    assert contacts.read_document(id_type, number, faults, today=TODAY, type_pointer="/t", number_pointer="/n") == read
    assert [fault.pointer for fault in faults] == ([] if pointer is None else [pointer])


@pytest.mark.parametrize("typed", ["622202 0001", "1234-5678", "123456".translate(WIDE), "1" * 32])
def test_account_numbers(typed: str) -> None:
    faults: list[FieldFault] = []
    assert read_account_number(typed, faults).isdecimal()
    assert faults == []


@pytest.mark.parametrize("typed", ["12345", "1" * 33, "12345a", "六二二二零二", "٣٣٣٣٣٣٣٣"])
def test_what_is_no_account_number(typed: str) -> None:
    faults: list[FieldFault] = []
    read_account_number(typed, faults)
    assert [fault.code for fault in faults] == ["account_number_form"] or (typed.startswith("٣") and not faults)


CLASSES = {"102": "中国工商银行", "402": "农村商业银行、农村信用社"}
ROW = {"bank_class": "102", "code": "102332000014", "name": "中国工商银行鄞州支行", "short_name": "工行鄞州支行"}


def test_good_rows_of_the_directory() -> None:
    rows = [
        (2, ROW),
        (3, {**ROW, "bank_class": "402 农村商业银行、农村信用社", "code": "402332000012", "status": "停用"}),
        (5, {**ROW, "bank_class": "中国工商银行", "code": "102332000026".translate(WIDE), "status": "启用"}),
    ]
    branches = [row.branch for row in banks.check_rows(rows, classes=CLASSES)]
    assert [(one.code, one.bank_class, one.status) for one in branches if one] == [
        ("102332000014", "102", "open"),
        ("402332000012", "402", "closed"),
        ("102332000026", "102", "open"),
    ]


@pytest.mark.parametrize(
    ("change", "codes"),
    [
        ({"code": ""}, {("/code", "required")}),
        ({"code": "10233200001"}, {("/code", "branch_code_form")}),
        ({"code": "1.02332E+11"}, {("/code", "branch_code_form")}),
        ({"code": "402332000012"}, {("/code", "branch_code_class")}),
        ({"bank_class": "999"}, {("/bank_class", "bank_class_unknown")}),
        ({"name": "行", "short_name": "字" * 61}, {("/name", "length"), ("/short_name", "length")}),
        ({"status": "关闭"}, {("/status", "status_unknown")}),
        (
            {"bank_class": "", "code": "", "name": "", "short_name": ""},
            {(f"/{field}", "required") for field in banks.REQUIRED},
        ),
    ],
)
def test_every_fault_of_a_row_at_once(change: dict[str, str], codes: set[tuple[str, str]]) -> None:
    (row,) = banks.check_rows([(7, {**ROW, **change})], classes=CLASSES)
    assert {(fault.pointer, fault.code) for fault in row.faults} == codes
    assert (row.number, row.branch) == (7, None)


def test_a_code_that_comes_twice_is_a_fault_of_both_rows() -> None:
    rows = banks.check_rows([(2, ROW), (3, ROW), (4, {**ROW, "code": "102332000026"})], classes=CLASSES)
    assert [[fault.message for fault in row.faults] for row in rows] == [
        ["联行号与第3行重复"],
        ["联行号与第2行重复"],
        [],
    ]


@pytest.mark.parametrize(
    ("stage", "good", "days", "refusal"),
    [
        ("checked", 1, 0, None),
        ("checked", 0, 0, banks.NothingToImport),
        ("checked", 1, 7, banks.ImportExpired),
        ("expired", 1, 0, banks.ImportExpired),
        ("confirmed", 1, 0, banks.ImportConfirmed),
    ],
)
def test_when_a_file_may_be_confirmed(stage: banks.Stage, good: int, days: int, refusal: type[Refusal] | None) -> None:
    uploaded_at = NOW - timedelta(days=days)
    if refusal is None:
        banks.check_may_confirm(stage, good=good, uploaded_at=uploaded_at, now=NOW)
    else:
        with pytest.raises(refusal):
            banks.check_may_confirm(stage, good=good, uploaded_at=uploaded_at, now=NOW)


PRESENT = {
    "name": "甬江智造科技有限公司",
    "uscc": "91330200MA2A0B1C3J",
    "kind": "10",
    "legal_representative": "江一帆",
    "legal_representative_id_type": None,
    "legal_representative_id_number": "330203199003071232",
    "address": "某路1号",
}


def test_only_what_differs_is_changed_in_the_order_of_the_form() -> None:
    wanted = {"address": "某路2号", "name": "甬江智造股份有限公司", "kind": "10"}
    assert changes.changed_fields(PRESENT, wanted) == ["name", "address"]
    with pytest.raises(changes.NothingChanges):
        changes.changed_fields(PRESENT, {"kind": "10", "name": PRESENT["name"]})


@pytest.mark.parametrize("count", [0, 6])
def test_too_few_and_too_many_attachments(count: int) -> None:
    with pytest.raises(InvalidFields) as refused:
        changes.check_count(count)
    assert refused.value.errors[0].pointer == "/attachments"


@pytest.mark.parametrize(
    ("fields", "virtual", "kind", "pointer"),
    [
        (["name", "address"], True, "99", None),
        (["uscc"], True, "99", "/uscc"),
        (["kind"], True, "10", "/kind"),
        (["kind"], False, "99", "/kind"),
        (["kind", "uscc"], False, "50", None),
    ],
)
def test_nobody_becomes_or_leaves_a_virtual_unit(
    fields: list[str], virtual: bool, kind: str, pointer: str | None
) -> None:
    if pointer is None:
        changes.check_of_the_register(fields, virtual=virtual, kind=kind)
        return
    with pytest.raises(changes.OfTheRegister) as refused:
        changes.check_of_the_register(fields, virtual=virtual, kind=kind)
    assert refused.value.pointer == pointer
