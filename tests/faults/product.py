"""The product as a fault run needs it: two workers, no rate limits, fail points that can be armed."""

from __future__ import annotations

import shutil
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


def remove(product: Product, folder: Path) -> None:
    """Remove everything that a run left, the cluster included, which lies elsewhere when we run as root."""
    location = product.data_folder / "postgres" / "location"
    if location.exists():
        shutil.rmtree(location.read_text().strip(), ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)
