// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

// Meshes up to the tiles: vertices into the camera, triangles clipped, snapped and culled.
//
// Sketch of the limit, a robot of 20 k triangles and 10 k vertices: 10 k x 60 FLOP and 320 KB for
// the vertices (under 0.1 ms), 20 k x 100 FLOP for the triangles (0.3 ms at one scalar core), of
// which most cover no pixel centre and are dropped before they are written.

#include <math.h>
#include <stddef.h>

#include <algorithm>
#include <limits>

#include "include/kernels.h"
#include "tile.h"

namespace {

constexpr int kSubpixels = 256;             // corners are snapped to 1/256 pixel
constexpr double kGuardPixels = 1 << 19;    // corners further out are clipped: edges fit 64 bits
constexpr int kPlanes = 5;                  // near, and the four sides of the guard band
constexpr int kMaximumCorners = 3 + kPlanes;

struct Corner {
  double x, y, z;  // in the camera's frame, metres
  double light;    // cosine of the lit side, >= 0
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

bool NeedsClip(const Corner& c, const kernels_camera* camera) {
  for (int plane = 0; plane < kPlanes; ++plane) {
    if (!(Inside(c, camera, plane) >= 0)) return true;
  }
  return false;
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

int64_t Area(const kernels_triangle& t) {
  return (int64_t(t.x[1]) - t.x[0]) * (int64_t(t.y[2]) - t.y[0]) -
         (int64_t(t.x[2]) - t.x[0]) * (int64_t(t.y[1]) - t.y[0]);
}

// The first and the last pixel whose centres lie between two subpixel coordinates.
void PixelRange(int32_t low, int32_t high, int32_t size, int32_t* first, int32_t* last) {
  const int32_t half = kSubpixels / 2;
  *first = std::max(0, (low - half + kSubpixels - 1) >> 8);
  *last = std::min(size - 1, (high - half) >> 8);
}

// Fills in the box of a triangle; false when it holds no pixel centre of the image.
bool FindPixels(const kernels_camera* camera, kernels_triangle* t) {
  int32_t x0, x1, y0, y1;
  PixelRange(std::min({t->x[0], t->x[1], t->x[2]}), std::max({t->x[0], t->x[1], t->x[2]}),
             camera->width, &x0, &x1);
  PixelRange(std::min({t->y[0], t->y[1], t->y[2]}), std::max({t->y[0], t->y[1], t->y[2]}),
             camera->height, &y0, &y1);
  if (x0 > x1 || y0 > y1) return false;
  const int32_t box[4] = {x0, x1, y0, y1};
  for (int side = 0; side < 4; ++side) t->pixels[side] = uint16_t(box[side]);
  return true;
}

// Snaps a corner to the grid and keeps what perspective-correct interpolation needs.
void Snap(const Corner& c, const kernels_camera* camera, kernels_triangle* t, int corner) {
  const double x =
      double(camera->focal[0]) * c.x / c.z + double(camera->principal[0]);
  const double y =
      double(camera->focal[1]) * c.y / c.z + double(camera->principal[1]);
  t->x[corner] = int32_t(floor(x * kSubpixels + 0.5));
  t->y[corner] = int32_t(floor(y * kSubpixels + 0.5));
  t->inverse_depth[corner] = float(1.0 / c.z);
  t->light[corner] = float(c.light / c.z);
}

// Whether the camera sees the side from which the corners wind counter-clockwise.
bool SeesOutside(const Corner* c, bool mirrored) {
  const double ux = c[1].x - c[0].x, uy = c[1].y - c[0].y, uz = c[1].z - c[0].z;
  const double vx = c[2].x - c[0].x, vy = c[2].y - c[0].y, vz = c[2].z - c[0].z;
  const double facing = (uy * vz - uz * vy) * c[0].x + (uz * vx - ux * vz) * c[0].y +
                        (ux * vy - uy * vx) * c[0].z;
  return (facing < 0) != mirrored;
}

int32_t WriteFan(const Polygon& polygon, const kernels_camera* camera, uint32_t placement,
                 kernels_triangle* triangles) {
  int32_t written = 0;
  for (int i = 1; i + 1 < polygon.count; ++i) {
    kernels_triangle t;
    Snap(polygon.corners[0], camera, &t, 0);
    Snap(polygon.corners[i], camera, &t, 1);
    Snap(polygon.corners[i + 1], camera, &t, 2);
    const int64_t area = Area(t);
    if (area == 0 || !FindPixels(camera, &t)) continue;
    if (area < 0) {
      // Both sides are drawn: turn the corners so that the area is positive.
      std::swap(t.x[1], t.x[2]);
      std::swap(t.y[1], t.y[2]);
      std::swap(t.inverse_depth[1], t.inverse_depth[2]);
      std::swap(t.light[1], t.light[2]);
    }
    t.placement = placement;
    t.unused = 0;
    triangles[written++] = t;
  }
  return written;
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

void RasterizeTriangle(const kernels_triangle& t, float far, int32_t tile_x, int32_t tile_y,
                       diorama::MeshTile* tile) {
  const int32_t x0 = std::max(int32_t(t.pixels[0]), tile_x);
  const int32_t x1 = std::min(int32_t(t.pixels[1]), tile_x + KERNELS_TILE - 1);
  const int32_t y0 = std::max(int32_t(t.pixels[2]), tile_y);
  const int32_t y1 = std::min(int32_t(t.pixels[3]), tile_y + KERNELS_TILE - 1);
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
    RasterizeTriangle(scene->triangles[triangles.first[i]], camera->far,
                      tile_column * KERNELS_TILE, tile_row * KERNELS_TILE, tile);
  }
}

}  // namespace diorama

extern "C" void kernels_transform_vertices(const kernels_mesh* mesh,
                                           const kernels_placement* placement,
                                           kernels_vertex* vertices) {
  const float* m = placement->camera_from_mesh;
  const float *sun = placement->sun_in_mesh, *scale = placement->reciprocal_scale;
  for (int32_t i = 0; i < mesh->vertex_count; ++i) {
    const float* p = mesh->positions + size_t(i) * 4;
    kernels_vertex out;
    for (int row = 0; row < 3; ++row) {
      const float* r = m + row * 4;
      out.point[row] = r[0] * p[0] + r[1] * p[1] + r[2] * p[2] + r[3];
    }
    out.cosine = 0;
    if (mesh->normals) {
      const float* n = mesh->normals + size_t(i) * 4;
      const float x = n[0] * scale[0], y = n[1] * scale[1], z = n[2] * scale[2];
      const float length = sqrtf(x * x + y * y + z * z);
      if (length > 0) out.cosine = (x * sun[0] + y * sun[1] + z * sun[2]) / length;
    }
    vertices[i] = out;
  }
}

extern "C" int32_t kernels_set_up_triangles(const kernels_mesh* mesh,
                                            const kernels_placement* placement,
                                            uint32_t placement_index,
                                            const kernels_vertex* vertices,
                                            const kernels_camera* camera,
                                            kernels_triangle* triangles) {
  int32_t written = 0;
  for (int32_t i = 0; i < mesh->triangle_count; ++i) {
    const uint32_t* index = mesh->indices + size_t(i) * 3;
    Polygon polygon;
    polygon.count = 3;
    bool clip = false;
    int behind = 0;
    for (int k = 0; k < 3; ++k) {
      const kernels_vertex& v = vertices[index[k]];
      polygon.corners[k] = Corner{v.point[0], v.point[1], v.point[2], v.cosine};
      clip |= NeedsClip(polygon.corners[k], camera);
      behind += v.point[2] < camera->mesh_near;
    }
    if (behind == 3) continue;
    const bool outside = SeesOutside(polygon.corners, placement->mirrored != 0);
    float flat = 0;
    if (!mesh->normals) {
      flat = FlatCosine(mesh->positions + size_t(index[0]) * 4,
                        mesh->positions + size_t(index[1]) * 4,
                        mesh->positions + size_t(index[2]) * 4, placement);
    }
    for (int k = 0; k < 3; ++k) {
      const double cosine = mesh->normals ? polygon.corners[k].light : double(flat);
      polygon.corners[k].light = std::max(0.0, outside ? cosine : -cosine);
    }
    if (clip) {
      for (int plane = 0; plane < kPlanes && polygon.count > 0; ++plane) {
        Clip(&polygon, camera, plane);
      }
    }
    written += WriteFan(polygon, camera, placement_index, triangles + written);
  }
  return written;
}
