# Needs: models, and tasks (their calibration split) or general texts.
# Makes: results/calibration/{model}/{calibration}.safetensors and its card. The model is loaded
# where it writes the set itself (mix: self), and else its tokenizer alone.


def of_own(own, others):
    """One request for calibration sets that the model writes itself, another for all others."""
    return lambda w, attempt: (own if JOBS.is_own(w) else others)(w, attempt)


def calibration_threads(wildcards):
    """CPU threads: those of a step that computes with a model, where this one does."""
    return CONFIG.threads if JOBS.is_own(wildcards) else 1


rule prepare_calibration:
    input:
        model="data/models/{model}/card.json",
        texts=JOBS.calibration_texts,
        fairness=JOBS.calibration_fairness,
    output:
        windows=f"{R}/calibration/{{model}}/{{calibration}}.safetensors",
        card=f"{R}/calibration/{{model}}/{{calibration}}.safetensors.card.json",
    log:
        log("prepare_calibration", "{model}", "{calibration}"),
    benchmark:
        benchmark_file("prepare_calibration", "{model}", "{calibration}")
    conda:
        "../envs/torch.yaml"
    threads: calibration_threads
    resources:
        gpu=lambda w: GPU * JOBS.is_own(w),
        mem_mb=of_own(memory(6), growing(4000)),
        runtime=of_own(minutes(30), growing(30)),
        turn=1,
    params:
        model=subpath(input.model, parent=True),
        options=JOBS.calibration_options,
        prompt=JOBS.calibration_prompt,
        script=script_path("prepare_calibration.py"),
        code=code("prepare_calibration.py"),
        threads=calibration_threads,
    message:
        "Cutting calibration set {wildcards.calibration} for {wildcards.model}"
    shell:
        "OMP_NUM_THREADS={params.threads:q} python {params.script:q} --model {params.model:q}"
        " --texts {input.texts:q} {params.options} --output {output.windows:q} > {log:q} 2>&1"
