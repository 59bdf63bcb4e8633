// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Physics

@Suite struct `Control noise` {
  @Test func `draws what the C program draws`() throws {
    var state = State(try model(arm))
    var noise = ControlNoise()
    try noise.drive(&state, steps: 1)
    // The generator's first two words of seed 1 are 1103527590 and 2524885223; their bits 16...30
    // are 16838 and 5758, ISO C's well-known first rands for this seed.
    #expect(state[.ctrl, 0] == 0.01 * (16838.0 / 32767 - 0.5))
    #expect(state[.ctrl, 1] == 0.01 * (5758.0 / 32767 - 0.5))
  }

  @Test func `goes on where it stopped`() throws {
    var whole = State(try model(arm))
    var parts = State(whole.model)
    var (one, two) = (ControlNoise(), ControlNoise())
    try one.drive(&whole, steps: 10)
    try two.drive(&parts, steps: 4)
    try two.drive(&parts, steps: 6)
    #expect(whole.snapshot() == parts.snapshot())
  }
}
