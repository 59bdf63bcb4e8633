// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0
#ifndef DIORAMA_CMUJOCO_SHIM_H
#define DIORAMA_CMUJOCO_SHIM_H

#include <mujoco/mjbatch.h>
#include <mujoco/mujoco.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

// MuJoCo reports an engine error (stack overflow, singular matrix, bad plugin) by calling the log
// handler, which must not return; the stock handler writes MUJOCO_LOG.TXT and ends the process.
// The wrappers below set a trap first, so that the handler can jump back over C frames only; Swift
// cannot call setjmp. The trap is per thread and per object file: one Swift file uses it.

#define CMJ_MESSAGE_SIZE 1024

typedef struct cmj_Trap {
  jmp_buf place;
  char message[CMJ_MESSAGE_SIZE];
} cmj_Trap;

// Returns this thread's slot for the trap that is set, NULL where none is.
static inline cmj_Trap* _Nullable* _Nonnull cmj_trap(void) {
  static _Thread_local cmj_Trap* _Nullable trap = NULL;
  return &trap;
}

// Takes errors to the trap. Warnings are dropped here: mjData and mjSpec count and keep them.
static inline void cmj_log(const mjLogMessage* _Nonnull message) {
  if (message->level != mjLOG_ERROR) return;
  cmj_Trap* trap = *cmj_trap();
  if (trap == NULL) {
    // A call that can fail was made outside a trap: a mistake of the caller, like a failed assert.
    fprintf(stderr, "MuJoCo: %s\n", message->subject);
    abort();
  }
  memcpy(trap->message, message->subject, CMJ_MESSAGE_SIZE);
  longjmp(trap->place, 1);
}

// Installs the handler above. Swift cannot form a C function pointer to a static inline function.
static inline void cmj_installLogHandler(void) { mju_setLogHandler(cmj_log); }

// What a guarded call came to.
typedef struct cmj_Outcome {
  int completed;                   // steps that ran before the first failure
  int warning;                     // mjtWarning that stopped the run; -1: none
  int row;                         // what the warning is about: degree of freedom, control, size
  int failed;                      // 1 where MuJoCo raised an error
  char message[CMJ_MESSAGE_SIZE];  // its text, valid where failed is 1
} cmj_Outcome;

// Runs `body` with a trap set. After an error, the data's stack is put back as it was found.
#define CMJ_GUARD(data, outcome, body)                          \
  cmj_Trap trap;                                                \
  cmj_Trap* outer = *cmj_trap();                                \
  size_t pstack = (data)->pstack, pbase = (data)->pbase;        \
  (outcome)->failed = 0;                                        \
  (outcome)->warning = -1;                                      \
  *cmj_trap() = &trap;                                          \
  if (setjmp(trap.place) == 0) {                                \
    body                                                        \
  } else {                                                      \
    (data)->pstack = pstack;                                    \
    (data)->pbase = pbase;                                      \
    (outcome)->failed = 1;                                      \
    memcpy((outcome)->message, trap.message, CMJ_MESSAGE_SIZE); \
  }                                                             \
  *cmj_trap() = outer

// Notes the first kind of warning that was raised since the counters were cleared.
static inline void cmj_noteWarning(const mjData* _Nonnull data, cmj_Outcome* _Nonnull outcome) {
  for (int i = 0; i < mjNWARNING && outcome->warning < 0; i++) {
    if (data->warning[i].number == 0) continue;
    outcome->warning = i;
    outcome->row = data->warning[i].lastinfo;
  }
}

// Steps `count` times and stops at the first step that raises a warning: mj_step itself would reset
// the simulation to its defaults there and go on.
static inline void cmj_step(const mjModel* _Nonnull model, mjData* _Nonnull data, int count,
                            cmj_Outcome* _Nonnull outcome) {
  outcome->completed = 0;
  CMJ_GUARD(data, outcome, {
    memset(data->warning, 0, sizeof(data->warning));
    while (outcome->completed < count && outcome->warning < 0) {
      mj_step(model, data);
      cmj_noteWarning(data, outcome);
      if (outcome->warning < 0) outcome->completed++;
    }
  });
}

// Runs mj_forward with the trap set.
static inline void cmj_forward(const mjModel* _Nonnull model, mjData* _Nonnull data,
                               cmj_Outcome* _Nonnull outcome) {
  outcome->completed = 0;
  CMJ_GUARD(data, outcome, {
    memset(data->warning, 0, sizeof(data->warning));
    mj_forward(model, data);
    cmj_noteWarning(data, outcome);
  });
}

#endif
