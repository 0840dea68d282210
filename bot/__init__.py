"""The assistant: Rasa Open Source with our components, channel and wording."""
