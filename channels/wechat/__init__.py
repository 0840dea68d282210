"""WeChat official accounts: connector, client, sender, and a fake of the platform for the demo and tests."""
