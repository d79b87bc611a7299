/*
 * The append-only hash tree of a log (RFC 6962 section 2, RFC 9162 section 2.1): SHA-256, 0x00
 * before a leaf and 0x01 before a node, the last of an odd row promoted.
 *
 *   1. A tree grows from its frontier alone: the roots of its complete subtrees, largest first.
 *   2. Of the nodes only those whose level divides by MERKLE_STEP are kept by whoever stores the
 *      tree; every other is computed from at most 2^(MERKLE_STEP - 1) of them.
 *   3. A proof is the hashes of ranges of leaves; which ranges is a matter of two sizes alone.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MERKLE_STEP = 8, MERKLE_LEVELS = 48, MERKLE_PROOF_MOST = 2 * MERKLE_LEVELS };

struct merkle_hash {
    unsigned char bytes[32];
};

struct merkle_frontier {
    uint64_t size; /* leaves; its bits say which complete subtrees there are */
    struct merkle_hash peaks[MERKLE_LEVELS];
    int count;
};

/* The hash of a leaf's bytes. */
void merkle_leaf(const void *bytes, size_t length, struct merkle_hash *ret_hash);

/* Adds a leaf. `keep` is called for every node completed by it whose level divides by MERKLE_STEP,
 * the leaf itself first: level 0 is the leaves, `position` counts the nodes of the level from 0. */
void merkle_append(struct merkle_frontier *frontier, const struct merkle_hash *leaf,
                   void (*keep)(void *data, int level, uint64_t position,
                                const struct merkle_hash *hash),
                   void *data);

/* The frontier of `size` leaves from its peaks as hexadecimal digits, as merkle_write_peaks writes
 * them. False when they are not as many as the size says, or no digits. */
bool merkle_read_peaks(uint64_t size, const char *hex, struct merkle_frontier *ret_frontier);
enum { MERKLE_PEAKS_CHARS = MERKLE_LEVELS * 2 * (int)sizeof(struct merkle_hash) + 1 };
void merkle_write_peaks(const struct merkle_frontier *frontier, char ret_hex[MERKLE_PEAKS_CHARS]);

/* The root; of an empty tree the hash of no bytes. */
void merkle_root(const struct merkle_frontier *frontier, struct merkle_hash *ret_root);

/* Leaves [first, first + count). */
struct merkle_range {
    uint64_t first, count;
};

/* The ranges whose hashes prove that leaf `index` is in the tree of `size` leaves, nearest first
 * (RFC 6962 section 2.1.1). `index` < `size`. Returns how many. */
int merkle_inclusion(uint64_t index, uint64_t size,
                     struct merkle_range ret_path[MERKLE_PROOF_MOST]);

/* The ranges whose hashes prove that the tree of `size` leaves begins with that of `older` leaves
 * (RFC 6962 section 2.1.2). 0 < `older` <= `size`. */
int merkle_consistency(uint64_t older, uint64_t size,
                       struct merkle_range ret_path[MERKLE_PROOF_MOST]);

/* Gives `count` kept nodes of a level from `first` on. False when it cannot. */
struct merkle_store {
    bool (*read)(void *data, int level, uint64_t first, uint64_t count,
                 struct merkle_hash *ret_hashes);
    void *data;
};

/* The hash of a range that a proof asks for. False when the store could not read. */
bool merkle_range_hash(struct merkle_range range, const struct merkle_store *store,
                       struct merkle_hash *ret_hash);

/* RFC 9162 sections 2.1.3.2 and 2.1.4.2. */
bool merkle_check_inclusion(const struct merkle_hash *leaf, uint64_t index, uint64_t size,
                            const struct merkle_hash *proof, int count,
                            const struct merkle_hash *root);
bool merkle_check_consistency(uint64_t older, const struct merkle_hash *older_root, uint64_t size,
                              const struct merkle_hash *root, const struct merkle_hash *proof,
                              int count);
