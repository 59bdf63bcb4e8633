// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

/// The version of this program, as in CHANGELOG.md; part of every dataset's provenance.
let dioramaVersion = "0.1.0"
