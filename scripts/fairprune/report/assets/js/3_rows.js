// The rows of every picture: the data after the filters, with the words that are shown.

const SIGNS = { worse: "−", better: "+", shifted: "⇄", equivalent: "=", undecided: "?", "not judged": "×" };

function kind(row) {
  if (row.broken) return "validity under 90 %";
  if (row.pattern === "given") return "compressed model";
  return row.pattern === "unstructured" ? "unstructured" : "N:M pattern";
}

/** The chosen fairness metric of every variant and task that the filters let through. */
function fairnessRows(undefinedToo = false) {
  return (tables.fairness ?? [])
    .filter((r) => r.attribution === state.attribution && r.metric === state.metric)
    .filter((r) => r.stratum === state.stratum && (undefinedToo || r.value !== null) && passes(r))
    .map((r) => ({ ...r, place: place(r), kind: kind(r) }));
}

function qualityRows(metric) {
  return (tables.quality ?? [])
    .filter((r) => r.metric === metric && r.value !== null && passes(r))
    .map((r) => ({ ...r, place: place(r), kind: kind(r) }));
}

function overviewRows() {
  const metric = metricOf(state.metric);
  const quality = qualityOf(state.quality);
  const fair = fairnessRows(true).map((r) => ({
    ...r, measure: metric.short, heading: `fairness (${metric.short}, ${state.attribution})`,
  }));
  const good = qualityRows(state.quality).map((r) => ({
    ...r, measure: quality?.label, heading: `quality (${quality?.label})`,
  }));
  const rows = [...fair, ...good].filter((r) => r.verdict);
  return rows
    .map((r) => ({
      ...r,
      panel: [place(r), r.heading].filter(Boolean).join("\n"),
      row: [r.method, r.calibration === "none" ? null : shortCalibration(r.calibration, r.task)]
        .filter(Boolean)
        .join(" · "),
      sign: (r.broken ? "⚠ " : "") + SIGNS[r.verdict],
      verdict: `${SIGNS[r.verdict]} ${r.verdict}`,
      difference: r.difference === null ? "no figure" : signed(r.difference),
      range: r.difference_low === null ? "" : `[${decimal(r.difference_low)}, ${decimal(r.difference_high)}]`,
    }))
    .sort((a, b) => data.models.indexOf(a.model) - data.models.indexOf(b.model)
      || data.tasks.indexOf(a.task) - data.tasks.indexOf(b.task)
      || a.heading.localeCompare(b.heading)
      || data.methods.indexOf(a.method) - data.methods.indexOf(b.method));
}

/** Fairness and quality of each sound variant on the same inputs, and whether it is on the front.
 *  The intervals are those of the variant's own inputs, shown where they are the same. */
function paretoRows() {
  const key = (r) => `${r.variant} ${r.task}`;
  const quality = new Map(qualityRows(state.quality).map((r) => [key(r), r]));
  const fairness = new Map(fairnessRows().map((r) => [key(r), r]));
  const rows = tableRows("pareto")
    .filter((r) => r.quality !== null)
    .map((r) => {
      const [f, q] = [fairness.get(key(r)), quality.get(key(r))];
      const own = f?.n === r.n ? { low: f.low, high: f.high } : {};
      const ownQuality = q?.n === r.n ? { quality_low: q.low, quality_high: q.high } : {};
      return { ...r, place: place(r), kind: kind(r), ...own, ...ownQuality };
    });
  return toldApart(rows, "place", "quality", "value");
}

/** Points of a panel that lie on each other: `ring` counts those below a point, `here` all of them
 *  (a text at the lowest, where there are several). */
function toldApart(rows, panel, x, y) {
  return [...Map.groupBy(rows, (r) => r[panel]).values()].flatMap((members) => {
    const [wide, high] = [x, y].map((field) => 0.012 * spread(members.map((r) => r[field])));
    const places = [];
    for (const r of members) {
      const found = places.find(([p]) => Math.abs(p[x] - r[x]) <= wide && Math.abs(p[y] - r[y]) <= high);
      if (found) found.push(r);
      else places.push([r]);
    }
    return places.flatMap((all) => all.map((r, ring) => ({ ...r, ring, here: ring || all.length === 1 ? "" : `${all.length} here` })));
  });
}

const spread = (values) => Math.max(...values) - Math.min(...values);

function calibrationRows() {
  return fairnessRows()
    .filter((r) => !r.dense && r.calibration !== "none" && r.difference !== null)
    .map((r) => ({
      ...r,
      calibration: shortCalibration(r.calibration, r.task),
      words: signed(r.difference),
      panel: [place(r), `sparsity ${r.sparsity}`].filter(Boolean).join(" · "),
    }));
}

function decompositionRows() {
  return tableRows("decomposition")
    .filter((r) => r.share !== null && !r.source.includes("−"))
    .map((r) => ({ ...r, panel: [place(r), `sparsity ${r.sparsity}`].filter(Boolean).join(" · ") }));
}

function layerRows() {
  return (tables.pruning ?? [])
    .filter((r) => passes(r))
    .map((r) => ({
      ...r,
      index: data.layers[r.model].indexOf(r.layer) + 1,
      panel: [data.models.length > 1 ? r.model : null, `sparsity ${r.sparsity}`].filter(Boolean).join(" · "),
    }));
}

/** Every two variants of one model and sparsity, in both orders: a whole matrix. */
function overlapRows() {
  const name = (method, set) => [method, set === "none" ? null : set].filter(Boolean).join(" · ");
  const rows = (tables.overlap ?? [])
    .filter((r) => passes(r) && passes({ method: r.other_method, calibration: r.other_calibration }));
  const few = rows.length <= 150;
  return rows.flatMap((r) => {
    const names = [name(r.method, r.calibration), name(r.other_method, r.other_calibration)];
    const panel = [data.models.length > 1 ? r.model : null, `sparsity ${r.sparsity}`].filter(Boolean).join(" · ");
    const words = few && r.beyond_chance !== null ? percent(r.beyond_chance) : "";
    return [names, [...names].reverse()].map(([row, column]) => ({ ...r, row, column, panel, words }));
  });
}

/** The chosen metric of each variant under every two attributions, on the same inputs. */
function agreementRows() {
  const key = (r) => [r.model, r.task, r.first, r.second].join(" ");
  const rho = new Map(tableRows("agreement").map((a) => [key(a), a]));
  const rows = tableRows("points")
    .filter((r) => rho.has(key(r)))
    .map((r) => {
      const { rho: found, variants: number, n } = rho.get(key(r));
      const title = [place(r), `${r.first} → ${r.second} ↑`].filter(Boolean).join(": ");
      const words = `${found === null ? "no ρ" : `ρ = ${shown(found, 2)}`} (${counted(number, "variant")}, ${counted(n, "input")})`;
      return { ...r, first: r.x, second: r.y, panel: `${title}\n${words}` };
    });
  const ends = new Map([...Map.groupBy(rows, (r) => r.panel)].map(([panel, members]) => {
    const figures = members.flatMap((r) => [r.x, r.y]);
    const [least, most] = [Math.min(...figures), Math.max(...figures)];
    const room = 0.06 * (most - least) || 0.01;
    return [panel, { least: least - room, most: most + room }];
  }));
  return toldApart(rows.map((r) => ({ ...r, ...ends.get(r.panel) })), "panel", "x", "y");
}

/** A row's name of two lines: cut in one, those of several calibration sets would be the same. */
const inTwoLines = (r, set) => [`${r.method} ${r.sparsity}`, set === "none" ? null : set].filter(Boolean).join(" · ");

function annotationRows() {
  return tableRows("annotation")
    .filter((r) => r.value !== null)
    .map((r) => ({
      ...r,
      row: inTwoLines(r, shortCalibration(r.calibration, r.task)),
      panel: `${[place(r), `${r.question}, against ${r.against}`].filter(Boolean).join(": ")}, ${r.alpha === null ? "no α" : `α = ${shown(r.alpha, 2)}`}`,
    }));
}

function languageRows() {
  return (tables.language ?? [])
    .filter((r) => r.kind === "perplexity" && r.value > 0 && passes(r))
    .map((r) => ({ ...r, kind: kind(r), panel: panelOf(r, `${r.name}, window ${r.window}${r.beginning === "first" ? ", as published" : ""}`) }));
}

function zeroShotRows() {
  return (tables.language ?? [])
    .filter((r) => r.kind === "zero_shot" && r.value !== null && passes(r))
    .map((r) => ({
      ...r,
      kind: kind(r),
      low: r.stderr === null ? null : r.value - 1.96 * r.stderr,
      high: r.stderr === null ? null : r.value + 1.96 * r.stderr,
      panel: panelOf(r, `${r.name}: ${r.metric}`),
    }));
}

function biasRows() {
  return (tables.bias ?? [])
    .filter((r) => r.stratum === ALL && r.worsening !== null && passesBias(r))
    .map((r) => ({
      ...r,
      margin_low: -r.margin,
      row: inTwoLines(r, r.calibration),
      sign: SIGNS[r.verdict],
      verdict: `${SIGNS[r.verdict]} ${r.verdict}`,
      panel: panelOf(r, `${r.task}: ${r.metric} (best: ${r.goal}), dense ${shown(r.dense_value, 2)}`),
    }));
}

/** A bias task is none of those that summaries are of: it passes whichever of these is chosen. */
const passesBias = (row) => passes(row, ["model", "calibration", "method"]);

const panelOf = (row, title) => (data.models.length > 1 ? `${row.model} · ${title}` : title);

const pictureRows = {
  overview: overviewRows, sparsity: () => fairnessRows(), pareto: paretoRows, calibration: calibrationRows,
  decomposition: decompositionRows, layers: layerRows, overlap: overlapRows, agreement: agreementRows, annotation: annotationRows, language: languageRows,
  zero_shot: zeroShotRows, bias: biasRows,
  ...Object.fromEntries(["position", "copied", "length"].map((name) => [name, () => qualityRows(name)])),
};
const dataNames = { sparsity: "fairness" };
