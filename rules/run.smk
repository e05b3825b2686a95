# Needs: the configuration. Makes: results/config.yaml and results/manifest.txt before a run;
# says what is known to go wrong, what a run will take and, at its end, what it has made.
from fairprune.workflow.cautions import cautions

if workflow.is_main_process:
    for caution in cautions(CONFIG):
        print(f"warning: {caution}", file=sys.stderr)


onstart:
    config_file.write(CONFIG, Path(R) / "config.yaml")
    write_text(MANIFEST, "".join(f"{file}\n" for file in TARGETS["pruned"] + TARGETS["judged"]))
    print(disk_line(CONFIG), file=sys.stderr)


onsuccess:
    print(closing(Path(R), time.monotonic() - STARTED), file=sys.stderr)
