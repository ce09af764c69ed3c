/* SPDX-License-Identifier: Apache-2.0 */
#include "image/resize_kernels.h"

#define HALF (1 << (WEIGHT_BITS - 1))

static uint8_t to_byte(int32_t sum) {
  int32_t value = sum >> WEIGHT_BITS;
  return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
}

static void across(uint8_t *out, const uint8_t *in, size_t in_stride, size_t rows, const weights *axis) {
  for (size_t y = 0; y < rows; y++, in += in_stride) {
    for (uint32_t x = 0; x < axis->outputs; x++, out += 3) {
      const uint8_t *pixel = in + (size_t)axis->start[x] * 3;
      const int32_t *weight = axis->weight + x * axis->stride;
      int32_t red = HALF, green = HALF, blue = HALF;
      for (uint32_t t = 0; t < axis->count[x]; t++, pixel += 3) {
        red += pixel[0] * weight[t];
        green += pixel[1] * weight[t];
        blue += pixel[2] * weight[t];
      }
      out[0] = to_byte(red);
      out[1] = to_byte(green);
      out[2] = to_byte(blue);
    }
  }
}

/* So many bytes of a row are summed up together: their sums stay in the first cache, or in registers where
 * the compiler unrolls. */
#define BLOCK 64

static void mix_block(uint8_t *restrict out, const uint8_t *restrict in, size_t stride, size_t count,
                      const int32_t *weight, uint32_t taps) {
  int32_t sum[BLOCK];
  for (size_t i = 0; i < count; i++) sum[i] = HALF;
  for (uint32_t t = 0; t < taps; t++, in += stride)
    for (size_t i = 0; i < count; i++) sum[i] += in[i] * weight[t];
  for (size_t i = 0; i < count; i++) out[i] = to_byte(sum[i]);
}

static void down(uint8_t *out, size_t row_bytes, const uint8_t *in, size_t in_stride, uint32_t first_row,
                 const weights *axis) {
  for (uint32_t y = 0; y < axis->outputs; y++, out += row_bytes) {
    const uint8_t *rows = in + (axis->start[y] - first_row) * in_stride;
    const int32_t *weight = axis->weight + y * axis->stride;
    size_t x = 0;
    for (; x + BLOCK <= row_bytes; x += BLOCK)
      mix_block(out + x, rows + x, in_stride, BLOCK, weight, axis->count[y]);
    mix_block(out + x, rows + x, in_stride, row_bytes - x, weight, axis->count[y]);
  }
}

const resize_kernels resize_kernels_plain = {across, down};

const resize_kernels *resize_best_kernels(void) {
#ifdef RESIZE_HAS_AVX2
  if (__builtin_cpu_supports("avx2")) return &resize_kernels_avx2;
#endif
  return &resize_kernels_plain;
}
