"""The CRM API as the bot sees it. Whose data it is follows from the stored message, never from us."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from actions.http import ServiceUnavailable, call
from actions.settings import settings

Record = dict[str, Any]


class CrmUnavailable(ServiceUnavailable):
    """The CRM did not answer in time, or not in a form we know."""


class IdentityRequired(Exception):
    """The customer must be known better before this may be told."""

    def __init__(self, required_level: int) -> None:
        """Take the level that the CRM asks for: 1 or 2."""
        super().__init__(f"level {required_level} required")
        self.required_level = required_level


class ReverifyRequired(IdentityRequired):
    """The customer is verified, but too long ago for what is asked."""


class NotFound(Exception):
    """It does not exist, or is not this customer's: the two look the same."""


class Invalid(Exception):
    """The CRM refused the values given."""

    def __init__(self, field: str | None = None) -> None:
        """Take the name of the field that is wrong, if the CRM says so."""
        super().__init__(field or "")
        self.field = field


class Conflict(Exception):
    """The CRM cannot do this as things stand; its code says why."""

    def __init__(self, content: Record) -> None:
        """Take the CRM's answer: `code`, and what belongs to it."""
        super().__init__(str(content.get("code")))
        self.code = str(content.get("code"))
        self.content = content


class Crm:
    """The calls of one stored message."""

    def __init__(self, message_id: str) -> None:
        """Take the id of the stored message on whose behalf the calls are made."""
        self._message_id = message_id

    async def _call(
        self,
        method: str,
        path: str,
        params: dict[str, str] | None = None,
        body: Record | None = None,
        operation: str | None = None,
    ) -> Record:
        headers = {"X-Anda-Message": self._message_id}
        if operation:
            headers["Idempotency-Key"] = f"{self._message_id}:{operation}"
        url = settings().api_url.rstrip("/")
        try:
            answer = await call(url, method, f"/api/v1/bot/{path}", headers=headers, params=params, body=body)
            content: Record = answer.json() if answer.content else {}
        except (ServiceUnavailable, ValueError) as error:
            raise CrmUnavailable(path.split("/")[0]) from error
        if answer.status_code < 300:
            return content
        if answer.status_code == 403 and content.get("code") == "identity_required":
            raise IdentityRequired(int(content.get("required_level", 2)))
        if answer.status_code == 403 and content.get("code") == "reverify_required":
            raise ReverifyRequired(2)
        if answer.status_code == 404:
            raise NotFound
        if answer.status_code == 409:
            raise Conflict(content)
        if answer.status_code == 422:
            raise Invalid(content.get("field"))
        raise CrmUnavailable(path.split("/")[0])

    async def me(self) -> Record:
        """Return the identity level, and the surname from level 1 on."""
        return await self._call("GET", "me")

    async def send_code(self, phone: str, id_last4: str, operation: str) -> Record:
        """Have a one-time code sent; the answer is the same whoever it is. Raises Invalid."""
        return await self._call(
            "POST", "verification", body={"phone": phone, "id_last4": id_last4}, operation=operation
        )

    async def check_code(self, code: str) -> Record:
        """Check a code: `status` is verified, wrong or expired."""
        return await self._call("POST", "verification/code", body={"code": code}, operation="code")

    async def keep_question(self, **found: Any) -> Record:
        """Tell what the message found in the articles; its text is the stored message's and is not sent."""
        return await self._call("POST", "knowledge-questions", body=found, operation="question")

    async def policies(self) -> list[Record]:
        """Return the customer's policies."""
        return list((await self._call("GET", "policies"))["items"])

    async def policy(self, number: str) -> Record:
        """Return one policy with its coverages."""
        return await self._call("GET", f"policies/{quote(number, safe='')}")

    async def premiums(self, policy_number: str | None = None) -> list[Record]:
        """Return the next unpaid instalment of each policy, or of one."""
        params = {"policy_number": policy_number} if policy_number else None
        return list((await self._call("GET", "premiums", params))["items"])

    async def beneficiaries(self, policy_number: str | None = None) -> list[Record]:
        """Return the beneficiaries of all policies, or of one."""
        params = {"policy_number": policy_number} if policy_number else None
        return list((await self._call("GET", "beneficiaries", params))["items"])

    async def claims(self) -> list[Record]:
        """Return the customer's claims, newest first."""
        return list((await self._call("GET", "claims"))["items"])

    async def claim(self, number: str) -> Record:
        """Return one claim; at level 1 without amounts and documents."""
        return await self._call("GET", f"claims/{quote(number, safe='')}")

    async def draft(self) -> Record | None:
        """Return the claim report that this customer has begun, on whatever channel."""
        found: Record | None = (await self._call("GET", "claims/draft"))["draft"]
        return found

    async def update_draft(self, fields: Record) -> Record:
        """Add to the report, or begin one. Raises Invalid."""
        return await self._call("PATCH", "claims/draft", body=fields, operation="draft")

    async def confirm_draft(self) -> Record:
        """Make the report a claim. Raises Conflict: `incomplete`, `already_confirmed`."""
        return await self._call("POST", "claims/draft/confirm", body={}, operation="confirm")

    async def drop_draft(self) -> None:
        """Throw the report away."""
        await self._call("DELETE", "claims/draft", operation="drop")

    async def materials(self, product_type: str | None = None) -> list[Record]:
        """Return the kinds of claims, each with the documents it needs."""
        params = {"product_type": product_type} if product_type else None
        return list((await self._call("GET", "claims/materials", params))["types"])

    async def document(self, document_id: str) -> Record:
        """Return what became of a file that the customer sent."""
        return await self._call("GET", f"documents/{quote(document_id, safe='')}")

    async def attach_document(self, document_id: str, claim_number: str | None, code: str | None) -> Record:
        """Put a file to a claim, or say which document it is."""
        given = {"claim_number": claim_number, "code": code}
        body = {name: value for name, value in given.items() if value}
        path = f"documents/{quote(document_id, safe='')}/attach"
        return await self._call("POST", path, body=body, operation="attach")

    async def request_change(self, kind: str, details: Record, policy_number: str | None = None) -> Record:
        """Ask for a change that a person confirms. Raises ReverifyRequired, Invalid."""
        number = {"policy_number": policy_number} if policy_number else {}
        body = {"kind": kind, **number, "details": details}
        return await self._call("POST", "changes", body=body, operation=f"change:{kind}")

    async def surrender(self, policy_number: str) -> Record:
        """Return what giving up a policy would mean."""
        return await self._call("GET", "surrender", {"policy_number": policy_number})

    async def add_task(self, kind: str, summary: str, **details: str | None) -> Record:
        """Have a colleague do something: a quote, a call."""
        given = {name: value for name, value in details.items() if value}
        return await self._call(
            "POST", "tasks", body={"kind": kind, "summary": summary, **given}, operation=kind
        )

    async def give_consent(self, purpose: str, given: bool) -> Record:
        """Record which notices the customer wants."""
        body = {"purpose": purpose, "given": given}
        return await self._call("POST", "consents", body=body, operation="consent")

    async def dispute(self, claim_number: str, reason: str) -> Record:
        """Contest a decision; whose review it is and by when. Raises Conflict: `not_decided`, `dispute_open`."""
        path = f"claims/{quote(claim_number, safe='')}/disputes"
        return await self._call("POST", path, body={"reason": reason}, operation="dispute")

    async def open_ticket(
        self, kind: str, summary: str, urgency: str = "normal", **complaint: str | None
    ) -> Record:
        """Open a ticket, or return the open one of the same matter; `complaint` is the class of a complaint."""
        known = {name: value for name, value in complaint.items() if value}
        body = {"kind": kind, "summary": summary, "urgency": urgency, **known}
        return await self._call("POST", "tickets", body=body, operation=f"ticket:{kind}")

    async def tickets(self) -> list[Record]:
        """Return this contact's tickets, newest first."""
        return list((await self._call("GET", "tickets"))["items"])

    async def ticket(self, number: str) -> Record:
        """Return one of this contact's tickets."""
        return await self._call("GET", f"tickets/{quote(number, safe='')}")
