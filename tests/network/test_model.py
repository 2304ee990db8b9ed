"""The mathematics of the recursion."""

import dataclasses

import pytest
import torch

from tests.conftest import small_config, small_model
from trm_core.measuring.benchmark import _plain_step
from trm_core.network.config import ConfigError, ModelConfig
from trm_core.network.layers import rms_norm
from trm_core.network.model import TinyRecursiveModel
from trm_core.network.slots import Slots
from trm_core.solving.recorder import Recorder

VARIANTS = {
    "published mlp": {},
    "attention": dict(mixer="attention", positions="rotary_1d"),
    "attention 2-D": dict(mixer="attention", positions="rotary_2d"),
    "learned positions": dict(mixer="attention", positions="learned"),
    "register": dict(prefix="register", prefix_length=1, halt_outputs=1, head_bias=True),
    "gated norm": dict(feed_forward="gated_norm_swiglu"),
    "no prefix": dict(prefix="none", prefix_length=0),
    "hrm": dict(recursion="hrm", gradient="last_calls"),
    "direct": dict(recursion="direct", cycles=1, latent_updates=0),
    "all cycles": dict(gradient="all_cycles"),
    "convolution": dict(mixer="convolution", prefix="register", prefix_length=1),
    "convolution, no prefix": dict(mixer="convolution", prefix="none", prefix_length=0),
}
EVERY = pytest.mark.parametrize("changes", VARIANTS.values(), ids=VARIANTS)


def questions(batch=3, seed=0):
    return torch.randint(1, 6, (batch, 16), generator=torch.Generator().manual_seed(seed))


@EVERY
def test_a_step_has_the_promised_shapes(changes):
    model = small_model(**changes)
    output = Slots(model, questions()).step()
    config = model.config
    assert output.logits_BLV.shape == (3, 16, 6)
    assert output.halt_BH.shape == (3, config.halt_outputs)
    assert output.state.y_BMD.shape == (3, config.sequence_length, config.width)


@EVERY
def test_the_network_is_called_as_often_as_configured(changes):
    model = small_model(**changes)
    calls = []
    Slots(model, questions()).step(calls.append)
    config = model.config
    assert len(calls) == config.cycles * (config.latent_updates + 1) == config.calls_per_step
    assert sum(call.writes_answer for call in calls) == config.cycles


@EVERY
def test_watching_changes_nothing(changes):
    model = small_model(**changes)
    watched, alone = Slots(model, questions()), Slots(model, questions())
    for _ in range(3):
        recorder = Recorder(model)
        one, two = watched.step(recorder), alone.step()
        recorder.finish(one, [True] * 3)
        assert torch.equal(one.logits_BLV, two.logits_BLV)
        assert torch.equal(one.state.z_BMD, two.state.z_BMD)


@EVERY
def test_every_weight_learns(changes):
    model = small_model(**changes)
    # At first the halting head asks for nothing, so that what only it hears would not learn yet.
    torch.nn.init.normal_(model.halt_head.weight, generator=torch.Generator().manual_seed(2))
    output = Slots(model, questions()).step()
    # Random weights on the outputs: a plain sum is blind to some directions after a norm.
    noise = torch.randn(output.logits_BLV.shape, generator=torch.Generator().manual_seed(1))
    ((output.logits_BLV * noise).sum() + output.q_B.sum()).backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.abs().sum() > 0, name


def test_only_the_last_cycle_carries_gradient():
    """Restarting from the state before the last cycle gives the same gradient."""
    model = small_model(cycles=3)
    x_BMD = model.embed(questions()).detach()
    states = []
    with torch.no_grad():
        model.step(model.start(3), x_BMD, states.append)
    before_last = [call for call in states if call.writes_answer][1]

    def gradient(model, state):
        model.zero_grad()
        model.step(state, x_BMD).logits_BLV.square().sum().backward()
        return model.network.layers[0].feed_forward.down.weight.grad.clone()

    whole = gradient(model, model.start(3))
    single = small_model(cycles=1)
    single.load_state_dict(model.state_dict())
    last = gradient(single, type(model.start(1))(before_last.y_BMD, before_last.z_BMD))
    torch.testing.assert_close(whole, last)


@pytest.mark.parametrize("recomputes", [False, True])
def test_gradient_through_all_cycles_is_exact(recomputes):
    """Activation checkpointing must give what plain back-propagation gives."""
    model = small_model(gradient="all_cycles", cycles=2, latent_updates=2)
    model.recomputes = recomputes
    x_BMD = model.embed(questions()).detach()
    model.step(model.start(3), x_BMD).logits_BLV.square().sum().backward()
    found = model.network.layers[0].mix.down.weight.grad.clone()
    model.zero_grad()
    y, z = model.start(3)
    for _ in range(2):
        for _ in range(2):
            z = model.network(x_BMD + y + z)
        y = model.network(y + z)
    model.read(y).square().sum().backward()
    torch.testing.assert_close(found, model.network.layers[0].mix.down.weight.grad)


def test_no_gradient_is_asked_for_where_the_caller_forbids_it():
    model = small_model()
    with torch.no_grad():
        output = Slots(model, questions()).step()
    assert not output.logits_BLV.requires_grad
    assert torch.is_grad_enabled()


def test_the_step_is_the_paper_written_out():
    model = small_model(cycles=2, latent_updates=3)
    x, (y, z) = model.embed(questions()), model.start(3)
    for _ in range(2):
        for _ in range(3):
            z = model.network(x + y + z)
        y = model.network(y + z)
    output = Slots(model, questions()).step()
    torch.testing.assert_close(output.logits_BLV, model.head(y[:, 2:]))
    torch.testing.assert_close(output.halt_BH, model.halt_head(y[:, 0]))


def test_the_norm_of_the_mlp_mixer_runs_over_positions():
    model = small_model()
    layer = model.network.layers[0]
    h = torch.randn(2, model.config.sequence_length, 16, generator=torch.Generator().manual_seed(0))
    seen = {}
    layer.feed_forward.register_forward_pre_hook(lambda _, args: seen.update(h=args[0]))
    layer(h, None)
    torch.testing.assert_close(seen["h"].square().mean(1), torch.ones(2, 16), atol=1e-3, rtol=0)


def test_rms_norm_has_mean_square_one():
    h = torch.randn(4, 7) * 30
    torch.testing.assert_close(rms_norm(h, 1e-5).square().mean(-1), torch.ones(4))


def test_rotary_attention_sees_positions_and_plain_attention_does_not():
    tokens = questions(1)
    swapped = tokens.flip(1)
    for positions, same in (("none", True), ("rotary_1d", False), ("rotary_2d", False)):
        model = small_model(mixer="attention", positions=positions, prefix="none", prefix_length=0)
        one = Slots(model, tokens).step().logits_BLV
        two = Slots(model, swapped).step().logits_BLV.flip(1)
        assert torch.allclose(one, two, atol=1e-4) is same


def test_the_published_sizes():
    config = ModelConfig(vocab_size=11, rows=9, cols=9)
    assert [config.inner_width(dim) for dim in (512, 97, 916)] == [1536, 512, 2560]
    assert small_model().halt_head.bias.tolist() == [-5.0, -5.0]
    with torch.device("meta"):
        published = TinyRecursiveModel(config)
    # The published count leaves out the puzzle embedding, which is trained apart.
    assert published.parameter_count - published.puzzle_embedding.numel() == 5_028_866


def test_inference_layout_changes_no_value():
    model, plain = small_model(), small_model()
    model.for_inference()
    with torch.no_grad():
        one, two = (Slots(m, questions()).step().logits_BLV for m in (model, plain))
    torch.testing.assert_close(one, two)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            dict(mixer="conv"),
            "mixer must be one of attention, mlp, convolution, units, colours, got 'conv'",
        ),
        (dict(cycles=0), "cycles must be a whole number >= 1, got 0"),
        (dict(width=2.5), "width must be a whole number"),
        (dict(prefix="none"), "prefix_length=0"),
        (dict(positions="rotary_1d"), "need the attention mixer"),
        (dict(recursion="direct"), "cycles=1 and latent_updates=0"),
        (dict(latent_updates=0), "latent_updates must be at least 1"),
        (dict(mixer="attention", heads=3), "multiple of 2 \\* heads=3"),
        (dict(halt_outputs=3), "halt_outputs must be 1 or 2"),
        (dict(head_bias=1), "head_bias must be true or false"),
        (dict(norm_epsilon=0.0), "norm_epsilon must be a number > 0"),
    ],
)
def test_a_bad_configuration_is_refused_by_name(changes, message):
    with pytest.raises(ConfigError, match=message):
        small_config(**changes)


def test_configurations_survive_json_and_refuse_unknown_fields():
    config = small_config(mixer="attention")
    assert ModelConfig.from_dict(config.as_dict()) == config
    with pytest.raises(ConfigError, match="unknown configuration field 'H_cycles'"):
        ModelConfig.from_dict(config.as_dict() | {"H_cycles": 3})
    with pytest.raises(ConfigError, match="missing configuration field 'rows'"):
        ModelConfig.from_dict({"vocab_size": 3, "cols": 2})
    with pytest.raises(dataclasses.FrozenInstanceError):
        config.width = 3


def test_news_travels_one_cell_a_layer_under_the_convolution():
    """A changed cell is heard as far away as there were layers, and not farther."""
    shape = dict(rows=9, cols=9, mixer="convolution", prefix="register", prefix_length=1)
    model = small_model(cycles=1, latent_updates=1, layers=1, **shape)
    tokens = torch.ones(1, 81, dtype=torch.uint8)
    changed = tokens.clone()
    changed[0, 0] = 2
    answers = []
    for question in (tokens, changed):
        x_BMD = model.embed(question)
        z_BMD = model.network(x_BMD + sum(model.start(1)))
        answers.append(z_BMD[0, 1:].view(9, 9, -1))
    heard = (answers[0] != answers[1]).any(-1)
    assert heard[:2, :2].all()
    assert not heard[2:].any()
    assert not heard[:, 2:].any()


def test_convolution_weights_fit_a_canvas_of_any_size():
    shape = dict(mixer="convolution", prefix="register", prefix_length=1)
    small, large = small_model(rows=5, cols=5, **shape), small_model(rows=9, cols=7, **shape)
    large.load_state_dict(small.state_dict())
    tokens = torch.randint(1, 6, (1, 63), generator=torch.Generator().manual_seed(0))
    inner = large.network.layers[0].mix(large.embed(tokens))[0, 1:].view(9, 7, -1)[1:4, 1:4]
    part = tokens.view(9, 7)[:5, :5].reshape(1, 25)
    alone = small.network.layers[0].mix(small.embed(part))[0, 1:].view(5, 5, -1)[1:4, 1:4]
    torch.testing.assert_close(inner, alone)


@pytest.mark.parametrize(
    "changes",
    [
        dict(),
        dict(mixer="attention", positions="rotary_2d", width=32),
        dict(mixer="convolution", prefix="register", prefix_length=1, halt_outputs=1),
    ],
    ids=["mlp", "attention", "convolution"],
)
def test_the_plain_form_of_the_benchmark_computes_the_same(changes):
    """Our layers against a restatement that shares nothing with them."""
    model = small_model(**changes)
    tokens = torch.randint(1, 6, (2, 16), generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        plain = _plain_step(model, tokens)
        slots = Slots(model.for_inference(), tokens)
        for _ in range(2):
            before = slots.state
            logits_BLV, halt_BH = plain()
            output = slots.step()
            assert torch.allclose(logits_BLV, output.logits_BLV, atol=1e-3)
            assert torch.allclose(halt_BH, output.halt_BH, atol=1e-3)
            assert not torch.equal(before.y_BMD, slots.state.y_BMD)
