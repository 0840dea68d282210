"""Segments: customer sets described by what is on record, counted before they are used."""
