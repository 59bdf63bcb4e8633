// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Parallel
import Testing

@testable import Episodes

@Suite struct `A job's watch` {
  private let cancellation = CancellationFlag()
  private let watch: JobWatch
  private let error = InputError(file: "f", field: "g", found: "h", expected: "i")

  init() { watch = JobWatch(cancellation) }

  @Test func `lets everything go on while nothing happens`() {
    #expect(watch.mayBegin && watch.goesOn(0) && watch.goesOn(7) && watch.mayStore(7))
    #expect(watch.failure == nil)
  }

  @Test func `stops what lies behind all that is stored`() {
    #expect(watch.mayStore(2))
    cancellation.cancel()
    #expect(!watch.mayBegin)
    // The dataset would have a gap without these two.
    #expect(watch.goesOn(0) && watch.goesOn(1) && watch.mayStore(1))
    #expect(!watch.goesOn(3) && !watch.mayStore(3))
  }

  @Test func `stores nothing more when nothing is stored at a stop`() {
    cancellation.cancel()
    #expect(!watch.goesOn(0) && !watch.mayStore(0) && !watch.mayStore(1))
  }

  @Test func `finishes what lies before a failure, and tells the lowest`() {
    let late = JobFailure(.playing(episode: 7), error)
    watch.fail(late)
    #expect(!watch.mayBegin && watch.failure == late)
    #expect(watch.goesOn(6) && watch.mayStore(6) && !watch.goesOn(7) && !watch.mayStore(8))
    let early = JobFailure(.playing(episode: 3), error)
    watch.fail(early)
    watch.fail(JobFailure(.playing(episode: 5), error))
    #expect(watch.failure == early && watch.goesOn(2) && !watch.goesOn(3))
  }

  @Test func `stops everything when the disk is full`() {
    watch.fail(JobFailure(.playing(episode: 7), error))
    let full = JobFailure(.storing(episode: 9), error)
    watch.fail(full)
    #expect(watch.failure == full && !watch.goesOn(0) && !watch.mayStore(0))
  }
}
