"""Losses that are being told, and pictures that were handed in: tiny drawings that say that they are invented."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from PIL import Image, ImageDraw
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.claims.catalogue import document_name
from backend.claims.models import Claim, ClaimDocument, ClaimDraft, ClaimFile, DraftState, Stage
from backend.core import files
from backend.policies.models import IN_FORCE, Policy, Product, ProductType

DRAFTS = (
    ("wechat", ProductType.AUTO, "auto_damage", "倒车时撞到花坛，后保险杠裂了。"),
    ("web", ProductType.ACCIDENT, "accident_medical", "下楼梯扭伤脚踝，去医院拍了片。"),
    ("sms", ProductType.HOME, "home_damage", None),
    ("wechat", ProductType.MEDICAL, None, "父亲住院，想先了解需要哪些材料。"),
)
CLAIMS_WITH_FILES = 24
FILES_EACH = 3
SIZE = (320, 220)


async def load_papers(
    session: AsyncSession, data_dir: Path | None, played: int, today: date, zone: ZoneInfo
) -> int:
    """Drafts of people after the first `played`, and files where `data_dir` says; how many rows."""
    drafts = [draft async for draft in _drafts(session, played, today, zone)]
    pictures = await _files(session, data_dir) if data_dir is not None else []
    session.add_all([*drafts, *pictures])
    await session.flush()
    return len(drafts) + len(pictures)


async def _drafts(
    session: AsyncSession, played: int, today: date, zone: ZoneInfo
) -> AsyncIterator[ClaimDraft]:
    taken: set[int] = set()
    for order, (channel, product, kind, story) in enumerate(DRAFTS):
        query = (
            select(Policy)
            .join(Product, Product.id == Policy.product_id)
            .where(Product.type == product, Policy.status.in_(IN_FORCE), Policy.holder_id > played)
            .where(Policy.holder_id.not_in(taken))
            .order_by(Policy.id)
            .limit(1)
        )
        policy = await session.scalar(query)
        if policy is None:
            continue
        taken.add(policy.holder_id)
        at = datetime.combine(today - timedelta(days=order + 1), time(10 + order, 20), zone)
        yield ClaimDraft(
            customer_id=policy.holder_id,
            started_on=channel,
            state=DraftState.OPEN,
            policy_id=policy.id if kind else None,
            product_type=product,
            type=kind,
            incident_date=today - timedelta(days=order + 2) if story else None,
            description=story,
            created_at=at,
            updated_at=at,
            expires_at=at + timedelta(days=30),
        )


async def _files(session: AsyncSession, data_dir: Path) -> list[ClaimFile]:
    """For the newest undecided claims, pictures of documents that have arrived."""
    undecided = (
        select(Claim.id)
        .where(Claim.stage.in_((Stage.AWAITING_DOCUMENTS, Stage.UNDER_REVIEW, Stage.INVESTIGATING)))
        .order_by(Claim.id.desc())
        .limit(CLAIMS_WITH_FILES)
    )
    query = (
        select(ClaimDocument)
        .where(ClaimDocument.claim_id.in_(undecided), ClaimDocument.received_at.is_not(None))
        .where(ClaimDocument.position < FILES_EACH)
        .order_by(ClaimDocument.id)
    )
    return list(_rows(list(await session.scalars(query)), data_dir))


def _rows(documents: list[ClaimDocument], data_dir: Path) -> Iterator[ClaimFile]:
    for document in documents:
        stored = files.keep(data_dir, picture(document.code, document.claim_id))
        yield ClaimFile(
            claim_id=document.claim_id,
            code=document.code,
            name=stored.name,
            shown_name=f"{document.code}.jpg",
            content_type=stored.content_type,
            size=stored.size,
            sha256=stored.sha256,
            received_at=document.received_at,
            received_from="demo",
        )


def picture(code: str, seed: int) -> bytes:
    """A sheet of paper with a title and lines; the same for a seed."""
    rng = Random(f"{code}{seed}")
    image = Image.new(
        "RGB", SIZE, (rng.randrange(215, 245), rng.randrange(220, 245), rng.randrange(220, 245))
    )
    draw = ImageDraw.Draw(image)
    draw.rectangle((24, 14, SIZE[0] - 24, SIZE[1] - 14), fill="white", outline=(150, 160, 160))
    draw.text((40, 28), document_name(code).en[:40], fill=(30, 60, 60))
    for line in range(6):
        end = rng.randrange(120, SIZE[0] - 40)
        draw.line((40, 62 + line * 20, end, 62 + line * 20), fill=(170, 178, 178), width=4)
    draw.text((40, SIZE[1] - 34), "DEMO - invented", fill=(170, 60, 60))
    written = io.BytesIO()
    image.save(written, "JPEG", quality=80)
    return written.getvalue()
