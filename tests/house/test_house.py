"""The rules of the house that import-linter cannot see: clock, disk, sizes, names, and one file of each kind."""

from __future__ import annotations

import ast
import gc
import importlib
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest
import yaml
from places import REPOSITORY

HERE = REPOSITORY
PACKAGES = ("config", "flows", "transforms", "warehouse")
MODULES = sorted(path for package in PACKAGES for path in (HERE / package).rglob("*.py"))
NAMES = [str(path.relative_to(HERE)) for path in MODULES]
BESIDE = sorted(str(path.relative_to(HERE)) for folder in ("tests", "bench") for path in (HERE / folder).rglob("*.py"))

DRAWERS = {"util", "utils", "helper", "helpers", "common", "shared", "base", "manager", "misc"}
CLOCKS = {
    ("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"), ("time", "time"),
    ("time", "time_ns"), ("time", "localtime"), ("time", "gmtime"), ("pl", "now"),
}  # fmt: skip
DISK = {
    "read_text", "read_bytes", "write_text", "write_bytes", "mkdir", "unlink", "rmdir", "touch", "symlink_to",
    "write_parquet", "write_csv", "iterdir", "glob", "rglob",
}  # fmt: skip
# server.py: a child process writes its log to a file. starter.py: run by hand, on payloads beside the checkout.
MAY_TOUCH_DISK = {"flows/prefect_server/server.py": {"open", "mkdir", "touch"}, "flows/commands/starter.py": {"glob"}}
MACHINE = {"fcntl", "http", "mmap", "os", "random", "shutil", "socket", "sqlite3", "subprocess", "tempfile", "time"}
MAX_LINES = 400
MAX_FUNCTION_LINES = 60


def tree(name: str) -> ast.Module:
    return ast.parse((HERE / name).read_text("utf-8"), name)


def calls(module: ast.Module) -> Iterator[tuple[str, str, ast.Call]]:
    """(owner, name, call): `date.today()` gives ("date", "today"), `a.b.open()` ("b", "open"), `open()` ("", "open")."""
    for node in ast.walk(module):
        if isinstance(node, ast.Call):
            match node.func:
                case ast.Name(id=name):
                    yield "", name, node
                case ast.Attribute(value=ast.Name(id=owner) | ast.Attribute(attr=owner), attr=name):
                    yield owner, name, node
                case ast.Attribute(attr=name):
                    yield "", name, node


def clock_readings(module: ast.Module) -> list[str]:
    return [f"line {call.lineno}: {name}()" for owner, name, call in calls(module) if (owner, name) in CLOCKS]


def disk_accesses(module: ast.Module, allowed: frozenset[str] = frozenset()) -> list[str]:
    return [
        f"line {call.lineno}: {name}()"
        for owner, name, call in calls(module)
        if name not in allowed and (name in DISK or opens_a_file(owner, name, call))
    ]


def opens_a_file(owner: str, name: str, call: ast.Call) -> bool:
    """`open(...)`, `io.open(...)` and `path.open("rb")`, but not `Store.open()` nor `archive.open(member)`."""
    if name != "open":
        return False
    if owner[:1].isupper() and owner != "Path":
        return False
    return owner in ("", "io", "os") or all(isinstance(argument, ast.Constant) for argument in call.args)


def imported(module: ast.Module) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names.add((node.module or "").split(".")[0])
    return names


@pytest.mark.parametrize("name", [name for name in NAMES if not name.startswith("flows/")])
def test_only_flows_read_the_clock(name: str) -> None:
    assert clock_readings(tree(name)) == []


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith(("flows/", "transforms/"))])
def test_only_the_warehouse_touches_the_disk(name: str) -> None:
    assert disk_accesses(tree(name), frozenset(MAY_TOUCH_DISK.get(name, ()))) == []


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("transforms/")])
def test_transforms_import_nothing_that_reaches_the_machine(name: str) -> None:
    assert imported(tree(name)) & MACHINE == set()


@pytest.mark.parametrize("name", NAMES)
def test_nothing_loads_a_pickle(name: str) -> None:
    """A pickle runs code when it is read, in whatever form it comes; boards have been passed on as pickles."""
    loaders = {"cPickle", "cloudpickle", "dill", "joblib", "marshal", "numpy.load", "pandas", "pickle", "shelve"}
    assert imported(tree(name)) & loaders == set()
    assert [call for _, call, _ in calls(tree(name)) if call in {"read_pickle", "unsafe_load", "full_load"}] == []


def test_the_rules_above_can_fail() -> None:
    offending = ast.parse(
        "import os\nfrom datetime import datetime\ndatetime.now()\nopen('x')\nPath('x').read_text()\nx.home.open('wb')\nStore.open()"
    )
    assert clock_readings(offending) == ["line 3: now()"]
    assert disk_accesses(offending) == ["line 4: open()", "line 5: read_text()", "line 6: open()"]
    assert imported(offending) == {"os", "datetime"}


@pytest.mark.parametrize("name", [*NAMES, *BESIDE])
def test_files_and_functions_are_short(name: str) -> None:
    assert len((HERE / name).read_text("utf-8").splitlines()) <= MAX_LINES
    long = [
        f"{node.name}: {node.end_lineno - node.lineno + 1} lines"
        for node in ast.walk(tree(name))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno >= MAX_FUNCTION_LINES
    ]
    assert long == []


def test_no_module_is_a_drawer() -> None:
    assert [name for name in NAMES if set(Path(name).with_suffix("").parts) & DRAWERS] == []


def test_each_process_of_ours_seldom_looks_for_cycles() -> None:
    """By default it looks after each 700 new objects: a third of a second of an unchanged night, and as much of its server's start."""
    importlib.import_module("flows")
    assert gc.get_threshold()[0] >= 10_000


@pytest.mark.parametrize("package", PACKAGES)
def test_each_package_is_the_one_of_this_checkout(package: str) -> None:
    """The names are common ones: another package of that name on the path would win in silence."""
    assert Path(str(importlib.import_module(package).__file__)).resolve() == HERE / package / "__init__.py"


def test_the_wheel_carries_the_packages_with_their_data_and_nothing_else(tmp_path: Path) -> None:
    build = pytest.importorskip("hatchling.builders.wheel", reason="hatchling is not installed: run make once")
    [wheel] = build.WheelBuilder(str(HERE)).build(directory=str(tmp_path), versions=["standard"])
    with ZipFile(wheel) as archive:
        names = archive.namelist()
    tops = {name.split("/")[0] for name in names if not name.split("/")[0].endswith(".dist-info")}
    assert tops == set(PACKAGES)
    assert {name for name in tracked_files() if name.startswith(tuple(f"{package}/" for package in PACKAGES))} <= set(
        names
    )


def stems(folder: str, suffix: str) -> set[str]:
    return {path.stem for path in (HERE / folder).glob(f"*{suffix}") if path.stem != "__init__"}


def folders(folder: str) -> set[str]:
    return {path.name for path in (HERE / folder).iterdir() if path.is_dir() and any(path.iterdir())}


def test_every_source_has_its_declaration_its_parser_and_its_fixtures() -> None:
    from config.load import catalog

    declared = stems("config/sources", ".yml")
    assert {spec.read_by for spec in catalog().sources.values()} == stems("transforms/sources", ".py") <= declared
    assert declared == folders("tests/fixtures/sources")


def test_every_claim_has_its_declaration_its_query_and_its_fixtures() -> None:
    from config.load import catalog

    declared = stems("config/claims", ".yml")
    shared = {spec.id: Path(spec.query_file).stem for spec in catalog().claims.values()}
    assert stems("warehouse/claims", ".sql") == set(shared.values()) <= declared
    assert declared == folders("tests/fixtures/claims")


def exists_in(text: str) -> list[str]:
    """What stands in the parentheses of each EXISTS."""
    found = []
    for begun in re.finditer(r"\bEXISTS\s*\(", text):
        depth, end = 1, begun.end()
        while depth:
            depth += {"(": 1, ")": -1}.get(text[end], 0)
            end += 1
        found.append(text[begun.end() : end - 1])
    return found


def test_no_query_asks_exists_with_an_inequality() -> None:
    """DuckDB to 1.5.6 answers no for every row where ranges stand beside it (docs/clients.md): SEMI JOIN and ANTI JOIN are right."""
    unequal = re.compile(r"<>|!=|IS DISTINCT FROM")
    wrong = "SELECT 1 FROM price AS o WHERE o.model = f.model AND (o.source <> f.source) AND o.seen_on < f.until"
    assert [*map(unequal.search, exists_in(f"WHERE NOT EXISTS ({wrong}) AND true"))] != [None]
    asked = {
        str(path.relative_to(HERE)): exists_in(path.read_text("utf-8"))
        for path in (HERE / "warehouse").rglob("*")
        if path.suffix in {".sql", ".py"}
    }
    assert sum(map(len, asked.values())) > 3
    assert [(name, body) for name, bodies in asked.items() for body in bodies if unequal.search(body)] == []


def test_every_declared_address_is_one_the_fetcher_may_ask() -> None:
    from config.load import catalog
    from flows.network.exchange import NetworkPolicy

    for spec in catalog().sources.values():
        for address in spec.addresses if spec.fetched else ():
            NetworkPolicy().admit_url(re.sub(r"\{\w+\}", "x", address), spec.allowed_hosts)


def test_every_redistributed_source_is_named_in_the_notice() -> None:
    from config.load import catalog

    notice = (HERE / "NOTICE").read_text()
    named = {spec.id for spec in catalog().sources.values() if spec.id in notice and spec.homepage in notice}
    assert {spec.id for spec in catalog().sources.values() if spec.licence.redistribution} <= named


def test_every_deployment_leads_to_a_flow() -> None:
    """An entry point that does not load is found by the worker at half past six in the morning otherwise."""
    from prefect import Flow

    declared = yaml.safe_load((HERE / "prefect.yaml").read_text())["deployments"]
    assert [deployment["name"] for deployment in declared] == sorted({deployment["name"] for deployment in declared})
    for deployment in declared:
        module, _, function = deployment["entrypoint"].rpartition(".")
        flow = getattr(importlib.import_module(module), function)
        assert isinstance(flow, Flow)
        assert flow.name == function


def tracked_files() -> list[str]:
    """What is committed or about to be."""
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--deduplicate"]
    done = subprocess.run(listing, cwd=HERE, capture_output=True, text=True, check=False)  # noqa: S603  fixed words
    if done.returncode != 0:
        pytest.skip("not a git checkout")
    return [name for name in done.stdout.splitlines() if (HERE / name).is_file()]


def test_no_file_names_a_machine_or_a_package_registry() -> None:
    machine = "|".join(["/" + "work/", "/" + "home/[a-z]", "/" + "Users/", "/" + "root/", "/" + "tmp/[a-z]"])
    hosts = "|".join(["py" + r"pi\.org", "python" + r"hosted\.org", "registry\\.npm" + "js", "deb\\.deb" + "ian"])
    found = re.compile(f"(?<![\\w.:/-])(?:{machine})|{hosts}")
    leaks = []
    for name in tracked_files():
        content = (HERE / name).read_bytes()
        if b"\0" in content[:8192] or len(content) > 3_000_000:
            continue
        if hit := found.search(content.decode("utf-8", "replace")):
            leaks.append(f"{name}: {hit.group()}")
    assert leaks == []


def test_the_lock_is_pinned_hashed_and_covers_what_is_declared() -> None:
    lock = (HERE / "requirements.lock").read_text()
    pinned = dict(re.findall(r"^([a-z0-9.-]+)==(\S+)", lock, re.MULTILINE))
    blocks = re.split(r"^(?=[a-z0-9.-]+==)", lock, flags=re.MULTILINE)[1:]
    assert [block.split("==")[0] for block in blocks if "--hash=sha256:" not in block] == []
    project = tomllib.loads((HERE / "pyproject.toml").read_text())["project"]
    declared = project["dependencies"] + project["optional-dependencies"]["dev"]
    names = {re.split(r"[<>=\[ ;]", requirement)[0].lower() for requirement in declared}
    assert names <= set(pinned)
