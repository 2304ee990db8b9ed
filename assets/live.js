// A chart that stands on the page is given new lines, in place: Streamlit would take it away first, and it would blink.

const AGAIN = 50; // milliseconds until a chart is looked for again that is not there yet
const waiting = new WeakMap(); // by place: the timer of who looks for its chart

export default function ({ data, parentElement }) {
  const { place, figure } = data;
  const draw = () => {
    const chart = document.querySelector(`.st-key-${place} .js-plotly-plot`);
    if (!chart?._fullLayout || !window.Plotly) {
      waiting.set(parentElement, setTimeout(draw, AGAIN));
      return;
    }
    const { data, layout } = JSON.parse(figure);
    const { width, height } = chart._fullLayout;
    window.Plotly.react(chart, data, { ...layout, width, height });
  };
  clearTimeout(waiting.get(parentElement));
  draw();
  return () => clearTimeout(waiting.get(parentElement));
}
