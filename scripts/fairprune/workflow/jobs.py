"""What each job from the summaries on reads, and the options of its command line."""

import shlex
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from fairprune.io.table_files import kind_of
from fairprune.io.variants import Variant
from fairprune.language.task_files import data_files, task_files
from fairprune.present import present
from fairprune.workflow import fetched, plan
from fairprune.workflow.model_jobs import repeat
from fairprune.workflow.pruning_jobs import PruningJobs

SHEETS = Path("data/annotation")


def _tables(folder: Path) -> list[str]:
    """The tables in a folder, in whatever form a spreadsheet saved them, but for its lock files."""
    found = folder.iterdir() if folder.is_dir() else ()
    return sorted(str(p) for p in found if kind_of(p) and not p.name.startswith(("~$", ".")))


@cache
def _task_files(folder: Path, functions: tuple[Path, ...]) -> list[Path]:
    """The YAML files of tasks below a folder, and the data that they name."""
    return [*task_files(folder, functions), *data_files(folder)]


class Jobs(PruningJobs):
    """All jobs of one configuration; `w` are a job's wildcards."""

    def variant(self, w: Any) -> Variant:
        """The variant of a job, whose calibration set is one wildcard or a task and its set."""
        made_from = w.get("calibration") or f"{w.task}.{w.set}"
        return Variant(w.model, w.method, made_from, w.sparsity)

    def pruned_card(self, w: Any) -> list[str]:
        """The card of a variant's masks; nothing for the dense model."""
        made = self.variant(w)
        return [] if made.dense else [self.path("pruned", str(made), "card.json")]

    def pruned_option(self, w: Any) -> str:
        """The option that names a variant's masks."""
        made = self.variant(w)
        return "" if made.dense else shlex.join(["--pruned", self.path("pruned", str(made))])

    def summary_settings(self, w: Any) -> str:
        """How to generate. Of options Snakemake compares those alone that no file decides."""
        asked = self.config.summaries
        words = ["--max-new-tokens", str(asked.max_new_tokens)]
        words += [*self.batch_size(), *repeat("--stop", asked.stop)]
        words += ["--generation", asked.generation] if asked.generation == "model" else []
        for name, value in asked.chosen.items():
            words += ["--" + name.replace("_", "-"), str(value)]
        if asked.temperature or asked.generation == "model":
            words += ["--samples", str(asked.samples), "--seed", str(self.config.seed)]
        return shlex.join(words + self.style(w.model))

    def summary_options(self, w: Any, input: Any, output: Any) -> str:
        """How to generate, then table, prompt and output of every task of the job."""
        words = []
        tasks = [Path(table).parent.name for table in input.tasks]
        for task, table, summaries in zip(tasks, input.tasks, output.summaries, strict=True):
            prompt = self.config.tasks[task].prompt
            words += ["--task", table, "--prompt", prompt, "--output", summaries]
        return f"{self.summary_settings(w)} {shlex.join(words + self.prompt_file(tasks))}"

    def fairness_options(self, w: Any) -> str:
        """How a variant's summaries are judged."""
        return self._judging(w.task, self.variant(w))

    def calibration_fairness_options(self, w: Any) -> str:
        """How the dense model's summaries of a calibration split are judged."""
        return self._judging(w.task, plan.dense(w.model))

    def _judging(self, name: str, variant: Variant) -> str:
        task, asked = self.config.tasks[name], self.config.fairness
        words = ["--tau", str(asked.tau), "--seed", str(self.config.seed)]
        words += ["--variant", str(variant), *repeat("--ignore", task.ignore)]
        words += ["--pair", ",".join(task.pair)] if task.pair else []
        words += ["--language", task.language] if task.language else []
        words += repeat("--attribution", asked.attributions)
        words += repeat("--option", (f"{key}={value}" for key, value in asked.options.items()))
        return shlex.join(words)

    def quality_options(self, w: Any) -> str:
        """Seed and language, and the encoder of BERTScore where there is one."""
        words, encoder = ["--seed", str(self.config.seed)], self.config.quality.bertscore
        language = self.config.tasks[w.task].language
        words += ["--language", language] if language else []
        if encoder:
            words += ["--bertscore", present(encoder.path or encoder.id)]
            words += ["--device", self.config.device]
            words += ["--bertscore-layer", str(encoder.layer)]
            words += ["--bertscore-revision", present(encoder.revision)] if encoder.id else []
        return shlex.join(words)

    def comparison_options(self, w: Any) -> str:
        """Margins, the primary metric, the methods that others meet, and the seed."""
        asked, against = self.config.fairness, plan.against(self.config, w.model, w.task)
        words = ["--margin", str(asked.margin), "--margin-rate", str(asked.margin_rate)]
        words += ["--primary", asked.primary, *repeat("--against", against)]
        return shlex.join([*words, "--seed", str(self.config.seed)])

    def compared(self, stage: str) -> Callable[[Any], list[str]]:
        """The files of a stage that belong to a model's pruned variants on a task."""

        def files(w: Any) -> list[str]:
            found = plan.compared(self.config, w.model, w.task)
            return [self.path(stage, str(variant), f"{w.task}.json") for variant in found]

        return files

    def annotated(self, w: Any) -> list[str]:
        """The summaries that people compare."""
        return [
            self.path("summaries", str(variant), w.task, "test.jsonl")
            for variant in self._annotated(w)
        ]

    def annotation_against(self, w: Any) -> str:
        """Options that name the methods whose summaries people compare with others', too."""
        shown = {variant.method for variant in self._annotated(w)}
        known = plan.against(self.config, w.model, w.task)
        return shlex.join(repeat("--against", [method for method in known if method in shown]))

    def _annotated(self, w: Any) -> list[Variant]:
        found, asked = plan.compared(self.config, w.model, w.task), self.config.annotation.variants
        return [v for v in found if not asked or str(v).partition("/")[2] in asked]

    def sheets(self, w: Any) -> list[str]:
        """The sheets that annotators have filled; where there is none, what is missing."""
        folder = SHEETS / w.model / w.task
        return _tables(folder) or [str(folder / "ANNOTATOR.csv")]

    def annotations(self) -> list[str]:
        """The results of every model and task that somebody has filled a sheet of."""
        return [
            self.path("annotation", model, task, "results.json")
            for model in self.config.models
            for task in self.config.tasks
            if _tables(SHEETS / model / task)
        ]

    def sheet_options(self, w: Any) -> str:
        """Options that name the filled sheets."""
        return shlex.join(repeat("--sheet", self.sheets(w)))

    def corpora(self, w: Any) -> list[str]:
        """The texts that perplexity is measured on."""
        return [fetched.text_file(self.config, name) for name in self.config.language.corpora]

    def language_options(self, w: Any) -> str:
        """Corpora, their windows and zero-shot tasks."""
        asked = self.config.language
        pairs = zip(asked.corpora, self.corpora(w), strict=True)
        words = repeat("--corpus", map("=".join, pairs)) + repeat("--zero-shot", asked.zero_shot)
        limits = {name: self.config.texts[name].limit for name in asked.corpora}
        words += repeat("--limit", (f"{name}={n}" for name, n in limits.items() if n))
        for option in ("include_path", "functions"):
            found = getattr(asked, option) or []
            named = "--" + option.replace("_", "-")
            words += repeat(named, [found] if isinstance(found, str) else found)
        words += repeat("--data", map("=".join, self._bias_data()))
        return shlex.join([*words, "--window", str(asked.window), "--beginning", asked.beginning])

    def _bias_data(self) -> list[tuple[str, str]]:
        """Files that zero-shot tasks read: (key, where it lies)."""
        every = self.config.language.data.items()
        return [
            (k, fetched.local_file(self.config, k, file)) for k, files in every for file in files
        ]

    def measured_on(self, w: Any) -> list[str]:
        """The texts, and everything that zero-shot tasks are made from."""
        asked = self.config.language
        found = [file for _, file in self._bias_data()]
        if asked.include_path:
            folder = Path(asked.include_path)
            found += map(str, _task_files(folder, tuple(map(Path, asked.functions))))
        return [*self.corpora(w), *found, *asked.functions]

    def measured(self, w: Any) -> list[str]:
        """The language ability of a model's pruned variants."""
        every = plan.variants(self.config)
        mine = [str(v) for v in every if v.model == w.model and not v.dense]
        return [self.path("language", f"{name}.json") for name in mine]

    def bias_options(self, w: Any) -> str:
        """What is good of which metric, the margin, and the seed."""
        words = ["--margin", str(self.config.fairness.margin_rate)]
        for task, metrics in self.config.bias.metrics.items():
            for metric, goal in metrics.items():
                said = goal.better or goal.ideal
                ends = ":".join(map(str, goal.range))
                words += ["--metric", f"{task}/{metric}={said}:{ends}"]
        return shlex.join([*words, "--seed", str(self.config.seed)])
