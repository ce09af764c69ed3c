/* SPDX-License-Identifier: Apache-2.0 */
/* Marks the symbols that the library exports. All others are hidden. */
#ifndef CHECKROB_EXPORT_H
#define CHECKROB_EXPORT_H

#if defined(__GNUC__)
#define CHECKROB_API __attribute__((visibility("default")))
#else
#define CHECKROB_API
#endif

#ifdef __cplusplus
#define CHECKROB_BEGIN_DECLS extern "C" {
#define CHECKROB_END_DECLS }
#else
#define CHECKROB_BEGIN_DECLS
#define CHECKROB_END_DECLS
#endif

#endif
