"""The two models of the insurer, as pure functions: what a customer is worth, and whether a policy may lapse."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from backend.customers.facts import Facts
from backend.customers.models import Tier


@dataclass(frozen=True)
class Part:
    """Points, the reason for them, and the figure they were given for."""

    code: str
    fact: float
    points: int


def value_parts(facts: Facts, model: dict[str, Any]) -> list[Part]:
    """The points of each factor of `value_model`, those without points included."""
    figures = {
        "premium": facts.annual_premium,
        "years": facts.years,
        "persistence": facts.persistence,
        "cross_holding": max(0, facts.product_types - 1),
    }
    return [Part(code, round(figure, 2), _points(figure, model[code])) for code, figure in figures.items()]


def _points(figure: float, weight: dict[str, float]) -> int:
    return min(round(figure / weight["per"] * weight["points"]), round(weight["most"]))


def tier_for(points: int, model: dict[str, Any]) -> Tier:
    """The highest tier that so many points reach."""
    tiers = model["tiers"]
    if points >= tiers["gold"]:
        return Tier.GOLD
    return Tier.SILVER if points >= tiers["silver"] else Tier.STANDARD


def risk_reasons(facts: Facts, model: dict[str, Any]) -> list[Part]:
    """Why a policy in force may lapse; empty when there is no such sign, or nothing left to lapse."""
    if not facts.policies_in_force:
        return []
    signs = {
        "overdue": facts.overdue_days,
        "long_overdue": facts.overdue_days if facts.overdue_days >= model["long_overdue"]["days"] else 0,
        "past_lapse": facts.lapsed_policies,
        "paid_late": facts.paid_late,
        "declining_contact": _contacts_lost(facts, model["declining_contact"]["from"]),
    }
    return [Part(code, figure, _risk_points(figure, model[code])) for code, figure in signs.items() if figure]


def _risk_points(figure: int, weight: dict[str, int]) -> int:
    return min(figure * weight["points"], weight["most"]) if "most" in weight else weight["points"]


def _contacts_lost(facts: Facts, least: int) -> int:
    """How many contacts fewer than in the quarter before, when at least half of `least` or more are gone."""
    if facts.contacts_before < least or facts.contacts * 2 > facts.contacts_before:
        return 0
    return facts.contacts_before - facts.contacts


def tags_by_rule(facts: Facts, rules: list[dict[str, Any]]) -> set[str]:
    """The tags whose conditions all hold."""
    return {rule["tag"] for rule in rules if all(_holds(facts, condition) for condition in rule["all"])}


def _holds(facts: Facts, condition: dict[str, Any]) -> bool:
    figure = getattr(facts, condition["fact"])
    return bool(
        figure >= condition.get("at_least", float("-inf"))
        and figure <= condition.get("at_most", float("inf"))
    )
