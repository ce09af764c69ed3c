/* SPDX-License-Identifier: Apache-2.0 */
/* cmocka, with the headers that it wants before it, in its order. */
#ifndef CHECKROB_TESTS_TEST_H
#define CHECKROB_TESTS_TEST_H

// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on

#include <checkrob/status.h>

/* A test that limits processor time gives sanitizers so many times as much. */
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
#define SANITIZED_TIMES 10
#else
#define SANITIZED_TIMES 1
#endif

/* For calls that are no test's subject. */
static inline void must(checkrob_status status) {
  if (status) fail_msg("%s", checkrob_last_error());
}

#endif
