// Opens a report in Chromium, uses it, and prints what it found as JSON: name → list of faults.
// Usage: node use_report.mjs REPORT.html [look], where `look` only opens it and draws its pictures;
// or node use_report.mjs REPORT.html print FOLDER, which prints it on A4 and Letter, whole and to
// hand out, and says what each picture and table shows.

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const [file, how, folder] = process.argv.slice(2);
const address = pathToFileURL(file).href;
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const flags = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
];
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: flags,
});
const faults = {};
const must = (name, holds, what) => {
  faults[name] ??= [];
  if (!holds) faults[name].push(what);
};

/** A page of a width and theme; whatever it complains of or asks for is a fault. */
async function open(width, theme, hash = "") {
  const page = await browser.newPage({
    viewport: { width, height: 900 }, colorScheme: theme, acceptDownloads: true,
  });
  page.setDefaultTimeout(120000); // machines that run tests are busy
  must("console", true);
  must("network", true);
  page.on("console", (m) => must("console", !["error", "warning"].includes(m.type()), m.text()));
  page.on("pageerror", (error) => must("console", false, error.message));
  page.on("request", (r) => must("network", /^(file|data|blob):/.test(r.url()), r.url()));
  await page.goto(address + hash);
  await page.waitForSelector("#tables tbody tr", { state: "attached" });
  return page;
}

/** Scroll through the page until every picture with rows is drawn. */
async function drawAll(page) {
  for (const figure of await page.$$(".picture")) {
    await figure.scrollIntoViewIfNeeded();
    await figure.evaluate((f) => new Promise((done, fail) => {
      const late = setTimeout(() => fail(new Error(`${f.id} is not drawn`)), 90000);
      const look = () => {
        if (!f.querySelector(".empty").hidden || f.querySelector("svg.marks")) {
          clearTimeout(late);
          done();
        } else setTimeout(look, 50);
      };
      look();
    }));
  }
  await page.evaluate(() => scrollTo(0, 0));
}

const cells = (page, table, column) =>
  page.evaluate(([name, key]) => {
    const part = document.querySelector(`[data-table="${name}"]`);
    const at = [...part.querySelectorAll("th button")].findIndex((b) => b.dataset.column === key);
    return [...part.querySelectorAll("tbody tr")].map((row) => row.cells[at].textContent);
  }, [table, column]);

const number = (text) => (text === "" ? null : Number(text.replace("−", "-").replace(/[ %+]/g, "")));

async function drawing(page) {
  const early = await page.$$eval(".picture", (all) => all
    .filter((f) => !f.querySelector("svg.marks") && f.querySelector("[data-svg]").checkVisibility())
    .map((f) => f.dataset.picture));
  must("pictures", early.length === 0, `to be saved before they are drawn: ${early}`);
  await drawAll(page);
  const shown = await page.$$eval(".picture", (all) =>
    all.map((f) => ({
      name: f.dataset.picture, empty: !f.querySelector(".empty").hidden,
      marks: f.querySelectorAll("svg .mark-symbol path, svg .mark-rect path, svg .mark-line path").length,
      wide: f.querySelector(".canvas").scrollWidth - f.querySelector(".canvas").clientWidth,
    })));
  must("pictures", shown.length > 0 && shown.some((p) => !p.empty), "no picture is drawn");
  for (const picture of shown)
    must("pictures", picture.empty || picture.marks > 0, `${picture.name} has no marks`);
}

/** Axes of which two labels are the same, so that nobody knows whose a row is. */
const likeLabels = (page) => page.$$eval(".role-axis-label", (all) => all
  .map((axis) => [...axis.querySelectorAll("text")].map((t) => [...(t.children.length ? t.children : [t])].map((l) => l.textContent).join(" ")).filter(Boolean))
  .filter((labels) => new Set(labels).size < labels.length));

async function filters(page) {
  await page.click("#filters summary");
  const metrics = await page.$$eval("#filter-metric option", (all) => all.map((o) => o.value));
  if (metrics.length < 2) return must("filters", false, "fewer than two metrics to choose from");
  const other = metrics.find((m) => m !== "uer");
  const before = await page.textContent("#caption-sparsity");
  await page.selectOption("#filter-metric", other);
  must("filters", new Set(await cells(page, "fairness", "metric")).size === 1, "table: other metrics");
  must("filters", (await cells(page, "fairness", "metric"))[0] === other, "table: not the metric");
  await drawAll(page);
  must("filters", (await page.textContent("#caption-sparsity")) !== before, "picture: same caption");
  must("filters", page.url().includes(`metric=${other}`), `address: ${page.url()}`);

  const tasks = await page.$$eval("#filter-task option", (all) => all.map((o) => o.value));
  await page.selectOption("#filter-task", tasks.at(-1));
  for (const table of ["fairness", "quality"])
    must("filters", (await cells(page, table, "task")).every((t) => t === tasks.at(-1)), `${table}: task`);
  const about = await page.$$eval("#sentences li", (all) => all.map((li) => li.dataset.task));
  must("filters", about.length > 0 && about.every((t) => t === tasks.at(-1)), `words about ${about}`);
  await drawAll(page);
  const panels = await page.$$eval("#picture-sparsity .mark-group.role-column-title, #picture-sparsity .role-title text, #picture-sparsity text", (all) => all.map((t) => t.textContent));
  must("filters", !tasks.slice(1, -1).some((t) => panels.includes(t)), "picture: another task's panel");

  const method = await page.$eval("#filter-method input", (box) => box.value);
  await page.uncheck(`#filter-method input[value="${method}"]`);
  for (const table of ["fairness", "quality", "pruning"])
    must("filters", !(await cells(page, table, "method")).includes(method), `${table}: method`);

  const again = await open(1280, "light", new URL(page.url()).hash);
  must("filters", (await again.inputValue("#filter-metric")) === other, "address: metric not kept");
  must("filters", (await again.inputValue("#filter-task")) === tasks.at(-1), "address: task not kept");
  must("filters", !(await again.isChecked(`#filter-method input[value="${method}"]`)), "address: method");
  await again.close();

  await page.click("#reset");
  must("filters", !page.url().includes("#"), "reset: the address still has filters");
  must("filters", await page.isChecked(`#filter-method input[value="${method}"]`), "reset: method");
  const odd = await open(1280, "light", "#metric=nonsense&task=%3Cb%3E&method=&__proto__=1");
  must("filters", (await odd.inputValue("#filter-metric")) !== "nonsense", "address: nonsense taken");
  await odd.close();
}

async function sorting(page) {
  const press = '[data-table="fairness"] [data-column="value"]';
  for (const [state, sign] of [["ascending", 1], ["descending", -1]]) {
    await page.click(press);
    const values = (await cells(page, "fairness", "value")).map(number).filter((v) => v !== null);
    must("sorting", values.every((v, i) => i === 0 || sign * (v - values[i - 1]) >= 0), state);
    const aria = await page.$eval(press, (b) => b.closest("th").getAttribute("aria-sort"));
    must("sorting", aria === state, `aria-sort is ${aria}`);
  }
  must("sorting", await page.$eval(press, (b) => b === document.activeElement), "the focus is lost");
}

async function saved(page, selector) {
  const [download] = await Promise.all([page.waitForEvent("download"), page.click(selector)]);
  return [download.suggestedFilename(), await readFile(await download.path(), "utf8")];
}

async function downloads(page) {
  const [name, text] = await saved(page, '[data-table="fairness"] [data-csv]');
  const lines = text.trim().split("\n");
  const rows = await page.textContent('[data-table="fairness"] .rows');
  must("downloads", name === "fairprune-fairness.csv", name);
  must("downloads", lines[0].startsWith("model,method,calibration,sparsity,task"), lines[0]);
  must("downloads", rows.includes(`of ${lines.length - 1} rows`), `${lines.length - 1} rows, ${rows}`);
  const [picture, svg] = await saved(page, '[data-svg="sparsity"]');
  must("downloads", picture.endsWith(".svg") && svg.startsWith("<svg"), `${picture}: ${svg.slice(0, 60)}`);
}

async function browsing(page) {
  const variants = await page.$$eval("#browse-variant option", (all) => all.map((o) => o.value));
  if (!variants.length) return must("browsing", false, "no variant to browse");
  await page.selectOption("#browse-variant", variants[0]);
  const changes = async () =>
    (await page.$$eval("#browse-list tbody tr", (all) => all.map((r) => r.cells[4].textContent)))
      .filter((t) => t !== "invalid").map(number);
  await page.selectOption("#browse-sort", "worse");
  let found = await changes();
  must("browsing", found.every((v, i) => i === 0 || v <= found[i - 1]), `rise first: ${found}`);
  await page.selectOption("#browse-sort", "better");
  found = await changes();
  must("browsing", found.every((v, i) => i === 0 || v >= found[i - 1]), `fall first: ${found}`);
  const last = page.locator("#browse-list tbody button").last();
  const name = await last.textContent();
  await last.click();
  must("browsing", (await page.textContent("#browse-detail h3")).endsWith(name), "the input is not shown");
  must("browsing", page.url().includes("input="), "the input is not in the address");
  const sides = await page.$$eval("#browse-detail .side p", (all) => all.map((p) => p.textContent));
  must("browsing", sides.length === 2 && sides.every(Boolean), `sides: ${sides.length}`);
  must("browsing", (await page.$$("#browse-detail .opinions li")).length > 0, "no opinions");
  must("harmless", true);
  for (const button of await page.$$("#browse-list tbody button")) {
    await button.evaluate((b) => b.isConnected && b.click());
    must("harmless", !(await page.evaluate(() => "broken" in window)), "a text was run as a script");
    must("harmless", !(await page.$("#browse-detail img, #browse-detail script")), "a text made elements");
    break;
  }
  await page.selectOption("#browse-sort", "order");
  await page.locator("#browse-list tbody button").first().click();
  must("harmless", !(await page.evaluate(() => "broken" in window)), "a text was run as a script");
  must("harmless", !(await page.$("#browse-detail img, #browse-detail script")), "a text made elements");
}

async function keyboard(page) {
  await page.keyboard.press("Tab");
  must("keyboard", await page.evaluate(() => document.activeElement.classList.contains("skip")), "no skip link first");
  await page.keyboard.press("Enter");
  const at = await page.evaluate(() => document.activeElement.id);
  must("keyboard", at === "title-answer", `the skip link leads to ${at}`);
  await page.focus('[data-table="fairness"] [data-column="task"]');
  await page.keyboard.press("Enter");
  const sorted = await page.$eval('[data-table="fairness"] [data-column="task"]', (b) => b.closest("th").getAttribute("aria-sort"));
  must("keyboard", sorted === "ascending", "Enter does not sort");
}

async function accessible(page, name) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  must("accessible", true);
  for (const { id, nodes } of violations)
    must("accessible", false, `${name}: ${id} (${nodes.length}): ${nodes[0].html.slice(0, 200)} ${nodes[0].failureSummary}`);
}

/** Headers of tables whose words are cut in two. */
const cutWords = (page) => page.$$eval("th", (all) => all.flatMap((th) => {
  const texts = document.createTreeWalker(th, NodeFilter.SHOW_TEXT);
  const cut = [];
  while (texts.nextNode())
    for (const { index, 0: word } of texts.currentNode.data.matchAll(/[\w.]+/g)) {
      const range = document.createRange();
      range.setStart(texts.currentNode, index);
      range.setEnd(texts.currentNode, index + word.length);
      if (new Set([...range.getClientRects()].map((r) => Math.round(r.top))).size > 1) cut.push(word);
    }
  return th.closest("thead") ? cut : [];
}));

/** Of each panel of the agreement plot: the labels of its axes, and where its diagonal ends. */
const scales = (page) => page.$$eval("#picture-agreement .role-axis:not([aria-hidden])", (all) => all
  .map((axis) => [...axis.querySelectorAll(".role-axis-label text")].map((t) => t.textContent))
  .filter((labels) => labels.length));

async function printed() {
  const found = {};
  for (const paper of ["A4", "Letter"]) {
    const page = await open(1280, "dark");
    await page.pdf({ path: `${folder}/${paper}.pdf`, format: paper });
    await page.close();
    const handOut = await open(1280, "light", "#summary");
    await handOut.pdf({ path: `${folder}/${paper}-summary.pdf`, format: paper });
    await handOut.close();
  }
  const page = await open(1280, "light");
  await drawAll(page);
  const words = (figure) => [...figure.querySelectorAll("svg text")]
    .filter((text) => !text.getAttribute("transform")?.includes("rotate"))
    .flatMap((text) => (text.children.length ? [...text.children] : [text]).map((line) => line.textContent));
  found.pictures = await page.evaluate(`Object.fromEntries([...document.querySelectorAll(".picture")].map((f) => [f.dataset.picture, (${words})(f)]))`);
  await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
  found.zooms = await page.$$eval("main table", (all) => all.filter((t) => !t.hidden && t.clientWidth)
    .map((t) => [t.closest("[data-table]")?.dataset.table ?? "", Number(t.style.zoom)]));
  await page.evaluate(() => dispatchEvent(new Event("afterprint")));
  must("console", !(await page.$(".band, main table[hidden]")), "what was put on paper stays on the screen");
  found.columns = await page.$$eval("#tables thead th", (all) => all.map((th) => th.textContent));
  await page.close();
  return found;
}

if (how === "print") {
  console.log(JSON.stringify({ ...(await printed()), console: faults.console }));
  await browser.close();
  process.exit();
}

/** Whether what a word means stays on the screen, be it as wide as a phone, a tablet or a desk. */
async function meanings(page, width) {
  await page.setViewportSize({ width, height: 900 });
  const fits = () => document.documentElement.scrollWidth <= innerWidth;
  await page.waitForFunction(fits, { timeout: 10000 })  // pictures are drawn anew for the new width
    .catch(() => must("fits", false, `${width}: the page is too wide, whatever a word means`));
  for (const term of await page.$$(".term")) {
    const [word, wide] = await term.evaluate((t) => {
      t.focus();
      return [t.textContent, document.documentElement.scrollWidth - innerWidth];
    });
    must("fits", wide <= 0, `${width}: what ${word} means is ${wide} px too wide`);
    const [seen, left, silent] = await term.evaluate((t) => {
      if (!t.checkVisibility()) return [false, 0, true];
      t.blur();
      t.scrollIntoView({ block: "end" });
      t.focus({ preventScroll: true });
      const box = getComputedStyle(t, "::after");
      const bottom = t.getClientRects()[0].top + parseFloat(box.top) + parseFloat(box.height);
      dispatchEvent(new KeyboardEvent("keydown", { key: "Escape" }));
      return [true, bottom - innerHeight, getComputedStyle(t, "::after").content === "none"];
    });
    must("fits", !seen || left <= 0, `${width}: what ${word} means ends ${left} px below the screen`);
    must("keyboard", silent, `Escape leaves what ${word} means on the screen`);
  }
}

/** Whether a point or cell of each picture tells of itself where the pointer is, whole and on the screen. */
async function tooltips(page, width) {
  for (const figure of await page.$$(".picture")) {
    const name = await figure.getAttribute("data-picture");
    if (!(await figure.$("svg.marks"))) continue;
    await figure.evaluate((f) => f.scrollIntoView({ block: "center" }));
    const told = await figure.evaluate((f) => {
      const marks = [...f.querySelectorAll(".mark-symbol:not(.role-legend-symbol) path, .mark-rect:not(.role-legend-symbol) path")];
      for (const mark of marks.reverse()) {
        const { left, top, width, height } = mark.getBoundingClientRect();
        const [x, y] = [left + width / 2, top + height / 2];
        if (!width || width > 600 || x < 0 || x > innerWidth || y < 60 || y > innerHeight) continue;
        const under = document.elementFromPoint(x, y);
        for (const type of ["pointerover", "pointermove", "mouseover", "mousemove"])
          under.dispatchEvent(new PointerEvent(type, { bubbles: true, clientX: x, clientY: y }));
        const tip = document.querySelector("#vg-tooltip-element.visible");
        if (!tip) continue;
        const box = tip.getBoundingClientRect();
        return { text: tip.innerText, out: Math.max(-box.left, box.right - innerWidth, -box.top, box.bottom - innerHeight) };
      }
      return null;
    });
    must("pictures", told, `${width}: no mark of ${name} tells of itself`);
    if (!told) continue;
    must("fits", told.out <= 0, `${width}: what ${name} tells is ${told.out} px off the screen`);
    must("pictures", !/NaN|undefined|null/.test(told.text), `${name} tells ${told.text}`);
  }
}

for (const [width, theme] of [[1280, "light"], [390, "dark"]]) {
  const page = await open(width, theme);
  await drawing(page);
  for (const word of await cutWords(page)) must("fits", false, `${width}: the header ${word} is cut`);
  const matrix = await page.$eval("#picture-overview .canvas", (c) => c.scrollWidth - c.clientWidth).catch(() => 0);
  must("fits", matrix <= 0, `${width}: the matrix is ${matrix} px too wide`);
  for (const labels of width > 800 ? await likeLabels(page) : []) must("pictures", false, `labels are alike: ${labels}`);
  for (const labels of await scales(page))
    must("pictures", new Set(labels).size >= 3, `agreement: ticks ${labels}`);
  await accessible(page, `${width} ${theme}`);
  const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  must("fits", over <= 0, `${width}: ${over} px too wide`);
  await tooltips(page, width);
  for (const other of width < 800 ? [width] : [width, 820]) await meanings(page, other);
  await page.close();
}
for (const part of how === "look" ? [] : [filters, sorting, downloads, browsing, keyboard]) {
  const page = await open(1280, "light");
  await drawAll(page); // what is drawn later pushes what is pressed away
  await part(page).catch((error) => must(part.name, false, error.message));
  must(part.name, true);
  await page.close();
}
await browser.close();
console.log(JSON.stringify(faults));
