// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0
#ifndef DIORAMA_CASSIMP_SHIM_H
#define DIORAMA_CASSIMP_SHIM_H
#include <assimp/cimport.h>
#include <assimp/config.h>
#include <assimp/postprocess.h>
#include <assimp/scene.h>
#include <assimp/version.h>
#endif
