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

#endif
