"""What earnings releases say in sentences: the makes of sentence that are read, and the figures each one holds.

A wording is one make of sentence, matched from its first word to its last where it stands alone and to the end of its
clause where it stands in a quotation. A sentence on a wording's topic that no wording of that topic matches is handed
back for a person to look at. The sense of every number is fixed by the wording: nothing is inferred from its size.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from config.specs import Company

BILLION, MILLION = Decimal(10**9), Decimal(10**6)
FALLING = frozenset({"decreased", "declined", "down"})
VERB = r"(?P<verb>increased|grew|decreased|declined)"
GROWTH = r"(?P<growth>\d+(?:\.\d+)?)%"
UP = r"(?P<verb>up|down) " + GROWTH
# In brackets, and only where it differs: "(up 30% in constant currency)"; copies of releases shorten it.
CONSTANT = r"(?: \((?:(?P<cc_verb>up|down) )?(?P<cc>\d+)% (?:in constant currency|CC)\))?"
# Groups of three after a comma: $12,5 billion is a decimal comma, which no release in English writes, nor $28.800 million.
AMOUNT = (
    r"\$ ?(?!\d{1,3}(?:\.\d{3})+ million)(?P<amount>(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?) (?P<unit>billion|million)"
)
YEAR_AMOUNT = AMOUNT.replace("<amount>", "<year_amount>").replace("<unit>", "<year_unit>")
CAPITAL = r"capital expenditures?\b|\bcap[- ]?ex\b|capital investments?\b"
QUARTER_NAME = r"(?:first|second|third|fourth)"


class Figure(NamedTuple):
    """One number of a sentence. `unit` USD or pct."""

    metric: str
    definition: str
    value: Decimal
    unit: str
    decimals: int
    annual: bool


class Metrics(NamedTuple):
    """Which metric each number of a sentence is; one left empty is not stated by it. `year` is the amount of the fiscal year."""

    amount: str = ""
    growth: str = ""
    constant: str = ""
    share: str = ""
    year: str = ""


class Wording(NamedTuple):
    """One make of sentence; a `whole` one holds nothing else, another is a clause of a longer sentence.

    A group `left` is a number that is known and not read: of another figure, or one that its own filing tags.
    """

    topic: str
    pattern: re.Pattern[str]
    definition: str
    metrics: Metrics
    whole: bool = True


# A definition, or the name of a chain of definitions by period (config/companies.yml: chains).
AZURE, CLOUD = "azure", "cloud"
COMMERCIAL = "customers_commercial"
CLOUD_NAME = r"(?:Microsoft Cloud|[Cc]ommercial [Cc]loud)"

AZURE_GROWTH = Metrics(growth="azure_growth_reported_pct", constant="azure_growth_cc_pct")
CLOUD_REVENUE = Metrics("cloud_revenue", "cloud_revenue_growth_pct", "cloud_revenue_growth_cc_pct")
COMMERCIAL_RPO = Metrics("rpo_commercial", "rpo_commercial_growth_pct", "rpo_commercial_growth_cc_pct")
TOTAL_RPO = Metrics("rpo_total", "rpo_growth_pct", "rpo_growth_cc_pct")
CAPEX = Metrics("capex_incl_finance_leases", year="capex_incl_finance_leases")
# Oracle gives both growths in words: "up 45% in USD and up 46% in constant currency", "up 52% in both USD and ...".
IN_BOTH = (
    r"up (?P<growth>\d+)%(?: in)? (?:both USD and constant currency|USD(?:,? (?:and|&) |, )(?:up )?(?P<cc>\d+)% ?"
    r"(?:in )?constant currency)"
)


def _whole(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern + r"[.,]?")


WORDINGS: Mapping[str, tuple[Wording, ...]] = {
    "MSFT": (
        Wording(
            "Azure",
            _whole(
                r"Server products and cloud services revenue (?:increased|decreased|grew) (?P<left>\d+%(?: \((?:up |down )?\d+% "
                r"(?:in constant currency|CC)\))?),? driven by Azure(?: and other cloud services)? revenue growth of "
                + GROWTH
                + CONSTANT
            ),
            AZURE,
            AZURE_GROWTH,
        ),
        Wording("Azure", _whole(r"Azure and other cloud services revenue " + VERB + " " + GROWTH + CONSTANT + r"(?: driven by [a-z -]+)?"), AZURE, AZURE_GROWTH),
        Wording("Azure", _whole(r"Azure revenue was " + AMOUNT + r" and " + VERB + " " + GROWTH + CONSTANT), AZURE,
                Metrics("azure_revenue", "azure_growth_reported_pct", "azure_growth_cc_pct")),
        Wording(
            "cloud revenue",
            re.compile(
                CLOUD_NAME + r" (?:quarterly )?revenue (?:of|to|was|reaching|generating) " + AMOUNT + ",? (?:and )?" + UP + CONSTANT
                + r"(?=,? year|[.,]|$)"
            ),
            CLOUD,
            CLOUD_REVENUE, whole=False,
        ),
        Wording(
            "cloud revenue",
            re.compile(
                r"(?:Microsoft Cloud (?=generating \$[\d.]+ billion in revenue)|(?=generating \$[\d.]+ billion in commercial cloud))"
                r"generating " + AMOUNT + r" in (?:commercial cloud revenue|revenue for the quarter), " + UP + CONSTANT + r"(?= year)"
            ),
            CLOUD,
            CLOUD_REVENUE, whole=False,
        ),
        Wording("cloud revenue", _whole(CLOUD_NAME + r" revenue was " + AMOUNT + r" and " + VERB + " " + GROWTH + CONSTANT), CLOUD,
                CLOUD_REVENUE),
        Wording(
            "cloud gross margin",
            re.compile(CLOUD_NAME + r" gross margin percentage (?:increased|decreased)(?: slightly| (?P<left>\d+) points?)? to (?P<share>\d+)%(?=[., ]|$)"),
            CLOUD,
            Metrics(share="cloud_gross_margin_pct"), whole=False,
        ),
        Wording("remaining performance obligation",
                _whole(r"Commercial remaining performance obligation " + VERB + " " + GROWTH + CONSTANT + " to " + AMOUNT),
                COMMERCIAL, COMMERCIAL_RPO),
        Wording(
            "capital expenditure",
            _whole(r"Capital expenditures including finance leases were " + AMOUNT),
            "management_capex",
            CAPEX,
        ),
        Wording(
            "capital expenditure",
            _whole(r"Capital expenditures were " + AMOUNT + r", including (?P<left>\$[\d.]+ billion) of finance(?:d)? leases"),
            "management_capex",
            CAPEX,
        ),
    ),
    "AMZN": (
        Wording(
            "AWS sales",
            _whole(
                r"AWS segment sales " + VERB + " " + GROWTH + r" year-over-year to " + AMOUNT
                + r"(?:, or (?P<cc_verb>increased|decreased) (?P<cc>\d+)%,? excluding changes in foreign exchange rates)?"
            ),
            "aws",
            CLOUD_REVENUE,
        ),
    ),
    "GOOGL": (
        Wording(
            "Google Cloud revenue",
            re.compile(r"Google Cloud (?:saw [a-z ]+ as )?revenues " + VERB + " " + GROWTH + " to " + AMOUNT + r"(?=[,.]| |$)"),
            "google_cloud",
            CLOUD_REVENUE, whole=False,
        ),
    ),
    "META": (
        Wording(
            "capital expenditure",
            _whole(
                r"(?:Capital expenditures [-\u2013\u2014] )?Capital expenditures, including principal payments on finance leases, were "
                + AMOUNT + r"(?: for the " + QUARTER_NAME + r" quarter of \d{4}| and " + YEAR_AMOUNT + r" for the fourth quarter and full "
                r"year \d{4}, respectively)?"
            ),
            "management_capex",
            CAPEX,
        ),
    ),
    "ORCL": (
        Wording(
            "infrastructure revenue",
            _whole(r"(?:Q\d )?(?P<annual>FY ?\d{4} )?Cloud Infra(?:structure)? \(IaaS\) Revenue " + AMOUNT + ", " + IN_BOTH),
            "oci",
            CLOUD_REVENUE,
        ),
        Wording(
            "infrastructure revenue",
            _whole(r"(?:Q\d )?(?P<annual>FY ?\d{4} )?Cloud Infra(?:structure)? \(IaaS\) Revenue " + IN_BOTH + " to " + AMOUNT),
            "oci",
            CLOUD_REVENUE,
        ),
        Wording(
            "remaining performance obligation",
            _whole(r"(?:Q\d )?(?:Total )?Remaining Performance Obligations(?: \(RPO\))? " + AMOUNT + ", " + IN_BOTH),
            "xbrl_total",
            TOTAL_RPO,
        ),
        Wording(
            "remaining performance obligation",
            _whole(r"(?:Q\d )?(?:Total )?Remaining Performance Obligations(?: \(RPO\))? up (?P<growth>\d+)%(?: year[- ]over[- ]year)? to " + AMOUNT),
            "xbrl_total",
            TOTAL_RPO,
        ),
    ),
}  # fmt: skip

# A sentence or a row of a table that names one of these and states a number is one that should be read. What the reports
# tag (revenue of the whole company, income, cash flows) is left to them.
TOPICS: Mapping[str, Mapping[str, re.Pattern[str]]] = {
    ticker: {topic: re.compile(words, re.IGNORECASE) for topic, words in topics.items()}
    for ticker, topics in {
        "MSFT": {
            "Azure": r"\bAzure\b(?=.*(?:revenue|grow|grew|increas|decreas|declin|\bup\b|\bdown\b|\$))|(?:revenues?|growth) (?:of|from|in) Azure\b",
            "cloud revenue": r"(?:Microsoft|(?<!365 )commercial) cloud\b(?! gross)",
            "cloud gross margin": r"cloud gross margin\b",
            "remaining performance obligation": r"remaining performance obligations?\b|\bRPO\b",
            "capital expenditure": CAPITAL,
        },
        "AMZN": {
            "AWS sales": r"(?:\bAWS\b|Amazon Web Services)(?=.*(?:\$|\b(?:sales|revenues?|run[- ]rate|grew|growth|backlog)\b))|(?:sales|revenues?|backlog|commitments)\b.*\bAWS\b",
            "capital expenditure": CAPITAL,
        },
        "GOOGL": {
            "Google Cloud revenue": r"\bCloud\b(?=.*\b(?:revenues?|backlog|run[- ]rate|grew|growth)\b)|(?:revenues?|backlog)\b.*\bCloud\b",
            "capital expenditure": CAPITAL,
        },
        "META": {"capital expenditure": CAPITAL},
        "ORCL": {
            "infrastructure revenue": r"\bIaaS\b|\bOCI\b|cloud infra(?:structure)?\b(?=.*\b(?:revenues?|grew|growth)\b)",
            "remaining performance obligation": r"remaining performance obligations?\b|\bRPO\b|\bbacklog\b",
            "capital expenditure": CAPITAL,
        },
    }.items()
}
NUMBER = re.compile(
    r"[$€£¥] ?\d|\d[\d.,]*\)? ?(?:%|per ?cent|percentage|(?:basis )?points?\b|[bmtr]+illion|[bmt]n\b|[BMT]\b)|per ?cent\b|\b[bmtr]+illion\b",
    re.IGNORECASE,
)
# A clause in a sentence about a year does not speak of the quarter.
OF_A_YEAR = re.compile(
    r"\b(?:[Ff]or|[Ii]n|[Tt]his|[Ff]ull)(?: the)?(?: full)?(?: fiscal)? year\b|\bannual\b|[Ff]iscal year \d{4}"
)
# What a clause measures otherwise than it was reported, said before it or after its numbers, up to what the sentence says next.
OTHERWISE = r"excluding|exclusive of|non-GAAP|adjusted|pro[- ]forma|underlying|organic(?:ally)?|annuali[sz]ed|run[- ]rate|like[- ]for[- ]like"
MEASURED_OTHERWISE = re.compile(rf"\b(?:{OTHERWISE}|constant[- ]currency|currency[- ]neutral|net of)\b", re.IGNORECASE)
NEXT = re.compile(r"[;:]|\b(?:and|with|while|led|driven|as|but)\b")
# Before a clause: what is expected, or measured otherwise, is not what was reported. "Better than expected" is.
NOT_REPORTED = re.compile(
    r"(?<!than )(?<!than we )\bexpect(?:s|ed|ing)?\b|\b(?:forecasts?|guidance|guided|outlook|consensus|estimate[sd]?|projected|anticipate[sd]?|assuming"
    rf"|would have|had it|{OTHERWISE})\b",
    re.IGNORECASE,
)
# Right before a clause: a part of its subject.
PART = re.compile(r"\b(?:other|some|most|half|parts?|portion|share)(?: of)?(?: the| our)? $", re.IGNORECASE)
# Sentences on a topic that are known to say something else: a year's level, and a fall or rise without a number of its own.
ELSEWHERE = re.compile(
    r"Azure (?:revenue )?surpassed \$\d+ billion|Microsoft Cloud (?:annual revenue )?(?:revenue )?surpassed \$\d+ billion"
)


def figures_in(sentence: str, company: Company, period_end: date) -> tuple[list[Figure], list[str]]:
    """The figures a sentence states for the period that ends on that day, and the topics of numbers in it that are not read."""
    figures: list[Figure] = []
    rest = ELSEWHERE.sub(lambda found: "_" * len(found[0]), sentence)
    for wording in WORDINGS.get(company.ticker, ()):
        found = wording.pattern.fullmatch(sentence) if wording.whole else wording.pattern.search(sentence)
        if found is not None and (wording.whole or _reported(sentence, found)):
            figures += _figures(wording, found, company.definition_at(wording.definition, period_end))
            rest = _without(rest, found, wording)
    return figures, topics_of(rest, company.ticker)


def _reported(sentence: str, clause: re.Match[str]) -> bool:
    """Whether a clause states what was reported for the quarter, of its whole subject: nothing before it or behind its numbers says
    otherwise, and nothing speaks of a year."""
    before, after = sentence[: clause.start()], NEXT.split(sentence[clause.end() :], maxsplit=1)[0]
    return not (
        OF_A_YEAR.search(sentence)
        or NOT_REPORTED.search(before)
        or PART.search(before)
        or MEASURED_OTHERWISE.search(after)
    )


def topics_of(text: str, ticker: str) -> list[str]:
    """The topics of a company on which a text states a number."""
    if not NUMBER.search(text):
        return []
    return [topic for topic, words in TOPICS.get(ticker, {}).items() if words.search(text)]


def _without(rest: str, found: re.Match[str], wording: Wording) -> str:
    """What is not read yet: a clause is taken out of its sentence, of a whole one the numbers it knows."""
    spans = [found.span()] if not wording.whole else [found.span(name) for name in found.re.groupindex if found[name]]
    for begin, end in spans:
        rest = rest[:begin] + "_" * (end - begin) + rest[end:]
    return rest


def covers(ticker: str) -> bool:
    """Whether releases of the company are read."""
    return ticker in WORDINGS


def has_chains(ticker: str) -> bool:
    """Whether what releases of the company call a figure changes its meaning with the period."""
    return any(wording.definition in {AZURE, CLOUD} for wording in WORDINGS.get(ticker, ()))


def _figures(wording: Wording, found: re.Match[str], definition: str) -> Iterable[Figure]:
    groups = found.groupdict()
    annual = bool(groups.get("annual"))
    if wording.metrics.amount:
        yield _money(wording.metrics.amount, definition, groups["amount"], groups["unit"], annual=annual)
    if wording.metrics.year and groups.get("year_amount"):
        yield _money(wording.metrics.year, definition, groups["year_amount"], groups["year_unit"], annual=True)
    falling = groups.get("verb") in FALLING
    if wording.metrics.growth:
        yield _percent(wording.metrics.growth, definition, groups["growth"], falling=falling, annual=annual)
    if wording.metrics.constant and (constant := _constant(groups, found)):
        cc_falling = groups["cc_verb"] in FALLING if groups.get("cc_verb") else falling
        yield _percent(wording.metrics.constant, definition, constant, falling=cc_falling, annual=annual)
    if wording.metrics.share:
        yield _percent(wording.metrics.share, definition, groups["share"], falling=False, annual=annual)


def _money(metric: str, definition: str, text: str | None, unit: str | None, *, annual: bool) -> Figure:
    number = (text or "").replace(",", "")
    factor, zeros = (BILLION, 9) if unit == "billion" else (MILLION, 6)
    return Figure(metric, definition, Decimal(number) * factor, "USD", len(number.partition(".")[2]) - zeros, annual)


def _constant(groups: Mapping[str, str | None], found: re.Match[str]) -> str | None:
    """The growth in constant currency; "in both" says it is the same number."""
    return groups.get("cc") or (groups["growth"] if "both USD and constant" in found[0] else None)


def _percent(metric: str, definition: str, text: str, *, falling: bool, annual: bool) -> Figure:
    value = Decimal(text)
    return Figure(metric, definition, -value if falling else value, "pct", len(text.partition(".")[2]), annual)
