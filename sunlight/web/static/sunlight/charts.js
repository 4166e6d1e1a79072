"use strict";
// Line and bar charts from the JSON beside them. The table below each chart says the same to who cannot see it.
// Tooltips are drawn, not written as HTML: the content security policy allows no style in markup.
document.addEventListener("DOMContentLoaded", () => {
  if (!window.echarts) return;
  for (const place of document.querySelectorAll("[data-chart]")) {
    const data = JSON.parse(document.getElementById(place.dataset.chart).textContent);
    const marks = ["circle", "rect", "triangle", "diamond"];
    const chart = window.echarts.init(place, null, { renderer: "canvas" });
    chart.setOption({
      animation: false,
      grid: { left: 16, right: 16, top: 40, bottom: 8, containLabel: true },
      legend: { top: 0 },
      tooltip: { trigger: "axis", renderMode: "richText" },
      xAxis: { type: "category", data: data.labels },
      yAxis: { type: "value", name: data.unit },
      series: data.lines.map((line, index) => ({ name: line.name, type: data.type || "line", barMaxWidth: 48, symbol: marks[index % marks.length], data: line.values })),
    });
    window.addEventListener("resize", () => chart.resize());
  }
});
