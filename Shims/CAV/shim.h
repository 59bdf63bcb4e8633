// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0
#ifndef DIORAMA_CAV_SHIM_H
#define DIORAMA_CAV_SHIM_H
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/imgutils.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>

// Swift cannot import macros that are expressions with casts or other macros' calls: these name
// them.

/// AVERROR(EAGAIN): the codec wants more input before it gives output.
static inline int cav_error_again(void) { return AVERROR(EAGAIN); }

/// AVERROR_EOF: the file or the codec has nothing more to give.
static inline int cav_error_end(void) { return AVERROR_EOF; }

/// AV_NOPTS_VALUE: a packet or frame without a time.
static inline int64_t cav_no_time(void) { return AV_NOPTS_VALUE; }

/// The conversion to RGB that is equal on every processor, without bias, and repeats a chroma
/// sample over its block: the inverse of the encoder's mean, and what training readers show.
static inline int cav_exact_scaling(void) {
  return SWS_BITEXACT | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT | SWS_POINT;
}
#endif
