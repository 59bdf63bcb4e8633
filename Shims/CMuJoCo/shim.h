// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0
#ifndef DIORAMA_CMUJOCO_SHIM_H
#define DIORAMA_CMUJOCO_SHIM_H
#include <mujoco/mujoco.h>
#include <mujoco/mjbatch.h>
#endif
