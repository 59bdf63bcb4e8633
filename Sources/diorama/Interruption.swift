// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Foundation
import Parallel

/// Turns the first Ctrl-C (or SIGTERM) into a wish to stop; a second one ends the process at once.
final class Interruption {
  /// The flag that the work looks at.
  let flag = CancellationFlag()
  private var sources: [any DispatchSourceSignal] = []

  init() {
    for number in [SIGINT, SIGTERM] {
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { [flag] in
        if flag.isCancelled { Foundation.exit(128 + number) }
        flag.cancel()
      }
      source.resume()
      sources.append(source)
    }
  }
}
