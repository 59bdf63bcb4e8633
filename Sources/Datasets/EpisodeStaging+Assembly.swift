// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Files

extension EpisodeStaging {
  /// Writes the dataset of the first episodes into the output folder.
  ///
  /// The whole tree is built inside the staging folder and flushed to the disk, files and folders,
  /// then moved into place: `meta/info.json`, without which no reader opens a dataset, is taken
  /// away first and put back last. A kill, a power cut or an error at any moment leaves the dataset
  /// that was there before, or the new one, or, between the two, a folder that no reader opens. The
  /// staged episodes are removed only once every episode of the run is assembled and flushed; until
  /// then, resuming and assembling again gives the same bytes.
  ///
  /// - Parameters:
  ///   - episodeCount: how many episodes to take, from 0 on; all must be staged.
  ///   - progress: called with the number of episodes assembled so far.
  ///   - decorate: called with the folder of the whole tree before its manifest is made, to add
  ///     files at its top.
  /// - Returns: the counts, and the digest that stands for every byte.
  /// - Throws: `InputError` when an episode is absent or damaged, the disk is full or a folder
  ///   cannot be flushed; the dataset that was there before is then untouched. Also when the tree
  ///   cannot be moved into place, after which the folder must be resumed. The disk must hold the
  ///   staged episodes, the new tree (which is as large) and the dataset before it at once.
  package func assemble(
    episodeCount: Int, progress: (Int) -> Void = { _ in },
    decorate: (String) throws(InputError) -> Void = { _ in }
  ) throws(InputError) -> DatasetSummary {
    guard (1...run.episodeCount).contains(episodeCount) else {
      throw InputError(
        file: output, field: "finished episodes", found: "\(episodeCount)",
        expected: "1 to \(run.episodeCount)")
    }
    let tree = folder + "/tree"
    do throws(InputError) {
      try removeItem(tree)
      var summary = try build(tree, episodeCount: episodeCount, progress: progress)
      try decorate(tree)
      try seal(tree, &summary)
      try install(tree)
      if episodeCount == run.episodeCount {
        let finished = output + "/" + Self.finishedFolderName
        try removeItem(finished)
        try moveItem(folder, to: finished)
        // Not before the disk knows that these are leftovers and no run to be resumed.
        try synchronizeFolder(output)
        try removeItem(finished)
      }
      return summary
    } catch {
      // A full disk is relieved of the half-built tree; the first error is the one to tell.
      try? removeItem(tree)
      throw error
    }
  }

  private func build(
    _ tree: String, episodeCount: Int, progress: (Int) -> Void
  ) throws(InputError) -> DatasetSummary {
    try createFolder(tree + "/meta")
    var writer = LeRobotWriter(folder: tree, run: run)
    var summary = DatasetSummary()
    for index in 0..<episodeCount {
      let record = try load(index)
      try writer.append(record)
      summary.count(
        frames: record.frameCount, attempts: record.attempt + 1, isSuccess: record.isSuccess)
      progress(index + 1)
    }
    try writer.finish()
    return summary
  }

  /// Writes the manifest of a whole tree, counts its bytes and flushes every folder of it.
  private func seal(_ tree: String, _ summary: inout DatasetSummary) throws(InputError) {
    var manifest = ""
    for path in try listFiles(under: tree) {
      manifest += try SHA256.hexDigest(ofFile: tree + "/" + path) + "  " + path + "\n"
      summary.byteCount += try fileSize(tree + "/" + path)
    }
    let bytes = Array(manifest.utf8)
    try publishFile(tree + "/" + DatasetPath.manifest, bytes)
    summary.byteCount += bytes.count
    summary.manifestDigest = SHA256.hexDigest(of: bytes)
    try synchronizeFolders(under: tree)
  }

  /// Moves a flushed tree to the output folder, and flushes the names that it gets there.
  private func install(_ tree: String) throws(InputError) {
    let information = output + "/" + DatasetPath.information
    let aside = tree + "/info.json"
    try moveItem(tree + "/" + DatasetPath.information, to: aside)
    if kind(ofPath: information) == .file {
      try removeItem(information)
      try synchronizeFolder(output + "/meta")
    }
    let last = ["info.json", DatasetPath.manifest]
    for name in try listFolder(tree) where !last.contains(name) {
      try removeItem(output + "/" + name)
      try moveItem(tree + "/" + name, to: output + "/" + name)
    }
    try moveItem(
      tree + "/" + DatasetPath.manifest, to: output + "/" + DatasetPath.manifest)
    try synchronizeFolder(output)
    try moveItem(aside, to: information)
    try synchronizeFolder(output + "/meta")
    try removeItem(tree)
  }
}
