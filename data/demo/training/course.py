"""The course of the training: which batch comes next, and how fast the model learns from it."""

from collections.abc import Iterator

from training.examples import LESSONS, Batch, Examples

ECHO_SHARE = 0.05
LESSON_SHARE = 0.15
PASS_LOSS = 0.2


class Course:
    """Echoes first, which teach to copy; then lessons, each until it is learned or time is up."""

    def __init__(self, examples: Examples, tokenizer, steps: int, tokens: int) -> None:
        self.examples, self.tokenizer, self.steps, self.tokens = examples, tokenizer, steps, tokens
        self.lesson, self.loss = 0, 1.0

    def batches(self) -> Iterator[Batch]:
        """One batch a step."""
        echoes = int(ECHO_SHARE * self.steps)
        for _ in range(echoes):
            yield self.examples.echo(self.tokenizer, self.tokens)
        self._begin(0, step=echoes)
        waiting: list[Batch] = []
        for step in range(echoes, self.steps):
            late = step - self.begun > LESSON_SHARE * self.steps
            if self.lesson < len(LESSONS) and (self.loss < PASS_LOSS or late):
                self._begin(self.lesson + 1, step)
                waiting = []
            waiting = waiting or self.examples.batches(self.tokenizer, self.tokens, self.lesson)
            yield waiting.pop()

    def _begin(self, lesson: int, step: int) -> None:
        self.lesson, self.begun, self.loss = lesson, step, 1.0

    def record(self, loss: float) -> None:
        """Tell the loss of a summary token in the last batch."""
        self.loss = 0.97 * self.loss + 0.03 * loss


def rate_factor(step: int, steps: int) -> float:
    """Warm-up over a thirtieth of the steps; from two fifths on down to 0 in a straight line."""
    return min(30 * (step + 1) / steps, 1.0, (steps - step) / (0.6 * steps))
