/* Calls a compiled library from two threads, as a C program would: the results
   are right, inputs are not written, null is refused. */
#include "library.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { M = 65, K = 67, N = 71 };

static int status[2];

static void *work(void *argument) {
  int number = *(int *)argument;
  double *a = malloc(sizeof(double) * M * K), *b = malloc(sizeof(double) * K * N);
  double *a0 = malloc(sizeof(double) * M * K), *b0 = malloc(sizeof(double) * K * N);
  double *c = malloc(sizeof(double) * M * N);
  int i, j, l, call, code = 0;
  for (i = 0; i < M * K; ++i)
    a[i] = a0[i] = (i * 7 + number) % 13 - 6;
  for (i = 0; i < K * N; ++i)
    b[i] = b0[i] = (i * 5 + number) % 11 - 5;
  for (call = 0; call < 20 && !code; ++call) {
    for (i = 0; i < M * N; ++i)
      c[i] = NAN;
    code = ragged(a, b, c);
    /* Sums of small whole numbers are exact. */
    for (i = 0; i < M && !code; ++i)
      for (j = 0; j < N; ++j) {
        double sum = 0;
        for (l = 0; l < K; ++l)
          sum += a0[i * K + l] * b0[l * N + j];
        if (c[i * N + j] != sum)
          code = 100;
      }
    if (memcmp(a, a0, sizeof(double) * M * K) ||
        memcmp(b, b0, sizeof(double) * K * N))
      code = 101;
  }
  free(a), free(b), free(a0), free(b0), free(c);
  status[number] = code;
  return NULL;
}

int main(void) {
  pthread_t threads[2];
  int numbers[2] = {0, 1}, i, code;
  double x = 0;
  for (i = 0; i < 2; ++i)
    pthread_create(&threads[i], NULL, work, &numbers[i]);
  for (i = 0; i < 2; ++i)
    pthread_join(threads[i], NULL);
  printf("threads: %d %d\n", status[0], status[1]);
  code = ragged(NULL, &x, &x);
  printf("null: %s, %s\n", code < 0 ? "negative" : "not negative",
         sevenfold_error_string(code));
  printf("zero: %s\n", sevenfold_error_string(0));
  return status[0] || status[1] || code >= 0;
}
