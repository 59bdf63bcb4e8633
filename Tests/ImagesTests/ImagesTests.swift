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

@Suite struct `Pictures of vectors` {
  @Test func `show normals by their components`() {
    var normals = VectorImage(width: 3, height: 1)
    normals.values = [0, 0, -1, 1, 0, 0, 0, 0, 0]
    #expect(normals.normalPicture.bytes == [128, 128, 0, 255, 128, 128, 0, 0, 0])
  }

  @Test func `show where motions go and how far`() {
    var motion = VectorImage(width: 5, height: 1, componentCount: 2)
    motion.values = [4, 0, 0, 0, 2, 0, -8, 0, .nan, 1]
    #expect(motion.largestLength == 8)
    let picture = motion.motionPicture(fullPixels: 4).bytes
    // To the right is red, as far as full; half of it is half way to white.
    #expect(Array(picture[0..<6]) == [255, 0, 0, 255, 255, 255])
    #expect(Array(picture[6..<9]) == [255, 128, 128])
    // To the left, half around the wheel of 55 steps: 2.5 of the 11 from cyan to blue.
    #expect(Array(picture[9..<12]) == [0, 197, 255])
    #expect(Array(picture[12..<15]) == [255, 255, 255])
  }
}
