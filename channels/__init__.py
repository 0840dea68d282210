"""Channels: a folder for each connector, the inbox that answers messages, the outbox that sends."""
