// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

// What is seen along a ray of its own through each pixel: any lens, any shutter.
//
// The rays stand in the view's frame, which is the camera's at the time of `kernels_camera`. Cells
// of pixels know between which planes their rays run; what lies wholly outside of one of them is
// not seen by the cell. No lens is looked at here, so none has to be: poles, seams and more than
// half a sphere are planes like all others.

#ifndef DIORAMA_RAYS_H
#define DIORAMA_RAYS_H

#include "kernels.h"

#ifdef __cplusplus
extern "C" {
#endif

#pragma clang assume_nonnull begin

enum {
  /// The cells of a cell, 4 x 4: a bundle is 16 tiles, a tile 16 blocks of 4 x 4 pixels.
  KERNELS_CELLS = 16,
};

/// Between which slopes the rays of 16 cells run, row-major.
///
/// The frame's rows are unit vectors: e1, e2 and the axis a. A ray of direction d from o has
/// u = (d . e1) / (d . a) within low_u ... high_u, and so for v and e2. The plane of low_u has the
/// normal n = e1 - low_u a, and so on, and n . o + behind >= 0: so has every point of the ray.
typedef struct {
  float frame[9];
  float low_u[KERNELS_CELLS], high_u[KERNELS_CELLS];
  float low_v[KERNELS_CELLS], high_v[KERNELS_CELLS];
  float behind[4][KERNELS_CELLS];  // of the planes low_u, high_u, low_v, high_v; metres
  uint32_t used;  // the cells with a ray, as bits
  uint32_t open;  // of those, the cells whose rays do not all lie around the axis: always seen
} kernels_ray_cells;

/// The planes around all rays of a bundle: what is within has `normal . p + behind >= 0` for each.
typedef struct {
  float normal[4][3];  // unit; zero where there is no such plane
  float behind[4];     // metres
  uint32_t used;       // 1 where there is a ray
} kernels_ray_planes;

/// The rays through the centres of an image's pixels.
typedef struct {
  /// [tiles x 4 x 256] in each tile block after block: x, y, z of the unit direction in the
  /// camera's frame, and what a metre along it adds to the depth; all 0 where a pixel sees nothing.
  const float *directions;
  /// [lines x 12] of each row or column of pixels: the rotation to the view, row-major, and the
  /// eye in the view, metres. Null when the camera stands still: the identity.
  const float *_Nullable lines;
  int32_t line_count;
  int32_t lines_are_columns;  // 1 when a line is a column
  int32_t tile_columns, tile_rows;
  int32_t bundle_columns;     // of 4 x 4 tiles
  int32_t bundle_count;
  kernels_ray_cells *bundles;        // [bundle_count] their cells are tiles
  kernels_ray_cells *tiles;          // [tile_columns x tile_rows] their cells are blocks
  kernels_ray_planes *bundle_planes; // [bundle_count]
} kernels_rays;

/// How splats are seen along rays.
typedef struct {
  float blur;             // deviation that is added to a splat's, for each metre of its depth
  int32_t axial_depth;    // 1: depth is measured along z, 0: from the eye
  int32_t moving;         // 1 when the rays have lines
} kernels_ray_rules;

/// A splat as rays see it: two cache lines beside its `kernels_record`.
///
/// Along a ray from o in the unit direction d, with w = o x d, n_k = across_k . d + axes_k . w and
/// g_k = along_k . d, log2 alpha at its largest is log2_opacity - |n|^2 / |g|^2, and that is at
/// the distance (sum g_k (depth_k - along_k . o)) / |g|^2.
///
/// With M = R diag(s) in the view's frame, divided by its largest column, along is its adjugate,
/// depth = along mu, across_k = c (mu x M_k) and axes_k = c M_k: Gauss' law in moments of lines
/// (Pluecker), which needs no inverse and loses no digits however flat or far a splat is.
typedef struct {
  float across[3][3];
  float along[3][3];
  float axes[3][3];
  float depth[3];
  float unused[2];
} kernels_ray_splat;

/// Works out the planes of the bundles [first, end) and of their tiles.
void kernels_bound_rays(const kernels_rays *rays, int32_t first, int32_t end);

/// A group of splats that lie close together: the sphere around all that is drawn of them.
typedef struct {
  float center[3];     // in the world, metres
  float half_size[3];  // of the box of the centres
  float deviation;     // the largest of a splat, metres
} kernels_ray_group;

/// Where a view of splats by rays goes: arrays that grow in step.
typedef struct {
  kernels_record *records;
  kernels_footprint *footprints;
  kernels_ray_splat *splats;
  uint64_t *keys;
} kernels_ray_output;

/// Projects a group's blocks [first_block, end_block) as `kernels_project` does, for rays.
///
/// Depth, in the records and keys, is the distance of the centre from the view's eye.
int32_t kernels_project_rays(const kernels_splats *splats, const kernels_camera *camera,
                             const kernels_rays *rays, const kernels_ray_rules *rules,
                             const kernels_ray_group *group, int32_t first_block,
                             int32_t end_block, int32_t first,
                             const kernels_ray_output *output);

/// A triangle as rays see it, in the view's frame; its rows are in `kernels_triangle`.
///
/// A ray from o in the direction d, with m = o x d, passes the edge opposite to corner k on the
/// side that `across_k . d + (to - from) . m` says (Pluecker), from being corner k + 2 and to
/// k + 1; in a mirrored mesh the other way. The three numbers are the corners' weights up to a
/// common factor: all positive where the outside is seen, all negative where the inside is.
///
/// across = from x to is worked out from the corner that comes first in the order of coordinates,
/// so that the two triangles at an edge get the same number, one of them negated.
typedef struct {
  float corners[3][3];   // in the mesh's order, metres
  float across[3][3];
  float nearest;         // no point of it has less depth; 0 when rays have lines
  uint32_t owns;         // bit k: a ray that meets the edge opposite to corner k meets the triangle
  uint32_t one_sided;    // 1 when the inside is not drawn
  uint32_t mirrored;     // 1 when from and to change places
  uint32_t placement;    // index into the frame's placements
  uint32_t motion;       // index into kernels_ray_scene.rays
  uint32_t cut_out;      // 1 when parts of it are not there, see kernels_texture.cutoff
} kernels_ray_triangle;

/// A triangle in a tile, and the blocks that it may touch: bit 4 * row + column.
typedef struct {
  uint32_t tile;
  uint32_t triangle;
  uint32_t blocks;
} kernels_ray_entry;

/// Where meshes seen by rays go: triangles in step, and the tiles that they may touch.
typedef struct {
  kernels_triangle *triangles;  // rows in the mesh's order, placement and flags are set
  kernels_ray_triangle *ray_triangles;
  kernels_ray_entry *entries;
  int32_t entry_room;
  int32_t entry_count;  // set; more than there was room for when that was too little
} kernels_ray_meshes;

/// What a view by rays shows: the rays first of what stands still, then of each mesh that moves.
///
/// A mesh that moves while the lines of an image are exposed is seen as if it stood where it is in
/// the midst, by rays that move the other way.
typedef struct {
  const kernels_rays *rays;
  const kernels_ray_splat *splats;
  const kernels_ray_triangle *triangles;
  kernels_entries entries;  // of the triangles that a tile may show
} kernels_ray_scene;

/// Sets up the triangles of some clusters that a tile may show, in order; returns how many.
///
/// `image_from_mesh` of the placements is the view's frame. `triangles` has `room` for them; their
/// places in the entries count from `first_triangle` on.
int32_t kernels_set_up_ray_clusters(const kernels_work *work, int32_t count,
                                    const kernels_placement *placements,
                                    const kernels_rays *rays, const kernels_ray_rules *rules,
                                    int32_t first_triangle, kernels_ray_meshes *output);

/// Adds to `counts` how many of some entries each tile has.
void kernels_count_ray_entries(const kernels_ray_entry *entries, int32_t count, uint32_t *counts);

/// Writes entries to the lists of their tiles, in order; `cursors` is advanced.
void kernels_scatter_ray_entries(const kernels_ray_entry *entries, int32_t count,
                                 uint32_t *cursors, kernels_entry *lists);

/// Draws one tile as `kernels_draw_tile` does, with splats and meshes set up for rays.
///
/// A splat is drawn where its largest response along the ray lies within near ... far, a mesh where
/// the ray meets it within mesh_near ... far.
void kernels_draw_tile_by_rays(const kernels_scene *scene, const kernels_camera *camera,
                               const kernels_ray_scene *seen, const kernels_content *content,
                               int32_t tile_column, int32_t tile_row,
                               const kernels_images *images);

/// Writes colours once more as `kernels_shade_tile` does.
void kernels_shade_tile_by_rays(const kernels_scene *scene, const kernels_camera *camera,
                                const kernels_rays *rays, const float *sums, int32_t tile_column,
                                int32_t tile_row, const kernels_images *images);

#pragma clang assume_nonnull end

#ifdef __cplusplus
}
#endif
#endif
