// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import CAssimp
package import Files
import Foundation
import ImageFiles
import Images
import Meshes

/// The file name endings that are read; Assimp's other formats are older and less looked after.
let meshFileExtensions = ["obj", "stl", "gltf", "glb", "dae", "ply"]

extension MeshImporter {
  /// The version of Assimp, whose header does not say its own.
  package static var library: LibraryVersion {
    let parts = [aiGetVersionMajor(), aiGetVersionMinor(), aiGetVersionPatch()]
    return LibraryVersion(
      name: "Assimp", header: "", loaded: parts.map { String($0) }.joined(separator: "."))
  }
}

/// Reads a mesh file with Assimp, in this process: call it only where a crash does no harm.
///
/// Polygons become triangles, nodes' transforms are applied, points and lines are left out. There
/// is a mesh for each material that is used, with the picture that gives its base colour. Vertices
/// that are equal become one; where there is no picture, those that differ on it are equal.
///
/// - Throws: `InputError` with Assimp's own reason, or for a picture that `NamedPictures` refuses.
func readMeshesInProcess(_ path: String, root: String?) throws(InputError) -> [TriangleMesh] {
  var folder = NamedPictures(of: path, root: root)
  // Fast path: most meshes have no picture, and need no places on it.
  if let plain = try readScene(path, withTextures: false, &folder) { return plain }
  return try readScene(path, withTextures: true, &folder) ?? []
}

/// Reads the meshes of a file, nil where they turn out to have textures that were not asked for.
private func readScene(
  _ path: String, withTextures: Bool, _ folder: inout NamedPictures
) throws(InputError) -> [TriangleMesh]? {
  guard let properties = unsafe aiCreatePropertyStore() else {
    throw InputError(file: path, field: "memory", found: "none", expected: "some for Assimp")
  }
  defer { unsafe aiReleasePropertyStore(properties) }
  // Leave out points and lines; keep axes as stored, where Assimp would turn DAE to y up.
  unsafe aiSetImportPropertyInteger(
    properties, "PP_SBP_REMOVE",
    Int32(aiPrimitiveType_POINT.rawValue | aiPrimitiveType_LINE.rawValue))
  unsafe aiSetImportPropertyInteger(properties, "IMPORT_COLLADA_IGNORE_UP_DIRECTION", 1)
  unsafe aiSetImportPropertyInteger(
    properties, "PP_RVC_FLAGS", withTextures ? unusedComponents : unusedComponents | ofTextures)

  let steps =
    aiProcess_RemoveComponent.rawValue | aiProcess_Triangulate.rawValue
    | aiProcess_JoinIdenticalVertices.rawValue | aiProcess_PreTransformVertices.rawValue
    | aiProcess_SortByPType.rawValue
  guard let scene = unsafe aiImportFileExWithProperties(path, steps, nil, properties) else {
    let reason = unsafe String(cString: aiGetErrorString()).split(separator: "\n").first ?? ""
    throw InputError(
      file: path, field: "mesh", found: reason.isEmpty ? "no reason given" : String(reason),
      expected: "a file that Assimp reads")
  }
  defer { unsafe aiReleaseImport(scene) }

  var meshes: [TriangleMesh] = []
  for index in 0..<Int(unsafe scene.pointee.mNumMeshes) {
    guard let source = unsafe scene.pointee.mMeshes[index] else { continue }
    var mesh = unsafe triangles(of: source)
    let material = Int(unsafe source.pointee.mMaterialIndex)
    if unsafe material < scene.pointee.mNumMaterials,
      let material = unsafe scene.pointee.mMaterials[material]
    {
      if !withTextures, unsafe picture(of: material, aiTextureType_DIFFUSE) != nil { return nil }
      let look = unsafe SourceLook(scene: scene, material: material, isGLTF: isGLTF(path))
      try unsafe look.dress(&mesh, from: source, &folder)
    }
    if !mesh.indices.isEmpty { meshes.append(mesh) }
  }
  guard !meshes.isEmpty else {
    throw InputError(file: path, field: "mesh", found: "no triangles", expected: "some")
  }
  return meshes
}

private func isGLTF(_ path: String) -> Bool {
  path.lowercased().hasSuffix(".glb") || path.lowercased().hasSuffix(".gltf")
}

/// What Assimp drops before it joins vertices: everything but positions, normals and materials.
private let unusedComponents = Int32(
  bitPattern: aiComponent_TANGENTS_AND_BITANGENTS.rawValue | aiComponent_COLORS.rawValue
    | aiComponent_BONEWEIGHTS.rawValue | aiComponent_ANIMATIONS.rawValue
    | aiComponent_LIGHTS.rawValue | aiComponent_CAMERAS.rawValue)

/// What is of use only where there are pictures: places on them, and those that the file holds.
private let ofTextures = Int32(
  bitPattern: aiComponent_TEXCOORDS.rawValue | aiComponent_TEXTURES.rawValue)

private func triangles(of source: UnsafeMutablePointer<aiMesh>) -> TriangleMesh {
  var indices: [UInt32] = []
  for index in 0..<Int(unsafe source.pointee.mNumFaces) {
    let face = unsafe source.pointee.mFaces[index]
    guard unsafe face.mNumIndices == 3, let corners = unsafe face.mIndices else { continue }
    for corner in 0..<3 { indices.append(unsafe corners[corner]) }
  }
  let count = Int(unsafe source.pointee.mNumVertices)
  var normals = unsafe column(source.pointee.mNormals, count)
  // Degenerate triangles give NaN normals: then flat shading is the better choice.
  if !normals.allSatisfy({ ($0.x + $0.y + $0.z).isFinite }) { normals = [] }
  return unsafe TriangleMesh(
    positions: column(source.pointee.mVertices, count), normals: normals, indices: indices)
}

private func column(_ vectors: UnsafeMutablePointer<aiVector3D>?, _ count: Int) -> [SIMD3<Float>] {
  guard let vectors = unsafe vectors else { return [] }
  return (0..<count).map { index in
    let vector = unsafe vectors[index]
    return SIMD3(vector.x, vector.y, vector.z)
  }
}

/// A picture that a material names.
private struct NamedPicture {
  var name: String
  /// The set of texture coordinates that it is laid over the mesh by.
  var set: Int
  var wrapU: MeshTexture.Wrap
  var wrapV: MeshTexture.Wrap
}

private func picture(
  of material: UnsafeMutablePointer<aiMaterial>, _ kind: aiTextureType
) -> NamedPicture? {
  var path = aiString()
  var set: UInt32 = 0
  var modes = [aiTextureMapMode_Wrap, aiTextureMapMode_Wrap, aiTextureMapMode_Wrap]
  let status = unsafe aiGetMaterialTexture(
    material, kind, 0, &path, nil, &set, nil, nil, &modes, nil)
  guard status == aiReturn_SUCCESS else { return nil }
  let length = Int(path.length)
  let name = unsafe withUnsafeBytes(of: &path.data) { data in
    unsafe String(decoding: data.prefix(length), as: UTF8.self)
  }
  func wrap(_ mode: aiTextureMapMode) -> MeshTexture.Wrap {
    switch mode {
    case aiTextureMapMode_Mirror: .mirrored
    // A decal is drawn once; its edge is what is nearest to nothing around it.
    case aiTextureMapMode_Clamp, aiTextureMapMode_Decal: .clamped
    default: .repeated
    }
  }
  return NamedPicture(name: name, set: Int(set), wrapU: wrap(modes[0]), wrapV: wrap(modes[1]))
}

/// A material as Assimp has read it; not used after its scene is released.
@safe
private struct SourceLook {
  let scene: UnsafePointer<aiScene>
  let material: UnsafeMutablePointer<aiMaterial>
  let isGLTF: Bool

  /// Gives a mesh the colour, the picture and the reflections of the material.
  func dress(
    _ mesh: inout TriangleMesh, from source: UnsafeMutablePointer<aiMesh>,
    _ folder: inout NamedPictures
  ) throws(InputError) {
    if let colour = unsafe diffuseColour(of: material) {
      // glTF's factors are linear light; the others' colours are meant for the screen.
      mesh.colourSRGB = isGLTF ? colour.mapped(encodeSRGB) : colour
    }
    mesh.material.metallic = number("$mat.metallicFactor") ?? mesh.material.metallic
    mesh.material.roughness = number("$mat.roughnessFactor") ?? mesh.material.roughness
    // Assimp has no name for glTF's picture of both; it counts by its mean.
    if isGLTF, let both = unsafe picture(of: material, aiTextureType_UNKNOWN) {
      let bytes = try image(both, &folder).colour.bytes
      func mean(_ channel: Int) -> Float {
        let places = stride(from: channel, to: bytes.count, by: 3)
        let sum = places.reduce(0) { $0 + Int(bytes[$1]) }
        return Float(Double(sum) / Double(255 * (bytes.count / 3)))
      }
      mesh.material.roughness *= mean(1)
      mesh.material.metallic *= mean(2)
    }
    guard let base = unsafe picture(of: material, aiTextureType_DIFFUSE) else {
      if let threshold, threshold > 1 { mesh.indices = [] }
      // Assimp kept vertices apart that only differ on a picture.
      mesh.joinEqualVertices()
      return
    }
    let places = unsafe coordinates(of: source, set: base.set)
    // Also where one of them was wrong, since Assimp then keeps none.
    guard places.count == mesh.positions.count else {
      throw InputError(
        file: folder.file, field: "mesh.textureCoordinates", found: "none",
        expected: "a place for each vertex on \(base.name.prefix(200).filter { !$0.isNewline })")
    }
    let picture = try image(base, &folder)
    mesh.texture = MeshTexture(picture.colour, wrapU: base.wrapU, wrapV: base.wrapV)
    // What no pixel is solid enough for is not there.
    if let threshold, threshold > 1 { mesh.indices = [] }
    if let threshold, (.leastNonzeroMagnitude...1).contains(threshold), let alpha = picture.alpha {
      mesh.texture?.cutout = MeshTexture.Cutout(alpha: alpha, threshold: threshold)
    }
    // Assimp counts v upwards from the picture's last row.
    mesh.textureCoordinates = places.map { SIMD2($0.x, 1 - $0.y) }
  }

  /// How solid the picture must be where the mesh is, for a material that is cut out, else nil.
  ///
  /// glTF multiplies the picture's alpha by a factor before it compares.
  private var threshold: Float? {
    var mode = aiString()
    guard isGLTF,
      unsafe aiGetMaterialString(material, "$mat.gltf.alphaMode", 0, 0, &mode) == aiReturn_SUCCESS,
      mode.length == 4,
      unsafe withUnsafeBytes(of: &mode.data, { unsafe $0.starts(with: "MASK".utf8) })
    else { return nil }
    var (cutoff, colour) = (Float(0.5), aiColor4D(r: 1, g: 1, b: 1, a: 1))
    _ = unsafe aiGetMaterialFloatArray(material, "$mat.gltf.alphaCutoff", 0, 0, &cutoff, nil)
    _ = unsafe aiGetMaterialColor(material, "$clr.diffuse", 0, 0, &colour)
    guard cutoff > 0 else { return nil }
    // A factor that is nothing, or no number, leaves nothing.
    let threshold = cutoff / colour.a
    return threshold > 0 ? threshold : .infinity
  }

  private func coordinates(
    of source: UnsafeMutablePointer<aiMesh>, set: Int
  ) -> [SIMD3<Float>] {
    let sets = unsafe source.pointee.mTextureCoords
    let all = unsafe [sets.0, sets.1, sets.2, sets.3, sets.4, sets.5, sets.6, sets.7]
    return unsafe column(set < all.count ? all[set] : nil, Int(source.pointee.mNumVertices))
  }

  private func number(_ key: String) -> Float? {
    var value: Float = 0
    let status = unsafe aiGetMaterialFloatArray(material, key, 0, 0, &value, nil)
    return status == aiReturn_SUCCESS && value.isFinite ? min(max(value, 0), 1) : nil
  }

  /// Reads a picture from the mesh file or its folder.
  private func image(
    _ named: NamedPicture, _ folder: inout NamedPictures
  ) throws(InputError) -> SourcePicture {
    // Pictures in the mesh file are called "*0", "*1" and so on.
    guard named.name.hasPrefix("*"), let place = Int(named.name.dropFirst()) else {
      // In glTF a name is a URI.
      let decoded = isGLTF ? named.name.removingPercentEncoding : nil
      return try folder.picture(named: decoded ?? named.name)
    }
    // A height of 0 says that the picture is a file of `mWidth` bytes.
    guard unsafe (0..<Int(scene.pointee.mNumTextures)).contains(place),
      let texture = unsafe scene.pointee.mTextures[place], unsafe texture.pointee.mHeight == 0,
      let first = unsafe texture.pointee.pcData
    else {
      return try folder.picture(embedded: [], as: named.name)
    }
    let count = unsafe Int(texture.pointee.mWidth)
    let bytes = unsafe Array(UnsafeRawBufferPointer(start: first, count: count))
    return try folder.picture(embedded: bytes, as: named.name)
  }
}

private func diffuseColour(of material: UnsafeMutablePointer<aiMaterial>?) -> SIMD3<Float>? {
  guard let material = unsafe material else { return nil }
  var colour = aiColor4D()
  let status = unsafe aiGetMaterialColor(material, "$clr.diffuse", 0, 0, &colour)
  guard status == aiReturn_SUCCESS else { return nil }
  let values = SIMD3(colour.r, colour.g, colour.b)
  return values.mapped { $0.isFinite ? min(max($0, 0), 1) : 0 }
}

/// The transfer function of IEC 61966-2-1 for one channel in 0...1.
private func encodeSRGB(_ linear: Float) -> Float {
  linear <= 0.003_130_8 ? 12.92 * linear : 1.055 * pow(linear, 1 / 2.4) - 0.055
}

extension SIMD3<Float> {
  fileprivate func mapped(_ transform: (Float) -> Float) -> Self {
    Self(transform(x), transform(y), transform(z))
  }
}

extension TriangleMesh {
  /// Makes vertices of equal position and normal one, in the order of their first.
  fileprivate mutating func joinEqualVertices() {
    var known: [[SIMD3<Float>]: UInt32] = [:]
    var kept: [Int] = []
    let joined = positions.indices.map { vertex -> UInt32 in
      let key = normals.isEmpty ? [positions[vertex]] : [positions[vertex], normals[vertex]]
      if let place = known[key] { return place }
      let place = UInt32(kept.count)
      known[key] = place
      kept.append(vertex)
      return place
    }
    guard kept.count < positions.count else { return }
    indices = indices.map { joined[Int($0)] }
    positions = kept.map { positions[$0] }
    if !normals.isEmpty { normals = kept.map { normals[$0] } }
  }
}
