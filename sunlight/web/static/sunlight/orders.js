"use strict";
// Order, dispatch and acceptance forms: rows that come and go, and a scan field that works as plain keyboard input.
(() => {
  const result = (text, good) => {
    const place = document.getElementById("scan-result");
    if (!place) return;
    place.textContent = text;
    place.classList.toggle("text-success", good);
    place.classList.toggle("text-danger", !good);
    beep(good);
  };
  let audio;
  const beep = (good) => {
    const Sound = window.AudioContext || window.webkitAudioContext;
    if (!Sound) return;
    audio = audio || new Sound();
    const tone = audio.createOscillator(), volume = audio.createGain();
    tone.frequency.value = good ? 880 : 220;
    volume.gain.value = 0.1;
    tone.connect(volume).connect(audio.destination);
    tone.start();
    tone.stop(audio.currentTime + (good ? 0.08 : 0.3));
  };
  const changed = () => document.body.dispatchEvent(new CustomEvent("basket-changed"));
  let chosen = null;
  const mark = (row) => {
    if (chosen) chosen.classList.remove("table-active");
    chosen = row;
    if (row) row.classList.add("table-active");
  };

  document.addEventListener("focusin", (event) => {
    const row = event.target.closest("[data-row]");
    if (row) mark(row);
  });
  document.addEventListener("click", (event) => {
    const remove = event.target.closest("[data-remove-row]");
    if (remove) {
      const row = remove.closest("[data-row]");
      if (row === chosen) chosen = null;
      row.remove();
      changed();
    }
    const copy = event.target.closest("[data-copy-row]");
    if (copy) {
      const row = copy.closest("[data-row]"), next = row.cloneNode(true);
      for (const input of next.querySelectorAll("input:not([type=hidden])")) input.value = "";
      next.classList.remove("table-active", "table-danger");
      row.after(next);
      next.querySelector("input:not([type=hidden])").focus();
    }
    const fill = event.target.closest("[data-fill]");
    if (fill) for (const row of document.querySelectorAll("#receive-form [data-row]")) {
      const accepted = row.querySelector("[name=accepted]"), rejected = row.querySelector("[name=rejected]");
      const all = accepted.dataset.delivered;
      accepted.value = fill.dataset.fill === "accept" ? all : "0";
      rejected.value = fill.dataset.fill === "accept" ? "0" : all;
    }
  });
  // What is not accepted is rejected, in thousandths, so that no digit is lost.
  document.addEventListener("change", (event) => {
    if (event.target.name !== "accepted") return;
    const input = event.target, row = input.closest("[data-row]");
    const rest = Math.round(Number(input.dataset.delivered) * 1000) - Math.round(Number(input.value) * 1000);
    if (Number.isFinite(rest) && rest >= 0) row.querySelector("[name=rejected]").value = String(rest / 1000);
  });
  document.body.addEventListener("htmx:afterSwap", (event) => {
    if (event.target.id !== "basket") return;
    const last = event.target.lastElementChild;
    if (last) last.querySelector("[name=quantity]").focus();
    changed();
  });

  const ask = async (form, udi, lot) => {
    const answer = await fetch(`${form.dataset.scanUrl}?${new URLSearchParams({ udi, lot })}`, { headers: { Accept: "application/json" } });
    return { ok: answer.ok, said: await answer.json() };
  };
  const fillLot = (form, text, { ok, said }) => {
    if (!ok) return result(said.message, false);
    const row = chosen && form.contains(chosen) ? chosen : form.querySelector("[data-row]");
    if (!row) return undefined;
    for (const name of ["lot", "serial", "produced_on", "expires_on"]) if (said[name]) row.querySelector(`[name=${name}]`).value = said[name];
    row.querySelector("[name=udi]").value = text;
    mark(row);
    return result(said.lot || said.di, true);
  };
  const agrees = (row, said) => (!said.lot || row.dataset.lot === said.lot)
    && (!row.dataset.di || row.dataset.di === said.di)
    && (!said.serial || !row.dataset.serial || row.dataset.serial === said.serial);
  const findLot = async (form, text) => {
    const rows = [...form.querySelectorAll("[data-row]")];
    let row = rows.find((each) => each.dataset.lot === text || each.dataset.serial === text);
    if (!row) {
      const { ok, said } = await ask(form, text, "");
      row = ok ? rows.find((each) => agrees(each, said)) : undefined;
      if (!row) return result(`没有这个批号：${ok ? said.lot || said.di : text}`, false);
    }
    mark(row);
    row.scrollIntoView({ block: "center" });
    row.querySelector("[name=accepted]").select();
    return result(row.dataset.lot, true);
  };
  document.addEventListener("keydown", async (event) => {
    const field = event.target;
    if (event.key !== "Enter" || !field.matches || !field.matches("[data-scan]")) return;
    event.preventDefault();
    const text = field.value.trim();
    if (!text) return;
    const form = field.closest("form");
    field.value = "";
    if (field.dataset.scan === "find") return findLot(form, text);
    const stated = chosen && form.contains(chosen) && chosen.querySelector("[name=lot]");
    fillLot(form, text, await ask(form, text, stated ? stated.value : ""));
    return field.focus();
  });
})();
