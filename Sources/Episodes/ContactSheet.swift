// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Datasets
package import Files
package import Images

/// A picture of a dataset at a glance: a row for each of the first episodes, time from left to
/// right.
package struct ContactSheet {
  /// The most episodes shown.
  private static let rowLimit = 8
  /// The moments shown of each episode, its first and last frame among them.
  private static let columnCount = 6
  /// The longer side of a moment, pixels; the other follows the camera's shape.
  private static let cellSize = 160
  /// The gap between moments, pixels.
  private static let gap = 2

  /// Draws the sheet of a dataset's first camera from its video.
  ///
  /// - Throws: `InputError` when the dataset has no video or its files are damaged.
  package static func image(of dataset: LeRobotDataset) throws(InputError) -> RGBImage {
    guard let camera = dataset.features.first(where: { $0.type == "video" })?.name,
      let first = dataset.episodes.first?.videos[camera]
    else {
      throw InputError(
        file: dataset.folder, field: "features", found: "no video", expected: "a camera")
    }
    let shown = dataset.episodes.prefix(rowLimit)
    var reader = try VideoReader(path: "\(dataset.folder)/\(first.path)")
    let longest = max(reader.width, reader.height)
    let cellWidth = max(1, cellSize * reader.width / longest)
    let cellHeight = max(1, cellSize * reader.height / longest)
    var sheet = RGBImage(
      width: columnCount * (cellWidth + gap) - gap,
      height: shown.count * (cellHeight + gap) - gap)
    var (path, frame) = (first.path, 0)
    for (row, episode) in shown.enumerated() {
      guard let span = episode.videos[camera] else { continue }
      if span.path != path {
        (path, frame) = (span.path, 0)
        reader = try VideoReader(path: "\(dataset.folder)/\(path)")
      }
      let start = Int((span.start * Double(dataset.fps)).rounded())
      for column in 0..<columnCount {
        let wanted = start + column * (episode.frames.count - 1) / (columnCount - 1)
        var image: RGBImage?
        while frame <= wanted {
          image = try reader.nextImage()
          frame += 1
        }
        // A very short episode shows a frame twice; the second time it is left black.
        guard let image else { continue }
        sheet.paste(
          image, width: cellWidth, height: cellHeight, left: column * (cellWidth + gap),
          top: row * (cellHeight + gap))
      }
    }
    return sheet
  }
}

extension RGBImage {
  /// Copies an image into a rectangle of this one, each sample the mean of the pixels it covers.
  fileprivate mutating func paste(
    _ image: RGBImage, width cellWidth: Int, height cellHeight: Int, left: Int, top: Int
  ) {
    for y in 0..<cellHeight {
      let rows = span(of: y, of: cellHeight, over: image.height)
      for x in 0..<cellWidth {
        let columns = span(of: x, of: cellWidth, over: image.width)
        var sum = SIMD3<Int>.zero
        for row in rows {
          for column in columns {
            let place = (row * image.width + column) * 3
            sum &+= SIMD3(
              Int(image.bytes[place]), Int(image.bytes[place + 1]), Int(image.bytes[place + 2]))
          }
        }
        let count = rows.count * columns.count
        let target = ((top + y) * width + left + x) * 3
        for channel in 0..<3 { bytes[target + channel] = UInt8((sum[channel] + count / 2) / count) }
      }
    }
  }

  /// The pixels that cell `index` of `count` covers; at least one.
  private func span(of index: Int, of count: Int, over size: Int) -> Range<Int> {
    let first = index * size / count
    return first..<max(first + 1, (index + 1) * size / count)
  }
}
