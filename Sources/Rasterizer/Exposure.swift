// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Geometry
package import Images

/// How a camera moves while one picture is taken.
package struct Exposure: Equatable, Sendable {
  /// The camera's motion.
  package var worldFromCamera: PoseSpline
  /// When the first line begins its exposure, nanoseconds of the motion.
  package var startNanoseconds: Int64
  /// When each line is exposed, and how long.
  package var shutter: Shutter
  /// The sharp pictures whose mean is the blurred one, at equal times within the exposure; at
  /// least 1, which gives no blur.
  package var partCount: Int

  /// Makes an exposure without motion blur, unless more parts are asked for.
  package init(
    worldFromCamera: PoseSpline, startNanoseconds: Int64, shutter: Shutter, partCount: Int = 1
  ) {
    precondition(partCount > 0, "a picture is made of at least one")
    self.worldFromCamera = worldFromCamera
    self.startNanoseconds = startNanoseconds
    self.shutter = shutter
    self.partCount = partCount
  }

  /// Returns the request for one sharp part of a picture; its pose is not looked at.
  ///
  /// The camera's pose is that in the middle of the readout; with a rolling shutter each line has
  /// its own besides.
  package func request(_ request: RenderRequest, part: Int) -> RenderRequest {
    var sharp = request
    // One line, read at the begin, is what a global shutter has.
    let middle = shutter.readoutNanoseconds / 2
    let time = shutter.middle(ofPart: part, of: partCount, line: 0, of: 1) + middle
    sharp.cameraFromWorld = pose(at: time)
    sharp.linePoses = nil
    guard !shutter.isGlobal else { return sharp }
    let count = shutter.readsRows ? request.camera.height : request.camera.width
    sharp.linePoses = LinePoses(
      cameraFromWorld: (0..<count).map { line in
        pose(at: shutter.middle(ofPart: part, of: partCount, line: line, of: count))
      }, areColumns: !shutter.readsRows)
    return sharp
  }

  private func pose(at time: Int64) -> RigidTransform {
    worldFromCamera.pose(at: startNanoseconds + time).inverse
  }
}

/// A picture of a camera that moves.
package struct ExposedPicture: Equatable, Sendable {
  /// The mean of the parts' light, linear.
  package var light: LinearImage
  /// The sharp part in the middle of the exposure, the later one of two, with all images asked for.
  package var sharp: Rendering
}

extension Renderer {
  /// Takes a picture while the camera moves: rolling shutter and motion blur.
  ///
  /// The request's pose is not looked at, and what it shows stands still. Cost: that of `partCount`
  /// pictures.
  package func expose(_ request: RenderRequest, during exposure: Exposure) -> ExposedPicture {
    var asked = request
    asked.outputs.insert(.floatColour)
    let count = request.camera.width * request.camera.height * 3
    var sums = [Float](repeating: 0, count: count)
    var middle: Rendering?
    for part in 0..<exposure.partCount {
      let rendering = render(exposure.request(asked, part: part))
      for index in 0..<count { sums[index] += SRGB.decode(rendering.floatColour[index]) }
      if part == exposure.partCount / 2 { middle = rendering }
    }
    guard var sharp = middle else { preconditionFailure("one part is in the middle") }
    if !request.outputs.contains(.floatColour) { sharp.floatColour = [] }
    let share = 1 / Float(exposure.partCount)
    let light = LinearImage(
      width: request.camera.width, height: request.camera.height, values: sums.map { $0 * share })
    return ExposedPicture(light: light, sharp: sharp)
  }
}
