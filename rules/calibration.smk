# Needs: models, and tasks (their calibration split) or general texts.
# Makes: results/calibration/{model}/{calibration}.safetensors and its card.


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
    threads: 1
    resources:
        mem_mb=growing(4000),
        runtime=growing(30),
        turn=1,
    params:
        model=subpath(input.model, parent=True),
        options=JOBS.calibration_options,
        prompt=JOBS.calibration_prompt,
        script=script_path("prepare_calibration.py"),
        code=code("prepare_calibration.py"),
    message:
        "Cutting calibration set {wildcards.calibration} for {wildcards.model}"
    shell:
        "python {params.script:q} --model {params.model:q} --texts {input.texts:q} {params.options}"
        " --output {output.windows:q} > {log:q} 2>&1"
