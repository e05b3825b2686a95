// Paper: every picture drawn, every table whole, in light colours; and one page to hand out.

const PAGE = 900; // CSS pixels between the margins of Letter, the shorter one, and some room

function startPaper() {
  const root = document.documentElement;
  let opened = [];
  addEventListener("beforeprint", () => {
    root.classList.add("paper");
    opened = [...document.querySelectorAll("details:not([open])")];
    for (const part of opened) part.open = true;
    const handed = root.classList.contains("handout");
    if (handed) document.body.style.zoom = Math.min(1, PAGE / document.body.scrollHeight);
    else document.querySelectorAll(".picture").forEach(draw); // done when this event is: it waits for no network and no clock
    for (const table of document.querySelectorAll("main table")) table.style.zoom = Math.min(1, table.parentElement.clientWidth / table.scrollWidth) || 1;
  });
  addEventListener("afterprint", () => {
    root.classList.remove("paper");
    document.body.style.zoom = "";
    for (const part of opened) part.open = false;
    for (const table of document.querySelectorAll("main table")) table.style.zoom = "";
    document.querySelectorAll(".picture").forEach(redraw);
  });
  const handOut = () => {
    root.classList.toggle("handout", location.hash === "#summary");
    showPlain();
  };
  addEventListener("hashchange", handOut);
  handOut();
}
