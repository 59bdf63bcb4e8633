// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Splats

extension SceneLayerDraft {
  /// The four seasons of a temperate city by rules, from spring on.
  ///
  /// For scenes that no camera saw in them: leaves turn and fall, snow lies on what faces up, grass
  /// dries, roads are wet.
  ///
  /// The meteorological seasons, which begin on the first of March, June, September and December;
  /// in the south half a year later. The base counts as early summer and is left alone in June.
  ///
  /// - Parameter isNorthern: whether winter is in January.
  /// - Returns: four layers, synthetic, without splats.
  package static func seasons(isNorthern: Bool) -> [SceneLayerDraft] {
    // In a leap year the first of March is a day later; the seasons then begin a day early.
    let starts = isNorthern ? [60, 152, 244, 335] : [244, 335, 60, 152]
    let named = [
      ("spring", springEdits), ("summer", summerEdits), ("autumn", autumnEdits),
      ("winter", winterEdits),
    ]
    return named.enumerated().map { index, season in
      SceneLayerDraft(
        name: season.0, when: .season(from: starts[index], until: starts[(index + 1) % 4]),
        edits: season.1, isSynthetic: true)
    }
  }

  private static let springEdits = [
    SceneEdit(.semanticClass(.leaves), .hue, amount: 0.45, colour: SIMD3(0.58, 0.78, 0.25)),
    SceneEdit(.semanticClass(.leaves), .thin, amount: 0.2),
    SceneEdit(.semanticClass(.grass), .hue, amount: 0.4, colour: SIMD3(0.35, 0.62, 0.18)),
    SceneEdit(.semanticClass(.shrub), .mottle, amount: 0.5, colour: SIMD3(0.85, 0.72, 0.8)),
  ]

  private static let summerEdits = [
    SceneEdit(.semanticClass(.grass), .hue, amount: 0.45, colour: SIMD3(0.72, 0.64, 0.34)),
    SceneEdit(.semanticClass(.leaves), .mottle, amount: 0.2, colour: SIMD3(0.5, 0.5, 0.15)),
  ]

  private static let wet = SIMD3(0.06, 0.07, 0.09)

  private static let autumnEdits =
    [
      SceneEdit(.semanticClass(.leaves), .mottle, amount: 1, colour: SIMD3(0.86, 0.45, 0.08)),
      SceneEdit(.semanticClass(.leaves), .thin, amount: 0.25),
      SceneEdit(.semanticClass(.shrub), .mottle, amount: 0.7, colour: SIMD3(0.7, 0.3, 0.12)),
      SceneEdit(.semanticClass(.grass), .hue, amount: 0.25, colour: SIMD3(0.6, 0.55, 0.25)),
    ]
    + [SemanticClass.ground, .road, .pavement, .railway].map {
      SceneEdit(.semanticClass($0), .paint, amount: 0.25, colour: wet)
    }

  private static let snow = SIMD3(0.93, 0.95, 0.98)

  private static let winterEdits =
    [
      SceneEdit(.semanticClass(.leaves), .thin, amount: 0.93),
      SceneEdit(.semanticClass(.leaves), .hue, amount: 0.8, colour: SIMD3(0.42, 0.33, 0.24)),
      SceneEdit(.semanticClass(.grass), .hue, amount: 0.5, colour: SIMD3(0.5, 0.47, 0.3)),
      SceneEdit(.semanticClass(.water), .cover, amount: 0.35, colour: SIMD3(0.78, 0.84, 0.88)),
    ]
    // Where people and cars go, the snow is cleared or trodden.
    + [(SemanticClass.road, 0.3), (.pavement, 0.6), (.railway, 0.7)].map {
      SceneEdit(.semanticClass($0), .cover, amount: $1, colour: snow)
    }
    + [
      SemanticClass.ground, .grass, .shrub, .wood, .evergreen, .roof, .bridge, .barrier,
      .furniture, .vehicle,
    ].map { SceneEdit(.semanticClass($0), .cover, amount: 0.92, colour: snow) }
}
