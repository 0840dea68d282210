"""What Rasa 3.6 works out again at each turn though it never changes; here it is worked out once.

`install()` makes two changes in this process and nothing else: the class of an event is found by its name without going
through all classes of events, and a model's components are called without a scheduler that is made for clusters.
"""

from __future__ import annotations

from functools import lru_cache
from graphlib import TopologicalSorter
from typing import Any

import rasa.core.processor
from rasa.engine.graph import GraphNode
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.shared.core.events import Event


class InOrder(DaskGraphRunner):
    """Calls the components one after the other, in an order that is worked out once for what is asked."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Load the components as the parent does."""
        super().__init__(*args, **kwargs)
        self._orders: dict[tuple[str, ...], list[tuple[str, GraphNode, list[str]]]] = {}

    def run(self, inputs: dict[str, Any] | None = None, targets: list[str] | None = None) -> dict[str, Any]:
        """Return the output of each target; what a component raises is raised."""
        wanted = tuple(targets or self._graph_schema.target_names)
        if wanted not in self._orders:
            self._orders[wanted] = self._order(wanted)
        made = dict(inputs or {})
        for name, component, needs in self._orders[wanted]:
            _, made[name] = component(*((need, made[need]) for need in needs if need in made))
        return {name: made[name] for name in wanted}

    def _order(self, targets: tuple[str, ...]) -> list[tuple[str, GraphNode, list[str]]]:
        """Return the components that the targets need, each after those whose output it takes."""
        nodes = self._graph_schema.minimal_graph_schema(list(targets)).nodes
        needs = {name: list(node.needs.values()) for name, node in nodes.items()}
        order = TopologicalSorter(needs).static_order()
        return [(name, self._instantiated_nodes[name], needs[name]) for name in order if name in nodes]


def install() -> None:
    """Make the changes; a second call does nothing."""
    if not hasattr(Event.resolve_by_type, "cache_info"):
        Event.resolve_by_type = staticmethod(lru_cache(maxsize=None)(Event.resolve_by_type))
    rasa.core.processor.DaskGraphRunner = InOrder
