/* SPDX-License-Identifier: Apache-2.0 */
/* The loops for x86 with AVX2.
 *
 * Its 32-bit multiplication is slow; multiplying 16-bit numbers and adding the products in pairs
 * (vpmaddwd) is fast. So taps go two by two, and each weight is split into 15 low bits and the signed rest
 * (weights.h): the sum of the low products plus 2^15 times that of the high ones is, modulo 2^32, the exact
 * sum, and that one fits. */
#include "image/resize_kernels.h"

#ifdef RESIZE_HAS_AVX2
#include <immintrin.h>
#include <string.h>

#define AVX2 __attribute__((target("avx2")))
#define INLINE_AVX2 __attribute__((target("avx2"), always_inline)) static inline

INLINE_AVX2 __m256i add_products(__m256i sum, __m256i pairs, uint32_t weights_2) {
  return _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, _mm256_set1_epi32((int)weights_2)));
}

/* The whole sums, rounded to pixel values; those beyond a byte are left to the saturating packs. */
INLINE_AVX2 __m256i to_values(__m256i low, __m256i high) {
  __m256i sum = _mm256_add_epi32(low, _mm256_slli_epi32(high, WEIGHT_SPLIT));
  sum = _mm256_add_epi32(sum, _mm256_set1_epi32(1 << (WEIGHT_BITS - 1)));
  return _mm256_srai_epi32(sum, WEIGHT_BITS);
}

/* Two neighbouring pixels of two rows, a row in each half: (r0 r1) (g0 g1) (b0 b1) as 16-bit pairs. */
INLINE_AVX2 __m256i load_pairs(const uint8_t *upper, const uint8_t *lower) {
  const __m256i spread = _mm256_setr_epi8(0, -1, 3, -1, 1, -1, 4, -1, 2, -1, 5, -1, -1, -1, -1, -1, /* */
                                          0, -1, 3, -1, 1, -1, 4, -1, 2, -1, 5, -1, -1, -1, -1, -1);
  __m128i first = _mm_loadl_epi64((const __m128i *)upper);
  __m128i second = _mm_loadl_epi64((const __m128i *)lower);
  return _mm256_shuffle_epi8(_mm256_inserti128_si256(_mm256_castsi128_si256(first), second, 1), spread);
}

INLINE_AVX2 void store_pixel(uint8_t *out, int pixel) {
  memcpy(out, &pixel, 3);
}

/* Four rows at a time: the number of taps changes from column to column, so that the loop over them tends to
 * end with a mispredicted branch; four rows share it. */
#define ROWS 4
INLINE_AVX2 void mix_columns(uint8_t *const out[ROWS], const uint8_t *const in[ROWS], const weights *axis) {
  for (uint32_t x = 0; x < axis->outputs; x++) {
    size_t at = (size_t)axis->start[x] * 3, to = (size_t)x * 3;
    const weight_pair *pair = axis->pair + x * (axis->stride / 2);
    const weight_pair *end = pair + (axis->count[x] + 1) / 2;
    __m256i low_1 = _mm256_setzero_si256(), high_1 = low_1, low_2 = low_1, high_2 = low_1;
    for (; pair < end; pair++, at += 6) {
      __m256i rows_1 = load_pairs(in[0] + at, in[1] + at);
      __m256i rows_2 = load_pairs(in[2] + at, in[3] + at);
      low_1 = add_products(low_1, rows_1, pair->low);
      high_1 = add_products(high_1, rows_1, pair->high);
      low_2 = add_products(low_2, rows_2, pair->low);
      high_2 = add_products(high_2, rows_2, pair->high);
    }
    /* In each half: r g b - of rows 0 and 1, then of rows 2 and 3. */
    __m256i values = _mm256_packs_epi32(to_values(low_1, high_1), to_values(low_2, high_2));
    values = _mm256_packus_epi16(values, values);
    store_pixel(out[0] + to, _mm256_extract_epi32(values, 0));
    store_pixel(out[1] + to, _mm256_extract_epi32(values, 4));
    store_pixel(out[2] + to, _mm256_extract_epi32(values, 1));
    store_pixel(out[3] + to, _mm256_extract_epi32(values, 5));
  }
}

AVX2 static void across(uint8_t *out, const uint8_t *in, size_t in_stride, size_t rows, const weights *axis) {
  for (size_t y = 0; y < rows; y += ROWS) {
    const uint8_t *in_rows[ROWS];
    uint8_t *out_rows[ROWS];
    for (size_t i = 0; i < ROWS; i++) {
      size_t row = y + i < rows ? y + i : rows - 1; /* the last row may be done more than once */
      in_rows[i] = in + row * in_stride;
      out_rows[i] = out + row * axis->outputs * 3;
    }
    mix_columns(out_rows, in_rows, axis);
  }
}

/* 16 bytes of a row. An odd last tap is paired with itself, and the zero weight after the last. */
#define BLOCK 16
INLINE_AVX2 __m128i mix_block(const uint8_t *in, size_t stride, const weight_pair *pair, uint32_t taps) {
  __m256i low_1 = _mm256_setzero_si256(), high_1 = low_1, low_2 = low_1, high_2 = low_1;
  for (uint32_t t = 0; t < taps; t += 2, pair++, in += 2 * stride) {
    const uint8_t *next = t + 1 < taps ? in + stride : in;
    __m256i first = _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)in));
    __m256i second = _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)next));
    __m256i pairs_1 = _mm256_unpacklo_epi16(first, second);
    __m256i pairs_2 = _mm256_unpackhi_epi16(first, second);
    low_1 = add_products(low_1, pairs_1, pair->low);
    high_1 = add_products(high_1, pairs_1, pair->high);
    low_2 = add_products(low_2, pairs_2, pair->low);
    high_2 = add_products(high_2, pairs_2, pair->high);
  }
  __m256i values = _mm256_packs_epi32(to_values(low_1, high_1), to_values(low_2, high_2));
  return _mm_packus_epi16(_mm256_castsi256_si128(values), _mm256_extracti128_si256(values, 1));
}

AVX2 static void down(uint8_t *out, size_t row_bytes, const uint8_t *in, size_t in_stride, uint32_t first_row,
                      const weights *axis) {
  for (uint32_t y = 0; y < axis->outputs; y++, out += row_bytes) {
    const uint8_t *rows = in + (axis->start[y] - first_row) * in_stride;
    const weight_pair *pair = axis->pair + y * (axis->stride / 2);
    for (size_t x = 0; x < row_bytes; x += BLOCK) {
      __m128i block = mix_block(rows + x, in_stride, pair, axis->count[y]);
      size_t left = row_bytes - x;
      memcpy(out + x, &block, left < BLOCK ? left : BLOCK);
    }
  }
}

const resize_kernels resize_kernels_avx2 = {across, down};
#else
typedef int resize_avx2_is_empty; /* ISO C wants a declaration */
#endif
