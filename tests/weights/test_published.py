"""Import of published checkpoints: parity with the published implementation, and bad files."""

import json
import pickle
import shutil
import zipfile
from pathlib import Path

import pytest
import torch

from trm_core.__main__ import main
from trm_core.domains import ArcGrid, domain
from trm_core.readers import arc_tasks
from trm_core.solving.settings import Settings
from trm_core.solving.solver import Solver
from trm_core.weights.checkpoint import CheckpointError, load
from trm_core.weights.published import import_published

FIXTURES = Path(__file__).parent / "fixtures"
MAZE = dict(rows=10, cols=10, cycles=3, latent_updates=4, heads=2)
SUDOKU = dict(rows=9, cols=9, cycles=3, latent_updates=6, heads=2)


def run_steps(model, expected):
    state, x_BMD = model.start(2), model.embed(expected["inputs"], expected["puzzle_identifiers"])
    outputs = []
    for _ in range(3):
        outputs.append(model.step(state, x_BMD))
        state = outputs[-1].state
    return outputs


def largest_difference(outputs, expected):
    """Of logits and halting logits, per step."""
    return [
        max(
            (output.logits_BLV - expected["logits"][i]).abs().max().item(),
            (output.q_B - expected["q_halt_logits"][i]).abs().max().item(),
        )
        for i, output in enumerate(outputs)
    ]


def test_the_attention_variant_is_reproduced():
    expected = torch.load(FIXTURES / "maze_att.expected.pt", weights_only=True)
    outputs = run_steps(import_published(FIXTURES / "maze_att.step", **MAZE), expected)
    assert max(largest_difference(outputs, expected)) < 1e-4
    torch.testing.assert_close(outputs[-1].state.y_BMD, expected["z_H"], atol=1e-4, rtol=0)
    torch.testing.assert_close(outputs[-1].state.z_BMD, expected["z_L"], atol=1e-4, rtol=0)


def test_the_mlp_variant_is_reproduced_as_far_as_fp32_reaches():
    """The first step to 3e-4 (to 1e-4 on most processors). This fixture's random weights are chaotic: they multiply any
    rounding about 40-fold per step, so the later steps can only agree as well as fp32 agrees
    with exact arithmetic; a wrong detail (say, another epsilon) is ten times further off.
    """
    expected = torch.load(FIXTURES / "sudoku_mlp.expected.pt", weights_only=True)
    model = import_published(FIXTURES / "sudoku_mlp.step", **SUDOKU)
    outputs = run_steps(model, expected)
    found = largest_difference(outputs, expected)
    assert found[0] < 3e-4
    exact = run_steps(model.double(), expected)
    for i in range(3):
        rounding = (outputs[i].logits_BLV - exact[i].logits_BLV).abs().max().item()
        assert found[i] < 4 * rounding


def plainly(content, heads, tokens_BL, ids_B, cycles, updates, steps, single):
    """Logits of the last step by the published arithmetic of HRM, or of a model of a single z, written out."""
    D = content["lm_head.weight"].shape[1]

    def norm(h):
        return h * torch.rsqrt(h.square().mean(-1, keepdim=True) + 1e-5)

    def attend(h, name):
        B, M, _ = h.shape
        qkv = (h @ content[f"{name}.self_attn.qkv_proj.weight"].T).view(B, M, 3, heads, D // heads)
        q, k, v = (each.transpose(1, 2) for each in qkv.unbind(2))
        angle = torch.outer(
            torch.arange(M), 1e4 ** -(torch.arange(0, D // heads, 2) / (D // heads))
        )
        cos, sin = torch.cat([angle, angle], 1).cos(), torch.cat([angle, angle], 1).sin()

        def turn(a):
            one, other = a.chunk(2, -1)
            return a * cos + torch.cat([-other, one], -1) * sin

        weights = (turn(q) @ turn(k).transpose(-1, -2) / (D // heads) ** 0.5).softmax(-1)
        out = (weights @ v).transpose(1, 2).reshape(B, M, D)
        return out @ content[f"{name}.self_attn.o_proj.weight"].T

    def network(h, name):
        for i in range(2):
            layer = f"{name}.layers.{i}"
            h = norm(h + attend(h, layer))
            gate, up = (h @ content[f"{layer}.mlp.gate_up_proj.weight"].T).chunk(2, -1)
            inner = torch.nn.functional.silu(gate) * up
            h = norm(h + inner @ content[f"{layer}.mlp.down_proj.weight"].T)
        return h

    prefix = content["puzzle_emb.weights"][ids_B][:, None]
    x = D**0.5 * torch.cat([prefix, content["embed_tokens.embedding_weight"][tokens_BL]], 1)
    if single:
        z = content["z_init"].expand_as(x)
        for _ in range(steps * cycles):
            for _ in range(updates):
                z = network(z + x, "net")
            z = network(z, "net")
        return (z @ content["lm_head.weight"].T)[:, 1:]
    y, z = content["H_init"].expand_as(x), content["L_init"].expand_as(x)
    for _ in range(steps * cycles):
        for _ in range(updates):
            z = network(z + y + x, "L_level")
        y = network(y + z, "H_level")
    return (y @ content["lm_head.weight"].T)[:, 1:]


@pytest.mark.parametrize("single", [False, True])
def test_hrm_and_a_single_z_are_imported_and_compute_what_is_published(tmp_path, single):
    draw = torch.Generator().manual_seed(5)
    D, F, levels = 32, 128, ("net",) if single else ("H_level", "L_level")
    shapes = {
        "embed_tokens.embedding_weight": (6, D),
        "lm_head.weight": (6, D),
        "q_head.weight": (2, D),
    }
    shapes |= {"q_head.bias": (2,), "puzzle_emb.weights": (3, D)}
    shapes |= dict.fromkeys(["z_init"] if single else ["H_init", "L_init"], (D,))
    for level in levels:
        for i in range(2):
            shapes |= {
                f"{level}.layers.{i}.self_attn.qkv_proj.weight": (3 * D, D),
                f"{level}.layers.{i}.self_attn.o_proj.weight": (D, D),
                f"{level}.layers.{i}.mlp.gate_up_proj.weight": (2 * F, D),
                f"{level}.layers.{i}.mlp.down_proj.weight": (D, F),
            }
    content = {n: torch.randn(s, generator=draw) / D**0.5 for n, s in shapes.items()}
    torch.save({f"model.inner.{name}": t for name, t in content.items()}, tmp_path / "step_7")
    (tmp_path / "all_config.yaml").write_text(
        "arch:\n  H_cycles: 2\n  L_cycles: 3\n  num_heads: 2\n  expansion: 1.5\n  puzzle_emb_len: 1\n"
    )
    # Inner sizes are multiples of 256 there; a small one needs another expansion of the same weights.
    with pytest.raises(CheckpointError, match="should be"):
        import_published(tmp_path / "step_7", rows=4, cols=4)
    content |= {
        n: torch.randn(2 * 256, D, generator=draw) / D**0.5 for n in content if "gate_up" in n
    }
    content |= {n: torch.randn(D, 256, generator=draw) / 16 for n in content if "mlp.down" in n}
    torch.save({f"model.inner.{name}": t for name, t in content.items()}, tmp_path / "step_7")
    model = import_published(tmp_path / "step_7", rows=4, cols=4)
    assert model.config.recursion == ("single_z" if single else "hrm")
    tokens_BL = torch.randint(0, 6, (2, 16), generator=draw)
    ids_B = torch.tensor([0, 2])
    state, x_BMD = model.start(2), model.embed(tokens_BL, ids_B)
    for _ in range(2):
        output = model.step(state, x_BMD)
        state = output.state
    expected = plainly(content, 2, tokens_BL, ids_B, 2, 3, 2, single)
    torch.testing.assert_close(output.logits_BLV, expected, atol=1e-3, rtol=1e-3)
    names = ["<blank>", "66e6c45b", "3618c87e"]
    (tmp_path / "identifiers.json").write_text(json.dumps(names))
    words = [
        "import",
        str(tmp_path / "step_7"),
        "--domain",
        "sudoku-4x4",
        "--puzzle-rows",
        "3618c87e",
    ]
    assert main(words) == 0
    kept, card = load(tmp_path / "step_7.safetensors")
    assert torch.equal(
        kept.puzzle_embedding[0], content["puzzle_emb.weights"][2]
    )  # fp32, to the last bit
    assert card.name == f"{tmp_path.name}-step_7"


def test_names_may_be_wrapped_and_nested(tmp_path):
    content = torch.load(FIXTURES / "maze_att.step", weights_only=True)
    bare = {name.removeprefix("_orig_mod.model.inner."): t for name, t in content.items()}
    bare["puzzle_emb.local_weights"] = torch.zeros(3, 32)
    torch.save({"ema": {"model": {f"module.{n}": t for n, t in bare.items()}}}, tmp_path / "step_1")
    (tmp_path / "all_config.yaml").write_text(
        "arch:\n  H_cycles: 3\n  L_cycles: 4\n  num_heads: 2\n"
    )
    model = import_published(tmp_path / "step_1", rows=10, cols=10)
    assert (model.config.cycles, model.config.latent_updates, model.config.heads) == (3, 4, 2)


def test_a_run_s_settings_are_read_whole(tmp_path):
    content = torch.load(FIXTURES / "maze_att.step", weights_only=True)
    odd = {
        name.replace("L_level.layers", "L_level._orig_mod.layers"): t for name, t in content.items()
    }
    odd["model.inner.puzzle_emb.local_ids"] = torch.zeros(3, dtype=torch.int32)
    torch.save({"ema": {"decay": 0.999, "shadow": odd}}, tmp_path / "step_1")
    config = tmp_path / "all_config.yaml"
    right = (
        "arch:\n  H_cycles: 3  # T\n  L_cycles: 4\n  num_heads: 2 # few\n  pos_encodings: rope\n"
    )
    config.write_text(f"{right}  rope_theta: 500.0\n  puzzle_emb_len: 16\nseed: 0\n")
    model = import_published(tmp_path / "step_1", rows=10, cols=10)
    assert (model.config.heads, model.config.rotary_base) == (2, 500.0)
    for line, message in (
        ("  hidden_size: 4096", "says hidden_size: 4096, but the weights have"),
        ("  pos_encodings: learned", "of learned ones its weights have none"),
        ("  pos_encodings: alibi", "pos_encodings: alibi; rope, learned, none are known"),
        ("  mlp_t: true", "says mlp_t: True, but the weights have False"),
        ("  num_heads: many", "num_heads: 'many', which is not a whole number"),
        ("  - [", "no YAML that can be read"),
    ):
        config.write_text(f"{right}{line}\n")
        with pytest.raises(CheckpointError, match=message):
            import_published(tmp_path / "step_1", rows=10, cols=10)


def test_files_of_old_versions_of_torch_are_read(tmp_path):
    content = torch.load(FIXTURES / "maze_att.step", weights_only=True)
    torch.save(content, tmp_path / "old", _use_new_zipfile_serialization=False)
    assert import_published(tmp_path / "old", **MAZE).config.width == 32


class Evil:
    def __reduce__(self):
        return (Path.touch, (Path("pickled_code_ran"),))


def test_bad_files_get_one_sentence_and_run_no_code(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    whole = (FIXTURES / "maze_att.step").read_bytes()
    cases = {
        "cut off": whole[: len(whole) // 2],
        "holds more than tensors": None,
        "not a whole PyTorch checkpoint": b"hello",
        "not a published checkpoint of TRM or HRM": {"weight": torch.zeros(3)},
        "not a state dict": [1, 2, 3],
    }
    for message, content in cases.items():
        path = tmp_path / "file"
        if content is None:
            torch.save({"a": Evil()}, path)
        elif isinstance(content, bytes):
            path.write_bytes(content)
        else:
            torch.save(content, path)
        with pytest.raises(CheckpointError, match=message) as caught:
            import_published(path, **MAZE)
        assert "\n" not in str(caught.value)
    (tmp_path / "old").write_bytes(pickle.dumps(Evil()))
    with pytest.raises(CheckpointError):
        import_published(tmp_path / "old", **MAZE)
    assert not Path("pickled_code_ran").exists()


def test_files_that_claim_more_than_they_hold_are_refused(tmp_path):
    """Before anything of that size is made."""
    content = torch.load(FIXTURES / "maze_att.step", weights_only=True)
    name = "_orig_mod.model.inner.lm_head.weight"
    torch.save(content | {name: torch.zeros(1).expand(2**20, 2**10)}, path := tmp_path / "wide")
    with pytest.raises(CheckpointError, match="claims more numbers than the file holds"):
        import_published(path, **MAZE)
    embedding = "_orig_mod.model.inner.embed_tokens.embedding_weight"
    torch.save(content | {embedding: torch.zeros(2, 2**20)}, path)
    with pytest.raises(CheckpointError, match="should be"):
        import_published(path, **MAZE)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("data.pkl", bytes(10**6))
    with pytest.raises(CheckpointError, match="compressed ZIP"):
        import_published(path, **MAZE)
    path.write_bytes((FIXTURES / "maze_att.step").read_bytes())
    for settings, words in (
        ("a: &a [1]\nb: *a\n", "no YAML that can be read"),
        ("a: 1\n" * 30_000, "it may have 100,000"),
    ):
        path.with_name("all_config.yaml").write_text(settings)
        with pytest.raises(CheckpointError, match=words):
            import_published(path, rows=10, cols=10)


def test_a_checkpoint_that_does_not_fit_says_so(tmp_path):
    with pytest.raises(CheckpointError, match="number of cycles is not in the weights"):
        import_published(FIXTURES / "maze_att.step", rows=10, cols=10)
    with pytest.raises(CheckpointError, match="doesn't fit a 12x12 grid"):
        import_published(FIXTURES / "sudoku_mlp.step", **SUDOKU | dict(rows=12, cols=12))
    content = torch.load(FIXTURES / "maze_att.step", weights_only=True)
    del content["_orig_mod.model.inner.lm_head.weight"]
    torch.save(content, tmp_path / "less")
    with pytest.raises(CheckpointError, match="lacks tensor.*'head.weight'"):
        import_published(tmp_path / "less", **MAZE)


def test_puzzle_embeddings_can_be_chosen(tmp_path):
    content = torch.load(FIXTURES / "maze_att.step", weights_only=True)
    name = "_orig_mod.model.inner.puzzle_emb.weights"
    content[name] = torch.arange(5000 * 32, dtype=torch.float32).view(5000, 32)
    torch.save(content, tmp_path / "many")
    with pytest.raises(CheckpointError, match="5,000 puzzle embeddings; choose those"):
        import_published(tmp_path / "many", **MAZE)
    model = import_published(tmp_path / "many", **MAZE, puzzle_rows=[7, 4999])
    assert torch.equal(model.puzzle_embedding, content[name][[7, 4999]])
    with pytest.raises(CheckpointError, match="must lie in 0..4999"):
        import_published(tmp_path / "many", **MAZE, puzzle_rows=[5000])


def test_the_command_writes_our_format(tmp_path, capsys):
    source = shutil.copy(FIXTURES / "sudoku_mlp.step", tmp_path / "step_65000")
    arguments = ["import", str(source), "--domain", "sudoku-9x9", "--cycles", "3"]
    assert main([*arguments, "--latent-updates", "6"]) == 0
    model, card = load(tmp_path / "step_65000.safetensors")
    assert card.domain == "sudoku-9x9"
    assert model.config.cycles == 3
    assert main([*arguments]) == 2  # latent updates missing
    assert "number of latent updates" in capsys.readouterr().err
    (tmp_path / "bad").write_bytes(b"nothing")
    assert main(["import", str(tmp_path / "bad"), "--domain", "sudoku-9x9"]) == 2


@pytest.fixture(scope="module")
def arc_checkpoint(tmp_path_factory) -> Path:
    """A small file of the shape of the published models of ARC: 900 cells, 12 tokens, very many puzzle rows."""
    width, inner, rows = 32, 256, 9000
    generator = torch.Generator().manual_seed(0)

    def drawn(*shape: int) -> torch.Tensor:
        return torch.randn(shape, generator=generator) * shape[-1] ** -0.5

    content = {"H_init": drawn(width), "L_init": drawn(width), "q_head.bias": torch.zeros(2)}
    content |= {
        name: drawn(12, width) for name in ("embed_tokens.embedding_weight", "lm_head.weight")
    }
    content |= {"q_head.weight": drawn(2, width), "puzzle_emb.weights": drawn(rows, width)}
    for i in range(2):
        layer = f"L_level.layers.{i}"
        content |= {
            f"{layer}.self_attn.qkv_proj.weight": drawn(3 * width, width),
            f"{layer}.self_attn.o_proj.weight": drawn(width, width),
            f"{layer}.mlp.gate_up_proj.weight": drawn(2 * inner, width),
            f"{layer}.mlp.down_proj.weight": drawn(width, inner),
        }
    path = tmp_path_factory.mktemp("arc") / "step_9"
    torch.save({f"_orig_mod.model.inner.{name}": tensor for name, tensor in content.items()}, path)
    path.with_name("all_config.yaml").write_text(
        "arch:\n  H_cycles: 3\n  L_cycles: 4\n  num_heads: 4\n  puzzle_emb_len: 16\n"
    )
    return path


def test_a_published_model_of_arc_is_asked_on_its_canvas(arc_checkpoint, tmp_path, capsys):
    out = tmp_path / "arc.safetensors"
    asked = ["import", str(arc_checkpoint), "--domain", "arc-canvas", "--out", str(out)]
    assert main(asked) == 2
    assert "9,000 puzzle embeddings; choose those you need" in capsys.readouterr().err
    assert main([*asked, "--puzzle-rows", "7,8999"]) == 0
    assert out.stat().st_size < 1_000_000  # the other rows stayed where they were
    model, card = load(out)
    task = arc_tasks.task("66e6c45b")
    question_RC, answer_RC = task.tests[0]
    canvas, own = domain("arc-canvas"), ArcGrid(*question_RC.shape)
    tokens_RC = canvas.tokens(own.onto(canvas, question_RC)).reshape(30, 30)
    assert (tokens_RC[:4, :4] == question_RC + 2).all()
    assert (tokens_RC[4, :4] == 1).all() and (tokens_RC[:4, 4] == 1).all()  # its end is marked
    assert (tokens_RC > 0).sum() == 16 + 8
    solver = Solver(model, canvas, checkpoint=card.name)
    first, second = (
        solver.solve(
            question_RC, Settings(steps=2, stop="steps"), answer_RC, own, puzzle_id=puzzle_id
        ).trace
        for puzzle_id in (0, 1)
    )
    assert first.domain_name == "arc-4x4" and first.steps == 2
    assert (first.confidence_CL != second.confidence_CL).any()  # the row counts
    full = import_published(arc_checkpoint, rows=30, cols=30, puzzle_rows=[8999])
    assert torch.allclose(full.puzzle_embedding[0], model.puzzle_embedding[1], atol=1e-3)
