"use strict";
// The bargaining desk: cells like a spreadsheet's. Each cell is sent by htmx as it is left; here are the keys, the paste and
// the list of products. A line's own requests wait for each other, so that each goes with the version the last one gave.
(() => {
  const body = () => document.getElementById("sheet-body");
  const picker = () => document.getElementById("picker");
  const columns = ["product", "quantity", "price", "remark"];
  const cellOf = (position, column) => document.getElementById(`${column}-${position}`);
  const positionOf = (cell) => Number(cell.closest("[data-line]").dataset.line);
  const lines = () => [...document.querySelectorAll("#lines [data-line]")];
  const go = (cell) => { if (cell) { cell.focus(); cell.select(); } return Boolean(cell); };

  // The next line downwards (+1) or upwards (-1) whose cell can be written.
  const beside = (cell, step) => {
    const all = lines();
    for (let at = all.indexOf(cell.closest("[data-line]")) + step; at >= 0 && at < all.length; at += step) {
      const found = all[at].querySelector(`[data-cell="${cell.dataset.cell}"]`);
      if (found) return found;
    }
    return null;
  };
  const along = (cell, step) => {
    const all = [...document.querySelectorAll("#lines [data-cell]")];
    return all[all.indexOf(cell) + step] || null;
  };

  // The list of products below the cell one types in.
  let waiting = 0, chosen = -1;
  const options = () => [...picker().querySelectorAll("[role=option]")];
  const hide = () => {
    clearTimeout(waiting);
    const list = picker();
    if (!list) return;
    list.classList.remove("show");
    list.replaceChildren();
    chosen = -1;
    for (const cell of document.querySelectorAll('[data-cell="product"][aria-expanded="true"]')) {
      cell.setAttribute("aria-expanded", "false");
      cell.removeAttribute("aria-activedescendant");
    }
  };
  const show = async (cell) => {
    if (!cell.value.trim() || document.activeElement !== cell) return hide();
    const list = picker();
    await htmx.ajax("GET", `${body().dataset.findUrl}?${new URLSearchParams({ q: cell.value })}`, { target: list, swap: "innerHTML" });
    if (document.activeElement !== cell) return hide();
    const place = cell.getBoundingClientRect();
    list.style.top = `${place.bottom + window.scrollY}px`;
    list.style.left = `${place.left + window.scrollX}px`;
    list.classList.add("show");
    cell.setAttribute("aria-expanded", "true");
    chosen = -1;
    return undefined;
  };
  const mark = (cell, index) => {
    const all = options();
    if (!all.length) return;
    chosen = (index + all.length) % all.length;
    all.forEach((each, at) => { each.classList.toggle("active", at === chosen); each.setAttribute("aria-selected", String(at === chosen)); });
    cell.setAttribute("aria-activedescendant", all[chosen].id);
  };
  const take = (cell, option) => {
    const position = positionOf(cell);
    cell.value = option.dataset.name;
    hide();
    htmx.ajax("POST", cell.getAttribute("hx-post"), {
      source: cell.closest("[data-line]"), target: `#answer-${position}`, swap: "outerHTML",
      values: { price_group: option.dataset.group, version: document.getElementById(`version-${position}`).value },
    });
    go(cellOf(position, "quantity"));
  };

  document.addEventListener("input", (event) => {
    if (!event.target.matches('[data-cell="product"]')) return;
    clearTimeout(waiting);
    waiting = setTimeout(show, 250, event.target);
  });
  document.addEventListener("mousedown", (event) => {
    const option = event.target.closest("#picker [role=option]");
    const cell = document.querySelector('[data-cell="product"][aria-expanded="true"]');
    if (option && cell) { event.preventDefault(); take(cell, option); }
  });
  document.addEventListener("focusout", (event) => { if (event.target.matches('[data-cell="product"]')) hide(); });

  const keys = (event, cell) => {
    const open = cell.getAttribute("aria-expanded") === "true" && options().length;
    if (open && (event.key === "ArrowDown" || event.key === "ArrowUp") && !event.altKey) return mark(cell, chosen + (event.key === "ArrowDown" ? 1 : -1)) || true;
    if (open && event.key === "Enter" && chosen >= 0) return take(cell, options()[chosen]) || true;
    if (open && event.key === "Escape") return hide() || true;
    if (event.key === "ArrowDown" && event.altKey) {
      const why = cell.closest("[data-line]").querySelector(".verdict details, .verdict button");
      if (!why) return true;
      if (why.tagName === "DETAILS") why.open = true;
      (why.querySelector("summary") || why).focus();
      return true;
    }
    if (event.key === "Enter" || event.key === "ArrowDown") return go(beside(cell, event.shiftKey ? -1 : 1)) || true;
    if (event.key === "ArrowUp") return go(beside(cell, -1)) || true;
    if (event.key === "Tab") return go(along(cell, event.shiftKey ? -1 : 1));
    const atEnd = cell.selectionStart === cell.value.length && cell.selectionEnd === cell.value.length;
    const atStart = cell.selectionStart === 0 && cell.selectionEnd === 0;
    if (event.key === "ArrowRight" && atEnd) return go(along(cell, 1));
    if (event.key === "ArrowLeft" && atStart) return go(along(cell, -1));
    return false;
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.isComposing) return;
    const cell = event.target.closest("[data-cell]");
    if (cell && keys(event, cell)) event.preventDefault();
    if (!cell && event.key === "Escape") {
      const line = event.target.closest("[data-line]");
      if (line) go(line.querySelector("[data-cell]"));
    }
  });

  document.addEventListener("click", (event) => {
    const suggested = event.target.closest("[data-take]");
    if (suggested) {
      const cell = cellOf(positionOf(suggested), "price");
      cell.value = suggested.dataset.take;
      cell.dispatchEvent(new Event("change", { bubbles: true }));
      go(cell);
    }
    if (event.target.closest("[data-next-wrong]")) {
      const wrong = [...document.querySelectorAll('#lines [data-verdict="FAULTY"], #lines [data-verdict="BARRED"]')].map((each) => each.closest("[data-line]"));
      const here = document.activeElement.closest ? document.activeElement.closest("[data-line]") : null;
      const next = wrong.find((line) => Number(line.dataset.line) > Number((here || document.getElementById("lines")).dataset.line || lastWrong)) || wrong[0];
      if (next) { lastWrong = Number(next.dataset.line); go(next.querySelector("[data-cell][aria-invalid]") || next.querySelector("[data-cell]")); }
    }
  });
  let lastWrong = 0;

  // More than one cell on the clipboard: the server lays it over the sheet, and says which lines others have changed.
  document.addEventListener("paste", (event) => {
    const cell = event.target.closest("[data-cell]");
    const text = event.clipboardData.getData("text/plain");
    if (!cell || !/[\t\n\r]/.test(text.replace(/[\r\n]+$/, ""))) return;
    event.preventDefault();
    hide();
    const seen = [...document.querySelectorAll("#lines input[name=version]")].filter((each) => each.value !== "0")
      .map((each) => `${each.id.slice("version-".length)}:${each.value}`).join(",");
    const back = cell.id;
    htmx.ajax("POST", body().dataset.pasteUrl, {
      target: "#sheet-body", swap: "outerHTML", values: { position: positionOf(cell), column: cell.dataset.cell, text, seen },
    }).then(() => go(document.getElementById(back)));
  });

  // What an answer says of the cells, and of all lines together.
  document.addEventListener("htmx:afterSwap", (event) => {
    const line = event.target.closest ? event.target.closest("[data-line]") : null;
    const answer = line && line.querySelector(".verdict");
    if (!answer) return;
    const wrong = answer.dataset.wrong.split(" ");
    for (const column of columns) {
      const cell = line.querySelector(`[data-cell="${column}"]`);
      if (!cell) continue;
      cell.classList.toggle("is-invalid", wrong.includes(column));
      if (wrong.includes(column)) cell.setAttribute("aria-invalid", "true"); else cell.removeAttribute("aria-invalid");
    }
    const verdicts = [...document.querySelectorAll("#lines [data-verdict]")].map((each) => each.dataset.verdict);
    for (const place of document.querySelectorAll("#sheet-counts [data-count]")) {
      const kind = place.dataset.count;
      place.textContent = String(verdicts.filter((verdict) => (kind === "filled" ? verdict !== "BLANK" : verdict === kind)).length);
    }
  });
})();
