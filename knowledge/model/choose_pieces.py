"""Writes the list of Latin pieces again: `python -m knowledge.model.choose_pieces [TEXT FILE ...]`.

Needed only when the vocabulary shall change: the model's hashes in `knowledge.model.manifest` change with it.
"""

import re
import sys
from pathlib import Path

import wordfreq

from knowledge.model.packed import PackedModel, packed_path
from knowledge.model.pieces import LATIN_PIECES, is_kept_by_rule
from knowledge.model.tokenizer import build_tokenizer

COMMON_WORDS = 30_000
PRODUCT_WORDS = """
WeChat Weixin Alipay UnionPay iPhone iPad iOS Android Twilio Rasa Anda SMS OTP PDF JPG PNG HEIC app App APP FAQ ID VIP
AED CNY RMB USD HKD ICU MRI CT CTO GPS ETC CBIRC NFRA KYC AML FNOL IBNR BMI DRG DIP URL http https www com cn Email
email Wi-Fi WiFi QR POS ATM SIM eSIM e-policy e-invoice PayPal WhatsApp YouTube TikTok Douyin Taobao JD Meituan Didi
DiDi Tesla BYD NIO Xpeng Safe Journey Evercare Peace Medical Everyday Accident Shelter Homestead
"""


def words_to_keep(texts: list[str]) -> set[str]:
    """Common English words in the three ways they are written, product words, and every Latin word of `texts`."""
    common = wordfreq.top_n_list("en", COMMON_WORDS)
    forms = {*common, *(word.capitalize() for word in common[: COMMON_WORDS // 2])}
    forms |= {word.upper() for word in common[: COMMON_WORDS // 6]}
    own = {word for text in texts for word in re.findall(r"[A-Za-z][A-Za-z'’-]*", text)}
    written = {*PRODUCT_WORDS.split(), *own}
    return forms | written | {word.lower() for word in written}


def main(paths: list[str]) -> None:
    """Tokenises the words with the full vocabulary and lists the pieces that no rule keeps anyway."""
    model = PackedModel(packed_path())
    tokenizer = build_tokenizer(model, range(len(model.pieces)))
    words = sorted(words_to_keep([Path(path).read_text("utf-8") for path in paths]))
    used = {i for one in tokenizer.encode_batch(words, add_special_tokens=False) for i in one.ids}
    listed = sorted(piece for piece in (model.pieces[i] for i in used) if not is_kept_by_rule(piece))
    (Path(__file__).parent / LATIN_PIECES).write_text("\n".join(listed) + "\n", "utf-8")
    print(f"{len(listed)} Latin pieces for {len(words)} words")


if __name__ == "__main__":
    main(sys.argv[1:])
