/* Calls the library's function twice, once on a stream. */
#include "matmul.h"

#include <stdio.h>
#include <stdlib.h>

int main(void) {
  size_t bytes = (size_t)4096 * 4096 * 4;
  float *a = calloc(1, bytes), *b = calloc(1, bytes), *c = calloc(1, bytes);
  if (!a || !b || !c)
    return 1;
  printf("status %d\n", matmul(a, b, c));
  sevenfold_gpu_set_stream(a);
  printf("null: %s\n", matmul(0, b, c) < 0 ? "refused" : "taken");
  printf("%s\n", sevenfold_error_string(0));
  free(a);
  free(b);
  free(c);
  return 0;
}
