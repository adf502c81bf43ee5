/* A GPU runtime that records what it is called with, for libraries that are
   tested without a GPU. "Device" memory is the host's. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *workspace;

void *sevenfold_gpu_call_begin(const void *image, int64_t image_bytes,
                               int64_t workspace_bytes, int32_t side_streams) {
  int isPtx = image_bytes > 2 && memcmp(image, "//", 2) == 0;
  int isCubin = image_bytes > 4 && memcmp(image, "\177ELF", 4) == 0;
  printf("begin: image %s, workspace %lld, side streams %d\n",
         isPtx ? "ptx" : isCubin ? "cubin" : "unknown",
         (long long)workspace_bytes, side_streams);
  if (isPtx && ((const char *)image)[image_bytes] != 0)
    printf("PTX without its end\n");
  free(workspace);
  workspace = aligned_alloc(4096, (workspace_bytes + 8191) / 4096 * 4096);
  return workspace;
}
int sevenfold_gpu_call_end(void) {
  printf("end\n");
  return 0;
}
void sevenfold_gpu_wait(int32_t waiting, int32_t awaited) {
  printf("wait: %d for %d\n", waiting, awaited);
}
void sevenfold_gpu_launch(const char *kernel, int32_t stream, int64_t grid_x,
                          int64_t grid_y, int64_t grid_z, int32_t block_x,
                          int32_t block_y, int32_t block_z,
                          int32_t shared_bytes, void **arguments) {
  printf("launch: %s, stream %d, %lld x %lld x %lld blocks, %d x %d x %d "
         "threads, %d bytes shared, first argument %s\n",
         kernel, stream, (long long)grid_x, (long long)grid_y,
         (long long)grid_z, block_x, block_y, block_z, shared_bytes,
         *(void **)arguments[0] ? "a pointer" : "null");
}
void sevenfold_gpu_copy_rows(int32_t stream, void *dst, int64_t dst_pitch,
                             const void *src, int64_t src_pitch,
                             int64_t row_bytes, int64_t rows) {
  printf("copy: stream %d, %lld rows of %lld bytes\n", stream, (long long)rows,
         (long long)row_bytes);
  for (int64_t row = 0; row < rows; ++row)
    memcpy((char *)dst + row * dst_pitch, (const char *)src + row * src_pitch,
           row_bytes);
}
void sevenfold_gpu_gemm(int32_t type, int32_t provider, int32_t stream,
                        int32_t transpose_a, int32_t transpose_b, int64_t m,
                        int64_t n, int64_t k, double alpha, const void *a,
                        int64_t lda, const void *b, int64_t ldb, double beta,
                        void *c, int64_t ldc) {
  printf("gemm: type %d, provider %d, stream %d, %lld x %lld x %lld, alpha %g, "
         "beta %g, ld %lld %lld %lld, transposed %d %d\n",
         type, provider, stream, (long long)m, (long long)k, (long long)n,
         alpha, beta, (long long)lda, (long long)ldb, (long long)ldc,
         transpose_a, transpose_b);
}
const void *sevenfold_gpu_constant(const void *data, int64_t bytes) {
  printf("constant: %lld bytes\n", (long long)bytes);
  return data;
}
void sevenfold_gpu_set_stream(void *stream) {
  printf("stream: %s\n", stream ? "set" : "default");
}
const char *sevenfold_error_string(int status) {
  return status ? "an error" : "no error";
}
