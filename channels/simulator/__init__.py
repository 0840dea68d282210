"""The phone simulator of the demo: the platforms' fakes, and a page that plays the phone of any demo person."""
