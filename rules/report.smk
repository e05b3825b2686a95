# Needs: everything that was judged, and the pruned variants' cards.
# Makes: results/tables/{fairness,quality,language,bias,pruning,costs}.csv and
# results/tables/{shares,instruments,against}.csv (figures),
# results/tables/{overlap,decomposition,pareto,first_difference,agreement,annotation}.csv (answers),
# results/report.html (of a large run an index; its pages are results/report/{model}/{task}.html);
# for papers results/figures/*.pdf and *.svg, results/tables/{fairness,quality,language}.tex.
from fairprune.report.names import TABLES

CSV = [f"{R}/tables/{name}.csv" for name in TABLES]


rule build_tables:
    input:
        TARGETS["pruned"] + TARGETS["judged"],
    output:
        **{
            name: report(
                f"{R}/tables/{name}.csv",
                caption="captions/table.rst",
                category="Tables",
                labels={"table": name},
            )
            for name in TABLES
        },
        cards=[f"{R}/tables/{name}.csv.card.json" for name in TABLES],
    log:
        log("build_tables"),
    benchmark:
        benchmark_file("build_tables")
    conda:
        "../envs/report.yaml"
    threads: 1
    resources:
        mem_mb=growing(4000),
        runtime=growing(30),
    params:
        results=subpath(output.fairness, ancestor=2),
        manifest=lambda w: MANIFEST,
        folder=subpath(output.fairness, parent=True),
        script=script_path("build_tables.py"),
        code=judging_code("build_tables.py"),
    message:
        "Writing the tables"
    shell:
        "python {params.script:q} --results {params.results:q}"
        " --manifest {params.manifest:q} --output {params.folder:q} > {log:q} 2>&1"


rule build_report:
    input:
        tables=CSV,
        judged=TARGETS["judged"],
    output:
        page=f"{R}/report.html",
        card=f"{R}/report.html.card.json",
    log:
        log("build_report"),
    benchmark:
        benchmark_file("build_report")
    conda:
        "../envs/report.yaml"
    threads: 1
    resources:
        mem_mb=growing(4000),
        runtime=growing(30),
    params:
        results=subpath(output.page, parent=True),
        manifest=lambda w: MANIFEST,
        script=script_path("build_report.py"),
        code=judging_code("build_report.py"),
        assets=digest_of_files("report/assets"),
    message:
        "Writing the report"
    shell:
        "python {params.script:q} --results {params.results:q} --manifest {params.manifest:q}"
        " --output {output.page:q} > {log:q} 2>&1"


rule build_figures:
    input:
        CSV,
    output:
        TARGETS["figures"],
        cards=[f"{file}.card.json" for file in TARGETS["figures"]],
        svg=[
            report(
                f"{R}/figures/{name}.svg",
                caption=f"captions/{name}.rst",
                category="Figures",
                labels={"figure": name},
            )
            for name in plan.figures(CONFIG)
        ],
    log:
        log("build_figures"),
    benchmark:
        benchmark_file("build_figures")
    conda:
        "../envs/report.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
        turn=1,
    params:
        tables=subpath(input[0], parent=True),
        folder=subpath(output[0], parent=True),
        names=shlex.join(repeat("--figure", plan.figures(CONFIG))),
        script=script_path("build_figures.py"),
        code=code("build_figures.py", *found_by_name("fairness/metrics")),
    message:
        "Drawing the figures and tables for a paper"
    shell:
        "python {params.script:q} --tables {params.tables:q} {params.names}"
        " --output {params.folder:q} > {log:q} 2>&1"
