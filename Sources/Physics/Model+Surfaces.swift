// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

// What of an mjModel is drawn; Model.swift says which other files see the C module.
import CMuJoCo
import Images
package import Meshes

extension Model {
  /// The triangles of one mesh, in the frame of the geoms that show it, metres.
  ///
  /// MuJoCo moves a mesh to its centre of mass and principal axes; `Geom.bodyFromGeom` undoes that.
  /// A vertex whose faces have different normals appears once for each normal, and so for places
  /// on a texture. Only with a texture has the mesh such places.
  /// - Complexity: O(faces); nothing is cached.
  package func mesh(at index: Int, texture: MeshTexture? = nil) -> TriangleMesh {
    precondition(meshNames.indices.contains(index), "a row of meshNames")
    precondition(texture == nil || hasTextureCoordinates(meshAt: index), "places on the texture")
    return unsafe readMesh(pointer, index, texture)
  }

  /// Whether a mesh says where it lies on a texture.
  package func hasTextureCoordinates(meshAt index: Int) -> Bool {
    precondition(meshNames.indices.contains(index), "a row of meshNames")
    return unsafe pointer.pointee.mesh_texcoordadr[index] >= 0
  }

  /// The pictures of a texture, or nil for one that lies behind everything, a sky.
  ///
  /// Opacity is left out.
  /// - Complexity: O(pixels); nothing is cached.
  package func picture(ofTexture index: Int) -> SurfacePicture? {
    precondition(unsafe (0..<Int(pointer.pointee.ntex)).contains(index), "a row of the textures")
    let (width, height) = unsafe (
      Int(pointer.pointee.tex_width[index]), Int(pointer.pointee.tex_height[index])
    )
    let channelCount = unsafe Int(pointer.pointee.tex_nchannel[index])
    guard let data = unsafe pointer.pointee.tex_data, width > 0, height > 0, channelCount > 0
    else { return nil }
    let first = unsafe data + Int(pointer.pointee.tex_adr[index])
    func rows(_ rows: Range<Int>) -> RGBImage {
      var image = RGBImage(width: width, height: rows.count)
      for pixel in 0..<width * rows.count {
        let source = unsafe first + (rows.lowerBound * width + pixel) * channelCount
        for channel in 0..<3 {
          // One channel is grey.
          unsafe image.bytes[3 * pixel + channel] = source[channelCount < 3 ? 0 : channel]
        }
      }
      return image
    }
    switch unsafe mjtTexture(UInt32(pointer.pointee.tex_type[index])) {
    case mjTEXTURE_2D: return .flat(rows(0..<height))
    case mjTEXTURE_CUBE:
      // The six pictures lie one below the other.
      guard height == 6 * width else { return nil }
      return .cube((0..<6).map { rows($0 * width..<($0 + 1) * width) })
    default: return nil
    }
  }
}

private func readMesh(
  _ m: UnsafePointer<mjModel>, _ row: Int, _ texture: MeshTexture?
) -> TriangleMesh {
  struct Corner: Hashable { var vertex, normal, place: Int32 }
  let vertices = unsafe m.pointee.mesh_vert + 3 * Int(m.pointee.mesh_vertadr[row])
  let normals = unsafe m.pointee.mesh_normal + 3 * Int(m.pointee.mesh_normaladr[row])
  let places = unsafe m.pointee.mesh_texcoord.map {
    unsafe $0 + 2 * max(0, Int(m.pointee.mesh_texcoordadr[row]))
  }
  let first = unsafe 3 * Int(m.pointee.mesh_faceadr[row])
  var rows: [Corner: UInt32] = [:]
  var mesh = TriangleMesh(positions: [], indices: [])
  mesh.texture = texture
  let count = unsafe 3 * Int(m.pointee.mesh_facenum[row])
  for corner in first..<first + count {
    let key = unsafe Corner(
      vertex: m.pointee.mesh_face[corner], normal: m.pointee.mesh_facenormal[corner],
      place: texture == nil ? 0 : m.pointee.mesh_facetexcoord[corner])
    if let known = rows[key] {
      mesh.indices.append(known)
      continue
    }
    let index = UInt32(mesh.positions.count)
    let (v, n) = unsafe (vertices + 3 * Int(key.vertex), normals + 3 * Int(key.normal))
    unsafe mesh.positions.append(SIMD3(v[0], v[1], v[2]))
    unsafe mesh.normals.append(SIMD3(n[0], n[1], n[2]))
    if texture != nil, let places = unsafe places {
      let place = unsafe places + 2 * Int(key.place)
      unsafe mesh.textureCoordinates.append(SIMD2(place[0], place[1]))
    }
    mesh.indices.append(index)
    rows[key] = index
  }
  return mesh
}
