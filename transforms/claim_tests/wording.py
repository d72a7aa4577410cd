"""Numbers for people, in English and in the Chinese of Taiwan."""

from __future__ import annotations

import re

from config.terms import terms
from transforms.claim_tests.model_titles import model_title, with_model_titles
from transforms.claim_tests.outcome import Sentences


def number(value: float, digits: int = 3) -> str:
    """Thousands separated, at most `digits` decimals, no trailing zeros: 118.548, 2,980."""
    text = f"{value:,.{digits}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def signed(value: float, digits: int = 1) -> str:
    """A change with its sign: +34.2, -3.7, 0."""
    text = number(value, digits)
    return text if text.startswith("-") or text == "0" else f"+{text}"


def amount_en(value: float, unit: str) -> str:
    """A quantity with its unit; money from a billion up in billions."""
    if unit == "USD" and abs(value) >= 1e9:
        return f"{number(value / 1e9)} billion USD"
    return f"{number(value)} {'%' if unit == 'pct' else unit}".rstrip()


def amount_zh(value: float, unit: str) -> str:
    """The same in Chinese; money from a hundred million up in 億."""
    if unit == "USD":
        return f"{number(value / 1e8, 2)} 億美元" if abs(value) >= 1e8 else f"{number(value)} 美元"
    return f"{number(value)}{'' if unit == 'pct' else ' '}{UNITS_ZH.get(unit, unit)}".rstrip()


BESIDE = re.compile(r"(?<=[A-Za-z])(?=[\u4e00-\u9fff])|(?<=[\u4e00-\u9fff])(?=[A-Za-z])")


def spaced(chinese: str) -> str:
    """With a space between a Chinese character and a Latin letter, as Taiwan's publishers set them."""
    return BESIDE.sub(" ", chinese)


def name_en(name: str) -> str:
    """What the page calls a series, a part, a holder or a developer; a name without a term stands for itself."""
    known = terms().concepts.get(name)
    return known.en if known else name.replace("_", " ")


def name_zh(name: str) -> str:
    """The same in Chinese."""
    known = terms().concepts.get(name)
    return known.zh if known else name.replace("_", " ")


RIVAL = re.compile(r"(.+) against (.+?)(?: (-?\d+) %)?, as good (\d+), priced (\d+)")
SCALE = re.compile(r"([a-z_]+)@(\d{4}-\d\d-\d\d)")
TO_DAY = re.compile(r"guide to (\d{4}-\d\d-\d\d)")


def labelled(label: str, said: Sentences) -> tuple[str, str]:
    """What the label of an evidence row stands for, in English and in Chinese: a statement's sentence, without its full
    stop, else its name."""
    if label in said:
        english, chinese = said[label]
        return english.rstrip("."), chinese.rstrip("。")
    if found := RIVAL.fullmatch(label):
        own, rival, percent, good, priced = found.groups()
        beside = "無可比價之對手" if rival == "none" else f"對 {model_title(rival)} {signed(float(percent or 0), 0)}%"
        english = with_model_titles(label.replace(" against none", " against no priced rival"))
        return english, f"{model_title(own)} {beside}（同級 {good} 款，其中有價 {priced} 款）"
    if found := SCALE.fullmatch(label):
        return f"{name_en(found[1])}, scale of {found[2]}", f"{name_zh(found[1])}，{found[2]} 起的尺度"
    if found := TO_DAY.fullmatch(label):
        return label, f"至 {found[1]} 之指引"
    return with_model_titles(name_en(label)), with_model_titles(name_zh(label))


def verdict_en(verdict: str) -> str:
    """A verdict as the English page calls it, within a sentence."""
    return terms().verdicts[verdict].en.lower()


def verdict_zh(verdict: str) -> str:
    """A verdict as the page calls it."""
    return terms().verdicts[verdict].zh


def unit_en(told: str, unit: str) -> str:
    """A number or two with the unit, as the page writes it."""
    known = terms().units.get(unit)
    return known.en.replace("{}", told) if known else f"{told} {unit}".rstrip()


def unit_zh(told: str, unit: str) -> str:
    """The same in Chinese."""
    known = terms().units.get(unit)
    return known.zh.replace("{}", told) if known else f"{told} {unit}".rstrip()


UNITS_ZH = {
    "USD/Mtok": "美元／百萬 token",
    "CNY/Mtok": "人民幣／百萬 token",
    "points": "分",
    "pct": "%",
    "months": "個月",
    "days": "天",
    "times": "倍",
}
