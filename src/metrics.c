/* Counters of what was answered. */
#include "metrics.h"

#include "spec.h"

#include <stdatomic.h>
#include <stdlib.h>

/* Upper bounds in µs; the promise is 100 ms. */
static const int64_t bounds_us[] = {500,   1000,   2500,   5000,    10000,  25000,
                                    50000, 100000, 250000, 1000000, 5000000};

enum { BOUNDS = sizeof bounds_us / sizeof *bounds_us, CLASSES = 5 };

struct metrics {
    const struct operation *operations;
    size_t operation_count;
    atomic_ullong durations[BOUNDS + 1]; /* not cumulative; the last is beyond all bounds */
    atomic_ullong duration_sum_us, bytes;
    atomic_ullong answers[][CLASSES]; /* by operation; the last is "none" */
};

struct metrics *metrics_new(const struct spec *spec) {
    size_t count = 0;
    const struct operation *operations = spec_operations(spec, &count);
    struct metrics *metrics = calloc(1, sizeof *metrics + (count + 1) * sizeof *metrics->answers);
    if (!metrics)
        abort();
    metrics->operations = operations;
    metrics->operation_count = count;
    return metrics;
}

void metrics_free(struct metrics *metrics) {
    free(metrics);
}

static void add(atomic_ullong *counter, uint64_t amount) {
    atomic_fetch_add_explicit(counter, amount, memory_order_relaxed);
}

static unsigned long long get(const atomic_ullong *counter) {
    return atomic_load_explicit(counter, memory_order_relaxed);
}

void metrics_count(struct metrics *metrics, const struct operation *operation, int status,
                   int64_t duration_us, uint64_t bytes) {
    size_t row = operation ? (size_t)(operation - metrics->operations) : metrics->operation_count;
    int class = status / 100 - 1;
    if (row > metrics->operation_count || class < 0 || class >= CLASSES)
        return;
    size_t bound = 0;
    while (bound < BOUNDS && duration_us > bounds_us[bound])
        bound++;
    add(&metrics->answers[row][class], 1);
    add(&metrics->durations[bound], 1);
    add(&metrics->duration_sum_us, (uint64_t)duration_us);
    add(&metrics->bytes, bytes);
}

static void write_answers(const struct metrics *metrics, struct buffer *out) {
    buffer_add_text(out, "# TYPE elinvoima_requests_total counter\n");
    for (size_t row = 0; row <= metrics->operation_count; row++) {
        const char *id = row < metrics->operation_count ? metrics->operations[row].id : "none";
        for (int class = 0; class < CLASSES; class ++) {
            unsigned long long count = get(&metrics->answers[row][class]);
            if (count)
                buffer_print(out,
                             "elinvoima_requests_total{operation=\"%s\",status=\"%dxx\"} %llu\n",
                             id, class + 1, count);
        }
    }
}

static void write_durations(const struct metrics *metrics, struct buffer *out) {
    static const char name[] = "elinvoima_request_duration_seconds";
    unsigned long long total = 0;
    buffer_print(out, "# TYPE %s histogram\n", name);
    for (size_t i = 0; i < BOUNDS; i++) {
        total += get(&metrics->durations[i]);
        buffer_print(out, "%s_bucket{le=\"%g\"} %llu\n", name, (double)bounds_us[i] / 1e6, total);
    }
    total += get(&metrics->durations[BOUNDS]);
    buffer_print(out, "%s_bucket{le=\"+Inf\"} %llu\n", name, total);
    buffer_print(out, "%s_sum %.6f\n%s_count %llu\n", name,
                 (double)get(&metrics->duration_sum_us) / 1e6, name, total);
}

void metrics_write(const struct metrics *metrics, struct buffer *out) {
    write_answers(metrics, out);
    write_durations(metrics, out);
    metrics_write_one(out, "elinvoima_answer_bytes_total", "counter", (double)get(&metrics->bytes));
}

void metrics_write_one(struct buffer *out, const char *name, const char *type, double value) {
    buffer_print(out, "# TYPE %s %s\n%s %.15g\n", name, type, name, value);
}
