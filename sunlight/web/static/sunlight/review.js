"use strict";
// The review desk's keys. A key held down or pressed twice decides one item: keys rest while a decision is on its way and
// for a moment after the next item came, and every decision names the version that was looked at.
(() => {
  const REST = 700;
  let came = performance.now(), sending = false;
  const form = () => document.querySelector("[data-review]");
  // The switch of single-letter keys (keys.js, WCAG 2.1.4) holds here too.
  const off = () => { try { return localStorage.getItem("sunlight-keys-off") === "1"; } catch { return false; } };
  const typing = (place) => place.matches("input:not([type=checkbox]), textarea, select");
  const refuse = (open) => {
    const panel = document.getElementById("review-refuse");
    const button = document.querySelector('[data-review-key="r"]');
    panel.hidden = !open;
    button.setAttribute("aria-expanded", String(open));
    if (open) panel.querySelector("input, textarea").focus(); else button.focus();
  };
  document.addEventListener("click", (event) => { if (event.target.closest('button[data-review-key="r"]')) refuse(document.getElementById("review-refuse").hidden); });
  document.addEventListener("htmx:beforeRequest", (event) => { if (event.target.closest("[data-review]")) sending = true; });
  document.addEventListener("htmx:afterSettle", () => { sending = false; came = performance.now(); const heading = document.getElementById("review-heading"); if (heading) heading.focus(); });
  document.addEventListener("submit", (event) => { if (sending && event.target.closest("[data-review]")) { event.preventDefault(); event.stopImmediatePropagation(); } }, true);
  document.addEventListener("keydown", (event) => {
    const here = form();
    if (!here || event.altKey || event.metaKey || event.isComposing) return;
    const panel = document.getElementById("review-refuse");
    if (event.key === "Escape" && !panel.hidden) return refuse(false);
    if (event.ctrlKey) {
      if (event.key === "Enter" && !panel.hidden && !event.repeat && !sending) { event.preventDefault(); panel.querySelector("button[name=decision]").click(); }
      return;
    }
    if (off() || typing(event.target)) return;
    const key = event.key.toLowerCase();
    if (!/^[jkar1-9]$/.test(key)) return;
    const place = document.querySelector(`[data-review-key="${key}"]`);
    if (!place || place.disabled || (place.closest("fieldset") && panel.hidden)) return;
    event.preventDefault();
    if (event.repeat || sending || (key === "a" && performance.now() - came < REST)) return;
    place.click();
    // Before the keys that walk through a page's table.
  }, true);
})();
