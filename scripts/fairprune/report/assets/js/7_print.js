// Paper: every picture drawn, every table whole, in light colours; and one page to hand out.

const PAGE = 900; // CSS pixels between the margins of Letter, the shorter one, and some room
const LEAST = 0.6; // of its size on the screen: smaller, a table cannot be read on paper

/** How much smaller than on the screen a table fits on paper. */
const fitting = (table) => Math.min(1, table.parentElement.clientWidth / table.scrollWidth) || 1;

/** A table too wide for paper as several below each other; what stands before the figures names the rows of each. */
function inBands(table) {
  const headers = [...table.querySelectorAll("thead th")];
  const shown = [...headers.keys()].filter((k) => !("same" in headers[k].dataset));
  const figures = headers.findIndex((th) => th.classList.contains("number"));
  const naming = shown.filter((k) => k < figures);
  const rest = shown.slice(naming.length);
  const columns = Math.ceil(rest.length / Math.ceil(1 / fitting(table)));
  for (let from = 0; from < rest.length; from += columns) {
    const band = new Set([...naming, ...rest.slice(from, from + columns)]);
    const part = table.cloneNode(true);
    part.classList.add("band");
    for (const row of part.rows) [...row.cells].forEach((cell, k) => band.has(k) || cell.remove());
    table.parentElement.append(part);
  }
  table.hidden = true;
}

/** The hand-out as large as one page holds it; what is smaller gets as much wider, so that the page is full. */
function onOnePage(body) {
  const wide = body.clientWidth;
  for (let zoom = 1; zoom > 0.4; zoom -= 0.04) {
    Object.assign(body.style, { zoom, width: `${wide / zoom}px` });
    if (body.scrollHeight * zoom <= PAGE) return;
  }
}

function startPaper() {
  const root = document.documentElement;
  let opened = [];
  addEventListener("beforeprint", () => {
    root.classList.add("paper");
    opened = [...document.querySelectorAll("details:not([open])")];
    for (const part of opened) part.open = true;
    const handed = root.classList.contains("handout");
    if (handed) onOnePage(document.body);
    else document.querySelectorAll(".picture").forEach(draw); // done when this event is: it waits for no network and no clock
    for (const table of document.querySelectorAll("main table")) if (fitting(table) < LEAST) inBands(table);
    for (const table of document.querySelectorAll("main table:not([hidden])")) table.style.zoom = fitting(table);
  });
  addEventListener("afterprint", () => {
    root.classList.remove("paper");
    Object.assign(document.body.style, { zoom: "", width: "" });
    for (const part of opened) part.open = false;
    for (const band of document.querySelectorAll(".band")) band.remove();
    for (const table of document.querySelectorAll("main table")) Object.assign(table, { hidden: false }).style.zoom = "";
    document.querySelectorAll(".picture").forEach(redraw);
  });
  const handOut = () => {
    root.classList.toggle("handout", location.hash === "#summary" && byId("plain") !== null); // a run without summaries has none
    showPlain();
  };
  addEventListener("hashchange", handOut);
  handOut();
}
