# Needs: the configuration. Makes: results/config.yaml and results/manifest.txt before a run;
# says what a run will take and, at its end, what it has made.


onstart:
    config_file.write(CONFIG, Path(R) / "config.yaml")
    write_text(MANIFEST, "".join(f"{file}\n" for file in TARGETS["pruned"] + TARGETS["judged"]))
    print(disk_line(CONFIG), file=sys.stderr)


onsuccess:
    print(closing(Path(R), time.monotonic() - STARTED), file=sys.stderr)
