"""What steps share while they run together."""

from fairprune.io.together import shared, together


def test_together_a_thing_is_made_once_and_alone_each_time():
    made = []
    for _ in range(2):
        shared("key", lambda: made.append(1))
    assert made == [1, 1]
    with together():
        first, second = (shared("key", lambda: made.append(2) or object()) for _ in range(2))
        assert first is second is not shared("another key", object)
    shared("key", lambda: made.append(3))
    assert made == [1, 1, 2, 3]
