/* The hash tree: the published roots of RFC 6962's reference data, and every proof of small trees.
 */
#include "merkle.h"

#include "check.h"

#include <stdio.h>
#include <string.h>

enum { LEAVES = 600 };

/* Certificate Transparency's reference leaves and the roots of the trees of the first 1…8. */
static const struct {
    const char *leaf, *root;
} reference[] = {
    {"", "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"},
    {"00", "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"},
    {"10", "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"},
    {"2021", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"},
    {"3031", "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"},
    {"40414243", "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"},
    {"5051525354555657", "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"},
    {"606162636465666768696a6b6c6d6e6f",
     "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"},
};

static void ignore(void *data, int level, uint64_t position, const struct merkle_hash *hash) {
    (void)data, (void)level, (void)position, (void)hash;
}

static size_t from_hex(const char *hex, unsigned char *ret_bytes) {
    size_t length = strlen(hex) / 2;
    for (size_t i = 0; i < length; i++)
        sscanf(hex + 2 * i, "%2hhx", &ret_bytes[i]);
    return length;
}

static void gives_the_published_roots(void) {
    struct merkle_frontier frontier = {0};
    struct merkle_hash root, leaf;
    char text[65];
    merkle_root(&frontier, &root);
    for (size_t i = 0; i < sizeof root.bytes; i++)
        snprintf(text + 2 * i, 3, "%02x", root.bytes[i]);
    CHECK_TEXT(text, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    for (size_t at = 0; at < sizeof reference / sizeof *reference; at++) {
        unsigned char bytes[16];
        merkle_leaf(bytes, from_hex(reference[at].leaf, bytes), &leaf);
        merkle_append(&frontier, &leaf, ignore, NULL);
        merkle_root(&frontier, &root);
        for (size_t i = 0; i < sizeof root.bytes; i++)
            snprintf(text + 2 * i, 3, "%02x", root.bytes[i]);
        CHECK_TEXT(text, reference[at].root);
    }
}

/* A store as the database is one: only the levels that are kept. */
struct memory {
    struct merkle_hash kept[2][LEAVES];
    struct merkle_hash roots[LEAVES + 1], leaves[LEAVES];
};

static void keep(void *data, int level, uint64_t position, const struct merkle_hash *hash) {
    struct memory *memory = data;
    memory->kept[level / MERKLE_STEP][position] = *hash;
}

static bool read_kept(void *data, int level, uint64_t first, uint64_t count,
                      struct merkle_hash *ret_hashes) {
    struct memory *memory = data;
    memcpy(ret_hashes, &memory->kept[level / MERKLE_STEP][first], count * sizeof *ret_hashes);
    return true;
}

static void fill(struct memory *memory) {
    struct merkle_frontier frontier = {0};
    for (int i = 0; i < LEAVES; i++) {
        merkle_leaf(&i, sizeof i, &memory->leaves[i]);
        merkle_append(&frontier, &memory->leaves[i], keep, memory);
        merkle_root(&frontier, &memory->roots[i + 1]);
    }
}

static int prove(const struct memory *memory, const struct merkle_range *path, int count,
                 struct merkle_hash *ret_proof) {
    struct merkle_store store = {read_kept, (void *)memory};
    for (int i = 0; i < count; i++)
        CHECK(merkle_range_hash(path[i], &store, &ret_proof[i]));
    return count;
}

static void proves_every_leaf_and_no_other(const struct memory *memory) {
    struct merkle_range path[MERKLE_PROOF_MOST];
    struct merkle_hash proof[MERKLE_PROOF_MOST] = {0};
    for (uint64_t size = 1; size <= LEAVES; size += size < 40 ? 1 : 37)
        for (uint64_t index = 0; index < size; index += size < 40 ? 1 : 11) {
            int count = prove(memory, path, merkle_inclusion(index, size, path), proof);
            const struct merkle_hash *leaf = &memory->leaves[index], *root = &memory->roots[size];
            CHECK(merkle_check_inclusion(leaf, index, size, proof, count, root));
            CHECK(!merkle_check_inclusion(leaf, index, size, proof, count + 1, root));
            CHECK(count == 0 || !merkle_check_inclusion(leaf, index, size, proof, count - 1, root));
            CHECK(!merkle_check_inclusion(&memory->leaves[(index + 1) % LEAVES], index, size, proof,
                                          count, root));
            CHECK(size == 1 ||
                  !merkle_check_inclusion(leaf, (index + 1) % size, size, proof, count, root));
        }
}

static void proves_that_a_tree_only_grew(const struct memory *memory) {
    struct merkle_range path[MERKLE_PROOF_MOST];
    struct merkle_hash proof[MERKLE_PROOF_MOST] = {0};
    for (uint64_t size = 1; size <= LEAVES; size += size < 40 ? 1 : 37)
        for (uint64_t older = 1; older <= size; older += size < 40 ? 1 : 13) {
            int count = prove(memory, path, merkle_consistency(older, size, path), proof);
            CHECK(merkle_check_consistency(older, &memory->roots[older], size, &memory->roots[size],
                                           proof, count));
            if (older == size)
                continue;
            CHECK(!merkle_check_consistency(older, &memory->roots[older + 1], size,
                                            &memory->roots[size], proof, count));
            CHECK(!merkle_check_consistency(older, &memory->roots[older], size,
                                            &memory->roots[size - 1], proof, count));
        }
}

/* As the database keeps it between two writings. */
static void grows_on_from_its_peaks_as_text(const struct memory *memory) {
    for (int size = 0; size < LEAVES; size += size < 40 ? 1 : 37) {
        struct merkle_frontier frontier = {0}, again = {0};
        char text[MERKLE_PEAKS_CHARS];
        struct merkle_hash root;
        for (int i = 0; i < size; i++)
            merkle_append(&frontier, &memory->leaves[i], ignore, NULL);
        merkle_write_peaks(&frontier, text);
        CHECK(merkle_read_peaks((uint64_t)size, text, &again));
        merkle_append(&again, &memory->leaves[size], ignore, NULL);
        merkle_root(&again, &root);
        CHECK(memcmp(&root, &memory->roots[size + 1], sizeof root) == 0);
        CHECK(!merkle_read_peaks((uint64_t)size * 2 + 1, text, &again)); /* one peak more */
    }
}

int main(void) {
    static struct memory memory;
    gives_the_published_roots();
    fill(&memory);
    proves_every_leaf_and_no_other(&memory);
    proves_that_a_tree_only_grew(&memory);
    grows_on_from_its_peaks_as_text(&memory);
    return check_finish();
}
