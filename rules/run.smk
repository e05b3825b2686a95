# Needs: the configuration. Makes: results/manifest.txt and results/config.yaml before a run;
# says what a run will take and, at its end, what it has made.


onstart:
    write_text(MANIFEST, "".join(f"{file}\n" for file in TARGETS["pruned"] + TARGETS["judged"]))
    config_file.write(CONFIG, Path(R) / "config.yaml")
    for line in (disk_line(CONFIG), *warnings(CONFIG)):
        print(line, file=sys.stderr)


onsuccess:
    print(closing(Path(R), time.monotonic() - STARTED), file=sys.stderr)
