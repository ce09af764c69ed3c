# SPDX-License-Identifier: Apache-2.0
"""Arrays share memory without copies, in and out, and keep its owner alive."""

from __future__ import annotations

import array
import copy
import ctypes
import gc
import pickle
import unittest

import checkrob
import support
from checkrob import arrays, errors


def numbers():
    made = arrays.zeros((2, 3))
    memoryview(made).cast("B").cast("f")[:] = array.array("f", range(6))
    return made


class Out(unittest.TestCase):
    def test_buffer_protocol(self):
        view = memoryview(numbers())
        self.assertEqual((view.shape, view.format, view.itemsize), ((2, 3), "<f", 4))
        self.assertEqual(numbers().tolist(), [[0, 1, 2], [3, 4, 5]])
        self.assertEqual(numbers()[1][2], 5)

    def test_shapes_without_elements_and_of_one_axis(self):
        self.assertEqual(arrays.zeros((0, 3)).tolist(), [])
        self.assertEqual(arrays.zeros((2, 0)).tolist(), [[], []])
        self.assertEqual(arrays.zeros((2,), "q").tolist(), [0, 0])

    @unittest.skipUnless(support.has("numpy"), "NumPy is not there")
    def test_numpy_shares_memory_and_keeps_it(self):
        import numpy as np

        for make in np.asarray, np.from_dlpack, lambda a: np.array(a, copy=False), lambda a: a.numpy():
            made = numbers()
            shared, address = make(made), made.address
            self.assertEqual((shared.shape, shared.dtype, shared.ctypes.data), ((2, 3), np.float32, address))
            del made
            gc.collect()
            self.assertEqual(shared.tolist(), [[0, 1, 2], [3, 4, 5]])

    @unittest.skipUnless(support.has("torch"), "torch is not there")
    def test_torch_shares_memory_and_keeps_it(self):
        import torch

        for make in torch.from_dlpack, lambda a: a.torch():
            made = numbers()
            shared, address = make(made), made.address
            self.assertEqual((tuple(shared.shape), shared.data_ptr()), ((2, 3), address))
            del made
            gc.collect()
            self.assertEqual(shared.tolist(), [[0, 1, 2], [3, 4, 5]])

    def test_capsules_that_nobody_takes_are_freed(self):
        before = len(arrays._capsules._alive)
        kept = numbers()
        for _ in range(50):
            kept.__dlpack__()
        self.assertLessEqual(len(arrays._capsules._alive), before + 2)
        capsule = kept.__dlpack__()  # somebody still has it
        address = kept.address
        del kept
        for _ in range(50):
            numbers().__dlpack__()
        gc.collect()
        pointer = arrays._capsule_pointer(capsule, b"dltensor")
        tensor = ctypes.cast(pointer, ctypes.POINTER(arrays._Managed)).contents.tensor
        self.assertEqual(tensor.data, address)
        self.assertEqual(ctypes.cast(address, ctypes.POINTER(ctypes.c_float))[5], 5)

    def test_what_dlpack_cannot_do_is_refused(self):
        with self.assertRaises(BufferError):
            numbers().__dlpack__(copy=True)
        with self.assertRaises(BufferError):
            numbers().__dlpack__(dl_device=(2, 0))
        self.assertEqual(numbers().__dlpack_device__(), (1, 0))

    def test_memory_of_the_library_outlives_all_objects(self):
        model = support.model()
        explanation = model.explain(support.BOOT, 9)
        logits, saliency, attribution = explanation.logits, explanation.map, explanation.attribution
        before = logits.tolist(), saliency.tolist(), attribution.tolist()
        explanation.close()
        model.close()
        del explanation, model
        gc.collect()
        self.assertEqual((logits.tolist(), saliency.tolist(), attribution.tolist()), before)
        self.assertEqual(max(max(row) for row in before[1]), 1)


class In(unittest.TestCase):
    def check(self, source, shape, typecode="f", dense=True):
        with arrays.Buffer(source) as buffer:
            self.assertEqual((buffer.shape, buffer.typecode, buffer.is_dense), (shape, typecode, dense))
            return arrays.dense_bytes(source, buffer)

    def test_the_standard_library(self):
        self.assertEqual(self.check(array.array("f", [1, 2]), (2,)), array.array("f", [1, 2]).tobytes())
        self.assertEqual(self.check(b"abc", (3,), "B"), b"abc")
        self.assertEqual(self.check(memoryview(b"abcdef")[::2], (3,), "B", False), b"ace")
        self.assertEqual(self.check(numbers(), (2, 3)), bytes(memoryview(numbers())))

    def test_a_buffer_is_released(self):
        source = bytearray(8)
        buffer = arrays.Buffer(source)
        with self.assertRaises(BufferError):
            source.append(0)
        buffer.release()
        source.append(0)
        buffer.release()  # once more does nothing

    @unittest.skipUnless(support.has("numpy"), "NumPy is not there")
    def test_numpy(self):
        import numpy as np

        x = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
        x.setflags(write=False)
        with arrays.Buffer(x) as buffer:
            self.assertEqual(buffer.address, x.ctypes.data)
        self.assertEqual(self.check(x.transpose(2, 0, 1), (4, 2, 3), dense=False), x.transpose(2, 0, 1).tobytes())
        self.assertEqual(self.check(x[:1], (1, 3, 4)), x[:1].tobytes())
        with arrays.Buffer(x.astype(np.float16)) as buffer:
            self.assertEqual((buffer.typecode, buffer.described), ("", "float16"))

    @unittest.skipUnless(support.has("torch"), "torch is not there")
    def test_torch(self):
        import torch

        x = torch.arange(24, dtype=torch.float32).reshape(2, 3, 4).requires_grad_()
        with arrays.Buffer(x) as buffer:
            self.assertEqual((buffer.address, buffer.shape, buffer.typecode), (x.data_ptr(), (2, 3, 4), "f"))
        y = x.detach().permute(2, 0, 1)
        self.assertEqual(self.check(y, (4, 2, 3), dense=False), y.contiguous().numpy().tobytes())
        self.assertEqual(self.check(torch.arange(3), (3,), "q"), torch.arange(3).numpy().tobytes())
        count = len(gc.get_objects())
        for _ in range(200):
            arrays.Buffer(x).release()
        self.assertLess(len(gc.get_objects()) - count, 100)

    def test_something_else(self):
        with self.assertRaisesRegex(errors.InvalidArgumentError, "type object has no memory"):
            arrays.Buffer(object())


class Copies(unittest.TestCase):
    def test_pickle_and_copy(self):
        for source in arrays.zeros((2, 3)), checkrob.image(support.BOOT).pixels, arrays.zeros((0, 4), "d"):
            for made in pickle.loads(pickle.dumps(source)), copy.deepcopy(source), copy.copy(source):
                self.assertEqual((made.shape, made.typecode), (source.shape, source.typecode))
                self.assertEqual(made.tolist(), source.tolist())
                self.assertTrue(made.address != source.address or not source.size)

    def test_too_large(self):
        for shape in ((2**40, 2**40), (2**31 - 1, 2**31 - 1, 8)):
            with self.assertRaises(checkrob.OutOfMemoryError):
                arrays.zeros(shape)


if __name__ == "__main__":
    unittest.main()
