"""Which language a text is in, and what is known of that language."""

import functools
import importlib.util
import runpy
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

from fairprune.errors import FairpruneError
from fairprune.present import present
from fairprune.values import check_language

ENGLISH = "en"
# A script that one language, or one by far above all others, is written in. Han is Chinese unless
# kana stand beside it.
SCRIPTS = {
    **{"ARABIC": "ar", "ARMENIAN": "hy", "BENGALI": "bn", "CJK": "zh", "CYRILLIC": "ru"},
    **{"DEVANAGARI": "hi", "ETHIOPIC": "am", "GEORGIAN": "ka", "GREEK": "el", "GUJARATI": "gu"},
    **{"GURMUKHI": "pa", "HANGUL": "ko", "HEBREW": "he", "HIRAGANA": "ja", "KANNADA": "kn"},
    **{"KATAKANA": "ja", "KHMER": "km", "LAO": "lo", "LATIN": ENGLISH, "MALAYALAM": "ml"},
    **{"MYANMAR": "my", "ORIYA": "or", "SINHALA": "si", "TAMIL": "ta", "TELUGU": "te"},
    **{"THAANA": "dv", "THAI": "th", "TIBETAN": "bo"},
}
UNKNOWN = "und"  # of ISO 639: some other language, of which nothing is known
STEMMERS = {  # of Snowball, which calls languages by their English names
    **{"ar": "arabic", "ca": "catalan", "cs": "czech", "da": "danish", "de": "german"},
    **{"el": "greek", "en": "english", "eo": "esperanto", "es": "spanish", "et": "estonian"},
    **{"eu": "basque", "fa": "persian", "fi": "finnish", "fr": "french", "ga": "irish"},
    **{"hi": "hindi", "hu": "hungarian", "hy": "armenian", "id": "indonesian", "it": "italian"},
    **{"lt": "lithuanian", "nb": "norwegian", "ne": "nepali", "nl": "dutch", "no": "norwegian"},
    **{"pl": "polish", "pt": "portuguese", "ro": "romanian", "ru": "russian", "sr": "serbian"},
    **{"st": "sesotho", "sv": "swedish", "ta": "tamil", "tr": "turkish", "yi": "yiddish"},
}
UNINFLECTED = {"zh", "ja", "th", "vi", "km", "lo", "my"}  # no endings that a stemmer could take off
SAMPLE = 200_000  # letters that are looked at


def spoken(language: str | None, texts: Iterable[str]) -> str:
    """The language that is named, or else that of the texts (`detect`).

    Raises:
        FairpruneError: what is named is no code of ISO 639.
    """
    try:
        return detect(texts) if language is None else check_language(language)
    except ValueError as error:
        raise FairpruneError(f"language {language!r}: {error}") from None


def detect(texts: Iterable[str]) -> str:
    """The language that most letters' script is of; `en` where it is Latin, or there is none.

    Of a script that is not known here it is `und`. A script says nothing of languages that share
    it: German must be named.
    """
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(map(_script, text[: SAMPLE - counts.total()]))
        if counts.total() >= SAMPLE:
            break
    del counts[""]
    if not counts:
        return ENGLISH
    found = SCRIPTS.get(counts.most_common(1)[0][0], UNKNOWN)
    kana = counts["HIRAGANA"] + counts["KATAKANA"]
    return "ja" if found == "zh" and kana * 10 > counts["CJK"] else found


def missing(language: str) -> list[str]:
    """What is not known of a language, in words: what figures about it lack."""
    lacks = {
        "stop words": not stop_words(language),
        "stems": language not in STEMMERS and language not in UNINFLECTED,
    }
    return [what for what, lacking in lacks.items() if lacking]


@functools.cache
def stop_words(language: str) -> frozenset[str]:
    """The words that say nothing of a text's content; empty where no list of them is known.

    English: scikit-learn's list; others: that of the package stop-words.
    """
    if language == ENGLISH:
        return _english()
    from stop_words import LANGUAGE_MAPPING, get_stop_words

    known = "nb" if language == "no" else language
    return frozenset(get_stop_words(known)) if known in LANGUAGE_MAPPING else frozenset()


def _english() -> frozenset[str]:
    """The list from its file, where it is: the package around it takes longer than most steps."""
    package = importlib.util.find_spec("sklearn")
    folder = Path(present(present(package).origin)).parent
    file = folder / "feature_extraction/_stop_words.py"
    if file.is_file():
        return frozenset(runpy.run_path(str(file))["ENGLISH_STOP_WORDS"])
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    return frozenset(ENGLISH_STOP_WORDS)


@functools.cache
def stemmer(language: str) -> Callable[[str], str]:
    """A function from a word to its stem by Snowball; to itself where the language has none."""
    if language not in STEMMERS:
        return str
    import snowballstemmer

    stem = snowballstemmer.stemmer(STEMMERS[language]).stemWord
    return functools.lru_cache(maxsize=1 << 16)(stem)


@functools.lru_cache(maxsize=1 << 14)
def _script(letter: str) -> str:
    """The script's name of a letter; empty of what is none, which other scripts use too."""
    return unicodedata.name(letter, "").partition(" ")[0] if letter.isalpha() else ""
