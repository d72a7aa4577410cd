"""Build the starter data from a folder of collected payloads, through the pipeline's own archive, parsers and checks.

A maintainer's tool: `python -m flows.commands.starter FOLDER`. Users get the result, in warehouse/starter. Every capture
carries the instant its origin proves: a release's day, a commit's instant, a board's day.
"""

from __future__ import annotations

import re
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time
from io import BytesIO
from pathlib import Path

from config.contracts import Capture
from config.load import catalog
from config.settings import Settings
from flows.steps.load import Progress, load_pending
from flows.steps.pipeline import Pipeline
from warehouse.archive.captures import read_payload, sha256_of
from warehouse.store.facts import Store
from warehouse.store.starter import FOLDER, export_starter

# Of two copies of one instant neither would be the newer one: this one stands for the end of the day of its newest filing.
OLDER_COPY = "companyfacts/GOOGL_CIK0001652044_edgartools_cassette.json"
COLLECTED_AT = datetime(2026, 11, 22)  # noqa: DTZ001  instants are naive UTC
SEC = "https://data.sec.gov/api/xbrl/companyfacts/CIK{:010d}.json"
LISTS = "https://data.sec.gov/submissions/CIK{:010d}.json"
ARCHIVES = "https://www.sec.gov/Archives/edgar/data/{cik}/{folder}/{document}"
LITELLM = "https://github.com/BerriAI/litellm/blob/v{}/model_prices_and_context_window.json"
TOKENCOST = "https://github.com/AgentOps-AI/tokencost/blob/{}/tokencost/model_prices.json"
MODELS_DEV = "https://github.com/anomalyco/models.dev"
GENAI = "https://github.com/pydantic/genai-prices/blob/main/prices/new_data/v2/data.json"
ECB = "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-hist.zip"
PUBLISHED = "https://github.com/fboulnois/llm-leaderboard-csv/blob/main/csv/{}"
HISTORY = "https://github.com/jasontrigg0/chatbot-arena-history"
SPACE = "https://huggingface.co/spaces/lmarena-ai/chatbot-arena-leaderboard"
AIDER = "https://github.com/Aider-AI/aider/blob/main/aider/website/_data/{}_leaderboard.yml"
EPOCH = "https://epoch.ai/data/benchmark_data.zip"
# The vintage names its month in its own citation, and its newest run is of 2026-04-17: it counts from the month's end.
EPOCH_VINTAGE = "2026-04-30"
BEST = "https://github.com/mayerwin/AI-Arena-History/blob/main/CHART_DATA_HIGHEST.json"
SITE = "https://github.com/oolong-tea-2026/arena-ai-leaderboards/blob/main/data/{}/text.json"

# Enough for the claims, and no more; of companies every year of the tags that are metrics, restatements of old years
# among them. Of models.dev the sellers of their own models: the many hosts would take as much room as all other prices.
CHOSEN = {
    "token_price": (
        "source <> 'models_dev_prices' OR provider IN ('openai', 'anthropic', 'google', 'xai', 'deepseek', 'mistral', "
        "'alibaba', 'moonshot', 'zhipu', 'meta')"
    ),
    "company_fact": "source <> 'analyst_facts' AND concept IN ({concepts})",
    "filing": "form IN ('10-K', '10-Q', '10-K/A', '10-Q/A', '10-KT', '10-QT') OR (form = '8-K' AND items LIKE '%2.02%')",
    "event": "false",
    "guidance": "false",  # entered by hand: captured from config/analyst on each run
    "fx_rate": "rate_on >= DATE '2018-01-01' AND quote_currency IN ('USD', 'CNY')",
}


@dataclass(frozen=True, slots=True)
class Collected:
    """One collected payload and what its origin proves about it."""

    source: str
    scope: str
    url: str
    taken_at: datetime
    basis: str
    body: bytes


def collected(folder: Path) -> Iterator[Collected]:
    """Every payload under `folder` that enters the starter data."""
    yield from _filings(folder / "sec")
    yield from _filing_lists(folder / "sec" / "submissions")
    yield from _reports(folder / "sec" / "ixbrl")
    yield Collected("ecb_fx", "", ECB, COLLECTED_AT, "collected", read_payload(folder / "fx" / "eurofxref-hist.zip"))
    yield from price_lists(folder / "prices")
    yield from _second_opinions(folder / "prices")
    yield from boards(folder / "leaderboards")


def _filings(folder: Path) -> Iterator[Collected]:
    copies = (
        ("MSFT", "companyfacts/CIK0000789019.json"),
        ("AMZN", "companyfacts/CIK0001018724.json"),
        ("META", "companyfacts/CIK0001326801.json"),
        ("GOOGL", OLDER_COPY),
        # The copy above ends before the report of 2026-07-23; what stands in both is the same (tests/transforms/companies/test_restatements.py).
        ("GOOGL", "companyfacts_trimmed/capexatlas_googl.json"),
    )
    for ticker, name in copies:
        url, body = SEC.format(catalog().companies[ticker].cik), read_payload(folder / name)
        taken_at, proof = COLLECTED_AT, "collected"
        if name == OLDER_COPY:
            newest = max(re.findall(rb'"filed": ?"(\d{4}-\d\d-\d\d)"', body))
            taken_at, proof = _end_of(newest.decode()), "newest_filing"
        yield Collected("sec_companyfacts", ticker, url, taken_at, proof, body)


def _filing_lists(folder: Path) -> Iterator[Collected]:
    """Each list stands for the end of the day of its newest filing; a wrapped copy is older and kept as it came."""
    names = {"META": "META_bobmatnyc_wrapped.json"}
    names |= {
        ticker: f"{ticker}_CIK{catalog().companies[ticker].cik:010d}_finalysis.json"
        for ticker in ("MSFT", "AMZN", "GOOGL")
    }
    for ticker, name in names.items():
        body = read_payload(folder / name)
        newest = max(re.findall(rb'"(\d{4}-\d\d-\d\d)"', body.partition(b'"filingDate"')[2].partition(b"]")[0]))
        url = LISTS.format(catalog().companies[ticker].cik)
        yield Collected("sec_submissions", ticker, url, _end_of(newest.decode()), "newest_filing", body)


def _reports(folder: Path) -> Iterator[Collected]:
    """Filings as filed, by the name of the copy: which filing it is, and its document's name in the Archives."""
    copies = {
        "amzn-10k-FY2024_2025-02-07.htm": ("AMZN 0001018724-25-000004 2025-02-07 10-K", "amzn-20241231.htm"),
        "amzn-20221231_htm.xml": ("AMZN 0001018724-23-000004 2023-02-03 10-K", "amzn-20221231_htm.xml"),
        "meta-10k-FY2024_2025-01-30.htm": ("META 0001326801-25-000017 2025-01-30 10-K", "meta-20241231.htm"),
    }
    for name, (scope, document) in copies.items():
        ticker, accession, *_ = scope.split(" ")
        cik, inside = catalog().companies[ticker].cik, accession.replace("-", "")
        url = ARCHIVES.format(cik=cik, folder=inside, document=document)
        yield Collected("sec_filing", scope, url, COLLECTED_AT, "collected", read_payload(folder / name))


def price_lists(folder: Path) -> Iterator[Collected]:
    """The dated files of the litellm schema under `folder`, each with the day or commit it is of."""
    for path in sorted((folder / "litellm").glob("*.json")):
        day, release = path.name[:10], path.name.split("__")[1].removeprefix("litellm-")
        yield Collected("litellm_prices", "", LITELLM.format(release), _end_of(day), "release_day", read_payload(path))
    with zipfile.ZipFile(BytesIO(read_payload(folder / "tokencost" / "model_prices_all_95_commits.zip"))) as commits:
        for name in sorted(commits.namelist()):
            stamp, commit, _ = name.split("__")
            taken_at = datetime.strptime(stamp, "%Y-%m-%dT%H%M%S")  # noqa: DTZ007  the name is in UTC
            yield Collected("tokencost_prices", "", TOKENCOST.format(commit), taken_at, "commit", commits.read(name))


def _second_opinions(folder: Path) -> Iterator[Collected]:
    """The other price lists that may be passed on, each on the day it stood so."""
    for source, url, name, day in (
        ("models_dev_prices", MODELS_DEV, "models.dev/models.dev_2026-07-02.tar.gz", "2026-07-02"),
        ("genai_prices", GENAI, "genai-prices/v2_data_2026-08-21.json", "2026-08-21"),
    ):
        yield Collected(source, "", url, _end_of(day), "file_name", read_payload(folder / name))


def boards(folder: Path) -> Iterator[Collected]:
    """Every payload of a leaderboard under `folder` that may be passed on."""
    yield from _boards(folder / "arena")
    yield from _benchmarks(folder)


def _boards(folder: Path) -> Iterator[Collected]:
    for path in sorted((folder / "fboulnois").glob("*.csv")):
        taken_at = _end_of(_dashed(path.stem))
        yield Collected("arena_published", "", PUBLISHED.format(path.name), taken_at, "file_name", read_payload(path))
    for path in sorted((folder / "hfspace_mirror").glob("leaderboard_table_2023*.csv")):
        yield Collected("arena_hfspace", "", SPACE, _end_of(_dashed(path.stem)), "file_name", read_payload(path))
    history = folder / "jasontrigg0" / "alltime.csv"
    yield Collected("arena_history", "", HISTORY, COLLECTED_AT, "collected", read_payload(history))
    for path in sorted((folder / "oolong" / "data").glob("*/text.json")):
        day = path.parent.name
        yield Collected("arena_site", "", SITE.format(day), _end_of(day), "folder_name", read_payload(path))
    best = folder / "mayerwin" / "CHART_DATA_HIGHEST.json"
    yield Collected("arena_best", "", BEST, COLLECTED_AT, "collected", read_payload(best))


def _benchmarks(folder: Path) -> Iterator[Collected]:
    for name in ("edit", "polyglot"):
        body = read_payload(folder / "aider" / f"{name}_leaderboard.yml")
        url = AIDER.format(name)
        yield Collected("aider_leaderboard", f"aider_{name}", url, COLLECTED_AT, "collected", body)
    # The vintage was collected unpacked: packed again without any date, so that the same tables are the same bytes.
    vintage = BytesIO()
    with zipfile.ZipFile(vintage, "w", zipfile.ZIP_STORED) as packed:
        for path in sorted((folder / "epoch" / "2026-04_madhu").glob("*.csv")):
            packed.writestr(zipfile.ZipInfo(path.name), read_payload(path))
    body = vintage.getvalue()
    yield Collected("epoch_benchmarks", "", EPOCH, _end_of(EPOCH_VINTAGE), "vintage_month", body)


def _end_of(day: str) -> datetime:
    """A proof that is only a date counts from the end of that day."""
    return datetime.combine(datetime.fromisoformat(day), time.max)


def _dashed(stem: str) -> str:
    found = re.search(r"(\d{4})(\d\d)(\d\d)$", stem)
    if found is None:
        raise ValueError(f"{stem} does not end in a date")
    return "-".join(found.groups())


def build(folder: Path, target: Path = FOLDER) -> dict[str, int]:
    """Write the starter files; returns rows per file. Payloads that are refused are named on the screen."""
    with tempfile.TemporaryDirectory() as home:
        pipeline = Pipeline.open(Settings(home=Path(home)))
        for item in collected(folder):
            capture = Capture(
                item.source, item.scope, item.url, sha256_of(item.body), len(item.body), COLLECTED_AT, item.taken_at,
                item.basis, "starter_payload",
            )  # fmt: skip
            pipeline.archive.add(capture, item.body, COLLECTED_AT)
        store = Store.open(pipeline.home.store)
        load_pending(pipeline, store, _print, Progress())
        metrics = pipeline.catalog.metrics
        concepts = {tag for metric in metrics.values() for tag in metric.concepts} | set(metrics)
        concepts |= {tag for metric in metrics.values() for part in metric.parts for tag in part.concepts}
        concepts |= {
            tag for company in pipeline.catalog.companies.values() for tags in company.concepts.values() for tag in tags
        }
        listed = ", ".join(f"'{concept}'" for concept in sorted(concepts))
        chosen = {name: where.format(concepts=listed) for name, where in CHOSEN.items()}
        written = export_starter(store.connection, dict(pipeline.catalog.sources), chosen, target)
        store.close()
    return written


def _print(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    _print(str(build(Path(sys.argv[1]))))
