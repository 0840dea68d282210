"""The insurer's CRM: customers, policies, claims, conversations and tickets, and the processes that serve them."""
