"""What is made when a file is asked for, and what is made again when something changes."""

from fairprune import config_file
from fairprune.io.cards import read_card
from fairprune.workflow import plan

FAIRNESS = "results/fairness/demo/hgla/reviews.balanced/0.50/reviews.json"

VARIANT_JOBS = {"prune_model", "generate_summaries", "evaluate_fairness", "evaluate_quality"}
SUMMARY_JOBS = {"compare_variants", "build_tables", "build_figures", "build_report"}


def test_whole_run_makes_every_target_with_its_card(finished):
    config = config_file.parse(finished.config)
    targets = plan.targets(config)
    for files in targets.values():
        for file in files:
            assert (finished.folder / file).is_file(), file
    for file in targets["judged"]:
        assert read_card(finished.folder / file)["stage"]
    for card in targets["pruned"]:
        assert read_card((finished.folder / card).parent)["stage"] == "prune_model"
    leftover = list(finished.folder.rglob(".*partial*"))
    assert leftover == []


def test_logs_end_with_time_and_memory(finished):
    logs = sorted((finished.folder / "results/logs").rglob("*.log"))
    assert len(logs) >= 12
    for log in logs:
        last = log.read_text().splitlines()[-1]
        assert " s, peak memory " in last, log


def test_finished_run_has_nothing_to_do(finished):
    assert "Nothing to be done" in finished.snakemake("--dry-run").text


def test_one_fairness_file_makes_exactly_what_it_needs(workspace):
    run = workspace.snakemake("--dry-run", FAIRNESS)
    assert run.jobs == {
        "download_model": 1,
        "prepare_task": 3,
        "prepare_calibration": 1,
        "measure_activations": 1,
        "compute_gradients": 1,
        "prune_model": 1,
        "generate_summaries": 1,
        "evaluate_fairness": 1,
    }


def test_variant_that_the_configuration_does_not_list(finished):
    run = finished.snakemake("--dry-run", FAIRNESS.replace("0.50", "0.35"))
    assert run.jobs == {"prune_model": 1, "generate_summaries": 1, "evaluate_fairness": 1}


def test_new_sparsity_reruns_nothing_else(finished):
    changed = finished.copy_config(grid=[{"sparsities": [0.5, 0.3]}])
    run = changed.snakemake("--dry-run")
    assert run.jobs == dict.fromkeys(VARIANT_JOBS | SUMMARY_JOBS, 1)
    assert "sparsity 0.30" in run.text
    assert "sparsity 0.50" not in run.text


def test_new_method_reruns_nothing_else(finished):
    changed = finished.copy_config(methods={"hgla": {}, "wanda": {}})
    run = changed.snakemake("--dry-run")
    assert run.jobs == dict.fromkeys(VARIANT_JOBS | SUMMARY_JOBS, 1)
    assert "method wanda" in run.text
    assert "method hgla" not in run.text


def test_changed_option_remakes_its_variants_only(finished):
    options = {"options": {"score.form": "sum"}}
    changed = finished.copy_config(methods={"hgla": options})
    run = changed.snakemake("--dry-run")
    assert run.jobs == dict.fromkeys(VARIANT_JOBS | SUMMARY_JOBS, 1)


def test_changed_summary_settings_remake_every_summary_and_what_is_judged_of_them(finished):
    changed = finished.copy_config(summaries={"max_new_tokens": 24, "stop": ["\n"]})
    run = changed.snakemake("--dry-run")
    judged = {"evaluate_fairness": 2, "evaluate_quality": 2}
    made = {"generate_summaries": 1, "generate_summaries_everywhere": 1} | judged
    assert run.jobs == made | dict.fromkeys(SUMMARY_JOBS, 1)


def test_another_prompt_remakes_the_dense_models_summaries_too(finished):
    """So that no variant is compared with what was asked otherwise."""
    changed = finished.copy_config()
    changed.config["tasks"]["reviews"]["prompt"] = "tweets"
    run = changed.snakemake("--dry-run")
    assert run.jobs["generate_summaries_everywhere"] == run.jobs["generate_summaries"] == 1


def test_changed_prompt_option_remakes_calibration_and_what_follows(finished):
    changed = finished.copy_config()
    changed.config["tasks"]["reviews"]["calibration"]["balanced"]["prompt"] = False
    run = changed.snakemake("--dry-run")
    assert run.jobs["prepare_calibration"] == 1
    assert "generate_summaries_everywhere" not in run.jobs  # the dense model's summaries stay
    assert "prepare_task" not in run.jobs
