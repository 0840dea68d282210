"""The tokenizer of the pruned model: XLM-R's Unigram pieces, only those that are kept."""

from collections.abc import Sequence

from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers, processors
from tokenizers.decoders import Metaspace

from knowledge.model.packed import PackedModel

BEGIN, PAD, END, UNKNOWN, MASK = "<s>", "<pad>", "</s>", "<unk>", "<mask>"
FULL_WIDTH_TILDE, STAND_IN = "～", "\ue0f0"  # the original normaliser leaves this one sign alone


def build_tokenizer(model: PackedModel, kept: Sequence[int]) -> Tokenizer:
    """A tokenizer whose ids are the positions in `kept`, which is ascending and holds the special pieces."""
    new_id = {old: new for new, old in enumerate(kept)}
    vocabulary = [(model.pieces[i], float(model.scores[i])) for i in kept]
    tokenizer = Tokenizer(
        models.Unigram(vocabulary, unk_id=new_id[model.special.unknown], byte_fallback=False)
    )
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Replace(FULL_WIDTH_TILDE, STAND_IN),
            normalizers.Nmt(),
            normalizers.NFKC(),
            normalizers.Replace(STAND_IN, FULL_WIDTH_TILDE),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always", split=True)
    tokenizer.decoder = Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{BEGIN} $A {END}",
        pair=f"{BEGIN} $A {END} {END} $B {END}",
        special_tokens=[(BEGIN, new_id[model.special.begin]), (END, new_id[model.special.end])],
    )
    plain = [AddedToken(piece, special=True, normalized=False) for piece in (BEGIN, PAD, END, UNKNOWN)]
    tokenizer.add_special_tokens([*plain, AddedToken(MASK, special=True, lstrip=True, normalized=False)])
    return tokenizer
