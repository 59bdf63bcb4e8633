// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Geometry
import Images
import Meshes
import Physics
import Rasterizer
import Splats
import Testing
import Worlds

@testable import Simulation

@Suite struct `The catalogue` {
  @Test func `has a body for every word of the world file`() {
    #expect(ObjectShape.allCases.map(\.rawValue) == WorldSchema.objectShapes)
    #expect(PlaceShape.allCases.map(\.rawValue) == WorldSchema.placeShapes)
  }
}

@Suite struct `A robot's file` {
  private func world(asset: String) throws -> World {
    let text =
      try #require(BuiltInWorlds.text(named: "tabletop"))
      .replacing("asset: so101", with: "asset: \(asset)")
    return try WorldReader.world(from: text, file: "tabletop.yaml", environment: [:])
  }

  @Test func `is opened only for robots that have a teacher`() throws {
    let world = try world(asset: "panda")
    #expect {
      _ = try RobotFile.open(for: world, file: "panda.xml").self
    } throws: {
      "\($0)".hasPrefix(
        "tabletop.yaml: line 15: robots[0].asset: found “panda”, expected so101")
    }
  }

  @Test func `that is missing is named`() throws {
    let world = try world(asset: "so101")
    #expect {
      _ = try RobotFile.open(for: world, file: "/none/so101.xml").self
    } throws: {
      "\($0)".contains("/none/so101.xml")
    }
  }
}

@Suite(.enabled(if: FetchedRobot.isExpected, "\(FetchedRobot.reason)"))
struct `A stage` {
  private let world: World
  /// A spot on the table that the arm does not reach over.
  private static let spot = SIMD2(0.0, -0.3)
  /// Looks down on the spot from 0.4 m, 64 x 64 pixels, x to the right.
  private let camera = Camera(width: 64, height: 64, verticalFieldOfView: 0.8, near: 0.01)
  private let cameraFromWorld = RigidTransform(
    rotation: Quaternion(
      matrix: Matrix3(columns: SIMD3(1, 0, 0), SIMD3(0, -1, 0), SIMD3(0, 0, -1))),
    translation: SIMD3(-spot.x, spot.y, 0.4))

  init() throws {
    let text = try #require(BuiltInWorlds.text(named: "tabletop"))
    world = try WorldReader.world(from: text, file: "tabletop.yaml", environment: [:])
  }

  private func stage(
    _ props: [PropPlacement], scenery: [Scenery] = []
  ) throws -> Stage {
    let robot = try RobotFile.open(for: world, file: try #require(FetchedRobot.file))
    return try Stage(
      world: world, robotSpec: robot,
      surroundings: Surroundings(support: CourtyardScene.support, scenery: scenery), props: props)
  }

  private func prop(_ shape: ObjectShape, _ name: String = "thing") -> PropPlacement {
    PropPlacement(
      .object(shape.geometry), named: name, at: Self.spot, yaw: 0, colourSRGB: SIMD3(0, 1, 0))
  }

  /// A red slab of 10 x 10 x 2 cm whose top is at z = 0.03, over the spot.
  private let slab: Scenery = {
    var mesh = TriangleMesh.box(halfSize: SIMD3(0.05, 0.05, 0.01))
    mesh.colourSRGB = SIMD3(1, 0, 0)
    return Scenery(
      name: "scenery-0", mesh: mesh,
      worldFromMesh: RigidTransform(translation: SIMD3(spot, 0.02)))
  }()

  private func render(
    _ stage: Stage, _ state: borrowing State, wardrobe: MeshWardrobe = MeshWardrobe()
  ) -> Rendering {
    let looks = StageLooks(stage, wardrobe: wardrobe)
    var request = RenderRequest(camera: camera, cameraFromWorld: cameraFromWorld)
    request.meshes = looks.meshes(at: looks.poses(in: state))
    request.outputs = [.instances, .depth]
    return Renderer(splats: PackedSplats(SplatCloud(shDegree: 0))).render(request)
  }

  @Test func `has the robot and the props under their names`() throws {
    let stage = try stage([prop(.cube, "a"), prop(.ball, "b")])
    #expect(stage.props.map(\.name) == ["a", "b"])
    #expect(stage.model.body(named: "arm/base") != nil)
    #expect(stage.model.joint(named: "arm/gripper") != nil)
  }

  @Test func `shows each prop under its own number`() throws {
    var ball = prop(.ball, "b")
    ball.position.y += 0.08
    let stage = try stage([prop(.cube, "a"), ball])
    var state = State(stage.model)
    state.refreshPoses()
    let picture = render(stage, state)
    #expect(picture.instances.ids[32 * 64 + 32] == Stage.firstPropInstance)
    // The ball stands 8 cm up the picture: 0.08 / 0.38 * 75.7 pixels above the middle.
    #expect(picture.instances.ids[16 * 64 + 32] == Stage.firstPropInstance + 1)
  }

  @Test func `holds scenery that is seen and touched`() throws {
    var cube = prop(.cube)
    let half = ObjectShape.cube.geometry.height / 2
    let bare = try stage([cube])
    var bareState = State(bare.model)
    // Far from the slab for the picture of it alone.
    cube.position = SIMD2(0.4, 0.3)
    let aside = try stage([cube], scenery: [slab])
    var asideState = State(aside.model)
    asideState.refreshPoses()
    let picture = render(aside, asideState)
    let middle = (32 * 64 + 32) * 3
    let colour = picture.colour.bytes[middle..<middle + 3].map { Int($0) }
    // Red, with a little of the sky's white on it.
    #expect(colour[0] > 100 && colour[1] < colour[0] / 2 && colour[2] < colour[0] / 2, "\(colour)")
    #expect(picture.instances.ids[32 * 64 + 32] == 0)
    #expect(abs(picture.depth.values[32 * 64 + 32] - 0.37) < 0.001)

    // Let go 1 mm above the slab, the cube comes to rest on it; without it, on the table.
    let set = try stage([prop(.cube)], scenery: [slab])
    var setState = State(set.model)
    for (stage, isSet) in [(bare, false), (set, true)] {
      let joint = try #require(stage.model.freeJoint(of: stage.props[0].id))
      let start = 0.031 + half
      if isSet {
        setState[.qpos, joint.positionAddress + 2] = start
        try setState.step(250)
      } else {
        bareState[.qpos, joint.positionAddress + 2] = start
        try bareState.step(250)
      }
    }
    setState.refreshPoses()
    bareState.refreshPoses()
    // A millimetre is more than soft contacts give way under 20 g.
    #expect(abs(setState.worldFromBody(set.props[0].id).translation.z - 0.03 - half) < 0.001)
    #expect(abs(bareState.worldFromBody(bare.props[0].id).translation.z - half) < 0.001)
  }

  @Test func `shows the picture on scenery as its file lays it`() throws {
    var textured = slab
    // Red where x is negative, blue where it is positive.
    textured.mesh.colourSRGB = SIMD3(1, 1, 1)
    textured.mesh.texture = MeshTexture(
      RGBImage(width: 2, height: 1, bytes: [255, 0, 0, 0, 0, 255]), wrapU: .clamped)
    textured.mesh.textureCoordinates = textured.mesh.positions.map { SIMD2($0.x * 10 + 0.5, 0.5) }
    var cube = prop(.cube)
    cube.position = SIMD2(0.4, 0.3)
    let stage = try stage([cube], scenery: [textured])
    var state = State(stage.model)
    state.refreshPoses()
    let picture = render(stage, state)
    // The slab's edges lie at 32 +- 0.05 / 0.37 * 75.7 columns.
    for (column, channel, other) in [(24, 0, 2), (39, 2, 0)] {
      let pixel = (32 * 64 + column) * 3
      let colour = picture.colour.bytes[pixel..<pixel + 3].map { Int($0) }
      #expect(colour[channel] > 2 * colour[other] && colour[channel] > 80, "\(colour)")
    }
    #expect(abs(picture.depth.values[32 * 64 + 32] - 0.37) < 0.001)
  }

  @Test func `dresses each prop anew and the robot once`() throws {
    let wardrobe = MeshWardrobe()
    // The star and the ring are meshes and share a name here.
    let pictures = try [ObjectShape.star, .ring, .star].map { shape in
      let stage = try stage([prop(shape)])
      var state = State(stage.model)
      state.refreshPoses()
      return render(stage, state, wardrobe: wardrobe)
    }
    let isSame = pictures[0] == pictures[2]
    #expect(isSame)
    let isOther = pictures[0].instances != pictures[1].instances
    #expect(isOther)
    // A mesh equals itself only: the robot's meshes are the same in two stages, its pads, which are
    // boxes, are made anew.
    let stages = try (0..<2).map { _ in try stage([prop(.cube)]) }
    let worn = stages.map { stage in
      let looks = StageLooks(stage, wardrobe: wardrobe)
      return looks.meshes(at: looks.poses(in: State(stage.model))).filter {
        $0.instanceID == Stage.robotInstance
      }
    }
    let visible = stages[0].model.geoms.filter { geom in
      geom.group < Stage.hiddenGroup && geom.rgba.w > 0
        && stages[0].model.bodies[geom.body.index].name.hasPrefix("arm/")
    }
    let isShared = zip(worn[0], worn[1]).map { $0.mesh == $1.mesh }
    let isMesh = visible.map { geom in
      if case .mesh = geom.shape { true } else { false }
    }
    #expect(isShared == isMesh)
    #expect(isMesh.contains(true) && isMesh.contains(false))
  }
}
