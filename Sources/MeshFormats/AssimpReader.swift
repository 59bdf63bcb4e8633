// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import CAssimp
import Files
import Foundation
import Meshes

/// The file name endings that are read; Assimp's other formats are older and less looked after.
let meshFileExtensions = ["obj", "stl", "gltf", "glb", "dae", "ply"]

/// Reads a mesh file with Assimp, in this process: call it only where a crash does no harm.
///
/// Polygons become triangles, nodes' transforms are applied, vertices that are equal but for
/// their texture coordinates become one, points and lines are left out. There is a mesh for each
/// material that is used.
///
/// - Throws: `InputError` with Assimp's own reason.
func readMeshesInProcess(_ path: String) throws(InputError) -> [TriangleMesh] {
  guard let properties = unsafe aiCreatePropertyStore() else {
    throw InputError(file: path, field: "memory", found: "none", expected: "some for Assimp")
  }
  defer { unsafe aiReleasePropertyStore(properties) }
  // Leave out points and lines; keep axes as stored, where Assimp would turn DAE to y up.
  unsafe aiSetImportPropertyInteger(
    properties, "PP_SBP_REMOVE",
    Int32(aiPrimitiveType_POINT.rawValue | aiPrimitiveType_LINE.rawValue))
  unsafe aiSetImportPropertyInteger(properties, "IMPORT_COLLADA_IGNORE_UP_DIRECTION", 1)
  unsafe aiSetImportPropertyInteger(properties, "PP_RVC_FLAGS", unusedComponents)

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

  // glTF's factors are linear light; the others' colours are meant for the screen.
  let isLinear = path.lowercased().hasSuffix(".glb") || path.lowercased().hasSuffix(".gltf")
  var meshes: [TriangleMesh] = []
  for index in 0..<Int(unsafe scene.pointee.mNumMeshes) {
    guard let source = unsafe scene.pointee.mMeshes[index] else { continue }
    var mesh = unsafe triangles(of: source)
    let material = Int(unsafe source.pointee.mMaterialIndex)
    if unsafe material < scene.pointee.mNumMaterials,
      let colour = unsafe diffuseColour(of: scene.pointee.mMaterials[material])
    {
      mesh.colourSRGB = isLinear ? colour.mapped(encodeSRGB) : colour
    }
    if !mesh.indices.isEmpty { meshes.append(mesh) }
  }
  guard !meshes.isEmpty else {
    throw InputError(file: path, field: "mesh", found: "no triangles", expected: "some")
  }
  return meshes
}

/// What Assimp drops before it joins vertices: everything but positions, normals and materials.
private let unusedComponents = Int32(
  bitPattern: aiComponent_TANGENTS_AND_BITANGENTS.rawValue | aiComponent_COLORS.rawValue
    | aiComponent_TEXCOORDS.rawValue | aiComponent_BONEWEIGHTS.rawValue
    | aiComponent_ANIMATIONS.rawValue | aiComponent_TEXTURES.rawValue
    | aiComponent_LIGHTS.rawValue | aiComponent_CAMERAS.rawValue)

private func triangles(of source: UnsafeMutablePointer<aiMesh>) -> TriangleMesh {
  let vertexCount = Int(unsafe source.pointee.mNumVertices)
  func column(_ vectors: UnsafeMutablePointer<aiVector3D>?) -> [SIMD3<Float>] {
    guard let vectors = unsafe vectors else { return [] }
    return (0..<vertexCount).map { index in
      let vector = unsafe vectors[index]
      return SIMD3(vector.x, vector.y, vector.z)
    }
  }
  var indices: [UInt32] = []
  for index in 0..<Int(unsafe source.pointee.mNumFaces) {
    let face = unsafe source.pointee.mFaces[index]
    guard unsafe face.mNumIndices == 3, let corners = unsafe face.mIndices else { continue }
    for corner in 0..<3 { indices.append(unsafe corners[corner]) }
  }
  var normals = unsafe column(source.pointee.mNormals)
  // Degenerate triangles give NaN normals: then flat shading is the better choice.
  if !normals.allSatisfy({ ($0.x + $0.y + $0.z).isFinite }) { normals = [] }
  return unsafe TriangleMesh(
    positions: column(source.pointee.mVertices), normals: normals, indices: indices)
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
