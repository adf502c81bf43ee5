/* Asks a compiled library which code it runs, and checks a product. */
#include "library.h"

#include <stdio.h>

int main(void) {
  static float a[64 * 64], b[64 * 64], c[64 * 64];
  int i, j, right = 1;
  for (i = 0; i < 64; ++i)
    for (j = 0; j < 64; ++j) {
      a[i * 64 + j] = (float)(i == j);
      b[i * 64 + j] = (float)(i - 2 * j);
    }
  if (overwrite(a, b, c) != 0)
    return 1;
  for (i = 0; i < 64 * 64; ++i)
    right = right && c[i] == b[i];
  printf("planned %d, %s\n", overwrite_planned(), right ? "right" : "wrong");
  return !right;
}
