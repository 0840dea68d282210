"""The tokenizer of the pipeline: words of both languages, numbers whole and by their shape."""

from __future__ import annotations

from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.training_data.message import Message

from bot.words import cutter, words

EMPTY = "xempty"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class WordTokenizer(Tokenizer):
    """Tokens keep the text; their lemma is the shape that the featurizers count."""

    def __init__(self, config: dict[str, Any]) -> None:
        """Load the dictionary now, so that the first message does not wait for it."""
        super().__init__(config)
        cutter()

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return what the parent class expects to find."""
        return {"intent_tokenization_flag": False, "intent_split_symbol": "_", "token_pattern": None}

    @staticmethod
    def required_packages() -> list[str]:
        """Name what must be installed."""
        return ["jieba", "opencc"]

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        """Cut the text; a text without a word (only dots, say) still has one token."""
        text = message.get(attribute)
        tokens = [Token(word, start, lemma=shape) for word, start, shape in words(text)]
        return tokens or [Token(text or EMPTY, 0, lemma=EMPTY)]
