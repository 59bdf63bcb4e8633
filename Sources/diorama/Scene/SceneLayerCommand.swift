// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Files
import Foundation
import Geometry
import SceneStore
import SplatFormats
import Splats

/// Layers of a scene file: the seasons of each year, and events.
struct SceneLayerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "layer", abstract: "List, add and remove the seasons and events of a scene file.",
    subcommands: [
      LayerList.self, LayerSeasons.self, LayerEvent.self, LayerRemove.self,
    ])
}

/// Says which layers there are, and what events change.
struct LayerList: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "Say which layers there are; with --json, all that each changes: the truth of events."
  )
  @Argument(help: "The scene file, .diorama.") var file: String
  @Flag(help: "Print one JSON object.") var json = false

  func run() throws {
    let scene = try SceneFile(reading: file)
    let layers = try scene.layers
    if json {
      printJSON(["scene": file, "layers": try layers.map { try describe($0, scene) }])
      return
    }
    for layer in layers where layer.kind != .base {
      let origin = layer.isSynthetic ? ", by rules" : ""
      print("\(layer.name): \(layer.kind.rawValue), \(layer.time)\(origin)")
    }
    if layers.count == 1 { print("\(file): no layers but the base") }
  }

  private func describe(_ layer: SceneLayer, _ scene: SceneFile) throws -> [String: Any] {
    var json: [String: Any] = [
      "name": layer.name, "kind": layer.kind.rawValue, "isSynthetic": layer.isSynthetic,
      "replaces": layer.replaces,
    ]
    switch layer.kind {
    case .base: return json
    case .season:
      json["fromDay"] = layer.begins
      json["untilDay"] = layer.ends
    case .event:
      json["from"] = layer.begins.map { SceneMoment(milliseconds: $0).description }
      json["until"] = layer.ends.map { SceneMoment(milliseconds: $0).description }
    }
    json["edits"] = try layer.edits.map { try describe($0, scene) }
    json["moved"] = try layer.movements.map { movement in
      let turn = movement.sceneFromBefore.rotation
      return try describe(movement.instance, scene).merging([
        "translation": list(movement.sceneFromBefore.translation),
        "rotation": ["w": turn.w, "x": turn.x, "y": turn.y, "z": turn.z],
      ]) { $1 }
    }
    let moved = Set(layer.movements.map(\.instance))
    json["added"] = try scene.instances(ofLayer: layer.id).filter { !moved.contains($0.key) }
      .sorted { $0.key < $1.key }
      .map { id, count in try describe(id, scene).merging(["splatCount": count]) { $1 } }
    return json
  }

  private func describe(_ edit: SceneEdit, _ scene: SceneFile) throws -> [String: Any] {
    var json: [String: Any] = ["action": edit.action.rawValue, "amount": edit.amount]
    switch edit.target {
    case .semanticClass(let value): json["class"] = "\(value)"
    case .instance(let id): json.merge(try describe(id, scene)) { $1 }
    }
    if edit.action != .remove, edit.action != .thin { json["colour"] = list(edit.colour) }
    return json
  }

  private func describe(_ instance: UInt32, _ scene: SceneFile) throws -> [String: Any] {
    let known = try scene.classes(of: [instance]).first ?? .unlabelled
    return ["instance": instance, "class": "\(known)"]
  }
}

/// Adds the four seasons by rules.
struct LayerSeasons: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "seasons",
    abstract: "Add spring, summer, autumn and winter by rules for each class of things.",
    discussion: """
      Trees turn and lose their leaves, snow lies on what faces up, grass dries, roads are wet; \
      the layers are marked as synthetic. Splats without a class stay as they are. Winter is in \
      January where the scene lies in the north or nobody knows where it lies.
      """)
  @Argument(help: "The scene file, .diorama.") var file: String

  func run() throws {
    let latitude = try SceneFile(reading: file).origin?.latitude ?? 0
    for layer in SceneLayerDraft.seasons(isNorthern: latitude >= 0) {
      try SceneFile.add(layer, to: file)
    }
    print("\(file): spring, summer, autumn and winter added")
  }
}

/// Adds an event.
struct LayerEvent: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "event",
    abstract: "Add what happens once: things that come, go, move or change their colour.")
  @Argument(help: "The scene file, .diorama.") var file: String
  @Option(help: "The event's name, one of a kind in the scene.") var name: String
  @Option(help: ArgumentHelp("When it begins, in UTC.", valueName: "yyyy-mm-ddThh:mm"))
  var from: SceneMoment
  @Option(
    help: ArgumentHelp("When it is over, in UTC; never unless given.", valueName: "moment"))
  var until: SceneMoment?
  @Option(help: ArgumentHelp("An instance that is gone; may be given again.", valueName: "id"))
  var remove: [UInt32] = []
  @Option(
    help: ArgumentHelp("An instance that has another colour, sRGB 0 to 1.", valueName: "id=r,g,b"))
  var recolour: [Recolouring] = []
  @Option(
    help: ArgumentHelp(
      "An instance that is moved by metres east, north and up.", valueName: "id@x,y,z"))
  var move: [Movement] = []
  @Option(
    help: ArgumentHelp(
      "A splat file that is added, x y z of it east, north, up, metres.", valueName: "file[@x,y,z]")
  )
  var add: [PlacedFile] = []
  @Option(help: "The licence of what is added, an SPDX expression or words.")
  var licence = "unknown"
  @Flag(help: "See nothing of the scene in the squares that what is added lies in.")
  var replace = false

  struct Recolouring: ExpressibleByArgument {
    var instance: UInt32
    var colour: SIMD3<Double>

    init?(argument: String) {
      let parts = argument.split(separator: "=", omittingEmptySubsequences: false)
      guard parts.count == 2, let instance = UInt32(parts[0]), instance < .max,
        let colour = Vector(argument: String(parts[1]))?.value, colour.min() >= 0,
        colour.max() <= 1
      else { return nil }
      (self.instance, self.colour) = (instance, colour)
    }
  }

  struct Movement: ExpressibleByArgument {
    var instance: UInt32
    var shift: SIMD3<Double>

    init?(argument: String) {
      let parts = argument.split(separator: "@", omittingEmptySubsequences: false)
      guard parts.count == 2, let instance = UInt32(parts[0]), instance < .max,
        let shift = Vector(argument: String(parts[1]))?.value, length(shift) < 1e8
      else { return nil }
      (self.instance, self.shift) = (instance, shift)
    }
  }

  func validate() throws {
    guard until.map({ from.milliseconds < $0.milliseconds }) ?? true else {
      throw ValidationError("--until: an event ends after it begins.")
    }
    guard !(remove.isEmpty && recolour.isEmpty && move.isEmpty && add.isEmpty) else {
      throw ValidationError("An event changes something: --remove, --recolour, --move or --add.")
    }
    guard !replace || !add.isEmpty else {
      throw ValidationError("--replace is for what --add adds.")
    }
  }

  func run() throws {
    let scene = try SceneFile(reading: file)
    var draft = SceneLayerDraft(
      name: name, when: .event(from: from, until: until),
      edits: remove.map { SceneEdit(.instance($0), .remove) }
        + recolour.map { SceneEdit(.instance($0.instance), .hue, colour: $0.colour) },
      replaces: replace)
    for movement in move {
      let count = try scene.move(
        SceneMovement(
          instance: movement.instance,
          sceneFromBefore: RigidTransform(translation: movement.shift)), in: &draft)
      guard count > 0 else {
        throw InputError(
          file: file, field: "--move", found: "instance \(movement.instance), of which no splat is",
          expected: "an instance of the scene")
      }
    }
    for part in add {
      let (cloud, report) = try SplatFile.readReporting(part.path)
      Diorama.tell(report.findings.map { "\(part.path): \($0)" })
      draft.splats.append(PlacedCloud(cloud, at: part.position))
    }
    if let first = add.first {
      draft.source = SplatSource(
        name: add.map(\.path).joined(separator: ", "), licence: licence,
        sha256: add.count == 1 ? try SHA256.hexDigest(ofFile: first.path) : "", method: .captured)
    }
    try SceneFile.add(draft, to: file)
    print("\(file): event \(name) added")
  }
}

/// Takes a layer out.
struct LayerRemove: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove", abstract: "Take a layer with all that it added out of a scene file.")
  @Argument(help: "The scene file, .diorama.") var file: String
  @Argument(help: "The layer's name.") var name: String

  func run() throws {
    try SceneFile.removeLayer(name, from: file)
    print("\(file): layer \(name) removed")
  }
}

extension SceneLayer {
  /// When it is there, for people.
  fileprivate var time: String {
    switch kind {
    case .base: return "always"
    case .season: return "days \(begins ?? 0) to \((ends ?? 0) - 1) of each year"
    case .event:
      let start = begins.map { SceneMoment(milliseconds: $0).description } ?? ""
      return ends.map { "\(start) until \(SceneMoment(milliseconds: $0))" } ?? "from \(start) on"
    }
  }
}
