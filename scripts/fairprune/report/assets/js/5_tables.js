// Tables: filtered with the pictures, sorted by any column, saved as CSV.

const SHORT = 100;
const sorting = {};
const unfolded = new Set();
const COUNTS = ["tested", "n", "parameters", "n_invalid", "window", "rows", "columns", "weights", "pruned", "broken", "methods",
  "sets", "seeds", "wins", "ties", "losses", "identical", "annotators", "alpha_pairs", "units", "sentences", "variants",
  "not_judged"];

/** The rows of a table that the filters let through, by those of its columns that have one. */
function tableRows(name) {
  if (name === "bias") return (tables.bias ?? []).filter(passesBias);
  const chosen = (tables[name] ?? []).filter((r) => passes(r));
  if (["quality", "language"].includes(name)) return chosen; // every measure of theirs is shown
  if (name === "first_difference") return chosen; // of the primary result alone
  const same = (key) => (r) => r[key] === undefined || r[key] === state[key];
  const stratum = name === "fairness" && state.stratum === ALL ? () => true : same("stratum");
  return chosen
    .filter(same("attribution"))
    .filter(same("metric"))
    .filter(stratum)
    .filter((r) => r.measure === undefined || r.measure === state.quality);
}

function sorted(name, rows) {
  const { column, down } = sorting[name] ?? {};
  if (!column) return rows;
  const order = (a, b) => {
    const [x, y] = [a[column], b[column]];
    if (x === null || y === null) return (x === null) - (y === null); // empty cells always last
    const found = typeof x === "number" ? x - y : String(x).localeCompare(String(y), "en", { numeric: true });
    return down ? -found : found;
  };
  return [...rows].sort(order);
}

function cellText(name, column, value) {
  if (column === "broken" && typeof value === "boolean") return value ? "⚠ yes" : "no";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (["validity", "actual_sparsity"].includes(column) || /^(share|flip|newly|no_longer)/.test(column)) return percent(value);
  if (name === "shares" && typeof value === "number" && column !== "n") return percent(value);
  if (value === null || value === undefined) return "";
  if (column === "verdict") return `${SIGNS[value]} ${value}`;
  if (COUNTS.includes(column)) return value.toLocaleString("en").replaceAll(",", " ");
  if (column.startsWith("difference") || column.startsWith("worsening")) return signed(value, 3);
  if (column.startsWith("p_") || column === "q_value") return value < 0.001 ? "< 0.001" : shown(value, 3);
  if (name === "decomposition" && typeof value === "number") return value === 0 ? "0" : value.toPrecision(2).replaceAll("-", MINUS);
  return shown(value);
}

/** The columns that say one thing in all of several rows: on paper, where room is scarce, once. */
function sameInAll(name, columns, rows) {
  const one = (c) => new Set(rows.map((r) => cellText(name, c, r[c]))).size === 1;
  return new Set(rows.length > 1 ? columns.filter(one) : []);
}

function showTable(part) {
  const name = part.dataset.table;
  const columns = data.tables[name].columns;
  const rows = sorted(name, tableRows(name));
  const visible = unfolded.has(name) ? rows : rows.slice(0, SHORT);
  const numeric = new Set(columns.filter((c) => (tables[name] ?? []).some((r) => typeof r[c] === "number")));
  const same = sameInAll(name, columns, visible);
  part.querySelector(".same").textContent = same.size ? `In every row: ${[...same].map((c) => `${c.replaceAll("_", " ")} ${cellText(name, c, visible[0][c]) || "empty"}`).join("; ")}.` : "";
  const { column: by, down } = sorting[name] ?? {};
  part.querySelector("thead").replaceChildren(
    element("tr", {}, ...columns.map((column) =>
      element(
        "th",
        {
          scope: "col", class: numeric.has(column) ? "number" : null, "data-same": same.has(column),
          "data-name": column.replaceAll("_", " "), // on paper, whose second page has no buttons
          "aria-sort": column === by ? (down ? "descending" : "ascending") : null,
        },
        element("button", { type: "button", "data-column": column }, column.replaceAll("_", " ")),
      ),
    )),
  );
  part.querySelector("tbody").replaceChildren(
    ...visible.map((row) =>
      element("tr", {}, ...columns.map((column) =>
        element(
          "td",
          { "data-same": same.has(column), class: [numeric.has(column) && "number", column === "verdict" && row.verdict?.replace(" ", "-"), column === "reason" && "words"].filter(Boolean).join(" ") || null },
          cellText(name, column, row[column]),
        ),
      )),
    ),
  );
  part.querySelector(".rows").textContent = `${visible.length} of ${rows.length} rows shown.`;
  part.querySelector("[data-more]").hidden = visible.length === rows.length;
  part.querySelector(".scroll").hidden = rows.length === 0;
}

function csv(name) {
  const columns = data.tables[name].columns;
  const quoted = (value) => {
    const text = value === null || value === undefined ? "" : String(value);
    return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const lines = sorted(name, tableRows(name)).map((r) => columns.map((c) => quoted(r[c])).join(","));
  return [columns.join(","), ...lines, ""].join("\n");
}

function startTables() {
  const parts = [...document.querySelectorAll(".table")];
  for (const part of parts) {
    const name = part.dataset.table;
    part.querySelector("thead").addEventListener("click", (event) => {
      const column = event.target.dataset.column;
      if (!column) return;
      const now = sorting[name];
      sorting[name] = { column, down: now?.column === column && !now.down };
      showTable(part);
      part.querySelector(`[data-column="${column}"]`).focus();
    });
    part.querySelector("[data-more]").addEventListener("click", () => {
      unfolded.add(name);
      showTable(part);
    });
    part.querySelector("[data-csv]").addEventListener("click", () =>
      download(`fairprune-${name}.csv`, csv(name), "text/csv"));
    part.querySelector("[data-copy]").addEventListener("click", () => copy(csv(name), "Table"));
  }
  const browsing = ["variant", "browse", "input", "order"];
  listeners.push((changed) => changed.every((key) => browsing.includes(key)) || parts.forEach(showTable));
}
