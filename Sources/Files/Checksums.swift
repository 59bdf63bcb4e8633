// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import COpenSSL

/// The SHA-256 digest of a stream of bytes (FIPS 180-4), computed by OpenSSL.
@safe package struct SHA256: ~Copyable {
  private let context: OpaquePointer

  /// Starts a digest of nothing.
  package init() {
    guard let context = unsafe EVP_MD_CTX_new(),
      unsafe EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1
    else { preconditionFailure("OpenSSL has no SHA-256") }
    unsafe self.context = context
  }

  deinit { unsafe EVP_MD_CTX_free(context) }

  /// Appends bytes.
  package mutating func update(_ bytes: RawSpan) {
    unsafe bytes.withUnsafeBytes { buffer in
      _ = unsafe EVP_DigestUpdate(context, buffer.baseAddress, buffer.count)
    }
  }

  /// Ends the digest and returns it as 64 lower-case hexadecimal digits.
  package consuming func finish() -> String {
    var digest = [UInt8](repeating: 0, count: 32)
    _ = unsafe EVP_DigestFinal_ex(context, &digest, nil)
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    for byte in digest { text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
    return String(decoding: text, as: UTF8.self)
  }

  /// The version of OpenSSL.
  package static var library: LibraryVersion {
    LibraryVersion(
      name: "OpenSSL", header: OPENSSL_VERSION_STR,
      loaded: unsafe String(cString: OpenSSL_version(OPENSSL_VERSION_STRING)))
  }

  /// Returns the digest of an array, in hexadecimal.
  package static func hexDigest(of bytes: [UInt8]) -> String {
    var digest = SHA256()
    unsafe digest.update(bytes.span.bytes)
    return digest.finish()
  }
}
