// One state for every picture and table; it stands in the address after "#".

const ALL = "all";
const defaults = {
  model: ALL, task: ALL, calibration: ALL, method: data.methods.join(","),
  attribution: data.attributions[0] ?? "", metric: data.metric ?? "", stratum: ALL,
  quality: data.quality ?? "",
  variant: "", browse: "", input: "", order: "worse",
};
const state = { ...defaults };
const listeners = [];

const choices = {
  model: [[ALL, "all models"], ...data.models.map((m) => [m, m])],
  task: [[ALL, "all tasks"], ...data.tasks.map((t) => [t, t])],
  calibration: [[ALL, "all sets"], ...data.calibrations.map((c) => [c, c])],
  attribution: data.attributions.map((a) => [a, a]),
  metric: data.metrics.map((m) => [m.name, m.label]),
  stratum: data.strata.map((s) => [s, s === ALL ? "all inputs" : s]),
  quality: data.qualities.map((q) => [q.name, q.label]),
};

/** Whether a row passes the filters that it has columns for. */
function passes(row, keys = ["model", "task", "calibration", "method"]) {
  return keys.every((key) => {
    if (row[key] === undefined) return true;
    if (key === "method") return row.dense || state.method.split(",").includes(row.method);
    if (key === "calibration" && (row.dense || row.calibration === "none")) return true;
    return state[key] === ALL || String(row[key]) === state[key];
  });
}

const metricOf = (name) => data.metrics.find((m) => m.name === name);
const qualityOf = (name) => data.qualities.find((q) => q.name === name);

function change(values) {
  Object.assign(state, values);
  const hash = Object.entries(state).filter(([k, v]) => v !== defaults[k]);
  const text = new URLSearchParams(hash).toString();
  history.replaceState(null, "", text ? `#${text}` : location.pathname + location.search);
  show(Object.keys(values));
}

function readAddress() {
  const given = new URLSearchParams(location.hash.slice(1));
  Object.assign(state, defaults);
  for (const [key, value] of given) {
    if (!Object.hasOwn(defaults, key)) continue;
    if (key === "method") {
      const known = value.split(",").filter((m) => data.methods.includes(m));
      if (known.length || value === "") state.method = known.join(",");
    } else if (!Object.hasOwn(choices, key) || choices[key].some(([v]) => v === value)) state[key] = value;
  }
}

function show(changed) {
  for (const [key, options] of Object.entries(choices)) {
    const select = byId(`filter-${key}`);
    if (!select) continue;
    if (select.options.length !== options.length)
      select.replaceChildren(...options.map(([v, text]) => element("option", { value: v }, text)));
    select.value = state[key];
  }
  const chosen = state.method.split(",");
  for (const box of document.querySelectorAll("#filter-method input"))
    box.checked = chosen.includes(box.value);
  const methods = chosen.length === data.methods.length ? "all methods" : chosen.join(", ") || "no method";
  const words = ["model", "task", "calibration", "metric", "attribution", "stratum", "quality"].map(
    (key) => choices[key].find(([v]) => v === state[key])?.[1],
  );
  byId("filters-now").textContent = [...words.slice(0, 2), methods, ...words.slice(2)]
    .filter(Boolean)
    .join(" · ");
  for (const listener of listeners) listener(changed);
}

function startFilters() {
  byId("filter-method").replaceChildren(
    ...data.methods.map((method, i) =>
      element(
        "label", {},
        element("input", { type: "checkbox", value: method }),
        element("span", { class: "swatch", "aria-hidden": "true", "data-colour": i }),
        method,
      ),
    ),
  );
  for (const swatch of document.querySelectorAll("[data-colour]"))
    swatch.style.background = data.colours[swatch.dataset.colour];
  for (const [key, options] of Object.entries(choices)) {
    const select = byId(`filter-${key}`);
    const own = ["model", "task", "calibration"].includes(key) ? options.slice(1) : options;
    if (select) select.closest("label").hidden = own.length < 2;
  }
  const form = byId("filter-form");
  form.addEventListener("change", (event) => {
    const key = event.target.dataset.filter;
    if (key) return change({ [key]: event.target.value });
    const boxes = [...document.querySelectorAll("#filter-method input:checked")];
    change({ method: boxes.map((box) => box.value).join(",") });
  });
  form.addEventListener("reset", (event) => {
    event.preventDefault();
    change({ ...defaults });
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  byId("copy-link").addEventListener("click", () => copy(location.href, "Link"));
  for (const link of document.querySelectorAll('a[href^="#"]:not(.hand-out)'))
    link.addEventListener("click", (event) => {
      event.preventDefault(); // the address holds the filters, so a section is not put there
      const title = byId(`title-${link.getAttribute("href").slice(1)}`);
      title.scrollIntoView();
      title.focus({ preventScroll: true });
    });
  addEventListener("hashchange", () => {
    readAddress();
    show(Object.keys(state));
  });
}
