# Needs: language ability of the dense models and of their pruned variants, with its items.
# Makes: results/bias/{model}.parquet with its card.


rule compare_items:
    input:
        language=JOBS.measured,
        tables=lambda w: [str(items_file(Path(file))) for file in JOBS.measured(w)],
        dense=f"{R}/language/{{model}}/dense/none/0.00.json",
        dense_table=f"{R}/language/{{model}}/dense/none/0.00.parquet",
    output:
        table=f"{R}/bias/{{model}}.parquet",
        card=f"{R}/bias/{{model}}.parquet.card.json",
    log:
        log("compare_items", "{model}"),
    benchmark:
        benchmark_file("compare_items", "{model}")
    conda:
        "../envs/torch.yaml"
    threads: 1
    resources:
        mem_mb=growing(4000),
        runtime=growing(60),
    params:
        language=lambda w, input: shlex.join(repeat("--language", input.language)),
        options=JOBS.bias_options,
        script=script_path("compare_items.py"),
        code=code("compare_items.py"),
    message:
        "Comparing what the variants of {wildcards.model} got on each item with what it got"
    shell:
        "python {params.script:q} {params.language} --dense {input.dense:q}"
        " {params.options} --output {output.table:q} > {log:q} 2>&1"
