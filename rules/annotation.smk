# Needs: summaries and tasks; sheets that people have filled, data/annotation/{model}/{task}/*.csv.
# Makes, on request: results/annotation/{model}/{task}/sheet.csv and key.json, with one card;
# results/annotation/{model}/{task}/results.json and its card.

ANNOTATION = f"{R}/annotation/{{model}}/{{task}}"


rule prepare_annotation:
    input:
        dense=f"{R}/summaries/{{model}}/dense/none/0.00/{{task}}/test.jsonl",
        summaries=JOBS.annotated,
        task=f"{R}/tasks/{{task}}/test.parquet",
    output:
        sheet=f"{ANNOTATION}/sheet.csv",
        key=f"{ANNOTATION}/key.json",
        card=f"{ANNOTATION}/sheet.csv.card.json",
    log:
        log("prepare_annotation", "{model}", "{task}"),
    benchmark:
        benchmark_file("prepare_annotation", "{model}", "{task}")
    conda:
        "../envs/torch.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        summaries=lambda w, input: shlex.join(repeat("--summaries", input.summaries)),
        inputs=CONFIG.annotation.inputs,
        against=JOBS.annotation_against,
        seed=CONFIG.seed,
        script=script_path("prepare_annotation.py"),
        code=code("prepare_annotation.py"),
    message:
        "Writing the annotation sheet of {wildcards.model} on {wildcards.task}"
    shell:
        "python {params.script:q} --dense {input.dense:q} {params.summaries} --task {input.task:q}"
        " {params.against} --inputs {params.inputs:q} --seed {params.seed:q}"
        " --key {output.key:q} --output {output.sheet:q} > {log:q} 2>&1"


rule read_annotation:
    input:
        key=f"{ANNOTATION}/key.json",
        sheets=JOBS.sheets,
    output:
        json=f"{ANNOTATION}/results.json",
        card=f"{ANNOTATION}/results.json.card.json",
    log:
        log("read_annotation", "{model}", "{task}"),
    benchmark:
        benchmark_file("read_annotation", "{model}", "{task}")
    conda:
        "../envs/torch.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        sheets=JOBS.sheet_options,
        seed=CONFIG.seed,
        script=script_path("read_annotation.py"),
        code=code("read_annotation.py"),
    message:
        "Reading {input.sheets} about {wildcards.model} on {wildcards.task}"
    shell:
        "python {params.script:q} {params.sheets} --key {input.key:q} --seed {params.seed:q}"
        " --output {output.json:q} > {log:q} 2>&1"
