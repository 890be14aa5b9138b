"""Days and periods as they are said in Chinese, in the words that `dates.py` reads."""

from __future__ import annotations

import re

_WORDS = {
    "today": "今天 今日",
    "tomorrow": "明天 明日",
    "yesterday": "昨天 昨日",
    "+2d": "后天",
    "+3d": "大后天",
    "-2d": "前天",
    "som": "月初 本月初",
    "eom": "月底 月末 本月底 本月末",
    "soq": "季初 季度初 本季初",
    "eoq": "季末 季底 季度末 季度底 本季末 本季度末",
    "soy": "年初 今年初",
    "eoy": "年底 年末 今年底 今年末",
    "eow": "周末 本周末",
    "this week": "本周 这周 这个星期",
    "next week": "下周 下个星期 下星期",
    "last week": "上周 上个星期 上星期",
    "this month": "本月 这个月",
    "next month": "下月 下个月",
    "last month": "上月 上个月",
    "this quarter": "本季度 本季 这个季度",
    "next quarter": "下季度 下个季度 下季",
    "last quarter": "上季度 上个季度 上季",
    "this year": "今年 本年",
    "next year": "明年",
    "last year": "去年",
}
_SAID = {chinese: english for english, words in _WORDS.items() for chinese in words.split()}
_DAYS = {
    c: day
    for day, chars in zip(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), ("一", "二", "三", "四", "五", "六", "日天"), strict=True)
    for c in chars
}
_WEEKDAY = re.compile(r"(这|本|下|下个|上|上个)?(?:周|星期|礼拜)([一二三四五六日天])")
_COUNT = re.compile(r"(\d{1,4}|[一两二三四五六七八九十])(天|日|周|个?星期|个?月|年)(后|以后|之后|前|以前|之前)")
_FIGURES = {c: n for n, c in enumerate("一二三四五六七八九十", 1)} | {"两": 2}
_UNITS = {"天": "d", "日": "d", "周": "w", "星期": "w", "月": "m", "年": "y"}


def in_english(text: str) -> str:
    """`下周五` as `fri of next week`, `3天后` as `+3d`, `月底` as `eom`; a text that is none of these as it stands."""
    if timed := re.fullmatch(r"(\D+|\d{1,4}\D+?) ?(\d{1,2}:\d\d(?::\d\d)?)", text):
        return f"{in_english(timed[1].strip())} {timed[2]}"
    if text in _SAID:
        return _SAID[text]
    if found := _WEEKDAY.fullmatch(text):
        which = {"下": "next", "上": "last"}.get((found[1] or "")[:1], "this" if found[1] else "")
        return f"{_DAYS[found[2]]} of {which} week" if which else _DAYS[found[2]]
    if found := _COUNT.fullmatch(text):
        sign = "+" if "后" in found[3] else "-"
        return f"{sign}{_FIGURES.get(found[1], found[1])}{_UNITS[found[2].removeprefix('个')]}"
    return text
