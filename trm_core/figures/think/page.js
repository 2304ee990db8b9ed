// A page that thinks by itself: the board, what is typed into it, and the solve, step by step. The model runs in a worker,
// so that the page answers meanwhile.
(() => {
  const told = JSON.parse(document.getElementById("weights").textContent);
  const $ = (name) => document.getElementById(name);
  const MOST = told.marks ? 1000 : 64; // steps
  const signs = "123456789";
  let size = told.sizes[0]; // {n, rows, cols, example}
  let question = [];
  let frames = []; // of the solve: the question first, then what stood after each step
  let shown = 0;
  let chosen = 0;
  let worker = null;
  let solving = 0;
  let beat = null;

  for (const each of told.sizes) $("size").append(new Option(`${each.n} × ${each.n}`, each.n));
  $("size").parentElement.hidden = told.sizes.length < 2;

  // ---- The worker.

  function work() {
    let model = null;
    self.onmessage = ({ data }) => {
      if (data.config) model = tinyModel(data.config, unpacked(data.weights));
      const { question, most, run } = data;
      let state = model.start(question, 0);
      const go = () => {
        const began = performance.now();
        state = model.step(state);
        const { answer, sure, done, candidates, pinned, dead, go: again, steps } = state;
        postMessage({ run, answer, sure, done, candidates, pinned, dead, again, steps, took: performance.now() - began });
        if (steps < most && done <= 0.5) setTimeout(go);
      };
      go();
    };
  }

  function newWorker() {
    const source = `${$("runtime").textContent};(${work})()`;
    const address = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    const made = new Worker(address);
    URL.revokeObjectURL(address);
    return made;
  }

  // ---- The puzzle.

  const boxOf = (i) => `${Math.floor(Math.floor(i / size.n) / size.rows)} ${Math.floor((i % size.n) / size.cols)}`;

  // Cells whose symbol stands twice in a row, column or box.
  function clashes(board) {
    const found = new Set();
    board.forEach((a, i) => {
      board.forEach((b, j) => {
        if (i === j || !a || a !== b) return;
        const [row, col] = [Math.floor(i / size.n) === Math.floor(j / size.n), i % size.n === j % size.n];
        if (row || col || boxOf(i) === boxOf(j)) found.add(i);
      });
    });
    return found;
  }

  const obeyed = (board) => board.every(Boolean) && !clashes(board).size && board.every((v, i) => !question[i] || question[i] === v);

  function read(text) {
    const clean = text.replace(/[^0-9.\s|+-]/g, "?").replace(/[\s|+-]/g, "");
    if (clean.includes("?")) return "A puzzle is made of digits, with 0 or . for a blank.";
    const fits = told.sizes.find((each) => each.n * each.n === clean.length);
    if (!fits) {
      const wanted = told.sizes.map((each) => each.n * each.n).join(" or ");
      return `A puzzle has ${wanted} cells, this text has ${clean.length}.`;
    }
    const values = [...clean].map((sign) => (sign === "." ? 0 : Number(sign)));
    if (values.some((value) => value > fits.n)) return `A ${fits.n} × ${fits.n} puzzle uses the digits 1 to ${fits.n}.`;
    use(fits, values);
    return "";
  }

  function use(chosenSize, values) {
    halt();
    size = chosenSize;
    $("size").value = size.n;
    question = values ?? new Array(size.n * size.n).fill(0);
    build();
    changed();
  }

  function changed() {
    halt();
    frames = [];
    shown = 0;
    $("verdict").hidden = true;
    $("text").value = question.map((value) => value || ".").join("");
    const bad = clashes(question);
    $("wrong").textContent = bad.size ? "A digit stands twice in a row, a column or a box." : "";
    $("solve").disabled = Boolean(bad.size) || !question.some(Boolean);
    $("says").textContent = question.some(Boolean) ? "Press Solve, and watch every step." : "Type a puzzle, paste one, or take the example.";
    draw();
  }

  // ---- The board.

  function build() {
    const board = $("board");
    board.replaceChildren();
    board.style.gridTemplate = `repeat(${size.n}, 1fr) / repeat(${size.n}, 1fr)`;
    board.style.setProperty("--n", size.n);
    for (let i = 0; i < size.n * size.n; i++) {
      const cell = document.createElement("div");
      const [row, col] = [Math.floor(i / size.n), i % size.n];
      cell.setAttribute("role", "button");
      cell.tabIndex = i === 0 ? 0 : -1;
      if (col === size.n - 1) cell.classList.add("end-col");
      else if ((col + 1) % size.cols === 0) cell.classList.add("right-edge");
      if (row === size.n - 1) cell.classList.add("end-row");
      else if ((row + 1) % size.rows === 0) cell.classList.add("low-edge");
      cell.addEventListener("click", () => choose(i));
      cell.addEventListener("focus", () => choose(i, false));
      board.append(cell);
    }
    chosen = 0;
    const pad = [...signs.slice(0, size.n).split("").map((sign, n) => [sign, n + 1]), ["⌫", 0]];
    $("pad").replaceChildren(
      ...pad.map(([sign, value]) => {
        const button = document.createElement("button");
        button.textContent = sign;
        if (!value) button.setAttribute("aria-label", "Erase");
        button.addEventListener("click", () => write(value));
        return button;
      }),
    );
  }

  function choose(i, focus = true) {
    const cells = $("board").children;
    cells[chosen].tabIndex = -1;
    chosen = i;
    cells[i].tabIndex = 0;
    if (focus) cells[i].focus();
    draw();
  }

  const edgeless = ["given", "chosen", "changed", "pinned", "clash"];

  function draw() {
    const frame = frames[shown];
    const before = frames[shown - 1];
    const board = frame ? [...frame.answer] : question;
    const bad = frame ? clashes(board.map((value, i) => (settled(frame, i) ? value : 0))) : clashes(question);
    [...$("board").children].forEach((cell, i) => {
      cell.classList.remove(...edgeless);
      if (question[i]) cell.classList.add("given");
      if (i === chosen && !frame) cell.classList.add("chosen");
      if (bad.has(i) && !(frame && question[i])) cell.classList.add("clash");
      const open = frame && !settled(frame, i);
      cell.replaceChildren(open ? pencil(frame, i) : board[i] ? signs[board[i] - 1] : "");
      const sure = frame && !question[i] && !open ? Math.max(0, frame.sure[i]) : 0;
      cell.style.background = sure ? `color-mix(in srgb, var(--sure-ground) ${Math.round(100 * sure)}%, var(--page))` : "";
      if (frame && before && !question[i] && !open && (board[i] !== before.answer[i] || !settled(before, i))) cell.classList.add("changed");
      if (frame?.pinned && pinnedAt(frame, i)) cell.classList.add("pinned");
      const place = `row ${Math.floor(i / size.n) + 1}, column ${(i % size.n) + 1}`;
      cell.setAttribute("aria-label", `${place}: ${open ? "open" : board[i] || "blank"}${question[i] ? ", given" : ""}`);
    });
    $("board").classList.toggle("dead", Boolean(frame?.dead));
    $("time").max = Math.max(0, frames.length - 1);
    $("time").value = shown;
    for (const name of ["back", "play", "next", "time"]) $(name).disabled = frames.length < 2;
    if (frame) $("says").textContent = sentence(frame, before);
    drawCurves();
  }

  const cellsOf = (frame) => frame.answer.length;
  const candidatesAt = (frame, i) => signs.slice(0, size.n).split("").filter((_, n) => frame.candidates[n * cellsOf(frame) + i]);
  const settled = (frame, i) => !frame.candidates || candidatesAt(frame, i).length === 1;
  const pinnedAt = (frame, i) => signs.slice(0, size.n).split("").some((_, n) => frame.pinned[n * cellsOf(frame) + i]);

  function pencil(frame, i) {
    const small = document.createElement("small");
    small.style.gridTemplate = `repeat(${size.rows}, 1fr) / repeat(${size.cols}, 1fr)`;
    const open = candidatesAt(frame, i);
    for (const sign of signs.slice(0, size.n)) {
      const mark = document.createElement("span");
      mark.textContent = open.includes(sign) ? sign : "";
      small.append(mark);
    }
    return small;
  }

  function sentence(frame, before) {
    if (!frame.steps) return "The question.";
    const blanks = question.filter((value) => !value).length;
    const cells = [...frame.answer.keys()].filter((i) => !question[i]);
    if (frame.candidates) {
      const open = cells.filter((i) => !settled(frame, i)).length;
      const go = frame.again ? `go ${frame.again + 1}` : "first go";
      if (frame.dead) return `Step ${frame.steps}: ${go}, a contradiction; everything is taken back.`;
      const pinned = cells.filter((i) => pinnedAt(frame, i)).length;
      return `Step ${frame.steps}: ${go}, ${blanks - open} of ${blanks} cells decided, ${pinned} pinned in this step.`;
    }
    const moved = before?.steps ? cells.filter((i) => frame.answer[i] !== before.answer[i]).length : 0;
    const bad = clashes([...frame.answer]).size;
    const sure = cells.reduce((sum, i) => sum + frame.sure[i], 0) / Math.max(1, cells.length);
    const what = frame.steps === 1 ? "its first answer" : `${moved} cells changed`;
    return `Step ${frame.steps}: ${what}, ${bad} cells clash, ${Math.round(100 * sure)} % sure of its cells.`;
  }

  // Two lines over the steps: how much is decided or sure, and how sure it is that it is done.
  function drawCurves() {
    if (frames.length < 2) return $("curves").replaceChildren();
    const blanks = question.map((value, i) => (value ? -1 : i)).filter((i) => i >= 0);
    const share = (frame) => {
      if (!frame.steps) return 0;
      if (frame.candidates) return frame.dead ? 0 : blanks.filter((i) => settled(frame, i)).length / blanks.length;
      return blanks.reduce((sum, i) => sum + frame.sure[i], 0) / blanks.length;
    };
    const last = frames.length - 1;
    const x = (i) => 40 + (250 * i) / last;
    const line = (values, top) => values.map((value, i) => `${i ? "L" : "M"}${x(i).toFixed(1)} ${(top + 50 - 50 * value).toFixed(1)}`).join("");
    const panel = (label, values, colour, top) =>
      `<text x="40" y="${top - 6}" fill="var(--ink)">${label}: ${Math.round(100 * values[shown])} %</text>
       <path d="M40 ${top + 50}H290" stroke="var(--thin-line)"/><path d="${line(values, top)}" fill="none" stroke="var(--${colour})" stroke-width="2.5"/>
       <circle cx="${x(shown)}" cy="${top + 50 - 50 * values[shown]}" r="4" fill="var(--${colour})"/>`;
    $("curves").innerHTML = `<svg viewBox="0 0 330 190" role="img" aria-label="What it said, step by step" font-size="12">
      ${panel(told.marks ? "cells decided" : "how sure of its cells", frames.map(share), "guess", 20)}
      ${panel("says it is done", frames.map((frame) => frame.done ?? 0), "halting", 105)}
      <text x="40" y="178" fill="var(--soft-ink)">step 0</text><text x="290" y="178" text-anchor="end" fill="var(--soft-ink)">step ${last}</text></svg>`;
  }

  // ---- Solving and playing.

  function solve() {
    halt();
    document.documentElement.removeAttribute("data-answer");
    const run = ++solving;
    const blank = { answer: question.slice(), sure: new Float32Array(question.length), steps: 0, done: 0 };
    if (told.marks) {
      const cells = question.length;
      blank.candidates = Uint8Array.from({ length: cells * size.n }, (_, m) => Number(!question[m % cells] || question[m % cells] === Math.floor(m / cells) + 1));
    }
    frames = [blank];
    shown = 0;
    $("verdict").hidden = true;
    $("solve").hidden = true;
    $("stop").hidden = false;
    $("says").textContent = "It thinks …";
    worker = newWorker();
    worker.onerror = () => {
      halt();
      $("wrong").textContent = "This browser would not start the model.";
    };
    worker.onmessage = ({ data }) => {
      if (data.run !== solving) return;
      frames.push(data);
      shown = frames.length - 1;
      draw();
      if (data.steps >= MOST || data.done > 0.5 || obeyed([...data.answer])) finish();
    };
    const config = { ...told.config, rows: size.n, cols: size.n, box_rows: size.rows, box_cols: size.cols, symbols: size.n };
    worker.postMessage({ config, weights: told.weights, question, most: MOST, run });
  }

  function halt() {
    solving++;
    worker?.terminate();
    worker = null;
    $("solve").hidden = false;
    $("stop").hidden = true;
    pause();
  }

  function finish() {
    halt();
    const last = frames[frames.length - 1];
    if (!last?.steps) return;
    const board = [...last.answer];
    const right = obeyed(board);
    const says = last.done > 0.5 ? "It says that it is done." : right ? "The rules ended it: it did not say itself that it was done." : "It never said that it was done.";
    const steps = `${last.steps} step${last.steps === 1 ? "" : "s"}`;
    const end = right ? `Solved in ${steps}: the board obeys all rules.` : `Not solved after ${steps}.`;
    $("verdict").textContent = `${end} ${says}`;
    $("verdict").className = right ? "" : "bad";
    $("verdict").hidden = false;
    const answer = board.join("");
    Object.assign(document.documentElement.dataset, { answer, steps: last.steps, solved: right });
    if (window.parent !== window) window.parent.postMessage({ type: "tiny-model", answer, steps: last.steps, solved: right }, "*");
  }

  function pause() {
    clearTimeout(beat);
    beat = null;
    $("play").textContent = "▶";
    $("play").setAttribute("aria-label", "Play");
  }

  function play() {
    if (beat) return pause();
    if (shown >= frames.length - 1) shown = 0;
    const next = () => {
      if (shown >= frames.length - 1) return pause();
      shown++;
      draw();
      beat = setTimeout(next, Math.min(600, Math.max(60, 12000 / frames.length)));
    };
    beat = setTimeout(next, 60);
    $("play").textContent = "❚❚";
    $("play").setAttribute("aria-label", "Pause");
  }

  function move(to) {
    pause();
    shown = Math.min(frames.length - 1, Math.max(0, to));
    draw();
  }

  function write(value) {
    question[chosen] = value;
    changed();
    $("board").children[chosen].focus();
  }

  $("solve").addEventListener("click", solve);
  $("stop").addEventListener("click", finish);
  $("clear").addEventListener("click", () => use(size));
  $("example").addEventListener("click", () => read(size.example));
  $("size").addEventListener("change", () => use(told.sizes.find((each) => each.n === Number($("size").value))));
  $("text").addEventListener("input", () => {
    const wrong = read($("text").value);
    if (wrong) $("wrong").textContent = wrong;
  });
  $("back").addEventListener("click", () => move(shown - 1));
  $("next").addEventListener("click", () => move(shown + 1));
  $("play").addEventListener("click", play);
  $("time").addEventListener("input", () => move(Number($("time").value)));
  $("board").addEventListener("keydown", (event) => {
    const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -size.n, ArrowDown: size.n };
    if (event.key in steps) {
      const to = chosen + steps[event.key];
      if (to >= 0 && to < question.length) choose(to);
    } else if (["Backspace", "Delete", " ", "0", "."].includes(event.key)) write(0);
    else if (/^[1-9]$/.test(event.key) && Number(event.key) <= size.n) write(Number(event.key));
    else if (event.key === "Enter" && !$("solve").disabled) solve();
    else return;
    event.preventDefault();
  });

  const asked = new URLSearchParams(location.hash.slice(1));
  use(size);
  const wrong = read(asked.get("puzzle") ?? size.example);
  if (wrong) {
    use(size);
    $("wrong").textContent = `The link's puzzle could not be used: ${wrong}`;
  } else if (asked.get("go") === "1") solve();
})();
