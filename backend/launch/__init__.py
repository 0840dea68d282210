"""Builds the environments, starts every process of Anda on one machine and stops them again."""
