"""Words, sentences, languages, validity, similarity: by hand, by a library, and in linear time."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS, TfidfVectorizer

from fairprune.errors import FairpruneError
from fairprune.fairness.quotes import cut
from fairprune.text import languages
from fairprune.text.languages import detect, missing, spoken, stop_words
from fairprune.text.sentences import sentences
from fairprune.text.similar import left_out_similarities, nearest_opinions, similarities
from fairprune.text.validity import validity
from fairprune.text.words import content_tokens, words

CASES = json.loads((Path(__file__).parent / "cases" / "validity.json").read_text("utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["source"])
def test_validity_by_hand(case):
    found = validity(case["summary"], case["opinions"], case.get("language", "en"))
    kinds = ("empty", "short", "repeated", "invented")
    assert {kind: getattr(found, kind) for kind in kinds} == {kind: case[kind] for kind in kinds}
    assert found.valid == case["valid"]
    assert found.degenerate == any(case[kind] for kind in kinds[1:])


def test_content_tokens():
    text = "The Batteries weren't charging; it's a US-led 2-hour wait_time!"
    expected = ("batteri", "weren", "t", "charg", "s", "led", "2", "hour", "wait", "time")
    assert content_tokens(text) == expected  # "us", "it", "the" are stop words


def test_english_stop_words_are_scikit_learns_without_its_imports():
    assert stop_words("en") == ENGLISH_STOP_WORDS
    said = "import sys; from fairprune.text.languages import stop_words; stop_words('en')"
    command = [sys.executable, "-c", f"{said}; print('sklearn' in sys.modules)"]
    env = {**os.environ, "PYTHONPATH": str(Path(languages.__file__).parents[2])}
    assert subprocess.run(command, env=env, capture_output=True).stdout == b"False\n"


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "Don't stop, CAFÉ at 3.5!", ["don't", "stop", "café", "at", "3.5"]),
        ("hi", "बैटरी जल्दी खत्म हो जाती है।", ["बैटरी", "जल्दी", "खत्म", "हो", "जाती", "है"]),
        ("zh", "电池很快就坏了！", ["电池", "很快", "就", "坏", "了"]),
        ("ja", "画面はきれいです。", ["画面", "は", "きれい", "です"]),
        ("th", "หน้าจอสวยมาก", ["หน้า", "จอ", "สวย", "มาก"]),
        ("de", "Straße und STRASSE", ["strasse", "und", "strasse"]),
        ("en", "cafe\u0301 caf\u00e9", ["café", "café"]),
    ],
)
def test_words_of_every_script(language, text, expected):
    assert words(text, language) == expected


@given(st.lists(st.sampled_from(["😀", "𝐛", "a", "b. ", "C! ", " ", "❤", "\n", "की", "电池"])))
def test_signs_that_take_two_units_shift_no_cut(parts):
    """Emoji and old scripts: as if another sign of their kind, of one unit, stood there."""
    text = "".join(parts)
    plain = text.replace("😀", "☺").replace("𝐛", "ж")
    found = [word.replace("𝐛", "ж") for word in words(text)]
    assert found == words(plain)
    cut_as = [part.replace("😀", "☺").replace("𝐛", "ж") for part in sentences(text)]
    assert cut_as == list(sentences(plain))


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "Good phone... Bad price!\n- Dr. Who likes it. !!! ",
         ["Good phone...", "Bad price!", "- Dr. Who likes it. !!!"]),
        ("en", "great phone. bad battery! it broke, e.g. twice, at 5 p.m. on monday",
         ["great phone.", "bad battery!", "it broke, e.g. twice, at 5 p.m. on monday"]),
        ("en", "It costs $3.50. \"Fine.\" he said (really!). i love it",
         ["It costs $3.50.", "\"Fine.\"", "he said (really!).", "i love it"]),
        ("hi", "स्क्रीन अच्छी है। बैटरी खराब है। ठीक है?", ["स्क्रीन अच्छी है।", "बैटरी खराब है।", "ठीक है?"]),
        ("th", "หน้าจอสวยมาก แบตเตอรี่หมดเร็ว", ["หน้าจอสวยมาก", "แบตเตอรี่หมดเร็ว"]),
        ("zh", "今天天气真好。电池坏了！", ["今天天气真好。", "电池坏了！"]),
        ("ar", "الشاشة رائعة. البطارية ضعيفة؟ نعم!", ["الشاشة رائعة.", "البطارية ضعيفة؟", "نعم!"]),
        ("en", "", []),
        ("en", " … !\n?", []),
    ],
)  # fmt: skip
def test_sentences_of_every_script(language, text, expected):
    assert list(sentences(text, language)) == expected


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Great screen", "en"), ("हिन्दी में", "hi"), ("屏幕很好", "zh"), ("画面はきれい", "ja"),
        ("แบตเตอรี่", "th"), ("화면이 좋다", "ko"), ("Экран", "ru"), ("12 !", "en"), ("", "en"),
        ("Great 屏幕 and many more letters", "en"), ("ଭଲ ଫୋନ୍।", "or"), ("བོད་སྐད།", "bo"),
        ("ꯃꯩꯇꯩ ꯂꯣꯟ", "und"),  # a script that is not known here
    ],
)  # fmt: skip
def test_language_is_seen_by_script(text, language):
    assert detect([text]) == language


def test_what_is_not_known_of_a_language_is_said():
    assert missing("en") == missing("zh") == []
    assert missing("sw") == ["stop words", "stems"]
    assert missing("th") == ["stop words"]
    assert missing("und") == ["stop words", "stems"]
    assert spoken("sw", ["anything"]) == "sw"
    with pytest.raises(FairpruneError, match=r"language 'English'.*ISO 639"):
        spoken("English", [])


def test_a_language_is_not_scored_as_english():
    """German stop words and stems, not English ones."""
    assert content_tokens("Die Batterien und die Batterie", "de") == ("batteri", "batteri")
    assert content_tokens("die the", "de") == ("the",)


OPINIONS = [
    "Great screen", "the battery died after 2 days #fail", "I love it. It works", "Meh", "ok!",
    "Visit the U.S. we said", "Sold by Mr.", "Great screen",
]  # fmt: skip


@pytest.mark.parametrize("joined", [" ", "\n", " || ", "  \t", " - ", ". "])
def test_a_copied_input_has_the_sentences_of_the_input(joined):
    expected = [part for opinion in OPINIONS for part in sentences(opinion)]
    found = [part.rstrip(".") for part in cut(joined.join(OPINIONS), OPINIONS)]
    assert found == [part.rstrip(".") for part in expected]


def test_copied_chinese_needs_no_space():
    texts = ["屏幕很好", "电池很快就坏了。不推荐", "我喜欢"]
    expected = tuple(part for text in texts for part in sentences(text, "zh"))
    assert cut("".join(texts), texts, "zh") == cut(" ".join(texts), texts, "zh") == expected


def test_a_sentence_that_only_begins_like_an_opinion_is_left_whole():
    said = "Great screen size, and the battery died after 2 days #fail, but I like it"
    assert cut(said, OPINIONS) == (said,)


@given(st.lists(st.lists(st.sampled_from(["good", "bad.", "it", "U.S."]), min_size=1, max_size=4),
                min_size=1, max_size=6))  # fmt: skip
def test_any_copied_input_has_the_sentences_of_the_input(drawn):
    texts = [" ".join(part) for part in drawn]
    kept = [text for text in texts if sentences(text)]
    found = cut(" | ".join(texts), texts)
    assert list(found) == [part for text in kept for part in sentences(text)]


LONG = 10**5
SUSPICIOUS = {
    "brackets of numbers": ".[" + "101 212 323 " * (LONG // 12) + "]",
    "full stops": "." * LONG,
    "stops and spaces": ". " * (LONG // 2),
    "one space after another": "a." + " " * LONG + "b",
    "one word": "a" * LONG,
    "quotes": '"' * LONG,
    "opening quotes": "“" * LONG,
    "parentheses": "(." * (LONG // 2),
    "abbreviations": "Mr. " * (LONG // 4),
    "initials": "A." * (LONG // 2),
    "lines": "\n" * LONG,
    "Thai spaces": "ก " * (LONG // 2),
    "Thai": "หน้าจอสวยมาก" * (LONG // 12),
    "Chinese": "天气" * (LONG // 2),
    "marks": "à́" * (LONG // 3),
    "joiners": "\u200d" * LONG,
    "the same word": "good " * (LONG // 5),
    "the same sentence": "It is good. " * (LONG // 12),
    "underscores": "_" * LONG,
    "apostrophes": "a'" * (LONG // 2),
    "emoji": "👍🏽" * (LONG // 2),
}


@pytest.mark.parametrize("text", SUSPICIOUS.values(), ids=SUSPICIOUS)
def test_no_text_takes_long(text):
    """Every loop over a text is linear: 10⁵ letters in far less than five seconds."""
    started = time.process_time()
    for language in ("en", "th", "zh"):
        sentences(text, language)
        content_tokens(text, language)
    cut(text, ["It is good", "good", text[:1000]])
    validity(text, [text])
    assert time.process_time() - started < 5


def test_similarity_is_a_cosine():
    found = similarities(["bright screen", "pears"], ["screen bright", "bright", "dead battery"])
    assert found[0, 0] == pytest.approx(1)
    assert 0 < found[0, 1] < 1
    assert found[0, 2] == found[1].max() == 0
    assert nearest_opinions(["bright screen", "pears"], ["bright", "screen bright"]) == [1, None]
    assert nearest_opinions(["a thing"], ["it is what it is"]) == [None]


WORDS = ["screen", "battery", "price", "sound", "good", "bad"]
said = st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join)
texts = st.lists(said, min_size=2, max_size=5)


@given(texts, texts)
def test_similarity_is_scikit_learns(said, opinions):
    vectorizer = TfidfVectorizer(analyzer=content_tokens).fit(opinions)
    if not vectorizer.vocabulary_:
        return
    expected = (vectorizer.transform(said) @ vectorizer.transform(opinions).T).toarray()
    np.testing.assert_allclose(similarities(said, opinions), expected, atol=1e-12)


@given(texts)
def test_left_out_is_as_if_the_opinion_were_not_there(opinions):
    found = left_out_similarities(opinions, list(range(len(opinions))), opinions, "en")
    for number, text in enumerate(opinions):
        others = opinions[:number] + opinions[number + 1 :]
        expected = np.insert(similarities([text], others)[0], number, 0)
        np.testing.assert_allclose(found[number], expected, atol=1e-12)
