"""BERTScore against reference summaries, by a Hugging Face encoder."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

Scorer = Callable[[str, Sequence[str]], float | None]


@dataclass(frozen=True)
class BertScore:
    """Which encoder compares texts.

    `model`: a folder, or a hub id with a `revision` (a commit). `layer`: the hidden layer whose
    vectors are compared (0: embeddings; −1: the last). `device`: auto, cpu or cuda.
    """

    model: str
    revision: str = ""
    layer: int = -1
    device: str = "auto"

    def load(self) -> tuple[Scorer, dict[str, Any]]:
        """A function from a summary and its references to BERTScore F1, and what it is made of.

        The score is the mean over the references, as that of ROUGE, in [−1, 1]: 0 for a summary
        without a token, None without a reference. Source: Zhang et al., ICLR 2020.

        Raises:
            FairpruneError: a model that cannot be loaded, or has no such layer.
        """
        from fairprune.fairness.attribution.bertscore import (
            bert_score,
            load_encoder,
            token_vectors,
        )

        judge = load_encoder(self.model, self.revision, self.layer, self.device)

        def score(summary: str, references: Sequence[str]) -> float | None:
            found = token_vectors(judge, (summary, *references), self.layer)
            usable = [found[text] for text in references if len(found[text])]
            if not usable:
                return None
            if not len(found[summary]):
                return 0.0
            return sum(bert_score(found[summary], text) for text in usable) / len(usable)

        return score, {**judge.figures, "layer": self.layer}
