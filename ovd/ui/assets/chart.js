const setPoints = ovdPlot(element);
ovdLive.morph("chart", element, (chart) => chart.html ?? "", (chart) => setPoints(chart.points));
