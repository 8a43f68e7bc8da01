"""A hub of its own on 127.0.0.1: the protocol of huggingface.co as far as models are read, and its ways to fail.

Large files lie on a second server ("storage"), to which the first sends on by addresses that are signed for the very
range that was asked for, as huggingface.co's are.
"""

import hashlib
import hmac
import json
import os
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, quote, unquote, urlsplit

SECRET = b"of this test run"


class Repository:
    """One model: the files of a folder at a commit, and which revisions there are."""

    def __init__(self, folder: Path):
        self.files = {}
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                self.files[path.relative_to(folder).as_posix()] = path.resolve()
        names = "\n".join(f"{name} {path.stat().st_size}" for name, path in self.files.items())
        self.commit = hashlib.sha1((str(folder) + names).encode()).hexdigest()
        self.revisions = {"main": self.commit, self.commit: self.commit}
        self.is_gated = self.is_private = False
        self.hashes = {}
        for name, path in self.files.items():
            data = path.read_bytes()
            blob = hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
            large = name.endswith((".safetensors", ".bin"))
            self.hashes[name] = (blob, hashlib.sha256(data).hexdigest() if large else None)

    def tree(self) -> list[dict]:
        entries = []
        for name, path in self.files.items():
            blob, sha256 = self.hashes[name]
            size = path.stat().st_size
            entry = {"type": "file", "oid": blob, "size": size, "path": name}
            if sha256:
                entry["lfs"] = {"oid": sha256, "size": size, "pointerSize": 134}
            entries.append(entry)
        return entries


class Hub:
    """The two servers, what they count, and what they do wrong."""

    def __init__(self):
        self.repositories: dict[str, Repository] = {}
        self.token = "hf_right"
        self.lock = threading.Lock()
        self.sent = 0  # bytes of bodies, of files only
        self.requests = []  # (method, path, range)
        self.leaks = []  # what a host was told that it should not know
        self.busy = 0  # so many requests of files are refused with 429
        self.cuts = 0  # so many bodies end early
        self.cut_after = 1000
        self.errors = 0  # so many requests of files are refused with 503
        self.ignores_range = False
        self.etag_changes = False  # storage names the bytes otherwise with each request
        self.linked_etag = None  # what the hub says instead of a file's hash
        self.corrupts = False  # storage sends other bytes
        self.bytes_per_second = None  # of all connections together
        self.paid = time.monotonic()
        self.storage_requests = 0
        self.storage = self.serve(Storage)
        self.hub = self.serve(Front)

    def serve(self, handler):
        server = ThreadingHTTPServer(("127.0.0.1", 0), type(handler.__name__, (handler,), {"world": self}))
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.hub.server_port}"

    @property
    def storage_host(self) -> str:
        # Another name of the same machine: another host to a client.
        return f"http://localhost:{self.storage.server_port}"

    def take(self, name: str) -> bool:
        """Uses up one of a number of things that go wrong."""
        with self.lock:
            left = getattr(self, name)
            if left > 0:
                setattr(self, name, left - 1)
            return left > 0

    def reset(self):
        with self.lock:
            self.sent, self.requests, self.storage_requests = 0, [], 0

    def brake(self, count: int):
        if self.bytes_per_second is None:
            return
        with self.lock:
            self.paid = max(self.paid, time.monotonic()) + count / self.bytes_per_second
            pause = self.paid - time.monotonic()
        time.sleep(max(0, pause))

    def close(self):
        for server in (self.hub, self.storage):
            server.shutdown()
            server.server_close()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    world: Hub
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def do_HEAD(self):
        self.do_GET()

    def answer(self, status: int, headers=None, body: bytes = b""):
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if "Content-Length" not in (headers or {}):
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def refuse(self, status: int, code: str = "", **headers):
        extra = {"X-Error-Code": code, "X-Error-Message": code} if code else {}
        self.answer(status, extra | headers, json.dumps({"error": code}).encode())

    def send_file(self, path: Path, etag: str, extra=None):
        """A file or the range of it that was asked for."""
        world, size = self.world, path.stat().st_size
        first, last, status = 0, size - 1, 200
        headers = {"ETag": f'"{etag}"', "Accept-Ranges": "bytes"} | (extra or {})
        if (asked := self.headers.get("Range")) and not world.ignores_range:
            start, _, end = asked.removeprefix("bytes=").partition("-")
            first, last = int(start), min(int(end or size - 1), size - 1)
            if first > last:
                return self.answer(416, {"Content-Range": f"bytes */{size}"})
            status = 206
            headers["Content-Range"] = f"bytes {first}-{last}/{size}"
        headers["Content-Length"] = str(last - first + 1)
        self.answer(status, headers)
        if self.command == "HEAD":
            return
        left = last - first + 1
        cut = left > world.cut_after and world.take("cuts")
        with open(path, "rb") as file:
            file.seek(first)
            while left > 0:
                piece = file.read(min(left, 1 << 16, world.cut_after if cut else 1 << 16))
                if world.corrupts:
                    piece = bytes(len(piece))
                world.brake(len(piece))
                with world.lock:
                    world.sent += len(piece)
                try:
                    self.wfile.write(piece)
                except OSError:
                    self.close_connection = True
                    return
                left -= len(piece)
                if cut:
                    self.close_connection = True
                    return


class Front(Handler):
    """huggingface.co itself."""

    def do_GET(self):
        world = self.world
        path = unquote(urlsplit(self.path).path)
        with world.lock:
            world.requests.append((self.command, path, self.headers.get("Range")))
        bearer = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if bearer and bearer != world.token:
            return self.refuse(401)
        if path.startswith("/api/models/"):
            return self.api(path.removeprefix("/api/models/"), bearer)
        if "/resolve/" in path:
            return self.resolve(path, bearer)
        self.refuse(404)

    def repository(self, name: str, bearer: str):
        found = self.world.repositories.get(name)
        if found is None or (found.is_private and not bearer):
            self.refuse(404 if bearer else 401, "RepoNotFound")
            return None
        return found

    def api(self, path: str, bearer: str):
        owner, name, *rest = path.split("/")
        if (found := self.repository(f"{owner}/{name}", bearer)) is None:
            return
        revision = "/".join(rest[1:]) or "main"
        commit = found.revisions.get(revision)
        if commit is None:
            return self.refuse(404, "RevisionNotFound")
        if rest and rest[0] == "tree":
            query = parse_qs(urlsplit(self.path).query)
            start, entries = int(query.get("cursor", ["0"])[0]), found.tree()
            headers = {"Content-Type": "application/json"}
            if start + 5 < len(entries):
                # Pages of five, so that who reads them has to go on.
                target = f"{self.world.endpoint}/api/models/{path}?recursive=true&expand=false&cursor={start + 5}"
                headers["Link"] = f'<{target}>; rel="next"'
            return self.answer(200, headers, json.dumps(entries[start : start + 5]).encode())
        info = {
            "_id": "0" * 24, "id": f"{owner}/{name}", "modelId": f"{owner}/{name}", "sha": commit, "private": False,
            "gated": found.is_gated, "disabled": False, "downloads": 0, "likes": 0, "tags": [],
            "siblings": [{"rfilename": file} for file in found.files],
        }
        self.answer(200, {"Content-Type": "application/json"}, json.dumps(info).encode())

    def resolve(self, path: str, bearer: str):
        world = self.world
        name, _, rest = path[1:].partition("/resolve/")
        if (found := self.repository(name, bearer)) is None:
            return
        revision, _, file = rest.partition("/")
        commit = found.revisions.get(revision)
        if commit is None:
            return self.refuse(404, "RevisionNotFound")
        if found.is_gated and bearer != "hf_granted":
            return self.refuse(403 if bearer else 401, "GatedRepo")
        if file not in found.files:
            return self.refuse(404, "EntryNotFound")
        if world.take("busy"):
            return self.refuse(429, RateLimit='"resolvers";r=0;t=0')
        if world.take("errors"):
            return self.refuse(503)
        blob, sha256 = found.hashes[file]
        extra = {"X-Repo-Commit": commit}
        if sha256 is None:
            return self.send_file(found.files[file], blob, extra)
        range_ = self.headers.get("Range", "")
        signature = hmac.new(SECRET, f"{name}/{file} {range_}".encode(), "sha256").hexdigest()
        target = f"{world.storage_host}/{quote(name)}/{quote(file)}?range={quote(range_)}&signature={signature}"
        extra |= {
            "X-Linked-Etag": f'"{world.linked_etag or sha256}"',
            "X-Linked-Size": str(found.files[file].stat().st_size),
            "Location": target,
        }
        self.answer(302, extra, b"Found. Redirecting")


class Storage(Handler):
    """Where large files lie."""

    def do_GET(self):
        world = self.world
        parts = urlsplit(self.path)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        if secret := self.headers.get("Authorization"):
            world.leaks.append(secret)
        name = unquote(parts.path[1:])
        asked = self.headers.get("Range", "")
        expected = hmac.new(SECRET, f"{name} {asked}".encode(), "sha256").hexdigest()
        if query.get("range", "") != asked or not hmac.compare_digest(query.get("signature", ""), expected):
            return self.refuse(403)
        owner, repository, file = name.split("/", 2)
        with world.lock:
            world.storage_requests += 1
            count = world.storage_requests
        tag = count if world.etag_changes else 0
        found = self.world.repositories[f"{owner}/{repository}"]
        self.send_file(found.files[file], f"{tag}-{found.hashes[file][0]}")


if __name__ == "__main__":
    # For trying things by hand: hub.py NAME=FOLDER…, and the address is printed.
    import sys

    hub = Hub()
    for word in sys.argv[1:]:
        key, _, folder = word.partition("=")
        hub.repositories[key] = Repository(Path(folder))
    if rate := os.environ.get("BYTES_PER_SECOND"):
        hub.bytes_per_second = float(rate)
    print(hub.endpoint, flush=True)
    while True:
        time.sleep(60)
        print(f"{hub.sent} bytes, {len(hub.requests)} requests", file=sys.stderr, flush=True)
