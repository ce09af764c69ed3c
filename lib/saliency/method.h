/* The table of methods. Each is a function from one image's captured arrays to an unnormalised map. */
#ifndef CHECKROB_LIB_METHOD_H
#define CHECKROB_LIB_METHOD_H

#include <stddef.h>

/* One image's capture: activation A and gradient G, both [channels, positions]. */
typedef struct capture_view {
  const float *activation;
  const float *gradient;
  size_t channels;
  size_t positions; /* height * width */
} capture_view;

/* Adds the map before relu and normalisation to `map` [positions], which holds zeros. */
typedef void (*method_function)(double *map, const capture_view *view);

void method_gradcam(double *map, const capture_view *view);
void method_gradcampp(double *map, const capture_view *view);
void method_xgradcam(double *map, const capture_view *view);
void method_hirescam(double *map, const capture_view *view);
void method_layercam(double *map, const capture_view *view);

#endif
