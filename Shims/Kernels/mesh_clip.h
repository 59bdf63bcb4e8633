// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

// Triangles cut at the near plane and at the guard band, one by one and in doubles.

#ifndef DIORAMA_KERNELS_MESH_CLIP_H
#define DIORAMA_KERNELS_MESH_CLIP_H

#include <math.h>
#include <stdint.h>

#include "include/kernels.h"
#include "mesh.h"

namespace diorama {

constexpr int kPlanes = 5;  // near, and the four sides of the guard band
constexpr int kMostCorners = kMostFan + 2;
static_assert(kMostCorners == 3 + kPlanes, "each plane adds a corner");

// A corner of a polygon that is being cut, in the coordinates of Rows.image.
struct Point {
  double x, y, z;
  int32_t row;  // within the cluster, -1 for a new corner
};

// How far a point lies inside a plane; all planes are linear in the point.
inline double Inside(const Point& p, const kernels_mesh_view& view, int plane) {
  const double w = view.parallel ? 1 : p.z;
  switch (plane) {
    case 0: return view.parallel ? 1 : p.z - double(view.near);
    case 1: return double(kGuard) * w - p.x;
    case 2: return double(kGuard) * w + p.x;
    case 3: return double(kGuard) * w - p.y;
    default: return double(kGuard) * w + p.y;
  }
}

struct Polygon {
  Point points[kMostCorners];
  int count;
};

// Adds a corner; of the corners that rounding may put beyond the most that planes can make, the
// last ones are left out.
inline void Add(Point point, Polygon* polygon) {
  if (polygon->count < kMostCorners) polygon->points[polygon->count++] = point;
}

// Sutherland and Hodgman's clipping against one plane. A new corner is worked out from the inside
// to the outside, so that the two triangles at an edge get the same one.
inline void Clip(const kernels_mesh_view& view, int plane, Polygon* polygon) {
  Polygon result;
  result.count = 0;
  for (int i = 0; i < polygon->count; ++i) {
    const Point& a = polygon->points[i];
    const Point& b = polygon->points[(i + 1) % polygon->count];
    const double in_a = Inside(a, view, plane), in_b = Inside(b, view, plane);
    if (in_a >= 0) Add(a, &result);
    if ((in_a >= 0) == (in_b >= 0)) continue;
    const Point &from = in_a >= 0 ? a : b, &to = in_a >= 0 ? b : a;
    const double in = in_a >= 0 ? in_a : in_b, out = in_a >= 0 ? in_b : in_a;
    const double t = in / (in - out);
    Add(Point{from.x + t * (to.x - from.x), from.y + t * (to.y - from.y),
              from.z + t * (to.z - from.z), -1},
        &result);
  }
  *polygon = result;
}

// What is left of a polygon before all planes; nothing of one whose corners are beyond floats.
inline void ClipToAll(const kernels_mesh_view& view, Polygon* polygon) {
  for (int plane = 0; plane < kPlanes && polygon->count > 0; ++plane) {
    Clip(view, plane, polygon);
  }
  for (int i = 0; i < polygon->count; ++i) {
    const Point& p = polygon->points[i];
    const double limit = 2 * double(kGuard) * (view.parallel ? 1 : p.z);
    // NaN fits no limit either.
    if (!(fabs(p.x) <= limit && fabs(p.y) <= limit)) polygon->count = 0;
  }
}

}  // namespace diorama

#endif
