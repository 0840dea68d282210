"""What no channel could tell a customer, somebody of ours tells by phone: a task."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from backend.core import clock
from backend.core.language import Language
from backend.core.texts import say
from backend.customers.models import Customer
from backend.notices.models import Notice
from backend.notices.templates import Known
from backend.tasks.models import TaskKind, TaskOrigin
from backend.tasks.service import add_task

WITHIN = timedelta(days=1)


async def call_instead(
    session: AsyncSession, notice: Notice, customer: Customer, template: Known, zone: ZoneInfo
) -> None:
    """A call-back that names the notice and what it is about; once a notice."""
    language: Language = "en" if customer.language == "en" else "zh-Hans"
    title = template.title.en if language == "en" else template.title.zh
    subject = notice.subject.partition(":")[2]
    summary = say("task_not_reached", language, title=title, subject=subject)
    await add_task(
        session,
        zone,
        TaskKind.CALLBACK,
        summary,
        clock.now() + WITHIN,
        TaskOrigin.NOTICE,
        origin_key=f"notice:{notice.id}",
        customer_id=customer.id,
    )
