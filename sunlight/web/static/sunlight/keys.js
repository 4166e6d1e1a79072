"use strict";
// Keys for tired hands: `/` search, `?` help, j and k (or the arrows, once in a table) through rows, x ticks. Single
// letters can be switched off (WCAG 2.1.4); the choice stays in this browser.
const OFF = "sunlight-keys-off";
const help = () => document.getElementById("keys");
const isOff = () => { try { return localStorage.getItem(OFF) === "1"; } catch { return false; } };
const isTyping = (element) => element.isContentEditable || /^(INPUT|SELECT|TEXTAREA)$/.test(element.tagName) && !/^(checkbox|radio|button|submit)$/.test(element.type);
const rows = () => [...document.querySelectorAll("main table tbody tr")].filter((row) => row.querySelector("a, button, input"));
const here = (all) => all.findIndex((row) => row.contains(document.activeElement));

function move(step) {
  const all = rows();
  if (!all.length) return false;
  const now = here(all);
  const row = all[now < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(now + step, 0), all.length - 1)];
  (row.querySelector("a") || row.querySelector("button, input")).focus();
  row.scrollIntoView({ block: "nearest" });
  return true;
}

function search() {
  const field = document.querySelector("main input[type=search], main form[role=search] input:not([type=hidden]), main form[role=search] select");
  if (field) { field.focus(); if (field.select) field.select(); }
  return Boolean(field);
}

function tick() {
  const all = rows();
  const box = here(all) >= 0 && all[here(all)].querySelector("input[type=checkbox]:not(:disabled)");
  if (box) box.click();
  return Boolean(box);
}

const KEYS = { "/": search, "?": () => { help().showModal(); return true; }, j: () => move(1), k: () => move(-1), x: tick };

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.defaultPrevented) return;
  if (!help() || help().open || isTyping(event.target)) return;
  const arrow = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const inRow = event.target.closest && event.target.closest("main table tbody tr") && !event.target.closest(".dropdown-menu");
  const done = arrow ? inRow && move(arrow) : !isOff() && KEYS[event.key] && KEYS[event.key]();
  if (done) event.preventDefault();
});
document.addEventListener("click", (event) => { if (event.target.closest("[data-keys]")) help().showModal(); });
document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-keys-off]")) return;
  try { localStorage.setItem(OFF, event.target.checked ? "1" : "0"); } catch { /* Without storage the keys stay on. */ }
});
document.addEventListener("DOMContentLoaded", () => { const box = document.querySelector("[data-keys-off]"); if (box) box.checked = isOff(); });
