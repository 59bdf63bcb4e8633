// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

// A hostile file is answered with an exception, not with an assertion's end of the process.
#ifndef NDEBUG
#define NDEBUG
#endif

// libstdc++'s own stable_sort, which libosmium uses, calls a function that C++17 deprecates.
#pragma clang diagnostic ignored "-Wdeprecated-declarations"

#include "cosmium.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <new>
#include <osmium/area/assembler.hpp>
#include <osmium/area/multipolygon_manager.hpp>
#include <osmium/handler/node_locations_for_ways.hpp>
#include <osmium/index/map/sparse_mem_array.hpp>
#include <osmium/object_pointer_collection.hpp>
#include <osmium/osm/object_comparisons.hpp>
#include <osmium/visitor.hpp>
#include <string>
#include <unordered_map>

#include "readers.h"
#include "unpack.h"

namespace {
using Places =
    osmium::index::map::SparseMemArray<osmium::unsigned_object_id_type, osmium::Location>;
using AreaManager = osmium::area::MultipolygonManager<osmium::area::Assembler>;

// Little-endian bytes, as both processors of ours have them.
class Bytes {
 public:
  template <typename Value>
  void put(Value value) {
    const auto *start = reinterpret_cast<const char *>(&value);
    bytes_.insert(bytes_.end(), start, start + sizeof value);
  }
  void put(const char *start, std::size_t count) {
    bytes_.insert(bytes_.end(), start, start + count);
  }
  void put(const Bytes &other) {
    bytes_.insert(bytes_.end(), other.bytes_.begin(), other.bytes_.end());
  }
  const std::vector<char> &bytes() const { return bytes_; }

 private:
  std::vector<char> bytes_;
};

struct Counts {
  std::uint64_t nodes = 0, ways = 0, relations = 0;
  std::uint64_t outside = 0, missing = 0, incomplete = 0, empty = 0;
  std::uint64_t outer = 0, inner = 0;
};

// What is answered, while it grows.
class Answer {
 public:
  Counts counts;

  void add(const osmium::Node &node) {
    if (node.tags().empty() || !node.location().valid()) return;
    begin(0, node.id(), node.tags(), 1);
    ring_head(0, 1);
    point(node.location());
  }

  void add(const osmium::Way &way) {
    if (way.tags().empty()) return;
    std::uint32_t count = 0;
    for (const auto &node : way.nodes()) count += node.location().valid() ? 1 : 0;
    if (count == 0) return;
    begin(1, way.id(), way.tags(), 1);
    ring_head(0, count);
    for (const auto &node : way.nodes()) {
      if (node.location().valid()) point(node.location());
    }
  }

  void add(const osmium::Area &area) {
    const auto rings = area.num_rings();
    if (rings.first == 0) {
      counts.empty += 1;
      return;
    }
    counts.outer += rings.first;
    counts.inner += rings.second;
    if (area.tags().empty()) return;
    begin(area.from_way() ? 2 : 3, area.orig_id(), area.tags(),
          static_cast<std::uint32_t>(rings.first + rings.second));
    for (const auto &outer : area.outer_rings()) {
      ring(0, outer);
      for (const auto &inner : area.inner_rings(outer)) ring(1, inner);
    }
  }

  Bytes whole() const {
    Bytes all;
    all.put("DOSM", 4);
    for (const auto count :
         {counts.nodes, counts.ways, counts.relations, counts.outside, counts.missing,
          counts.incomplete, counts.empty, counts.outer, counts.inner}) {
      all.put(count);
    }
    all.put(static_cast<std::uint32_t>(texts_.size()));
    all.put(text_bytes_);
    all.put(object_count_);
    all.put(objects_);
    return all;
  }

 private:
  void begin(std::uint8_t kind, std::int64_t id, const osmium::TagList &tags,
             std::uint32_t ring_count) {
    constexpr std::size_t kMostTags = 65535;
    const auto tag_count = static_cast<std::size_t>(std::distance(tags.begin(), tags.end()));
    if (tag_count > kMostTags) throw std::runtime_error("an object of more than 65535 tags");
    object_count_ += 1;
    objects_.put(kind);
    objects_.put(id);
    objects_.put(static_cast<std::uint16_t>(tag_count));
    for (const auto &tag : tags) {
      objects_.put(text(tag.key()));
      objects_.put(text(tag.value()));
    }
    objects_.put(ring_count);
  }

  template <typename Ring>
  void ring(std::uint8_t role, const Ring &nodes) {
    ring_head(role, static_cast<std::uint32_t>(nodes.size()));
    for (const auto &node : nodes) point(node.location());
  }

  void ring_head(std::uint8_t role, std::uint32_t count) {
    objects_.put(role);
    objects_.put(count);
  }

  void point(const osmium::Location &place) {
    objects_.put(place.x());
    objects_.put(place.y());
  }

  std::uint32_t text(const char *text) {
    const auto known = texts_.find(text);
    if (known != texts_.end()) return known->second;
    const auto index = static_cast<std::uint32_t>(texts_.size());
    const std::size_t length = std::strlen(text);
    texts_.emplace(text, index);
    // libosmium holds no text longer than 1,024 bytes.
    text_bytes_.put(static_cast<std::uint16_t>(length));
    text_bytes_.put(text, length);
    return index;
  }

  std::unordered_map<std::string, std::uint32_t> texts_;
  Bytes text_bytes_, objects_;
  std::uint32_t object_count_ = 0;
};

// All objects in libosmium's order, of each id the newest, without what was deleted.
osmium::ObjectPointerCollection sorted(Buffers &buffers) {
  osmium::ObjectPointerCollection objects;
  for (auto &buffer : buffers) osmium::apply(buffer, objects);
  objects.sort(osmium::object_order_type_id_reverse_version{});
  objects.unique(osmium::object_equal_type_id{});
  return objects;
}

void count_missing(const osmium::Way &way, Counts &counts) {
  for (const auto &node : way.nodes()) counts.missing += node.location().valid() ? 0 : 1;
}

Bytes answer(Buffers buffers) {
  auto objects = sorted(buffers);
  Answer answer;
  AreaManager areas{osmium::area::AssemblerConfig{}};
  for (const auto &object : objects) {
    if (object.visible() && object.type() == osmium::item_type::relation) {
      answer.counts.relations += 1;
      areas.relation(static_cast<const osmium::Relation &>(object));
    }
  }
  areas.prepare_for_lookup();

  std::vector<osmium::memory::Buffer> found;
  auto &second_pass = areas.handler(
      [&](osmium::memory::Buffer &&buffer) { found.push_back(std::move(buffer)); });
  Places places, places_of_negative_ids;
  osmium::handler::NodeLocationsForWays<Places, Places> locations{places, places_of_negative_ids};
  locations.ignore_errors();
  for (auto &object : objects) {
    if (!object.visible()) continue;
    if (object.type() == osmium::item_type::node) {
      const auto &node = static_cast<const osmium::Node &>(object);
      answer.counts.nodes += 1;
      if (node.location().valid()) {
        locations.node(node);
      } else {
        answer.counts.outside += 1;
      }
      answer.add(node);
    } else if (object.type() == osmium::item_type::way) {
      auto &way = static_cast<osmium::Way &>(object);
      answer.counts.ways += 1;
      locations.way(way);
      count_missing(way, answer.counts);
      answer.add(way);
      second_pass.way(way);
    }
  }
  second_pass.flush();
  areas.for_each_incomplete_relation(
      [&](const osmium::relations::RelationHandle &) { answer.counts.incomplete += 1; });

  osmium::ObjectPointerCollection area_objects;
  for (auto &buffer : found) osmium::apply(buffer, area_objects);
  area_objects.sort(osmium::object_order_type_id_version{});
  for (const auto &area : area_objects) answer.add(static_cast<const osmium::Area &>(area));
  return answer.whole();
}

// XML begins with `<`, after a mark of its encoding and spaces; PBF with the size of its header.
bool is_xml(const std::string &plain) {
  std::size_t start = plain.compare(0, 3, "\xEF\xBB\xBF") == 0 ? 3 : 0;
  start = plain.find_first_not_of(" \t\r\n", start);
  return start != std::string::npos && plain[start] == '<';
}

bool is_packed(const char *data, std::size_t count) {
  return count >= 3 && (std::memcmp(data, "\x1f\x8b", 2) == 0 || std::memcmp(data, "BZh", 3) == 0);
}

Buffers read(const char *data, std::size_t count, std::size_t limit) {
  // The start is enough to tell, and a PBF is not copied.
  const std::string start(data, std::min<std::size_t>(count, 4096));
  if (is_packed(data, count)) {
    const std::string plain = unpacked(data, count, limit);
    if (!is_xml(plain)) throw std::runtime_error("no XML in it");
    return read_xml(plain.data(), plain.size());
  }
  if (is_xml(start)) {
    if (count > limit) throw std::runtime_error("more than " + std::to_string(limit) + " bytes");
    return read_xml(data, count);
  }
  return read_pbf(data, count);
}
}  // namespace

int cosmium_read(const uint8_t *file, size_t count, size_t plain_limit, cosmium_result *result) {
  *result = cosmium_result{};
  std::string message;
  try {
    const Bytes bytes = answer(read(reinterpret_cast<const char *>(file), count, plain_limit));
    const auto &all = bytes.bytes();
    auto *copy = static_cast<uint8_t *>(std::malloc(all.size()));
    if (!copy) throw std::bad_alloc();
    std::memcpy(copy, all.data(), all.size());
    result->bytes = copy;
    result->count = all.size();
    return 1;
  } catch (const std::bad_alloc &) {
    message = "more than the memory holds";
  } catch (const std::exception &error) {
    message = error.what();
  } catch (...) {
    message = "an unknown failure";
  }
  std::strncpy(result->message, message.c_str(), sizeof result->message - 1);
  return 0;
}

void cosmium_free(cosmium_result *result) {
  std::free(result->bytes);
  *result = cosmium_result{};
}
