// A grid to type into and to paint on. It knows nothing of puzzles: `data` describes the board.
//
//   rows, cols, box_rows, box_cols   the grid and its thick lines
//   board     the name of the board, where a page has several: each has its own past
//   symbols   [{value, text, name, keys, color, solid, single}], the blank first; a solid one fills
//             its cell, and of a single one there is never more than one: it can be dragged
//   cells     values, row by row; taken over when `version` changes (and can then be undone)
//   before    the board that these took the place of, or none
//   fixed     cells that can't be written
//   marks     {clash: [cells], unsure: [cells], way: [cells]}
//   advance   whether typing moves on to the next cell
//   brush     whether painting is on at first; typing always works
//   tools     whether flood fill, the eyedropper and selecting are offered; then what is selected is what is copied,
//             and smaller pieces are pasted at the cursor
//   picture   a picture to lay under the cells
//   by_rows   whether copied text has a line for every row
//
// State `drawn` ({count, cells}) is set once a stroke or key; trigger `pasted` carries pasted text to the page.
const UNDO_DEPTH = 50;
const painters = new WeakMap();

export default function ({ data, parentElement, setStateValue, setTriggerValue }) {
  const root = parentElement.querySelector(".painter");
  let painter = painters.get(root);
  if (!painter) {
    painter = new Painter(root);
    painters.set(root, painter);
  }
  painter.tell = setStateValue;
  painter.trigger = setTriggerValue;
  painter.take(data);
}

class Painter {
  constructor(root) {
    this.root = root;
    this.born = Date.now();
    this.grid = root.querySelector(".grid");
    this.bar = root.querySelector(".bar");
    this.said = root.querySelector(".said");
    this.cells = [];
    this.undos = [];
    this.redos = [];
    this.cursor = 0;
    this.anchor = 0;
    this.version = null;
    this.stroke = null;
    this.tool = "write";
    this.listen();
  }

  take(data) {
    const shape = `${data.rows}x${data.cols} ${data.symbols.length} ${data.board}`;
    const fresh = shape !== this.shape;
    this.data = data;
    this.blank = data.symbols[0].value;
    if (fresh) {
      this.shape = shape;
      this.cells = [...data.cells];
      this.version = data.version;
      // What was on the page before, if it had this shape: a painter that comes to the stage can undo too.
      const other = data.before.some((value, i) => value !== data.cells[i]);
      this.undos = other && data.before.length === data.cells.length ? [[...data.before]] : [];
      this.redos = [];
      this.cursor = this.anchor = 0;
      const known = this.bySymbol?.size === data.symbols.length; // another board of the same kind
      this.tool = known ? this.tool : data.brush ? "brush" : "write";
      this.ink = known ? this.ink : data.symbols[1].value;
      this.build();
    } else if (data.version !== this.version) {
      this.version = data.version;
      if (this.stroke) this.stroke = null;
      if (data.cells.some((value, i) => value !== this.cells[i])) {
        this.remember(this.cells);
        this.cells = [...data.cells];
      }
    }
    this.root.classList.toggle("dark", data.dark);
    this.root.classList.toggle("coloured", data.tools);
    this.draw();
  }

  // The grid and the bar, once for each shape.
  build() {
    const { rows, cols, box_rows: boxRows, box_cols: boxCols, symbols } = this.data;
    this.grid.style.setProperty("--rows", rows);
    this.grid.style.setProperty("--cols", cols);
    this.grid.style.gridTemplateColumns = `repeat(${cols}, minmax(0, 1fr))`;
    this.grid.style.gridTemplateRows = `repeat(${rows}, minmax(0, 1fr))`;
    this.grid.setAttribute("aria-label", this.data.label);
    this.grid.setAttribute("aria-rowcount", rows);
    this.grid.setAttribute("aria-colcount", cols);
    const lines = Array.from({ length: rows }, () => {
      const line = document.createElement("div");
      line.setAttribute("role", "row");
      line.className = "row";
      return line;
    });
    this.boxes = Array.from({ length: rows * cols }, (_, i) => {
      const [r, c] = [Math.floor(i / cols), i % cols];
      const box = document.createElement("div");
      box.id = `cell-${i}`;
      box.dataset.i = i;
      box.setAttribute("role", "gridcell");
      box.base = "cell";
      if ((c + 1) % boxCols === 0 && c + 1 < cols) box.base += " box-right";
      if ((r + 1) % boxRows === 0 && r + 1 < rows) box.base += " box-bottom";
      if (c + 1 === cols) box.base += " last-col";
      if (r + 1 === rows) box.base += " last-row";
      return box;
    });
    for (const [i, box] of this.boxes.entries()) lines[Math.floor(i / cols)].append(box);
    this.grid.replaceChildren(...lines);
    this.keys = new Map();
    for (const symbol of symbols) for (const key of symbol.keys) this.keys.set(key, symbol.value);
    this.bySymbol = new Map(symbols.map((symbol) => [symbol.value, symbol]));
    this.singles = new Set(symbols.filter((symbol) => symbol.single).map((symbol) => symbol.value));

    const inks = symbols.map((symbol) => {
      const fill = symbol.solid ? "solid" : "";
      const swatch = `<i class="swatch ${fill}" style="background:${symbol.color ?? ""}"></i>`;
      const face = symbol.color || symbol.solid ? swatch : symbol.text;
      const erases = symbol.value === this.blank && !symbol.color;
      return button(`ink ${symbol.value}`, erases ? "⌫" : face, erases ? "Erase" : symbol.name);
    });
    const tools = [button("brush", "Brush", "Paint by dragging with the chosen symbol")];
    if (this.data.tools) {
      tools.push(button("write", "Select", "Select by dragging: then paint, copy (Ctrl+C) and paste (Ctrl+V) the piece"));
      tools.push(button("fill", "Fill", "Fill a whole area with the chosen symbol"));
      tools.push(button("pick", "Pick", "Choose the symbol of a cell"));
    }
    tools.push(button("undo", "↶", "Undo (Ctrl+Z)"), button("redo", "↷", "Redo (Ctrl+Shift+Z)"));
    tools.push(button("clear", "Clear", "Empty the whole grid"));
    this.bar.replaceChildren(group(inks), group(tools));
  }

  draw() {
    const { cols, rows, fixed, marks, picture, box_rows: boxRows, box_cols: boxCols } = this.data;
    const fixedCells = new Set(fixed);
    const chosen = this.chosen();
    const marked = Object.entries(marks ?? {}).map(([name, cells]) => [name, new Set(cells)]);
    const [cr, cc] = [Math.floor(this.cursor / cols), this.cursor % cols];
    const value = this.cells[this.cursor];
    const focused = this.tool === "write";
    const boxed = boxRows < rows || boxCols < cols;
    this.boxes.forEach((box, i) => {
      const [r, c] = [Math.floor(i / cols), i % cols];
      const symbol = this.bySymbol.get(this.cells[i]);
      const names = [box.base];
      if (focused && boxed) {
        const sameBox =
          Math.floor(r / boxRows) === Math.floor(cr / boxRows) &&
          Math.floor(c / boxCols) === Math.floor(cc / boxCols);
        if (r === cr || c === cc || sameBox) names.push("peer");
        if (value !== this.blank && this.cells[i] === value) names.push("same");
      }
      if (focused && chosen.size > 1 && chosen.has(i)) names.push("chosen");
      // While painting, the cursor only shows to whoever uses the keyboard.
      if (i === this.cursor && (focused || this.grid.matches(":focus-visible"))) names.push("cursor");
      if (fixedCells.has(i)) names.push("fixed");
      if (this.cells[i] !== this.blank) names.push("held");
      if (symbol?.solid) names.push("solid");
      if (symbol?.single) names.push("end");
      const said = [];
      for (const [name, cells] of marked) {
        if (cells.has(i)) {
          names.push(name);
          said.push({ clash: "breaks a rule", way: "on the model's path" }[name] ?? name);
        }
      }
      box.className = names.join(" ");
      const silent = symbol?.color || symbol?.solid || this.cells[i] === this.blank;
      const shown = silent ? "" : (symbol?.text ?? "");
      if (box.textContent !== shown) box.textContent = shown;
      box.style.background = symbol?.color ?? "";
      const content = symbol?.name ?? "";
      box.setAttribute("aria-label", [`row ${r + 1} column ${c + 1}: ${content}`, ...said].join(", "));
      box.setAttribute("aria-selected", chosen.has(i));
    });
    // While nothing is painted, a finger on the grid may still scroll the page.
    this.grid.style.touchAction = this.tool === "write" ? "pan-y" : "none";
    this.grid.classList.toggle("picture", Boolean(picture));
    this.grid.style.backgroundImage = picture ? `url(${picture})` : "";
    this.grid.setAttribute("aria-activedescendant", `cell-${this.cursor}`);
    for (const item of this.bar.querySelectorAll("button")) {
      const [what, ink] = item.dataset.act.split(" ");
      if (what === "ink") {
        item.setAttribute("aria-pressed", this.tool !== "write" && Number(ink) === this.ink);
      } else if (what === "undo") item.disabled = !this.undos.length;
      else if (what === "redo") item.disabled = !this.redos.length;
      else if (what !== "clear") item.setAttribute("aria-pressed", this.tool === what);
    }
  }

  // The rectangle between the anchor and the cursor.
  chosen() {
    const { cols } = this.data;
    const [r0, r1] = ordered(Math.floor(this.anchor / cols), Math.floor(this.cursor / cols));
    const [c0, c1] = ordered(this.anchor % cols, this.cursor % cols);
    const found = new Set();
    for (let r = r0; r <= r1; r++) for (let c = c0; c <= c1; c++) found.add(r * cols + c);
    return found;
  }

  remember(cells) {
    this.undos.push([...cells]);
    if (this.undos.length > UNDO_DEPTH) this.undos.shift();
    this.redos = [];
  }

  commit(before) {
    if (this.cells.every((value, i) => value === before[i])) return;
    this.remember(before);
    this.send();
  }

  send() {
    // Counted, because a state that is as it was last sent would tell the page nothing.
    this.sent = (this.sent ?? 0) + 1;
    this.tell("drawn", { count: `${this.born}-${this.sent}`, cells: [...this.cells] });
  }

  write(indices, value) {
    const before = [...this.cells];
    const fixed = new Set(this.data.fixed);
    if (this.singles.has(value)) indices = [this.cursor];
    for (const i of indices) {
      if (fixed.has(i)) continue;
      if (this.singles.has(value)) this.cells = this.without(value);
      this.cells[i] = value;
    }
    this.commit(before);
  }

  // The cells without this symbol.
  without(value) {
    return this.cells.map((held) => (held === value ? this.blank : held));
  }

  swap(from, to) {
    if (!from.length) return;
    to.push([...this.cells]);
    this.cells = from.pop();
    this.send();
    this.draw();
  }

  flood(start) {
    const { rows, cols } = this.data;
    const old = this.cells[start];
    const area = new Set([start]);
    for (const i of area) {
      const [r, c] = [Math.floor(i / cols), i % cols];
      for (const [dr, dc] of [[0, 1], [1, 0], [0, -1], [-1, 0]]) {
        const [nr, nc] = [r + dr, c + dc];
        const n = nr * cols + nc;
        if (nr >= 0 && nr < rows && nc >= 0 && nc < cols && this.cells[n] === old) area.add(n);
      }
    }
    this.write(area, this.ink);
  }

  say() {
    const box = this.boxes[this.cursor];
    this.said.textContent = box.getAttribute("aria-label");
  }

  move(to, extend) {
    const { rows, cols } = this.data;
    this.cursor = Math.min(rows * cols - 1, Math.max(0, to));
    if (!extend) this.anchor = this.cursor;
  }

  act(name) {
    const [what, ink] = name.split(" ");
    if (what === "undo") return this.swap(this.undos, this.redos);
    if (what === "redo") return this.swap(this.redos, this.undos);
    if (what === "clear") {
      const kept = (i) => this.singles.has(this.cells[i]); // start and goal: they can be dragged
      this.write([...this.cells.keys()].filter((i) => !kept(i)), this.blank);
    }
    else if (what === "ink") {
      this.ink = Number(ink);
      if (this.tool === "write") this.put(this.ink);
    } else this.tool = this.tool === what ? (this.data.brush && what !== "brush" ? "brush" : "write") : what;
    this.draw();
  }

  // Write where the cursor or the selection is.
  put(value) {
    const chosen = this.chosen();
    this.write(chosen, value);
    if (this.data.advance && chosen.size === 1) this.move(this.cursor + 1, false);
  }

  key(event) {
    // Nothing typed here may reach the page's own hotkeys.
    event.stopPropagation();
    if (event.key === "Tab" || event.altKey) return;
    const { cols } = this.data;
    const held = event.ctrlKey || event.metaKey;
    const row = Math.floor(this.cursor / cols);
    const moves = {
      ArrowLeft: this.cursor % cols ? this.cursor - 1 : this.cursor,
      ArrowRight: (this.cursor + 1) % cols ? this.cursor + 1 : this.cursor,
      ArrowUp: row ? this.cursor - cols : this.cursor,
      ArrowDown: row + 1 < this.data.rows ? this.cursor + cols : this.cursor,
      Home: held ? 0 : row * cols,
      End: held ? this.cells.length - 1 : row * cols + cols - 1,
    };
    if (event.key in moves) this.move(moves[event.key], event.shiftKey);
    else if (held && event.key.toLowerCase() === "z") {
      if (event.shiftKey) this.swap(this.redos, this.undos);
      else this.swap(this.undos, this.redos);
    } else if (held && event.key.toLowerCase() === "y") this.swap(this.redos, this.undos);
    else if (held && event.key.toLowerCase() === "a") {
      this.anchor = 0;
      this.cursor = this.cells.length - 1;
    } else if (held) return; // copying and pasting arrive as events of their own
    else if (event.key === "Backspace") {
      const chosen = this.chosen();
      if (chosen.size === 1 && this.cells[this.cursor] === this.blank && this.data.advance) {
        this.move(this.cursor - 1, false);
        this.write([this.cursor], this.blank);
      } else this.write(chosen, this.blank);
    } else if (event.key === "Delete") this.write(this.chosen(), this.blank);
    else if (event.key === "Escape") {
      this.anchor = this.cursor;
      this.tool = this.data.brush ? "brush" : "write";
    } else if (event.key === "Enter" || (event.key === " " && !this.keys.has(" "))) this.put(this.ink);
    else if (this.keys.has(event.key.toLowerCase())) this.put(this.keys.get(event.key.toLowerCase()));
    else return;
    event.preventDefault();
    this.draw();
    this.say();
  }

  press(event) {
    const i = this.at(event);
    if (i === null || (event.button !== 0 && event.button !== 2)) return;
    event.preventDefault();
    this.grid.focus({ preventScroll: true });
    this.grid.setPointerCapture(event.pointerId);
    if (this.tool === "pick") {
      this.ink = this.cells[i];
      this.tool = "brush";
    } else if (this.tool === "fill") {
      this.move(i, false);
      this.flood(i);
    } else if (this.tool === "brush" || event.button === 2) {
      // A stroke that begins on its own symbol erases.
      const held = this.cells[i];
      const erase = event.button === 2 || held === this.ink;
      let value = erase ? this.blank : this.ink;
      if (this.singles.has(held)) value = held; // it is taken along
      this.stroke = { before: [...this.cells], value, last: i, rest: this.without(value) };
      this.move(i, false);
      this.paint(i);
    } else {
      this.move(i, event.shiftKey);
      this.stroke = { select: true };
    }
    this.draw();
  }

  drag(event) {
    if (!this.stroke) return;
    const i = this.at(event);
    if (i === null) return;
    if (this.stroke.select) this.move(i, true);
    else {
      this.move(i, false);
      for (const cell of this.between(this.stroke.last, i)) this.paint(cell);
      this.stroke.last = i;
    }
    this.draw();
  }

  // Cells on the line between two: a quick drag skips some.
  between(from, to) {
    const { cols } = this.data;
    const [r0, c0, r1, c1] = [Math.floor(from / cols), from % cols, Math.floor(to / cols), to % cols];
    const steps = Math.max(Math.abs(r1 - r0), Math.abs(c1 - c0), 1);
    return Array.from({ length: steps + 1 }, (_, k) => {
      const part = k / steps;
      return Math.round(r0 + part * (r1 - r0)) * cols + Math.round(c0 + part * (c1 - c0));
    });
  }

  paint(i) {
    const { value, rest } = this.stroke;
    if (this.data.fixed.includes(i)) return;
    const single = this.singles.has(value);
    const other = single ? rest[i] : this.cells[i];
    if (this.singles.has(other)) return; // painting goes around them
    if (single) this.cells = [...rest];
    this.cells[i] = value;
  }

  lift() {
    const stroke = this.stroke;
    this.stroke = null;
    if (stroke?.before) this.commit(stroke.before);
    this.draw();
    this.say();
  }

  // What is copied: the selected piece where pieces can be, else the whole grid.
  text() {
    const { cols, rows, by_rows: byRows, tools } = this.data;
    const chosen = this.chosen();
    const some = tools && this.tool === "write" && chosen.size > 1;
    const lines = [];
    for (let r = 0; r < rows; r++) {
      const line = [];
      for (let c = 0; c < cols; c++) {
        const i = r * cols + c;
        if (!some || chosen.has(i)) line.push(this.bySymbol.get(this.cells[i])?.text || ".");
      }
      if (line.length) lines.push(line.join(""));
    }
    return byRows ? lines.map((line) => line + "\n").join("") : lines.join("");
  }

  // A pasted text as rows of values, if it is a piece smaller than the grid; else null.
  piece(text) {
    const lines = text.trim().split(/\s*\n\s*/).map((line) => [...line.replace(/[\s,;]/g, "")]);
    const wide = lines[0].length;
    const { rows, cols } = this.data;
    const known = lines.every((line) => line.length === wide && line.every((sign) => this.keys.has(sign)));
    const smaller = lines.length < rows || wide < cols;
    if (!known || !wide || !smaller || lines.length > rows || wide > cols) return null;
    return lines.map((line) => line.map((sign) => this.keys.get(sign)));
  }

  // Lay a piece down with its first cell at the cursor, or at the top left of what is selected.
  lay(piece) {
    const before = [...this.cells];
    const { rows, cols } = this.data;
    const first = Math.min(...this.chosen());
    const [r0, c0] = [Math.floor(first / cols), first % cols];
    for (const [r, line] of piece.entries()) {
      for (const [c, value] of line.entries()) {
        if (r0 + r < rows && c0 + c < cols) this.cells[(r0 + r) * cols + c0 + c] = value;
      }
    }
    this.commit(before);
    this.draw();
  }

  at(event) {
    const place = this.grid.getBoundingClientRect();
    const c = Math.floor(((event.clientX - place.left) / place.width) * this.data.cols);
    const r = Math.floor(((event.clientY - place.top) / place.height) * this.data.rows);
    const inside = r >= 0 && c >= 0 && r < this.data.rows && c < this.data.cols;
    return inside ? r * this.data.cols + c : null;
  }

  listen() {
    const { grid, bar } = this;
    grid.addEventListener("keydown", (event) => this.key(event));
    grid.addEventListener("keyup", (event) => event.stopPropagation());
    grid.addEventListener("pointerdown", (event) => this.press(event));
    grid.addEventListener("pointermove", (event) => this.drag(event));
    grid.addEventListener("pointerup", () => this.lift());
    grid.addEventListener("pointercancel", () => this.lift());
    grid.addEventListener("contextmenu", (event) => event.preventDefault());
    grid.addEventListener("paste", (event) => {
      event.preventDefault();
      event.stopPropagation();
      const text = event.clipboardData.getData("text/plain");
      const piece = this.data.tools ? this.piece(text) : null;
      if (piece) this.lay(piece);
      else if (text.trim()) this.trigger("pasted", text);
    });
    grid.addEventListener("copy", (event) => {
      event.preventDefault();
      event.stopPropagation();
      event.clipboardData.setData("text/plain", this.text());
    });
    bar.addEventListener("click", (event) => {
      const act = event.target.closest("button")?.dataset.act;
      if (act) this.act(act);
    });
    bar.addEventListener("keydown", (event) => event.stopPropagation());
  }
}

function button(act, face, name) {
  const made = document.createElement("button");
  made.type = "button";
  made.dataset.act = act;
  made.title = name;
  made.setAttribute("aria-label", name);
  made.innerHTML = face;
  return made;
}

// Buttons that stay on one line where it is long enough for them.
function group(buttons) {
  const made = document.createElement("div");
  made.className = "group";
  made.append(...buttons);
  return made;
}

function ordered(a, b) {
  return a < b ? [a, b] : [b, a];
}
