// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

// A hostile file is answered with an exception, not with an assertion's end of the process.
#ifndef NDEBUG
#define NDEBUG
#endif

#include <expat.h>

#include <algorithm>
#include <cstring>
#include <exception>
#include <osmium/builder/osm_object_builder.hpp>
#include <stdexcept>
#include <string>
#include <utility>

#include "readers.h"

// Why not libosmium's own parser: it takes its bytes through queues from threads, and the process
// that reads strangers' files may start none. This one fills the same buffers.

namespace {
using osmium::memory::Buffer;

struct Member {
  osmium::item_type type;
  osmium::object_id_type id;
  std::string role;
};

// An object whose element is open.
struct Open {
  osmium::item_type type = osmium::item_type::undefined;
  osmium::object_id_type id = 0;
  osmium::object_version_type version = 0;
  bool is_deleted = false;
  osmium::Location location{};
  std::vector<std::pair<std::string, std::string>> tags;
  std::vector<osmium::object_id_type> nodes;
  std::vector<Member> members;
};

const char *attribute(const char **attributes, const char *name) {
  for (; attributes[0]; attributes += 2) {
    if (std::strcmp(attributes[0], name) == 0) return attributes[1];
  }
  return nullptr;
}

const char *needed(const char **attributes, const char *name) {
  const char *value = attribute(attributes, name);
  if (!value) throw std::runtime_error(std::string("an element without ") + name);
  return value;
}

osmium::item_type type_named(const char *name) {
  if (std::strcmp(name, "node") == 0) return osmium::item_type::node;
  if (std::strcmp(name, "way") == 0) return osmium::item_type::way;
  if (std::strcmp(name, "relation") == 0) return osmium::item_type::relation;
  return osmium::item_type::undefined;
}

class Reader {
 public:
  Reader() : parser_(XML_ParserCreate(nullptr)) {
    if (!parser_) throw std::bad_alloc();
    XML_SetUserData(parser_, this);
    XML_SetElementHandler(parser_, start, end);
    XML_SetEntityDeclHandler(parser_, entity);
  }
  ~Reader() { XML_ParserFree(parser_); }
  Reader(const Reader &) = delete;
  Reader &operator=(const Reader &) = delete;

  Buffers read(const char *data, std::size_t count) {
    constexpr std::size_t kPiece = 1 << 26;
    std::size_t given = 0;
    do {
      const std::size_t piece = std::min(count - given, kPiece);
      const bool is_last = given + piece == count;
      const auto state = XML_Parse(parser_, data + given, static_cast<int>(piece), is_last);
      if (failure_) std::rethrow_exception(failure_);
      if (state == XML_STATUS_ERROR) {
        throw std::runtime_error(std::string(XML_ErrorString(XML_GetErrorCode(parser_))) +
                                 " in line " + std::to_string(XML_GetCurrentLineNumber(parser_)));
      }
      given += piece;
    } while (given < count);
    Buffers buffers;
    buffers.push_back(std::move(buffer_));
    return buffers;
  }

 private:
  // Runs a handler; exceptions may not cross expat's frames.
  template <typename Handler>
  void guarded(Handler handler) noexcept {
    if (failure_) return;
    try {
      handler();
    } catch (const std::exception &error) {
      failure_ = std::make_exception_ptr(std::runtime_error(
          std::string(error.what()) + " in line " +
          std::to_string(XML_GetCurrentLineNumber(parser_))));
      XML_StopParser(parser_, XML_FALSE);
    }
  }

  static void XMLCALL start(void *self, const char *element, const char **attributes) noexcept {
    auto &reader = *static_cast<Reader *>(self);
    reader.guarded([&] { reader.start_element(element, attributes); });
  }
  static void XMLCALL end(void *self, const char *) noexcept {
    auto &reader = *static_cast<Reader *>(self);
    reader.guarded([&] { reader.end_element(); });
  }
  static void XMLCALL entity(void *self, const char *, int, const char *, int, const char *,
                             const char *, const char *, const char *) noexcept {
    auto &reader = *static_cast<Reader *>(self);
    reader.guarded([] { throw std::runtime_error("a declaration of entities"); });
  }

  void start_element(const char *element, const char **attributes) {
    if (++depth_ == 1) {
      if (std::strcmp(element, "osm") != 0) {
        throw std::runtime_error(std::string("the root element ") + element);
      }
      const char *version = needed(attributes, "version");
      if (std::strcmp(version, "0.6") != 0) {
        throw std::runtime_error(std::string("version ") + version + " of OSM XML");
      }
    } else if (depth_ == 2) {
      open_ = Open{};
      open_.type = type_named(element);
      if (open_.type != osmium::item_type::undefined) open(attributes);
    } else if (depth_ == 3 && open_.type != osmium::item_type::undefined) {
      add_child(element, attributes);
    }
  }

  void open(const char **attributes) {
    open_.id = osmium::string_to_object_id(needed(attributes, "id"));
    if (const char *version = attribute(attributes, "version")) {
      open_.version = osmium::string_to_object_version(version);
    }
    const char *action = attribute(attributes, "action");
    const char *visible = attribute(attributes, "visible");
    open_.is_deleted = (action && std::strcmp(action, "delete") == 0) ||
                       (visible && std::strcmp(visible, "false") == 0);
    if (open_.type == osmium::item_type::node && !open_.is_deleted) {
      open_.location.set_lon(needed(attributes, "lon"));
      open_.location.set_lat(needed(attributes, "lat"));
    }
  }

  void add_child(const char *element, const char **attributes) {
    if (std::strcmp(element, "tag") == 0) {
      open_.tags.emplace_back(needed(attributes, "k"), needed(attributes, "v"));
    } else if (std::strcmp(element, "nd") == 0 && open_.type == osmium::item_type::way) {
      open_.nodes.push_back(osmium::string_to_object_id(needed(attributes, "ref")));
    } else if (std::strcmp(element, "member") == 0 &&
               open_.type == osmium::item_type::relation) {
      const auto type = type_named(needed(attributes, "type"));
      if (type == osmium::item_type::undefined) throw std::runtime_error("a member of no type");
      const char *role = attribute(attributes, "role");
      open_.members.push_back(
          {type, osmium::string_to_object_id(needed(attributes, "ref")), role ? role : ""});
    }
  }

  void end_element() {
    if (depth_-- != 2 || open_.type == osmium::item_type::undefined || open_.is_deleted) return;
    if (open_.type == osmium::item_type::node) {
      osmium::builder::NodeBuilder builder{buffer_};
      builder.set_id(open_.id).set_version(open_.version).set_location(open_.location);
      put_tags(builder);
    } else if (open_.type == osmium::item_type::way) {
      osmium::builder::WayBuilder builder{buffer_};
      builder.set_id(open_.id).set_version(open_.version);
      {
        osmium::builder::WayNodeListBuilder nodes{buffer_, &builder};
        for (const auto id : open_.nodes) nodes.add_node_ref(id);
      }
      put_tags(builder);
    } else {
      osmium::builder::RelationBuilder builder{buffer_};
      builder.set_id(open_.id).set_version(open_.version);
      {
        osmium::builder::RelationMemberListBuilder members{buffer_, &builder};
        for (const auto &member : open_.members) {
          members.add_member(member.type, member.id, member.role);
        }
      }
      put_tags(builder);
    }
    buffer_.commit();
  }

  template <typename Builder>
  void put_tags(Builder &builder) {
    osmium::builder::TagListBuilder tags{buffer_, &builder};
    for (const auto &tag : open_.tags) tags.add_tag(tag.first, tag.second);
  }

  XML_Parser parser_;
  Buffer buffer_{1 << 16, Buffer::auto_grow::yes};
  Open open_;
  int depth_ = 0;
  std::exception_ptr failure_;
};
}  // namespace

Buffers read_xml(const char *data, std::size_t count) { return Reader().read(data, count); }
