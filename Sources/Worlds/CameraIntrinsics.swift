// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Files
package import Geometry

/// A lens and its image in the words of files and of the command line, before they are judged.
package struct CameraIntrinsics: Equatable, Sendable {
  /// The names of the lenses.
  package enum LensName: String, CaseIterable, Sendable {
    /// `Lens.pinhole`.
    case pinhole
    /// `Lens.brownConrady`.
    case brownConrady = "brown-conrady"
    /// `Lens.fisheye`.
    case fisheye
    /// `Lens.equirectangular`.
    case equirectangular

    /// The coefficients in OpenCV's order.
    package var coefficients: [String] {
      switch self {
      case .pinhole, .equirectangular: []
      case .brownConrady: ["k1", "k2", "p1", "p2", "k3", "k4", "k5", "k6"]
      case .fisheye: ["k1", "k2", "k3", "k4"]
      }
    }
  }

  /// The lens.
  package var lens: LensName
  /// The coefficients that are not 0, by OpenCV's names.
  package var coefficients: [String: Double] = [:]
  /// The number of columns.
  package var width: Int
  /// The number of rows.
  package var height: Int
  /// The focal lengths, pixels (of an equirectangular lens pixels per radian); nil when the angle
  /// of view decides.
  package var focalLengthPixels: SIMD2<Double>?
  /// The principal point, pixels; nil for the middle.
  package var principalPoint: SIMD2<Double>?
  /// The full angle from top to bottom, degrees; nil for 60.
  package var verticalFieldDegrees: Double?
  /// The nearest depth that is drawn, metres.
  package var nearMetres = 0.01
  /// The farthest depth that is drawn, metres.
  package var farMetres = 1e10

  /// Makes a lens that is not distorted, over an image.
  package init(lens: LensName, width: Int, height: Int) {
    self.lens = lens
    self.width = width
    self.height = height
  }

  /// The most columns and rows.
  package static let largestSide = 16_384
  /// The angle of view where none is said, degrees.
  private static let usualFieldDegrees = 60.0
  /// Focal lengths, pixels, within which floats hold a picture.
  private static let focalRange = 1e-3...1e7
  /// Where a principal point may lie, pixels.
  private static let principalRange = -1e7...1e7
  /// Coefficients beyond are mistakes; real ones lie below a hundred.
  private static let coefficientRange = -1e6...1e6
  private static let depthRange = 1e-4...1e10

  /// Makes the camera.
  ///
  /// - Throws: `InputError` of `file`, naming the field of a camera file that is wrong.
  package func camera(file: String) throws(InputError) -> Camera {
    func wrong(_ field: String, _ found: Any, _ expected: String) -> InputError {
      InputError(file: file, field: field, found: "\(found)", expected: expected)
    }
    for (field, side) in [("width", width), ("height", height)]
    where !(1...Self.largestSide).contains(side) {
      throw wrong(field, side, "1 to \(Self.largestSide) pixels")
    }
    for (name, value) in coefficients.sorted(by: { $0.key < $1.key }) where value != 0 {
      guard lens.coefficients.contains(name) else {
        throw wrong(
          name, value,
          "0 for \(lens.rawValue), which has \(lens.coefficients.isEmpty ? "none" : "only ")"
            + lens.coefficients.joined(separator: " "))
      }
      guard Self.coefficientRange.contains(value) else {
        throw wrong(name, value, "a coefficient of at most 1e6")
      }
    }
    guard Self.depthRange.contains(nearMetres) else {
      throw wrong("near_metres", nearMetres, "a depth from 0.0001 m to 1e10 m")
    }
    guard farMetres > nearMetres, farMetres <= Self.depthRange.upperBound else {
      throw wrong("far_metres", farMetres, "a depth beyond near_metres, up to 1e10 m")
    }
    let camera = Camera(
      width: width, height: height, focalLengthPixels: try focal(wrong), principalPoint: middle,
      lens: model, near: nearMetres, far: farMetres)
    guard Self.seesSomething(camera) else {
      throw wrong(
        "lens", "a lens through which no pixel sees",
        "coefficients, focal lengths and a "
          + "principal point of a real camera")
    }
    return camera
  }

  private var middle: SIMD2<Double> {
    principalPoint ?? SIMD2(Double(width) / 2, Double(height) / 2)
  }

  private var model: Lens {
    func k(_ name: String) -> Double { coefficients[name] ?? 0 }
    switch lens {
    case .pinhole: return .pinhole
    case .equirectangular: return .equirectangular
    case .fisheye:
      return .fisheye(FisheyeLens(k1: k("k1"), k2: k("k2"), k3: k("k3"), k4: k("k4")))
    case .brownConrady:
      return .brownConrady(
        BrownConradyLens(
          k1: k("k1"), k2: k("k2"), p1: k("p1"), p2: k("p2"), k3: k("k3"), k4: k("k4"),
          k5: k("k5"), k6: k("k6")))
    }
  }

  private func focal(
    _ wrong: (String, Any, String) -> InputError
  ) throws(InputError) -> SIMD2<Double> {
    if !(Self.principalRange.contains(middle.x) && Self.principalRange.contains(middle.y)) {
      throw wrong("cx, cy", "\(middle.x), \(middle.y)", "a point within 1e7 pixels")
    }
    if let focal = focalLengthPixels {
      guard verticalFieldDegrees == nil else {
        throw wrong("vertical_fov_degrees", "an angle", "an angle or focal lengths, not both")
      }
      guard Self.focalRange.contains(focal.x), Self.focalRange.contains(focal.y) else {
        throw wrong("fx, fy", "\(focal.x), \(focal.y)", "0.001 to 1e7 pixels")
      }
      return focal
    }
    if lens == .equirectangular {
      if let degrees = verticalFieldDegrees {
        throw wrong("vertical_fov_degrees", degrees, "none: this lens sees every direction")
      }
      return SIMD2(Double(width) / (2 * .pi), Double(height) / .pi)
    }
    let degrees = verticalFieldDegrees ?? Self.usualFieldDegrees
    let half = degrees.radiansFromDegrees / 2
    // Half a degree is 2 arc minutes a row of the smallest image.
    guard degrees >= 0.01, degrees < 360,
      let edge = model.place(of: SIMD3(0, half.sine, half.cosine))?.y, edge > 0
    else {
      throw wrong(
        "vertical_fov_degrees", degrees,
        "an angle from 0.01 that the lens sees: \(lens == .fisheye ? "below 360" : "below 180")")
    }
    let focal = Double(height) / 2 / edge
    guard Self.focalRange.contains(focal) else {
      throw wrong("vertical_fov_degrees", degrees, "an angle of a real camera")
    }
    return SIMD2(focal, focal)
  }

  /// Whether any pixel sees in some direction.
  private static func seesSomething(_ camera: Camera) -> Bool {
    func sees(_ x: Int, _ y: Int) -> Bool {
      camera.ray(through: SIMD2(Double(x) + 0.5, Double(y) + 0.5)) != nil
    }
    // Fast path: nearly every camera sees through its middle.
    if sees(camera.width / 2, camera.height / 2) { return true }
    return (0..<camera.height).contains { y in (0..<camera.width).contains { sees($0, y) } }
  }
}

// MARK: - From a file

extension CameraIntrinsics {
  static let keys: Set<String> = Set(
    [
      "lens", "camera_model", "width", "w", "height", "h", "fx", "fl_x", "fy", "fl_y", "cx", "cy",
      "vertical_fov_degrees", "camera_angle_x", "near_metres", "near", "far_metres", "far",
    ] + distortionKeys)
  private static let distortionKeys = ["k1", "k2", "k3", "k4", "k5", "k6", "p1", "p2"]

  /// COLMAP's and nerfstudio's names of the lenses.
  private static let models: [String: LensName] = [
    "SIMPLE_PINHOLE": .pinhole, "PINHOLE": .pinhole, "OPENCV": .brownConrady,
    "FULL_OPENCV": .brownConrady, "OPENCV_FISHEYE": .fisheye, "EQUIRECTANGULAR": .equirectangular,
  ]

  /// Takes what an object says of the lens and the image.
  init(_ fields: JSONFields) throws(InputError) {
    func whole(_ names: [String]) throws(InputError) -> Int {
      try fields.integer(try fields.onlyName(of: names) ?? names[0], atLeast: 1)
    }
    func number(_ names: String...) throws(InputError) -> Double? {
      try fields.number(of: names, in: -Double.greatestFiniteMagnitude...(.greatestFiniteMagnitude))
    }
    self.init(
      lens: .pinhole, width: try whole(["width", "w"]), height: try whole(["height", "h"]))
    for key in Self.distortionKeys {
      if let value = try number(key), value != 0 { coefficients[key] = value }
    }
    lens = try Self.lens(fields) ?? (coefficients.isEmpty ? .pinhole : .brownConrady)
    let (focalX, focalY) = (try number("fx", "fl_x"), try number("fy", "fl_y"))
    if let x = focalX ?? focalY { focalLengthPixels = SIMD2(x, focalY ?? x) }
    if let angle = try number("camera_angle_x"), focalLengthPixels == nil {
      let half = angle / 2
      let focal = Double(width) / 2 * half.cosine / half.sine
      focalLengthPixels = SIMD2(focal, focal)
    }
    let (x, y) = (try number("cx"), try number("cy"))
    if x != nil || y != nil {
      principalPoint = SIMD2(x ?? Double(width) / 2, y ?? Double(height) / 2)
    }
    verticalFieldDegrees = try number("vertical_fov_degrees")
    if let near = try number("near_metres", "near") { nearMetres = near }
    if let far = try number("far_metres", "far") { farMetres = far }
  }

  /// The lens that is named; nil where none is.
  ///
  /// Foreign files name OPENCV also where nothing is distorted: that is a pinhole.
  private static func lens(_ fields: JSONFields) throws(InputError) -> LensName? {
    guard let key = try fields.onlyName(of: ["lens", "camera_model"]) else { return nil }
    let name = try fields.string(key)
    if let own = LensName(rawValue: name) { return own }
    guard let lens = models[name] else {
      let known = LensName.allCases.map(\.rawValue) + models.keys.sorted()
      throw fields.wrong(key, .string(name), known.joined(separator: ", "))
    }
    var isStraight = true
    for key in distortionKeys where fields[key] != nil {
      isStraight = try fields.number(key) == 0 && isStraight
    }
    return lens == .brownConrady && isStraight ? .pinhole : lens
  }
}
