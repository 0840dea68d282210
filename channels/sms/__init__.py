"""SMS over Twilio: connector, sender, and a fake of Twilio for the demo and tests."""
