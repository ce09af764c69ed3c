/* SPDX-License-Identifier: Apache-2.0 */
/* JPEG by libjpeg-turbo. Its errors leave by longjmp: everything that must survive one is in `session`, whose
 * address is all that the code after setjmp needs. */

/* jpeglib.h needs size_t and FILE declared before it. */
#include <stddef.h>
#include <stdio.h>

#include <jpeglib.h>

#include <jerror.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "image/image.h"
#include "image/jpeg.h"
#include "image/orientation.h"

/* A progressive file may repeat scans without limit, each a pass over the whole image, so a small file could
 * take hours. Encoders write about ten. So many are allowed for the largest image that the limits allow, and
 * more for a smaller one, up to MAX_SCANS. */
#define SCANS_OF_LARGEST 20
#define MAX_SCANS 500

typedef struct session {
  struct jpeg_decompress_struct jpeg;
  struct jpeg_error_mgr errors;
  struct jpeg_source_mgr input;
  struct jpeg_progress_mgr progress;
  jmp_buf escape;
  const image_source *source;
  checkrob_image *image;
  checkrob_status status; /* set before the jump */
} session;

static session *session_of(j_common_ptr jpeg) {
  return jpeg->client_data;
}

static _Noreturn void leave(session *decoding, checkrob_status status) {
  decoding->status = status;
  longjmp(decoding->escape, 1);
}

static _Noreturn void leave_truncated(session *decoding) {
  leave(decoding,
        error_set(CHECKROB_ERROR_BAD_INPUT, "%s is a truncated JPEG: its data ends before its pixels do",
                  decoding->source->name));
}

static void on_error(j_common_ptr jpeg) {
  session *decoding = session_of(jpeg);
  char reason[JMSG_LENGTH_MAX];
  jpeg->err->format_message(jpeg, reason);
  switch (jpeg->err->msg_code) {
    case JERR_OUT_OF_MEMORY:
      leave(decoding, error_memory("decoding a JPEG"));
    case JERR_ARITH_NOTIMPL:
    case JERR_BAD_PRECISION:
    case JERR_COMPONENT_COUNT:
    case JERR_CONVERSION_NOTIMPL:
    case JERR_SOF_UNSUPPORTED:
      leave(decoding, error_set(CHECKROB_ERROR_UNSUPPORTED, "%s is a JPEG of a kind not supported: %s",
                                decoding->source->name, reason));
    case JERR_IMAGE_TOO_BIG:
      leave(decoding, error_set(CHECKROB_ERROR_LIMIT, "%s is too large: %s", decoding->source->name, reason));
    default:
      leave(decoding,
            error_set(CHECKROB_ERROR_BAD_INPUT, "%s is a broken JPEG: %s", decoding->source->name, reason));
  }
}

/* Warnings are tolerated, as in Pillow, except this one: the entropy-coded data ended at a marker, and the
 * rest of the image would be grey. */
static void on_message(j_common_ptr jpeg, int level) {
  if (level < 0 && jpeg->err->msg_code == JWRN_HIT_MARKER) leave_truncated(session_of(jpeg));
}

static void on_progress(j_common_ptr jpeg) {
  session *decoding = session_of(jpeg);
  const struct jpeg_decompress_struct *d = &decoding->jpeg;
  uint64_t pixels = (uint64_t)d->image_width * d->image_height;
  uint64_t allowed = SCANS_OF_LARGEST * decoding->source->limits.max_pixels / (pixels + 1);
  if (allowed > MAX_SCANS) allowed = MAX_SCANS;
  if (allowed < SCANS_OF_LARGEST) allowed = SCANS_OF_LARGEST;
  if ((uint64_t)d->input_scan_number <= allowed) return;
  leave(
      decoding,
      error_set(CHECKROB_ERROR_LIMIT,
                "%s is a JPEG with more than the limit of %d scans for %u x %u pixels; save the image again",
                decoding->source->name, (int)allowed, d->image_width, d->image_height));
}

/* The source manager. All data is in memory from the start, so a request for more means that the file is
 * truncated. (libjpeg's own jpeg_mem_src would insert an end-of-image marker and continue.) */
static void input_nothing(j_decompress_ptr jpeg) {
  (void)jpeg;
}

static boolean input_more(j_decompress_ptr jpeg) {
  leave_truncated(session_of((j_common_ptr)jpeg));
}

static void input_skip(j_decompress_ptr jpeg, long bytes) {
  if (bytes <= 0) return;
  if ((size_t)bytes > jpeg->src->bytes_in_buffer) leave_truncated(session_of((j_common_ptr)jpeg));
  jpeg->src->next_input_byte += bytes;
  jpeg->src->bytes_in_buffer -= (size_t)bytes;
}

static void session_start(session *decoding) {
  struct jpeg_decompress_struct *jpeg = &decoding->jpeg;
  jpeg_create_decompress(jpeg);
  jpeg->client_data = decoding;
  decoding->input = (struct jpeg_source_mgr){.next_input_byte = decoding->source->data,
                                             .bytes_in_buffer = decoding->source->bytes,
                                             .init_source = input_nothing,
                                             .fill_input_buffer = input_more,
                                             .skip_input_data = input_skip,
                                             .resync_to_restart = jpeg_resync_to_restart,
                                             .term_source = input_nothing};
  jpeg->src = &decoding->input;
  decoding->progress.progress_monitor = on_progress;
  jpeg->progress = &decoding->progress;
}

static void read_rows(session *decoding) {
  struct jpeg_decompress_struct *jpeg = &decoding->jpeg;
  checkrob_image *image = decoding->image;
  size_t stride = (size_t)image->width * 3;
  while (jpeg->output_scanline < jpeg->output_height) {
    JSAMPROW rows[8];
    JDIMENSION count = jpeg->output_height - jpeg->output_scanline;
    if (count > 8) count = 8;
    for (JDIMENSION i = 0; i < count; i++) rows[i] = image->pixels + (jpeg->output_scanline + i) * stride;
    jpeg_read_scanlines(jpeg, rows, count);
  }
}

/* round(a * b / 255), in the integers that Pillow uses. */
static int multiply_255(int a, int b) {
  int product = a * b + 128;
  return ((product >> 8) + product) >> 8;
}

/* Pillow treats every four-colour JPEG as Adobe's, which stores inverted inks: `inverted` is 255 minus ink.
 */
static void cmyk_to_rgb(uint8_t *rgb, const uint8_t *inverted, size_t pixels) {
  for (size_t i = 0; i < pixels; i++, rgb += 3, inverted += 4) {
    int light = inverted[3];
    for (int c = 0; c < 3; c++) {
      int value = light - multiply_255(255 - inverted[c], light);
      rgb[c] = (uint8_t)(value < 0 ? 0 : value);
    }
  }
}

static void read_cmyk_rows(session *decoding) {
  struct jpeg_decompress_struct *jpeg = &decoding->jpeg;
  checkrob_image *image = decoding->image;
  JSAMPARRAY row = jpeg->mem->alloc_sarray((j_common_ptr)jpeg, JPOOL_IMAGE, image->width * 4, 1);
  while (jpeg->output_scanline < jpeg->output_height) {
    uint8_t *rgb = image->pixels + (size_t)jpeg->output_scanline * image->width * 3;
    jpeg_read_scanlines(jpeg, row, 1);
    cmyk_to_rgb(rgb, row[0], image->width);
  }
}

/* APP1 holds EXIF data, or something else (XMP). */
static uint8_t find_orientation(const struct jpeg_decompress_struct *jpeg) {
  for (jpeg_saved_marker_ptr m = jpeg->marker_list; m; m = m->next)
    if (m->data_length >= 6 && memcmp(m->data, "Exif\0", 6) == 0)
      return (uint8_t)orientation_in_exif(m->data, m->data_length);
  return ORIENTATION_UPRIGHT;
}

static void decode(session *decoding) {
  struct jpeg_decompress_struct *jpeg = &decoding->jpeg;
  jpeg_save_markers(jpeg, JPEG_APP0 + 1, 0xFFFF);
  jpeg_read_header(jpeg, TRUE);
  if (jpeg->num_components != 1 && jpeg->num_components != 3 && jpeg->num_components != 4)
    leave(decoding, error_set(CHECKROB_ERROR_UNSUPPORTED,
                              "%s is a JPEG of %d components: only those of 1, 3 or 4 are supported",
                              decoding->source->name, jpeg->num_components));
  checkrob_status status = image_check_limits(decoding->source, jpeg->image_width, jpeg->image_height);
  if (status != CHECKROB_OK) leave(decoding, status);

  jpeg->out_color_space = jpeg->num_components == 4 ? JCS_CMYK : JCS_RGB;
  jpeg->dct_method = JDCT_ISLOW;
  jpeg->do_fancy_upsampling = TRUE;
  jpeg_start_decompress(jpeg);
  status = image_new(&decoding->image, jpeg->output_width, jpeg->output_height);
  if (status != CHECKROB_OK) leave(decoding, status);
  decoding->image->orientation = find_orientation(jpeg);
  if (jpeg->num_components == 4)
    read_cmyk_rows(decoding);
  else
    read_rows(decoding);
  /* Data after the last row is ignored, so jpeg_finish_decompress() is not called. */
}

/* Errors jump to here. The session belongs to the caller, because locals of the function that calls setjmp()
 * are not safe. */
static void try_decode(session *decoding) {
  if (setjmp(decoding->escape) != 0) return;
  session_start(decoding);
  decode(decoding);
}

checkrob_status jpeg_decode(checkrob_image **out, const image_source *source) {
  session decoding = {.source = source, .status = CHECKROB_OK};
  decoding.jpeg.err = jpeg_std_error(&decoding.errors);
  decoding.jpeg.client_data = &decoding;
  decoding.errors.error_exit = on_error;
  decoding.errors.emit_message = on_message;
  try_decode(&decoding);
  jpeg_destroy_decompress(&decoding.jpeg);
  if (decoding.status == CHECKROB_OK)
    *out = decoding.image;
  else
    checkrob_image_free(decoding.image);
  return decoding.status;
}
