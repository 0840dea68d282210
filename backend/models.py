"""Every table of the product, for migrations and tests."""

from backend.claims import models as claims
from backend.conversations import models as conversations
from backend.core import access, audit, business, health, idempotency
from backend.core.db import Base
from backend.customers import models as customers
from backend.policies import models as policies
from backend.tickets import models as tickets
from backend.tickets import service as ticket_numbers

metadata = Base.metadata

__all__ = [
    "access",
    "audit",
    "business",
    "claims",
    "conversations",
    "customers",
    "health",
    "idempotency",
    "metadata",
    "policies",
    "ticket_numbers",
    "tickets",
]
