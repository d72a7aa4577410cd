"""The command line as a person meets it: what it teaches, what it refuses, and the code it ends with."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from small_pipeline import FIXTURES, Clock, night, plainly, served, small_pipeline

from flows import cli
from flows.steps.pipeline import Pipeline
from warehouse.home.layout import Home
from warehouse.published import swap
from warehouse.store.facts import connect
from warehouse.store.lock import store_lock

pytestmark = pytest.mark.slow("starts the command as a process")


LITELLM = str(FIXTURES / "litellm_prices" / "2025-02-25.json")
Run = Callable[..., tuple[int, str, str]]

HOLDER = """
import sys
from pathlib import Path
from warehouse.home.layout import Home
from warehouse.store.facts import connect
from warehouse.store.lock import store_lock
with store_lock(Home(Path(sys.argv[1])), "capex-signals nightly"):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A published home. Nothing here may change what it says."""
    with pytest.MonkeyPatch.context() as patch, served() as site:
        plainly(patch, pages=True)
        root = tmp_path_factory.mktemp("cli") / "home"
        night(small_pipeline(root, site.url))
        yield root


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """`capex-signals ARGUMENTS` in this process: its exit code, what it says and what it complains of."""

    def started(home: Path, *arguments: str) -> tuple[int, str, str]:
        monkeypatch.setenv("CAPEX_SIGNALS_HOME", str(home))
        monkeypatch.setenv("COLUMNS", "300")
        monkeypatch.setattr(sys, "argv", ["capex-signals", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        assert "Traceback" not in said.out + said.err
        return int(ended.value.code or 0), said.out, said.err

    return started


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pipeline:
    """What `ingest` and `replay` find when they open the pipeline: no starter data, a clock that stands."""
    opened = small_pipeline(tmp_path / "home", "http://127.0.0.1:9", Clock())
    plainly(monkeypatch)
    monkeypatch.setattr(Pipeline, "open", lambda _settings=None: opened)
    return opened


def test_help_teaches_every_command(run: Run, tmp_path: Path) -> None:
    code, out, _ = run(tmp_path, "--help")
    assert code == 0
    assert "capex-signals nightly" in out
    for command in ("nightly", "ingest", "replay", "judge", "report", "sql", "sources", "claims", "check"):
        assert f"\n  {command} " in out
        code, own, _ = run(tmp_path, command, "--help")
        assert code == 0
        assert own.count("\n") > 5
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("arguments", [("sql", "FROM verdict"), ("judge",), ("report",)])
def test_before_anything_is_published_it_says_what_to_do(run: Run, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    code, out, err = run(tmp_path / "nowhere", *arguments)
    assert (code, out) == (3, "")
    assert "yet. Remedy: run `capex-signals nightly`" in err
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("arguments", [("nigthly",), ("sql", "--csv", "--json", "FROM verdict"), ("diff", "only-one"), ("sql", "FROM verdict", "--limit", "0"), ("judge", "--as-of", "soon")])  # fmt: skip
def test_wrong_use_ends_3_and_not_like_a_failed_night(run: Run, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    code, _, err = run(tmp_path, *arguments)
    assert code == 3
    assert err


def test_sql_answers(run: Run, home: Path) -> None:
    assert run(home, "sql", "--csv", "SELECT claim_id, verdict FROM verdict")[1].splitlines() == [
        "claim_id,verdict", "C07,supported",
    ]  # fmt: skip
    code, out, err = run(home, "sql", "SELECT 1 AS nobody FROM range(0)")
    assert (code, "nobody" in out, err) == (0, True, "no rows\n")  # the columns are told all the same
    code, out, err = run(home, "sql", "SELECT 40 + 2 AS answer FROM range(3)", "--limit", "2")
    assert (code, out.count("42")) == (0, 2)
    assert "only the first 2 rows" in err


def test_sql_takes_several_statements_and_shows_each_result(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, out, _ = run(
        home,
        "sql",
        "SET VARIABLE as_of = DATE '2024-01-01'; SELECT getvariable('as_of') AS day",
        "SELECT 'second' AS word",
    )
    assert code == 0
    assert out.index("2024-01-01") < out.index("second")
    assert out.count("┏") == 2  # what only sets something shows no table
    code, out, err = run(home, "sql", "SELECT 'first' AS word; DROP VIEW verdict")
    assert (code, "first" in out) == (3, True)
    assert "statement 2 of 2" in err
    code, out, _ = run(
        home, "sql", "--json", "SELECT 1 AS a, DATE '2025-02-25' AS day, 'nan'::DOUBLE AS none; FROM range(0)"
    )
    assert json.loads(out.split("]")[0] + "]") == [{"a": 1, "day": "2025-02-25", "none": None}]
    assert json.loads(out.split("]")[1] + "]") == []
    monkeypatch.setattr("sys.stdin", io.StringIO("SELECT 'typed' AS word;"))
    assert "typed" in run(home, "sql")[1]
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    code, _, err = run(home, "sql")
    assert (code, "nothing was asked" in err) == (3, True)


def test_diff_ends_0_where_two_files_say_the_same_1_where_not_3_where_one_is_none(
    run: Run, home: Path, tmp_path: Path
) -> None:
    code, out, _ = run(home, "diff", str(home), str(Home(home).latest))
    assert (code, "The same: facts" in out) == (0, True)
    assert out.startswith("From {0} to {0}\n".format(Home(home).latest.resolve().stem))
    other = tmp_path / "other.duckdb"
    other.write_bytes(Home(home).latest.resolve().read_bytes())
    with closing(connect(other)) as connection:
        connection.execute("UPDATE history.fx_rate SET value = value + 1")
    code, out, _ = run(home, "diff", str(home), str(other), "--markdown", "--limit", "2")
    assert code == 1
    assert "## rates: " in out
    assert " more changed" in out
    code, _, err = run(home, "diff", str(home), str(tmp_path / "none.duckdb"))
    assert (code, "there is no such file" in err) == (3, True)


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE t AS SELECT 1", "DELETE FROM history.capture", "UPDATE history.capture SET url = ''", "DROP VIEW verdict",
        "SELECT 1; SELEC 2", "INSERT INTO history.issue FROM history.issue", "SELEC 1", "FROM nothing_of_that_name",
    ],
)  # fmt: skip
def test_sql_refuses_writes_and_mistakes(run: Run, home: Path, statement: str) -> None:
    before = Home(home).latest.resolve().read_bytes()
    code, out, err = run(home, "sql", statement)
    assert (code, out) == (3, "")
    assert "your query" in err
    assert Home(home).latest.resolve().read_bytes() == before


def test_judge_says_what_was_known_then(run: Run, home: Path) -> None:
    code, out, _ = run(home, "judge", "--as-of", "2025-02-25", "--claim", "C07")
    assert code == 0
    assert "As of 2025-02-25" in out
    assert "supported" in out
    code, _, err = run(home, "judge", "--claim", "C99")
    assert code == 3
    assert "there is no claim 'C99'" in err


def test_report_copies_the_whole_site_into_a_new_folder(run: Run, home: Path, tmp_path: Path) -> None:
    code, _, _ = run(home, "report", "--out", str(tmp_path / "site"))
    assert code == 0
    for page in ("index.html", "zh/index.html", "en/C07.html", "data/C07.js", "assets/vendor/vega.js"):
        assert (tmp_path / "site" / page).read_bytes() == (home / "report" / page).read_bytes()
    code, _, err = run(home, "report", "--out", str(tmp_path / "site"))
    assert code == 3
    assert "is there already" in err


def test_codes_of_ingest_and_replay(run: Run, small: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    root = small.settings.root
    code, out, err = run(root, "ingest", "litellm_prices", LITELLM, "--fetched-at", "2025-02-25T06:30")
    assert (code, err) == (0, "")
    assert "rows added: " in out
    wrong = str(FIXTURES / "ecb_fx" / "eurofxref-hist.csv")
    code, out, err = run(root, "ingest", "litellm_prices", wrong)
    assert code == 1
    assert err.startswith("refused: litellm_prices eurofxref-hist.csv: ")
    assert "rows added: 0" in out
    monkeypatch.setitem(swap.INVARIANTS, "no fact is a fact", "SELECT count(*) FROM ({facts})")
    code, _, err = run(root, "replay")
    assert code == 2
    assert "no fact is a fact" in err


def test_the_command_line_refuses_at_once_and_names_the_holder(run: Run, small: Pipeline) -> None:
    """Held by another process; and free again when that process is killed."""
    root = small.settings.root
    command = [sys.executable, "-c", HOLDER, str(root)]
    environment = {**os.environ, "PYTHONPATH": str(Path(cli.__file__).parents[1])}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as holder:  # noqa: S603
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        for arguments in (("ingest", "litellm_prices", LITELLM), ("replay",), ("nightly",)):
            code, _, err = run(root, *arguments)
            assert code == 4
            assert f"the store is being written by capex-signals nightly (process {holder.pid})" in err
        assert not small.home.captures.exists()
        holder.kill()
    with store_lock(small.home, "the next"):
        pass


def test_a_home_that_cannot_be_written_is_named(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    code, _, err = run(tmp_path / "file", "replay")
    assert code == 3
    assert f"{tmp_path / 'file'}: something else lies where the home keeps a folder. Remedy: move away" in err
