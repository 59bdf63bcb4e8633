// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Parallel
import Synchronization
import Testing

@Suite struct `Parallel for` {
  @Test(arguments: [1, 2, 3]) func `visits each index once`(threadCount: Int) {
    let visits = Mutex([Int](repeating: 0, count: 1000))
    parallelFor(count: 1000, threadCount: threadCount) { index, worker in
      #expect(worker >= 0 && worker < threadCount)
      visits.withLock { $0[index] += 1 }
    }
    #expect(visits.withLock { $0 } == [Int](repeating: 1, count: 1000))
  }

  @Test(arguments: [1, 2, 3]) func `does nothing for no indices`(threadCount: Int) {
    parallelFor(count: 0, threadCount: threadCount) { _, _ in
      Issue.record("nothing to visit")
    }
  }

  @Test func `has fewer workers than threads when there is little to do`() {
    let workers = Mutex(Set<Int>())
    parallelFor(count: 2, threadCount: 8) { _, worker in
      _ = workers.withLock { $0.insert(worker) }
    }
    #expect(workers.withLock { $0 }.isSubset(of: [0, 1]))
  }
}

@Suite struct `Cancellation flag` {
  @Test func `is down until someone raises it, and then stays up`() {
    let flag = CancellationFlag()
    #expect(!flag.isCancelled)
    parallelFor(count: 3, threadCount: 3) { _, _ in flag.cancel() }
    #expect(flag.isCancelled)
    flag.cancel()
    #expect(flag.isCancelled)
  }
}

@Suite struct `Parallel chunks` {
  @Test(arguments: [1, 2, 3]) func `give each element to one chunk`(threadCount: Int) {
    var numbers = [Int](repeating: 0, count: 103)
    parallelChunks(of: &numbers, size: 10, threadCount: threadCount) { chunk, elements in
      #expect(elements.count == (chunk == 10 ? 3 : 10))
      for index in elements.indices { elements[index] += 10 * chunk + index }
    }
    #expect(numbers == Array(0..<103))
  }

  @Test func `leave other holders of the array alone`() {
    var numbers = [1, 2, 3]
    let before = numbers
    parallelChunks(of: &numbers, size: 2, threadCount: 2) { _, elements in
      for index in elements.indices { elements[index] = 0 }
    }
    #expect(before == [1, 2, 3] && numbers == [0, 0, 0])
  }

  @Test func `do nothing to an empty array`() {
    var none: [UInt8] = []
    parallelChunks(of: &none, size: 4, threadCount: 2) { _, _ in Issue.record("nothing to do") }
    #expect(none.isEmpty)
  }
}
