"""A small service for tests of the HTTP side: it creates things, once per key, audited, with a sealed number."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field
from sqlalchemy import Text, select, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from servicekit import audit
from servicekit.auth import AnyPrincipal, DeclaringClerk, InternalReader, SignedInAccount, public
from servicekit.auth.principals import Principal
from servicekit.db.base import new_metadata
from servicekit.db.tx import PublicTx, Tx, runtime_of, vault_of
from servicekit.forms import Form
from servicekit.idempotency import Once, PublicOnce
from servicekit.ids import uuid7
from servicekit.personal import IdNumberStr
from servicekit.refusals import Refusal
from servicekit.runtime import Runtime
from servicekit.service import Service

router = APIRouter()
internal_router = APIRouter()


class Base(DeclarativeBase):
    """The probe's tables."""

    metadata = new_metadata()


class Thing(Base):
    """What is created."""

    __tablename__ = "things"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    employer_no: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    number_sealed: Mapped[bytes]
    number_index: Mapped[bytes]
    number_masked: Mapped[str] = mapped_column(Text)
    size: Mapped[int]


class ThingForm(Form):
    """A thing as sent."""

    name: str = Field(min_length=1)
    number: IdNumberStr
    size: int = 1


class ThingOut(Form):
    """A thing as answered."""

    id: UUID
    name: str
    number_masked: str


class TooBig(Refusal):
    """The rule of the probe."""

    code = "too_big"
    title = "太大了"


@dataclass
class Behaviour:
    """What a test lets happen in the middle of a request."""

    meanwhile: Callable[[], Awaitable[None]] | None = None
    limit: int = 10**9


async def _create(tx: Tx, actor: Principal | None, employer_no: str, form: ThingForm) -> ThingOut:
    behaviour: Behaviour = runtime_of(tx).resources["behaviour"]
    if behaviour.meanwhile is not None:
        await behaviour.meanwhile()
    if form.size > behaviour.limit:
        raise TooBig(pointer="/size")
    sealed = vault_of(tx).seal("id_number", form.number)
    thing = Thing(
        id=uuid7(),
        employer_no=employer_no,
        name=form.name,
        number_sealed=sealed.ciphertext,
        number_index=sealed.index,
        number_masked=sealed.masked,
        size=form.size,
    )
    tx.add(thing)
    await tx.flush()
    await audit.record(tx, actor, "thing.created", str(thing.id), chain=employer_no, facts={"number": form.number})
    return ThingOut(id=thing.id, name=thing.name, number_masked=thing.number_masked)


@router.post("/things", status_code=201)
async def create_thing(form: ThingForm, clerk: DeclaringClerk, tx: Tx, once: Once) -> ThingOut:
    return await once(form, ThingOut, lambda: _create(tx, clerk, clerk.employer_no, form))


@router.post("/things/{name}/copies", status_code=201)
async def copy_thing(name: str, clerk: DeclaringClerk, tx: Tx, once: Once) -> ThingOut:
    form = ThingForm.model_validate({"name": name, "number": "330203199003071232"})
    return await once(None, ThingOut, lambda: _create(tx, clerk, clerk.employer_no, form))


@router.post("/open-things", status_code=201, openapi_extra=public("for the test"))
async def create_openly(form: ThingForm, tx: PublicTx, once: PublicOnce) -> ThingOut:
    return await once(form, ThingOut, lambda: _create(tx, None, "none", form))


@router.get("/things")
async def list_things(who: AnyPrincipal, tx: Tx) -> list[str]:
    """No filter here: row level security alone decides."""
    return list((await tx.scalars(select(Thing.name).order_by(Thing.name))).all())


@router.get("/mine")
async def list_as_account(who: SignedInAccount, tx: Tx) -> list[str]:
    """The same for accounts without a unit."""
    return list((await tx.scalars(select(Thing.name).order_by(Thing.name))).all())


@router.get("/unstorable/{value}")
async def ask_unstorable(value: str, who: AnyPrincipal, tx: Tx, number: int = 1) -> str:
    """Hands its input to the database unchecked: NUL as chr(0), and whatever number came."""
    await tx.execute(text("SELECT CAST(:text AS text)"), {"text": value.replace("NUL", "\0")})
    await tx.execute(select(Thing).where(Thing.size == number))
    return value


@router.get("/locked")
async def ask_locked(who: AnyPrincipal, tx: Tx) -> None:
    await tx.execute(text("SET LOCAL lock_timeout = '20ms'"))
    await tx.execute(text("LOCK TABLE things IN ACCESS EXCLUSIVE MODE"))


@router.get("/slow")
async def ask_slow(who: AnyPrincipal, tx: Tx) -> None:
    await tx.execute(text("SET LOCAL statement_timeout = '20ms'"))
    await tx.execute(text("SELECT pg_sleep(10)"))


@router.get("/cut-off")
async def ask_cut_off(who: AnyPrincipal, tx: Tx) -> None:
    await tx.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))


@internal_router.get("/things")
async def list_internally(reader: InternalReader, tx: Tx) -> list[str]:
    return list((await tx.scalars(select(Thing.name).order_by(Thing.name))).all())


@asynccontextmanager
async def _resources(runtime: Runtime) -> AsyncIterator[Mapping[str, Any]]:
    yield {"behaviour": Behaviour()}


PROBE = Service(
    name="probe",
    title="试验服务",
    metadata=Base.metadata,
    routers=(router,),
    internal_routers=(internal_router,),
    resources=_resources,
    migrations=Path(__file__).parent / "migrations",
)
