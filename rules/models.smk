# Needs: `models` and `compressed` of the configuration (a hub id and commit, or a local place).
# Makes: data/models/{model}/card.json, and the model's files beside it.


rule download_model:
    input:
        JOBS.model_files,
    output:
        card=update(MODEL),  # by which a step knows its own folder
    log:
        log("download_model", "{model}"),
    benchmark:
        benchmark_file("download_model", "{model}")
    wildcard_constraints:
        model="|".join(map(re.escape, [*CONFIG.models, *CONFIG.compressed])),
    localrule: True
    conda:
        "../envs/download.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(240),
    params:
        source=JOBS.model_source,
        folder=subpath(output.card, parent=True),
        script=script_path("download_model.py"),
        code=code("download_model.py"),
    message:
        "Fetching model {wildcards.model}"
    shell:
        "python {params.script:q} {params.source} --output {params.folder:q} > {log:q} 2>&1"
