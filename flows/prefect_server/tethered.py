"""`python -m flows.tethered MODULE ARGUMENTS`: run a module, and end when whoever holds our standard input is gone.

A parent that is killed cannot stop its children. It holds the other end of this pipe, which the system closes for it.
"""

from __future__ import annotations

import os
import runpy
import signal
import sys
import threading
import time

GRACE_S = 15.0


def _end_with_parent() -> None:
    os.read(0, 1)  # returns when the pipe closes; a buffered read would hold a lock that the interpreter's end needs
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_S)
    os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    """Run the module named by the first argument as if by `python -m`."""
    sys.argv = sys.argv[1:]
    threading.Thread(target=_end_with_parent, daemon=True).start()
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
