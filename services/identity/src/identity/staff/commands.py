"""`python -m identity open-staff`: the first operator of an installation, and one whom no operator is left to help."""

import sys
from argparse import ArgumentParser, Namespace

from identity.accounts import repository as accounts
from identity.second_factor.service import STAFF_KINDS
from identity.staff import service
from identity.staff.schemas import StaffForm
from servicekit.db.tx import Scope, begin
from servicekit.personal import Personal
from servicekit.refusals import Refusal
from servicekit.runtime import Runtime
from servicekit.service import ServiceCommand


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--username", required=True)
    parser.add_argument("--name", help="shown beside what they decide; not needed for an account that is there")
    parser.add_argument("--mobile", help="for a forgotten password; not needed for an account that is there")
    parser.add_argument("--kind", choices=STAFF_KINDS, default="operator")


async def _open(runtime: Runtime, options: Namespace) -> int:
    """Opens the account if there is none of this username, and prints a one-time code for it."""
    now = runtime.clock.now()
    try:
        async with begin(runtime, scope=Scope.system()) as tx:
            account = await accounts.by_username(tx, options.username)
            if account is None:
                if not options.name or not options.mobile:
                    sys.stderr.write("a new account needs --name and --mobile\n")
                    return 2
                form = StaffForm(
                    username=options.username,
                    display_name=options.name,
                    kind=options.kind,
                    mobile=Personal(options.mobile, "mobile"),
                )
                account = await service.open_account(tx, None, form, now=now)
            made = await service.new_code(tx, None, account.id, now=now)
    except Refusal as refused:
        faults = "; ".join(fault.message for fault in refused.faults)
        sys.stderr.write(f"{refused.title}: {faults or refused.detail}\n")
        return 1
    sys.stdout.write(
        f"username      {made.account.username}\n"
        f"one-time code {made.code}\n"
        f"valid until   {made.expires_at.isoformat(timespec='minutes')}\n"
        "The owner opens /staff/begin in the browser, sets a password with the code, signs in and enrols the second\n"
        "factor. Hand the code over in person; it works once.\n"
    )
    return 0


OPEN_STAFF = ServiceCommand("open-staff", "open a staff account, or let its owner begin anew", _arguments, _open)
