"""What giving up a policy brings and costs, before anybody asks for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from sqlalchemy.ext.asyncio import AsyncSession

from backend.policies.models import PaymentFrequency, Policy, PolicyStatus, ProductType
from backend.policies.payments import paid_in_total

CENT = Decimal("0.01")
LONG_TERM = (ProductType.CRITICAL_ILLNESS, ProductType.LIFE)


@dataclass(frozen=True)
class SurrenderTerms:
    """Codes are for the bot's and the console's catalogues. `refund` is None where a person has to work it out."""

    is_cooling_off: bool
    cash_value: Decimal | None
    refund: Decimal | None
    loses: list[str]
    alternatives: list[str]


async def surrender_terms(session: AsyncSession, policy: Policy, today: date) -> SurrenderTerms:
    """What a surrender today means; needs the policy's product loaded.

    Within the cooling-off period all premiums come back. After it the cash value does, as the core system tells it
    or by the product's table; products without one return what a person works out.
    """
    paid = await paid_in_total(session, policy.id)
    days = policy.product.cooling_off_days
    is_cooling_off = days is not None and today < policy.issued_on + timedelta(days=days)
    value = policy.cash_value if policy.cash_value is not None else _by_table(policy, paid, today)
    return SurrenderTerms(
        is_cooling_off=is_cooling_off,
        cash_value=value,
        refund=paid if is_cooling_off else value,
        loses=_losses(policy, today),
        alternatives=_alternatives(policy, value, is_cooling_off),
    )


def _by_table(policy: Policy, paid: Decimal, today: date) -> Decimal | None:
    percents = policy.product.cash_value_percents
    if not percents:
        return None
    started = policy.issued_on
    years = today.year - started.year - ((today.month, today.day) < (started.month, started.day))
    percent = Decimal(str(percents[min(max(years, 0), len(percents) - 1)]))
    return (paid * percent / 100).quantize(CENT, ROUND_HALF_UP)


def _losses(policy: Policy, today: date) -> list[str]:
    losses = [] if policy.status == PolicyStatus.LAPSED else ["cover"]
    if policy.product.type in (*LONG_TERM, ProductType.MEDICAL):
        # A new policy asks about health again, waits again, and costs more with age.
        losses += ["waiting_period_again", "health_questions_again", "higher_premium_later"]
    if policy.product.type == ProductType.AUTO:
        losses.append("no_claim_discount")
    return losses


def _alternatives(policy: Policy, value: Decimal | None, is_cooling_off: bool) -> list[str]:
    if policy.status == PolicyStatus.LAPSED:
        # Its grace is over and nothing can be changed or borrowed before it is in force again.
        return ["reinstatement"] if policy.product.reinstatement_years else []
    choices = []
    if policy.product.grace_days:
        choices.append("use_grace_period")
    if value and not is_cooling_off:
        choices += ["policy_loan", "reduced_paid_up"]
    if policy.product.type in LONG_TERM:
        choices.append("lower_sum_insured")
    if policy.payment_frequency == PaymentFrequency.ANNUAL:
        choices.append("pay_monthly")
    return choices
