"""Every table of the product, for migrations and tests."""

from backend.articles import models as articles
from backend.changes import models as changes
from backend.claims import models as claims
from backend.conversations import models as conversations
from backend.core import access, audit, business, feed, health, idempotency
from backend.core.db import Base
from backend.customers import models as customers
from backend.imports import models as imports
from backend.notices import models as notices
from backend.policies import models as policies
from backend.review import models as review
from backend.segments import models as segments
from backend.tasks import models as tasks
from backend.tickets import models as tickets
from backend.tickets import opening as ticket_numbers
from backend.webhooks import models as webhooks

metadata = Base.metadata

__all__ = [
    "access",
    "articles",
    "audit",
    "business",
    "changes",
    "claims",
    "conversations",
    "customers",
    "feed",
    "health",
    "idempotency",
    "imports",
    "metadata",
    "notices",
    "policies",
    "review",
    "segments",
    "tasks",
    "ticket_numbers",
    "tickets",
    "webhooks",
]
