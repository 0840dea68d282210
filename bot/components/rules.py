"""The policy: Rasa's rules, looked up by as much of the conversation as the longest of them asks about."""

from __future__ import annotations

import json
from functools import cached_property
from itertools import islice
from typing import Any

from rasa.core.policies.rule_policy import RULES, RULES_FOR_LOOP_UNHAPPY_PATH, RulePolicy
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.core.constants import ACTION_LISTEN_NAME, PREVIOUS_ACTION, USER
from rasa.shared.core.domain import Domain, State
from rasa.shared.core.events import ActionExecuted
from rasa.shared.core.generator import TrackerWithCachedStates
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import ACTION_NAME, INTENT


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True)
class RecentRules(RulePolicy):
    """Predicts what Rasa's RulePolicy predicts, without working out states that no rule looks at.

    The parent describes every turn since the conversation began, at each prediction, and after a message twice: to
    compare its text, then its intent. A rule looks back no further than its own length, and one that asks for an
    intent never matches a text.
    """

    @cached_property
    def _rules(self) -> list[list[State]]:
        """Each rule's states. What training drops of them later makes none longer, and none match a text."""
        kinds = (RULES, RULES_FOR_LOOP_UNHAPPY_PATH)
        return [json.loads(rule) for kind in kinds for rule in self.lookup.get(kind, {})]

    @cached_property
    def _longest(self) -> int:
        return max(map(len, self._rules), default=1)

    @cached_property
    def _may_match_text(self) -> bool:
        return any(
            state.get(PREVIOUS_ACTION, {}).get(ACTION_NAME) == ACTION_LISTEN_NAME
            and not state.get(USER, {}).get(INTENT)
            for *_, state in self._rules
        )

    def _find_action_from_rules(
        self, tracker: DialogueStateTracker, domain: Domain, use_text_for_last_user_input: bool
    ) -> tuple[str | None, str | None, bool]:
        if use_text_for_last_user_input and not self._may_match_text:
            return None, None, False
        return super()._find_action_from_rules(tracker, domain, use_text_for_last_user_input)

    def _prediction_states(
        self,
        tracker: DialogueStateTracker,
        domain: Domain,
        use_text_for_last_user_input: bool = False,
        rule_only_data: dict[str, Any] | None = None,
    ) -> list[State]:
        if isinstance(tracker, TrackerWithCachedStates):  # in training, where each state is worked out once
            return super()._prediction_states(tracker, domain, use_text_for_last_user_input, rule_only_data)
        taken = sum(isinstance(event, ActionExecuted) for event in tracker.applied_events())
        recent = islice(tracker.generate_all_prior_trackers(), max(0, taken + 1 - self._longest), None)
        states = [domain.get_active_state(prior) for prior, _ in recent]
        self.featurizer._choose_last_user_input([states], use_text_for_last_user_input)
        return states
