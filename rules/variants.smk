# Needs: models, pruned variants, tasks; texts, and what zero-shot scores are of.
# Makes: where a configuration asks for both, a variant's summaries and its language ability, in one
# job that loads the model once.


ruleorder: evaluate_variant > generate_summaries
ruleorder: evaluate_variant > evaluate_language
ruleorder: evaluate_variant_everywhere > generate_summaries_everywhere
ruleorder: evaluate_variant_everywhere > evaluate_language


TOGETHER = ("generate_summaries.py", "evaluate_language.py")
OF_A_TASK = [OWN.replace("{split}", "test")]
OWN_LANGUAGE, *OWN_ITEMS = [
    file.replace("{calibration}", "{task}.{set}") for file in [LANGUAGE, *ITEMS]
]


rule evaluate_variant:
    input:
        JOBS.measured_on,
        model=MODEL,
        pruned=JOBS.pruned_card,
        tasks=[f"{R}/tasks/{{task}}/test.parquet"],
    output:
        summaries=OF_A_TASK,
        json=OWN_LANGUAGE,
        table=OWN_ITEMS,
        cards=[f"{file}.card.json" for file in [*OF_A_TASK, OWN_LANGUAGE]],
    log:
        log("evaluate_variant", "{model}", "{method}", "{task}.{set}", "{sparsity}"),
    benchmark:
        benchmark_file("evaluate_variant", "{model}", "{method}", "{task}.{set}", "{sparsity}")
    conda:
        "../envs/evaluation.yaml"
    threads: CONFIG.threads
    resources:
        gpu=GPU,
        mem_mb=memory(6),
        runtime=minutes(50),
    params:
        model=subpath(input.model, parent=True),
        pruned=JOBS.pruned_option,
        summaries=JOBS.summary_options,
        settings=JOBS.summary_settings,
        prompt=lambda w: JOBS.prompt(w.task),
        language=JOBS.language_options,
        torch=JOBS.torch(),
        script=script_path("evaluate_variant.py"),
        code=code("evaluate_variant.py", *map(ENTRIES.joinpath, TOGETHER)),
        tasks=digest_of_files("language/tasks"),
        threads=CONFIG.threads,
    message:
        "Evaluating {wildcards.model} (method {wildcards.method}, sparsity {wildcards.sparsity},"
        " calibrated on {wildcards.task}.{wildcards.set})"
    shell:
        "OMP_NUM_THREADS={params.threads:q} python {params.script:q} --model {params.model:q}"
        " {params.pruned} --summaries {params.summaries:q} --language {params.language:q}"
        " {params.torch} --output {output.json:q} > {log:q} 2>&1"


use rule evaluate_variant as evaluate_variant_everywhere with:
    input:
        JOBS.measured_on,
        model=MODEL,
        pruned=JOBS.pruned_card,
        tasks=[f"{R}/tasks/{task}/test.parquet" for task in CONFIG.tasks],
    output:
        summaries=EVERY,
        json=LANGUAGE,
        table=ITEMS,
        cards=[f"{file}.card.json" for file in [*EVERY, LANGUAGE]],
    log:
        log("evaluate_variant", VARIANT),
    benchmark:
        benchmark_file("evaluate_variant", VARIANT)
    wildcard_constraints:
        calibration=EVERYWHERE,
    priority: 1  # the dense model's come first: if they are no good, nothing is judged
    params:
        prompt=[JOBS.prompt(task) for task in CONFIG.tasks],
    message:
        "Evaluating {wildcards.model} (method {wildcards.method}, sparsity {wildcards.sparsity},"
        " calibrated on {wildcards.calibration})"
