"""Speed and sizes, as ratios measured in one run on one machine.

The published shapes (width 512; the MLP variant on a 9x9 Sudoku, attention on a 30x30 maze) with
random weights, against a plain re-statement of the published evaluation: always 16 steps, fp32,
nothing shared with our layers. The two take turns, so that a machine whose speed drifts treats
both alike; figures are medians. What halting early saves is measured with trained weights.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from trm_core.device import describe
from trm_core.domains import Pairs, domain
from trm_core.figures.solve import solve_figure
from trm_core.measuring.fairness import Background, click_waits, newcomer_waits, slowdowns
from trm_core.measuring.marks_speed import marks_speed
from trm_core.measuring.throughput import step_work
from trm_core.measuring.timing import in_turn
from trm_core.measuring.waiting import available, steps_in_browser, waits
from trm_core.network.config import ModelConfig
from trm_core.network.model import TinyRecursiveModel
from trm_core.network.slots import Slots
from trm_core.record import published
from trm_core.record.trace import CLOCKS, Trace
from trm_core.solving.recorder import Recorder
from trm_core.solving.settings import Settings
from trm_core.solving.solver import Solver
from trm_core.weights import checkpoint

PUBLISHED = ModelConfig(vocab_size=11, rows=9, cols=9)
PUBLISHED_MAZE = ModelConfig(
    vocab_size=6, rows=30, cols=30, mixer="attention", positions="rotary_1d", latent_updates=4
)
HALTING_MAZES = 20
STEPS = 16
CLICKS = 30  # beside each thing that learns
ALL_STEPS = Settings(steps=STEPS, stop="steps")


Part = Callable[[int, int], dict[str, Any]]  # of threads and repeats: fields of a `Benchmark`


@dataclass(frozen=True, kw_only=True)
class Benchmark:
    """Milliseconds are medians; ratios above 1 mean that ours is faster. A part that was not
    measured is None."""

    hardware: str
    threads: int
    # step
    plain_step_ms: float | None = None
    step_ms: float | None = None
    step_speedup: float | None = None  # plain / ours, without a trace
    peak_gflops: float | None = None  # of a plain 1024 x 1024 matrix product on the same threads
    share_of_peak: float | None = None  # of useful work in our step
    trace_cost: float | None = (
        None  # extra time of a recorded step, as a share of an unrecorded one
    )
    solve_ms: float | None = None  # 16 steps, recorded, through the solver
    solve_speedup: float | None = None  # plain 16 steps / ours, recorded
    # figures
    figure_ms: dict[str, float] | None = None  # building the animation of 16 steps, by clock
    figure_kb: dict[str, float] | None = None  # its size as JSON
    maze_figure_ms: float | None = None  # the same for a 30x30 maze, every network call
    maze_figure_kb: float | None = None
    # maze
    maze_plain_step_ms: float | None = None
    maze_step_ms: float | None = None
    maze_step_speedup: float | None = None
    # halting
    halting_speedup: float | None = None  # all steps of the plain form / ours, halting, trained
    halting_steps: float | None = None  # mean steps of ours
    # marks
    marks_plain_step_ms: float | None = None
    marks_step_ms: float | None = None
    marks_step_speedup: float | None = None
    boards_per_second: dict[int, float] | None = None  # steps of so many boards together
    work: dict[str, dict[str, float]] | None = None  # of a solve: share solved, steps, calls, GFLOP
    # fairness
    newcomer_s: dict[int, float] | None = None  # longest wait, by greedy visitors beside
    slowdown: dict[int, float] | None = None  # of a 30x30 solve, by cores others keep busy
    click_s: dict[str, tuple[float, float]] | None = None  # median and longest, by what learns
    # browser
    waits_s: dict[str, float] | None = None  # from a click on, by what is waited for
    browser_step_s: dict[str, float] | None = (
        None  # of a page that thinks by itself, by model and board
    )

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def __str__(self) -> str:
        lines = [f"{self.hardware}, {self.threads} thread(s)"]
        if self.step_ms is not None:
            lines += [
                f"one step, published shape   {self.step_ms:8.1f} ms, plain form "
                f"{self.plain_step_ms:.1f} ms: {self.step_speedup:.2f}x",
                f"share of matrix peak        {100 * self.share_of_peak:8.0f} % of "
                f"{self.peak_gflops:.0f} GFLOP/s",
                f"cost of recording a trace   {100 * self.trace_cost:8.1f} % of a step",
                f"solve of 16 steps           {self.solve_ms:8.0f} ms recorded, against the plain "
                f"form: {self.solve_speedup:.2f}x",
            ]
        if self.maze_step_ms is not None:
            lines.append(
                f"one step, 30x30 attention   {self.maze_step_ms:8.0f} ms, plain form "
                f"{self.maze_plain_step_ms:.0f} ms: {self.maze_step_speedup:.2f}x"
            )
        if self.halting_steps is not None:
            lines.append(
                f"halting by itself           {self.halting_steps:8.1f} steps of maze-small on "
                f"average, against all 16 in the plain form: {self.halting_speedup:.2f}x"
            )
        if self.figure_kb is not None:
            sizes = ", ".join(
                f"{clock} {self.figure_kb[clock]:.0f} kB in {self.figure_ms[clock]:.0f} ms"
                for clock in self.figure_kb
            )
            lines += [
                f"animation of 16 steps       {sizes}",
                f"... of a 30x30 maze         calls {self.maze_figure_kb:.0f} kB in "
                f"{self.maze_figure_ms:.0f} ms",
            ]
        if self.work is not None:
            boards = ", ".join(
                f"{n} at once {each:.0f}/s" for n, each in self.boards_per_second.items()
            )
            lines += [
                f"one step, pencil marks      {self.marks_step_ms:8.1f} ms, plain form "
                f"{self.marks_plain_step_ms:.1f} ms: {self.marks_step_speedup:.2f}x; boards {boards}",
                *(
                    f"a hard 9x9 by {name:<13} {found['calls']:8.0f} network calls in "
                    f"{found['steps']:.1f} steps, {found['gflop']:.2f} GFLOP; "
                    f"{100 * found['solved']:.0f} % solved"
                    for name, found in self.work.items()
                ),
                f"the published form           {STEPS * PUBLISHED.calls_per_step:8.0f} network calls in {STEPS} "
                f"steps, {STEPS * step_work(PUBLISHED, learning=False) / 1e9:.0f} GFLOP; {published.said(published.TRM_MLP, published.SUDOKU)} of "
                f"Sudoku-Extreme, as published",
            ]
        if self.newcomer_s is not None:
            waits = ", ".join(f"{n} others {s:.2f} s" for n, s in self.newcomer_s.items())
            slower = ", ".join(f"{n} busy {ratio:.1f}x" for n, ratio in self.slowdown.items())
            lines += [
                f"one-step Sudoku beside      {waits} (others: 16 ways of 256 steps, mazes too)",
                f"30x30 solve, cores taken    {slower}",
            ]
        if self.click_s is not None:
            beside = ", ".join(
                f"{name} {usual:.2f} s, longest {longest:.2f} s"
                for name, (usual, longest) in self.click_s.items()
            )
            lines.append(f"a click beside              {beside}")
        if self.waits_s is not None:
            waited = ", ".join(f"{name} {s:.2f} s" for name, s in self.waits_s.items())
            lines.append(f"in the browser, to          {waited}")
        if self.browser_step_s is not None:
            steps = ", ".join(
                f"{name} {1000 * s:.0f} ms" for name, s in self.browser_step_s.items()
            )
            lines.append(f"one step in the browser     {steps}")
        return "\n".join(lines)


def benchmark(
    threads: int,
    repeats: int,
    parts: Mapping[str, Part],
) -> Benchmark:
    """Measure these parts on the CPU with so many threads; all there are take about three minutes."""
    before = torch.get_num_threads()
    found: dict[str, Any] = {}
    try:
        for measure in parts.values():
            torch.set_num_threads(threads)
            found |= measure(threads, repeats)
    finally:
        torch.set_num_threads(before)
    return Benchmark(hardware=describe(torch.device("cpu")), threads=threads, **found)


def _steps(threads: int, repeats: int) -> dict[str, float]:
    """A step of the published shape, recorded or not, and a solve, against the plain form."""
    model = _random_model(PUBLISHED)
    sudoku = domain("sudoku-9x9")
    puzzle = sudoku.maker.generate(np.random.default_rng(0), "hard")
    tokens = torch.from_numpy(sudoku.tokens(puzzle.question_RC))[None]
    plain = _plain_step(model, tokens)  # takes its own copy of the weights
    solver = Solver(model.for_inference(), sudoku, threads=threads)
    slots, recorded = Slots(model, tokens), Slots(model, tokens)
    recorder = Recorder(model)

    def record_step() -> None:
        recorder.finish(recorded.step(recorder))

    with torch.no_grad():
        matrix = torch.randn(1024, 1024)
        plain_ms, step_ms, record_ms, peak_ms = in_turn(
            [plain, slots.step, record_step, lambda: matrix @ matrix], repeats
        )
        solve_ms = in_turn([lambda: solver.solve(puzzle.question_RC, ALL_STEPS)], 1)[0]
    peak_gflops = 2 * 1024**3 / peak_ms / 1e6
    return dict(
        plain_step_ms=plain_ms,
        step_ms=step_ms,
        step_speedup=plain_ms / step_ms,
        peak_gflops=peak_gflops,
        share_of_peak=step_work(PUBLISHED, learning=False) / step_ms / 1e6 / peak_gflops,
        trace_cost=record_ms / step_ms - 1,
        solve_ms=solve_ms,
        solve_speedup=STEPS * plain_ms / solve_ms,
    )


def _figures(threads: int, repeats: int) -> dict[str, Any]:
    """Building animations, and their sizes."""
    sudoku = domain("sudoku-9x9")
    puzzle = sudoku.maker.generate(np.random.default_rng(0), "hard")
    solver = Solver(_random_model(PUBLISHED).for_inference(), sudoku, threads=threads)
    trace = solver.solve(puzzle.question_RC, ALL_STEPS, puzzle.solution_RC).trace
    built = {clock: _figure(trace, clock) for clock in CLOCKS}
    maze_ms, maze_kb = _figure(large_maze_trace(), "calls")
    return dict(
        figure_ms={clock: ms for clock, (ms, _) in built.items()},
        figure_kb={clock: kb for clock, (_, kb) in built.items()},
        maze_figure_ms=maze_ms,
        maze_figure_kb=maze_kb,
    )


def _mazes(threads: int, repeats: int) -> dict[str, float]:
    plain_ms, step_ms = _maze_steps(min(repeats, 3))
    speedup = plain_ms / step_ms
    return dict(maze_plain_step_ms=plain_ms, maze_step_ms=step_ms, maze_step_speedup=speedup)


def _early(threads: int, repeats: int) -> dict[str, float]:
    speedup, steps = _halting(HALTING_MAZES if repeats > 1 else 4)
    return dict(halting_speedup=speedup, halting_steps=steps)


def _marks(threads: int, repeats: int) -> dict[str, Any]:
    sudoku, count = domain("sudoku-9x9"), 64 if repeats > 1 else 4
    puzzles = sudoku.maker.generate_many(np.random.default_rng(0), "hard", count)
    return marks_speed(Pairs.of(sudoku, puzzles), repeats)


def _fair(threads: int, repeats: int) -> dict[str, Any]:
    others = (0, 1, 4, 25) if repeats > 1 else (0, 4)
    return dict(newcomer_s=newcomer_waits(others), slowdown=slowdowns())


def _browser(threads: int, repeats: int) -> dict[str, Any]:
    """Nothing where there is no browser."""
    if not available():
        return {}
    return dict(waits_s=waits(repeats), browser_step_s=steps_in_browser(repeats))


def clicks_beside(learning: Mapping[str, Sequence[Background]]) -> Part:
    """A part that times clicks beside what learns in the background, by its name."""
    return lambda threads, repeats: {"click_s": click_waits(learning, CLICKS if repeats > 1 else 3)}


PARTS: dict[str, Part] = {
    "step": _steps,
    "maze": _mazes,
    "halting": _early,
    "marks": _marks,
    "figures": _figures,
    "fairness": _fair,
    "browser": _browser,
}


def _random_model(config: ModelConfig) -> TinyRecursiveModel:
    return TinyRecursiveModel(config, torch.Generator().manual_seed(0))


@torch.no_grad()
def _maze_steps(repeats: int) -> list[float]:
    """Milliseconds of a step of a 30x30 maze with attention: plain form, ours."""
    model = _random_model(PUBLISHED_MAZE)
    tokens = _question("maze-30x30", "hard", 1)
    plain = _plain_step(model, tokens)
    slots = Slots(model.for_inference(), tokens)
    return in_turn([plain, slots.step], repeats)


@torch.no_grad()
def _halting(mazes: int) -> tuple[float, float]:
    """How much sooner fresh mazes are over when the trained model halts by itself, recorded, than
    after all steps of the plain form; and its mean number of steps."""
    model, card = checkpoint.load(checkpoint.find("maze-small"), torch.device("cpu"))
    tokens = _question(card.domain, "mixed", mazes)
    plain = [_plain_step(model, tokens_L[None]) for tokens_L in tokens]
    chosen = domain(card.domain)
    solver = Solver(model.for_inference(), chosen)
    settings = Settings(steps=STEPS, stop="halt")
    steps = []

    def solve_all() -> None:
        steps[:] = [
            solver.solve(chosen.board(tokens_L.numpy()), settings).steps for tokens_L in tokens
        ]

    def plain_all() -> None:
        for step in plain:
            for _ in range(STEPS):
                step()

    plain_ms, ours_ms = in_turn([plain_all, solve_all], 3)
    return plain_ms / ours_ms, float(np.mean(steps))


def _question(domain_name: str, difficulty: str, count: int) -> torch.Tensor:
    """Fresh questions as tokens, (count, L)."""
    chosen = domain(domain_name)
    puzzles = chosen.maker.generate_many(np.random.default_rng(0), difficulty, count)
    return torch.from_numpy(np.stack([chosen.tokens(p.question_RC) for p in puzzles]))


def _figure(trace: Trace, clock: str) -> tuple[float, float]:
    """Milliseconds to build an animation, and its size in kB."""
    began = time.perf_counter()
    content = solve_figure(trace, clock).to_json()
    return 1e3 * (time.perf_counter() - began), len(content) / 1e3


def large_maze_trace() -> Trace:
    """16 steps of a Maze-Hard maze by the weights of maze-small, which fit a canvas of any size; on
    this one they wander for long, so that much changes."""
    chosen = domain("maze-30x30")
    small, _ = checkpoint.load(checkpoint.find("maze-small"), torch.device("cpu"))
    model = TinyRecursiveModel(replace(small.config, rows=30, cols=30))
    model.load_state_dict(small.state_dict())
    puzzle = chosen.maker.generate(np.random.default_rng(0), "hard")
    solver = Solver(model.for_inference(), chosen)
    settings = Settings(steps=STEPS, stop="steps")
    return solver.solve(puzzle.question_RC, settings, puzzle.solution_RC).trace


def _plain_step(model: TinyRecursiveModel, tokens_BL: torch.Tensor) -> Callable[[], object]:
    """One step of the published evaluation, written down plainly from the paper."""
    weights = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    config = model.config
    x = model.embed(tokens_BL).detach()
    state = [part.contiguous() for part in model.start(len(tokens_BL))]

    def norm(h):
        h = h.to(torch.float32)
        return h * torch.rsqrt(h.square().mean(-1, keepdim=True) + config.norm_epsilon)

    def swiglu(h, name):
        gate, up = F.linear(h, weights[f"{name}.gate_up.weight"]).chunk(2, dim=-1)
        return F.linear(F.silu(gate) * up, weights[f"{name}.down.weight"])

    def mlp(h, name):
        h = h.transpose(1, 2)
        return norm(h + swiglu(h, name)).transpose(1, 2)

    def attention(h, name):
        B, M, D = h.shape
        split = (B, M, config.heads, D // config.heads)
        q, k, v = F.linear(h, weights[f"{name}.qkv.weight"]).split(D, dim=-1)
        q, k, v = (part.view(split).transpose(1, 2) for part in (q, k, v))

        def turn(part):
            half = part.shape[-1] // 2
            turned = torch.cat((-part[..., half:], part[..., :half]), dim=-1)
            return part * model.rotary_cos + turned * model.rotary_sin

        scores = turn(q) @ turn(k).transpose(2, 3) / math.sqrt(D // config.heads)
        mixed = (scores.softmax(-1) @ v).transpose(1, 2).reshape(B, M, D)
        return norm(h + F.linear(mixed, weights[f"{name}.out.weight"]))

    def convolution(h, name):
        B, _, D = h.shape
        grid = h[:, config.prefix_length :].transpose(1, 2)
        grid = grid.reshape(B, D, config.rows, config.cols)
        gate, up = (
            F.conv2d(grid, weights[f"{name}.{part}.weight"], padding="same", groups=D)
            for part in ("gate", "up")
        )
        heard = (F.silu(gate) * up).flatten(2).transpose(1, 2)
        mean = heard.mean(1, keepdim=True).expand(-1, config.prefix_length, -1)
        heard = torch.cat((mean, heard), dim=1)
        return norm(h + F.linear(heard, weights[f"{name}.down.weight"]))

    mix = {"mlp": mlp, "attention": attention, "convolution": convolution}[config.mixer]

    def network(h):
        for i in range(config.layers):
            h = mix(h, f"network.layers.{i}.mix")
            h = norm(h + swiglu(h, f"network.layers.{i}.feed_forward"))
        return h

    def step():
        y, z = state
        for _ in range(config.cycles):
            for _ in range(config.latent_updates):
                z = network(z + (y + x))
            y = network(y + z)
        state[:] = y, z
        logits = F.linear(y, weights["head.weight"])[:, config.prefix_length :]
        q = F.linear(y[:, 0], weights["halt_head.weight"], weights["halt_head.bias"])
        return logits, q

    return step
