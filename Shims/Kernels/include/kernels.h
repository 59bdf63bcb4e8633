// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

// Long because the module has one header, with the types that all passes share.
// The inner loops of the rasteriser, compiled for several instruction sets and chosen at run time.
//
// Every function works on memory that the caller owns and keeps nothing. Functions that take a
// range write only what belongs to the range, so ranges may run on different threads, and what
// they write does not depend on how the whole was cut. The passes in
// `Sources/Rasterizer` call them; `Sources/Rasterizer/Reference` says the same slowly.

#ifndef DIORAMA_KERNELS_H
#define DIORAMA_KERNELS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma clang assume_nonnull begin

enum {
  /// The edge of a square tile, pixels.
  KERNELS_TILE = 16,
  /// The edge of a region, tiles.
  KERNELS_REGION = 8,
  /// Splats are stored in blocks of this many, column after column.
  KERNELS_BLOCK = 16,
  /// The columns of a block: x y z, the nine of M (column after column), log2 opacity, r g b. The
  /// covariance is M M^T.
  KERNELS_COLUMNS = 16,
  /// The most directions of the sky that have a shadow.
  KERNELS_SKY_SHADOWS = 8,
  /// The numbers of a pixel that are kept of its splats.
  KERNELS_SUMS = 5,
  /// The places in a pixel at which meshes are looked at for soft edges.
  KERNELS_MESH_SAMPLES = 4,
};

/// Packed splats, read only.
typedef struct {
  int32_t count;                        // splats; the last block is padded with opacity 0
  int32_t rest_count;                   // SH coefficients a channel above degree 0: 0, 3, 8, 15
  const float *geometry;                // [blocks x 16 x 16]
  const float *_Nullable rest;          // [blocks x 3 * rest_count x 16], RGB inner
  const uint32_t *_Nullable source_indices;  // [count] the splat's index in its cloud; null when
                                             // splats lie in its order
  const uint32_t *_Nullable instances;  // [count], or null when all are 0
  uint32_t first_index;  // what is added to the indices, so that clouds drawn together differ
  float share;  // how much is drawn, 0 to 1: 1 - (1 - a)^share of opacity a, itself where 1
} kernels_splats;

/// A camera and the rules of a rendering profile, ready for the kernels.
typedef struct {
  float rotation[9];     // camera from world, row-major
  float translation[3];  // world's origin in the camera, metres
  float eye[3];          // the camera's centre in the world, metres
  float focal[2];        // pixels
  float principal[2];    // pixels
  float minimum_slope[2];  // the range that x/z and y/z are clamped to in the Jacobian
  float maximum_slope[2];
  float near;              // a splat is kept while near <= z <= far, metres
  float far;               // of splats and of meshes
  float mesh_near;         // a mesh is cut where z = mesh_near, metres
  float maximum_alpha;          // a splat hides at most this much of what is behind it
  float minimum_transmittance;  // a splat that would leave less ends the pixel
  int32_t width;                // pixels
  int32_t height;
  int32_t square_extent;  // 1: the tiles of a splat also lie in INRIA's 3-sigma square
  int32_t antialiased;    // 1: splats are dimmed by as much as the blur widens them
  int32_t parallel;       // 1: rays go along z, and focal is pixels a metre; not by rays, no slopes
} kernels_camera;

/// A splat on the image: one cache line.
///
/// log2 alpha at the offset (dx, dy) from the mean is
/// `log2_opacity - (factor[0] * dx + factor[1] * dy)^2 - (factor[2] * dy)^2`, and the depth there
/// is `depth * (1 + s + s^2)` with `s = slope[0] * dx + slope[1] * dy`.
typedef struct {
  float mean[2];          // pixels
  float factor[3];        // roots of log2 units, 1/pixel
  float log2_opacity;     // <= 0
  float colour[3];        // display-referred sRGB, >= 0
  float depth;            // of the centre along the camera's z, metres
  float slope[2];         // how depth grows across the image, relative to `depth`, 1/pixel
  float nearest;          // no pixel's depth is less, metres
  uint32_t source_index;  // breaks ties of depth
  uint32_t instance;
  uint32_t place;         // among the packed splats
} kernels_record;

/// A box of pixels, ends included; a splat or triangle is not drawn outside of its own.
typedef struct {
  uint16_t x0, x1;
  uint16_t y0, y1;
} kernels_box;

/// The pixels that a splat may touch: its box, and the blocks of 4 x 4 pixels that its ellipse
/// touches in a window of 2 x 2 tiles that starts at the tile of the box's first pixel.
///
/// Of the window's left and right half, bit 4 * row + column: the lower 16 bits are a tile, the
/// upper 16 the tile below. A box that reaches out of the window has none: all its blocks count.
typedef struct {
  kernels_box box;
  uint32_t window[2];
} kernels_footprint;

/// A splat in the list of a tile, and the tile's blocks that it touches: bit 4 * row + column.
typedef struct {
  uint32_t record;
  uint32_t blocks;
} kernels_entry;

enum {
  /// What lies beyond the edges of a texture: the picture again, its edge, or the picture mirrored.
  KERNELS_REPEATED = 0,
  KERNELS_CLAMPED = 1,
  KERNELS_MIRRORED = 2,
};

/// A picture on a mesh, in linear light: levels of half the size each, one behind the other.
typedef struct {
  const uint32_t *_Nullable texels;       // [texels x 2] row-major, from v = 0 on: red in the low
                                          // and green in the high half, then blue and alpha; 65535
                                          // is 1. Null without a texture
  const int32_t *_Nullable first_texels;  // [level_count] the place of each level's first texel
  const float *_Nullable coordinates;     // [rows x 2] u and v of the mesh's rows
  int32_t level_count;
  int32_t width, height;                  // of the first; a level has half, rounded down, but 1
  uint32_t wrap_u, wrap_v;                // KERNELS_REPEATED and so on
  float cutoff;                           // the mesh is where alpha, between the texels of the
                                          // first level, is no less, 65535 is 1; 0: everywhere
} kernels_texture;

/// A mesh, read only, cut into clusters: triangles near each other that are set up together.
///
/// Each cluster has vertices of its own, called rows; they are stored in blocks of 16, column after
/// column, and so are the corners of its triangles. Vertices that fill up a block repeat one of the
/// cluster's, triangles that do have no area.
typedef struct {
  int32_t cluster_count;
  const float *spheres;           // [cluster_count x 4] centre and radius around a cluster
  const float *cones;             // [cluster_count x 4] axis and cutoff: what lies in the cluster
                                  // turns its outside away from e where, with d = centre - e,
                                  // d . axis > cutoff * |d| + radius
  const uint32_t *ranges;         // [cluster_count x 4] first row, rows, first corner block,
                                  // triangles
  const float *positions;         // [blocks x 3 x 16]
  const float *_Nullable normals; // [rows x 4], the last is not read; null for flat shading
  const uint8_t *corners;         // [corner blocks x 3 x 16] rows from the cluster's first on
  kernels_texture texture;
} kernels_mesh;

/// Where meshes are drawn onto: the camera's image, or one seen along parallel rays.
typedef struct {
  float reach[4];    // how far left, right, up, down a sphere of radius 1 m reaches: pixels times w
  float near;        // the least w, metres; not read for parallel rays
  float far;         // the largest depth, metres
  int32_t width;     // pixels
  int32_t height;
  int32_t parallel;  // 1: w is 1 everywhere, 0: w is the depth
} kernels_mesh_view;

/// A mesh placed in a view, and how it is lit.
typedef struct {
  const kernels_mesh *_Nullable mesh;  // never null when drawn
  float image_from_mesh[12];        // [3 x 4] row-major: x times w, y times w (pixels), depth
  float eye_in_mesh[3];             // where the rays start; the way they go when parallel, unit
  float radius_scale;               // the largest of the scale's factors
  float world_from_mesh_normal[9];  // row-major, for normals that are made unit afterwards
  float albedo[3];                  // linear; the factor on a texture
  float metallic;                   // 0...1
  float roughness;                  // 0...1, as artists see it; its square is GGX's alpha
  float specular;                   // 0...1, how much of its reflections a dielectric has
  float sky_reflection[27];         // as kernels_light.sky, for directions of reflection
  uint32_t instance;
  int32_t mirrored;   // 1 when the scale turns the mesh inside out
  int32_t one_sided;  // 1 when the inside is not drawn
  uint32_t motion;    // for rays: whose, see kernels_ray_scene
} kernels_placement;

/// A cluster that may be seen.
typedef struct {
  uint32_t placement;  // index into the frame's placements
  uint32_t cluster;    // index into the mesh's clusters
  uint32_t room;       // the most triangles that it can leave
} kernels_work;

enum {
  /// The side that is seen is the inside.
  KERNELS_INSIDE = 1,
  /// Edge functions may need more than 32 bits.
  KERNELS_WIDE = 2,
  /// A part of a triangle that was cut: its corners are not the mesh's vertices.
  KERNELS_CUT = 4,
  /// The rows are not in the mesh's order.
  KERNELS_TURNED = 8,
  /// Parts of it are not there, see kernels_texture.cutoff.
  KERNELS_CUT_OUT = 16,
};

/// A triangle on the image, its corners snapped to 1/256 pixel and ordered clockwise there.
///
/// Nearness is linear on the image and grows towards the eye: 1 / depth, or for parallel rays the
/// distance in front of the far plane.
typedef struct {
  int32_t x[3];        // 1/256 pixel
  int32_t y[3];        // 1/256 pixel
  float nearness[3];
  uint32_t row[3];     // the mesh's, in the order of the corners; unless cut, in the mesh's order
  uint32_t placement;  // index into the frame's placements
  uint32_t flags;
  uint32_t unused[2];
} kernels_triangle;

/// Where a tile's pixels go; every image is row-major, and a null one is not wanted.
typedef struct {
  uint8_t *colour;                   // [height x width x 3] sRGB
  float *alpha;                      // [height x width]
  float *_Nullable depth;            // [height x width] expected, metres; 0 where alpha < 0.5
  float *_Nullable median_depth;     // [height x width] where half the light is left, metres, or 0
  float *_Nullable first_depth;      // [height x width] where 0.9 of it is left, metres, or 0
  float *_Nullable normals;          // [height x width x 3] unit, camera frame; 0 where alpha < 0.5
  uint32_t *_Nullable instances;     // [height x width] the largest share
  float *_Nullable coverage;         // [height x width] that share
  uint32_t *_Nullable semantics;     // [height x width] the class with the largest share
  uint32_t *_Nullable owners;        // [height x width] whose the median depth is: 0 nothing's,
                                     // 1 the splats', 2 + k that of placement k
  float *_Nullable float_colour;     // [height x width x 3] before rounding
} kernels_images;

/// The light on meshes, and how it is kept away.
///
/// Light is counted by what it gives a white matt surface, linear. That of the sky is a polynomial
/// in the unit normal: red, green and blue for each of 1, x, y, z, xy, yz, z^2 - 1/3, xz and
/// x^2 - y^2.
typedef struct {
  float sky[27];
  float sun[3];            // on a surface that faces it
  float sun_direction[3];  // towards it, unit, in the world; zero without a sun
  float eye[3];            // in the world
  float world_from_pixel[9];  // row-major: from (x, y, 1), pixels, to where the depth is 1 m
  const struct kernels_shadow *_Nullable sun_shadow;   // of meshes; null without one
  const struct kernels_shadow *_Nullable splat_shadow;  // of the sun, onto meshes alone; null
                                                        // without one
  const struct kernels_shadow *_Nullable sky_shadows;  // of meshes; null when there are none
  int32_t sky_shadow_count;   // at most KERNELS_SKY_SHADOWS
  float shadow_centre[3];     // no shadow reaches further from here than the radius
  float shadow_radius;        // metres
} kernels_light;

/// How far from a plane meshes or splats lie, seen along parallel rays from a light.
typedef struct kernels_shadow {
  const float *_Nullable depths;  // never null; [size x size] metres along the rays, infinite
                                  // where nothing is
  const float *_Nullable least;   // never null; [tiles x tiles] the least depth in each of the
                                  // KERNELS_TILE x KERNELS_TILE texels of a tile
  int32_t size;                   // whole tiles
  float map_from_world[12];  // [3 x 4] row-major: x and y (texels) and depth (metres)
  float bias;                // how much deeper than the map a surface is before it is dark, metres
  float offset;              // how far from its surface a point is looked up, metres
  float direction[3];        // towards the light, unit
  float share;               // of the sky's light that comes from around there
} kernels_shadow;

/// Everything a tile needs; what is null is not there.
typedef struct {
  const kernels_record *_Nullable records;
  const kernels_footprint *_Nullable footprints;  // of the records
  const kernels_triangle *_Nullable triangles;
  const kernels_box *_Nullable triangle_boxes;
  const kernels_placement *_Nullable placements;  // null without meshes
  kernels_mesh_view mesh_view;
  float world_from_camera[9];                     // row-major
  kernels_light light;
  float background[3];
  float exposure;
  int32_t track_instances;  // 1 when some splat has an instance other than 0
  int32_t class_count;
  const uint32_t *_Nullable classes;  // [class_count] of the instances from 0 on; others have 0
} kernels_scene;

/// A part of a list of splats.
typedef struct {
  const kernels_entry *first;
  int32_t count;
} kernels_entries;

/// How often pixels and splats met.
typedef struct {
  uint64_t met;    // pixels that asked a splat for its alpha
  uint64_t added;  // those of them that the splat was added to
} kernels_meetings;

/// What one place in each pixel sees of meshes: as a scene's, of a view that is moved by as much.
typedef struct {
  const kernels_triangle *triangles;
  const kernels_box *triangle_boxes;
  const kernels_placement *placements;
  const uint32_t *list;  // of the tile's triangles
  int32_t count;
  float offset[2];       // of the place from the pixel's centre, pixels
} kernels_mesh_sample;

/// What a tile draws: its splats and the wide ones of its region, both near to far, and triangles.
typedef struct {
  kernels_entries splats;
  kernels_entries wide;
  const uint32_t *triangles;
  int32_t triangle_count;
  int32_t shadowed;  // 1 where shadows of meshes may fall on splats
  kernels_meetings *_Nullable meetings;  // counted where not null, which takes time
  float *_Nullable sums;  // [KERNELS_SUMS x 256] kept for kernels_shade_tile; null: not kept
  const kernels_mesh_sample *_Nullable samples;  // [KERNELS_MESH_SAMPLES] for soft edges of meshes
                                                 // in colour and alpha, not by rays; null for hard
} kernels_content;

/// A part of a list of triangles.
typedef struct {
  const uint32_t *first;
  int32_t count;
} kernels_list;

/// The cells that an image is cut into.
typedef struct {
  int32_t tile_columns;
  int32_t tile_count;
  int32_t region_columns;  // of KERNELS_REGION x KERNELS_REGION tiles
} kernels_grid;

/// Some of the bits of a depth, which are a radix sort's digit.
typedef struct {
  int32_t shift;  // the lowest bit
  int32_t bits;
} kernels_digit;

/// How a loss changes with the pixels of a picture, row-major; a null one is zero everywhere.
typedef struct {
  const float *_Nullable colour;  // [height x width x 3] with the colour before rounding
  const float *_Nullable alpha;   // [height x width]
  const float *_Nullable depth;   // [height x width] with the expected depth, 1/metre
} kernels_image_gradients;

/// How a loss changes with the numbers of a record, as far as the pixels of one cell see them.
typedef struct {
  float mean[2];
  float factor[3];
  float log2_opacity;
  float colour[3];
  float depth;
  float slope[2];
} kernels_record_gradient;

/// The slots of a record, one for each cell that lists it.
typedef struct {
  uint32_t first;
  uint32_t count;
} kernels_slots;

/// Where the tiles leave the gradients of the records that they list.
typedef struct {
  const kernels_entry *entries;        // the first of the lists of all cells
  const uint32_t *slot_of_entry;       // the slot of each of them
  kernels_record_gradient *gradients;  // [slots]
  uint8_t *reached;  // [slots] 1 where a gradient is; 0 before the first tile
} kernels_tile_gradients;

/// How a loss changes with a cloud's columns, in the cloud's order; see SplatCloud.
typedef struct {
  const float *rotations;  // [count x 4] the cloud's quaternions w x y z, read only
  int32_t rest_stride;     // floats a splat in `rest_gradients`
  float *position_gradients;   // [count x 4], the last is not touched
  float *scale_gradients;      // [count x 4], of the logarithms, the last is not touched
  float *rotation_gradients;   // [count x 4]
  float *opacity_gradients;    // [count], of the logits
  float *sh0_gradients;        // [count x 4], the last is not touched
  float *_Nullable rest_gradients;  // [count x rest_stride]
} kernels_cloud_gradients;

enum {
  /// The floats of scratch memory that `kernels_tile_backward` needs for an entry of its list, of
  /// which it counts the next multiple of 16.
  KERNELS_BACKWARD_SCRATCH = 56,
};

/// The name of the instruction set in use, such as "AVX3".
const char *kernels_target_name(void);

/// Forbids every instruction set above the one named, for this process from now on; returns 0 when
/// the name is unknown or the processor has not got it.
int32_t kernels_use_target(const char *name);

/// Projects the blocks [first_block, end_block) and returns how many records it wrote.
///
/// Visible splats come in the order of storage, to `records[first]` and on; each leaves its
/// footprint and its key for the sort, (depth bits << 32 | record index), at the same place.
int32_t kernels_project(const kernels_splats *splats, const kernels_camera *camera,
                        int32_t first_block, int32_t end_block, int32_t first,
                        kernels_record *records, kernels_footprint *footprints, uint64_t *keys);

/// Returns the bits in which the depth of some key in [first, end) differs from the reference's.
uint32_t kernels_differing_bits(const uint64_t *keys, int32_t first, int32_t end,
                                uint64_t reference);

/// Adds to `counts` how many of the keys [first, end) have each value of a digit of their depth.
void kernels_count_digits(const uint64_t *keys, int32_t first, int32_t end, kernels_digit digit,
                          uint32_t *counts);

/// Copies the keys [first, end) to where `places` says that those with their digit go on, in order.
void kernels_move_by_digit(const uint64_t *from, uint64_t *to, int32_t first, int32_t end,
                           kernels_digit digit, uint32_t *places);

/// Puts equal depths into the order of `source_index`, so that the order is total.
void kernels_break_ties(uint64_t *keys, int32_t count, const kernels_record *records);

/// Keeps the `budget` splats that weigh most of `count` > `budget`: those come first in `keys`, in
/// any order, the others last. A splat's weight is its opacity times its ellipse's area; of equals
/// the one that comes first in the cloud stays.
void kernels_keep_heaviest(uint64_t *keys, int32_t count, int32_t budget,
                           const kernels_record *records);

/// Brings the footprints of the splats [first, end) of an order into that order, and adds to
/// `counts` how many of them touch each cell.
///
/// The cells are the tiles, row-major, and behind them the regions of 8 x 8 tiles: a splat that
/// touches more than 64 tiles is counted in regions.
void kernels_count_splats(const kernels_footprint *footprints, const uint64_t *keys, int32_t first,
                          int32_t end, kernels_grid grid, kernels_footprint *ordered,
                          uint32_t *counts);

/// Writes the splats [first, end) of an order to the lists of their cells.
///
/// `cursors` says where each list goes on, and is advanced.
void kernels_scatter_splats(const kernels_footprint *ordered, const uint64_t *keys, int32_t first,
                            int32_t end, kernels_grid grid, uint32_t *cursors,
                            kernels_entry *lists);

/// Adds to `counts` how many of the triangles [first, end) touch each tile, row-major.
void kernels_count_triangles(const kernels_box *boxes, int32_t first, int32_t end,
                             int32_t tile_columns, uint32_t *counts);

/// Writes the indices of the triangles [first, end) to the lists of their tiles.
void kernels_scatter_triangles(const kernels_box *boxes, int32_t first, int32_t end,
                               int32_t tile_columns, uint32_t *cursors, uint32_t *lists);

/// Lists the clusters of a placed mesh that may be seen, in order; returns how many.
///
/// `work` has room for all of the mesh.
int32_t kernels_cull_clusters(const kernels_placement *placement, uint32_t placement_index,
                              const kernels_mesh_view *view, kernels_work *work);

/// Sets up the triangles of some clusters, in order; returns how many were written.
///
/// Those that may cover a pixel's centre are cut, snapped and kept; there is `room` for them.
int32_t kernels_set_up_clusters(const kernels_work *work, int32_t count,
                                const kernels_placement *placements,
                                const kernels_mesh_view *view, kernels_triangle *triangles,
                                kernels_box *boxes);

/// Draws one tile: meshes into a depth buffer, then splats front to back, then what is behind.
///
/// Splats are blended in the order of their centres' depths; whether a mesh hides one is decided
/// pixel by pixel with its depth there.
void kernels_draw_tile(const kernels_scene *scene, const kernels_camera *camera,
                       const kernels_content *content, int32_t tile_column, int32_t tile_row,
                       const kernels_images *images);

/// Multiplies and adds in registers, as fast as the core can, `rounds` times; returns how many
/// floating-point operations that were, of which a multiplication with an addition is two.
///
/// The sum, which depends on all of them, goes to `sum`.
int64_t kernels_multiply_add(int64_t rounds, float *sum);

/// Writes the colours of a tile without meshes once more where shadows fall on its splats.
///
/// `sums` is what `kernels_draw_tile` kept of it; the rest of the tile's pixels is left alone.
void kernels_shade_tile(const kernels_scene *scene, const kernels_camera *camera,
                        const float *sums, int32_t tile_column, int32_t tile_row,
                        const kernels_images *images);

/// Draws a tile of the depths of a parallel view's meshes, row-major with `stride` columns;
/// returns the least.
///
/// Only the scene's view, triangles and boxes are looked at; where no mesh is, depth is infinite.
float kernels_draw_depth(const kernels_scene *scene, const uint32_t *triangles, int32_t count,
                         int32_t tile_column, int32_t tile_row, int32_t stride, float *depths);

/// Numbers the entries of the splats [first, end) of an order by splat.
///
/// The entries of a splat get slots next to each other, `end_slot` being behind those of the last.
/// `cursors` stand where `kernels_scatter_splats` left them and are taken back to where it began.
void kernels_number_entries(const kernels_footprint *ordered, const uint64_t *keys, int32_t first,
                            int32_t end, kernels_grid grid, uint32_t end_slot, uint32_t *cursors,
                            uint32_t *slot_of_entry, kernels_slots *slots);

/// Works out how a loss changes with the records that a tile without meshes shows.
///
/// Adds to the slots of the entries that some pixel has come to, and marks them as reached: tiles
/// of a region that has wide splats follow each other on one thread. `scratch` lies on a cache
/// line.
void kernels_tile_backward(const kernels_scene *scene, const kernels_camera *camera,
                           const kernels_content *content, int32_t tile_column, int32_t tile_row,
                           const kernels_image_gradients *pixels, float *scratch,
                           const kernels_tile_gradients *out);

/// Adds to a cloud's gradients what the records [first, end) owe to the tiles.
///
/// The records are in the order of storage, and those of a block are not split between calls.
void kernels_project_backward(const kernels_splats *splats, const kernels_camera *camera,
                              const kernels_record *records, int32_t first, int32_t end,
                              const kernels_slots *slots, const kernels_tile_gradients *tiles,
                              const kernels_cloud_gradients *cloud);

#pragma clang assume_nonnull end

#ifdef __cplusplus
}
#endif
#endif
