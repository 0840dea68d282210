"""What the assistant does: one module a business area, each calling the CRM API or knowledge search and uttering."""
