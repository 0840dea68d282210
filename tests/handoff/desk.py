"""A morning at the desk: a few customers on three channels, their policies and claims, and tickets that wait."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from argon2 import PasswordHasher
from sqlalchemy.ext.asyncio import AsyncSession

from backend.claims.models import Claim, ClaimDocument
from backend.conversations.bindings import bind
from backend.core import clock
from backend.core.access import Agent
from backend.core.crypto import Vault
from backend.customers.models import Customer
from backend.policies.models import Policy, PremiumInstalment, Product
from backend.tickets import service
from tests.handoff.talk import ZONE, Talk, ago

PASSWORD = "a desk in a test"
WANG, MILLER, STRANGER = "oWangFang", "+12125550142", "web-stranger"
OTHERS = [
    ("陈美", "web", "complaint", "投诉：理赔员三天没有回电，客户要求主管回复", "normal"),
    ("赵国强", "wechat", "urgent", "车祸有人受伤，客户在沪宁高速无锡段，已拨 120，请立即回电", "urgent"),
    ("刘洋", "wechat", "change_request", "变更联系手机与通讯地址，尚未核验身份", "normal"),
    ("欧阳娜", "wechat", "surrender", "想了解长佑定期寿险退保能退多少，犹豫是否退保", "normal"),
    (
        "Emily Chen",
        "sms",
        "quote",
        "Asks for a quote: Peace Medical for a family of three in Shanghai",
        "normal",
    ),
]


async def fill(session: AsyncSession, vault: Vault) -> None:
    """Agents `li.na`, `zhang.wei` and `auditor` (PASSWORD), customers, conversations and tickets."""
    agents = await _agents(session)
    products = await _products(session)
    wang = await _customer(session, vault, 1, name="王芳", latin_name="Wang Fang", tier="gold", region="上海")
    miller = await _customer(
        session, vault, 2, name="John Miller", phone=MILLER, gender="m", language="en", tier="silver"
    )
    await _belongings(session, products, wang)
    await _auto_claim(session, products, miller)
    await _wang_asks(session, vault, wang)
    await _miller_asks(session, vault, miller, agents["li.na"])
    await _stranger_asks(session, vault)
    await _the_rest(session, vault)
    await session.commit()


async def _agents(session: AsyncSession) -> dict[str, Agent]:
    password_hash = PasswordHasher(time_cost=1, memory_cost=64).hash(PASSWORD)
    people = [
        ("li.na", "李娜", "agent"),
        ("zhang.wei", "张伟", "supervisor"),
        ("auditor", "审计员", "auditor"),
    ]
    agents = {
        username: Agent(
            username=username,
            name=name,
            role=role,
            password_hash=password_hash,
            skills=["claims"],
            languages=["zh"],
        )
        for username, name, role in people
    }
    session.add_all(agents.values())
    await session.flush()
    return agents


async def _products(session: AsyncSession) -> dict[str, Product]:
    names = [
        ("auto", "安行家用车险", "Safe Journey Auto"),
        ("medical", "安心百万医疗", "Peace Medical"),
        ("critical_illness", "康泽重疾险", "Evercare Critical Illness"),
    ]
    products = {
        code: Product(code=f"desk-{code}", type=code, name_zh=zh, name_en=en, grace_days=60)
        for code, zh, en in names
    }
    session.add_all(products.values())
    await session.flush()
    return products


async def _customer(session: AsyncSession, vault: Vault, number: int, **values: Any) -> Customer:
    defaults = {"gender": "f", "phone": f"+861400000{number:04d}", "language": "zh-Hans"}
    customer = Customer(**(defaults | values))
    customer.set_id_number(vault, f"9999991990010112{number:02d}")
    session.add(customer)
    await session.flush()
    return customer


async def _policy(
    session: AsyncSession, product: Product, holder: Customer, number: str, **values: Any
) -> Policy:
    today = clock.today(ZONE)
    defaults = {
        "insured_name": holder.name,
        "issued_on": today - timedelta(days=200),
        "start_date": today - timedelta(days=200),
        "end_date": today + timedelta(days=165),
        "sum_insured": Decimal(300000),
        "premium": Decimal(4200),
    }
    policy = Policy(number=number, product_id=product.id, holder_id=holder.id, **(defaults | values))
    session.add(policy)
    await session.flush()
    return policy


async def _belongings(session: AsyncSession, products: dict[str, Product], wang: Customer) -> None:
    today = clock.today(ZONE)
    medical = await _policy(session, products["medical"], wang, "P2026900001", sum_insured=Decimal(2000000))
    illness = await _policy(
        session,
        products["critical_illness"],
        wang,
        "P2024900002",
        end_date=date(2054, 3, 1),
        premium=Decimal(6800),
    )
    await _policy(session, products["auto"], wang, "P2023900003", status="expired")
    session.add(
        PremiumInstalment(policy_id=illness.id, due_date=today + timedelta(days=7), amount=Decimal(6800))
    )
    claim = _claim(medical, wang, "C2026900001", "under_review", claimed_amount=Decimal("3286.50"))
    session.add(claim)
    await session.flush()
    for position, (code, received) in enumerate(
        [("claim_form", clock.now()), ("invoice", None), ("identity", None)]
    ):
        session.add(ClaimDocument(claim_id=claim.id, position=position, code=code, received_at=received))


def _claim(policy: Policy, customer: Customer, number: str, stage: str, **values: Any) -> Claim:
    today = clock.today(ZONE)
    return Claim(
        number=number,
        policy_id=policy.id,
        customer_id=customer.id,
        type="medical_outpatient" if policy.number == "P2026900001" else "auto_damage",
        incident_date=today - timedelta(days=15),
        reported_date=today - timedelta(days=14),
        stage=stage,
        stage_since=clock.now() - timedelta(days=3),
        **values,
    )


async def _auto_claim(session: AsyncSession, products: dict[str, Product], miller: Customer) -> None:
    auto = await _policy(session, products["auto"], miller, "P2026900004")
    paid = clock.today(ZONE) - timedelta(days=2)
    session.add(
        _claim(
            auto, miller, "C2026900002", "paid",
            claimed_amount=Decimal(1800), approved_amount=Decimal(1300), paid_amount=Decimal(1300), paid_date=paid,
        )
    )  # fmt: skip
    await session.flush()


async def _wang_asks(session: AsyncSession, vault: Vault, wang: Customer) -> None:
    talk = Talk(session, vault, "wechat", WANG)
    say, bot = partial(talk.customer), partial(talk.bot)
    await say(1500, "你好，我的医疗险快到期了吗", "query_policy", 0.93)
    await bot(1500, "您好！为了保护您的信息，请先核验身份：请告诉我登记手机号和证件后四位。")
    await say(1498, "14000000001，后四位 1201", "inform", 0.88)
    await bind(session, talk.contact, wang.id)
    await bot(
        1497,
        "王女士，身份已核验。您的「安心百万医疗」有效，保障至明年 5 月。",
        ["查看保单", "查询理赔", "转人工"],
    )
    await say(22, "我的理赔到哪一步了？", "query_claim", 0.97)
    await bot(
        22,
        "您的理赔 C2026900001 正在审核中，还缺：医疗费发票原件、申请人身份证明。请在资料齐全后上传。",
        ["怎么上传", "转人工"],
    )
    await say(
        20,
        "发票原件被公司收走报销了，复印件可以吗？\n卡号是 6222021234567890128，先打这张卡",
        "ask_documents",
        0.54,
    )
    await bot(20, "抱歉，这个问题我没有把握。要不要请人工同事帮您看看？", ["转人工"])
    await say(19, "转人工", "request_human", 0.99)
    await talk.ticket(
        19, "inquiry",
        "王芳（已核验）询问理赔 C2026900001：发票原件被单位收走，想用复印件加分割单代替。"
        "机器人已告知缺件，未能回答替代材料。",
    )  # fmt: skip
    await bot(19, "好的，已为您转接人工，请稍候。")
    await say(6, "在吗？")


async def _miller_asks(session: AsyncSession, vault: Vault, miller: Customer, agent: Agent) -> None:
    talk = Talk(session, vault, "sms", MILLER)
    await talk.customer(
        95, "Hi, my car claim C2026900002 says paid but I got less than I claimed?", "query_claim", 0.91
    )
    await talk.bot(
        95, "Hello Mr Miller. Claim C2026900002 was paid. For amounts please verify your identity first."
    )
    await talk.customer(92, "I'd rather talk to a person", "request_human", 0.98)
    ticket = await talk.ticket(92, "dispute", "Disputes the amount paid on C2026900002 (auto damage).")
    await service.accept_ticket(session, ticket.number, agent.id)
    ticket.accepted_at = ticket.first_responded_at = ago(80)
    await talk.agent(
        80, "Hello Mr Miller, this is Li Na. I am looking at your claim now.", agent, "delivered"
    )
    await service.add_note(
        session, ticket.number, agent.id, "免赔额 500 已从 1,800 中扣除，核对保单条款第 7 条。"
    )
    await talk.customer(60, "Thanks. The repair bill was 1,800 and I got 1,300.", None, None)
    await talk.agent(
        2, "That is the CNY 500 deductible of your policy. I can send you the statement.", agent, "failed"
    )


async def _stranger_asks(session: AsyncSession, vault: Vault) -> None:
    talk = Talk(session, vault, "web", STRANGER)
    await talk.customer(9, "想问问犹豫期怎么算", "ask_knowledge", 0.82)
    await talk.bot(
        9,
        "犹豫期自您签收保单次日起 15 天，期间退保只收不超过 10 元工本费。\n一年期及以下的短期险没有犹豫期。",
    )
    await talk.customer(8, "我已经过了 3 天了还能退吗，人工", "request_human", 0.78)
    await talk.ticket(8, "inquiry", "未核验的网页访客询问：签收 18 天后退保的损失。")


async def _the_rest(session: AsyncSession, vault: Vault) -> None:
    for number, (name, channel, kind, summary, urgency) in enumerate(OTHERS):
        customer = await _customer(session, vault, 10 + number, name=name)
        talk = Talk(
            session, vault, channel, f"+1415555{number + 120:04d}" if channel == "sms" else f"sender-{number}"
        )
        await talk.customer(40 + number * 300, summary, "request_human", 0.9)
        await bind(session, talk.contact, customer.id)
        # The bot puts the class of a complaint before the words.
        sorted_as = "service · " if kind == "complaint" else ""
        await talk.ticket(40 + number * 300, kind, sorted_as + summary, urgency)
