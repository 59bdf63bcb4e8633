// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

/// Memory on cache lines that grows and keeps nothing when it does; freed with its owner.
///
/// Only the files that see `Kernels` reach the pointer, to hand it to them.
@safe
struct Scratch<Element: BitwiseCopyable>: ~Copyable {
  /// The first element; valid until the next `reserve`.
  private(set) var pointer: UnsafeMutablePointer<Element>
  private var capacity: Int

  init() {
    unsafe pointer = Self.allocate(1)
    capacity = 1
  }

  deinit { unsafe UnsafeMutableRawPointer(pointer).deallocate() }

  /// Makes room for `count` elements; what was there is lost when that takes new memory.
  mutating func reserve(_ count: Int) {
    guard count > capacity else { return }
    unsafe UnsafeMutableRawPointer(pointer).deallocate()
    // A quarter more, so that a slowly growing frame does not allocate every time.
    capacity = count + count / 4
    unsafe pointer = Self.allocate(capacity)
  }

  private static func allocate(_ count: Int) -> UnsafeMutablePointer<Element> {
    let cacheLine = 64
    let memory = UnsafeMutableRawPointer.allocate(
      byteCount: count * MemoryLayout<Element>.stride, alignment: cacheLine)
    return unsafe memory.bindMemory(to: Element.self, capacity: count)
  }
}
