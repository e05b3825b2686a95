"""What steps share while they run together, and what they leave until the end."""

import pytest

from fairprune.io.together import afterwards, shared, together


def test_alone_nothing_is_shared_and_nothing_waits():
    made, done = [], []
    for _ in range(2):
        shared("key", lambda: made.append(1))
        afterwards(lambda: done.append(1))
    assert made == done == [1, 1]


def test_together_a_thing_is_made_once_and_the_end_comes_last():
    made, done = [], []
    with together():
        first, second = (shared("key", lambda: made.append(1) or object()) for _ in range(2))
        other = shared("another key", object)
        afterwards(lambda: done.append(1))
        assert not done
    assert first is second is not other
    assert made == done == [1]
    shared("key", lambda: made.append(2))
    assert made == [1, 2]


def test_what_waits_is_dropped_after_an_error():
    done = []
    with pytest.raises(ValueError, match="broken"), together():
        afterwards(lambda: done.append(1))
        raise ValueError("broken")
    assert not done
