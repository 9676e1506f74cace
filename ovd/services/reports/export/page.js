// Charts are as wide as the screen; on paper they must be as wide as the sheet.
const charts = () => document.querySelectorAll(".js-plotly-plot");
addEventListener("beforeprint", () => charts().forEach((chart) => Plotly.relayout(chart, { width: 680 })));
addEventListener("afterprint", () => charts().forEach((chart) => Plotly.relayout(chart, { width: null, autosize: true })));
