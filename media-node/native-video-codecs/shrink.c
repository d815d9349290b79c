#include "video.h"

struct plane {
  const uint8_t *bytes;
  int stride;
  int width;
  int height;
};

static uint8_t mean(const struct plane *from, int left, int right, int top, int bottom) {
  uint32_t sum = 0;
  for (int y = top; y < bottom; y++) {
    const uint8_t *row = from->bytes + (ptrdiff_t)y * from->stride;
    for (int x = left; x < right; x++) sum += row[x];
  }
  const uint32_t count = (uint32_t)((right - left) * (bottom - top));
  return (uint8_t)((sum + count / 2) / count);
}

static int edge(int at, int from, int to) { return (int)((int64_t)at * from / to); }

static int after(int start, int end) { return end > start ? end : start + 1; }

static void shrink_plane(const struct plane *from, const struct plane *to) {
  for (int y = 0; y < to->height; y++) {
    const int top = edge(y, from->height, to->height);
    const int bottom = after(top, edge(y + 1, from->height, to->height));
    uint8_t *row = (uint8_t *)to->bytes + (ptrdiff_t)y * to->stride;
    for (int x = 0; x < to->width; x++) {
      const int left = edge(x, from->width, to->width);
      const int right = after(left, edge(x + 1, from->width, to->width));
      row[x] = mean(from, left, right, top, bottom);
    }
  }
}

static struct plane plane_of(const struct picture *it, int index) {
  const int half = index == 0 ? 0 : 1;
  return (struct plane){it->planes[index], it->strides[index], (it->width + half) >> half,
                        (it->height + half) >> half};
}

void shrink(const struct picture *from, const struct picture *to) {
  for (int index = 0; index < 3; index++) {
    const struct plane source = plane_of(from, index);
    const struct plane target = plane_of(to, index);
    shrink_plane(&source, &target);
  }
}
