// The chart script: what a pointer may ask of the charts that the server drew.
// Only the parts of ECharts that Juli uses are bundled; text is drawn as SVG, so
// no style attribute and no markup from data ever reaches the page.
import * as echarts from "echarts/core";
import { BarChart, LineChart } from "echarts/charts";
import { AriaComponent, GridComponent, LegendComponent, MarkLineComponent, TooltipComponent } from "echarts/components";
import { SVGRenderer } from "echarts/renderers";

echarts.use([BarChart, LineChart, AriaComponent, GridComponent, LegendComponent, MarkLineComponent, TooltipComponent, SVGRenderer]);

const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const colours = () => [1, 2, 3, 4, 5, 6].map((i) => token("--c" + i));

// write shows a whole number of 10^-places units as people read it.
const write = (v, places) => (v / 10 ** places).toLocaleString("zh-CN", { minimumFractionDigits: places, maximumFractionDigits: places });

function option(d, size) {
  const lines = d.kind === "lines";
  const label = { color: token("--ink"), fontSize: size };
  return {
    animation: false,
    color: colours(),
    textStyle: { fontFamily: token("--font") },
    grid: { left: 8, right: 16, top: 24, bottom: 8, containLabel: true },
    tooltip: {
      trigger: "axis",
      renderMode: "richText",
      confine: true,
      backgroundColor: token("--surface"),
      borderColor: token("--line"),
      textStyle: label,
      valueFormatter: (v) => write(v, d.places) + d.unit,
    },
    xAxis: { type: "category", data: d.labels, axisLabel: label, axisTick: { show: false }, axisLine: { lineStyle: { color: token("--line") } } },
    yAxis: {
      type: "value",
      min: d.from,
      axisLabel: { ...label, color: token("--muted"), formatter: (v) => (v / 10 ** d.places).toLocaleString("zh-CN", { maximumFractionDigits: d.places }) },
      splitLine: { lineStyle: { color: token("--line") } },
    },
    series: d.series.map((s, i) => ({
      name: s.Name,
      type: lines ? "line" : "bar",
      stack: d.kind === "stack" ? "all" : undefined,
      barMaxWidth: 56,
      symbolSize: 8,
      itemStyle: d.kind === "stack" ? { borderColor: token("--surface"), borderWidth: 1 } : undefined,
      data: s.Values,
      markLine: d.goal && i === 0
        ? { silent: true, symbol: "none", data: [{ yAxis: d.goal.Value }], lineStyle: { color: token("--warn-line"), width: 2 }, label: { formatter: d.goal.Text, position: "insideEndTop", color: token("--warn"), fontSize: size } }
        : undefined,
    })),
  };
}

function improve(plot) {
  const data = JSON.parse(plot.dataset.chart);
  const drawn = plot.querySelector("svg");
  const said = drawn.getAttribute("aria-label");
  const live = document.createElement("div");
  live.className = "live";
  live.setAttribute("role", "img");
  live.setAttribute("aria-label", said);
  plot.append(live);
  plot.classList.add("improved");
  const chart = echarts.init(live, null, { renderer: "svg", height: live.clientHeight || 260 });
  const draw = () => chart.setOption(option(data, parseFloat(getComputedStyle(document.documentElement).fontSize) * 0.8125), true);
  draw();
  new ResizeObserver(() => chart.resize()).observe(live);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
}

// Phones and printers keep the server's picture: it fits them better.
if (matchMedia("(min-width: 721px)").matches && !matchMedia("(pointer: coarse)").matches) {
  for (const plot of document.querySelectorAll("[data-chart]")) improve(plot);
}
