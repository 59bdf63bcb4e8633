// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import ImageFiles
import Images

/// The pixels of one image feature, counted frame by frame in the order of the episodes.
struct PixelCounts {
  /// The statistics of the episodes that are behind; those of the last after `finish`.
  private(set) var episodes: [Int: FeatureStatistics] = [:]
  /// The pixels of those episodes.
  private var all: ImageHistogram
  /// The pixels so far of the episode that is being counted.
  private var current: ImageHistogram
  private var currentEpisode: Int?

  init(channelCount: Int, bitDepth: Int) {
    all = ImageHistogram(channelCount: channelCount, bitDepth: bitDepth)
    current = all
  }

  /// The number of samples of a pixel.
  var channelCount: Int { all.channelCount }
  /// The number of bits of a sample.
  var bitDepth: Int { all.bitDepth }

  /// The statistics of all frames; complete after `finish`.
  var statistics: FeatureStatistics? { all.statistics }

  /// Counts an 8-bit image.
  mutating func add(samples: [UInt8], of episode: Int) {
    begin(episode)
    current.add(samples: samples)
  }

  /// Decodes a PNG file of a known size and counts its samples.
  fileprivate mutating func add(
    png bytes: [UInt8], of episode: Int, like size: PNGSize, file: String
  ) throws(InputError) {
    if size.channels == 3 {
      add(samples: try PNG.decodeRGB(bytes, file: file).bytes, of: episode)
    } else if size.isDeep {
      let ids = try PNG.decodeLabels(bytes, file: file).ids
      begin(episode)
      current.add(samples: ids.map { UInt16($0) })
    } else {
      let ids = try PNG.decodeLabels(bytes, file: file).ids
      add(samples: ids.map { UInt8($0) }, of: episode)
    }
  }

  /// Ends the episode that is being counted.
  mutating func finish() {
    guard let episode = currentEpisode else { return }
    episodes[episode] = current.statistics
    all.merge(current)
    current = ImageHistogram(channelCount: all.channelCount, bitDepth: all.bitDepth)
    currentEpisode = nil
  }

  private mutating func begin(_ episode: Int) {
    guard episode != currentEpisode else { return }
    finish()
    currentEpisode = episode
  }
}

extension DatasetValidator {
  /// Checks the size and depth of every PNG, and counts its pixels if asked to.
  mutating func checkImages(
    _ column: ParquetColumn, _ feature: ListedFeature, _ rows: FileRows
  ) {
    guard case .binary(let files) = column.values, let size = feature.imageSize else { return }
    let expected = PNGSize(
      height: size.height, width: size.width, isDeep: feature.isDepth, channels: size.channels)
    expectRows(rows.file, feature.name, files.map { PNGSize($0) }) { _ in expected }
    guard decodesPixels else { return }
    // Taken out of its column while it grows, so that it is not copied for every image.
    var pixels =
      columns.removeValue(forKey: feature.name)?.pixels
      ?? PixelCounts(channelCount: size.channels, bitDepth: feature.isDepth ? 16 : 8)
    for row in files.indices where PNGSize(files[row]) == expected {
      let name = "\(rows.file), \(feature.name), row \(row)"
      do {
        try pixels.add(png: files[row], of: rows.owners[row], like: expected, file: name)
        result.decodedCount += 1
      } catch {
        report(error)
      }
    }
    columns[feature.name] = ListedColumn(pixels: pixels)
  }
}

/// What a PNG file says of itself in its first chunk (ISO/IEC 15948, 11.2.2).
private struct PNGSize: Equatable, CustomStringConvertible {
  var height = 0
  var width = 0
  var isDeep = false
  var channels = 0

  init(height: Int, width: Int, isDeep: Bool, channels: Int) {
    (self.height, self.width, self.isDeep, self.channels) = (height, width, isDeep, channels)
  }

  /// Reads the header; all zero when the bytes are no PNG.
  init(_ bytes: [UInt8]) {
    let magic: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13]
    guard bytes.count > 33, Array(bytes[..<12]) == magic else { return }
    width = bytes[16..<20].reduce(0) { $0 << 8 | Int($1) }
    height = bytes[20..<24].reduce(0) { $0 << 8 | Int($1) }
    isDeep = bytes[24] == 16
    channels = [0: 1, 2: 3, 3: 1, 4: 2, 6: 4][bytes[25]] ?? 0
  }

  var description: String {
    channels == 0
      ? "no PNG" : "a PNG of \(height)x\(width)x\(channels), \(isDeep ? 16 : 8) bits a sample"
  }
}
