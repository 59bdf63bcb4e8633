// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Physics
import Testing

@Suite struct `Contacts of a mesh` {
  private let xml = """
    <mujoco><asset><mesh name="corner" vertex="0 0 0  1 0 0  0 1 0  0 0 1"/>
      <mesh name="other" vertex="0 0 0  2 0 0  0 2 0  0 0 2"/></asset>
      <worldbody><body name="hand"><freejoint/><geom type="mesh" mesh="corner"/>
        <geom type="mesh" mesh="other"/><geom size="0.1"/>
        <body name="finger"><geom type="mesh" mesh="corner"/></body>
      </body></worldbody></mujoco>
    """

  @Test func `are disabled on the body that is named, and there alone`() throws {
    var spec = try ModelSpec(xml: xml)
    try spec.disableContacts(ofMesh: "corner", on: "hand")
    let model = try spec.compile()
    #expect(model.geoms.map(\.collides) == [false, true, true, true])
  }

  @Test func `are missed loudly`() throws {
    var spec = try ModelSpec(xml: xml)
    #expect(throws: InputError.self) { try spec.disableContacts(ofMesh: "corner", on: "foot") }
    #expect(throws: InputError.self) { try spec.disableContacts(ofMesh: "other", on: "finger") }
  }
}
