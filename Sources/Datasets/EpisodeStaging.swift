// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Files

/// The folder `OUT/.staging`, in which the finished episodes of a run wait to be assembled.
///
///     OUT/.staging/run.json                  what the run is; another run is refused
///     OUT/.staging/lock                      held while a process works in the folder
///     OUT/.staging/episode-000012.episode    one finished episode, whole or absent
///     OUT/.staging/tree/                     a dataset while it is assembled
///
/// Episodes may be published in any order and from any thread. Killing the program at any moment
/// loses only the episodes that were not yet published.
package struct EpisodeStaging: Sendable {
  static let folderName = ".staging"
  /// The name of the staging folder while it is being removed.
  static let finishedFolderName = ".staging-finished"

  /// The dataset's folder.
  package let output: String
  /// The run that the folder belongs to.
  package let run: DatasetRun
  private let runDigest: String
  private let lock: FileLock

  /// Takes the staging folder of an output folder, which is made when it is absent.
  private init(output: String, run: DatasetRun) throws(InputError) {
    let folder = output + "/" + Self.folderName
    try createFolder(folder)
    self.output = output
    self.run = run
    runDigest = run.digest
    lock = try FileLock(path: folder + "/lock")
  }

  /// What was found in a folder that is to be resumed.
  package enum Resumption: Sendable {
    /// The dataset is complete already, and this is what it holds; there is nothing to do.
    case complete(DatasetSummary)
    /// Episodes are missing or not yet assembled.
    ///
    /// `finished` holds the indices of whole episodes in rising order. `damaged` says what was
    /// wrong with each staged file that is no whole episode of this run; such files were removed
    /// and their episodes count as absent, which the caller tells the user.
    case open(EpisodeStaging, finished: [Int], damaged: [InputError])
  }

  /// Begins a run in a folder that is new or empty.
  ///
  /// - Throws: `InputError` when the folder holds anything, or cannot be written.
  package static func create(
    output: String, run: DatasetRun
  ) throws(InputError) -> EpisodeStaging {
    guard try isEmpty(output) else {
      throw InputError(
        file: output, field: "output folder", found: "a folder that is not empty",
        expected: "a new or empty folder, or --resume with the same run")
    }
    let wasAbsent = kind(ofPath: output) == .absent
    do throws(InputError) {
      let staging = try EpisodeStaging(output: output, run: run)
      try publishFile(
        runPath(output), Array((run.document.indentedText + "\n").utf8))
      try synchronizeFolder(output)
      return staging
    } catch {
      // A run that cannot begin, as on a full disk, leaves no folder of its own behind.
      if wasAbsent, error.field != "lock" { try? removeItem(output) }
      throw error
    }
  }

  /// Takes up a run that was interrupted; begins it when the folder is new or empty.
  ///
  /// Reads every staged episode once, to check its sum.
  /// - Throws: `InputError` when the folder belongs to another run or to no run, when it holds a
  ///   part of the run and no staged episodes to go on from, or when another process is at work.
  package static func resume(
    output: String, run: DatasetRun
  ) throws(InputError) -> Resumption {
    if try isEmpty(output) {
      return .open(try create(output: output, run: run), finished: [], damaged: [])
    }
    if kind(ofPath: runPath(output)) == .file {
      try run.require(equals: try JSONFields(path: runPath(output)))
      let staging = try EpisodeStaging(output: output, run: run)
      let (finished, damaged) = try staging.sweep()
      return .open(staging, finished: finished, damaged: damaged)
    }
    let path = output + "/" + DatasetPath.provenance
    guard kind(ofPath: output + "/" + DatasetPath.information) == .file,
      kind(ofPath: path) == .file
    else {
      throw InputError(
        file: output, field: "output folder", found: "a folder that no run was begun in",
        expected: "a folder with \(folderName)/run.json")
    }
    try run.require(equals: try JSONFields(path: path).object("run"))
    let summary = try DatasetSummary(folder: output)
    guard summary.episodeCount == run.episodeCount else {
      throw InputError(
        file: output, field: "episodes",
        found: "\(summary.episodeCount) of \(run.episodeCount), and no \(folderName) to go on from",
        expected: "the \(folderName) that the stopped run left, or a new folder to begin anew in")
    }
    try removeItem(output + "/" + finishedFolderName)
    return .complete(summary)
  }

  /// Checks an episode and stores it; afterwards it survives a kill.
  ///
  /// - Throws: `InputError` when a number is not finite or the disk is full.
  package func publish(_ record: EpisodeRecord) throws(InputError) {
    precondition((0..<run.episodeCount).contains(record.index), "an episode of the run")
    try record.check(run.schema)
    try publishFile(path(record.index), EpisodeFile.encode(record, run: runDigest))
  }

  /// Removes the staging folder of a run in which no episode was finished.
  ///
  /// The output folder goes with it when it is then empty. Does nothing once an episode is stored.
  /// A run that fails at its first step, as in a world that cannot be built, then leaves nothing
  /// behind that would have to be cleaned up before the next try.
  package func discardIfNothingIsFinished() throws(InputError) {
    let names = try listFolder(folder)
    guard !names.contains(where: { $0.hasPrefix("episode-") }) else { return }
    try removeItem(folder)
    if try listFolder(output).isEmpty { try removeItem(output) }
  }

  /// Reads a staged episode.
  ///
  /// - Throws: `InputError` when it is absent, damaged or of another run.
  package func load(_ index: Int) throws(InputError) -> EpisodeRecord {
    let path = path(index)
    let record = try EpisodeFile.decode(file: path, bytes: try readFile(path), run: runDigest)
    guard record.index == index, record.columns.count == run.schema.features.count,
      zip(run.schema.features, record.columns).allSatisfy({
        $1.fits($0, fps: run.schema.fps, frameCount: record.frameCount)
      })
    else {
      throw InputError(
        file: path, field: "columns", found: "another episode or other columns",
        expected: "episode \(index) with the run's features")
    }
    return record
  }
}

extension EpisodeStaging {
  /// The staging folder.
  var folder: String { output + "/" + Self.folderName }

  private static func runPath(_ output: String) -> String {
    output + "/" + folderName + "/run.json"
  }

  private func path(_ index: Int) -> String {
    folder + "/episode-" + padded(index, digits: 6) + ".episode"
  }

  /// True when nothing that a user would miss is in the output folder.
  private static func isEmpty(_ output: String) throws(InputError) -> Bool {
    // The paths under an empty name would be those of the system's root.
    guard !output.isEmpty else {
      throw InputError(
        file: "", field: "output folder", found: "an empty name", expected: "a folder's name")
    }
    guard kind(ofPath: output) != .absent else { return true }
    let names = try listFolder(output)
    // A kill before run.json was written leaves a staging folder without one behind.
    return names.isEmpty || (names == [folderName] && kind(ofPath: runPath(output)) == .absent)
  }

  /// Returns the whole episodes and removes everything else that a killed run left behind.
  private func sweep() throws(InputError) -> (finished: [Int], damaged: [InputError]) {
    var finished: [Int] = []
    var damaged: [InputError] = []
    for name in try listFolder(folder) where name != "run.json" && name != "lock" {
      guard name.hasPrefix("episode-"), name.hasSuffix(".episode"),
        let index = Int(name.dropFirst(8).dropLast(8)), path(index) == folder + "/" + name
      else {
        // Temporary files and a half-assembled tree.
        try removeItem(folder + "/" + name)
        continue
      }
      do {
        _ = try load(index)
        finished.append(index)
      } catch {
        damaged.append(error)
        try removeItem(folder + "/" + name)
      }
    }
    return (finished.sorted(), damaged)
  }
}
