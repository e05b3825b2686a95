// Vega-Lite pictures: drawn when they come near, again when filters, width or theme change.

const dark = matchMedia("(prefers-color-scheme: dark)");

function theme() {
  const css = getComputedStyle(document.documentElement);
  const colour = (name) => css.getPropertyValue(`--${name}`).trim();
  const text = { labelColor: colour("ink"), titleColor: colour("ink"), labelFontSize: 12, titleFontSize: 12 };
  return {
    background: "transparent",
    font: getComputedStyle(document.body).fontFamily,
    view: { stroke: colour("line") },
    axis: { ...text, gridColor: colour("grid"), domainColor: colour("line"), tickColor: colour("line") },
    header: text,
    legend: { ...text, orient: "top", columns: 8, symbolLimit: 40, labelLimit: 160 },
    text: { color: colour("ink") },
    style: { ink: { stroke: colour("ink") }, cell: { stroke: colour("back"), strokeWidth: 2 } },
  };
}

const BETWEEN = 36; // from one panel to the next, see small_multiples

/** How many panels stand side by side, and how wide each of them is. */
function layout(name, rows, width) {
  const key = data.pictures[name].facet.field;
  const panels = new Set(rows.map((r) => r[key])).size;
  // a picture as high as a page has small letters: on paper many panels stand closer, side by side
  const close = panels > 2 && document.documentElement.classList.contains("paper");
  const least = name === "overview" ? (close ? 56 : 72) * new Set(rows.map((r) => r.sparsity)).size : close ? 180 : 300;
  const labels = ["overview", "annotation", "overlap", "bias"].includes(name) ? (close ? 120 : labelWidth()) : ["calibration", "decomposition"].includes(name) ? 110 : 70;
  const most = Math.max(1, Math.min(panels, Math.floor((width + BETWEEN) / (least + labels + BETWEEN)), 3));
  const columns = Math.ceil(panels / Math.ceil(panels / most)); // 4 panels: 2 × 2, not 3 + 1
  const room = Math.floor(width / columns) - labels - BETWEEN;
  return { columns, labels, close, width: Math.max(name === "overview" ? least : close ? 180 : 200, Math.min(room, 560)) };
}

const ROW_HEIGHTS = { overview: 48, calibration: 28, annotation: 34, overlap: 34, bias: 34 };

const labelWidth = () => (innerWidth < 600 ? 92 : 150);

function specification(name, rows, width) {
  const made = structuredClone(data.pictures[name]);
  const { columns, labels, close, width: panel } = layout(name, rows, width);
  made.columns = columns;
  made.facet.header.labelLimit = panel + (close ? labels + 20 : 60);
  if (close) made.facet.header.labelFontSize = 11;
  made.spec.width = panel;
  const legend = Math.max(1, Math.floor(width / 130));
  made.config = { ...theme() };
  made.config.legend = { ...made.config.legend, columns: legend };
  if (width < 700) made.config.legend.layout = { top: { direction: "vertical", anchor: "start" } };
  made.config.axisY = { labelLimit: Math.min(labelWidth(), Math.max(labels, 92)) };
  if (ROW_HEIGHTS[name]) made.spec.height = { step: ROW_HEIGHTS[name] };
  if (name === "calibration") {
    const reach = Math.max(0.01, ...rows.map((r) => Math.abs(r.difference)));
    made.spec.layer[0].encoding.color.scale.domain = [-reach, reach];
  }
  made.datasets = { [dataNames[name] ?? name]: rows };
  const caption = byId(`caption-${name}`);
  made.description = caption.textContent.trim().replace(/\s+/g, " ");
  return made;
}

// Vega-Lite warns that a panel's height may be wrong if its layers have rows of different data;
// ours have the same. There is no way to tell it so.
const { warn } = console;
console.warn = (...words) => words.join(" ").includes("faceted independent scales") || warn(...words);

/** What a point tells, as rows; a figure that there is none of is left out. */
function toldOf(point, escaped) {
  const known = Object.entries(point).filter(([, figure]) => !["NaN", "undefined", "null", ""].includes(String(figure)));
  return `<table><tbody>${known.map(([name, figure]) => `<tr><td class="key">${escaped(name)}</td><td class="value">${escaped(figure)}</td></tr>`).join("")}</tbody></table>`;
}

/** Vega turns what a point tells to the left where the right is too narrow, and there off the screen. */
function keepTooltip() {
  const tip = byId("vg-tooltip-element");
  if (!tip?.classList.contains("visible")) return;
  const { left, top, width, height } = tip.getBoundingClientRect();
  const { clientWidth, clientHeight } = document.documentElement;
  tip.style.left = `${Math.max(8, Math.min(left, clientWidth - 8 - width))}px`;
  tip.style.top = `${Math.max(8, Math.min(top, clientHeight - 8 - height))}px`;
}

async function draw(figure) {
  const name = figure.dataset.picture;
  let rows = pictureRows[name]();
  if (rows.every((r) => r.dense)) rows = [];
  const canvas = figure.querySelector(".canvas");
  const drawn = (figure.drawing = Symbol(name));
  figure.querySelector(".empty").hidden = rows.length > 0;
  canvas.hidden = rows.length === 0;
  figure.querySelector(".caption-now").textContent = captionNow(name);
  if (!rows.length) return put(figure);
  const place = element("div");
  const width = figure.clientWidth - 12;
  const result = await vegaEmbed(place, specification(name, rows, width), {
    // 1: errors alone, since Vega warns of every layer that has no row (no N:M pattern, …).
    logLevel: 1, actions: false, renderer: "svg", tooltip: { theme: dark.matches ? "dark" : "light", formatTooltip: toldOf },
  });
  if (figure.drawing !== drawn) return result.finalize();
  put(figure, place, result);
}

/** What is drawn and its button change at once: a button that is there earlier moves away from a press. */
function put(figure, place, result) {
  figure.shown?.finalize();
  figure.shown = result;
  figure.querySelector(".canvas").replaceChildren(...(place ? [place] : []));
  figure.querySelector(".buttons").hidden = !place;
}

function captionNow(name) {
  const metric = metricOf(state.metric);
  const inputs = state.stratum === ALL ? "" : `, ${state.stratum} inputs`;
  const fair = metric ? `${metric.label}, ${state.attribution} (${metric.direction})${inputs}.` : "";
  if (["sparsity", "calibration", "decomposition"].includes(name)) return fair;
  if (name === "agreement") return `${metric?.label ?? ""}${inputs}.`;
  if (name === "overview") return [withoutVerdict(), withoutQuality()].filter(Boolean).join(" ");
  if (name === "pareto")
    return `Up: ${fair} Right: ${qualityOf(state.quality)?.label ?? ""}. ${withoutQuality()} ${frontWords()}`;
  return "";
}

/** Why a metric has no verdict: its rows say where to look. */
function withoutVerdict() {
  const row = fairnessRows(true).find((r) => !r.dense && r.reason && !r.verdict);
  return row ? `${metricOf(state.metric).short} has no verdict: it ${row.reason}.` : "";
}

/** Which tasks have no figure of the chosen quality, as those without references have no ROUGE. */
function withoutQuality() {
  const having = new Set(qualityRows(state.quality).map((r) => r.task));
  const missing = [...new Set(fairnessRows().map((r) => r.task))].filter((task) => !having.has(task));
  const label = qualityOf(state.quality)?.label;
  return missing.length && label ? `There is no ${label} for ${missing.join(", ")}.` : "";
}

function frontWords() {
  const on = paretoRows().filter((r) => r.front);
  const names = on.map((r) => (r.dense ? "dense" : [r.method, shortCalibration(r.calibration, r.task).replace("none", ""), r.sparsity].filter(Boolean).join(" ")));
  const places = [...Map.groupBy(on, (r) => r.place)];
  if (places.length !== 1) return "";
  return `On the front: ${names.join(", ")}.`;
}

const near = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      target.near = isIntersecting;
      if (isIntersecting && target.stale) redraw(target);
    }
  },
  { rootMargin: "600px" },
);

function redraw(figure) {
  figure.stale = !figure.near;
  if (figure.near) draw(figure).catch((error) => console.error(error));
}

function startPictures() {
  const figures = [...document.querySelectorAll(".picture")];
  for (const figure of figures) {
    figure.stale = true;
    near.observe(figure);
    figure.querySelector("[data-svg]").addEventListener("click", () => saveSvg(figure));
  }
  for (const event of ["pointermove", "mousemove", "pointerdown"]) document.addEventListener(event, keepTooltip);
  const all = () => figures.forEach(redraw);
  const browsing = ["variant", "browse", "input", "order"];
  listeners.push((changed) => changed.every((key) => browsing.includes(key)) || all());
  dark.addEventListener("change", all);
  let width = innerWidth;
  let timer;
  addEventListener("resize", () => {
    if (innerWidth === width) return; // a phone's address bar changes the height alone
    width = innerWidth;
    clearTimeout(timer);
    timer = setTimeout(all, 200);
  });
}

async function saveSvg(figure) {
  const svg = await figure.shown.view.toSVG();
  download(`fairprune-${figure.dataset.picture}.svg`, svg, "image/svg+xml");
}
