/* npy write ROWS COLUMNS SEED > F: a matrix of small whole numbers in f32.
   npy roll A COUNT > F: its rows, the first COUNT ones last.
   npy head A COUNT > F: its first COUNT rows.
   npy product A B C: whether C is the product of A and B, exactly. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static float *read(const char *path, int *rows, int *columns) {
  FILE *file = fopen(path, "rb");
  unsigned char head[10];
  char text[70000] = {0};
  unsigned length;
  float *data;
  if (!file || fread(head, 1, 10, file) != 10)
    exit(2);
  length = head[8] + 256u * head[9];
  if (fread(text, 1, length, file) != length ||
      sscanf(strstr(text, "'shape'"), "'shape': (%d, %d)", rows, columns) != 2)
    exit(2);
  data = malloc(sizeof(float) * *rows * *columns);
  if (fread(data, sizeof(float), (size_t)*rows * *columns, file) !=
      (size_t)*rows * *columns)
    exit(2);
  fclose(file);
  return data;
}

/* The header of rows x columns. */
static void begin(int rows, int columns) {
  char text[118];
  int i;
  memset(text, ' ', sizeof text);
  i = sprintf(text, "{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d), }",
              rows, columns);
  text[i] = ' ';
  text[117] = '\n';
  fwrite("\x93NUMPY\x01\x00\x76\x00", 1, 10, stdout);
  fwrite(text, 1, sizeof text, stdout);
}

static int write(int rows, int columns, int seed) {
  float value;
  int i;
  begin(rows, columns);
  for (i = 0; i < rows * columns; ++i) {
    value = (float)((i * 31 + seed * 17) % 9 - 4);
    fwrite(&value, sizeof value, 1, stdout);
  }
  return fflush(stdout);
}

static int take(const char *path, int count, int isRoll) {
  int rows, columns, i;
  float *a = read(path, &rows, &columns);
  begin(isRoll ? rows : count, columns);
  for (i = 0; i < (isRoll ? rows : count); ++i)
    fwrite(a + (isRoll ? (i + count) % rows : i) * columns, sizeof *a,
           (size_t)columns, stdout);
  return fflush(stdout);
}

int main(int argc, char **argv) {
  int m, k, kb, n, mc, nc, i, j, l;
  float *a, *b, *c;
  if (argc == 5 && strcmp(argv[1], "write") == 0)
    return write(atoi(argv[2]), atoi(argv[3]), atoi(argv[4]));
  if (argc == 4 && strcmp(argv[1], "roll") == 0)
    return take(argv[2], atoi(argv[3]), 1);
  if (argc == 4 && strcmp(argv[1], "head") == 0)
    return take(argv[2], atoi(argv[3]), 0);
  if (argc != 5 || strcmp(argv[1], "product") != 0)
    return 2;
  a = read(argv[2], &m, &k);
  b = read(argv[3], &kb, &n);
  c = read(argv[4], &mc, &nc);
  if (kb != k || mc != m || nc != n)
    return 1;
  for (i = 0; i < m; ++i)
    for (j = 0; j < n; ++j) {
      float sum = 0;
      for (l = 0; l < k; ++l)
        sum += a[i * k + l] * b[l * n + j];
      if (c[i * n + j] != sum)
        return 1;
    }
  puts("the product is exact");
  return 0;
}
