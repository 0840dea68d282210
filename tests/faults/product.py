"""The product as a fault run needs it: two workers, no rate limits, fail points that can be armed."""

from __future__ import annotations

from pathlib import Path

from backend.core.failpoints import SETTING
from tests.e2e.conftest import Product, new_product


def fault_product(folder: Path) -> tuple[Product, Path]:
    """The product, not yet started, and the folder in which its fail points are armed."""
    points = folder / "points"
    points.mkdir()
    product = new_product(folder)
    product.environment |= {"ANDA_WORKERS": "2", "ANDA_RATE_LIMITS": "off", SETTING: str(points)}
    return product, points
