// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Images
import Testing

@Suite struct `Image buffers` {
  @Test func `begin black, clear and without labels`() {
    #expect(RGBImage(width: 3, height: 2).bytes == [UInt8](repeating: 0, count: 18))
    #expect(ScalarImage(width: 3, height: 2, fill: 1.5).values == [Float](repeating: 1.5, count: 6))
    #expect(LabelImage(width: 3, height: 2).ids == [UInt32](repeating: 0, count: 6))
  }

  @Test func `differ when one sample or the shape differs`() {
    let image = LabelImage(width: 3, height: 2, ids: [0, 1, 2, 3, 4, 5])
    var other = image
    other.ids[4] = 9
    #expect(other != image)
    #expect(LabelImage(width: 2, height: 3, ids: image.ids) != image)
    #expect(LabelImage(width: 3, height: 2, ids: image.ids) == image)
  }
}
