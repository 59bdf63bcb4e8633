// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

/// Numbers on cache lines at an address that stays, written once; freed with their owner.
///
/// Only the files that see `Kernels` reach the pointer.
@safe
// Unchecked: nothing writes after `init`.
struct FixedColumn<Element: BitwiseCopyable & Sendable>: ~Copyable, @unchecked Sendable {
  /// The first element; never nil, so that an empty column has an address too.
  let pointer: UnsafePointer<Element>
  /// The number of elements.
  let count: Int

  init(_ elements: [Element]) {
    count = elements.count
    let cacheLine = 64
    let memory = UnsafeMutableRawPointer.allocate(
      byteCount: max(1, elements.count) * MemoryLayout<Element>.stride, alignment: cacheLine)
    let typed = unsafe memory.bindMemory(to: Element.self, capacity: max(1, elements.count))
    unsafe typed.initialize(from: elements, count: elements.count)
    unsafe pointer = UnsafePointer(typed)
  }

  deinit { unsafe UnsafeMutableRawPointer(mutating: pointer).deallocate() }
}
