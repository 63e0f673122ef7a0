"""Words to numbers, as BERT's uncased vocabulary has them.

Source: Devlin et al., "BERT: Pre-training of Deep Bidirectional Transformers", NAACL 2019; the pieces are found
greedily, longest first, as in Wu et al., "Google's Neural Machine Translation System", 2016, section 4.1.
"""

import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path

BEGIN, END, UNKNOWN = "[CLS]", "[SEP]", "[UNK]"
LONGEST_WORD = 100
"""Characters; a longer one is unknown."""
_INSIDE = "##"
_UNSEEN = {"Cc", "Cf", "Co", "Cs"}


def read_vocabulary(path: Path) -> dict[str, int]:
    """Pieces by their number: one a line. Raises OSError, UnicodeDecodeError."""
    return {piece: index for index, piece in enumerate(path.read_text(encoding="utf-8").splitlines())}


def numbers_of(text: str, vocabulary: Mapping[str, int], longest: int) -> list[int]:
    """At most `longest` numbers, the marks of beginning and end included.

    >>> pieces = {"[CLS]": 0, "[SEP]": 1, "[UNK]": 2, "em": 3, "##bers": 4, ",": 5, "cafe": 6}
    >>> numbers_of("Embers, café!", pieces, 8)
    [0, 3, 4, 5, 6, 2, 1]
    """
    numbers = [
        vocabulary.get(piece, vocabulary[UNKNOWN]) for word in words_of(text) for piece in _pieces(word, vocabulary)
    ]
    return [vocabulary[BEGIN], *numbers[: longest - 2], vocabulary[END]]


def words_of(text: str) -> list[str]:
    """Lower case, no accents, every punctuation mark a word of its own.

    >>> words_of("Soft-blue  Ébène\\x00.")
    ['soft', '-', 'blue', 'ebene', '.']
    """
    plain = unicodedata.normalize("NFD", "".join(_spaced(text)).lower())
    kept = (character for character in plain if unicodedata.category(character) != "Mn")
    return "".join(f" {character} " if _is_punctuation(character) else character for character in kept).split()


def _spaced(text: str) -> Iterator[str]:
    for character in text:
        if character.isspace():
            yield " "
        elif unicodedata.category(character) in _UNSEEN or character == "\ufffd":
            continue
        else:
            # Ideographs stand for words by themselves.
            yield f" {character} " if _is_ideograph(character) else character


def _is_ideograph(character: str) -> bool:
    point = ord(character)
    return (
        0x3400 <= point <= 0x4DBF
        or 0x4E00 <= point <= 0x9FFF
        or 0xF900 <= point <= 0xFAFF
        or 0x20000 <= point <= 0x2FA1F
    )


def _is_punctuation(character: str) -> bool:
    is_ascii_sign = character.isascii() and character.isprintable() and not (character.isalnum() or character == " ")
    return is_ascii_sign or unicodedata.category(character)[0] == "P"


def _pieces(word: str, vocabulary: Mapping[str, int]) -> list[str]:
    if len(word) > LONGEST_WORD:
        return [UNKNOWN]
    pieces: list[str] = []
    start = 0
    while start < len(word):
        prefix = _INSIDE if start else ""
        ends = range(len(word), start, -1)
        end = next((end for end in ends if prefix + word[start:end] in vocabulary), None)
        if end is None:
            return [UNKNOWN]
        pieces.append(prefix + word[start:end])
        start = end
    return pieces
