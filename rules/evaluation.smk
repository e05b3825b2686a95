# Needs: summaries, tasks.
# Makes: results/{fairness,quality}/{variant}/{task}.{json,parquet} with cards.


rule evaluate_fairness:
    input:
        summaries=f"{R}/summaries/{VARIANT}/{{task}}/test.jsonl",
        task=f"{R}/tasks/{{task}}/test.parquet",
        train=f"{R}/tasks/{{task}}/train.parquet",
    output:
        json=f"{R}/fairness/{VARIANT}/{{task}}.json",
        table=f"{R}/fairness/{VARIANT}/{{task}}.parquet",
        card=f"{R}/fairness/{VARIANT}/{{task}}.json.card.json",
    log:
        log("evaluate_fairness", VARIANT, "{task}"),
    benchmark:
        benchmark_file("evaluate_fairness", VARIANT, "{task}")
    conda:
        "../envs/torch.yaml"
    threads: 1
    resources:
        gpu=GPU * judged_by_model(CONFIG),
        mem_mb=growing(8000 if judged_by_model(CONFIG) else 4000),
        runtime=growing(30),
        turn=1,
    params:
        options=JOBS.fairness_options,
        script=script_path("evaluate_fairness.py"),
        code=judging_code("evaluate_fairness.py"),
    message:
        "Judging fairness of {wildcards.model} on {wildcards.task} (method {wildcards.method},"
        " sparsity {wildcards.sparsity}, calibrated on {wildcards.calibration})"
    shell:
        "python {params.script:q} --summaries {input.summaries:q} --task {input.task:q}"
        " --train {input.train:q} {params.options} --output {output.json:q} > {log:q} 2>&1"


use rule evaluate_fairness as evaluate_calibration_fairness with:
    input:
        summaries=f"{R}/summaries/{{model}}/dense/none/0.00/{{task}}/calibration.jsonl",
        task=f"{R}/tasks/{{task}}/calibration.parquet",
        train=f"{R}/tasks/{{task}}/train.parquet",
    output:
        json=f"{R}/fairness/{{model}}/dense/none/0.00/{{task}}/calibration.json",
        table=f"{R}/fairness/{{model}}/dense/none/0.00/{{task}}/calibration.parquet",
        card=f"{R}/fairness/{{model}}/dense/none/0.00/{{task}}/calibration.json.card.json",
    log:
        log("evaluate_calibration_fairness", "{model}", "{task}"),
    benchmark:
        benchmark_file("evaluate_calibration_fairness", "{model}", "{task}")
    params:
        options=JOBS.calibration_fairness_options,
        script=script_path("evaluate_fairness.py"),
        code=judging_code("evaluate_fairness.py"),
    message:
        "Judging {wildcards.model} on the calibration split of {wildcards.task}"


rule evaluate_quality:
    input:
        summaries=f"{R}/summaries/{VARIANT}/{{task}}/test.jsonl",
        task=f"{R}/tasks/{{task}}/test.parquet",
    output:
        json=f"{R}/quality/{VARIANT}/{{task}}.json",
        table=f"{R}/quality/{VARIANT}/{{task}}.parquet",
        card=f"{R}/quality/{VARIANT}/{{task}}.json.card.json",
    log:
        log("evaluate_quality", VARIANT, "{task}"),
    benchmark:
        benchmark_file("evaluate_quality", VARIANT, "{task}")
    conda:
        "../envs/torch.yaml"
    threads: 1
    resources:
        gpu=GPU * (CONFIG.quality.bertscore is not None),
        mem_mb=growing(2000 if CONFIG.quality.bertscore is None else 6000),
        runtime=growing(30),
        turn=1,
    params:
        options=JOBS.quality_options,
        script=script_path("evaluate_quality.py"),
        code=code("evaluate_quality.py"),
    message:
        "Judging quality of {wildcards.model} on {wildcards.task} (method {wildcards.method},"
        " sparsity {wildcards.sparsity}, calibrated on {wildcards.calibration})"
    shell:
        "python {params.script:q} --summaries {input.summaries:q} --task {input.task:q}"
        " {params.options} --output {output.json:q} > {log:q} 2>&1"
