// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

// Which clusters of a mesh may be seen: the first and cheapest cut, 20 ns a cluster.

#include <math.h>
#include <stddef.h>

#include <algorithm>

#include "include/kernels.h"
#include "mesh.h"

namespace {

// A cone is held to this much more than its cutoff, so that triangles seen nearly edge-on, which
// snapping may turn around, are left to the exact test.
constexpr float kConeSlack = 0.02f;
// Room for what float arithmetic may move a corner by, relative.
constexpr double kSlack = 1e-5;

// Whether a sphere on the image may be seen; `point` is its centre in kernels_placement's image.
bool MayShow(const double* point, double radius, const kernels_mesh_view* view) {
  const double w = view->parallel ? 1 : point[2];
  if (!view->parallel && point[2] + radius < double(view->near)) return false;
  if (point[2] - radius > double(view->far)) return false;
  return point[0] + radius * view->reach[0] >= 0 &&
         view->width * w - point[0] + radius * view->reach[1] >= 0 &&
         point[1] + radius * view->reach[2] >= 0 &&
         view->height * w - point[1] + radius * view->reach[3] >= 0;
}

// Whether some of a sphere may lie before the near plane or beyond the guard band.
bool MayBeCut(const double* point, double radius, const kernels_mesh_view* view) {
  if (!view->parallel && point[2] - radius < double(view->near)) return true;
  const double w = view->parallel ? 1 : point[2] - radius;
  const double across = radius * std::max(view->reach[0], view->reach[1]);
  const double down = radius * std::max(view->reach[2], view->reach[3]);
  const double limit = double(diorama::kGuard) * w;
  return fabs(point[0]) + across > limit || fabs(point[1]) + down > limit;
}

// Whether all of a cluster's triangles show their inside.
bool TurnsAway(const float* sphere, const float* cone, const kernels_placement* placement,
               const kernels_mesh_view* view) {
  float d[3];
  for (int k = 0; k < 3; ++k) {
    d[k] = view->parallel ? placement->eye_in_mesh[k] : sphere[k] - placement->eye_in_mesh[k];
  }
  const float along = d[0] * cone[0] + d[1] * cone[1] + d[2] * cone[2];
  const float length = sqrtf(d[0] * d[0] + d[1] * d[1] + d[2] * d[2]);
  const float cutoff = cone[3] + kConeSlack;
  return along > cutoff * length + (view->parallel ? 0 : sphere[3]);
}

}  // namespace

extern "C" int32_t kernels_cull_clusters(const kernels_placement* placement,
                                         uint32_t placement_index,
                                         const kernels_mesh_view* view, kernels_work* work) {
  const kernels_mesh* mesh = placement->mesh;
  int32_t count = 0;
  for (int32_t i = 0; i < mesh->cluster_count; ++i) {
    const float* sphere = mesh->spheres + size_t(i) * 4;
    double point[3];
    for (int k = 0; k < 3; ++k) {
      const float* r = placement->image_from_mesh + k * 4;
      point[k] = double(r[0]) * sphere[0] + double(r[1]) * sphere[1] + double(r[2]) * sphere[2] +
                 double(r[3]);
    }
    const double radius =
        double(sphere[3]) * placement->radius_scale * (1 + kSlack) + fabs(point[2]) * kSlack;
    if (!MayShow(point, radius, view)) continue;
    if (placement->one_sided &&
        TurnsAway(sphere, mesh->cones + size_t(i) * 4, placement, view)) {
      continue;
    }
    const uint32_t triangles = mesh->ranges[size_t(i) * 4 + 3];
    const uint32_t room = triangles * (MayBeCut(point, radius, view) ? diorama::kMostFan : 1);
    work[count++] = kernels_work{placement_index, uint32_t(i), room};
  }
  return count;
}
