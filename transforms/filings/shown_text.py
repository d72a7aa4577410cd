"""What a browser shows of a page: which elements nobody sees, and which are marks of footnotes beside the text.

Style sheets of the page are read by their selectors, styles of an element by their declarations. What cannot be told from
them (a script, an outer style sheet) is taken as shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from bs4 import BeautifulSoup
from bs4.element import NavigableString, Tag
from soupsieve import SelectorSyntaxError

NEVER_SHOWN = frozenset(
    {"script", "style", "template", "noscript", "title", "datalist", "ix:header", "ix:hidden", "s", "strike", "del", "sup", "sub"}
)  # fmt: skip
INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb]"
)
RAISED_DIGITS = re.compile(r"[\u00b2\u00b3\u00b9\u2070-\u2079]|(?<=[\d%])[\u2020\u2021]")
HYPHENS = re.compile(r"[\u2010\u2011\u2212\ufe63]")
FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
PRINTED = re.compile(r"@media[^{]*\bprint\b[^{]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}", re.IGNORECASE)
RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
WHITE = frozenset(
    {"#fff", "#ffffff", "white", "transparent", "rgb(255,255,255)", "rgba(255,255,255,1)", "rgba(0,0,0,0)"}
)
INLINE = frozenset({"span", "font", "a", "b", "i", "em", "strong", "small", "u"})
FAR_OFF = -500
SMALLER = 0.8
MARK = re.compile(r"[\d*\u2020\u2021a-e]{1,2}")
GLUED = re.compile(r"[\d%]$")

Declared = dict[str, str]


def shown(text: str) -> str:
    """The text with plain spaces and hyphens, without characters nobody sees; 31 % and ( 5 )% are 31% and (5)%."""
    visible = HYPHENS.sub("-", RAISED_DIGITS.sub("", INVISIBLE.sub("", text.translate(FULL_WIDTH))))
    closed = re.sub(r"\(\s*([\d.,]+)\s*\)", r"(\1)", " ".join(visible.split()))
    return re.sub(r"(?<=[\d)]) %", "%", closed)


def remove_unseen(soup: BeautifulSoup) -> None:
    """Takes out of the page what a browser does not show, and the marks of footnotes."""
    unseen = [*_by_sheet(soup), *soup.find_all(_is_unseen)]
    for tag in unseen:
        tag.decompose()


@lru_cache(maxsize=4096)
def hides(style: str) -> bool:
    """Whether the declarations of an element's style leave nothing of it to be seen."""
    return _hides(_declared(style))


@lru_cache(maxsize=4096)
def raises(style: str, element: str) -> bool:
    """Whether they raise it above the line, as marks of footnotes are; cells at the top of their row are not."""
    return _raises(_declared(style), element)


def _by_sheet(soup: BeautifulSoup) -> Iterator[Tag]:
    """The elements that the page's own style sheets hide, strike or raise."""
    sheet = PRINTED.sub("", COMMENT.sub("", " ".join(style.get_text() for style in soup("style"))))
    for selectors, body in RULE.findall(sheet):
        declared = _declared(body)
        if not declared or selectors.strip().startswith("@"):
            continue
        try:
            found = soup.select(selectors.strip())
        except (SelectorSyntaxError, NotImplementedError):
            continue
        yield from (tag for tag in found if _hides(declared) or _raises(declared, tag.name))


def _is_unseen(tag: Tag) -> bool:
    if tag.name in NEVER_SHOWN or tag.has_attr("hidden"):
        return True
    if tag.name == "dialog" and not tag.has_attr("open"):
        return True
    declared = _declared(str(tag.get("style") or ""))
    if _hides(declared) or _raises(declared, tag.name) or _folded(tag):
        return True
    if declared.get("color", "") in WHITE or str(tag.get("color") or "").lower() in WHITE:
        return not any(_has_ground(one) for one in (tag, *tag.parents))
    return _is_mark(tag, declared)


def _declared(style: str) -> Declared:
    pairs = (one.partition(":") for one in style.lower().replace("!important", "").split(";"))
    return {name.strip(): value.replace(" ", "") for name, _, value in pairs if value}


def _hides(declared: Declared) -> bool:
    """Whether nothing of an element is seen, or all of it is struck out."""
    return (
        declared.get("display") == "none"
        or declared.get("visibility") in {"hidden", "collapse"}
        or declared.get("content-visibility") == "hidden"
        or 0 in {_number(declared.get("opacity", "1")), _number(declared.get("font-size", "1"))}
        or "line-through" in _decoration(declared)
        or _number(declared.get("text-indent", "0")) <= FAR_OFF
        or _is_clipped(declared)
    )


def _is_clipped(declared: Declared) -> bool:
    """Whether its box has no room for anything, or lies outside the page."""
    if declared.get("overflow", declared.get("overflow-y", "")) in {"hidden", "clip"} and any(
        _number(declared.get(side, "1")) == 0 for side in ("height", "max-height", "width", "max-width")
    ):
        return True
    if declared.get("position") not in {"absolute", "fixed"}:
        return False
    off = any(_number(declared.get(side, "0")) <= FAR_OFF for side in ("left", "right", "top", "bottom"))
    return off or declared.get("clip", "").startswith("rect(0") or declared.get("clip-path", "").startswith("inset(")


def _decoration(declared: Declared) -> str:
    return declared.get("text-decoration", "") + declared.get("text-decoration-line", "")


def _raises(declared: Declared, element: str) -> bool:
    raised = declared.get("vertical-align", "")
    if raised in {"super", "sub"} or (
        element in INLINE and (raised in {"top", "text-top"} or _number(raised or "0") > 0)
    ):
        return True
    if declared.get("position") != "relative":
        return False
    return _number(declared.get("top", "0")) < 0 or _number(declared.get("bottom", "0")) > 0


def _is_mark(tag: Tag, declared: Declared) -> bool:
    """Whether it is a mark glued to a number: a link within the page, or smaller than what stands around it."""
    if tag.name not in INLINE or not MARK.fullmatch(tag.get_text().strip()):
        return False
    before = tag.previous_sibling
    if not isinstance(before, NavigableString) or not GLUED.search(str(before)):
        return False
    linked = tag.name == "a" and str(tag.get("href") or "").startswith("#")
    return linked or tag.name == "small" or _is_smaller(tag, declared)


def _is_smaller(tag: Tag, declared: Declared) -> bool:
    if tag.name == "font" and str(tag.get("size") or "") in {"1", "-1", "-2", "-3"}:
        return True
    size = declared.get("font-size", "")
    if size in {"smaller", "small", "x-small", "xx-small"}:
        return True
    if size.endswith(("%", "em")):
        return _number(size) / (100 if size.endswith("%") else 1) < SMALLER
    sizes = (_declared(str(one.get("style") or "")).get("font-size", "") for one in tag.parents)
    around = next((_number(one) for one in sizes if one[-2:] == size[-2:]), 0.0)
    return bool(size) and 0 < _number(size) < SMALLER * around


def _folded(tag: Tag) -> bool:
    """Whether it stands in details that are not open, beside their summary."""
    parent = tag.parent
    return parent is not None and parent.name == "details" and not parent.has_attr("open") and tag.name != "summary"


def _has_ground(tag: Tag) -> bool:
    declared = _declared(str(tag.get("style") or ""))
    return tag.has_attr("bgcolor") or any(name.startswith("background") for name in declared)


def _number(value: str) -> float:
    """The number a length begins with; 1 for a word."""
    found = re.match(r"-?\d*\.?\d+", value)
    return float(found[0]) if found else 1.0
