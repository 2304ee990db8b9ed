// The play bar: moves every chart of a solve through the same moments. The board that plays longest leads, the
// first of equals; other boards, curves and other charts follow by `layout.meta.moments` (of each of their frames, in
// supervision steps). What a chart's layers and sentences are, it says in `layout.meta` too.
//
//   boards       names of the boards' containers
//   followers    names of further containers whose charts move along
//   run          what is shown, as the first board's `meta.run` says; a change starts the animation anew
//   frame        frame to begin with instead of playing
//   clock, clocks  what one frame is, and what it can be: [[value, words]]
//   hidden       layers of the board that are not to be seen
//   cell         cell that is looked into
//   keys         keys that write into that cell, and what they write
//   until        a supervision step at which it stops once on its way
//   lens, edit, link   whether cells can be looked into, the puzzle changed, a link or a frame copied
//   embed        what such a frame is: its HTML, and what its address asks for
//   show         a show that runs by itself: no bar; at the end it asks for the `next` one
//
// State `cell` and `clock` are set; triggers `edit`, `write` ({cell, value}) and `next` (1, -1, 0: leave) go to
// the page.
const SHOW = { long: 12000, frame: 900, first: 1800, last: 3500 }; // milliseconds of a show
const players = new WeakMap();

export default function ({ data, parentElement, setStateValue, setTriggerValue }) {
  const root = parentElement.querySelector(".player");
  let player = players.get(root);
  if (!player) {
    player = new Player(root);
    players.set(root, player);
  }
  player.set = setStateValue;
  player.trigger = setTriggerValue;
  player.take(data);
  return () => {
    player.leave();
    players.delete(root);
  };
}

class Player {
  constructor(root) {
    this.root = root;
    this.slider = root.querySelector(".time");
    this.speed = root.querySelector(".speed");
    this.clock = root.querySelector(".clock");
    this.lead = null; // the leading chart
    this.charts = []; // all that move, the leading one first
    this.current = 0;
    this.moment = 0;
    this.reached = 0; // the latest moment that was watched
    this.playing = false;
    this.tries = 0;
    this.heard = [];
    this.hear(root, "click", (event) => {
      const action = event.target.closest("button")?.dataset.action;
      if (action) this.act(action);
    });
    this.hear(this.slider, "input", () => this.go(Number(this.slider.value)));
    this.hear(this.clock, "change", () => {
      this.pause();
      this.set("clock", this.clock.value);
    });
    this.hear(document, "keydown", (event) => this.onKey(event), true);
    this.hear(document, "click", (event) => this.onPage(event), true);
  }

  hear(target, name, reaction, capture = false) {
    target.addEventListener(name, reaction, capture);
    this.heard.push(() => target.removeEventListener(name, reaction, capture));
  }

  leave() {
    clearTimeout(this.timer);
    clearTimeout(this.beat);
    for (const stop of this.heard) stop();
    document.documentElement.classList.remove("trm-blank");
  }

  take(data) {
    if (this.data && data.run !== this.data.run) {
      this.pause();
    }
    this.data = data;
    this.tries = 0;
    if (this.clock.dataset.all !== JSON.stringify(data.clocks)) {
      this.clock.dataset.all = JSON.stringify(data.clocks);
      this.clock.replaceChildren(...data.clocks.map(([value, words]) => new Option(words, value)));
    }
    this.clock.value = data.clock;
    this.clock.hidden = !data.edit;
    this.root.classList.toggle("show", Boolean(data.show));
    this.root.querySelector("[data-action=edit]").hidden = !data.edit;
    for (const name of ["link", "embed"]) this.root.querySelector(`[data-action=${name}]`).hidden = !data.link;
    clearTimeout(this.timer);
    this.attach();
    for (const chart of this.boards) if (this.lives(chart)) this.mark(chart);
  }

  // Look for the charts, which come and go with reruns of the page, and take up what is new.
  attach() {
    const find = (name) => {
      const chart = document.querySelector(`.st-key-${name} .js-plotly-plot`);
      if (chart) chart.place = name;
      return chart;
    };
    const ready = (chart) => this.lives(chart) && window.Plotly;
    this.boards = this.data.boards.map(find).filter(ready);
    const found = [...this.boards, ...this.data.followers.map(find).filter(ready)];
    const whole = this.boards.length === this.data.boards.length;
    // A figure and the page's word of what is shown don't arrive together.
    if (whole && this.boards[0].layout.meta.run === this.data.run) {
      const lead = this.boards.reduce((a, b) => (this.end(b) > this.end(a) + 1e-6 ? b : a));
      for (const chart of found.filter((each) => !this.charts.includes(each))) this.adopt(chart);
      this.charts = found;
      if (lead !== this.lead) this.begin(lead);
      this.uncover(".trm-first");
      for (const chart of found) this.follow(chart);
      this.say();
    }
    this.timer = setTimeout(() => this.attach(), this.tries++ < 60 ? 100 : 600);
  }

  adopt(chart) {
    const meta = chart.layout.meta;
    if (this.boards.includes(chart)) {
      const drawn = () => {
        this.fit(chart);
        this.mark(chart); // the page may have put the figure back as it came
        this.back(chart);
      };
      chart.on("plotly_afterplot", drawn);
      drawn();
      this.hear(chart, "click", (event) => this.onCell(chart, event), true);
    } else if (meta.seek) this.hear(chart, "click", (event) => this.onCurves(chart, event), true);
    if (this.lead && this.lead !== chart && this.lives(this.lead)) this.follow(chart);
  }

  // A new leading chart: another solve plays from its beginning, the same one stays where it was.
  begin(lead) {
    this.lead = lead;
    this.slider.max = framesOf(lead).length - 1;
    this.root.classList.add("ready");
    if (this.shownRun === this.data.run) return this.go(this.nearest(this.moment));
    this.shownRun = this.data.run;
    this.uncover(".trm-live");
    this.moment = 0;
    this.reached = 0;
    this.current = 0;
    this.show();
    // On a phone Solve stays in sight while the board may not: it is brought back.
    if (lead.getBoundingClientRect().top < 0) lead.scrollIntoView({ block: "start" });
    const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    // Whoever pressed a button for this solve wants the keys to move it now.
    if (document.activeElement?.tagName === "BUTTON") this.root.focus({ preventScroll: true });
    if (Number.isInteger(this.data.frame)) this.go(this.data.frame);
    else if (still) this.go(framesOf(lead).length - 1);
    else this.play(this.data.show ? SHOW.first : 400);
  }

  // Take away what stands in front of the boards.
  uncover(pictures) {
    for (const picture of document.querySelectorAll(pictures)) picture.style.display = "none";
  }

  end(chart) {
    return chart.layout.meta.moments.at(-1);
  }

  nearest(moment) {
    const moments = this.lead.layout.meta.moments;
    let best = 0;
    moments.forEach((at, i) => {
      if (Math.abs(at - moment) < Math.abs(moments[best] - moment) - 1e-9) best = i;
    });
    return best;
  }

  // Every chart shows the same moment, or its last frame before it: some skip frames, some end early.
  follow(chart) {
    const frames = framesOf(chart);
    const moments = chart.layout.meta.moments;
    const reached = moments.filter((at) => at <= this.moment + 1e-6).length - 1;
    const index = chart === this.lead ? this.current : Math.max(0, reached);
    // The page may have drawn a chart anew, at its beginning.
    if ((chart.shown === index && chart.drawn === chart.data) || !frames[index]) return;
    chart.shown = index;
    chart.drawn = chart.data;
    showFrame(chart, frames[index]);
  }

  // Whether a chart is still there: plotly takes layout and frames from one that is replaced.
  lives(chart) {
    return Boolean(chart?.layout?.meta) && framesOf(chart).length > 0;
  }

  show() {
    if (!this.lives(this.lead)) return;
    this.moment = this.lead.layout.meta.moments[this.current];
    for (const chart of this.charts.filter((each) => this.lives(each))) this.follow(chart);
    this.slider.value = this.current;
    this.lead.current = this.current;
    this.say();
  }

  // The sentences of the frame shown, each in its place on the page; and what is told once a moment was watched.
  say() {
    this.reached = Math.max(this.reached, this.moment);
    for (const told of document.querySelectorAll("[data-after]")) {
      told.classList.toggle("trm-seen", this.reached >= Number(told.dataset.after) - 1e-3);
    }
    for (const chart of this.charts) {
      if (!this.lives(chart)) continue;
      const words = chart.layout.meta.told?.[chart.shown ?? 0] ?? "";
      const place = document.querySelector(`.${chart.place}_says`);
      if (place && place.textContent !== words) place.textContent = words;
      if (chart === this.boards[0]) this.slider.setAttribute("aria-valuetext", words);
    }
  }

  go(index) {
    this.pause();
    this.move(index);
  }

  move(index) {
    if (!this.lives(this.lead)) return;
    this.current = Math.min(framesOf(this.lead).length - 1, Math.max(0, index));
    this.show();
  }

  pace() {
    const count = this.lead ? framesOf(this.lead).length : 1;
    if (this.data.show) return Math.min(SHOW.frame, SHOW.long / count);
    return Number(this.speed.value) * Math.min(650, Math.max(180, 14000 / count));
  }

  play(wait = 0) {
    if (!this.lead) return;
    if (this.current >= framesOf(this.lead).length - 1) this.move(0);
    this.playing = true;
    this.face();
    clearTimeout(this.beat);
    const next = () => {
      if (!this.playing || !this.lead.isConnected) return this.pause();
      const before = this.moment;
      this.move(this.current + 1);
      const until = this.data.until ?? Infinity;
      if (before < until - 1e-3 && this.moment >= until - 1e-3) return this.pause();
      if (this.current >= framesOf(this.lead).length - 1) this.ended();
      else this.beat = setTimeout(next, this.pace());
    };
    this.beat = setTimeout(next, wait || 60);
  }

  // A show goes on to its next solve.
  ended() {
    this.pause();
    if (this.data.show) this.beat = setTimeout(() => this.trigger("next", 1), SHOW.last);
  }

  pause() {
    this.playing = false;
    clearTimeout(this.beat);
    this.face();
  }

  face() {
    this.root.classList.toggle("playing", this.playing);
    const button = this.root.querySelector("[data-action=play]");
    button.setAttribute("aria-label", this.playing ? "Pause" : "Play");
  }

  // The board is a figure's first pair of axes; a heatmap reports no clicks of its own.
  onCell(chart, event) {
    if (!this.data.lens) return;
    this.pause();
    const col = Math.round(valueAt(chart, "xaxis", event.clientX));
    const row = Math.round(valueAt(chart, "yaxis", event.clientY));
    const { rows, cols } = chart.layout.meta;
    if (row < 0 || col < 0 || row >= rows || col >= cols) return;
    this.root.focus({ preventScroll: true });
    this.set("cell", row * cols + col);
  }

  onCurves(chart, event) {
    const at = valueAt(chart, chart.layout.meta.seek, event.clientX);
    if (at >= -0.5) this.go(this.nearest(at));
  }

  // Buttons of the page that lead to a moment.
  onPage(event) {
    const moment = event.target.closest?.("[data-moment]")?.dataset.moment;
    if (moment !== undefined && this.lives(this.lead)) this.go(this.nearest(Number(moment)));
  }

  // Marks the visitor doesn't want: layers of the board, by their name. The ground stays, without
  // its shades.
  mark(chart) {
    const { layers } = chart.layout.meta;
    for (const [name, layer] of Object.entries(layers)) {
      if (name === "ground" || name === "answer") continue;
      const visible = !this.data.hidden.includes(name);
      if ((chart.data[layer].visible ?? true) !== visible) {
        restyle(chart, { visible }, [layer]);
      }
    }
    const at = layers.ground;
    chart.shades ??= chart.data[at].colorscale;
    const [ground, , ...given] = chart.shades;
    const flat = [ground, [given[0][0] - 1e-6, ground[1]], ...given];
    const wanted = this.data.hidden.includes("ground") ? flat : chart.shades;
    if (JSON.stringify(chart.data[at].colorscale) !== JSON.stringify(wanted)) {
      restyle(chart, { colorscale: [wanted] }, [at]);
    }
  }

  // Texts and lines are as large as the board's cells want them: plotly knows pixels only. What stands
  // there counts, not what was set last: the page may have put an older size back.
  fit(chart) {
    const { rows, scaled } = chart.layout.meta;
    const cell = lengthOf(chart, "yaxis") / rows;
    if (!cell) return;
    for (const [layer, name, share] of scaled) {
      const size = Math.round(10 * cell * share) / 10;
      const [group, part] = name.split(".");
      if (Math.abs((chart.data[layer][group]?.[part] ?? 0) - size) < 0.3) continue;
      restyle(chart, { [name]: size }, [layer]);
    }
  }

  // Plotly takes the heatmap away before it draws the next one: what was last drawn stays behind it, so
  // that the board never blinks.
  back(chart) {
    const image = chart.querySelector(".heatmaplayer image");
    if (!image) return requestAnimationFrame(() => chart.isConnected && this.lives(chart) && this.back(chart));
    const left = startOf(chart, "xaxis") + Number(image.getAttribute("x"));
    const top = startOf(chart, "yaxis") + Number(image.getAttribute("y"));
    const size = `${image.getAttribute("width")}px ${image.getAttribute("height")}px`;
    chart.style.background = `url("${image.href.baseVal}") ${left}px ${top}px / ${size} no-repeat`;
    chart.style.imageRendering = "pixelated";
  }

  // A link to exactly this frame.
  copyLink() {
    const link = new URL(window.location.href);
    link.searchParams.set("frame", this.current);
    this.copy("link", link.href);
  }

  // The same solve as a frame for another page.
  copyEmbed() {
    const link = new URL(window.location.href);
    const { frame, asked } = this.data.embed;
    for (const [name, value] of Object.entries(asked)) link.searchParams.set(name, value);
    this.copy("embed", frame.replace("{address}", link.href.replaceAll("&", "&amp;").replaceAll('"', "%22")));
  }

  // To the clipboard, told on the button itself.
  async copy(name, text) {
    const said = this.root.querySelector(`[data-action=${name}]`);
    const words = said.dataset.words ?? said.textContent;
    said.dataset.words = words;
    try {
      await navigator.clipboard.writeText(text);
      said.textContent = "Copied";
    } catch {
      window.prompt("Copy this:", text);
    }
    setTimeout(() => (said.textContent = words), 1600);
  }

  act(action) {
    if (action === "play") this.playing ? this.pause() : this.play();
    else if (action === "first") this.go(0);
    else if (action === "back") this.go(this.current - 1);
    else if (action === "next") this.go(this.current + 1);
    else if (action === "last") this.go(framesOf(this.lead).length - 1);
    else if (action === "link") this.copyLink();
    else if (action === "embed") this.copyEmbed();
    else if (action === "edit") this.trigger("edit", true);
  }

  // The keys of a presenter, those of a remote control too.
  onPresenter(event, key) {
    const steps = { ArrowRight: 1, PageDown: 1, n: 1, ArrowLeft: -1, PageUp: -1, p: -1, Escape: 0 };
    if (key === " ") this.act("play");
    else if (key === "b" || key === ".") document.documentElement.classList.toggle("trm-blank");
    else if (key in steps) {
      this.pause();
      document.documentElement.classList.remove("trm-blank");
      this.trigger("next", steps[key]);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  onKey(event) {
    const free = event.composedPath()[0];
    if (event.ctrlKey || event.metaKey || event.altKey || !this.lead) return;
    const tag = free.tagName;
    if (tag === "INPUT" && free === this.slider && event.key === " ") free.blur();
    else if (tag === "INPUT" || tag === "TEXTAREA" || tag === "SELECT" || free.isContentEditable) return;
    // Keys that move a focused control stay with it.
    const ours = free === document.body || this.root.contains(free) || this.charts.some((chart) => chart.contains(free));
    if (!ours) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (this.data.show) return this.onPresenter(event, key);
    const actions = { " ": "play", ArrowLeft: "back", ArrowRight: "next", Home: "first", End: "last" };
    if (actions[key]) this.act(actions[key]);
    else if (key === "Escape" && this.data.cell !== null) this.set("cell", null);
    else if (this.data.cell !== null && key in this.data.keys) {
      this.trigger("write", { cell: this.data.cell, value: this.data.keys[key] });
    } else if (key === "e" && this.data.edit) this.act("edit");
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
