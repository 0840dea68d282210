"""Proactive notices: what to tell, to whom, when, by which channel; consents, templates, campaigns, surges."""
