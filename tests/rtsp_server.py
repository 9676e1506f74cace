"""A small RTSP camera: loops an H.264 file over RTP in real time, by TCP or UDP.

Run as a program it serves until its standard input closes and obeys one order a line, see `ORDERS`;
`RtspServerProcess` runs it so, away from the reader under test.
"""

import argparse
import base64
import hashlib
import random
import re
import socket
import socketserver
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import av

PAYLOAD_TYPE = 96
CLOCK_HZ = 90_000
LARGEST_PAYLOAD = 1400
NAL_SPS, NAL_PPS, NAL_FRAGMENT = 7, 8, 28
GARBAGE = bytes(range(256)) * 4


@dataclass(frozen=True)
class AccessUnit:
    """One coded image: its NAL units without start codes."""

    nals: list[bytes]


class H264File:
    def __init__(self, path: str) -> None:
        self.units: list[AccessUnit] = []
        with av.open(path) as container:
            stream = container.streams.video[0]
            self.fps = float(stream.average_rate or 25)
            to_annexb = av.BitStreamFilterContext("h264_mp4toannexb", stream)
            for packet in container.demux(stream):
                for unit in to_annexb.filter(packet) if packet.size else []:
                    self.units.append(AccessUnit(_split_nals(bytes(unit))))
        nals = [nal for unit in self.units for nal in unit.nals]
        self.sps = next(nal for nal in nals if nal[0] & 31 == NAL_SPS)
        self.pps = next(nal for nal in nals if nal[0] & 31 == NAL_PPS)

    def describe(self, codec: str) -> str:
        """The session description (SDP), which may lie about the codec."""
        sets = ",".join(base64.b64encode(nal).decode() for nal in (self.sps, self.pps))
        lines = [
            "v=0",
            "o=- 0 0 IN IP4 127.0.0.1",
            "s=test",
            "c=IN IP4 0.0.0.0",
            "t=0 0",
            "a=control:*",
            f"m=video 0 RTP/AVP {PAYLOAD_TYPE}",
            f"a=rtpmap:{PAYLOAD_TYPE} {codec}/{CLOCK_HZ}",
            f"a=fmtp:{PAYLOAD_TYPE} packetization-mode=1;"
            f"profile-level-id={self.sps[1:4].hex()};sprop-parameter-sets={sets}",
            f"a=framerate:{self.fps}",
            "a=control:track0",
        ]
        return "".join(f"{line}\r\n" for line in lines)


def _split_nals(annexb: bytes) -> list[bytes]:
    return [part.rstrip(b"\0") for part in re.split(b"\0\0\0\1|\0\0\1", annexb) if part]


class RtpPacker:
    """Numbers the RTP packets of one session."""

    def __init__(self) -> None:
        self._sequence = random.randrange(1 << 16)  # noqa: S311
        self._source = random.randrange(1 << 32)  # noqa: S311

    def pack(self, unit: AccessUnit, time_s: float) -> list[bytes]:
        stamp = int(time_s * CLOCK_HZ) & 0xFFFFFFFF
        out = []
        for number, nal in enumerate(unit.nals):
            last_nal = number == len(unit.nals) - 1
            pieces = [nal] if len(nal) <= LARGEST_PAYLOAD else list(_fragment(nal))
            for index, piece in enumerate(pieces):
                out.append(self._wrap(piece, stamp, last_nal and index == len(pieces) - 1))
        return out

    def _wrap(self, payload: bytes, stamp: int, marker: bool) -> bytes:
        kind = PAYLOAD_TYPE | (128 if marker else 0)
        header = struct.pack(">BBHII", 0x80, kind, self._sequence, stamp, self._source)
        self._sequence = (self._sequence + 1) & 0xFFFF
        return header + payload


def _interleave(packets: list[bytes]) -> bytes:
    """RTP packets as they travel inside the RTSP connection."""
    return b"".join(b"$\0" + struct.pack(">H", len(packet)) + packet for packet in packets)


def _fragment(nal: bytes) -> list[bytes]:
    """FU-A fragments of RFC 6184."""
    indicator, kind, body = (nal[0] & 0xE0) | NAL_FRAGMENT, nal[0] & 31, nal[1:]
    pieces = []
    for offset in range(0, len(body), LARGEST_PAYLOAD):
        first = 0x80 if offset == 0 else 0
        last = 0x40 if offset + LARGEST_PAYLOAD >= len(body) else 0
        chunk = body[offset : offset + LARGEST_PAYLOAD]
        pieces.append(bytes([indicator, first | last | kind]) + chunk)
    return pieces


class RtspHandler(socketserver.StreamRequestHandler):
    server: "RtspServer"

    def handle(self) -> None:
        self._writing = threading.Lock()
        self._hung_up = threading.Event()
        self._udp_port = 0
        self.server.connections.add(self.connection)
        try:
            while (line := self.rfile.readline()) and not line.startswith(b"TEARDOWN"):
                if line.startswith(b"$"):
                    self._skip_rtcp(line)
                elif len(line.split()) == 3:
                    method, url, _ = line.decode().split()
                    self._answer(method, url, self._read_headers())
        except OSError:
            pass
        finally:
            self._hung_up.set()
            self.server.connections.discard(self.connection)

    def _skip_rtcp(self, begun: bytes) -> None:
        header = begun + self.rfile.read(max(0, 4 - len(begun)))
        (length,) = struct.unpack(">H", header[2:4])
        self.rfile.read(max(0, length - (len(header) - 4)))

    def _read_headers(self) -> dict[str, str]:
        headers = {}
        while line := self.rfile.readline().strip():
            name, _, value = line.decode().partition(":")
            headers[name.lower()] = value.strip()
        return headers

    def _answer(self, method: str, url: str, headers: dict[str, str]) -> None:
        session = f"Session: 12345678;timeout={self.server.timeout_s or 60}\r\n"
        self._asked_s = time.monotonic()
        status, extra, body = "200 OK", session, ""
        transport = headers.get("transport", "")
        if self.server.garbled.is_set():
            self._send(GARBAGE)
            return
        if not self.server.takes(method, headers):
            self.server.refusals += "authorization" in headers
            status, extra = "401 Unauthorized", self.server.challenge
        elif method == self.server.refuses[0]:
            status = f"{self.server.refuses[1]} Refused"
        elif method == "OPTIONS":
            extra = "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER\r\n"
        elif method == "DESCRIBE":
            body = self.server.video.describe(self.server.codec)
            extra = f"Content-Base: {url.rstrip('/')}/\r\nContent-Type: application/sdp\r\n"
        elif method == "SETUP" and self.server.by_tcp is ("interleaved" not in transport):
            status = "461 Unsupported Transport"
        elif method == "SETUP" and "interleaved" in transport:
            extra += "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n"
        elif method == "SETUP":
            ports = transport.partition("client_port=")[2].partition(";")[0]
            self._udp_port = int(ports.partition("-")[0])
            extra += f"Transport: RTP/AVP;unicast;client_port={ports};server_port=9-10\r\n"
        head = f"RTSP/1.0 {status}\r\nCSeq: {headers.get('cseq', '0')}\r\n{extra}"
        self._send(f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode())
        if method == "PLAY" and status == "200 OK":
            threading.Thread(target=self._play, daemon=True).start()

    def _send(self, data: bytes) -> None:
        with self._writing:
            self.connection.sendall(data)

    def _play(self) -> None:
        packer, shown, started_s = RtpPacker(), 0, time.monotonic()
        datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            while not self._hung_up.wait(1 / self.server.video.fps):
                video = self.server.video
                if 0 < self.server.timeout_s < time.monotonic() - self._asked_s:
                    self.connection.shutdown(socket.SHUT_RDWR)
                if self.server.frozen.is_set():
                    continue
                if self.server.garbled.is_set():
                    self._send(GARBAGE)
                    continue
                unit = video.units[shown % len(video.units)]
                packets = packer.pack(unit, time.monotonic() - started_s)
                if self._udp_port:
                    for packet in packets:
                        datagrams.sendto(packet, ("127.0.0.1", self._udp_port))
                else:
                    self._send(_interleave(packets))
                shown += 1
        except OSError:
            self._hung_up.set()
        finally:
            datagrams.close()


class RtspServer(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, options: argparse.Namespace) -> None:
        self._videos = [H264File(path) for path in options.paths]
        self.video = self._videos[0]
        self.codec = options.codec
        self.refusals = 0
        self.by_tcp = None if options.transport == "both" else options.transport == "tcp"
        self.refuses = options.refuse.split(":") if options.refuse else ("", "")
        self.timeout_s = options.session_timeout
        self.frozen = threading.Event()
        self.garbled = threading.Event()
        self.connections: set[socket.socket] = set()
        self._login, self._schemes = options.login, options.auth.split("+")
        super().__init__(("127.0.0.1", options.port), RtspHandler)

    @property
    def challenge(self) -> str:
        """Headers that ask for the login."""
        digest = 'WWW-Authenticate: Digest realm="a camera", nonce="abc", algorithm='
        return "".join(
            'WWW-Authenticate: Basic realm="camera"\r\n'
            if scheme == "basic"
            else f"{digest}{scheme}\r\n"
            for scheme in self._schemes
        )

    def takes(self, method: str, headers: dict[str, str]) -> bool:
        """Whether a request needs no login, or has the right one."""
        given = headers.get("authorization", "")
        if not self._login:
            return True
        if given.startswith("Basic"):
            encoded = base64.b64encode(self._login.encode()).decode()
            return "basic" in self._schemes and given == f"Basic {encoded}"
        fields = dict(re.findall(r'(\w+)="?([^",]*)"?', given))
        algorithm = fields.get("algorithm", "MD5")
        hash_of = hashlib.sha256 if algorithm == "SHA-256" else hashlib.md5
        user, _, password = self._login.partition(":")

        def digest(text: str) -> str:
            return hash_of(text.encode()).hexdigest()

        secret = digest(f"{user}:a camera:{password}")
        request = digest(f"{method}:{fields.get('uri')}")
        return algorithm in self._schemes and fields.get("response") == digest(
            f"{secret}:abc:{request}"
        )

    def drop_all(self) -> None:
        for connection in list(self.connections):
            connection.shutdown(socket.SHUT_RDWR)

    def switch(self) -> None:
        """Go on with the next video, in the connections there are."""
        place = self._videos.index(self.video)
        self.video = self._videos[(place + 1) % len(self._videos)]

    def tell_refusals(self) -> None:
        sys.stdout.write(f"{self.refusals}\n")
        sys.stdout.flush()


ORDERS: dict[str, Callable[[RtspServer], None]] = {
    "freeze": lambda server: server.frozen.set(),
    "thaw": lambda server: server.frozen.clear(),
    "garble": lambda server: server.garbled.set(),
    "mend": lambda server: server.garbled.clear(),
    "drop": RtspServer.drop_all,
    "switch": RtspServer.switch,
    "refusals": RtspServer.tell_refusals,
}


class RtspServerProcess:
    """The server as a process of its own; leaving the context ends it."""

    def __init__(self, *paths: Path, port: int = 0, **options: str | float) -> None:
        self._arguments = [*map(str, paths)]
        for name, value in options.items():
            self._arguments += [f"--{name.replace('_', '-')}", str(value)]
        self.port = port

    def __enter__(self) -> Self:
        self.start()
        return self

    def start(self) -> None:
        """Serve, on the port it had before."""
        command = [sys.executable, str(Path(__file__)), *self._arguments, "--port", str(self.port)]
        self._process = subprocess.Popen(  # noqa: S603
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())

    def kill(self) -> None:
        """End it without goodbye; `start` brings it back."""
        self._process.kill()
        self._process.communicate()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.kill()

    def url(self, login: str = "") -> str:
        user = f"{login}@" if login else ""
        return f"rtsp://{user}127.0.0.1:{self.port}/cam"

    def freeze(self) -> None:
        """Keep connections open but send no more images."""
        self._order("freeze")

    def thaw(self) -> None:
        self._order("thaw")

    def drop(self) -> None:
        """Hang up on everybody; new connections are welcome."""
        self._order("drop")

    def garble(self) -> None:
        """Send nonsense instead of answers and images."""
        self._order("garble")

    def mend(self) -> None:
        self._order("mend")

    def switch(self) -> None:
        """Go on with the next clip, in the connections there are."""
        self._order("switch")

    def refusals(self) -> int:
        """How often a wrong password was given."""
        self._order("refusals")
        assert self._process.stdout is not None
        return int(self._process.stdout.readline())

    def _order(self, word: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{word}\n")
        self._process.stdin.flush()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("paths", nargs="+")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--login", default="", help="user:password that is asked for")
    parser.add_argument("--codec", default="H264", help="what it says its images are")
    parser.add_argument("--auth", default="basic", help="basic, MD5, SHA-256, joined by +")
    parser.add_argument("--transport", default="both", help="tcp, udp or both")
    parser.add_argument("--refuse", default="", help="METHOD:STATUS")
    parser.add_argument("--session-timeout", type=float, default=0.0, help="enforced, in seconds")
    server = RtspServer(parser.parse_args())
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdout.write(f"{server.server_address[1]}\n")
    sys.stdout.flush()
    for line in sys.stdin:
        ORDERS[line.strip()](server)


if __name__ == "__main__":
    main()
