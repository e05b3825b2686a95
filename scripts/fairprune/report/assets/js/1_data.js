// The data of the page, and how its figures are written.

const data = JSON.parse(document.getElementById("data").textContent);
const byId = (id) => document.getElementById(id);

/** Rows of a table that is stored as columns and arrays. */
function rowsOf(table) {
  return table.rows.map((row) => Object.fromEntries(row.map((v, i) => [table.columns[i], v])));
}

const variants = new Map(data.variants.map((v) => [v.name, v]));
const tables = Object.fromEntries(
  Object.entries(data.tables).map(([name, table]) => [name, rowsOf(table).map(described)]),
);
/** A row with what its variant is known to be: its sparsity as a number, its pattern. */
function described(row) {
  const variant = [row.model, row.method, row.calibration, row.sparsity].join("/");
  const { fraction, pattern, dense } = variants.get(variant) ?? { dense: false };
  return { ...row, variant, fraction, pattern, dense };
}

/** An element with attributes and children; text is always text, never HTML. */
function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key === "onclick") made.addEventListener("click", value);
    else made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.filter((c) => c !== null && c !== undefined));
  return made;
}

const MINUS = "−";

/** A number to three decimals, or to four significant digits where it is large. */
function shown(value, digits = 3) {
  if (value === null || value === undefined) return "";
  if (typeof value !== "number") return String(value);
  if (Number.isInteger(value)) return String(value).replace("-", MINUS);
  const text = Math.abs(value) >= 1000 ? value.toPrecision(4) : value.toFixed(digits);
  return (Number(text) === 0 ? text.replace("-", "") : text).replace("-", MINUS);
}

/** A number with so many decimals, a whole one too. */
const decimal = (value, digits = 2) => shown(Number(value), digits).replace(/^[^.]+$/, (text) => `${text}.${"0".repeat(digits)}`);

/** A difference with its sign; what rounds to 0 has none. */
function signed(value, digits = 2) {
  const text = shown(Number(value), digits);
  return Number(value.toFixed(digits)) > 0 ? `+${text}` : text;
}
const counted = (number, noun) => `${number} ${noun}${number === 1 ? "" : "s"}`;
const percent = (value) => (value === null ? "" : `${Math.round(100 * value)} %`.replace("-", MINUS));

/** "model · task", with the model left out where there is only one. */
function place(row) {
  return [data.models.length > 1 ? row.model : null, row.task].filter(Boolean).join(" · ");
}

/** A calibration set's name without the task that it is of. */
function shortCalibration(calibration, task) {
  return task && calibration.startsWith(`${task}.`) ? calibration.slice(task.length + 1) : calibration;
}

/** Say something for a moment, to readers and to screen readers. */
function say(text) {
  byId("said").textContent = text;
  clearTimeout(say.timer);
  say.timer = setTimeout(() => (byId("said").textContent = ""), 2500);
}

function download(name, text, type) {
  const link = element("a", { download: name, href: URL.createObjectURL(new Blob([text], { type })) });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

async function copy(text, what) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = element("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  say(`${what} copied`);
}
