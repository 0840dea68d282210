"""The desk's people."""

from tests.hiring import hire

__all__ = ["hire"]
