# Needs: models, calibration sets, activations, gradients: whatever the method asks for.
# Makes: results/pruned/{variant}/card.json + mask.safetensors (+ weights.safetensors);
# on request results/checkpoints/{variant}/card.json, an ordinary Hugging Face folder. Of compressed
# models results/pruned/{model}/{name}/none/given/card.json, which links to them.

PRUNING = "|".join(map(re.escape, CONFIG.methods)) or "-"


rule prune_model:
    input:
        unpack(pruning_inputs),
    output:
        card=f"{R}/pruned/{VARIANT}/card.json",
        mask=f"{R}/pruned/{VARIANT}/mask.safetensors",
    log:
        log("prune_model", VARIANT),
    benchmark:
        benchmark_file("prune_model", VARIANT)
    wildcard_constraints:
        method=PRUNING,
    priority: 1  # before further gradients: what is not kept goes when it has been used
    conda:
        "../envs/torch.yaml"
    threads: CONFIG.threads
    resources:
        gpu=GPU,
        mem_mb=memory(6),
        runtime=minutes(20),
    params:
        model=subpath(input.model, parent=True),
        options=JOBS.method_options,
        folder=subpath(output.card, parent=True),
        torch=JOBS.torch(),
        script=script_path("prune_model.py"),
        code=lambda w: code("prune_model.py", *JOBS.method(w).files),
        threads=CONFIG.threads,
    message:
        "Pruning {wildcards.model} (method {wildcards.method}, sparsity {wildcards.sparsity},"
        " calibrated on {wildcards.calibration})"
    shell:
        "OMP_NUM_THREADS={params.threads:q} python {params.script:q} --model {params.model:q}"
        " {params.options} {params.torch} --output {params.folder:q} > {log:q} 2>&1"


rule inspect_compressed:
    input:
        model=MODEL,
        compressed=fetched.model_card(CONFIG, "{method}"),
    output:
        card=update(f"{R}/pruned/{{model}}/{{method}}/none/given/card.json"),
    log:
        log("inspect_compressed", "{model}", "{method}"),
    benchmark:
        benchmark_file("inspect_compressed", "{model}", "{method}")
    wildcard_constraints:
        method="|".join(map(re.escape, CONFIG.compressed)) or "-",
    conda:
        "../envs/torch.yaml"
    threads: CONFIG.threads
    resources:
        gpu=GPU,
        mem_mb=memory(6),
        runtime=minutes(20),
    params:
        model=subpath(input.model, parent=True),
        compressed=subpath(input.compressed, parent=True),
        folder=subpath(output.card, parent=True),
        torch=JOBS.torch(),
        script=script_path("inspect_compressed.py"),
        code=code("inspect_compressed.py"),
        threads=CONFIG.threads,
    message:
        "Inspecting {wildcards.method}, a compressed {wildcards.model}"
    shell:
        "OMP_NUM_THREADS={params.threads:q} python {params.script:q} --model {params.model:q}"
        " --compressed {params.compressed:q} {params.torch} --output {params.folder:q}"
        " > {log:q} 2>&1"


rule export_model:
    input:
        model=MODEL,
        pruned=f"{R}/pruned/{VARIANT}/card.json",
    output:
        card=f"{R}/checkpoints/{VARIANT}/card.json",
    log:
        log("export_model", VARIANT),
    benchmark:
        benchmark_file("export_model", VARIANT)
    wildcard_constraints:
        method=PRUNING,
    conda:
        "../envs/torch.yaml"
    threads: CONFIG.threads
    resources:
        mem_mb=memory(6),
        runtime=minutes(5),
    params:
        model=subpath(input.model, parent=True),
        pruned=subpath(input.pruned, parent=True),
        folder=subpath(output.card, parent=True),
        form=lambda w: "2of4" if w.sparsity == "2of4" else "dense",
        script=script_path("export_model.py"),
        code=code("export_model.py"),
    message:
        "Writing {wildcards.model}, pruned by {wildcards.method} to {wildcards.sparsity},"
        " as an ordinary model folder"
    shell:
        "python {params.script:q} --model {params.model:q} --pruned {params.pruned:q}"
        " --format {params.form:q} --output {params.folder:q} > {log:q} 2>&1"
