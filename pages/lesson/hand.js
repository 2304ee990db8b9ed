// Surgery within a frame: a small model has solved a puzzle in this browser, and cells are torn out of its y and z with a
// slider, or one by one while it goes on. Stands behind the runtime (`trm_core/figures/think/runtime.js`).
//
//   config, weights   of the model, as the runtime reads them
//   question, solution  numbers of the cells, 0 where nothing is given
//   before            supervision steps before the first wound
//   colours           variables of a style sheet
//   large             whether its words are for a room
const AFTER = 8; // steps that it goes on behind a wound
const PACE = 550; // milliseconds between two of them
const PARTS = { yz: "y and z", y: "y alone", z: "z alone" };
const hands = new WeakMap();

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".hand");
  const asked = JSON.stringify([data.question, data.weights.data.length, data.config]);
  let hand = hands.get(root);
  if (hand?.asked !== asked) {
    hand?.leave();
    hand = new Hand(root, data, asked);
    hands.set(root, hand);
  }
  root.style.cssText = `${data.colours}; font-size: ${data.large ? 20 : 15}px`;
  return () => {
    hand.leave();
    hands.delete(root);
  };
}

// What the worker does: it keeps the solved state and the one that goes on.
function work() {
  let model = null;
  let solved = null;
  let live = null;
  self.onmessage = ({ data }) => {
    if (data.begin) {
      model = tinyModel(data.begin.config, unpacked(data.begin.weights));
      solved = model.start(data.begin.question);
      for (let step = 0; step < data.begin.before; step++) solved = model.step(solved);
      live = solved;
    }
    if (data.heal) live = solved;
    if (data.cells) live = model.torn(live, data.cells, data.parts);
    if (data.on) live = model.step(live);
    self.postMessage({ answer: live.answer, steps: live.steps });
  };
}

class Hand {
  constructor(root, data, asked) {
    this.root = root;
    this.data = data;
    this.asked = asked;
    this.find = (name) => root.querySelector(name);
    this.blanks = data.question.map((value, i) => (value ? -1 : i)).filter((i) => i >= 0);
    this.order = this.shuffled();
    this.torn = new Set();
    this.right = []; // cells that are right, by steps since the wound; first as it was solved
    this.parts = "yz";
    this.waiting = null; // the latest wish, while the worker computes an older one
    this.busy = true;
    this.heard = new AbortController();
    this.build();
    const source = `${tinyModel};${unpacked};(${work})()`;
    const address = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    this.worker = new Worker(address);
    URL.revokeObjectURL(address);
    this.worker.onerror = () => this.say("This browser would not start the model.");
    this.worker.onmessage = ({ data: { answer, steps } }) => this.take([...answer], steps);
    const { config, weights, question, before } = data;
    this.worker.postMessage({ begin: { config, weights, question, before } });
  }

  leave() {
    clearTimeout(this.beat);
    this.heard.abort();
    this.worker.terminate();
  }

  hear(target, name, reaction) {
    target.addEventListener(name, reaction, { signal: this.heard.signal });
  }

  // Blank cells in an order drawn at random: so many of them as the slider says are torn out.
  shuffled() {
    const order = [...this.blanks];
    for (let i = order.length - 1; i > 0; i--) {
      const j = Math.floor(Math.random() * (i + 1));
      [order[i], order[j]] = [order[j], order[i]];
    }
    return order;
  }

  build() {
    const { rows, cols, box_rows, box_cols } = this.data.config;
    const board = this.find(".board");
    board.style.gridTemplate = `repeat(${rows}, 1fr) / repeat(${cols}, 1fr)`;
    board.style.setProperty("--n", cols);
    board.setAttribute("aria-label", "The board: a cell that is pressed is torn out");
    board.replaceChildren();
    for (let i = 0; i < rows * cols; i++) {
      const cell = document.createElement("button");
      const [row, col] = [Math.floor(i / cols), i % cols];
      cell.type = "button";
      cell.tabIndex = i ? -1 : 0;
      if (col === cols - 1) cell.classList.add("end-col");
      else if ((col + 1) % box_cols === 0) cell.classList.add("right-edge");
      if (row === rows - 1) cell.classList.add("end-row");
      else if ((row + 1) % box_rows === 0) cell.classList.add("low-edge");
      this.hear(cell, "click", () => this.tap(i));
      board.append(cell);
    }
    const moves = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -cols, ArrowDown: cols };
    this.hear(board, "keydown", (event) => {
      const to = [...board.children].indexOf(event.target) + (moves[event.key] ?? Number.NaN);
      if (!board.children[to]) return;
      event.preventDefault();
      event.stopPropagation();
      event.target.tabIndex = -1;
      board.children[to].tabIndex = 0;
      board.children[to].focus();
    });
    const slider = this.find(".cells");
    slider.max = this.blanks.length;
    slider.value = 0;
    slider.disabled = true;
    this.hear(slider, "input", () => this.tear());
    this.hear(slider, "change", () => this.goOn());
    for (const old of this.find(".parts").querySelectorAll("label")) old.remove(); // of another puzzle
    for (const [value, words] of Object.entries(PARTS)) {
      const label = document.createElement("label");
      const choice = document.createElement("input");
      Object.assign(choice, { type: "radio", name: "parts", value, checked: value === this.parts });
      this.hear(choice, "change", () => {
        this.parts = value;
        this.tear();
        this.goOn();
      });
      label.append(choice, words);
      this.find(".parts").append(label);
    }
    this.hear(this.find("[data-action=others]"), "click", () => {
      this.order = this.shuffled();
      this.tear();
      this.goOn();
    });
    this.hear(this.find("[data-action=none]"), "click", () => {
      slider.value = 0;
      this.tear();
    });
    this.count();
  }

  // As many cells as the slider says, out of the solved board, and one step on.
  tear() {
    clearTimeout(this.beat);
    const cells = this.order.slice(0, Number(this.find(".cells").value));
    this.torn = new Set(cells);
    this.count();
    this.left = 0;
    this.ask({ heal: true, cells, parts: this.parts, on: cells.length > 0, again: true });
  }

  // One cell more, out of the board as it stands now.
  tap(cell) {
    if (this.find(".cells").disabled || this.data.question[cell]) return;
    this.torn.add(cell);
    this.count();
    this.ask({ cells: [cell], parts: this.parts, on: true, again: this.right.length < 2 });
    this.goOn();
  }

  goOn() {
    if (!this.torn.size) return;
    this.left = AFTER;
    clearTimeout(this.beat);
    this.beat = setTimeout(() => this.next(), PACE);
  }

  next() {
    this.ask({ on: true });
    if (--this.left > 0) this.beat = setTimeout(() => this.next(), PACE);
  }

  // The worker has one wish at a time, and of those that came meanwhile the latest; a tap is never passed over.
  ask(wish) {
    if (this.busy) {
      if (this.waiting?.cells && wish.cells && !wish.heal) {
        this.waiting = { ...this.waiting, cells: [...this.waiting.cells, ...wish.cells] };
      } else if (!this.waiting || wish.cells) this.waiting = wish;
      return;
    }
    this.busy = true;
    this.again = wish.again;
    this.worker.postMessage(wish);
  }

  take(answer, steps) {
    this.busy = false;
    const whole = answer.filter((value, i) => value === this.data.solution[i]).length;
    if (steps === this.data.before) {
      this.whole = whole;
      this.right = [whole];
    } else if (this.again) this.right = [this.whole, whole];
    else this.right.push(whole);
    this.find(".cells").disabled = false;
    this.draw(answer);
    const wish = this.waiting;
    this.waiting = null;
    if (wish) this.ask(wish);
  }

  count() {
    this.find(".count").textContent = `Cells torn out: ${this.torn.size} of ${this.blanks.length}`;
  }

  say(words) {
    this.find(".says").textContent = words;
  }

  draw(answer) {
    const { solution, question } = this.data;
    [...this.find(".board").children].forEach((cell, i) => {
      const [given, torn, wrong] = [question[i] > 0, this.torn.has(i), answer[i] !== solution[i]];
      cell.textContent = answer[i];
      for (const [look, on] of Object.entries({ given, torn, wrong })) cell.classList.toggle(look, on);
      cell.setAttribute("aria-label", `${answer[i]}${given ? ", given" : ""}${torn ? ", torn out" : ""}${wrong ? ", wrong" : ""}`);
    });
    const mended = [...this.torn].filter((i) => answer[i] === solution[i]).length;
    const others = answer.filter((value, i) => value !== solution[i] && !this.torn.has(i)).length;
    const after = this.right.length - 1;
    const cells = (count) => `${count} cell${count === 1 ? "" : "s"}`;
    if (!after) {
      const state = others ? `${cells(others)} are wrong` : "all cells are right";
      this.say(`After step ${this.data.before} ${state}, and nothing is torn out.`);
    } else {
      const when = after === 1 ? "One step later" : `${after} steps later`;
      const rest = others ? `; of the others ${others} ${others === 1 ? "is" : "are"} wrong` : "";
      this.say(`${when} ${mended} of ${cells(this.torn.size).replace("cell", "torn cell")} ${mended === 1 ? "is" : "are"} right again${rest}.`);
    }
    this.root.dataset.after = after;
    this.root.dataset.mended = mended;
    this.root.dataset.others = others;
    this.drawCurve();
  }

  // Cells that are right, by steps since the wound.
  drawCurve() {
    const place = this.find(".curve");
    const last = Math.max(AFTER + 1, this.right.length - 1);
    const all = this.data.solution.length;
    const x = (step) => 34 + (270 * step) / last;
    const y = (count) => 96 - (80 * count) / all;
    const line = this.right.map((count, i) => `${i ? "L" : "M"}${x(i).toFixed(1)} ${y(count).toFixed(1)}`).join("");
    const dots = this.right.map((count, i) => `<circle cx="${x(i)}" cy="${y(count)}" r="3.5" fill="var(--guess)"/>`).join("");
    place.innerHTML = `<svg viewBox="0 0 320 130" role="img" aria-label="Cells that are right, by steps since the wound" font-size="11">
      <path d="M34 16H304M34 96H304" stroke="var(--thin-line)"/>
      <text x="28" y="20" text-anchor="end" fill="var(--soft-ink)">${all}</text><text x="28" y="99" text-anchor="end" fill="var(--soft-ink)">0</text>
      <path d="${line}" fill="none" stroke="var(--guess)" stroke-width="2.5"/>${dots}
      <text x="34" y="116" text-anchor="middle" fill="var(--soft-ink)">solved</text><text x="304" y="116" text-anchor="end" fill="var(--soft-ink)">${last} steps later</text>
      <text x="169" y="10" text-anchor="middle" fill="var(--ink)">cells that are right</text></svg>`;
  }
}
