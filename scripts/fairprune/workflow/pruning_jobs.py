"""What each job up to the pruned model reads, and the options of its command line.

Functions of the configuration and a job's wildcards, so that they can be tested alone. Options
are given as shell text.
"""

import json
import shlex
from collections.abc import Callable, Iterable
from functools import cache, cached_property, partial
from typing import Any

from fairprune.config_calibration import CalibrationSet, Continued, TextSet
from fairprune.pruning.resolved import Method
from fairprune.workflow import fetched, plan
from fairprune.workflow.calibrations import (
    calibration_seed,
    calibration_set,
    is_own,
    is_ranked,
    task_set,
)
from fairprune.workflow.model_jobs import ModelJobs, repeat
from fairprune.workflow.task_files import label_pairs


class PruningJobs(ModelJobs):
    """The jobs up to the pruned model; `w` are a job's wildcards."""

    def task_files(self, w: Any) -> list[str]:
        """A task's files: the user's own, or downloads."""
        return [
            fetched.local_file(self.config, w.task, file)
            for file in self.config.tasks[w.task].files
        ]

    def task_options(self, w: Any) -> str:
        """Options that say how a task's files are read."""
        task = self.config.tasks[w.task]
        words = ["--format", task.format, "--seed", str(self.config.seed), *self._groups(w.task)]
        words += ["--per-input", str(task.per_input)] if task.per_input != "auto" else []
        words += ["--per-mix", str(task.per_mix), *(["--reuse"] if task.reuse else [])]
        words += repeat("--columns", (f"{ours}={its}" for ours, its in task.columns.items()))
        words += repeat("--labels", label_pairs(task))
        for name in ("group_by", "encoding", "delimiter", "sheet"):
            if (value := getattr(task, name)) is not None:
                words += [f"--{name.replace('_', '-')}", value]
        if task.limit is not None and w.split == "test":
            words += ["--limit", str(task.limit)]
        return shlex.join(repeat("--input", self.task_files(w)) + words)

    def _groups(self, task: str) -> list[str]:
        asked = self.config.tasks[task]
        return repeat("--group", asked.groups or ()) + repeat("--ignore", asked.ignore)

    def style(self, model: str) -> list[str]:
        """How prompts are put to a model, and what its chat template is told."""
        asked = self.config.models[model]
        words = ["--prompt-style", asked.prompt_style]
        if asked.prompt_style == "chat":
            words += ["--date", self.config.date]
            words += ["--system", asked.system] if asked.system else []
            told = (f"{key}={json.dumps(value)}" for key, value in asked.template.items())
            words += repeat("--template", told)
        return words

    def prompt_text(self, task: str) -> list[str] | None:
        """The words of a prompt of the configuration, so that their change is seen."""
        prompt = self.config.prompts.get(self.config.tasks[task].prompt)
        return [prompt.before, prompt.after] if prompt else None

    def prompt(self, task: str) -> list[str]:
        """The same after the prompt's name, where no option that Snakemake compares has it."""
        return [self.config.tasks[task].prompt, *(self.prompt_text(task) or [])]

    def prompt_file(self, tasks: Iterable[str]) -> list[str]:
        """The option that names where our own prompts stand, if a task uses one."""
        own = any(self.config.tasks[task].prompt in self.config.prompts for task in tasks)
        return ["--config", self.path("config.yaml")] if own else []

    def calibration_texts(self, w: Any) -> str:
        """The file that a calibration set is cut from."""
        task, _ = task_set(self.config, w.calibration)
        if task in self.config.tasks:
            return self.path("tasks", task, "calibration.parquet")
        return fetched.text_file(self.config, task)

    def calibration_fairness(self, w: Any) -> list[str]:
        """The dense model's fairness on the calibration split, for sets that are made by it."""
        task, name = task_set(self.config, w.calibration)
        ranked = task in self.config.tasks and is_ranked(self.config, task, name)
        where = ("fairness", str(plan.dense(w.model)), task, "calibration.parquet")
        return [self.path(*where)] if ranked else []

    def calibration_options(self, w: Any) -> str:
        """Options that say which texts, under which prompt, in which windows."""
        task, name = task_set(self.config, w.calibration)
        asked, seed = (
            self.config.calibration,
            calibration_seed(self.config, w.calibration),
        )
        words = ["--samples", str(asked.samples), "--length", str(asked.length)]
        words += ["--windows", asked.windows, "--seed", str(seed)]
        if task not in self.config.tasks:
            limit = self.config.texts[task].limit
            words += ["--limit", str(limit)] if limit else []
        if self.is_own(w):
            return shlex.join(words + self._continuing(calibration_set(self.config, task, name)))
        if task not in self.config.tasks:
            return shlex.join([*words, "--prompt", "none"])
        made = calibration_set(self.config, task, name)
        words += ["--mix", made.mix, *self._groups(task)]
        words += repeat("--fairness", self.calibration_fairness(w))
        if not made.prompted:
            return shlex.join([*words, "--prompt", "none"])
        words += ["--prompt", self.config.tasks[task].prompt]
        words += self.style(w.model)
        return shlex.join(words + self.prompt_file([task]))

    def calibration_prompt(self, w: Any) -> list[str] | None:
        """The words of the prompt that a calibration set stands under, where it is our own."""
        task, name = task_set(self.config, w.calibration)
        own = task in self.config.tasks and calibration_set(self.config, task, name).prompted
        return self.prompt_text(task) if own else None

    def is_own(self, w: Any) -> bool:
        """Whether a calibration set is what the dense model writes itself: a job that loads it."""
        return is_own(self.config, w.calibration)

    def _continuing(self, made: CalibrationSet | TextSet) -> list[str]:
        """The words that say how the dense model goes on from texts."""
        words = ["--mix", made.mix, "--prompt", "none"]
        for name in Continued.model_fields:
            if (value := getattr(made, name)) is not None:
                words += [f"--{name.replace('_', '-')}", str(value)]
        return [*words, *self.batch_size(), *self.torch().split()]

    def norms(self, w: Any) -> str:
        """Options that name the gradient norms that the configuration's methods read."""
        return shlex.join(repeat("--norm", plan.gradient_norms(self.config, w.loss)))

    def method(self, w: Any) -> Method:
        """The method of a variant."""
        return self._method(w.method, w.sparsity)

    @cached_property
    def _method(self) -> Callable[[str, str], Method]:
        """Each method is resolved once, not once for every job that asks."""
        return cache(partial(plan.method, self.config))

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
