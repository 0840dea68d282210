"""docs/demo.md: whom to play and who signs in, written from the data itself."""

from __future__ import annotations

from datetime import date

from backend.demo.agents import AGENTS, PASSWORD
from backend.demo.catalogue import products
from backend.demo.people import people
from backend.demo.person import Person

CHANNELS = {"wechat": "WeChat", "sms": "SMS", "web": "web chat"}
ANY_DAY = date(2026, 11, 22)  # nothing shown here depends on the day
INTRO = """\
# The demo company

`make up` loads an invented insurer: 260 customers, their policies, premiums, beneficiaries and claims, and the
people at its console. Everything is made from a seed: dates follow the day on which the demo was loaded, numbers
never change. `python -m backend.demo document` writes this page.

Phones with +1 are 555-01xx, reserved for fiction; +86 numbers begin with 142, 143 or 154, which no operator gives
to people. Identity numbers carry a province's code where real ones carry a county's, so they pass the checksum and
belong to nobody. One-time codes arrive on the phone simulator.

## People to play

To prove who you are: the phone, the last four characters of the identity document, then the code.
"""
AGENTS_INTRO = """
## Who signs in to the console

Everybody's password is `{password}`.
"""


def _phone(phone: str) -> str:
    if phone.startswith("+86"):
        return f"+86 {phone[3:6]} {phone[6:10]} {phone[10:]}"
    return f"+1 {phone[2:5]} {phone[5:8]} {phone[8:]}"


def _latin(person: Person) -> str:
    return "" if person.latin_name == person.name else f" {person.latin_name}"


def _row(person: Person) -> str:
    policies = "<br>".join(f"{p.number} {products()[p.product].name.en}, {p.status}" for p in person.policies)
    claims = "<br>".join(f"{claim.number} {claim.steps[-1].stage}" for claim in person.claims) or "none"
    home = f"{CHANNELS[person.channel]}, {person.language}"
    cells = (person.name + _latin(person), home, _phone(person.phone), person.last4, policies, claims)
    return f"| {' | '.join(cells)} | {person.try_this} |"


def document() -> str:
    """The whole page, Markdown."""
    lines = [
        INTRO,
        "| person | at home on | phone | last four | policies | claims | try |",
        "|---|---|---|---|---|---|---|",
        *(_row(person) for person in people(ANY_DAY)),
        AGENTS_INTRO.format(password=PASSWORD),
        "| user | name | role | skills | languages |",
        "|---|---|---|---|---|",
    ]
    for agent in AGENTS:
        skills, languages = ", ".join(agent.skills) or "–", ", ".join(agent.languages)
        lines.append(f"| `{agent.username}` | {agent.name} | {agent.role} | {skills} | {languages} |")
    return "\n".join(lines) + "\n"
