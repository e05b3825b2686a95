// Technical words: what they mean, on hover and on focus, where each first stands in a section.

const TERM = new RegExp(
  `(?<![\\w-])(${Object.keys(data.terms).sort((a, b) => b.length - a.length).map((t) => t.replace(/[%]/g, "\\%")).join("|")})(?![\\w-])`,
);
const EXPLAINED = "p, figcaption, li, label, legend, caption";

/** Mark the first of each word in the explained parts of an element. */
function explain(root) {
  const seen = new Set([...root.querySelectorAll(".term")].map((t) => t.textContent));
  for (const part of root.querySelectorAll(EXPLAINED)) {
    const texts = document.createTreeWalker(part, NodeFilter.SHOW_TEXT);
    const nodes = [];
    while (texts.nextNode()) if (!texts.currentNode.parentElement.closest("select, button, .term, svg, .bars, .on-paper")) nodes.push(texts.currentNode);
    for (let node of nodes) {
      for (let found = TERM.exec(node.data); found; found = TERM.exec(node.data)) {
        const rest = node.splitText(found.index);
        const after = rest.splitText(found[0].length);
        if (!seen.has(found[0])) {
          seen.add(found[0]);
          rest.replaceWith(element("span", { class: "term", tabindex: "0", "data-means": data.terms[found[0]], "aria-description": data.terms[found[0]] }, found[0]));
        }
        node = after;
      }
    }
    part.normalize();
  }
}

const MEANING = 360; // CSS pixels that a meaning takes at most

/** A meaning begins where its word does, or further left, so that it ends on the screen; where there is no room below, it stands above. */
function keepOnScreen({ target }) {
  if (!target.classList?.contains("term") || !target.getClientRects().length) return;
  target.classList.remove("silent");
  const { clientWidth: screen, clientHeight: high } = document.documentElement;
  const { left, bottom } = target.getClientRects()[0];
  target.style.setProperty("--left", `${Math.min(0, screen - 16 - Math.min(MEANING, screen - 32) - left)}px`);
  target.classList.toggle("above", bottom + parseFloat(getComputedStyle(target, "::after").height) + 8 > high);
}

/** Meanings in view, by the pointer and by the keyboard. */
const inView = () => document.querySelectorAll(".term:is(:hover, :focus)");

function startTerms() {
  for (const event of ["pointerover", "focusin"]) document.addEventListener(event, keepOnScreen);
  addEventListener("resize", () => {
    for (const target of inView()) keepOnScreen({ target });
  });
  addEventListener("keydown", ({ key }) => {
    if (key === "Escape") for (const term of inView()) term.classList.add("silent"); // until it is pointed at, or reached, again
  });
  const all = () => document.querySelectorAll("main > section:not(#glossary), #filters").forEach(explain);
  listeners.push(all);
}
