# Needs: models, and tasks (their calibration split) or general texts.
# Makes: results/calibration/{model}/{calibration}.safetensors and its card. The model is loaded
# where it writes the set itself (mix: self), and else its tokenizer alone.


rule prepare_calibration:
    input:
        model=MODEL,
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
    threads: lambda w: CONFIG.threads if JOBS.is_own(w) else 1
    resources:
        gpu=lambda w: GPU * JOBS.is_own(w),
        mem_mb=lambda w, attempt: (memory(6) if JOBS.is_own(w) else growing(4000))(w, attempt),
        runtime=lambda w, attempt: (minutes(30) if JOBS.is_own(w) else growing(30))(w, attempt),
        turn=1,
    params:
        model=subpath(input.model, parent=True),
        options=JOBS.calibration_options,
        prompt=JOBS.calibration_prompt,
        script=script_path("prepare_calibration.py"),
        code=code("prepare_calibration.py"),
        threads=lambda w: CONFIG.threads if JOBS.is_own(w) else 1,
    message:
        "Cutting calibration set {wildcards.calibration} for {wildcards.model}"
    shell:
        "OMP_NUM_THREADS={params.threads:q} python {params.script:q} --model {params.model:q}"
        " --texts {input.texts:q} {params.options} --output {output.windows:q} > {log:q} 2>&1"
