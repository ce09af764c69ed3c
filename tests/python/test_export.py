# SPDX-License-Identifier: Apache-2.0
"""export(): modules become archives that compute the same, and stay as they are. Without torch it is skipped."""

from __future__ import annotations

import copy
import sys
import tempfile
import threading
import unittest
from pathlib import Path

import checkrob
import support

if not support.has("torch"):
    print("skipped: there is no torch")
    sys.exit(77)

import torch
from torch import nn
from torch.nn import functional

sys.path.insert(0, str(support.PLANTED))
from network import Network

SHAPE = (3, 32, 48)
# Two ways to compute one network in float32; see OUTPUT_TOLERANCE.
TOLERANCE = 1e-5


class Body(nn.Module):
    """Layers by path: stem.0 to stem.3, head."""

    def __init__(self, channels=3, classes=4):
        super().__init__()
        torch.manual_seed(0)
        self.stem = nn.Sequential(
            nn.Conv2d(channels, 8, 3, 2, 1), nn.BatchNorm2d(8), nn.ReLU(), nn.Conv2d(8, 16, 3, 2, 1)
        )
        self.head = nn.Linear(16, classes)

    def features(self, images):
        return self.stem(images).mean((2, 3))

    def forward(self, images):
        return self.head(self.features(images))


class OneLogit(Body):
    def __init__(self):
        super().__init__(classes=1)

    def forward(self, images):
        return super().forward(images).squeeze()


class Squeezed(Body):
    def forward(self, images):
        return super().forward(images)[:, :, None, None].squeeze()


class FullyConvolutional(Body):
    def forward(self, images):
        return super().forward(images)[:, :, None, None]


class Maps(Body):
    def forward(self, images):
        return self.stem(images)


class Branches(Body):
    def forward(self, images):
        found = self.features(images)
        return self.head(found * 3 if found.sum() > 0 else found - 1)


class Logged(Body):
    """Reads a number without an effect on the outputs."""

    def forward(self, images):
        found = self.features(images)
        self.largest = {"value": found.max().item()}
        return self.head(found)


class EachImage(Body):
    def forward(self, images):
        found = self.features(images)
        return torch.cat([self.head(found[i : i + 1]) for i in range(len(found))])


class Twisted(Body):
    """A fixed batch, by Python that no script has."""

    def forward(self, images):
        found = self.features(images)
        return torch.cat([self.head(part) for part in found.split([1] * found.tolist().__len__())])


class Numpy(Body):
    def forward(self, images):
        found = self.features(images).detach().numpy()
        return self.head(torch.from_numpy(found * 3 if found.sum() > 0 else found - 1))


class Random(Body):
    def forward(self, images):
        return self.head(functional.dropout(self.features(images), 0.5))


class Double(torch.autograd.Function):
    @staticmethod
    def forward(context, images):
        return images * 2

    @staticmethod
    def backward(context, gradient):
        return gradient * 2


class OwnFunction(Body):
    def forward(self, images):
        return self.head(Double.apply(self.features(images)))


class TwoInputs(Body):
    def forward(self, images, offset):
        return self.head(self.features(images)) + offset


class Probabilities(Body):
    """As Ultralytics' classifiers return them."""

    def forward(self, images):
        logits = self.head(self.features(images))
        return logits.softmax(1), logits


class Answer(dict):
    """As Hugging Face's ModelOutput: a dictionary with attributes."""

    __getattr__ = dict.__getitem__


class Named(Body):
    def forward(self, images):
        maps = self.stem(images)
        logits = self.head(maps.mean((2, 3)))
        return Answer(hidden=maps, logits=logits, other=logits * 2)


class Backbone(nn.Module):
    """As Hugging Face's encoders: what it returns is no tensor."""

    def __init__(self):
        super().__init__()
        self.convolution = nn.Conv2d(3, 16, 3, 2, 1)

    def forward(self, images):
        maps = self.convolution(images)
        return Answer(pooled=maps.mean((2, 3)), maps=maps * 2)


class Nested(nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.backbone = Backbone()
        self.head = nn.Linear(16, 4)

    def forward(self, images):
        return self.head(self.backbone(images).maps.mean((2, 3)))


class Trained(Body):
    """As LightningModule: it has a trainer, which can't be copied, and a property that raises an error without one."""

    _jit_is_scripting = False

    def __init__(self):
        super().__init__()
        self._trainer = threading.Lock()

    @property
    def trainer(self):
        if self._trainer is None and not self._jit_is_scripting:
            raise RuntimeError("not attached to a Trainer")
        return self._trainer


class Unnamed(Named):
    def forward(self, images):
        found = super().forward(images)
        return {"maps": found.hidden, "z": found.logits, "y": found.other}


class Attention(nn.Module):
    """[N, 1 + 16, 24] tokens of a transformer, with a class token."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.patches = nn.Conv2d(3, 24, 8, 8)
        self.token = nn.Parameter(torch.randn(1, 1, 24))
        self.block = nn.TransformerEncoderLayer(24, 4, 48, batch_first=True)
        self.norm = nn.LayerNorm(24)
        self.head = nn.Linear(24, 5)

    def forward(self, images):
        found = self.patches(images).flatten(2).transpose(1, 2)
        found = torch.cat([self.token.expand(found.shape[0], -1, -1), found], 1)
        return self.head(self.norm(self.block(found))[:, 0])


class Export(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = Path(self.folder.name) / "model.pt"

    def export(self, module, example=SHAPE, **options):
        return checkrob.export(module, example, self.path, **options)

    def agrees(self, expected, example=SHAPE):
        """The archive computes `expected`, a function, for other images than export() compared."""
        archive = torch.jit.load(str(self.path))
        for count in (1, 2, 5):
            images = torch.randn(count, *example, generator=torch.Generator().manual_seed(count))
            with torch.no_grad():
                torch.testing.assert_close(archive(images), expected(images), atol=TOLERANCE, rtol=TOLERANCE)

    def refuses(self, module, *parts, example=SHAPE, **options):
        with self.assertRaises(checkrob.ExportError) as caught:
            self.export(module, example, **options)
        for part in parts:
            self.assertRegex(str(caught.exception), part)
        self.assertEqual(list(Path(self.folder.name).iterdir()), [])

    def test_any_number_of_images_and_layers_by_path(self):
        module = Body().eval()
        found = self.export(module)
        self.agrees(module)
        self.assertEqual((found.way, found.batch, found.input_shape, found.classes), ("traced", None, SHAPE, 4))
        self.assertLess(found.output_difference, TOLERANCE)
        self.assertLess(found.layer_difference, TOLERANCE)
        self.assertIn("stem", found.layers)
        with checkrob.open(self.path, preprocess={"resize": [32, 48]}) as model:
            paths = [layer.path for layer in model.layers()]
        self.assertEqual([p for p in paths if p], ["stem.0", "stem.1", "stem.2", "stem.3", "stem", "head"])

    def test_a_branch_is_scripted(self):
        module = Branches().eval()
        self.assertEqual(self.export(module).way, "scripted")
        self.agrees(lambda images: torch.cat([module(images)]))

    def test_a_branch_that_no_script_has(self):
        module = Logged().eval()
        found = self.export(module)
        self.assertEqual(found.way, "traced")
        self.assertRegex("\n".join(found.remarks), "reads numbers out of tensors")

    def test_a_loop_over_the_images_is_scripted(self):
        module = EachImage().eval()
        self.assertEqual(self.export(module).way, "scripted")
        self.agrees(module)

    def test_a_fixed_batch_is_one_image_at_a_time(self):
        found = self.export(Twisted().eval())
        self.assertEqual(found.batch, 1)
        self.assertRegex("\n".join(found.remarks), "one image at a time")
        with checkrob.open(self.path, preprocess={"resize": [32, 48]}) as model:
            self.assertEqual(model.logits(torch.zeros(3, *SHAPE)).shape, (3, 4))

    def test_one_logit_and_gray_images(self):
        module = OneLogit().eval()
        found = self.export(module)
        self.agrees(lambda images: module(images).reshape(-1, 1))
        self.assertRegex("\n".join(found.remarks), "one logit")
        module = Body(channels=1).eval()
        found = self.export(module, torch.rand(1, 32, 48))
        self.agrees(module, (1, 32, 48))
        self.assertRegex("\n".join(found.remarks), '"channels": "gray"')
        self.assertEqual(found.layers[-1:], ("stem",))

    def test_outputs_of_other_shapes(self):
        for kind in Squeezed, FullyConvolutional:
            module = kind().eval()
            self.export(module)
            self.agrees(Body.forward.__get__(module))
        self.path.unlink()
        self.refuses(Maps(), r"\[2, 16, 8, 12\] for 2 images", "classifiers")

    def test_several_outputs(self):
        module = Named().eval()
        self.assertRegex("\n".join(self.export(module).remarks), "'logits'")
        self.agrees(lambda images: module(images).logits)
        self.export(Probabilities().eval())
        self.agrees(lambda images: Probabilities().eval()(images)[1])
        self.export(Unnamed().eval(), output="y")
        self.agrees(lambda images: module(images).other)
        self.path.unlink()
        self.refuses(Unnamed(), "maps: .*z: .*choose the logits with output='z' or 'y'")
        self.refuses(Unnamed(), "no output 'x'", output="x")

    def test_a_layer_that_returns_several_tensors(self):
        module = Nested().eval()
        found = self.export(module)
        self.agrees(module)
        self.assertIn("backbone", found.layers)
        self.assertLess(found.layer_difference, TOLERANCE)

    def test_attention_loads_in_an_older_torch(self):
        module = Attention().eval()
        found = self.export(module, (3, 32, 32))
        self.agrees(module, (3, 32, 32))
        code = str(torch.jit.load(str(self.path)).inlined_graph)
        for operation in "scaled_dot_product", "_native_multi_head", "_transformer_encoder_layer_fwd":
            self.assertFalse(operation in code, operation)
        self.assertLess(found.layer_difference, TOLERANCE)

    def test_half_and_double_precision_and_wrappers(self):
        for kind in torch.float16, torch.float64:
            module = Body().to(kind)
            self.assertRegex("\n".join(self.export(nn.DataParallel(module)).remarks), str(kind))
            self.assertEqual(next(module.parameters()).dtype, kind)
            self.agrees(copy.deepcopy(module).float().eval())

    def test_an_object_with_a_module(self):
        holder = type("Pipeline", (), {"model": Body().eval()})()
        self.export(holder)
        self.agrees(holder.model)

    def test_torchscript_is_saved_as_it_is(self):
        module = torch.jit.script(Branches())
        self.assertEqual(self.export(module).way, "saved")
        self.assertTrue(module.training)

    def test_the_module_stays_as_it_is(self):
        module = Body()
        module.head.requires_grad_(False)
        module.stem[1].eval()
        calls = []
        module.stem.register_forward_hook(lambda *_: calls.append(1))
        before = {name: tensor.clone() for name, tensor in module.state_dict().items()}
        pointers = [p.data_ptr() for p in module.parameters()]
        flags = [part.training for part in module.modules()]
        hooks = [list(part._forward_hooks) for part in module.modules()]
        random, kind = torch.get_rng_state(), type(module)
        self.export(module)
        self.assertEqual([part.training for part in module.modules()], flags)
        self.assertEqual([list(part._forward_hooks) for part in module.modules()], hooks)
        self.assertEqual([p.data_ptr() for p in module.parameters()], pointers)
        self.assertEqual([p.requires_grad for p in module.parameters()][-2:], [False, False])
        self.assertIs(type(module), kind)
        for name, tensor in module.state_dict().items():
            self.assertTrue(torch.equal(tensor, before[name]), name)
        self.assertTrue(torch.equal(torch.get_rng_state(), random))
        self.assertTrue(torch.is_grad_enabled())

    def test_hooks_that_are_part_of_the_network(self):
        """After a run with gradients, such a module has tensors that deepcopy alone refuses."""
        from torch.nn.utils import parametrizations, prune, spectral_norm

        for change in (
            lambda module: prune.l1_unstructured(module.stem[3], "weight", 0.5),
            lambda module: spectral_norm(module.stem[3]),
            lambda module: parametrizations.spectral_norm(module.stem[3]),
            lambda module: module.register_forward_hook(lambda _module, _inputs, output: output * 2),
        ):
            module = Body()
            change(module)
            module(torch.zeros(2, *SHAPE))
            self.export(module)
            self.agrees(module.eval())

    def test_a_module_with_a_trainer(self):
        module = Trained().eval()
        trainer = module.trainer
        self.assertEqual(self.export(module).way, "traced")
        self.agrees(module)
        self.assertIs(module.trainer, trainer)
        self.assertFalse(module._jit_is_scripting)

    def test_a_module_without_feature_maps(self):
        torch.manual_seed(0)
        found = self.export(nn.Sequential(nn.Flatten(), nn.Linear(3 * 32 * 48, 4)))
        self.assertEqual(found.layers, ())
        self.assertRegex("\n".join(found.remarks), "no layer was compared")

    def test_what_can_not_be_exported(self):
        self.refuses(Numpy(), "traced: its outputs for 1 image", "scripted: .*numpy", "computes with NumPy")
        self.refuses(Random(), "two runs of the same images differ", "F.dropout")
        self.refuses(OwnFunction(), "Python function call 'Double'", "torch.autograd.Function")
        self.refuses(TwoInputs(), "images alone", "'offset'")
        self.refuses({}, "load_state_dict")
        self.refuses("model.pt", "it is a path")
        self.refuses(Body(), r"\[1, 4, 8, 8\]; .*3 channels", example=(4, 8, 8))
        self.refuses(Body(), r"fails in evaluation mode .*\[2, 1, 8, 8\]", example=(1, 8, 8))
        self.refuses(nn.Sequential(nn.LazyLinear(3)), "no shape yet")
        self.path = Path(self.folder.name) / "missing" / "model.pt"
        self.refuses(Body(), "can't write .*missing")

    def test_what_checkrob_does_not_take_is_said(self):
        class Batch(Body):
            def forward(self, images):
                found = self.head(self.features(images))
                return found - found.mean(0)

        self.refuses(Batch(), "checkrob does not take the archive of Batch: ")

    def test_a_wrong_archive_is_found(self):
        """The comparison itself: an archive of other weights differs, in outputs and in activations."""
        from checkrob._export import exporter, layers, tracing

        with tracing.quiet(torch):
            good = exporter.Exporter(torch, Body().eval(), exporter.make_pool(torch, SHAPE), None)
            other = Body().eval()
            other.head.weight.data[0, 0] += 1e-2
            torch.jit.trace(other, good.pool[:1]).save(str(self.path))
            self.assertRegex(str(good.compare(str(self.path))[1]), "outputs for 1 image differ")
            other = Body().eval()
            other.stem[3].bias.data += 1e-2
            torch.jit.trace(other, good.pool[:1]).save(str(self.path))
            with self.assertRaisesRegex(checkrob.ExportError, "activations of stem.* differ"):
                layers.compare_layers(good, str(self.path))


@unittest.skipUnless(support.has("torchvision"), "no torchvision")
class Torchvision(unittest.TestCase):
    """tests/bench/export_models.py has more, and those of timm."""

    def test_small_networks(self):
        import torchvision

        with tempfile.TemporaryDirectory() as folder:
            for name in "mobilenet_v3_small", "squeezenet1_1", "shufflenet_v2_x0_5":
                torch.manual_seed(0)
                module = getattr(torchvision.models, name)()
                with self.subTest(name):
                    found = checkrob.export(module, (3, 96, 96), Path(folder) / "model.pt")
                    self.assertEqual((found.way, found.batch, found.classes), ("traced", None, 1000))
                    self.assertLess(found.output_difference, TOLERANCE)
                    self.assertLess(found.layer_difference, TOLERANCE)
                    self.assertEqual(len(found.layers), 2)


class Score(unittest.TestCase):
    def test_a_module_is_exported_in_passing(self):
        with support.model() as model:
            archive = torch.jit.load(model.path)
        module = Network(10)
        module.load_state_dict(archive.state_dict())
        options = {"preprocess": support.PLANTED / "preprocess.json", "threads": 1, "limit": 40, "progress": False}
        data = support.data(limit=40)
        expected = checkrob.score(support.PLANTED / "model.pt", data, **options)
        found = checkrob.score(module, data, **options)
        for one, other in zip(expected.classes, found.classes):
            self.assertEqual((one.class_, one.verdict), (other.class_, other.verdict))
            self.assertAlmostEqual(one.crs, other.crs, places=4)
        self.assertTrue(module.training)
        with tempfile.TemporaryDirectory() as folder:
            first = checkrob.score(module, data, out=folder, **options)
            written = (Path(folder) / "model.pt").read_bytes()
            second = checkrob.score(module, data, out=folder, **options)  # resumes: another archive would be refused
            self.assertEqual((Path(folder) / "model.pt").read_bytes(), written)
            self.assertEqual(len(first.samples), len(second.samples))
            first.close()
            second.close()
            module.classify.bias.data[0] += 1
            with self.assertRaisesRegex(checkrob.OtherOptionsError, "another model.*another folder"):
                checkrob.score(module, data, out=folder, **options)
            self.assertEqual((Path(folder) / "model.pt").read_bytes(), written)  # still that of the results
            module.classify.bias.data[0] -= 1
            checkrob.score(module, data, out=folder, **options).close()


if __name__ == "__main__":
    unittest.main()
