"""Which channel a notice goes by, or why by none: a pure choice, the same for sending and for a dry run."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from backend.core import business, clock
from backend.core.settings import Settings
from backend.notices.models import Purpose
from backend.notices.reach import Reach, Way
from backend.notices.templates import Known

# Who wrote this recently is there: awake, and their web page is open.
PRESENT = timedelta(minutes=10)


@dataclass(frozen=True)
class Rules:
    """The settings in force when a choice is made."""

    zone: ZoneInfo
    sms_account: str
    channels: frozenset[str]
    is_passive: bool  # the WeChat account may only answer, or send templates
    order: list[str]
    caps: dict[str, list[int]]
    quiet_hours: dict[str, str]
    wechat_templates: dict[str, Any]
    sms_templates_cn: dict[str, Any]

    @property
    def cap_days(self) -> int:
        return max(days for _, days in self.caps.values())


@dataclass(frozen=True)
class Choice:
    """The way to go and why, with the channels that were passed over; or no way, with the reason."""

    way: Way | None
    because: str
    passed_over: list[tuple[str, str]]

    @property
    def is_discreet(self) -> bool:
        return self.way is not None and self.way.level < 2


def configured(settings: Settings) -> frozenset[str]:
    """The channels that this installation can send on."""
    channels = {"web"}
    channels |= {"sms"} if settings.twilio.is_configured else set()
    channels |= {"wechat"} if settings.wechat.is_configured else set()
    return frozenset(channels)


async def rules(session: AsyncSession, settings: Settings) -> Rules:
    """As they stand now."""
    return Rules(
        zone=settings.zone,
        sms_account=settings.twilio.account if settings.twilio.is_configured else "",
        channels=configured(settings),
        is_passive=settings.wechat.reply_mode == "passive",
        order=await business.setting(session, "notice_channels"),
        caps=await business.setting(session, "notice_caps"),
        quiet_hours=await business.setting(session, "quiet_hours"),
        wechat_templates=await business.setting(session, "wechat_templates"),
        sms_templates_cn=await business.setting(session, "sms_templates_cn"),
    )


def choose(one: Reach, template: Known, rule: Rules, tried: Collection[str] = ()) -> Choice:
    """The first channel that is open, in the order of the customer's wish, their habit, and the insurer's list."""
    passed_over: list[tuple[str, str]] = []
    if not one.consents.may_tell(template.purpose):
        return Choice(None, "no_consent", passed_over)
    for channel, because in _order(one, rule):
        if channel in tried:
            continue
        why_not = _closed(one, channel, template, rule)
        if why_not is None:
            return Choice(one.ways[channel], because, passed_over)
        passed_over.append((channel, why_not))
    return Choice(None, "all_channels_failed" if tried else "no_channel", passed_over)


def _order(one: Reach, rule: Rules) -> list[tuple[str, str]]:
    order: dict[str, str] = {}
    if one.preferred:
        order[one.preferred] = "asked_for"
    used = [(way.last_used, way.channel) for way in one.ways.values() if way.last_used and _is_at_hand(way)]
    if used:
        order.setdefault(max(used)[1], "last_used")
    for channel in rule.order:
        order.setdefault(channel, "usual_order")
    return list(order.items())


def _is_at_hand(way: Way) -> bool:
    """A message on a phone is seen; one on a web page only while the page is open."""
    return way.channel != "web" or (way.last_used is not None and way.last_used > clock.now() - PRESENT)


def _closed(one: Reach, channel: str, template: Known, rule: Rules) -> str | None:
    """Why the channel cannot take this notice to this customer; None when it can."""
    if channel not in rule.channels:
        return "channel_off"
    way = one.ways.get(channel)
    if way is None:
        return one.closed.get(channel, "no_phone" if channel == "sms" else "not_bound")
    purpose = Purpose(template.purpose)
    if way.is_stopped or (way.contact_id and one.consents.is_stopped(way.contact_id, purpose)):
        return "stopped"
    if not one.consents.may_tell(purpose, channel):
        return "refused_there"
    if channel == "sms" and way.recipient.startswith("+86") and template.name not in rule.sms_templates_cn:
        return "no_registered_wording"
    has_window = way.has_window and not rule.is_passive
    if channel == "wechat" and not has_window and template.name not in rule.wechat_templates:
        return "window_closed"
    return None


def capped_until(one: Reach, purpose: str, rule: Rules) -> datetime | None:
    """When this customer may be sent another notice of `purpose`; None when that is now."""
    most, days = rule.caps[purpose]
    since = clock.now() - timedelta(days=days)
    recent = [at for at in one.lately[purpose] if at > since]
    return recent[-most] + timedelta(days=days) if len(recent) >= most else None
