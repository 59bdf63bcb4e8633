// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0
#ifndef DIORAMA_CTIFF_SHIM_H
#define DIORAMA_CTIFF_SHIM_H
#include <stdint.h>
#include <string.h>
#include <tiffio.h>

// TIFFGetField takes a variable number of arguments, which Swift cannot call.

/// A number of 16 bits, or its default; 0 where there is neither.
static inline uint16_t ctiff_short(TIFF *_Nonnull file, uint32_t tag) {
  uint16_t value = 0;
  return TIFFGetFieldDefaulted(file, tag, &value) == 1 ? value : 0;
}

/// A number of 32 bits; 0 where there is none.
static inline uint32_t ctiff_long(TIFF *_Nonnull file, uint32_t tag) {
  uint32_t value = 0;
  return TIFFGetField(file, tag, &value) == 1 ? value : 0;
}

/// The values of a tag that libtiff does not know, null where there is none of that type; they
/// belong to the file.
static inline const void *_Nullable ctiff_values(
    TIFF *_Nonnull file, uint32_t tag, TIFFDataType type, uint32_t *_Nonnull count) {
  const TIFFField *field = TIFFFindField(file, tag, TIFF_ANY);
  void *values = NULL;
  *count = 0;
  // Only such tags give a count and an address.
  if (!field || TIFFFieldDataType(field) != type || !TIFFFieldPassCount(field)) return NULL;
  if (TIFFFieldReadCount(field) == TIFF_VARIABLE2) {
    return TIFFGetField(file, tag, count, &values) == 1 ? values : NULL;
  }
  uint16_t short_count = 0;
  if (TIFFFieldReadCount(field) != TIFF_VARIABLE) return NULL;
  if (TIFFGetField(file, tag, &short_count, &values) != 1) return NULL;
  *count = short_count;
  return values;
}

/// Keeps libtiff from printing.
static inline void ctiff_be_silent(void) {
  TIFFSetErrorHandler(NULL);
  TIFFSetWarningHandler(NULL);
}
#endif
