"""Gateway against nginx in front of the same upstreams, interleaved. Not collected by pytest; `make bench` runs it.

    python tests/bench/gateway_bench.py [--rounds 5] [--seconds 4] [--server hall|uvicorn]

64 kept connections, 1 kB of JSON, a session cookie whose swap is cached. Upstreams: (a) nginx with a fixed answer,
(b) a FastAPI service under uvicorn. Prints requests per second and the ratio gateway / nginx of each round's pair.
Everything listens on 127.0.0.1; needs nginx and wrk.
"""

import argparse
import contextlib
import json
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

CONNECTIONS = 64
COOKIE = "__Host-hall_session=bench-session-0123456789abcdef"
PAYLOAD = json.dumps(
    {"items": [{"no": f"{n:08d}", "name": "增员申报"} for n in range(23)], "total": 23}, ensure_ascii=False
)

IDENTITY = """
from fastapi import FastAPI
app = FastAPI()

@app.post("/internal/token-swaps")
async def swap() -> dict:
    return {"token": "t" * 420, "expires_in": 120, "session_id": "s", "account_id": "a", "employer_no": None}
"""
SERVICE = """
from fastapi import FastAPI, Request
from fastapi.responses import Response
app = FastAPI()
PAYLOAD = {payload!r}.encode()

@app.get("/api/enrollment/list")
async def answer(request: Request) -> Response:
    return Response(PAYLOAD, media_type="application/json")
"""
NGINX = """
worker_processes 1; daemon off; pid {folder}/{name}.pid; error_log {folder}/{name}.log warn;
events {{ worker_connections 1024; }}
http {{
  access_log {access_log}; keepalive_requests 1000000000; default_type application/json;
  client_body_temp_path {folder}/{name}-body; proxy_temp_path {folder}/{name}-proxy;
  fastcgi_temp_path {folder}/{name}-f; uwsgi_temp_path {folder}/{name}-u; scgi_temp_path {folder}/{name}-s;
  {more}
}}
"""


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Processes:
    """What was started; ends with the bench."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._stack = contextlib.ExitStack()

    def start(self, command: list[str], port: int, env: dict[str, str] | None = None) -> None:
        """Start a server and wait until it listens."""
        with (self.folder / f"{port}.out").open("wb") as out:
            process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, env={**os.environ, **(env or {})})
        self._stack.callback(process.wait)
        self._stack.callback(process.terminate)
        deadline = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 0.2).close()
                return
            except OSError:
                if time.monotonic() > deadline or process.poll() is not None:
                    raise SystemExit((self.folder / f"{port}.out").read_text()) from None
                time.sleep(0.05)

    def nginx(self, name: str, port: int, more: str, *, log: bool = False) -> None:
        """Start an nginx with one worker."""
        config = self.folder / f"{name}.conf"
        access = f"{self.folder}/{name}.access buffer=64k flush=1s" if log else "off"
        if log:
            access = f"{self.folder}/{name}.access combined buffer=64k flush=1s"
        config.write_text(NGINX.format(folder=self.folder, name=name, access_log=access, more=more))
        self.start([shutil.which("nginx") or "/usr/sbin/nginx", "-c", str(config)], port)

    def close(self) -> None:
        """End everything."""
        self._stack.close()


@contextlib.contextmanager
def stage(server: str, *, log: bool) -> Iterator[dict[str, tuple[int, int]]]:
    """Start everything; yields the ports of (nginx, gateway) by upstream."""
    with tempfile.TemporaryDirectory() as name:
        processes = Processes(Path(name))
        (Path(name) / "bench_identity.py").write_text(IDENTITY)
        (Path(name) / "bench_service.py").write_text(SERVICE.format(payload=PAYLOAD))
        uvicorn = [sys.executable, "-m", "uvicorn", "--no-access-log", "--app-dir", name]
        try:
            identity, static, fastapi = free_port(), free_port(), free_port()
            processes.start([*uvicorn, "bench_identity:app", "--port", str(identity)], identity)
            processes.start(
                [*uvicorn, "bench_service:app", "--port", str(fastapi), "--timeout-keep-alive", "60"], fastapi
            )
            body = PAYLOAD.replace("'", "")
            processes.nginx(
                "static", static, f"server {{ listen 127.0.0.1:{static}; location / {{ return 200 '{body}'; }} }}"
            )
            ports = {}
            for kind, upstream in (("static", static), ("fastapi", fastapi)):
                front, ours = free_port(), free_port()
                processes.nginx(
                    f"front-{kind}",
                    front,
                    f"upstream u {{ server 127.0.0.1:{upstream}; keepalive 64; keepalive_requests 1000000000; }} "
                    f"server {{ listen 127.0.0.1:{front}; location / {{ proxy_pass http://u; proxy_http_version 1.1; "
                    'proxy_set_header Connection ""; } }',
                    log=log,
                )
                env = {
                    "HALL_PROFILE": "standalone",
                    "HALL_GATEWAY_SECRET": "bench-secret",
                    "HALL_IDENTITY_URL": f"http://127.0.0.1:{identity}",
                    "HALL_ENROLLMENT_URL": f"http://127.0.0.1:{upstream}",
                    "HALL_ACCESS_LOG": str(log).lower(),
                }
                processes.start([sys.executable, __file__, "--serve", str(ours), "--server", server], ours, env)
                ports[kind] = (front, ours)
            yield ports
        finally:
            processes.close()


def measure(port: int, seconds: int) -> float:
    """Requests per second by wrk."""
    out = subprocess.run(
        [
            shutil.which("wrk") or "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-H", f"Cookie: {COOKIE}",
            f"http://127.0.0.1:{port}/api/enrollment/list",
        ],
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    if "Non-2xx" in out or "Socket errors" in out:
        raise SystemExit(out)
    found = re.search(r"Requests/sec:\s+([0-9.]+)", out)
    assert found is not None
    return float(found[1])


def serve(port: int, server: str) -> None:
    """The gateway's process."""
    import uvicorn

    from gateway import cli
    from gateway.settings import GatewaySettings

    if server == "hall":
        cli.serve(GatewaySettings(), host="127.0.0.1", port=port)
    else:
        app = cli.gateway_of(GatewaySettings())
        uvicorn.run(app, host="127.0.0.1", port=port, http="httptools", access_log=False, proxy_headers=False)


def main() -> None:
    """Run the rounds and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--server", default="hall", choices=("hall", "uvicorn"))
    parser.add_argument("--log", action="store_true", help="both write an access log")
    parser.add_argument("--serve", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve(options.serve, options.server)
        return
    with stage(options.server, log=options.log) as ports:
        for front, ours in ports.values():
            for port in (front, ours):
                request = urllib.request.Request(
                    f"http://127.0.0.1:{port}/api/enrollment/list", headers={"Cookie": COOKIE}
                )
                with urllib.request.urlopen(request) as answer:  # noqa: S310 - our own loopback address
                    assert json.load(answer)["total"] == 23
                measure(port, 1)
        for kind, (front, ours) in ports.items():
            ratios = []
            for _ in range(options.rounds):
                nginx, gateway = measure(front, options.seconds), measure(ours, options.seconds)
                ratios.append(gateway / nginx)
                report(f"{kind:8} nginx {nginx:8.0f}/s  gateway {gateway:8.0f}/s  ratio {gateway / nginx:.3f}")
            report(f"{kind:8} median {statistics.median(ratios):.3f}, from {min(ratios):.3f} to {max(ratios):.3f}")


def report(line: str) -> None:
    """A line for whoever watches."""
    print(line, flush=True)  # noqa: T201 - a bench prints


if __name__ == "__main__":
    main()
