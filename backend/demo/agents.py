"""The demo company's people at the console; all sign in with the same documented password."""

from __future__ import annotations

from dataclasses import dataclass

from argon2 import PasswordHasher

from backend.core.access import Agent, Role

PASSWORD = "anda-demo-2026"  # noqa: S105 - documented, and only for the demo


@dataclass(frozen=True)
class DemoAgent:
    username: str
    name: str
    skills: tuple[str, ...]
    languages: tuple[str, ...]
    role: Role = Role.AGENT


CHINESE, BOTH = ("zh",), ("zh", "en")
AGENTS = (
    DemoAgent("li.na", "李娜", ("claims",), BOTH),
    DemoAgent("zhang.wei", "张伟", ("claims",), CHINESE),
    DemoAgent("liu.min", "刘敏", ("claims", "complaints"), CHINESE),
    DemoAgent("wang.lei", "王磊", ("policy_service",), BOTH),
    DemoAgent("chen.jing", "陈静", ("policy_service",), CHINESE),
    DemoAgent("zhao.lin", "赵琳", ("policy_service", "claims"), BOTH),
    DemoAgent("sun.yue", "孙悦", ("complaints",), BOTH),
    DemoAgent("wu.hao", "吴昊", ("complaints", "policy_service"), CHINESE),
    DemoAgent("he.jie", "何洁", ("claims", "policy_service", "complaints"), BOTH, Role.SUPERVISOR),
    DemoAgent("admin", "郑凯", (), BOTH, Role.ADMIN),
    DemoAgent("auditor", "唐琳", (), BOTH, Role.AUDITOR),
)


def agent_rows() -> list[Agent]:
    """Eight agents in three skill groups, a supervisor, an administrator and an auditor, unsaved."""
    # One hash for all: hashing is slow by design, and everybody knows this password.
    password_hash = PasswordHasher().hash(PASSWORD)
    return [
        Agent(
            username=agent.username,
            name=agent.name,
            role=agent.role,
            password_hash=password_hash,
            skills=list(agent.skills),
            languages=list(agent.languages),
        )
        for agent in AGENTS
    ]
