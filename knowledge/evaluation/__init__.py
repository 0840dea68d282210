"""Measures how well questions find their texts, on our own articles or on any benchmark."""
