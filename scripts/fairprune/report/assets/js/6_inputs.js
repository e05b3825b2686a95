// The input browser: opinions by group, the dense and the pruned summary side by side.

const GROUP_COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00"];

/** Variants that the filters let through and that have summaries; the dense model where it is alone. */
function browsable() {
  const all = Object.keys(data.inputs.outputs).map((name) => variants.get(name));
  const alone = all.every((v) => v.dense);
  return all.filter((v) => (alone ? passes(v, ["model"]) : !v.dense && passes(v))).map((v) => v.name);
}

const tasksOf = (variant) =>
  Object.keys(data.inputs.outputs[variant] ?? {}).filter((t) => state.task === ALL || t === state.task);

const denseOf = (variant) =>
  data.variants.find((v) => v.dense && v.model === variants.get(variant).model)?.name;

/** The chosen metric of one input; metrics that no single input has give way to UER. */
function inputMetric() {
  return data.inputs.metrics.includes(state.metric) ? state.metric : "uer";
}

function valuesOf(variant, task) {
  const found = data.inputs.outputs[variant]?.[task]?.values?.[state.attribution];
  return found?.[inputMetric()] ?? [];
}

function choosing() {
  const names = browsable();
  const variant = names.includes(state.variant) ? state.variant : names.at(-1);
  const tasks = variant ? tasksOf(variant) : [];
  const task = tasks.includes(state.browse) ? state.browse : tasks[0];
  return { names, variant, tasks, task };
}

function rankedInputs(variant, task) {
  const [before, after] = [valuesOf(denseOf(variant), task), valuesOf(variant, task)];
  const size = metricOf(inputMetric())?.signed ? Math.abs : (v) => v;
  const rows = data.inputs.tasks[task].inputs.map((input, number) => {
    const [a, b] = [before[number] ?? null, after[number] ?? null];
    return { number, input, before: a, after: b, change: a === null || b === null ? null : size(b) - size(a) };
  });
  if (state.order === "order") return rows;
  const sign = state.order === "worse" ? -1 : 1;
  return rows.sort((a, b) =>
    a.change === null || b.change === null
      ? (a.change === null) - (b.change === null)
      : sign * (a.change - b.change) || a.number - b.number);
}

function showBrowser() {
  const { names, variant, tasks, task } = choosing();
  const select = (id, values, value) => {
    byId(id).replaceChildren(...values.map((v) => element("option", { value: v }, v)));
    if (value) byId(id).value = value;
  };
  select("browse-variant", names, variant);
  select("browse-task", tasks, task);
  byId("browse-sort").value = state.order;
  const list = byId("browse-list");
  if (!task) {
    byId("browse-caption").textContent = "No summaries match the filters.";
    list.tBodies[0].replaceChildren();
    return byId("browse-detail").replaceChildren();
  }
  const rows = rankedInputs(variant, task);
  const chosen = rows.find((r) => r.input.id === state.input) ?? rows[0];
  const metric = metricOf(inputMetric());
  const columns = variants.get(variant).dense ? 3 : 5;
  byId("browse-caption").textContent = `${metric?.short ?? inputMetric()} of each input, ${state.attribution} (${metric?.direction ?? ""})`;
  list.tHead.replaceChildren(
    element("tr", {}, ...["input", "mix", "dense", "pruned", "change"].slice(0, columns).map((name, i) =>
      element("th", { scope: "col", class: i > 1 ? "number" : null }, name))),
  );
  list.tBodies[0].replaceChildren(
    ...rows.map((r) =>
      element(
        "tr", { class: r === chosen ? "chosen" : null },
        element("th", { scope: "row" }, element("button", {
          type: "button", "aria-pressed": r === chosen ? "true" : "false",
          onclick: () => change({ variant, browse: task, input: r.input.id }),
        }, r.input.id)),
        element("td", {}, r.input.mix),
        ...[shown(r.before), shown(r.after), r.change === null ? "invalid" : signed(r.change, 3)].slice(0, columns - 2).map(
          (text) => element("td", { class: "number" }, text)),
      ),
    ),
  );
  byId("browse-detail").replaceChildren(...detail(variant, task, chosen));
}

function detail(variant, task, { number, input }) {
  const { groups } = data.inputs.tasks[task];
  const seen = data.inputs.outputs[variant][task].seen[number];
  const sides = [[denseOf(variant), "Dense"], [variant, "Pruned"]]
    .filter(([name], k) => data.inputs.outputs[name]?.[task] && (k === 0 || !variants.get(name).dense))
    .map(([name, title]) => side(name, title, task, number, groups));
  const opinions = input.opinions.map(([group, text], i) =>
    element(
      "li", { class: i >= seen ? "unseen" : null, "data-group": group },
      element("span", { class: "tag" }, `${i + 1} ${groups[group] ?? "ignored"}${i >= seen ? ", not seen" : ""}`), text,
    ));
  const parts = [
    element("h3", {}, `${task}: ${input.id}`),
    element("div", { class: "sides" }, ...sides),
    element("h4", {}, `The ${input.opinions.length} opinions`),
    element("ul", { class: "opinions" }, ...opinions),
  ];
  if (input.references.length)
    parts.push(element("details", {}, element("summary", {}, "Reference summaries"),
      ...input.references.map((text) => element("p", {}, text))));
  for (const part of parts)
    for (const tagged of part.querySelectorAll("[data-group]"))
      if (GROUP_COLOURS[tagged.dataset.group]) tagged.style.setProperty("--group", GROUP_COLOURS[tagged.dataset.group]);
  return parts;
}

function side(name, title, task, number, groups) {
  const output = data.inputs.outputs[name][task];
  const shares = output.shares[state.attribution]?.[number];
  const several = output.samples > 1 ? ` Means over ${output.samples} summaries; the first is shown.` : "";
  const rows = shares
    ? groups.map((group, k) => [group, shares.p[k], shares.q?.[k] ?? null]).filter(([, p]) => p !== null)
    : [];
  return element(
    "section", { class: "side", "aria-label": `${title} summary` },
    element("h4", {}, title === "Dense" ? "Dense" : `Pruned: ${name.split("/").slice(1).join(" · ")}`),
    summaryText(output, number, task),
    rows.length ? element("table", {},
      element("caption", {}, `Share of each group, ${state.attribution}.${several}`),
      element("thead", {}, element("tr", {}, ...["group", "input", "summary"].map((t, i) =>
        element("th", { scope: "col", class: i ? "number" : null }, t)))),
      element("tbody", {}, ...rows.map(([group, p, q]) => element("tr", {},
        element("th", { scope: "row" }, element("span", { class: "tagged", "data-group": groups.indexOf(group) }, group)),
        element("td", { class: "number" }, percent(p)),
        element("td", { class: "number" }, q === null ? "invalid" : percent(q))))),
    ) : null,
  );
}

/** The summary, each sentence marked with its groups under the chosen attribution. */
function summaryText(output, number, task) {
  const text = output.summaries[number];
  const { groups, inputs } = data.inputs.tasks[task];
  const marks = output.marks[state.attribution]?.[number] ?? [];
  const places = output.sentences[number];
  const pieces = [];
  let at = 0;
  places.forEach(([start, end, opinion], i) => {
    if (start < 0) return;
    const near = opinion < 0 ? null : inputs[number].opinions[opinion][0];
    const known = marks.length === places.length;
    const shares = known ? marks[i] : near === null ? null : groups.map((_, k) => Number(k === near));
    pieces.push(text.slice(at, start));
    pieces.push(element("span", { class: "sentence", "data-group": largest(shares) }, text.slice(start, end)));
    pieces.push(element("span", { class: "tag" }, ` [${markText(shares, groups)}${near === null ? "" : `; nearest: ${opinion + 1}`}]`));
    at = end;
  });
  return element("p", { class: "summary" }, ...pieces, text.slice(at) || (at ? "" : "(empty)"));
}

/** The number of the group with the largest share; −1 for none, or where several have it. */
function largest(shares) {
  const most = Math.max(...(shares ?? [0]));
  return most > 0 && shares.filter((s) => s === most).length === 1 ? shares.indexOf(most) : -1;
}

function markText(shares, groups) {
  const held = (shares ?? []).map((share, k) => [share, groups[k]]).filter(([share]) => share > 0);
  if (!held.length) return "no group";
  return held.map(([share, group]) => (share === 1 ? group : `${group} ${percent(share)}`)).join(", ");
}

function startBrowser() {
  if (!byId("browse-variant")) return;
  byId("browse-variant").addEventListener("change", (e) => change({ variant: e.target.value }));
  byId("browse-task").addEventListener("change", (e) => change({ browse: e.target.value, input: "" }));
  byId("browse-sort").addEventListener("change", (e) => change({ order: e.target.value }));
  listeners.push(showBrowser);
}
