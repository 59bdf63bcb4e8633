// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Geometry
import Testing

private let openCV = BrownConradyLens(k1: -0.28, k2: 0.07, p1: 0.0012, p2: -0.0008)
private let fullOpenCV = BrownConradyLens(
  k1: 0.21, k2: -0.35, p1: 0.0009, p2: 0.0004, k3: 0.11, k4: 0.52, k5: -0.31, k6: 0.15)
private let calibratedFisheye = FisheyeLens(k1: -0.013, k2: 0.021, k3: -0.016, k4: 0.0037)

private func camera(_ lens: Lens) -> Camera {
  Camera(
    width: 640, height: 480, focalLengthPixels: SIMD2(500, 480), principalPoint: SIMD2(310, 250),
    lens: lens)
}

private func angleFromAxis(_ angle: Double, azimuth: Double) -> SIMD3<Double> {
  SIMD3(angle.sine * azimuth.cosine, angle.sine * azimuth.sine, angle.cosine)
}

@Suite struct `Every lens` {
  static let lenses: [Lens] = [
    .pinhole, .brownConrady(openCV), .brownConrady(fullOpenCV),
    .brownConrady(BrownConradyLens(k1: 0.4, p1: -0.01, p2: 0.02)),
    .brownConrady(BrownConradyLens(k1: -0.4, p1: 0.004, p2: 0.003)),
    .fisheye(FisheyeLens()), .fisheye(calibratedFisheye), .equirectangular,
  ]

  @Test(arguments: lenses) func `sees at a pixel the directions that land on it`(lens: Lens) throws
  {
    let camera = camera(lens)
    var seen = 0
    for y in stride(from: -40.0, through: 520, by: 20) {
      for x in stride(from: -40.0, through: 680, by: 20) {
        guard let ray = camera.ray(through: SIMD2(x, y)) else { continue }
        seen += 1
        #expect(abs(length(ray) - 1) < 1e-15)
        let pixel = try #require(camera.project(ray * 3))
        // 1e-10 px: some hundred roundings of numbers below 1000.
        #expect(abs(pixel.x - x) < 1e-10 && abs(pixel.y - y) < 1e-10)
      }
    }
    #expect(seen > 500)
  }

  @Test(arguments: lenses) func `looks back along what it projects`(lens: Lens) throws {
    let camera = camera(lens)
    for angle in stride(from: 0.0, through: 3.1, by: 0.1) {
      for azimuth in stride(from: -3.0, through: 3.1, by: 0.5) {
        let direction = angleFromAxis(angle, azimuth: azimuth)
        guard let pixel = camera.project(direction * 7) else { continue }
        let ray = try #require(camera.ray(through: pixel))
        // 1e-13 where the pixel tells the angle well; near a fold it tells it less.
        #expect(length(ray - direction) < 1e-12)
      }
    }
  }

  @Test(arguments: lenses) func `has no place for what is no direction`(lens: Lens) {
    let camera = camera(lens)
    for bad in [Double.nan, .infinity, -.infinity] {
      #expect(camera.project(SIMD3(bad, 0, 1)) == nil)
      #expect(camera.project(SIMD3(0, bad, 1)) == nil)
      #expect(camera.ray(through: SIMD2(bad, 0)) == nil)
      #expect(camera.ray(through: SIMD2(0, bad)) == nil)
    }
    #expect(camera.project(.zero) == nil)
  }

  @Test(arguments: [
    Lens.pinhole, .brownConrady(BrownConradyLens(k1: -0.28, k2: 0.07)), .fisheye(calibratedFisheye),
    .equirectangular,
  ])
  func `can be asked for a field of view`(lens: Lens) throws {
    let camera = Camera(width: 300, height: 200, verticalFieldOfView: 1.5, lens: lens)
    let bottom = try #require(camera.ray(through: SIMD2(150, 200)))
    #expect(abs(bottom.y.arcTangent(over: bottom.z) - 0.75) < 1e-12)
  }
}

@Suite struct `Brown-Conrady lens` {
  private let lens = Lens.brownConrady(
    BrownConradyLens(k1: 0.1, p1: 0.01, p2: 0.02, k4: 0.5))

  @Test func `agrees with a calculation by hand`() throws {
    // Slopes (1, 0): radial 1.1 / 1.5, tangential p2 (r^2 + 2 x^2) = 0.06 and p1 r^2 = 0.01.
    let place = try #require(lens.place(of: SIMD3(2, 0, 2)))
    #expect(abs(place.x - (1.1 / 1.5 + 0.06)) < 1e-15)
    #expect(abs(place.y - 0.01) < 1e-15)
  }

  // python: cv2.projectPoints(points, rvec=0, tvec=0, K, coefficients), OpenCV 5.0.0, with
  // K = [[500, 0, 310], [0, 480, 250], [0, 0, 1]] and the coefficients k1 k2 p1 p2 k3 k4 k5 k6.
  static let points: [SIMD3<Double>] = [
    SIMD3(0, 0, 1), SIMD3(0.3, -0.2, 1), SIMD3(-0.7, 0.5, 1.1), SIMD3(1.2, 0.9, 2),
    SIMD3(-0.1, -0.9, 1.5), SIMD3(2, 0.4, 2.5),
  ]

  @Test func `agrees with OpenCV's projection`() throws {
    let expected: [SIMD2<Double>] = [
      SIMD2(310.0, 250.0), SIMD2(454.52144999999996, 157.54787199999998),
      SIMD2(37.057424045799166, 437.3451429919715), SIMD2(569.20553125, 437.1139825),
      SIMD2(279.65690205761314, -10.694926222222193), SIMD2(647.23281408, 315.18320398336004),
    ]
    for (point, pixel) in zip(Self.points, expected) {
      let found = try #require(camera(.brownConrady(openCV)).project(point))
      #expect(abs(found.x - pixel.x) < 1e-11 && abs(found.y - pixel.y) < 1e-11)
    }
  }

  @Test func `agrees with OpenCV's rational projection`() throws {
    let expected: [SIMD2<Double>] = [
      SIMD2(310.0, 250.0), SIMD2(454.2117858528054, 157.77725705420454),
      SIMD2(46.836908791997644, 430.8027619523114), SIMD2(562.8010312885496, 432.1787425277557),
      SIMD2(280.2452868797027, -7.553041359368706), SIMD2(635.2127575704867, 312.7028296135335),
    ]
    for (point, pixel) in zip(Self.points, expected) {
      let found = try #require(camera(.brownConrady(fullOpenCV)).project(point))
      #expect(abs(found.x - pixel.x) < 1e-11 && abs(found.y - pixel.y) < 1e-11)
    }
  }

  @Test func `ends where a barrel folds over`() {
    // d = r - r^3 / 3 grows up to r = 1, where it is 2/3.
    let barrel = BrownConradyLens(k1: -1.0 / 3)
    #expect(abs(barrel.largestSlope - 1) < 1e-12)
    let lens = Lens.brownConrady(barrel)
    #expect(lens.place(of: SIMD3(0.999, 0, 1)) != nil)
    #expect(lens.place(of: SIMD3(1.001, 0, 1)) == nil)
    #expect(lens.direction(at: SIMD2(0, 0.666)) != nil)
    #expect(lens.direction(at: SIMD2(0, 0.667)) == nil)
  }

  @Test func `ends where tangential distortion folds over`() {
    // Along x alone x + 3 p2 x^2 turns back at x = -1 / (6 p2).
    let tangential = BrownConradyLens(p2: 0.1)
    #expect(abs(tangential.largestSlope - 5.0 / 3) < 1e-12)
    let lens = Lens.brownConrady(tangential)
    #expect(lens.direction(at: SIMD2(-0.833, 0)) != nil)
    #expect(lens.direction(at: SIMD2(-0.834, 0)) == nil)
  }

  @Test func `ends before its denominator vanishes`() {
    // 1 - r^2: d = r / (1 - r^2) grows without limit, and reaches every place.
    let pole = BrownConradyLens(k4: -1)
    #expect(abs(pole.largestSlope - 1) < 1e-12)
    let lens = Lens.brownConrady(pole)
    #expect(lens.place(of: SIMD3(1.1, 0, 1)) == nil)
    #expect(lens.direction(at: SIMD2(1000, 0)) != nil)
  }

  @Test func `is a pinhole without coefficients`() {
    let straight = Lens.brownConrady(BrownConradyLens())
    for direction in [SIMD3(0.3, -2, 1), SIMD3(-100, 20, 1.5), SIMD3(0, 0, 2)] {
      #expect(straight.place(of: direction) == Lens.pinhole.place(of: direction))
    }
    #expect(straight.place(of: SIMD3(0, 0, -1)) == nil)
  }
}

@Suite struct `Fisheye lens` {
  private let equidistant = Camera(
    width: 1000, height: 1000, focalLengthPixels: SIMD2(200, 200),
    principalPoint: SIMD2(500, 500), lens: .fisheye(FisheyeLens()))

  // python: cv2.fisheye.projectPoints(points, rvec=0, tvec=0, K, coefficients), OpenCV 5.0.0, K
  // and points as above.
  @Test func `agrees with OpenCV's projection`() throws {
    let expected: [SIMD2<Double>] = [
      SIMD2(310.0, 250.0), SIMD2(453.7796185484464, 157.98104412899426),
      SIMD2(40.745536602036736, 434.6316320443177), SIMD2(566.6772566542696, 434.8076247910741),
      SIMD2(280.0823402112153, -8.488580575099661), SIMD2(644.5298868979017, 314.2297382843971),
    ]
    for (point, pixel) in zip(`Brown-Conrady lens`.points, expected) {
      let found = try #require(camera(.fisheye(calibratedFisheye)).project(point))
      #expect(abs(found.x - pixel.x) < 1e-11 && abs(found.y - pixel.y) < 1e-11)
    }
  }

  @Test(arguments: [45.0, 90, 91, 135, 179])
  func `shows a cone about its axis as a circle`(degrees: Double) throws {
    let angle = degrees.radiansFromDegrees
    for azimuth in stride(from: 0.0, to: 6.2, by: 0.1) {
      let direction = angleFromAxis(angle, azimuth: azimuth)
      let pixel = try #require(equidistant.project(direction))
      let offset = pixel - SIMD2(500, 500)
      #expect(abs((offset * offset).sum().squareRoot() - 200 * angle) < 1e-11)
      let ray = try #require(equidistant.ray(through: pixel))
      #expect(length(ray - direction) < 1e-13)
    }
  }

  @Test func `sees all but straight back`() {
    #expect(equidistant.project(SIMD3(0, 0, -1)) == nil)
    #expect(equidistant.project(SIMD3(1e-9, 0, -1)) != nil)
    // The image's corner is 707 pixels from the middle, pi radians are 628.
    #expect(equidistant.ray(through: SIMD2(0, 0)) == nil)
    #expect(equidistant.ray(through: SIMD2(500, 0)) != nil)
  }

  @Test func `ends where its polynomial turns back`() {
    // d = t - t^3 / 12 grows up to t = 2, where it is 4/3.
    let lens = FisheyeLens(k1: -1.0 / 12)
    #expect(abs(lens.largestAngle - 2) < 1e-12)
    #expect(Lens.fisheye(lens).place(of: angleFromAxis(1.999, azimuth: 1)) != nil)
    #expect(Lens.fisheye(lens).place(of: angleFromAxis(2.001, azimuth: 1)) == nil)
    #expect(Lens.fisheye(lens).direction(at: SIMD2(0, 1.3333)) != nil)
    #expect(Lens.fisheye(lens).direction(at: SIMD2(0, 1.3334)) == nil)
  }

  @Test func `may see more than half of everything`() throws {
    let wide = Camera(
      width: 480, height: 480, verticalFieldOfView: 220.0.radiansFromDegrees,
      lens: .fisheye(calibratedFisheye))
    #expect(abs(try #require(wide.verticalFieldOfView).degreesFromRadians - 220) < 1e-10)
    #expect(abs(try #require(wide.horizontalFieldOfView).degreesFromRadians - 220) < 1e-10)
  }
}

@Suite struct `Equirectangular lens` {
  private let panorama = Camera(panoramaWidth: 800, height: 400)

  @Test func `unrolls the compass`() {
    #expect(panorama.project(SIMD3(0, 0, 2)) == SIMD2(400, 200))
    #expect(panorama.project(SIMD3(3, 0, 0)) == SIMD2(600, 200))
    #expect(panorama.project(SIMD3(-3, 0, 0)) == SIMD2(200, 200))
    #expect(panorama.project(SIMD3(0, 0.5, 0)) == SIMD2(400, 400))
    #expect(panorama.project(SIMD3(0, -0.5, 0)) == SIMD2(400, 0))
  }

  @Test func `has its seam straight back`() throws {
    let right = try #require(panorama.project(SIMD3(1e-12, 0, -1)))
    let left = try #require(panorama.project(SIMD3(-1e-12, 0, -1)))
    #expect(abs(right.x - 800) < 1e-9 && abs(left.x) < 1e-9)
    #expect(panorama.project(SIMD3(0, 0, -1)) == SIMD2(800, 200))
    for x in [0.0, 800] {
      let ray = try #require(panorama.ray(through: SIMD2(x, 200)))
      #expect(length(ray - SIMD3(0, 0, -1)) < 1e-15)
      #expect(panorama.project(ray) == SIMD2(x, 200))
    }
    #expect(panorama.ray(through: SIMD2(800.1, 200)) == nil)
    #expect(panorama.ray(through: SIMD2(400, -0.1)) == nil)
  }

  @Test func `sees the whole sphere`() throws {
    #expect(abs(try #require(panorama.horizontalFieldOfView) - 2 * .pi) < 1e-14)
    #expect(abs(try #require(panorama.verticalFieldOfView) - .pi) < 1e-14)
    // The cosine of latitude is what a pixel sees of the sphere; together they see 4 pi.
    var solidAngle = 0.0
    for y in 0..<400 {
      for x in 0..<800 {
        let ray = try #require(panorama.ray(through: SIMD2(Double(x) + 0.5, Double(y) + 0.5)))
        solidAngle += (1 - ray.y * ray.y).squareRoot()
      }
    }
    solidAngle *= (2 * .pi / 800) * (.pi / 400)
    // The midpoint rule over 400 rows: an error of (pi / 400)^2 / 24 in one.
    #expect(abs(solidAngle - 4 * .pi) < 1e-4)
  }
}
