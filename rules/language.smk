# Needs: models, pruned variants, texts; sets and tasks that zero-shot scores are of.
# Makes: results/language/{variant}.json and its card; with zero-shot tasks {variant}.parquet, what
# was got on each item.
from fairprune.io.places import items_file

LANGUAGE = f"{R}/language/{VARIANT}.json"
ITEMS = [str(items_file(Path(LANGUAGE)))] if CONFIG.language.zero_shot else []


rule evaluate_language:
    input:
        JOBS.measured_on,
        model=MODEL,
        pruned=JOBS.pruned_card,
    output:
        json=LANGUAGE,
        table=ITEMS,
        card=f"{LANGUAGE}.card.json",
    log:
        log("evaluate_language", VARIANT),
    benchmark:
        benchmark_file("evaluate_language", VARIANT)
    conda:
        "../envs/evaluation.yaml"
    threads: CONFIG.threads
    resources:
        gpu=GPU,
        mem_mb=memory(6),
        runtime=minutes(30),
    params:
        model=subpath(input.model, parent=True),
        pruned=JOBS.pruned_option,
        options=JOBS.language_options,
        torch=JOBS.torch(),
        script=script_path("evaluate_language.py"),
        code=code("evaluate_language.py"),
        tasks=digest_of_files("language/tasks"),
        threads=CONFIG.threads,
    message:
        "Measuring language ability of {wildcards.model} (method {wildcards.method},"
        " sparsity {wildcards.sparsity}, calibrated on {wildcards.calibration})"
    shell:
        "OMP_NUM_THREADS={params.threads:q} python {params.script:q} --model {params.model:q}"
        " {params.pruned} {params.options}"
        " {params.torch} --output {output.json:q} > {log:q} 2>&1"
