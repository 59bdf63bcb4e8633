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

  /// Listens from now on; `told` is called at the first signal, on some other thread.
  init(told: @escaping @Sendable () -> Void) {
    for number in [SIGINT, SIGTERM] {
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { [flag] in
        if flag.isCancelled { Foundation.exit(128 + number) }
        flag.cancel()
        told()
      }
      source.resume()
      sources.append(source)
    }
  }
}
