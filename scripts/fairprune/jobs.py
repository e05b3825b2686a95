"""What each job of the workflow reads, and the options of its command line.

Functions of the configuration and a job's wildcards, free of Snakemake, so that they can be
tested alone. Options are given as shell text.
"""

import shlex
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fairprune import plan
from fairprune.config import Configuration
from fairprune.io.variants import Variant
from fairprune.pruning.method import Method


def repeat(option: str, values: Iterable[Any]) -> list[str]:
    """The words of a repeated option."""
    return [word for value in values for word in (option, str(value))]


@dataclass(frozen=True)
class Jobs:
    """The jobs of one configuration; `w` are a job's wildcards."""

    config: Configuration

    def path(self, *parts: str) -> str:
        """A path below the results folder."""
        return "/".join([self.config.results, *parts])

    def torch(self) -> str:
        """Where and in which number type a step computes."""
        return f"--device {self.config.device} --dtype {self.config.dtype}"

    def model_files(self, w: Any) -> list[str]:
        """What a local model is made of, so that its change is seen; nothing for a hub model."""
        folder = self.config.models[w.model].path
        if folder is None:
            return []
        return [f"{folder}/config.json", *sorted(map(str, Path(folder).glob("*.safetensors")))]

    def model_source(self, w: Any) -> str:
        """Options that name a model."""
        model = self.config.models[w.model]
        words = ["--model-id", model.path or model.id]
        return shlex.join(words + (["--revision", model.revision] if model.revision else []))

    def task_files(self, w: Any) -> list[str]:
        """A task's files: the user's own, or downloads."""
        return [plan.local_file(w.task, source) for source in self.config.tasks[w.task].files]

    def task_options(self, w: Any) -> str:
        """Options that say how a task's files are read."""
        task = self.config.tasks[w.task]
        words = ["--format", task.format, "--seed", str(self.config.seed), *self._groups(w.task)]
        words += ["--per-input", str(task.per_input), "--per-mix", str(task.per_mix)]
        words += repeat("--columns", (f"{ours}={its}" for ours, its in task.columns.items()))
        if task.limit is not None and w.split == "test":
            words += ["--limit", str(task.limit)]
        return shlex.join(repeat("--input", self.task_files(w)) + words)

    def _groups(self, task: str) -> list[str]:
        asked = self.config.tasks[task]
        return repeat("--group", asked.groups) + repeat("--ignore", asked.ignore)

    def prompt_text(self, task: str) -> list[str] | None:
        """The words of a prompt of the configuration, so that their change is seen."""
        prompt = self.config.prompts.get(self.config.tasks[task].prompt)
        return prompt and [prompt.before, prompt.after]

    def _prompt_file(self, tasks: Iterable[str]) -> list[str]:
        own = any(self.config.tasks[task].prompt in self.config.prompts for task in tasks)
        return ["--config", self.path("config.yaml")] if own else []

    def calibration_texts(self, w: Any) -> str:
        """The file that a calibration set is cut from."""
        task, _ = plan.task_set(self.config, w.calibration)
        if task in self.config.tasks:
            return self.path("tasks", task, "calibration.parquet")
        return plan.text_file(self.config, task)

    def calibration_options(self, w: Any) -> str:
        """Options that say which texts, under which prompt, in which windows."""
        task, name = plan.task_set(self.config, w.calibration)
        asked, seed = self.config.calibration, plan.calibration_seed(self.config, w.calibration)
        words = ["--samples", str(asked.samples), "--length", str(asked.length)]
        words += ["--windows", asked.windows, "--seed", str(seed)]
        if task not in self.config.tasks:
            return shlex.join([*words, "--prompt", "none"])
        made = plan.calibration_set(self.config, task, name)
        words += ["--mix", made.mix, *self._groups(task)]
        if not made.prompt:
            return shlex.join([*words, "--prompt", "none"])
        words += ["--prompt", self.config.tasks[task].prompt]
        words += ["--prompt-style", self.config.models[w.model].prompt_style]
        return shlex.join(words + self._prompt_file([task]))

    def calibration_prompt(self, w: Any) -> list[str] | None:
        """The words of the prompt that a calibration set stands under, where it is our own."""
        task, name = plan.task_set(self.config, w.calibration)
        own = task in self.config.tasks and plan.calibration_set(self.config, task, name).prompt
        return self.prompt_text(task) if own else None

    def norms(self, w: Any) -> str:
        """Options that name the gradient norms that the configuration's methods read."""
        return shlex.join(repeat("--norm", plan.gradient_norms(self.config, w.loss)))

    def method(self, w: Any) -> Method:
        """The method of a variant."""
        return plan.method(self.config, w.method, w.sparsity)

    def statistics(self, w: Any) -> dict[str, str]:
        """The files of statistics that a variant's method needs, by the option that takes them."""
        method, where = self.method(w), f"{w.model}/{w.calibration}"
        needed = {}
        if method.needs_calibration:
            needed["calibration"] = self.path("calibration", f"{where}.safetensors")
        if method.dense_activations:
            needed["activations"] = self.path("activations", f"{where}.safetensors")
        if method.gradient_loss:
            needed["gradients"] = self.path(
                "gradients", where, f"{method.gradient_loss}.safetensors"
            )
        return needed

    def method_options(self, w: Any) -> str:
        """Options of a method and its statistics."""
        asked, method = self.config.methods[w.method], self.method(w)
        words = ["--method", asked.score or w.method, "--seed", str(self.config.seed)]
        if method.pattern == "unstructured":
            words += ["--sparsity", w.sparsity]
            words += ["--group", asked.group] if asked.group else []
        else:
            words += ["--pattern", method.pattern]
        words += ["--allocation", asked.allocation] if asked.allocation else []
        words += ["--refinement", asked.refinement] if asked.refinement else []
        words += repeat("--option", (f"{key}={value}" for key, value in asked.options.items()))
        for option, file in self.statistics(w).items():
            words += [f"--{option}", file]
        return shlex.join(words)

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
        return "" if made.dense else f"--pruned {self.path('pruned', str(made))}"

    def summary_options(self, w: Any, input: Any, output: Any) -> str:
        """How to generate, then table, prompt and output of every task of the job."""
        asked = self.config.summaries
        words = ["--max-new-tokens", str(asked.max_new_tokens)]
        words += ["--batch-size", str(asked.batch_size), *repeat("--stop", asked.stop)]
        words += ["--prompt-style", self.config.models[w.model].prompt_style]
        tasks = [Path(table).parent.name for table in input.tasks]
        for task, table, summaries in zip(tasks, input.tasks, output.summaries, strict=True):
            prompt = self.config.tasks[task].prompt
            words += ["--task", table, "--prompt", prompt, "--output", summaries]
        return shlex.join(words + self._prompt_file(tasks))

    def fairness_options(self, w: Any) -> str:
        """How a variant's summaries are judged."""
        task, asked = self.config.tasks[w.task], self.config.fairness
        words = ["--tau", str(asked.tau), "--seed", str(self.config.seed)]
        words += ["--variant", str(self.variant(w)), *repeat("--ignore", task.ignore)]
        words += ["--pair", ",".join(task.pair)] if task.pair else []
        words += repeat("--attribution", asked.attributions)
        words += repeat("--option", (f"{key}={value}" for key, value in asked.options.items()))
        return shlex.join(words)

    def compared(self, stage: str) -> Callable[[Any], list[str]]:
        """The files of a stage that belong to a model's pruned variants on a task."""

        def files(w: Any) -> list[str]:
            found = plan.compared(self.config, w.model, w.task)
            return [self.path(stage, str(variant), f"{w.task}.json") for variant in found]

        return files

    def corpora(self, w: Any) -> list[str]:
        """The texts that perplexity is measured on."""
        return [plan.text_file(self.config, name) for name in self.config.language.corpora]

    def language_options(self, w: Any) -> str:
        """Corpora, window and zero-shot tasks."""
        asked = self.config.language
        pairs = zip(asked.corpora, self.corpora(w), strict=True)
        words = repeat("--corpus", map("=".join, pairs)) + repeat("--zero-shot", asked.zero_shot)
        return shlex.join([*words, "--window", str(asked.window)])
