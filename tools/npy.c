/* SPDX-License-Identifier: Apache-2.0 */
#include "npy.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Preamble and description together, padded to a multiple of 64 bytes with room for any number of rows. */
#define HEADER_BYTES 128

uint16_t half_of(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  uint32_t sign = bits >> 16 & 0x8000U, magnitude = bits & 0x7fffffffU;
  if (magnitude > 0x7f800000U) return (uint16_t)(sign | 0x7e00U);  /* NaN */
  if (magnitude >= 0x477ff000U) return (uint16_t)(sign | 0x7c00U); /* 65520 and more round to infinity */
  if (magnitude < 0x33000001U) return (uint16_t)sign;              /* 2^-25 and less round to zero */
  uint32_t shift = 13, kept = magnitude - 0x38000000U;
  if (magnitude < 0x38800000U) { /* below 2^-14: subnormal, with the leading 1 written out */
    shift = 126 - (magnitude >> 23);
    kept = (magnitude & 0x007fffffU) | 0x00800000U;
  }
  uint32_t half = kept >> shift, rest = kept & ((1U << shift) - 1U), middle = 1U << (shift - 1U);
  if (rest > middle || (rest == middle && (half & 1U)))
    half++; /* may carry into the exponent, as it should */
  return (uint16_t)(sign | half);
}

static int write_header(npy_file *npy) {
  char header[HEADER_BYTES + 1], shape[96];
  size_t used = (size_t)snprintf(shape, sizeof shape, "%zu,", npy->rows);
  for (size_t i = 0; i < npy->row_rank; i++)
    used += (size_t)snprintf(shape + used, sizeof shape - used, "%s%zu", i ? ", " : " ", npy->row_shape[i]);
  int length =
      snprintf(header + 10, sizeof header - 10, "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }",
               npy->half ? "<f2" : "<f4", shape);
  if (length < 0 || (size_t)length + 11 > HEADER_BYTES) return EOVERFLOW;
  memcpy(header, "\x93NUMPY\x01\x00", 8);
  header[8] = HEADER_BYTES - 10;
  header[9] = 0;
  memset(header + 10 + length, ' ', HEADER_BYTES - 11 - (size_t)length);
  header[HEADER_BYTES - 1] = '\n';
  errno = EIO;
  return fwrite(header, 1, HEADER_BYTES, npy->to.file) == HEADER_BYTES ? 0 : errno;
}

int npy_open(npy_file *npy, const char *path, int half) {
  *npy = (npy_file){.half = half};
  return whole_file_open_seekable(&npy->to, path); /* the header is written last */
}

static int start(npy_file *npy, const size_t *row_shape, size_t row_rank) {
  npy->row_rank = row_rank;
  npy->row_size = 1;
  for (size_t i = 0; i < row_rank; i++) {
    npy->row_shape[i] = row_shape[i];
    npy->row_size *= row_shape[i];
  }
  npy->halves = malloc(npy->row_size * sizeof *npy->halves);
  return npy->halves ? write_header(npy) : ENOMEM;
}

static const void *as_halves(npy_file *npy, const float *row) {
  for (size_t i = 0; i < npy->row_size; i++) {
    npy->halves[i] = half_of(row[i]);
    npy->overflows += (npy->halves[i] & 0x7fffU) == 0x7c00U && isfinite(row[i]);
  }
  return npy->halves;
}

int npy_append(npy_file *npy, const float *values, size_t rows, const size_t *row_shape, size_t row_rank) {
  int code = npy->rows == 0 && !npy->halves ? start(npy, row_shape, row_rank) : 0;
  size_t bytes = npy->half ? sizeof(uint16_t) : sizeof(float);
  for (size_t i = 0; i < rows && code == 0; i++) {
    const float *row = values + i * npy->row_size;
    errno = EIO;
    if (fwrite(npy->half ? as_halves(npy, row) : row, bytes, npy->row_size, npy->to.file) != npy->row_size)
      code = errno;
    else
      npy->rows++;
  }
  return code;
}

void npy_discard(npy_file *npy) {
  whole_file_discard(&npy->to);
  free(npy->halves);
  *npy = (npy_file){0};
}

int npy_complete(npy_file *npy) {
  if (!npy->to.file || npy->rows == 0) return 0;
  errno = EIO;
  int code = fseek(npy->to.file, 0, SEEK_SET) == 0 ? write_header(npy) : errno;
  errno = EIO;
  return code == 0 && (fflush(npy->to.file) != 0 || ferror(npy->to.file)) ? errno : code;
}

int npy_close(npy_file *npy) {
  int code = npy_complete(npy);
  if (npy->to.file && npy->rows > 0 && code == 0) code = whole_file_close(&npy->to);
  npy_discard(npy);
  return code;
}
