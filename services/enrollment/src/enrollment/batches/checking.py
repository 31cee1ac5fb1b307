"""The rows of a sheet against the rules of the form. Pure: today and the code tables come in as arguments.

The rules are those of the forms; here a row only becomes what a form sends, and their faults find their cells.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from contracts.values.identifiers import IdentifierFault, normalise_identifier
from enrollment.additions.rules import read_addition, settled
from enrollment.batches.cells import CellReader, CodeNames
from enrollment.batches.columns import Layout
from enrollment.dictionaries.rules import Dictionary
from enrollment.people.rules import check_document, read_identity
from enrollment.removals.rules import read_removal
from servicekit.refusals import FieldFault
from servicekit.sheets.cells import Cell

Texts = dict[str, str]
"""What a form sends, by the pointers of its fields; blank fields are left out."""
ReadForm = Callable[[Mapping[str, str], date, Dictionary], tuple[list[FieldFault], Texts | None]]

ID_TYPE, ID_NUMBER = "/person/id_type", "/person/id_number"
_SEX, _BIRTH_DATE = "/person/sex", "/person/birth_date"
_NAMED_DUPLICATES = 3


@dataclass(frozen=True)
class RowFault:
    """One fault of a row. `column` counts from 1 and is the file's own; 0: the row as a whole."""

    column: int
    label: str
    code: str
    message: str

    def sentence(self) -> str:
        """As it stands in the last column of a returned file."""
        if not self.column:
            return self.message
        return f"第{self.column}列 {self.label}：{self.message.removeprefix(self.label)}"

    def moved(self, column: int) -> "RowFault":
        """The same in another column."""
        return replace(self, column=column)


@dataclass(frozen=True)
class CheckedRow:
    """A row of people that was read. `number` is the row's own in the file, the headings being row 1."""

    number: int
    cells: tuple[str, ...] = field(repr=False)
    """What is written in the known columns, in the file's order."""
    texts: Texts = field(repr=False)
    faults: tuple[RowFault, ...] = field(repr=False)


def module(texts: Mapping[str, str], name: str) -> dict[str, str | None]:
    """The fields of one module of the form."""
    prefix = f"/{name}/"
    return {pointer.removeprefix(prefix): text for pointer, text in texts.items() if pointer.startswith(prefix)}


def _read_addition(
    texts: Mapping[str, str], today: date, dictionary: Dictionary
) -> tuple[list[FieldFault], Texts | None]:
    person, insurance = module(texts, "person"), module(texts, "insurance")
    declared, faults = read_addition(person, insurance, today=today, dictionary=dictionary)
    if declared is None:
        return faults, None
    return [], {f"/{name}/{key}": text for name, fields in settled(declared).items() for key, text in fields.items()}


def _read_removal(
    texts: Mapping[str, str], today: date, dictionary: Dictionary
) -> tuple[list[FieldFault], Texts | None]:
    """Whom the row names is not known here: the event date is held against their dates later."""
    who = read_identity(module(texts, "person"), pointer="/person", today=today, dictionary=dictionary)
    _, faults = read_removal(
        module(texts, "removal"), pointer="/removal", today=today, dictionary=dictionary, leaver=None
    )
    return [*who, *faults], None


RULES: Mapping[str, ReadForm] = {"addition": _read_addition, "removal": _read_removal}
"""The rules of the form that each kind of batch must keep: the faults of a row, or its texts each in its one form."""


class Checker:
    """Checks the rows of one file."""

    def __init__(self, kind: str, layout: Layout, *, today: date, dictionary: Dictionary) -> None:
        self._rules = RULES[kind]
        self._layout = layout
        self._today = today
        self._dictionary = dictionary
        names = CodeNames(dictionary)
        self._readers = [
            (column.pointer, place, CellReader(column, names))
            for column, place in zip(layout.order, layout.places, strict=True)
        ]
        self._labels = {column.pointer: column.label for column in layout.order}

    def check(self, rows: Sequence[tuple[int, Sequence[Cell]]]) -> Iterator[CheckedRow]:
        """Every row with its faults, all of them at once. The same person twice is a fault of both rows."""
        twins = self._twins(rows)
        for number, cells in rows:
            row = self._read(number, cells)
            found, one_form = self._rules(row.texts, self._today, self._dictionary)
            faults = [*row.faults, *self._placed(row, found)]
            if row.number in twins:
                twin = FieldFault(ID_NUMBER, "duplicate_row", _same_person(twins[row.number]))
                faults.append(row_fault(self._layout, twin))
            texts = row.texts if faults or one_form is None else one_form
            yield CheckedRow(row.number, row.cells, texts, tuple(sorted(faults, key=lambda fault: fault.column)))

    def _twins(self, rows: Sequence[tuple[int, Sequence[Cell]]]) -> dict[int, list[int]]:
        """For each row about a person that has several: the other rows. Looks at nothing but who it is about."""
        readers = [each for each in self._readers if each[0] in (ID_TYPE, ID_NUMBER)]
        people: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
        for number, cells in rows:
            who = {
                pointer: reader.read(cells[place] if place < len(cells) else None).text
                for pointer, place, reader in readers
            }
            document = who.get(ID_NUMBER)
            if document is not None:
                people[who.get(ID_TYPE) or "", normalise_identifier(document)].append(number)
        return {
            number: [other for other in numbers if other != number]
            for numbers in people.values()
            if len(numbers) > 1
            for number in numbers
        }

    def _read(self, number: int, cells: Sequence[Cell]) -> CheckedRow:
        texts: Texts = {}
        faults: list[RowFault] = []
        seen: list[str] = []
        for pointer, place, reader in self._readers:
            cell = reader.read(cells[place] if place < len(cells) else None)
            seen.append(cell.shown)
            if cell.text is not None:
                texts[pointer] = cell.text
            if cell.fault is not None:
                faults.append(RowFault(place + 1, self._labels[pointer], cell.fault.code, cell.fault.message))
        self._fill_in(texts)
        return CheckedRow(number, tuple(seen), texts, tuple(faults))

    def _fill_in(self, texts: Texts) -> None:
        """Sex and birth date from the number, as the page does it."""
        if ID_NUMBER not in texts or ID_TYPE not in texts or (_SEX in texts and _BIRTH_DATE in texts):
            return
        try:
            document = check_document(texts[ID_TYPE], texts[ID_NUMBER], today=self._today)
        except IdentifierFault:
            return
        if document.sex is not None and _SEX in self._labels:
            texts.setdefault(_SEX, document.sex)
        if document.birth_date is not None and _BIRTH_DATE in self._labels:
            texts.setdefault(_BIRTH_DATE, document.birth_date.isoformat())

    def _placed(self, row: CheckedRow, found: Sequence[FieldFault]) -> Iterator[RowFault]:
        """The faults of the form's fields at the cells of the row."""
        if not found:
            return
        unread = {fault.column for fault in row.faults}
        number_is_wrong = any(fault.pointer == ID_NUMBER for fault in found) or ID_NUMBER not in row.texts
        for fault in found:
            if fault.code == "required" and number_is_wrong and fault.pointer in (_SEX, _BIRTH_DATE):
                continue  # they come from the number once it is right
            placed = row_fault(self._layout, fault)
            if placed.column not in unread or not placed.column:  # what could not be read is not missing as well
                yield placed


def row_fault(layout: Layout, fault: FieldFault) -> RowFault:
    """A fault of a form's field as a fault of its cell; of a field without a column, of the whole row."""
    for column, place in zip(layout.order, layout.places, strict=True):
        if column.pointer == fault.pointer:
            return RowFault(place + 1, column.label, fault.code, fault.message)
    return RowFault(0, "", fault.code, fault.message)


def _same_person(others: Sequence[int]) -> str:
    named = "、".join(f"第{number}行" for number in others[:_NAMED_DUPLICATES])
    more = f"等{len(others)}行" if len(others) > _NAMED_DUPLICATES else ""
    return f"与{named}{more}重复，同一文件中每人只能填一行"
