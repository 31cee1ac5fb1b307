"""A whole hall as real processes, and a client that behaves as a page does."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import IO, Any

import httpx
import pytest

from servicekit.ids import uuid7
from standalone.broker import free_port
from tests.support.servers import locked, open_folder

TODAY = date(2026, 3, 10)
PASSWORD = "Yongjiang-demo-2026"
UNIT, SECOND_UNIT = "330200000000000101", "330200000000000102"
SCHOOL = "330200000000000201"
staff_cookies: dict[tuple[str, str], dict[str, str]] = {}
"""The last session of each member of the staff at each hall: a dynamic code works once, and tests don't wait."""
_COOKIE = re.compile(r"^(?P<name>[^=;]+)=(?P<value>[^;]*)")


@dataclass
class RunningHall:
    """A standalone hall in a process of its own."""

    url: str
    folder: Path
    process: subprocess.Popen[str]

    def kill(self) -> None:
        """A power cut."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(timeout=10)

    def stop(self) -> None:
        """Asks it to end and waits."""
        self.process.terminate()
        self.process.wait(timeout=40)


def start_hall(folder: Path, *, port: int | None = None, log_level: str = "WARNING") -> RunningHall:
    """Starts `hall run` on a data folder and returns when it serves; fails with its output when it doesn't."""
    port = port or free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HALL_")}
    environment |= {
        "HALL_PORT": str(port),
        "HALL_DATA_DIR": str(folder),
        "HALL_BUSINESS_TODAY": TODAY.isoformat(),
        "HALL_LOG_LEVEL": log_level,
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "standalone.cli", "run"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    said = []
    for line in process.stdout:
        said.append(line)
        if "Ctrl+C" in line:  # the banner's last line
            threading.Thread(target=_keep_log, args=(process.stdout, folder / "hall.log"), daemon=True).start()
            return RunningHall(f"http://localhost:{port}", folder, process)
    raise AssertionError("the hall did not start:\n" + "".join(said[-80:]))


def _keep_log(output: IO[str], log: Path) -> None:
    """Reads on, so that the pipe never fills up."""
    with output, log.open("a") as file:
        for line in output:
            file.write(line)
            file.flush()


@contextmanager
def standalone_process(folder: Path, *, log_level: str = "WARNING") -> Iterator[RunningHall]:
    """A hall with fresh demo data in `folder`, stopped at the end."""
    hall = start_hall(folder, log_level=log_level)
    try:
        yield hall
    finally:
        if hall.process.poll() is None:
            hall.stop()


@pytest.fixture(scope="session")
def demo_folder(shared_folder: Path) -> Path:
    """The data of a hall that was started once: filling in the demo takes longer than everything else in a start."""
    noted = shared_folder / "demo-folder"
    with locked(shared_folder, "demo"):
        if not noted.exists():
            folder = open_folder("demo")
            with standalone_process(folder):
                pass
            # Else every copy would be taken for a folder whose server runs, and all halls would share that one.
            assert not (folder / "postgres" / "postmaster.pid").exists(), "the hall left its PostgreSQL running"
            noted.write_text(str(folder))
    return Path(noted.read_text())


@pytest.fixture(scope="module")
def running_hall(demo_folder: Path) -> Iterator[RunningHall]:
    """A standalone hall with fresh demo data for the tests of a module; its business date is 2026-03-10."""
    folder = open_folder("standalone")
    subprocess.run(["cp", "-a", f"{demo_folder}/.", str(folder)], check=True)  # keeps whose files they are
    with standalone_process(folder) as hall:
        yield hall
    shutil.rmtree(folder, ignore_errors=True)


@dataclass
class HallClient:
    """Talks to the gateway as the pages do: a session cookie, the unit of the tab, an idempotency key per form."""

    url: str
    unit: str | None = None
    cookies: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._http = httpx.Client(base_url=self.url, timeout=30, trust_env=False)

    def __enter__(self) -> "HallClient":
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """One request."""
        content = None if body is None else json.dumps(body)
        typed = {} if content is None else {"Content-Type": "application/json"}
        return self._send(method, path, headers | typed, content=content)

    def upload(self, path: str, fields: Mapping[str, str], file: bytes) -> httpx.Response:
        """A form with a file."""
        return self._send("POST", path, {}, data=fields, files={"file": ("人员.xlsx", file)})

    def _send(self, method: str, path: str, headers: Mapping[str, str], **content: Any) -> httpx.Response:
        """Cookies are kept by hand: a plain-HTTP client would not send back a Secure cookie."""
        sent = {"Origin": self.url, "Sec-Fetch-Site": "same-origin", **headers}
        if self.unit:
            sent.setdefault("X-Hall-Unit", self.unit)
        if method == "POST":
            sent.setdefault("Idempotency-Key", str(uuid7()))
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        answer = self._http.request(method, path, headers=sent, **content)
        for cookie in answer.headers.get_list("set-cookie"):
            match = _COOKIE.match(cookie)
            assert match is not None
            if match["value"] and "max-age=0" not in cookie.lower():
                self.cookies[match["name"]] = match["value"]
            else:
                self.cookies.pop(match["name"], None)
        return answer

    def get(self, path: str, **headers: str) -> Any:
        """The JSON of a GET that must succeed."""
        return self._expect(self.call("GET", path, **headers), 200)

    def post(self, path: str, body: Any = None, status: int = 200, **headers: Any) -> Any:
        """The JSON of a POST that must answer with `status`."""
        return self._expect(self.call("POST", path, body, **headers), status)

    def login(self, mode: str, username: str, *, unit: str | None = None) -> "HallClient":
        """Signs in, and chooses a unit when one is named."""
        body = {"mode": mode, "username": username, "password": PASSWORD}
        if mode == "staff":
            code = self.post("/api/identity/demo/totp-codes", {"username": username})["code"]
            if code is None:  # both codes of this half minute were used: go on with the session that one opened
                self.cookies = dict(staff_cookies[self.url, username])
                self.get("/api/identity/sessions/current")
                return self
            body["totp_code"] = code
        self.post("/api/identity/sessions", body, 201)
        if mode == "staff":
            staff_cookies[self.url, username] = dict(self.cookies)
        if unit:
            self.choose(unit)
        return self

    def choose(self, unit: str) -> None:
        """Chooses the unit to work for; this client's tab shows it from now on."""
        self.post("/api/identity/sessions/current/unit", {"employer_no": unit})
        self.unit = unit

    @staticmethod
    def _expect(answer: httpx.Response, status: int) -> Any:
        assert answer.status_code == status, f"{answer.status_code}: {answer.text[:2000]}"
        return answer.json() if answer.content else None


def register_person(client: HallClient, mobile: str, *, username: str, password: str, **person: str) -> None:
    """An insured person's account by the API: the pages of registration have a journey of their own."""
    client.post("/api/identity/registrations/sms-codes", {"mobile": mobile, "purpose": "registration"}, 202)
    code = client.post("/api/identity/demo/sms-inbox", {"mobile": mobile})["messages"][0]["code"]
    form = {
        "kind": "person",
        "person": {**person, "mobile": mobile, "sms_code": code},
        "username": username,
        "password": password,
    }
    client.post("/api/identity/registrations", form, 201)


def addition_form(
    id_number: str, *, name: str = "沈嘉禾", start_month: str = "2026-03", **person: Any
) -> dict[str, Any]:
    """A complete 增员 form for a synthetic person."""
    return {
        "person": {
            "id_type": "01",
            "id_number": id_number,
            "name": name,
            "sex": "1" if int(id_number[16]) % 2 else "2",
            "birth_date": f"{id_number[6:10]}-{id_number[10:12]}-{id_number[12:14]}",
            "nationality": "01",
            "household_kind": "11",
            "mobile": "13800571234",
            "contact_address": "宁波市海曙区示范路1号",
            **person,
        },
        "insurance": {
            "start_month": start_month,
            "reason": "01",
            "employment_form": "1",
            "personal_identity": "2",
            "person_category": "1101",
            "monthly_wage": "8000.00",
        },
    }
