"""Use cases of units' bank accounts. Each works in the caller's transaction and never commits."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from employer.bank_accounts import repository, rules
from employer.bank_accounts.models import UnitBankAccount
from employer.bank_accounts.schemas import BankAccountForm, BankAccountOut
from employer.bank_directory import repository as directory
from employer.units import repository as units
from servicekit import audit
from servicekit.auth import Clerk, check_stepped_up
from servicekit.db.tx import vault_of
from servicekit.etag import check_version
from servicekit.personal import Personal
from servicekit.refusals import FieldFault, InvalidFields, NotFound


async def change(
    tx: AsyncSession, clerk: Clerk, form: BankAccountForm, *, seen_version: int, now: datetime
) -> BankAccountOut:
    """Makes another account the unit's; the one before stays in its history. The present one again changes nothing.

    Raises:
        StepUpRequired, StepUpImpossible: see `check_stepped_up`.
        InvalidFields: the number can't be an account.
        BranchUnknown: not in the directory, or closed.
        Stale: somebody else was quicker.
    """
    check_stepped_up(clerk, now=now)
    faults: list[FieldFault] = []
    account_number = rules.read_account_number(form.account_number.reveal(), faults)
    if faults:
        raise InvalidFields(faults)
    found = await directory.branch(tx, form.branch_code)
    if found is None or found[0].status != "open":
        raise rules.BranchUnknown
    branch, bank = found
    if await units.lock(tx, clerk.employer_no) is None:
        raise NotFound
    before = await repository.present(tx, clerk.employer_no)
    check_version(0 if before is None else before.number, seen_version)
    vault = vault_of(tx)
    if before is not None:
        same_number = vault.open("bank_account", before.account_number).reveal() == account_number
        if same_number and (before.branch_code, before.account_name) == (branch.code, form.account_name):
            return BankAccountOut.model_validate(before)
        before.until = now
        await tx.flush()
    sealed = vault.seal("bank_account", Personal(account_number, "bank_account"))
    account = UnitBankAccount(
        employer_no=clerk.employer_no,
        number=seen_version + 1,
        branch_code=branch.code,
        branch_name=branch.name,
        bank_class_name=bank.name,
        account_name=form.account_name,
        account_number=sealed.ciphertext,
        account_number_masked=sealed.masked,
        entered_by=clerk.account_id,
        since=now,
        until=None,
    )
    tx.add(account)
    await tx.flush()
    facts = {"number": account.number, "branch": branch.code}
    await audit.record(tx, clerk, "bank_account.changed", clerk.employer_no, chain=clerk.employer_no, facts=facts)
    return BankAccountOut.model_validate(account)


async def history(tx: AsyncSession, clerk: Clerk, *, offset: int, limit: int) -> tuple[list[BankAccountOut], int]:
    """The unit's accounts, the present one first."""
    rows, total = await repository.history(tx, clerk.employer_no, offset=offset, limit=limit)
    return [BankAccountOut.model_validate(row) for row in rows], total
