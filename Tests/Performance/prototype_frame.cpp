// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

// Times whole frames of the splat prototype in ../shared/prototypes/splat-kernels, so that
// `splats.sh` can put Diorama's frames beside them. Usage: prototype_frame SCENE WIDTH HEIGHT
// THREADS FRAMES; the scene is what ../shared/peers/splat_scene.py writes. The prototype keeps its
// binning loops in a file that was not handed down; they are written here as its notes say
// (approach A: counting sort of depth-sorted records, one part a thread).

#include <csplat.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <thread>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

float* Column(size_t count) {
  void* memory = nullptr;
  if (posix_memalign(&memory, 64, count * sizeof(float)) != 0) abort();
  memset(memory, 0, count * sizeof(float));
  return static_cast<float*>(memory);
}

void Parallel(int threads, const std::function<void(int)>& body) {
  std::vector<std::thread> others;
  for (int i = 1; i < threads; ++i) others.emplace_back(body, i);
  body(0);
  for (std::thread& other : others) other.join();
}

splat_scene Load(const char* path) {
  FILE* file = fopen(path, "rb");
  int32_t n = 0;
  if (file == nullptr || fread(&n, 4, 1, file) != 1) exit(1);
  std::vector<float> raw(size_t(n) * 62);
  if (fread(raw.data(), 4, raw.size(), file) != raw.size()) exit(1);
  fclose(file);
  splat_scene s{};
  const size_t padded = (size_t(n) + 15) / 16 * 16;
  float** columns[] = {&s.x,   &s.y,   &s.z,   &s.c00, &s.c01, &s.c02, &s.c11,
                       &s.c12, &s.c22, &s.lop, &s.r,   &s.g,   &s.b};
  for (float** column : columns) *column = Column(padded);
  s.sh = Column(padded * 45);
  s.n = n;
  const float *p = raw.data(), *q = p + 3 * size_t(n), *sc = q + 4 * size_t(n);
  // The colours that follow the opacities are in the SH's first coefficients too.
  const float *o = sc + 3 * size_t(n), *sh = o + 4 * size_t(n);
  for (size_t i = 0; i < padded; ++i) {
    s.lop[i] = -100;
    s.z[i] = -1e9f;
  }
  for (size_t i = 0; i < size_t(n); ++i) {
    const float w = q[4 * i], x = q[4 * i + 1], y = q[4 * i + 2], z = q[4 * i + 3];
    const float r[3][3] = {
        {1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)},
        {2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)},
        {2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)}};
    const auto cov = [&](int a, int b) {
      float sum = 0;
      for (int k = 0; k < 3; ++k) sum += r[a][k] * sc[3 * i + k] * sc[3 * i + k] * r[b][k];
      return sum;
    };
    s.x[i] = p[3 * i];
    s.y[i] = p[3 * i + 1];
    s.z[i] = p[3 * i + 2];
    s.c00[i] = cov(0, 0);
    s.c01[i] = cov(0, 1);
    s.c02[i] = cov(0, 2);
    s.c11[i] = cov(1, 1);
    s.c12[i] = cov(1, 2);
    s.c22[i] = cov(2, 2);
    s.lop[i] = std::log2(o[i]);
    const float c0 = 0.28209479f;
    s.r[i] = 0.5f + c0 * sh[48 * i];
    s.g[i] = 0.5f + c0 * sh[48 * i + 1];
    s.b[i] = 0.5f + c0 * sh[48 * i + 2];
    for (int k = 0; k < 45; ++k) s.sh[i / 16 * 720 + k * 16 + i % 16] = sh[48 * i + 3 + k];
  }
  return s;
}

splat_camera Camera(int width, int height) {
  const float eye[3] = {0, 1.8f, -5.5f};
  float f[3] = {0, -0.8f, 6.5f};
  const float length = std::sqrt(f[1] * f[1] + f[2] * f[2]);
  f[1] /= length;
  f[2] /= length;
  const float rows[9] = {-1, 0, 0, 0, -f[2], f[1], 0, f[1], f[2]};
  splat_camera c{};
  memcpy(c.R, rows, sizeof(rows));
  for (int i = 0; i < 3; ++i) {
    c.t[i] = -(rows[3 * i] * eye[0] + rows[3 * i + 1] * eye[1] + rows[3 * i + 2] * eye[2]);
    c.eye[i] = eye[i];
  }
  c.fx = c.fy = 0.5f * float(width) / std::tan(35 * 3.14159265f / 180);
  c.cx = 0.5f * float(width);
  c.cy = 0.5f * float(height);
  c.w = width;
  c.h = height;
  c.znear = 0.05f;
  return c;
}

struct Bench {
  splat_scene scene;
  splat_camera camera;
  int threads, tile_columns, tile_count;
  size_t padded;
  float *records, *sorted, *image;
  std::vector<uint32_t> chunk_keys, keys, values, spare_keys, spare_values, counts, lists;
  std::vector<size_t> starts;
  size_t visible = 0;

  template <class Body>
  void ForTiles(size_t i, const Body& body) const {
    const float* p = sorted + i * SPLAT_STRIDE;
    const int x0 = int(std::max(0.0f, p[0] - p[9])) >> 4;
    const int x1 = int(std::min(float(camera.w - 1), p[0] + p[9])) >> 4;
    const int y0 = int(std::max(0.0f, p[1] - p[10])) >> 4;
    const int y1 = int(std::min(float(camera.h - 1), p[1] + p[10])) >> 4;
    for (int y = y0; y <= y1; ++y) {
      for (int x = x0; x <= x1; ++x) body(size_t(y) * tile_columns + x);
    }
  }

  size_t Part(int t) const { return visible * size_t(t) / size_t(threads); }

  void Project() {
    const size_t half = padded / 16 / size_t(threads) * 16;
    std::vector<size_t> found(size_t(threads), 0);
    Parallel(threads, [&](int t) {
      const size_t low = half * size_t(t), high = t == threads - 1 ? padded : low + half;
      found[size_t(t)] =
          size_t(splat_project_hwy(&scene, &camera, int(low), int(high), 1,
                                   records + low * SPLAT_STRIDE, chunk_keys.data() + low));
    });
    visible = 0;
    for (int t = 0; t < threads; ++t) {
      for (size_t i = 0; i < found[size_t(t)]; ++i, ++visible) {
        keys[visible] = chunk_keys[half * size_t(t) + i];
        values[visible] = uint32_t(half * size_t(t) + i);
      }
    }
  }

  void Bin() {
    counts.assign(size_t(threads * tile_count), 0);
    Parallel(threads, [&](int t) {
      uint32_t* count = counts.data() + t * tile_count;
      for (size_t i = Part(t); i < Part(t + 1); ++i) {
        memcpy(sorted + i * SPLAT_STRIDE, records + size_t(values[i]) * SPLAT_STRIDE,
               SPLAT_STRIDE * sizeof(float));
        ForTiles(i, [&](size_t tile) { ++count[tile]; });
      }
    });
    size_t total = 0;
    for (int tile = 0; tile < tile_count; ++tile) {
      starts[size_t(tile)] = total;
      for (int t = 0; t < threads; ++t) {
        uint32_t& cell = counts[size_t(t * tile_count + tile)];
        const uint32_t size = cell;
        cell = uint32_t(total);
        total += size;
      }
    }
    starts[size_t(tile_count)] = total;
    if (lists.size() < total) lists.resize(total);
    Parallel(threads, [&](int t) {
      uint32_t* cursor = counts.data() + t * tile_count;
      for (size_t i = Part(t); i < Part(t + 1); ++i) {
        ForTiles(i, [&](size_t tile) { lists[cursor[tile]++] = uint32_t(i); });
      }
    });
  }

  void Blend() {
    std::atomic<int> next{0};
    Parallel(threads, [&](int) {
      for (int tile = next++; tile < tile_count; tile = next++) {
        const size_t first = starts[size_t(tile)], end = starts[size_t(tile) + 1];
        splat_blend_tile_hwy3a(tile % tile_columns, tile / tile_columns, lists.data() + first,
                               int(end - first), sorted, image, camera.w, camera.h);
      }
    });
  }
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) return 2;
  Bench b;
  b.scene = Load(argv[1]);
  b.camera = Camera(atoi(argv[2]), atoi(argv[3]));
  b.threads = atoi(argv[4]);
  b.tile_columns = (b.camera.w + 15) / 16;
  b.tile_count = b.tile_columns * ((b.camera.h + 15) / 16);
  b.padded = (size_t(b.scene.n) + 15) / 16 * 16;
  b.records = Column(b.padded * SPLAT_STRIDE + 32);
  b.sorted = Column(b.padded * SPLAT_STRIDE + 32);
  b.image = Column(size_t(b.camera.w) * size_t(b.camera.h) * 4);
  for (auto* v : {&b.chunk_keys, &b.keys, &b.values, &b.spare_keys, &b.spare_values}) {
    v->resize(b.padded + 32);
  }
  b.starts.resize(size_t(b.tile_count) + 1);
  const auto ms = [](Clock::time_point from, Clock::time_point to) {
    return std::chrono::duration<double, std::milli>(to - from).count();
  };
  std::vector<double> best(5, 1e30);
  std::vector<double> totals;
  for (int frame = 0; frame < atoi(argv[5]); ++frame) {
    const auto t0 = Clock::now();
    b.Project();
    const auto t1 = Clock::now();
    splat_radix_u32_pairs(b.keys.data(), b.values.data(), b.spare_keys.data(),
                          b.spare_values.data(), b.visible);
    const auto t2 = Clock::now();
    b.Bin();
    const auto t3 = Clock::now();
    b.Blend();
    const auto t4 = Clock::now();
    const double times[5] = {ms(t0, t1), ms(t1, t2), ms(t2, t3), ms(t3, t4), ms(t0, t4)};
    for (int i = 0; i < 5; ++i) best[size_t(i)] = std::min(best[size_t(i)], times[i]);
    totals.push_back(times[4]);
  }
  std::sort(totals.begin(), totals.end());
  printf("prototype  %d threads: best %.2f median %.2f ms | project %.2f sort %.2f bin %.2f "
         "tiles %.2f | %zu visible, %zu in lists\n",
         b.threads, totals.front(), totals[totals.size() / 2], best[0], best[1], best[2], best[3],
         b.visible, b.starts.back());
}
