// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0
#ifndef DIORAMA_CJPEG_SHIM_H
#define DIORAMA_CJPEG_SHIM_H
// Before jpeglib.h, which needs it.
#include <stdio.h>

#include <jpeglib.h>
#include <setjmp.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

// libjpeg reports errors by a function that must not return; this one function holds the setjmp
// that it jumps back to, over frames of C only. All memory that outlives it is the caller's.

// What a JPEG file holds, and room for libjpeg's message.
struct cjpeg_picture {
  uint32_t width;
  uint32_t height;
  char message[JMSG_LENGTH_MAX];
};

struct cjpeg_errors {
  struct jpeg_error_mgr standard;
  jmp_buf home;
  char *message;
};

static inline void cjpeg_fail(j_common_ptr info) {
  struct cjpeg_errors *errors = (struct cjpeg_errors *)info->err;
  errors->standard.format_message(info, errors->message);
  longjmp(errors->home, 1);
}

// Level -1 is damage that libjpeg would paint over with grey: no picture is better than that one.
static inline void cjpeg_hear(j_common_ptr info, int level) {
  if (level < 0) cjpeg_fail(info);
}

// libjpeg's last message, ended by a zero byte; Swift sees the array itself as a tuple.
static inline const char *cjpeg_message(const struct cjpeg_picture *picture) {
  return picture->message;
}

// The version of the headers: major, minor and patch version as 2001005.
static inline int cjpeg_version(void) { return LIBJPEG_TURBO_VERSION_NUMBER; }

// Reads the size of a JPEG file and, unless `samples` is null, its [height x width x 3] samples,
// sRGB. Returns 1, or 0 with a message.
static inline int cjpeg_decode(const uint8_t *bytes, size_t count, struct cjpeg_picture *picture,
                               uint8_t *_Nullable samples) {
  struct jpeg_decompress_struct info;
  struct cjpeg_errors errors;
  info.err = jpeg_std_error(&errors.standard);
  errors.standard.error_exit = cjpeg_fail;
  errors.standard.emit_message = cjpeg_hear;
  errors.message = picture->message;
  jpeg_create_decompress(&info);
  if (setjmp(errors.home)) {
    jpeg_destroy_decompress(&info);
    return 0;
  }
  jpeg_mem_src(&info, bytes, count);
  jpeg_read_header(&info, TRUE);
  picture->width = info.image_width;
  picture->height = info.image_height;
  if (samples) {
    info.out_color_space = JCS_RGB;
    jpeg_start_decompress(&info);
    while (info.output_scanline < info.output_height) {
      uint8_t *row = samples + (size_t)info.output_scanline * info.output_width * 3;
      jpeg_read_scanlines(&info, &row, 1);
    }
    jpeg_finish_decompress(&info);
  }
  jpeg_destroy_decompress(&info);
  return 1;
}

#pragma clang assume_nonnull end
#endif
