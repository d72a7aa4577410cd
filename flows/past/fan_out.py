"""The slices of a bulk load, read by runs of the work pool: a share of slices to each, on whichever host a worker takes it.

What has been read is what lies where the slices lie, whatever a run says of itself. A run that has died, or shows no
sign of life, is given up and what it left is handed out again; of two that read one slice one's stays. Prefect
hands out and watches. Where nobody is there to take a share, it is read here. Where the slices lie in a lake, what a share is
read from is put there before it is handed out.
"""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.objects import FlowRun, State, WorkerStatus
from prefect.deployments import run_deployment
from prefect.exceptions import ObjectNotFound
from prefect.states import Crashed

from flows.past.bulk import BulkLoad
from flows.past.bulk_slice import read_slice
from flows.steps.pipeline import Say

DEPLOYMENT = "bulk_slices/bulk_slices"
# Starting a run takes as much of a processor as reading two slices.
LARGEST_SHARE = 64
WORTH_A_RUN = 6
TRIES = 3
# Longer than a slice takes, and than it takes Prefect to notice that the heartbeat of a run has stopped.
SILENT_S = 300.0
NO_WORKER_S = 60.0
POLL_S = 1.0


@dataclass(slots=True)
class _Share:
    """Some slices, and the run that reads them."""

    numbers: range
    halved: bool = False
    tries: int = 0
    run: UUID | None = None
    left: int = 0
    state: UUID | None = None
    sign_at: float = 0.0

    def signs(self, state: UUID, left: int) -> None:
        """Note what is seen of the run; another state or one slice fewer is a sign of life."""
        if (state, left) != (self.state, self.left):
            self.state, self.left, self.sign_at = state, left, time.monotonic()

    @property
    def silent_s(self) -> float:
        return time.monotonic() - self.sign_at


@dataclass(slots=True)
class _FanOut:
    load: BulkLoad
    client: SyncPrefectClient
    pool: str
    say: Say
    waiting: deque[_Share]
    done: set[int]
    there: set[int]
    handed: list[_Share] = field(default_factory=list)

    def look(self) -> None:
        """See which slices have been read."""
        self.done = self.load.slices.done()

    def left(self, share: _Share) -> list[int]:
        return [number for number in share.numbers if number not in self.done]

    def prepare(self, share: _Share) -> bool:
        """Put what the share's next slice is read from where the workers see it; whether there was one to put."""
        if self.load.slices.shared:
            for number in self.left(share):
                if number not in self.there:
                    self.load.slices.put_to_read(number, self.load.read_from(number))
                    self.there.add(number)
                    return True
        return False

    def hand_out(self, share: _Share) -> None:
        """Start a run for it."""
        while self.prepare(share):
            pass
        capture = self.load.logged.capture
        parameters = {
            "source": capture.source, "sha256": capture.sha256, "slices": self.load.slices.name,
            "first": share.numbers[0], "last": share.numbers[-1],
        }  # fmt: skip
        share.tries += 1
        run = run_deployment(DEPLOYMENT, parameters=parameters, timeout=0, tags=[capture.source])
        assert isinstance(run, FlowRun)  # noqa: S101  a coroutine only for those who await it
        share.run = run.id
        share.state, share.sign_at = None, time.monotonic()
        self.handed.append(share)

    def halve_longest(self) -> None:
        """Let a second run begin at the end of the share of which most is left: the two meet where neither has been."""
        longest = max(
            (share for share in self.handed if not share.halved), key=lambda one: len(self.left(one)), default=None
        )
        if longest is None or len(left := self.left(longest)) < WORTH_A_RUN:
            return
        longest.halved = True
        self.waiting.append(_Share(range(left[-1], left[len(left) // 2] - 1, -1), halved=True))

    def look_at(self, share: _Share) -> None:
        """Take the share back where its run has ended, or is given up."""
        assert share.run is not None  # noqa: S101  it was handed out
        run = self.client.read_flow_run(share.run)
        state = run.state
        if state is None:
            return
        share.signs(state.id, len(self.left(share)))
        if state.is_final():
            self.look()  # its last slice may have come since
            self.take_back(share, f"its run {run.name} ended as {state.name}: {state.message or 'no reason'}")
        elif state.is_scheduled() and share.silent_s > NO_WORKER_S and not self.has_worker():
            self.give_up(run, share, "no worker polls for it")
            self.read_here(share)
        elif not state.is_scheduled() and share.silent_s > SILENT_S:
            self.give_up(run, share, f"no sign of life for {SILENT_S:.0f} s")
            self.take_back(share, f"its run {run.name} showed no sign of life for {SILENT_S:.0f} s")

    def take_back(self, share: _Share, why: str) -> None:
        """Hand out again what is left of a share. After the last try it is read here, so that its error is ours to name."""
        self.handed = [other for other in self.handed if other is not share]
        left = self.left(share)
        if not left:
            return
        self.say(f"{self._named(share)}: {len(left):,} not read, {why}")
        if share.tries >= TRIES:
            self.read_here(share)
        else:
            self.waiting.append(share)

    def give_up(self, run: FlowRun, share: _Share, why: str) -> None:
        """Have the server call the run crashed."""
        crashed: State[None] = Crashed(message=f"given up by the backfill: {why}")
        self.client.set_flow_run_state(run.id, crashed, force=True)
        self.handed = [other for other in self.handed if other is not share]

    def read_here(self, share: _Share) -> None:
        left = self.left(share)
        self.say(f"{self._named(share)}: reading {len(left):,} here")
        for number in left:
            read_slice(self.load, number)

    def has_worker(self) -> bool:
        workers = self.client.read_workers_for_work_pool(self.pool)
        return any(worker.status == WorkerStatus.ONLINE for worker in workers)

    def _named(self, share: _Share) -> str:
        return f"{self.load.spec.id}: slices {share.numbers[0]:,} to {share.numbers[-1]:,}"


def read_by_runs(load: BulkLoad, say: Say, runs: int) -> None:
    """Have every slice read by at most `runs` runs at a time. Called in a flow; raises what a slice raises that nobody can read."""
    with get_client(sync_client=True) as client:
        try:
            pool = client.read_deployment_by_name(DEPLOYMENT).work_pool_name or ""
            waiting = deque(shares(load, runs))
            say(f"{load.spec.id}: {len(waiting):,} shares for runs of the work pool {pool}, {runs} at a time")
        except ObjectNotFound:
            pool, waiting = "", deque()
            say(f"{load.spec.id}: this server has no deployment {DEPLOYMENT}, so that all is read here")
        there = load.slices.to_read() if load.slices.shared else set[int]()
        fan_out = _FanOut(load, client, pool, say, waiting, load.slices.done(), there)
        _until_all_is_read(fan_out, runs)
    for number in load.left():
        read_slice(load, number)


def _until_all_is_read(fan_out: _FanOut, runs: int) -> None:
    name, count, told = fan_out.load.spec.id, fan_out.load.count, 0
    while fan_out.waiting or fan_out.handed:
        if not fan_out.waiting and len(fan_out.handed) < runs:
            fan_out.halve_longest()
        while fan_out.waiting and len(fan_out.handed) < runs:
            fan_out.hand_out(fan_out.waiting.popleft())
        # What comes next is put there meanwhile, so that nobody waits for it.
        if not fan_out.waiting or not fan_out.prepare(fan_out.waiting[0]):
            time.sleep(POLL_S)
        fan_out.look()
        for share in list(fan_out.handed):
            fan_out.look_at(share)
        if len(fan_out.done) // 50 > told // 50:
            fan_out.say(f"{name}: {len(fan_out.done):,} of {count:,} slices")
        told = len(fan_out.done)


def shares(load: BulkLoad, runs: int) -> list[_Share]:
    """All slices in shares of neighbours, one for each run or more, without those of which nothing is left to read."""
    size = max(1, min(LARGEST_SHARE, -(-load.count // runs)))
    cut = [range(first, min(first + size, load.count)) for first in range(0, load.count, size)]
    left = set(load.left())
    return [_Share(numbers) for numbers in cut if left.intersection(numbers)]
