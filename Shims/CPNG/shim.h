// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0
#ifndef DIORAMA_CPNG_SHIM_H
#define DIORAMA_CPNG_SHIM_H
#include <png.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>

#pragma clang assume_nonnull begin

// libpng reports errors by longjmp, which may not cross Swift frames; these two functions hold the
// setjmp. Rows are top to bottom without padding; 16-bit samples are in the machine's order. All
// memory is the caller's.

// What both directions need: the bytes, how far they are used, and room for libpng's message.
struct cpng_stream {
  uint8_t *bytes;
  size_t capacity;
  size_t offset;
  char message[96];
};

// A stream at its first byte.
static inline struct cpng_stream cpng_open(uint8_t *bytes, size_t capacity) {
  struct cpng_stream stream = {bytes, capacity, 0, {0}};
  return stream;
}

// libpng's last message, ended by a zero byte; Swift sees the array itself as a tuple.
static inline const char *cpng_message(const struct cpng_stream *stream) {
  return stream->message;
}

static inline void cpng_fail(png_structp png, png_const_charp message) {
  struct cpng_stream *stream = (struct cpng_stream *)png_get_error_ptr(png);
  strncpy(stream->message, message, sizeof stream->message - 1);
  png_longjmp(png, 1);
}

static inline void cpng_ignore(png_structp png, png_const_charp message) {
  (void)png;
  (void)message;
}

static inline void cpng_put(png_structp png, png_bytep bytes, png_size_t count) {
  struct cpng_stream *stream = (struct cpng_stream *)png_get_io_ptr(png);
  if (count > stream->capacity - stream->offset) png_error(png, "output is full");
  memcpy(stream->bytes + stream->offset, bytes, count);
  stream->offset += count;
}

static inline void cpng_flush(png_structp png) { (void)png; }

static inline void cpng_get(png_structp png, png_bytep bytes, png_size_t count) {
  struct cpng_stream *stream = (struct cpng_stream *)png_get_io_ptr(png);
  if (count > stream->capacity - stream->offset) png_error(png, "file ends early");
  memcpy(bytes, stream->bytes + stream->offset, count);
  stream->offset += count;
}

// The form of an image, in the PNG specification's numbers.
struct cpng_layout {
  uint32_t width;
  uint32_t height;
  int bit_depth;   // 8 or 16
  int color_type;  // PNG_COLOR_TYPE_GRAY or PNG_COLOR_TYPE_RGB
};

// How hard to compress: zlib's level 1...9 and strategy, and one of libpng's PNG_FILTER_ masks.
struct cpng_effort {
  int level;
  int strategy;
  int filters;
};

// Writes a PNG file into stream->bytes; stream->offset is its size. Returns 1, or 0 with a message.
static inline int cpng_encode(
    struct cpng_stream *stream, struct cpng_layout layout, struct cpng_effort effort,
    const uint8_t *samples) {
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, stream, cpng_fail, cpng_ignore);
  if (!png) return 0;
  png_infop header = png_create_info_struct(png);
  const size_t channels = layout.color_type == PNG_COLOR_TYPE_RGB ? 3 : 1;
  const size_t stride = (size_t)layout.width * channels * (size_t)layout.bit_depth / 8;
  if (!header || setjmp(png_jmpbuf(png))) {
    png_destroy_write_struct(&png, &header);
    return 0;
  }
  png_set_write_fn(png, stream, cpng_put, cpng_flush);
  png_set_compression_level(png, effort.level);
  png_set_compression_strategy(png, effort.strategy);
  png_set_filter(png, PNG_FILTER_TYPE_BASE, effort.filters);
  png_set_IHDR(
      png, header, layout.width, layout.height, layout.bit_depth, layout.color_type,
      PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_write_info(png, header);
  if (layout.bit_depth == 16 && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__) png_set_swap(png);
  for (uint32_t row = 0; row < layout.height; ++row) png_write_row(png, samples + row * stride);
  png_write_end(png, NULL);
  png_destroy_write_struct(&png, &header);
  return 1;
}

// Reads the PNG file in stream->bytes, whose header is known to be `layout`, into samples.
// Returns 1, or 0 with a message.
static inline int cpng_decode(
    struct cpng_stream *stream, struct cpng_layout layout, uint8_t *samples) {
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, stream, cpng_fail, cpng_ignore);
  if (!png) return 0;
  png_infop header = png_create_info_struct(png);
  const size_t channels = layout.color_type == PNG_COLOR_TYPE_RGB ? 3 : 1;
  const size_t stride = (size_t)layout.width * channels * (size_t)layout.bit_depth / 8;
  if (!header || setjmp(png_jmpbuf(png))) {
    png_destroy_read_struct(&png, &header, NULL);
    return 0;
  }
  png_set_read_fn(png, stream, cpng_get);
  png_read_info(png, header);
  if (layout.bit_depth == 16 && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__) png_set_swap(png);
  const int passes = png_set_interlace_handling(png);
  png_read_update_info(png, header);
  if (png_get_rowbytes(png, header) != stride) png_error(png, "unexpected row size");
  for (int pass = 0; pass < passes; ++pass) {
    for (uint32_t row = 0; row < layout.height; ++row) {
      png_read_row(png, samples + row * stride, NULL);
    }
  }
  png_read_end(png, NULL);
  png_destroy_read_struct(&png, &header, NULL);
  return 1;
}

#pragma clang assume_nonnull end
#endif
