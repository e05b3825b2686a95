# Needs: summaries and quality of the models as they are.
# Makes, on request: results/dense.md, to be looked at before anything is pruned.

DENSE = [f"{model}/dense/none/0.00/{task}" for model in CONFIG.models for task in CONFIG.tasks]


rule show_dense:
    input:
        summaries=[f"{R}/summaries/{place}/test.jsonl" for place in DENSE],
        quality=[f"{R}/quality/{place}.json" for place in DENSE],
    output:
        text=f"{R}/dense.md",
        card=f"{R}/dense.md.card.json",
    log:
        log("show_dense"),
    benchmark:
        benchmark_file("show_dense")
    conda:
        "../envs/report.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(10),
    params:
        summaries=lambda w, input: shlex.join(repeat("--summaries", input.summaries)),
        quality=lambda w, input: shlex.join(repeat("--quality", input.quality)),
        script=script_path("show_dense.py"),
        code=code("show_dense.py"),
    message:
        "Showing what the models write as they are"
    shell:
        "python {params.script:q} {params.summaries} {params.quality} --output {output.text:q}"
        " > {log:q} 2>&1"
