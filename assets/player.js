// Single steps, keys and a first play for a plotly animation on the same page. The figure's own
// buttons work without any of this.
const HOLD = { frame: { duration: 0, redraw: true }, transition: { duration: 0 }, mode: "immediate" };

const opened = new Set(); // charts that a link's frame has been shown on

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".player");
  let chart = null;
  let current = 0;
  let playing = false;
  let timer = 0;
  let firstPlay = 0;
  let tries = 0;

  const names = () => (chart?._transitionData?._frames ?? []).map((frame) => frame.name);
  const onFrame = (event) => {
    current = Math.max(0, names().indexOf(event.name));
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

  // On a narrow screen the square board is smaller than its place: the curves get the rest.
  function fit() {
    const { yaxis, updatemenus, sliders, meta } = chart.layout;
    const rise = yaxis.domain[0] - meta.board_bottom; // plotly has written the real bottom here
    if (rise < 0.01) return;
    const stretch = (updatemenus[0].y + rise) / updatemenus[0].y;
    const change = {
      "updatemenus[0].y": updatemenus[0].y + rise,
      "sliders[0].y": sliders[0].y + rise,
    };
    for (const name of Object.keys(chart.layout)) {
      if (/^yaxis\d+$/.test(name)) {
        change[`${name}.domain`] = chart.layout[name].domain.map((part) => part * stretch);
      }
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
    const found = document.querySelector(`.st-key-${data.chart} .js-plotly-plot`);
    if (found && found !== chart && window.Plotly && found._transitionData?._frames?.length) {
      chart = found;
      current = 0;
      playing = false;
      chart.on("plotly_animatingframe", onFrame);
      chart.on("plotly_animated", onEnd);
      root.classList.add("ready");
      fit();
      const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
      chart.addEventListener("pointerdown", dontPlay, true);
      // Whoever pressed a button for this chart wants the keys to move it now.
      if (document.activeElement?.tagName === "BUTTON") root.focus({ preventScroll: true });
      dontPlay();
      if (Number.isInteger(data.frame) && !opened.has(data.chart)) go(data.frame);
      else if (data.autoplay && !still) firstPlay = setTimeout(play, 500);
      opened.add(data.chart);
    }
    // A new solve replaces the chart's element: keep looking, quietly.
    timer = setTimeout(attach, tries++ < 40 ? 150 : 700);
  }

  root.addEventListener("click", onClick);
  window.addEventListener("unhandledrejection", onRejection);
  document.addEventListener("keydown", onKey, true);
  attach();
  return () => {
    clearTimeout(timer);
    dontPlay();
    window.removeEventListener("unhandledrejection", onRejection);
    root.removeEventListener("click", onClick);
    document.removeEventListener("keydown", onKey, true);
    chart?.removeListener?.("plotly_animatingframe", onFrame);
    chart?.removeListener?.("plotly_animated", onEnd);
  };
}
