"""Imports: every row is checked, good ones are loaded once, the others are told with their reasons."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.claims.models import Claim, ClaimDocument, ClaimEvent
from backend.conversations.models import Binding, Contact
from backend.core.audit import AuditEntry
from backend.core.crypto import Vault
from backend.core.db import Database
from backend.core.settings import Settings
from backend.customers.models import Customer
from backend.imports import run as running
from backend.imports import service
from backend.imports.models import ImportKind, ImportMode, ImportRejection
from backend.policies.models import Policy, PremiumInstalment
from tests.imports.tables import (
    CUSTOMERS,
    ID_NUMBER,
    LI,
    OTHER_ID_NUMBER,
    WANG,
    as_csv,
    as_excel,
    counts,
    go_on,
    run_import,
)
from tests.insurance import make_policy

NOW = datetime.now(UTC)
POLICIES = [
    "保单号", "产品代码", "投保人客户编号", "被保险人", "签单日期", "起保日期", "终保日期", "保险金额", "每期保费",
    "下期应缴日",
]  # fmt: skip
POLICY = [
    "P2026900001", "accident", "300001", "王小明", "2026-01-01", "2026-01-01", "2026-12-31", "200000", "360.5",
    "2027-01-01",
]  # fmt: skip
CLAIMS = ["number", "policy_number", "type", "incident_date", "reported_date", "stage", "claimed_amount"]
CLAIM = ["C2026900001", "P2026900001", "意外医疗", "2026-10-01", "2026-10-02", "待补材料", "1200"]


async def _reasons(session: AsyncSession) -> dict[int, list[tuple[str, str]]]:
    rows = await session.scalars(select(ImportRejection))
    return {row.line: [(one["column"], one["code"]) for one in row.reasons] for row in rows}


async def test_a_table_is_loaded_and_again_changes_nothing(
    settings: Settings, session: AsyncSession, vault: Vault
) -> None:
    table = as_csv(CUSTOMERS, WANG, LI)
    assert counts(await run_import(settings, session, table)) == ("done", 2, 0, 0, 0)
    wang = (await session.scalars(select(Customer).where(Customer.external_id == "300001"))).one()
    assert (wang.name, wang.phone, wang.source, wang.id_number(vault)) == (
        "王小明",
        "+12125550142",
        "core",
        ID_NUMBER,
    )
    before = (wang.version, wang.updated_at, wang.id_number_sealed)
    assert counts(await run_import(settings, session, table)) == ("done", 0, 0, 2, 0)
    await session.refresh(wang)
    assert (wang.version, wang.updated_at, wang.id_number_sealed) == before


async def test_only_what_differs_is_changed_and_an_empty_cell_clears_nothing(
    settings: Settings, session: AsyncSession
) -> None:
    await run_import(settings, session, as_csv(CUSTOMERS, WANG, LI))
    moved = as_csv(
        ["客户编号", "姓名", "手机号", "地址"],
        ["300001", "王小明", "", "演示路 9 号"],
        ["300002", "李雷", "", ""],
    )
    assert counts(await run_import(settings, session, moved)) == ("done", 0, 1, 1, 0)
    wang = (await session.scalars(select(Customer).where(Customer.external_id == "300001"))).one()
    assert (wang.address, wang.phone, wang.version) == ("演示路 9 号", "+12125550142", 2)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
async def test_encodings(settings: Settings, session: AsyncSession, encoding: str) -> None:
    run = await run_import(settings, session, as_csv(CUSTOMERS, WANG, encoding=encoding))
    assert counts(run) == ("done", 1, 0, 0, 0)
    assert await session.scalar(select(Customer.name)) == "王小明"


async def test_excel_with_english_headers_and_real_dates(settings: Settings, session: AsyncSession) -> None:
    header = ["Customer number", "Name", "Phone", "Document number", "Date of birth"]
    born = datetime(1990, 1, 1)
    table = as_excel(
        header, [300001, "王小明", "+12125550142", ID_NUMBER, born], [None] * 5, [300002, "李雷"]
    )
    assert counts(await run_import(settings, session, table)) == ("done", 2, 0, 0, 0)
    found = await session.scalars(select(Customer.external_id).order_by(Customer.external_id))
    assert list(found) == ["300001", "300002"]


@pytest.mark.parametrize(
    ("place", "text", "column", "code"),
    [
        (1, "", "name", "required"),
        (2, "123", "phone", "phone"),
        (3, ID_NUMBER[:-1] + "1", "id_number", "id_number"),
        (3, "999999199013011238", "id_number", "id_number"),
        (4, "01/02/1990", "birth_date", "date"),
        (4, "2990-01-01", "birth_date", "future"),
        (4, "1991-01-01", "id_number", "id_birth_date"),
        (1, "王\x07", "name", "control"),
        (1, "王" * 201, "name", "too_long"),
    ],
)
async def test_a_bad_cell_is_told_with_its_row(
    settings: Settings, session: AsyncSession, place: int, text: str, column: str, code: str
) -> None:
    bad = [*WANG[:place], text, *WANG[place + 1 :]]
    run = await run_import(settings, session, as_csv(CUSTOMERS, LI, bad))
    assert counts(run) == ("done", 1, 0, 0, 1)
    assert await _reasons(session) == {3: [(column, code)]}


async def test_all_or_nothing_loads_nothing_when_a_row_is_bad(
    settings: Settings, session: AsyncSession
) -> None:
    bad = ["300003", "", "", "", ""]
    table = as_csv(CUSTOMERS, WANG, bad, LI, bad)
    run = await run_import(settings, session, table, mode=ImportMode.ALL_OR_NOTHING)
    assert counts(run) == ("rejected", 0, 0, 0, 2)
    assert await session.scalar(select(Customer.id)) is None
    assert list(await _reasons(session)) == [3, 5]
    good = await run_import(settings, session, as_csv(CUSTOMERS, WANG, LI), mode=ImportMode.ALL_OR_NOTHING)
    assert counts(good) == ("done", 2, 0, 0, 0)


async def test_a_row_twice_in_a_file_and_a_document_of_two_people(
    settings: Settings, session: AsyncSession
) -> None:
    await run_import(settings, session, as_csv(CUSTOMERS, WANG))
    thief = ["300009", "张三", "", ID_NUMBER, ""]
    nobody = ["", "无名", "", "", ""]
    run = await run_import(settings, session, as_csv(CUSTOMERS, LI, LI, thief, nobody))
    assert counts(run) == ("done", 1, 0, 0, 3)
    assert await _reasons(session) == {
        3: [("", "repeated")],
        4: [("id_number", "taken")],
        5: [("external_id", "no_key")],
    }


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", "empty"),
        (as_csv(CUSTOMERS), "no_rows"),
        (as_csv(["姓名", "备注"], ["王小明", "x"]), "unknown_column: 备注"),
        (as_csv(["客户编号"], ["1"]), "missing_column: 姓名 / Name"),
        (as_csv(["姓名", "name"], ["王小明", "x"]), "column_twice: name"),
        (b"PK\x03\x04 no workbook", "excel"),
        (b"\xff\xfe\x00", "encoding"),
    ],
)
async def test_a_file_that_cannot_be_read_fails_with_its_reason(
    settings: Settings, session: AsyncSession, data: bytes, error: str
) -> None:
    run = await run_import(settings, session, data)
    assert (run.state, run.error) == ("failed", error)


async def test_a_killed_run_goes_on_behind_the_last_committed_row(
    settings: Settings, session: AsyncSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "BATCH", 2)
    rows = [[f"30000{order}", f"甲{order}", "", "", ""] for order in range(6)]
    bad = ["300009", "", "", "", ""]
    table = as_csv(CUSTOMERS, rows[0], bad, *rows[1:], rows[0])
    run = await service.begin(session, ImportKind.CUSTOMERS, ImportMode.KEEP_GOOD, "core", "t", None, "test")
    await session.commit()
    original, done = running._count, []

    def killed(*args: Any) -> bool:
        done.append(1)
        if len(done) == 3:
            raise KeyboardInterrupt
        return original(*args)

    monkeypatch.setattr(running, "_count", killed)
    with pytest.raises(KeyboardInterrupt):
        await _in_this_thread(settings, run, table)
    await session.refresh(run)
    assert (run.state, run.rows_read, run.added, run.rejected) == ("running", 5, 3, 1)
    monkeypatch.setattr(running, "_count", original)
    await go_on(settings, run, table)
    await session.refresh(run)
    assert counts(run) == (
        "done",
        6,
        0,
        0,
        2,
    )  # the last row repeats the first, which was read before the kill
    assert (await _reasons(session))[9] == [("", "repeated")]


async def _in_this_thread(settings: Settings, run: Any, table: bytes) -> None:
    """KeyboardInterrupt in a thread would end the test run."""
    from datetime import date

    vault = Vault(settings.encryption_keys.get_secret_value())
    order = running.Order(run.id, ImportKind.CUSTOMERS, ImportMode(run.mode), run.source)
    importer = running.Importer(settings.database_url, vault, settings.timezone, date.today())
    importer.run(order, io.BytesIO(table), len(table))


async def test_cancelling_keeps_nothing_or_what_was_good(
    settings: Settings, session: AsyncSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "BATCH", 1)
    for mode, left in ((ImportMode.ALL_OR_NOTHING, 0), (ImportMode.KEEP_GOOD, 1)):
        run = await service.begin(session, ImportKind.CUSTOMERS, mode, "core", "t", None, "test")
        await service.cancel(session, run.id, "agent:1")
        await session.commit()
        await go_on(settings, run, as_csv(CUSTOMERS, WANG, LI))
        await session.refresh(run)
        assert run.state == "cancelled"
        assert len(list(await session.scalars(select(Customer)))) == left


async def test_a_new_phone_ends_what_the_old_one_proved(settings: Settings, session: AsyncSession) -> None:
    await run_import(settings, session, as_csv(CUSTOMERS, WANG))
    wang = (await session.scalars(select(Customer))).one()
    contact = Contact(channel="sms", account="a", external_id="+12125550142", created_at=NOW)
    session.add(contact)
    await session.flush()
    binding = Binding(
        contact_id=contact.id,
        customer_id=wang.id,
        bound_at=NOW,
        verified_at=NOW,
        expires_at=NOW + timedelta(days=1),
    )
    session.add(binding)
    await session.commit()
    await run_import(settings, session, as_csv(CUSTOMERS, WANG))
    await session.refresh(binding)
    assert binding.ended_at is None
    await run_import(settings, session, as_csv(CUSTOMERS, [*WANG[:2], "+12125550199", *WANG[3:]]))
    await session.refresh(binding)
    assert binding.end_reason == "phone_changed"


async def test_policies_and_claims_follow_their_references(
    settings: Settings, session: AsyncSession, vault: Vault
) -> None:
    await run_import(settings, session, as_csv(CUSTOMERS, WANG))
    await _products(session, vault)
    stranger = ["P2026900002", "accident", "999", *POLICY[3:]]
    wrong = ["P2026900003", "spaceship", *POLICY[2:]]
    early = ["P2026900004", *POLICY[1:5], "2025-01-01", *POLICY[6:]]
    table = as_csv(POLICIES, POLICY, stranger, wrong, early)
    run = await run_import(settings, session, table, ImportKind.POLICIES)
    assert counts(run) == ("done", 1, 0, 0, 3)
    assert await _reasons(session) == {
        3: [("holder_external_id", "no_such_customer")],
        4: [("product", "no_such_product")],
        5: [("end_date", "dates_order")],
    }
    policy = (await session.scalars(select(Policy).where(Policy.number == "P2026900001"))).one()
    assert (str(policy.premium), policy.status) == ("360.50", "active")
    assert await session.scalar(select(PremiumInstalment.due_date)) is not None
    assert counts(await run_import(settings, session, table, ImportKind.POLICIES)) == ("done", 0, 0, 1, 3)


async def test_a_claim_comes_with_its_documents_and_moves_once(
    settings: Settings, session: AsyncSession, vault: Vault
) -> None:
    await run_import(settings, session, as_csv(CUSTOMERS, WANG))
    await _products(session, vault)
    await run_import(settings, session, as_csv(POLICIES, POLICY), ImportKind.POLICIES)
    unknown = ["C2026900002", "P2020000000", *CLAIM[2:]]
    uncovered = ["C2026900003", CLAIM[1], "death", *CLAIM[3:]]
    run = await run_import(settings, session, as_csv(CLAIMS, CLAIM, unknown, uncovered), ImportKind.CLAIMS)
    assert counts(run) == ("done", 1, 0, 0, 2)
    assert await _reasons(session) == {3: [("policy_number", "no_such_policy")], 4: [("type", "not_covered")]}
    claim = (await session.scalars(select(Claim))).one()
    assert (claim.stage, str(claim.reported_date), claim.decision) == (
        "awaiting_documents",
        "2026-10-02",
        None,
    )
    assert len(list(await session.scalars(select(ClaimDocument)))) == 6
    reviewed = [*CLAIM[:5], "under_review", CLAIM[6]]
    for expected in ((0, 1, 0), (0, 0, 1)):
        run = await run_import(settings, session, as_csv(CLAIMS, reviewed), ImportKind.CLAIMS)
        assert (run.added, run.changed, run.unchanged) == expected
    stages = await session.scalars(select(ClaimEvent.stage).order_by(ClaimEvent.id))
    assert list(stages) == ["awaiting_documents", "under_review"]


async def _products(session: AsyncSession, vault: Vault) -> None:
    from tests.factories import make_customer

    other = await make_customer(session, vault, id_number=OTHER_ID_NUMBER, external_id="777", source="core")
    await make_policy(session, other, "P2024000999")


async def test_the_report_names_rows_and_reasons_without_numbers_or_formulas(
    settings: Settings, session: AsyncSession, database: Database, vault: Vault
) -> None:
    bad = ["=HYPERLINK(1)", f"张三 {ID_NUMBER}", "12", OTHER_ID_NUMBER, "x"]
    run = await run_import(settings, session, as_csv(CUSTOMERS, bad, LI))
    lines = [line async for line in service.report(database, vault, run.id, "zh")]
    text = "".join(lines)
    table = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert table[0] == ["行号", "未导入原因", *CUSTOMERS]
    assert table[1][:2] == ["2", "手机号: 不可能是电话号码; 出生日期: 日期应写成 2026-01-31 的形式"]
    assert table[1][2].startswith("'=")
    assert ID_NUMBER not in text
    assert OTHER_ID_NUMBER not in text
    assert table[1][5].endswith("123X")
    stored = (await session.scalars(select(ImportRejection))).one()
    assert "张三" not in stored.row_sealed


async def test_the_audit_log_counts_and_names_nobody(settings: Settings, session: AsyncSession) -> None:
    await run_import(settings, session, as_csv(CUSTOMERS, WANG))
    entry = (await session.scalars(select(AuditEntry).where(AuditEntry.action == "import.finished"))).one()
    assert entry.details == {
        "kind": "customers", "state": "done", "added": 1, "changed": 0, "unchanged": 0, "rejected": 0,
    }  # fmt: skip
