# Needs: everything that was judged. Makes, on request: results/summary.pdf, one page to hand out.


rule build_summary:
    input:
        TARGETS["pruned"] + TARGETS["judged"],
    output:
        page=f"{R}/summary.pdf",
        card=f"{R}/summary.pdf.card.json",
    log:
        log("build_summary"),
    benchmark:
        benchmark_file("build_summary")
    conda:
        "../envs/report.yaml"
    threads: 1
    resources:
        mem_mb=growing(4000),
        runtime=growing(30),
    params:
        results=subpath(output.page, parent=True),
        manifest=lambda w: MANIFEST,
        script=script_path("build_summary.py"),
        code=judging_code("build_summary.py"),
    message:
        "Drawing the page to hand out"
    shell:
        "python {params.script:q} --results {params.results:q} --manifest {params.manifest:q}"
        " --output {output.page:q} > {log:q} 2>&1"
