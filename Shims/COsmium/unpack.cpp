// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

#include "unpack.h"

#include <bzlib.h>
#include <zlib.h>

#include <algorithm>
#include <stdexcept>
#include <vector>

namespace {
constexpr std::size_t kStep = 1 << 18;
// Both libraries count with 32 bits.
constexpr std::size_t kPiece = 1 << 30;

// Appends what was unpacked, and throws past the limit.
void keep(std::string &plain, const std::vector<char> &step, std::size_t unused,
          std::size_t limit) {
  const std::size_t count = step.size() - unused;
  if (count > limit - plain.size()) {
    throw std::runtime_error("more than " + std::to_string(limit) + " bytes when unpacked");
  }
  plain.append(step.data(), count);
}

struct Inflater {
  z_stream stream{};
  Inflater() {
    // 15 is the window of 32 KiB, 16 more asks for gzip.
    if (inflateInit2(&stream, 15 + 16) != Z_OK) throw std::runtime_error("no memory for gzip");
  }
  ~Inflater() { inflateEnd(&stream); }
  Inflater(const Inflater &) = delete;
  Inflater &operator=(const Inflater &) = delete;
};

struct Bunzipper {
  bz_stream stream{};
  Bunzipper() { start(); }
  ~Bunzipper() { BZ2_bzDecompressEnd(&stream); }
  Bunzipper(const Bunzipper &) = delete;
  Bunzipper &operator=(const Bunzipper &) = delete;
  void start() {
    if (BZ2_bzDecompressInit(&stream, 0, 0) != BZ_OK) {
      throw std::runtime_error("no memory for bzip2");
    }
  }
};

std::string inflated(const char *data, std::size_t count, std::size_t limit) {
  Inflater inflater;
  z_stream &stream = inflater.stream;
  std::string plain;
  std::vector<char> step(kStep);
  std::size_t given = 0;
  while (true) {
    if (stream.avail_in == 0) {
      if (given == count) throw std::runtime_error("gzip that ends early");
      const std::size_t piece = std::min(count - given, kPiece);
      stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(data + given));
      stream.avail_in = static_cast<uInt>(piece);
      given += piece;
    }
    stream.next_out = reinterpret_cast<Bytef *>(step.data());
    stream.avail_out = static_cast<uInt>(step.size());
    const int state = inflate(&stream, Z_NO_FLUSH);
    if (state != Z_OK && state != Z_STREAM_END && state != Z_BUF_ERROR) {
      throw std::runtime_error("damaged gzip");
    }
    keep(plain, step, stream.avail_out, limit);
    if (state == Z_STREAM_END) {
      if (stream.avail_in == 0 && given == count) return plain;
      if (inflateReset(&stream) != Z_OK) throw std::runtime_error("damaged gzip");
    }
  }
}

std::string bunzipped(const char *data, std::size_t count, std::size_t limit) {
  Bunzipper bunzipper;
  bz_stream &stream = bunzipper.stream;
  std::string plain;
  std::vector<char> step(kStep);
  std::size_t given = 0;
  while (true) {
    if (stream.avail_in == 0) {
      if (given == count) throw std::runtime_error("bzip2 that ends early");
      const std::size_t piece = std::min(count - given, kPiece);
      stream.next_in = const_cast<char *>(data + given);
      stream.avail_in = static_cast<unsigned>(piece);
      given += piece;
    }
    stream.next_out = step.data();
    stream.avail_out = static_cast<unsigned>(step.size());
    const int state = BZ2_bzDecompress(&stream);
    if (state != BZ_OK && state != BZ_STREAM_END) throw std::runtime_error("damaged bzip2");
    keep(plain, step, stream.avail_out, limit);
    if (state == BZ_STREAM_END) {
      if (stream.avail_in == 0 && given == count) return plain;
      const bz_stream rest = stream;
      BZ2_bzDecompressEnd(&stream);
      stream = bz_stream{};
      bunzipper.start();
      stream.next_in = rest.next_in;
      stream.avail_in = rest.avail_in;
    }
  }
}
}  // namespace

std::string unpacked(const char *data, std::size_t count, std::size_t limit) {
  const auto byte = [&](std::size_t index) { return static_cast<unsigned char>(data[index]); };
  if (count >= 2 && byte(0) == 0x1f && byte(1) == 0x8b) return inflated(data, count, limit);
  if (count >= 3 && data[0] == 'B' && data[1] == 'Z' && data[2] == 'h') {
    return bunzipped(data, count, limit);
  }
  if (count > limit) throw std::runtime_error("more than " + std::to_string(limit) + " bytes");
  return std::string(data, count);
}
