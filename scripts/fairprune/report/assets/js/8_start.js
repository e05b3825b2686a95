// The words of the first screen, then everything at once.

function showWords() {
  for (const kind of ["answer", "variant"]) {
    const list = byId(kind === "answer" ? "sentences" : "sentences-variants");
    if (!list) continue;
    const found = data.sentences.filter((s) => (s.kind === "variant") === (kind === "variant") && passes(s, ["model", "task"]));
    list.replaceChildren(...found.map((s) => element("li", { class: s.kind, "data-task": s.task }, s.text)));
    if (!found.length) list.append(element("li", {}, "No comparison with a dense model matches the filters."));
  }
  byId("moves")?.replaceChildren(
    ...data.moves
      .filter((s) => s.attribution === state.attribution && s.metric === state.metric && passes(s, ["model", "task"]))
      .map((s) => element("li", {}, s.text)),
  );
  const note = byId("metric-note");
  const metric = metricOf(state.metric);
  if (note && metric) note.textContent = `${metric.label}; ${metric.direction}. ${favours(metric)}${instrumentWords()}`;
}

/** Whom a signed metric favours, task by task. */
function favours(metric) {
  if (!metric.signed) return "";
  return Object.entries(data.pairs)
    .filter(([task]) => state.task === ALL || state.task === task)
    .map(([task, [first, second]]) => `On ${task}: above 0 favours ${first}, below 0 ${second}. `)
    .join("");
}

/** How well the chosen attribution sees the groups, model by model and task by task. */
function instrumentWords() {
  const rows = (tables.instruments ?? []).filter((r) => r.attribution === state.attribution && passes(r, ["model", "task"]));
  const found = new Set(rows.map((r) => `J ${r.J.toFixed(2)} on ${r.task}${data.models.length > 1 ? ` with ${r.model}` : ""}`));
  return found.size ? `${state.attribution}: ${[...found].join(", ")}.` : "";
}

startPlain();
listeners.push(showWords);
startTerms();
startFilters();
startPictures();
startTables();
startBrowser();
startPaper();
byId("copy-cite").addEventListener("click", () => copy(byId("cite").textContent, "Citation"));
readAddress();
show(Object.keys(state));
