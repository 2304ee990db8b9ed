// Single steps, keys and a first play for plotly animations on the same page: the first one leads,
// the others follow. What a figure's layers, frames and axes are, it says itself in `layout.meta`. The
// figures' own buttons work without any of this.
const HOLD = { frame: { duration: 0, redraw: true }, transition: { duration: 0 }, mode: "immediate" };

const opened = new Set(); // charts that a link's frame has been shown on
const cleanups = new WeakMap(); // the page calls this anew with new data: the old one goes first

export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".player");
  cleanups.get(root)?.();
  let chart = null;
  let current = 0;
  let playing = false;
  let timer = 0;
  let firstPlay = 0;
  let tries = 0;
  let others = []; // the further charts that are there

  const find = (name) => document.querySelector(`.st-key-${name} .js-plotly-plot`);
  const ready = (figure) => figure?._transitionData?._frames?.length && window.Plotly;
  const names = () => (chart?._transitionData?._frames ?? []).map((frame) => frame.name);
  const onFrame = (event) => {
    current = chart.current = Math.max(0, names().indexOf(event.name));
    follow();
  };
  // Also called when another move interrupts this one: plotly then rejects its promise.
  const onEnd = () => {
    playing = false;
  };

  // The visitor's own move comes before the first play.
  const dontPlay = () => clearTimeout(firstPlay);
  // Plotly rejects an interrupted animation without a reason; its own buttons don't catch that.
  const onRejection = (event) => {
    if (event.reason === undefined) event.preventDefault();
  };

  // Solves beside this one show the same moment, or the last one before it: long solves skip
  // frames, short ones end early.
  function follow() {
    const wanted = chart.layout.meta.moments[current] + 1e-6;
    for (const other of others) {
      const moments = other.layout.meta.moments;
      const shown = moments.filter((moment) => moment <= wanted).length - 1;
      const frame = other._transitionData._frames[Math.max(0, shown)];
      window.Plotly.animate(other, [frame.name], HOLD).catch(() => {});
    }
  }

  // The board is the figure's first pair of axes; a heatmap reports no clicks of its own.
  function onCell(event) {
    const { xaxis, yaxis } = chart._fullLayout;
    const place = chart.getBoundingClientRect();
    const col = Math.round(xaxis.p2d(event.clientX - place.left - xaxis._offset));
    const row = Math.round(yaxis.p2d(event.clientY - place.top - yaxis._offset));
    const { rows, cols } = chart.layout.meta;
    if (!data.link) return; // a page that only plays has no lens
    if (row >= 0 && col >= 0 && row < rows && col < cols) setStateValue("cell", row * cols + col);
  }

  // Marks the visitor doesn't want: layers of the board, by their name. The ground stays, without
  // its shades.
  function mark() {
    for (const figure of [chart, ...others]) {
      if (!figure?.data?.length) continue;
      for (const [name, layer] of Object.entries(figure.layout.meta.layers)) {
        if (name === "ground" || name === "answer") continue;
        const visible = !data.hidden.includes(name);
        if ((figure.data[layer].visible ?? true) !== visible) {
          window.Plotly.restyle(figure, { visible }, [layer]).catch(onEnd);
        }
      }
      const at = figure.layout.meta.layers.ground;
      figure.shades ??= figure.data[at].colorscale;
      const [ground, , ...given] = figure.shades;
      const flat = [ground, [given[0][0] - 1e-6, ground[1]], ...given];
      const wanted = data.hidden.includes("ground") ? flat : figure.shades;
      if (JSON.stringify(figure.data[at].colorscale) !== JSON.stringify(wanted)) {
        window.Plotly.restyle(figure, { colorscale: [wanted] }, [at]).catch(onEnd);
      }
    }
  }

  function go(index) {
    const all = names();
    if (!all.length) return;
    playing = false;
    current = Math.min(all.length - 1, Math.max(0, index));
    window.Plotly.animate(chart, [all[current]], HOLD).catch(onEnd);
  }

  function play() {
    const all = names();
    if (!all.length) return;
    if (playing) return go(current);
    const start = current >= all.length - 1 ? 0 : current;
    playing = true;
    window.Plotly.animate(chart, all.slice(start), {
      frame: { duration: data.milliseconds, redraw: true },
      transition: { duration: 0 },
      mode: "immediate",
    }).catch(onEnd);
  }

  // On a narrow screen the square board is smaller than its place: the curves get the rest. Plotly
  // finds the board's real size while it draws, so this looks again after every drawing.
  function fit() {
    const { layout } = chart;
    // Kept with the chart: the page may call this component anew while the chart stays.
    const base = (chart.base ??= {
      risen: 0,
      menu: layout.updatemenus[0].y,
      slider: layout.sliders[0].y,
      panels: layout.meta.under_board.map((name) => [name, [...layout[name].domain]]),
    });
    const rise = Math.max(0, chart._fullLayout.yaxis.domain[0] - layout.meta.board_bottom);
    if (Math.abs(rise - base.risen) < 0.01) return;
    base.risen = rise;
    const stretch = (base.menu + rise) / base.menu;
    const change = { "updatemenus[0].y": base.menu + rise, "sliders[0].y": base.slider + rise };
    for (const [name, domain] of base.panels) {
      change[`${name}.domain`] = domain.map((part) => part * stretch);
    }
    window.Plotly.relayout(chart, change).catch(onEnd); // the chart may be replaced meanwhile
  }

  // A link to exactly this frame, told on the button itself.
  async function copyLink() {
    const link = new URL(window.location.href);
    link.searchParams.set("frame", current);
    const said = root.querySelector("[data-action=link]");
    try {
      await navigator.clipboard.writeText(link.href);
      said.textContent = "Copied";
    } catch {
      window.prompt("Copy this link:", link.href);
    }
    setTimeout(() => (said.textContent = "Copy link"), 1600);
  }

  const ACTIONS = {
    first: () => go(0),
    back: () => go(current - 1),
    play,
    next: () => go(current + 1),
    last: () => go(names().length - 1),
    link: copyLink,
  };
  const KEYS = { " ": "play", ArrowLeft: "back", ArrowRight: "next", Home: "first", End: "last" };

  function onClick(event) {
    const action = event.target.closest("button")?.dataset.action;
    if (action) act(action);
  }

  function act(action) {
    dontPlay();
    ACTIONS[action]();
  }

  function onKey(event) {
    const free = event.composedPath()[0];
    if (event.ctrlKey || event.metaKey || event.altKey || !KEYS[event.key]) return;
    const tag = free.tagName;
    if (tag === "INPUT" || tag === "TEXTAREA" || tag === "SELECT" || free.isContentEditable) return;
    // Keys that move a focused control stay with it.
    if (free !== document.body && !root.contains(free) && !chart?.contains(free)) return;
    event.preventDefault();
    event.stopPropagation();
    act(KEYS[event.key]);
  }

  function attach() {
    const found = find(data.charts[0]);
    if (found !== chart && ready(found)) {
      chart = found;
      current = chart.current ?? 0;
      playing = false;
      chart.on("plotly_animatingframe", onFrame);
      chart.on("plotly_animated", onEnd);
      root.classList.add("ready");
      chart.on("plotly_afterplot", fit);
      fit();
      mark();
      const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
      chart.addEventListener("pointerdown", dontPlay, true);
      chart.addEventListener("click", onCell, true);
      // Whoever pressed a button for this chart wants the keys to move it now.
      if (!chart.started && document.activeElement?.tagName === "BUTTON") root.focus({ preventScroll: true });
      dontPlay();
      // The page may call this component anew while the chart stays: it starts only once.
      const started = chart.started;
      chart.started = true;
      if (!started && Number.isInteger(data.frame) && !opened.has(data.charts[0])) go(data.frame);
      else if (!started && data.autoplay && !still) firstPlay = setTimeout(play, 500);
      opened.add(data.charts[0]);
    }
    const further = data.charts.slice(1).map(find).filter(ready);
    if (chart && (further.length !== others.length || further.some((each, i) => each !== others[i]))) {
      others = further;
      mark();
      follow();
    }
    // A new solve replaces the chart's element: keep looking, quietly.
    timer = setTimeout(attach, tries++ < 40 ? 150 : 700);
  }

  root.addEventListener("click", onClick);
  window.addEventListener("unhandledrejection", onRejection);
  document.addEventListener("keydown", onKey, true);
  root.querySelector("[data-action=link]").hidden = !data.link;
  attach();
  const cleanup = () => {
    chart?.removeEventListener("click", onCell, true);
    chart?.removeEventListener("pointerdown", dontPlay, true);
    clearTimeout(timer);
    dontPlay();
    window.removeEventListener("unhandledrejection", onRejection);
    root.removeEventListener("click", onClick);
    document.removeEventListener("keydown", onKey, true);
    chart?.removeListener?.("plotly_animatingframe", onFrame);
    chart?.removeListener?.("plotly_animated", onEnd);
    chart?.removeListener?.("plotly_afterplot", fit);
  };
  cleanups.set(root, cleanup);
  return cleanup;
}
