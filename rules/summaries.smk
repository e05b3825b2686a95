# Needs: models, pruned variants, tasks.
# Makes: results/summaries/{variant}/{task}/{split}.jsonl and its card. A variant calibrated on
# a task summarises that task; any other variant summarises every task, in one job. The dense model
# summarises a calibration split, too, where a calibration set is made from its own summaries.

OWN = f"{R}/summaries/{{model}}/{{method}}/{{task}}.{{set}}/{{sparsity}}/{{task}}/{{split}}.jsonl"
EVERY = [f"{R}/summaries/{VARIANT}/{task}/test.jsonl" for task in CONFIG.tasks]
EVERYWHERE = "|".join(["none", *seeded(CONFIG, text_sets(CONFIG))])  # the sets that are of no task


rule generate_summaries:
    input:
        model=MODEL,
        pruned=JOBS.pruned_card,
        tasks=[f"{R}/tasks/{{task}}/{{split}}.parquet"],
    output:
        summaries=[OWN],
        cards=[f"{OWN}.card.json"],
    log:
        log("generate_summaries", "{model}", "{method}", "{task}.{set}", "{sparsity}", "{split}"),
    benchmark:
        benchmark_file(
            "generate_summaries", "{model}", "{method}", "{task}.{set}", "{sparsity}", "{split}"
        )
    conda:
        "../envs/torch.yaml"
    threads: CONFIG.threads
    resources:
        gpu=GPU,
        mem_mb=memory(6),
        runtime=minutes(30),
    params:
        model=subpath(input.model, parent=True),
        pruned=JOBS.pruned_option,
        options=JOBS.summary_options,
        settings=JOBS.summary_settings,
        prompt=lambda w: JOBS.prompt(w.task),
        torch=JOBS.torch(),
        script=script_path("generate_summaries.py"),
        code=code("generate_summaries.py"),
        threads=CONFIG.threads,
    message:
        "Summarising {wildcards.task} with {wildcards.model} (method {wildcards.method},"
        " sparsity {wildcards.sparsity}, calibrated on {wildcards.task}.{wildcards.set})"
    shell:
        "OMP_NUM_THREADS={params.threads:q} python {params.script:q} --model {params.model:q}"
        " {params.pruned} {params.options} {params.torch} > {log:q} 2>&1"


if CONFIG.tasks:

    use rule generate_summaries as generate_summaries_everywhere with:
        input:
            model=MODEL,
            pruned=JOBS.pruned_card,
            tasks=[f"{R}/tasks/{task}/test.parquet" for task in CONFIG.tasks],
        output:
            summaries=EVERY,
            cards=[f"{file}.card.json" for file in EVERY],
        log:
            log("generate_summaries", VARIANT),
        benchmark:
            benchmark_file("generate_summaries", VARIANT)
        wildcard_constraints:
            calibration=EVERYWHERE,
        priority: 1  # the dense model's come first: if they are no good, nothing is judged
        params:
            prompt=[JOBS.prompt(task) for task in CONFIG.tasks],
        message:
            "Summarising every task with {wildcards.model} (method {wildcards.method},"
            " sparsity {wildcards.sparsity}, calibrated on {wildcards.calibration})"

    use rule generate_summaries as generate_calibration_summaries with:
        input:
            model=MODEL,
            tasks=[f"{R}/tasks/{{task}}/calibration.parquet"],
        output:
            summaries=[f"{R}/summaries/{{model}}/dense/none/0.00/{{task}}/calibration.jsonl"],
            cards=[f"{R}/summaries/{{model}}/dense/none/0.00/{{task}}/calibration.jsonl.card.json"],
        log:
            log("generate_calibration_summaries", "{model}", "{task}"),
        benchmark:
            benchmark_file("generate_calibration_summaries", "{model}", "{task}")
        params:
            pruned="",
        message:
            "Summarising the calibration split of {wildcards.task} with {wildcards.model}"
