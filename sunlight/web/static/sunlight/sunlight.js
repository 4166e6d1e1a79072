"use strict";
// Small helpers for every page; no inline handlers, so that the content security policy stays strict.
document.addEventListener("click", (event) => {
  const printer = event.target.closest("[data-print]");
  if (printer) window.print();
  const all = event.target.closest("[data-check-all]");
  if (all) for (const box of (all.closest("table, form, .card") || document).querySelectorAll(`input[type=checkbox][name="${all.dataset.checkAll}"]`)) {
    if (box !== all && !box.disabled) { box.checked = all.checked; box.dispatchEvent(new Event("change", { bubbles: true })); }
  }
});
// A form is sent once: a second click while the first is on its way does nothing.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) { event.preventDefault(); return; }
  if (form.method === "post" && !form.hasAttribute("hx-post")) form.dataset.sent = "1";
});
window.addEventListener("pageshow", () => { for (const form of document.forms) delete form.dataset.sent; });
document.addEventListener("DOMContentLoaded", () => { const refusal = document.getElementById("refusal"); if (refusal) { refusal.setAttribute("tabindex", "-1"); refusal.focus(); } });
