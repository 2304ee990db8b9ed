// The forward pass of the networks whose states belong to (symbol, cell) pairs, and the writing of pencil marks, in plain
// typed arrays: `trm_core/network/units.py` and `layers.py` once more, held to them by a test. A state is an array of
// M * D numbers, M = symbols * cells (symbols first), D the width.
//
//   const model = tinyModel(config, tensors);   // tensors: name -> {shape, data: Float32Array}
//   let state = model.start(question, seed);     // question: a number for each cell, 0 where it is blank
//   state = model.step(state);                   // one supervision step
//   state.answer, state.sure, state.done, ...

// biome-ignore lint/correctness/noUnusedVariables: pages and workers call it
function tinyModel(config, tensors) {
  const { rows: R, cols: C, box_rows: r, box_cols: c, width: D, messages: K, norm_epsilon: epsilon } = config;
  const N = config.symbols;
  const L = R * C;
  const M = N * L;
  const [STRUCK, OPEN, ONLY] = [0, 1, 2];
  const NEVER = -30;
  const marks = config.answer === "candidates";
  const weight = (name) => tensors[name].data;

  // A linear map by its transposed weights, four inputs at a time, so that the innermost loop runs over neighbours in
  // memory and sums are rarely put away.
  function linear(name) {
    const { shape, data } = tensors[`${name}.weight`];
    const [outputs, inputs] = shape;
    const bias = tensors[`${name}.bias`]?.data;
    const turned = new Float64Array(data.length);
    for (let o = 0; o < outputs; o++) for (let i = 0; i < inputs; i++) turned[i * outputs + o] = data[o * inputs + i];
    const sums = new Float64Array(outputs);
    const others = new Float64Array(outputs);
    const fours = inputs - (inputs % 4);
    const begin = (all) => (bias ? all.set(bias) : all.fill(0));
    // Two rows at once share every weight that is fetched.
    const pair = (from, m) => {
      begin(sums);
      begin(others);
      for (let i = 0; i < fours; i += 4) {
        const at = m * inputs + i;
        const below = at + inputs;
        const a = from[at];
        const b = from[at + 1];
        const c = from[at + 2];
        const d = from[at + 3];
        const e = from[below];
        const f = from[below + 1];
        const g = from[below + 2];
        const h = from[below + 3];
        const first = i * outputs;
        const second = first + outputs;
        const third = second + outputs;
        const fourth = third + outputs;
        for (let o = 0; o < outputs; o++) {
          const p = turned[first + o];
          const q = turned[second + o];
          const r = turned[third + o];
          const s = turned[fourth + o];
          sums[o] += a * p + b * q + c * r + d * s;
          others[o] += e * p + f * q + g * r + h * s;
        }
      }
      for (let i = fours; i < inputs; i++) {
        const [x, y] = [from[m * inputs + i], from[(m + 1) * inputs + i]];
        for (let o = 0; o < outputs; o++) {
          sums[o] += x * turned[i * outputs + o];
          others[o] += y * turned[i * outputs + o];
        }
      }
    };
    const single = (from, m) => {
      begin(sums);
      for (let i = 0; i < inputs; i++) {
        const x = from[m * inputs + i];
        for (let o = 0; o < outputs; o++) sums[o] += x * turned[i * outputs + o];
      }
    };
    return (from, count, into) => {
      let m = 0;
      for (; m + 1 < count; m += 2) {
        pair(from, m);
        into.set(sums, m * outputs);
        into.set(others, (m + 1) * outputs);
      }
      if (m < count) {
        single(from, m);
        into.set(sums, m * outputs);
      }
      return into;
    };
  }

  const sigmoid = (v) => 1 / (1 + Math.exp(-v));
  const silu = (v) => v / (1 + Math.exp(-v));
  const dot = (a, from, b) => {
    let sum = 0;
    for (let d = 0; d < b.length; d++) sum += a[from + d] * b[d];
    return sum;
  };

  function norm(h, added) {
    for (let m = 0; m < M; m++) {
      let size = 0;
      for (let d = 0; d < D; d++) {
        const v = h[m * D + d] + added[m * D + d];
        h[m * D + d] = v;
        size += v * v;
      }
      const scale = 1 / Math.sqrt(size / D + epsilon);
      for (let d = 0; d < D; d++) h[m * D + d] *= scale;
    }
  }

  // What every pair hears: sums over its row, column and box of the same symbol, and over the symbols of its cell.
  function units(name) {
    const gateUp = linear(`${name}.gate_up`);
    const [line, box, cell] = ["line", "box", "cell"].map((part) => linear(`${name}.${part}`));
    const [down, across] = [R / r, C / c];
    const counts = [N * R, N * C, N * down * across, L];
    const told = new Float32Array(M * 6 * K);
    const sums = counts.map((count) => new Float32Array(count * K));
    const heard = counts.map((count) => new Float32Array(count * D));
    const places = new Int32Array(M * 4);
    for (let n = 0; n < N; n++) {
      for (let i = 0; i < L; i++) {
        const [row, col] = [Math.floor(i / C), i % C];
        const inBox = (n * down + Math.floor(row / r)) * across + Math.floor(col / c);
        places.set([n * R + row, n * C + col, inBox, i], (n * L + i) * 4);
      }
    }
    const parts = [0, 0, K, 2 * K]; // lines, lines again, boxes, cells
    const maps = [line, line, box, cell];
    const all = new Float32Array(M * D);
    return (h) => {
      gateUp(h, M, told);
      for (const sum of sums) sum.fill(0);
      for (let m = 0; m < M; m++) {
        const gate = m * 6 * K;
        const up = gate + 3 * K;
        for (let f = 0; f < 3 * K; f++) told[gate + f] = (silu(told[gate + f]) * told[up + f]) / 3;
        for (let g = 0; g < 4; g++) {
          const at = places[m * 4 + g] * K;
          for (let k = 0; k < K; k++) sums[g][at + k] += told[gate + parts[g] + k];
        }
      }
      for (let g = 0; g < 4; g++) maps[g](sums[g], counts[g], heard[g]);
      for (let m = 0; m < M; m++) {
        const at = [0, 1, 2, 3].map((g) => places[m * 4 + g] * D);
        for (let d = 0; d < D; d++) {
          all[m * D + d] = heard[0][at[0] + d] + heard[1][at[1] + d] + heard[2][at[2] + d] + heard[3][at[3] + d];
        }
      }
      norm(h, all);
    };
  }

  function feedForward(name) {
    const gateUp = linear(`${name}.gate_up`);
    const down = linear(`${name}.down`);
    const F = tensors[`${name}.down.weight`].shape[1];
    const both = new Float32Array(M * 2 * F);
    const inner = new Float32Array(M * F);
    const out = new Float32Array(M * D);
    return (h) => {
      gateUp(h, M, both);
      for (let m = 0; m < M; m++) {
        for (let f = 0; f < F; f++) inner[m * F + f] = silu(both[m * 2 * F + f]) * both[m * 2 * F + F + f];
      }
      norm(h, down(inner, M, out));
    };
  }

  const layers = [];
  for (let i = 0; i < config.layers; i++) {
    layers.push(units(`network.layers.${i}.mix`), feedForward(`network.layers.${i}.feed_forward`));
  }

  // The small network on the sum of its inputs.
  function network(...inputs) {
    const h = new Float32Array(M * D);
    for (const input of inputs) for (let i = 0; i < h.length; i++) h[i] += input[i];
    for (const layer of layers) layer(h);
    return h;
  }

  function embedded(kinds) {
    const table = weight("mark_embedding");
    const x = new Float32Array(M * D);
    for (let m = 0; m < M; m++) x.set(table.subarray(kinds[m] * D, kinds[m] * D + D), m * D);
    return x;
  }

  // What the question leaves possible: 1 for every pair that may be.
  function opened(question) {
    const open = new Uint8Array(M);
    for (let m = 0; m < M; m++) {
      const given = question[m % L];
      open[m] = given === 0 || given === Math.floor(m / L) + 1 ? 1 : 0;
    }
    return open;
  }

  const spread = (vector) => {
    const h = new Float32Array(M * D);
    for (let m = 0; m < M; m++) h.set(vector, m * D);
    return h;
  };

  // ---- The plain recursion.

  const plain = marks ? null : { hidden: linear("halt_hidden"), head: weight("head.weight") };

  function startPlain(question) {
    const open = opened(question);
    const kinds = new Uint8Array(M);
    for (let m = 0; m < M; m++) kinds[m] = open[m] ? (question[m % L] ? ONLY : OPEN) : STRUCK;
    return { question, x: embedded(kinds), y: spread(weight("y_start")), z: spread(weight("z_start")), steps: 0 };
  }

  function stepPlain(state) {
    let { y, z } = state;
    for (let cycle = 0; cycle < config.cycles; cycle++) {
      for (let n = 0; n < config.latent_updates; n++) z = network(state.x, y, z);
      y = network(y, z);
    }
    const logits = new Float32Array(M);
    for (let m = 0; m < M; m++) logits[m] = dot(y, m * D, plain.head);
    const hidden = plain.hidden(y, M, new Float32Array(M * D));
    const halt = weight("halt_head.weight");
    let q = 0;
    for (let m = 0; m < M; m++) for (let d = 0; d < D; d++) q += (silu(hidden[m * D + d]) * halt[d]) / M;
    q += weight("halt_head.bias")[0];
    const { answer, sure } = likeliest(logits, null);
    return { ...state, y, z, logits, q, answer, sure, done: sigmoid(q), steps: state.steps + 1 };
  }

  // y, z or both ("y", "z", "yz") of some cells as they were in the beginning; `state` itself stays as it is.
  function tornPlain(state, cells, parts) {
    const torn = { ...state };
    for (const part of parts) {
      const begin = weight(`${part}_start`);
      const h = state[part].slice();
      for (const cell of cells) for (let n = 0; n < N; n++) h.set(begin, (n * L + cell) * D);
      torn[part] = h;
    }
    return torn;
  }

  // ---- Pencil marks.

  const heads = marks
    ? { keep: weight("keep.weight"), pick: weight("pick.weight"), hidden: linear("conflict_hidden") }
    : null;

  function judged(z) {
    const keep = new Float32Array(M);
    const pick = new Float32Array(M);
    const hidden = heads.hidden(z, M, new Float32Array(M * 16));
    const out = weight("conflict.weight");
    const said = new Float64Array(M);
    let most = -Infinity;
    for (let m = 0; m < M; m++) {
      keep[m] = dot(z, m * D, heads.keep) + weight("keep.bias")[0];
      pick[m] = dot(z, m * D, heads.pick);
      for (let k = 0; k < 16; k++) said[m] += silu(hidden[m * 16 + k]) * out[k];
      most = Math.max(most, said[m]);
    }
    let sum = 0;
    for (const value of said) sum += Math.exp(value - most);
    return { keep, pick, conflict: most + Math.log(sum) - weight("conflict_bias")[0] };
  }

  // Numbers in (0, 1) that depend on nothing but the keys and their place: splitmix64 finalisers.
  function uniform(keys, count) {
    const word = (v) => BigInt.asUintN(64, v);
    const found = new Float32Array(count);
    for (let i = 0; i < count; i++) {
      let v = BigInt(i);
      for (const key of keys) {
        v = word(v + BigInt(key) * -7046029254386353131n);
        v = word((v ^ (v >> 30n)) * -4658895280553007687n);
        v = word((v ^ (v >> 27n)) * -7723592293110705685n);
        v ^= v >> 31n;
      }
      const drawn = Math.fround((Number(v >> 11n) + 0.5) / 2 ** 53);
      found[i] = Math.min(Math.max(drawn, 1e-7), 1 - 1e-7);
    }
    return found;
  }

  function daring(seed, go) {
    if (seed === 0 && go === 0) return { strike: 0.02, pin: 0.95, heat: 0 };
    const drawn = uniform([seed, go, -1], 2);
    return { strike: 10 ** (-1.3 - 2.7 * drawn[0]), pin: 1 - 10 ** (-0.8 - 2.7 * drawn[1]), heat: 1 };
  }

  const gumbel = (chance) => -Math.log(-Math.log(chance));

  function counted(candidates) {
    const counts = new Uint8Array(L);
    for (let m = 0; m < M; m++) counts[m % L] += candidates[m];
    return counts;
  }

  // The likeliest symbol of every cell among its candidates, and how likely it is.
  function likeliest(logits, candidates) {
    const answer = new Uint8Array(L);
    const sure = new Float32Array(L);
    const counts = candidates && counted(candidates);
    for (let i = 0; i < L; i++) {
      const of = (n) => (candidates && counts[i] && !candidates[n * L + i] ? NEVER : logits[n * L + i]);
      let best = 0;
      for (let n = 1; n < N; n++) if (of(n) > of(best)) best = n;
      let sum = 0;
      for (let n = 0; n < N; n++) sum += Math.exp(of(n) - of(best));
      answer[i] = best + 1;
      sure[i] = 1 / sum;
    }
    return { answer, sure };
  }

  function startMarks(question, seed = 0) {
    const open = opened(question);
    const nothing = new Uint8Array(M);
    return { question, open, candidates: open, pinned: nothing, dead: false, go: 0, age: 0, seed, steps: 0 };
  }

  function stepMarks(before) {
    const open = before.open;
    const go = before.go + (before.dead ? 1 : 0);
    const age = before.dead ? 0 : before.age;
    let candidates = before.dead ? open.slice() : before.candidates.map((mark, m) => mark & open[m]);
    const kinds = new Uint8Array(M);
    const standing = counted(candidates);
    for (let m = 0; m < M; m++) kinds[m] = candidates[m] ? (standing[m % L] === 1 ? ONLY : OPEN) : STRUCK;
    const e = embedded(kinds);
    let z = e;
    for (let n = 0; n < config.latent_updates; n++) z = network(e, z);
    const { keep, pick, conflict } = judged(z);
    const { strike, pin, heat } = daring(before.seed, go);
    const chance = uniform([before.seed, go, age], M + L);
    // Strike what seems dead.
    candidates = candidates.map((mark, m) => mark & (standing[m % L] === 1 || sigmoid(keep[m]) >= strike ? 1 : 0));
    const counts = counted(candidates);
    const full = standing.every((count) => count === 1);
    const dead = counts.some((count) => count === 0) || conflict > 0 || (full && conflict > -3);
    const solved = !dead && counts.every((count) => count === 1);
    // Pin every cell that is sure, and one that is drawn.
    const pinned = new Uint8Array(M);
    if (!dead && !solved) {
      const { sure } = likeliest(pick, candidates);
      let [drawn, most] = [-1, -Infinity];
      for (let i = 0; i < L; i++) {
        if (counts[i] <= 1) sure[i] = 0;
        if (!sure[i]) continue;
        const value = 4 * Math.log(Math.max(sure[i], 1e-9)) + (heat > 0 ? gumbel(chance[M + i]) : 0);
        if (value > most) [drawn, most] = [i, value];
      }
      for (let i = 0; i < L; i++) {
        if (!(sure[i] > pin || i === drawn)) continue;
        let [best, highest] = [-1, -Infinity];
        for (let n = 0; n < N; n++) {
          const value = pick[n * L + i] + (heat ? heat * gumbel(chance[n * L + i]) : 0);
          if (candidates[n * L + i] && value > highest) [best, highest] = [n, value];
        }
        for (let n = 0; n < N; n++) candidates[n * L + i] = n === best ? 1 : 0;
        pinned[best * L + i] = 1;
      }
    }
    const { answer, sure } = likeliest(pick, candidates);
    const single = counted(candidates).reduce((sum, count) => sum + (count === 1 ? 1 : 0), 0);
    const done = !dead && single === L ? sigmoid(6) : sigmoid((6 * (dead ? 0 : single)) / L - 7);
    const steps = before.steps + 1;
    return { ...before, candidates, pinned, dead, go, age: age + 1, conflict: sigmoid(conflict), answer, sure, done, steps };
  }

  const how = marks ? { start: startMarks, step: stepMarks } : { start: startPlain, step: stepPlain, torn: tornPlain };
  return { ...how, symbols: N, cells: L, marks };
}

// Weights as they stand in a page: halves in base64, one tensor after the other.
// biome-ignore lint/correctness/noUnusedVariables: pages and workers call it
function unpacked(weights) {
  const bytes = Uint8Array.from(atob(weights.data), (sign) => sign.charCodeAt(0));
  const halves = new DataView(bytes.buffer);
  const tensors = {};
  let at = 0;
  for (const [name, shape] of weights.shapes) {
    const data = new Float32Array(shape.reduce((product, size) => product * size, 1));
    for (let i = 0; i < data.length; i++, at += 2) {
      const half = halves.getUint16(at, true);
      const [sign, exponent, fraction] = [half >> 15 ? -1 : 1, (half >> 10) & 31, half & 1023];
      data[i] = sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : 2 ** -14 * (fraction / 1024));
    }
    tensors[name] = { shape, data };
  }
  return tensors;
}
