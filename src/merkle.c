/* Hashes, paths and checks of the tree; where its nodes are kept is the caller's affair. */
#include "merkle.h"

#include "hex.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <string.h>

/* prefix, then two byte strings. EVP fails only for want of memory, which ends the process
 * elsewhere (arena.h). */
static void hash(unsigned char prefix, const void *left, size_t left_length, const void *right,
                 size_t right_length, struct merkle_hash *ret_hash) {
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_DigestInit_ex(context, EVP_sha256(), NULL);
    EVP_DigestUpdate(context, &prefix, 1);
    EVP_DigestUpdate(context, left, left_length);
    EVP_DigestUpdate(context, right, right_length);
    EVP_DigestFinal_ex(context, ret_hash->bytes, NULL);
    EVP_MD_CTX_free(context);
}

void merkle_leaf(const void *bytes, size_t length, struct merkle_hash *ret_hash) {
    hash(0, bytes, length, "", 0, ret_hash);
}

static void join(const struct merkle_hash *left, const struct merkle_hash *right,
                 struct merkle_hash *ret_hash) {
    hash(1, left->bytes, sizeof left->bytes, right->bytes, sizeof right->bytes, ret_hash);
}

void merkle_append(struct merkle_frontier *frontier, const struct merkle_hash *leaf,
                   void (*keep)(void *data, int level, uint64_t position,
                                const struct merkle_hash *hash),
                   void *data) {
    struct merkle_hash node = *leaf;
    keep(data, 0, frontier->size, &node);
    /* every 1 at the low end of the size is a subtree that this leaf makes whole */
    for (int level = 1; frontier->size >> (level - 1) & 1; level++) {
        join(&frontier->peaks[--frontier->count], &node, &node);
        if (level % MERKLE_STEP == 0)
            keep(data, level, frontier->size >> level, &node);
    }
    frontier->peaks[frontier->count++] = node;
    frontier->size++;
}

bool merkle_read_peaks(uint64_t size, const char *hex, struct merkle_frontier *ret_frontier) {
    ret_frontier->size = size;
    ret_frontier->count = __builtin_popcountll(size);
    return strlen(hex) == (size_t)ret_frontier->count * 2 * sizeof *ret_frontier->peaks &&
           (size == 0 || OPENSSL_hexstr2buf_ex(ret_frontier->peaks[0].bytes,
                                               sizeof ret_frontier->peaks, NULL, hex, '\0') == 1);
}

void merkle_write_peaks(const struct merkle_frontier *frontier, char ret_hex[MERKLE_PEAKS_CHARS]) {
    hex_write(frontier->peaks, (size_t)frontier->count * sizeof *frontier->peaks, ret_hex);
}

void merkle_root(const struct merkle_frontier *frontier, struct merkle_hash *ret_root) {
    if (frontier->count == 0) {
        EVP_Digest("", 0, ret_root->bytes, NULL, EVP_sha256(), NULL);
        return;
    }
    *ret_root = frontier->peaks[frontier->count - 1];
    for (int i = frontier->count - 2; i >= 0; i--)
        join(&frontier->peaks[i], ret_root, ret_root);
}

/* The largest power of two below `size`; `size` > 1. */
static uint64_t split_of(uint64_t size) {
    return (uint64_t)1 << (63 - __builtin_clzll(size - 1));
}

static void reverse(struct merkle_range *path, int count) {
    for (int i = 0; i < count / 2; i++) {
        struct merkle_range range = path[i];
        path[i] = path[count - 1 - i];
        path[count - 1 - i] = range;
    }
}

int merkle_inclusion(uint64_t index, uint64_t size,
                     struct merkle_range ret_path[MERKLE_PROOF_MOST]) {
    struct merkle_range tree = {0, size};
    int count = 0;
    while (tree.count > 1) {
        uint64_t split = split_of(tree.count);
        struct merkle_range left = {tree.first, split};
        struct merkle_range right = {tree.first + split, tree.count - split};
        bool is_left = index < right.first;
        ret_path[count++] = is_left ? right : left;
        tree = is_left ? left : right;
    }
    reverse(ret_path, count);
    return count;
}

int merkle_consistency(uint64_t older, uint64_t size,
                       struct merkle_range ret_path[MERKLE_PROOF_MOST]) {
    struct merkle_range tree = {0, size};
    bool is_whole = true; /* the older tree's root is what the checker has already */
    int count = 0;
    while (older < tree.first + tree.count) {
        uint64_t split = split_of(tree.count);
        struct merkle_range left = {tree.first, split};
        struct merkle_range right = {tree.first + split, tree.count - split};
        bool is_left = older <= right.first;
        ret_path[count++] = is_left ? right : left;
        tree = is_left ? left : right;
        is_whole = is_whole && is_left;
    }
    if (!is_whole)
        ret_path[count++] = tree;
    reverse(ret_path, count);
    return count;
}

/* A complete subtree, from the kept level below it or at it. */
static bool complete_hash(int level, uint64_t position, const struct merkle_store *store,
                          struct merkle_hash *ret_hash) {
    int above = level % MERKLE_STEP;
    uint64_t count = (uint64_t)1 << above;
    struct merkle_hash nodes[1 << (MERKLE_STEP - 1)];
    if (!store->read(store->data, level - above, position << above, count, nodes))
        return false;
    for (; count > 1; count /= 2)
        for (uint64_t i = 0; i < count / 2; i++)
            join(&nodes[2 * i], &nodes[2 * i + 1], &nodes[i]);
    *ret_hash = nodes[0];
    return true;
}

bool merkle_range_hash(struct merkle_range range, const struct merkle_store *store,
                       struct merkle_hash *ret_hash) {
    struct merkle_hash peaks[MERKLE_LEVELS];
    int count = 0;
    while (range.count > 0) {
        int level = 63 - __builtin_clzll(range.count);
        if (!complete_hash(level, range.first >> level, store, &peaks[count++]))
            return false;
        range.first += (uint64_t)1 << level;
        range.count -= (uint64_t)1 << level;
    }
    *ret_hash = peaks[count - 1];
    for (int i = count - 2; i >= 0; i--)
        join(&peaks[i], ret_hash, ret_hash);
    return true;
}

static bool is_equal(const struct merkle_hash *a, const struct merkle_hash *b) {
    return memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

bool merkle_check_inclusion(const struct merkle_hash *leaf, uint64_t index, uint64_t size,
                            const struct merkle_hash *proof, int count,
                            const struct merkle_hash *root) {
    if (index >= size)
        return false;
    uint64_t node = index, last = size - 1;
    struct merkle_hash reached = *leaf;
    for (int i = 0; i < count; i++, node >>= 1, last >>= 1) {
        if (last == 0)
            return false;
        if (node & 1 || node == last) {
            join(&proof[i], &reached, &reached);
            for (; !(node & 1) && node; node >>= 1)
                last >>= 1;
        } else {
            join(&reached, &proof[i], &reached);
        }
    }
    return last == 0 && is_equal(&reached, root);
}

bool merkle_check_consistency(uint64_t older, const struct merkle_hash *older_root, uint64_t size,
                              const struct merkle_hash *root, const struct merkle_hash *proof,
                              int count) {
    if (older == 0 || older > size)
        return false;
    if (older == size)
        return count == 0 && is_equal(older_root, root);
    bool is_complete = (older & (older - 1)) == 0; /* then its root is the first node */
    if (!is_complete && count == 0)
        return false;
    uint64_t node = older - 1, last = size - 1;
    for (; node & 1; node >>= 1)
        last >>= 1;
    struct merkle_hash first = is_complete ? *older_root : proof[0], second = first;
    for (int i = is_complete ? 0 : 1; i < count; i++, node >>= 1, last >>= 1) {
        if (last == 0)
            return false;
        if (node & 1 || node == last) {
            join(&proof[i], &first, &first);
            join(&proof[i], &second, &second);
            for (; !(node & 1) && node; node >>= 1)
                last >>= 1;
        } else {
            join(&second, &proof[i], &second);
        }
    }
    return last == 0 && is_equal(&first, older_root) && is_equal(&second, root);
}
