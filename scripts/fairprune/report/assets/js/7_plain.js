// The first screen: who is heard how much, in a sentence and a small picture a variant.

const FIRST = 4; // variants a model and task that are shown at first
const HANDED_OUT = 8; // variants on one page
let everyVariant = false;

function showPlain() {
  const place = byId("plain");
  if (!place) return;
  const rows = data.plain.filter((r) => passes(r, ["model", "task", "calibration"]) && (r.method === "dense" || passes(r)));
  const parts = [];
  let more = 0;
  const compared = data.plain.some((r) => r.method !== "dense");
  if (!compared)
    parts.push(element("p", {}, data.nothing, byId("table-shares") && " Whom its own summaries hear is in the table of shares."));
  const places = Map.groupBy(rows, (r) => `${r.task}, ${r.model}`);
  const handed = document.documentElement.classList.contains("handout");
  const first = handed ? Math.max(1, Math.floor(HANDED_OUT / places.size)) : everyVariant ? Infinity : FIRST;
  for (const [title, members] of places) {
    const pruned = members.filter((r) => r.method !== "dense");
    if (!pruned.length && compared) continue;
    parts.push(element("h3", {}, title), ...pruned.slice(0, 1).map(legendOf));
    parts.push(...members.filter((r) => r.method === "dense").map((r) => element("p", { class: "leaves-out" }, r.text)));
    const told = together(pruned);
    const shown = told.slice(0, first);
    more += told.length - shown.length;
    parts.push(...shown.map(plainRow));
  }
  if (more) parts.push(element("p", { class: "note on-paper" }, `${counted(more, "result")} more in the whole report. A result is one variant on one task.`));
  place.replaceChildren(...(parts.length ? parts : [element("p", {}, "No comparison with the model as it is matches the filters.")]));
  byId("plain-more").hidden = more === 0;
  byId("plain-more").textContent = `Show ${more} more`;
}

/** As one row where no variant is judged, all of them for one reason; as in plain.py. */
function together(rows) {
  if (rows.length < 2 || rows.some((r) => r.word !== "not judged" || r.why !== rows[0].why)) return rows;
  return [{ ...rows[0], name: counted(rows.length, "variant") }];
}

const groupColour = (k) => GROUP_COLOURS[k % GROUP_COLOURS.length];

function legendOf(row) {
  return element("p", { class: "keys" }, ...row.groups.map((group, k) => {
    const swatch = element("span", { class: "swatch", "aria-hidden": "true" });
    swatch.style.background = groupColour(k);
    return element("span", {}, swatch, element("bdi", {}, group));
  }));
}

function plainRow(row) {
  const phrase = element("strong", { class: `phrase ${row.word.replace(" ", "-")}` }, row.phrase);
  return element("article", { class: "told" },
    element("div", {},
      element("h4", {}, row.name),
      element("p", {}, row.text, " ", phrase, row.why)),
    bars(row));
}

/** A bar a writer, cut by groups; null where no share is known. */
function bars(row) {
  const lines = row.bars.filter(([, shares]) => shares.every((share) => share !== null));
  if (!lines.length) return null;
  const table = element("div", { class: "bars", role: "img", "aria-label": lines.map(([name, shares]) =>
    `${name}: ${shares.map((share, k) => `${row.groups[k]} ${percent(share)}`).join(", ")}`).join("; ") });
  for (const [name, shares] of lines) {
    const bar = element("span", { class: "bar" });
    const total = shares.reduce((sum, share) => sum + share, 0);
    shares.forEach((share, k) => {
      const part = element("span", { title: `${row.groups[k]} ${percent(share)}` });
      part.style.width = `${(100 * share) / (total || 1)}%`;
      part.style.background = groupColour(k);
      bar.append(part);
    });
    table.append(element("span", { class: "bar-name" }, name), bar);
  }
  return table;
}

function startPlain() {
  if (!byId("plain")) return;
  byId("plain-more").addEventListener("click", () => { everyVariant = true; showPlain(); });
  listeners.push(showPlain);
}
