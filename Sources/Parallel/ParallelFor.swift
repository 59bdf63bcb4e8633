// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Synchronization

/// Runs `body` once for each index in 0..<count on up to `threadCount` threads, and waits.
///
/// Indices are handed out in order from one atomic counter; a body that writes only what belongs to
/// its index gives the same bytes for any thread count. With one thread the caller runs everything.
/// Call it off the Swift concurrency pool: it blocks its caller.
///
/// - Complexity: about 0.1 ms of overhead a region on two threads.
package func parallelFor(
  count: Int, threadCount: Int, _ body: @Sendable (_ index: Int, _ worker: Int) -> Void
) {
  let workerCount = min(threadCount, count)
  guard workerCount > 1 else {
    for index in 0..<max(0, count) { body(index, 0) }
    return
  }
  let next = Atomic<Int>(0)
  DispatchQueue.concurrentPerform(iterations: workerCount) { worker in
    while true {
      let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
      if index >= count { return }
      body(index, worker)
    }
  }
}

/// Returns what `body` makes of each index in 0..<count, in their order, on up to `threadCount`
/// threads.
package func parallelMap<Result: Sendable>(
  count: Int, threadCount: Int, _ body: @Sendable (_ index: Int) -> Result
) -> [Result] {
  unsafe [Result](unsafeUninitializedCapacity: count) { buffer, initialized in
    let shared = unsafe SharedElements(buffer: buffer)
    parallelFor(count: count, threadCount: threadCount) { index, _ in
      unsafe shared.buffer.initializeElement(at: index, to: body(index))
    }
    initialized = count
  }
}

/// Runs `body` once for each chunk of `size` elements of an array, the last one perhaps shorter.
///
/// Chunks are handed out as indices are by `parallelFor`; a body sees its own elements only, so the
/// array's content is the same for any thread count.
package func parallelChunks<Element: BitwiseCopyable & Sendable>(
  of array: inout [Element], size: Int, threadCount: Int,
  _ body: @Sendable (_ chunk: Int, _ elements: inout MutableSpan<Element>) -> Void
) {
  precondition(size > 0, "a chunk holds something")
  let count = array.count
  unsafe array.withUnsafeMutableBufferPointer { buffer in
    let shared = unsafe SharedElements(buffer: buffer)
    parallelFor(count: (count + size - 1) / size, threadCount: threadCount) { chunk, _ in
      let range = chunk * size..<min((chunk + 1) * size, count)
      let part = unsafe UnsafeMutableBufferPointer(rebasing: shared.buffer[range])
      var elements = unsafe part.mutableSpan
      body(chunk, &elements)
    }
  }
}

@unsafe
// Unchecked: the guard is the cut into indices or chunks, no two of which share an element.
private struct SharedElements<Element>: @unchecked Sendable {
  let buffer: UnsafeMutableBufferPointer<Element>
}

/// A flag that asks a long piece of work to stop; set once, read often, from any thread.
package final class CancellationFlag: Sendable {
  private let raised = Atomic<Bool>(false)

  /// Makes a flag that is not set.
  package init() {}

  /// Whether somebody asked to stop.
  package var isCancelled: Bool { raised.load(ordering: .acquiring) }

  /// Asks to stop.
  package func cancel() { raised.store(true, ordering: .releasing) }
}
