"""Web chat: our page and widget, and any widget that speaks Rasa's Socket.IO protocol."""

CHANNEL = ACCOUNT = "web"
