// A chart that stands on the page is given new lines, in place: Streamlit would take it away first, and it would blink.

export default function ({ data, parentElement }) {
  const { place, figure } = data;
  const find = () => document.querySelector(`.st-key-${place} .js-plotly-plot`);
  const draw = (chart) => {
    if (!chart?._fullLayout || !window.Plotly) return;
    const { data, layout } = JSON.parse(figure);
    const { width, height } = chart._fullLayout;
    window.Plotly.react(chart, data, { ...layout, width, height });
  };
  draw(find());
  // It may not stand there yet; and where the page changes its width, Streamlit draws the empty one again.
  const look = () => {
    const chart = find();
    if (chart && !chart.data?.length) draw(chart);
  };
  const observer = new MutationObserver(look);
  observer.observe(document.body, { childList: true, subtree: true });
  return () => observer.disconnect();
}
