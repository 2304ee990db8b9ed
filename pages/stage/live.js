// A chart that stands on the page is given new lines, in place: Streamlit would take it away first, and it would blink.

const AGAIN = 100; // milliseconds between two looks at whether the chart has its lines
const looking = new WeakMap(); // by place: the timer of who looks

export default function ({ data, parentElement }) {
  const { place, figure } = data;
  const find = () => document.querySelector(`.st-key-${place} .js-plotly-plot`);
  const draw = (chart) => {
    const size = sizeOf(chart);
    if (!size || !window.Plotly) return;
    const { data, layout } = JSON.parse(figure);
    // Streamlit may take the chart away while plotly still draws it.
    window.Plotly.react(chart, data, { ...layout, ...size }).catch(() => {});
  };
  const stop = () => clearInterval(looking.get(parentElement));
  stop();
  draw(find());
  // It may not stand there yet; and where the page changes its width, Streamlit draws the empty one again.
  const look = () => {
    const chart = find();
    if (chart && !chart.data?.length) draw(chart);
  };
  looking.set(parentElement, setInterval(look, AGAIN));
  return stop;
}
