// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

// A hostile file is answered with an exception, not with an assertion's end of the process.
#ifndef NDEBUG
#define NDEBUG
#endif

#include <osmium/io/detail/pbf_decoder.hpp>
#include <string>

#include "readers.h"

namespace {
namespace detail = osmium::io::detail;

// A part of the file, and which.
class Frames {
 public:
  Frames(const char *data, std::size_t count) : data_(data), left_(count) {}

  // The next blob of a kind that is read, or false at the end; kinds unknown are passed over, as
  // the format demands.
  bool next(std::string &type, std::string &blob) {
    while (left_ > 0) {
      const std::string header = take(header_size());
      protozero::pbf_message<detail::FileFormat::BlobHeader> message{header};
      type.clear();
      std::int64_t size = -1;
      while (message.next()) {
        if (message.tag() == detail::FileFormat::BlobHeader::required_string_type) {
          type = message.get_string();
        } else if (message.tag() == detail::FileFormat::BlobHeader::required_int32_datasize) {
          size = message.get_int32();
        } else {
          message.skip();
        }
      }
      if (size < 0 || static_cast<std::uint64_t>(size) > detail::max_uncompressed_blob_size) {
        throw osmium::pbf_error{"a blob of " + std::to_string(size) + " bytes"};
      }
      blob = take(static_cast<std::size_t>(size));
      if (type == "OSMHeader" || type == "OSMData") return true;
    }
    return false;
  }

 private:
  std::size_t header_size() {
    const std::string bytes = take(4);
    std::size_t size = 0;
    for (const char byte : bytes) size = size << 8 | static_cast<unsigned char>(byte);
    if (size > static_cast<std::size_t>(detail::max_blob_header_size)) {
      throw osmium::pbf_error{"a blob header of " + std::to_string(size) + " bytes"};
    }
    return size;
  }

  std::string take(std::size_t count) {
    if (count > left_) {
      throw osmium::pbf_error{"an end after " + std::to_string(left_) + " of " +
                              std::to_string(count) + " bytes"};
    }
    const std::string part(data_, count);
    data_ += count;
    left_ -= count;
    return part;
  }

  const char *data_;
  std::size_t left_;
};
}  // namespace

Buffers read_pbf(const char *data, std::size_t count) {
  Frames frames(data, count);
  Buffers buffers;
  std::string type, blob;
  bool has_header = false;
  while (frames.next(type, blob)) {
    if (type == "OSMHeader") {
      // Throws for features that this reader does not know.
      detail::decode_header(blob);
      has_header = true;
      continue;
    }
    if (!has_header) throw osmium::pbf_error{"data before the header"};
    detail::PBFDataBlobDecoder decoder{std::move(blob), osmium::osm_entity_bits::nwr,
                                       osmium::io::read_meta::yes};
    osmium::memory::Buffer buffer = decoder();
    // A buffer that was too small holds those that were full before it.
    while (buffer.has_nested_buffers()) buffers.push_back(std::move(*buffer.get_last_nested()));
    buffers.push_back(std::move(buffer));
  }
  if (!has_header) throw osmium::pbf_error{"no header"};
  return buffers;
}
