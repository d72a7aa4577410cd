"""A process in a network of its own, in which there is loopback alone, and a cable from it to some ports of this machine.

Run as a script it is the process: `unshare --net python own_network.py '{"5432": "cable/5432"}' COMMAND ...` has port 5432 of
its loopback lead into that socket, which a `Cable` of the test leads on to the port of this machine's. So both have the same
addresses, and what is cut is silent, as a cable is: nobody is told that a connection has ended.
"""

from __future__ import annotations

import fcntl
import json
import os
import select
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

SET_FLAGS, UP = 0x8914, 0x41  # of an interface, as Linux numbers them: up and running
PIECE = 65_536


@dataclass
class State:
    """Of a cable: whether it is cut or closed, and the threads of its connections."""

    cut: threading.Event = field(default_factory=threading.Event)
    closed: threading.Event = field(default_factory=threading.Event)
    leading: list[threading.Thread] = field(default_factory=list)


class Cable:
    """Leads to those ports of this machine, until it is cut. Close it."""

    def __init__(self, ports: Iterable[int]) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="cable-"))  # a socket's path has to be short
        self.sockets = {port: str(self.folder / str(port)) for port in ports}
        self.state = State()
        self.listening = [_listen(socket.AF_UNIX, path) for path in self.sockets.values()]
        self.accepting = [
            _lead(at, partial(socket.create_connection, ("127.0.0.1", port)), self.state)
            for port, at in zip(self.sockets, self.listening, strict=True)
        ]

    def prefix(self) -> list[str]:
        """What a command begins with that is to run at the other end."""
        return ["unshare", "--net", sys.executable, __file__, json.dumps(self.sockets)]

    def cut(self) -> None:
        self.state.cut.set()

    def close(self) -> None:
        """All connections end; nothing is left open."""
        self.state.closed.set()
        for at in self.listening:
            at.shutdown(socket.SHUT_RDWR)
        for thread in self.accepting:
            thread.join()
        for at in self.listening:
            at.close()
        for thread in self.state.leading:
            thread.join()
        shutil.rmtree(self.folder)


def why_not() -> str:
    """Why no process can have a network of its own here; empty where one can."""
    if shutil.which("unshare") is None:
        return "there is no unshare here"
    tried = subprocess.run(["unshare", "--net", "true"], capture_output=True, text=True, check=False)  # noqa: S607
    return tried.stderr.strip()


def _listen(family: socket.AddressFamily, address: str | tuple[str, int]) -> socket.socket:
    at = socket.socket(family)
    at.bind(address)
    at.listen(64)
    return at


def _lead(at: socket.socket, onward: Callable[[], socket.socket], state: State) -> threading.Thread:
    """Lead each connection that comes in on to a new one, in threads."""

    def accepting() -> None:
        while not state.closed.is_set():
            try:
                one, _ = at.accept()
            except OSError:  # closed
                return
            try:
                other = onward()
            except OSError:  # nobody is there
                one.close()
                continue
            both = threading.Thread(target=_join, args=(one, other, state), daemon=True)
            state.leading.append(both)
            both.start()

    thread = threading.Thread(target=accepting, daemon=True)
    thread.start()
    return thread


def _join(one: socket.socket, other: socket.socket, state: State) -> None:
    """What either says to the other, until both have ended."""
    with one, other:
        back = threading.Thread(target=_pump, args=(other, one, state), daemon=True)
        back.start()
        _pump(one, other, state)
        back.join()


def _pump(source: socket.socket, target: socket.socket, state: State) -> None:
    """All that comes, until its end; nothing any more once it is cut, and neither side is told."""
    try:
        while not state.closed.is_set():
            if state.cut.is_set() or not select.select([source], [], [], 0.2)[0]:
                time.sleep(0.01)
                continue
            piece = source.recv(PIECE)
            if not piece:
                target.shutdown(socket.SHUT_WR)
                return
            target.sendall(piece)
    except OSError:  # the other side has gone
        return


def _unix(path: str) -> socket.socket:
    onward = socket.socket(socket.AF_UNIX)
    onward.connect(path)
    return onward


def _far_end(sockets: dict[str, str], parent: int) -> None:
    """Lead the ports of this network's loopback into the sockets, as long as the command runs."""
    for port, path in sockets.items():
        at = _listen(socket.AF_INET, ("127.0.0.1", int(port)))
        _lead(at, partial(_unix, path), State())
    while os.getppid() == parent:
        time.sleep(0.5)


def main() -> None:
    with socket.socket() as any_:
        fcntl.ioctl(any_, SET_FLAGS, struct.pack("16sH22x", b"lo", UP))
    parent = os.getpid()
    if os.fork() == 0:
        os.close(0)
        _far_end(json.loads(sys.argv[1]), parent)
        os._exit(0)
    os.execv(sys.argv[2], sys.argv[2:])  # noqa: S606  our own words


if __name__ == "__main__":
    main()
