"""The word-level tokenizer of the text network, as a HuggingFace `tokenizer.json`."""

from collections.abc import Iterable

from tokenizers import Tokenizer, normalizers, pre_tokenizers
from tokenizers.models import WordLevel

PAD, UNKNOWN = "[PAD]", "[UNK]"
PAD_ID = 0


def build_tokenizer(words: Iterable[str], tokens: int) -> Tokenizer:
    """Tokenizer over the given lower-case words: `[PAD]` is 0, `[UNK]` 1, then the words in sorted order.

    Text is lower-cased, stripped of accents and split at white space and punctuation; ids are truncated and padded to
    `tokens`. The empty text is all padding.
    """
    vocabulary = {word: index for index, word in enumerate([PAD, UNKNOWN, *sorted(set(words))])}
    tokenizer = Tokenizer(WordLevel(vocabulary, unk_token=UNKNOWN))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFD(), normalizers.StripAccents(), normalizers.Lowercase()]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Whitespace(), pre_tokenizers.Punctuation()])
    tokenizer.enable_truncation(tokens)
    tokenizer.enable_padding(length=tokens, pad_id=PAD_ID, pad_token=PAD)
    return tokenizer
