// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

// Meshes up to the tiles: vertices into the camera, triangles clipped, snapped and culled.
//
// Sketch of the limit, a robot of 20 k triangles and 10 k vertices: 10 k x 80 FLOP for the vertices
// and 20 k x 40 for areas and boxes, 1.6 MFLOP or 0.5 ms of scalar code. Seen at 256 x 256 most
// triangles cover no pixel centre; their box says so before anything else is worked out.

#include <math.h>
#include <stddef.h>

#include <algorithm>
#include <limits>

#include "include/kernels.h"
#include "tile.h"

namespace {

constexpr int kSubpixels = 256;             // corners are snapped to 1/256 pixel
constexpr double kGuardPixels = 1 << 19;    // what reaches over kLimitPixels is clipped to this
constexpr double kLimitPixels = 1 << 20;    // edge functions of corners within it fit 64 bits
constexpr int kPlanes = 5;                  // near, and the four sides of the guard band
constexpr int kMaximumCorners = 3 + kPlanes;

struct Corner {
  double x, y, z;  // in the camera's frame, metres
  double light;    // cosine to the sun on the outside, signed
};

struct Polygon {
  Corner corners[kMaximumCorners];
  int count;
};

// How far a corner lies inside a plane; all planes are linear in the corner.
double Inside(const Corner& c, const kernels_camera* camera, int plane) {
  const double x = double(camera->focal[0]) * c.x + double(camera->principal[0]) * c.z;
  const double y = double(camera->focal[1]) * c.y + double(camera->principal[1]) * c.z;
  switch (plane) {
    case 0: return c.z - double(camera->mesh_near);
    case 1: return kGuardPixels * c.z - x;
    case 2: return kGuardPixels * c.z + x;
    case 3: return kGuardPixels * c.z - y;
    default: return kGuardPixels * c.z + y;
  }
}

Corner Between(const Corner& a, const Corner& b, double t) {
  return Corner{a.x + t * (b.x - a.x), a.y + t * (b.y - a.y), a.z + t * (b.z - a.z),
                a.light + t * (b.light - a.light)};
}

// Sutherland and Hodgman's clipping against one plane.
void Clip(Polygon* polygon, const kernels_camera* camera, int plane) {
  Polygon out;
  out.count = 0;
  for (int i = 0; i < polygon->count; ++i) {
    const Corner& a = polygon->corners[i];
    const Corner& b = polygon->corners[(i + 1) % polygon->count];
    const double in_a = Inside(a, camera, plane), in_b = Inside(b, camera, plane);
    if (in_a >= 0) out.corners[out.count++] = a;
    if ((in_a >= 0) != (in_b >= 0)) {
      out.corners[out.count++] = Between(a, b, in_a / (in_a - in_b));
    }
  }
  *polygon = out;
}

// The cosine between the sun and the geometric normal, for meshes without normals.
float FlatCosine(const float* a, const float* b, const float* c,
                 const kernels_placement* placement) {
  double u[3], v[3];
  for (int i = 0; i < 3; ++i) {
    const double scale = 1.0 / double(placement->reciprocal_scale[i]);
    u[i] = (double(b[i]) - double(a[i])) * scale;
    v[i] = (double(c[i]) - double(a[i])) * scale;
  }
  const double n[3] = {u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2],
                       u[0] * v[1] - u[1] * v[0]};
  const double length = sqrt(n[0] * n[0] + n[1] * n[1] + n[2] * n[2]);
  if (!(length > 0)) return 0;
  const float* sun = placement->sun_in_mesh;
  const double cosine =
      (n[0] * double(sun[0]) + n[1] * double(sun[1]) + n[2] * double(sun[2])) / length;
  return float(placement->mirrored ? -cosine : cosine);
}

// The largest whole number that is not above the value, which fits 32 bits.
int32_t Floor(double value) {
  const int32_t whole = int32_t(value);
  return double(whole) > value ? whole - 1 : whole;
}

// Fills in where a vertex lies on the image; a corner too far off is left to be clipped.
void ProjectVertex(const kernels_camera* camera, kernels_vertex* v) {
  const double inverse = 1.0 / double(v->point[2]);
  const double x = double(camera->focal[0]) * v->point[0] * inverse + camera->principal[0];
  const double y = double(camera->focal[1]) * v->point[1] * inverse + camera->principal[1];
  const bool inside = v->point[2] >= camera->mesh_near && x <= kLimitPixels &&
                      x >= -kLimitPixels && y <= kLimitPixels && y >= -kLimitPixels;
  v->outside = inside ? 0 : 1;
  v->x = inside ? Floor(x * kSubpixels + 0.5) : 0;
  v->y = inside ? Floor(y * kSubpixels + 0.5) : 0;
  v->inverse_depth = float(inverse);
}

// The first and the last pixel whose centres lie between three subpixel coordinates.
void PixelRange(int32_t a, int32_t b, int32_t c, int32_t size, int32_t* first, int32_t* last) {
  constexpr int32_t kHalf = kSubpixels / 2;
  const int32_t low = std::min(a, std::min(b, c)), high = std::max(a, std::max(b, c));
  *first = std::max(0, (low - kHalf + kSubpixels - 1) >> 8);
  *last = std::min(size - 1, (high - kHalf) >> 8);
}

// Where triangles go, and what all of one mesh share.
struct Output {
  const kernels_camera* camera;
  uint32_t placement;
  bool mirrored;
  kernels_triangle* triangles;
  kernels_box* boxes;
  int32_t count;
};

// Writes a triangle of three projected corners unless it covers no pixel centre. `cosines` are
// those of the normals on the outside; the side that is seen is lit as if its normal faced us.
void Write(const kernels_vertex* const* corners, const float* cosines, Output* out) {
  const kernels_vertex &a = *corners[0], &b = *corners[1], &c = *corners[2];
  int32_t x0, x1, y0, y1;
  PixelRange(a.x, b.x, c.x, out->camera->width, &x0, &x1);
  PixelRange(a.y, b.y, c.y, out->camera->height, &y0, &y1);
  if (x0 > x1 || y0 > y1) return;
  const int64_t area = (int64_t(b.x) - a.x) * (int64_t(c.y) - a.y) -
                       (int64_t(c.x) - a.x) * (int64_t(b.y) - a.y);
  if (area == 0) return;
  // Corners that wind counter-clockwise have a negative area, because y points down.
  const bool outside = (area < 0) != out->mirrored;
  const int order[3] = {0, area < 0 ? 2 : 1, area < 0 ? 1 : 2};
  kernels_triangle t{};
  for (int k = 0; k < 3; ++k) {
    const kernels_vertex& v = *corners[order[k]];
    const float cosine = cosines[order[k]];
    t.x[k] = v.x;
    t.y[k] = v.y;
    t.inverse_depth[k] = v.inverse_depth;
    t.light[k] = std::max(0.0f, outside ? cosine : -cosine) * v.inverse_depth;
  }
  t.placement = out->placement;
  out->triangles[out->count] = t;
  out->boxes[out->count] = kernels_box{uint16_t(x0), uint16_t(x1), uint16_t(y0), uint16_t(y1)};
  ++out->count;
}

// Clips a triangle and writes what is left of it as a fan.
void WriteClipped(const kernels_vertex* const* corners, const float* cosines, Output* out) {
  Polygon polygon;
  polygon.count = 3;
  for (int k = 0; k < 3; ++k) {
    const float* p = corners[k]->point;
    polygon.corners[k] = Corner{p[0], p[1], p[2], cosines[k]};
  }
  for (int plane = 0; plane < kPlanes && polygon.count > 0; ++plane) {
    Clip(&polygon, out->camera, plane);
  }
  kernels_vertex projected[kMaximumCorners];
  for (int k = 0; k < polygon.count; ++k) {
    const Corner& c = polygon.corners[k];
    // A clipped corner may round to just before the plane, where it would count as outside.
    const float z = std::max(float(c.z), out->camera->mesh_near);
    projected[k] = kernels_vertex{{float(c.x), float(c.y), z}, float(c.light), 0, 0, 0, 0};
    ProjectVertex(out->camera, &projected[k]);
    if (projected[k].outside) return;
  }
  for (int k = 1; k + 1 < polygon.count; ++k) {
    const kernels_vertex* fan[3] = {&projected[0], &projected[k], &projected[k + 1]};
    const float fan_cosines[3] = {fan[0]->cosine, fan[1]->cosine, fan[2]->cosine};
    Write(fan, fan_cosines, out);
  }
}

// The edge functions of a triangle at one pixel's centre and their steps, 1/256 pixel squared.
//
// A pixel is covered when all three are positive, or zero on a top or a left edge: then a centre
// on an edge shared by two triangles belongs to exactly one of them.
struct Edges {
  int64_t value[3], step_x[3], step_y[3], bias[3];
};

Edges EdgesAt(const kernels_triangle& t, int32_t pixel_x, int32_t pixel_y) {
  const int64_t x = int64_t(pixel_x) * kSubpixels + kSubpixels / 2;
  const int64_t y = int64_t(pixel_y) * kSubpixels + kSubpixels / 2;
  Edges edges;
  for (int i = 0; i < 3; ++i) {
    const int a = (i + 1) % 3, b = (i + 2) % 3;
    const int64_t dx = int64_t(t.x[b]) - t.x[a], dy = int64_t(t.y[b]) - t.y[a];
    edges.value[i] = dx * (y - t.y[a]) - dy * (x - t.x[a]);
    edges.step_x[i] = -dy * kSubpixels;
    edges.step_y[i] = dx * kSubpixels;
    edges.bias[i] = (dy < 0 || (dy == 0 && dx > 0)) ? 0 : 1;
  }
  return edges;
}

// Depth and light at a covered pixel: both are linear on the image once divided by depth.
void Shade(const kernels_triangle& t, const int64_t* value, float far, int pixel,
           diorama::MeshTile* tile) {
  const float w0 = float(value[0]), w1 = float(value[1]), w2 = float(value[2]);
  const float inverse =
      w0 * t.inverse_depth[0] + w1 * t.inverse_depth[1] + w2 * t.inverse_depth[2];
  const float depth = (w0 + w1 + w2) / inverse;
  if (!(depth < tile->depth[pixel]) || depth > far) return;
  tile->depth[pixel] = depth;
  tile->light[pixel] = (w0 * t.light[0] + w1 * t.light[1] + w2 * t.light[2]) / inverse;
  tile->placement[pixel] = t.placement;
}

void RasterizeTriangle(const kernels_triangle& t, const kernels_box& box, float far,
                       int32_t tile_x, int32_t tile_y, diorama::MeshTile* tile) {
  const int32_t x0 = std::max(int32_t(box.x0), tile_x);
  const int32_t x1 = std::min(int32_t(box.x1), tile_x + KERNELS_TILE - 1);
  const int32_t y0 = std::max(int32_t(box.y0), tile_y);
  const int32_t y1 = std::min(int32_t(box.y1), tile_y + KERNELS_TILE - 1);
  Edges row = EdgesAt(t, x0, y0);
  for (int32_t y = y0; y <= y1; ++y) {
    int64_t value[3] = {row.value[0], row.value[1], row.value[2]};
    for (int32_t x = x0; x <= x1; ++x) {
      if (value[0] >= row.bias[0] && value[1] >= row.bias[1] && value[2] >= row.bias[2]) {
        Shade(t, value, far, diorama::TileIndex(x - tile_x, y - tile_y), tile);
      }
      for (int i = 0; i < 3; ++i) value[i] += row.step_x[i];
    }
    for (int i = 0; i < 3; ++i) row.value[i] += row.step_y[i];
  }
}

}  // namespace

namespace diorama {

void RasterizeTile(const kernels_scene* scene, const kernels_camera* camera,
                   kernels_list triangles, int32_t tile_column, int32_t tile_row,
                   MeshTile* tile) {
  std::fill_n(tile->depth, kTilePixels, std::numeric_limits<float>::infinity());
  for (int32_t i = 0; i < triangles.count; ++i) {
    const uint32_t index = triangles.first[i];
    RasterizeTriangle(scene->triangles[index], scene->triangle_boxes[index], camera->far,
                      tile_column * KERNELS_TILE, tile_row * KERNELS_TILE, tile);
  }
}

}  // namespace diorama

extern "C" void kernels_transform_vertices(const kernels_mesh* mesh,
                                           const kernels_placement* placement,
                                           const kernels_camera* camera,
                                           kernels_vertex* vertices) {
  const float* m = placement->camera_from_mesh;
  const float *sun = placement->sun_in_mesh, *scale = placement->reciprocal_scale;
  for (int32_t i = 0; i < mesh->vertex_count; ++i) {
    const float* p = mesh->positions + size_t(i) * 4;
    kernels_vertex v{};
    for (int row = 0; row < 3; ++row) {
      const float* r = m + row * 4;
      v.point[row] = r[0] * p[0] + r[1] * p[1] + r[2] * p[2] + r[3];
    }
    if (mesh->normals) {
      const float* n = mesh->normals + size_t(i) * 4;
      const float x = n[0] * scale[0], y = n[1] * scale[1], z = n[2] * scale[2];
      const float length = sqrtf(x * x + y * y + z * z);
      if (length > 0) v.cosine = (x * sun[0] + y * sun[1] + z * sun[2]) / length;
    }
    ProjectVertex(camera, &v);
    vertices[i] = v;
  }
}

extern "C" int32_t kernels_set_up_triangles(const kernels_mesh* mesh,
                                            const kernels_placement* placement,
                                            uint32_t placement_index,
                                            const kernels_vertex* vertices,
                                            const kernels_camera* camera,
                                            kernels_triangle* triangles, kernels_box* boxes) {
  Output out{camera, placement_index, placement->mirrored != 0, triangles, boxes, 0};
  for (int32_t i = 0; i < mesh->triangle_count; ++i) {
    const uint32_t* index = mesh->indices + size_t(i) * 3;
    const kernels_vertex* corners[3] = {vertices + index[0], vertices + index[1],
                                        vertices + index[2]};
    float cosines[3] = {corners[0]->cosine, corners[1]->cosine, corners[2]->cosine};
    if (!mesh->normals) {
      const float* p = mesh->positions;
      cosines[0] = cosines[1] = cosines[2] = FlatCosine(
          p + size_t(index[0]) * 4, p + size_t(index[1]) * 4, p + size_t(index[2]) * 4, placement);
    }
    if (corners[0]->outside | corners[1]->outside | corners[2]->outside) {
      WriteClipped(corners, cosines, &out);
    } else {
      Write(corners, cosines, &out);
    }
  }
  return out.count;
}
