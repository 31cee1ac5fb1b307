"""The deployment files: valid, complete, and without a secret in them."""

import ast
import json
import re
import runpy
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest
import yaml

from standalone.prepare import ALL_SERVICES

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "docker-compose.yml"
SERVICES = ("identity", "employer", "enrollment", "reporting")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())
    return loaded


def _tool(name: str) -> str:
    return str(Path(sys.executable).parent / name)


def test_the_compose_file_keeps_to_the_specification() -> None:
    command = [_tool("check-jsonschema"), "--builtin-schema", "vendor.compose-spec", str(COMPOSE)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_dockerfile_is_hadolint_clean() -> None:
    command = [_tool("hadolint"), str(ROOT / "deploy/docker/Dockerfile")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@cache
def _locked() -> Mapping[str, Mapping[str, Any]]:
    """Every package of uv.lock by its name."""
    return {package["name"]: package for package in tomllib.loads((ROOT / "uv.lock").read_text())["package"]}


def _installed_with(package: str) -> set[str]:
    """The packages that `uv sync --no-dev --package` installs for one of ours."""
    found: set[str] = set()
    waiting: list[tuple[str, tuple[str, ...]]] = [(package, ())]
    while waiting:
        name, extras = waiting.pop()
        locked = _locked()[name]
        wanted = [*locked.get("dependencies", ()), *(d for e in extras for d in locked["optional-dependencies"][e])]
        if name not in found or extras:
            waiting.extend((dependency["name"], tuple(dependency.get("extra", ()))) for dependency in wanted)
        found.add(name)
    return found


def _imported_by(*folders: Path) -> set[str]:
    """The packages of others that these sources import."""
    modules: set[str] = set()
    for path in (path for folder in folders for path in folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                modules |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                modules.add(node.module.partition(".")[0])
    ours = {folder.name for folder in ROOT.glob("*/src/*")} | {folder.name for folder in ROOT.glob("*/*/src/*")}
    return modules - ours - set(sys.stdlib_module_names)


@pytest.mark.parametrize("service", [*SERVICES, "gateway"])
def test_an_image_has_what_its_service_imports(service: str) -> None:
    """Here everything is installed beside everything; in an image only what the service's pyproject.toml asks for."""
    source = ROOT / ("gateway/src" if service == "gateway" else f"services/{service}/src")
    installed = _installed_with(f"hall-{service}")
    providers = packages_distributions()
    missing = {
        module
        for module in _imported_by(source, *([] if service == "gateway" else [ROOT / "services/shared/src"]))
        if installed.isdisjoint(re.sub(r"[-_.]+", "-", name).lower() for name in providers.get(module, ()))
    }
    assert missing == set()


def test_kubernetes_names_every_setting_that_is_no_secret() -> None:
    """Whatever compose sets from no secret, the ConfigMap does."""
    (config,) = [one for one in _kubernetes("base") if one["kind"] == "ConfigMap"]
    compose = yaml.safe_load(COMPOSE.read_text())["services"]
    running = [compose[name] for name in compose if name.endswith(("-web", "-worker")) or name == "gateway"]
    named = {variable for described in running for variable in described["environment"]}
    plain = {name for name in named if not re.search(r"PASSWORD|SECRET|KEYS?$|TOKEN$|_(DATABASE|BROKER)_URL$", name)}
    assert plain <= set(config["data"])


def test_every_service_has_scalable_web_and_worker_with_healthchecks(compose: dict[str, Any]) -> None:
    for service in SERVICES:
        for role in ("web", "worker"):
            described = compose["services"][f"{service}-{role}"]
            assert described["healthcheck"]
            # A fixed name or host port would forbid `--scale`.
            assert "container_name" not in described
            assert "ports" not in described


def test_no_secret_has_a_value_in_the_compose_file(compose: dict[str, Any]) -> None:
    for name, described in compose["services"].items():
        for variable, value in (described.get("environment") or {}).items():
            if re.search(r"PASSWORD|SECRET|KEY$|KEYS$|TOKEN", variable):
                assert "${" in str(value), f"{name}: {variable}"


def test_make_secrets_makes_every_variable_that_is_needed(tmp_path: Path) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("needs the openssl command")
    script = tmp_path / "deploy" / "docker" / "make-secrets"
    script.parent.mkdir(parents=True)
    shutil.copy(ROOT / "deploy/docker/make-secrets", script)
    subprocess.run([sys.executable, str(script), "--demo"], check=True, capture_output=True)
    made = {line.split("=")[0] for line in (tmp_path / ".env").read_text().splitlines()}
    needed = set(re.findall(r"\$\{(HALL_\w+):\?", COMPOSE.read_text()))
    assert needed <= made
    definitions = json.loads((tmp_path / "deploy/docker/secrets/definitions.json").read_text())
    assert {user["name"] for user in definitions["users"]} == {*SERVICES, "gateway"}
    again = subprocess.run([sys.executable, str(script)], capture_output=True, check=False)
    assert again.returncode != 0, "secrets in use may not be overwritten by a second call"


def test_broker_users_reach_their_own_queues_only() -> None:
    permissions = runpy.run_path(str(ROOT / "deploy/docker/make-secrets"), run_name="make_secrets")["permissions"]
    rights = permissions("enrollment")
    assert re.search(rights["read"], "enrollment.keep_employer")
    assert re.search(rights["configure"], "enrollment.keep_employer.parked")
    for right in rights.values():
        assert not re.search(right, "employer.bill_from")
    assert not re.search(permissions("gateway")["write"], "hall.events")


def _kubernetes(folder: str) -> list[dict[str, Any]]:
    """Every object that a kustomization names."""
    base = ROOT / "deploy/kubernetes" / folder
    named = yaml.safe_load((base / "kustomization.yaml").read_text())["resources"]
    assert sorted(named) == sorted(path.name for path in base.glob("*.yaml") if path.name != "kustomization.yaml")
    return [document for name in named for document in yaml.safe_load_all((base / name).read_text())]


def test_kubernetes_runs_web_and_worker_of_every_service_and_the_gateway() -> None:
    deployments = {one["metadata"]["name"] for one in _kubernetes("base") if one["kind"] == "Deployment"}
    assert deployments == {"gateway", *(f"{service}-{role}" for service in SERVICES for role in ("web", "worker"))}


def test_kubernetes_scales_workers_by_every_queue_there_is() -> None:
    scaled = {
        trigger["metadata"]["queueName"]
        for one in _kubernetes("keda")
        if one["kind"] == "ScaledObject"
        for trigger in one["spec"]["triggers"]
    }
    queues = {queue for service in ALL_SERVICES if service.consumers for queue in service.consumers.queues()}
    assert scaled == queues
