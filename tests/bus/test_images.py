"""The nearest to `docker compose up` without Docker: what the images hold, started as the compose file starts it.

The services are installed as the Dockerfile installs them, from wheels, without the source tree beside them. The
commands and the environment come from `docker-compose.yml`, the secrets from `make-secrets` with the production
profile, the broker's users and their rights from its `definitions.json`.
"""

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from servicekit.db.provision import provision
from standalone.broker import PrivateBroker, free_port, private_broker
from standalone.postgres import EmbeddedPostgres
from tests.support.signing import real_identity
from tests.support.waiting import until

pytestmark = [pytest.mark.broker, pytest.mark.processes, pytest.mark.timeout(420)]
ROOT = Path(__file__).parents[2]
SERVICES = ("identity", "employer", "enrollment", "reporting")
# What `make-secrets` leaves to the installation's people.
FILLED_IN = {
    "HALL_PUBLIC_URL": "https://hall.nb.example.cn",
    "HALL_AGENCY_NAME": "某市医疗保障中心",
    "HALL_SMS_URL": "https://sms.example.cn/send",
    "HALL_SMS_TOKEN": "Zk3n8vQpLw77xT",
}


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment installed as in the Dockerfile, all images in one: five would take five times as
    long, and `test_an_image_has_what_its_service_imports` looks at what would be missing in one of them."""
    place = tmp_path_factory.mktemp("images")
    recipe = re.search(r"^RUN uv sync (.*) --package", (ROOT / "deploy/docker/Dockerfile").read_text(), re.MULTILINE)
    assert recipe is not None
    # uv remembers wheels by their pyproject.toml; the image builds them anew.
    anew = [f"--refresh-package=hall-{name}" for name in ("shared", "gateway", *SERVICES)]
    subprocess.run(
        [ROOT / ".tools/bin/uv", "sync", *recipe[1].split(), "--quiet", "--all-packages", *anew],
        env={**os.environ, "UV_PROJECT_ENVIRONMENT": str(place), "UV_PYTHON": sys.executable},
        cwd=ROOT,
        check=True,
    )
    return place / "bin/python"


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, str], Path]:
    """What `make-secrets` makes: the variables of `.env`, and the broker's definitions."""
    folder = tmp_path_factory.mktemp("secrets")
    script = folder / "deploy/docker/make-secrets"
    script.parent.mkdir(parents=True)
    shutil.copy(ROOT / "deploy/docker/make-secrets", script)
    subprocess.run([sys.executable, script], check=True, capture_output=True)
    lines = (folder / ".env").read_text().splitlines()
    made = {name: value for name, _, value in (line.partition("=") for line in lines)}
    made["HALL_TOKEN_SIGNING_KEY"] = (
        made["HALL_TOKEN_SIGNING_KEY"].strip('"').replace("\\n", "\n")
    )  # as compose reads it
    return {
        **made,
        **FILLED_IN,
        "HALL_DOCUMENT_SIGNING_KEY": real_identity(),
    }, script.parent / "secrets/definitions.json"


@pytest.fixture(scope="module")
def broker(secrets: tuple[dict[str, str], Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateBroker]:
    """A broker with the installation's users and their rights, and no others."""
    config = f"load_definitions = {secrets[1]}\n"
    with private_broker(tmp_path_factory.mktemp("broker"), config=config) as started:
        yield started


@dataclass
class Installation:
    """The compose file's containers, as processes of this machine."""

    python: Path
    variables: dict[str, str]
    places: dict[str, str]
    """What a name inside compose stands for here: `postgres/identity`, `@rabbitmq/`, `http://identity-web:8000`."""
    folder: Path
    compose: dict[str, Any] = field(default_factory=lambda: yaml.safe_load((ROOT / "docker-compose.yml").read_text()))
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, *, port: str = "8000", **changed: str) -> subprocess.Popen[bytes]:
        """Starts a container's command with its environment, in a folder that holds nothing."""
        described = self.compose["services"][name]
        environment = {key: self._filled(str(value)) for key, value in described["environment"].items()}
        # A container has the machine's ports to itself.
        command = [{"8000": port}.get(word, word) for word in described["command"]]
        with (self.folder / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(
                [self.python, "-m", *command],
                env={"PATH": os.defpath, "LANG": "C.UTF-8", **environment, **changed},
                cwd=self.folder,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self.running[name] = process
        return process

    def _filled(self, value: str) -> str:
        value = re.sub(r"\$\{(\w+)(?::[?-][^}]*)?\}", lambda match: self.variables.get(match[1], ""), value)
        for inside, here in self.places.items():
            value = value.replace(inside, here)
        return value

    def log(self, name: str) -> str:
        """What a container said."""
        return (self.folder / f"{name}.log").read_text()

    async def done(self, *names: str) -> None:
        """Runs containers that end, side by side; each must end well."""
        codes = await asyncio.gather(*(asyncio.to_thread(self.start(name).wait, 180) for name in names))
        assert codes == [0] * len(names), {name: self.log(name) for name in names}


@pytest.fixture
async def installation(
    python: Path,
    secrets: tuple[dict[str, str], Path],
    broker: PrivateBroker,
    postgres_server: EmbeddedPostgres,
    tmp_path: Path,
) -> AsyncIterator[Installation]:
    """An installation with databases and a broker, and nothing in them."""
    places = {"@rabbitmq/": f"@127.0.0.1:{broker.port}/", "/app/objects": str(tmp_path / "objects")}
    for service in SERVICES:
        passwords = [secrets[0][f"HALL_{service.upper()}_{role}_PASSWORD"] for role in ("MIGRATOR", "APP")]
        name = f"image_{service}"  # beside the templates of other tests
        await provision(postgres_server.url(), name, migrator_password=passwords[0], app_password=passwords[1])
        places[f"//{service}_"] = f"//{name}_"
        places[f"@postgres/{service}"] = f"@/{name}?host={postgres_server.socket_dir}"
        places[f"http://{service}-web:8000"] = f"http://127.0.0.1:{free_port()}"
    made = Installation(python, secrets[0], places, tmp_path)
    yield made
    for process in made.running.values():
        if process.poll() is None:
            process.kill()
            process.wait()


async def test_the_images_start_as_the_compose_file_says(installation: Installation) -> None:
    await installation.done("identity-migrate")  # compiles for all of them what they share
    rest = [f"{service}-{step}" for service in SERVICES for step in ("migrate", "topology")]
    await installation.done(*(name for name in rest if name != "identity-migrate"))
    ready: dict[str, str] = {}
    for service in SERVICES:
        url = installation.places[f"http://{service}-web:8000"]
        metrics = [str(free_port()) for _ in range(2)]
        installation.start(f"{service}-web", port=url.rpartition(":")[2], HALL_METRICS_PORT=metrics[0])
        installation.start(f"{service}-worker", HALL_METRICS_PORT=metrics[1])
        ready[f"{service}-web"] = f"{url}/readyz"
        ready[f"{service}-worker"] = f"http://127.0.0.1:{metrics[1]}/readyz"
    gateway = str(free_port())
    pages = installation.folder / "web"
    pages.mkdir()
    (pages / "index.html").write_text("<!doctype html><title>单位网厅</title>")
    installation.start("gateway", port=gateway, HALL_WEB_DIR=str(pages), HALL_METRICS_PORT=str(free_port()))
    ready["gateway"] = f"http://127.0.0.1:{gateway}/readyz"

    async with httpx.AsyncClient(timeout=60) as client:  # the first answers of cold processes take their time
        for name, url in ready.items():

            async def answered(name: str = name, url: str = url) -> bool:
                assert installation.running[name].poll() is None, f"{name}: {installation.log(name)}"
                try:
                    answer = await client.get(url)
                except httpx.TransportError:
                    return False
                # `degraded` would be: up, but the broker doesn't let it in, or not to its queues.
                return answer.status_code == 200 and answer.json()["status"] in ("ok", "ready")

            await until(answered, seconds=180, pause=0.1)
        through = f"http://127.0.0.1:{gateway}"
        assert "单位网厅" in (await client.get(through)).text
        document = (await client.get(f"{through}/api/openapi.json")).json()
        assert {path.split("/")[2] for path in document["paths"]} == set(SERVICES)
        refused = await client.get(f"{through}/api/enrollment/online-declaration")
        assert (refused.status_code, refused.json()["code"]) == (401, "unauthenticated")

    for process in installation.running.values():
        process.terminate()
    codes = {name: await asyncio.to_thread(process.wait, 60) for name, process in installation.running.items()}
    assert codes == dict.fromkeys(codes, 0), {name: installation.log(name) for name, code in codes.items() if code}
    for name in codes:
        for line in installation.log(name).splitlines():
            assert not line.startswith("{") or json.loads(line)["level"] in ("debug", "info", "warning"), (
                f"{name}: {line}"
            )
