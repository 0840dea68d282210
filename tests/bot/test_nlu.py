"""The accuracy of the trained model on the fixed split, printed with `-s`; skipped while there is no current model."""

from __future__ import annotations

import asyncio

import pytest
from nlu_split import measure

from bot.sentence_model import SentenceModelMissing
from bot.settings import read_settings
from bot.training import is_current


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_model_is_right_nine_times_in_ten(language: str) -> None:
    from rasa.core.agent import Agent

    settings = read_settings()
    try:
        if not is_current(settings):
            pytest.skip("the model is not trained, or not from these files")
    except SentenceModelMissing:
        pytest.skip("the sentence model has not been made")
    result = asyncio.run(measure(Agent.load(str(settings.model)), language))
    print(f"{language}: {result.accuracy:.3f}")
    assert result.accuracy > 0.9
