"""The demo's notices: segments, registered SMS wordings, consents, a campaign's draft, and what the calendar plans."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from sqlalchemy import func, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.business import BusinessSetting
from backend.core.db import Base
from backend.customers.models import Customer
from backend.notices.catalogue import catalogue
from backend.notices.due import decide_due
from backend.notices.models import Campaign, CampaignKind, Consent, Notice, NoticeState, Purpose
from backend.segments.models import Segment

SEED = 417
SEGMENTS = (
    (
        "车险 30 天内到期",
        "续保名单",
        {"include": {"holds": [{"product_types": ["auto"], "ends_in": {"to_days": 30}}]}},
    ),
    (
        "只有车险的上海、浙江客户",
        "可推荐健康险",
        {
            "include": {"regions": ["上海", "浙江"], "holds": [{"product_types": ["auto"]}]},
            "exclude": {"holds": [{"product_types": ["medical", "critical_illness"]}]},
        },
    ),
    (
        "金牌客户，90 天没有联系",
        "客户经理回访名单",
        {"include": {"tiers": ["gold"], "last_contact": {"not_within_days": 90}}},
    ),
    (
        "愿意接收营销信息",
        "年底活动",
        {"include": {"consent": {"purpose": "marketing"}}, "exclude": {"has_open_claim": True}},
    ),
)


def registered_wordings() -> BusinessSetting:
    """As if the carriers had registered our discreet wordings: +86 numbers may get these and nothing else."""
    wordings = {name: {"zh": template.zh_discreet} for name, template in catalogue().templates.items()}
    wordings["reply_waiting"] = {
        "zh": "【安答保险】您在微信上的咨询有新回复，请在微信里给我们发一条消息查看。"
    }
    return BusinessSetting(key="sms_templates_cn", value={"value": wordings})


def approved_templates() -> BusinessSetting:
    """As if WeChat had approved a template message that tells of a waiting reply."""
    waiting = {"template_id": "TM-REPLY-WAITING", "fields": {"thing1": "{summary}", "time2": "{time}"}}
    return BusinessSetting(key="wechat_templates", value={"value": {"reply_waiting": waiting}})


def segment_rows() -> list[Segment]:
    return [
        Segment(name=name, description=description, filter=described)
        for name, description, described in SEGMENTS
    ]


def consent_rows(customers: Sequence[Customer], today: date, zone: ZoneInfo) -> list[Consent]:
    """Half of the people like greetings, a third hear of offers, a few want no reminders."""
    rng = Random(SEED)
    rows = []
    for customer in customers:
        said = {
            Purpose.GREETINGS: rng.random() < 0.5,
            Purpose.MARKETING: rng.random() < 0.33,
            Purpose.REMINDERS: rng.random() > 0.06,
        }
        asked_on = today - timedelta(days=rng.randrange(20, 700))
        for purpose, given in said.items():
            if given != (purpose == Purpose.REMINDERS):
                at = datetime.combine(asked_on, time(10), zone)
                rows.append(
                    Consent(
                        customer_id=customer.id, purpose=purpose, given=given, source="import", recorded_at=at
                    )
                )
    return rows


def campaign_row(segment: Segment) -> Campaign:
    return Campaign(
        kind=CampaignKind.MARKETING,
        title="年底保障体检",
        template="campaign_checkup",
        segment_id=segment.id,
        filter=segment.filter,
        rate_per_minute=120,
    )


async def load_notices(
    session: AsyncSession, customers: Sequence[Customer], today: date, zone: ZoneInfo
) -> list[Base]:
    """Save all of it. What the calendar asks for today is planned from tomorrow morning on, so that nobody who
    plays with the demo is overwhelmed on its first day."""
    segments = segment_rows()
    rows: list[Base] = [
        registered_wordings(),
        approved_templates(),
        *segments,
        *consent_rows(customers, today, zone),
    ]
    session.add_all(rows)
    await session.flush()
    draft = campaign_row(segments[-1])
    session.add(draft)
    await decide_due(session, zone, today)
    tomorrow = datetime.combine(today + timedelta(days=1), time(9, 30), zone)
    await session.execute(
        update(Notice)
        .where(Notice.state == NoticeState.PLANNED)
        .values(planned_for=func.greatest(Notice.planned_for, tomorrow))
    )
    return [*rows, draft]
