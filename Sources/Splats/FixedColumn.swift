// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

/// Numbers on cache lines at an address that stays, written once; freed with their owner.
///
/// Only the files that see `Kernels` reach the pointer.
@safe
package struct FixedColumn<Element: BitwiseCopyable & Sendable>: ~Copyable {
  /// The first element; never nil, so that an empty column has an address too.
  package let pointer: UnsafePointer<Element>
  /// The number of elements.
  package let count: Int

  /// Copies the elements of an array.
  package init(_ elements: [Element]) {
    unsafe self.init(count: elements.count) { target in
      _ = unsafe target.initialize(fromContentsOf: elements)
    }
  }

  /// Takes memory for `count` elements, all of which `fill` writes.
  @unsafe
  package init(count: Int, fill: (UnsafeMutableBufferPointer<Element>) -> Void) {
    self.count = count
    let cacheLine = 64
    let memory = UnsafeMutableRawPointer.allocate(
      byteCount: max(1, count) * MemoryLayout<Element>.stride, alignment: cacheLine)
    let typed = unsafe memory.bindMemory(to: Element.self, capacity: max(1, count))
    unsafe fill(UnsafeMutableBufferPointer(start: typed, count: count))
    unsafe pointer = UnsafePointer(typed)
  }

  deinit { unsafe UnsafeMutableRawPointer(mutating: pointer).deallocate() }

  /// The element at a place.
  package subscript(place: Int) -> Element {
    precondition((0..<count).contains(place), "a place in the column")
    return unsafe pointer[place]
  }
}

// Unchecked: nothing writes after `init`.
extension FixedColumn: @unchecked Sendable {}
