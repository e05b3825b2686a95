"""Words, content tokens and sentences of a text, in the one way that every measure counts them."""

import functools
import re
import warnings

WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
TOKEN = re.compile(r"[^\W_]+")


def words(text: str) -> list[str]:
    """The words of a text, lower case: letters and digits, with inner apostrophes and hyphens."""
    return WORD.findall(text.lower())


def ngrams(sequence: list[str], n: int) -> list[tuple[str, ...]]:
    """Every run of `n` neighbours, in order; none where the sequence is shorter."""
    return [tuple(sequence[i : i + n]) for i in range(len(sequence) - n + 1)]


def content_tokens(text: str) -> list[str]:
    """The content tokens of a text, in order, each as often as it occurs.

    Runs of letters and digits in lower case, without scikit-learn's English stop words, reduced
    to their stem by Snowball's English stemmer. (A stop word is recognised before stemming.)
    """
    stop = _stop_words()
    return [_stem(token) for token in TOKEN.findall(text.lower()) if token not in stop]


@functools.lru_cache(maxsize=1 << 12)  # pysbd is slow, and several measures ask for the same
def sentences(text: str) -> tuple[str, ...]:
    """The sentences of a text by pysbd's English rules, without those that hold no word."""
    found = (sentence.strip() for sentence in _segmenter().segment(text))
    return tuple(sentence for sentence in found if TOKEN.search(sentence))


@functools.cache
def _stop_words() -> frozenset[str]:
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    return ENGLISH_STOP_WORDS


@functools.cache
def _stemmer():
    import snowballstemmer

    return snowballstemmer.stemmer("english")


@functools.lru_cache(maxsize=1 << 16)
def _stem(token: str) -> str:
    return _stemmer().stemWord(token)


@functools.cache
def _segmenter():
    with warnings.catch_warnings():  # its patterns hold escapes that newer Pythons warn about
        warnings.simplefilter("ignore")
        import pysbd
    return pysbd.Segmenter(language="en", clean=False)
