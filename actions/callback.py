"""A call back: a number, a time that suits, and a colleague's task."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from actions.crm import Record
from actions.formatting import format_moment
from actions.forms import form
from actions.loops import begin, end
from actions.settings import settings
from actions.turn import Part, Turn, part
from actions.words import holds

FORM = "callback_form"
_HOUR_ZH = re.compile(
    r"(上午|早上|中午|下午|傍晚|晚上)?\s?(\d{1,2}|[一二两三四五六七八九十]{1,2})\s?[点时](半)?"
)
_HOUR_EN = re.compile(r"\b(\d{1,2})(?::(\d\d))?\s?(am|pm)\b|\b(\d{1,2}):(\d\d)\b", re.IGNORECASE)
_HAN = {han: number for number, han in enumerate("一二三四五六七八九十", 1)} | {
    "两": 2,
    "十一": 11,
    "十二": 12,
}
_AFTERNOON = ("下午", "傍晚", "晚上")
_PART_OF_DAY = {
    "上午": 10,
    "早上": 9,
    "中午": 12,
    "下午": 15,
    "晚上": 19,
    "morning": 10,
    "noon": 12,
    "afternoon": 15,
    "evening": 19,
}
_NO_TASK = {"cancel", "request_human", "goodbye"}


def wants_call(turn: Turn) -> bool:
    """Say whether the customer wants to be called rather than written to."""
    return holds("call_back", turn.text) or turn.entity("matter") == "callback"


def begin_call(turn: Turn) -> None:
    """Begin with what the message says of number and time."""
    begin(turn, FORM, {"text": turn.text, **_read(turn)})


def _read(turn: Turn) -> Record:
    given = {"phone": turn.entity("phone_number"), "call_at": _moment(turn)}
    return {name: value for name, value in given.items() if value}


def _moment(turn: Turn) -> str | None:
    """Return the time that the message names, in the insurer's zone; None when it names none to come."""
    hour = _hour(turn.text)
    day = turn.entity("date")
    if hour is None:
        return None
    zone = ZoneInfo(settings().timezone)
    today = turn.today()
    moment = datetime.combine(datetime.fromisoformat(day).date() if day else today, hour, zone)
    received = datetime.fromisoformat(turn.received_at) if turn.received_at else datetime.now(zone)
    if not day and moment < received:
        moment += timedelta(days=1)
    return moment.isoformat() if moment > received else None


def _hour(text: str) -> time | None:
    chinese, english = _HOUR_ZH.search(text), _HOUR_EN.search(text)
    if chinese:
        number = int(chinese[2]) if chinese[2].isdigit() else _HAN.get(chinese[2], 25)
        number += 12 if chinese[1] in _AFTERNOON and number < 12 else 0
        return time(number, 30 if chinese[3] else 0) if number < 24 else None
    if english:
        number = int(english[1] or english[4])
        number += 12 if (english[3] or "").lower() == "pm" and number < 12 else 0
        minutes = int(english[2] or english[5] or 0)
        return time(number, minutes) if number < 24 and minutes < 60 else None
    part_of_day = next((hour for words, hour in _PART_OF_DAY.items() if words in text.lower()), None)
    return time(part_of_day) if part_of_day else None


async def ask(turn: Turn) -> None:
    """Ask for a number when none is on record, and for the time that suits."""
    matter = turn.matter
    me = await turn.crm.me()
    if not matter.get("phone") and me["level"] == 0:
        turn.ask_for("phone")
        turn.say("utter_ask_callback_phone")
    elif not matter.get("call_at") and not matter.get("is_any_time"):
        turn.say("utter_ask_callback_time", number=matter.get("phone") or part("utter_number_on_record"))
    else:
        await _make(turn, matter)


async def take(turn: Turn) -> bool:
    """Take a number, a time, or that any time will do."""
    if turn.intent in _NO_TASK and not wants_call(turn):
        return False
    matter = turn.matter
    given = _read(turn)
    if not given and (turn.intent == "affirm" or holds("any_time", turn.text)):
        given = {"is_any_time": True}
    if not given and turn.intent not in ("inform", "deny", "request_human"):
        return False
    if not given and matter.get("phone"):
        given = {"is_any_time": True}
    matter |= given
    if turn.entity("date") and not matter.get("call_at"):
        matter |= {"is_any_time": True, "wish": turn.text}
    turn.keep(matter)
    if not given and not matter.get("phone"):
        turn.say("utter_phone_not_understood")
    return True


async def _make(turn: Turn, matter: Record) -> None:
    summary = " / ".join(text for text in (matter.get("text"), matter.get("wish")) if text)
    task = await turn.crm.add_task(
        "callback", summary[:500], phone=matter.get("phone"), call_at=matter.get("call_at")
    )
    turn.say("utter_callback_taken", number=task["number"], who=who(task), when=_when(turn, task, matter))
    end(turn)


def _when(turn: Turn, task: Record, matter: Record) -> Part:
    if matter.get("call_at"):
        return part("utter_call_at", time=format_moment(matter["call_at"], turn.language))
    return part("utter_call_by", time=format_moment(task["due_at"], turn.language))


def who(task: Record) -> Part | str:
    """Return the name of the colleague whose task it is; a colleague when nobody has it yet."""
    return str(task["owner"]) if task.get("owner") else part("utter_a_colleague")


form(FORM, resumed_by="action_request_human", ask=ask, take=take)
