"""Dates as people write them, resolved against the day the message was received."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta

from bot.entities.amounts import han_number
from bot.entities.found import Found

_FUTURE = re.compile(
    r"下个?[周月年]|之后|以后|将|要交|该交|到期|生效|扣款|明[天年]|后天|will|next|due|expires?|until|from now|by ",
    re.IGNORECASE,
)
_MONTHS = {
    name: index
    for index, names in enumerate(
        (
            "january jan",
            "february feb",
            "march mar",
            "april apr",
            "may",
            "june jun",
            "july jul",
            "august aug",
            "september sept sep",
            "october oct",
            "november nov",
            "december dec",
        ),
        start=1,
    )
    for name in names.split()
}
_MONTH = "(" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\.?"
_WEEKDAYS = {"一": 0, "二": 1, "三": 2, "四": 3, "五": 4, "六": 5, "日": 6, "天": 6}
_DAY_NAMES = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_RELATIVE = {
    "大前天": -3,
    "前天": -2,
    "前晚": -2,
    "昨天": -1,
    "昨日": -1,
    "昨晚": -1,
    "昨儿": -1,
    "昨夜": -1,
    "今天": 0,
    "今日": 0,
    "今早": 0,
    "今晚": 0,
    "今儿": 0,
    "今晨": 0,
    "刚才": 0,
    "大后天": 3,
    "后天": 2,
    "明天": 1,
    "明日": 1,
    "明早": 1,
    "明晚": 1,
    "the day before yesterday": -2,
    "day before yesterday": -2,
    "yesterday": -1,
    "last night": -1,
    "today": 0,
    "this morning": 0,
    "this afternoon": 0,
    "tonight": 0,
    "just now": 0,
    "the day after tomorrow": 2,
    "tomorrow": 1,
}
_WORD_NUMBERS = {
    "a": 1,
    "an": 1,
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "ten": 10,
    "couple of": 2,
}
_H = "[一二两三四五六七八九十]"

_FULL = re.compile(r"(?<!\d)((?:19|20)\d\d)\s?[-/.年]\s?(\d{1,2})\s?[-/.月]\s?(\d{1,2})(?!\d)\s?[日号]?")
_COMPACT = re.compile(r"(?<![0-9A-Za-z])(20\d\d)(0[1-9]|1[0-2])([0-2]\d|3[01])(?!\d)")
_MONTH_DAY = re.compile(
    rf"(?<![\d年])(去年|今年|明年)?(\d{{1,2}}|{_H}{{1,2}})\s?月\s?(\d{{1,2}}|{_H}{{1,3}})\s?[日号]?"
)
_SLASHED = re.compile(r"(?<![\d/.])(1[0-2]|0?[1-9])/(3[01]|[12]\d|0?[1-9])(?![\d/])")
_DAY_ONLY = re.compile(
    rf"(?:(上个?月|这个?月|本月|下个?月)|(?<![\d月]))(\d{{1,2}}|{_H}{{1,3}})[号日](?![码线楼])"
)
_EN_MONTH_DAY = re.compile(
    rf"\b{_MONTH}\s+(\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s+((?:19|20)\d\d))?", re.IGNORECASE
)
_EN_DAY_MONTH = re.compile(
    rf"\b(\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH}\b(?:,?\s+((?:19|20)\d\d))?", re.IGNORECASE
)
_EN_DAY_ONLY = re.compile(
    r"\bthe\s+(\d{1,2})(?:st|nd|rd|th)\b(?:\s+of\s+(last|this|next)\s+month)?", re.IGNORECASE
)
_WEEKDAY = re.compile(r"(上上个?|上个?|这个?|本|下个?)?(?:周|星期|礼拜)([一二三四五六日天])")
_EN_WEEKDAY = re.compile(
    r"\b(last|this|next|on)?\s*\b(monday|tuesday|wednesday|thursday|friday|saturday|sunday|tues|thurs|mon|tue|wed|thu|fri|sat|sun)\b",
    re.IGNORECASE,
)
_AGO = re.compile(rf"(\d{{1,3}}|{_H}{{1,3}}|半)\s?个?(天|日|周|星期|礼拜|月|年)(以?前|之前|以?后|之后)")
_EN_AGO = re.compile(
    r"\b(\d{1,3}|an?|one|two|three|four|five|six|seven|ten|couple of)\s+(day|week|month|year)s?\s+ago\b",
    re.IGNORECASE,
)
_RELATIVE_RE = re.compile("|".join(sorted(map(re.escape, _RELATIVE), key=len, reverse=True)), re.IGNORECASE)


def _number(text: str) -> int:
    return int(text) if text.isdigit() else han_number(text) or 0


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _nearest(month: int, day: int, today: date, future: bool) -> date | None:
    """Take the year that puts the day nearest, on the side that the wording asks for."""
    years = [today.year - 1, today.year, today.year + 1]
    days = [found for year in years if (found := _day(year, month, day))]
    wanted = [found for found in days if (found >= today if future else found <= today)]
    return min(wanted, key=lambda found: abs(found - today), default=None)


def _shift_months(today: date, months: int) -> tuple[int, int]:
    index = today.year * 12 + today.month - 1 + months
    return index // 12, index % 12 + 1


def _minus(today: date, count: int, unit: str) -> date | None:
    if unit in ("天", "日", "day"):
        return today + timedelta(days=count)
    if unit in ("周", "星期", "礼拜", "week"):
        return today + timedelta(weeks=count)
    year, month = _shift_months(today, count * (12 if unit in ("年", "year") else 1))
    return next(
        (found for day in range(today.day, 27, -1) if (found := _day(year, month, day))), None
    ) or _day(year, month, min(today.day, 28))


def _day_of_month(today: date, day: int, offset: int | None, future: bool) -> date | None:
    if offset is not None:
        return _day(*_shift_months(today, offset), day)
    this = _day(today.year, today.month, day)
    if this and (this >= today if future else this <= today):
        return this
    return _day(*_shift_months(today, 1 if future else -1), day)


def _weekday(today: date, weekday: int, weeks: int | None, future: bool) -> date:
    monday = today - timedelta(days=today.weekday())
    if weeks is not None:
        return monday + timedelta(days=weekday, weeks=weeks)
    this = monday + timedelta(days=weekday)
    if future:
        return this if this >= today else this + timedelta(weeks=1)
    return this if this <= today else this - timedelta(weeks=1)


def _zh_month_day(match: re.Match[str], today: date, future: bool) -> date | None:
    month, day = _number(match[2]), _number(match[3])
    if match[1]:
        return _day(today.year + {"去年": -1, "今年": 0, "明年": 1}[match[1]], month, day)
    return _nearest(month, day, today, future)


def _en_month_day(month: str, day: str, year: str | None, today: date, future: bool) -> date | None:
    number = _MONTHS[month.lower()]
    return _day(int(year), number, int(day)) if year else _nearest(number, int(day), today, future)


_ZH_OFFSET = {"上": -1, "这": 0, "本": 0, "下": 1}
_EN_OFFSET = {"last": -1, "this": 0, "next": 1}
_ZH_WEEKS = {"上上": -2, "上": -1, "这": 0, "本": 0, "下": 1}


def _en_weekday(match: re.Match[str], today: date, future: bool) -> date | None:
    weekday = _DAY_NAMES.index(match[2].lower()[:3])
    word = (match[1] or "").lower()
    if word == "next":
        return _weekday(today, weekday, 1, True)
    if word == "last":
        found = _weekday(today, weekday, None, False)
        return found - timedelta(weeks=1) if found == today else found
    if not word and len(match[2]) <= 3:
        return None  # "sat", "sun", "wed" alone are more often words than days
    return _weekday(today, weekday, None, future)


Resolver = Callable[["re.Match[str]", date, bool], "date | None"]
_RULES: list[tuple[re.Pattern[str], Resolver]] = [
    (_FULL, lambda m, today, future: _day(int(m[1]), int(m[2]), int(m[3]))),
    (_COMPACT, lambda m, today, future: _day(int(m[1]), int(m[2]), int(m[3]))),
    (_MONTH_DAY, _zh_month_day),
    (_EN_MONTH_DAY, lambda m, today, future: _en_month_day(m[1], m[2], m[3], today, future)),
    (_EN_DAY_MONTH, lambda m, today, future: _en_month_day(m[2], m[1], m[3], today, future)),
    (_SLASHED, lambda m, today, future: _nearest(int(m[1]), int(m[2]), today, future)),
    (_AGO, lambda m, today, future: _ago(m, today)),
    (_EN_AGO, lambda m, today, future: _minus(today, -_count(m[1]), m[2].lower())),
    (_RELATIVE_RE, lambda m, today, future: today + timedelta(days=_RELATIVE[m[0].lower()])),
    (
        _WEEKDAY,
        lambda m, today, future: _weekday(
            today, _WEEKDAYS[m[2]], _ZH_WEEKS[m[1].rstrip("个")] if m[1] else None, future
        ),
    ),
    (_EN_WEEKDAY, _en_weekday),
    (
        _DAY_ONLY,
        lambda m, today, future: _day_of_month(
            today, _number(m[2]), _ZH_OFFSET[m[1][0]] if m[1] else None, future
        ),
    ),
    (
        _EN_DAY_ONLY,
        lambda m, today, future: _day_of_month(
            today, int(m[1]), _EN_OFFSET[m[2].lower()] if m[2] else None, future
        ),
    ),
]


def _count(word: str) -> int:
    return int(word) if word.isdigit() else _WORD_NUMBERS[word.lower()]


def _ago(match: re.Match[str], today: date) -> date | None:
    sign = -1 if match[3].endswith("前") else 1
    if match[1] == "半":
        return today + timedelta(days=sign * {"月": 15, "年": 182}.get(match[2], 0))
    return _minus(today, sign * _number(match[1]), match[2])


def find_dates(text: str, today: date) -> Iterator[Found]:
    """Find dates; the value is ISO (`2026-11-21`), the earlier rule wins where two would fit."""
    future = bool(_FUTURE.search(text))
    for pattern, resolve in _RULES:
        for match in pattern.finditer(text):
            day = resolve(match, today, future)
            if day:
                yield Found("date", day.isoformat(), *match.span())
