# Needs: models, calibration sets.
# Makes: results/activations/{model}/{calibration}.safetensors (dense activation norms) and
# results/gradients/{model}/{calibration}/{loss}.safetensors (gradient norms), with cards.


rule measure_activations:
    input:
        model=MODEL,
        calibration=f"{R}/calibration/{{model}}/{{calibration}}.safetensors.card.json",
    output:
        norms=kept(
            CONFIG.keep.activations, f"{R}/activations/{{model}}/{{calibration}}.safetensors"
        ),
        card=kept(
            CONFIG.keep.activations,
            f"{R}/activations/{{model}}/{{calibration}}.safetensors.card.json",
        ),
    log:
        log("measure_activations", "{model}", "{calibration}"),
    benchmark:
        benchmark_file("measure_activations", "{model}", "{calibration}")
    conda:
        "../envs/torch.yaml"
    threads: CONFIG.threads
    resources:
        gpu=GPU,
        mem_mb=memory(5),
        runtime=minutes(5),
    params:
        model=subpath(input.model, parent=True),
        calibration=subpath(input.calibration, strip_suffix=".card.json"),
        torch=JOBS.torch(),
        script=script_path("measure_activations.py"),
        code=code("measure_activations.py"),
        threads=CONFIG.threads,
    message:
        "Measuring dense activations of {wildcards.model} on {wildcards.calibration}"
    shell:
        "OMP_NUM_THREADS={params.threads:q} python {params.script:q} --model {params.model:q}"
        " --calibration {params.calibration:q} {params.torch} --output {output.norms:q} > {log:q} 2>&1"


rule compute_gradients:
    input:
        model=MODEL,
        calibration=f"{R}/calibration/{{model}}/{{calibration}}.safetensors.card.json",
    output:
        norms=kept(
            CONFIG.keep.gradients, f"{R}/gradients/{{model}}/{{calibration}}/{{loss}}.safetensors"
        ),
        card=kept(
            CONFIG.keep.gradients,
            f"{R}/gradients/{{model}}/{{calibration}}/{{loss}}.safetensors.card.json",
        ),
    log:
        log("compute_gradients", "{model}", "{calibration}", "{loss}"),
    benchmark:
        benchmark_file("compute_gradients", "{model}", "{calibration}", "{loss}")
    conda:
        "../envs/torch.yaml"
    threads: CONFIG.threads
    resources:
        gpu=GPU,
        mem_mb=memory(13),
        runtime=minutes(20),
    params:
        model=subpath(input.model, parent=True),
        calibration=subpath(input.calibration, strip_suffix=".card.json"),
        norms=JOBS.norms,
        torch=JOBS.torch(),
        script=script_path("compute_gradients.py"),
        code=code("compute_gradients.py"),
        threads=CONFIG.threads,
    message:
        "Computing {wildcards.loss} gradients of {wildcards.model} on {wildcards.calibration}"
    shell:
        "OMP_NUM_THREADS={params.threads:q} python {params.script:q} --model {params.model:q}"
        " --calibration {params.calibration:q} --loss {wildcards.loss:q} {params.norms}"
        " {params.torch} --output {output.norms:q} > {log:q} 2>&1"
