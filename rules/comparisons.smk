# Needs: fairness of the dense models and of their pruned variants.
# Makes: results/comparisons/{model}/{task}.parquet with its card.


rule compare_variants:
    input:
        fairness=JOBS.compared("fairness"),
        dense=f"{R}/fairness/{{model}}/dense/none/0.00/{{task}}.json",
    output:
        table=f"{R}/comparisons/{{model}}/{{task}}.parquet",
        card=f"{R}/comparisons/{{model}}/{{task}}.parquet.card.json",
    log:
        log("compare_variants", "{model}", "{task}"),
    benchmark:
        benchmark_file("compare_variants", "{model}", "{task}")
    conda:
        "../envs/torch.yaml"
    threads: 1
    resources:
        mem_mb=growing(4000),
        runtime=growing(60),
    params:
        fairness=lambda w, input: shlex.join(repeat("--fairness", input.fairness)),
        options=JOBS.comparison_options,
        script=script_path("compare_variants.py"),
        code=judging_code("compare_variants.py"),
    message:
        "Comparing the variants of {wildcards.model} with it on {wildcards.task}"
    shell:
        "python {params.script:q} {params.fairness} --dense {input.dense:q}"
        " {params.options} --output {output.table:q} > {log:q} 2>&1"
