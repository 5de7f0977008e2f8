"use strict";
/* Filters rows, moves with the arrow keys, and opens cards beside the matrix. */
(() => {
  const find = (selector) => [...document.querySelectorAll(selector)];
  const at = (id) => document.getElementById(id);
  const rows = find("tbody tr[data-name]");
  const field = at("name");
  const count = at("count");

  const shows = (row) => {
    const words = field.value.trim().toLowerCase().split(/\s+/);
    const has = (kinds) => kinds.some((kind) => row.classList.contains(kind));
    return words.every((word) => row.dataset.name.toLowerCase().includes(word))
      && (!at("only-different")?.checked || has(["differs", "partly"]))
      && (!at("only-notable")?.checked || has(["built", "nothing", "unknown", "loose"]));
  };

  const filter = () => {
    let shown = 0;
    for (const row of rows) {
      row.hidden = !shows(row);
      shown += row.hidden ? 0 : 1;
      at(`p-${row.dataset.name}`)?.toggleAttribute("data-off", row.hidden);
    }
    for (const section of find("section.changes")) {
      section.hidden = !section.querySelector("tbody tr:not([hidden])");
    }
    count.textContent = shown === rows.length ? "" : `${shown} of ${rows.length}`;
  };

  /* One card at a time; Escape closes it, and the focus goes back to what opened it. */
  let opener = null;
  const open = () => document.querySelector(".card.open");
  const links = () => find("#matrix a[href^='#']");
  const show = (card) => {
    open()?.classList.remove("open");
    for (const link of links()) {
      link.setAttribute("aria-expanded", String(card !== null && link.hash === `#${encode(card)}`));
    }
    card?.classList.add("open");
    card?.focus({ preventScroll: true });
  };
  const encode = (card) => new URL(`#${card.id}`, document.baseURI).hash.slice(1);
  const cardOf = (hash) => {
    let id = hash.slice(1);
    try { id = decodeURIComponent(id); } catch { /* not encoded */ }
    const found = id ? at(id) : null;
    return found?.classList.contains("card") ? found : null;
  };
  const close = () => {
    if (!open()) return;
    show(null);
    remember("");
    opener?.focus();
    opener = null;
  };
  const remember = (hash) => {
    try { history.replaceState(null, "", hash || location.href.split("#")[0]); } catch { /* a page without a URL */ }
  };

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    if (!link) return;
    if (link.classList.contains("close")) {
      event.preventDefault();
      close();
      return;
    }
    const card = cardOf(link.hash);
    if (!card) return;
    event.preventDefault();
    if (!link.closest(".card")) opener = link;
    remember(link.hash);
    show(card);
  });
  addEventListener("hashchange", () => show(cardOf(location.hash)));

  /* Highlight the columns of the bar under the pointer, which may span many configurations. */
  const leaves = find("#matrix thead tr:last-child th:not(.corner)");
  const light = (cell) => {
    let start = 0;
    for (let one = cell?.previousElementSibling; one; one = one.previousElementSibling) {
      start += one.tagName === "TD" ? one.colSpan : 0;
    }
    const end = cell ? start + cell.colSpan : 0;
    leaves.forEach((leaf, index) => leaf.classList.toggle("on", index >= start && index < end));
  };
  at("matrix")?.addEventListener("mouseover", (event) => light(event.target.closest("tbody td")));
  at("matrix")?.addEventListener("mouseleave", () => light(null));

  const visible = () => rows.filter((row) => !row.hidden).map((row) => row.querySelector("th a")).filter(Boolean);
  const heads = () => find("#matrix thead tr:last-child a");
  const step = (list, by, event) => {
    const index = list.indexOf(document.activeElement);
    if (index < 0) return;
    const next = list[Math.min(Math.max(index + by, 0), list.length - 1)];
    event.preventDefault();
    next.focus();
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = event.target === field;
    if (event.key === "/" && !typing) {
      event.preventDefault();
      field.focus();
      field.select();
    } else if (event.key === "Escape" && typing && field.value) {
      field.value = "";
      filter();
    } else if (event.key === "Escape") {
      close();
    } else if (event.key === "ArrowDown" && typing) {
      event.preventDefault();
      visible()[0]?.focus();
    } else if (!typing) {
      const far = { Home: -rows.length, End: rows.length, ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (far) step(visible(), far, event);
      const aside = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (aside) step(heads(), aside, event);
    }
  });

  document.documentElement.classList.add("scripted");
  at("controls").hidden = false;
  at("controls").addEventListener("submit", (event) => event.preventDefault());
  at("controls").addEventListener("input", filter);
  filter();
  if (cardOf(location.hash)) show(cardOf(location.hash));
})();
