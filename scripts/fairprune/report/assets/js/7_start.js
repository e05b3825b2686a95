// The words of the first screen, then everything at once.

function showWords() {
  const list = byId("sentences");
  if (list) {
    const found = data.sentences.filter(
      (s) => s.attribution === state.attribution && s.metric === state.metric
        && passes(s, ["model", "task"]),
    );
    list.replaceChildren(...found.map((s) => element("li", {}, s.text)));
    if (!found.length) list.append(element("li", {}, "No comparison with a dense model matches the filters."));
  }
  byId("moves")?.replaceChildren(
    ...data.moves
      .filter((s) => s.attribution === state.attribution && s.metric === state.metric && passes(s, ["model", "task"]))
      .map((s) => element("li", {}, s.text)),
  );
  const note = byId("metric-note");
  const metric = metricOf(state.metric);
  if (note && metric) note.textContent = `${metric.label}; ${metric.direction}.`;
}

listeners.push(showWords);
startFilters();
startPictures();
startTables();
startBrowser();
byId("copy-cite").addEventListener("click", () => copy(byId("cite").textContent, "Citation"));
readAddress();
show(Object.keys(state));
