"""Wording of notices: the catalogue's, changed by people, checked before it is kept, filled when it is sent."""

from __future__ import annotations

from collections.abc import Mapping
from string import Formatter

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core import audit
from backend.core.errors import Conflict, Invalid, NotFound
from backend.core.language import Language, localise
from backend.core.schemas import Names
from backend.notices.catalogue import DISCREET, Template, Tongue, Wording, catalogue
from backend.notices.models import NoticeTemplate, Purpose

TEXTS = ("zh", "en", "zh_discreet", "en_discreet")
CAMPAIGN_VARIABLES = ["salutation"]


class TemplateChanged(Conflict):
    """Somebody changed the template meanwhile."""

    code = "version_conflict"


class Known(Template):
    """A template as it is in force; version 0 is the catalogue's own wording."""

    name: str
    version: int = 0
    is_own: bool = False  # added by people, not in the catalogue


def tongue_of(language: str) -> Tongue:
    return "en" if language == "en" else "zh"


async def every(session: AsyncSession) -> list[Known]:
    """All templates in force, the catalogue's first."""
    changed = {row.name: row for row in await session.scalars(select(NoticeTemplate))}
    names = [*catalogue().templates, *sorted(set(changed) - set(catalogue().templates))]
    return [_in_force(name, changed.get(name)) for name in names]


async def named(session: AsyncSession, name: str) -> Known:
    """The template in force under this name; raises `NotFound`."""
    changed = await session.get(NoticeTemplate, name)
    if changed is None and name not in catalogue().templates:
        raise NotFound("There is no such template.")
    return _in_force(name, changed)


def _in_force(name: str, changed: NoticeTemplate | None) -> Known:
    ours = catalogue().templates.get(name)
    if changed is None:
        assert ours is not None
        return Known(name=name, **ours.model_dump())
    words = {text: getattr(changed, text) for text in TEXTS}
    words |= {"title": Names(zh=changed.title_zh, en=changed.title_en)}
    if ours is None:
        own = {"purpose": Purpose.MARKETING, "variables": CAMPAIGN_VARIABLES}
        return Known(name=name, version=changed.version, is_own=True, **words, **own)
    return Known(name=name, version=changed.version, **(ours.model_dump() | words))


def fields_of(text: str, field: str | None = None) -> set[str]:
    """The placeholders in a text; raises `Invalid`, naming `field`, for anything but plain `{name}`."""
    names = set()
    try:
        for _, name, spec, conversion in Formatter().parse(text):
            if name is None:
                continue
            if not name.isidentifier() or spec or conversion:
                told = f"Write placeholders as {{name}}; “{name}” is not one."
                raise Invalid(told, field=field, rule="placeholder", limit=name)
            names.add(name)
    except ValueError as error:
        told = "A brace is not closed. Placeholders are written as {name}."
        raise Invalid(told, field=field, rule="open_brace", limit="") from error
    return names


def check(wording: Wording, variables: list[str]) -> None:
    """Raises `Invalid` for an unknown placeholder, or one that a discreet text must not hold."""
    for name in TEXTS:
        used = fields_of(getattr(wording, name), name)
        if unknown := sorted(used - set(variables)):
            why = {"rule": "unknown_placeholder", "limit": unknown[0]}
            raise Invalid(f"{name}: this notice knows no {{{unknown[0]}}}.", field=name, **why)
        if name.endswith("_discreet") and (told := sorted(used - DISCREET)):
            why = {"rule": "told_to_unproved", "limit": told[0]}
            raise Invalid(f"{name}: {{{told[0]}}} must not go to an unproved number.", field=name, **why)


async def change(
    session: AsyncSession, name: str, title: Names, wording: Wording, version: int, agent_id: int | None
) -> Known:
    """Keep new wording under `name` (a new template when version is 0 and nobody knows the name).

    Raises `Invalid`, or `TemplateChanged` when `version` is not the present one.
    """
    ours = catalogue().templates.get(name)
    check(wording, ours.variables if ours else CAMPAIGN_VARIABLES)
    row = await session.get(NoticeTemplate, name, with_for_update=True)
    if (row.version if row else 0) != version:
        raise TemplateChanged("Somebody changed this template meanwhile. Load it again.")
    if row is None:
        row = NoticeTemplate(name=name, version=0)
        session.add(row)
    row.title_zh, row.title_en = title.zh, title.en
    for text in TEXTS:
        setattr(row, text, getattr(wording, text))
    row.version, row.changed_by = version + 1, agent_id
    await session.flush()
    await audit.record(session, _actor(agent_id), "notice_template.changed", f"template:{name}")
    return _in_force(name, row)


async def reset(session: AsyncSession, name: str, agent_id: int | None) -> Known:
    """Back to the catalogue's wording; raises `NotFound` for a template that is not in it."""
    if name not in catalogue().templates:
        raise NotFound("Only the built-in templates have an original wording.")
    row = await session.get(NoticeTemplate, name)
    if row is not None:
        await session.delete(row)
        await session.flush()
        await audit.record(session, _actor(agent_id), "notice_template.reset", f"template:{name}")
    return _in_force(name, None)


def _actor(agent_id: int | None) -> str:
    return f"agent:{agent_id}" if agent_id else "system"


def fill(template: Template, language: Language, is_discreet: bool, values: Mapping[str, str]) -> str:
    """The text in the customer's language and script."""
    return localise(template.text(tongue_of(language), is_discreet).format_map(values), language)


def told(
    template: Template, language: Language, is_discreet: bool, values: Mapping[str, str]
) -> dict[str, str]:
    """Those of `values` that the chosen text names: what leaves our house, in its script."""
    used = fields_of(template.text(tongue_of(language), is_discreet))
    return {name: localise(value, language) for name, value in values.items() if name in used}


def example(template: Template, language: Language, is_discreet: bool, wording: Wording | None = None) -> str:
    """How it reads, with invented values."""
    tongue = tongue_of(language)
    values = {name: getattr(catalogue().examples[name], tongue) for name in template.variables}
    text = (wording or template).text(tongue, is_discreet)
    return localise(text.format_map(values), language)
