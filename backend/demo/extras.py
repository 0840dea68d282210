"""What people have beside policies and claims: riders, payments, accounts, family, tags, tasks, change requests."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

from stdnum import luhn

from backend.changes.models import AFTER, BEFORE, ChangeKind, ChangeRequest, ChangeState
from backend.core.crypto import Vault
from backend.core.db import Base
from backend.customers.models import (
    ACCOUNT,
    Customer,
    CustomerTag,
    FamilyMember,
    PaymentAccount,
    Relation,
)
from backend.demo.catalogue import products
from backend.demo.person import Person
from backend.policies.models import (
    Payment,
    PaymentAllocation,
    PaymentFrequency,
    PaymentMethod,
    Policy,
    PolicyRider,
    PremiumInstalment,
    ProductType,
)
from backend.tasks.models import Task, TaskKind, TaskOrigin, TaskState

SEED = 731
OCCUPATIONS = ("教师", "医生", "工程师", "会计", "司机", "个体经营", "公务员", "销售", "厨师", "退休")
ENGLISH_OCCUPATIONS = ("Teacher", "Engineer", "Accountant", "Nurse", "Retired")
BANKS = ("工商银行", "建设银行", "农业银行", "招商银行")
# No bank's cards begin so: 9 is left to the countries, and China assigned none.
CARD_PREFIX = "999999"
TAGS = ("VIP", "偏好电话", "老客户回访", "投诉处理过")
TASKS = (
    (TaskKind.CALLBACK, "回电说明下期保费和宽限期"),
    (TaskKind.FOLLOW_UP, "理赔赔付后回访满意度"),
    (TaskKind.QUOTE, "三口之家百万医疗险报价"),
    (TaskKind.REVIEW, "复核受益人信息是否需要更新"),
)


def rider_rows(policies: Sequence[Policy], kinds: dict[int, ProductType]) -> list[PolicyRider]:
    """Every third policy of a product that offers riders; `kinds` is by product id."""
    rows = []
    for place, policy in enumerate(policies):
        offered = products()[kinds[policy.product_id]].riders
        if not offered or place % 3:
            continue
        rider = offered[0]
        parts = 12 if policy.payment_frequency == PaymentFrequency.MONTHLY else 1
        rows.append(
            PolicyRider(
                policy_id=policy.id,
                position=0,
                code=rider.code,
                name_zh=rider.name.zh,
                name_en=rider.name.en,
                sum_insured=policy.sum_insured if rider.sum == "policy" else Decimal(rider.sum),
                premium=Decimal(rider.premium) / parts,
                start_date=policy.start_date,
                end_date=policy.end_date,
            )
        )
    return rows


def payment_rows(
    instalments: Sequence[PremiumInstalment], zone: ZoneInfo
) -> list[tuple[Payment, PremiumInstalment]]:
    """One payment for every premium that was paid."""
    methods = tuple(PaymentMethod)
    rows = []
    for instalment in instalments:
        if instalment.paid_date is None:
            continue
        instalment.paid_amount = instalment.amount
        payment = Payment(
            policy_id=instalment.policy_id,
            amount=instalment.amount,
            paid_on=instalment.paid_date,
            method=methods[instalment.policy_id % len(methods)],
            source="demo",
            external_id=f"PAY-{instalment.policy_id}-{instalment.due_date:%Y%m%d}",
            recorded_at=datetime.combine(instalment.paid_date, time(20), zone),
        )
        rows.append((payment, instalment))
    return rows


def allocation_rows(paid: list[tuple[Payment, PremiumInstalment]]) -> list[PaymentAllocation]:
    """Needs both saved."""
    return [
        PaymentAllocation(payment_id=payment.id, instalment_id=instalment.id, amount=instalment.amount)
        for payment, instalment in paid
    ]


def give_occupations(customers: Sequence[Customer]) -> None:
    """Before they are saved."""
    rng = Random(SEED)
    for customer in customers:
        customer.occupation = rng.choice(ENGLISH_OCCUPATIONS if customer.language == "en" else OCCUPATIONS)


def belongings_of_people(
    everybody: Sequence[Person],
    customers: Sequence[Customer],
    vault: Vault,
    today: date,
    zone: ZoneInfo,
) -> list[Base]:
    """Family, tags, accounts and tasks; needs the customers saved."""
    rng = Random(SEED)
    now = datetime.combine(today, time(9), zone)
    rows: list[Base] = _families(everybody, customers)
    for place, customer in enumerate(customers):
        if place % 2 == 0:
            rows.append(_account(rng, customer, vault, now))
        if place % 9 == 0:
            tag = TAGS[place // 9 % len(TAGS)]
            rows.append(CustomerTag(customer_id=customer.id, tag=tag, added_at=now - timedelta(days=place)))
    rows += [_task(place, customer, now) for place, customer in enumerate(customers[: 3 * len(TASKS)])]
    return rows


def _families(everybody: Sequence[Person], customers: Sequence[Customer]) -> list[Base]:
    """Those whom people named as beneficiaries, and some couples who are both customers."""
    rows: list[Base] = []
    unmarried: list[Customer] = []
    for person, customer in zip(everybody, customers, strict=True):
        named = {one.name: one for policy in person.policies for one in policy.beneficiaries}
        rows += [
            FamilyMember(customer_id=customer.id, name=one.name, relation=one.relationship)
            for one in named.values()
        ]
        if Relation.SPOUSE not in {str(one.relationship) for one in named.values()} and not person.try_this:
            unmarried.append(customer)
    for one, other in zip(unmarried[::8], unmarried[1::8], strict=False):
        if one.gender != other.gender and one.language == other.language:
            rows.append(FamilyMember(customer_id=one.id, relative_id=other.id, relation=Relation.SPOUSE))
    return rows


def _account(rng: Random, customer: Customer, vault: Vault, now: datetime) -> PaymentAccount:
    body = f"{CARD_PREFIX}{rng.randrange(10**12):012d}"
    number = body + luhn.calc_check_digit(body)
    return PaymentAccount(
        customer_id=customer.id,
        bank=rng.choice(BANKS),
        holder_name=customer.name,
        account_sealed=vault.seal(number, ACCOUNT),
        account_index=vault.blind_index(number, ACCOUNT),
        created_at=now - timedelta(days=300),
    )


def _task(place: int, customer: Customer, now: datetime) -> Task:
    kind, summary = TASKS[place % len(TASKS)]
    is_done = place % 4 == 3
    return Task(
        number=f"K{now.year}{place + 1:06d}",
        kind=kind,
        summary=summary,
        state=TaskState.DONE if is_done else TaskState.OPEN,
        due_at=now + timedelta(days=place - 3),
        customer_id=customer.id,
        origin=TaskOrigin.SYSTEM if place % 2 else TaskOrigin.BOT,
        outcome="已完成，客户满意" if is_done else None,
        closed_at=now - timedelta(days=1) if is_done else None,
        created_at=now - timedelta(days=5),
    )


def change_rows(
    customers: Sequence[Customer], vault: Vault, today: date, zone: ZoneInfo
) -> list[ChangeRequest]:
    """Some in every state, of the first of these people; needs them saved."""
    now = datetime.combine(today, time(10), zone)
    asked = [
        ("address", "address", "上海市浦东新区演示路 66 号", ChangeState.ASKED),
        ("phone", "phone", "+8614200009001", ChangeState.ASKED),
        ("email", "email", "new.address@example.com", ChangeState.ASKED),
        ("address", "address", "杭州市西湖区演示路 7 号", ChangeState.APPLIED),
        ("phone", "phone", "+8614200009002", ChangeState.DECLINED),
    ]
    rows = []
    for place, (field, column, value, state) in enumerate(asked):
        customer = customers[place]
        at = now - timedelta(hours=3 * place)
        before = {"value": getattr(customer, column)}
        if state == ChangeState.APPLIED:
            setattr(customer, column, value)
        is_closed = state != ChangeState.ASKED
        rows.append(
            ChangeRequest(
                number=f"R{today.year}{place + 1:06d}",
                kind=ChangeKind.CONTACT,
                field=field,
                matter=f"contact.{field}",
                state=state,
                customer_id=customer.id,
                before_sealed=vault.seal(json.dumps(before, ensure_ascii=False), BEFORE),
                after_sealed=vault.seal(json.dumps({"value": value}, ensure_ascii=False), AFTER),
                checks=[{"code": "is_new", "is_ok": True}, {"code": "proof_is_fresh", "is_ok": True}],
                asked_at=at,
                decided_at=at + timedelta(hours=1) if is_closed else None,
                decline_reason="not_confirmed" if state == ChangeState.DECLINED else None,
                sent_at=at + timedelta(hours=1) if state == ChangeState.APPLIED else None,
                applied_at=at + timedelta(hours=1) if state == ChangeState.APPLIED else None,
            )
        )
    return rows
