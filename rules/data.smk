# Needs: `tasks` and `texts` of the configuration (local files, or https URLs).
# Makes: data/downloads/{key}/{name} and its card; results/tasks/{task}/{split}.parquet and its card.


rule download_file:
    output:
        file=f"{CONFIG.data}/downloads/{{key}}/{{name}}",
        card=f"{CONFIG.data}/downloads/{{key}}/{{name}}.card.json",
    log:
        log("download_file", "{key}", "{name}"),
    benchmark:
        benchmark_file("download_file", "{key}", "{name}")
    wildcard_constraints:
        name=r"[^/]+(?<!card\.json)",
    localrule: True
    conda:
        "../envs/download.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(120),
    params:
        url=lambda w: fetched.source_of(CONFIG, w.key, w.name),
        script=script_path("download_file.py"),
        code=code("download_file.py"),
    message:
        "Downloading {wildcards.name} for {wildcards.key}"
    shell:
        "python {params.script:q} --url {params.url:q} --output {output.file:q} > {log:q} 2>&1"


rule prepare_task:
    input:
        JOBS.task_files,
    output:
        table=f"{R}/tasks/{{task}}/{{split}}.parquet",
        card=f"{R}/tasks/{{task}}/{{split}}.parquet.card.json",
    log:
        log("prepare_task", "{task}", "{split}"),
    benchmark:
        benchmark_file("prepare_task", "{task}", "{split}")
    conda:
        "../envs/torch.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
        turn=1,
    params:
        options=JOBS.task_options,
        script=script_path("prepare_task.py"),
        code=code("prepare_task.py", *found_by_name("data/importers")),
    message:
        "Reading the {wildcards.split} split of task {wildcards.task}"
    shell:
        "python {params.script:q} {params.options}"
        " --split {wildcards.split:q} --output {output.table:q} > {log:q} 2>&1"
