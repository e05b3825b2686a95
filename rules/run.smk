# Needs: the configuration, and all rules. Makes: results/manifest.txt and results/config.yaml
# before a run. Says what is asked for and not there, what a run will take, and at its end what it
# has made or what went wrong.

if workflow.is_main_process and (COMMAND := command()):
    asked = {*COMMAND.targets, *COMMAND.forcerun, *COMMAND.until, *COMMAND.omit_from}
    names = ["all", *(rule.name for rule in workflow.rules)]
    try:
        check_targets(CONFIG, asked, names, is_made)
    except FairpruneError as error:
        sys.exit(f"error: {error}")
    if COMMAND.dryrun:
        say(disk_line(CONFIG), time_line(CONFIG), *warnings(CONFIG))


onstart:
    write_text(MANIFEST, "".join(f"{file}\n" for file in TARGETS["pruned"] + TARGETS["judged"]))
    config_file.write(CONFIG, Path(R) / "config.yaml")
    say(disk_line(CONFIG), time_line(CONFIG), *warnings(CONFIG))
    try:
        check_disk(CONFIG)
    except FairpruneError as error:
        sys.exit(f"error: {error}")


onsuccess:
    say(closing(Path(R), time.monotonic() - STARTED))


onerror:
    say(*failures(Path(R), BEGAN))
